"""Tells whether two lines are about one thing, and whether what was left open is settled by what came later."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from typing import Final

from agent.domain.subject import Line
from agent.stages.reading.words import content
from agent.stages.summarising.outcomes import Said

SAME_ITEM: Final = 0.4
"""Share of an open item's telling words that a later line must repeat to be about it."""
SAME_LINE: Final = 0.7

_WANTING: Final = re.compile(
    r"\b(?:needs?|wants?|help|how|look(?:ing)? for|should|must|have to|let['’]s)\b", re.IGNORECASE
)
"""Speaks of what is still to come about: it closes nothing."""
_DONE: Final = re.compile(
    r"^\W*(?:\w+[,.! ]+){0,3}(?:sent|done|booked|ordered|paid|signed|fixed|merged|pushed|deployed|cancelled|bought"
    r"|installed)\b|\bI(?:['’]ve| have| just)? (?:sent|did|done|booked|ordered|paid|signed|fixed|merged|pushed|asked"
    r"|called|bought)\b",
    re.IGNORECASE,
)
"""Reports something done."""
_OPENERS: Final = frozenset(
    content("leave later next time still need tomorrow todo follow open question come back pick another day session")
)


def same(a: str, b: str) -> bool:
    """Whether two lines say one thing."""
    one, other = set(content(a)), set(content(b))
    return bool(one and other) and len(one & other) >= SAME_LINE * min(len(one), len(other))


def about(item: str, line: Line) -> bool:
    """Whether a line is about an open item."""
    wanted = _telling(item)
    return len(wanted) >= 2 and len(wanted & _telling(line.text)) >= SAME_ITEM * len(wanted)


def over(line: Line, done: Sequence[Line]) -> bool:
    """Whether what was left open at its turn was decided, or reported done, later in the session."""
    later = [_telling(each.text) for each in done if each.turns and min(each.turns) > max(line.turns, default=0)]
    wanted = _telling(line.text)
    repeated = {word for words in later for word in words & wanted}
    return len(wanted) >= 2 and len(repeated) >= SAME_ITEM * len(wanted)


def news(said: Sequence[Said]) -> list[Line]:
    """What the user told in each turn, without what they asked or still want."""
    turns = groupby(said, key=lambda one: one.turn)
    found = {at: [s.told for s in group if not s.asks and not _WANTING.search(s.told)] for at, group in turns}
    return [Line(" ".join(quotes), (at,)) for at, quotes in found.items() if quotes]


def reported(said: Sequence[Said]) -> list[Line]:
    """What the user says in the turns in which they report something done."""
    return [Line(one.whole, (one.turn,)) for one in said if not one.asks and _DONE.search(one.told)]


def _telling(text: str) -> set[str]:
    return {word for word in content(text) if word not in _OPENERS}
