"""The hook alone: whatever a host says or does, it ends with 0, says nothing it wasn't asked for, and costs little."""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.adapters import quick_json, spool
from agent.adapters.transcripts import reading
from agent.home import home_folder
from agent.interfaces.hooks import hosts, launcher, places

Hook = Callable[..., "subprocess.CompletedProcess[bytes]"]
LIMIT = 3.0
"""Times the CPU of Python's own start that a hook may take."""
RUNS = 15


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "closer's home"
    launcher.write(folder)
    return folder


@pytest.fixture
def hook(home: Path, tmp_path: Path) -> Hook:
    """Runs what a host would, where a host would."""

    def run(host: str, event: str, said: bytes, **more: Any) -> subprocess.CompletedProcess[bytes]:
        command = [str(launcher.path(home)), host, event]
        return subprocess.run(command, input=said, capture_output=True, cwd=tmp_path, timeout=60, check=False, **more)

    return run


def asked(home: Path) -> list[dict[str, object]]:
    return [spool.read(path) for path in spool.waiting(places.spool(str(home)))]


def named(session: object = "s", **more: object) -> bytes:
    return json.dumps({"session_id": session, **more}).encode()


HOSTILE: dict[str, bytes] = {
    "nothing": b"",
    "blanks": b" \n\t\r\n",
    "binary": bytes(range(256)) * 100,
    "NULs": b"\0" * 10_000,
    "no JSON": b"{",
    "half a string": b'{"session_id": "s',
    "prose": b"Please summarise this session.",
    "a list": b"[]",
    "a text": b'"session_id"',
    "a number": b"1e999",
    "a long number": b'{"a": ' + b"9" * 10_000 + b"}",
    "null": b"null",
    "NaN": b'{"session_id": NaN}',
    "deep lists": b"[" * 200_000,
    "deep objects": b'{"a":' * 200_000,
    "a deep field": b'{"session_id": "s", "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "UTF-16": '{"session_id": "s"}'.encode("utf-16"),
    "a mark before": b"\xef\xbb\xbf" + named(),
    "no session": b'{"cwd": "/tmp"}',
    "an empty session": named(""),
    "a session that is an object": named({"a": 1}),
    "a session that is a number": named(7),
    "a session that is a list": named(["a", ["b"]]),
    "a path as session": named("../../etc/passwd"),
    "a session of several lines": named("a\nb\r\nc"),
    "control characters": named("\u0000\u001b[31m\u202e\u2028"),
    "half a surrogate": b'{"session_id": "\\ud800"}',
    "an option as session": named("--home=/"),
    "a long session": named("x" * 900_000),
    "a long folder": named(cwd="/" + "y" * 500_000),
    "a folder that is no path": named(cwd="\u0000/\ud83d\ude00\n"),
    "a folder of percent signs": named(cwd="%s%n{}$(touch x)`id`"),
    "a transcript that is a device": named(transcript_path="/dev/zero"),
    "a transcript that is an object": named(transcript_path={"path": "/x"}),
    "many fields": json.dumps({"session_id": "s", **{f"f{n}": n for n in range(50_000)}}).encode(),
    "the same field twice": b'{"session_id": "a", "session_id": {"b": 1}}',
    "many fields, cut off": json.dumps({"session_id": "s", **{f"f{n}": n for n in range(100_000)}}).encode(),
    "blanks without end": b'{"session_id": "s",' + b" " * 2_000_000,
    "two megabytes": named(prompt="z" * 2_000_000),
}
EVENTS = [("claude-code", "SessionStart"), ("claude-code", "SessionEnd"), ("cursor", "stop"), ("nobody", "Nothing")]


@pytest.mark.parametrize("said", HOSTILE.values(), ids=HOSTILE)
def test_no_payload_makes_the_hook_fail_or_speak(home: Path, hook: Hook, said: bytes) -> None:
    for host, event in EVENTS:
        done = hook(host, event, said)
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")

    for request in asked(home):
        text = json.dumps(request, ensure_ascii=False).encode()  # fails for what no database takes
        assert request["session"]
        assert len(text) < spool.LARGEST
        assert b"\\u0000" not in text
    assert not (home / "hook.log").exists()


def test_a_payload_that_is_too_long_or_broken_off_still_ends_the_session(home: Path, hook: Hook) -> None:
    hook("claude-code", "SessionEnd", named("long", cwd="/w", prompt="x" * 100_000_000))
    hook("claude-code", "SessionEnd", b'{"session_id": "short", "cwd": "/w", "reason": "oth')

    assert [(request["session"], request["cwd"]) for request in asked(home)] == [("long", "/w"), ("short", "/w")]


@pytest.mark.parametrize("ident", ["../../etc/passwd", "a\nb\r\nc: d", " \t x", "y" * 3000, "\u202e\u0000é😀", "1:2"])
def test_a_session_is_called_as_the_reader_of_its_transcript_will_call_it(home: Path, hook: Hook, ident: str) -> None:
    hook("claude-code", "SessionEnd", named(ident))

    assert [request["session"] for request in asked(home)] == [reading.label(ident, 200)]


