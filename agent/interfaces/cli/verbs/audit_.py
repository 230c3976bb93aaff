"""`closer audit`"""

from __future__ import annotations

import json
from typing import Any

import click

from agent.domain.audit import Entry, Verdict
from agent.interfaces.cli.output import answer, as_json


@click.group(short_help="Read the log of what happened, and prove it whole.")
def command() -> None:
    """What happened in this home, entry by entry, each sealed with the one before it."""


@command.command("list", short_help="Show entries, oldest first.")
@click.option("--after", default=0, metavar="NUMBER", help="Only entries after this one.")
@click.option("--limit", default=100, metavar="N", help="At most so many.", show_default=True)
@as_json
@click.pass_obj
def listing(home: str | None, after: int, limit: int, json_: bool) -> None:
    """Entries of the log."""
    from agent.closer import Closer

    with Closer.at(home) as closer:
        found = closer.audit.entries(after=after, limit=limit)
        answer(json_, [_facts(entry) for entry in found], lambda: "\n".join(map(_line, found)) or "nothing yet")


@command.command(short_help="Check every seal, and what the vault's commits name.")
@as_json
@click.pass_obj
def verify(home: str | None, json_: bool) -> None:
    """Exit code 1 when an entry was changed, taken out or added."""
    from agent.closer import Closer

    with Closer.at(home) as closer:
        verdict = closer.audit.verify()
        told = {
            "whole": verdict.whole,
            "entries": verdict.entries,
            "broken": verdict.broken,
            "missing": verdict.missing,
        }
        answer(json_, told, lambda: _told(verdict))
        if not verdict.whole:
            raise click.exceptions.Exit(1)


def _facts(entry: Entry) -> dict[str, Any]:
    return {"number": entry.number, "at": entry.at, "event": entry.event, "session": entry.session,
            "facts": dict(entry.facts), "seal": entry.seal}  # fmt: skip


def _line(entry: Entry) -> str:
    return f"{entry.number:>6} {entry.at} {entry.event:20} {entry.session} {json.dumps(dict(entry.facts))}"


def _told(verdict: Verdict) -> str:
    if verdict.whole:
        return f"whole: {verdict.entries} entries, each sealed with the one before it"
    lines = [f"entry {number} is not as it was written, or one before it is gone" for number in verdict.broken]
    lines += [f"the vault names entry {reference}, which the log doesn't have" for reference in verdict.missing]
    return "\n".join(lines)
