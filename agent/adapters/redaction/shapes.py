"""Secrets whose form gives them away, whatever stands around them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agent.adapters.redaction.randomness import (
    is_blanked,
    is_hex,
    is_placeholder,
    is_random,
    is_uuid,
    pieces,
    without_templates,
    wordiness,
)
from agent.adapters.redaction.span import Span


@dataclass(frozen=True, slots=True)
class Shape:
    """A form: ruled out cheaply by `hint`, found by `pattern`, whose group, if any, is what has to go."""

    kind: str
    hint: str
    pattern: re.Pattern[str]


_RUN = re.compile(r"[\w.~+/=%@|:-]{16,}")
"""Whatever is looked for inside one run has no other characters."""

_TOKENS = tuple(
    Shape(kind, hint, re.compile(pattern))
    for kind, hint, pattern in (
        ("jwt", "eyJ", r"(?<![\w-])eyJ[\w-]{10,}\.[\w-]{8,}(?:\.[\w-]*){0,3}"),
        ("aws-access-key", "A", r"(?<![A-Za-z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])"),
        ("aws-bedrock-key", "ABSK", r"(?<![\w+/])ABSK[A-Za-z0-9+/]{60,200}={0,2}"),
        ("google-key", "AIza", r"(?<![\w-])AIza[\w-]{30,40}"),
        ("google-token", "ya29.", r"(?<![\w-])ya29\.[\w-]{20,}"),
        ("azure-secret", "Q~", r"(?<![\w.~-])[\w.~-]{3}\dQ~[\w.~-]{30,36}"),
        ("bot-token", ":AA", r"\d{8,10}:AA[\w-]{30,40}"),
        ("bot-token", ".", r"(?<![\w.-])[A-Z][\w-]{22,27}\.[\w-]{6,7}\.[\w-]{27,40}(?![\w-])"),
        ("facebook-token", "|", r"(?<!\d)\d{13,17}\|[\w-]{20,60}"),
        ("mailchimp-key", "-us", r"(?<!\w)[0-9a-f]{32}-us\d{1,2}(?!\w)"),
        ("twilio-key", "SK", r"(?<!\w)SK[0-9a-f]{32}(?!\w)"),
        ("databricks-token", "dapi", r"(?<!\w)dapi[0-9a-f]{32}(?:-\d)?"),
        ("age-key", "AGE-SECRET-KEY-", r"AGE-SECRET-KEY-1[0-9A-Z]{50,60}"),
    )
)
_VALUES = tuple(
    Shape(kind, hint, re.compile(pattern))
    for kind, hint, pattern in (
        ("webhook", "hook", r"hooks?[\w.-]{0,60}/([\w/.@-]{16,300})"),
        ("authorization", "uthorization", r"(?i)(?<![a-z])authorization\\*[\"'`]?\s{0,4}[:=,]\s{0,4}\\*[\"'`]?"
         r"(?:[a-z][\w-]{1,20}\s{1,3})?([^\s\"'`\\,;<>]{6,})"),
        ("authorization", "earer", r"(?i)(?<![a-z])bearer\s{1,3}([\w.~+/=-]{12,})"),
        ("cookie", "ookie", r"(?i)(?<![a-z])(?:set-)?cookie\\*[\"'`]?\s{0,4}[:=]\s{0,4}\\*[\"'`]?([^\n\"'`]{8,})"),
    )
)  # fmt: skip
_LOGINS = tuple(
    Shape(kind, hint, re.compile(pattern))
    for kind, hint, pattern in (
        ("url-credentials", "@", r"://[^\s:/@?#\"'<>`]*:([^\s/\"'<>`]{3,256})@(?=[\w\[.-])"),
        ("url-credentials", "@", r"://([\w.~%-]{16,256})(?::[\w.-]*)?@"),
        ("login", "curl", r"(?s)(?<!\w)curl(?= )(?:(?!\n\n|curl ).){0,2000}?\s(?:-u|--user[ =])[ =]{0,3}"
         r"(?=[^\s:]{0,100}:)(\"[^\"\n]{1,300}\"(?![:\"'])|'[^'\n]{1,300}'(?![:\"'])|\S{1,300})"),
        ("login", "sshpass", r"(?<!\w)sshpass\s{1,3}-p\s{0,3}(\S{4,300})"),
    )
)  # fmt: skip

_VENDORS = tuple(
    (re.compile(prefix), kind)
    for prefix, kind in (
        (r"gh[a-z]_|github_", "github-token"),
        (r"gl[a-z]{1,7}-|GR13", "gitlab-token"),
        (r"xox|xapp-", "slack-token"),
        (r"sk-ant-", "anthropic-key"),
        (r"sk-", "openai-key"),
        (r"[sr]k_|whsec_", "stripe-key"),
        (r"hf_|api_org_", "huggingface-token"),
        (r"npm_", "npm-token"),
        (r"pypi-", "pypi-token"),
        (r"SG\.", "sendgrid-key"),
        (r"hv[a-z]\.", "vault-token"),
        (r"do[a-z]_v1_", "digitalocean-token"),
        (r"shp[a-z]{2}_", "shopify-token"),
    )
)
_PREFIXED = re.compile(
    r"(?<![\w.~%+-])((?:[A-Za-z][A-Za-z0-9]{0,15}[-_.]){1,3}?)([A-Za-z0-9][\w~+/.-]{12,}={0,2}(?<![.]))"
)
_EVERYDAY = re.compile(
    r"(?i)(?:^|[-_.])(?:call|gen|toolu|msg|resp|sha\d*|md5|h1|commit|build|image|layer|req|request|trace|span|"
    r"user|order|id|hash|rev|etag|chunk|file|version|index|main|photo|img|release|v\d*|x86|arn|ami|i|eni|vpc|"
    r"subnet|css|vol|snap|run|job|pod|web)[-_.]"
)
_BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,20}-----|PuTTY-User-Key-File-\d: ")
_BODY = re.compile(r"(?:[^-]|-(?!----))*")
_END = re.compile(r"-----END [A-Z0-9 ]{0,60}-----")
_KEY_LINES = re.compile(r"(?:(?:\s|\\+[nr]|[\"'+,|>])*(?:[A-Z][\w-]+: [^\n]*|[A-Za-z0-9+/=]{16,}))*")


def shapes(text: str) -> Iterator[Span]:
    yield from _private_keys(text)
    for run in _RUN.finditer(text):
        yield from _whole(text, *run.span())
        yield from _prefixed(text, *run.span())
    for shape, start, end, value in _found(_VALUES, text):
        if not is_placeholder(value) and any(map(_made_up, re.split(r"[;=,\s]+", value))):
            yield Span(start, end, shape.kind)
    for shape, start, end, value in _found(_LOGINS, text):
        if not is_placeholder(value) and not all(map(_is_label, re.split(r"[\"':\\]+", value))):
            yield Span(start, end, shape.kind)


def _whole(text: str, start: int, end: int) -> Iterator[Span]:
    for shape in _TOKENS:
        if text.find(shape.hint, start, end) >= 0:
            for match in shape.pattern.finditer(text, start, end):
                if not is_blanked(match[0]):
                    yield Span(*match.span(), shape.kind)


def _found(forms: tuple[Shape, ...], text: str) -> Iterator[tuple[Shape, int, int, str]]:
    for shape in forms:
        if shape.hint in text:
            for match in shape.pattern.finditer(text):
                yield shape, match.start(1), match.end(1), without_templates(match[1])


def _made_up(value: str) -> bool:
    return is_random(value) or is_uuid(value) or (len(value) >= 16 and is_hex(value))


def _is_label(value: str) -> bool:
    """Whether it names what would stand here, as `user:password` does in documentation."""
    letters = value.replace("_", "")
    return not letters or (letters.isalpha() and (len(letters) < 10 or wordiness(letters) > 0.55))


def _prefixed(text: str, start: int, end: int) -> Iterator[Span]:
    for match in _PREFIXED.finditer(text, start, end):
        prefix, body = match[1], match[2]
        if is_placeholder(body) or is_uuid(body):
            continue
        vendor = next((kind for pattern, kind in _VENDORS if pattern.match(match[0])), None)
        if vendor:
            if is_random(body) or (vendor != "openai-key" and any(map(str.isdigit, body))):
                yield Span(match.start(), match.end(), vendor)
        elif text[match.start() - 1 : match.start()] not in ("/", "\\") and not _EVERYDAY.search(prefix):
            core = pieces(body)[0]
            if len(core) >= 32 if is_hex(core) else len(core) >= 16 and is_random(core):
                yield Span(match.start(), match.end(), "token")


def _private_keys(text: str) -> Iterator[Span]:
    for begin in _BEGIN.finditer(text) if "PRIVATE KEY" in text or "PuTTY" in text else ():
        body = _BODY.match(text, begin.end())
        end = _END.match(text, body.end()) if body else None
        lines = _KEY_LINES.match(text, begin.end())
        yield Span(begin.start(), end.end() if end else lines.end() if lines else begin.end(), "private-key")
