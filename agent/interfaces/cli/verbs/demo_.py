"""`closer demo`"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agent.interfaces.cli.output import answer, as_json, progress, safe

if TYPE_CHECKING:
    from agent.closer import Closer
    from agent.demo.world import World

DIFF_LINES = 45


@click.command(short_help="Look at it at work.")
@click.option("--keep", metavar="FOLDER", type=click.Path(file_okay=False), help="Build the demo here, and keep it.")
@as_json
@click.pass_obj
def command(home: str | None, keep: str | None, json_: bool) -> None:
    """Close a written coding session into a throwaway vault: see the receipt, the vault, the diff a reviewer
    reads, the next session's brief, and three questions answered. Nothing outside a temporary folder is touched."""
    with tempfile.TemporaryDirectory(prefix="closer-demo-") as temporary, progress() as listener:
        folder = Path(keep).absolute() if keep else Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        told = dict(_played(folder, listener, (lambda *_: None) if json_ else _say))
        if json_:
            answer(True, told, str)
        elif keep:
            click.echo(f"\nKept in {folder}: open {folder / 'home' / 'vault'} in an editor or in Obsidian.")


def _played(folder: Path, listener: Any, say: Callable[[str, str], None]) -> Iterator[tuple[str, Any]]:
    from agent.closer import Closer
    from agent.demo import world
    from agent.interfaces.cli.receipts import shown
    from agent.interfaces.cli.verbs.recall_ import shown as answers

    made = world.make(folder)
    with Closer.at(folder / "home", {"vault": None}, listener=listener) as closer:
        monday = closer.close(made.earlier)
        yield "earlier", monday.as_json()
        say("1. On Monday a session ended, and was closed", shown(monday.as_json()))

        closer.open(next(closer.conversations(made.session)).session, cwd=made.repository)
        world.work(made)
        receipt = closer.close(made.session)
        yield "receipt", receipt.as_json()
        say(
            "2. On Thursday: 80 turns, four subjects, a secret, a trap, changed code. The receipt",
            shown(receipt.as_json()),
        )

        vault = closer.settings.vault_path
        say("3. The vault", tree(vault))
        say("4. What a reviewer reads: one commit (excerpt)", _diff(vault, receipt.commit or "HEAD"))
        brief = closer.open("claude-code:next", cwd=made.repository)
        yield "brief", brief.as_json()
        say("5. The next session is handed this", brief.text)

        found = {q: closer.recall(q, k=2, scope=receipt.scope.name) for q in made.questions}
        yield "recall", {q: [h.as_json() for h in hits] for q, hits in found.items()}
        asked = "\n\n".join(f"“{q}”\n{answers([hit.as_json() for hit in hits])}" for q, hits in found.items())
        say("6. Three questions, in other words than those that were said", asked)
        proof = _proof(closer, made, vault)
        yield "proof", proof
        checked = "\n".join(f"{'✓' if ok else '✗'} {what}" for what, ok in proof.items())
        say("7. And what must not be there", checked)


def _say(title: str, text: str) -> None:
    click.echo(f"\n{click.style(f'── {title} ', bold=True)}{'─' * max(0, 96 - len(title))}\n")
    click.echo(safe(text))


def tree(vault: Path) -> str:
    """The vault's files, a line for every folder that holds some."""
    folders: dict[Path, list[str]] = {}
    for path in sorted(p for p in vault.rglob("*") if p.is_file() and ".git" not in p.relative_to(vault).parts):
        relative = path.relative_to(vault)
        folders.setdefault(relative.parent, []).append(relative.name)
    lines = folders.pop(Path(), [])
    for folder, names in folders.items():
        lines += [f"{folder}/", *(f"    {name}" for name in names)]
    return "\n".join(lines)


def _diff(vault: Path, commit: str) -> str:
    """The commit's message and, of its diff, what a reviewer reads first: changed statements, then a summary."""
    message = _git(vault, "show", "-s", "--format=%B", commit)
    changed = [line.split("\t") for line in _git(vault, "show", "--format=", "--name-status", commit).splitlines()]
    statements = sorted((c for c in changed if c[1].startswith("fragments/")), key=lambda c: (c[0] != "M", c[1]))
    summaries = [c for c in changed if c[1].startswith("summaries/")]
    parts = [message]
    for _, name in [*statements[:2], *summaries[:1]]:
        lines = _git(vault, "show", "--format=", "-U1", commit, "--", name).splitlines()
        parts.append("\n".join(line for line in lines[:DIFF_LINES] if not line.startswith(("index ", "+++ ", "--- "))))
    return "\n\n".join([*parts, f"… {len(changed)} files in all: git show {commit[:12]}"])


def _git(vault: Path, *words: str) -> str:
    from agent.adapters.git import Git

    return Git(vault, vault / ".git").text(*words)


def _proof(closer: Closer, made: World, vault: Path) -> dict[str, bool]:
    """Looked for, not believed: every file of the home, and every object git holds."""
    closer.shut()
    canary = made.credential.encode()
    files = [p for p in closer.settings.home.rglob("*") if p.is_file()]
    objects = subprocess.run(  # noqa: S603 - fixed words, no shell
        ["git", "-C", str(vault), "cat-file", "--batch-all-objects", "--batch"],  # noqa: S607 - as the demo's world
        capture_output=True,
        check=True,
        timeout=60,
    ).stdout
    trusted = [p.read_text("utf-8", "replace") for p in (vault / "fragments").rglob("*.md")]
    return {
        "the pasted credential is in no file of the home": not any(canary in p.read_bytes() for p in files),
        "and in no git object": canary not in objects,
        "what the web page ordered is no trusted statement": not any(made.planted in text for text in trusted),
    }
