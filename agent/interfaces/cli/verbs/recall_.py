"""`closer recall`"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from agent.interfaces.cli.output import answer, as_json

Json = dict[str, Any]


@click.command(short_help="Ask the memory.")
@click.argument("question", nargs=-1, required=True)
@click.option("-k", default=8, show_default=True, help="How many answers at most.")
@click.option("--scope", metavar="NAME", help="Search this project and what is global (default: everything).")
@click.option("--keyword", is_flag=True, help="By words alone: needs no model and answers at once.")
@as_json
@click.pass_obj
def command(home: str | None, question: tuple[str, ...], k: int, scope: str | None, keyword: bool, json_: bool) -> None:
    """Find what was committed, best first, with where it was said."""
    asked = " ".join(question)
    found = _by_words(home, asked, k, scope) if keyword else _by_meaning(home, asked, k, scope)
    if found["notice"] and not json_:
        click.echo(found["notice"], err=True)
    answer(json_, found, lambda: shown(found["hits"]))


def _by_words(home: str | None, question: str, k: int, scope: str | None) -> Json:
    """Straight to the catalogue, read only: nothing else is loaded."""
    from agent.adapters.catalogue import SqliteCatalogue
    from agent.home import CATALOGUE, home_folder
    from agent.recalling.recall import keywords

    hits = keywords(SqliteCatalogue(home_folder(home) / CATALOGUE, read_only=True), question, k, scope)
    return {"question": question, "notice": hits.notice, "hits": [hit.as_json() for hit in hits]}


def _by_meaning(home: str | None, question: str, k: int, scope: str | None) -> Json:
    from agent.interfaces.memory import asked

    return asked(home, lambda memory: memory.recall(question, k, scope))


def shown(hits: Sequence[Json]) -> str:
    """Hits for a person, from their JSON."""
    if not hits:
        return "Nothing in memory matches."
    lines = []
    for n, hit in enumerate(hits, 1):
        turns = f" t{hit['turns'][0]}" if hit["turns"] else ""
        state = "" if hit["status"] == "active" else f" [{hit['status']}]"
        sure = f"confidence {hit['confidence']:.2f}"
        lines.append(f"{n}. {hit['text']}{state}")
        lines.append(f"   {hit['kind']} · {hit['when'][:10]} · {hit['trust']} · {sure} · {hit['why']}")
        lines.append(f"   {hit['path']}{turns}" + (f" · {hit['id']}" if hit["kind"] == "fragment" else ""))
    return "\n".join(lines)
