"""Dates and times as clients send them in traits: ISO 8601, or seconds, milliseconds or microseconds since 1970."""

from datetime import UTC, datetime

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)  # before it, a date is a client's zero
LATEST = datetime(2100, 1, 1, tzinfo=UTC)
_SCALES = (1, 1_000, 1_000_000)


def read_moment(text: str, number: float | None = None) -> datetime | None:
    """The time that a trait's value says, in UTC; None where it says none, or one that cannot be meant."""
    found = _of_number(number) if number is not None else _of_text(text)
    return found if found is not None and EARLIEST <= found < LATEST else None


def _of_number(number: float) -> datetime | None:
    low, high = EARLIEST.timestamp(), LATEST.timestamp()
    scale = next((scale for scale in _SCALES if low <= number / scale < high), None)
    return None if scale is None else datetime.fromtimestamp(number / scale, UTC)


def _of_text(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
