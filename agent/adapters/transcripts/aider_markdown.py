"""Aider chat histories: markdown in which the prefix of a line says who speaks. One file holds many chats."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from agent.adapters.transcripts.actions import TARGET_LIMIT
from agent.adapters.transcripts.conversation import Conversation
from agent.adapters.transcripts.passages import Passage
from agent.adapters.transcripts.reading import FileReader, Skipped, cap, text_lines, timestamp
from agent.domain.transcript import Action, Transcript

_HISTORY = ".aider.chat.history.md"
"""Where Aider keeps its chats: in the project's folder."""
_START = re.compile(r"# aider chat started at (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\s*$")
_EDITED = re.compile(r"^Applied edit to (.+?)\s*$", re.MULTILINE)
_RUNNING = re.compile(r"^Running (.+?)\s*$", re.MULTILINE)
_REMOVED = re.compile(r"^Removed: ([0-9a-f]{7,40})\b", re.MULTILINE)
_ASKING = re.compile(r"/(?:ask|code|architect|context|help)\s+(?=\S)")
_COMMAND = re.compile(r"(?:/[a-z-]+(?: [^\n]*)?|!\S[^\n]*)$")
_SHELL = re.compile(r"(?:/(?:run|test) |/(?=git )|!|(?=/commit\b))(.+)$")
_OFFER = re.compile(r"Add .{1,60} to the chat\?$")
_INSTRUCTED = re.compile(r"\(y/n/instructions\):? (?!(?:y|n|yes|no)\s*$)")
_NOTHING = "<blank>"
"""What Aider writes where the person typed nothing."""
_TYPED = "#### "
_TOLD = "> "
_LINE_BREAK = "  "
"""How Aider ends what it writes itself; the assistant's headings and quotes have no such ending."""


class AiderMarkdown(FileReader):
    format = "aider_markdown"

    def fits(self, head: bytes) -> bool:
        lines = head.decode("utf-8", "replace").splitlines()
        if any(_START.match(line) for line in lines):
            return True
        launched = any(line.startswith(("> $ aider", "> Aider v")) for line in lines)
        return launched and any(line.startswith("#### ") for line in lines)

    def read(self, path: Path) -> Iterator[Transcript]:
        ending = _ending(text_lines(path, Skipped()))
        skipped = Skipped()
        chat = _Chat(Conversation("aider", self.format, path), ending)
        for line in text_lines(path, skipped):
            if start := _START.match(line):
                if chat.begun:
                    yield chat.ended(skipped)
                chat = _Chat(Conversation("aider", self.format, path), ending, start[1])
            else:
                chat.take(line)
        yield chat.ended(skipped)


def _ending(lines: Iterable[str]) -> str:
    """How lines of the person and of tools end in this file: editors may have taken the line breaks out."""
    return _LINE_BREAK if any(x.startswith(_TYPED) and x.endswith(_LINE_BREAK) for x in lines) else ""


class _Chat:
    """One chat: gathers lines of the same speaker into turns."""

    def __init__(self, conversation: Conversation, ending: str, start: str = "") -> None:
        self._conversation = conversation
        self._ending = ending
        self._when = timestamp(start)
        self._passage = Passage()
        self._speaker = ""
        self._asked = ""
        self._command = ""
        self._unended = False
        self._offered = False
        self.begun = bool(start)
        conversation.id = start.replace(" ", "T")
        if conversation.source.name == _HISTORY:
            conversation.cwd = str(conversation.source.absolute().parent)

    def take(self, line: str) -> None:
        self.begun = self.begun or bool(line.strip())
        speaker, text = self._told(line)
        if speaker != self._speaker:
            self._say()
            self._speaker = speaker
        self._passage.add(text, self._conversation.skipped)

    def ended(self, skipped: Skipped) -> Transcript:
        self._say()
        self._conversation.skipped.update(skipped)
        skipped.clear()
        return self._conversation.transcript()

    def _told(self, line: str) -> tuple[str, str]:
        """Who speaks in a line, and what. A blank line ends what a person or a tool said."""
        offered, self._offered = self._offered, False
        for prefix, speaker in ((_TYPED, "user"), (_TOLD, "tool")):
            if line.startswith(prefix) and line.endswith(self._ending):
                self._unended = False
                return speaker, line[len(prefix) :].rstrip()
        if offered and (instructed := _INSTRUCTED.match(line)):
            self._unended = False
            return "user", line[instructed.end() :].rstrip()
        if self._unended or self._begins_output(line):
            return "tool", self._output(line)
        if line.strip() or self._speaker == "assistant":
            return "assistant", line
        return "", ""

    def _begins_output(self, line: str) -> bool:
        """Only the first line of a longer output is marked. Unlike an answer it follows without a blank line."""
        if not line.strip() or not self._ending:
            return False
        return self._speaker == "tool" or (self._speaker == "user" and line.startswith(_TOLD))

    def _output(self, line: str) -> str:
        if not self._unended and line.startswith(_TOLD):
            line = line.removeprefix(_TOLD)
            self._offered = bool(_OFFER.match(line))
        self._unended = not (line.strip() and line.endswith(self._ending))
        return line.rstrip()

    def _say(self) -> None:
        """The chat's date goes to the first of its turns, which a command isn't."""
        text = self._passage.taken()
        told = bool(text.strip())
        if self._speaker == "user":
            told = self._user(text.strip(), self._when)
        elif self._speaker == "assistant":
            self._conversation.assistant(text, self._when)
        elif self._speaker == "tool":
            self._conversation.tool("aider", text.strip(), _action(text, self._command), self._when)
            self._command = ""
        if told:
            self._when = None

    def _user(self, text: str, when: datetime | None) -> bool:
        """Whether it is a turn. A command that asks something is followed by the question alone: one turn, not two."""
        asked = _ASKING.match(text)
        words = text[asked.end() :] if asked else text
        said = words != self._asked
        self._command = ""
        self._asked = words if asked else ""
        if asked is None and _COMMAND.match(text):
            self._command = text
            self._conversation.skipped.note("command")
            return False
        if text == _NOTHING:
            self._conversation.skipped.note("blank")
            return False
        if said:
            self._conversation.user(words, when)
        return said


def _action(text: str, command: str) -> Action:
    """What a tool did: the files it edited, one a line, the commits that /undo took back, or the command it ran."""
    if edited := _EDITED.findall(text):
        return Action("write", cap("\n".join(dict.fromkeys(edited)), TARGET_LIMIT), True)
    if removed := _REMOVED.findall(text):
        return Action("run", f"/undo {' '.join(removed)}", True)
    if running := _RUNNING.search(text):
        return Action("run", cap(running[1], TARGET_LIMIT))
    shell = _SHELL.match(command)
    return Action("run", cap(shell[1], TARGET_LIMIT)) if shell else Action("other", "")
