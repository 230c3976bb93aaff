"""What a person wrote into the vault and did not commit: kept in a commit of its own, before closer writes there."""

from __future__ import annotations

from collections.abc import Iterable

from agent.closing import follow
from agent.domain.markdown import one_line
from agent.domain.note import Note, UnreadableNote, parse, render, sections
from agent.ports import Doors
from agent.stages import index

BY_HAND = "By hand"


def keep(doors: Doors, paths: Iterable[str]) -> list[str]:
    """Commit the person's versions of these files, if any differ from HEAD. Returns their paths; the plan that was to
    write them must be made anew. Raises VaultMoved."""
    edited = doors.vault.edited(list(paths))
    if not edited:
        return []
    committed = doors.vault.read(list(edited))
    files: dict[str, bytes | None] = {
        path: _clean(doors, _gathered(path, content, committed.get(path))) for path, content in edited.items()
    }
    names = "".join(f"- {one_line(path, 200)}\n" for path in sorted(edited))
    commit = doors.vault.commit(files, f"Keep what was written by hand\n\n{names}", doors.vault.head())
    doors.vault.checkout(files, edited)
    doors.registry.record("vault.handEdits", None, {"commit": commit, "paths": sorted(edited)})
    follow.catch_up(doors, placed=True)
    return sorted(edited)


def _clean(doors: Doors, content: bytes) -> bytes:
    found = doors.redactor.redact(content.decode("utf-8", "replace"))
    return found.text.encode() if found.counts else content


def _gathered(path: str, content: bytes, committed: bytes | None) -> bytes:
    """A page closer rewrites, with the lines a person added between ours moved under a heading of the person's own."""
    try:
        mine, theirs = parse(path, committed or b""), parse(path, content)
    except UnreadableNote:
        return content
    if mine.text("type") not in ("memory", "subject"):
        return content
    head, found = sections(theirs.body)
    before = set(mine.body.split("\n"))
    ours = [head, *(s.text for s in found if s.title in index.OURS)]
    added = [line for text in ours for line in text.split("\n") if line.strip() and line not in before]
    if not added:
        return content
    own = [s for s in found if s.title not in (*index.OURS, BY_HAND)]
    noted = next((s.text for s in found if s.title == BY_HAND), "")
    listed = "\n".join(part for part in (noted, *added) if part)
    kept = [*(f"## {s.title}\n\n{s.text}" for s in own), f"## {BY_HAND}\n\n{listed}"]
    rest = sections(mine.body)
    body = "\n\n".join([rest[0], *(f"## {s.title}\n\n{s.text}" for s in rest[1] if s.title in index.OURS), *kept])
    return render(Note(path, theirs.meta, body))
