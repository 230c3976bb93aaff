"""What a tool call did, told from its name and arguments."""

from __future__ import annotations

import json
import re
import shlex
from typing import Any

from agent.adapters.transcripts.reading import cap, clean, first, mapping, names, rendered, sequence, string
from agent.domain.transcript import Action, Verb

TARGET_LIMIT = 2_000

_WRITE = names(
    """edit write multiedit notebookedit applypatch patch create createfile writefile replace editfile
    editnotebook searchreplace strreplace strreplaceeditor strreplacebasededittool insert inserteditintofile
    replacestringinfile multireplacestringinfile writetofile deletefile delete editnotebookfile movefile
    renamefile update appendtofile"""
)
_RUN = names(
    """bash shell shellcommand localshell execcommand exec execute runshellcommand runcommand
    runterminalcmd runterminalcommand runinterminal terminal command powershell python ipython
    executecommand localshellcall containerexec"""
)
_READ = names(
    """read readfile readmanyfiles readfolder grep glob search find ls list listdir listdirectory listfiles
    view viewimage viewfile open cat websearch webfetch fetch googlewebsearch codebasesearch filesearch
    searchfilecontent searchfiles greptool grepsearch semanticsearch toolsearch notebookread readnotebook
    fetchwebpage readlints websearchcall lsp ripgrep rg"""
)
_FILE_KEYS = (
    "file_path", "path", "filePath", "absolute_path", "notebook_path", "target_file", "filename", "file",
    "target_notebook", "dir_path", "target_directory",
)  # fmt: skip
_COMMAND_KEYS = ("command", "cmd", "script", "code", "input")
_SEARCH_KEYS = ("pattern", "query", "url", "glob_pattern", "search_term", "prompt")

_PATCHED = re.compile(r"^\*\*\* (Add File|Update File|Modify File|Delete File|Move to): (.+)$", re.MULTILINE)
_DIFFED = re.compile(r"^--- .+\n\+\+\+ (?:b/)?(?!/dev/null)(.+)$", re.MULTILINE)
_EXIT_CODE = re.compile(
    r"(?:^|\\n)(?:Exit code|Exit Code|Process exited with code):? (-?\d{1,9})(?:\s*$|\\n)", re.MULTILINE
)
_SHELLS = ("-c", "-lc", "-Command")


def action_of(name: str, arguments: object, ok: bool | None = None) -> Action:
    given = arguments_of(arguments)
    verb = verb_of(name)
    if verb == "write" and given.get("command") == "view":
        verb = "read"
    target = _target(verb, given)
    if verb == "run" and (patched := patched_files(target)) and "apply_patch" in target[:200]:
        verb, target = "write", "\n".join(patched)
    return Action(verb, clean(cap(target, TARGET_LIMIT)), ok)


def verb_of(name: str) -> Verb:
    """What kind of tool this is, by the last part of its name: servers and namespaces come before it."""
    last = re.split(r"__|[.:/]", name)[-1]
    plain = re.sub(r"[^a-z]", "", last.lower())
    if plain in _WRITE:
        return "write"
    if plain in _RUN:
        return "run"
    return "read" if plain in _READ else "other"


def arguments_of(arguments: object) -> dict[str, Any]:
    """Arguments as a mapping: hosts hand them over as an object, as JSON text, or as one bare text."""
    if isinstance(arguments, dict):
        return arguments
    text = string(arguments)
    if text.lstrip().startswith("{"):
        try:
            return mapping(json.loads(text))
        except (ValueError, RecursionError):
            return {"input": text}
    return {"input": text} if text else {}


def patched_files(patch: str) -> list[str]:
    """The files that a patch leaves behind, in order; those it deletes where it does nothing else."""
    kept: list[str] = []
    deleted: list[str] = []
    for done, path in _PATCHED.findall(patch):
        if done == "Move to" and kept:
            kept.pop()
        (deleted if done == "Delete File" else kept).append(path.strip())
    named = kept or deleted or [path.split("\t")[0].strip() for path in _DIFFED.findall(patch)]
    return list(dict.fromkeys(named))


def exit_code(text: str) -> int | None:
    """The exit code a shell tool reported, in the lines its host adds before the output or after it."""
    found = _EXIT_CODE.search(text[:400]) or _EXIT_CODE.search(text[-400:])
    return int(found[1]) if found else None


def _target(verb: Verb, given: dict[str, Any]) -> str:
    if verb == "run":
        return next((line for key in _COMMAND_KEYS if (line := _command(given.get(key)))), "")
    if verb == "write":
        return first(given, *_FILE_KEYS) or "\n".join(patched_files(first(given, "input", "patch", "patchText")))
    if verb == "read":
        return first(given, *_FILE_KEYS) or first(given, *_SEARCH_KEYS)
    return ""


def _command(value: object) -> str:
    words = [rendered(word) for word in sequence(value)]
    if len(words) == 3 and words[1] in _SHELLS:
        return words[2]
    return shlex.join(words) if words else string(value)
