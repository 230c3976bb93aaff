"""One conversation while it is read: turns in order, calls waiting for their results, all within bounds."""

from __future__ import annotations

import hashlib
from collections import defaultdict, deque
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from agent.adapters.transcripts.actions import action_of
from agent.adapters.transcripts.injected import own_words, without_briefs
from agent.adapters.transcripts.reading import Skipped, cap, clean, label
from agent.domain.session import SessionKey
from agent.domain.transcript import Action, Role, Transcript, Turn

SPEECH_LIMIT = 60_000
TOOL_LIMIT = 4_000
TOTAL_LIMIT = 32_000_000
TURN_LIMIT = 200_000

COMPACTION = "compaction summary"
"""The name of a turn that a host put in place of what it no longer shows its assistant."""

_SQUEEZES: tuple[tuple[int, tuple[Role, ...]], ...] = (
    (200, ("tool",)),
    (2_000, ("user", "assistant", "tool", "system")),
    (100, ("user", "assistant", "tool", "system")),
)
"""What is shortened, in this order, when a conversation outgrows TOTAL_LIMIT: to how much, and whose."""


class Conversation:
    """Takes what a reader finds, in the order of the file, and makes a transcript of it."""

    def __init__(self, host: str, format: str, source: Path) -> None:
        self.host = host
        self.format = format
        self.source = source
        self.id = ""
        self.cwd = ""
        self.title = ""
        self.skipped = Skipped()
        self._turns: list[Turn | None] = []
        self._cut: set[int] = set()
        self._size = 0
        self._calls: defaultdict[str, deque[int]] = defaultdict(deque)
        self._message: tuple[str, int] | None = None
        self._first_words = ""

    def user(self, text: str, when: datetime | None = None, name: str | None = None) -> None:
        """Add what the person said, without what the host put into it."""
        words = own_words(self.host, text)
        if words:
            self._message = None
            self._first_words = self._first_words or clean(words[:SPEECH_LIMIT])
            self._add(Turn("user", words, name, when))
        elif text.strip():
            self.skipped.note("injected")

    def assistant(self, text: str, when: datetime | None = None, name: str | None = None, message: str = "") -> None:
        """Add what the assistant said; pieces of the same `message` become one turn."""
        said = without_briefs(text).strip()
        if not said:
            return
        if message and self._message and self._message[0] == message:
            self._join(self._message[1], said)
        elif (at := self._add(Turn("assistant", said, name, when))) is not None and message:
            self._message = (message, at)

    def system(self, text: str, when: datetime | None = None, name: str | None = None) -> None:
        if said := without_briefs(text).strip():
            self._add(Turn("system", said, name, when))

    def compaction(self, text: str, when: datetime | None = None) -> None:
        """Add the host's own summary of what came before: evidence, and nobody's words."""
        self.system(text, when, COMPACTION)

    def call(self, id: str, name: str, arguments: object, when: datetime | None = None, text: str = "") -> None:
        """Note a tool call. It stands here until its result arrives, and then there."""
        at = self._add(Turn("tool", text, label(name, 80) or "tool", when, action=action_of(name, arguments)))
        if at is not None:
            self._calls[id].append(at)

    def result(self, id: str, text: str, ok: bool | None = None, when: datetime | None = None, name: str = "") -> None:
        """Add the result of a call; of the oldest open one where the record gives no id."""
        output = without_briefs(text).strip("\n")
        waiting = self._calls.get(id)
        call = self._take(waiting.popleft()) if waiting else None
        if call is None or call.action is None:
            action = action_of(name, None, ok)
            self._add(Turn("tool", output, label(name, 80) or "tool", when, action=action))
        else:
            whole = "\n".join(part for part in (call.text, output) if part)
            action = replace(call.action, ok=ok)
            self._add(replace(call, text=whole, when=when or call.when, action=action))

    def tool(self, name: str, text: str, action: Action | None, when: datetime | None = None) -> None:
        """Add what a tool said, where the record has no call that its result could be matched with."""
        self._add(Turn("tool", without_briefs(text).strip("\n"), name, when, action=action))

    def is_open(self, id: str) -> bool:
        """Whether a call with this id waits for its result."""
        return bool(self._calls.get(id))

    def rewind(self, user_turns: int) -> None:
        """Take back the last so many user turns and everything after the earliest of them."""
        spoken = [at for at, turn in enumerate(self._turns) if turn and turn.role == "user"]
        if user_turns < 1 or not spoken:
            return
        for at in range(spoken[-min(user_turns, len(spoken))], len(self._turns)):
            if self._take(at):
                self.skipped.note("rewound branch")

    def transcript(self) -> Transcript:
        turns = [turn for turn in self._turns if turn]
        return Transcript.of(
            SessionKey(self.host, label(self.id, 200) or self._derived_id(turns)),
            turns,
            source=str(self.source),
            format=self.format,
            cwd=label(self.cwd, 4_000) or None,
            title=label(self.title, 300) or None,
            skipped=dict(self.skipped),
            shortened=sum(self._turns[at] is not None for at in self._cut),
        )

    def _derived_id(self, turns: list[Turn]) -> str:
        """An id from the conversation's beginning: it stays the same as the conversation grows."""
        began = next((turn.when.isoformat() for turn in turns if turn.when), "")
        return hashlib.sha256(f"{began}\n{self._first_words}".encode()).hexdigest()[:32]

    def _add(self, turn: Turn) -> int | None:
        if len(self._turns) >= TURN_LIMIT:
            self.skipped.note(f"turn beyond {TURN_LIMIT:,}")
            return None
        self._turns.append(None)
        at = len(self._turns) - 1
        self._put(at, turn, TOOL_LIMIT if turn.role == "tool" else SPEECH_LIMIT)
        if self._size > TOTAL_LIMIT:
            self._squeeze()
        return at

    def _put(self, at: int, turn: Turn, limit: int) -> None:
        if len(turn.text) > limit:
            self._cut.add(at)
        old = self._turns[at]
        new = replace(turn, text=clean(cap(turn.text, limit)))
        self._size += _weight(new) - (_weight(old) if old else 0)
        self._turns[at] = new

    def _take(self, at: int) -> Turn | None:
        turn = self._turns[at]
        if turn:
            self._turns[at] = None
            self._size -= _weight(turn)
        return turn

    def _join(self, at: int, text: str) -> None:
        turn = self._turns[at]
        if turn:
            self._put(at, replace(turn, text=f"{turn.text}\n\n{text}"), SPEECH_LIMIT)

    def _squeeze(self) -> None:
        """Shorten turns until half the limit is free again, so that this happens seldom."""
        for limit, roles in _SQUEEZES:
            for at, turn in enumerate(self._turns):
                if turn and turn.role in roles and len(turn.text) > limit:
                    self._put(at, turn, limit)
                    if self._size <= TOTAL_LIMIT // 2:
                        return


def _weight(turn: Turn) -> int:
    return len(turn.text) + (len(turn.action.target) if turn.action else 0)
