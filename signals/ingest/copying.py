"""Events as rows of Postgres' binary COPY, the cheapest way in: a third less work there than INSERT from arrays."""

from collections.abc import Sequence
from dataclasses import dataclass
from struct import Struct

import psycopg

from plgcrm.common.sql import EPOCH_MICROSECONDS, driver
from signals.ingest.wire import WireMessage

COPY = (
    "COPY signals_event (source_id, signals_version, message_id, actor_id, kind, clock, timestamp, received_at,"
    " name_id, payload) FROM STDIN (FORMAT BINARY)"
)
HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
END = b"\xff\xff"
# Each value stands behind its length. First how many columns there are, then the source, the version and a length.
_BEFORE_ID = Struct(">hiiiii").pack
_NUMBERS = Struct(">iiihihiqiq").pack
_NAME = Struct(">iii").pack  # and the length of the payload
_NO_NAME = Struct(">ii").pack


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event with all that was found out about it. Times are seconds since 1970."""

    message: WireMessage
    actor: int
    kind: int
    clock: int
    name: int | None
    at: float
    received: float


def copy_events(source: int, version: int, rows: Sequence[EventRow]) -> None:
    """Store them all, or raise psycopg's UniqueViolation when one of them was stored before."""
    parts = [HEADER]
    for row in rows:
        message_id, payload = row.message.message_id.encode(), row.message.raw
        parts.append(_BEFORE_ID(10, 4, source, 4, version, len(message_id)))
        parts.append(message_id)
        parts.append(
            _NUMBERS(4, row.actor, 2, row.kind, 2, row.clock, 8, _microseconds(row.at), 8, _microseconds(row.received))
        )
        named = row.name is not None
        parts.append(_NAME(4, row.name, len(payload)) if named else _NO_NAME(-1, len(payload)))
        parts.append(payload)
    parts.append(END)
    with psycopg.Cursor(driver()) as cursor, cursor.copy(COPY) as copy:
        copy.write(b"".join(parts))


def _microseconds(seconds: float) -> int:
    return round(seconds * 1_000_000) - EPOCH_MICROSECONDS
