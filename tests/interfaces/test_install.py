"""Connecting a host leaves its settings as they were but for our entries, and disconnecting gives back the bytes."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import agent
from agent import Closer
from agent.adapters import spool, transcripts
from agent.domain.request import Job, Request
from agent.domain.session import SessionKey
from agent.errors import Busy, ConfigError
from agent.interfaces.cli.group import VERBS
from agent.interfaces.hooks import codex_trust, install, json_text, launcher, merging, opencode, places, wiring
from agent.interfaces.hooks.inspection import inspect

Checked = Callable[[], dict[str, tuple[str, str]]]
Cli = Callable[..., "subprocess.CompletedProcess[str]"]
FILES = {
    "claude-code": ".claude/settings.json",
    "codex": ".codex/hooks.json",
    "gemini-cli": ".gemini/settings.json",
    "cursor": ".cursor/hooks.json",
    "copilot-cli": ".copilot/hooks/closer.json",
    "opencode": ".config/opencode/plugins/closer.js",
}
JSON_HOSTS = [host for host in FILES if host != "opencode"]
SESSION = {"cursor": "conversation_id", "copilot-cli": "sessionId"}
FOREIGN = """{
    "model":"opus",   "env": {"A": "ü", "B": [1,2,  3]},
    "hooks": {
        "Stop": [
            {"matcher": "", "hooks": [{"type": "command", "command": "notify-send done"}]}
        ],
        "PreToolUse": []
    }
}"""


@pytest.fixture(autouse=True)
def _no_host_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CLAUDE_CONFIG_DIR", "CODEX_HOME", "GEMINI_CLI_HOME", "COPILOT_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def user(tmp_path: Path) -> Path:
    return tmp_path / "user"


def put(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    return path


def tree(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() if p.is_file() else b"" for p in folder.rglob("*")}


def data(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    answer = json.loads(done.stdout)
    assert answer["ok"] is True, answer
    found: list[dict[str, Any]] = answer["data"]
    return found


def connect(host: str, home: Path) -> None:
    for change in install.connecting([host], home):
        install.connect(change, home, datetime.now(UTC))


def disconnect(host: str, home: Path) -> None:
    for change in install.disconnecting([host], home):
        install.disconnect(change, home, datetime.now(UTC))


def commands(host: str, path: Path) -> dict[str, str]:
    """The command line that the host will run, by event."""
    found = {}
    for event, listed in json.loads(path.read_bytes())["hooks"].items():
        for one in (handler for entry in listed for handler in entry.get("hooks", [entry])):
            line = one.get("bash") or one["command"]
            if f"hook {host} " in line:
                found[event] = line
    return found


@pytest.mark.parametrize("host", JSON_HOSTS)
def test_what_a_host_runs_puts_a_request_on_the_spool(cli: Cli, host: str, user: Path, home: Path) -> None:
    assert data(cli("install", host, "--json"))[0]["written"]
    lines = commands(host, user / FILES[host])
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CLOSER_")}

    for line in lines.values():
        payload = json.dumps({SESSION.get(host, "session_id"): "s-1", "cwd": "/w"})
        done = subprocess.run(["sh", "-c", line], input=payload, capture_output=True, text=True, env=environment)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")

    requests = [spool.read(path) for path in spool.waiting(places.spool(str(home)))]
    assert len(requests) == len(lines) >= 4
    assert {"start", "checkpoint", "end"} == {request["kind"] for request in requests}
    assert {(request["host"], request["session"]) for request in requests} == {(host, "s-1")}
    if host != "cursor":
        assert {request["parent"] for request in requests} == {os.getpid()}


def test_timeouts_are_in_the_unit_and_within_the_bound_of_each_host(cli: Cli, user: Path) -> None:
    cli("install", *JSON_HOSTS)
    told = {host: json.loads((user / FILES[host]).read_bytes())["hooks"] for host in JSON_HOSTS}

    assert told["claude-code"]["SessionEnd"][0]["hooks"][0]["timeout"] == 10
    assert told["codex"]["SessionEnd"][0]["hooks"][0]["timeout"] == 3
    assert told["gemini-cli"]["SessionEnd"][0]["hooks"][0]["timeout"] == 10_000
    assert told["cursor"]["sessionEnd"][0]["timeout"] == 10
    assert told["copilot-cli"]["sessionEnd"][0]["timeoutSec"] == 10
    assert "AgentStop" not in told["copilot-cli"]


def test_installing_twice_changes_once_and_uninstalling_leaves_no_trace(cli: Cli, user: Path) -> None:
    before = tree(user)
    assert all(one["written"] and one["diff"] for one in data(cli("install", *FILES, "--json")))
    between = tree(user)
    assert not any(one["changes"] for one in data(cli("install", *FILES, "--json")))
    assert tree(user) == between
    cli("uninstall", *FILES)

    assert tree(user) == before
    assert "nothing to change" in cli("uninstall", "codex").stdout


@pytest.mark.parametrize("host", ["claude-code", "gemini-cli", "cursor"])
@pytest.mark.parametrize(
    "text",
    [FOREIGN, "{}", "", "\n", '{"hooks":{}}', "\ufeff" + FOREIGN, FOREIGN.replace("\n", "\r\n"), "{\n\t\"a\": 1\n}\n",
     '{"hooks": {"Stop": [ ], "stop": []}, "version": 1}', "{ \n }"],
)  # fmt: skip
def test_settings_come_back_byte_for_byte(host: str, text: str, user: Path, home: Path) -> None:
    path = put(user / FILES[host], text)
    connect(host, home)
    assert path.read_bytes() != text.encode()
    disconnect(host, home)

    assert path.read_bytes() == text.encode()


def test_a_dry_run_shows_the_change_and_writes_nothing(cli: Cli, user: Path, home: Path) -> None:
    put(user / FILES["claude-code"], FOREIGN)
    before = tree(user)

    shown = cli("install", *FILES, "--dry-run")

    assert shown.returncode == 0
    assert all(f"hook {host} " in shown.stdout for host in JSON_HOSTS)
    assert tree(user) == before
    assert not home.exists()


def test_a_diff_shows_no_key(cli: Cli, user: Path) -> None:
    key = "sk-ant-api03-" + "Zx9Kq7Lm2Np4" * 8
    put(user / FILES["claude-code"], json.dumps({"env": {"ANTHROPIC_API_KEY": key}}, indent=2))

    shown = cli("install", "claude-code")

    assert "redacted" in shown.stdout
    assert key not in shown.stdout
    assert key in (user / FILES["claude-code"]).read_text()


@pytest.mark.parametrize(
    "text", ["{\n  // mine\n}", '{"a": 1,}', '{"hooks": 3}', '{"hooks": {"Stop": {}}}', "[]", "\x00"]
)
def test_what_is_no_plain_settings_file_is_refused_and_nothing_at_all_is_done(cli: Cli, text: str, user: Path) -> None:
    put(user / FILES["claude-code"], text)
    before = tree(user)

    done = cli("install", "codex", "claude-code", "--json")

    told = json.loads(done.stdout)["error"]
    assert (done.returncode, told["code"]) == (3, "config")
    assert FILES["claude-code"] in told["message"]
    assert told["hint"]
    assert tree(user) == before


def test_a_link_stays_a_link_and_the_file_keeps_its_mode(cli: Cli, user: Path, tmp_path: Path) -> None:
    real = put(tmp_path / "dotfiles" / "claude.json", FOREIGN)
    real.chmod(0o640)
    link = user / FILES["claude-code"]
    link.parent.mkdir()
    link.symlink_to(real)

    [told] = data(cli("install", "claude-code", "--json"))

    assert link.is_symlink()
    assert "hook claude-code" in real.read_text()
    assert real.stat().st_mode & 0o777 == 0o640
    assert Path(told["backup"]).read_bytes() == FOREIGN.encode()
    assert [p.name for p in real.parent.iterdir()] == ["claude.json"]
    cli("uninstall", "claude-code")
    assert link.is_symlink()
    assert real.read_bytes() == FOREIGN.encode()


@pytest.mark.parametrize(
    ("host", "variable", "file"),
    [
        ("claude-code", "CLAUDE_CONFIG_DIR", "settings.json"),
        ("codex", "CODEX_HOME", "hooks.json"),
        ("gemini-cli", "GEMINI_CLI_HOME", ".gemini/settings.json"),
        ("copilot-cli", "COPILOT_HOME", "hooks/closer.json"),
        ("opencode", "XDG_CONFIG_HOME", "opencode/plugins/closer.js"),
    ],
)
def test_a_host_that_lives_elsewhere_is_found_there(
    cli: Cli, host: str, variable: str, file: str, tmp_path: Path, user: Path
) -> None:
    cli("install", host, **{variable: str(tmp_path / "elsewhere")})

    assert (tmp_path / "elsewhere" / file).exists()
    assert tree(user) == {}


def test_entries_of_an_older_closer_and_ones_typed_by_hand_are_replaced_by_one(cli: Cli, user: Path) -> None:
    def entry(line: str, **more: object) -> dict[str, object]:
        return {"hooks": [{"type": "command", "command": line, **more}]}

    kept = {"hooks": [{"type": "command", "command": "echo closer hook claude-code"}, {"type": "http", "url": "x"}]}
    hooks = {
        "Stop": [kept, entry("closer hook claude-code Stop"), entry("A=1 '/old place/closer' hook claude-code Stop")],
        "SessionEnd": [entry("/old/closer", args=["hook", "claude-code", "SessionEnd"])],
        "Notification": [entry("/old/python -m agent.interfaces.entry hook claude-code Notification")],
    }  # fmt: skip
    path = put(user / FILES["claude-code"], json.dumps({"hooks": hooks, "model": "opus"}, indent=2))

    cli("install", "claude-code")

    now = json.loads(path.read_text())["hooks"]
    assert set(now) == set(wiring.KNOWN["claude-code"].events)
    assert now["Stop"][0] == kept
    assert {event: len(listed) for event, listed in now.items()} == {event: 1 + (event == "Stop") for event in now}
    assert "/old" not in path.read_text()


def test_what_hosts_run_lies_in_the_home_and_is_made_anew_for_a_closer_that_moved(
    cli: Cli, user: Path, home: Path
) -> None:
    cli("install", "codex")
    lines = commands("codex", user / FILES["codex"])
    before = launcher.path(home).read_bytes()
    launcher.path(home).write_text(f"#!{sys.executable} -IS\nimport sys\nsys.path.append('/gone')\n")

    [again] = data(cli("install", "codex", "--json"))

    assert not again["changes"]
    assert launcher.path(home).read_bytes() == before
    assert commands("codex", user / FILES["codex"]) == lines
    assert all(line == f"exec {launcher.path(home)} codex {event}" for event, line in lines.items())


def test_hosts_are_not_held_up_by_a_closer_that_is_gone(home: Path) -> None:
    launcher.write(home)
    text = launcher.path(home).read_text()
    launcher.path(home).write_text(text.replace(f"append('{Path(agent.__file__).parents[1]}", "append('/gone"))

    done = subprocess.run([launcher.path(home), "codex", "Stop"], input="{}", capture_output=True, text=True)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_python_whose_path_has_blanks_runs_the_hook_too(home: Path, tmp_path: Path) -> None:
    python = tmp_path / "my python's" / "python3"
    python.parent.mkdir()
    python.symlink_to(sys.executable)
    script = put(
        tmp_path / "script",
        f"{launcher.introduction(str(python))}import sys\nprint(sys.flags.isolated, sys.argv[1:])\n",
    )
    script.chmod(0o755)

    done = subprocess.run([script, "a b", "$c"], capture_output=True, text=True)

    assert (done.stdout, done.stderr) == ("1 ['a b', '$c']\n", "")


def test_a_file_that_somebody_changes_at_the_same_time_is_left_to_them(user: Path, home: Path) -> None:
    path = put(user / FILES["claude-code"], "{}")
    [change] = install.connecting(["claude-code"], home)
    path.write_text('{"model": "haiku"}')

    with pytest.raises(Busy):
        install.connect(change, home, datetime.now(UTC))

    assert path.read_text() == '{"model": "haiku"}'
    assert not [p for p in path.parent.iterdir() if p.name.startswith(".")]


def test_a_plugin_of_somebody_elses_under_our_name_is_not_touched(user: Path, home: Path) -> None:
    put(user / FILES["opencode"], "export const Mine = 1\n")

    with pytest.raises(ConfigError):
        install.connecting(["opencode"], home)
    [change] = install.disconnecting(["opencode"], home)
    assert not change.changed


names = st.sampled_from(["Stop", "SessionEnd", "PreToolUse", "sessionEnd", "version", "a b", 'q"\\', "é"])
scalars = st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=8) | st.just("closer hook codex Stop")
anything = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3))
handlers = st.fixed_dictionaries(
    {"type": st.just("command"), "command": st.sampled_from(["x", "say 'hi'", "closer doctor"])}
)
groups = st.fixed_dictionaries({"matcher": st.text(max_size=3), "hooks": st.lists(handlers, max_size=2)}) | handlers
layouts = st.sampled_from(
    [{"indent": 2}, {"indent": "\t"}, {"indent": 4, "separators": (" ,", " : ")}, {}, {"separators": (",", ":")}]
)


@st.composite
def settings_texts(draw: st.DrawFn) -> str:
    held = draw(st.dictionaries(names, anything, max_size=4))
    if draw(st.booleans()):
        hooks = st.dictionaries(names, st.lists(groups, max_size=3), max_size=4)
        held = dict([("hooks", draw(hooks)), *held.items()])
    text = json.dumps(held, ensure_ascii=draw(st.booleans()), **draw(layouts))
    text = text.replace("\n", draw(st.sampled_from(["\n", "\r\n", "\n\n"])))
    return draw(st.sampled_from(["", " ", "\n"])) + text + draw(st.sampled_from(["", "\n", " \n"]))


@given(settings_texts(), st.sampled_from(JSON_HOSTS))
def test_any_settings_come_back_as_they_were(text: str, host: str) -> None:
    wired = wiring.KNOWN[host]
    wanted = wired.entries(["/opt/my closer/closer", "hook", host, "{}"])
    connected, traces = merging.connect(text, wanted, nested=wired.nested, versioned=wired.versioned)

    assert sorted(merging.entries(connected, host), key=str) == sorted(wanted.items(), key=str)
    assert without_ours(json.loads(connected), host) == without_ours(json.loads(text), host)
    assert merging.disconnect(connected, host, traces) == text


@given(settings_texts(), st.sampled_from(["claude-code", "codex", "gemini-cli"]), groups, st.booleans())
def test_what_others_add_later_stays_wherever_they_put_it(text: str, host: str, late: Any, first: bool) -> None:
    wired = wiring.KNOWN[host]
    wanted = wired.entries(["/opt/closer", "hook", host, "{}"])
    connected, traces = merging.connect(text, wanted, nested=True, versioned=False)
    held = json.loads(connected)
    for event in wired.events:
        held["hooks"][event].insert(0 if first else len(held["hooks"][event]), late)
    held["theirs"] = 1

    left = merging.disconnect(json.dumps(held, indent=2), host, traces)

    assert merging.entries(left, host) == []
    assert without_ours(json.loads(left), host) == without_ours(held, host)


def without_ours(held: dict[str, Any], host: str) -> dict[str, Any]:
    """Settings as values, without our entries, what only they stood in, empty lists of hooks, and the version."""

    def ours(entry: Any) -> bool:
        return isinstance(entry, dict) and merging.is_ours(merging.command_of(entry), host)

    hooks = {}
    for event, listed in held.get("hooks", {}).items():
        alone = [one for one in listed if not ours(one) and not any(map(ours, one.get("hooks", [])))]
        if alone:
            hooks[event] = alone
    rest = {name: value for name, value in held.items() if name not in ("hooks", "version")}
    return rest | ({"hooks": hooks} if hooks else {})


@given(settings_texts())
def test_every_value_is_found_where_it_stands(text: str) -> None:
    def same(node: json_text.Node, value: Any) -> None:
        assert json_text.value(text, node) == value
        inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
        assert len(node.members) == len(inner)
        for member, one in zip(node.members, inner, strict=True):
            same(member.node, one)

    same(json_text.parse(text), json.loads(text))


NODE = shutil.which("node")
DRIVER = """
import { renameSync } from "node:fs"
const { CloserPlugin } = await import(process.argv[2])
const about = (id, more) => ({ id, directory: "/w", time: { created: 1 }, ...more })
const part = (sessionID, id, n, text, more) => ({ id, sessionID, messageID: `msg_${n}`, type: "text", text, ...more })
const message = (sessionID, n, role, more) => ({ id: `msg_${n}`, sessionID, role, time: { created: n }, ...more })
const earlier = [
  { info: message("ses_old", 1, "user"), parts: [part("ses_old", "prt_1", 1, "I live in Ghent.")] },
  { info: message("ses_old", 2, "assistant"), parts: [part("ses_old", "prt_2", 2, "Good to know.")] },
]
const never = new Promise(() => {})
const remembered = [message("ses_new", 1, "user"), message("ses_new", 2, "assistant", { parentID: "msg_1" })]
const again = [
  { info: remembered[0], parts: [part("ses_new", "prt_1", 1, "We always deploy from trunk.")] },
  { info: remembered[1], parts: [part("ses_new", "prt_2", 2, "Noted.")] },
  { info: message("ses_new", 3, "user"), parts: [part("ses_new", "prt_3", 3, "And never on Fridays.")] },
]
let answering = false
const client = { session: {
  get: ({ path }) => (path.id === "ses_new" && !answering ? never : Promise.resolve({ data: about(path.id) })),
  messages: ({ path }) => Promise.resolve({ data: path.id === "ses_new" ? again : earlier }),
} }
const { event } = await CloserPlugin({ client, directory: "/w" })
const say = (type, properties) => event({ event: { type, properties } })

