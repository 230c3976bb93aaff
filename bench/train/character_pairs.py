"""Which character follows which in what people write: words, names in programs, paths, versions.

Counted over distinct words of LongMemEval (MIT), the public transcripts (MIT, Apache 2.0) and the standard library of
the running Python (PSF), the rarer ones for less. Words that a machine may have drawn are left out by their length and
digits, not by the model this makes. Run from the project's root with WB_DATA set; writes the redactor's `pairs.json`.
"""

from __future__ import annotations

import json
import math
import os
import re
import string
import sys
import sysconfig
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ALPHABET = "_" + string.ascii_lowercase + string.ascii_uppercase + string.digits
"""The first stands for everything that is neither a letter nor a digit, and for either end."""
TARGET = Path(__file__).parents[2] / "agent/adapters/redaction/pairs.json"
STEP = 0.25
_WORD = re.compile(r"[A-Za-z0-9_./+-]{3,60}")
_DRAWN = re.compile(r"(?=[^0-9]*[0-9][^0-9]+[0-9])[A-Za-z0-9+/]{20,}|[0-9a-f]{16,}")
_SMOOTHING = 0.5
_OTHER_CASES = 0.3
"""What a word counts in capitals and with a capital: names in languages the data has little of."""


def texts(data: Path) -> Iterator[str]:
    for line in (data / "longmemeval/oracle_dev.jsonl").read_text("utf-8").splitlines():
        yield from (turn["content"] for session in json.loads(line)["haystack_sessions"] for turn in session)
    for path in sorted((data / "transcripts").rglob("*")):
        if path.is_file():
            yield path.read_text("utf-8", "replace").replace("\\n", "\n")
    for path in sorted(Path(sysconfig.get_path("stdlib")).rglob("*.py")):
        if "site-packages" not in path.parts:
            yield path.read_text("utf-8", "replace")[:60_000]


def counted(words: Counter[str]) -> dict[tuple[str, str], float]:
    pairs: dict[tuple[str, str], float] = {}
    for word, times in words.items():
        weight = 1 + math.log(times)
        for form, share in ((word, 1.0), (word.upper(), _OTHER_CASES), (word.title(), _OTHER_CASES)):
            known = "".join(letter if letter in ALPHABET else "_" for letter in form)
            for first, second in zip("_" + known, known + "_", strict=True):
                pairs[first, second] = pairs.get((first, second), 0.0) + weight * share
    return pairs


def main() -> None:
    words: Counter[str] = Counter()
    for text in texts(Path(os.environ["WB_DATA"])):
        words.update(word for word in _WORD.findall(text) if not _DRAWN.search(word))
    pairs = counted(words)
    rows = {}
    for first in ALPHABET:
        counts = [pairs.get((first, second), 0.0) + _SMOOTHING for second in ALPHABET]
        bits = (-math.log2(count / sum(counts)) for count in counts)
        rows[first] = "".join(ALPHABET[min(len(ALPHABET) - 1, round(cost / STEP))] for cost in bits)
    recipe = {
        "script": "bench/train/character_pairs.py",
        "data": ["longmemeval", "transcripts", "standard library of Python " + sys.version.split()[0]],
        "distinct_words": len(words),
        "smoothing": _SMOOTHING,
        "other_cases": _OTHER_CASES,
    }
    TARGET.write_text(json.dumps({"recipe": recipe, "alphabet": ALPHABET, "step": STEP, "rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
