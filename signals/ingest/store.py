"""Checked messages become rows: events, usage and marks in one transaction, exactly once."""

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from math import inf
from typing import Any

import psycopg
from django.db import transaction

from accounts.identity.cache import actors_of, forget_actors, known_version
from plgcrm.common import advisory
from plgcrm.common.cache import Learned
from plgcrm.common.known import day_known, learning_on
from plgcrm.common.sql import dates, driver, execute, int2s, int4s, jsons, queries, rows, texts, timestamptzs
from signals.ingest.clashes import clashes_among, differing
from signals.ingest.clock import CLOCKS, OF_ARRIVAL
from signals.ingest.copying import EventRow, copy_events
from signals.ingest.flood import Caller, hold, too_many
from signals.ingest.immediate import immediate_facts
from signals.ingest.keys import browser_sources
from signals.ingest.order import in_order
from signals.ingest.partitions import ensure_once, month_of
from signals.ingest.wire import Rejected, WireMessage
from signals.models import Moment
from signals.rules.matching import Matcher
from signals.rules.message_types import NUMBERS
from signals.vocabulary.definitions import EPOCH, current_matcher, note_first_seen
from signals.vocabulary.kept_properties import KeptProperties
from signals.vocabulary.late_usage import LateKey, add_late_usage

SQL = queries("signals/sql/ingest.sql")
CATALOGUE = queries("signals/sql/catalogue.sql")
VOCABULARY_SQL = queries("signals/sql/vocabulary.sql")
MAX_NAMES = 2_000  # of events, catalogued per source
CLOCK_TRUST = timedelta(hours=1)  # a client's clock may be this far ahead and its message still be new this month
DAY = 86_400
LATE = timedelta(minutes=5)  # what arrived longer ago than it is stored is history; catalogue.MARGIN is longer
FAR = 2**31  # a day after all days
HAND_RAISED = Moment.Kind.HAND_RAISED.value
SLOTS = 32  # rows an hour's figures are spread over, so that processes do not wait for one another

_names = Learned[tuple[int, int, str], int]()  # MAX_NAMES of each source bound it
_listening = Learned[int, float]()  # source -> since when at the latest, in seconds since 1970
_LOCK_SIGNALS = SQL["lock_signals"].format(lock=advisory.MEANINGS)


class StaleActorsError(Exception):
    """Identities were taken away since the batch was prepared; prepare it again."""


class ImportUndoneError(Exception):
    """The import that brings these messages is being undone; nothing of them is stored."""


@dataclass(slots=True)
class Batch:
    """Messages of one source ready to be stored, with what was found out about each."""

    source_id: int
    messages: list[WireMessage]
    received: list[datetime]
    run: int | None = None  # the import that brings them
    caller: Caller | None = None  # who called, where it was a client
    differing: list[WireMessage] = field(default_factory=list)  # of the same call, under an id of another
    version: int = 0  # of the identities
    actors: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    known: list[int] = field(default_factory=list)  # the day, since 1970, on which we knew of each
    names: list[int | None] = field(default_factory=list)
    definitions: list[tuple[int, ...]] = field(default_factory=list)

    def row(self, place: int) -> EventRow:
        message, received = self.messages[place], self.received[place].timestamp()
        kind, clock = NUMBERS[message.kind], CLOCKS[message.clock]
        return EventRow(message, self.actors[place], kind, clock, self.names[place], self.seconds[place], received)


def prepare(
    source_id: int,
    messages: Sequence[WireMessage],
    received: Sequence[datetime],
    *,
    run: int | None = None,
    known_day: date | None = None,
) -> Batch:
    """Find out what storing needs: partitions, actors, names. What it learns is committed before the events are,
    and harmless without them. `known_day`: since when they are known, where that is not the day of arrival."""
    batch = _unique(source_id, in_order(messages), received)
    batch.run = run
    # A file's own times of arrival are somebody else's: what is imported is known from today on.
    batch.known = _known_days(batch, day_known() if known_day is None and run is not None else known_day)
    # Outside of the transaction that stores: making a partition locks the table, and nobody shall wait for our commit.
    for month in {month_of(moment) for moment in set(batch.received)}:
        ensure_once(month)
    batch.version = known_version(run)
    last_known = EPOCH + timedelta(days=max(batch.known, default=0))
    batch.actors = actors_of(source_id, batch.messages, run=run, browsers=browser_sources(), known_day=last_known)
    batch.names = _names_of(batch)
    if batch.messages:
        _note_listening(source_id, min(batch.received).timestamp(), last_known)
    return batch


