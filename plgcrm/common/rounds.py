"""Most rounds of a worker look only at what is recent, which costs a few look-ups in an index; now and then one looks
at all, so that nothing stays behind whatever happened to a worker."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic

from plgcrm.common.cache import forgotten_with_all

RECENT = timedelta(minutes=5)
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_ALL_MINUTES = 100_000_000  # some centuries, and still an interval to Postgres


@dataclass(frozen=True, slots=True)
class Round:
    """How far back one round looks."""

    thorough: bool

    @property
    def minutes(self) -> int:
        return _ALL_MINUTES if self.thorough else int(RECENT.total_seconds()) // 60

    def since(self, now: datetime) -> datetime:
        return BEGINNING if self.thorough else now - RECENT


class Rounds:
    """The rounds of one stage in this process: the first is thorough, and then one every so many seconds."""

    def __init__(self, *, seconds: float, clock: Callable[[], float] = monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._last_thorough: float | None = None
        forgotten_with_all(self.look_at_all)

    def next(self) -> Round:
        now = self._clock()
        thorough = self._last_thorough is None or now - self._last_thorough >= self._seconds
        if thorough:
            self._last_thorough = now
        return Round(thorough)

    def look_at_all(self) -> None:
        """Have the next round look at all: there is more than one round can take, and nobody must wait for it."""
        self._last_thorough = None
