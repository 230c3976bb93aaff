"""The hosts themselves, where they are installed, take what `install` writes, run our hooks, and say what they should.

npm install --prefix HOSTS @anthropic-ai/claude-code @openai/codex @google/gemini-cli @github/copilot opencode-ai
PATH=$PWD/HOSTS/node_modules/.bin:$PATH pytest tests/interfaces/test_real_hosts.py
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import agent
from agent.adapters import spool, transcripts
from agent.interfaces.backfill import histories
from agent.interfaces.hooks import codex_trust, hosts, opencode, places, wiring
from tests.fakes import model_server
from tests.fakes.model_server import Model

ROOT = Path(agent.__file__).parents[1]
QUESTION = "From now on we always deploy the shop on Tuesdays, please plan the release notes around that day."
REMEMBERED = "The bakery's oven is called Bertha."
PROGRAMS = {host: wired.program for host, wired in wiring.KNOWN.items()} | {opencode.HOST: opencode.PROGRAM}
COMMANDS = {
    "claude-code": ["-p", QUESTION],
    "codex": ["exec", "--skip-git-repo-check", QUESTION],
    "gemini-cli": ["--skip-trust", "-m", "gemini-2.5-flash", "-p", QUESTION],
    "copilot-cli": ["--allow-all-tools", "-p", QUESTION],
    "opencode": ["run", QUESTION],
}
Cli = Callable[..., "subprocess.CompletedProcess[str]"]


def needs(host: str) -> Any:
    program = PROGRAMS[host]
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"{program} is not on the PATH")


@pytest.fixture
def model() -> Iterator[Model]:
    with model_server.serving() as made:
        yield made


@pytest.fixture
def user(tmp_path: Path) -> Path:
    return tmp_path / "user"


@pytest.fixture
def environment(user: Path, model: Model) -> dict[str, str]:
    """A person who has nothing but a model on this machine."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    return kept | {
        "HOME": str(user), "XDG_DATA_HOME": str(user / "data"), "TERM": "xterm-256color",
        "ANTHROPIC_BASE_URL": model.address, "ANTHROPIC_API_KEY": "none",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "GEMINI_API_KEY": "none", "GOOGLE_GEMINI_BASE_URL": model.address,
        "COPILOT_OFFLINE": "true", "COPILOT_PROVIDER_BASE_URL": model.address, "COPILOT_PROVIDER_TYPE": "anthropic",
        "COPILOT_PROVIDER_API_KEY": "none", "COPILOT_MODEL": "claude-sonnet-4.5",
    }  # fmt: skip


def introduce(host: str, user: Path, model: str) -> None:
    """Name the model in the settings of hosts that take no variable for it, beside what `install` wrote there."""
    if host == "gemini-cli":
        path = user / ".gemini" / "settings.json"
        path.write_text(
            json.dumps(json.loads(path.read_text()) | {"security": {"auth": {"selectedType": "gemini-api-key"}}})
        )
    elif host == "codex":
        told = f'name = "local"\nbase_url = "{model}/v1"\nwire_api = "responses"\n'
        provider = f'model = "gpt-5"\nmodel_provider = "local"\n[model_providers.local]\n{told}'
        (user / ".codex" / "config.toml").write_text(provider + approval(user / ".codex" / "hooks.json"))
    elif host == "opencode":
        offered = {"options": {"baseURL": f"{model}/v1", "apiKey": "none"}, "models": {"local": {"name": "local"}}}
        settings = {"model": "anthropic/local", "small_model": "anthropic/local", "provider": {"anthropic": offered}}
        (user / ".config" / "opencode" / "opencode.json").write_text(json.dumps(settings))


def approval(hooks: Path) -> str:
    """What Codex writes once a person approved all hooks of a file."""
    held = json.loads(hooks.read_text())["hooks"]
    entries = {event: groups[0]["hooks"][0] for event, groups in held.items()}
    return "".join(
        f'[hooks.state."{key}"]\ntrusted_hash = "{codex_trust.fingerprint(event, entry)}"\n'
        for event, entry in entries.items()
        for key in codex_trust.keys(hooks, event, "0:0")
    )


