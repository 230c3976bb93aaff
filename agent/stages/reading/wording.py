"""Rewrites a sentence only as far as it needs to stand alone: lead-ins and asked halves go, dates become absolute."""

from __future__ import annotations

import re
from datetime import datetime

from agent.stages.reading.cues import REMEMBER, is_question
from agent.stages.reading.dates import dated
from agent.stages.reading.sieve import Sieved

LEAD_IN = re.compile(
    r"^(?:(?:oh|and|so|like(?=,)|also|well|btw|by the way|anyway|anyways|hey|hi|hello|ok|okay|yeah|yes|yep|yup|sure|"
    r"right|"
    r"alright|plus|but|fyi|"
    r"just so you know|just to let you know|for what it's worth|to be honest|honestly|in fact|"
    r"as a matter of fact|speaking of which|"
    r"speaking of(?: [\w'’-]+){1,5}|on another note|on a (?:side|related) note|side note|one more thing|"
    r"another thing|one thing|"
    r"i (?:just )?(?:want(?:ed)?|have|need) to (?:mention|add|say|let you know|tell you)|"
    r"i should (?:also )?(?:mention|add|say)|"
    r"i (?:forgot|meant) to (?:mention|say|tell you)|(?:i )?just (?:remembered|realized|realised)|as i (?:said|"
    r"mentioned)|"
    r"like i (?:said|mentioned)|you know|you see|basically|thanks|thank you|great|perfect|cool|nice|awesome|"
    r"good|also note|heads[- ]up|"
    r"important|reminder|first of all|first|secondly|second|finally|lastly|additionally|furthermore|moreover|"
    r"confirmed|just confirmed)"
    r"(?:[,:;!.…—–-]+\s*|\s+(?:that\s+)?(?=(?:i|we|my|our|the|it|he|she|they|please|always|never|by|oh|just|"
    r"also|actually|btw|don't|do)\b)))+",
    re.IGNORECASE,
)
_ASKED_HALF = Sieved(
    r"\s*[,;]\s*(?:(?:and|but|so)[, ]+)?(?:(?:was|were|has|have|had|might|may|shall|am|is|are|isn['’]t|"
    r"aren['’]t|wasn['’]t|would) (?:you|I|we|it|there|they|this|that)\b(?! were\b)|"
    r"(?:what|how|why)(?:['’]s| (?:is|are|was|were|would|should|can|could|do|does|did|about))"
    r"(?= (?:the|an?|my|our|your|some|I|we|you|it|they|there)\b)).*$|"
    r"(?:\s*[,;:—–-]+\s*|\s+)(?:(?:and|but|so)[, ]+)?(?:(?:can|could|would|will|do|does|did|are|is|"
    r"should) (?:you|I|we|it|there|they|this)\b|"
    r"(?:what|how|which|where|when|why|who)(?:'s|’s)? (?:\w+ ){0,3}(?:should|would|can|could|do|does|is|are|'s|"
    r"else|about)\b(?=.*\?\W*$)|any (?:tips|ideas|"
    r"advice|suggestions|recommendations|thoughts)|(?:and )?(?:I )?was (?:just )?(?:wondering|hoping)|"
    r"(?:and |but |so )?I(?:'m|’m| am|'d|’d| would) (?:just )?(?:wondering|curious|like to know|love to (?:know|"
    r"hear))|(?:have|got) any\b|right\?|"
    r"correct\?|isn't it|don't you|you know\?).*$",
    re.DOTALL,
)
_AIM = Sieved(
    r"^(?:(?:since|as|given that|considering) )?I(?:'m|’m| am)(?: also| currently| really| actually| kinda| kind of| "
    r"a (?:bit|little)| still| just)* (?:trying|working|looking|hoping|planning|thinking|struggling|stuck|worried|"
    r"torn|curious|hesitant|unsure|overwhelmed|"
    r"getting|interested)\b[^.]*?,? (?:and|but|so|because|since|as)(?: also)? (?=(?:I(?:'ve|’ve| have|'d|"
    r"’d)? (?!am\b|want|need|was|would|think|don't know|"
    r"never|also want)|we(?:'ve|’ve|'re|’re)? |my |our ))",
)
_TROUBLE = Sieved(
    r",? (?:and|but|so|though)(?: now)? I(?:'m|’m| am| keep| still|'d|’d| want| need| was| can't| would|"
    r"'ve never|’ve never) ?(?:(?:having (?:trouble|issues|problems)|feeling (?:a bit |so |really )?(?:lost|stuck|"
    r"unsure|overwhelmed|stressed|anxious))\b|"
    r"not sure|getting|wondering|struggling|stuck|to (?:make sure|ensure|know|be sure|see)|help|seem|like to|"
    r"love to|hoping|unsure|confused|looking for|figure)\b.*$"
    r"|,? (?:and |so |but )*here(?:['’]s| is| are) (?:my|our|the|an?|what|some)\b.*$"
    r"|,? (?:so )?(?:if there are any|let me know|please (?:help|suggest|tell|let|advise|provide)|help me)\b.*$",
    re.DOTALL,
)
_REASON = Sieved(
    r"(?:\b(?:since|because|considering(?: that)?|given(?: that)?|now that|seeing as)|(?:^|(?<=[,;] ))as) "
    r"(?P<told>(?:I|we|my|our)\b.*)$",
    re.DOTALL,
)
_LEANING = re.compile(
    r"^(?:since|because|as|although|though|even though|given(?: that)?|considering(?: that)?|now that|seeing as) "
    r"(?=(?:I|we|my|our)\b)(?!.+ (?:I|we)\b)",
    re.IGNORECASE | re.DOTALL,
)
"""Opens what leans on the clause after it, which asked and is gone."""
_SUGGESTS = re.compile(
    r"^(?:(?:maybe|perhaps|ideally|preferably) )?(?:something|anything|somewhere|nothing too)\b", re.IGNORECASE
)
"""Opens a wish for the task at hand, of which only the reason may last."""
_CONSEQUENCE = Sieved(
    r", (?:so (?!that\b|I\b|we\b)[^,]*\b(?:would|could|might|can|should|will|ask|please|maybe|let['’]s)\b|"
    r"(?:I|my) (?:misread|mistyped|misremembered|mixed|confused|was wrong|mistake|bad|fault)\b).*$",
    re.DOTALL,
)
_DANGLING = re.compile(r"(?:[,;]? (?:and|but|so|or|how|what|which|where|when|why|now|though))+$", re.IGNORECASE)
_REPLY = re.compile(
    r"^(?:(?:no|nope|actually|sorry|wait|argh?|ah|oh(?: dear)?|oops|hmm|hang on|hold on|correction|scratch that)"
    r"(?:[,.:;!—–-]+ ?| (?=(?:the|our|my|we|I|it)\b)))+",
    re.IGNORECASE,
)
_JOINS = " ,;:—–-"
_SPACE = re.compile(r"\s+")
_LABEL = re.compile(r"^(?:important|note|nb|n\.b\.|ps|p\.s\.|fyi|update|reminder)\s*[:.]\s*", re.IGNORECASE)
_EMPHASIS = re.compile(r"\*\*|__|(?<!\w)[*_](?=\w)|(?<=\w)[*_](?!\w)")
LONGEST = 400
_FEWEST_WORDS = 3