def _known_days(batch: Batch, known_day: date | None) -> list[int]:
    if known_day is not None:
        return [(known_day - EPOCH).days] * len(batch.messages)
    days = {moment: (day_known(moment) - EPOCH).days for moment in set(batch.received)}
    return [days[moment] for moment in batch.received]


def _note_listening(source_id: int, arrived: float, known: date) -> None:
    """The first arrival from a source says since when we listen to it."""
    if arrived < _listening.get(source_id, inf):
        with transaction.atomic():
            learning_on(known)
            execute(VOCABULARY_SQL["first_event_of_source"], {"source": source_id, "at": arrived})
        _listening.learn({source_id: arrived})


@dataclass(frozen=True, slots=True)
class Stored:
    accepted: int
    clashes: list[Rejected]  # other messages under ids that are taken


def store(batch: Batch, *, received_at: datetime, sent: int, failed: int, repeated: bool = False) -> Stored:
    """Store the messages that are new, with their usage and marks; how many those were, and which are no repetitions.

    `sent` and `failed` are for the source's figures. Runs in the caller's transaction; raises on database error,
    and UniqueViolation when some message was stored before: then call it again, saying that some are `repeated`.
    Raises StaleActorsError where an import was undone since the batch was prepared.
    """
    new: Sequence[int] = []
    clashes: list[Rejected] = []
    if batch.messages:
        matcher = _locked_matcher(batch)
        batch.definitions = [matcher.match(batch.source_id, m.kind, m.name, m.properties) for m in batch.messages]
        new = _insert(batch, matcher.version, repeated=repeated)
        clashes = _clashes(batch, new)
        _note_imported(batch, new)
        _tell_at_once(batch, new, matcher)
        if matcher.wanted:
            _keep_properties(batch, new, matcher)
    counts = _count(batch, new, received_at, sent - len(clashes), failed + len(clashes))
    if new and min(batch.received) < received_at - LATE:
        _ask_again(batch, new, received_at)
    if batch.messages:
        _note_first_seen(batch, counts, matcher)
    return Stored(len(new), clashes)


def _clashes(batch: Batch, new: Sequence[int]) -> list[Rejected]:
    if len(new) == len(batch.messages) and not batch.differing:
        return []
    stored = set(new)
    again = [m for place, m in enumerate(batch.messages) if place not in stored]
    return clashes_among(batch.source_id, [*again, *batch.differing], is_import=batch.run is not None)


