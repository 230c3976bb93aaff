"""What there is at the end of a session that wasn't before."""

from __future__ import annotations

from agent.domain.session import SessionKey
from agent.domain.transcript import Action, Transcript, Turn, Verb
from agent.stages.summarising.produced import produced


def tool(verb: Verb, target: str, text: str = "", ok: bool | None = True) -> Turn:
    return Turn("tool", text, action=Action(verb, target, ok))


def texts(*turns: Turn, root: str = "") -> list[str]:
    talk = Transcript.of(SessionKey("test", "work"), turns)
    return [line.text for line in produced(talk.turns, root).lines]


ASKED = Turn("user", "Please make the bell ring twice.")


def test_files_of_one_request_are_one_line_citing_every_write() -> None:
    turns = [ASKED, tool("write", "/shop/bell.py"), tool("write", "/shop/test_bell.py"), tool("write", "/shop/bell.py")]
    talk = Transcript.of(SessionKey("test", "work"), turns)

    [line] = produced(talk.turns, "/shop").lines

    assert line.text == "Wrote `bell.py`, `test_bell.py`"
    assert line.turns == (1, 2, 3)


def test_a_file_is_told_with_what_the_assistant_reported_of_it() -> None:
    report = Turn("assistant", "All done.\n\n- `bell.py`: rings twice with a pause of half a second")

    assert texts(ASKED, tool("write", "bell.py"), report) == [
        "Wrote `bell.py`: Rings twice with a pause of half a second"
    ]


def test_what_the_assistant_means_to_do_is_no_report() -> None:
    plan = Turn("assistant", "I'll change `bell.py` so that it rings twice.")

    assert texts(ASKED, tool("write", "bell.py"), plan) == ["Wrote `bell.py`"]


def test_files_that_were_deleted_moved_or_taken_back_were_not_produced() -> None:
    turns = [
        ASKED,
        tool("write", "bell.py"),
        tool("write", "gong.py"),
        tool("write", "drum.py"),
        tool("run", "rm gong.py"),
        tool("run", "git checkout -- drum.py"),
    ]

    assert texts(*turns) == ["Wrote `bell.py`", "Deleted `gong.py`"]


def test_a_failed_write_produced_nothing() -> None:
    assert texts(ASKED, tool("write", "bell.py", "File not found", ok=False)) == []


def test_the_last_run_of_the_tests_counts() -> None:
    good, bad = tool("run", "pytest", "3 passed"), tool("run", "pytest", "1 failed, 2 passed", ok=False)
    talk = Transcript.of(SessionKey("test", "work"), [ASKED, good, bad])
    ended = produced(talk.turns)

    assert texts(ASKED, bad, good) == ["Tests pass: `pytest` (3 passed)"]
    assert ended.lines == ()
    assert [line.text for line in ended.failing] == ["Tests fail: `pytest` (1 failed, 2 passed)"]


def test_a_text_that_was_asked_for_was_handed_over() -> None:
    letter = (
        "Here it is:\n\nDear neighbours, on Saturday the bell will ring twice an hour from nine until noon, "
        "because we are testing the new hammer. Sorry!"
    )

    [text] = texts(Turn("user", "Draft a letter to the neighbours."), Turn("assistant", letter))

    assert text.startswith("Text: Draft a letter to the neighbours. — Dear neighbours, on Saturday")


def test_a_table_is_a_text_without_its_lines() -> None:
    table = "| | per month |\n|---|---|\n| Rent | 910 |\n| Hammers and ropes | 40 |\n| Clock oil | 12 |\n| Choir | 30 |"

    [text] = texts(Turn("user", "do it"), Turn("assistant", table))

    assert text.startswith("Text: Rent 910 Hammers and ropes 40")


