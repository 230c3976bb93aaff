"""`closer status`"""

from __future__ import annotations

from typing import Any

import click

from agent.interfaces.cli.output import answer, as_json


@click.command(short_help="Show what there is and what waits.")
@as_json
@click.pass_obj
def command(home: str | None, json_: bool) -> None:
    """Counts, what waits for the gateway, and what did not finish."""
    from agent.closer import Closer

    with Closer.at(home) as closer:
        found = closer.status()
        answer(json_, found, lambda: shown(found))


def shown(found: dict[str, Any]) -> str:
    vault, gateway, sessions = found["vault"], found["gateway"], found["sessions"]
    notes = ", ".join(f"{n} {kind}" for kind, n in sorted(vault["notes"].items()) if kind) or "no notes yet"
    lines = [
        f"vault      {vault['path']} at {(vault['head'] or 'no commit')[:12]}: {notes}",
        f"catalogue  {'mirrors the vault' if found['catalogue']['current'] else 'is behind the vault'}",
        f"gateway    {gateway['waiting']} passage(s) wait" if gateway["waiting"] else "gateway    nothing waits",
    ]
    lines += [f"           {key}: gateway offline — vault only" for key in gateway["pending_sessions"]]
    lines += [f"open       {key}" for key in sessions["open"]]
    lines += [f"unfinished {key}" for key in sessions["unfinished"]]
    last = sessions["last_closed"]
    if last:
        lines.append(f"last       {last['session']}: {last['reason']}")
    lines += [f"unreadable {path}: {why}" for path, why in found["catalogue"]["unreadable"].items()]
    return "\n".join(lines)