@pytest.mark.parametrize("host", [pytest.param(host, marks=needs(host)) for host in COMMANDS])
def test_a_conversation_in_the_host_itself_comes_to_closer(
    host: str, cli: Cli, home: Path, user: Path, model: Model, environment: dict[str, str], tmp_path: Path
) -> None:
    assert cli("install", host).returncode == 0
    introduce(host, user, model.address)
    (tmp_path / "shop").mkdir()
    brief = Path(places.brief(str(home), str(tmp_path / "shop")))
    brief.parent.mkdir()
    brief.write_text(f"{tmp_path / 'shop'}\n{REMEMBERED}\n")

    said = subprocess.run(
        [PROGRAMS[host], *COMMANDS[host]], cwd=tmp_path / "shop", env=environment, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip

    assert model_server.ANSWER in said.stdout, said.stderr
    requests = [spool.read(path) for path in spool.waiting(places.spool(str(home)))]
    assert {request["host"] for request in requests} == {host}
    assert len({request["session"] for request in requests}) == 1
    assert {request["cwd"] for request in requests} == {str(tmp_path / "shop")}
    assert requests[0]["kind"] == "start"
    assert {request["kind"] for request in requests} >= {"start", "checkpoint"} | (
        set() if host == "opencode" else {"end"}
    )
    [named] = {str(request["transcript"]) for request in requests if "transcript" in request}
    [talk] = transcripts.read(Path(named))
    # OpenCode puts what it was given on the command line into quotation marks.
    told = [(turn.role, turn.text.strip('"')) for turn in talk.turns]
    assert told == [("user", QUESTION), ("assistant", model_server.ANSWER)]
    assert str(talk.session) == f"{host}:{requests[0]['session']}"
    if hosts.context(host, "SessionStart", "x"):
        assert any(REMEMBERED.encode() in said for said in model.heard)
    if host != "opencode":
        assert [source.path for source in histories.sources(host)] == [Path(named)]


@needs("claude-code")
def test_claude_code_accepts_the_plugin_and_this_repository_as_its_marketplace(environment: dict[str, str]) -> None:
    def claude(*words: str) -> str:
        done = subprocess.run(
            [PROGRAMS["claude-code"], "plugin", *words],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    assert "passed" in claude("validate", "--strict", ".")
    assert "passed" in claude("validate", "--strict", "agent/plugin")
    claude("marketplace", "add", "./")
    claude("install", "closer@closer")
    assert "closer@closer" in claude("list")


@needs("codex")
@pytest.mark.parametrize("approved", [False, True])
def test_codex_reads_our_hooks_without_a_warning_and_trusts_what_doctor_calls_approved(
    cli: Cli, user: Path, environment: dict[str, str], tmp_path: Path, approved: bool
) -> None:
    cli("install", "codex")
    hooks = user / ".codex" / "hooks.json"
    if approved:
        hooks.with_name("config.toml").write_text(approval(hooks))
    asked = [
        {"id": 1, "method": "initialize", "params": {"clientInfo": {"name": "test", "version": "1"}}},
        {"method": "initialized"},
        {"id": 2, "method": "hooks/list", "params": {"cwds": [str(tmp_path)]}},
    ]

    with subprocess.Popen(
        [PROGRAMS["codex"], "app-server"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        text=True, env=environment, cwd=tmp_path,
    ) as codex:  # fmt: skip
        assert codex.stdin is not None
        assert codex.stdout is not None
        print(*map(json.dumps, asked), sep="\n", file=codex.stdin, flush=True)
        told = next(answer for line in codex.stdout if (answer := json.loads(line)).get("id") == 2)["result"]["data"][0]
        codex.kill()

    assert (told["warnings"], told["errors"]) == ([], [])
    assert len(told["hooks"]) == len(wiring.KNOWN["codex"].events)
    assert {hook["trustStatus"] for hook in told["hooks"]} == {"trusted" if approved else "untrusted"}
