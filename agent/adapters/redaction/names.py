"""Names that promise a secret, in settings, programs, forms and sentences, and how much they promise."""

from __future__ import annotations

import re
from dataclasses import dataclass

from agent.adapters.redaction.places import Opening


def _either_case(*words: str) -> str:
    """Sets of letters instead of a flag: an engine that knows how a match begins skips ahead."""
    return "|".join(re.sub("[a-z]", lambda letter: f"[{letter[0]}{letter[0].upper()}]", word) for word in words)


def _alone(*words: str) -> str:
    return "|".join(f"{_either_case(word)}(?<![A-Za-z0-9].{{{len(word)}}})(?![A-Za-z])" for word in words)


_PASSWORDS = ("passw", "passphrase", "passcode", "pwd", "identified by", "storepass", "keypass", "requirepass")
_PASSWORDS_ABROAD = ("kennwort", "contraseña", "contrasena", "mot de passe", "senha", "wachtwoord", "lösenord", "hasło")
_PASSWORDS_ELSEWHERE = ("пароль", "密码", "密碼", "パスワード", "비밀번호")
_SECURED = "ConvertTo-SecureString"
_PASSWORDS_ALONE = ("pass", "pw", "psk")
_SECRETS, _SECRETS_ALONE = ("secret", "token", "credential"), ("auth", "creds", "cred")
_KEYS = ("signature", "sessionid", "session_id", "sessid")
_KEYS_ALONE = ("sig", "pat", "appid", "dsn", "salt", "pepper", "otp", "jwt", "sid")
NAME = (
    f"(?P<password>{_either_case(*_PASSWORDS, *_PASSWORDS_ABROAD)}|{'|'.join(_PASSWORDS_ELSEWHERE)}"
    f"|{_SECURED}|{_alone(*_PASSWORDS_ALONE)})"
    f"|(?P<secret>{_either_case(*_SECRETS)}|{_alone(*_SECRETS_ALONE)})"
    f"|(?P<key>{_either_case('key')}(?![a-z])|{_either_case(*_KEYS)}|{_alone(*_KEYS_ALONE)})"
)
"""Matches the telling part of a name, in the group of its family."""
NAMED = Opening(
    *_PASSWORDS, *_PASSWORDS_ABROAD, *_PASSWORDS_ELSEWHERE, _SECURED, *_PASSWORDS_ALONE,
    *_SECRETS, *_SECRETS_ALONE, "key", *_KEYS, *_KEYS_ALONE,
)  # fmt: skip
"""Where `NAME` can match."""
REST = "[A-Za-z0-9_.-]{0,40}"

_PASSWORD = re.compile(r"(?i)passw|passphrase|pwd")
_SECRET = re.compile(r"(?i)secret|token")
_GRAVE = re.compile(r"(?i)(?:api|access|account|private|signing|encryption|master|shared|auth|license|service)[-_ ]?$")
_ABOUT = re.compile(
    r"(?i)[-_.]?(?:ids?|urls?|uri|path|file|name|type|count|length|len|limit|expir\w*|ttl|label|version|"
    r"algorithm|regex|pattern|format)$"
)
_API_KEY = re.compile(r"(?i)api[-_ ]?key[^ ]*$")
_SETTING = re.compile(r"[A-Z][A-Z0-9]*_(?<!PRIMARY_)(?<!FOREIGN_)(?<!CACHE_)(?<!SORT_)(?<!PARTITION_)$")
_PUBLIC = re.compile(r"(?i)(?:public[-_ ]?|\barn:[\w:/*-]*)$")
_APPROLE = re.compile(r"(?i)secret[-_]?id$")
_REACH = 64


@dataclass(frozen=True, slots=True)
class Name:
    """A name found in a text."""

    family: str
    """password, secret or key: how little of a value is enough."""
    kind: str
    """What its value is called once it is gone."""
    about: bool
    """Whether it names something beside the secret, as `token_type` does."""
    identifies: bool
    """Whether a UUID behind it is a secret."""


def name_of(match: re.Match[str], text: str) -> Name | None:
    """The name of several words that a match of `NAME` and `rest` stands in; None for what is public.

    It promises the most that one of its words does: `KEY_PASSPHRASE` is a password, `API_KEY` a secret.
    """
    before = text[max(0, match.start() - _REACH) : match.start()]
    if _PUBLIC.search(before):
        return None
    rest = match["rest"]
    called = before + text[match.start() : match.end("rest")]
    family, kind = "key", "key"
    if match["password"] or _PASSWORD.search(rest):
        family = kind = "password"
    elif match["secret"] or _SECRET.search(rest) or _GRAVE.search(before):
        family = "secret"
        kind = "token" if "token" in called.lower() else "api-key" if _API_KEY.search(called) else "secret"
    setting = family == "key" and called.endswith("KEY") and _SETTING.search(before) is not None
    about = _ABOUT.search(rest) is not None
    return Name(
        family, kind, about, _APPROLE.search(called) is not None or (not about and (setting or family != "key"))
    )
