"""What a subject is called when another one of the vault has its name."""

from __future__ import annotations

from pathlib import Path

from agent import Closer
from tests.scenarios.talks import ORDER_PAGE, talk


def test_the_same_talk_in_another_project_gets_another_name(closer: Closer, tmp_path: Path) -> None:
    folders = [tmp_path / "bakery", tmp_path / "butcher"]
    for folder in folders:
        folder.mkdir()

    here, there = (closer.close(talk(f"test:{folder.name}", ORDER_PAGE, cwd=str(folder))) for folder in folders)

    assert here.subjects[0].slug != there.subjects[0].slug
    assert here.subjects[0].title != there.subjects[0].title
