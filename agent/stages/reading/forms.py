"""Reads the form of a text, not its meaning: code and log lines, what a page or a tool printed, work with tools."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from agent.domain.transcript import Turn
from agent.stages.reading.sieve import Sieved
from agent.stages.reading.words import STOP, tokens

_QUOTED_CODE = re.compile(r"`[^`]*`|https?://\S+")
_MARKS = re.compile(r"[{}\[\];=<>|\\@$%^&*_+~]|->|::|\w\.?\w\(|\)\.|(?<!\w)[./~]*/\w|\w/\w")
_CODE_LINE = re.compile(
    r"\s*[+-]?\s*(?://|/\*|\*/|#!|#\s*(?:include|define|noqa|type:)|--\s\w+\s*=|;;)|\s*[+-](?=[a-z]+\s*[({=.])|"
    r"\s*[\w.]+ ?[:+-]?= ?\S*[(\[{\"']"
)
_COMMAND = re.compile(
    r"\s*(?:\$|%|❯|➜|PS [A-Z]:)\s|\s*(?:sudo|cd|ls|cat|git|npm|npx|pnpm|yarn|pip3?|uv|cargo|docker|kubectl|make|curl|"
    r"python3?|pytest|node|go|brew|apt(?:-get)?|tar|chmod|export|ssh|"
    r"\.?/[\w.-]+/[\w./-]+)(?: [\w./@:=-]+)* (?:-{1,2}\w|[\w.-]*/)"
)
_PATH = re.compile(r"\s*@?(?:[A-Za-z]:|~|\.{1,2})?(?:[\w.@+-]*[/\\])+[\w.@+-]*\s*$")
_MARK_SHARE: Final = 0.06
_TALK_SHARE: Final = 0.25
"""Least share of small words (the, of, is, I) in a line of talk; code and printed labels have next to none."""
_SPOKEN = Sieved(r"\b(?:I|I['’]\w+|we|we['’]\w+|my|our|me|us|you|your|let['’]s|please)\b")
_PRINTED: Final = 5
"""Fewest lines of a turn that can be something printed and handed over."""
_CODE_IN_TALK = re.compile(
    r"```|^(?:<{5,}|@@ |diff --git)|\b\w+_\w+\(|\b[\w/-]+\.(?:py|js|tsx?|go|rs|java|rb|c|cpp|h|sh|toml|ya?ml|"
    r"json|sql|css|html)\b|"
    r"(?:^|\s)--[a-z][\w-]+|`\w+(?:[_.(/-]\w*)+",
    re.MULTILINE,
)
_WORK_SHARE: Final = 0.25
_CODE_TURNS: Final = 2
_TOOL_TURNS: Final = 4


def is_code(line: str) -> bool:
    """Whether a line is code, a command or a path: more marks than words, and none of the small words of talk."""
    if _CODE_LINE.match(line) or _PATH.match(line):
        return True
    bare = _QUOTED_CODE.sub("x", line)
    spoken = talk_share(bare)
    if _COMMAND.match(bare):
        return spoken < _TALK_SHARE
    return spoken < _TALK_SHARE and len(_MARKS.findall(bare)) > _MARK_SHARE * len(bare.strip())


def talk_share(line: str) -> float:
    """The share of small words among the words of a line."""
    words = tokens(line)
    return sum(map(STOP.__contains__, words)) / len(words) if words else 0.0


def is_printed(lines: Sequence[str]) -> bool:
    """Whether lines were printed by a page or a tool, not typed: most have no sentence's small words and nobody
    speaks in them."""
    told = [line for line in lines if line.strip()]
    if len(told) < _PRINTED:
        return False
    return sum(talk_share(line) < _TALK_SHARE and not _SPOKEN.search(line) for line in told) > len(told) / 2


def speaks(line: str) -> bool:
    """Whether somebody speaks or is spoken to in a line."""
    return bool(_SPOKEN.search(line))


def at_work(turns: Sequence[Turn]) -> bool:
    """Whether a conversation is work with tools or on code, where numbers, names and paths are everywhere."""
    if any(turn.action and turn.action.verb in ("write", "run") for turn in turns):
        return True
    spoken = [turn for turn in turns if turn.role in ("user", "assistant")]
    tools = sum(turn.role == "tool" for turn in turns)
    touched = sum(bool(_CODE_IN_TALK.search(turn.text)) for turn in spoken)
    share = _WORK_SHARE * len(spoken)
    return touched >= max(_CODE_TURNS, share) or tools + touched >= max(_TOOL_TURNS, share)
