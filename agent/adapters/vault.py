"""The vault as a git repository: read by `cat-file`, written by `fast-import` and a compare-and-swap of the branch.

The index stays off the critical path, because every command that rewrites it grows with the vault. It learns of the
written paths afterwards, so that `git status` is clean for a person.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from agent.adapters.git import Git, GitFailed
from agent.adapters.left_locks import LeftLocks
from agent.adapters.open_below import open_below
from agent.domain.identity import digest
from agent.domain.markdown import one_line
from agent.domain.session import SessionKey
from agent.errors import VaultError, VaultMoved
from agent.ports import Change

AUTHOR = "closer <closer@localhost>"
INDEX_WAIT = 1.0
"""Seconds to wait for the person's own git to let go of the index."""
STALE_LOCK_SECONDS = 600
"""A ref's lock is held for milliseconds; one this old is a dead process's."""
LARGE_INDEX_BYTES = 2_000_000
"""An index this large takes long to rewrite; it is then refreshed by a process of its own."""

_LOCKED = re.compile(r"Unable to create '(.+\.lock)': File exists")
_TRAILER = re.compile(r"^(Closer-[A-Za-z]+): (.*)$", re.MULTILINE)


class GitVault:
    """A vault in the work tree at `root`, on the branch that is checked out there."""

    def __init__(self, root: Path, *, timeout: float = 30.0) -> None:
        self.root = root
        self._timeout = timeout
        self._folder = self._git_dir(root)
        self._git = Git(root, self._folder)
        self._left = LeftLocks(self._folder)

    @staticmethod
    def _git_dir(root: Path) -> Path:
        dot = root / ".git"
        if dot.is_dir():
            return dot
        if dot.is_file():
            named = dot.read_text("utf-8", "replace").removeprefix("gitdir:").strip()
            return (root / named).resolve()
        raise VaultError(f"{root} is not a git repository", hint="run `closer init` to make or adopt a vault")

    @classmethod
    def create(cls, root: Path) -> GitVault:
        """Make an empty repository at `root`, or adopt the one that is there. May repeat."""
        root.mkdir(parents=True, exist_ok=True)
        if not (root / ".git").exists():
            Git(root, root / ".git").run("init", "-q", "-b", "main", str(root))
        made = cls(root)
        with suppress(OSError):
            _exclude(made._folder / "info" / "exclude")
        return made

    @property
    def branch(self) -> str:
        """The full ref that HEAD names at this moment. A detached HEAD has none and is refused."""
        head = self._folder / "HEAD"
        named = "" if head.is_symlink() or not head.is_file() else head.read_text("utf-8", "surrogateescape").strip()
        if named.startswith("ref: refs/heads/") and not named.endswith("/.invalid"):
            return named.removeprefix("ref: ")
        ran = self._git.run("symbolic-ref", "-q", "HEAD", ok=(0, 1))
        if ran.status:
            raise VaultError(f"{self.root} has a detached HEAD", hint="check out a branch in the vault, then try again")
        return ran.out.decode("utf-8", "surrogateescape").strip()

    @property
    def id(self) -> str:
        """Eight hex digits naming this vault: of its first commit, so that clones agree. History is walked once."""
        kept = self._folder / "closer-id"
        known = kept.read_text("ascii", "replace").strip() if kept.is_file() else ""
        if re.fullmatch(r"[0-9a-f]{8}", known):
            return known
        head = self.head()
        if head is None:
            return digest(str(self.root.resolve()))[:8]
        found = self._git.text("rev-list", "--max-parents=0", head).split("\n")[-1][:8]
        with suppress(OSError):
            _write(kept, found)
        return found

    def head(self) -> str | None:
        # A loose ref is a file: asked for at every recall, it needn't cost a process.
        loose = self._folder / self.branch
        if not loose.is_symlink() and loose.is_file():
            named = loose.read_text("ascii", "replace").strip()
            if re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", named):
                return named
        ran = self._git.run("rev-parse", "-q", "--verify", f"{self.branch}^{{commit}}", ok=(0, 1, 128))
        return ran.out.decode().strip() or None if ran.status == 0 else None

    def read(self, paths: Sequence[str], at: str | None = None) -> dict[str, bytes]:
        commit = at or self.head()
        if commit is None or not paths:
            return {}
        asked = [p for p in paths if "\n" not in p]
        wanted = "".join(f"{commit}:{path}\n" for path in asked).encode("utf-8", "surrogateescape")
        out = self._git.run("cat-file", "--batch", stdin=wanted, timeout=self._timeout).out
        return {path: blob for path, blob in zip(asked, _blobs(out), strict=True) if blob is not None}

    def edited(self, paths: Sequence[str]) -> dict[str, bytes]:
        committed = self.read(paths)
        found = {}
        for path in paths:
            content = self._file(path)
            if content is not None and content != committed.get(path):
                found[path] = content
        return found

    def _file(self, path: str) -> bytes | None:
        """A file's content, through no symbolic link on the way; None when there is no such regular file."""
        try:
            descriptor = open_below(self.root, path)
        except OSError:
            return None
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return None
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                return file.read()
        finally:
            os.close(descriptor)

    def commit(self, files: Mapping[str, bytes | None], message: str, parent: str | None) -> str:
        for path in files:
            _admit(self.root, path)
        self._left.remove()
        stream = _stream(f"refs/closer/{os.getpid()}", files, message, parent, nothing="0" * self._digits)
        options = ("--quiet", "--done", "--force", "--date-format=now")
        told = self._git.text("fast-import", *options, stdin=stream, timeout=self._timeout)
        new = told.split()[-1]
        self._move(new, parent)
        return new

    def _move(self, new: str, parent: str | None, *, again: bool = True) -> None:
        """The moment of success: the branch goes from `parent` to `new`, or nothing happens."""
        branch, old = self.branch, parent or "0" * self._digits
        try:
            with self._left.taking(f"{branch}.lock", "HEAD.lock"):
                self._git.run("update-ref", "-m", "closer", branch, new, old, timeout=self._timeout)
        except GitFailed as failure:
            found = self.head()
            if found is not None and self.contains(new):
                return
            if found != parent:
                raise VaultMoved(parent or "nothing", found or "nothing") from None
            lock = _LOCKED.search(failure.err)
            if lock is None:
                raise
            if not (again and _stale(Path(lock[1]))):
                raise VaultError(
                    f"the vault's branch is locked by {lock[1]}",
                    hint="another git is at work; if none is, remove that file and try again",
                ) from failure
            Path(lock[1]).unlink(missing_ok=True)
            self._move(new, parent, again=False)

    def checkout(self, files: Mapping[str, bytes | None], previous: Mapping[str, bytes]) -> list[str]:
        kept: list[str] = []
        folders: set[Path] = set()
        try:
            for path, content in files.items():
                present = self._file(path)
                if present == content and (content is not None or not os.path.lexists(self.root / path)):
                    continue
                if present is None and os.path.lexists(self.root / path):
                    kept.append(path)  # a link or a folder
                elif present is not None and present != previous.get(path):
                    kept.append(path)
                elif content is None:
                    (self.root / path).unlink(missing_ok=True)
                else:
                    folders.add(_place(self.root, path, content))
            for folder in folders:
                _sync(folder)
        except OSError as error:
            raise VaultError(
                f"committed, but the work tree is behind: {error}", hint="nothing is lost; make room and try again"
            ) from error
        # Always: whoever placed these files may have died before the index learned of them.
        self._refresh(files, previous, kept)
        return kept

    def _refresh(self, files: Mapping[str, bytes | None], previous: Mapping[str, bytes], kept: Collection[str]) -> None:
        """Tell the person's index of these paths only; of the kept ones, those they have not staged themselves.

        Best effort: a lock held by their own git is waited for, then left alone.
        """
        kind = "sha1" if self._digits == 40 else "sha256"
        self._left.remove()
        staged = self._staged(kept)
        entries = [
            f"{'100644' if content is not None else '0'} {_blob_id(kind, content)}\t{path}\0"
            for path, content in files.items()
            if path not in kept or staged.get(path) == (_blob_id(kind, previous[path]) if path in previous else None)
        ]
        names = "".join(entries).encode("utf-8", "surrogateescape")
        arguments, settings = ("update-index", "-z", "--index-info"), self._without_filters()
        index = self._folder / "index"
        if index.exists() and index.stat().st_size > LARGE_INDEX_BYTES:
            self._git.detach(*arguments, stdin=names, env=settings)
            return
        deadline = time.monotonic() + INDEX_WAIT
        while True:
            with self._left.taking("index.lock"):
                ran = self._git.run(*arguments, stdin=names, env=settings, ok=(0, 1, 128), timeout=self._timeout)
            if ran.status == 0 or not _LOCKED.search(ran.err) or time.monotonic() > deadline:
                return
            time.sleep(0.05)

    def _without_filters(self) -> dict[str, str]:
        """Settings, as variables, that take the repository's filters out of play: whoever writes an index reads the
        files that changed in the same moment as the last one, and would run them."""
        ran = self._git.run("config", "-z", "--name-only", "--get-regexp", r"^filter\.", ok=(0, 1))
        names = ran.out.decode("utf-8", "surrogateescape").split("\0")
        drivers = sorted({name.rpartition(".")[0] for name in names if name})
        nothing = (("clean", ""), ("process", ""), ("required", "false"))
        settings = [(f"{driver}.{key}", value) for driver in drivers for key, value in nothing]
        found = {"GIT_CONFIG_COUNT": str(len(settings))}
        for n, (name, value) in enumerate(settings):
            found |= {f"GIT_CONFIG_KEY_{n}": name, f"GIT_CONFIG_VALUE_{n}": value}
        return found

    def _staged(self, paths: Collection[str]) -> dict[str, str]:
        """The blobs the index has for these paths."""
        if not paths:
            return {}
        listed = self._git.run("ls-files", "-s", "-z").out.decode("utf-8", "surrogateescape").split("\0")
        entries = (line.split("\t", 1) for line in listed if line)
        return {path: meta.split(" ")[1] for meta, path in entries if path in paths}

    @cached_property
    def _digits(self) -> int:
        """How long this repository's object names are: 40, or 64 of the newer kind."""
        config = self._folder / "config"
        known = config.is_file() and "objectformat" not in config.read_text("utf-8", "replace").lower()
        return 40 if known or self._git.text("rev-parse", "--show-object-format") == "sha1" else 64

    def changes(self, old: str | None, new: str) -> Iterator[Change]:
        tree = old or self._git.text("hash-object", "-t", "tree", "--stdin", stdin=b"")
        raw = self._git.run(
            "diff-tree", "-r", "-z", "--raw", "--no-renames", tree, new, timeout=self._timeout * 4
        ).out.decode("utf-8", "surrogateescape")
        fields = raw.split("\0")
        changed = [(fields[i].split(" "), fields[i + 1]) for i in range(0, len(fields) - 1, 2)]
        for start in range(0, len(changed), 500):
            yield from self._contents(changed[start : start + 500])

    def _contents(self, changed: Sequence[tuple[list[str], str]]) -> Iterator[Change]:
        present = [(meta[3], path) for meta, path in changed if meta[4] != "D" and meta[1].startswith("100")]
        for meta, path in changed:
            if meta[4] == "D" or not meta[1].startswith("100"):
                yield Change(path, None)
        asked = "".join(f"{blob}\n" for blob, _ in present).encode()
        out = self._git.run("cat-file", "--batch", stdin=asked, timeout=self._timeout).out if present else b""
        for (_, path), content in zip(present, _blobs(out), strict=True):
            yield Change(path, content)

    def contains(self, commit: str) -> bool:
        ran = self._git.run("merge-base", "--is-ancestor", commit, "HEAD", ok=(0, 1, 128))
        return ran.status == 0

    def parent(self, commit: str) -> str | None:
        ran = self._git.run("rev-parse", "-q", "--verify", f"{commit}^", ok=(0, 1, 128))
        return ran.out.decode().strip() if ran.status == 0 else None

    def trailers(self, commit: str) -> dict[str, str]:
        return dict(_TRAILER.findall(self._git.text("log", "-1", "--format=%B", commit)))

    def named(self, trailer: str) -> list[str]:
        head = self.head()
        return self._git.text("log", f"--format=%(trailers:key={trailer},valueonly)", head).split() if head else []

    def commits_of(self, session: SessionKey) -> list[str]:
        head = self.head()
        if head is None:
            return []
        named = one_line(str(session))
        found = self._git.text("log", "--format=%H", "--fixed-strings", f"--grep=Closer-Session: {named}", head).split()
        return [c for c in found if self.trailers(c).get("Closer-Session") == named]


