"""When the messages of a history come in: most at once, some hours or days late, some twice."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import msgspec
import numpy as np
from numpy.typing import NDArray

from plgcrm.demo.companies.pack import Message, PlannedMessage, SampleMessage

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Write = Callable[[PlannedMessage, str], Message]  # a planned message and its id, as a client sends it

_LATE, _REPEATED = 0.03, 0.01


def arriving(planned: list[PlannedMessage], write: Write, *, seed: int, now: datetime) -> Iterator[SampleMessage]:
    """All of them in order of arrival, none after `now`."""
    rng = np.random.default_rng([seed, 4, int(now.timestamp())])
    received, source = _arrivals(planned, now.timestamp(), rng)
    ids, encode = rng.bytes(12 * len(planned)).hex(), msgspec.json.Encoder().encode
    for index in np.argsort(received, kind="stable").tolist():
        place = int(source[index])
        message = write(planned[place], f"ajs-{ids[24 * place : 24 * place + 24]}")
        yield SampleMessage(datetime.fromtimestamp(received[index], UTC), encode(message))


def _arrivals(planned: list[PlannedMessage], end: float, rng: np.random.Generator) -> tuple[Floats, Ints]:
    """When each message comes in, and whose it is."""
    at = np.array([planned_message.at for planned_message in planned])
    count = len(at)
    late = np.where(rng.random(count) < _LATE, rng.exponential(14 * 3600, count), 0)
    received = at + 0.05 + rng.exponential(0.4, count) + late
    # What would come after the end comes a moment before it instead.
    received = np.where(received > end, at + (end - at) * rng.uniform(0.1, 0.9, count), received)
    again = np.flatnonzero(rng.random(count) < _REPEATED)
    second = received[again] + rng.exponential(2400, len(again))
    again, second = again[second <= end], second[second <= end]
    return np.concatenate([received, second]), np.concatenate([np.arange(count), again])
