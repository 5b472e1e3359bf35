"""What stands round every page: who looks, how much waits, how old the numbers are."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

FRESH_SECONDS = 15  # older than this is called late, not live


@dataclass(frozen=True, slots=True)
class Age:
    """Everything received before `as_of` is in the numbers."""

    seconds: int
    as_of: datetime

    @property
    def is_live(self) -> bool:
        return self.seconds <= FRESH_SECONDS


@dataclass(frozen=True, slots=True)
class PageFrame:
    viewer: Any
    waiting: int
    age: Age | None


def age_of(oldest_unscored_at: datetime | None, *, now: datetime) -> Age:
    as_of = min(oldest_unscored_at, now) if oldest_unscored_at else now
    return Age(int((now - as_of).total_seconds()), as_of)
