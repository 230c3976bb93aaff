"""A code repository's work tree, looked at through a git directory of our own.

The repository's config, hooks and attributes take no part: the private directory names no filter, driver or
remote, has a copy of the index and finds the repository's objects as an alternate. File contents are read
here, through no symbolic link, and stored as they are.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from agent.adapters.git import Git, GitFailed
from agent.adapters.open_below import open_below
from agent.adapters.source_kind import kind_of_name

FILE_BYTES = 1_000_000
"""Larger files are left out of a snapshot."""
SNAPSHOT_FILES = 1_000
SNAPSHOT_BYTES = 32_000_000
LISTING_SECONDS = 20.0
"""How long a walk over the work tree may take."""

_NO_REPOSITORY = ("not a git repository", "must be run in a work tree")
_HUNK = re.compile(rb"^@@ -\S+ \+(\d+)(?:,(\d+))? @@", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a repository's parts are."""

    root: Path
    git_dir: Path
    common_dir: Path

    @property
    def objects(self) -> Path:
        return self.common_dir / "objects"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A work tree at one moment."""

    tree: str
    left_out: tuple[tuple[str, str], ...]
    """(path, reason) of changed files the tree doesn't have; tracked ones stand in it as in the index."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A path whose content differs between two trees; deletions and pure renames are none."""

    path: str
    """For people: what is no UTF-8 in it is replaced."""
    mode: str
    old: str | None
    """Blob it was before; None for a new file."""
    new: str


@dataclass(frozen=True, slots=True)
class _File:
    mode: str
    content: bytes


def locate(cwd: Path) -> Place | None:
    """The repository around `cwd`; None when there is none with a work tree.

    Raises GitFailed when git finds one and won't look at it.
    """
    if not cwd.is_dir():
        return None
    git = Git(cwd)
    ran = git.run("rev-parse", "--show-toplevel", ok=(0, 128))
    if ran.status:
        if any(words in ran.err for words in _NO_REPOSITORY):
            return None
        raise GitFailed(("rev-parse", "--show-toplevel"), ran.status, ran.err)
    root = _path(ran.out)
    # A config may name any folder as the work tree, `/` or a home among them: one without `.git` is refused.
    if not (root / ".git").exists() or not cwd.resolve().is_relative_to(root.resolve()):
        return None
    absolute = ("rev-parse", "--path-format=absolute")
    return Place(root, _path(git.run(*absolute, "--git-dir").out), _path(git.run(*absolute, "--git-common-dir").out))


@contextmanager
def view(place: Place, *, keep: bool = False) -> Iterator[View]:
    """Look at a work tree. With `keep`, what a snapshot stores goes into the repository's own objects.

    Objects kept are referred to by nothing: git's garbage collection removes them after two weeks.
    """
    with TemporaryDirectory(prefix="closer-") as folder:
        private = Path(folder)
        (private / "refs").mkdir()
        (private / "info").mkdir()
        (private / "HEAD").write_text("ref: refs/heads/none\n")
        kind = Git(place.root).text("rev-parse", "--show-object-format")
        (private / "config").write_text(
            f"[core]\nrepositoryformatversion = 1\nbare = false\n[extensions]\nobjectFormat = {kind}\n"
        )
        # Through a link, whose name is ours: an alternates file has no room for every path a person may have.
        theirs = private / ("objects" if keep else "theirs")
        theirs.symlink_to(place.objects)
        if not keep:
            (private / "objects" / "info").mkdir(parents=True)
            (private / "objects" / "info" / "alternates").write_text(f"{theirs}\n")
        for index in (place.git_dir / "index", *place.git_dir.glob("sharedindex.*")):
            if index.exists():
                # With its time: git tells from it which entries may have changed unnoticed since.
                shutil.copy2(index, private / index.name)
        exclude = place.common_dir / "info" / "exclude"
        if exclude.is_file():
            shutil.copyfile(exclude, private / "info" / "exclude")
        yield View(place.root, private, kind)


