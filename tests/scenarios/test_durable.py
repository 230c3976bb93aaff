"""What was acknowledged is done, once, whatever is killed: the door right after its ack, the worker at any moment and
before or after each effect, with all it has started or alone."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from agent import Closer
from agent.adapters import spool
from agent.closing import follow
from agent.domain.audit import Entry
from agent.domain.session import SessionKey
from agent.interfaces.hooks import places
from agent.interfaces.requests import ask
from agent.interfaces.steps import step
from tests.adapters import child
from tests.interfaces.http.service import Served
from tests.processes import until_deserted
from tests.scenarios.talks import BAKERY, ORDER_PAGE, REST
from tests.scenarios.test_hooks import ENTRY, WITHIN, Host, ended, until, workers

KILLS = int(os.environ.get("KILLS", "10"))
"""How often each test kills; `make faults` asks for a hundred."""
SEED = int(os.environ.get("SEED", "20261121"))
STEPS = ("catch up", "intake", "decide", "commit", "catalogue", "gateway")
"""Steps of a close at whose beginning a worker is killed, beside moments of no meaning."""


@pytest.fixture
def home(closer: Closer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("CLOSER_WORKER__LINGER", "1")
    monkeypatch.setenv("CLOSER_EMBEDDER__FOLDER", str(closer.settings.embedder.folder))
    closer.shut()
    yield closer.settings.home
    until(lambda: places.idle(str(closer.settings.home)))


class Crowd:
    """Conversations that are had, grow, and are closed by hooks and by `ask`, while workers die."""

    def __init__(self, home: Path, folder: Path, dice: random.Random) -> None:
        self.home, self.folder, self.dice = home, folder, dice
        self.hosts: list[Host] = []
        self.lines: Counter[str] = Counter()

    def ends(self) -> None:
        """One conversation more is closed, or one that was closed goes on and is closed again."""
        old = [host for host in self.hosts if self.lines[host.session] < 8]
        host = self.dice.choice(old) if old and self.dice.random() < 0.25 else self._new()
        for role, text in self.dice.choice((BAKERY, ORDER_PAGE, REST))[:2]:
            host.says(role, text)
        host.says(
            "user", f"We keep the invoices of year {1900 + len(self.hosts)} in cabinet number {self.dice.random()}."
        )
        host.says("assistant", "Noted.")
        self.lines[host.session] += 4
        if self.dice.random() < 0.5:
            assert host.hook("SessionEnd", reason="other").returncode == 0
        else:
            ask(self.home, "end", SessionKey("claude-code", host.session), transcript=host.transcript)

    def _new(self) -> Host:
        self.hosts.append(Host(self.home, self.folder, f"s{len(self.hosts)}", self.folder))
        return self.hosts[-1]


@pytest.mark.parametrize("whole", [False, True], ids=["the worker", "the worker and all it started"])
def test_kill_9_at_random_moments_loses_and_doubles_nothing(home: Path, tmp_path: Path, whole: bool) -> None:
    seed = SEED + whole
    print(f"seed {seed}")
    dice = random.Random(seed)
    crowd, killed = Crowd(home, tmp_path, dice), 0
    while killed < max(KILLS // 2, 1):
        crowd.ends()
        _moment(home, dice)
        killed += _kill(home, whole=whole)
    crowd.ends()

    drained(home, len(crowd.hosts))

    sound(home, {f"claude-code:{host.session}": crowd.lines[host.session] for host in crowd.hosts})


def _moment(home: Path, dice: random.Random) -> None:
    """The moment of death: any, or the beginning of a step."""
    if dice.random() < 0.5:
        time.sleep(dice.uniform(0.0, 4.0))
        return
    wanted, at = dice.choice(STEPS), step(home)
    while not places.idle(str(home)) and (at is None or (at["step"], at["event"]) != (wanted, "begin")):
        time.sleep(0.005)
        at = step(home)
    time.sleep(dice.uniform(0.0, 0.03))


def _kill(home: Path, *, whole: bool) -> bool:
    """Kill the workers of the home, and all they have started if asked to. Whether there was one."""
    found = workers(home)
    doomed = [*found, *(child for pid in found for child in descendants(pid))] if whole else found
    for pid in doomed:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    return bool(found)


def descendants(pid: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text("utf-8", "replace").rsplit(")", 1)[1].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found, ahead = [], [pid]
    while ahead:
        new = children.get(ahead.pop(), [])
        found += new
        ahead += new
    return found


def drained(home: Path, sessions: int) -> None:
    """Wake a worker, once the last one is quite dead, and wait until it has done everything."""
    places.wake(str(home), patience=1.0)
    deadline = time.monotonic() + 60 + 10 * sessions
    while not ended(home):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.2)


def sound(home: Path, turns: dict[str, int]) -> None:
    """Every session is in the vault as it last was, once, and every store is whole."""
    closed = commits(home)
    assert {session for session, _ in closed} == set(turns)
    assert not [pair for pair, count in closed.items() if count > 1]
    with Closer.at(home) as closer:
        house = closer._house
        known = {session: house.catalogue.session(SessionKey.parse(session)) for session in turns}
        assert {session: found.turns for session, found in known.items() if found} == turns
        assert {job.status for job in closer.jobs.listed(10_000)} == {"done"}
        assert {row.status for row in house.registry.sessions(limit=10_000)} == {"completed"}
        told = [e for e in house.registry.events(limit=100_000, event="session.closed") if e.session in turns]
        assert {(e.session, e.facts["digest"]) for e in told} <= set(closed)
        assert set(last(told)) == {(session, found.digest) for session, found in known.items() if found}
        # Asked for again, or killed before its job was written down as done: told again, under the same digest.
        again = [e for n, e in enumerate(told) if pair_of(e) in map(pair_of, told[:n])]
        assert {e.facts["outcome"] for e in again} <= {"done"}
        assert not follow.drift(house, repair=False)
        assert not closer.status()["gateway"]["waiting"]
        assert closer.audit.verify().whole
    for words in (["fsck", "--strict", "--no-dangling"], ["status", "--porcelain"]):
        done = subprocess.run(["git", "-C", str(home / "vault"), *words], capture_output=True, text=True, check=True)
        assert done.stdout == ""
    until_deserted(home)
    assert leftovers(home) == []


def pair_of(entry: Entry) -> tuple[str, str]:
    """The key under which a close is told of once."""
    return entry.session, str(entry.facts["digest"])


def last(told: Sequence[Entry]) -> list[tuple[str, str]]:
    """What was last told of each session."""
    return list({entry.session: pair_of(entry) for entry in told}.values())


def commits(home: Path) -> Counter[tuple[str, str]]:
    """How many commits close a session with a transcript of that digest."""
    form = " ".join(f"%(trailers:key={key},valueonly,separator=%x20)" for key in ("Closer-Session", "Closer-Digest"))
    done = subprocess.run(
        ["git", "-C", str(home / "vault"), "log", f"--format={form}"], capture_output=True, text=True, check=True
    )
    rows = (line.split() for line in done.stdout.splitlines())
    return Counter((row[0], row[1]) for row in rows if len(row) == 2)


def leftovers(home: Path) -> list[str]:
    """Files that somebody who died left half-way. What a killed git left among its objects is git's to collect."""
    kept, objects = {"owner.lock", "worker.lock", ".gitattributes"}, home / "vault" / ".git" / "objects"
    found = [path for path in home.rglob("*") if path.is_file() and path.name not in kept]
    found = [path for path in found if not path.is_relative_to(objects)]
    left = [path for path in found if path.name.startswith((".", "tmp_")) or path.suffix in (".lock", ".tmp")]
    return [str(path.relative_to(home)) for path in [*left, *(home / "spool").iterdir()]]


