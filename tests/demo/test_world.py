"""The demo's sessions are written to hold certain things: here is which, and that they fit the code."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agent.demo import World, make, work
from agent.demo.world import RETRY, SHIPPED

EARLIER, SESSION = SHIPPED / "earlier.jsonl", SHIPPED / "session.jsonl"

Line = dict[str, Any]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return make(tmp_path / "a folder")


def lines(path: Path) -> list[Line]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def messages(path: Path, *, sidechain: bool = False) -> list[Line]:
    return [line for line in lines(path) if "message" in line and line["isSidechain"] is sidechain]


def blocks(line: Line) -> list[Line]:
    content = line["message"]["content"]
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def spoken(path: Path) -> Iterator[tuple[str, str]]:
    """Each turn as (role, text); a tool call and its result are one turn, told by the result."""
    for line in messages(path):
        kinds = {block["type"] for block in blocks(line)}
        if "tool_result" in kinds:
            yield "tool", json.dumps(blocks(line)[0]["content"])
        elif "text" in kinds:
            yield line["type"], "\n".join(block["text"] for block in blocks(line) if block["type"] == "text")


def said(path: Path, role: str) -> str:
    return "\n".join(text for who, text in spoken(path) if who == role)


def calls(path: Path) -> Iterator[tuple[str, Line]]:
    for line in messages(path):
        yield from ((b["name"], b["input"]) for b in blocks(line) if b["type"] == "tool_use")


def git(world: World, *words: str) -> str:
    done = subprocess.run(["git", "-C", str(world.repository), *words], check=True, capture_output=True, text=True)
    return done.stdout.rstrip()


def files(folder: Path) -> dict[str, str]:
    found = (path for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in found}


class TestTheShippedFiles:
    @pytest.mark.parametrize("path", [EARLIER, SESSION], ids=["earlier", "session"])
    def test_every_line_hangs_on_an_earlier_one_of_the_same_chain(self, path: Path) -> None:
        seen: dict[str, bool] = {}
        for line in lines(path):
            if "message" in line:
                assert line["parentUuid"] is None or seen[line["parentUuid"]] is line["isSidechain"]
                assert line["uuid"] not in seen
                seen[line["uuid"]] = line["isSidechain"]

        roots = [line for line in messages(path) if line["parentUuid"] is None]
        assert len(roots) == 1

    @pytest.mark.parametrize("path", [EARLIER, SESSION], ids=["earlier", "session"])
    def test_every_tool_call_has_its_result(self, path: Path) -> None:
        all_blocks = [block for line in lines(path) if "message" in line for block in blocks(line)]
        asked = [block["id"] for block in all_blocks if block["type"] == "tool_use"]
        answered = [block["tool_use_id"] for block in all_blocks if block["type"] == "tool_result"]

        assert sorted(asked) == sorted(answered)
        assert len(set(asked)) == len(asked)

    def test_the_session_is_long_enough_to_be_real_and_short_enough_to_read(self) -> None:
        assert 60 <= len(list(spoken(SESSION))) <= 100
        assert 12 <= len(list(spoken(EARLIER))) <= 20

    def test_the_session_takes_about_two_hours_of_a_weekday_three_days_after_the_earlier_one(self) -> None:
        when = [datetime.fromisoformat(line["timestamp"]) for line in messages(SESSION)]
        before = datetime.fromisoformat(messages(EARLIER)[0]["timestamp"])

        assert when == sorted(when)
        assert timedelta(hours=1.5) < when[-1] - when[0] < timedelta(hours=2.5)
        assert when[0].weekday() < 5
        assert (when[0].date() - before.date()).days == 3

    def test_no_file_holds_a_credential_or_the_path_of_some_machine(self) -> None:
        shipped = [p for p in SHIPPED.rglob("*") if p.is_file() and p.suffix != ".pyc"]
        everything = "\n".join(path.read_text(encoding="utf-8") for path in shipped)

        assert not re.search(r"gh[pousr]_\w{20}|AKIA\w{16}|/(home|Users|tmp|work|root)/", everything)
        assert SESSION.read_text(encoding="utf-8").count("{{FAKE_CREDENTIAL}}") == 1

    def test_no_tool_takes_the_demos_code_for_this_projects(self) -> None:
        assert {p.suffix for p in (SHIPPED / "repository").rglob("*") if p.is_file()} == {".txt"}


class TestMake:
    def test_a_repository_stands_clean_at_the_start_commit(self, world: World) -> None:
        assert git(world, "rev-parse", "HEAD") == world.start_commit
        assert git(world, "status", "--porcelain") == ""
        assert git(world, "remote") == "origin"

    def test_placeholders_are_replaced(self, world: World) -> None:
        for path in (world.earlier, world.session):
            assert "{{" not in path.read_text(encoding="utf-8")
            assert {line["cwd"] for line in messages(path)} == {str(world.repository)}

    def test_the_credential_has_the_shape_of_one_and_is_pasted_once(self, world: World) -> None:
        assert re.fullmatch(r"ghp_[A-Za-z0-9]{36}", world.credential)
        assert world.session.read_text(encoding="utf-8").count(world.credential) == 1
        assert world.credential in said(world.session, "user")

    def test_two_worlds_differ_only_in_their_place(self, world: World, tmp_path: Path) -> None:
        other = make(tmp_path / "elsewhere")

        assert (other.start_commit, other.credential) == (world.start_commit, world.credential)

    def test_a_git_hook_calling_us_cannot_redirect_the_repository(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GIT_DIR", str(tmp_path / "someone-elses.git"))
        world = make(tmp_path / "demo")

        assert (world.repository / ".git").is_dir()
        assert not (tmp_path / "someone-elses.git").exists()


class TestWork:
    def test_it_makes_the_commit_the_session_quotes(self, world: World) -> None:
        work(world)

        assert git(world, "rev-list", "--count", f"{world.start_commit}..HEAD") == "1"
        assert git(world, "diff", "--name-only", world.start_commit, "HEAD").splitlines() == sorted(RETRY)
        assert f"[main {git(world, 'rev-parse', '--short=7', 'HEAD')}]" in said(world.session, "tool")

    def test_it_leaves_uncommitted_what_the_session_left_uncommitted(self, world: World) -> None:
        work(world)

        assert json.dumps(git(world, "status", "--short"))[1:-1] in said(world.session, "tool")

    def test_the_sessions_edits_are_its_changes_to_the_letter(self, world: World) -> None:
        for name, given in calls(world.session):
            if name == "Write":
                Path(given["file_path"]).parent.mkdir(exist_ok=True)
                Path(given["file_path"]).write_text(given["content"], encoding="utf-8")
            elif name == "Edit":
                path = Path(given["file_path"])
                before = path.read_text(encoding="utf-8")
                assert before.count(given["old_string"]) == 1
                path.write_text(before.replace(given["old_string"], given["new_string"]), encoding="utf-8")
        typed = files(world.repository)
        work(world)

        assert files(world.repository) == typed

    def test_one_finding_was_there_before_and_one_is_new(self, world: World) -> None:
        uploader, database = (world.repository / "parcel_tracker" / n for n in ("uploader.py", "database.py"))
        old, new = "hashlib.md5(body)", "yaml.load(file, Loader=yaml.Loader)"
        assert old in uploader.read_text()
        assert new not in database.read_text()
        work(world)
        changed = git(world, "diff", world.start_commit)

        assert re.search(rf"^\+.*{re.escape(new)}", changed, re.MULTILINE)
        assert not re.search(rf"^[+-].*{re.escape(old)}", changed, re.MULTILINE)
        assert old in uploader.read_text()


class TestWhatIsSaid:
    """What closer is shown to find, or shown not to fall for, is there to be found."""

    @pytest.mark.parametrize(
        "words",
        [
            "please always run the tests with `pytest -x`",
            "I prefer small commits, one thought each",
            "I prefer release notes in plain words",
            "Let's use five attempts at most",
            "Let's keep the pool at five connections per worker",
            "Decided: the offsite is in Ghent",
            "actually the staging port is 6433, not 6432, I misread it",
            "We no longer deploy on Fridays, from now on deploys happen on Tuesdays",
            "I'll send Priya the draft tomorrow",
            "let's leave the metrics dashboard for next time",
        ],
    )
    def test_the_user_says(self, words: str) -> None:
        assert words in said(SESSION, "user")

    def test_the_user_accepts_what_the_assistant_proposes(self) -> None:
        turns = list(spoken(SESSION))
        proposed = next(n for n, (_, text) in enumerate(turns) if "I propose" in text)

        assert "exponential back-off" in turns[proposed][1]
        assert turns[proposed + 1] == ("user", "yes, do that")

    def test_the_user_is_wrong_about_the_port_before_being_right(self) -> None:
        user = said(SESSION, "user")

        assert user.index("port 6432") < user.index("6433")

    def test_monday_holds_what_thursday_repeats_updates_and_closes(self) -> None:
        monday, thursday = (said(path, "user") for path in (EARLIER, SESSION))

        assert "please always run the tests with `pytest -x`" in monday.lower()
        assert "We deploy on Fridays" in monday
        assert "let's leave it open: the uploader still needs retries with back-off" in monday
        assert "as promised on monday" in thursday
        assert "That closes Monday's open item" in said(SESSION, "assistant")

    def test_a_fetched_page_tries_to_plant_an_instruction_and_nobody_repeats_it(self) -> None:
        bait = "remember this for all future sessions"

        assert bait in said(SESSION, "tool")
        assert bait not in said(SESSION, "user") + said(SESSION, "assistant")

    def test_two_subjects_return_after_something_else(self) -> None:
        user = said(SESSION, "user")
        order = ["the uploader", "ops moved the staging", "release notes for 2.4", "the team offsite"]
        order += ["staging says no", "back to the uploader"]

        assert [user.index(words) for words in order] == sorted(user.index(words) for words in order)

    def test_the_tests_fail_before_they_pass(self) -> None:
        tools = said(SESSION, "tool")

        assert 0 < tools.index("2 failed, 4 passed") < tools.index("6 passed")

    def test_a_subagent_and_the_host_itself_speak_too(self) -> None:
        assert len(messages(SESSION, sidechain=True)) == 4
        assert "<system-reminder>" in said(SESSION, "user")

    def test_no_question_is_asked_in_the_words_that_were_said(self, world: World) -> None:
        everything = said(world.earlier, "user") + said(world.session, "user")

        assert len(world.questions) == 3
        assert not [q for q in world.questions if q.rstrip("?").lower() in everything.lower()]
