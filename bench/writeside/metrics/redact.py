"""Secrets taken out, and what is changed that holds none."""

from __future__ import annotations

import base64
import re
from collections import Counter
from collections.abc import Iterable

from bench.writeside.figures import Figures, Result, mean, share
from bench.writeside.protocol import System
from bench.writeside.sources import Data, sample

CLEAN = 400
LONGEST = 20_000
_TOKEN = re.compile(r"[A-Za-z0-9+/=_.~-]{8,}")
_SESSION = re.compile(r"session_\d+")


def measure(system: System, data: Data, most: int) -> Result:
    talks = [
        turn["text"]
        for talk in data.rows("locomo")[:2]
        for key, turns in talk["conversation"].items()
        if _SESSION.fullmatch(key)
        for turn in turns
    ]
    questions = sample(data.rows("longmemeval"), 40)
    chats = [turn["content"] for row in questions for session in row["haystack_sessions"] for turn in session]
    coding = [re.sub(r"->->.*", "", m["content"]) for messages, _ in list(data.chats())[:2] for m in messages.values()]
    return {
        "secrets": _secrets(system, data),
        "talk": _clean(system, talks),
        "chats": _clean(system, chats),
        "coding chats": _clean(system, coding),
    }


def _secrets(system: System, data: Data) -> Figures:
    """`core_gone`: the longest token no longer appears."""
    seen: Counter[object] = Counter()
    for row in data.rows("secrets"):
        text = base64.b64decode(row["text_b64"]).decode("utf-8", "replace")
        out, secret = system.redact(text), bool(row["is_secret"])
        core = max(_TOKEN.findall(text) or [text], key=len)
        seen[secret] += 1
        seen[secret, "changed"] += out != text
        seen[secret, "gone"] += core not in out
    return {
        "recall": share(seen[True, "changed"], seen[True]), "core_gone": share(seen[True, "gone"], seen[True]),
        "false_pos": share(seen[False, "changed"], seen[False]), "n": seen[True], "n_not": seen[False],
    }  # fmt: skip


def _clean(system: System, texts: Iterable[str]) -> Figures:
    kept = [text[:LONGEST] for text in sample(list(texts), CLEAN)]
    return {"changed_per_1000": 1000 * mean(system.redact(text) != text for text in kept), "n": len(kept)}
