"""`closer close`"""

from __future__ import annotations

import click

from agent.interfaces.cli.output import answer, as_json, progress


@click.command(short_help="Close a conversation.")
@click.argument("source", metavar="FILE|HOST:ID")
@click.option("--session", metavar="HOST:ID", help="Of a file that holds several conversations, this one.")
@click.option("--dry-run", is_flag=True, help="Print the plan; write nothing.")
@as_json
@click.pass_obj
def command(home: str | None, source: str, session: str | None, dry_run: bool, json_: bool) -> None:
    """Close the conversations in FILE (`-` reads stdin), or the running session HOST:ID from its
    checkpoints."""
    from agent.closer import Closer
    from agent.interfaces.cli.receipts import planned, shown, with_before
    from agent.interfaces.cli.sources import is_file, transcript_file

    with progress() as listener, Closer.at(home, listener=listener) as closer:
        if not is_file(source):
            receipt = closer.close(session=source).as_json()
            answer(json_, receipt, lambda: shown(receipt))
            return
        with transcript_file(source) as path:
            if dry_run:
                plans = [planned(plan).as_json() for plan in closer.plans(path, session)]
                answer(json_, plans, lambda: "\n\n".join(shown(plan) for plan in plans))
                return
            receipt = closer.close(path, session).as_json()
            answer(json_, receipt, lambda: with_before(receipt))
