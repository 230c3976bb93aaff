"""What stands behind a name: a secret, or the code, the placeholder or the plain word that is no secret."""

from __future__ import annotations

import re

from agent.adapters.redaction.randomness import is_hex, is_placeholder, is_random, is_uuid, surprise, without_templates

_LEAST = {"password": 6, "secret": 8, "key": 12}
_ODDEST = {"password": 0.3, "secret": 0.3, "key": 0.9}
_UNSURE = 1.5
_ENDS = "!?*^$"
_SYMBOL = re.compile(r"[^\w\s.,:;/|()\[\]{}=\"'`-]")
_STOCK = re.compile(
    r"(?i)pass|secret|admin|user|token|default|login|(?<![a-z])(?:test|demo|fake|foo|new|old|wrong|valid|invalid|key)"
)
_WORD_AND_NUMBER = re.compile(r"(?=\D*\d\D*\d)[A-Za-z0-9]+[!?*^$]*")
_HEX_RUN = re.compile(r"[0-9a-f]{24,}|[0-9A-F]{24,}")
_APP_PASSWORD = re.compile(r"(?:[a-z]{4} ){3}[a-z]{4}")
_SOMETHING_ELSE = re.compile(
    r"\s|\\[wdsbSWD]|\[\^?[aA0]-|\(\?[:=!]|^[~^<>=v]*\d+(?:\.\d+)+(?:[-+][\w.]{1,20})?$|://|^(?:\.{0,2}|~)/|^#[0-9a-fA-F]{3,8}$|^[\w.+-]+@[\w-]+\.\w|^\d+\.[a-z_]{2,}|^(?i:(?:sha|md)-?\d{1,3}|base\d\d|latin-?\d|utf-?\d+)$"
    r"|\.(?:pem|key|txt|json|ya?ml|py|js|ts|html?|php|com|org|io)$"
)
_CODE = re.compile(
    r"[*&@!]{0,2}[A-Za-z_]\w*(?:(?:\.|->|::|\?\.)[A-Za-z_]\w*)*(?:[(\[]|[=!<>]=|&&|\|\||[?+*][A-Za-z_])|[(\[{]"
    r"|[@&*:%]{1,2}[A-Za-z_][A-Za-z_.]*$|[A-Za-z]{1,2}[\"']"
)
_CHAIN = 6
"""More signs of equality than a literal has; judging each link of a long chain would take forever."""
_AMBIGUOUS_LENGTH = 16


def is_code(value: str) -> bool:
    """Whether an unquoted value is an expression that fetches or makes a secret."""
    return value.count("=") > _CHAIN or (_CODE.match(value) is not None and not is_random(value, 2.5))


def is_secret(family: str, value: str, *, sure: bool, identifies: bool = False) -> bool:
    """Whether the value of a name of this family is a secret.

    `sure`: it is certainly the name's value, and not merely the next word. `identifies`: UUIDs count.
    """
    bare = without_templates(value)
    if family == "password" and _APP_PASSWORD.fullmatch(bare):
        return surprise(bare) > _ODDEST[family]
    if len(bare) < _LEAST["password"] or is_placeholder(bare) or _SOMETHING_ELSE.search(bare):
        return False
    if is_uuid(bare):
        return sure and identifies
    if is_hex(bare) and any(map(str.isalpha, bare)) and any(map(str.isdigit, bare)):
        return len(bare) >= (32 if family == "key" else 16)
    if (run := _HEX_RUN.search(bare)) and not run[0].isalpha() and not run[0].isdigit():
        return True
    if is_random(bare, _ODDEST[family] if sure else _UNSURE) and len(bare) >= _LEAST[family] + (0 if sure else 4):
        return True
    return sure and family != "key" and _by_a_person(bare, family)


def is_certain(value: str) -> bool:
    """Whether the value is a secret even behind a name that is about one, such as `access_key_id`."""
    return len(value) >= _AMBIGUOUS_LENGTH and not is_hex(value) and is_secret("key", value, sure=False)


def _by_a_person(value: str, family: str) -> bool:
    """A password somebody thought up: words, but with digits or signs that no identifier has."""
    signs = len(_SYMBOL.findall(value.strip(_ENDS)))
    if any(map(str.isalpha, value)) and any(map(str.isdigit, value)):
        plausible = family == "password" or (len(value) >= _LEAST[family] and _WORD_AND_NUMBER.fullmatch(value))
        return signs > 0 or (bool(plausible) and not _STOCK.search(value))
    return any(map(str.isalpha, value)) and (signs > 1 or (signs > 0 and surprise(value) > _ODDEST[family]))
