"""The service is as it describes itself, whatever is asked of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx

from tests.interfaces.http.service import Served

STREAM = "/v1/events"
"""Its answers don't end."""
UNCHECKED = "ignored_auth,unsupported_method"
"""Who asks without the token is shown elsewhere; and a session's name may have slashes, so that what is no route of a
session is a session that isn't there."""


def test_whatever_is_asked_the_answer_is_one_that_is_described(shared: Served, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", "run", f"{shared.url}/openapi.json",
         "-H", f"Authorization: Bearer {shared.token}", "--exclude-path", STREAM, "--exclude-checks", UNCHECKED,
         "--phases", "coverage,fuzzing", "--max-examples", "4", "--generation-deterministic", "--no-color",
         "--request-timeout", "180"],  # a first recall may have to export the model
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout
    assert shared.process.poll() is None


def test_the_description_names_every_route_and_asks_for_the_token(shared: Served) -> None:
    described = httpx.get(f"{shared.url}/openapi.json").json()

    assert {
        "/v1/sessions", "/v1/sessions/{session}/close", "/v1/remember", "/v1/recall", "/v1/events", "/v1/jobs/{job}",
        "/v1/alerts", "/v1/audit", "/v1/brief",
    } <= set(described["paths"])  # fmt: skip
    assert described["security"] == [{"token": []}]
    for path, routes in described["paths"].items():
        for method, route in routes.items():
            without = httpx.request(method, shared.url + path.replace("{", "").replace("}", ""))
            assert (without.status_code == 200) == (route.get("security") == []), path
