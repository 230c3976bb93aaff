"""Runs git, hardened: no hook, helper, signer or inherited `GIT_…` variable takes part.

Commands go through GitPython's command layer. What this does not close: clean and smudge filters and diff
drivers are named by a repository's own config, so callers use commands that run none
(`hash-object --no-filters`, `fast-import`, `diff --no-ext-diff --no-textconv`) or a private git directory.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from agent.errors import CloserError, ConfigError

_ENVIRONMENT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    # Any read of a missing object in a partial clone fetches it, by a command the repository's config names,
    # and its `protocol.ext.allow` outranks our `protocol.allow`. These two outrank the repository.
    "GIT_ALLOW_PROTOCOL": "",
    "GIT_NO_LAZY_FETCH": "1",
    "LC_ALL": "C",
}

_SETTINGS = {
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "core.untrackedCache": "false",
    "core.attributesFile": os.devnull,
    "core.fsync": "all",
    "core.fsyncMethod": "fsync",
    "core.protectNTFS": "true",
    "core.protectHFS": "true",
    "core.quotePath": "false",
    "commit.gpgSign": "false",
    "tag.gpgSign": "false",
    "log.showSignature": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "protocol.allow": "never",
    "submodule.recurse": "false",
    "credential.helper": "",
    # Others' repositories are read too (a container's mount, a shared checkout): nothing of theirs is run, see above.
    "safe.directory": "*",
}


class GitFailed(CloserError):
    """A git command ended with a status the caller did not expect."""

    code = "git"

    def __init__(self, command: Sequence[str], status: int, err: str, *, message: str = "") -> None:
        lines = err.strip().splitlines() or [""]
        said = next((line for line in lines if line.startswith(("fatal:", "error:"))), lines[-1])
        super().__init__(message or f"git {command[0]} ended with status {status}: {said}")
        self.command = tuple(command)
        self.status = status
        self.err = err


class GitTimeout(GitFailed):
    """A git command took too long and was killed; what it did until then is unknown."""

    code = "git_timeout"

    def __init__(self, command: Sequence[str], seconds: float) -> None:
        message = f"git {command[0]} did not end within {seconds:g} s"
        super().__init__(command, -signal.SIGKILL, "", message=message)
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Ran:
    """What a git command answered."""

    status: int
    out: bytes
    err: str


class Git:
    """Git in one work tree. Without `git_dir` the repository is looked for from `work_tree` upwards."""

    def __init__(self, work_tree: Path, git_dir: Path | None = None) -> None:
        place = os.path.abspath(work_tree)  # noqa: PTH100 - of a bytes-clean path, links kept as the caller named them
        self._place = ["-C", place]
        if git_dir is not None:
            self._place += [f"--git-dir={os.path.abspath(git_dir)}", f"--work-tree={place}"]  # noqa: PTH100

    def run(
        self,
        *args: str,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
        timeout: float = 30.0,
        ok: Collection[int] = (0,),
        keep_fds: Sequence[int] = (),
    ) -> Ran:
        """Run to the end, the whole answer in memory.

        `keep_fds` stay open in the child, so that a lock held by one of them lasts as long as the child.
        Raises GitFailed for a status not in `ok`, GitTimeout when time is up and its whole group was killed.
        """
        process = self._start(args, None if stdin is None else subprocess.PIPE, env, keep_fds)
        try:
            out, err = process.communicate(stdin, timeout)
        except subprocess.TimeoutExpired:
            raise GitTimeout(args, timeout) from None
        finally:
            _end(process)
        ran = Ran(process.returncode, out, err.decode("utf-8", "replace"))
        if ran.status not in ok:
            raise GitFailed(args, ran.status, ran.err)
        return ran

    def text(
        self,
        *args: str,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
        timeout: float = 30.0,
        ok: Collection[int] = (0,),
    ) -> str:
        """What the command printed, stripped. Bytes that are no UTF-8 survive as surrogates."""
        ran = self.run(*args, stdin=stdin, env=env, timeout=timeout, ok=ok)
        return ran.out.decode("utf-8", "surrogateescape").strip()

    @contextmanager
    def stream(
        self, *args: str, stdin: bytes = b"", env: Mapping[str, str] | None = None, timeout: float = 300.0
    ) -> Iterator[IO[bytes]]:
        """The command's output as a file to read from, for answers too large for memory (`cat-file --batch`).

        Leaving by an exception kills the command; leaving normally passes over what was not read. Raises as
        `run` does, also in place of what the reader raises when a dying command cut its answer short.
        """
        with _as_file(stdin) as given:
            process = self._start(args, given, env)
        assert process.stdout is not None and process.stderr is not None  # noqa: S101, PT018 - always pipes
        said: list[bytes] = []
        listener = threading.Thread(target=_listen, args=(process.stderr, said), daemon=True)
        overdue = threading.Event()
        watchdog = threading.Timer(timeout, _expire, (process, overdue))
        listener.start()
        watchdog.start()
        try:
            yield process.stdout
            while process.stdout.read(1 << 16):
                pass
            process.wait()
        except Exception as broken:
            if failure := _failure(args, process, overdue, timeout, said):
                raise failure from broken
            raise
        finally:
            watchdog.cancel()
            _kill(process)
            listener.join(1.0)
            _end(process)
        if failure := _failure(args, process, overdue, timeout, said):
            raise failure

    def detach(self, *args: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> None:
        """Start a command that goes on by itself, even past our own end. Nobody learns its outcome."""
        with _as_file(stdin) as given:
            process = self._start(args, given, env)
        threading.Thread(target=process.communicate, daemon=True).start()

    def _start(
        self,
        args: Sequence[str],
        stdin: int | IO[bytes] | None,
        env: Mapping[str, str] | None = None,
        keep_fds: Sequence[int] = (),
    ) -> subprocess.Popen[bytes]:
        executable = _executable()
        from git.cmd import Git as Command

        environment = {**_ENVIRONMENT, **(env or {})}
        command = [
            *_without_inherited(environment),
            executable,
            "--no-optional-locks",
            "--literal-pathspecs",
            *(part for key, value in _SETTINGS.items() for part in ("-c", f"{key}={value}")),
            *self._place,
            *args,
        ]
        options: dict[str, Any] = {"istream": stdin, "start_new_session": True, "pass_fds": tuple(keep_fds)}
        handle: Any = Command(self._place[1]).execute(command, as_process=True, shell=False, env=environment, **options)
        # The handle ends its child when it is collected; from here on the child is ours.
        process: subprocess.Popen[bytes] = handle.proc
        handle.proc = None
        return process


@cache
def _executable() -> str:
    found = shutil.which("git")
    if found is None:
        raise ConfigError("git was not found on the PATH", hint="install git 2.39 or later")
    return str(Path(found).absolute())


def _without_inherited(own: Mapping[str, str]) -> list[str]:
    """A command prefix that drops inherited `GIT_…` variables: closer runs inside git hooks, which set many.

    GitPython starts every child with a copy of `os.environ` and can only add to it.
    """
    inherited = [name for name in os.environ if name.startswith("GIT_") and name not in own]
    return ["/usr/bin/env", *(part for name in inherited for part in ("-u", name))] if inherited else []


def _as_file(content: bytes) -> IO[bytes]:
    """Input as a file: unlike a pipe it needs nobody to feed it while the answer is read."""
    file = TemporaryFile()  # noqa: SIM115 - the caller closes it
    file.write(content)
    file.seek(0)
    return file


def _listen(pipe: IO[bytes], said: list[bytes]) -> None:
    """Read a pipe to its end so that its writer never waits, and keep the beginning."""
    said.append(pipe.read(1 << 16))
    while pipe.read(1 << 16):
        pass


def _failure(
    args: Sequence[str],
    process: subprocess.Popen[bytes],
    overdue: threading.Event,
    timeout: float,
    said: list[bytes],
) -> GitFailed | None:
    if overdue.is_set():
        return GitTimeout(args, timeout)
    status = process.poll()
    return GitFailed(args, status, b"".join(said).decode("utf-8", "replace")) if status else None


def _expire(process: subprocess.Popen[bytes], overdue: threading.Event) -> None:
    overdue.set()
    _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill the child and whatever it started, unless it has ended by itself."""
    if process.poll() is None:
        # PermissionError: what macOS says of a group whose members are all dead but not yet waited for.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)


def _end(process: subprocess.Popen[bytes]) -> None:
    _kill(process)
    process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            with suppress(BrokenPipeError):  # input the killed child did not take
                pipe.close()
