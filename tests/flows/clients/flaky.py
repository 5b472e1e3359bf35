"""A reverse proxy that loses things on purpose, so that real clients show how they retry.

    python flaky.py --target http://127.0.0.1:8000 [--port 8011] [--seed 1]

Of each ten sending requests about three go wrong, decided by a seeded random: it answers 500 or hangs up before
forwarding (not stored), or forwards and then hangs up or falls silent (stored, but the client cannot know).
No batch goes wrong more than twice: a client that gives up after its fourth try is no fault of the server.
Prints its own address when it is ready.
"""

import argparse
import http.client
import random
import re
import signal
import sys
import time
import zlib
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

FAULTS = {"refuse": 0.10, "reset": 0.07, "lose": 0.10, "hang": 0.03}
MOST_FAULTS_A_BATCH = 2
MOST_HANGS = 4
HANG_SECONDS = 16.0  # longer than the 10 and 15 seconds that the clients wait
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"}
REFUSAL_HEADERS = {"Content-Type": "application/json", "Access-Control-Allow-Origin": "*"}
MESSAGE_ID = re.compile(rb'"messageId"\s*:\s*"([^"]+)"')


@dataclass
class Mischief:
    """Which request goes wrong, and how."""

    random: random.Random
    done: Counter[str] = field(default_factory=Counter)
    by_batch: Counter[bytes] = field(default_factory=Counter)
    lock: Lock = field(default_factory=Lock)

    def choose(self, body: bytes) -> str:
        batch = first_message_id(body)
        with self.lock:
            fault = self._draw() if self.by_batch[batch] < MOST_FAULTS_A_BATCH else "forward"
            self.by_batch[batch] += fault != "forward"
            self.done[fault] += 1
        return fault

    def _draw(self) -> str:
        fault = self.random.choices([*FAULTS, "forward"], [*FAULTS.values(), 1 - sum(FAULTS.values())])[0]
        return "lose" if fault == "hang" and self.done["hang"] >= MOST_HANGS else fault


def first_message_id(body: bytes) -> bytes:
    """A batch keeps its messages from try to try, but not its bytes: sentAt changes."""
    text = zlib.decompress(body, zlib.MAX_WBITS | 32) if body[:2] == b"\x1f\x8b" else body
    found = MESSAGE_ID.search(text)
    return found[1] if found else b""


class Proxy(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    target: str
    mischief: Mischief

    def do_GET(self) -> None:
        self._forward(b"")

    def do_OPTIONS(self) -> None:
        self._forward(b"")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        fault = self.mischief.choose(body)
        if fault == "forward":
            self._forward(body)
        elif fault == "refuse":
            self._answer(500, REFUSAL_HEADERS, b'{"code": "forced", "message": "On purpose."}')
        else:
            self._break_off(fault, body)

    def _break_off(self, fault: str, body: bytes) -> None:
        if fault in {"lose", "hang"}:
            self._ask(body)
        if fault == "hang":
            time.sleep(HANG_SECONDS)
        self.close_connection = True

    def _forward(self, body: bytes) -> None:
        self._answer(*self._ask(body))

    def _ask(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection(self.target, timeout=60)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
        try:
            connection.request(self.command, self.path, body or None, headers)
            response = connection.getresponse()
            return response.status, dict(response.getheaders()), response.read()
        finally:
            connection.close()

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        kept = {name: value for name, value in headers.items() if name.lower() not in HOP_BY_HOP}
        for name, value in kept.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, *args: Any) -> None:
        """Clients that hang up in their turn are part of the game."""


def server(target: str, port: int, seed: int) -> Server:
    settings = {"target": urlsplit(target).netloc, "mischief": Mischief(random.Random(seed))}
    return Server(("127.0.0.1", port), type("SeededProxy", (Proxy,), settings))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--target", required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    proxy = server(options.target, options.port, options.seed)
    print(f"http://127.0.0.1:{proxy.server_port}", flush=True)
    proxy.serve_forever()


if __name__ == "__main__":
    main()
