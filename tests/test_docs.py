"""What the documents say is what the program does."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import yaml

from agent.domain.hit import Hit
from agent.domain.receipt import Receipt
from agent.domain.session import GLOBAL
from agent.home import shipped
from agent.interfaces.cli.group import VERBS
from agent.settings import Settings

ROOT = Path(__file__).parents[1]


def test_every_field_of_a_receipt_is_documented() -> None:
    text = (ROOT / "docs" / "json.md").read_text("utf-8").split("## A receipt")[1].split("## A hit")[0]
    named = set(re.findall(r"`(\w+)`", text))

    assert set(Receipt("close", None, GLOBAL, "close").as_json()) <= named


def test_every_field_of_a_hit_is_documented() -> None:
    text = (ROOT / "docs" / "json.md").read_text("utf-8").split("## A hit")[1]

    assert {f.name for f in fields(Hit)} <= set(re.findall(r"`(\w+)`", text))


def test_the_readme_lists_every_command() -> None:
    text = (ROOT / "README.md").read_text("utf-8")

    assert all(f"| `closer {verb}` |" in text for verb in VERBS)


def test_the_shipped_settings_are_the_defaults() -> None:
    listed = yaml.safe_load(shipped("config.yaml").read_text("utf-8"))
    default = Settings(Path())

    for group, values in listed.items():
        if isinstance(values, dict):
            assert values == {f.name: getattr(getattr(default, group), f.name) for f in fields(getattr(default, group))}
    assert set(listed) == {f.name for f in fields(Settings)} - {"home"}


def test_every_route_is_documented(tmp_path: Path) -> None:
    from agent.interfaces.http.app import _routes

    text = (ROOT / "docs" / "http.md").read_text("utf-8")
    routes = {(verb.upper(), path) for path, verbs in _routes(tmp_path).openapi()["paths"].items() for verb in verbs}

    assert routes == set(re.findall(r"^\| `([A-Z]+) (\S+)` \|", text, re.MULTILINE))
