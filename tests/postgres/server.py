"""A throwaway Postgres: made in a temporary folder, reached over a socket in it, gone with it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import psycopg

ACCOUNT = "postgres"
"""The system's account that runs the server where tests run as root, which it refuses; and the role of the tests."""
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=300", "listen_addresses=")
"""What a server needs not be when nobody minds its loss."""


class PostgresServer:
    """One server. `start` and `stop` may be called again and again; what is committed stays."""

    def __init__(self, folder: Path) -> None:
        """`folder` is made by this, and is the server's alone. Its path must be short enough for a socket's."""
        self._data, self._sockets = folder / "data", folder
        folder.mkdir()
        if os.geteuid() == 0:
            shutil.chown(folder, ACCOUNT)
        self._run("initdb", "-D", str(self._data), "-U", ACCOUNT, "-A", "trust", "-E", "UTF8", "--no-sync")

    def url(self, database: str = "postgres") -> str:
        """As the settings take it."""
        return f"postgresql+psycopg://{ACCOUNT}@/{database}?host={self._sockets}"

    def start(self) -> None:
        options = " ".join(f"-c {setting}" for setting in (*QUICK, f"unix_socket_directories={self._sockets}"))
        self._run("pg_ctl", "start", "-w", "-D", str(self._data), "-l", str(self._sockets / "log"), "-o", options)

    def stop(self) -> None:
        """As a machine's shutdown does: whoever is connected is cut off, what is committed is kept. May repeat."""
        if (self._data / "postmaster.pid").exists():
            self._run("pg_ctl", "stop", "-w", "-m", "fast", "-D", str(self._data))

    def _run(self, program: str, *arguments: str) -> None:
        as_account = ["runuser", "-u", ACCOUNT, "--"] if os.geteuid() == 0 else []
        command = [*as_account, str(_programs() / program), *arguments]
        # Not captured: a server that was started would keep the pipe open.
        with tempfile.TemporaryFile() as told:
            done = subprocess.run(command, stdout=told, stderr=told, cwd="/", check=False)
            told.seek(0)
            assert done.returncode == 0, told.read().decode()


def create_database(server: str, name: str) -> None:
    with psycopg.connect(_plain(server), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())


def drop_database(server: str, name: str) -> None:
    """Gone, whoever is still connected."""
    with psycopg.connect(_plain(server), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


def _plain(url: str) -> str:
    return url.replace("+psycopg", "", 1)


@contextmanager
def running() -> Iterator[PostgresServer]:
    """A server for the time being, which doesn't outlive this process however that dies."""
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:
        # Its own account passes through here to a folder of its own.
        Path(folder).chmod(0o755)
        server = PostgresServer(Path(folder) / "server")
        server.start()
        with _watched(Path(folder)):
            try:
                yield server
            finally:
                server.stop()


@contextmanager
def _watched(folder: Path) -> Iterator[None]:
    """Kill the server and remove its folder when this process is gone: nothing else ends the watcher's input."""
    last = f"kill -9 $(head -1 {folder}/server/data/postmaster.pid); rm -rf {folder}"
    code = f"read told || {{ {last}; }}"
    with subprocess.Popen(["sh", "-c", code], stdin=subprocess.PIPE, start_new_session=True) as watcher:
        try:
            yield
        finally:
            watcher.communicate(b"all is well\n")


@cache
def _programs() -> Path:
    """Where the server's programs are: on the path, or where Debian keeps them."""
    found = shutil.which("pg_ctl")
    if found:
        return Path(found).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda path: float(path.parts[-3]))
    assert versions, "there is no Postgres here: install the package `postgresql`"
    return versions[-1].parent
