"""`closer init`"""

from __future__ import annotations

import click

from agent.interfaces.cli.output import answer, as_json


@click.command(short_help="Make a home and its vault.")
@click.argument("vault", required=False, metavar="[VAULT]")
@as_json
@click.pass_obj
def command(home: str | None, vault: str | None, json_: bool) -> None:
    """Make closer's home and its vault. VAULT is a folder for the vault, or an existing git repository, which is
    adopted: nothing in it is touched but the skeleton files it lacks."""
    from pathlib import Path

    from agent.closer import Closer
    from agent.home import home_folder

    folder = home_folder(home)
    if vault is not None:
        _settle(folder, Path(vault).expanduser().absolute())
    with Closer.at(folder) as closer:
        added = closer.init()
        path = closer.settings.vault_path
        data = {"home": str(folder), "vault": str(path), "added": added}
        answer(
            json_,
            data,
            lambda: (
                f"Home:  {folder}\nVault: {path}\n" + "".join(f"  added {p}\n" for p in added) + f"Next:  {_next()}"
            ),
        )


def _next() -> str:
    """What to do now: connect the assistants that are on this machine."""
    from agent.interfaces.hooks import inspection, install

    there = [host for host in install.HOSTS if inspection.present(host)]
    connect = f"closer install {' '.join(there)} · closer backfill {there[0]} · " if there else ""
    return f"{connect}closer close TRANSCRIPT · closer recall QUESTION · closer doctor"


def _settle(folder, vault) -> None:  # type: ignore[no-untyped-def]
    """Keep the choice of vault in the home's own configuration."""
    import yaml

    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / "config.yaml"
    known = yaml.safe_load(path.read_text("utf-8")) if path.exists() else None
    known = known if isinstance(known, dict) else {}
    if known.get("vault") != str(vault):
        path.write_text(yaml.safe_dump({**known, "vault": str(vault)}, sort_keys=False), "utf-8")
