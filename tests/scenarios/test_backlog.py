"""Sessions closed in another order than they were held: what was said last holds, whatever was read last."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from agent import Closer
from agent.domain.receipt import Receipt
from tests.scenarios.talks import talk
from tests.scenarios.test_close import git, statements
from tests.scenarios.test_writing import standing

EARLIER, LATER = datetime(2023, 2, 1, 10, tzinfo=UTC), datetime(2025, 9, 1, 10, tzinfo=UTC)
LISBON, BERGEN = "I live in Lisbon now", "I live in Bergen now"


def closed(closer: Closer, session: str, said: str, began: datetime) -> Receipt:
    return closer.close(talk(session, [("user", f"{said}."), ("assistant", "Noted.")], began=began))


def backlog(closer: Closer) -> Receipt:
    closed(closer, "test:later", BERGEN, LATER)
    return closed(closer, "test:earlier", LISBON, EARLIER)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        (LISBON, BERGEN),
        ("Our staging database runs on port 5433", "Our staging database runs on port 5440"),
        ("We no longer deploy on Mondays, from now on deploys happen on Fridays", "We deploy on Tuesdays"),
        ("I prefer the aisle seat on trains", "I prefer the window seat on trains now"),
        ("We use Jenkins for CI", "We moved from Jenkins to GitHub Actions for CI"),
    ],
)
def test_an_older_session_closed_later_overrules_nothing(closer: Closer, earlier: str, later: str) -> None:
    closed(closer, "test:later", later, LATER)

    receipt = closed(closer, "test:earlier", earlier, EARLIER)

    assert standing(closer) == [f"{later}."]
    [decision] = receipt.decisions
    assert (decision.kind, decision.fragment.status) == ("add", "superseded")
    assert "2025-09-01" in decision.reason
    assert "valid_to: 2025-09-01T10:00:00Z" in statements(closer)


def test_what_was_out_of_date_when_it_was_read_is_in_no_index_as_standing(closer: Closer) -> None:
    backlog(closer)

    holds = [hit.text for hit in closer.recall("where do I live?") if (hit.kind, hit.status) == ("fragment", "active")]

    assert holds == [f"{BERGEN}."]
    memory = git(closer, "show", "HEAD:MEMORY.md")
    assert BERGEN in memory
    assert LISBON not in memory
    assert closer.reconcile().stores["gateway"].state == "unchanged"


def test_reading_the_older_session_again_changes_nothing(closer: Closer) -> None:
    backlog(closer)
    more = [("user", f"{LISBON}."), ("assistant", "Noted."), ("user", "Thanks, and my cat is called Pixel.")]

    closer.close(talk("test:earlier", more, began=EARLIER))

    assert f"{BERGEN}." in standing(closer)
    assert f"{LISBON}." not in standing(closer)


def test_rolling_back_the_later_session_revives_what_it_overtook(closer: Closer) -> None:
    backlog(closer)

    closer.rollback("test:later")

    assert standing(closer) == [f"{LISBON}."]


def test_a_statement_said_again_since_is_no_older_for_being_said_before(closer: Closer) -> None:
    closed(closer, "test:first", BERGEN, EARLIER)
    closed(closer, "test:again", BERGEN, LATER)

    closed(closer, "test:between", LISBON, LATER - timedelta(days=300))

    assert standing(closer) == [f"{BERGEN}."]


def test_a_checkpointed_statement_that_was_corrected_stays_so_at_the_close(closer: Closer) -> None:
    said = [("user", "I prefer tabs over spaces."), ("assistant", "Noted."), ("user", "I prefer spaces over tabs.")]
    whole = talk("test:changed", said)
    for turn in whole.turns:
        closer.checkpoint("test:changed", [turn])

    closer.close(whole)

    assert standing(closer) == ["I prefer spaces over tabs."]
