"""The console script. What must be quick is answered before any library is imported."""

from __future__ import annotations

import sys


def main() -> None:
    """Run `closer` with the arguments of the process."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from agent import __version__

        sys.stdout.write(f"closer {__version__}\n")
        return
    if sys.argv[1:2] == ["hook"] and "--help" not in sys.argv:
        from agent.interfaces.hooks.hook import main as hook

        hook(sys.argv[2:])
        return
    from agent.interfaces.cli.group import cli

    cli(prog_name="closer")


if __name__ == "__main__":
    main()
