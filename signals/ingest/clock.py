"""When an event happened: the one rule for HTTP, files and replays. Pure; send-events.md has it as a table."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from accounts.rules.moments import EARLIEST, moment_in

NETWORK_DELAY = timedelta(seconds=60)  # a smaller difference between two clocks cannot be told from delay
# A clock that is behind looks like a message that waited in a queue after its library wrote `sentAt`. Few clocks are
# further behind than this, and many queues are longer.
FURTHEST_BEHIND = timedelta(hours=2)
STAMPED_WITHIN = timedelta(hours=1)  # before it was sent: what lies earlier was not stamped by a library
SAME = timedelta(seconds=1)  # two stamps of one call
FIRST_SENT = datetime(2012, 1, 1, tzinfo=UTC)  # nobody sent these messages before: such a clock is dead

# How a time was found. Where it is the time of arrival, a message says nothing of when it happened.
TRUSTED, CORRECTED, CLAMPED, MISSING, UNREADABLE, REPLACED, DELAYED = (
    "", "corrected", "clamped", "missing", "unreadable", "replaced", "delayed",
)  # fmt: skip
CLOCKS = {TRUSTED: 0, CORRECTED: 1, CLAMPED: 2, MISSING: 3, UNREADABLE: 4, REPLACED: 5, DELAYED: 6}
OF_ARRIVAL = frozenset({CLAMPED, MISSING, UNREADABLE})


NOTHING = timedelta()


class SentTimes(Protocol):
    """The times of one message, as they were sent."""

    timestamp: Any
    original_timestamp: Any
    sent_at: Any
    received_at: Any


@dataclass(slots=True, frozen=True)
class Shift:
    """How far the sender's clock is behind ours, as far as it can be told."""

    by: timedelta = NOTHING
    mark: str = TRUSTED  # of a time that it is applied to


UNMOVED = Shift()


@dataclass(slots=True, frozen=True)
class Arrival:
    """What the messages of one body share of time."""

    received_at: datetime
    latest: datetime  # nothing can have happened after it
    sent_at: datetime | None  # by the sender's clock
    shift: Shift
    is_delivery: bool  # else a file, whose time of reading says nothing of its sender's clock


def arrival_of(sent_at: Any, received_at: datetime, *, is_delivery: bool) -> Arrival:
    """The times of a body: when it arrived, and when it was sent."""
    sent = _read(sent_at)
    shift = _shift(sent, received_at) if is_delivery else UNMOVED
    return Arrival(received_at, received_at + NETWORK_DELAY, sent, shift, is_delivery)


def time_of(times: SentTimes, arrival: Arrival) -> tuple[datetime, str]:
    """When a message happened, and how that was found: one of CLOCKS. Never fails: arrival is the last resort."""
    timestamp = _read(times.timestamp)
    # The everyday message has one time and a sender whose clock is right.
    if (
        timestamp is not None
        and arrival.shift is UNMOVED
        and times.original_timestamp is times.sent_at is times.received_at is None
        and EARLIEST <= timestamp <= arrival.latest
    ):
        return timestamp, TRUSTED
    return _weighed(times, timestamp, _read(times.original_timestamp), arrival)


def _weighed(
    times: SentTimes, timestamp: datetime | None, original: datetime | None, arrival: Arrival
) -> tuple[datetime, str]:
    sent_at, shift = _sending(times, arrival)
    waited = shift.mark == DELAYED or not arrival.is_delivery
    for found, mark in _candidates(timestamp, original, sent_at, shift, waited=waited):
        if found is not None and EARLIEST <= found <= arrival.latest:
            is_stand_in = timestamp is None and not _is_absent(times.timestamp)
            return found, REPLACED if is_stand_in else mark
    received = _read(times.received_at)
    if not arrival.is_delivery and received is not None and FIRST_SENT <= received <= arrival.latest:
        return received, REPLACED
    return arrival.received_at, _excuse(times, timestamp or original)


def _candidates(
    timestamp: datetime | None, original: datetime | None, sent_at: datetime | None, shift: Shift, *, waited: bool
) -> Iterator[tuple[datetime | None, str]]:
    """The times that a message may have happened at, the best first."""
    if timestamp is not None and _is_explicit(timestamp, original, sent_at):
        yield timestamp, TRUSTED
    for stamp in (original, timestamp):
        if stamp is not None:
            yield _moved(stamp, shift.by), shift.mark
    # Sent hours ago, it waited somewhere: that time is nearer than that of arrival. Else arrival says as much.
    if waited and sent_at is not None and sent_at >= FIRST_SENT:
        yield sent_at, REPLACED


def _is_explicit(timestamp: datetime, original: datetime | None, sent_at: datetime | None) -> bool:
    """Whether a caller said when it happened. Else a library put its own clock's time on it."""
    if original is not None:
        return abs(timestamp - original) > SAME
    return sent_at is None or not -NETWORK_DELAY <= sent_at - timestamp <= STAMPED_WITHIN


def _sending(times: SentTimes, arrival: Arrival) -> tuple[datetime | None, Shift]:
    """When a message was sent, and what that says of its sender's clock.

    One that says itself when it was received was collected elsewhere: its sender's clock is judged by that.
    """
    sent_at = arrival.sent_at if _is_absent(times.sent_at) else _read(times.sent_at)
    received = _read(times.received_at)
    if sent_at is not None and received is not None and received <= arrival.latest:
        return sent_at, _shift(sent_at, received)
    if not arrival.is_delivery:
        return sent_at, UNMOVED
    return sent_at, _shift(sent_at, arrival.received_at)


def _shift(sent_at: datetime | None, received_at: datetime) -> Shift:
    """received_at - sent_at, where that is the fault of a clock.

    Up to a minute it may as well be the network or a queue, so it is left alone: then a message that is
    sent again keeps its time.
    """
    if sent_at is None or abs(by := received_at - sent_at) <= NETWORK_DELAY:
        return UNMOVED
    if by > FURTHEST_BEHIND and sent_at >= FIRST_SENT:
        return Shift(mark=DELAYED)
    return Shift(by, CORRECTED)


def _moved(stamp: datetime, by: timedelta) -> datetime | None:
    try:
        return stamp + by
    except OverflowError:
        return None


def _excuse(times: SentTimes, readable: datetime | None) -> str:
    if readable is not None:
        return CLAMPED
    return MISSING if _is_absent(times.timestamp) and _is_absent(times.original_timestamp) else UNREADABLE


def _read(value: Any) -> datetime | None:
    return None if value is None or value == "" else moment_in(value)


def _is_absent(value: Any) -> bool:
    return value is None or (type(value) is str and not value.strip())
