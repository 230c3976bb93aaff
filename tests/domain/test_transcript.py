"""Turns and the exchanges they form."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from agent.domain.session import SessionKey
from agent.domain.transcript import ROLES, Role, Transcript, Turn, exchanges

WHEN = datetime(2024, 5, 1, tzinfo=UTC)


def cut(roles: str) -> list[str]:
    """Exchanges of turns named by their roles' first letters."""
    of = {role[0]: role for role in ROLES}
    turns = Transcript.of("cli:s", [Turn(of[r], "x") for r in roles]).turns  # type: ignore[arg-type]
    return ["".join(t.role[0] for t in e.turns) for e in exchanges(turns)]


def test_an_exchange_runs_from_one_user_turn_to_the_next() -> None:
    assert cut("uatauau") == ["uata", "ua", "u"]


def test_what_comes_before_the_first_user_turn_joins_it() -> None:
    assert cut("saua") == ["saua"]
    assert cut("at") == ["at"]


def test_two_user_turns_in_a_row_are_one_thing_said() -> None:
    assert cut("uuauu") == ["uua", "uu"]


def test_a_tool_between_two_user_turns_ends_the_exchange() -> None:
    assert cut("utu") == ["ut", "u"]


def test_no_turns_are_no_exchanges() -> None:
    assert exchanges([]) == []


@given(st.lists(st.sampled_from(ROLES), max_size=20))
def test_exchanges_hold_every_turn_once_and_in_order(roles: list[Role]) -> None:
    turns = Transcript.of("cli:s", [Turn(role, "x") for role in roles]).turns

    assert [t for e in exchanges(turns) for t in e.turns] == list(turns)
    assert [i for e in exchanges(turns) for i in e.indices] == list(range(len(roles)))


def test_turns_are_numbered_in_the_order_given() -> None:
    transcript = Transcript.of("codex:a:b", [Turn("user", "x", index=9), Turn("assistant", "y", when=WHEN)])

    assert transcript.session == SessionKey("codex", "a:b")
    assert [t.index for t in transcript.turns] == [0, 1]
    assert (transcript.started, transcript.ended) == (WHEN, WHEN)


def test_a_role_picks_its_turns() -> None:
    [exchange] = exchanges([Turn("user", "a"), Turn("tool", "b"), Turn("assistant", "c")])

    assert [t.text for t in exchange.said_by("tool")] == ["b"]


def test_a_session_key_is_read_as_it_is_written() -> None:
    for key in (SessionKey("cli", "x"), SessionKey("claude-code", "a:b:c"), SessionKey("cli", ":x")):
        assert SessionKey.parse(str(key)) == key
    assert SessionKey.parse("bare") == SessionKey("cli", "bare")
