"""Two clients that send until they are told 200, and the ledger of what they were told."""

import http.client
import queue
import threading
import time
from base64 import b64encode
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from plgcrm.demo.services.processes import wait_for
from tests.chaos.stream import Batch, Message

CLIENTS = 2
PACE = 0.25  # seconds between two posts of a client
AGAIN_AFTER = 0.25
TIMEOUT = 10.0
NO_ANSWER = 0


@dataclass
class Ledger:
    """What was answered; 0 stands for no answer at all."""

    acknowledged: dict[str, Message] = field(default_factory=dict)
    answers: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    without_retry_after: int = 0
    done: int = 0
    last_success: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, batch: Batch, status: int, seconds: float, *, says_when: bool) -> None:
        with self.lock:
            self.answers[status] += 1
            if status == 200:
                self.acknowledged.update({message["messageId"]: message for message in batch.messages})
                self.seconds.append(seconds)
                self.done += 1
                self.last_success = time.monotonic()
            elif status != NO_ANSWER and not says_when:
                self.without_retry_after += 1

    def ids(self) -> set[str]:
        with self.lock:
            return set(self.acknowledged)

    def percentile(self, share: float) -> float:
        return sorted(self.seconds)[int(share * (len(self.seconds) - 1))] * 1000


class Sender:
    """Sends what it is given, in order, from two threads; use it as a context."""

    def __init__(self, url: str, write_key: str) -> None:
        self.ledger = Ledger()
        self.given = 0
        self._address = urlsplit(url)
        key = b64encode(f"{write_key}:".encode()).decode()
        self._headers = {"Authorization": f"Basic {key}", "Content-Type": "application/json"}
        self._waiting: queue.Queue[Batch] = queue.Queue()
        self._end = threading.Event()
        self._clients = [threading.Thread(target=self._send, daemon=True) for _ in range(CLIENTS)]

    def __enter__(self) -> "Sender":
        for client in self._clients:
            client.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        for client in self._clients:
            client.join(TIMEOUT + 1)

    def give(self, batches: Sequence[Batch]) -> None:
        self.given += len(batches)
        for batch in batches:
            self._waiting.put(batch)

    def has_sent(self, left: int, *, within: float = 40) -> bool:
        """Wait until no more than `left` posts are without their 200."""
        return wait_for(lambda: self.given - self.ledger.done <= left, within)

    def _send(self) -> None:
        connection = http.client.HTTPConnection(self._address.hostname or "", self._address.port, timeout=TIMEOUT)
        while not self._end.wait(PACE):
            with suppress(queue.Empty):
                self._until_taken(connection, self._waiting.get(timeout=0.1))
        connection.close()

    def _until_taken(self, connection: http.client.HTTPConnection, batch: Batch) -> None:
        while self._post(connection, batch) != 200 and not self._end.wait(AGAIN_AFTER):
            pass

    def _post(self, connection: http.client.HTTPConnection, batch: Batch) -> int:
        began, status, says_when = time.monotonic(), NO_ANSWER, False
        try:
            connection.request("POST", "/v1/batch", batch.body, self._headers)
            with connection.getresponse() as answer:
                answer.read()
                status, says_when = answer.status, answer.getheader("Retry-After") is not None
        except (OSError, http.client.HTTPException):
            connection.close()
        self.ledger.note(batch, status, time.monotonic() - began, says_when=says_when)
        return status
