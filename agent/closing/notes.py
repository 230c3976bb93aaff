"""From decisions and subjects to the files of one commit, keeping what a person wrote into them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from agent.closing.deciding import Deciding
from agent.domain import episode_note, fragment_note, layout, summary_note
from agent.domain.decision import Decision
from agent.domain.fragment import Fragment
from agent.domain.markdown import moment
from agent.domain.note import Note, UnreadableNote, parse, render, rewritten
from agent.domain.scan import ScanReport
from agent.domain.session import Scope, SessionKey
from agent.domain.subject import Subject, Summary
from agent.ports import Doors
from agent.stages import index
from agent.stages.intake import Intake

_LISTED = ("preference", "decision", "correction", "fact")
"""The classes of statements that `MEMORY.md` lists; what is to be done is on the pages of its subjects."""
_AGAIN, _OFTEN = 0.1, 5
"""What each further sighting adds to the worth of a statement, and how many do."""
_RULE = 0.2
"""What a preference, decision or correction is worth more than a fact."""


@dataclass
class Notes:
    """The notes one operation writes, and the contents they take the place of."""

    doors: Doors
    when: datetime
    made: dict[str, Note] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    ours: dict[str, tuple[str, ...]] = field(default_factory=dict)
    caught: Counter[str] = field(default_factory=Counter)
    """Secrets, by kind, that only the last look found."""

    def put(self, note: Note, ours: Sequence[str]) -> None:
        """Write this note; `ours` are the headings that are closer's to rewrite."""
        self.made[note.path] = note
        self.ours[note.path] = tuple(ours)
        self.gone.discard(note.path)

    def remove(self, path: str) -> None:
        self.made.pop(path, None)
        self.gone.add(path)

    def files(self) -> dict[str, bytes | None]:
        """Contents by path, with what a person wrote into the notes they take the place of."""
        paths = list(self.made)
        committed = self.doors.vault.read(paths)
        found: dict[str, bytes | None] = {}
        for path, note in self.made.items():
            existing = _parsed(path, committed.get(path))
            content = self._checked(render(rewritten(existing, note, self.ours[path])))
            if content != committed.get(path):
                found[path] = content
        found.update(dict.fromkeys(self.gone))
        return found

    def _checked(self, content: bytes) -> bytes:
        """The last look before git: what intake should have caught, or a person wrote by hand, is taken out here."""
        found = self.doors.redactor.redact(content.decode("utf-8"))
        self.caught.update(found.counts)
        return found.text.encode("utf-8")


def _parsed(path: str, content: bytes | None) -> Note | None:
    if content is None:
        return None
    try:
        return parse(path, content)
    except UnreadableNote:
        # Damaged by hand: its front matter can't be merged, its words can.
        return Note(path, {}, content.decode("utf-8", "replace"))


def fragments(
    notes: Notes, deciding: Deciding, episodes: Mapping[str, str], subjects: Sequence[Subject] = ()
) -> dict[str, str]:
    """Write what was decided. Returns the path of every fragment that stands after it, by id."""
    final = {d.fragment.id for d in deciding.decisions if d.kind != "skip"}
    final |= {f.id for d in deciding.decisions if d.other and d.kind == "update" for f in (d.other, *d.twins)}
    final |= {d.heir.id for d in deciding.decisions if d.heir}
    paths = dict(deciding.paths)
    linked = {d.fragment.id: d.neighbours for d in deciding.decisions if d.kind == "add"}
    known = dict(episodes)
    for ident in sorted(final):
        item = deciding.standing[ident]
        known |= _episodes(notes.doors, item, known)
        # A session closed late, from a backlog, doesn't make what was said since any older.
        updated = max(item.updated or notes.when, notes.when)
        item = replace(item, created=item.created or notes.when, updated=updated)
        if not item.tags:
            item = replace(item, tags=_tags(item, subjects))
        paths.setdefault(ident, fragment_note.path_for(item, notes.when))
        deciding.standing[ident] = item
    for ident in sorted(final):
        beside = {paths[n]: deciding.standing[n].statement for n in linked.get(ident, ()) if n in paths}
        note = fragment_note.to_note(deciding.standing[ident], paths[ident], episodes=known, related=beside)
        # An existing note's links to its neighbours stay as they are.
        notes.put(note, fragment_note.OURS if ident in linked else (fragment_note.EVIDENCE,))
    return paths


def _episodes(doors: Doors, item: Fragment, known: Mapping[str, str]) -> dict[str, str]:
    """Where the episodes of the sessions a fragment cites are, as far as they were closed."""
    cited = {str(s.session): doors.catalogue.session(s.session) for s in item.sources if str(s.session) not in known}
    return {key: session.episode for key, session in cited.items() if session is not None}


def _tags(item: Fragment, subjects: Sequence[Subject]) -> tuple[str, ...]:
    said = {t for s in item.sources for t in s.turns}
    return tuple(s.slug for s in subjects if said & set(s.turns))[:1]


