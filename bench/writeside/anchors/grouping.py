"""Anchors for segments and subjects. Their constants were tuned on the dev half."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import HDBSCAN, AgglomerativeClustering

from bench.writeside.protocol import Said, System
from bench.writeside.vectors import embed, unit

Rows = NDArray[np.float32]


class DepthCut(System):
    """TextTiling's depth scores (Hearst 1997) over vectors of two utterances on either side."""

    REACH, STEEP = 2, 0.7

    def segment(self, utterances: Sequence[str]) -> list[int]:
        rows = embed(utterances)
        sides = [
            (rows[max(0, i - self.REACH) : i].sum(0), rows[i : i + self.REACH].sum(0)) for i in range(1, len(rows))
        ]
        near = np.array([float(unit(before) @ unit(after)) for before, after in sides])
        depth = np.array([self._peak(near[i::-1]) + self._peak(near[i:]) - 2 * near[i] for i in range(len(near))])
        cut = depth > depth.mean() + self.STEEP * depth.std() if len(depth) else depth > 0
        for i in range(1, len(cut)):
            if cut[i] and cut[i - 1]:
                cut[i if depth[i] < depth[i - 1] else i - 1] = False
        return [0, *np.cumsum(cut).tolist()]

    @staticmethod
    def _peak(values: NDArray[np.float64]) -> float:
        """The height reached by climbing from the first value while it doesn't fall."""
        falls = np.flatnonzero(np.diff(values) < 0)
        return float(values[falls[0] if len(falls) else -1])


class _Grouped(System):
    """Groups exchanges: a user turn and what follows it, both halves weighing the same."""

    def cluster(self, turns: Sequence[Said]) -> list[int]:
        numbers = np.cumsum([i > 0 and turn["role"] == "user" for i, turn in enumerate(turns)])
        rows = embed([turn["content"] for turn in turns])
        exchanges = unit(np.array([rows[numbers == n].sum(0) for n in range(numbers[-1] + 1)]))
        groups = self.group(exchanges)
        return [int(groups[n]) for n in numbers]

    def group(self, rows: Rows) -> Sequence[int]:
        raise NotImplementedError


class Agglomerative(_Grouped):
    """Average linkage on cosine, each exchange drawn to its neighbours first."""

    FAR, PULL = 0.7, 0.25

    def group(self, rows: Rows) -> Sequence[int]:
        if len(rows) < 2:
            return [0] * len(rows)
        nothing = np.zeros_like(rows[:1])
        before, after = np.vstack([nothing, rows[:-1]]), np.vstack([rows[1:], nothing])
        drawn = rows.copy()
        for beside in (before, after):
            drawn += self.PULL * np.maximum(0, (rows * beside).sum(1, keepdims=True)) * beside
        model = AgglomerativeClustering(None, distance_threshold=self.FAR, metric="cosine", linkage="average")
        return model.fit_predict(unit(drawn)).tolist()


class Hdbscan(_Grouped):
    """Groups of three and more; what is left over joins its nearest neighbour."""

    def group(self, rows: Rows) -> Sequence[int]:
        if len(rows) < 4:
            return [0] * len(rows)
        found = HDBSCAN(min_cluster_size=3, min_samples=1, metric="euclidean", copy=True).fit_predict(rows)
        inside = np.flatnonzero(found >= 0)
        if not len(inside):
            return list(range(len(rows)))
        return [int(g if g >= 0 else found[inside[np.argmax(rows[inside] @ rows[i])]]) for i, g in enumerate(found)]
