"""The `closer` command. A verb's module is imported when the verb is called."""

from __future__ import annotations

import importlib
from typing import Any

import click

VERBS = {
    "init": "Make a home and its vault, or adopt a git repository as vault.",
    "open": "Begin a session: register it and print its brief.",
    "checkpoint": "Take in new turns of a running session; write what can't wait.",
    "remember": "Store one statement at once, in both stores.",
    "recall": "Ask the memory.",
    "close": "Close a conversation: write, commit, index, sign off.",
    "reconcile": "Bring the gateway to the vault's state, and prove it.",
    "rebuild": "Make gateway and catalogue anew from the vault.",
    "forget": "Forget a statement for good.",
    "rollback": "Take back all that a session wrote.",
    "serve": "Answer over HTTP on this machine.",
    "install": "Have assistants call closer by themselves.",
    "uninstall": "Take closer's hooks out of assistants again.",
    "backfill": "Close the old conversations a host has kept.",
    "hook": "Take in what a host says: for hosts to run.",
    "work": "Do what hooks and other doors have asked for.",
    "mcp": "Serve the memory to an assistant over MCP.",
    "jobs": "Show what was asked for, and try again what failed.",
    "track": "Note what a session holds, to be let go of at its close.",
    "status": "Show what there is, what waits, what failed.",
    "doctor": "Use every part for real and say how it did.",
    "audit": "Read the log of what happened, and prove it whole.",
    "demo": "Close a written session into a throwaway vault and look at it.",
}


class Verbs(click.Group):
    """A group whose commands live in `verbs/<name>.py` as `command`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        module = importlib.import_module(f"agent.interfaces.cli.verbs.{cmd_name}_")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """As click's, with closer's exit codes for what closer explains."""
        from agent.interfaces.cli.output import explained

        return explained(lambda: super(Verbs, self).main(*args, **{**kwargs, "standalone_mode": False}))


@click.group(
    cls=Verbs,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 done, 1 failed, 2 wrong call, 3 configuration or vault, 4 a person must decide, "
    "5 a backend is away, 75 busy (try again), 130 interrupted.",
)
@click.option("--home", metavar="FOLDER", help="Closer's home (default: CLOSER_HOME, else the user data folder).")
@click.version_option(None, "-V", "--version", package_name="closer", message="closer %(version)s")
@click.pass_context
def cli(ctx: click.Context, home: str | None) -> None:
    """Commit what a conversation was worth to a git vault of markdown, and find it again."""
    ctx.obj = home
