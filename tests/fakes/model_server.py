"""A model on the loopback interface that always says the same, in the protocols that coding assistants speak."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ANSWER = "Understood: the shop is deployed on Tuesdays from now on."


def _events(*events: tuple[str, dict[str, Any]]) -> bytes:
    return "".join(f"event: {name}\ndata: {json.dumps({'type': name, **told})}\n\n" for name, told in events).encode()


def _messages(model: str) -> bytes:
    about = {"id": "msg_1", "type": "message", "role": "assistant", "model": model, "content": [], "stop_reason": None}
    used = {"input_tokens": 1, "output_tokens": 1}
    return _events(
        ("message_start", {"message": {**about, "stop_sequence": None, "usage": used}}),
        ("content_block_start", {"index": 0, "content_block": {"type": "text", "text": ""}}),
        ("content_block_delta", {"index": 0, "delta": {"type": "text_delta", "text": ANSWER}}),
        ("content_block_stop", {"index": 0}),
        ("message_delta", {"delta": {"stop_reason": "end_turn", "stop_sequence": None}, "usage": used}),
        ("message_stop", {}),
    )


def _responses(_: str) -> bytes:
    text = {"type": "output_text", "text": ANSWER, "annotations": []}
    item = {"type": "message", "role": "assistant", "id": "m1", "status": "completed", "content": [text]}
    used = {"input_tokens": 1, "input_tokens_details": None, "output_tokens": 1, "output_tokens_details": None}
    return _events(
        ("response.created", {"response": {"id": "r1"}}),
        ("response.output_item.done", {"output_index": 0, "item": item}),
        ("response.completed", {"response": {"id": "r1", "output": [item], "usage": {**used, "total_tokens": 2}}}),
    )


def _gemini(_: str) -> bytes:
    said = {"content": {"role": "model", "parts": [{"text": ANSWER}]}, "finishReason": "STOP", "index": 0}
    used = {"promptTokenCount": 1, "candidatesTokenCount": 1, "totalTokenCount": 2}
    return f"data: {json.dumps({'candidates': [said], 'usageMetadata': used})}\n\n".encode()


PROTOCOLS = {"/messages": _messages, "/responses": _responses, "streamGenerateContent": _gemini}


@dataclass
class Model:
    """One server."""

    address: str
    heard: list[bytes] = field(default_factory=list)
    """What it was sent."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    heard: list[bytes]

    def do_POST(self) -> None:
        said = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.heard.append(said)
        model = json.loads(said).get("model", "") if said else ""
        speak = next((speak for part, speak in PROTOCOLS.items() if part in self.path), None)
        self._answer(speak(model) if speak else b"{}", "text/event-stream" if speak else "application/json")

    def do_GET(self) -> None:
        self._answer(b'{"data": []}', "application/json")

    def do_HEAD(self) -> None:
        self._answer(b"", "application/json")

    def _answer(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing is printed."""


@contextmanager
def serving() -> Iterator[Model]:
    """A server, while it answers."""
    heard: list[bytes] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"heard": heard}))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Model(f"http://127.0.0.1:{server.server_address[1]}", heard)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
