"""Months of events: made ahead, watched, and dropped when their time is over."""

import logging
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import transaction

from plgcrm.common import advisory
from plgcrm.common.cache import Remembered
from plgcrm.common.sql import execute, rows

log = logging.getLogger("plgcrm.partitions")
AHEAD = 3  # months
DEFAULT = "signals_event_default"
_ENSURED = Remembered[bool]()  # months that this process has looked for


def month_of(moment: datetime) -> datetime:
    """The first instant of the UTC month."""
    return moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def next_month(month: datetime) -> datetime:
    """The first instant of the month after."""
    return month_of(month + timedelta(days=32))


def name_of(month: datetime) -> str:
    """The table that holds the events of a month."""
    return f"signals_event_{month:%Y_%m}"


def ensure_ahead(now: datetime) -> list[str]:
    """Make the partitions of this month and the next ones; the names of those that were missing."""
    months = [month_of(now)]
    for _ in range(AHEAD):
        months.append(next_month(months[-1]))
    return [name_of(month) for month in months if ensure(month)]


def ensure_once(month: datetime) -> None:
    """`ensure`, remembered by this process: for the path of every event."""
    _ENSURED.get(lambda: ensure(month), month)


@transaction.atomic
def ensure(month: datetime) -> bool:
    """Make one month's partition, with what the default partition held of it; whether it was missing."""
    name = name_of(month)
    if rows("SELECT 1 FROM pg_class WHERE relname = %s", [name]):
        return False
    rows("SELECT pg_advisory_xact_lock(%s)", [advisory.PARTITIONS])
    if rows("SELECT 1 FROM pg_class WHERE relname = %s", [name]):
        return False
    bounds = [month.isoformat(), next_month(month).isoformat()]
    # Made apart, filled and indexed first: attaching then only checks, and ingest waits for milliseconds.
    execute(f"CREATE TABLE {name} (LIKE signals_event INCLUDING DEFAULTS)")
    moved = execute(
        f"WITH gone AS (DELETE FROM {DEFAULT} WHERE received_at >= %s AND received_at < %s RETURNING *)"
        f" INSERT INTO {name} SELECT * FROM gone",
        bounds,
    )
    execute(f"CREATE UNIQUE INDEX {name}_message ON {name} (source_id, message_id)")
    execute(f"ALTER TABLE signals_event ATTACH PARTITION {name} FOR VALUES FROM ('{bounds[0]}') TO ('{bounds[1]}')")
    log.info("partition made name=%s moved_from_default=%s", name, moved)
    return True


def months() -> list[datetime]:
    """The months that have a partition, oldest first."""
    found = rows(
        "SELECT relname FROM pg_class JOIN pg_inherits ON inhrelid = oid"
        " WHERE inhparent = 'signals_event'::regclass AND relname ~ '_\\d{4}_\\d\\d$'"
    )
    return sorted(datetime.strptime(name[-7:], "%Y_%m").replace(tzinfo=UTC) for (name,) in found)


def default_rows(limit: int = 1000) -> int:
    """Events in the default partition, counted to `limit`: any at all is an alarm, for nobody made their month."""
    return int(rows(f"SELECT count(*) FROM (SELECT 1 FROM {DEFAULT} LIMIT %s) AS found", [limit])[0][0])


def oldest_kept(now: datetime) -> datetime:
    """The first month whose events are still there."""
    oldest = month_of(now)
    for _ in range(settings.EVENT_RETENTION_MONTHS):
        oldest = month_of(oldest - timedelta(days=1))
    return oldest


def drop_old(now: datetime) -> list[str]:
    """Drop the months that are past retention; their names. Usage stays: it is counted already."""
    # Whole months only: dropping a table frees space at once, where deleting rows would leave a vacuum to do.
    oldest = oldest_kept(now)
    dropped = [name_of(month) for month in months() if month < oldest]
    for name in dropped:
        execute(f"DROP TABLE {name}")
        log.info("partition dropped name=%s", name)
    return dropped
