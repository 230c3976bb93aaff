"""Requests, as they are read from files that anybody may have written."""

from __future__ import annotations

from agent.domain.request import Request


def test_a_text_holds_nothing_that_a_database_refuses() -> None:
    facts = {"id": "a", "kind": "end", "host": "test", "session": "s", "at": 1.0}

    request = Request.of({**facts, "reason": "too\0 bad \ud800", "closed_by": 7})

    assert (request.reason, request.closed_by) == ("too bad ?", "")
    assert Request.of(request.facts()) == request
