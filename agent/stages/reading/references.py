"""Puts a name in the place of a pronoun where only one can be meant, and says when a statement hangs on one.

Plain cases only: the one sister spoken of for `She`, the one thing the sentence before is about for `It`. A wrong name
is worse than a statement that isn't kept.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.stages.reading.words import content

_FEMALE = (
    r"(?:grand|god|step)?(?:mother|mum|mom|mam|daughter)(?:-in-law)?|grandma|granny|nan|aunt|auntie|"
    r"(?:half-|step)?sister(?:-in-law)?|wife|niece|girlfriend|landlady"
)
_MALE = (
    r"(?:grand|god|step)?(?:father|dad|son)(?:-in-law)?|grandpa|granddad|uncle|(?:half-|step)?brother(?:-in-law)?|"
    r"husband|nephew|boyfriend"
)
_EITHER = (
    r"partner|cousin|friend|flatmate|roommate|boss|manager|colleague|co-worker|neighbou?r|teacher|doctor|gp|therapist|"
    r"dentist|supervisor|landlord|fianc[eé]e?|baby|child|kid|grandchild|godchild|dog|cat|puppy|horse"
)
_PEOPLE = (
    r"parents|grandparents|kids|children|sons|daughters|brothers|sisters|twins|friends|neighbou?rs|in-laws|colleagues"
)
_KIN = re.compile(
    rf"\b(?:my|our|your)(?: late| dear| own| little| big| old(?:er|est)?| young(?:er|est)?| elder| middle| best)*"
    rf" (?:(?P<she>{_FEMALE})|(?P<he>{_MALE})|(?P<either>{_EITHER})|(?P<they>{_PEOPLE}))\b"
    r"(?P<name>(?-i: (?!I\b)[A-Z][a-zà-ÿ]+))?(?!-)",
    re.IGNORECASE,
)
_OPENS = re.compile(
    r"(?P<who>She|He|They|It)(?P<short>['’](?:s|re|ve|ll))?(?P<verb> (?!and\b|or\b|,)[\w’'-]+)", re.IGNORECASE
)
_SHORT = {"re": "are", "ve": "have", "ll": "will"}
_HAS = re.compile(
    r" (?:got|had|been|become|gone|grown|accepted|agreed|asked|decided|joined|lived|moved|passed|played|promised|"
    r"started|stopped|supported|taken|tried|won|worked|written)\b"
)
_NOUN = r"[\w’'&+-]+"
_STANDS = (
    r"is|are|was|were|has|have|runs?|lives?|uses?|needs?|sits?|takes?|costs?|comes?|goes|closes?|opens?|starts?|ends?|"
    r"expires?|works?|stands?|belongs?|contains?|keeps?|gets?|supports?|listens?"
)
_SUBJECT = re.compile(
    rf"^(?P<np>(?:my|our|the) (?:{_NOUN} ){{0,3}}?{_NOUN})(?: (?:{_STANDS})\b|['’]s (?=\w+\b))", re.IGNORECASE
)
_OWNED = re.compile(
    rf"^(?:I|we)(?:['’]ve| have| just| also| now| finally)* (?P<verb>have|got|own|bought|adopted|use|run|drive|rent|"
    rf"built|inherited|maintain|lead|teach) (?P<np>(?:an?|the|my|our|two|three|four|five|\d+) (?:{_NOUN} ){{0,3}}?"
    rf"(?P<head>{_NOUN}))(?=[.,;!]|$| (?:and|but|for|from|in|on|at|with|that|which|who|called|named|since|to)\b)",
    re.IGNORECASE,
)
_NO_THING = re.compile(
    r"\b(?:it|one|ones|thing|things|lot|way|time|idea|question|problem|issue|bit|few)$", re.IGNORECASE
)
_PLURAL = re.compile(r"(?<![su'’i])s$", re.IGNORECASE)
_PLACED = re.compile(r"\b(?P<by>in|at|to|near) (?P<place>(?!(?:I|January|February|March|April|May|June|July|August|"
                     r"September|October|"
                     r"November|December|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)\b)"
                     r"[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)*)")  # fmt: skip
_THERE = re.compile(
    r"(?<!['’])\b(?<!\bout )(?<!\bover )(?<!\bget )(?<!\bhi )(?<!\bhello )(?<!\bhey )there\b(?!['’]| (?:is|are|was|"
    r"were|will|has|have|had|must|may|might|"
    r"should|can|goes|and back|came|comes|isn|aren|exist))",
    re.IGNORECASE,
)
_PLACE = re.compile(r"\b(?:in|at|near|into) (?:the |my |our |an? )(?!morning|evening|afternoon|end|middle|moment)\w|"
                    r"\b(?:in|at|to|from|near) (?!(?:January|February|March|April|May|June|July|August|September|"
                    r"October|November|December|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|"
                    r"Sunday)\b)[A-Z]")  # fmt: skip
_CLAUSE_ENDS = re.compile(r"[,;:—–] ")
_ONES = re.compile(r"\b(?P<which>(?!the\b|loved\b|little\b|big\b)[\w-]+ )ones\b", re.IGNORECASE)
_MANY = re.compile(r"\b(?!(?:is|was|has|does|this|always|perhaps|sometimes|lots|times|ones|us|his|its|yes|thanks|days|"
                   r"weeks|months|years|hours|minutes|plus|less|across|unless|towards|besides|series|news)\b)"
                   r"(?!\w+['’]s\b)\w{2,}(?<![su])s\b", re.IGNORECASE)  # fmt: skip
_LEANS = re.compile(
    r"(?:they|she|he)\b|(?:it|that|this|these|those)(?:['’](?:s|re|ll|d)\b| (?:is|are|was|were|will|would|has|had|does|"
    r"did|can|could|should|must|may|might|needs?|takes?|comes?|goes|gets?|runs?|works?|looks?|makes?|means?|lives?|"
    r"used|feels?|doesn|isn|wasn|won|can)\b|(?<=it) \w{2,}s\b)(?! (?:(?:actually|also|just|really|now|still|only|"
    r"mostly) )?"
    r"(?:an? |my |our |for |me\b|us\b|mine\b|ours\b|how (?:I|we) |the left |the right |\d))|"
    r"(?:neither|both|none|all|some|most|half|each|any|one|two|three) of (?:them|these|those|it|that|this)\b|"
    r"(?:the|that|this) (?:first |second |third |last |next |other |old |new |young |same )?ones?\b",
    re.IGNORECASE,
)
"""An opening that speaks of what came before. `It's my sister` and `It's a Vaillant` name it themselves."""
_OBJECT = re.compile(
    r"(?:I|we)(?:['’]\w+)?(?: (?!not\b)[\w’'-]+){0,3}? (?:it|them|this|that|these|those)(?= (?:up|out|off|in|to|for|"
    r"on|at|"
    r"with|by|from|over|back|down|after|before|until|till|every|each|again|now|tomorrow|today|once|next|as|like)\b|"
    r"[.!]?$)"
    r"[^,;:—–]*$",
    re.IGNORECASE,
)
"""One clause about something that was named before: `I'll send it out before Monday`."""
_CLAUSES = re.compile(
    r"(?P<lead>[^,;:—–.]{2,60})(?:[,;:—–]| [-–—]) ?(?:and |so |but |now )*"
    r"(?P<rest>(?!I (?:said|meant|told|wrote|thought)\b)(?:I|we|my|our)(?:['’]\w+)? \S.*)",
    re.IGNORECASE | re.DOTALL,
)
_FEWEST, _LITTLE = 5, 3
"""Words of a clause that may stand without the one before it, and how many telling ones that one may have."""
_NAMES_IT = re.compile(
    r"(?:(?i:she|he|they)(?:['’]s|['’]re| is| are) (?:called|named)\b|[A-Za-z'’]+ .*\b[A-Z][\w’'-]+, (?:which|who|"
    r"where)\b)"
)
"""It brings a name of its own: `She's called Frida`, `two days before the bloom in Lyon, which began in March`."""


def resolved(statement: str, before: Sequence[str]) -> str:
    """The statement with its opening pronoun, `ones` and `there` replaced by what alone they can mean.

    `before`: what was said before it, sentence by sentence, the nearest last.
    """
    opening = _OPENS.match(statement)
    if opening:
        meant = _person(opening["who"].lower(), before) or _thing(opening["who"].lower(), before)
        if meant:
            verb = _verb(opening)
            statement = f"{meant}{verb}{statement[opening.end() :]}" if verb else statement
    return _there(_ones(_without_lead(statement), before), before)


def adrift(statement: str) -> bool:
    """Whether a statement can't be understood without what was said before it."""
    if (_LEANS.match(statement) and not _NAMES_IT.match(statement)) or _OBJECT.match(statement):
        return True
    return bool(_loose_ones(statement) or _loose_there(statement))