def session(
    notes: Notes,
    taken: Intake,
    scope: Scope,
    subjects: Sequence[Subject],
    summaries: Sequence[Summary],
    decisions: Sequence[Decision],
    fragment_paths: Mapping[str, str],
    episode_path: str,
    scan: ScanReport | None,
) -> None:
    """The episode, one summary a subject, and each subject's living page."""
    key, began = taken.transcript.session, taken.transcript.started or notes.when
    notes.put(
        episode_note.to_note(taken.transcript, episode_path, scope, subjects, taken.digest, when=notes.when, scan=scan),
        [episode_note.SCAN, *(s.title for s in subjects)],
    )
    replaced = {f.id for d in decisions if d.other and d.kind == "update" for f in (d.other, *d.twins)}
    for summary in summaries:
        path = summary_path(notes.doors, summary.subject.slug, key, began)
        of_turns = set(summary.subject.turns)
        kept = {
            fragment_paths[d.fragment.id]: d.fragment.statement
            for d in decisions
            if d.kind in ("add", "update", "merge")
            and d.heir is None
            and d.fragment.id in fragment_paths
            and d.fragment.id not in replaced
            and of_turns & {t for s in d.fragment.sources for t in s.turns}
        }
        notes.put(
            summary_note.to_note(summary, path, key, scope, episode_path, when=notes.when, fragments=kept),
            summary_note.OURS,
        )
    for summary in summaries:
        notes.put(_subject_page(notes, summary.subject, scope), index.OURS)


def subject_page(notes: Notes, slug: str) -> None:
    """Write the page of a known subject anew."""
    page = next(iter(notes.doors.catalogue.notes("subject", subject=slug, limit=1)), None)
    if page is not None:
        known = Subject(slug, page.text("title"), (), page.texts("keywords"), filed=True)
        notes.put(_subject_page(notes, known, Scope(page.text("scope"))), index.OURS)


def summary_path(doors: Doors, slug: str, key: SessionKey, began: datetime) -> str:
    """Where the summary of a subject in a session is, or goes: a session that grew keeps its notes in place."""
    for note in doors.catalogue.notes("summary", session=str(key), limit=200):
        if note.text("slug") == slug:
            return note.path
    return layout.summary(slug, key, began)


def _subject_page(notes: Notes, subject: Subject, scope: Scope) -> Note:
    catalogue = notes.doors.catalogue
    mine = [n for n in notes.made.values() if n.text("type") == "summary" and n.text("slug") == subject.slug]
    earlier = catalogue.notes("summary", subject=subject.slug, limit=200)
    summaries = [*mine, *(n for n in earlier if n.path not in notes.made and n.path not in notes.gone)]
    page = next(iter(catalogue.notes("subject", subject=subject.slug, limit=1)), None)
    when = notes.when
    if page is not None:
        when = _later(page, when)
        keywords = tuple(dict.fromkeys([*page.texts("keywords"), *subject.keywords]))[:12]
        subject = replace(subject, keywords=keywords)
    return index.subject_page(
        subject,
        Scope(page.text("scope")) if page else scope,
        summaries,
        _standing(notes, subject.slug),
        when,
        page.text("created") if page else "",
    )


def _standing(notes: Notes, slug: str) -> list[tuple[str, Fragment]]:
    new = [n for n in notes.made.values() if n.text("type") == "fragment" and slug in n.texts("tags")]
    old = notes.doors.catalogue.notes("fragment", subject=slug, limit=60)
    both = [*new, *(n for n in old if n.path not in notes.made and n.path not in notes.gone)]
    return [(n.path, fragment_note.from_note(n)) for n in both]


def memory(notes: Notes) -> None:
    """`MEMORY.md` with these notes in it, and the month pages of what it has no more room for."""
    catalogue = notes.doors.catalogue
    pages = _newest(notes, "subject", catalogue.notes("subject", limit=index.SUBJECT_LINES + 40))
    pages.sort(key=lambda n: n.text("updated"), reverse=True)
    standing = _newest(notes, "fragment", catalogue.notes("fragment", limit=400))
    holding = [n for n in standing if n.text("class") in _LISTED and n.text("status") == "active"]
    best = sorted(holding, key=_weight, reverse=True)[: index.STANDING_LINES]
    best.sort(key=lambda n: n.text("updated"), reverse=True)
    before = _parsed(layout.MEMORY, notes.doors.vault.read([layout.MEMORY]).get(layout.MEMORY))
    known = {n.path: n for n in pages}
    fallen = [
        known[p]
        for p in (index.listed(before) if before else set())
        if p in known and known[p] not in pages[: index.SUBJECT_LINES]
    ]
    months = _months(notes, fallen)
    when = _later(before, notes.when) if before else notes.when
    notes.put(index.memory(pages, best, months, when), index.OURS)


def _weight(fragment: Note) -> float:
    """What earns a statement its line: its worth, how often it was said, and that it tells how things are to be."""
    rule = _RULE if fragment.text("class") != "fact" else 0.0
    return fragment.number("score") + _AGAIN * min(fragment.number("seen", 1) - 1, _OFTEN) + rule


def _later(note: Note, when: datetime) -> datetime:
    """The date of a page that is written anew: closing an old session makes it no older."""
    return max(moment(note.text("updated")) or when, when)


def _newest(notes: Notes, kind: str, stored: Iterable[Note]) -> list[Note]:
    new = [n for n in notes.made.values() if n.text("type") == kind]
    return [*new, *(n for n in stored if n.path not in notes.made and n.path not in notes.gone)]


def _months(notes: Notes, fallen: Sequence[Note]) -> list[str]:
    catalogue = notes.doors.catalogue
    by_month: dict[str, list[Note]] = {}
    for note in fallen:
        by_month.setdefault(note.text("updated")[:7].replace("-", "/"), []).append(note)
    for month, group in by_month.items():
        path = layout.memory_month(month)
        existing = _parsed(path, notes.doors.vault.read([path]).get(path))
        notes.put(index.month_page(month, existing, group, notes.when), index.OURS)
    stored = [n.path.removeprefix("memory/").removesuffix(".md") for n in catalogue.notes("memory", limit=200)]
    return sorted({*(m for m in stored if m[:1].isdigit()), *by_month}, reverse=True)