def _stream(ref: str, files: Mapping[str, bytes | None], message: str, parent: str | None, *, nothing: str) -> bytes:
    """A fast-import stream of one commit. Paths are quoted, contents counted: neither can end the command."""
    text = message.encode("utf-8", "replace")
    parts = [f"commit {ref}\nmark :1\ncommitter {AUTHOR} now\ndata {len(text)}\n".encode(), text, b"\n"]
    if parent:
        parts.append(f"from {parent}\n".encode())
    for path, content in sorted(files.items()):
        name = _c_quoted(path)
        if content is None:
            parts.append(b"D " + name + b"\n")
        else:
            parts.append(b"M 100644 inline " + name + f"\ndata {len(content)}\n".encode() + content + b"\n")
    # The commit's id is told, and the ref it needed is not made: a crash leaves nothing behind.
    parts.append(f"get-mark :1\nreset {ref}\nfrom {nothing}\n\ndone\n".encode())
    return b"".join(parts)


def _c_quoted(path: str) -> bytes:
    raw = path.encode("utf-8", "surrogateescape")
    return b'"' + raw.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n") + b'"'


def _blobs(out: bytes) -> Iterator[bytes | None]:
    """Contents in a `cat-file --batch` answer, None for what is missing or no blob."""
    at = 0
    while at < len(out):
        end = out.index(b"\n", at)
        head = out[at:end].rsplit(b" ", 2)
        if head[-1] == b"missing" or len(head) < 3:
            at = end + 1
            yield None
            continue
        size = int(head[2])
        yield out[end + 1 : end + 1 + size] if head[1] == b"blob" else None
        at = end + 1 + size + 1