def _without_lead(statement: str) -> str:
    """`The old one died, I use a Canon` is as good as `I use a Canon`."""
    parts = _CLAUSES.match(statement) if _LEANS.match(statement) else None
    if not parts or len(content(parts["lead"])) > _LITTLE:
        return statement
    if len(parts["rest"].split()) < _FEWEST or adrift(parts["rest"]):
        return statement
    return parts["rest"][:1].upper() + parts["rest"][1:]


def _verb(opening: re.Match[str]) -> str:
    short = (opening["short"] or "").lower().lstrip("'’")
    if not short:
        return opening["verb"]
    said = ("has" if _HAS.match(opening["verb"]) else "is") if short == "s" else _SHORT[short]
    return f" {said}{opening['verb']}"


def _person(pronoun: str, before: Sequence[str]) -> str:
    """The one person of that sort spoken of: `My sister Ana`, once only one is."""
    if pronoun == "it":
        return ""
    found: dict[str, str] = {}
    for sentence in before:
        for match in _KIN.finditer(sentence):
            if match[pronoun] or (match["either"] and pronoun != "they"):
                kin = next(word for word in (match["she"], match["he"], match["either"], match["they"]) if word).lower()
                name = match["name"] or (
                    f" {found[kin].split()[-1]}" if kin in found and _named(found[kin], kin) else ""
                )
                found[kin] = f"{'Our' if match[0].lower().startswith('our') else 'My'} {kin}{name}"
    return next(iter(found.values())) if len(found) == 1 else ""


