"""Gives relative dates (`tomorrow`, `last Friday`, `in two weeks`) their absolute date, beside the words as said."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from agent.stages.reading.sieve import Sieved

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY = r"(?P<day>mon|tues?|wed(?:nes)?|thurs?|fri|sat(?:ur)?|sun)(?:day)?"
_NUMBERS = dict(
    zip(("a", "an", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "couple"),
        (1, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 2), strict=True)
)  # fmt: skip
_COUNT = r"(?P<n>\d{1,3}|an?(?: couple(?: of)?)?|one|two|three|four|five|six|seven|eight|nine|ten)"
_RELATIVE = Sieved(
    r"\b(?:(?P<plain>the day after tomorrow|the day before yesterday|tomorrow|yesterday|today|tonight|"
    r"this (?:morning|afternoon|evening)"
    rf"|last night)|(?P<which>last|next|this|this coming|this past) (?:{_DAY}|(?P<unit>week(?:end)?|month|year))"
    rf"|{_COUNT} (?P<ago>day|week|month|year)s? ago|in {_COUNT.replace('<n>', '<m>')} (?P<ahead>day|week|month|"
    rf"year)s?"
    rf"|(?P<by>by|before|until|due|due on) {_DAY.replace('<day>', '<due>')})\b(?!s\b|'s\b|’s\b| ?\(\d)",
)
_OFFSETS = {
    "the day after tomorrow": 2,
    "tomorrow": 1,
    "yesterday": -1,
    "last night": -1,
    "the day before yesterday": -2,
}


def dated(text: str, when: datetime | None) -> str:
    """`text` with each relative date followed by the date it meant when it was said; unchanged when that is unknown."""
    if when is None:
        return text
    return _RELATIVE.sub(lambda match: f"{match.group()} ({_meaning(match, when)})", text)


def _meaning(match: re.Match[str], when: datetime) -> str:
    part = {name: value.lower() for name, value in match.groupdict().items() if value}
    if "plain" in part:
        return _date(when, days=_OFFSETS.get(part["plain"], 0))
    if "due" in part:
        return _date(when, days=(_weekday(part["due"]) - when.weekday() - 1) % 7 + 1)
    if "ago" in part:
        return _shifted(when, part["ago"], -_number(part["n"]))
    if "ahead" in part:
        return _shifted(when, part["ahead"], _number(part["m"]))
    step = {"last": -1, "this past": -1, "next": 1}.get(part["which"], 0)
    if "day" in part:
        return _date(when, days=_days_to(_weekday(part["day"]), when.weekday(), step))
    return _period(when, part["unit"], step)


def _days_to(target: int, today: int, step: int) -> int:
    """`last Friday` is the one before today, `this Friday` the one to come, `next Friday` that of the week to come."""
    if step < 0:
        return -((today - target - 1) % 7 + 1)
    if step == 0:
        return (target - today) % 7
    return target - today + 7


def _shifted(when: datetime, unit: str, count: int) -> str:
    if unit == "day":
        return _date(when, days=count)
    if unit == "week":
        return f"about {_date(when, days=7 * count)}"
    return _period(when, unit, count)


def _period(when: datetime, unit: str, step: int) -> str:
    if unit == "year":
        return str(when.year + step)
    if unit == "month":
        months = when.year * 12 + when.month - 1 + step
        return f"{months // 12:04d}-{months % 12 + 1:02d}"
    if unit == "weekend":
        return _date(when, days=5 - when.weekday() + 7 * step)
    return f"week of {_date(when, days=7 * step - when.weekday())}"


def _date(when: datetime, *, days: int) -> str:
    try:
        return (when + timedelta(days=days)).date().isoformat()
    except OverflowError:
        return when.date().isoformat()


def _weekday(name: str) -> int:
    return next(i for i, day in enumerate(_DAYS) if day.startswith(name[:3]))


def _number(word: str) -> int:
    return int(word) if word.isdigit() else 2 if "couple" in word else _NUMBERS[word]
