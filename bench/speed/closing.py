"""One session closed in a fresh process: cold, warm, unchanged, and the yardstick beside it.

The yardstick embeds the very passages closer embeds, each once, cut where closer cuts them, with the same model, the
same runtime and one thread.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from agent import Closer
from agent.adapters.embedder import open_embedder
from agent.domain.note import parse
from agent.domain.passages import of_note
from agent.domain.receipt import Receipt
from agent.domain.transcript import Transcript
from bench.speed import measure, texts


def main() -> None:
    turns, models = int(sys.argv[1]), Path(sys.argv[2])
    with tempfile.TemporaryDirectory(prefix="closer-bench-") as folder:
        home = Path(folder) / "home"
        home.mkdir()
        (home / "models").symlink_to(models)
        found: dict[str, measure.Cost] = {}
        steps: dict[str, measure.Cost] = {}
        with Closer.at(home) as closer:
            found["cold"] = measure.cost(lambda: closer.close(texts.session(turns, 0)))
            warm, bare = [], []
            embedder = open_embedder("all-MiniLM-L6-v2", models, 1)
            embedder.embed(["warm"])
            for number in (1, 2, 3):
                session = texts.session(turns, number)
                receipts: list[Receipt] = []
                warm.append(measure.cost(lambda s=session, r=receipts: r.append(closer.close(s))))
                passages = _passages(closer, receipts[0])
                bare.append(measure.cost(lambda p=passages: embedder.embed(p)))
                steps |= {f"step {k}": measure.Cost(0.0, v / 1000) for k, v in receipts[0].milliseconds.items()}
            found["warm"], found["embedding"] = measure.middle(warm), measure.middle(bare)
            found["analysis"] = _analysis(closer, home / "models", [texts.session(turns, n) for n in (1, 2, 3)])
            found["again"] = measure.cost(lambda: closer.close(texts.session(turns, 3)))
            questions = [
                "when do the release notes go out?",
                "staging database port",
                "what about retries?",
            ] * 7
            recalls = [measure.cost(lambda q=q: closer.recall(q)) for q in questions][1:]
            walls = sorted(c.wall for c in recalls)
            found["recall p50"] = measure.Cost(0.0, walls[len(walls) // 2])
            found["recall p95"] = measure.Cost(0.0, walls[int(len(walls) * 0.95)])
        measure.tell(found | steps)


def _analysis(closer: Closer, models: Path, sessions: list[Transcript]) -> measure.Cost:
    """Planning a close in a home that knows every vector and nothing else: what the analysis costs beside embedding."""
    with tempfile.TemporaryDirectory(prefix="closer-bench-") as folder:
        home = Path(folder)
        (home / "models").symlink_to(models)
        shutil.copy(closer.settings.home / "vectors.db", home / "vectors.db")
        with Closer.at(home) as fresh:
            fresh.plan(sessions[0])
            return measure.middle([measure.cost(lambda s=s: fresh.plan(s)) for s in sessions])


def _passages(closer: Closer, receipt: Receipt) -> list[str]:
    """The texts this close put into the gateway, each once."""
    notes = (parse(path, (closer.settings.vault_path / path).read_bytes()) for path in receipt.files)
    return list(dict.fromkeys(passage.text for note in notes for passage in of_note(note)))


if __name__ == "__main__":
    main()
