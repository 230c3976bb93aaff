"""A note: one markdown file with front matter. Read defensively, written so that a person's additions survive."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import frontmatter
import yaml

FRONT_MATTER_BYTES = 65_536
"""Room for the turns of a session of thousands, or a hundred sources of one statement."""
MAX_DEPTH = 5
NOTE_BYTES = 1_000_000
"""How large a note is made; one that is read may be four times as large."""
NUMBER_BITS = 4_096
"""A much longer integer can't be printed."""
MAX_NUMBER = 1e15


class UnreadableNote(ValueError):
    """Front matter that is damaged, too large, too deep, or uses YAML we don't take (aliases, tags)."""


@dataclass(frozen=True, slots=True)
class Note:
    """Path in the vault, front matter in order, and the markdown below it."""

    path: str
    meta: Mapping[str, Any]
    body: str = ""

    def text(self, key: str) -> str:
        """A front matter value as text; empty when absent or of another shape."""
        value = self.meta.get(key)
        return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""

    def number(self, key: str, default: float = 0.0) -> float:
        """A front matter value as a number; the default when absent, of another shape, or beyond any we write."""
        value = self.meta.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= MAX_NUMBER:
            return default
        return float(value)

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.meta.get(key)
        if isinstance(value, str):
            return (value,)
        return tuple(str(v) for v in value if isinstance(v, str | int | float)) if isinstance(value, list) else ()


class _Loader(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):  # type: ignore[misc]
    """YAML without aliases, tags and implicit dates. `CSafeLoader` composes in C, so events are checked first."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class _Dumper(yaml.CSafeDumper if hasattr(yaml, "CSafeDumper") else yaml.SafeDumper):  # type: ignore[misc]
    """Strings that look like dates stay plain, because our loader reads them as strings."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


_Dumper.yaml_implicit_resolvers = _Loader.yaml_implicit_resolvers


class _Handler(frontmatter.YAMLHandler):  # type: ignore[misc]
    def load(self, fm: str, **_: object) -> Any:
        if len(fm.encode("utf-8", "backslashreplace")) > FRONT_MATTER_BYTES:
            raise UnreadableNote(f"front matter over {FRONT_MATTER_BYTES} bytes")
        try:
            _check_events(fm)
            meta = yaml.load(fm, _Loader)  # noqa: S506 - a safe loader with less in it
        except UnreadableNote:
            raise
        except (yaml.YAMLError, ValueError, ArithmeticError, TypeError, LookupError, RecursionError) as error:
            raise UnreadableNote(f"front matter: {(str(error).splitlines() or [repr(error)])[0]}") from error
        if meta is not None and not isinstance(meta, dict):
            raise UnreadableNote("front matter is not a mapping")
        _check_numbers(meta)
        return meta

    def export(self, metadata: dict[str, object], **_: object) -> str:
        return str(yaml.dump(metadata, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)).strip("\n")


def _check_events(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, _Loader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) or getattr(event, "tag", None):
            raise UnreadableNote("aliases, anchors and tags are not read")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise UnreadableNote(f"nested deeper than {MAX_DEPTH}")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _check_numbers(value: Any) -> None:
    if isinstance(value, dict):
        for key, item in value.items():
            _check_numbers(key)
            _check_numbers(item)
    elif isinstance(value, list):
        for item in value:
            _check_numbers(item)
    elif isinstance(value, int) and value.bit_length() > NUMBER_BITS:
        raise UnreadableNote(f"a number is too large: {value.bit_length()} bits")


_HANDLER = _Handler()


def parse(path: str, content: bytes) -> Note:
    """Read a note. Raises UnreadableNote; a file without front matter is a note with an empty one."""
    if len(content) > NOTE_BYTES * 4:
        raise UnreadableNote(f"{path}: larger than {NOTE_BYTES * 4:,} bytes")
    text = content.decode("utf-8", "replace").removeprefix("\ufeff").replace("\r\n", "\n")
    if not text.startswith("---\n"):
        return Note(path, {}, text)
    if len(_HANDLER.FM_BOUNDARY.split(text, 2)) < 3:
        raise UnreadableNote(f"{path}: front matter is not closed")
    try:
        meta, body = frontmatter.parse(text, handler=_HANDLER)
    except UnreadableNote as error:
        raise UnreadableNote(f"{path}: {error}") from error
    return Note(path, {str(k): v for k, v in meta.items()}, body)


def render(note: Note) -> bytes:
    """The file's bytes. Empty values are left out, so that Obsidian shows no blank properties."""
    meta = {k: v for k, v in note.meta.items() if v not in (None, "", [], ())}
    plain = {k: list(v) if isinstance(v, tuple) else v for k, v in meta.items()}
    post = frontmatter.Post(note.body.strip("\n"), handler=_HANDLER, **{})
    post.metadata = plain
    return (str(frontmatter.dumps(post, handler=_HANDLER)).rstrip("\n") + "\n").encode("utf-8", "replace")


_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")


@dataclass(frozen=True, slots=True)
class Section:
    """A `## ` heading and what stands under it."""

    title: str
    text: str


def sections(body: str) -> tuple[str, list[Section]]:
    """The text before the first `## ` heading, and the sections after. Headings inside fences don't count."""
    head: list[str] = []
    found: list[Section] = []
    current: list[str] = head
    title: str | None = None
    fence = ""
    for line in body.split("\n"):
        mark = _FENCE.match(line)
        if mark and not fence:
            fence = mark[1]
        elif mark and mark[1].startswith(fence) and not mark[2].strip():
            fence = ""
        if not fence and line.startswith("## "):
            if title is not None:
                found.append(Section(title, "\n".join(current).strip("\n")))
            title, current = line[3:].strip(), []
        else:
            current.append(line)
    if title is not None:
        found.append(Section(title, "\n".join(current).strip("\n")))
    return "\n".join(head).strip("\n"), found


_RECORD = re.compile(r"^### t\d+ · ", re.MULTILINE)


def sections_kept(body: str, ours: Collection[str]) -> str:
    """The sections of an existing note that are not ours, as markdown: what a person wrote under its own headings.
    A section that holds recorded turns is never one of those, whatever its subject was called."""
    kept = [s for s in sections(body)[1] if s.title not in ours and not _RECORD.search(s.text)]
    return "\n\n".join(f"## {s.title}\n\n{s.text}" for s in kept)


def rewritten(existing: Note | None, new: Note, ours: Collection[str]) -> Note:
    """`new`, with the unknown keys and hand-written sections of the note that stands in its place."""
    if existing is None:
        return new
    if "type" in new.meta and "type" not in existing.meta and existing.body.strip():
        # A file of the person's own that stood here first: all of it is kept.
        return Note(
            new.path, {**existing.meta, **new.meta}, f"{new.body.rstrip()}\n\n## By hand\n\n{existing.body.strip()}"
        )
    meta = {**new.meta, **{k: v for k, v in existing.meta.items() if k not in new.meta}}
    kept = sections_kept(existing.body, ours)
    return Note(new.path, meta, f"{new.body.rstrip()}\n\n{kept}" if kept else new.body)
