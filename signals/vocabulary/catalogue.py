"""Everything that arrives, by name: counted from stored events beside ingest, which does nothing for it.

A look counts what came since the last one. What arrived at least MARGIN ago is counted once for good; the open end is
counted again each time, so that a message that was being stored is never missed. History that comes into past days
marks them in its own transaction, and they are counted whole again. One worker looks at a time; repeating is harmless.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from time import monotonic
from typing import Any

from django.db import transaction
from django.db.models import F
from psycopg.types.json import Jsonb

from plgcrm.common.sql import execute, queries, records, rows, scalar
from signals.models import CatalogueKey, CatalogueSource, EventName
from signals.vocabulary.sampling import MAX_SAMPLES, SampledSource, SeenKey, look_at

SQL = queries("signals/sql/catalogue.sql")
MARGIN = timedelta(minutes=10)  # no message takes so long from its arrival to its commit
STEP = timedelta(hours=6)  # settled in one statement, where a worker comes back after long
DAYS_A_LOOK = 20
SECONDS_A_LOOK = 5.0
MOST_SAMPLED, EACH_SAMPLED = 5_000, 20  # newest arrivals of which, and how many messages of each name
SAMPLED_BACK = timedelta(hours=1)  # after a long silence of ours, the last hour says enough
MAX_PROPERTIES = 250  # of one event name
MAX_KEYS = 5_000  # of one source, properties and traits
KEPT_DAYS = 400


@dataclass(frozen=True, slots=True)
class LookCounts:
    """What a look counted and sampled."""

    settled: int = 0
    recent: int = 0
    days: int = 0
    sampled: int = 0


def look(now: datetime) -> LookCounts:
    """Count and sample what arrived since the last look, for some seconds; nothing where another worker does."""
    execute(SQL["begin"], {"until": now - MARGIN})
    started, settled = monotonic(), 0
    while True:
        counts, whole = _look_once(now)
        settled += counts.settled
        if whole or monotonic() - started > SECONDS_A_LOOK:
            return LookCounts(settled, counts.recent, counts.days, counts.sampled)


@transaction.atomic
def _look_once(now: datetime) -> tuple[LookCounts, bool]:
    """One step; and whether everything is counted now."""
    claimed = rows(SQL["claim_state"])
    if not claimed:
        return LookCounts(), True
    [(since, sampled_until)] = claimed
    until = min(max(since, now - MARGIN), since + STEP)
    settled = scalar(SQL["settle"], {"from": since, "until": until})
    execute(SQL["move_on"], [until])
    if until < now - MARGIN:
        return LookCounts(settled=settled), False
    days = rows(SQL["claim_days"], [DAYS_A_LOOK])
    for source, day in days:
        _count_day(source, day, until)
    execute(SQL["forget_recent"])
    recent = scalar(SQL["count_recent"], {"from": until})
    sampled = _sample(since=max(sampled_until, now - SAMPLED_BACK), until=now)
    execute("UPDATE signals_cataloguestate SET sampled_until = %s WHERE id = 1", [max(sampled_until, now)])
    return LookCounts(settled, recent, len(days), sampled), len(days) < DAYS_A_LOOK


def _count_day(source: int, day: date, until: datetime) -> None:
    first = datetime.combine(day, time(), UTC)
    span = {"from": first, "to": first + timedelta(days=1), "until": until, "source": source, "day": day}
    scalar(SQL["count_day"], span)
    _sample(since=first, until=first + timedelta(days=1), source=source)


def _sample(*, since: datetime, until: datetime, source: int | None = None) -> int:
    """Look at some messages of a span; how many."""
    params = {"from": since, "until": until, "source": source, "most": MOST_SAMPLED, "each": EACH_SAMPLED}
    found: dict[int, SampledSource] = defaultdict(SampledSource)
    messages = records(SQL["sample"], params)
    for each in messages:
        look_at(found[each["source_id"]], each["kind"], each["name_id"], each["received_at"], each["payload"])
    for source_id, sampled in found.items():
        _take_in(source_id, sampled)
    return len(messages)


def _take_in(source: int, sampled: SampledSource) -> None:
    for name, count in sampled.names.items():
        EventName.objects.filter(pk=name).update(sampled=F("sampled") + count)
    known = {(key.holder, key.event_name_id, key.path): key for key in CatalogueKey.objects.filter(source=source)}
    properties: dict[int | None, int] = defaultdict(int)
    for key in known.values():
        properties[key.event_name_id] += key.event_name_id is not None
    left_out = 0
    for place, seen in sampled.keys.items():
        new = place not in known
        if new and (len(known) >= MAX_KEYS or (place[1] is not None and properties[place[1]] >= MAX_PROPERTIES)):
            left_out += 1
            continue
        known[place] = _write(source, place, seen, known.get(place))
        properties[place[1]] += new and place[1] is not None
    about, _ = CatalogueSource.objects.get_or_create(source_id=source)
    CatalogueSource.objects.filter(pk=about.pk).update(
        people_sampled=F("people_sampled") + sampled.people,
        workspaces_sampled=F("workspaces_sampled") + sampled.workspaces,
        keys_left_out=left_out or F("keys_left_out"),
    )


def _write(source: int, place: tuple[str, int | None, str], seen: SeenKey, known: CatalogueKey | None) -> Any:
    holder, name, path = place
    types = {kind: count + (known.types.get(kind, 0) if known else 0) for kind, count in seen.types.items()}
    samples = list(dict.fromkeys([*(known.samples if known else []), *seen.values]))[:MAX_SAMPLES]
    execute(
        SQL["take_in"],
        {
            "source": source,
            "holder": holder,
            "name": name,
            "path": path,
            "types": Jsonb((known.types if known else {}) | types),
            "samples": Jsonb(samples),
            "seen": seen.seen,
            "first": seen.first,
            "last": seen.last,
        },
    )
    return known or CatalogueKey(source_id=source, holder=holder, event_name_id=name, path=path)


def forget_old_days(today: date) -> int:
    """Remove the counts of days past keeping; how many rows went."""
    return execute(SQL["forget_days"], [today - timedelta(days=KEPT_DAYS)])
