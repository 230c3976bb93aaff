"""What a commit of ten notes costs in a vault of n notes, beside what `git add` and `git commit` cost there."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from agent.adapters.vault import GitVault
from bench.speed import measure

COMMITS = 7


def main() -> None:
    size = int(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="closer-bench-") as folder:
        vault = GitVault.create(Path(folder) / "vault")
        head = None
        for start in range(0, size, 10_000):
            files = {_path(n): _note(n) for n in range(start, min(start + 10_000, size))}
            head = vault.commit(files, "Fill", head)
        subprocess.run(["git", "-C", str(vault.root), "gc", "-q"], check=True)
        ours: list[measure.Cost] = []
        for number in range(COMMITS):
            files = {_path(size + number * 10 + n): _note(n) for n in range(10)}
            before = head

            def commit(files=files, before=before) -> None:
                nonlocal head
                head = vault.commit(files, "Ten notes", before)

            ours.append(measure.cost(commit))
        subprocess.run(["git", "-C", str(vault.root), "reset", "-q", "--hard"], check=True)
        theirs: list[measure.Cost] = []
        for number in range(3):
            paths = [_path(size + 1000 + number * 10 + n) for n in range(10)]
            for path in paths:
                (vault.root / path).parent.mkdir(parents=True, exist_ok=True)
                (vault.root / path).write_bytes(_note(1))
            git = ["git", "-C", str(vault.root), "-c", "user.name=x", "-c", "user.email=x@localhost"]
            theirs.append(
                measure.cost(
                    lambda p=paths, g=git: (
                        subprocess.run([*g, "add", *p], check=True),
                        subprocess.run([*g, "commit", "-q", "-m", "x"], check=True),
                    )
                )
            )
        measure.tell({"closer": measure.middle(ours[1:]), "git": measure.middle(theirs)})


def _path(n: int) -> str:
    return f"fragments/fact/2026/{n // 8000 % 12 + 1:02}/{n // 280 % 28 + 1:02}/{n // 96000}/{n % 280}-{n:08}.md"


def _note(n: int) -> bytes:
    return f"---\nid: {n:016}\ntype: fragment\n---\n\nStatement {n} of the vault.\n".encode()


if __name__ == "__main__":
    main()
