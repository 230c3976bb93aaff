"""Where things are: closer's home, and the files that travel with the package. Standard library on the fast path."""

from __future__ import annotations

import os
from pathlib import Path

RESOLVED = "settings.json"
CATALOGUE = "catalogue.db"


def home_folder(given: str | Path | None = None) -> Path:
    """The home: as given, else `CLOSER_HOME`, else the platform's folder for user data."""
    if given:
        return Path(given).expanduser().absolute()
    named = os.environ.get("CLOSER_HOME")
    if named:
        return Path(named).expanduser().absolute()
    from platformdirs import user_data_path

    return user_data_path("closer", appauthor=False)


def shipped(name: str) -> Path:
    """A file or folder that ships with closer (`prompts`, `vault`, `config.yaml`), in a checkout or a wheel."""
    package = Path(__file__).parent
    installed = package / "_shipped" / name
    return installed if installed.exists() else package.parent / name
