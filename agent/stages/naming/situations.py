"""Names people give to common situations, which the talk itself often never says.

Nobody in a job interview says `job interview`.
"""

from __future__ import annotations

from typing import Final

_DAILY = """
Accident at home. Accommodation. Adopting a pet. Advertising. Advice on love. Afternoon tea. Age and birthdays.
Airport check-in. Alarm clock. Allergies. Anniversary. Apology. Applying for a job. Applying for a loan. Applying for
a visa. Appointment. Argument. Art exhibition. Asking a favour. Asking for a raise. Asking for directions. Asking for
leave. Asking someone out. At customs. At the bakery. At the bank. At the bar. At the café. At the cinema. At the
dentist. At the doctor's. At the gym. At the hairdresser's. At the hotel. At the library. At the market. At the
museum. At the pharmacy. At the post office. At the restaurant. At the station. At the supermarket. Babysitting. Bad
habits. Bad weather. Baking. Ballet. Bank account. Bargaining. Baseball. Basketball. Being late. Birthday party.
Birthday present. Blind date. Board games. Boat trip. Booking a flight. Booking a hotel room. Booking a table. Booking
tickets. Borrowing books. Borrowing money. Breaking up. Broken car. Budget. Business dinner. Business meeting.
Business negotiation. Business partnership. Business plan. Business trip. Buying a bike. Buying a camera. Buying a
car. Buying a computer. Buying a dress. Buying a gift. Buying a house. Buying a phone. Buying a ring. Buying clothes.
Buying flowers. Buying fruit. Buying furniture. Buying shoes. Buying tickets. Calling a taxi. Camping. Car accident.
Car insurance. Car rental. Car repair. Career plans. Casual chat. Catching a cold. Catching a flight. Changing jobs.
Checking out of the hotel. Childhood. Children. Chinese food. Choosing a course. Choosing a gift. Choosing a
restaurant. Choosing a university. Christmas. City life. Classmates. Cleaning the house. Climate change. Climbing.
Clothes. Coffee break. Colleagues. College life. Complaint. Complaint about noise. Complaint about service. Complaint
about the food. Complaint about work. Computer games. Computer problem. Concert. Congratulations. Contract. Cooking.
Country life. Crime. Cultural differences. Currency exchange. Customer service. Cycling. Dancing. Dating. Daughter.
Death in the family. Debt. Delivery. Delivery delay. Diet. Dinner. Dinner invitation. Dinner party. Diplomacy.
Divorce. Doing the laundry. Dream. Dream house. Drinking. Driving. Driving licence. Earthquake. Economy. Education.
Election. Electricity. E-mail. Environment. Environmental protection. Exam. Exchange rate. Exercise. Eyesight. Fame.
Family. Family dinner. Family reunion. Farewell. Farewell party. Fashion. Fast food. Favourite book. Favourite food.
Favourite season. Fear. Festival. Feeling ill. Feeling sad. Film. Finding a flat. Finding a job. Finding a roommate.
Finding a seat. Fire. First day at school. First day at work. First meeting. Fishing. Flat tyre. Flight delay. Food.
Football. Foreign trade. Forgetting something. Friendship. Fruit. Fundraising. Future plans. Gardening. Getting a
haircut. Getting lost. Getting married. Getting up early. Ghost story. Giving a lift. Giving a party. Giving a speech.
Going abroad. Going out. Going shopping. Going to a concert. Going to bed. Going to school. Going to the cinema. Going
to the gym. Gossip. Graduation. Grandparents. Greeting. Guests. Headache. Health check. Healthy food. Healthy life.
Help with homework. High prices. Hiking. Hiring staff. History. Hobbies. Holiday. Holiday plans. Homesickness.
Homework. Honeymoon. Horoscope. Horse riding. Hospital visit. Hotel check-in. Hotel complaint. House rules.
Housekeeping. Housework. Housing prices. Hunting. Illness. Injury. Insurance. Insurance claim. Interior decoration.
Internet. Internship. Interview. Introducing a friend. Introducing a new colleague. Introduction. Investment.
Invitation. Invitation to dinner. Job. Job application. Job interview. Job offer. Jogging. Joining a club. Jokes.
Kitchen. Labour union. Landlord. Language course. Law case. Learning a language. Learning an instrument. Learning
English. Learning to cook. Learning to drive. Learning to swim. Leaving a message. Letter of credit. Life abroad. Life
in the city. Looking after children. Losing a job. Losing weight. Lost keys. Lost luggage. Lost passport. Lost wallet.
Lottery. Love. Luck. Lunch. Lunch break. Magazine. Making an appointment. Making friends. Making plans. Manners.
Market research. Marketing. Marriage. Marriage proposal. Medicine. Meeting a friend. Meeting an old friend. Meeting
the parents. Memories. Misunderstanding. Mobile phone. Money. Moving house. Museum. Music. Negotiating the price.
Neighbours. New flat. New house. New job. New product. New teacher. News. Newspaper. Night shift. Noisy neighbours.
Nursing. Office equipment. Office party. Office supplies. Olympic games. Online dating. Online shopping. Opening a
bank account. Ordering a drink. Ordering food. Ordering pizza. Overtime. Packing. Painting. Parcel. Parents. Parking.
Parking ticket. Party. Party preparations. Passport control. Paying a bill. Paying by card. Payment terms. Personal
finances. Personality. Pets. Phone bill. Phone call. Photography. Physical examination. Piano lessons. Picnic. Plane.
Planning a party. Planning a trip. Playing cards. Playing football. Playing games. Playing sports. Playing tennis.
Politics. Pollution. Poverty. Pregnancy. Price of the product. Printer. Product quality. Promotion. Public transport.
Punctuality. Quarrel. Quitting a job. Quitting smoking. Radio. Raising children. Reading. Recipe. Recommending a
restaurant. Refund. Relationship. Relatives. Religion. Renting a car. Renting a flat. Repair. Reporting a theft.
Research. Reserving a room. Restaurant. Retirement. Returning a book. Returning goods. Robbery. Robots. Romance.
Roommates. Running. Safety. Salary. Sale. Sales. Sales figures. Saving money. Saving water. Schedule. School. School
life. School subjects. School uniform. Science. Second-hand goods. Seeing a doctor. Seeing a film. Seeing someone off.
Selling a car. Selling a house. Sending a fax. Sending a letter. Sending a parcel. Shipment. Shopping. Shopping for
food. Shopping mall. Showing someone around. Sightseeing. Singing. Sleep. Small talk. Smoking. Snow. Social media.
Software. Spa. Speech. Sport. Sports club. Stock market. Stolen wallet. Stress. Student life. Studies. Studying
abroad. Success. Summer camp. Superstition. Surprise. Surprise party. Swimming. Table manners. Taking a break. Taking
a bus. Taking a photo. Taking a taxi. Taking a walk. Taking an exam. Taking care of plants. Taking the subway. Taking
the train. Taxes. Teacher and student. Teaching. Teamwork. Technology. Television. Tennis. Theatre. Theft. Tickets.
Time difference. Tipping. Tourism. Toys. Traffic. Traffic jam. Traffic offence. Training. Travel. Travel agency.
Travel experience. Travel insurance. Travel plans. Trip. Trip to the beach. Trying on clothes. Vacation. Vegetables.
Video games. Violence. Visa. Visiting a factory. Visiting a friend. Visiting a museum. Visiting a patient. Visiting
parents. Volunteering. Wages. Waking up. Watching television. Weather. Wedding. Wedding plans. Weekend. Weekend plans.
Weight. Welcoming a guest. What to eat. What to wear. Wildlife. Wine. Winter. Women's rights. Work. Work experience.
Work schedule. Working hours. World news. Worries. Writing a letter. Writing a report. Yoga. Zoo.
"""
_ASSISTANT = """
Accessibility. Accounting. API design. App design. Architecture decision. Authentication. Back-up plan. Benchmarking.
Birthday speech. Blog post. Book recommendations. Brainstorming names. Branding. Breaking change. Bug hunt. Build
failure. Build setup. Caching. Career advice. Changelog. Cleaning routine. Cloud costs. Code review. Coding style.
Command-line tool. Concurrency bug. Continuous integration. Cover letter. Creative writing. CSS layout. Customer
interviews. Dashboard. Data analysis. Data cleaning. Data model. Data pipeline. Database indexes. Database migration.
Database schema. Date handling. Debt plan. Dependency upgrade. Deployment. Developer environment. Docker image.
Documentation. E-mail draft. Encoding problem. Environment variables. Error handling. Error message. Essay feedback.
Event planning. Exam preparation. Excel formula. Family tree. Feature flags. Feature request. File format. File
upload. Fitness plan. Form validation. Front-end build. Fundraiser. Game design. Garden planning. Git history. Git
workflow. Grant proposal. Habit tracking. Hiring process. Home improvement. Home network. Home office. Household
budget. Import error. Incident report. Infrastructure costs. Interview preparation. Investment plan. Invoice template.
Job description. Journaling. Kitchen renovation. Landing page. Language learning. Lesson plan. Licence question.
Linter setup. Literature review. Load testing. Logging. Logo design. Login problem. Machine learning model. Marathon
training. Marketing campaign. Maths problem. Meal planning. Medication question. Meeting agenda. Meeting notes. Memory
leak. Merge conflict. Mobile app. Monitoring. Mortgage question. Moving checklist. Music practice. Neural network
training. Newsletter. Novel plot. Online course. Onboarding. Package release. Packaging. Parenting advice. Parsing.
Password reset. Payment integration. Performance problem. Performance review. Permissions. Personal statement. Physics
problem. Plugin. Podcast episode. Poem. Portfolio website. Presentation. Pricing. Product launch. Product naming.
Product roadmap. Programming language choice. Project plan. Prompt writing. Query optimisation. Race condition.
Reading list. Recipe ideas. Recommendation letter. Refactoring. Regular expression. Release notes. Release process.
Rename. Research question. Resume. Retry logic. Roadmap. Root cause. Routing. Sales pitch. Schema change. Scheduling.
Screenplay. Script. Search. Security. Server setup. Short story. Shell script. Skin care. Slow tests. Social media
post. Software architecture. Speech draft. Spreadsheet. SQL query. State management. Study plan. Support ticket.
Survey. Tax question. Team retrospective. Team structure. Tenancy contract. Test coverage. Test failure. Text summary.
Thesis. Time management. Time zones. Toast. Token budget. Translation. Travel itinerary. Tutorial. Type errors. Unit
tests. User interface. User research. Version upgrade. Video editing. Web scraping. Website redesign. Wedding speech.
Word problem. Workout plan.
"""

NAMES: Final = tuple(
    dict.fromkeys(name.strip() for name in " ".join(f"{_DAILY} {_ASSISTANT}".split()).split(".") if name.strip())
)
