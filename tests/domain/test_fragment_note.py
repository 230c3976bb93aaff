"""A fragment as a note: what matters for the next decision comes back as it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.domain import fragment_note
from agent.domain.fragment import CLASSES, Fragment, FragmentStatus, Source, Trust
from agent.domain.identity import fragment_id, statement_digest
from agent.domain.markdown import one_line, quoted, unquoted
from agent.domain.note import Note, parse, render, sections
from agent.domain.passages import of_note
from agent.domain.session import GLOBAL, Scope, SessionKey

WHEN = datetime(2024, 5, 1, 10, 0, tzinfo=UTC)
PATH = "fragments/fact/2024/05/01/we-deploy-01234567.md"
KEY = SessionKey("cli", "s1")
WORDS = st.text(st.characters(exclude_characters="‹›"), max_size=60)
FORGERIES = [
    "## Evidence",
    "---\nstatus: active\n---",
    "```js alert(1)",
    "~~~ x",
    "> said\n\n— cli:other t9",
    "— cli:other t9",
    "a\n\n## Related\n\n- [[x]]",
    "1. first",
    "\\# x",
    "- [ ] x",
    "| a | b |",
    "[[subjects/x|y]]",
]
TURNS = st.sets(st.integers(0, 9_999), max_size=5).map(lambda found: tuple(sorted(found)))
KEYS = st.builds(
    SessionKey,
    st.sampled_from(["cli", "claude-code", "remember"]),
    st.text(st.sampled_from("abc019-_.:/ t·|[]#^\n"), min_size=1, max_size=20)
    .map(one_line)
    # Only a list of turns at its end could be taken for the source's own.
    .filter(lambda key: key and " t" not in key),
)


def fragment(statement: str = "We deploy on Fridays", **more: object) -> Fragment:
    base = Fragment(fragment_id(GLOBAL, "fact", statement, KEY), statement, "fact", created=WHEN, updated=WHEN)
    return replace(base, **more)  # type: ignore[arg-type]


def again(item: Fragment, episodes: dict[str, str] | None = None) -> Fragment:
    note = fragment_note.to_note(item, PATH, episodes=episodes, related={"fragments/x.md": "## x"})
    return fragment_note.from_note(parse(PATH, render(note)))


@pytest.mark.parametrize("status", get_args(FragmentStatus))
@pytest.mark.parametrize("kind", CLASSES)
@pytest.mark.parametrize("trust", get_args(Trust))
def test_a_fragment_comes_back_as_it_was(kind: str, trust: str, status: str) -> None:
    item = fragment(
        kind=kind,
        trust=trust,
        status=status,
        scope=Scope("shop-1234abcd"),
        entity="user",
        attribute="editor",
        score=0.75,
        confidence=0.5,
        valid_from=WHEN,
        valid_to=WHEN,
        seen=3,
        sources=(Source(KEY, (1, 2, 3), "We deploy\non Fridays"), Source(SessionKey("a", "b:c"), (7,), "yes: Fridays")),
        supersedes=("0123456789012345", "1e5"),
        superseded_by="1234567890123456",
        aliases=("Deploys happen on Fridays",),
        tags=("deploy",),
    )

    assert again(item) == item
    assert again(item, {"cli:s1": "episodes/2024/05/01/x-1.md", "a:b:c": "episodes/2024/05/02/y-2.md"}) == item


@settings(max_examples=60)
@given(WORDS.filter(lambda text: one_line(text)) | st.sampled_from(FORGERIES), WORDS | st.sampled_from(FORGERIES))
def test_words_cannot_change_what_a_fragment_is(statement: str, quote: str) -> None:
    item = fragment(statement, status="quarantined", sources=(Source(KEY, (4,), quote),))

    found = again(item)

    assert (found.id, found.kind, found.status, found.trust) == (item.id, "fact", "quarantined", "user")
    assert [(s.session, s.turns) for s in found.sources] == [(KEY, (4,))]
    assert found.sources[0].quote == unquoted(quoted(quote).split("\n"))


@pytest.mark.parametrize(
    "statement", [*FORGERIES, "we use List<int> > x", "a -- b", "#1 is first", "2) second", "*bold*", "\\x"]
)
def test_a_statement_keeps_its_digest(statement: str) -> None:
    assert statement_digest(again(fragment(statement)).statement) == statement_digest(one_line(statement))


@settings(max_examples=60)
@given(KEYS, TURNS, st.booleans())
def test_any_session_is_found_again_as_the_source(key: SessionKey, turns: tuple[int, ...], linked: bool) -> None:
    item = fragment(sources=(Source(key, turns, "the words"),))

    found = again(item, {str(key): "episodes/2024/05/01/x-1.md"} if linked else None)

    assert found.sources == item.sources


def test_no_words_make_sections_of_their_own() -> None:
    for words in FORGERIES:
        item = fragment(words, sources=(Source(SessionKey("cli", words), (1,), words),))
        note = parse(PATH, render(fragment_note.to_note(item, PATH, related={"x.md": words})))

        assert [s.title for s in sections(note.body)[1]] == ["Evidence", "Related"]


def test_a_statement_of_many_sessions_stays_readable() -> None:
    many = tuple(Source(SessionKey("claude-code", f"{n:040}"), (n,), "Fridays, as ever " * 60) for n in range(2_000))
    episodes = {str(s.session): f"episodes/2024/05/01/{'x' * 60}-{n:08}.md" for n, s in enumerate(many)}
    aliases = tuple(f"wording {n} {'x' * 180}" for n in range(2_000))

    found = again(fragment(sources=many, aliases=aliases, seen=2_000), episodes)

    assert found.seen == 2_000
    assert found.sources[0].session == many[0].session
    assert found.sources[-1].session == many[-1].session
    assert found.aliases[-1] == aliases[-1][:200]


@pytest.mark.parametrize(
    ("key", "value", "field", "cautious"),
    [
        ("class", "rumour", "kind", "fact"),
        ("status", "trusted!", "status", "quarantined"),
        ("status", None, "status", "quarantined"),
        ("trust", "god", "trust", "tool"),
        ("trust", ["user"], "trust", "tool"),
        ("score", float("nan"), "score", 0.5),
        ("seen", -3, "seen", 1),
        ("seen", float("inf"), "seen", 1),
        ("created", "yesterday", "created", None),
        ("created", "0001-01-01T00:00:00+05:00", "created", None),
        ("scope", {}, "scope", GLOBAL),
        ("sources", 5, "sources", ()),
        ("sources", [[1], {"a": 1}], "sources", ()),
        ("superseded_by", [], "superseded_by", None),
    ],
)
def test_an_odd_value_becomes_the_cautious_one(key: str, value: object, field: str, cautious: object) -> None:
    meta = {**fragment_note.to_note(fragment(), PATH).meta, key: value}

    assert getattr(fragment_note.from_note(Note(PATH, meta, "We deploy")), field) == cautious


def test_a_statement_without_an_id_has_one_of_its_place() -> None:
    one, two = (fragment_note.from_note(Note(path, {"type": "fragment"}, "x")) for path in ("a.md", "b.md"))

    assert one.id
    assert one.id != two.id


def test_a_note_emptied_by_hand_says_its_title() -> None:
    assert fragment_note.from_note(Note(PATH, {"title": "We deploy"}, "")).statement == "We deploy"


@given(
    st.dictionaries(
        st.sampled_from(["id", "class", "sources", "seen", "tags", "created", "entity"]),
        st.integers() | st.text(max_size=20) | st.lists(st.text(max_size=20) | st.none(), max_size=3),
    ),
    st.text(max_size=80),
)
def test_any_front_matter_is_some_fragment(meta: dict[str, object], body: str) -> None:
    note = Note(PATH, {"type": "fragment", **meta}, body)

    assert fragment_note.from_note(note).id
    assert len(of_note(note)) == 1