def test_a_plan_that_was_ordered_needs_no_announcement() -> None:
    plan = (
        "**Week 1**: oil the clock and the wheels of the big bell.\n**Week 2**: new ropes for both.\n**Week 3**: trial"
    )
    [text] = texts(
        Turn("user", "Please make a plan for the repair."), Turn("assistant", plan + " ring on Sunday at noon.")
    )

    assert text.startswith("Text: ")


def test_what_matters_most_is_kept_when_there_is_too_much() -> None:
    turns = [ASKED, tool("run", 'git commit -m "Ring twice"')]
    turns += [tool("run", f"npx lint{n} check src", "0 issues") for n in range(9)]
    talk = Transcript.of(SessionKey("test", "work"), turns)
    found = produced(talk.turns)

    assert len(found.lines) == 10
    assert found.most(3)[0].text == "Committed: Ring twice"
    assert len(found.most(3)) == 3


def test_an_answer_is_not_a_text_handed_over() -> None:
    answer = Turn("assistant", "Bells ring because the hammer hits the rim.\n\n" + "A rim is a rim. " * 10)

    assert texts(Turn("user", "Why do bells ring?"), answer) == []


def test_without_tools_records_the_assistants_word_counts() -> None:
    report = Turn("assistant", "I've changed the hammer so that it hits the rim twice.")

    assert texts(ASKED, report) == ["I've changed the hammer so that it hits the rim twice."]


COMMITTED = "Applied edit to bell.py\nCommit 1a2b3c4 feat: Ring twice"


def test_a_commit_that_a_tool_made_by_itself_is_produced_with_its_title() -> None:
    assert texts(ASKED, tool("write", "bell.py\ngong.py", COMMITTED)) == [
        "Wrote `bell.py`, `gong.py`",
        "Committed: feat: Ring twice",
    ]


def test_a_commit_taken_back_was_not_produced_nor_was_what_it_held() -> None:
    kept = tool("write", "gong.py", "Commit 5d6e7f8 fix: Tune the gong")

    assert texts(ASKED, tool("write", "bell.py", COMMITTED), kept, tool("run", "/undo 1a2b3c4")) == [
        "Wrote `gong.py`",
        "Committed: fix: Tune the gong",
    ]
    assert texts(ASKED, tool("write", "bell.py", COMMITTED), tool("run", "git revert 1a2b3c4d5e")) == []


def test_an_undo_that_failed_takes_nothing_back() -> None:
    turns = [ASKED, tool("write", "bell.py", COMMITTED), tool("run", "/undo 1a2b3c4", ok=False)]

    assert texts(*turns) == ["Wrote `bell.py`", "Committed: feat: Ring twice"]


def test_a_report_on_somebody_elses_change_is_not_one_on_ours() -> None:
    report = Turn("assistant", "The PR includes a new test in bell.py for the second ring.")

    assert texts(ASKED, tool("write", "bell.py"), report) == ["Wrote `bell.py`"]


def test_a_place_in_a_file_is_not_part_of_what_was_reported() -> None:
    report = Turn("assistant", "- `bell.py:37-41` - rings twice with a pause")

    assert texts(ASKED, tool("write", "bell.py"), report) == ["Wrote `bell.py`: Rings twice with a pause"]


def test_a_text_is_told_by_the_order_and_by_its_own_beginning() -> None:
    asked = Turn("user", "I'm worried about the tower, so can you help me create a plan for its repair?")
    plan = (
        "Certainly! Here is how it could go:\n\n**Week 1**: take the bells down.\n"
        "**Week 2**: mend the beams and oil the clock, then hang the bells again and ring them once."
    )

    assert texts(asked, Turn("assistant", plan))[0].startswith("Text: Create a plan for its repair — Week 1 : take")


def test_speaking_of_a_draft_orders_none() -> None:
    asked = Turn("user", "Looking forward to our next draft exchange!")
    answer = "You're welcome!\n\nThat is a good way to go on with one another.\n\n" + "Ring the bells with care. " * 8

    assert texts(asked, Turn("assistant", answer)) == []
