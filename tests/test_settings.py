"""Settings are validated once and read back by their fingerprint; that is a convenience, and never in the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.errors import ConfigError
from agent.settings import settings


def test_what_was_kept_is_read_back_until_something_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings(tmp_path, {}).review.digest_hour == 9
    kept = (tmp_path / "settings.json").read_bytes()

    assert settings(tmp_path, {}) == settings(tmp_path, {})
    assert (tmp_path / "settings.json").read_bytes() == kept
    monkeypatch.setenv("CLOSER_REVIEW__DIGEST_HOUR", "17")
    assert settings(tmp_path, {}).review.digest_hour == 17
    monkeypatch.setenv("CLOSER_REVIEW__DIGEST_HOUR", "24")
    with pytest.raises(ConfigError, match="digest_hour"):
        settings(tmp_path, {})


def test_settings_that_cannot_be_kept_are_found_anew_and_leave_nothing(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "settings.json").mkdir(parents=True)

    assert settings(home, {}).lock.wait == 30.0
    assert [path.name for path in home.iterdir()] == ["settings.json"]


def test_a_relative_folder_is_in_the_home_wherever_a_process_was_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config.yaml").write_text("vault: notes\nembedder: {folder: ~/models}\n")
    monkeypatch.setenv("HOME", "/home/ann")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")

    for _ in range(2):  # the second time, what was kept
        found = settings(tmp_path, {})
        assert (found.vault_path, found.embedder.folder) == (tmp_path / "notes", Path("/home/ann/models"))
