"""Made-up secrets in the places they turn up in, and lookalikes, drawn anew for each seed.

The text files beside this hold the surroundings only. What stands between ‹ and › is drawn: an alphabet and a length,
or a name of what to make up. No token stands in the repository.

Run as a module to print them, one JSON object a line: `kind`, `text_b64`, `secrets_b64` (none for a lookalike).
"""

from __future__ import annotations

import base64
import json
import random
import re
import string
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

HERE = Path(__file__).parent
_LETTERS, _DIGITS = string.ascii_letters, string.digits
_LOWER, _UPPER = string.ascii_lowercase, string.ascii_uppercase
_HEX = _DIGITS + "abcdef"
_ALPHABETS = {
    "hex": _HEX,
    "HEX": _HEX.upper(),
    "an": _LOWER + _DIGITS,
    "AN": _UPPER + _DIGITS,
    "az": _LOWER,
    "AZ": _UPPER,
    "digits": _DIGITS,
    "letters": _LETTERS,
    "b32": _UPPER + "234567",
    "b58": "".join(sorted({*_LETTERS, *_DIGITS} - {*"0OIl"})),
    "b62": _LETTERS + _DIGITS,
    "b64": _LETTERS + _DIGITS + "+/",
    "b64u": _LETTERS + _DIGITS + "-_",
    "strong": _LETTERS + _DIGITS + "!@#%^&*()-_=+[]{};:,.<>?",
    "strongurl": _LETTERS + _DIGITS + "!*-_.~+",
    "strongsql": _LETTERS + _DIGITS + "!@#%^&*-_+",
    "strongxml": _LETTERS + _DIGITS + "!@#%^*()-_=+[];:,.?",
    "strongmd": _LETTERS + _DIGITS + "!@#%^&*-_=+?",
}
_WORDS = (
    "amber anchor autumn barrel basket beacon bishop bridge bubble butter candle canyon carbon castle cherry cinder "
    "clover copper cotton cradle desert dragon eagle ember falcon feather forest garden ginger glacier guitar hammer "
    "harbor hazel helmet island jungle kettle ladder lantern lemon magnet maple marble meadow mirror monkey mountain "
    "needle nickel oyster paddle pepper pilot planet pocket pumpkin rabbit raven ribbon river rocket saddle shadow "
    "silver spider summer sunset temple thunder ticket tiger tunnel turtle velvet violet walnut whisper willow winter"
).split()
_FIELD = re.compile(r"‹([^‹›]*)›")
_SECRET = re.compile(r"«(.*?)»", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Planted:
    """A text as somebody might paste it, and the stretches of it that must not get through."""

    kind: str
    text: str
    secrets: tuple[str, ...]

    def leaks(self, redacted: str) -> bool:
        """Whether eight characters in a row of a secret are still there, other than those that stand around it too."""
        around = self._around()
        return any(
            piece in redacted and piece not in around
            for secret in self.secrets
            for piece in (secret[at : at + 8] for at in range(max(1, len(secret) - 7)))
        )

    def kept(self, redacted: str) -> float:
        """Share of the words around the secrets that are still there, 0 to 1."""
        words = re.findall(r"\w{3,}", self._around())
        return sum(word in redacted for word in words) / len(words) if words else 1.0

    def _around(self) -> str:
        around = self.text
        for secret in self.secrets:
            around = around.replace(secret, " ")
        return around


def secrets(seed: int = 0) -> list[Planted]:
    """One of each kind of secret."""
    return list(_drawn("secrets.txt", seed))


def lookalikes(seed: int = 0) -> list[Planted]:
    """One of each kind of what only looks like a secret."""
    return list(_drawn("lookalikes.txt", seed))


def _drawn(name: str, seed: int) -> Iterator[Planted]:
    for block in (HERE / name).read_text("utf-8").split("=== ")[1:]:
        kind, _, text = block.partition("\n")
        text = _filled(text.removesuffix("\n"), random.Random(f"{seed} {kind}"))
        yield Planted(kind, re.sub("[«»]", "", text), tuple(_SECRET.findall(text)))


def _filled(text: str, chooser: random.Random) -> str:
    """Innermost fields first, so that one may stand inside another."""
    while _FIELD.search(text):
        text = _FIELD.sub(lambda field: _value(field[1], chooser), text)
    return text


def _value(field: str, chooser: random.Random) -> str:
    name, _, argument = field.partition(" ")
    if name in _ALPHABETS:
        return "".join(chooser.choices(_ALPHABETS[name], k=int(argument)))
    return _MADE[name](argument, chooser)


def _password(_: str, chooser: random.Random) -> str:
    first, second = chooser.sample(_WORDS, 2)
    number, sign = chooser.randint(10, 9999), chooser.choice("!$%&*+-_.?")
    return chooser.choice(
        (f"{first.title()}{sign}{number}", f"{first}{second.title()}{number}{sign}", f"{first}{number}")
    )


_MADE: dict[str, Callable[[str, random.Random], str]] = {
    "uuid": lambda _, chooser: str(UUID(int=chooser.getrandbits(128), version=4)),
    "word": lambda _, chooser: chooser.choice(_WORDS),
    "phrase": lambda length, chooser: " ".join(chooser.choices(_WORDS, k=int(length))),
    "password": _password,
    "base64": lambda text, _: base64.b64encode(text.encode()).decode(),
    "zwsp": lambda _, __: "\u200b",
}


def main() -> None:
    for item in [*secrets(), *lookalikes()]:
        coded = [base64.b64encode(text.encode()).decode() for text in (item.text, *item.secrets)]
        sys.stdout.write(json.dumps({"kind": item.kind, "text_b64": coded[0], "secrets_b64": coded[1:]}) + "\n")


if __name__ == "__main__":
    main()