DYING = """
import importlib, os, signal, sys
from pathlib import Path

home, module, name, when = sys.argv[1:]
owner = importlib.import_module(module)
*ahead, last = name.split(".")
for part in ahead:
    owner = getattr(owner, part)
done = getattr(owner, last)

def dies(*arguments, **named):
    if when == "after":
        done(*arguments, **named)
    os.kill(os.getpid(), signal.SIGKILL)

setattr(owner, last, dies)
from agent.interfaces.worker import work
work(Path(home))
"""
EFFECTS = [
    ("agent.interfaces.working.queue", "Queue.submit"),
    ("agent.adapters.spool", "remove"),
    ("agent.closing.watch", "Sessions.closing"),
    ("agent.adapters.vault", "GitVault.commit"),
    ("agent.adapters.vault", "GitVault.checkout"),
    ("agent.adapters.catalogue", "SqliteCatalogue.apply"),
    ("agent.adapters.embedder.cache", "CachedEmbedder.flush"),
    ("agent.adapters.gateway.chroma", "ChromaGateway.upsert"),
    ("agent.adapters.catalogue", "SqliteCatalogue.sent"),
    ("agent.adapters.gateway.chroma", "ChromaGateway.mark"),
    ("agent.adapters.registry", "SqlRegistry.end"),
    ("agent.interfaces.working.doing", "Doing.handle"),
]