class View:
    """Git on the private directory. Lives as long as the `with` block it came from."""

    def __init__(self, root: Path, private: Path, kind: str) -> None:
        self._root = root
        self._no_blob = "0" * (64 if kind == "sha256" else 40)
        self._private = private
        self._git = Git(root, private)

    def snapshot(self) -> Snapshot:
        """The work tree as it is, ignored files aside. Python files come first where there are too many."""
        listed = self._git.run(
            "ls-files", "-z", "--modified", "--others", "--exclude-standard", timeout=LISTING_SECONDS
        )
        names = {name for name in listed.out.decode("utf-8", "surrogateescape").split("\0") if name}
        found: dict[str, _File] = {}
        gone: list[str] = []
        left_out: list[tuple[str, str]] = []
        total = 0
        for name in sorted(names, key=lambda name: (kind_of_name(name) != "python", name)):
            if len(found) >= SNAPSHOT_FILES or total >= SNAPSHOT_BYTES:
                left_out.append((name, "too many changed files"))
                continue
            if name.endswith("/"):
                left_out.append((name, "another repository, not followed"))
                continue
            file = _read(self._root, name)
            if isinstance(file, _File):
                found[name] = file
                total += len(file.content)
            elif isinstance(file, str):
                left_out.append((name, file))
            elif not os.path.lexists(self._root / name):
                gone.append(name)
        self._index(found, gone)
        shown = tuple(
            (name.encode("utf-8", "surrogateescape").decode("utf-8", "replace"), why) for name, why in left_out
        )
        return Snapshot(self._git.text("write-tree", "--missing-ok"), shown)

    def _index(self, found: dict[str, _File], gone: Sequence[str]) -> None:
        entries = [f"0 {self._no_blob}\t{name}\0" for name in gone]
        blobs = self._store([file.content for file in found.values()])
        entries += [f"{file.mode} {blob}\t{name}\0" for (name, file), blob in zip(found.items(), blobs, strict=True)]
        lines = "".join(entries).encode("utf-8", "surrogateescape")
        self._git.run("update-index", "-z", "--index-info", stdin=lines)

    def _store(self, contents: Sequence[bytes]) -> list[str]:
        marks = self._private / "marks"
        stream = b"".join(
            b"blob\nmark :%d\ndata %d\n%b\n" % (number, len(content), content)
            for number, content in enumerate(contents, 1)
        )
        self._git.run("fast-import", "--quiet", "--done", f"--export-marks={marks}", stdin=stream + b"done\n")
        numbered = dict(line.split(" ") for line in marks.read_text().splitlines())
        return [numbered[f":{number}"] for number in range(1, len(contents) + 1)]

    def tree_of(self, revision: str | None) -> str | None:
        """The tree of a commit or tree id, if its objects are there."""
        if revision is None or not re.fullmatch(r"[0-9a-f]{40,64}", revision):
            return None
        asked = f"{revision}^{{tree}}\n".encode()
        answer = self._git.text("cat-file", "--batch-check=%(objectname) %(objecttype)", stdin=asked)
        return answer.split(" ")[0] if answer.endswith(" tree") else None

    def empty_tree(self) -> str:
        return self._git.text("hash-object", "-w", "-t", "tree", "--stdin", stdin=b"")

    def changes(self, old: str, new: str) -> list[Changed]:
        raw = self._git.run("diff-tree", "-r", "-z", "-M", "--raw", old, new, timeout=LISTING_SECONDS).out
        fields = iter(raw.decode("utf-8", "replace").split("\0"))
        changed = []
        for meta in fields:
            if not meta:
                break
            _, mode, before, after, status = meta.removeprefix(":").split(" ")
            path = next(fields)
            if status[0] == "R":
                path = next(fields)
            if status[0] != "D" and before != after:
                changed.append(Changed(path, mode, None if status[0] == "A" else before, after))
        return changed

    def changed_lines(self, changed: Changed) -> list[range]:
        """Lines of the new content that the old one did not have."""
        if changed.old is None:
            return [range(1, sys.maxsize)]
        options = ("-U0", "--no-color", "--no-ext-diff", "--no-textconv", "--text", "--ignore-cr-at-eol")
        patch = self._git.run("diff", *options, changed.old, changed.new).out
        starts = ((int(start), int(count or 1)) for start, count in _HUNK.findall(patch))
        return [range(start, start + count) for start, count in starts]

    def contents(self, blobs: Sequence[str], limit: int) -> Iterator[bytes | None]:
        """Each blob's content in turn, None for one above the limit or not there; one at a time in memory."""
        asked = "".join(f"{blob}\n" for blob in blobs).encode()
        with self._git.stream("cat-file", "--batch", stdin=asked) as answer:
            for _ in blobs:
                head = answer.readline().split()
                if head[-1] == b"missing":
                    yield None
                    continue
                size = int(head[2])
                content = answer.read(size) if size <= limit else None
                if content is None:
                    _pass_over(answer.read, size)
                answer.read(1)
                yield content


def _pass_over(read: Callable[[int], bytes], size: int) -> None:
    while size > 0:
        size -= len(read(min(size, 1 << 16)))


def _read(root: Path, name: str) -> _File | str | None:
    """A file or link as git stores it, a reason why it can't be read, or None where git stores nothing."""
    try:
        descriptor = open_below(root, name)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        path = root / name
        if error.errno == errno.ELOOP and path.is_symlink():
            return _File("120000", os.fsencode(path.readlink()))
        return f"can't be read: {error.strerror}"
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return None
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            content = file.read(FILE_BYTES + 1)
    finally:
        os.close(descriptor)
    if len(content) > FILE_BYTES:
        return f"larger than {FILE_BYTES // 1000} kB"
    return _File("100755" if status.st_mode & stat.S_IXUSR else "100644", content)


def _path(out: bytes) -> Path:
    return Path(os.fsdecode(out.removesuffix(b"\n")))
