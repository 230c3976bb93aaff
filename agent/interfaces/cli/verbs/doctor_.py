"""`closer doctor`"""

from __future__ import annotations

import click

from agent.interfaces.cli.output import answer, as_json

MARKS = {"ok": "✓", "warning": "!", "failed": "✗"}


@click.command(short_help="Use every part for real.")
@as_json
@click.pass_context
def command(ctx: click.Context, json_: bool) -> None:
    """Use every part for real and say how it did. Exit code 1 when one failed."""
    from agent.closer import Closer
    from agent.interfaces.hooks.inspection import inspect

    with Closer.at(ctx.obj) as closer:
        checks = closer.doctor() + inspect(closer)
        answer(
            json_,
            [c.as_json() for c in checks],
            lambda: "\n".join(
                f"{MARKS[c.verdict]} {c.name:<11} {c.found}" + (f"\n  → {c.hint}" if c.hint else "") for c in checks
            ),
        )
    if any(c.verdict == "failed" for c in checks):
        ctx.exit(1)
