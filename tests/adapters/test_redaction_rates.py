"""How much of a small written set the redactor finds, and how much it leaves alone: see bench/data/secrets."""

from __future__ import annotations

import re

import pytest

from agent.adapters.redaction import shapes
from agent.adapters.redactor import SpanRedactor
from bench.data.secrets.make import lookalikes, secrets

SEEDS = range(3)


def test_the_set_is_large_and_drawn_anew_for_each_seed() -> None:
    assert len(secrets(0)) >= 150
    assert len(lookalikes(0)) >= 150
    assert secrets(1) == secrets(1)
    assert all(one.secrets and one.text != other.text for one, other in zip(secrets(0), secrets(1), strict=True)
               if "plain word" not in one.kind)  # fmt: skip


def found() -> float:
    redactor = SpanRedactor()
    leaks = [item.leaks(redactor.redact(item.text).text) for seed in SEEDS for item in secrets(seed)]
    return 1 - sum(leaks) / len(leaks)


def test_nearly_all_secrets_go() -> None:
    assert found() >= 0.98


def test_most_secrets_go_without_any_list_of_vendors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shapes, "_VENDOR", re.compile("(?!)"))
    monkeypatch.setattr(shapes, "_TOKENS", ())

    assert found() >= 0.93


def test_nearly_nothing_that_only_looks_like_a_secret_changes() -> None:
    redactor = SpanRedactor()
    touched = [redactor.redact(item.text).text != item.text for seed in SEEDS for item in lookalikes(seed)]

    assert sum(touched) / len(touched) <= 0.01


def test_what_stands_around_a_secret_stays() -> None:
    redactor = SpanRedactor()
    kept = [item.kept(redactor.redact(item.text).text) for seed in SEEDS for item in secrets(seed)]

    assert sum(kept) / len(kept) >= 0.97
