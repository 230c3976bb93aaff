"""The write decision: corrections first, merges only when nothing differs, doubt stands beside."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain.decision import Decision
from agent.domain.fragment import Fragment, Source
from agent.domain.identity import statement_digest
from agent.domain.session import GLOBAL, Scope, SessionKey
from agent.stages.comparing.differences import differences
from agent.stages.dedup import Nominee, decide
from agent.stages.fragments import stated

BEFORE, NOW = SessionKey("test", "before"), SessionKey("test", "now")


def old(text: str, scope: Scope = GLOBAL) -> Fragment:
    return stated(text, datetime(2026, 1, 1, tzinfo=UTC), scope, BEFORE)


def new(text: str, scope: Scope = GLOBAL) -> Fragment:
    return stated(text, datetime(2026, 2, 1, tzinfo=UTC), scope, NOW)


def decided(text: str, *stored: str, cosine: float | None = 0.97, forgotten: Container[str] = ()) -> Decision:
    return decide(new(text), [Nominee(old(s), cosine) for s in stored], forgotten)


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        ("The staging database port is 5432", "The staging database is on port 5433"),
        ("We deploy on Fridays", "The deploy day is Tuesday"),
        ("I live in Berlin", "I moved to Bonn"),
        ("My editor is vim", "I use Helix as my editor now"),
        ("I prefer tabs over spaces", "I prefer spaces over tabs"),
        ("I love jazz", "I don't like jazz anymore"),
        ("I go to yoga twice a week", "I go to yoga classes three times a week now"),
        ("We use Jenkins for CI", "We moved from Jenkins to GitHub Actions for CI"),
    ],
)
def test_a_new_value_for_the_same_thing_is_an_update(stored: str, said: str) -> None:
    decision = decided(said, "I was born in May", stored, cosine=0.75)

    assert (decision.kind, decision.other) == ("update", old(stored))
    assert decision.fragment.supersedes == (old(stored).id,)


def test_the_reason_of_an_update_says_what_changed() -> None:
    correction = replace(stated("The deploy day is Tuesday", None, GLOBAL, NOW), sources=())

    assert (
        "the deploy day changed from Friday to Tuesday"
        in decide(correction, [Nominee(old("The deploy day is Friday"), 0.9)], ()).reason
    )


def test_the_reason_names_the_value_that_holds_not_the_one_that_went() -> None:
    decision = decided("We no longer deploy on Fridays, from now on deploys happen on Tuesdays", "We deploy on Fridays")

    assert decision.reason.startswith("the deploy day changed from Friday to Tuesday:")


def test_a_former_value_finds_the_property_of_a_longer_name() -> None:
    decision = decided("Actually the staging port is 6433, not 6432", "The staging database port is 6432")

    assert (decision.kind, decision.reason.split(":")[0]) == ("update", "the staging port changed from 6432 to 6433")


def test_a_former_value_alone_corrects_within_a_session_and_is_doubtful_across() -> None:
    said = replace(new("Actually, the cut-off is 5 pm, not 6 pm"), sources=(Source(BEFORE, (10,), ""),))
    taken = Nominee(old("We take orders until 6 pm the day before pick-up"), 0.45)

    assert decide(said, [taken], ()).kind == "update"
    apart = decide(replace(said, sources=(Source(NOW, (1,), ""),)), [taken], ())
    assert (apart.kind, apart.doubtful) == ("add", True)


def test_a_reason_given_after_an_order_is_no_difference() -> None:
    order = "Please always run the tests with `pytest -x`"

    assert decided(f"{order}, one failure at a time is plenty", f"{order}.", cosine=0.9).kind == "merge"
    assert decided(f"{order}, unless it is Friday", f"{order}.", cosine=0.9).kind == "add"


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        ("My sister is a nurse", "My brother is a nurse"),
        ("The staging database port is 5432", "The production database port is 5433"),
        ("Our API uses Postgres", "Our API uses FastAPI"),
        ("I love jazz", "I love opera"),
        ("I ran a marathon in Berlin", "I ran a marathon in Paris"),
        ("Ann manages Bob", "Bob manages Ann"),
        ("I like coffee in the morning", "I like tea in the evening"),
    ],
)
def test_facts_that_can_both_hold_stand_side_by_side(stored: str, said: str) -> None:
    assert decided(said, stored).kind == "add"


def test_the_same_words_are_a_sighting_with_one_more_source() -> None:
    decision = decided("we deploy on fridays.", "We deploy on Fridays")

    assert (decision.kind, decision.fragment.seen) == ("touch", 2)
    assert [s.session for s in decision.fragment.sources] == [BEFORE, NOW]


def test_the_same_words_from_the_same_place_are_skipped() -> None:
    known = old("We deploy on Fridays")

    assert decide(known, [Nominee(known, 1.0)], ()).kind == "skip"


def test_nearly_the_same_words_are_merged_and_the_other_wording_kept() -> None:
    decision = decided("The team deploys on a Friday evening", "The team deploys on Friday evening")

    assert decision.kind == "merge"
    assert decision.fragment.aliases


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        ("I like to read commits in the order they were made", "I like to read them in the order they were made"),
        (
            "Always run the linter on Go files before you commit them",
            "Always run the linter on Go files before you commit",
        ),
    ],
)
def test_a_pronoun_that_only_takes_up_what_is_named_is_no_difference(stored: str, said: str) -> None:
    assert not [why for why in differences(stored, said) if "person" in why]


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        ("I lent them the ladder", "I lent him the ladder"),
        ("They sent me the contract", "I sent them the contract"),
        ("He waters the plants for us", "She waters the plants for us"),
    ],
)
def test_other_people_are_never_the_same_statement(stored: str, said: str) -> None:
    assert decided(said, stored, cosine=0.98).kind == "add"


def test_an_update_retires_what_else_says_the_same() -> None:
    decision = decided(
        "The staging port is 6433", "The staging port is 6432", "The port of staging is 6432", "The live port is 6432"
    )

    assert decision.other is not None
    stated_before = {decision.other.statement, *(twin.statement for twin in decision.twins)}
    assert stated_before == {"The staging port is 6432", "The port of staging is 6432"}
    assert set(decision.fragment.supersedes) == {decision.other.id, *(twin.id for twin in decision.twins)}


def test_an_update_of_a_count_retires_its_other_wording_but_not_another_persons() -> None:
    decision = decided(
        "I've worn my green rain jacket six times now",
        "I've worn my green rain jacket four times so far",
        "I'm happy to say I've worn my green rain jacket four times",
        "My sister has worn her green rain jacket four times",
        cosine=0.8,
    )

    assert decision.kind == "update"
    assert len(decision.twins) == 1


def test_closeness_alone_merges_nothing() -> None:
    decision = decided("The invoices are archived by finance", "Finance keeps old bills", cosine=0.99)

    assert (decision.kind, decision.doubtful) == ("add", True)


def test_without_the_gateway_only_the_words_count() -> None:
    assert decided("The team deploys on a Friday", "The team deploys on Friday", cosine=None).kind == "merge"
    assert decided("The crew ships on a Friday", "The team deploys on Friday", cosine=None).kind == "add"


def test_what_was_forgotten_is_not_learned_again() -> None:
    assert decided("I live in Berlin", forgotten={statement_digest("I live in Berlin")}).kind == "skip"


def test_another_project_is_another_slot() -> None:
    stored = Nominee(old("The test command is make test", Scope("shop-1")), 0.95)

    assert decide(new("The test command is tox", Scope("blog-2")), [stored], ()).kind == "add"


@pytest.mark.parametrize("text", ["I moved to Bonn", "I live in Berlin"])
def test_untrusted_words_never_touch_what_is_trusted(text: str) -> None:
    foreign = replace(new(text), trust="tool")

    decision = decide(foreign, [Nominee(old("I live in Berlin"), 0.99)], ())

    assert (decision.kind, decision.other, decision.fragment.status) == ("quarantine", None, "quarantined")


@pytest.mark.parametrize(
    ("a", "b", "word"),
    [
        ("The limit is 30 MB", "The limit is 300 MB", "number"),
        ("We meet on Monday", "We meet on Tuesday", "date"),
        ("Use Python 3.11", "Use Python 3.12", "number"),
        ("Ann likes tea", "Tom likes tea", "name"),
        ("The script is in /opt/a.sh", "The script is in /opt/b.sh", "path"),
        ("It is safe", "It is not safe", "negated"),
        ("I like jazz", "I hate jazz", "opposite"),
        ("I own a bike", "He owns a bike", "person"),
        ("Ann manages Bob", "Bob manages Ann", "order"),
        ("Export to CSV", "Import to CSV", "opposite"),
        ("I worked at the bank", "I work at the bank", "tense"),
    ],
)
def test_differences_are_told_in_words(a: str, b: str, word: str) -> None:
    assert any(word in reason for reason in differences(a, b))


def test_both_voices_of_one_sentence_do_not_differ() -> None:
    assert differences("A kid is playing the guitar", "The guitar is being played by a kid") == []


words = st.lists(st.sampled_from("the cat dog sees Ann Bob in on 3 7 not never likes hates Friday".split()), min_size=1)


@given(words, st.integers(0, 9999), st.integers(0, 9999), st.floats(0, 1))
def test_statements_with_different_numbers_never_merge(said: list[str], m: int, n: int, cosine: float) -> None:
    a, b = f"{' '.join(said)} {m}", f"{' '.join(said)} {n}"

    assert m == n or decided(b, a, cosine=cosine).kind not in ("merge", "touch")


@given(words, st.floats(0, 1))
def test_a_negated_statement_never_merges(said: list[str], cosine: float) -> None:
    text = " ".join(said)

    assert decided(f"not {text}", text, cosine=cosine).kind not in ("merge", "touch")


@given(st.text(max_size=80), st.text(max_size=80), st.one_of(st.none(), st.floats(-1, 1)))
def test_no_text_breaks_the_decision(a: str, b: str, cosine: float | None) -> None:
    decision = decided(b, a, cosine=cosine)

    assert decision.reason
    assert (decision.other is None) == (decision.kind in ("add", "quarantine"))


@given(st.text(max_size=80))
def test_nothing_differs_from_itself(text: str) -> None:
    assert differences(text, text) == []
