"""What a tool element of a SpecStory history says: which tool, what it did to what, and what it answered.

Every assistant SpecStory records has its own manner, so a file or a command is looked for in each place one of
them puts it: the summary line, a line of its own, a labelled value, a fenced block, the tool's answer.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from agent.adapters.transcripts.actions import TARGET_LIMIT, exit_code, patched_files, verb_of
from agent.adapters.transcripts.reading import cap, names
from agent.domain.transcript import Action, Verb

_HEAD = re.compile(
    r'<tool-use data-tool-type="(?P<type>[^"]*)" data-tool-name="(?P<name>[^"]*)"'
    r'(?: data-edit-status="(?P<status>\w*)")?'
)
_VERBS: dict[str, Verb] = {"shell": "run", "read": "read", "search": "read", "write": "write"}
_BLOCK = re.compile(
    r"^(?P<fence>`{3,}|~{3,})(?P<kind>[^\n`]*)\n(?P<text>.*?)(?:^(?P=fence)[ \t]*$|\Z)", re.MULTILINE | re.DOTALL
)
_SHELLS = names("bash sh zsh fish shell powershell pwsh cmd console")
_LOOKED_AT = 50_000
"""Characters of what stands before the first block in which a target is looked for."""

_INLINE = re.compile(r"^`(.+)`$", re.MULTILINE)
_QUOTED = re.compile(r"`([^`\n]+)`")
_PATH = re.compile(r"\b(?:file_?path|path|target_file|notebook_path|file|url)\b[:=]? ?`([^`\n]+)`", re.IGNORECASE)
_COMMAND = re.compile(r"^- (?:command|cmd|script): `(.+)`$", re.MULTILINE)
_NAMED = re.compile(r"(?:^|• )[A-Z]\w+ (?:file|command): (.+)$", re.MULTILINE)
_FILE = re.compile(r"^File: (.+)$", re.MULTILINE)
_SEARCHED = re.compile(r'"([^"\n]+)"')
_SECTION = re.compile(r"^\*\*(?:Add|Update|Modify|Delete|Move): `([^`\n]+)`\*\*$", re.MULTILINE)
_WRITTEN = re.compile(
    r"The file (.+?) has been (?:updated|created)"
    r"|File created successfully at: (.+?)(?: \(file state .*)?$"
    r"|Success(?:fully\b|\. Updated )",
    re.MULTILINE,
)
_REFUSED = (
    "<tool_use_error>", "The user doesn't want to ", "[Request interrupted by user", "Permission to use ",
    "Claude requested permissions to ", "This command requires approval", "Error calling tool",
)  # fmt: skip
_BACKGROUND = "Command running in background"


@dataclass(frozen=True, slots=True)
class ToolElement:
    """One call and its answer."""

    name: str
    text: str
    action: Action


@dataclass(frozen=True, slots=True)
class _Parts:
    """An element taken apart."""

    about: str
    """What stands before the first block: the end of the summary line, a description, labelled values."""
    command: str
    """The first block, where it holds a command."""
    output: str
    """The blocks after that: what was written, what the tool answered."""
    answer: str
    """The last block."""
    inner: str
    """All of it, without the markup around."""


def tool_element(text: str) -> ToolElement:
    """The tool element that is all of `text`; its end may be missing."""
    head = _HEAD.match(text)
    name = head["name"] if head else "tool"
    verb = _VERBS.get(head["type"], verb_of(name)) if head else "other"
    parts = _parted(text, verb)
    target = cap(_target(verb, parts), TARGET_LIMIT)
    shown = parts.output if parts.output or target else parts.about
    ok = _ok(name, verb, parts, head["status"] if head else None)
    return ToolElement(name, shown, Action(verb, target, ok))


def _parted(text: str, verb: Verb) -> _Parts:
    summary, _, body = text.partition("<summary>")[2].partition("</summary>")
    summary = summary.partition("**")[2].partition("**")[2] if "**" in summary else summary
    for closing in ("</tool-use>", "</details>"):
        body = body.rstrip().removesuffix(closing)
    first = _BLOCK.search(body)
    before = body[: first.start()] if first else body
    about = f"{summary.strip()}\n{before}".strip()
    rest = body[len(before) :]
    command = ""
    if first and verb == "run" and first["kind"].strip() in _SHELLS and not _INLINE.search(about[:_LOOKED_AT]):
        command = first["text"].strip("\n")
        rest = body[first.end() :]
    blocks = list(_BLOCK.finditer(rest))
    output = rest[blocks[0].start("text") :].rstrip().removesuffix(blocks[0]["fence"]) if blocks else ""
    answer = blocks[-1]["text"] if blocks else ""
    return _Parts(about, command, output.rstrip(), answer, f"{summary}\n{body}")


def _target(verb: Verb, parts: _Parts) -> str:
    about = parts.about[:_LOOKED_AT]
    if verb == "run":
        return parts.command or _command(about)
    if verb == "write":
        return "\n".join(dict.fromkeys(_written(about, parts)))
    return _path(about) or _first(_SEARCHED, about) if verb == "read" else ""


def _command(about: str) -> str:
    lines = _INLINE.findall(about)
    if lines:
        return str(lines[-1])
    if stated := _first(_COMMAND, about) or html.unescape(_first(_NAMED, about)):
        return stated
    quoted = _QUOTED.findall(about)
    return quoted[-1] if quoted else ""


def _path(about: str) -> str:
    return _first(_PATH, about) or _first(_QUOTED, about) or html.unescape(_first(_NAMED, about))


def _written(about: str, parts: _Parts) -> list[str]:
    """Every file that a call wrote, in order."""
    if sections := _SECTION.findall(parts.inner):
        return [str(path) for path in sections]
    if path := _path(about) or _first(_FILE, about):
        return [path]
    answered = _WRITTEN.match(parts.answer)
    if answered and (path := answered[1] or answered[2]):
        return [path]
    return patched_files(parts.output)


def _first(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found[1].strip() if found else ""


def _ok(name: str, verb: Verb, parts: _Parts, status: str | None) -> bool | None:
    if status:
        return status == "accepted"
    if parts.output.startswith(_REFUSED) or parts.answer.startswith(_REFUSED):
        return False
    if verb == "write" and _WRITTEN.match(parts.answer):
        return True
    return _ran(name, parts.output) if verb == "run" else None


def _ran(name: str, output: str) -> bool | None:
    """Whether a command succeeded. Claude Code, whose tool is called Bash, tells the exit code of failures only."""
    code = exit_code(output)
    if code is not None:
        return code == 0
    return True if name == "Bash" and output and not output.startswith(_BACKGROUND) else None