def trimmed(sentence: str) -> str:
    """The sentence without lead-ins (`by the way,`, `oh and`, `remember that`) and without markdown emphasis."""
    text = _SPACE.sub(" ", _EMPHASIS.sub("", sentence)).strip()
    while True:
        shorter = _LABEL.sub("", text)
        asked = REMEMBER.match(shorter)
        shorter = shorter[asked.end() :] if asked else shorter
        lead = LEAD_IN.match(shorter)
        shorter = (shorter[lead.end() :] if lead else shorter).lstrip(" ,;:—–-")
        if shorter == text or not shorter:
            return text
        text = shorter


def asks_to_remember(sentence: str) -> bool:
    return bool(REMEMBER.match(LEAD_IN.sub("", sentence, count=1)) or REMEMBER.match(sentence))


def telling_parts(sentence: str) -> list[str]:
    """The parts that tell something, of a sentence that goes on to ask (`I keep bees, do you have tips?`), gives a
    reason for asking (`Is that early, since I get up at 5?`), or opens with what the speaker is up to."""
    kept = sentence
    for other_half in (_ASKED_HALF, _TROUBLE, _AIM, _CONSEQUENCE):
        half = _DANGLING.sub("", other_half.sub("", kept).rstrip(_JOINS)) if other_half.search(kept) else kept
        if half != kept and len(half.split()) >= _FEWEST_WORDS and not half.endswith("?"):
            kept = half if "," in half else _LEANING.sub("", half)
    suggests = bool(_SUGGESTS.match(kept))
    reason = _REASON.search(sentence, 0 if suggests or is_question(kept) else min(len(kept), len(sentence)))
    told = reason["told"].rstrip(_JOINS + "?") if reason and sentence.startswith(kept) else ""
    if suggests and len(told.split()) >= _FEWEST_WORDS:
        return [told]
    return [kept, told] if len(told.split()) >= _FEWEST_WORDS else [kept]


def without_reply(statement: str) -> str:
    """The statement without the word that answers what came before it (`No, …`, `Actually …`)."""
    return _REPLY.sub("", statement) or statement


def standing_alone(sentence: str, when: datetime | None) -> str:
    """The final statement: absolute dates, a capital first letter, bounded length."""
    text = dated(sentence, when).strip()
    if len(text) > LONGEST:
        text = text[: text.rfind(" ", 0, LONGEST)].rstrip(" ,;:") + " …"
    return text[:1].upper() + text[1:] if _capital(text) else text


def _capital(text: str) -> bool:
    """Code-like first words (`npm test`, `fooBar()`) keep their case."""
    first = text.split(" ", 1)[0]
    return first.isalpha() and first.islower()
