"""The pieces of words that a pattern can't do without, read from the pattern itself.

`\\b(?:my|our) (?:\\w+ )?plans?\\b` matches no text that hasn't the word `my` or `our`, and a word that begins with
`plan`. What isn't understood needs nothing: a pattern may need less than it could, never more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

Piece = str
"""Letters in a row, in lower case; a space before or behind them stands for the beginning or the end of a word."""
Clause = frozenset[Piece]
"""Every match holds one of these."""

DIGIT: Piece = "#"
"""Stands for any digit."""
_TOKEN = re.compile(
    r"(?P<open>\((?!\?)|\(\?(?:P<\w+>|:))|(?P<look>\(\?<?[=!])|(?P<close>\))|(?P<other>\|)"
    r"|(?P<letters>[A-Za-z0-9_]+(?![*+?{]))|(?P<times>(?:[*+?]|\{(?:\d+(?:,\d*)?|,\d+)\})\??)"
    r"|(?P<set>\[\^?\]?(?:\\.|[^\]\\])*\])|(?P<escape>\\.)|(?P<char>.)",
    re.DOTALL,
)
_EDGES = frozenset((r"(?!\w)", r"(?<!\w)", r"(?=\W)", r"(?<=\W)", r"\b", r"\A", r"\Z", "^", "$"))
"""What stands only where no word goes on: on one side of it at most there is a letter."""
_BETWEEN_WORDS = re.compile(r"\[(?!\^)(?:\\[sW]|\\[^\w]|[^\w\\-]|-(?=\]))*\]")
"""A set without letters, digits and ranges."""
_MOST = 2
"""Of several alternatives, so many clauses each are looked for."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A stretch of a pattern: letters in a row, one character, a set, a group, or a place, which has no length."""

    letters: str = ""
    """What it is, letter by letter; empty where it can be several things."""
    apart: bool = False
    """It is characters no word has."""
    edge: bool = False
    """It is a place where no word goes on."""
    place: bool = False
    """It is a condition on what stands around it."""
    ways: tuple[tuple[_Part, ...], ...] = ()
    """What a group can be."""
    optional: bool = False
    repeated: bool = False


def needs(pattern: str) -> list[Clause]:
    """What every match of the pattern, in whichever case, holds: a piece out of each of these.

    Raises ValueError for a pattern with a construct that isn't known here (a back reference, a flag of its own).
    """
    tokens = list(_TOKEN.finditer(pattern))
    ways, end = _ways(tokens, 0)
    if end != len(tokens):
        raise ValueError(f"unbalanced pattern {pattern!r}")
    return _clauses((_Part(ways=ways),), left=False, right=False)


def _ways(tokens: Sequence[re.Match[str]], at: int) -> tuple[tuple[tuple[_Part, ...], ...], int]:
    """The alternatives from a token on, and the place of the token that closes them."""
    ways: list[list[_Part]] = [[]]
    while at < len(tokens) and tokens[at].lastgroup != "close":
        token = tokens[at]
        if token.lastgroup == "other":
            ways.append([])
        elif token.lastgroup == "times":
            ways[-1].append(_times(ways[-1].pop(), token[0]))
        elif token.lastgroup in ("open", "look"):
            inner, end = _ways(tokens, at + 1)
            if end == len(tokens):
                raise ValueError(f"unbalanced pattern {token.string!r}")
            whole = token.string[token.start() : tokens[end].end()]
            ways[-1].append(_Part(ways=inner) if token.lastgroup == "open" else _place(whole))
            at = end
        else:
            ways[-1].append(_part(token))
        at += 1
    return tuple(map(tuple, ways)), at


def _times(part: _Part, times: str) -> _Part:
    if part.optional or part.repeated:
        raise ValueError(f"unknown construct {times!r} behind another")
    optional = times[0] in "*?" or times.startswith(("{0", "{,"))
    return _Part(part.letters, part.apart, part.edge, part.place, part.ways, optional, times[0] != "?")


def _place(condition: str) -> _Part:
    return _Part(edge=condition in _EDGES, place=True)


def _part(token: re.Match[str]) -> _Part:
    text = token[0]
    if text in _EDGES or text == r"\B":
        return _place(text)
    if token.lastgroup == "set":
        return _Part(apart=_BETWEEN_WORDS.fullmatch(text) is not None)
    if text == r"\d":
        return _Part(DIGIT)
    if token.lastgroup == "escape" and text[1].isalnum():
        if text[1] not in "wWsSDn":
            raise ValueError(f"unknown construct {text!r} in pattern {token.string!r}")
        return _Part(apart=text in (r"\s", r"\W"))
    if text == "(":
        raise ValueError(f"unknown construct at {token.start()} of pattern {token.string!r}")
    if token.lastgroup == "letters":
        return _Part(text.lower())
    return _Part(apart=text != "." and not (text[-1].isalnum() or text[-1] == "_"))


def _clauses(parts: tuple[_Part, ...], *, left: bool, right: bool) -> list[Clause]:
    """What every match of a sequence holds. `left`, `right`: no word goes on before it, behind it."""
    found = [frozenset({piece}) for piece in _pieces(parts, left, right)]
    for at, part in enumerate(parts):
        if not part.ways or part.optional:
            continue
        before = not part.repeated and _apart(parts[:at][::-1], left, -1)
        behind = not part.repeated and _apart(parts[at + 1 :], right, 1)
        found += _either([_clauses(way, left=before, right=behind) for way in part.ways])
    return found


def _either(ways: Sequence[list[Clause]]) -> list[Clause]:
    """What one of several ways needs, whichever it is: first the rarest clause of each, then the next."""
    if len(ways) == 1:
        return ways[0]
    ranked = [sorted(clauses, key=_commonness)[:_MOST] for clauses in ways]
    most = max(map(len, ranked)) if all(ranked) else 0
    return [frozenset().union(*(clauses[min(rank, len(clauses) - 1)] for clauses in ranked)) for rank in range(most)]


def _commonness(clause: Clause) -> float:
    """How many texts, roughly, hold one of its pieces: the longer they are and the fewer, the less."""
    return sum(0.5 ** len(piece) for piece in clause)


def _pieces(parts: tuple[_Part, ...], left: bool, right: bool) -> Iterator[Piece]:
    for at, part in enumerate(parts):
        if part.optional or not part.letters:
            continue
        if part.letters == DIGIT:
            yield DIGIT
            continue
        before, behind = _apart(parts[:at][::-1], left, -1), _apart(parts[at + 1 :], right, 1)
        yield f"{' ' * before}{part.letters}{' ' * behind}"


def _apart(parts: Sequence[_Part], beyond: bool, step: int) -> bool:
    """Whether no word goes on into these parts, of which the nearest comes first; `beyond`: nor into what follows.

    `step`: 1 where they are read forwards, -1 where backwards.
    """
    for at, part in enumerate(parts):
        if part.edge and not part.optional:
            return True
        if part.place:
            continue
        if part.ways:
            rest = _apart(parts[at + 1 :], beyond, step)
            apart = all(_apart(way[::step], rest, step) for way in part.ways)
        else:
            apart = part.apart
        if not (apart and part.optional):
            return apart
    return beyond
