"""Sentence shapes that fix a property of something: the patterns behind `slots`, and nothing else."""

from __future__ import annotations

from typing import Final

from agent.stages.reading.sieve import Sieved

ATTRIBUTES: Final = frozenset(
    """port version name url host hostname address ip path branch region timezone owner lead maintainer budget
    limit quota timeout deadline date day time schedule price cost rate salary size colour color
    language framework database editor shell theme font command provider plan email birthday age height
    weight role title job employer major school hometown nationality diet type style format convention
    indentation license model brand retention threshold cadence frequency venue location room doctor
    dentist bank gym nickname pronouns""".split()
)
"""Words that name a property, so that `staging database port` is the `port` of the `staging database`."""

_ATTRIBUTE = "(?:" + "|".join(sorted(ATTRIBUTES)) + ")"
_NOUN = r"[\w'’/+-]+(?: [\w'’/+-]+){0,3}?"
_MARKED = rf"(?:the |our |my |your |this ){_NOUN}"
_THING = rf"(?:the |our |my |your |a |an )?{_NOUN}"
_IS = (
    r"(?:(?: is| are| was| were| will be| should be| has to be| must be)(?: now| currently| actually| usually|"
    r" still| always)*|['’]s|:| ?=)"
)
_OFTEN = (
    r"(?: (?:now|currently|actually|always|usually|still|only|mostly|primarily|also|generally|really|strongly|"
    r"much|typically))*"
)
_END = (
    r"(?=(?: now| currently| these days| anymore| instead)?(?:$|[.;!?](?:\s|$)|,? (?:and|but|so|because|due to|"
    r"since|as|when|whenever|while|if|which|who|where|instead of|rather than|not)\b|"
    r" \(|, ))"
)
_VALUE = rf"(?P<value>[^\s,;].*?){_END}"
_FORMER = r"(?P<former>[\w./+-]+(?: [\w./+-]+){0,3}?)"
_HAVE = r"(?: has| have| was| were| has been| have been| got| is| are)?"
_CHANGED = (
    r"(?:changed|moved|switched|renamed|bumped|upgraded|downgraded|rescheduled|postponed|increased|pushed back|"
    r"raised|lowered|went)"
)


