"""Tells Python from other code, and code from documents and data, by name and first line."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Literal

_PYTHON = re.compile(r"\.py[iw]?", re.IGNORECASE)
_OTHER_SUFFIX = re.compile(
    r"""\.(?: asm|s | awk | ba?sh|ksh|zsh|fish | bat|cmd|psm?1 | [ch](?:c|h|pp|xx|u)? | clj[sc]? | coffee
    | csx? | d | dart | elm | erl|hrl | exs? | f(?:90|95|03|08)? | fsx? | go | gradle|groovy | hcl|tf | hs
    | html?|jsp|php | ipynb | java | jl | [cm]?[jt]s|[jt]sx | kts? | less|s[ac]ss|css | lisp|scm|rkt | lua
    | mm? | mli? | nim | nix | pas | p[lm] | proto | p(?:yx|xd|xi) | r | rb | rs | scala | sol | sql
    | svelte|vue | swift | tcl | v|vb|vhd | wat | zig )""",
    re.IGNORECASE | re.VERBOSE,
)
_OTHER_NAME = re.compile(r"(?:docker|container|gnumake|make|jenkins|rake|just)file", re.IGNORECASE)

Kind = Literal["python", "other code", "no code", "ask the content"]

_PYTHON_RUNS_IT = re.compile(rb"^#!.*\bpython[0-9.]*\b|^#!.*\b(?:pypy3?|uv run)\b")


def kind_of_name(path: str) -> Kind:
    name = PurePosixPath(path)
    if _PYTHON.fullmatch(name.suffix):
        return "python"
    if _OTHER_SUFFIX.fullmatch(name.suffix) or _OTHER_NAME.fullmatch(name.name):
        return "other code"
    return "no code" if name.suffix else "ask the content"


def kind_of_content(content: bytes) -> Kind:
    """A file without a suffix is what its first line says runs it."""
    first = content[:200].split(b"\n", 1)[0]
    if not first.startswith(b"#!"):
        return "no code"
    return "python" if _PYTHON_RUNS_IT.match(first) else "other code"
