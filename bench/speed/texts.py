"""Sessions to measure with, made of the demo's own sentences: realistic, free to use, the same at every run."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta

from agent.demo import world
from agent.domain.transcript import Transcript, Turn

SEED = 7
TOPICS = (
    "the uploader's retries", "the staging database", "release notes", "the team offsite", "the billing report",
    "the search page", "login sessions", "the nightly backup", "image thumbnails", "the invoice template",
)  # fmt: skip


def sentences() -> list[str]:
    """What people and assistants say in the demo, one paragraph an entry."""
    found: list[str] = []
    for name in ("earlier.jsonl", "session.jsonl"):
        for line in (world.SHIPPED / name).read_text("utf-8").splitlines():
            content = json.loads(line).get("message", {}).get("content")
            blocks = [content] if isinstance(content, str) else [b.get("text") for b in content or []]
            found += [p for b in blocks if b for p in b.split("\n") if len(p) > 40 and "{{" not in p]
    return found


def session(turns: int, number: int = 0, *, words: int = 90) -> Transcript:
    """A session of so many turns, half the user's, on a few subjects that return; assistant turns of about `words`."""
    draw = random.Random(SEED * 1_000_003 + number)
    pool = sentences()
    began = datetime(2026, 3, 2, 9, tzinfo=UTC) + timedelta(hours=number)
    subjects = draw.sample(TOPICS, 4)
    said = []
    for index in range(turns):
        subject = subjects[index // 8 % 4]
        wanted = 25 if index % 2 == 0 else words
        parts = [f"About {subject}, point {index}: "]
        while sum(len(p.split()) for p in parts) < wanted:
            parts.append(draw.choice(pool))
        role = "user" if index % 2 == 0 else "assistant"
        said.append(Turn(role, " ".join(parts), when=began + timedelta(minutes=index)))
    return Transcript.of(f"bench:{number}-{turns}", said)