def _admit(root: Path, path: str) -> None:
    """Refuse, before anything is written, a path that git or a file system would take for something else, and one
    whose folders are a person's files or links."""
    parts = path.split("/")
    if "\0" in path or any(_dangerous(part) for part in parts):
        raise VaultError(f"{path!r} is no path for a note", hint="rename the note in the vault")
    for depth in range(1, len(parts)):
        folder = root.joinpath(*parts[:depth])
        if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
            what = "a symbolic link" if folder.is_symlink() else "a file"
            raise VaultError(f"{folder} is {what}", hint="put a real folder in its place, or move it out of the vault")


def _dangerous(part: str) -> bool:
    """Whether a part of a path is empty, leads elsewhere, or is `.git` to some file system."""
    plain = part.encode("ascii", "ignore").decode().lower().split(":")[0].rstrip(" .")
    return part in ("", ".", "..") or plain in (".git", "git~1")


def _stale(lock: Path) -> bool:
    try:
        return time.time() - lock.stat().st_mtime > STALE_LOCK_SECONDS
    except FileNotFoundError:
        return True


def _blob_id(kind: str, content: bytes | None) -> str:
    """The name git gives a content; zeros for none."""
    state = hashlib.new(kind, usedforsecurity=False)
    if content is None:
        return "0" * state.digest_size * 2
    state.update(b"blob %d\0" % len(content))
    state.update(content)
    return state.hexdigest()