def test_a_host_that_never_ends_its_input_is_not_waited_for(home: Path) -> None:
    command = [str(launcher.path(home)), "claude-code", "SessionEnd"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, bufsize=0) as hook:
        assert hook.stdin is not None
        hook.stdin.write(named("still talking")[:-1])
        assert hook.wait(timeout=30) == 0

    assert [request["session"] for request in asked(home)] == ["still talking"]


def test_a_key_pressed_at_the_terminal_does_not_reach_the_hook(home: Path) -> None:
    command = [str(launcher.path(home)), "claude-code", "SessionEnd"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, bufsize=0, start_new_session=True) as hook:
        assert hook.stdin is not None
        hook.stdin.write(named("s"))
        while not ignores_interrupts(hook.pid) and hook.poll() is None:
            select.select([], [], [], 0.001)
        hook.send_signal(signal.SIGINT)
        hook.stdin.close()
        assert hook.wait(timeout=30) == 0

    assert [request["session"] for request in asked(home)] == ["s"]


def ignores_interrupts(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    [ignored] = [line.split()[1] for line in status.splitlines() if line.startswith("SigIgn")]
    return bool(int(ignored, 16) & 1 << (signal.SIGINT - 1))


def test_a_disk_that_is_full_costs_the_request_and_leaves_nothing_behind(home: Path, hook: Hook) -> None:
    hook("claude-code", "Stop", named("before"))
    little = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (40, 40))  # noqa: E731 - bytes a file may grow to

    done = hook("claude-code", "SessionEnd", named("lost"), preexec_fn=little)

    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert [request["session"] for request in asked(home)] == ["before"]
    assert len(list(Path(places.spool(str(home))).iterdir())) == 1
    assert (home / "hook.log").exists()


@pytest.mark.parametrize("place", ["/proc/closer", "/dev/null", "/dev/null/closer"])
def test_a_home_that_can_not_be_written_to_is_the_hosts_least_concern(tmp_path: Path, place: str) -> None:
    command = [sys.executable, "-m", "agent.interfaces.entry", "hook", "codex", "Stop", "--home", place]

    done = subprocess.run(command, input=named(), capture_output=True, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_a_log_that_takes_nothing_changes_nothing(home: Path, hook: Hook) -> None:
    (home / "spool").write_text("no folder")
    (home / "hook.log").symlink_to("/dev/full")

    assert hook("claude-code", "Stop", named()).returncode == 0


@pytest.mark.parametrize("bare", [{}, {"HOME": "/nowhere"}, {"HOME": "", "LANG": "xx"}])
def test_no_variable_is_needed(home: Path, hook: Hook, bare: dict[str, str]) -> None:
    assert hook("claude-code", "Stop", named(), env=bare).stderr == b""
    assert len(asked(home)) == 1


def test_streams_that_are_closed_are_no_reason_to_complain(home: Path, tmp_path: Path) -> None:
    line = (
        f"'{str(launcher.path(home)).replace(chr(39), chr(39) + chr(92) + chr(39) + chr(39))}' claude-code SessionStart"
    )
    prepare(home, str(tmp_path))
    said = named(cwd=str(tmp_path)).decode()

    for way in (f"{line} <&-", f"{line} >&-", f"{line} <&- >&- 2>&-", f"{line} >/dev/full", f"{line} </dev/full"):
        done = subprocess.run(["sh", "-c", way], input=said, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), way


def prepare(home: Path, cwd: str) -> None:
    """A brief, as the worker leaves one."""
    path = Path(places.brief(str(home), cwd))
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"{cwd}\nWe use pnpm.\n", "utf-8")


@pytest.mark.parametrize(
    ("host", "event"),
    [
        ("claude-code", "SessionStart"),
        ("codex", "SessionStart"),
        ("cursor", "sessionStart"),
        ("copilot-cli", "sessionStart"),
    ],
)
def test_a_start_is_answered_with_the_brief_and_nothing_else(
    home: Path, hook: Hook, host: str, event: str, tmp_path: Path
) -> None:
    prepare(home, str(tmp_path))
    answer = json.loads(hook(host, event, named(workspace_roots=[str(tmp_path)])).stdout)

    assert answer == hosts.context(host, event, "We use pnpm.\n")


def test_what_closer_starts_does_not_call_closer_again(home: Path, hook: Hook) -> None:
    assert hook("claude-code", "SessionEnd", named(), env={"UNDER_CLOSER": "1"}).returncode == 0
    assert asked(home) == []


def test_a_helper_of_the_assistants_is_no_session(home: Path, hook: Hook) -> None:
    hook("claude-code", "SessionEnd", named(agent_id="helper"))

    assert asked(home) == []


def test_nothing_of_a_payload_but_its_whereabouts_is_kept(home: Path, hook: Hook) -> None:
    hook("claude-code", "SessionEnd", named(cwd="/w", prompt="my password is hunter2", last_assistant_message="ok"))

    [path] = spool.waiting(places.spool(str(home)))
    assert set(spool.read(path)) == {"schema", "id", "kind", "host", "at", "parent", "session", "cwd"}
    assert Path(path).stat().st_mode & 0o777 == 0o600


