"""The words of a question that tell what it is about."""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"\w+")
STOP = frozenset(
    """a about all am an and any are as at be been but by can could did do does for from had has have he her him his
    how i if in into is it its just may me might more most my no not of on or our out over she should so some such
    than that the their them then there these they this those to up us was we were what when where which who whom
    why will with would you your""".split()
)


def telling(text: str) -> list[str]:
    """Lower-case words in order, each once, without stop words; all of them when there are none but stop words.

    Composed and lowered, never case-folded: a full-text index doesn't take `ß` for `ss`.
    """
    found = _WORD.findall(unicodedata.normalize("NFC", text))
    words = list(dict.fromkeys(w.lower() for w in found if len(w) < 64))
    return [w for w in words if w not in STOP] or words
