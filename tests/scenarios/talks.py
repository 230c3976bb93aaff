"""Conversations for the scenarios, written for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from agent import Transcript, Turn
from agent.domain.transcript import Action

BEGAN = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)


def talk(session: str, said: Sequence[tuple[str, str]], began: datetime = BEGAN, **more: object) -> Transcript:
    """(role, text) pairs, a minute apart."""
    turns = [Turn(role, text, when=began + timedelta(minutes=i)) for i, (role, text) in enumerate(said)]  # type: ignore[arg-type]
    return Transcript.of(session, turns, **more)


BAKERY = [
    ("user", "I'm setting up the order page for our bakery. We take orders until 6 pm the day before pick-up."),
    ("assistant", "Then the form should refuse later orders. Shall I add a cut-off check to the order form?"),
    ("user", "Yes, do that. And please always show prices with tax included."),
    ("assistant", "Done: the form checks the cut-off, and prices include tax."),
    ("user", "The oven schedule is another matter: the sourdough goes in at 4 am and the rolls at 5 am, every day."),
    ("assistant", "I can make a baking timetable from that, with the sourdough first."),
    ("user", "Let's go with a printed timetable on the oven door instead of an app."),
    ("assistant", "A printed timetable it is. I wrote it as a single page."),
]
REST = [
    ("user", "Back to the order page: my partner Ines wants an e-mail for every order."),
    ("assistant", "I can send one to Ines for each order as it comes in."),
    ("user", "Actually, the cut-off is 5 pm, not 6 pm. We changed it last month."),
    ("assistant", "Noted: orders until 5 pm the day before."),
]


ORDER_PAGE = [
    ("user", "The order page of the bakery needs a cut-off: customers may order until 6 pm the day before."),
    ("assistant", "The order form can refuse orders after 6 pm. It would show the next possible pick-up day."),
    ("user", "Good. The order page should also show the price of the whole order with tax."),
    ("assistant", "I added the total with tax to the order form, below the list of loaves."),
]
ORDER_PAGE_AGAIN = [
    ("user", "About the order page for the bakery again: the order form should remember the customer."),
    ("assistant", "I can store the name and the pick-up time of the last order on the order page."),
    ("user", "Good. The order form must still refuse orders after the cut-off."),
    ("assistant", "It does: the cut-off check on the order page is unchanged."),
]


def bakery(session: str = "test:bakery", *, whole: bool = False) -> Transcript:
    return talk(session, [*BAKERY, *REST] if whole else BAKERY)


def wrote(path: str, *, ok: bool = True) -> Turn:
    """A tool turn that wrote a file."""
    return Turn("tool", "written", name="Write", action=Action("write", path, ok))
