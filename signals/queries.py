"""Figures of the pipeline, read from counts that are kept as events come in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Q, Sum
from django.utils import timezone

from accounts.models import Account, Person
from plgcrm.common import sql
from plgcrm.common.cache import Remembered
from signals.models import Event, Tally


@dataclass(frozen=True, slots=True)
class PipelineFigures:
    """How much came in, and how far behind scoring is.

    events: messages stored, each once, since the beginning (also those that retention has dropped since)
    duplicates: messages that came again and were not stored again
    failed: messages that became a FailedEvent
    people: persons known, each once however many rows were merged into one; excluded ones too
    excluded_people: those of them that an exclusion keeps out of every measure
    accounts: companies known
    unscored: marks of the scorer's work that waits; several may speak of one account
    lag_seconds: age of the oldest such mark, 0 where none waits
    oldest_unscored_seconds: the same, None where none waits
    events_last_minute: messages received in the last 60 seconds
    default_partition_rows: events that no month's partition took; anything but 0 is an alarm
    last_event_at: when the newest event was received
    """

    events: int
    duplicates: int
    failed: int
    people: int
    excluded_people: int
    accounts: int
    unscored: int
    lag_seconds: float
    oldest_unscored_seconds: float | None
    events_last_minute: int
    default_partition_rows: int
    last_event_at: datetime | None


def pipeline_figures(now: datetime | None = None, *, known: dict[str, int] | None = None) -> PipelineFigures:
    """A handful of short queries; none of them reads more than the last hour of events."""
    now = now or timezone.now()
    waiting, marked_at = sql.rows(
        # Marks hold many accounts each, so the sum over their arrays says how much work waits, not the count of rows.
        "SELECT coalesce(sum(cardinality(actors) + cardinality(accounts)), 0)::int, min(at) FROM accounts_dirtymark"
    )[0]
    oldest = max(0.0, (now - marked_at).total_seconds()) if marked_at else None
    return PipelineFigures(
        **_tallied(),
        **(known or count_known()),
        unscored=waiting,
        lag_seconds=oldest or 0.0,
        oldest_unscored_seconds=oldest,
        events_last_minute=Event.objects.filter(received_at__gt=now - timedelta(minutes=1)).count(),
        default_partition_rows=sql.rows("SELECT count(*) FROM signals_event_default")[0][0],
        last_event_at=_last_event_at(),
    )


_KNOWN = Remembered[dict[str, int]](seconds=10)


def lately_known() -> dict[str, int]:
    """For a page: counting a hundred thousand people takes tens of milliseconds."""
    return _KNOWN.get(count_known)


def count_known() -> dict[str, int]:
    """People, those of them who are excluded, and accounts."""
    people = Person.objects.filter(merged_into=None)
    found = people.aggregate(people=Count("pk"), excluded_people=Count("pk", filter=~Q(excluded_by="")))
    return found | {"accounts": Account.objects.filter(joined_into=None).count()}


def _tallied() -> dict[str, int]:
    sums = Tally.objects.aggregate(
        events=Sum("accepted", default=0), duplicates=Sum("duplicates", default=0), failed=Sum("failed", default=0)
    )
    return dict(sums)


def _last_event_at() -> datetime | None:
    """Events are found by arrival only roughly (BRIN), so look into the last hour that had any."""
    # The hourly figures say where to look; without them the newest event would be a scan of every partition.
    hour: datetime | None = Tally.objects.filter(accepted__gt=0).aggregate(last=Max("hour"))["last"]
    if hour is None:
        return None
    last: dict[str, Any] = Event.objects.filter(received_at__gte=hour).aggregate(last=Max("received_at"))
    return last["last"] or hour
