"""Everybody at once on one home: five windows, two hosts' hooks, a program over HTTP, a person at the command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import httpx
import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters
from mcp_types import CallToolResult

from agent import Closer
from agent.adapters import spool
from agent.bootstrap import House
from agent.closing import follow
from agent.domain import fragment_note
from agent.interfaces import handed
from agent.interfaces.hooks import places
from tests.interfaces.http.service import Served
from tests.processes import WITHIN, processes, until_deserted
from tests.scenarios.test_hooks import Host, until

pytestmark = pytest.mark.anyio
WINDOWS = ("harbour", "station", "museum", "library", "market")
HOSTS = ("laundry", "brewery")
PROGRAM, PERSON = "airport", "theatre"
KEPT = ("key", "ledger", "spare lamp")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def home(closer: Closer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("CLOSER_WORKER__LINGER", "0.5")
    monkeypatch.setenv("CLOSER_LOCK__WAIT", str(WITHIN))
    monkeypatch.setenv("CLOSER_EMBEDDER__FOLDER", str(closer.settings.embedder.folder))
    closer.shut()
    yield closer.settings.home
    until_deserted(closer.settings.home)


def told(place: str, thing: str) -> str:
    return f"The {thing} of the {place} is kept by the porter of the {place}."


def talk(place: str) -> list[dict[str, str]]:
    said = [
        ("user", f"We decided to open the {place} at nine, because the trams to the {place} begin then."),
        ("assistant", f"The {place} opens at nine."),
        ("user", f"I always want the report about the {place} on one page."),
        ("assistant", f"One page about the {place}."),
    ]
    return [{"role": role, "text": text} for role, text in said]


async def window(home: Path, place: str) -> None:
    """A chat app: it remembers three things, finds them again, hands its conversation over, and hangs up."""
    given = StdioServerParameters(
        command=sys.executable,
        args=["-m", "agent.interfaces.entry", "--home", str(home), "mcp"],
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )
    async with Client(given, read_timeout_seconds=WITHIN) as client:

        async def call(tool: str, **arguments: object) -> dict[str, Any]:
            answer: CallToolResult = await client.call_tool(tool, arguments)
            assert not answer.is_error, answer.content
            return answer.structured_content or {}

        session = (await call("open"))["session"]
        for thing in KEPT:
            assert (await call("remember", text=told(place, thing), session=session))["commit"]
        found = await call("recall", question=f"who keeps the {KEPT[0]} of the {place}?", k=3)
        assert told(place, KEPT[0]) in [hit["text"] for hit in found["hits"]]
        job = (await call("close", session=session, turns=talk(place)))["job"]
        assert (await call("status", job=job))["job"]["id"] == job


def host(home: Path, folder: Path, place: str) -> None:
    """A coding assistant whose hooks are called as it goes."""
    cwd = folder / place
    cwd.mkdir()
    session = Host(home, folder, place, cwd)
    calls = [session.hook("SessionStart", source="startup")]
    for turn in talk(place):
        session.says(turn["role"], turn["text"])
        if turn["role"] == "assistant":
            calls.append(session.hook("Stop"))
    calls.append(session.hook("SessionEnd", reason="prompt_input_exit"))
    assert [(one.returncode, one.stderr) for one in calls] == [(0, "")] * len(calls)


def program(served: Served) -> None:
    """Over HTTP: remembers, tells its turns, finds, closes."""
    with httpx.Client(base_url=served.url, headers=served.headers, timeout=WITHIN) as client:

        def call(path: str, body: dict[str, object]) -> dict[str, Any]:
            answer = client.post(path, json=body)
            assert answer.is_success, answer.text
            found: dict[str, Any] = answer.json()
            return found

        for thing in KEPT:
            assert call("/v1/remember", {"text": told(PROGRAM, thing)})["commit"]
        call(f"/v1/sessions/app:{PROGRAM}/turns", {"turns": talk(PROGRAM)})
        found = call("/v1/recall", {"question": f"who keeps the {KEPT[0]} of the {PROGRAM}?", "k": 3})
        assert told(PROGRAM, KEPT[0]) in [hit["text"] for hit in found["hits"]]
        assert call(f"/v1/sessions/app:{PROGRAM}/close", {})["job"]


def person(home: Path, folder: Path) -> None:
    """At the command line: remembers, asks, closes a file."""
    path = folder / "notes.txt"
    path.write_text("\n\n".join(f"{turn['role'].title()}: {turn['text']}" for turn in talk(PERSON)))
    lines = [["remember", told(PERSON, thing)] for thing in KEPT]
    lines += [["recall", f"who keeps the {KEPT[0]} of the {PERSON}?", "-k", "3"], ["close", str(path)]]
    for words in lines:
        command = [sys.executable, "-m", "agent", "--home", str(home), *words, "--json"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=WITHIN)
        assert done.returncode == 0, done.stdout + done.stderr
        assert json.loads(done.stdout)["ok"]


@pytest.fixture
def served(home: Path) -> Iterator[Served]:
    made = Served(home)
    yield made
    made.stop()


async def test_everybody_at_once_and_nothing_is_lost(home: Path, served: Served, tmp_path: Path) -> None:
    async with anyio.create_task_group() as group:
        for place in WINDOWS:
            group.start_soon(window, home, place)
        for place in HOSTS:
            group.start_soon(anyio.to_thread.run_sync, host, home, tmp_path, place)
        group.start_soon(anyio.to_thread.run_sync, program, served)
        group.start_soon(anyio.to_thread.run_sync, person, home, tmp_path)
    with anyio.fail_after(2 * WITHIN):
        while spool.waiting(places.spool(str(home))) or not places.idle(str(home)):
            await anyio.sleep(0.1)

    until(lambda: set(processes(home)) == _family(served.process.pid))
    assert served.stop() == 0
    until_deserted(home)
    _nothing_is_lost(home)
    _nothing_is_left(home)


def _family(pid: int) -> set[int]:
    """A process and its children."""
    found = {pid}
    for task in Path(f"/proc/{pid}/task").iterdir():
        found |= {int(child) for child in (task / "children").read_text().split()}
    return found


def _nothing_is_lost(home: Path) -> None:
    with Closer.at(home) as closer, closing(House(closer.settings)) as house:
        assert follow.drift(house, repair=False) == follow.Drift(0, 0)
        readable = {ident for shelf in house.gateway.shelves() for ident in dict(house.gateway.digests(shelf))}
        known = [fragment_note.from_note(note) for note in house.catalogue.notes("fragment", limit=1_000)]
        ids = {item.statement: item.id for item in known}
        wanted = [told(place, thing) for place in [*WINDOWS, PROGRAM, PERSON] for thing in KEPT]
        assert [text for text in wanted if ids.get(text) not in readable] == []
        for place in [*WINDOWS, *HOSTS, PROGRAM, PERSON]:
            hits = closer.recall(f"when does the {place} open in the morning?", k=8)
            assert any("nine" in hit.text and place in hit.text for hit in hits), place
        _every_close_is_done(closer)
        assert closer.audit.verify().whole


def _every_close_is_done(closer: Closer) -> None:
    jobs = closer.jobs.listed(1_000)
    closed = {str(job.request.session) for job in jobs if job.request.kind == "end"}
    assert {job.status for job in jobs} == {"done"}
    assert {f"claude-code:{place}" for place in HOSTS} | {f"app:{PROGRAM}"} <= closed
    assert len([key for key in closed if key.startswith("mcp:")]) == len(WINDOWS)
    assert closer.status()["sessions"]["unfinished"] == []


def _nothing_is_left(home: Path) -> None:
    checked = subprocess.run(
        ["git", "-C", str(home / "vault"), "fsck", "--full", "--strict", "--no-dangling"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert (checked.stdout.strip(), [line for line in checked.stderr.split("\n") if "error" in line]) == ("", [])
    assert list((home / handed.FOLDER).iterdir()) == []
    assert sorted(path.name for path in home.iterdir() if path.name.startswith(".")) == []
