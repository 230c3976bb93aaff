"""Which project a session belongs to: the same from every worktree and clone of a repository."""

from __future__ import annotations

from pathlib import PurePath

from agent.domain.identity import digest, slug
from agent.domain.session import GLOBAL, Scope
from agent.ports import CodeState


def scope_of(code: CodeState | None, cwd: str | None) -> Scope:
    """The scope of a repository, by its remote if it has one, else its common directory; of a plain folder, by its
    path; global when nothing is known."""
    if code is not None:
        key = code.remote or code.common_dir
        name = PurePath((code.remote or code.root).rstrip("/").removesuffix(".git")).name
        return Scope(f"{slug(name, empty='project')}-{digest(key)[:8]}")
    if cwd and PurePath(cwd).name:
        return Scope(f"{slug(PurePath(cwd).name, empty='project')}-{digest(cwd)[:8]}")
    return GLOBAL
