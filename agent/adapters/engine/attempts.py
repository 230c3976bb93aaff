"""How often a failed request is tried again, and when."""

from __future__ import annotations

from dbos import WorkflowStatus

from agent.errors import TranscriptError, UsageError

TRIES, MOVES = "tries", "moves"
"""Names, in what dbos keeps beside a request, of the number of tries after its first, and of workers it was left by."""
RECOVERIES = 20
"""How often a request may kill its worker before it is a dead letter."""
PAUSES = (1, 4, 16, 300, 1_800, 7_200, 21_600, 86_400)
"""Waits before each further try, in units of the engine's interval. A request that waits holds up no other."""
SOON = 3
"""So many of them belong to the request. One that has used them up is a dead letter: it counts as failed and can be
revived; the sweep tries it again by itself, ever more rarely, and then never."""
HOPELESS = {TranscriptError.__name__, UsageError.__name__}
"""Errors that no further try mends."""


def soon(failed: WorkflowStatus) -> bool:
    """Whether a failed request is still being tried."""
    return tries(failed) < SOON and not _hopeless(failed)


def pause(failed: WorkflowStatus) -> float | None:
    """How long a failed request waits for its next try; None when there is none."""
    known = tries(failed)
    return None if known >= len(PAUSES) or _hopeless(failed) else float(PAUSES[known])


def tries(status: WorkflowStatus) -> int:
    """How often a request was tried after its first failure."""
    return int((status.attributes or {}).get(TRIES, 0))


def moves(status: WorkflowStatus) -> int:
    """How often a request was taken over from a worker that died."""
    return int((status.attributes or {}).get(MOVES, 0))


def _hopeless(failed: WorkflowStatus) -> bool:
    """dbos keeps an error by its name and message."""
    return getattr(failed.error, "name", "") in HOPELESS
