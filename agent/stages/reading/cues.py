"""What the words of one sentence announce: a preference, a decision, a change, a question, an order to an assistant.

Knows wording only. Whether a sentence is kept is decided in `worth`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from agent.domain.fragment import FragmentClass
from agent.stages.reading.sieve import Sieved


def phrases(*patterns: str) -> Sieved:
    return Sieved(r"\b(?:" + "|".join(patterns) + r")(?:(?!\w)|(?<=\W))")


_ATTITUDE = (
    r"(?:prefer\w*|avoid\w*|dislik\w+|hat(?:e|es|ed|red)|despis\w+|detest\w*|loath\w+|abhor\w*|disdain|distaste|"
    r"aversion|averse|objections?|opposed|against|"
    r"stance|bias|allerg\w+|intoleran\w+|sensitivit\w+|phobia|fear of|afraid of|scared of|terrified of|diet|"
    r"vegan|vegetarian|pescatarian|"
    r"halal|kosher|refuse|prioriti[sz]e|insist|advocate|favou?r|adore|cherish|adhere|religiously|strictly|"
    r"exclusively|uncomfortable|"
    r"overwhelming|boring|off-putting|(?:can't|cannot|can’t|can not) (?:\w+ )?(?:stand|bear|tolerate|handle|eat|"
    r"drink)|tolerate|"
    r"(?:no|little|zero) (?:interest|desire|patience|tolerance)|not (?:\w+ ){0,2}(?:a (?:big |huge )?fan|into|"
    r"interested|comfortable|fond|keen)|"
    r"(?:big|huge|massive|die-?hard) fan|passionate about|loyal to|fond of|keen on|picky|allergic|"
    r"rather (?!than)|only (?:interested|eat|drink|use|buy|wear|"
    r"watch|read|listen|consider|play|work|travel|stay|fly|shop)|(?<!can )(?<!could )always (?:use|"
    r"prefer|choose|want|buy|wear|go for|write|put)|"
    r"difficult to|hard to)"
)
_NOT = r"(?:do not|don't|don’t|dont|cannot|can't|can’t|won't|won’t|will not|never|hardly ever|rarely)"
PREFERENCE = phrases(
    rf"(?:I|me|my|I'm|I’m|I'd|I’d|I've|I’ve|we|we'd) (?!(?:would|was|were|had|could|should|tried|trying|looking|"
    rf"working|hoping|going)\b)(?:[\w'’,-]+ ){{0,8}}?{_ATTITUDE}",
    r"I (?:(?!would\b)\w+ ){0,2}?(?:love|enjoy|like)(?! (?:to (?:know|ask|see|hear|learn|get|try|explore|find)|"
    r"some|your|"
    r"that idea|the idea|that|this|these|it)\b)",
    rf"(?:I|we) (?:really |just |also |generally |usually )?{_NOT} (?:\w+ ){{0,2}}?(?:like|enjoy|eat|drink|"
    rf"consume|use|want|wear|watch|read|play|listen|buy|believe|travel|stay|fly|shop|support|"
    r"own|care for|trust|mock|push|commit|deploy|work (?:on|at|with|for))",
    r"I (?:only|always|never|exclusively|strictly|firmly|strongly|generally|usually|typically) \w+|I (?:follow|"
    r"keep|stick to) an? |I (?:\w+ )?learn best|I work best",
    r"(?:makes?|make|making) me (?:feel )?(?:uncomfortable|anxious|sick|nervous|uneasy|nauseous|queasy)|"
    r"I (?:get|feel|find|am) (?:\w+ ){0,4}"
    r"(?:anxious|uncomfortable|difficult|unappealing|distracting|irritating|stressful|exhausting)",
    r"(?:my|our) (?:\w+ )?(?:favou?rite|preference|preferred|go-to|rule of thumb|convention|pet peeve|priority)",
    r"(?:please|pls) (?:always|never|don't ever|do not ever)|(?:don't|do not|don’t) ever",
    r"from now on|going forward|in (?:the )?future,|by default,? (?:use|I|we|please)|as a rule|house style",
    r"(?:she|he|they|[A-Z]\w+|team|boss|manager|wife|husband|partner) (?:\w+ )?(?:prefers?|preferred|hates?|"
    r"dislikes?|loves|can't stand|likes|wants me to|insists)",
    r"[A-Z]\w+(?: and [A-Z]\w+)? (?:doesn['’]t|don['’]t|does not|do not|can['’]t) (?:eat|drink|like|want|use)",
    r"(?:she|he|they)(?:'d|’d| would) (?:rather|prefer)",
)
STANDING = phrases(
    r"(?:please |pls )?(?:always|never(?! (?:mind|heard|seen|had|been|tried|knew|thought|got|found|used|worked|"
    r"said)\b))"
    r"|(?:please )?(?:don't|do not|don’t) ever|(?:please )?prefer",
    r"from (?:now|here) on|going forward|in future|whenever|every time|each time|any time|by default|"
    r"unless I (?:say|ask)",
)
"""Words that make an order hold for good."""
ONCE = phrases(
    r"(?:please )?(?:don't|do not|don’t) (?:use|add|write|mock|commit|push|include|put|touch|call|create|"
    r"mention|say|ask)",
    r"(?:please )?(?:use|prefer|write|keep|put|name|format|indent) (?!(?:the|this|that|these|those|"
    r"it)\b)[\w` .-]{2,40}?,? (?:not|instead of|"
    r"rather than|over|never) (?!(?:the|this|that|these|those|it)\b)\w+",
    r"(?:please )?(?:remember|make sure|be sure|ensure|avoid|stick to|refrain)",
)
"""Orders that hold for good in a talk about how to answer, and for one task in work on code."""
DECISION = phrases(
    r"(?:we|I|they|the team)(?:'ve|’ve| have| had)? (?:\w+ )?(?:decided|chose|chosen|settled|opted|agreed|"
    r"picked|concluded|resolved)",
    r"(?:let's|let’s|lets|we'll|we’ll|we will|I'll|I’ll|we should|we can) (?:just |all )?(?:go with|use|"
    r"stick (?:with|to)|adopt|"
    r"drop|switch to|standardi[sz]e on|move to|migrate|target|settle on|keep using|stop using)",
    r"(?:let's|let’s|lets|we'll|we’ll) keep (?!(?:going|it|this|that|an eye|you)\b)",
    r"(?:let's|let’s|lets) (?:not|never) (?!do\b|worry\b|forget\b|get\b)\w+",
    r"(?:we|our team|the team) (?:no longer|(?:do not|don['’]t) (?:\w+ ){1,6}any ?more)",
    r"(?:from now on|going forward),? (?:we|our|the|[a-z]+s (?:happen|are|go|take))",
    r"(?:we're|we’re|we are|I'm|I’m|I am) (?:\w+ )?(?:going with|sticking with|switching|migrating|dropping|"
    r"standardi[sz]ing on|"
    r"adopting|replacing|moving (?:\w+ )?(?:from|to|off))",
    r"decision(?: made)?(?: is| was|:| on\b| about\b)|final decision|made the decision|signed off on",
    r"(?:we|I)(?:'ve|’ve| have)? (?:switched|migrated|moved (?:\w+ ){0,3}(?:from|off|over to)|replaced|dropped|"
    r"standardi[sz]ed)",
    r"(?<!or )(?<!than )(?<!between )(?<!of )(?<!about )(?<!considering )(?<!consider )going with|no more \w+|agreed:|"
    r"it's settled|it’s settled|the plan is to",
)
DECISION_OPENING = Sieved(
    r"(?:(?:ok(?:ay)?|so|right|then|and|just|finally|also)[, ]+)*(?:decided|chose|settled on|opted for|agreed|"
    r"switching|switched|"
    r"going with|picked|dropping|migrating|adopting|standardi[sz]ing on)\b",
)
UNDECIDED = phrases(
    r"torn between|undecided|on the fence|(?:debating|wondering) (?:whether|between)|(?:decid|choos|hesitat|waver)ing "
    r"between|choose between|(?:can't|can’t|cannot|can not|couldn't|haven't|haven’t|have not|hasn't|not|need to|must|"
    r"have to) (?:\w+ )?decided?|not sure (?:yet )?(?:whether|which|if) (?:I|we|to)\b(?! (?:told|said|mentioned))|"
    r"thinking (?:about|of) going with|I(?:'m|’m| am) (?:\w+ )?considering|(?:defer|postpone|put off|hold off on|"
    r"leave) (?:that|this|the|my|our) (?:decision|choice)|decide (?:that |this |it )?later|"
    r"(?:maybe|perhaps) (?:let's|let’s|lets|we (?:should|could|can|use))",
)
"""A choice that is still to be made."""
COMMITMENT = phrases(
    r"(?:I|we)(?:'ll|’ll| will| am going to| are going to|'m going to|’m going to|"
    r"'re going to) (?!(?:\w+ )?(?:try|check|look into|"
    r"definitely|consider|think|be sure|make sure|keep (?:that|it|this)|let you|see|go with|start with|give it))",
    r"(?:I|we) (?:\w+ )?(?:promised|committed|agreed to|pledged|vowed|signed up (?:to|for)|owe|have an? (?:\w+ ){0,3}"
    r"(?:appointment|deadline|meeting|interview|exam|flight))",
    r"(?:I|we|he|she|they|it) (?:need|needs|have|has|must|got) (?:to )?(?:\w+ ){1,14}(?:by|before|until|"
    r"no later than) (?:the |end|"
    r"this |next |tomorrow|tonight|mon|tue|wed|thu|fri|sat|sun|jan|feb|mar|apr|may|june|july|jun|jul|aug|sep|"
    r"oct|nov|dec|\d|eod|eow)\w*",
    r"(?:my|our) (?:\w+ ){0,3}(?:deadline|due date)|remind me|(?:has |have )?committed to|promised to|"
    r"[A-Z]\w+ will \w+ .*\b(?:on|by|before)",
    r"is due (?:on|by|in|next|this|tomorrow)|to-?do:|action item",
)
COMMITMENT_OPENING = Sieved(
    r"(?:(?:ok(?:ay)?|so|and|also)[, ]+)*(?:promised|committ(?:ed|ing) to|will (?!you\b|it\b|this\b|that\b)|"
    r"need to (?:\w+ ){1,14}by |"
    r"confirmed (?:that )?I(?:'ll|’ll| will))",
)
CORRECTION = Sieved(
    r"^(?:(?:no|nope|wait|oh|sorry|hmm|oops|ah|argh|well|hang on|hold on)\b[,.!— -]*)*(?:(?:(?:actually|wait|sorry|"
    r"correction|scratch that|"
    r"my (?:bad|mistake)|I was wrong|I misspoke)\b[,:—. -]+|no\b(?:[,:—.-]+ ?| (?=(?:it|that|the|I|"
    r"we)\b)))(?!(?:I(?:'m|’m| am) (?:\w+ )?(?:thinking|looking|"
    r"considering|planning|"
    r"wondering|curious|interested)|(?:can|could|do|what|how|is|are|would|will|should|let's|i think|"
    r"never ?mind)\b))\S|"
    r"(?:I|what I) meant\b(?! to (?:ask|say thanks)))|\bnot (?:[\w.:/-]+ ){1,3}but (?:rather )?\w|"
    r"\b(?:I|we) (?:said|told you|wrote|mentioned) .{2,60}\b(?:but|wrong|meant|should be)\b|\bit(?:'s|’s|"
    r" is) actually (?!a |an |the |that |very)",
)
CHANGE = phrases(
    r"no longer|not any ?more|any ?more|anymore|from now on|going forward|as of (?:now|today|\d|mon|tue|wed|thu|"
    r"fri|sat|sun|jan|feb|mar|"
    r"apr|may|jun|jul|aug|sep|oct|nov|dec)",
    r"(?:has |have |was |were |got |been |we |I |just |it )?(?:changed|moved|renamed|bumped|upgraded|downgraded|"
    r"rescheduled|postponed|"
    r"pushed back|switched|migrated|replaced) (?:\w+ ){0,6}(?:to|from|with|by|over|until)",
    r"(?:is|are|'s|’s|'re|’re|I|we|they|he|she|my \w+) now(?! (?:I|that))|now (?:is|are|it's|uses?|runs?|lives?|"
    r"prefers?|I (?:prefer|use|like|work|live)|we)",
    r"used to|instead of|rather than before|changed my mind|change of plans?|on second thoughts?|scratch that|"
    r"these days|"
    r"(?:has|have|'ve|’ve|'s|’s) (?:recently |just )?(?:increased|decreased|grown|become|improved|expanded|"
    r"dropped|switched)|"
    r"stopped (?:\w+ing|using)|quit|gave up|correction|updated?:|switch(?:ed|ing)? (?:back )?to|new (?:record|"
    r"personal best)",
)
REMEMBER = Sieved(
    r"\b(?:(?:please |pls |can you |could you )?(?:remember|note|keep in mind|make a note|don't forget|"
    r"do not forget|bear in mind|"
    r"memori[sz]e|save (?:this|that)|for (?:the record|future reference|next time))\b(?! (?:when|how|if|what|"
    r"where|who|the time)))"
    r"(?:[,:]? ?(?:that|this|down)\b)?(?:[:,—-]+)?\s*",
)
QUESTION = Sieved(
    r"^(?:(?:so|and|but|ok(?:ay)?|also|well|hmm?|then|by the way|btw|anyway|oh|now|actually|first|next|finally|"
    r"please)[, ]+)*"
    r"(?:can|could|would|will|do|does|did|is|are|was|were|should|shall|may|might|has|have|what|what's|which|who|"
    r"whose|where|when|why|"
    r"how|how's|any|isn't|aren't|don't you|doesn't|am) (?!\w+ing\b.*[^?]$)(?:.*\?|(?:you|I|we|it|there|this|"
    r"that|the)\b)",
    re.DOTALL,
)
REQUEST = Sieved(
    r"^(?:(?:so|and|but|ok(?:ay)?|also|well|then|now|next|first|great|thanks|perfect|yes|yeah|sure|hi|hey|hello|"
    r"please|pls|just|let's|lets|go ahead and)"
    r"[,.! ]+)*(?:fix|add|write|create|make|give|show|tell|explain|help|find|list|run|check|try|look|suggest|"
    r"recommend|generate|describe|"
    r"summari[sz]e|compare|implement|refactor|change|update|remove|delete|rename|move|build|test|debug|draft|"
    r"translate|rewrite|convert|"
    r"continue|let me know|provide|analy[sz]e|review|design|plan|calculate|consider|include|discuss|"
    r"let's (?:try|start|continue|see|do|"
    r"discuss|talk|move on|focus|look|get)|assume|imagine|pretend|act as|you are|read|open|install|commit|push|"
    r"deploy|merge|revert|do|go|put|set)\b",
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What the wording of one sentence shows."""

    kind: FragmentClass
    said: bool
    """The class is announced by the words, not merely assumed."""
    cue: bool
    remember: bool
    question: bool
    request: bool
    standing: bool
    """An order that says it holds for good."""
    once: bool
    """An order that may be meant for one task only."""
    undecided: bool = False
    """It weighs a choice and leaves it open."""
    settled: bool = False
    """It says how a whole project is to be from now on."""