def _named(mention: str, kin: str) -> bool:
    return not mention.lower().endswith(kin)


def _thing(pronoun: str, before: Sequence[str]) -> str:
    """What the sentence right before is about, when its form says so and it is one or many as the pronoun is."""
    if not before or pronoun not in ("it", "they"):
        return ""
    text = before[-1]
    if _KIN.search(text):
        return ""
    match = _SUBJECT.match(text) or _OWNED.match(text)
    if not match or _NO_THING.search(match["np"]) or bool(_PLURAL.search(match["np"])) != (pronoun == "they"):
        return ""
    determiner, _, rest = match["np"].partition(" ")
    if match.re is _OWNED:
        ours = text.lower().startswith("we")
        determiner = ("Our" if ours else "My") if determiner.lower() not in ("the", "my", "our") else determiner
    return f"{determiner[:1].upper()}{determiner[1:]} {rest}"


def _loose_ones(statement: str) -> re.Match[str] | None:
    match = _ONES.search(statement) if "ones" in statement else None
    return match if match and not _MANY.search(statement[: match.start()]) else None


def _ones(statement: str, before: Sequence[str]) -> str:
    match = _loose_ones(statement)
    many = {m[0].lower(): m[0] for m in _MANY.finditer(before[-1])} if match and before else {}
    if not match or len(many) != 1:
        return statement
    return f"{statement[: match.start()]}{match['which']}{next(iter(many.values()))}{statement[match.end() :]}"


def _loose_there(statement: str) -> re.Match[str] | None:
    match = _THERE.search(statement) if "there" in statement else None
    if not match or not match.start() or _CLAUSE_ENDS.search(statement, 0, match.start()):
        return None
    return None if _PLACE.search(statement) else match


def _there(statement: str, before: Sequence[str]) -> str:
    match = _loose_there(statement)
    said = _PLACED.finditer(before[-1]) if match and before else ()
    places = {f"{'in' if m['by'] == 'to' else m['by']} {m['place']}" for m in said}
    if not match or len(places) != 1:
        return statement
    return f"{statement[: match.start()]}{places.pop()}{statement[match.end() :]}"
