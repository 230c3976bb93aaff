"""Secrets that only their name gives away: settings, JSON, flags, headers, and the sentence that says it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.adapters.redaction.randomness import is_hex, is_placeholder, is_random, is_uuid, without_templates
from agent.adapters.redaction.span import Span


def _either_case(*words: str) -> str:
    """Sets of letters instead of a flag: an engine that knows how a match begins skips ahead."""
    return "|".join(re.sub("[a-z]", lambda letter: f"[{letter[0]}{letter[0].upper()}]", word) for word in words)


def _alone(*words: str) -> str:
    return "|".join(f"{_either_case(word)}(?<![A-Za-z].{{{len(word)}}})(?![A-Za-z])" for word in words)


_NAME = (
    f"(?P<password>{_either_case('passw', 'passphrase', 'passcode', 'pwd')}|{_alone('pass')})"
    f"|(?P<secret>{_either_case('secret', 'token', 'credential')}|{_alone('auth')})"
    f"|(?P<key>{_either_case('key')}(?![a-z])|{_either_case('signature', 'sessionid', 'session_id', 'sessid')}"
    f"|{_alone('sig', 'pat', 'dsn', 'salt', 'pepper', 'otp', 'jwt', 'sid')})"
)
_LINK = (
    r"\\*[\"'`\])]{0,2}\s{0,12}(?::\s{0,4}[A-Za-z][\w.\[\]| ]{0,30}=(?!=)|:=|=>|->|={1,2}|:(?!:)|\|)\s{0,12}"
    r"|\\*[\"'`]\s{0,3},\s{0,3}(?=\\*[\"'`])|[\"']\s{1,3}value\s?=\s?(?=[\"'])|>\s{0,4}|\((?=[\"'])"
    r"|\s{1,3}(?:is|was|are|be|to|as|equals|became)\s(?:now\s|still\s|set to\s|just\s|:\s?)?\s{0,2}"
    r"|(?P<bare>\\*[\"'`]?\s{1,3})"
)
_LITERAL = r"(?:(?![&;,]\s?[\w -]{1,40}=)[^\s\"'`<>\0])"
_VALUE = rf"\\*(?:(?P<quote>[\"'`])(?P<quoted>[^\n]{{1,300}}?)\\*(?P=quote)|(?P<plain>{_LITERAL}{{1,128}}))"
_TAIL = re.compile(f"{_LITERAL}*")
_NAMED = re.compile(rf"(?:{_NAME})(?P<rest>[A-Za-z0-9_.-]{{0,40}})(?=(?:{_LINK})(?:{_VALUE}))")
_PASSWORD = re.compile(r"(?i)passw|passphrase|pwd")
_SECRET = re.compile(r"(?i)secret|token")
_GRAVE = re.compile(r"(?i)(?:api|access|account|private|signing|encryption|master|shared|auth|license|service)[-_ ]?$")
_ABOUT = re.compile(
    r"(?i)[-_.]?(?:ids?|urls?|uri|path|file|name|type|count|length|len|limit|expir\w*|ttl|label|version|"
    r"algorithm|regex|pattern|format)$"
)
_CALL = re.compile(r"[*&@!]{0,2}[A-Za-z_]\w*(?:(?:\.|->|::|\?\.)[A-Za-z_]\w*)*[(\[]|[(\[{]")
_API_KEY = re.compile(r"(?i)api[-_ ]?key[^ ]*$")
_PUBLIC = re.compile(r"(?i)public[-_ ]?$")
_FLAG = re.compile(r"(?:(?:^|\s)--?|(?:^|\n)\s{0,8}(?:ENV|ARG|export|setx?)\s{1,4})[\w-]*$")
_CHAIN = 6
"""More signs of equality than a literal has; judging each link of a long chain would take forever."""
_LEAST = {"password": 6, "secret": 8, "key": 12}
_TOLERANCE = {"password": 0.7, "secret": 0.7, "key": 0.45}
_ENDS = "!?*^$"
_SYMBOL = re.compile(r"[^\w\s.,:;/|()\[\]{}=-]")
_STOCK = re.compile(r"(?i)pass|secret|test|admin|user|token|demo|fake|foo|login|default|new|old|wrong|valid|key")
_SOMETHING_ELSE = re.compile(
    r"\s|://|^(?:\.{0,2}|~)/|^#[0-9a-fA-F]{3,8}$|^[\w.+-]+@[\w-]+\.\w|"
    r"\.(?:pem|key|txt|json|ya?ml|py|js|ts|html?|php|com|org|io)$"
)


def assignments(text: str) -> Iterator[Span]:
    for match in _NAMED.finditer(text):
        before = text[max(0, match.start() - 40) : match.start()]
        family = _family(match, before)
        if _ABOUT.search(match["rest"]) or _PUBLIC.search(before):
            continue
        start, value = match.start("quoted"), match["quoted"]
        if value is None:
            start, value = match.start("plain"), _without_punctuation(match["plain"])
            if value.count("=") > _CHAIN or (_CALL.match(value) and not is_random(value, 0.3)):
                continue
        if _is_secret(family, value, sure=match["bare"] is None or _FLAG.search(before) is not None):
            end = start + len(value)
            if match.end("plain") == end:
                end += len(_without_punctuation(text[end : _end_of_literal(text, end)]))
            yield Span(start, end, _kind(family, before + match[0]))


def _end_of_literal(text: str, start: int) -> int:
    tail = _TAIL.match(text, start)
    return tail.end() if tail else start


def _without_punctuation(value: str) -> str:
    return value.rstrip(".,;:!?)]|\\" if "{" in value else ".,;:!?)]}|\\")


def _family(name: re.Match[str], before: str) -> str:
    """What a name of several words promises at most: `KEY_PASSPHRASE` is a password, `API_KEY` a secret."""
    if name["password"] or _PASSWORD.search(name["rest"]):
        return "password"
    return "secret" if name["secret"] or _SECRET.search(name["rest"]) or _GRAVE.search(before) else "key"


def _kind(family: str, name: str) -> str:
    if family == "secret":
        return "token" if "token" in name.lower() else "api-key" if _API_KEY.search(name) else family
    return family


def _is_secret(family: str, value: str, *, sure: bool) -> bool:
    bare = without_templates(value)
    if len(bare) < 6 or is_placeholder(bare) or _SOMETHING_ELSE.search(bare):
        return False
    if is_uuid(bare):
        return sure and family != "key"
    if is_hex(bare) and any(map(str.isalpha, bare)) and any(map(str.isdigit, bare)):
        return len(bare) >= (32 if family == "key" else 16)
    if len(bare) >= _LEAST[family] + (0 if sure else 4) and is_random(bare, _TOLERANCE[family]):
        return True
    return sure and family != "key" and _by_a_person(bare, family)


def _by_a_person(value: str, family: str) -> bool:
    """A password somebody thought up: words, but with digits or signs that no identifier has."""
    signs = len(_SYMBOL.findall(value.strip(_ENDS)))
    if any(map(str.isalpha, value)) and any(map(str.isdigit, value)):
        return signs > 0 or (family == "password" and not _STOCK.search(value))
    return signs > 1
