"""What was done together is named by when it was done: microseconds since 1970, in addresses and for undo."""

from datetime import UTC, datetime, timedelta

EPOCH = datetime.fromtimestamp(0, UTC)
UNDO_SECONDS = 10


def batch_of(now: datetime) -> int:
    return (now - EPOCH) // timedelta(microseconds=1)


def time_of(batch: int) -> datetime:
    """When it was done; 1970 for what is no batch."""
    try:
        return EPOCH + timedelta(microseconds=batch)
    except OverflowError:
        return EPOCH


def may_be_undone(batch: int, *, now: datetime) -> bool:
    return timedelta(0) <= now - time_of(batch) <= timedelta(seconds=UNDO_SECONDS)
