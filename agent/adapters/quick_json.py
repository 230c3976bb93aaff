"""JSON for a process that lives a few milliseconds: the C parts of `json`, without the import that costs more than all
the rest of a hook. What they can't do is left to `json` itself.
"""

from __future__ import annotations

TYPE_CHECKING = False
"""Type checkers read it as true; `typing` isn't imported for it."""
if TYPE_CHECKING:
    from collections.abc import Callable

_BLANKS = (" ", "\t", "\n", "\r")


class _Strict:
    """What `json.loads` tells the scanner."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = float


_scan: Callable[[str, int], tuple[object, int]]
_quoted: Callable[[str], str]
try:
    from _json import encode_basestring_ascii as _quoted
    from _json import make_scanner

    _scan = make_scanner(_Strict)  # type: ignore[arg-type]
except (ImportError, AttributeError, TypeError):  # another Python's json is made of other parts
    from json import dumps as _quoted
    from json.decoder import JSONDecoder

    _scan = JSONDecoder().scan_once  # type: ignore[attr-defined]


_REFUSED = (ValueError, StopIteration, SystemError)
"""What the scanner raises. Its own error is of `json.decoder`; it can't raise that one where nobody imported it."""


def loads(text: bytes) -> object:
    """As `json.loads`: raises ValueError, or RecursionError."""
    try:
        said = text.decode()
        value, end = _scan(said, _next(said, 0))
        if _next(said, end) == len(said):
            return value
    except _REFUSED:
        value = None
    import json

    return json.loads(text)


def beginning(text: bytes) -> dict[str, object]:
    """The members of an object that is cut off somewhere, up to the first that isn't whole."""
    said = text.decode("utf-8", "ignore")
    found: dict[str, object] = {}
    try:
        at = _after(said, 0, "{")
        while True:
            name, at = _scan(said, at)
            value, at = _scan(said, _after(said, at, ":"))
            at = _next(said, at)
            # More digits may have followed: a number is whole only by what comes after it.
            if isinstance(name, str) and (not isinstance(value, int | float) or said[at : at + 1] in (",", "}")):
                found[name] = value
            at = _after(said, at, ",")
    except (*_REFUSED, RecursionError):
        return found


def _next(text: str, at: int) -> int:
    """Where the next character is that is no blank."""
    while text[at : at + 1] in _BLANKS:
        at += 1
    return at


def _after(text: str, at: int, mark: str) -> int:
    """Where what follows a mark begins. Raises ValueError when the mark isn't next."""
    at = _next(text, at)
    if not text.startswith(mark, at):
        raise ValueError(f"no {mark} at character {at}")
    return _next(text, at + 1)


def dumps(value: object) -> str:
    """As `json.dumps`."""
    if type(value) is str:
        return _quoted(value)
    if type(value) is dict:
        return "{" + ", ".join(f"{_quoted(name)}: {dumps(inner)}" for name, inner in value.items()) + "}"
    if type(value) is int or (type(value) is float and value - value == 0):
        return repr(value)
    import json

    return json.dumps(value)
