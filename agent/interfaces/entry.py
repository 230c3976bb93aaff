"""The console script. What must be quick is answered before any library is imported."""

from __future__ import annotations

import sys


def main() -> None:
    """Run `closer` with the arguments of the process."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from agent import __version__

        sys.stdout.write(f"closer {__version__}\n")
        return
    from agent.interfaces.cli.group import cli

    cli(prog_name="closer")


if __name__ == "__main__":
    main()