def _write(place: Path, text: str) -> None:
    """A small file of ours, whole or not at all, and there after a crash."""
    beside = place.with_name(f"{place.name}.{os.getpid()}")
    with beside.open("w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(place)
    _sync(place.parent)


def _exclude(path: Path) -> None:
    """Keep what a killed writer may leave behind out of `git add`."""
    known = path.read_text("utf-8", "surrogateescape") if path.is_file() else ""
    if ".closer-tmp" not in known.split("\n"):
        path.parent.mkdir(exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(".closer-tmp\n" if known.endswith("\n") or not known else "\n.closer-tmp\n")


def _place(root: Path, path: str, content: bytes) -> Path:
    """Write beside, sync, rename; folders are made on the way and none may be a symbolic link. Returns the folder."""
    *parents, name = path.split("/")
    beside = ".closer-tmp"  # always the same: what a killed writer left is written over by the next
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for part in parents:
            with suppress(FileExistsError):
                os.mkdir(part, dir_fd=folder)
            below = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
            os.close(folder)
            folder = below
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
            with os.fdopen(os.open(beside, flags, 0o644, dir_fd=folder), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.rename(beside, name, src_dir_fd=folder, dst_dir_fd=folder)
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(beside, dir_fd=folder)
            raise
    finally:
        os.close(folder)
    return root.joinpath(*parents)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
