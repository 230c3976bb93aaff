"""The code repository a session works in: where it is, where it stands, and what its work tree holds."""

from __future__ import annotations

import re
from pathlib import Path

from agent.adapters.git import Git, GitFailed
from agent.adapters.work_tree import Place, locate, view
from agent.ports import CodeState

_USER_OF_URL = re.compile(r"(?<=://)[^/?#]*@")
_USER_OF_SCP = re.compile(r"^[^/@]*@")
_QUERY = re.compile(r"[?#].*", re.DOTALL)


class GitCodeRepository:
    """Reads with git; runs nothing a repository names.

    A tree that was asked for adds objects to the repository, one for each uncommitted file and changed folder
    and referred to by nothing, so that the tree is still there when the session closes.
    """

    def state(self, cwd: Path, *, with_tree: bool = False) -> CodeState | None:
        """As the port says. Raises GitFailed when there is a repository and git refuses to read it."""
        place = locate(cwd)
        if place is None:
            return None
        git = Git(place.root)
        commit = git.run("rev-parse", "-q", "--verify", "HEAD^{commit}", ok=(0, 1, 128))
        return CodeState(
            root=str(place.root),
            common_dir=str(place.common_dir),
            remote=without_credentials(git.text("config", "--get", "remote.origin.url", ok=(0, 1))) or None,
            commit=commit.out.decode().strip() or None,
            branch=git.text("symbolic-ref", "-q", "--short", "HEAD", ok=(0, 1)) or None,
            tree=_tree(place) if with_tree else None,
        )


def _tree(place: Place) -> str | None:
    try:
        with view(place, keep=True) as work_tree:
            return work_tree.snapshot().tree
    except (GitFailed, OSError):
        # A repository we may not write to, a walk without end. The scan at close then says `approximate`.
        return None


def without_credentials(url: str) -> str:
    """A remote's URL without user, password, query and fragment, where tokens hide."""
    if "://" in url:
        return _QUERY.sub("", _USER_OF_URL.sub("", url))
    return _USER_OF_SCP.sub("", url)