@pytest.mark.parametrize("when", ["before", "after"])
def test_dying_at_each_effect_loses_and_doubles_nothing(home: Path, tmp_path: Path, when: str) -> None:
    """Each worker has a request of its own and what those before it left, and dies at its effect."""
    hosts = []
    for effect in EFFECTS if KILLS >= 100 else EFFECTS[(when == "after") :: 3]:
        host = Host(home, tmp_path, f"s{len(hosts)}", tmp_path)
        host.says("user", f"We keep the invoices of year {1900 + len(hosts)} in the cabinet behind the door.")
        host.says("assistant", "Noted.")
        hosts.append(host)
        facts = {"kind": "end", "host": "claude-code", "session": host.session, "at": time.time()}
        spool.put(places.spool(str(home)), facts | {"transcript": str(host.transcript), "cwd": str(tmp_path)})

        dead = subprocess.run([sys.executable, "-c", DYING, str(home), *effect, when], timeout=WITHIN, check=False)

        assert dead.returncode == -signal.SIGKILL, effect

    drained(home, len(hosts))

    sound(home, {f"claude-code:{host.session}": 2 for host in hosts})


ASKING = """
import sys
from pathlib import Path
from agent.domain.session import SessionKey
from agent.interfaces.requests import ask

print(ask(Path(sys.argv[1]), "end", SessionKey("test", sys.argv[2])), flush=True)
sys.stdin.read()
"""


def test_kill_9_right_after_the_ack_of_ask_loses_nothing(home: Path) -> None:
    acknowledged = {}
    for number in range(KILLS):
        process = child.start(ASKING, home, f"s{number}")
        assert process.stdout is not None
        ident = process.stdout.readline().strip()
        process.kill()
        process.communicate()
        assert ident
        acknowledged[ident] = f"test:s{number}"

    drained(home, KILLS)

    done_once(home, acknowledged)


def test_kill_9_right_after_the_ack_of_http_loses_nothing(home: Path) -> None:
    acknowledged = {}
    for life in range(max(KILLS // 10, 2)):
        served = Served(home)
        for number in range(10):
            session = f"test:s{life}-{number}"
            answer = served.client.post(f"/v1/sessions/{session}/close", json={})
            if number == 9:
                served.process.kill()
            assert answer.status_code == 202
            acknowledged[answer.json()["job"]] = session
        served.process.wait()
        served.client.close()

    drained(home, len(acknowledged))

    done_once(home, acknowledged)


def test_a_hook_killed_at_any_moment_has_left_a_whole_request_or_none(home: Path) -> None:
    dice, acknowledged = random.Random(SEED), []
    command = [*ENTRY, "hook", "claude-code", "SessionEnd", "--home", str(home)]
    for number in range(KILLS):
        process = subprocess.Popen(command, stdin=subprocess.PIPE)
        assert process.stdin is not None
        process.stdin.write(json.dumps({"session_id": f"s{number}"}).encode())
        process.stdin.close()
        if number % 2:
            time.sleep(dice.uniform(0.0, 0.1))
            process.kill()
        if process.wait() == 0:
            acknowledged.append(f"claude-code:s{number}")

    drained(home, KILLS)

    assert len(acknowledged) >= KILLS // 2
    with Closer.at(home) as closer:
        rows = {str(row.key): row.status for row in closer.sessions.listed(10_000)}
    assert set(acknowledged) <= set(rows)
    assert set(rows.values()) == {"completed"}
    assert [path for path in Path(places.spool(str(home))).iterdir() if not path.name.startswith(".")] == []


def done_once(home: Path, acknowledged: dict[str, str]) -> None:
    """Each job is done, and its session was told to be closed once."""
    with Closer.at(home) as closer:
        jobs = {job.id: (str(job.request.session), job.status) for job in closer.jobs.listed(10_000)}
        told = Counter(e.session for e in closer.audit.entries(limit=100_000, event="session.closed"))
        assert closer.audit.verify().whole
    assert jobs == {ident: (session, "done") for ident, session in acknowledged.items()}
    assert told == Counter(acknowledged.values())
