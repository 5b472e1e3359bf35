"""Requests and conversions of the past, found when a signal begins to mean their events.

Each is the moment that ingest would have written on arrival, under the same cause: whoever finds it second adds none.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from django.db import transaction

from plgcrm.common.sql import driver, execute, int4s, jsons, queries, texts, timestamptzs
from signals.ingest.immediate import immediate_facts
from signals.models import Category, Moment, PropertyMeaning, SignalDefinition
from signals.rules.matching import Matcher, parse_matches
from signals.rules.message_types import NAMED_BY_EVENT, NAMED_BY_NAME, NAMES, NUMBERS

SQL = queries("signals/sql/definitions.sql")
INGEST_SQL = queries("signals/sql/ingest.sql")
AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class PastMoment:
    """A request or conversion that was stored as an event like any other."""

    kind: str
    cause: str
    actor: int
    signal: int
    at: float  # seconds since 1970
    facts: bytes


@dataclass(frozen=True, slots=True)
class _Said:
    """What `immediate_facts` reads of a message."""

    name: str
    properties: bytes | None


def immediate_kind(category: Category) -> str:
    """The kind of moment that each event of such a signal is; "" for the many that only count as usage."""
    if category.raises_hand:
        return Moment.Kind.HAND_RAISED
    return Moment.Kind.CONVERTED if category.converts else ""


def past_moments(definition: SignalDefinition, *, since: datetime | None = None) -> Iterator[PastMoment]:
    """The moments among the events that came before a definition was made, and `since` then: later ones are told on
    arrival. None where its signal is neither a request nor a conversion."""
    kind = immediate_kind(definition.signal.category)
    if not kind:
        return
    matcher = Matcher(0)
    matcher.add(1, parse_matches(definition.matches))
    said_by = dict(PropertyMeaning.objects.filter(signal=definition.signal_id).values_list("slug", "paths"))
    for source, message_id, actor, call, name, properties, at in _messages(definition, since):
        blob = properties.encode() if properties else None
        if matcher.match(source, NAMES[call], name or "", blob):
            facts = immediate_facts(kind, _Said(name or "", blob), said_by)
            yield PastMoment(kind, f"{source}:{message_id}", actor, definition.signal_id, at, facts)


def _messages(definition: SignalDefinition, since: datetime | None) -> Iterator[tuple[Any, ...]]:
    clauses = parse_matches(definition.matches)
    every_name = any(clause.names is None for clause in clauses)
    params = {
        "kinds": sorted({n for n, label in NAMES.items() if any(label in clause.kinds for clause in clauses)}),
        "named_by_event": [NUMBERS[name] for name in NAMED_BY_EVENT],
        "named_by_name": [NUMBERS[name] for name in NAMED_BY_NAME],
        "names": None if every_name else sorted({name for clause in clauses for name in clause.names or ()}),
        "version": definition.since_version,
        "since": since,
    }
    with transaction.atomic(), psycopg.ServerCursor(driver(), "past_moments") as cursor:
        cursor.itersize = AT_ONCE
        cursor.execute(SQL["past_messages"], params)
        yield from cursor


def write_past_moments(found: Iterable[PastMoment]) -> int:
    """Keep those that are not known yet; how many those were."""
    moments, written = list(found), 0
    for start in range(0, len(moments), AT_ONCE):
        part = moments[start : start + AT_ONCE]
        written += execute(
            INGEST_SQL["tell_at_once"],
            [
                texts([each.kind for each in part]),
                texts([each.cause for each in part]),
                int4s([each.actor for each in part]),
                int4s([each.signal for each in part]),
                timestamptzs([each.at for each in part]),
                jsons([each.facts for each in part]),
            ],
        )
    return written
