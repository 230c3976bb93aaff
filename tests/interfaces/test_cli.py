"""The command line: one JSON object, honest exit codes, errors that say what to do next."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.interfaces.cli.group import VERBS
from tests.scenarios.talks import bakery

Cli = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    path = tmp_path / "talk.txt"
    path.write_text("".join(f"{t.role.capitalize()}: {t.text}\n\n" for t in bakery().turns), "utf-8")
    return path


def data(done: subprocess.CompletedProcess[str]) -> object:
    answer = json.loads(done.stdout)
    assert answer["schema"] == "closer.cli/1"
    assert answer["ok"] is True
    return answer["data"]


def error(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    answer = json.loads(done.stdout)
    assert answer["ok"] is False
    assert set(answer["error"]) == {"code", "message", "hint"}
    return answer["error"]


def test_a_day_with_every_verb_answers_in_json(cli: Cli, talk: Path, home: Path) -> None:
    assert data(cli("init", "--json"))["vault"] == str(home / "vault")
    assert data(cli("open", "test:day", "--json"))["text"].startswith("<closer-memory")
    assert data(cli("checkpoint", "test:day", str(talk), "--json"))["commit"]
    kept = data(cli("remember", "We deploy on Fridays", "--json"))
    assert data(cli("recall", "when do we deploy?", "--json"))["hits"][0]["text"] == "We deploy on Fridays"
    assert data(cli("recall", "--keyword", "deploy", "--json"))["hits"][0]["text"] == "We deploy on Fridays"
    closed = data(cli("close", str(talk), "--json"))
    assert closed["schema"] == "closer.receipt/1"
    assert data(cli("close", str(talk), "--dry-run", "--json"))[0]["outcome"] == "done"
    assert data(cli("close", "test:day", "--json"))["session"] == "test:day"
    assert data(cli("forget", kept["decisions"][0]["id"], "--json"))["removed"]
    assert data(cli("rollback", closed["session"], "--json"))["commit"]
    assert data(cli("reconcile", "--json"))["stores"]["gateway"]["state"] in ("written", "unchanged")
    assert data(cli("rebuild", "--json"))["stores"]["gateway"]["state"] == "written"
    assert data(cli("status", "--json"))["gateway"]["waiting"] == 0
    assert {c["verdict"] for c in data(cli("doctor", "--json"))} == {"ok"}


@pytest.mark.sqlite("it changes the log's file")
def test_the_audit_log_is_proved_whole_until_somebody_changes_it(cli: Cli, talk: Path, home: Path) -> None:
    data(cli("close", str(talk), "--json"))

    whole = data(cli("audit", "verify", "--json"))
    assert (whole["whole"], whole["broken"], whole["missing"]) == (True, [], [])
    assert list(dict.fromkeys(entry["event"] for entry in data(cli("audit", "list", "--json")))) == [
        "session.closing", "session.statusChanged", "fragment.committed", "session_end", "session.closed",
    ]  # fmt: skip

    with sqlite3.connect(home / "registry.db") as db:
        db.execute("DELETE FROM events")
    changed = cli("audit", "verify")
    assert changed.returncode == 1
    assert "the vault names entry 1:" in changed.stdout


def test_help_lists_every_verb_and_loads_none(cli: Cli) -> None:
    done = cli("--help")

    assert all(verb in done.stdout for verb in VERBS)
    assert done.returncode == 0


def test_version_needs_no_library() -> None:
    script = (
        "import sys; sys.argv = ['closer', '--version']\n"
        "from agent.interfaces.entry import main; main()\n"
        "assert not {'click', 'pydantic', 'chromadb', 'numpy', 'git', 'sqlalchemy'} & set(sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"closer \d+\.\d+\.\d+\n", done.stdout)


def test_a_keyword_recall_loads_neither_model_nor_gateway_nor_settings(cli: Cli, home: Path) -> None:
    cli("remember", "We deploy on Fridays")
    script = (
        f"import sys; sys.argv = ['closer', '--home', {str(home)!r}, 'recall', '--keyword', 'deploy']\n"
        "from agent.interfaces.entry import main\n"
        "try: main()\n"
        "except SystemExit as end: assert end.code == 0\n"
        "loaded = {'torch', 'chromadb', 'chromadb_rust_bindings', 'onnxruntime', 'numpy', 'git', 'sqlalchemy',\n"
        "          'pydantic', 'yaml', 'rich'} & set(sys.modules)\n"
        "assert not loaded, loaded"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert "We deploy on Fridays" in done.stdout


def test_a_recall_with_vectors_never_loads_torch(cli: Cli, home: Path, models: Path) -> None:
    cli("remember", "We deploy on Fridays")
    script = (
        "import sys, os\n"
        f"os.environ['CLOSER_EMBEDDER__FOLDER'] = {str(models)!r}\n"
        f"sys.argv = ['closer', '--home', {str(home)!r}, 'recall', 'when do we ship?']\n"
        "from agent.interfaces.entry import main\n"
        "try: main()\n"
        "except SystemExit as end: assert end.code == 0\n"
        "assert 'onnxruntime' in sys.modules\n"
        "assert not {'torch', 'sentence_transformers', 'transformers'} & set(sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)

    assert done.returncode == 0, done.stderr


class TestExitCodes:
    def test_1_for_input_that_is_no_transcript_naming_file_and_formats(self, cli: Cli, tmp_path: Path) -> None:
        noise = tmp_path / "noise.bin"
        noise.write_bytes(bytes(range(256)) * 10)

        done = cli("close", str(noise), "--json")

        assert done.returncode == 1
        assert str(noise) in error(done)["message"]
        assert "claude" in error(done)["hint"]

    def test_2_for_a_wrong_call(self, cli: Cli) -> None:
        assert cli("close").returncode == 2
        assert cli("nonsense").returncode == 2
        assert cli("recall", " ").returncode == 2

    def test_3_for_a_configuration_listing_every_problem(self, cli: Cli, home: Path) -> None:
        home.mkdir()
        (home / "config.yaml").write_text("gateway: {mode: cloud, deadline: -1}\n", "utf-8")

        done = cli("status", "--json")

        assert done.returncode == 3
        assert "gateway.mode" in error(done)["message"]
        assert "gateway.deadline" in error(done)["message"]

    def test_3_for_a_setting_that_does_not_exist_and_for_what_is_no_yaml(self, cli: Cli, home: Path) -> None:
        home.mkdir()
        (home / "config.yaml").write_text("gatewy: {mode: server}\n", "utf-8")
        assert "gatewy" in error(cli("status", "--json"))["message"]
        (home / "config.yaml").write_text("gateway: [\n", "utf-8")
        assert cli("status").returncode == 3

    def test_3_for_a_home_that_cannot_be_made(self, cli: Cli) -> None:
        assert cli("status", CLOSER_HOME="/dev/null").returncode == 3
        assert cli("status", CLOSER_HOME="/proc/nowhere").returncode == 3

    def test_1_for_a_doctor_who_finds_something_broken(self, cli: Cli) -> None:
        done = cli("doctor", CLOSER_GATEWAY__MODE="server", CLOSER_GATEWAY__URL="http://127.0.0.1:9")

        assert done.returncode == 1
        assert "✗ gateway" in done.stdout

    def test_5_for_a_reconcile_while_the_gateway_is_away(self, cli: Cli) -> None:
        cli("remember", "We deploy on Fridays")

        away = {"CLOSER_GATEWAY__MODE": "server", "CLOSER_GATEWAY__URL": "http://127.0.0.1:9"}
        done = cli("reconcile", **away)

        assert done.returncode == 5
        assert error(cli("reconcile", "--json", **away))["code"] == "gateway_offline"

    def test_75_for_a_home_that_another_process_holds(self, cli: Cli, home: Path) -> None:
        cli("init")
        holder = subprocess.Popen(
            [
                sys.executable,
                "-c",
                "import sys, pathlib; from agent.adapters.home_lock import HomeLock\n"
                "with HomeLock(pathlib.Path(sys.argv[1]) / 'owner.lock').hold(1):\n"
                "    print('held', flush=True); sys.stdin.read()",
                str(home),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"

        done = cli("remember", "We deploy on Fridays", CLOSER_LOCK__WAIT="0.2")
        holder.communicate("")

        assert done.returncode == 75
        assert "try again" in done.stderr


def test_text_from_a_transcript_cannot_steer_the_terminal(cli: Cli) -> None:
    cli("remember", "I prefer \x1b[31mred\x1b[0m and \x9b2J and \u202eevil")

    shown = cli("recall", "prefer red").stdout

    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", shown)


def test_stdin_is_read_as_a_file(cli: Cli, talk: Path) -> None:
    done = cli("close", "-", "--json", stdin=talk.read_text("utf-8"))

    assert data(done)["outcome"] == "close"