def _ask_again(batch: Batch, new: Sequence[int], received_at: datetime) -> None:
    """Have the catalogue count those days again into which history came."""
    days = {int(batch.received[i].timestamp() // DAY) for i in new if batch.received[i] < received_at - LATE}
    execute(CATALOGUE["ask_again"], [batch.source_id, dates(sorted(days))])


def _locked_matcher(batch: Batch) -> Matcher:
    """The meaning of the signals, which nobody changes until the transaction ends."""
    with psycopg.Cursor(driver()) as cursor:
        # Two statements in one message: the second sees what was committed while the first waited.
        cursor.execute(_LOCK_SIGNALS)
        cursor.nextset()
        [(version, identities)] = cursor.fetchall()
    if identities != batch.version:
        forget_actors()
        raise StaleActorsError
    matcher = current_matcher()
    return matcher if matcher.version == version else current_matcher(refresh=True)


def _unique(source_id: int, messages: Sequence[WireMessage], received: Sequence[datetime]) -> Batch:
    """One of each message id, in the order of ids: two writers of the same ids never wait in a circle."""
    first: dict[str, int] = {}
    for i, message in enumerate(messages):
        first.setdefault(message.message_id, i)
    chosen = [first[message_id] for message_id in sorted(first)]
    batch = Batch(source_id, [messages[i] for i in chosen], [received[i] for i in chosen])
    if len(chosen) < len(messages):
        batch.differing = differing(messages)
    batch.seconds = [m.timestamp.timestamp() for m in batch.messages]
    return batch


def _names_of(batch: Batch) -> list[int | None]:
    keys = [(batch.source_id, NUMBERS[m.kind], m.name) if m.name else None for m in batch.messages]
    missing = {key for key in keys if key is not None and key not in _names}
    if missing:
        ordered = sorted(missing)
        params: dict[str, Any] = {
            "source": batch.source_id,
            "kinds": int2s([k[1] for k in ordered]),
            "limit": MAX_NAMES,
        }
        params |= {"at": min(batch.received) if batch.run is None else datetime.now(UTC)}
        found = rows(SQL["event_names"], params | {"names": texts([k[2] for k in ordered])})
        # Beyond the source's limit there is no number; the event keeps its name in the payload.
        _names.learn({(batch.source_id, kind, name): id_ for id_, kind, name in found})
    return [_names.get(key) if key is not None else None for key in keys]


def _stored_before(batch: Batch) -> set[str]:
    """Message ids that another month's partition holds; in its own month the unique index finds them.

    A message cannot have come before it was made, so of those that arrive now only the ones made before this
    month are looked up, and those whose clock says nothing. History may have come later already: all are.
    """
    month = month_of(max(batch.received))
    if min(batch.received) < month_of(datetime.now(UTC)):
        doubtful, until = [m.message_id for m in batch.messages], None
    else:
        horizon, until = month + CLOCK_TRUST, month
        doubtful = [m.message_id for m in batch.messages if m.timestamp < horizon or m.clock in OF_ARRIVAL]
    # The common case: a live batch probes no other month at all.
    if not doubtful:
        return set()
    return {row[0] for row in rows(SQL["stored_before"], [batch.source_id, texts(doubtful), until, until])}


def _insert(batch: Batch, version: int, *, repeated: bool) -> Sequence[int]:
    """Store what is new; the places of those messages. Nearly always that is all of them, and COPY takes them."""
    old = _stored_before(batch)
    keep = [i for i, m in enumerate(batch.messages) if m.message_id not in old] if old else range(len(batch.messages))
    if not repeated:
        copy_events(batch.source_id, version, [batch.row(i) for i in keep])
        return keep
    inserted = {message_id for (message_id,) in _insert_new(batch, version, keep)}
    return [i for i in keep if batch.messages[i].message_id in inserted]


def _note_imported(batch: Batch, new: Sequence[int]) -> None:
    """Which messages are there only because imports brought them. A live batch speaks of repetitions alone."""
    came_again = len(new) < len(batch.messages)
    if batch.run is None and not came_again:
        return
    stored = {batch.messages[i].message_id for i in new}
    params = {"source": batch.source_id, "run": batch.run}
    again = texts([m.message_id for m in batch.messages if m.message_id not in stored]) if came_again else None
    if batch.run is None:
        execute(SQL["came_live_too"], params | {"again": again})
        return
    # Undo waits for this transaction, and what comes after it is refused.
    if not rows(SQL["not_undone"], [batch.run]):
        raise ImportUndoneError
    execute(SQL["imported"], params | {"stored": texts(sorted(stored)), "known": day_known()})
    if came_again:
        execute(SQL["imported_too"], params | {"again": again})


def _insert_new(batch: Batch, version: int, keep: Sequence[int]) -> list[tuple[Any, ...]]:
    chosen = [batch.row(i) for i in keep]
    params = {
        "source": batch.source_id,
        "version": version,
        "message_ids": texts([row.message.message_id for row in chosen]),
        "actors": int4s([row.actor for row in chosen]),
        "kinds": int2s([row.kind for row in chosen]),
        "clocks": int2s([row.clock for row in chosen]),
        "names": int4s([row.name for row in chosen]),
        "at": timestamptzs([row.at for row in chosen]),
        "received": timestamptzs([row.received for row in chosen]),
        "payloads": jsons([row.message.raw for row in chosen]),
    }
    return rows(SQL["insert_events"], params)


def _count(
    batch: Batch, new: Sequence[int], received_at: datetime, sent: int, failed: int
) -> Counter[tuple[int, int, int]]:
    """Usage and a touched mark of the events that were really stored, and the source's figures."""
    counts: Counter[tuple[int, int, int]] = Counter()
    late: Counter[LateKey] = Counter()
    for i in new:
        actor, day, known = batch.actors[i], int(batch.seconds[i] // DAY), batch.known[i]
        for definition in batch.definitions[i]:
            counts[actor, day, definition] += 1
            if day < known:
                late[actor, day, definition, known] += 1
    keys = sorted(counts)
    params = {
        "actors": int4s([key[0] for key in keys]),
        "days": dates([key[1] for key in keys]),
        "definitions": int4s([key[2] for key in keys]),
        "counts": int4s([counts[key] for key in keys]),
        "touched": int4s(sorted({batch.actors[i] for i in new})),
        "source": batch.source_id,
        "received_at": received_at,
        "slot": os.getpid() % SLOTS,
        "accepted": len(new),
        # Repetitions inside the batch count too: `sent` is what the client gave us.
        "duplicates": sent - len(new),
        "failed": failed,
    }
    execute(SQL["count_batch"], params)
    add_late_usage(late)
    return counts


def _note_first_seen(batch: Batch, counts: Iterable[tuple[int, int, int]], matcher: Matcher) -> None:
    first: dict[int, int] = {}
    known = matcher.first_days
    for _, day, definition in counts:
        if day < known.get(definition, FAR) and day < first.get(definition, FAR):
            first[definition] = day
    if first:
        note_first_seen(first, known=max(batch.known))
        known.update(first)


def _keep_properties(batch: Batch, new: Sequence[int], matcher: Matcher) -> None:
    """What definitions want kept of the events that were really stored."""
    kept = KeptProperties()
    for i in new:
        for definition in batch.definitions[i]:
            if definition in matcher.wanted:
                wanted = matcher.wanted[definition]
                properties = batch.messages[i].properties
                kept.add(batch.known[i], batch.actors[i], batch.seconds[i], definition, wanted, properties)
    kept.store()


def _tell_at_once(batch: Batch, new: Sequence[int], matcher: Matcher) -> None:
    """A person who asks for us, or an account that converts, is a Moment at once, without waiting for a score."""
    told = [
        (i, *matcher.immediate[definition])
        for i in new
        for definition in batch.definitions[i]
        if definition in matcher.immediate
    ]
    if not told:
        return
    messages = [batch.messages[i] for i, _, _ in told]
    # The cause is the message itself, so that a replay or a second import adds no second moment.
    causes = [f"{batch.source_id}:{m.message_id}" for m in messages]
    execute(
        SQL["tell_at_once"],
        [
            texts([kind for _, kind, _ in told]),
            texts(causes),
            int4s([batch.actors[i] for i, _, _ in told]),
            int4s([signal for _, _, signal in told]),
            timestamptzs([batch.seconds[i] for i, _, _ in told]),
            jsons(
                [immediate_facts(kind, batch.messages[i], matcher.said_by.get(signal, {})) for i, kind, signal in told]
            ),
        ],
    )
    _hold_flood(batch, {i: cause for (i, kind, _), cause in zip(told, causes, strict=True) if kind == HAND_RAISED})


def _hold_flood(batch: Batch, requests: dict[int, str]) -> None:
    """Of more requests than a browser's key may raise, the latest wait for a manager."""
    if batch.caller is None or not (beyond := too_many(batch.source_id, batch.caller, len(requests))):
        return
    latest = sorted(requests, key=lambda i: (batch.seconds[i], i))[-beyond:]
    hold(batch.caller, HAND_RAISED, [requests[i] for i in latest])
