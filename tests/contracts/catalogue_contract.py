"""What every catalogue must do. A subclass says how one is opened."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from agent.domain import episode_note, fragment_note, summary_note
from agent.domain.fragment import Fragment, Source
from agent.domain.identity import digest, statement_digest
from agent.domain.note import Note, render
from agent.domain.passage import Passage, Shelf
from agent.domain.session import GLOBAL, KnownSession, Scope, SessionKey
from agent.domain.subject import Line, Subject, Summary
from agent.domain.transcript import Transcript, Turn
from agent.ports import Catalogue, Change

WHEN = datetime(2024, 5, 1, 10, 0, tzinfo=UTC)
KEY = SessionKey("cli", "s1")
PATH = "fragments/fact/2024/05/01/we-deploy-01234567.md"
ELSEWHERE = "fragments/fact/2024/05/02/we-deploy-01234567.md"
EPISODE = "episodes/2024/05/01/deploy-0123abcd.md"
HEAD = "1" * 40


def fragment(statement: str = "We deploy on Fridays", ident: str = "0123456789abcdef", **more: Any) -> Fragment:
    base = Fragment(ident, statement, "fact", sources=(Source(KEY, (1,)),), created=WHEN, updated=WHEN)
    return replace(base, **more)


def stored(item: Fragment, path: str = PATH) -> Change:
    return Change(path, render(fragment_note.to_note(item, path)))


def written(path: str, body: str = "", **meta: Any) -> Change:
    return Change(path, render(Note(path, meta, body)))


def episode(*texts: str, path: str = EPISODE, key: SessionKey = KEY, scope: Scope = GLOBAL) -> Change:
    transcript = Transcript.of(key, [Turn("user", text, when=WHEN) for text in texts])
    subject = Subject("deploy", "Deploy", tuple(range(len(texts))))
    return Change(path, render(episode_note.to_note(transcript, path, scope, [subject], "d" * 32, when=WHEN)))


def ids(catalogue: Catalogue, query: str, **more: Any) -> list[str]:
    return [n.id for n in catalogue.search(query, 50, **more)]


def waiting(catalogue: Catalogue) -> list[tuple[str, str, bool]]:
    return [(p.id, p.shelf.scope, wanted) for p, wanted in catalogue.outbox(1_000)]


def drain(catalogue: Catalogue) -> None:
    catalogue.sent([p for p, _ in catalogue.outbox(1_000)])


class CatalogueContract:
    @pytest.fixture
    def catalogue(self) -> Catalogue:
        raise NotImplementedError

    def test_a_new_catalogue_knows_nothing(self, catalogue: Catalogue) -> None:
        assert catalogue.head() is None
        assert catalogue.session(KEY) is None
        assert catalogue.fragments(["x"]) == catalogue.passages(["x"]) == catalogue.unreadable() == {}
        assert catalogue.search("deploy", 5) == catalogue.notes("fragment") == catalogue.shelves() == []
        assert catalogue.counts() == {}
        assert not catalogue.any_tombstone()
        assert catalogue.pending() == 0

    def test_it_stands_at_the_commit_it_was_given(self, catalogue: Catalogue) -> None:
        catalogue.apply([], HEAD)
        assert catalogue.head() == HEAD

        catalogue.clear()
        assert catalogue.head() is None

    def test_a_fragment_is_known_by_id_slot_statement_and_words(self, catalogue: Catalogue) -> None:
        item = fragment(entity="shop", attribute="deploy day", scope=Scope("shop-1"))

        catalogue.apply([stored(item)], HEAD)

        path, note = catalogue.fragments([item.id, "unknown"])[item.id]
        assert (path, fragment_note.from_note(note)) == (PATH, item)
        assert catalogue.in_slot("shop-1", "shop/deploy day") == [item.id]
        assert catalogue.in_slot("global", "shop/deploy day") == []
        assert catalogue.same_statement(statement_digest("we deploy on fridays!")) == [item.id]
        assert ids(catalogue, "friday deploys") == [item.id]
        assert catalogue.counts() == {"fragment": 1}

    def test_only_active_fragments_fill_a_slot_and_any_may_say_the_same(self, catalogue: Catalogue) -> None:
        slot = {"entity": "shop", "attribute": "day"}
        catalogue.apply(
            [stored(fragment(ident=f"{n}" * 16, status=status, **slot), f"fragments/fact/{n}.md")
             for n, status in enumerate(["active", "superseded", "retracted", "quarantined"])],
            HEAD,
        )  # fmt: skip

        assert catalogue.in_slot("global", "shop/day") == ["0" * 16]
        assert len(catalogue.same_statement(statement_digest("We deploy on Fridays"))) == 4
        assert catalogue.in_slot("global", "") == catalogue.same_statement("") == []

    def test_a_fragment_without_an_id_is_known_by_its_place(self, catalogue: Catalogue) -> None:
        changes = [written(f"fragments/{n}.md", f"Note number {n}", type="fragment", status="active") for n in "ab"]

        catalogue.apply(changes, HEAD)

        found = catalogue.fragments([n.id for n in catalogue.search("note number", 9)])
        assert sorted(path for path, _ in found.values()) == ["fragments/a.md", "fragments/b.md"]

    def test_a_changed_note_takes_the_place_of_the_old(self, catalogue: Catalogue) -> None:
        catalogue.apply([stored(fragment("We deploy on Fridays", entity="shop", attribute="day"))], HEAD)
        catalogue.apply([stored(fragment("Releases happen on Mondays"))], "2" * 40)

        assert ids(catalogue, "fridays") == []
        assert ids(catalogue, "mondays") == [fragment().id]
        assert catalogue.in_slot("global", "shop/day") == []
        assert catalogue.same_statement(statement_digest("We deploy on Fridays")) == []
        assert catalogue.counts() == {"fragment": 1}

    def test_a_deleted_note_is_unknown(self, catalogue: Catalogue) -> None:
        catalogue.apply([stored(fragment()), episode("We deploy on Fridays")], HEAD)
        catalogue.apply([Change(PATH, None), Change(EPISODE, None), Change("fragments/never.md", None)], "2" * 40)

        assert catalogue.search("fridays", 9) == catalogue.shelves() == []
        assert catalogue.fragments([fragment().id]) == catalogue.counts() == {}
        assert catalogue.session(KEY) is None

    @pytest.mark.parametrize("removal_first", [True, False])
    def test_a_renamed_note_is_known_at_its_new_place(self, catalogue: Catalogue, removal_first: bool) -> None:
        catalogue.apply([stored(fragment())], HEAD)
        moves = [Change(PATH, None), stored(fragment(), ELSEWHERE)]
        catalogue.apply(moves if removal_first else moves[::-1], "2" * 40)

        assert catalogue.fragments([fragment().id])[fragment().id][0] == ELSEWHERE
        assert catalogue.passages([fragment().id])[fragment().id].note == ELSEWHERE
        assert ids(catalogue, "fridays") == [fragment().id]

    def test_many_notes_can_change_places_in_one_commit(self, catalogue: Catalogue) -> None:
        def at(folder: str) -> list[Change]:
            return [stored(fragment(f"Fact {n}", f"{n:016}"), f"fragments/{folder}/{n:03}.md") for n in range(220)]

        catalogue.apply(at("b"), HEAD)
        catalogue.apply([*at("a"), *(Change(c.path, None) for c in at("b"))], "2" * 40)

        assert catalogue.counts() == {"fragment": 220}
        assert {p.note[:12] for p in catalogue.passages([f"{n:016}" for n in range(220)]).values()} == {"fragments/a/"}

    def test_of_a_note_and_its_copies_the_shorter_name_counts(self, catalogue: Catalogue) -> None:
        copy = PATH.replace(".md", " (conflicted copy).md")
        catalogue.apply(
            [stored(fragment("We deploy on Mondays"), copy), episode("Hello there", path=f"{EPISODE[:-3]} 1.md")], HEAD
        )
        drain(catalogue)

        catalogue.apply([stored(fragment()), episode("Hello there")], "2" * 40)
        both = catalogue.fragments([fragment().id])[fragment().id][0], ids(catalogue, "deploy")
        known = catalogue.session(KEY)
        sent = waiting(catalogue)
        catalogue.apply([Change(PATH, None), Change(EPISODE, None)], "3" * 40)

        assert both == (PATH, [fragment().id])
        assert known is not None
        assert known.episode == EPISODE
        assert (fragment().id, "global", True) in sent
        assert catalogue.fragments([fragment().id])[fragment().id][0] == copy
        assert ids(catalogue, "mondays") == [fragment().id]
        assert catalogue.session(KEY) is not None

    def test_a_session_is_known_by_its_episode(self, catalogue: Catalogue) -> None:
        catalogue.apply([episode("We deploy on Fridays", "And on Mondays")], HEAD)

        assert catalogue.session(KEY) == KnownSession("cli:s1", "d" * 32, 2, HEAD, EPISODE)
        assert catalogue.session(SessionKey("cli", "s2")) is None

    def test_a_session_grown_is_known_as_it_is_now(self, catalogue: Catalogue) -> None:
        catalogue.apply([episode("one")], HEAD)
        catalogue.apply([episode("one", "two", "three")], "2" * 40)

        known = catalogue.session(KEY)
        assert known is not None
        assert (known.turns, known.head) == (3, "2" * 40)

    @pytest.mark.parametrize("turns", [".inf", "-1", "99999999999999999999999", "many", "1e300", "[1]"])
    def test_an_episode_with_odd_numbers_is_still_an_episode(self, catalogue: Catalogue, turns: str) -> None:
        content = f"---\ntype: episode\nsession: cli:s1\nturns: {turns}\n---\n".encode()

        catalogue.apply([Change(EPISODE, content)], HEAD)

        known = catalogue.session(KEY)
        assert known is not None
        assert known.episode == EPISODE

    def test_a_tombstone_is_known_by_its_digest(self, catalogue: Catalogue) -> None:
        catalogue.apply([written("tombstones/ab/abcd.md", type="tombstone", digest="abcd")], HEAD)

        assert catalogue.any_tombstone()
        assert catalogue.tombstones(["abcd", "ef01"]) == {"abcd"}
        assert catalogue.tombstones([]) == set()
        assert catalogue.same_statement("abcd") == []

    def test_many_digests_can_be_asked_for_at_once(self, catalogue: Catalogue) -> None:
        catalogue.apply([written("tombstones/ab/abcd.md", type="tombstone", digest="abcd")], HEAD)

        assert catalogue.tombstones([*map(str, range(2_000)), "abcd"]) == {"abcd"}

    def test_notes_of_a_type_come_newest_first(self, catalogue: Catalogue) -> None:
        def summary(day: int, slug: str, session: str, scope: str) -> Change:
            path = f"summaries/2024/05/{day:02}/x.md"
            made = Summary(Subject(slug, slug, (0,)), (Line("It went well", (0,)),))
            when = WHEN.replace(day=day)
            return Change(
                path,
                render(summary_note.to_note(made, path, SessionKey("cli", session), Scope(scope), EPISODE, when=when)),
            )

        catalogue.apply(
            [summary(2, "a", "s1", "global"), summary(9, "a", "s2", "shop-1"), summary(5, "b", "s1", "global")], HEAD
        )

        def days(**asked: Any) -> list[str]:
            return [n.path[18:20] for n in catalogue.notes("summary", **asked)]

        assert days() == ["09", "05", "02"]
        assert days(limit=1) == ["09"]
        assert days(subject="a") == ["09", "02"]
        assert days(session="cli:s1") == ["05", "02"]
        assert days(scope="shop-1") == ["09"]
        assert days(scope="shop-1", session="cli:s1") == []
        assert catalogue.notes("other") == []

    def test_a_note_comes_back_with_its_front_matter_and_body(self, catalogue: Catalogue) -> None:
        catalogue.apply(
            [
                written(
                    "subjects/de/deploy.md",
                    "# Deploy",
                    type="subject",
                    title="Dëploy",
                    n=1,
                    f=0.5,
                    l=["a"],
                    d={"k": [True]},
                )
            ],
            HEAD,
        )

        [note] = catalogue.notes("subject")
        assert note.body == "# Deploy"
        assert dict(note.meta) == {
            "type": "subject",
            "title": "Dëploy",
            "n": 1,
            "f": 0.5,
            "l": ["a"],
            "d": {"k": [True]},
        }

    def test_unreadable_notes_are_listed_until_they_are_mended_or_gone(self, catalogue: Catalogue) -> None:
        catalogue.apply([stored(fragment()), Change(ELSEWHERE, b"---\na: [\n---\n")], HEAD)
        assert list(catalogue.unreadable()) == [ELSEWHERE]

        catalogue.apply([Change(PATH, b"---\na: !x b\n---\n"), Change(ELSEWHERE, b"fine")], "2" * 40)
        assert {p: "tags" in why for p, why in catalogue.unreadable().items()} == {PATH: True}
        assert catalogue.search("fridays", 9) == []
        assert catalogue.fragments([fragment().id]) == {}

        catalogue.apply([Change(PATH, None)], "3" * 40)
        assert catalogue.unreadable() == {}

    def test_a_name_that_is_no_text_is_listed_and_stops_nothing(self, catalogue: Catalogue) -> None:
        odd = "fragments/\udcff.md"
        catalogue.apply([Change(odd, b"x"), stored(fragment())], HEAD)
        assert list(catalogue.unreadable()) == ["fragments/\\udcff.md"]
        assert ids(catalogue, "fridays") == [fragment().id]

        catalogue.apply([Change(odd, None)], "2" * 40)
        assert catalogue.unreadable() == {}

    def test_what_is_not_closers_is_not_taken_in(self, catalogue: Catalogue) -> None:
        mine = ["README.md", "notes/x.md", "fragments/x.txt", "fragments/a\nb.md"]
        catalogue.apply([Change(path, stored(fragment()).content) for path in mine], HEAD)

        assert catalogue.counts() == catalogue.unreadable() == {}

    def test_a_take_in_that_fails_changes_nothing(self, catalogue: Catalogue) -> None:
        catalogue.apply([stored(fragment())], HEAD)

        def broken() -> Any:
            yield Change(PATH, None)
            raise RuntimeError("the vault went away")

        with pytest.raises(RuntimeError):
            catalogue.apply(broken(), "2" * 40)
        assert catalogue.head() == HEAD
        assert ids(catalogue, "fridays") == [fragment().id]
        catalogue.apply([Change(PATH, None)], "2" * 40)
        assert catalogue.counts() == {}

    # ------------------------------------------------------------ the outbox

    def test_what_is_new_waits_in_order(self, catalogue: Catalogue) -> None:
        for n in range(3):
            catalogue.apply([stored(fragment(f"Fact {n}", f"{n}" * 16), f"fragments/{n}.md")], f"{n}" * 40)

        assert waiting(catalogue) == [(f"{n}" * 16, "global", True) for n in range(3)]
        assert [p.text for p, _ in catalogue.outbox(2)] == ["Fact 0", "Fact 1"]
        assert catalogue.pending() == 3
        drain(catalogue)
        assert catalogue.pending() == 0

    def test_only_a_changed_text_is_sent_again(self, catalogue: Catalogue) -> None:
        catalogue.apply([stored(fragment())], HEAD)
        drain(catalogue)

        catalogue.apply(
            [stored(fragment(seen=2, status="superseded", confidence=0.9, updated=WHEN.replace(day=9)))], "2" * 40
        )
        assert waiting(catalogue) == []
        assert catalogue.passages([fragment().id])[fragment().id].status == "superseded"

        catalogue.apply([stored(fragment("We deploy on Mondays"))], "3" * 40)
        assert waiting(catalogue) == [(fragment().id, "global", True)]

    def test_taking_in_the_same_again_sends_nothing(self, catalogue: Catalogue) -> None:
        catalogue.apply([stored(fragment()), episode("We deploy on Fridays")], HEAD)
        drain(catalogue)

        catalogue.apply([stored(fragment()), episode("We deploy on Fridays")], "2" * 40)

        assert waiting(catalogue) == []

    def test_a_change_of_shelf_drops_from_the_old_and_sends_to_the_new(self, catalogue: Catalogue) -> None:
        catalogue.apply([stored(fragment())], HEAD)
        drain(catalogue)

        catalogue.apply([stored(fragment(scope=Scope("shop-1")))], "2" * 40)

        assert sorted(waiting(catalogue)) == [(fragment().id, "global", False), (fragment().id, "shop-1", True)]
        assert catalogue.on_shelf(Shelf("fragment", "global")) == {}
        assert catalogue.on_shelf(Shelf("fragment", "shop-1")) == {fragment().id: digest("We deploy on Fridays")}

    def test_a_deleted_passage_is_dropped(self, catalogue: Catalogue) -> None:
        catalogue.apply([stored(fragment())], HEAD)
        drain(catalogue)
        catalogue.apply([Change(PATH, None)], "2" * 40)

        assert waiting(catalogue) == [(fragment().id, "global", False)]
        drain(catalogue)
        assert waiting(catalogue) == []

    def test_a_passage_that_came_and_went_unsent_is_dropped_once(self, catalogue: Catalogue) -> None:
        catalogue.apply([stored(fragment())], HEAD)
        catalogue.apply([Change(PATH, None)], "2" * 40)
        assert waiting(catalogue) == [(fragment().id, "global", False)]

        catalogue.apply([stored(fragment())], "3" * 40)
        assert waiting(catalogue) == [(fragment().id, "global", True)]

    def test_what_changed_since_it_was_taken_out_stays(self, catalogue: Catalogue) -> None:
        catalogue.apply([stored(fragment())], HEAD)
        old = catalogue.outbox(9)
        catalogue.apply([stored(fragment("We deploy on Mondays"))], "2" * 40)
        catalogue.sent([p for p, _ in old])
        assert [(p.text, wanted) for p, wanted in catalogue.outbox(9)] == [("We deploy on Mondays", True)]

        old = catalogue.outbox(9)
        catalogue.apply([Change(PATH, None)], "3" * 40)
        catalogue.sent([p for p, _ in old])
        assert waiting(catalogue) == [(fragment().id, "global", False)]

        old = catalogue.outbox(9)
        catalogue.apply([stored(fragment())], "4" * 40)
        catalogue.sent([p for p, _ in old])
        assert waiting(catalogue) == [(fragment().id, "global", True)]

    def test_a_repair_can_be_posted_both_ways(self, catalogue: Catalogue) -> None:
        catalogue.apply([stored(fragment())], HEAD)
        drain(catalogue)
        stray = Passage("stray", Shelf("episode", "old"), "", "", "")

        catalogue.post(list(catalogue.passages([fragment().id]).values()), [stray])

        assert waiting(catalogue) == [(fragment().id, "global", True), ("stray", "old", False)]
        drain(catalogue)
        assert catalogue.pending() == 0

    # ------------------------------------------------------------ search

    @pytest.mark.parametrize(
        "query",
        [
            "deploy",
            "DEPLOYING",
            "deployed?",
            "when do we deploy",
            'the "deploy"',
            "deploy OR",
            "deploy AND NOT NEAR(",
            "deploy*",
            "deploy:col ^x {a} -b",
            "kubernetes deploy",
            "üBER-café",
            "u\u0308ber",
            "strasse Straße",
            "STRASSE straße",
            "istanbul",
            "İstanbul",
            "cafe",
            "deploy_script",
            "v2.10",
            "日本語",
        ],
    )  # fmt: skip
    def test_a_question_finds_what_shares_a_telling_word(self, catalogue: Catalogue, query: str) -> None:
        text = "We deploy via deploy_script v2.10 from the über-café in the Straße of İstanbul 日本語"
        catalogue.apply([stored(fragment(text)), stored(fragment("Nothing of that", "f" * 16), ELSEWHERE)], HEAD)

        assert ids(catalogue, query) == [fragment().id]

    @pytest.mark.parametrize("query", ["", "  ", "?!", "'\"", "*", "x" * 100, "zebra", "\x00", "the zebra of it"])
    def test_a_question_without_a_shared_word_finds_nothing(self, catalogue: Catalogue, query: str) -> None:
        catalogue.apply([stored(fragment("We deploy it on the day of Frigg"))], HEAD)

        assert catalogue.search(query, 5) == []

    def test_a_question_of_stop_words_alone_asks_for_them(self, catalogue: Catalogue) -> None:
        catalogue.apply(
            [stored(fragment("To be or not to be")), stored(fragment("Fridays", "f" * 16), ELSEWHERE)], HEAD
        )

        assert ids(catalogue, "to be or not") == [fragment().id]

    def test_a_question_of_any_length_is_answered(self, catalogue: Catalogue) -> None:
        catalogue.apply([stored(fragment())], HEAD)

        assert ids(catalogue, "fridays " + " ".join(f"w{n}" for n in range(5_000))) == [fragment().id]

    def test_the_better_match_comes_first(self, catalogue: Catalogue) -> None:
        texts = ["deploy friday", "deploy " + "other words " * 40, "friday release deploy friday friday"]
        catalogue.apply([stored(fragment(t, f"{n}" * 16), f"fragments/{n}.md") for n, t in enumerate(texts)], HEAD)

        found = catalogue.search("friday deploy", 9)

        assert [n.id[0] for n in found][-1] == "1"
        assert [n.cosine for n in found] == sorted((n.cosine for n in found), reverse=True)
        assert len(catalogue.search("friday deploy", 2)) == 2

    def test_kinds_and_scopes_are_found_behind_many_of_others(self, catalogue: Catalogue) -> None:
        crowd = [stored(fragment("deploy deploy deploy", f"{n:016}"), f"fragments/{n:03}.md") for n in range(100)]
        hidden = stored(
            fragment("deploy, among other things that were said", "f" * 16, scope=Scope("shop-1")), ELSEWHERE
        )
        catalogue.apply([*crowd, hidden, episode("we deploy, among other things that were said")], HEAD)

        def first(**asked: Any) -> list[str]:
            return [n.id for n in catalogue.search("deploy", 2, **asked)]

        assert first(scopes=["shop-1"]) == ["f" * 16]
        assert [i[-5:] for i in first(kinds=["episode"])] == [".t0.0"]
        assert first(kinds=["episode"], scopes=["shop-1"]) == []
        assert len(first(kinds=["fragment"], scopes=["global"])) == 2

    # ------------------------------------------------------------ copies

    def test_a_snapshot_is_apart(self, catalogue: Catalogue) -> None:
        catalogue.apply([stored(fragment())], HEAD)
        copy = catalogue.snapshot()

        copy.apply([Change(PATH, None), episode("hello there friend")], "2" * 40)

        assert (copy.head(), copy.counts()) == ("2" * 40, {"episode": 1})
        assert (catalogue.head(), catalogue.counts()) == (HEAD, {"fragment": 1})

    def test_a_cleared_catalogue_can_be_made_anew(self, catalogue: Catalogue) -> None:
        catalogue.apply([stored(fragment()), Change(ELSEWHERE, b"---\n[\n---\n")], HEAD)
        catalogue.clear()
        assert catalogue.counts() == catalogue.unreadable() == {}
        assert catalogue.pending() == 0

        catalogue.apply([stored(fragment())], HEAD)
        assert ids(catalogue, "fridays") == [fragment().id]
