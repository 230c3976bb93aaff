"""What every embedder keeps, whatever is inside."""

from __future__ import annotations

import numpy as np
import pytest

from agent.adapters.embedder import LocalEmbedder

LONG = "The uploader retries three times. Then it gives up: we deploy on Fridays, never later.\n" * 200


class EmbedderContract:
    @pytest.fixture
    def embedder(self) -> LocalEmbedder:
        raise NotImplementedError("give the suite an embedder")

    def test_gives_one_unit_vector_a_text(self, embedder: LocalEmbedder) -> None:
        vectors = embedder.embed(["We deploy.", "", " \n", "会議は火曜日です。", "x" * 5_000, LONG])

        assert vectors.shape == (6, embedder.stamp.dimension)
        assert vectors.dtype == np.float32
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=5e-4)

    def test_gives_no_vectors_for_no_texts(self, embedder: LocalEmbedder) -> None:
        assert embedder.embed([]).shape == (0, embedder.stamp.dimension)

    def test_a_text_has_one_vector_whatever_its_batch(self, embedder: LocalEmbedder) -> None:
        texts = ["deploy", "We deploy on Fridays.", "", LONG, *(f"line {n} " * n for n in range(1, 30))]

        together = embedder.embed(texts)
        backwards = embedder.embed(texts[::-1])[::-1]
        alone = np.concatenate([embedder.embed([text]) for text in texts])

        assert np.array_equal(together, backwards)
        assert np.array_equal(together, alone)

    def test_a_vector_survives_half_precision(self, embedder: LocalEmbedder) -> None:
        vectors = embedder.embed(["We deploy on Fridays.", LONG])

        assert np.array_equal(vectors, vectors.astype(np.float16).astype(np.float32))

    def test_related_texts_are_closer_than_others(self, embedder: LocalEmbedder) -> None:
        question, answer, other = embedder.embed(
            ["On which day do we deploy?", "We deploy on Fridays.", "Her cat eats only salmon."]
        )

        assert question @ answer > question @ other + 0.2

    def test_takes_text_that_is_not_valid_unicode(self, embedder: LocalEmbedder) -> None:
        assert embedder.embed(["half a pair: \ud83d!"]).shape == (1, embedder.stamp.dimension)

    def test_works_again_after_close(self, embedder: LocalEmbedder) -> None:
        before = embedder.embed(["deploy"])
        embedder.close()
        embedder.close()

        assert np.array_equal(embedder.embed(["deploy"]), before)

    def test_flush_may_repeat(self, embedder: LocalEmbedder) -> None:
        before = embedder.embed(["deploy"])
        embedder.flush()
        embedder.flush()

        assert np.array_equal(embedder.embed(["deploy"]), before)
