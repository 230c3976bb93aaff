"""Secrets that only their name gives away: settings, JSON, flags, headers, and the sentence that says it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.adapters.redaction.names import NAME, NAMED, REST, Name, name_of
from agent.adapters.redaction.randomness import is_random, is_uuid
from agent.adapters.redaction.span import Span
from agent.adapters.redaction.values import is_certain, is_code, is_secret

_LINK = (
    r"\\*[\"'`\])]{0,2}\s{0,12}(?::\s{0,4}[A-Za-z][\w.\[\]|?!<> ]{0,30}=(?![=>])|:=|=>|->|:(?!:)|(?P<cell>\|))\s{0,12}"
    r"|\\*[\"'`\])]{0,2}\s{0,12}={1,2}[ \t]{0,12}(?:\\\n\s{0,12})?"
    r"|\\*[\"'`]\s{0,3},\s{0,3}(?=\\*[\"'`])|[\"']\s{1,3}value\s?=\s?(?=[\"'])|(?P<element>>)\s{0,4}|(?P<call>\()(?=[\"'])"
    r"|(?P<told>\s{1,2}[-–—](?=\s\S)"
    r"|(?:\s(?:for|of|to|on|in|at)\s[\w' -]{1,40}?)?\s{1,3}(?:is|was|are|be|to|as|equals|became))"
    r"\s(?:now\s|still\s|set to\s|just\s|:\s?)?\s{0,2}"
    r"|(?P<bare>\\*[\"'`]?[ \t]{1,3})"
)
_LITERAL = r"(?:(?![&;,]\s?[\w -]{1,40}=)[^\s\"'`<>\0])"
_VALUE = rf"\\*(?:(?P<quote>[\"'`])(?P<quoted>[^\n]{{1,300}}?)\\*(?P=quote)|(?P<plain>{_LITERAL}{{1,128}}))"
_TAIL = re.compile(f"{_LITERAL}*")
_NAMED = re.compile(rf"(?:{NAME})(?P<rest>{REST})(?=(?:{_LINK})(?:{_VALUE}))")
_FLAG = re.compile(r"(?:(?<!\S)--?|(?:^|\n)\s{0,8}(?:ENV|ARG|export|setx?)\s{1,4})[\w-]*$")
_NESTING = re.compile(r"[\w)\]][(\[{]|[)}\];]\S")
_CUT = re.compile(r"[(){}\[\];,]")
_WRITTEN_END = re.compile(r"\\+[nrt]")
_LINE = re.compile(r"[^\s\"'`\0][^\s\0]{0,127}(?=[ \t]*(?:\n|$))")
_NEXT_NAME = re.compile(r"[ \t]?[:=]")
_VARIABLE = re.compile(r"[A-Za-z_]\w*")
_SETTING = re.compile(r"(?:^|\n)[ \t]*(?:- |export |set )?[\w.-]{0,40}$")


def assignments(text: str) -> Iterator[Span]:
    for match in NAMED.matches(_NAMED, text):
        if (name := name_of(match, text)) and (span := _value(text, match, name)):
            yield span


def _value(text: str, match: re.Match[str], name: Name) -> Span | None:
    start, value = match.start("quoted"), match["quoted"]
    if value is None:
        start, value = match.start("plain"), _literal(text, match)
        if _is_elsewhere(text, match, value):
            return None
    if name.about and not (name.identifies or is_certain(value)):
        return None
    if not is_secret(name.family, value, sure=_is_sure(text, match, name, value), identifies=name.identifies):
        return None
    return Span(start, _end(text, match, start + len(value)), name.kind)


def _is_sure(text: str, match: re.Match[str], name: Name, value: str) -> bool:
    """Whether the value certainly belongs to the name, and doesn't merely come next."""
    if match["call"] is not None:
        return "." not in match["rest"] and name.family != "key"
    if match["bare"] is None:
        return True
    return (
        _FLAG.search(text, max(0, match.start() - 40), match.start()) is not None
        or (name.kind == "api-key" and is_uuid(value))
        or (name.family == "password" and match["quoted"] is not None and len(match["password"]) > len("pass"))
    )


def _is_elsewhere(text: str, match: re.Match[str], value: str) -> bool:
    """Whether what follows is code that fetches the secret, or belongs to something else on the page."""
    if is_code(match["plain"]) or (match["cell"] and not _fills_cell(text, match.start("plain") + len(value))):
        return True
    after = match.end("plain")
    if match["element"]:
        return not text.startswith("</", after)
    end = match.start("plain") + len(value)
    if _NEXT_NAME.match(text, end) and "\n" in text[match.end("rest") : match.start("plain")]:
        return True
    return (
        match["told"] is None
        and _VARIABLE.fullmatch(value) is not None
        and text[end : end + 1] in (",", ")")
        and not is_random(value)
    )


def _literal(text: str, match: re.Match[str]) -> str:
    """An unquoted value: all of a line that is a setting, else up to where the code around it goes on."""
    start, plain = match.start("plain"), match["plain"]
    line = _LINE.match(text, start)
    if line and len(line[0]) > len(plain) and _SETTING.search(text, max(0, match.start() - 60), match.start()):
        return line[0]
    if not match["element"] and _NESTING.search(plain) and (cut := _CUT.search(plain)):
        return plain[: cut.start()]
    written = _WRITTEN_END.search(plain)
    return _without_punctuation(plain[: written.start()] if written else plain)


def _end(text: str, match: re.Match[str], end: int) -> int:
    """Where the literal really ends: it may be longer than what is judged of it."""
    if match.end("plain") != end:
        return end
    tail = _TAIL.match(text, end)
    return end + len(_without_punctuation(tail[0])) if tail else end


def _without_punctuation(value: str) -> str:
    return value.rstrip(".,;:!?)]|\\" if "{" in value else ".,;:!?)]}|\\")


def _fills_cell(text: str, end: int) -> bool:
    line = text[text.rfind("\n", max(0, end - 400), end) + 1 : end]
    return line.lstrip().startswith("|") or text[end : end + 12].lstrip(" \t").startswith("|")
