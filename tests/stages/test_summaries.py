"""The summary of one subject: what was decided, produced, left open and closed, each line cited."""

from __future__ import annotations

from agent.domain.session import SessionKey
from agent.domain.subject import Subject, Summary
from agent.domain.transcript import Action, Transcript, Turn
from agent.stages.summaries import LINE_CHARACTERS, LINES, OpenItem, summarise


def of(*turns: Turn, earlier: tuple[OpenItem, ...] = ()) -> Summary:
    talk = Transcript.of(SessionKey("test", "talk"), turns)
    return summarise(Subject("bells", "Bells", tuple(range(len(turns)))), talk.turns, earlier=earlier)


TALK = (
    Turn("user", "The neighbours complain about the chapel bell. It rings every quarter of an hour, day and night."),
    Turn("assistant", "We could switch it off at night, or ring the full hours only. Which would you rather have?"),
    Turn("user", "Let's keep the full hours only, and never at night."),
    Turn("assistant", "Noted. The timer needs a new program for that."),
    Turn("tool", "", action=Action("write", "timer/program.toml", True)),
    Turn("assistant", "The timer's program is in place."),
    Turn("user", "Good. I'll ask the parish council on Thursday whether Easter is an exception."),
)


def test_each_slot_has_its_line_and_cites_its_turns() -> None:
    summary = of(*TALK)

    assert [line.turns[-1] for line in summary.decided] == [2]
    assert "full hours only" in summary.decided[0].text
    assert [line.text for line in summary.produced] == ["Wrote `timer/program.toml`"]
    assert [line.turns[-1] for line in summary.left_open] == [6]
    assert summary.gist[0].turns == (0,)


def test_no_line_stands_in_two_slots() -> None:
    summary = of(*TALK)
    texts = [line.text for line in (*summary.gist, *summary.decided, *summary.produced, *summary.left_open)]

    assert len(texts) == len(set(texts))


def test_small_talk_leaves_the_slots_empty() -> None:
    summary = of(
        Turn("user", "How do bells get their tone?"),
        Turn("assistant", "By their profile: the thickness of the rim decides the pitch."),
        Turn("user", "Interesting, thanks!"),
    )

    assert summary.decided == summary.produced == summary.left_open == ()


def test_what_was_taken_back_is_not_decided() -> None:
    summary = of(
        Turn("user", "The hammer is worn."),
        Turn("assistant", "I could replace it by a wooden one or keep the iron one. Which shall it be?"),
        Turn("user", "Let's take the wooden hammer then."),
        Turn("assistant", "Noted, the wooden one."),
        Turn("user", "On second thought, put it back."),
    )

    assert not any("wooden hammer then" in line.text for line in summary.decided)


def test_a_run_that_failed_to_the_end_is_left_open() -> None:
    summary = of(
        Turn("user", "Run the tests of the timer."),
        Turn("tool", "1 failed, 4 passed", action=Action("run", "pytest timer", False)),
    )

    assert [line.text for line in summary.left_open] == ["Tests fail: `pytest timer` (1 failed, 4 passed)"]


def test_an_item_left_open_earlier_is_closed_by_what_settles_it() -> None:
    item = OpenItem("Write a new program for the timer", "summaries/bells.md")
    other = OpenItem("Find out who owns the organ", "summaries/bells.md")

    summary = of(*TALK, earlier=(item, other))

    assert [line.text for line in summary.closed] == [item.text]
    assert summary.closed[0].turns


def test_an_open_item_is_not_closed_by_asking_for_it_again() -> None:
    item = OpenItem("Find a good cobbler for the boots", "summaries/boots.md")
    again = Turn("user", "I need help finding a good cobbler for the boots."), Turn("assistant", "Ask at the market.")
    done = Turn("user", "I found a good cobbler for the boots."), Turn("assistant", "Splendid.")

    assert of(*again, earlier=(item,)).closed == ()
    assert [line.text for line in of(*done, earlier=(item,)).closed] == [item.text]


def test_a_long_session_keeps_to_a_few_short_lines() -> None:
    turns = []
    for n in range(40):
        turns += [
            Turn("assistant", f"Should bell number {n} ring at noon or at {n} o'clock in the evening?"),
            Turn("user", f"Let's keep it at noon for bell {n}" + " and all the others beside it" * 20),
            Turn("tool", "", action=Action("run", f'git commit -m "Ring bell {n}"', True)),
        ]

    summary = of(*turns)

    for slot in (summary.decided, summary.produced, summary.left_open):
        assert len(slot) <= LINES
        assert all(len(line.text) <= LINE_CHARACTERS for line in slot)
