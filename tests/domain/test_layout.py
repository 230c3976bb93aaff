"""Where notes live: inside the vault, in folders that stay small."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain import layout
from agent.domain.fragment import Fragment, FragmentClass
from agent.domain.identity import digest, fragment_id, slug
from agent.domain.session import GLOBAL, SessionKey

WHEN = datetime(2024, 5, 1, 23, 30, tzinfo=UTC)
TEXTS = st.text(st.characters(), max_size=80) | st.sampled_from(["../../x", ".git/config", "CON", "a\nb", "\x00"])


def fragment(statement: str, session: SessionKey, **more: Any) -> Fragment:
    return Fragment(fragment_id(GLOBAL, "fact", statement, session), statement, "fact", **more)


def paths(text: str, ident: str) -> list[str]:
    key = SessionKey.parse(ident)
    name = slug(text)
    return [
        layout.subject(name),
        layout.summary(name, key, WHEN),
        layout.episode(name, key, WHEN),
        layout.fragment(fragment(text, key), WHEN),
        layout.fragment(fragment(text, key, status="quarantined"), WHEN),
        layout.handoff(key, WHEN),
        layout.tombstone(digest(text)),
        layout.memory_month(WHEN.strftime("%Y/%m")),
        layout.MEMORY,
    ]


@given(TEXTS, TEXTS)
def test_no_text_makes_a_path_that_leaves_its_folder(text: str, ident: str) -> None:
    for path in paths(text, ident):
        parts = path.split("/")
        assert all(part and part not in (".", "..") and not part.startswith((".", "-")) for part in parts)
        assert all(len(part) <= 80 and part.isascii() for part in parts)
        assert layout.OURS.match(path)


@pytest.mark.parametrize(
    "path",
    [
        "README.md",
        "notes/x.md",
        "fragments/x.txt",
        "fragments/x.md.bak",
        "fragments.md",
        "my/fragments/x.md",
        "fragments/a\nb.md",
        "MEMORY.md\n",
        "MEMORY.mdx",
        "memory/2024/05.txt",
        "memory/notes.md",
        "subjects.base",
    ],
)
def test_what_closer_did_not_name_is_the_persons(path: str) -> None:
    assert layout.OURS.match(path) is None


def test_a_day_is_a_day_in_utc() -> None:
    assert layout.day(datetime(2024, 5, 2, 1, 0, tzinfo=timezone(timedelta(hours=2)))) == "2024/05/01"
    assert layout.day(datetime(90, 5, 2, tzinfo=UTC)) == "0090/05/02"


def test_one_session_and_subject_have_one_path_each() -> None:
    key = SessionKey("cli", "s1")

    assert layout.summary("deploy", key, WHEN) == f"summaries/2024/05/01/deploy-{digest('cli:s1')[:8]}.md"
    assert layout.episode("deploy", key, WHEN) == f"episodes/2024/05/01/deploy-{digest('cli:s1')[:8]}.md"


def test_the_same_words_of_two_sessions_have_two_paths() -> None:
    one, two = (layout.fragment(fragment("We deploy", SessionKey("cli", s)), WHEN) for s in "ab")

    assert one != two


@pytest.mark.parametrize("kind", get_args(FragmentClass))
def test_each_class_has_its_folder_and_quarantine_its_own(kind: FragmentClass) -> None:
    item = Fragment("0123456789abcdef", "We deploy", kind)

    assert layout.fragment(item, WHEN) == f"fragments/{kind}/2024/05/01/we-deploy-01234567.md"


def test_tombstones_fan_out_evenly() -> None:
    folders: dict[str, int] = {}
    for n in range(20_000):
        folder = layout.tombstone(digest(str(n))).rsplit("/", 1)[0]
        folders[folder] = folders.get(folder, 0) + 1

    assert len(folders) <= 256
    assert max(folders.values()) < 300


def test_years_of_use_keep_the_dated_folders_small() -> None:
    days = {layout.day(WHEN + timedelta(days=n)) for n in range(3_650)}
    inside: dict[str, set[str]] = {}
    for each in days:
        year, month, day = each.split("/")
        inside.setdefault("", set()).add(year)
        inside.setdefault(year, set()).add(month)
        inside.setdefault(f"{year}/{month}", set()).add(day)

    assert max(len(names) for names in inside.values()) <= 31


@given(st.text(st.characters(), max_size=40))
def test_no_title_breaks_out_of_its_link(title: str) -> None:
    found = layout.link("subjects/de/deploy.md", title)

    assert found.startswith("[[subjects/de/deploy")
    assert found.endswith("]]")
    assert found.count("[[") == found.count("]]") == 1
    assert found.count("|") <= 1
    assert "\n" not in found
