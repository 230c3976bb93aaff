"""Tells a name from a piece of a sentence: `error and skip` goes on to do something, `tool in the` breaks off."""

from __future__ import annotations

from typing import Final

from agent.stages.reading import phrases

_PREPOSITIONS: Final = frozenset("at by for from in of on to vs with".split())
_ARTICLES: Final = frozenset("a an the".split())
_ACTS: Final = phrases.COMMANDS | frozenset("set get do be have use see check ask read open close print".split())


def names_something(text: str, whole: bool) -> bool:
    """Whether a run of words can stand as a name. `whole`: somewhere no telling word stood right before or after."""
    tokens = [token.lower() for token in text.split()]
    inner = [at for at in range(1, len(tokens) - 1) if tokens[at] in phrases.INNER]
    if any(tokens[at] in _ARTICLES and tokens[at - 1] not in phrases.INNER for at in inner):
        return False
    if any(tokens[at] in ("to", "and") and tokens[at + 1] in _ACTS for at in inner):
        return False
    return whole or not any(tokens[at] in _PREPOSITIONS | {"and"} for at in inner)