await say("session.created", { info: about("ses_new") })
await say("message.updated", { info: message("ses_new", 1, "user") })
await say("message.part.updated", { part: part("ses_new", "prt_1", 1, "We always deploy from trunk.") })
await say("message.updated", { info: message("ses_new", 2, "assistant", { parentID: "msg_1" }) })
await say("message.part.updated", { part: part("ses_new", "prt_2", 2, "Not", { time: { start: 1 } }) })
await say("message.part.updated", { part: part("ses_new", "prt_2", 2, "Noted.", { time: { start: 1, end: 2 } }) })
say("session.idle", { sessionID: "ses_new" })

await say("session.idle", { sessionID: "ses_old" })
await say("session.created", { info: about("ses_helper", { parentID: "ses_new" }) })
await say("session.idle", { sessionID: "ses_helper" })
await say("session.idle", { sessionID: "../../x" })
await say("message.part.updated", { part: part("../ses_new", "prt_9", 1, "out") })
await say("file.edited", {})
if (process.argv[3]) {
  answering = true
  renameSync(process.argv[3], `${process.argv[3]}.gone`)
  await say("message.updated", { info: message("ses_new", 3, "user") })
  await say("message.part.updated", { part: part("ses_new", "prt_3", 3, "And never on Fridays.") })
  await say("session.idle", { sessionID: "ses_new" })
}
process.exit()
"""


@pytest.mark.skipif(NODE is None, reason="needs a JavaScript runtime")
def test_the_plugin_for_opencode_keeps_what_is_said_and_asks_at_once(
    cli: Cli, user: Path, home: Path, tmp_path: Path
) -> None:
    cli("install", "opencode")
    module = put(tmp_path / "closer.mjs", (user / FILES["opencode"]).read_text())
    driver = put(tmp_path / "driver.mjs", DRIVER)

    done = subprocess.run([str(NODE), str(driver), str(module)], capture_output=True, text=True, timeout=60)

    assert (done.returncode, done.stderr) == (0, "")
    requests = [spool.read(path) for path in spool.waiting(places.spool(str(home)))]
    assert [(r["kind"], r["session"], r["cwd"]) for r in requests] == [
        ("start", "ses_new", "/w"),
        ("checkpoint", "ses_new", "/w"),
        ("checkpoint", "ses_old", "/w"),
    ]
    assert said(requests[1]) == [("user", "We always deploy from trunk."), ("assistant", "Noted.")]
    assert said(requests[2]) == [("user", "I live in Ghent."), ("assistant", "Good to know.")]
    assert {path.name for path in (home / "opencode").iterdir()} == {"ses_new", "ses_old"}
    assert home.joinpath("opencode", "ses_new").stat().st_mode & 0o077 == 0


@pytest.mark.skipif(NODE is None, reason="needs a JavaScript runtime")
def test_a_session_of_opencode_that_goes_on_after_its_close_is_kept_as_a_whole(
    cli: Cli, user: Path, home: Path, tmp_path: Path
) -> None:
    cli("install", "opencode")
    module = put(tmp_path / "closer.mjs", (user / FILES["opencode"]).read_text())
    driver = put(tmp_path / "driver.mjs", DRIVER)

    done = subprocess.run(
        [str(NODE), str(driver), str(module), str(home / "opencode" / "ses_new")],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (0, "")
    *_, last = [spool.read(path) for path in spool.waiting(places.spool(str(home)))]
    assert said(last) == [
        ("user", "We always deploy from trunk."), ("assistant", "Noted."), ("user", "And never on Fridays."),
    ]  # fmt: skip


def test_only_what_the_plugin_kept_of_a_session_is_let_go_of(tmp_path: Path) -> None:
    for name in ("home/opencode/ses_1/message/x.json", "home/opencode/ses_2/x.json", "ses_3/x.json", "home/vault/x"):
        put(tmp_path / name, "{}")
    put(tmp_path / "home" / "opencode" / ".ses_0.99" / "x.json", "left by a process that was killed")
    before = tree(tmp_path)

    for path in ("ses_3", "home/vault", "home", "home/opencode/ses_1", "home/opencode/ses_1"):
        opencode.let_go(tmp_path / "home", tmp_path / path)

    gone = set(before) - set(tree(tmp_path))
    assert {name.split("/")[2] for name in gone} == {"ses_1", ".ses_0.99"}


def said(request: dict[str, object]) -> list[tuple[str, str]]:
    [kept] = transcripts.read(Path(str(request["transcript"])))
    assert str(kept.session) == f"opencode:{request['session']}"
    return [(turn.role, turn.text) for turn in kept.turns]


@pytest.fixture
def checked(closer: Closer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Checked:
    """What `doctor` says of hosts, by name, where no host is on the PATH."""
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    return lambda: {check.name: (check.verdict, check.found) for check in inspect(closer)}


def ask(home: Path, host: str, seconds_ago: float) -> Path:
    """A request that came so long ago."""
    facts: dict[str, object] = {"kind": "end", "host": host, "session": "s", "at": time.time() - seconds_ago}
    ident = spool.put(places.spool(str(home)), facts)
    return Path(places.spool(str(home)), f"{ident}.json")


def test_a_host_that_is_not_there_is_not_mentioned(checked: Checked, user: Path) -> None:
    assert set(checked()) == {"requests"}
    (user / ".codex").mkdir()

    assert set(checked()) == {"requests", "codex"}
    assert checked()["codex"] == ("ok", "is here, not connected")


def test_a_host_is_sound_once_it_has_called(checked: Checked, closer: Closer) -> None:
    connect("claude-code", closer.settings.home)
    assert checked()["claude-code"] == ("warning", "connected, has not called yet")
    ask(closer.settings.home, "claude-code", 120)

    assert checked()["claude-code"] == ("ok", "connected, last called 2 min ago: end, waiting")


def test_a_host_that_runs_what_is_gone_has_failed(checked: Checked, user: Path) -> None:
    entry = {"command": "/gone/closer hook cursor stop"}
    put(user / FILES["cursor"], json.dumps({"version": 1, "hooks": {"stop": [entry]}}))

    assert checked()["cursor"] == ("failed", "is to run /gone/closer, which isn't there")


def test_a_host_connected_in_part_or_elsewhere_or_switched_off_is_told_of(
    checked: Checked, user: Path, closer: Closer, tmp_path: Path
) -> None:
    connect("codex", tmp_path / "other")
    connect("claude-code", closer.settings.home)
    path = user / FILES["claude-code"]
    path.write_text(path.read_text().replace('{\n  "hooks"', '{\n  "disableAllHooks": true,\n  "hooks"'))
    connect("cursor", closer.settings.home)
    cursor = json.loads((user / FILES["cursor"]).read_text())
    del cursor["hooks"]["stop"]
    (user / FILES["cursor"]).write_text(json.dumps(cursor))
    put(user / FILES["gemini-cli"], "{ // mine\n}")

    found = checked()

    assert found["codex"] == ("warning", f"connected to another home, {tmp_path / 'other'}")
    assert "disableAllHooks" in found["claude-code"][1]
    assert found["cursor"] == ("warning", "isn't connected at stop")
    assert "not plain JSON" in found["gemini-cli"][1]


def test_a_host_that_runs_another_closer_is_told_of(checked: Checked, closer: Closer) -> None:
    connect("cursor", closer.settings.home)
    launcher.path(closer.settings.home).write_text("#!/bin/sh\n")

    assert checked()["cursor"] == ("warning", "connected to another closer than this one")


def test_codex_runs_what_was_approved_in_this_very_form(checked: Checked, user: Path, closer: Closer) -> None:
    connect("codex", closer.settings.home)
    ask(closer.settings.home, "codex", 60)
    path, config = user / FILES["codex"], user / ".codex" / "config.toml"
    events = wiring.KNOWN["codex"].events
    assert checked()["codex"] == ("warning", f"connected, but not approved at {', '.join(events)}")

    held = json.loads(path.read_text())
    config.write_text(approved(path, {event: held["hooks"][event][0]["hooks"][0] for event in events}))
    assert checked()["codex"][0] == "ok"

    config.write_text(config.read_text().replace("[hooks.state", "[features]\nhooks = false\n[hooks.state", 1))
    assert "features.hooks" in checked()["codex"][1]
    config.write_text(
        approved(path, {event: held["hooks"][event][0]["hooks"][0] for event in events}, "enabled = false")
    )
    assert checked()["codex"][1] == f"connected, but not approved at {', '.join(events)}"
    held["hooks"]["Stop"].insert(0, {"hooks": [{"type": "command", "command": "say done"}]})
    path.write_text(json.dumps(held))
    config.write_text(approved(path, {event: held["hooks"][event][-1]["hooks"][0] for event in events}))
    assert checked()["codex"] == ("warning", "connected, but not approved at Stop")
    config.write_text("[broken")
    assert "is no TOML" in checked()["codex"][1]


def approved(path: Path, entries: dict[str, dict[str, object]], *more: str) -> str:
    """Codex's settings once a person has approved the first entry of each event: as Codex itself wrote them for such
    entries, but for the names."""
    golden = hashlib.sha256(
        b'{"event_name":"pre_compact","hooks":[{"async":false,"command":"exec /c codex PreCompact","timeout":10,'
        b'"type":"command"}]}'
    )
    told = {"type": "command", "command": "exec /c codex PreCompact", "timeout": 10}
    assert codex_trust.fingerprint("PreCompact", told) == f"sha256:{golden.hexdigest()}"
    return "".join(
        f'[hooks.state."{path}:{re.sub("(?<=[a-z])(?=[A-Z])", "_", event).lower()}:0:0"]\n'
        + "".join(f"{line}\n" for line in (f'trusted_hash = "{codex_trust.fingerprint(event, entry)}"', *more))
        for event, entry in entries.items()
    )


def test_a_host_with_the_plugin_is_connected_and_with_both_twice(
    checked: Checked, user: Path, closer: Closer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = put(user / FILES["claude-code"], json.dumps({"enabledPlugins": {"closer@closer": True}}))
    assert checked()["claude-code"] == ("failed", "is to run closer, which isn't there")
    put(tmp_path / "nothing" / "closer", "").chmod(0o755)
    assert checked()["claude-code"] == ("warning", f"connected to another home, {install.usual_home()}")
    connect("claude-code", closer.settings.home)

    assert checked()["claude-code"] == ("warning", "connected twice, by its settings and by the plugin")
    path.write_text("[]")
    assert checked()["claude-code"] == ("ok", "is here, not connected")


PLUGIN = Path(install.__file__).parents[2] / "plugin"
ROOT = PLUGIN.parents[1]


def test_the_plugin_has_every_hook_of_an_installation_and_nothing_else() -> None:
    text = (PLUGIN / "hooks" / "hooks.json").read_text()
    found = merging.entries(text, "claude-code")

    assert [event for event, _ in found] == wiring.KNOWN["claude-code"].events
    assert all(merging.command_of(entry) == ["closer", "hook", "claude-code", event] for event, entry in found)


def test_the_plugin_names_this_version_and_commands_that_exist() -> None:
    about = json.loads((PLUGIN / ".claude-plugin" / "plugin.json").read_text())
    [listed] = json.loads((ROOT / ".claude-plugin" / "marketplace.json").read_text())["plugins"]
    [server] = json.loads((PLUGIN / ".mcp.json").read_text())["mcpServers"].values()
    [skill] = PLUGIN.glob("skills/*/SKILL.md")
    text = skill.read_text()
    head = yaml.safe_load(text.split("---")[1])

    assert about["version"] == agent.__version__
    assert listed["name"] == about["name"] == "closer"
    assert (ROOT / listed["source"]).resolve() == PLUGIN
    assert head["name"] == skill.parent.name
    assert head["description"]
    assert {*re.findall(r"`closer (\w+)", text), *server["args"]} <= set(VERBS)


def test_a_request_that_nobody_takes_in_is_a_failure(checked: Checked, closer: Closer) -> None:
    ask(closer.settings.home, "codex", 200)
    assert checked()["requests"][0] == "ok"
    ask(closer.settings.home, "codex", 400)

    assert checked()["requests"] == ("failed", "2 waiting, the oldest for 6 min, 0 failed, no worker runs")


class Listed:
    """Jobs as the engine would list them, the newest first."""

    def __init__(self, *jobs: Job) -> None:
        self.listed = lambda _limit: list(jobs)


def job(host: str, status: str, minutes_ago: float, error: str = "") -> Job:
    at = datetime.now(UTC) - timedelta(minutes=minutes_ago)
    return Job(f"{host}-{status}", status, Request("r", "end", SessionKey(host, "s"), at), error)  # type: ignore[arg-type]


def test_what_became_of_a_hosts_last_call_is_told_and_how_to_try_again(closer: Closer, checked: Checked) -> None:
    home = closer.settings.home
    connect("codex", home)
    connect("cursor", home)
    jobs = Listed(job("cursor", "done", 3), job("codex", "failed", 61, "no room"), job("cursor", "failed", 90))

    found = {check.name: check for check in inspect(SimpleNamespace(settings=closer.settings, jobs=jobs))}

    assert found["cursor"].found == "connected, last called 3 min ago: end, done"
    assert (found["codex"].verdict, found["codex"].found) == (
        "warning",
        "connected, last called 1 h ago: end, failed: no room",
    )
    assert found["requests"].verdict == "warning"
    assert "closer jobs revive codex-failed" in found["requests"].hint


def test_a_hook_that_failed_lately_is_told_of(checked: Checked, closer: Closer) -> None:
    log = closer.settings.home / "hook.log"
    log.write_text(f"{time.time() - 9e6:.0f} codex Stop OSError: old\n")
    assert "hook" not in checked()
    with log.open("a") as file:
        file.write(f"{time.time() - 90:.0f} codex Stop OSError: no room\n")

    assert checked()["hook"] == ("warning", "failed 1 min ago: codex Stop OSError: no room")


def test_doctor_fails_when_a_host_has(cli: Cli, user: Path) -> None:
    put(user / FILES["cursor"], json.dumps({"hooks": {"stop": [{"command": "/gone/closer hook cursor stop"}]}}))

    done = cli("doctor", "--json")

    assert done.returncode == 1
    assert {check["name"]: check["verdict"] for check in data(done)}["cursor"] == "failed"
