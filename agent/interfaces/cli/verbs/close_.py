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
            receipt = closer.close(session=source)
            answer(json_, receipt.as_json(), lambda: shown(receipt))
            return
        with transcript_file(source) as path:
            if dry_run:
                plans = closer.plans(path, session)
                answer(
                    json_, [planned(p).as_json() for p in plans], lambda: "\n\n".join(shown(planned(p)) for p in plans)
                )
                return
            receipt = closer.close(path, session)
            answer(json_, receipt.as_json(), lambda: with_before(receipt))
