"""The catalogue as pages and suggestions read it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

from plgcrm.common.sql import queries, records, rows_as
from signals.models import CatalogueKey, CatalogueSource, EventName
from signals.rules.message_types import NAMES
from signals.vocabulary.entries import Arrivals, EventEntry, KeyEntry, TraitEntry
from signals.vocabulary.naming import alike

SQL = queries("signals/sql/catalogue.sql")
MAX_NAMES = 2_000  # of events, catalogued per source: signals.ingest.store.MAX_NAMES
SATURDAY = 6


@dataclass(slots=True)
class ArrivedName:
    """An event name of one source, with what arrived in 30 and 7 days and today. `kind` as messages store it."""

    id: int
    source_id: int
    source: str
    kind: int
    name: str
    first_seen_at: datetime
    last_seen_at: datetime | None
    hidden: bool
    sampled: int
    month: int
    week: int
    today: int
    means: str = field(default="", init=False)  # for pages: the signals that it is

    @property
    def call(self) -> str:
        return NAMES[self.kind]


@dataclass(frozen=True, slots=True)
class SilentName:
    """A name that came daily and stopped."""

    id: int
    source: str
    call: str
    name: str
    last_seen_at: datetime


@dataclass(slots=True)
class NameGroup:
    """Names that look alike, the most frequent first."""

    names: list[ArrivedName] = field(default_factory=list)

    @property
    def month(self) -> int:
        return sum(name.month for name in self.names)


def arrived_names(now: datetime) -> list[ArrivedName]:
    """All names that are not evicted, the most frequent of 30 days first."""
    return rows_as(ArrivedName, SQL["names"], {"today": now.astimezone(UTC).date()})


def grouped(names: Iterable[ArrivedName]) -> list[NameGroup]:
    """Spellings of one name together, by volume."""
    groups: dict[tuple[int, str], NameGroup] = defaultdict(NameGroup)
    for name in names:
        groups[name.kind, alike(name.name)].names.append(name)
    return sorted(groups.values(), key=lambda group: (-group.month, group.names[0].name))


def silent_names(now: datetime) -> list[SilentName]:
    """Names that came on ten of fourteen days and then for longer not than ever in these: the latest to stop first.

    A name that comes on working days only is missed on those days only.
    """
    found = records(SQL["regular"], {"now": now})
    return [
        SilentName(each["id"], each["source"], NAMES[each["kind"]], each["name"], each["last_seen_at"])
        for each in found
        if _is_missed(each["last_seen_at"], each["days"], now)
    ]


def _is_missed(last_seen_at: datetime, days: Sequence[date], now: datetime) -> bool:
    last, today = last_seen_at.astimezone(UTC).date(), now.astimezone(UTC).date()
    at_weekends = any(day.isoweekday() >= SATURDAY for day in days)
    silent = _days_between(last, today, at_weekends)
    longest = max(_days_between(one, other, at_weekends) for one, other in pairwise([*sorted(days), last]))
    return silent > longest or (at_weekends and not longest and now - last_seen_at >= timedelta(days=1))


def _days_between(one: date, other: date, at_weekends: bool) -> int:
    """The whole days between two, without weekends where nothing is expected then."""
    days = (one + timedelta(days=n) for n in range(1, (other - one).days))
    return sum(at_weekends or day.isoweekday() < SATURDAY for day in days)


def full_sources() -> list[str]:
    """Sources whose names or keys found no room in the catalogue."""
    counts: dict[str, int] = defaultdict(int)
    for name in EventName.objects.filter(evicted=False).values_list("source__name", flat=True):
        counts[name] += 1
    left_out = CatalogueSource.objects.filter(keys_left_out__gt=0).values_list("source__name", flat=True)
    return sorted({name for name, count in counts.items() if count >= MAX_NAMES} | set(left_out))


def arrivals(now: datetime) -> Arrivals:
    """What suggestions are made from: every name and key that arrives and is not hidden, of all sources together."""
    names = [name for name in arrived_names(now) if not name.hidden]
    keys = list(CatalogueKey.objects.filter(source__isnull=False).order_by("path", "pk"))
    of_events: dict[int, list[CatalogueKey]] = defaultdict(list)
    for key in keys:
        if key.event_name_id:
            of_events[key.event_name_id].append(key)
    merged: dict[tuple[str, str], list[ArrivedName]] = defaultdict(list)
    for name in names:
        merged[name.call, name.name].append(name)
    events = tuple(_event(call, name, several, of_events) for (call, name), several in merged.items())
    return Arrivals(events, tuple(_traits([key for key in keys if key.holder != CatalogueKey.Holder.EVENT])))


def _event(call: str, name: str, several: list[ArrivedName], of_events: dict[int, list[CatalogueKey]]) -> EventEntry:
    paths: dict[str, list[CatalogueKey]] = defaultdict(list)
    for each in several:
        for key in of_events[each.id]:
            paths[key.path].append(key)
    sampled = sum(each.sampled for each in several)
    properties = tuple(_entry(path, found, sampled) for path, found in paths.items())
    return EventEntry(name, call, sum(each.month for each in several), properties)


def _traits(keys: list[CatalogueKey]) -> list[TraitEntry]:
    sampled: dict[str, int] = defaultdict(int)
    for about in CatalogueSource.objects.all():
        sampled["person"] += about.people_sampled
        sampled["workspace"] += about.workspaces_sampled
    found: dict[tuple[str, str], list[CatalogueKey]] = defaultdict(list)
    for key in keys:
        found[key.holder, key.path].append(key)
    return [
        TraitEntry("person" if holder == "person" else "workspace", _entry(path, several, sampled[holder]))
        for (holder, path), several in found.items()
    ]


def _entry(path: str, keys: list[CatalogueKey], sampled: int) -> KeyEntry:
    samples: dict[str, Any] = {str(text): None for key in keys for text in key.samples}
    types = frozenset(kind for key in keys for kind in key.types)
    seen = sum(key.seen for key in keys)
    return KeyEntry(path, types, min(1.0, seen / sampled) if sampled else 1.0, tuple(samples))
