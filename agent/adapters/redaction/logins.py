"""Passwords given along with a user or a host: in addresses, on command lines, in credential files."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.adapters.redaction.randomness import is_hex, is_placeholder, is_random, without_templates
from agent.adapters.redaction.span import Span

_QUOTED = r"\"[^\"\n]{1,300}\"(?![:\"'])|'[^'\n]{1,300}'(?![:\"'])"
_ARGUMENT = rf"({_QUOTED}|[^\s\"'<>|;&-][^\s\"'<>|;]{{2,300}})"
_OPTIONS = r"[^\n|;]{0,300}?\s"
_GAP = r"\s{1,4}"


def _command(names: str, flag: str) -> str:
    return rf"(?<!\w)(?:{names}){_OPTIONS}{flag}{_ARGUMENT}"


_FORMS = tuple(
    (kind, hint, re.compile(pattern))
    for kind, hint, pattern in (
        ("url-credentials", "@", r"://[^\s:/@?#\"'<>`]*:([^\s/\"'<>`]{3,256})@(?=[\w\[.-])"),
        ("url-credentials", ":thin:", r":thin:[^\s/@]{1,60}/([^\s@/]{3,100})@"),
        ("login", "curl", r"(?s)(?<!\w)curl(?= )(?:(?!\n\n|curl ).){0,2000}?\s(?:-u|--user[ =]|-U|--proxy-user[ =])"
         rf"[ =]{{0,3}}(?=[^\s:]{{0,100}}:)({_QUOTED}|\S{{1,300}})"),
        ("login", "sshpass", rf"(?<!\w)sshpass{_GAP}-p\s{{0,3}}{_ARGUMENT}"),
        ("login", " -p", _command(r"(?:mysql|mariadb)[a-z-]{0,12}", r"-p(?=\S)")),
        ("login", " -p", _command(r"login|mongo[a-z]{0,8}|unzip|zip|7z", r"-[pP]\s{0,2}")),
        ("login", " -P", _command(r"sqlcmd|bcp|ipmitool|mosquitto_\w{3}", r"-P\s{0,2}")),
        ("login", "ldap", _command(r"ldap[a-z]{3,8}", r"-w\s{1,2}")),
        ("login", "redis-cli", _command("redis-cli", r"-a\s{1,2}")),
        ("login", " -pw", _command(r"(?:plink|pscp|psftp|putty)(?:\.exe)?", r"-pw\s{1,2}")),
        ("login", "/user:", _command(rf"[Nn][Ee][Tt]{_GAP}[Uu][Ss][Ee]", rf"/user:\S{{1,100}}{_GAP}")),
        ("login", "htpasswd", rf"(?<!\w)htpasswd{_GAP}-\w{{0,4}}b\w{{0,4}}(?:{_GAP}[^\s-]\S{{0,100}}){{1,2}}?{_GAP}"
         rf"{_ARGUMENT}(?:$|\n| #)"),
        ("login", "%", _command("smbclient|rpcclient|net", r"-U\s{0,2}[^\s%]{1,60}%")),
        ("login", "pass:", rf"(?<!\w)-pass(?:in|out)?{_GAP}pass:{_ARGUMENT}"),
        ("login", "machine", rf"machine{_GAP}\S{{1,100}}{_GAP}login{_GAP}\S{{1,100}}{_GAP}password{_GAP}{_ARGUMENT}"),
        ("login", "BUNDLE_", r"(?<!\w)BUNDLE_[A-Z0-9_]{3,80}[\"']?\s?[=:]\s?[\"']?([\w.%+-]{1,80}:[^\s\"':/]{4,200})"),
    )
)  # fmt: skip
_USER_IN_ADDRESS = re.compile(r"://([\w.~%-]{16,256})(?::[\w.-]{0,40})?@")
_WORD = (
    r"(?:user(?:name)?|log-?in|name|pass(?:w(?:or)?d|phrase)?|pwd?|secret|token|key|apikey|api|db|database|admin|root|"
    r"guest|test|demo|foo|bar|baz|my|new|old|some|the|app|web|host|postgres|mysql|mongo|redis|rabbit(?:mq)?|default|me|"
    r"client|id|account|email|sa|here|value|string|port|host|hidden|redacted|masked|word|x+)"
)
_LABEL = re.compile(rf"(?i)[@$%*&]?{_WORD}(?:[_. -]?{_WORD}){{0,3}}[_-]?\d{{0,3}}|[A-Z]+(?:_[A-Z]+)+|[\d.]{{0,5}}|\W+")
_PARTS = re.compile(r"[\"':\\]+")


def logins(text: str) -> Iterator[Span]:
    for kind, hint, pattern in _FORMS:
        if hint in text:
            for match in pattern.finditer(text):
                value = without_templates(match[1])
                if not is_placeholder(value) and not all(map(_is_label, _PARTS.split(value))):
                    yield Span(match.start(1), match.end(1), kind)
    for match in _USER_IN_ADDRESS.finditer(text) if "@" in text else ():
        if (is_random(match[1]) or is_hex(match[1])) and not is_placeholder(match[1]):
            yield Span(match.start(1), match.end(1), "url-credentials")


def _is_label(part: str) -> bool:
    """Whether it names what would stand here, as `user:password` does in documentation."""
    return len(set(part)) < 3 or _LABEL.fullmatch(part) is not None