def test_cursor_which_runs_claude_codes_hooks_too_is_heard_once(home: Path, hook: Hook, tmp_path: Path) -> None:
    told = named("c-1", conversation_id="c-1", cursor_version="3.1", transcript_path=None, workspace_roots=["/w"])
    settings = tmp_path / "user" / ".cursor" / "hooks.json"
    settings.parent.mkdir()
    hook("claude-code", "SessionStart", told)
    settings.write_text(json.dumps({"hooks": {"stop": [{"command": "/elsewhere/hook cursor"}]}}))
    hook("claude-code", "Stop", told)
    assert [(request["session"], request["cwd"]) for request in asked(home)] == [("c-1", "/w")] * 2

    settings.write_text(json.dumps({"hooks": {"stop": [{"command": f"{launcher.path(home)} cursor stop"}]}}))
    hook("claude-code", "Stop", told)
    hook("claude-code", "Stop", named("c-1", conversation_id="c-1"), env={**os.environ, "CURSOR_VERSION": "3.1"})
    assert len(asked(home)) == 2
    hook("claude-code", "Stop", named("a real one"), env={**os.environ, "CURSOR_VERSION": "3.1"})
    hook("cursor", "stop", told)
    assert [request["host"] for request in asked(home)[2:]] == ["claude-code", "cursor"]


def test_the_home_is_found_as_everything_else_finds_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for data in (None, "", " ", "/data", "relative"):
        monkeypatch.delenv("XDG_DATA_HOME", raising=False)
        if data is not None:
            monkeypatch.setenv("XDG_DATA_HOME", data)
        assert places.home([]) == str(home_folder())
    monkeypatch.setenv("CLOSER_HOME", "~/x")
    assert places.home([]) == str(home_folder())


def test_a_hook_loads_no_library(home: Path) -> None:
    command = [sys.executable, "-IS", "-X", "importtime", str(launcher.path(home)), "claude-code", "Stop"]
    done = subprocess.run(command, input=named(), capture_output=True, check=True)
    bare = subprocess.run([*command[:4], "-c", "pass"], capture_output=True, check=True)

    loaded, there = ({line.split(b"|")[2].strip().decode() for line in one.stderr.splitlines()} for one in (done, bare))
    ours = {name for name in loaded if name.split(".")[0] == "agent"}
    assert asked(home)
    assert "agent.interfaces.hooks.hook" in ours
    assert loaded - ours - there <= {
        "os", "stat", "_stat", "posixpath", "genericpath", "_collections_abc", "select", "fcntl", "_json", "__future__",
    }  # fmt: skip


def test_a_hook_costs_little_more_than_pythons_own_start(home: Path) -> None:
    bare = [sys.executable, "-S", "-E", "-c", "pass"]
    ours = [str(launcher.path(home)), "claude-code", "Stop"]

    spent: tuple[list[float], list[float]] = ([], [])
    for _ in range(RUNS):
        for command, times in zip((bare, ours), spent, strict=True):
            times.append(cpu(command, named(cwd="/w")))

    assert len(asked(home)) == RUNS
    assert statistics.median(spent[1]) < LIMIT * statistics.median(spent[0])


def cpu(command: list[str], said: bytes) -> float:
    """Seconds of CPU a process takes from its start to its end."""
    reading, writing = os.pipe()
    os.write(writing, said)
    os.close(writing)
    pid = os.posix_spawn(command[0], command, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, reading, 0)])
    os.close(reading)
    _, status, used = os.wait4(pid, 0)
    assert status == 0
    return used.ru_utime + used.ru_stime


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=[])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(values, st.sampled_from(["", " ", "\n\t"]))
def test_quick_json_says_what_json_says(value: Any, around: str) -> None:
    text = f"{around}{json.dumps(value)}{around}".encode()

    assert repr(quick_json.loads(text)) == repr(json.loads(text))
    assert quick_json.dumps(value) == json.dumps(value)


@given(st.binary(max_size=30) | st.text(st.sampled_from('{}[]",: \\u01ae-+.NtI')).map(str.encode))
def test_quick_json_refuses_what_json_refuses(text: bytes) -> None:
    def said(read: Callable[[bytes], object]) -> str:
        try:
            return repr(read(text))
        except ValueError:
            return "refused"

    assert said(quick_json.loads) == said(json.loads)


@given(st.dictionaries(st.text(), values), st.data())
def test_the_beginning_of_an_object_is_what_of_it_is_whole(value: dict[str, Any], data: st.DataObject) -> None:
    text = json.dumps(value).encode()
    found = quick_json.beginning(text[: data.draw(st.integers(0, len(text)))])

    assert [*map(repr, found.items())] == [*map(repr, value.items())][: len(found)]
    assert len(quick_json.beginning(text + b" ,")) >= len(value) - 1
