"""Business time: Monday to Friday, 9 to 17 by the clock of the place. Holidays are working days here."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MINUTES_A_DAY = 480
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class BusinessHours:
    zone: str = "UTC"
    opens: time = time(9)
    closes: time = time(17)


ALWAYS_UTC = BusinessHours()


def hours_in(zone: str) -> BusinessHours:
    """Business hours by the clock of this zone; an unknown zone counts as UTC."""
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        return ALWAYS_UTC
    return BusinessHours(zone)


def due_after(start: datetime, minutes: int, hours: BusinessHours = ALWAYS_UTC) -> datetime:
    """The moment, in UTC, at which so many minutes of business time have passed since `start`."""
    left = timedelta(minutes=minutes)
    for opens, closes in _spells(start, hours):
        begins = max(start, opens)
        if left <= closes - begins:
            return begins + left
        left -= closes - begins
    raise AssertionError("weeks do not end")


def _spells(start: datetime, hours: BusinessHours) -> Iterator[tuple[datetime, datetime]]:
    """The working days that end after `start`, each from opening to closing in UTC."""
    zone = ZoneInfo(hours.zone)
    day = start.astimezone(zone).date()
    while True:
        if day.weekday() < _SATURDAY:
            opens, closes = (_instant(day, clock, zone) for clock in (hours.opens, hours.closes))
            if closes > start:
                yield opens, closes
        day += timedelta(days=1)


def _instant(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, zone).astimezone(UTC)