def read(sentence: str) -> Reading:
    """Read one sentence, lead-ins already trimmed."""
    remember = bool(REMEMBER.match(sentence))
    question = is_question(sentence)
    standing = bool(STANDING.match(sentence)) and not question
    once = bool(ONCE.match(sentence)) and not question and not standing
    correction = bool(CORRECTION.search(sentence))
    cue = correction or bool(CHANGE.search(sentence))
    kind, said = _kind(sentence, standing or once, correction)
    undecided = _undecided(sentence)
    if undecided:
        kind, said = "fact", False
    request = not (standing or once) and not (said and kind == "decision") and bool(REQUEST.match(sentence))
    return Reading(kind, said, cue, remember, question, request, standing, once, undecided)


def _undecided(sentence: str) -> bool:
    """Whether it weighs a choice, and doesn't go on to say what was chosen."""
    open_choice = UNDECIDED.search(sentence)
    return bool(open_choice) and not DECISION.search(UNDECIDED.sub(" ", sentence))


def is_question(sentence: str) -> bool:
    return sentence.rstrip("\"')]* ").endswith("?") or bool(QUESTION.match(sentence))


def _kind(sentence: str, order: bool, correction: bool) -> tuple[FragmentClass, bool]:
    if DECISION_OPENING.match(sentence) or (order and DECISION.match(sentence)):
        return "decision", True
    if order:
        return "preference", True
    if COMMITMENT_OPENING.match(sentence):
        return "commitment", True
    announced = [(m.start(), kind) for kind, pattern in _ANNOUNCED if (m := pattern.search(sentence))]
    if announced:
        return min(announced, key=lambda pair: pair[0])[1], True
    return ("correction", True) if correction else ("fact", False)


_ANNOUNCED: tuple[tuple[FragmentClass, Sieved], ...] = (
    ("decision", DECISION),
    ("preference", PREFERENCE),
    ("commitment", COMMITMENT),
)
