"""What a change would do to the queues, as pages and the API show it. Who knows queues says it: `connect`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from plgcrm.common.sql import scalar


@dataclass(frozen=True, slots=True)
class QueueLine:
    """What a change does to the items of one play on one team's queue."""

    play: str
    team: str
    opens: int
    closes: int


@dataclass(frozen=True, slots=True)
class EffectExample:
    """One item that would open or close, as a rep would see it."""

    account_id: int
    account: str
    play: str
    why_now: str


@dataclass(frozen=True, slots=True)
class QueueEffect:
    """What a change would do, as of now."""

    lines: list[QueueLine] = field(default_factory=list)
    opening: list[EffectExample] = field(default_factory=list)
    closing: list[EffectExample] = field(default_factory=list)
    held_back: dict[str, int] = field(default_factory=dict)  # what a guard says -> how many would wait for it
    in_hand: int = 0  # claimed items that lose their reason: their reps keep them
    old_requests: int = 0  # found, but too old for a queue
    conversions: int = 0  # found: they reach the report
    is_partial: bool = False  # too many events: only those that arrived lately were looked through for requests
    sampled: int = 0  # accounts that were looked at, where not all were
    accounts: int = 0

    @property
    def opens(self) -> int:
        return sum(line.opens for line in self.lines)

    @property
    def closes(self) -> int:
        return sum(line.closes for line in self.lines)

    @property
    def teams(self) -> list[str]:
        return sorted({line.team for line in self.lines})

    @property
    def waiting(self) -> int:
        return sum(self.held_back.values())


class SaysEffect(Protocol):
    """Makes a change, rolls it back, and says what it would do. What the change raises is raised."""

    def __call__(self, change: Callable[[], object], *, now: datetime) -> QueueEffect: ...


_connected: list[SaysEffect] = []


def connect(says: SaysEffect) -> None:
    """Whoever opens queue items says what a change would do to them."""
    _connected[:] = [says]


def queue_effect(change: Callable[[], object], *, now: datetime) -> QueueEffect:
    """What a change would do to the queues, as of now; nothing of it stays."""
    return _connected[0](change, now=now)


def is_live() -> bool:
    """Whether anything reaches a queue: before that a change has no effect that would have to be shown."""
    return bool(scalar("SELECT count(*) FROM signals_configuration WHERE live_since IS NOT NULL"))
