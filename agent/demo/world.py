"""Builds the demo's world in a folder: a small code project under git, and two transcripts about it.

It uses git and the standard library only, and knows nothing of what closer makes of the sessions.
Everything is fixed, times and authors too, so that the commit a transcript quotes is the commit made here.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from agent.errors import ConfigError

SHIPPED = Path(__file__).parent
NAME = "parcel-tracker"
ORIGIN = "https://git.parcel-tracker.example/depot/parcel-tracker.git"

RETRY = ("parcel_tracker/retry.py", "parcel_tracker/uploader.py", "tests/test_uploader.py")
"""What the session commits. The rest of its work, the move of the database, it leaves uncommitted."""

PLANTED = "ingest.mirror.example"
QUESTIONS = (
    "when do we ship?",
    "how should I word the changelog?",
    "which port do I use to connect to staging?",
)


@dataclass(frozen=True, slots=True)
class World:
    """A folder with everything the demo needs; deleting the folder leaves nothing behind."""

    earlier: Path
    """Monday's transcript."""
    session: Path
    """Thursday's transcript: the one to close, once `work` has been done."""
    repository: Path
    start_commit: str
    """Where the repository stands before the session's work."""
    credential: str
    """The made-up secret the user pastes into the session; it must turn up nowhere in the vault."""
    planted: str
    """Words of the order a fetched page gives to assistants; they must turn up in no trusted statement."""
    questions: tuple[str, ...]
    """What to ask the memory afterwards, none of it in the words that were said."""


def make(folder: Path) -> World:
    """Build the world in `folder`: the repository as it was on Monday, both transcripts beside it."""
    folder = folder.resolve()
    repository = folder / NAME
    _lay(SHIPPED / "repository" / "before", repository)
    _git(repository, "init", "--quiet", "--template=", "--initial-branch=main")
    _git(repository, "remote", "add", "origin", ORIGIN)
    start_commit = _commit(repository, (".",), "Release 2.3", "2026-03-06T16:20:00+01:00")
    words = {"{{REPOSITORY}}": str(repository), "{{FAKE_CREDENTIAL}}": _credential()}
    return World(
        earlier=_tell("earlier.jsonl", folder, words),
        session=_tell("session.jsonl", folder, words),
        repository=repository,
        start_commit=start_commit,
        credential=words["{{FAKE_CREDENTIAL}}"],
        planted=PLANTED,
        questions=QUESTIONS,
    )


def work(world: World) -> None:
    """Do to the repository what the session did: one commit, and changes that aren't committed yet."""
    _lay(SHIPPED / "repository" / "after", world.repository)
    _commit(world.repository, RETRY, "Retry a batch while the carrier is busy", "2026-03-12T10:03:30+01:00")


def _lay(shipped: Path, folder: Path) -> None:
    """Copy shipped files. They end in `.txt` so that no tool takes the demo's code for this project's."""
    for source in sorted(shipped.rglob("*.txt")):
        target = folder / source.relative_to(shipped).with_suffix("")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(source.read_bytes())


def _tell(name: str, folder: Path, words: dict[str, str]) -> Path:
    """Write a transcript into `folder`, its placeholders replaced."""
    text = (SHIPPED / name).read_text(encoding="utf-8")
    for placeholder, word in words.items():
        text = text.replace(placeholder, json.dumps(word)[1:-1])
    target = folder / name
    target.write_text(text, encoding="utf-8", newline="\n")
    return target


def _credential() -> str:
    """A token of the right shape that nobody ever issued; made here so that no file of ours holds one."""
    noise = hashlib.sha256(b"closer demo: not a credential").digest()
    letters = base64.b64encode(noise).decode().translate(str.maketrans("+/", "xy"))
    return "_".join(("ghp", letters[:36]))


def _commit(repository: Path, paths: tuple[str, ...], message: str, when: str) -> str:
    _git(repository, "add", "--", *paths)
    _git(repository, "commit", "--quiet", "--message", message, when=when)
    return _git(repository, "rev-parse", "HEAD")


def _git(repository: Path, *words: str, when: str = "") -> str:
    """Run git as the demo's developer, whoever the visitor is and whatever their settings say."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
    for part in ("AUTHOR", "COMMITTER"):
        environment[f"GIT_{part}_NAME"] = "Dana"
        environment[f"GIT_{part}_EMAIL"] = "dana@parcel-tracker.example"
        environment[f"GIT_{part}_DATE"] = when
    try:
        done = subprocess.run(  # noqa: S603 - fixed words, no shell
            ["git", "-C", str(repository), *words],  # noqa: S607 - git is where the visitor has it
            env=environment,
            check=True,
            capture_output=True,
            text=True,
            timeout=60,
        )
    except (OSError, subprocess.SubprocessError) as cause:
        raise ConfigError(
            f"git {words[0]} failed in {repository}",
            hint="the demo needs git 2.28 or newer and a folder it may write to",
        ) from cause
    return done.stdout.strip()
