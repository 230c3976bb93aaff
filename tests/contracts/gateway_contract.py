"""What every gateway must do. A subclass says how one is opened; two opened for one vault see the same."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import pytest

from agent.domain.passage import PassageKind, Shelf
from agent.errors import EmbedderMismatch
from agent.ports import EmbedderStamp, Gateway, Record, Vectors

STAMP = EmbedderStamp("model", "1", 16)
OTHER_STAMP = EmbedderStamp("model", "2", 16)
FRAGMENTS = Shelf("fragment", "global")
SUMMARIES = Shelf("summary", "project-a")


class Open(Protocol):
    def __call__(self, vault: str = "vault", stamp: EmbedderStamp = STAMP) -> Gateway: ...


def vectors(n: int, seed: int = 0) -> Vectors:
    rows = np.random.default_rng(seed).normal(size=(n, STAMP.dimension)).astype(np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def records(n: int, shelf: Shelf = FRAGMENTS, *, seed: int = 0, digest: str = "d") -> list[Record]:
    return [
        Record(f"{shelf.kind}-{i:04d}", shelf, vector, f"text {i}", f"{digest}{i}")
        for i, vector in enumerate(vectors(n, seed))
    ]


class GatewayContract:
    @pytest.fixture
    def opened(self) -> Open:
        raise NotImplementedError

    @pytest.fixture
    def gateway(self, opened: Open) -> Gateway:
        return opened()

    def test_a_new_gateway_is_empty(self, gateway: Gateway) -> None:
        assert gateway.commit() is None
        assert gateway.shelves() == []
        assert gateway.digests(FRAGMENTS) == {}
        assert gateway.nearest([FRAGMENTS], vectors(1)[0], 5) == []

    def test_a_passage_is_nearest_to_its_own_vector(self, gateway: Gateway) -> None:
        stored = records(20)
        gateway.upsert(stored)

        for record in stored:
            best = gateway.nearest([FRAGMENTS], record.vector, 1)[0]
            assert best.id == record.id
            assert best.cosine == pytest.approx(1.0, abs=1e-5)

    def test_similarity_is_the_cosine(self, gateway: Gateway) -> None:
        axes = np.eye(STAMP.dimension, dtype=np.float32)
        placed = {"same": axes[0], "across": axes[1], "against": -axes[0]}
        gateway.upsert([Record(id_, FRAGMENTS, vector, id_, id_) for id_, vector in placed.items()])

        found = {each.id: each.cosine for each in gateway.nearest([FRAGMENTS], axes[0], 3)}

        assert found == pytest.approx({"same": 1.0, "across": 0.0, "against": -1.0}, abs=1e-5)

    def test_many_questions_at_once_are_answered_as_each_alone(self, gateway: Gateway) -> None:
        gateway.upsert([*records(20), *records(20, SUMMARIES, seed=1)])
        asked = vectors(60, seed=2)

        found = gateway.nearest_each([FRAGMENTS, SUMMARIES], asked, 4)

        assert found == [gateway.nearest([FRAGMENTS, SUMMARIES], vector, 4) for vector in asked]

    def test_the_nearest_of_several_shelves_are_merged_best_first(self, gateway: Gateway) -> None:
        fragments, summaries = records(30), records(30, SUMMARIES, seed=1)
        gateway.upsert([*fragments, *summaries])
        query = vectors(1, seed=2)[0]

        found = gateway.nearest([FRAGMENTS, SUMMARIES, FRAGMENTS, Shelf("episode", "none")], query, 7)

        everything = sorted((-float(r.vector @ query), r.id) for r in [*fragments, *summaries])
        assert [each.id for each in found] == [id_ for _, id_ in everything[:7]]

    def test_only_the_given_shelves_are_searched(self, gateway: Gateway) -> None:
        gateway.upsert([*records(3), *records(3, SUMMARIES)])

        found = gateway.nearest([SUMMARIES], vectors(1)[0], 10)

        assert {each.id for each in found} == {"summary-0000", "summary-0001", "summary-0002"}

    def test_storing_twice_is_storing_once(self, gateway: Gateway) -> None:
        gateway.upsert(records(3))
        gateway.upsert(records(3))

        assert gateway.digests(FRAGMENTS) == {
            "fragment-0000": "d0",
            "fragment-0001": "d1",
            "fragment-0002": "d2",
        }

    def test_storing_again_replaces_vector_and_digest(self, gateway: Gateway) -> None:
        gateway.upsert(records(3))
        changed = records(3, seed=9, digest="e")[1]
        gateway.upsert([changed])

        assert gateway.digests(FRAGMENTS)[changed.id] == "e1"
        best = gateway.nearest([FRAGMENTS], changed.vector, 1)[0]
        assert best.id == changed.id
        assert best.cosine == pytest.approx(1.0, abs=1e-5)

    def test_the_last_of_records_with_one_id_stays(self, gateway: Gateway) -> None:
        first, last = records(1)[0], records(1, seed=5, digest="last")[0]
        gateway.upsert([first, last])

        assert gateway.digests(FRAGMENTS) == {first.id: "last0"}

    def test_storing_nothing_is_fine(self, gateway: Gateway) -> None:
        gateway.upsert([])
        gateway.delete({})
        gateway.delete({FRAGMENTS: []})

        assert gateway.shelves() == []

    def test_more_than_a_page_is_listed_whole(self, gateway: Gateway) -> None:
        gateway.upsert(records(200))
        assert len(gateway.digests(FRAGMENTS)) == 200

        gateway.upsert(records(251))
        assert gateway.digests(FRAGMENTS) == {record.id: record.digest for record in records(251)}

    def test_deleted_passages_are_gone_and_others_stay(self, gateway: Gateway) -> None:
        stored = records(5)
        gateway.upsert(stored)
        gateway.delete({FRAGMENTS: [stored[1].id, "unknown"], SUMMARIES: ["unknown"]})

        assert set(gateway.digests(FRAGMENTS)) == {record.id for record in stored} - {stored[1].id}
        assert stored[1].id not in {each.id for each in gateway.nearest([FRAGMENTS], stored[1].vector, 10)}

    def test_many_can_be_deleted_at_once(self, gateway: Gateway) -> None:
        gateway.upsert(records(230))
        gateway.delete({FRAGMENTS: [record.id for record in records(230)][:220]})

        assert len(gateway.digests(FRAGMENTS)) == 10

    def test_an_emptied_shelf_is_still_a_shelf(self, gateway: Gateway) -> None:
        gateway.upsert(records(1))
        gateway.delete({FRAGMENTS: ["fragment-0000"]})

        assert gateway.shelves() == [FRAGMENTS]
        assert gateway.digests(FRAGMENTS) == {}
        assert gateway.nearest([FRAGMENTS], vectors(1)[0], 5) == []

    def test_shelves_come_back_as_they_were_named(self, gateway: Gateway) -> None:
        scopes = ["global", "", "a/b c", "Ünïcode 項目", "x" * 400, "git@host:team/repo.git"]
        kinds: tuple[PassageKind, ...] = ("fragment", "episode")
        shelves = [Shelf(kind, scope) for kind in kinds for scope in scopes]
        for shelf in shelves:
            gateway.upsert(records(1, shelf))

        assert gateway.shelves() == sorted(shelves)

    def test_any_text_can_be_stored(self, gateway: Gateway) -> None:
        texts = ["", " ", "x" * 20_000, "emoji 🦊, 日本語, \x00 \x1b[0m", '"quotes" and \\ and \n lines']
        gateway.upsert([Record(f"t{i}", FRAGMENTS, vectors(9)[i], text, str(i)) for i, text in enumerate(texts)])

        assert len(gateway.digests(FRAGMENTS)) == len(texts)

    def test_the_mark_is_the_last_one_made(self, gateway: Gateway, opened: Open) -> None:
        gateway.mark("commit-1")
        gateway.mark("commit-2")

        assert gateway.commit() == "commit-2"
        assert opened().commit() == "commit-2"
        assert gateway.shelves() == []

    def test_storing_leaves_the_mark_alone(self, gateway: Gateway) -> None:
        gateway.upsert(records(1))
        assert gateway.commit() is None

        gateway.mark("commit-1")
        gateway.upsert(records(2))
        assert gateway.commit() == "commit-1"

    def test_two_gateways_of_a_vault_see_each_others_writes(self, opened: Open) -> None:
        first, second = opened(), opened()
        for i, record in enumerate(records(6)):
            writer, reader = (first, second) if i % 2 else (second, first)
            writer.upsert([record])

            assert len(reader.digests(FRAGMENTS)) == i + 1
            assert reader.nearest([FRAGMENTS], record.vector, 1)[0].id == record.id

    def test_vaults_dont_see_each_other(self, opened: Open) -> None:
        first, second = opened("vault"), opened("other vault")
        first.upsert(records(2))
        first.mark("commit-1")

        assert second.commit() is None
        assert second.shelves() == []
        assert second.nearest([FRAGMENTS], vectors(1)[0], 5) == []

    def test_wiping_takes_this_vaults_passages_and_no_others(self, opened: Open) -> None:
        first, second = opened("vault"), opened("other vault")
        for gateway in (first, second):
            gateway.upsert([*records(2), *records(2, SUMMARIES)])
            gateway.mark("commit-1")
        first.wipe()
        first.wipe()

        assert (first.commit(), first.shelves(), first.digests(FRAGMENTS)) == (None, [], {})
        assert (second.commit(), len(second.digests(FRAGMENTS))) == ("commit-1", 2)

    def test_a_wiped_gateway_can_be_filled_again(self, gateway: Gateway) -> None:
        gateway.upsert(records(3))
        gateway.wipe()
        gateway.upsert(records(2))

        assert len(gateway.digests(FRAGMENTS)) == 2

    def test_vectors_of_another_model_are_refused_with_the_way_out(self, opened: Open) -> None:
        opened().upsert(records(2))
        other = opened(stamp=OTHER_STAMP)

        for call in (
            other.commit,
            other.shelves,
            lambda: other.mark("commit-1"),
            lambda: other.digests(FRAGMENTS),
            lambda: other.nearest([FRAGMENTS], vectors(1)[0], 5),
            lambda: other.upsert(records(1)),
            lambda: other.upsert(records(1, SUMMARIES)),
            lambda: other.delete({FRAGMENTS: ["fragment-0000"]}),
        ):
            with pytest.raises(EmbedderMismatch) as refused:
                call()
            assert "closer rebuild" in refused.value.hint

    def test_a_wipe_lets_another_model_in(self, opened: Open) -> None:
        opened().upsert(records(2))
        other = opened(stamp=OTHER_STAMP)
        other.wipe()
        other.upsert(records(1))

        assert len(other.digests(FRAGMENTS)) == 1

    def test_a_closed_gateway_opens_at_its_next_use(self, gateway: Gateway) -> None:
        gateway.upsert(records(2))
        gateway.close()
        gateway.close()

        assert len(gateway.digests(FRAGMENTS)) == 2
