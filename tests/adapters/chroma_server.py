"""A real Chroma server, on a free port of the loopback, that can be killed, stopped and started again."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path


class ChromaServer:
    def __init__(self, path: Path) -> None:
        self._path = path
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = int(free.getsockname()[1])
        self.url = f"http://127.0.0.1:{self._port}"
        self.start()

    def start(self) -> None:
        # `chroma` may not be on the path of whoever runs the tests.
        chroma = shutil.which("chroma", path=str(Path(sys.executable).parent)) or "chroma"
        command = [chroma, "run", "--path", str(self._path), "--host", "127.0.0.1", "--port", str(self._port)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while not self._answers():
            assert self._process.poll() is None, "the server ended"
            assert time.monotonic() < deadline, "the server didn't start"
            time.sleep(0.05)

    def freeze(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def _answers(self) -> bool:
        http = HTTPConnection("127.0.0.1", self._port, timeout=1)
        try:
            http.request("GET", "/api/v2/heartbeat")
            return http.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            http.close()
