"""Months of old conversations are closed under their own dates, however often the run is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agent import Closer
from agent.domain.session import Session, SessionKey
from agent.errors import UsageError
from agent.interfaces.backfill import histories
from tests.scenarios.test_hooks import closes, until

Cli = Callable[..., "subprocess.CompletedProcess[str]"]
BEGAN = datetime(2025, 1, 1, 9, tzinfo=UTC)
GREETING = [("user", "hi there"), ("assistant", "Hello! What can I do for you?")]


@pytest.fixture(autouse=True)
def _no_host_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CLAUDE_CONFIG_DIR", "CODEX_HOME", "GEMINI_CLI_HOME", "COPILOT_HOME"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def projects(tmp_path: Path) -> Path:
    folder = tmp_path / "user" / ".claude" / "projects" / "-w-shop"
    folder.mkdir(parents=True)
    return folder


def told(folder: Path, n: int, said: list[tuple[str, str]], *, name: str = "", cwd: str = "/w/shop") -> Path:
    """A Claude Code transcript that began `n` days after the first."""
    session, began = name or f"s-{n:03}", BEGAN + timedelta(days=n)
    moments = [began + timedelta(minutes=minute) for minute in range(len(said))]
    lines = [
        {"type": role, "sessionId": session, "cwd": cwd, "uuid": f"{session}-{k}", "timestamp": moments[k].isoformat(),
         "message": {"role": role, "content": text}}
        for k, (role, text) in enumerate(said)
    ]  # fmt: skip
    path = folder / f"{session}.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    os.utime(path, (moments[-1].timestamp(),) * 2)
    return path


def invoice(n: int) -> list[tuple[str, str]]:
    return [
        ("user", f"We keep the invoices of customer number {n} in the blue cabinet, and the lease in the red one."),
        ("assistant", f"Noted: the invoices of customer {n} are in the blue cabinet."),
    ]


def deploys(day: str) -> list[tuple[str, str]]:
    return [
        ("user", f"From now on we always deploy the shop on {day}s, please plan the release notes around that day."),
        ("assistant", f"Understood: deployments of the shop are on {day}s."),
    ]


def data(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    answer = json.loads(done.stdout)
    assert answer["ok"] is True, answer
    found: dict[str, Any] = answer["data"]
    return found


def counts(done: subprocess.CompletedProcess[str]) -> dict[str, int]:
    found: dict[str, int] = data(done)["counts"]
    return {name: count for name, count in found.items() if count}


def test_a_long_history_is_closed_once_though_the_run_is_killed_midway(
    cli: Cli, projects: Path, home: Path, models: Path
) -> None:
    substantial = [told(projects, n, invoice(n)) for n in range(0, 200, 10)]
    for n in range(200):
        if n % 10:
            told(projects, n, GREETING)
    environment = {**os.environ, "CLOSER_HOME": str(home), "CLOSER_EMBEDDER__FOLDER": str(models)}

    for stop in (3, 11):
        with subprocess.Popen([sys.executable, "-m", "agent", "backfill", "claude-code"], env=environment) as run:
            until(lambda stop=stop: len([*home.glob("vault/episodes/**/*.md")]) >= stop)  # type: ignore[misc]
            run.send_signal(signal.SIGKILL)
    done = cli("backfill", "claude-code", "--json")

    found = counts(done)
    assert (done.returncode, sum(found.values())) == (0, 200)
    assert set(found) == {"closed", "unchanged", "nothing"}
    assert found["unchanged"] >= 100  # what was done when it was killed for the second time
    assert closes(home) == [path.stem for path in reversed(substantial)]
    sound = subprocess.run(["git", "-C", str(home / "vault"), "fsck", "--strict"], capture_output=True, check=False)
    assert sound.returncode == 0
    before = (home / "backfill.jsonl").read_bytes()
    assert counts(cli("backfill", "claude-code", "--json")) == {"unchanged": 200}
    assert (home / "backfill.jsonl").read_bytes() == before


def test_each_conversation_lands_under_its_own_day_and_the_latest_word_stands(
    cli: Cli, projects: Path, home: Path
) -> None:
    late, early = (told(projects, n, deploys(day), cwd=str(projects)) for n, day in ((40, "Tuesday"), (3, "Friday")))
    os.utime(early, (late.stat().st_mtime + 1e6,) * 2)  # copied to this machine later than the other

    assert counts(cli("backfill", "claude-code", "--json")) == {"closed": 2}

    assert [path.parent.relative_to(home / "vault") for path in sorted((home / "vault").glob("episodes/**/*.md"))] == [
        Path("episodes/2025/01/04"),
        Path("episodes/2025/02/10"),
    ]
    notes = {path.read_text() for path in (home / "vault").glob("fragments/**/*.md")}
    assert [("Tuesday" in text, "status: active" in text) for text in notes if "Friday" in text.partition("---")[2]]
    assert all("Tuesday" in text for text in notes if "\nstatus: active" in text)
    with Closer.at(home) as closer:
        row = closer.sessions.get("claude-code:s-040")
        assert row is not None
        assert row.completed == BEGAN + timedelta(days=40, minutes=1)
        assert closer.receipt("claude-code:s-040")["scan"]["reason"] == "backfill"  # type: ignore[index]


def test_one_bad_file_is_named_and_stops_nothing(cli: Cli, projects: Path, home: Path) -> None:
    bad = projects / "bad.jsonl"
    bad.write_bytes(b"\x00\xff no transcript")
    os.utime(bad, (1e9, 1e9))
    (projects / "empty.jsonl").touch()
    os.utime(projects / "empty.jsonl", (1e9, 1e9))
    told(projects, 0, invoice(0))

    done = cli("backfill", "claude-code", "--json")

    assert done.returncode == 1
    assert counts(done) == {"closed": 1, "nothing": 1, "failed": 1}
    [failure] = data(done)["failed"]
    assert failure["source"] == str(bad)
    assert "binary" in failure["why"]
    assert counts(cli("backfill", "claude-code", "--json")) == {"unchanged": 2, "failed": 1}


def test_what_is_going_on_or_was_taken_back_is_left_alone(cli: Cli, projects: Path, home: Path, closer: Closer) -> None:
    (projects / "s-009.jsonl").write_text(told(projects, 9, invoice(9)).read_text())  # written just now
    told(projects, 1, invoice(1))
    told(projects, 2, invoice(2))
    closer._house.registry.put(Session(SessionKey("claude-code", "s-001"), seen=BEGAN))
    closer.close(projects / "s-002.jsonl")
    closer.rollback("claude-code:s-002")
    closer.shut()

    assert counts(cli("backfill", "claude-code", "--json")) == {"left alone": 3}
    assert closes(home) == ["s-002"]


def test_a_session_that_went_on_is_closed_again_and_one_only_touched_is_not(
    cli: Cli, projects: Path, home: Path
) -> None:
    told(projects, 1, invoice(1))
    same = told(projects, 2, invoice(2))
    assert counts(cli("backfill", "claude-code", "--json")) == {"closed": 2}
    told(projects, 1, [*invoice(1), *deploys("Monday")])
    os.utime(same, (2e9 - 1e9, 2e9 - 1e9))

    assert counts(cli("backfill", "claude-code", "--json")) == {"closed": 1, "unchanged": 1}
    assert closes(home) == ["s-001", "s-002", "s-001"]


def test_a_run_can_be_tried_and_bounded(cli: Cli, projects: Path, home: Path) -> None:
    for n in range(4):
        told(projects, n, invoice(n))

    listed = json.loads(cli("backfill", "claude-code", "--since", "2025-01-02", "--dry-run", "--json").stdout)["data"]
    assert [Path(one["path"]).stem for one in listed] == ["s-001", "s-002", "s-003"]
    assert not home.exists()
    assert counts(cli("backfill", "claude-code", "--since", "2025-01-02", "--limit", "2", "--json")) == {"closed": 2}
    assert closes(home) == ["s-002", "s-001"]


def test_each_host_is_searched_where_it_keeps_its_sessions(tmp_path: Path) -> None:
    kept = [
        "claude-code .claude/projects/-w/one.jsonl",
        "codex .codex/sessions/2025/01/02/rollout-2025-01-02T09-00-00-0000.jsonl",
        "codex .codex/archived_sessions/rollout-2024-01-02T09-00-00-0001.jsonl",
        "gemini-cli .gemini/tmp/abc/chats/session-2025-01-02.json",
        "cursor .cursor/projects/w/agent-transcripts/one/one.jsonl",
        "copilot-cli .copilot/session-state/one/events.jsonl",
    ]
    others = [
        ".claude/projects/-w/one/subagents/agent-a.jsonl", ".claude/projects/-w/agent-b.jsonl",
        ".claude/history.jsonl", ".codex/history.jsonl", ".gemini/tmp/abc/logs.json", ".cursor/projects/w/mcp.jsonl",
        ".cursor/projects/w/agent-transcripts/one/subagents/two.jsonl",
    ]  # fmt: skip
    user = tmp_path / "user"
    for name in [line.split()[1] for line in kept] + others:
        (user / name).parent.mkdir(parents=True, exist_ok=True)
        (user / name).write_text("{}\n")
    helper = user / ".codex/sessions/2025/01/02/rollout-2025-01-02T09-00-00-0002.jsonl"
    helper.write_text('{"type":"session_meta","payload":{"id":"x","source":{"subagent":"review"}}}\n')

    for host in dict.fromkeys(line.split()[0] for line in kept):
        found = {str(one.path.relative_to(user)) for one in histories.sources(host)}
        assert found == {line.split()[1] for line in kept if line.startswith(f"{host} ")}


def test_a_folder_of_one_kept_for_a_project_has_to_be_named(cli: Cli, home: Path, tmp_path: Path) -> None:
    chats = tmp_path / "shop"
    chats.mkdir()
    said = f"#### {invoice(1)[0][1]}\n\nNoted, the invoices of customer 1 are in the blue cabinet.\n"
    (chats / ".aider.chat.history.md").write_text(f"\n# aider chat started at 2025-01-02 09:00:00\n\n{said}")
    os.utime(chats / ".aider.chat.history.md", (BEGAN.timestamp(),) * 2)

    with pytest.raises(UsageError):
        histories.sources("aider")
    assert cli("backfill", "aider").returncode == 2
    assert counts(cli("backfill", "aider", "--path", str(chats), "--json")) == {"closed": 1}


def test_the_sessions_of_opencode_lie_in_one_folder(cli: Cli, home: Path, tmp_path: Path) -> None:
    storage = tmp_path / "user" / "data" / "opencode" / "storage"

    def put(record: dict[str, Any], *place: str) -> None:
        path = storage.joinpath(*place, f"{record['id']}.json")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(record))

    for n in (1, 2):
        session, made = f"ses_{n}", 1000 * int((BEGAN + timedelta(days=n)).timestamp())
        put({"id": session, "directory": "/w", "time": {"created": made}}, "session", "p")
        for k, (role, text) in enumerate(invoice(n)):
            message = f"msg_{n}{k}"
            put({"id": message, "sessionID": session, "role": role, "time": {"created": made + k}}, "message", session)
            put({"id": f"prt_{n}{k}", "messageID": message, "type": "text", "text": text}, "part", message)

    assert counts(cli("backfill", "opencode", "--json")) == {"closed": 2}
    assert counts(cli("backfill", "opencode", "--json")) == {"unchanged": 1}
    assert sorted(path.parent.name for path in (home / "vault").glob("episodes/2025/01/*/*.md")) == ["02", "03"]


def test_a_database_that_nobody_reads_is_said_to_be_one(cli: Cli, tmp_path: Path) -> None:
    database = tmp_path / "user" / "data" / "opencode" / "opencode.db"
    database.parent.mkdir(parents=True)
    database.touch()

    done = cli("backfill", "opencode")

    assert done.returncode == 2
    assert "database" in done.stderr
