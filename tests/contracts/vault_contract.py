"""What every vault must do. A subclass says how one is opened."""

from __future__ import annotations

import pytest

from agent.domain.session import SessionKey
from agent.errors import VaultError, VaultMoved
from agent.ports import Change, Vault

NOTE = "fragments/fact/2024/05/01/we-deploy-01234567.md"
OTHER = "subjects/de/deploy.md"
MESSAGE = "Close cli:s1\n\nCloser-Session: cli:s1\nCloser-Digest: d1\n"
DANGEROUS = [
    "../outside.md",
    "fragments/../../outside.md",
    "/etc/outside.md",
    "",
    "fragments//x.md",
    "fragments/./x.md",
    "fragments/",
    ".git/hooks/post-commit",
    "fragments/.GIT/config",
    "fragments/.git /config",
    "fragments/git~1/config",
    "fragments/.g\u200cit/config",
    "fragments/.git::$INDEX_ALLOCATION/x",
    "a\0b.md",
]
HOSTILE = [
    'fragments/quote".md',
    "fragments/back\\slash.md",
    "fragments/new\nline.md",
    "fragments/\x1b[31m.md",
    "fragments/\u202egnp.md",
    "fragments/CON.md",
    "fragments/trailing. .md",
    "fragments/-rf.md",
    "fragments/日本語.md",
    "fragments/ missing.md",
    "fragments/x missing",
    "fragments/*.md",
    "fragments/:(top)x.md",
    "fragments/not-utf8-\udcff.md",
]


