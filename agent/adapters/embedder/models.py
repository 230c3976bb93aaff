"""The folder of exported models: each made once, in a process of its own, and moved into place when complete.

The process is another one because torch's memory must not stay in the one that closes.
"""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from agent.adapters.embedder import record as records
from agent.adapters.embedder.record import Record
from agent.adapters.embedder.source import Source, folder_name, locate
from agent.errors import EmbedderUnavailable

_PATIENCE = 900.0
"""Seconds an export may take: about 20 are usual, a download on top."""
_CHILD = (
    "import sys; sys.path.append(sys.argv[1]); from agent.adapters.embedder.export import main; main(*sys.argv[2:])"
)
"""Run with -P, our own place appended: nothing in the user's working directory or project gets imported."""


def exported(model: str, models_dir: Path) -> tuple[Path, Record]:
    """The folder and record of a model's export, made now where there is none. Processes may ask at once.

    Raises EmbedderUnavailable when the model can't be had, or the folder can't be written.
    """
    folder = models_dir / folder_name(model)
    try:
        record = records.read(folder)
        if record is None:
            with _alone(folder):
                record = records.read(folder) or _export(locate(model), folder)
    except OSError as error:
        raise EmbedderUnavailable(
            f"the model can't be exported: {error}", hint=f"make {models_dir} writable, with 300 MB free"
        ) from error
    return folder, record


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _export(source: Source, folder: Path) -> Record:
    for abandoned in folder.parent.glob(f".{folder.name}.*"):
        shutil.rmtree(abandoned)
    with TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent) as beside:
        made = Path(beside) / folder.name
        made.mkdir()
        _run(source, made)
        record = records.read(made)
        if record is None:
            raise EmbedderUnavailable(f"the export of {source.name} left no record", hint="try again")
        if folder.exists():
            shutil.rmtree(folder)
        made.replace(folder)
    return record


def _run(source: Source, folder: Path) -> None:
    package_root = Path(__file__).parents[3]
    arguments = (source.path, source.name, source.version, folder)
    command = [sys.executable, "-P", "-c", _CHILD, *map(str, (package_root, *arguments))]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=_PATIENCE)  # noqa: S603
    except subprocess.TimeoutExpired as error:
        raise EmbedderUnavailable(f"exporting {source.name} took too long", hint="try again") from error
    except subprocess.CalledProcessError as error:
        said = (error.stderr.strip().splitlines() or [f"exit code {error.returncode}"])[-1]
        raise EmbedderUnavailable(
            f"{source.name} can't be loaded: {said}", hint="check the setting that names the model"
        ) from error
