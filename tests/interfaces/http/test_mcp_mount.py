"""MCP over HTTP, beside the other routes and behind the same gate, spoken to by the official client."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult

from agent.interfaces.http.gate import LARGEST
from tests.interfaces.http.service import Served, said
from tests.scenarios.test_hooks import closes, ended, until

pytestmark = pytest.mark.anyio
WITHIN = 120.0
REVISIONS = ["legacy", "2026-07-28"]
ACCEPT = {"Accept": "application/json, text/event-stream"}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@asynccontextmanager
async def connected(served: Served, mode: str) -> AsyncIterator[Client]:
    async with httpx2.AsyncClient(headers=served.headers, timeout=WITHIN) as http:
        transport = streamable_http_client(f"{served.url}/mcp", http_client=http)
        async with Client(transport, mode=mode, read_timeout_seconds=WITHIN) as client:
            yield client


def facts(answer: CallToolResult) -> dict[str, Any]:
    assert not answer.is_error, answer.content
    found: dict[str, Any] = answer.structured_content or {}
    return found


@pytest.mark.parametrize("mode", REVISIONS)
async def test_the_official_client_remembers_recalls_and_closes(served: Served, mode: str) -> None:
    steps: list[str | None] = []

    async def heard(_progress: float, _total: float | None, message: str | None) -> None:
        steps.append(message)

    async with connected(served, mode) as client:
        assert {tool.name for tool in (await client.list_tools()).tools} >= {"open", "remember", "recall", "close"}
        session = facts(await client.call_tool("open", {}))["session"]
        facts(await client.call_tool("remember", {"text": "We deploy on Fridays", "session": session}))
        hits = facts(await client.call_tool("recall", {"question": "when do we deploy?", "k": 1}))["hits"]
        call = {"session": session, "turns": said(), "wait": True}
        closing = facts(await client.call_tool("close", call, progress_callback=heard))

    assert hits[0]["text"] == "We deploy on Fridays"
    assert closing["receipt"]["commit"]
    assert "commit" in steps
    # One desk: what the one door told, the other knows at once.
    asked = served.client.post("/v1/recall", json={"question": "Fridays", "keyword": True})
    assert asked.json()["hits"][0]["text"] == "We deploy on Fridays"
    until(lambda: ended(served.home))
    assert closes(served.home) == [session]


@pytest.mark.parametrize("mode", REVISIONS)
async def test_a_client_goes_on_after_a_restart_of_the_service(served: Served, mode: str) -> None:
    async with connected(served, mode) as client:
        facts(await client.call_tool("status", {}))
        assert served.stop() == 0

    again = Served(served.home)
    async with connected(again, mode) as client:
        facts(await client.call_tool("status", {}))
    assert again.stop() == 0


async def test_nobody_without_the_token_is_served(shared: Served) -> None:
    for method in ("GET", "POST", "DELETE"):
        assert httpx.request(method, f"{shared.url}/mcp", headers=ACCEPT).status_code == 401


@pytest.mark.parametrize(
    ("method", "body"), [("POST", b"{"), ("POST", b"[]"), ("POST", b"\xff"), ("DELETE", b""), ("PUT", b"{}")]
)
async def test_what_is_no_message_is_refused(shared: Served, method: str, body: bytes) -> None:
    headers = {**ACCEPT, "Content-Type": "application/json"}
    answer = shared.client.request(method, "/mcp", headers=headers, content=body)

    assert 400 <= answer.status_code < 500


async def test_a_message_is_bounded_as_every_body_is(shared: Served) -> None:
    headers = {**ACCEPT, "Content-Type": "application/json"}

    assert shared.client.post("/mcp", headers=headers, content=b" " * (LARGEST + 1)).status_code == 413
    assert shared.client.request("GET", "/mcp", headers=headers, content=b" " * (LARGEST + 1)).status_code == 413
