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


def test_what_is_put_off_is_left_open_and_reads_as_sentences() -> None:
    summary = of(
        Turn("user", "Should we show somewhere how often the bell rang?"),
        Turn("assistant", "It needs a counter. Half a day, I'd guess."),
        Turn("user", "too much before lunch. let's leave the counter for next time. and don't oil the clock yet"),
        Turn("assistant", "Still open, then: the counter, and oiling the clock."),
    )

    assert summary.decided == ()
    assert [line.text for line in summary.left_open] == [
        "Too much before lunch. Let's leave the counter for next time. And don't oil the clock yet."
    ]


def test_an_answered_question_and_what_it_rests_on_are_not_left_open() -> None:
    summary = of(
        Turn("user", "We ring on Fridays, so the hammer would have to be back by Thursday evening. realistic?"),
        Turn("assistant", "Yes. It is half a morning's work."),
        Turn("user", "One thing bugs me. after the fifth stroke, does the clock stop like before?"),
        Turn("assistant", "No, it goes on."),
    )

    assert summary.left_open == ()


def test_a_standing_instruction_is_nothing_left_to_do() -> None:
    summary = of(*TALK, Turn("user", "Always name the year when I ask about a bell."), Turn("assistant", "I will."))

    assert not any("Always" in line.text for line in summary.left_open)


def test_what_was_settled_later_in_the_session_is_not_left_open() -> None:
    summary = of(
        Turn("user", "The choir's outing: I have to book an inn before noon or Jun books the castle again."),
        Turn("assistant", "Ghent would do, or Tournai."),
        Turn("user", "Let's go with an inn in Ghent for the outing of the choir, booked for 11 June, no castle."),
        Turn("assistant", "Noted."),
    )

    assert summary.left_open == ()
    assert [line.turns for line in summary.decided] == [(2,)]


def test_a_promise_is_quoted_with_the_sentence_that_names_what_it_is_about() -> None:
    summary = of(
        Turn("user", "Is the bell in good repair?"),
        Turn("assistant", "The hammer is worn, the rope is sound."),
        Turn(
            "user", "not now. let's leave it open: the bell needs a new hammer. I'll do it on thursday morning with you"
        ),
        Turn("assistant", "Left open until Thursday."),
    )

    assert "new hammer" in summary.left_open[0].text


def test_the_gist_is_the_persons_request_not_a_sentence_of_the_assistants() -> None:
    summary = of(
        Turn("user", "Hello! How do I get the crack out of an old bronze bell?"),
        Turn("assistant", "Welding is a powerful way of mending bronze. Bronze bells are cast from copper and tin."),
        Turn("user", "And what does it cost to have a bronze bell cast anew in Belgium?"),
        Turn("assistant", "That depends on its weight. Bronze is dear at the moment."),
    )

    assert [line.turns for line in summary.gist] == [(0,), (2,)]


def test_a_decision_is_told_without_the_question_that_came_with_it() -> None:
    summary = of(
        Turn("user", "The rope is too thin."),
        Turn("assistant", "Hemp or nylon?"),
        Turn("user", "Let's take hemp then, 20 mm. Can you order it?"),
        Turn("assistant", "Noted: hemp, 20 mm."),
    )

    assert [line.text for line in summary.decided] == ["Hemp or nylon? — Let's take hemp then, 20 mm."]


def test_a_talk_among_people_opens_with_what_it_was_mostly_about_and_who_said_it() -> None:
    summary = of(
        Turn("user", "Um so the brochure should be printed on recycled paper, I think.", "Ines"),
        Turn("user", "Yeah.", "Jon"),
        Turn("user", "Recycled paper costs twelve cents more per brochure, but the museum asked for it.", "Ines"),
        Turn("user", "The printer in Ghent has recycled paper in stock for four thousand brochures.", "Jon"),
        Turn("assistant", "I can compare printers of brochures if that helps.", "Desk"),
    )

    told = {line.text.split(":")[0] for line in summary.gist}
    assert {"Ines", "Jon"} <= told
    assert sum(len(line.text.split()) for line in summary.gist) <= 60
    assert all("brochure" in line.text.lower() for line in summary.gist[:1])
