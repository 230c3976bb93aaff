"""`closer recall`"""

from __future__ import annotations

import click

from agent.domain.hit import Hits
from agent.interfaces.cli.output import answer, as_json


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
    hits = _by_words(home, asked, k, scope) if keyword else _by_meaning(home, asked, k, scope)
    data = {"question": asked, "notice": hits.notice, "hits": [h.as_json() for h in hits]}
    if hits.notice and not json_:
        click.echo(hits.notice, err=True)
    answer(json_, data, lambda: shown(hits))


def _by_words(home: str | None, question: str, k: int, scope: str | None) -> Hits:
    """Straight to the catalogue, read only: nothing else is loaded."""
    from agent.adapters.catalogue import SqliteCatalogue
    from agent.home import CATALOGUE, home_folder
    from agent.recalling.recall import keywords

    return keywords(SqliteCatalogue(home_folder(home) / CATALOGUE, read_only=True), question, k, scope)


def _by_meaning(home: str | None, question: str, k: int, scope: str | None) -> Hits:
    from agent.closer import Closer

    with Closer.at(home) as closer:
        return closer.recall(question, k, scope)


def shown(hits: Hits) -> str:
    """Hits for a person."""
    if not hits:
        return "Nothing in memory matches."
    lines = []
    for n, hit in enumerate(hits, 1):
        turns = f" t{hit.turns[0]}" if hit.turns else ""
        state = "" if hit.status == "active" else f" [{hit.status}]"
        lines.append(f"{n}. {hit.text}{state}")
        lines.append(f"   {hit.kind} · {hit.when[:10]} · {hit.trust} · confidence {hit.confidence:.2f} · {hit.why}")
        lines.append(f"   {hit.path}{turns}" + (f" · {hit.id}" if hit.kind == "fragment" else ""))
    return "\n".join(lines)
