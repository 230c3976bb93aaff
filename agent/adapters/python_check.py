"""A script of its own: says of Python files why bandit had better not read them.

Run in a process apart (`python python_check.py FILE…`), because a hostile source can exhaust the stack or the
memory of its parser. Prints JSON, file name to reason, null for a file that is fine.
"""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path

LITERAL_ITEMS = 3_000
"""bandit takes quadratic time over a literal's items: seconds for 5,000 and minutes for 20,000."""


def objection(source: bytes) -> str | None:
    """Why this source can't be scanned; None when it can."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return f"can't be parsed: {type(error).__name__}"
    if max(map(_items, ast.walk(tree))) > LITERAL_ITEMS:
        return f"a literal with more than {LITERAL_ITEMS} items"
    return None


def _items(node: ast.AST) -> int:
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return len(node.elts)
    return len(node.keys) if isinstance(node, ast.Dict) else 0


if __name__ == "__main__":
    json.dump({name: objection(Path(name).read_bytes()) for name in sys.argv[1:]}, sys.stdout)