class VaultContract:
    @pytest.fixture
    def vault(self) -> Vault:
        """A vault before its first commit."""
        raise NotImplementedError

    def test_a_new_vault_has_nothing(self, vault: Vault) -> None:
        assert vault.head() is None
        assert vault.read([NOTE]) == {}
        assert vault.commits_of(SessionKey("cli", "s1")) == []

    def test_the_first_commit_makes_the_branch(self, vault: Vault) -> None:
        commit = vault.commit({NOTE: b"one\n"}, MESSAGE, None)

        assert vault.head() == commit
        assert vault.parent(commit) is None
        assert vault.read([NOTE, OTHER]) == {NOTE: b"one\n"}

    @pytest.mark.parametrize("count", [0, 1, 200])
    def test_a_commit_holds_exactly_the_files_given(self, vault: Vault, count: int) -> None:
        first = vault.commit({"README.md": b"mine"}, "Begin", None)
        files: dict[str, bytes | None] = {f"fragments/{n:03}.md": b"%d" % n for n in range(count)}

        second = vault.commit(files, MESSAGE, first)

        assert vault.parent(second) == first
        assert {c.path: c.content for c in vault.changes(first, second)} == files
        assert vault.read(["README.md"]) == {"README.md": b"mine"}

    def test_any_content_comes_back_byte_for_byte(self, vault: Vault) -> None:
        contents = [
            b"",
            b"\n",
            b"no newline",
            b"\r\nCRLF\r\n",
            bytes(range(256)),
            b"done\n",
            b"data 3\nabc",
            b"x" * 300_000,
        ]
        files: dict[str, bytes | None] = {f"fragments/{n}.md": content for n, content in enumerate(contents)}

        vault.commit(files, MESSAGE, None)
        vault.checkout(files, {})

        assert vault.read(list(files)) == files
        assert vault.edited(list(files)) == {}

    @pytest.mark.parametrize("path", HOSTILE)
    def test_any_name_that_stays_inside_can_be_a_file(self, vault: Vault, path: str) -> None:
        commit = vault.commit({path: b"one", NOTE: b"two"}, MESSAGE, None)

        assert {c.path: c.content for c in vault.changes(None, commit)} == {path: b"one", NOTE: b"two"}
        assert vault.read([NOTE, path])[NOTE] == b"two"

    @pytest.mark.parametrize("path", DANGEROUS)
    @pytest.mark.parametrize("content", [b"x", None])
    def test_a_path_that_leads_elsewhere_is_refused_with_nothing_done(
        self, vault: Vault, path: str, content: bytes | None
    ) -> None:
        head = vault.commit({NOTE: b"one"}, MESSAGE, None)

        with pytest.raises(VaultError):
            vault.commit({NOTE: b"two", path: content}, MESSAGE, head)
        assert vault.head() == head

    def test_a_deleted_file_is_gone_and_deleting_nothing_is_fine(self, vault: Vault) -> None:
        first = vault.commit({NOTE: b"one", OTHER: b"two"}, MESSAGE, None)

        second = vault.commit({NOTE: None, "fragments/never.md": None}, MESSAGE, first)

        assert vault.read([NOTE, OTHER]) == {OTHER: b"two"}
        assert vault.read([NOTE], at=first) == {NOTE: b"one"}
        assert list(vault.changes(first, second)) == [Change(NOTE, None)]

    def test_a_commit_on_anything_but_the_head_is_refused_with_nothing_done(self, vault: Vault) -> None:
        first = vault.commit({NOTE: b"one"}, MESSAGE, None)
        second = vault.commit({NOTE: b"two"}, MESSAGE, first)

        for parent in (first, None):
            with pytest.raises(VaultMoved) as moved:
                vault.commit({NOTE: b"three"}, MESSAGE, parent)
            assert moved.value.found == second
        assert vault.head() == second
        assert vault.read([NOTE]) == {NOTE: b"two"}

    def test_a_parent_where_there_is_none_yet_is_refused(self, vault: Vault) -> None:
        other = vault.commit({NOTE: b"one"}, MESSAGE, None)
        later = vault.commit({NOTE: b"two"}, MESSAGE, other)

        with pytest.raises(VaultMoved):
            vault.commit({}, MESSAGE, other)
        assert vault.head() == later

    def test_changes_are_told_between_any_two_commits(self, vault: Vault) -> None:
        first = vault.commit({NOTE: b"one", OTHER: b"same"}, MESSAGE, None)
        second = vault.commit({NOTE: None, "MEMORY.md": b"m"}, MESSAGE, first)

        assert {c.path: c.content for c in vault.changes(None, second)} == {OTHER: b"same", "MEMORY.md": b"m"}
        assert {c.path: c.content for c in vault.changes(first, second)} == {NOTE: None, "MEMORY.md": b"m"}
        assert {c.path: c.content for c in vault.changes(second, first)} == {NOTE: b"one", "MEMORY.md": None}
        assert list(vault.changes(second, second)) == []

    def test_removals_are_told_before_what_takes_their_place(self, vault: Vault) -> None:
        first = vault.commit({"fragments/b.md": b"x"}, MESSAGE, None)
        second = vault.commit({"fragments/b.md": None, "fragments/a.md": b"x"}, MESSAGE, first)

        assert [c.path for c in vault.changes(first, second)] == ["fragments/b.md", "fragments/a.md"]

    def test_a_commit_knows_its_ancestors(self, vault: Vault) -> None:
        first = vault.commit({NOTE: b"one"}, MESSAGE, None)
        second = vault.commit({NOTE: b"two"}, MESSAGE, first)

        assert vault.contains(first)
        assert vault.contains(second)
        assert not vault.contains("0123456789" * 4)
        assert not vault.contains("no commit at all")

    def test_trailers_are_read_from_a_message(self, vault: Vault) -> None:
        commit = vault.commit({}, "Close\n\nOther: x\nCloser-Session: cli:a b\nCloser-Gateway: online\n", None)

        assert vault.trailers(commit) == {"Closer-Session": "cli:a b", "Closer-Gateway": "online"}

    def test_what_commits_name_in_a_trailer_comes_newest_first(self, vault: Vault) -> None:
        assert vault.named("Closer-Audit") == []
        head = None
        for said in ("Closer-Audit: 1:ab", "Closer-Session: cli:s", "Talk of Closer-Audit: 9:ff\n\nCloser-Audit: 2:cd"):
            head = vault.commit({}, f"Close\n\n{said}\n", head)

        assert vault.named("Closer-Audit") == ["2:cd", "1:ab"]

    def test_the_commits_of_a_session_are_its_own_newest_first(self, vault: Vault) -> None:
        found: list[str] = []
        head = None
        for key in ("cli:s1", "cli:s10", "cli:s1", "cli:S1", "cli:s", "cli:.*"):
            head = vault.commit({}, f"Close\n\nCloser-Session: {key}\n", head)
            found = [head, *found] if key == "cli:s1" else found
        vault.commit({}, "Talk of Closer-Session: cli:s1 in passing", head)

        assert vault.commits_of(SessionKey("cli", "s1")) == found
        assert len(vault.commits_of(SessionKey("cli", ".*"))) == 1
        assert vault.commits_of(SessionKey("cli", "other")) == []

    def test_what_is_checked_out_is_not_edited(self, vault: Vault) -> None:
        vault.commit({NOTE: b"one"}, MESSAGE, None)
        assert vault.checkout({NOTE: b"one"}, {}) == []

        assert (vault.root / NOTE).read_bytes() == b"one"
        assert vault.edited([NOTE, OTHER]) == {}

    def test_a_file_a_person_changed_is_edited_and_never_overwritten(self, vault: Vault) -> None:
        first = vault.commit({NOTE: b"one", OTHER: b"x"}, MESSAGE, None)
        vault.checkout({NOTE: b"one", OTHER: b"x"}, {})
        (vault.root / NOTE).write_bytes(b"mine")
        vault.commit({NOTE: b"two", OTHER: b"y"}, MESSAGE, first)

        kept = vault.checkout({NOTE: b"two", OTHER: b"y"}, {NOTE: b"one", OTHER: b"x"})

        assert kept == [NOTE]
        assert (vault.root / NOTE).read_bytes() == b"mine"
        assert (vault.root / OTHER).read_bytes() == b"y"
        assert vault.edited([NOTE, OTHER]) == {NOTE: b"mine"}

    def test_a_file_a_person_changed_is_never_removed(self, vault: Vault) -> None:
        first = vault.commit({NOTE: b"one", OTHER: b"x"}, MESSAGE, None)
        vault.checkout({NOTE: b"one", OTHER: b"x"}, {})
        (vault.root / NOTE).write_bytes(b"mine")
        vault.commit({NOTE: None, OTHER: None}, MESSAGE, first)

        kept = vault.checkout({NOTE: None, OTHER: None}, {NOTE: b"one", OTHER: b"x"})

        assert kept == [NOTE]
        assert (vault.root / NOTE).read_bytes() == b"mine"
        assert not (vault.root / OTHER).exists()

    def test_a_file_that_stands_where_a_new_one_goes_is_a_persons(self, vault: Vault) -> None:
        (vault.root / NOTE).parent.mkdir(parents=True)
        (vault.root / NOTE).write_bytes(b"mine")
        vault.commit({NOTE: b"one"}, MESSAGE, None)

        assert vault.checkout({NOTE: b"one"}, {}) == [NOTE]
        assert (vault.root / NOTE).read_bytes() == b"mine"

    def test_checking_out_twice_changes_nothing(self, vault: Vault) -> None:
        vault.commit({NOTE: b"one"}, MESSAGE, None)
        vault.checkout({NOTE: b"one"}, {})
        before = (vault.root / NOTE).stat()

        assert vault.checkout({NOTE: b"one"}, {}) == []
        assert (vault.root / NOTE).stat().st_mtime_ns == before.st_mtime_ns

    def test_nothing_is_left_beside_the_notes(self, vault: Vault) -> None:
        vault.commit({NOTE: b"one"}, MESSAGE, None)
        vault.checkout({NOTE: b"one"}, {})

        assert [p.name for p in (vault.root / NOTE).parent.iterdir()] == [NOTE.rsplit("/", 1)[1]]
