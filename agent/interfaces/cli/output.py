"""How the command line answers: one JSON object or text for people on stdout, everything else on stderr."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from agent.errors import CloserError

SCHEMA = "closer.cli/1"
_ESCAPES = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")

as_json = click.option("--json", "json_", is_flag=True, help="Answer with one JSON object on stdout.")


def safe(text: str) -> str:
    """Text that can't steer a terminal."""
    return _ESCAPES.sub("", text)


def answer(json_: bool, data: Any, text: Callable[[], str]) -> None:
    """Print the result: `{schema, ok, data}`, or what `text` makes of it."""
    if json_:
        click.echo(json.dumps({"schema": SCHEMA, "ok": True, "data": data}, ensure_ascii=False, indent=2))
    else:
        click.echo(safe(text()))


def explained(run: Callable[[], Any]) -> Any:
    """Run a command; turn what closer can explain into a message, a hint and an exit code."""
    try:
        code = run()
    except CloserError as error:
        _complain(error.code, error.message, error.hint)
        sys.exit(error.exit_code)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.ClickException as error:
        if "--json" in sys.argv:
            _complain("usage", error.format_message(), "see --help")
        else:
            error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        sys.exit(130)
    sys.exit(code if isinstance(code, int) else 0)


def _complain(code: str, message: str, hint: str) -> None:
    if "--json" in sys.argv:
        error = {"code": code, "message": message, "hint": hint}
        click.echo(json.dumps({"schema": SCHEMA, "ok": False, "error": error}, ensure_ascii=False, indent=2))
        return
    click.echo(safe(f"closer: {message}"), err=True)
    if hint:
        click.echo(safe(f"  → {hint}"), err=True)


@contextmanager
def progress() -> Iterator[Callable[[str, str], None]]:
    """A listener that shows a running step on stderr once it takes more than half a second; silent when piped."""
    if not sys.stderr.isatty():
        yield lambda _name, _event: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    ) as shown:
        task = shown.add_task("working")
        yield lambda name, event: shown.update(task, description=name if event == "begin" else "working")
