"""Parts a statement that fixes several properties at once, so that each can be corrected alone. Plain cases only."""

from __future__ import annotations

import re

from agent.stages.reading.shapes import ATTRIBUTES
from agent.stages.reading.sieve import Sieved

_ATTRIBUTE = "(?:" + "|".join(sorted(ATTRIBUTES)) + ")"
_VALUE = r"[\w@/+~-][\w.:@/+~-]*[\w/]|\w"
_SEVERAL = Sieved(
    rf"^(?:(?:the|our|my|its) )?(?:(?:new|current) )?(?P<entity>(?!new |"
    rf"current )(?:[\w-]+ ){{0,3}}?)(?P<attribute>{_ATTRIBUTE})"
    rf"(?: is(?: now)?|:) (?P<value>{_VALUE})(?P<more>(?:(?:, and|,| and) (?:the |its )?{_ATTRIBUTE}(?: is|"
    rf":)? (?:{_VALUE})(?=[,.;]|$| and ))+)"
    rf"(?:[,;]? and (?P<rest>.+))?$",
)
_ONE = re.compile(rf"(?P<attribute>{_ATTRIBUTE})(?: is|:)? (?P<value>{_VALUE})(?=[,.;]|$| and )", re.IGNORECASE)
_CHANGED_THING = re.compile(
    r"\b(?:moved|migrated|changed|replaced|renamed|upgraded|rebuilt|relocated|switched) (?:the|our|my) (?:new )?"
    r"(?P<entity>[\w-]+(?: [\w-]+){0,2}?)(?= (?:over|to|from|last|yesterday|today|tonight|this|again|on)\b|[.,;:]|$)",
    re.IGNORECASE,
)


def parted(statement: str, before: str) -> list[str]:
    """`New host is pg2, port 6432, and it is slow` as three statements; what isn't plain stays whole.

    A property of nothing named belongs to what the sentence `before` says was changed.
    """
    match = _SEVERAL.match(statement.rstrip(". !"))
    if not match:
        return [statement]
    entity = match["entity"].strip()
    if not entity:
        changed = _CHANGED_THING.search(before)
        entity = changed["entity"] if changed else ""
    pairs = [(match["attribute"], match["value"])]
    pairs += [(one["attribute"], one["value"]) for one in _ONE.finditer(match["more"])]
    found = [" ".join(filter(None, ("The", entity, what.lower(), "is", value))) for what, value in pairs]
    return [*found, match["rest"]] if match["rest"] else found
