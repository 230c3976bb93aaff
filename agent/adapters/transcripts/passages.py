"""Lines of text gathered into one turn, within bounds, and the fences that open and close between them."""

from __future__ import annotations

import re

from agent.adapters.transcripts.reading import Skipped

_LIMIT = 4_000_000
"""Characters that one turn may gather before it is shortened."""
_MARK = re.compile(r" {0,3}(`{3,}(?=[^`]*$)|~{3,})(.*)$")


class Passage:
    """The lines of one turn."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._size = 0

    def add(self, line: str, skipped: Skipped) -> None:
        if self._size > _LIMIT:
            skipped.note("line of an oversized turn")
            return
        self._lines.append(line)
        self._size += len(line) + 1

    def taken(self) -> str:
        """The text so far; the passage is empty afterwards."""
        text = "\n".join(self._lines)
        self._lines.clear()
        self._size = 0
        return text


def fence_after(fence: str, line: str) -> str:
    """The fence that is open after this line, given the one open before it; empty for none."""
    mark = _MARK.match(line)
    if mark is None:
        return fence
    if not fence:
        return mark[1]
    return "" if mark[1].startswith(fence) and not mark[2].strip() else fence