CHANGED_TO: Final = Sieved(
    rf"^(?P<entity>{_THING}){_HAVE} (?:just |recently |now )?{_CHANGED}(?: from (?P<former>.+?))? to {_VALUE}"
)
CHANGED_FROM: Final = Sieved(
    r"\b(?<!the )(?:switch(?:ed|ing)?|mov(?:ed|ing|e)|migrat(?:ed|ing|e)|chang(?:ed|ing|e)|renam(?:ed|ing|e))"
    rf"(?: (?P<entity>{_THING}))? (?:from|off|away from) (?P<former>.+?) (?:to|over to) {_VALUE}"
)
PREFERRED: Final = Sieved(
    rf"\b(?:I|we)(?:['’]d| would)?{_OFTEN} (?:prefer|favou?r|rather use|chose|choose|picked)(?: using|"
    rf" to use)? (?P<value>.+?)"
    rf" (?:over|to|instead of|rather than) (?P<former>.+?)(?: (?:for|in|when writing) (?P<entity>.+?))?{_END}"
)
TASTE: Final = Sieved(
    rf"\b(?:I|we){_OFTEN} (?P<verb>(?:absolutely |truly |particularly |do not |don['’]t |can['’]t |cannot |"
    rf"never |no longer |really )*"
    r"(?:like|love|enjoy|hate|dislike|despise|detest|loathe|avoid|adore|stand|eat|drink|tolerate|fancy))"
    rf"(?: (?:eating|drinking|using|watching|playing|reading|wearing|"
    rf"listening to))? (?P<entity>[\w'’ -]+?)(?: (?:anymore|any more|at all|very much|a lot|now))*{_END}"
)
PERSONAL: Final = tuple(
    (Sieved(pattern), attribute)
    for pattern, attribute in (
        (rf"\b(?:call me|my name is|my name['’]s|I go by|address me as) {_VALUE}", "name"),
        (
            rf"\bI(?:['’]m|['’]ve| am| have)?{_OFTEN} (?:live|living|reside|based|moved|relocated|"
            rf"moving)(?: back| out| over)? (?:in|to|near) {_VALUE}",
            "home",
        ),
        (
            rf"\bI(?:['’]m| am)?{_OFTEN} (?:work|working|employed)(?: full-time| part-time)? (?:at|for) (?!(?:a|"
            rf"the|my) (?:while|moment|\w+ (?:now|hours))\b){_VALUE}",
            "employer",
        ),
        (rf"\bI{_OFTEN} work as (?:an? )?{_VALUE}", "job"),
        (rf"\bI(?:['’]m| am) (?P<value>\d{{1,3}})(?: years old| now)?{_END}", "age"),
        (
            r"\bmy (?:\w+ )?(?:personal best|best time|record)(?: time)?(?: is| was| of| to| at|"
            r":)(?: now)? (?P<value>.+?)" + _END,
            "personal best",
        ),
    )
)
HAS: Final = (
    Sieved(
        rf"^(?P<entity>{_THING}){_IS}?(?: runs| run| listens| listen| lives| sits)?{_OFTEN} (?:on|"
        rf"at) (?:the )?(?P<attribute>{_ATTRIBUTE}) {_VALUE}"
    ),
    Sieved(
        rf"^(?:the |our |my )?(?P<attribute>{_ATTRIBUTE}) (?:of|for) (?P<entity>{_THING}){_IS} ?(?:on |at |"
        rf"in )?{_VALUE}"
    ),
    Sieved(rf"^(?P<entity>{_THING})(?:['’]s)? (?P<attribute>{_ATTRIBUTE}){_IS} ?(?:on |at |in |set to )?{_VALUE}"),
    Sieved(
        rf"^(?P<entity>my |our |the )?(?:favou?rite |preferred )?(?P<attribute>{_ATTRIBUTE})"
        rf"{_IS} ?(?:on |at |in )?{_VALUE}"
    ),
)
ROUTINE: Final = Sieved(
    rf"^(?:we|I){_OFTEN} (?:(?P<entity>deploy|release|ship|meet|bill|train|back up|sync)|(?:have|do|hold|"
    rf"run) (?:the |our |my |an? )?(?P<held>[\w-]+(?: [\w-]+)?))"
    rf"(?: (?:to|the|our) \w+)?{_OFTEN} (?P<by>on|every|each|at) (?P<value>(?:the )?[\w: ]+?){_END}"
)
HELD: Final = Sieved(
    rf"^(?:the |our )?(?P<entity>[\w-]+(?: [\w-]+)?){_OFTEN} (?:happens?|takes? place|goes? out|gets? done)"
    rf"{_OFTEN} (?P<by>on|every|each|at) (?P<value>(?:the )?[\w: ]+?){_END}"
)
NO_LONGER: Final = Sieved(
    r"^(?P<who>(?:we|I|they|(?:the|our|my) [\w-]+(?: [\w-]+)?)) (?:no longer (?P<gone>[^,;]+?)|"
    r"(?:do not|don['’]t) (?P<quit>[^,;]+?) any ?more)[,;:—–-]+ ?(?:and |but )?(?P<rest>\S.*)$"
)
"""`We no longer deploy on Fridays, from now on deploys happen on Tuesdays`."""
IS_NOT: Final = Sieved(rf"^(?P<entity>{_MARKED}){_IS} (?P<value>[^,;]{{1,40}}?),? (?:and )?not {_FORMER}(?:[.,;!]|$)")
NOT_THAT: Final = Sieved(rf",? (?:and not|not|instead of|rather than) (?:on |at |in )?{_FORMER}(?:[.,;!]|$)")
"""What a statement about one property says the value isn't, or is no more."""
CHOSEN: Final = Sieved(
    rf"^(?:we|I|the team)(?:['’]ll| will|['’]re| are|['’]m| am)?{_OFTEN} (?:use|using|run|go with|going with|"
    rf"chose|picked|decided on|decided to use|"
    rf"settled on|stick with|sticking with){_OFTEN} (?P<value>.+?) (?:for|as) (?P<entity>{_THING}){_END}"
)
MINE: Final = Sieved(
    rf"\bmy (?P<entity>{_NOUN}) (?P<verb>is called|is named|is|are|lives? in|works? (?:at|for|as)){_OFTEN} {_VALUE}"
)
_DOES = (
    r"runs? on|lives? (?:in|on|at)|is (?:in|at|on)|is hosted on|is deployed (?:to|on)|is written in|"
    r"is (?:called|named)|is due(?: on| by)?|starts? (?:at|on)|ends? (?:at|on)|takes? place (?:on|in|at)|"
    r"closes? at|opens? at|points? to|listens? on|belongs? to|is (?:based|located) in|costs?|expires? (?:on|in)"
)
DOES: Final = Sieved(rf"^(?P<entity>{_MARKED}){_OFTEN} (?P<verb>{_DOES}){_OFTEN} {_VALUE}")
PROPERTY_OF_VERB: Final = {
    "run": "platform",
    "live": "home",
    "call": "name",
    "name": "name",
    "work": "employer",
    "hosted": "platform",
    "deployed": "platform",
    "written": "language",
    "due": "deadline",
    "start": "start",
    "end": "end",
    "place": "date",
    "close": "closing time",
    "open": "opening time",
    "point": "target",
    "listen": "port",
    "belong": "owner",
    "based": "location",
    "located": "location",
    "cost": "price",
    "expire": "expiry",
    "is in": "location",
    "is at": "location",
    "is on": "location",
}
"""What a verb says of its subject; the first that occurs in it counts."""
