"""Fresh events of a sample's people, sent through the demo's own HTTP endpoint, so that the queue moves.

A pack's traffic makes the messages and touches no network; `send_forever` posts them.
"""

from __future__ import annotations

import http.client
import json
import logging
import threading
from abc import ABC, abstractmethod
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from random import Random
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from plgcrm.demo.companies.pack import CompanyPack, LiveTraffic, Message, PlannedMessage, Properties

log = logging.getLogger(__name__)

_MOST_AT_ONCE = 100
_TIMEOUT = 4.0
_LONGEST_PAUSE = 30.0
_HOPELESS = (400, 413, 422)  # the same batch would be refused again


class Habit(NamedTuple):
    """Something that happens about every so many seconds."""

    every: float
    act: Callable[[float], None]  # at a moment, in seconds since 1970


class HabitualTraffic(ABC):
    """What the people of a sample do from `now` on: everyday events at a rate, and rarer ones by habit."""

    def __init__(self, seed: int, now: datetime, *, rate: float) -> None:
        self.rate = rate
        self.random = Random(f"traffic {seed} {now.isoformat()}")

    def begin(self, now: datetime) -> None:
        """Last in a pack's own `__init__`: draws what the run is called and when each habit is due."""
        self.run = f"live-{self.random.getrandbits(48):012x}"
        self.written = 0
        self.past = now.timestamp()
        self.pending: list[PlannedMessage] = []
        self._habits = self.habits()
        self.due = [self.past + habit.every * self.random.uniform(0.2, 1) for habit in self._habits]

    @abstractmethod
    def habits(self) -> tuple[Habit, ...]:
        """What makes the queue move."""

    @abstractmethod
    def everyday(self, at: float) -> None:
        """Say one everyday event."""

    @abstractmethod
    def write(self, planned_message: PlannedMessage, message_id: str) -> Message:
        """As the sample's clients send it."""

    def next_messages(self, now: datetime) -> list[Message]:
        """What happened since the last call, in order; after a long gap only the last of it."""
        end = now.timestamp()
        self.past = min(max(self.past, end - _MOST_AT_ONCE / self.rate), end)
        for place, habit in enumerate(self._habits):
            if self.due[place] <= end:
                habit.act(end)
                self.due[place] = end + habit.every * self.random.uniform(0.7, 1.3)
        for _ in range(self._everyday_count(end - self.past)):
            self.everyday(self.random.uniform(self.past, end))
        self.past = end
        return self._written_until(end)

    def _everyday_count(self, seconds: float) -> int:
        expected = seconds * self.rate
        return int(expected) + (self.random.random() < expected % 1)

    def _written_until(self, end: float) -> list[Message]:
        happened = sorted((each for each in self.pending if each.at <= end), key=lambda each: each.at)
        self.pending = [each for each in self.pending if each.at > end]
        return [self._write(each) for each in happened]

    def _write(self, planned_message: PlannedMessage) -> Message:
        self.written += 1
        return self.write(planned_message, f"{self.run}-{self.written}")

    def say(self, at: float, person: int, name: str, properties: Properties | None = None, kind: str = "track") -> None:
        self.pending.append(PlannedMessage(at, person, kind, name, properties))


def send_forever(
    pack: CompanyPack,
    url: str,
    write_key: str,
    *,
    stop: threading.Event,
    rate: float = 3.0,
    history_ended: datetime | None = None,
) -> None:
    """Post about `rate` events a second until `stop` is set; errors are logged and tried again."""
    send(pack.traffic(history_ended or datetime.now(UTC), rate=rate), url, write_key, stop=stop)


def send(traffic: LiveTraffic, url: str, write_key: str, *, stop: threading.Event) -> None:
    """Post what happens, each second, until `stop` is set."""
    sender = _Sender(url, write_key)
    batch: list[Message] = []
    while not stop.is_set():
        batch = batch or traffic.next_messages(datetime.now(UTC))
        pause = sender.send(batch)
        if pause is None:
            batch, pause = [], 1.0
        stop.wait(pause)


class _Sender:
    """Posts batches; says how long to pause before the same batch is tried again."""

    def __init__(self, url: str, write_key: str) -> None:
        self.address: SplitResult = urlsplit(url)
        self.headers = {
            "Authorization": "Basic " + b64encode(f"{write_key}:".encode()).decode(),
            "Content-Type": "application/json",
        }
        self.failures = 0

    def send(self, batch: list[Message]) -> float | None:
        """None when there is nothing more to do with the batch."""
        if not batch:
            return None
        try:
            status = self._post(batch)
        except (OSError, http.client.HTTPException) as error:
            return self._failed(repr(error))
        if status == 200 or status in _HOPELESS:
            self.failures = 0
            return None
        return self._failed(f"status {status}")

    def _failed(self, reason: str) -> float:
        pause = min(2.0**self.failures, _LONGEST_PAUSE)
        self.failures = min(self.failures + 1, 10)
        log.warning("The sample's traffic was not taken: %s. Again in %.0f s.", reason, pause)
        return pause

    def _post(self, batch: list[Message]) -> int:
        kind = http.client.HTTPSConnection if self.address.scheme == "https" else http.client.HTTPConnection
        connection = kind(self.address.hostname or "127.0.0.1", self.address.port, timeout=_TIMEOUT)
        sent = datetime.now(UTC).isoformat(timespec="milliseconds")
        body = json.dumps({"batch": batch, "sentAt": sent}).encode()
        try:
            connection.request("POST", f"{self.address.path.rstrip('/')}/v1/batch", body, self.headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        finally:
            connection.close()
