"""What signals mean, and changing it without losing or doubling a count.

A new definition counts beside the old one: live events from the moment it is known to every writer, earlier ones
by `count_history`. Which is which stands on each event (`signals_version`), so nothing is counted twice.
"""

import logging
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
from django.conf import settings
from django.db import transaction

from plgcrm.common import advisory
from plgcrm.common.cache import Remembered
from plgcrm.common.sql import columns, dates, driver, execute, int4s, queries, rows
from signals.models import EventName, PropertyMeaning, Signal, SignalDefinition
from signals.rules.matching import Clause, Matcher, MatchError, parse_matches
from signals.rules.message_types import NAMED_BY_EVENT, NAMED_BY_NAME, NAMES, NUMBERS
from signals.vocabulary.kept_properties import KeptProperties, wanted_properties
from signals.vocabulary.late_usage import add_late_usage
from signals.vocabulary.past_moments import immediate_kind, past_moments, write_past_moments
from signals.vocabulary.terms import PROPERTY_TERMS

__all__ = ["MatchError", "count_history", "current_matcher", "define", "matches_in_days", "parse_matches"]

log = logging.getLogger("plgcrm.definitions")
SQL = queries("signals/sql/definitions.sql")
NUMERIC = ("number", "money")
VOCABULARY_SQL = queries("signals/sql/vocabulary.sql")
EPOCH = date(1970, 1, 1)
# What is kept beside usage: the triggers of the first two write the two after them.
KEPT = (
    "signals_valueusage",
    "signals_caseusage",
    "signals_valueusagebefore",
    "signals_caseusagebefore",
    "signals_lateusage",
)
_MATCHER = Remembered[Matcher](seconds=2)


def forget_matcher() -> None:
    """Drop this process's reading of the signals (after a change)."""
    _MATCHER.forget()


def current_matcher(*, refresh: bool = False) -> Matcher:
    """All definitions that count, compiled; at most two seconds old. The store checks its version anyway."""
    return _MATCHER.keep(_read_matcher()) if refresh else _MATCHER.get(_read_matcher)


def _read_matcher() -> Matcher:
    matcher = Matcher(int(rows("SELECT signals_version FROM signals_configuration")[0][0]))
    counting = SignalDefinition.objects.exclude(state=SignalDefinition.State.RETIRED)
    for definition in counting.select_related("signal__category").order_by("pk"):
        matcher.add(definition.pk, parse_matches(definition.matches))
        if wanted := wanted_properties(definition.values, definition.cases):
            matcher.wanted[definition.pk] = wanted
        if definition.first_seen_on is not None:
            matcher.first_days[definition.pk] = (definition.first_seen_on - EPOCH).days
        # Also while its history is counted: what the count does not see must be told on arrival.
        if kind := immediate_kind(definition.signal.category):
            matcher.immediate[definition.pk] = (kind, definition.signal_id)
    for meaning in PropertyMeaning.objects.all():
        matcher.said_by.setdefault(meaning.signal_id, {})[meaning.slug] = meaning.paths
    return matcher


@transaction.atomic
def define(signal: Signal, matches: Any, *, acting_user: Any = None) -> SignalDefinition:
    """Give a signal a new meaning. It counts from now on, and keeps the numbers of the properties that have a meaning;
    `count_history` makes it current.

    Raises MatchError where the meaning cannot be read. The first definition of an install without events is
    current at once.
    """
    parse_matches(matches)
    rows("SELECT pg_advisory_xact_lock(%s)", [advisory.MEANINGS])
    version = int(
        rows("UPDATE signals_configuration SET signals_version = signals_version + 1 RETURNING signals_version")[0][0]
    )
    signal.definitions.filter(state=SignalDefinition.State.COUNTING).update(state=SignalDefinition.State.RETIRED)
    definition = SignalDefinition.objects.create(
        signal=signal,
        matches=matches,
        values=values_to_keep(signal),
        cases=cases_to_keep(signal),
        since_version=version,
        state=SignalDefinition.State.COUNTING,
    )
    forget_matcher()
    # Once more after the commit: in between, another thread may have read the signals as they were.
    transaction.on_commit(forget_matcher)
    # Not where it was only tried.
    transaction.on_commit(
        lambda: log.info("signal defined signal=%s version=%s by=%s", signal.slug, version, acting_user)
    )
    return definition


def values_to_keep(signal: Signal) -> dict[str, dict[str, Any]]:
    """The properties of a signal's events that have a meaning as a number: the fields of their WantedValue, as JSON."""
    readings = {term.slug: term.reading for term in PROPERTY_TERMS if term.signal == signal.slug}
    said = {meaning.slug: meaning for meaning in signal.property_meanings.order_by("slug") if meaning.paths}
    numbers = [meaning for slug, meaning in said.items() if readings.get(slug, "number") in NUMERIC]
    currency = said["currency"].paths if "currency" in said else []
    kept: dict[str, dict[str, Any]] = {}
    for meaning in numbers:
        kept[meaning.slug] = {"paths": list(meaning.paths)}
        if readings.get(meaning.slug) == "money":
            kept[meaning.slug] |= _as_money(meaning.options, currency)
    return kept


def cases_to_keep(signal: Signal) -> dict[str, dict[str, Any]]:
    """The properties of a signal's events that say which case an event belongs to."""
    terms = [term.slug for term in PROPERTY_TERMS if term.signal == signal.slug and term.identifies]
    found = signal.property_meanings.filter(slug__in=terms).order_by("slug")
    return {meaning.slug: {"paths": list(meaning.paths)} for meaning in found if meaning.paths}


def _as_money(options: Mapping[str, Any], currency_paths: list[str]) -> dict[str, Any]:
    ours = str(getattr(settings, "CURRENCY", ""))
    money = {"cents": bool(options.get("cents")), "ours": ours, "currency": str(options.get("currency") or "")}
    return money | {"currency_paths": list(currency_paths)}


def follow_properties(signal: Signal, *, acting_user: Any = None) -> SignalDefinition | None:
    """Count again where other properties of the signal are to be kept than when it was defined; None: nothing to do."""
    last = signal.definitions.exclude(state=SignalDefinition.State.RETIRED).order_by("-pk").first()
    if last is None or (last.values, last.cases) == (values_to_keep(signal), cases_to_keep(signal)):
        return None
    return define(signal, last.matches, acting_user=acting_user)


def still_counted() -> int:
    """How many signals wait for their history to be counted: what is seen of them until then is not whole."""
    return SignalDefinition.objects.filter(state=SignalDefinition.State.COUNTING).count()


def count_all_history() -> int:
    """Count the history of every definition that still needs it; how many there were."""
    waiting = SignalDefinition.objects.filter(state=SignalDefinition.State.COUNTING).order_by("pk")
    return sum(count_history(pk) for pk in waiting.values_list("pk", flat=True))


@transaction.atomic
def count_history(definition_id: int) -> bool:
    """Count the events that came before this definition, then make it the current one; requests and conversions
    among them become moments. Safe to repeat.

    One transaction: after a crash it starts again, and readers see the old meaning until the new one is whole.
    """
    # Locked by another worker means that it is being counted there: nothing is left to do here.
    definition = SignalDefinition.objects.select_for_update(skip_locked=True).filter(pk=definition_id).first()
    if definition is None or definition.state != SignalDefinition.State.COUNTING:
        return False
    found = counted(definition)
    add_counted(definition_id, found)
    if found.usage:
        note_first_seen({definition_id: min(day for _, day in found.usage)}, known=found.first_known)
        definition.refresh_from_db()
    write_past_moments(past_moments(definition))
    current = SignalDefinition.objects.filter(signal=definition.signal_id, state=SignalDefinition.State.CURRENT)
    current.update(state=SignalDefinition.State.RETIRED)
    definition.state = SignalDefinition.State.CURRENT
    definition.save(update_fields=["state"])
    # In the same transaction: from the commit on everybody reads the new meaning, and its history is whole.
    execute(SQL["version_up"])
    execute(SQL["touch_users_of"], {"signal": definition.signal_id})
    return True


def note_first_seen(days: Mapping[int, int], *, known: int) -> bool:
    """The earliest day (since 1970) on which each definition counted something, and when that became known; whether
    one never had before."""
    ordered = sorted(days)
    params = [int4s(ordered), dates([days[definition] for definition in ordered]), EPOCH + timedelta(days=known)]
    new = rows(VOCABULARY_SQL["first_seen"], params)
    if new:
        # A signal that never came is unknown everywhere; from now on it is 0 where it does not happen.
        execute(VOCABULARY_SQL["models_version_up"])
    return bool(new)


def _add_usage(definition_id: int, counts: Counter[tuple[int, int]]) -> None:
    keys = sorted(counts)
    # In parts: a popular signal has millions of rows, and one statement of them all would sit in memory twice.
    for start in range(0, len(keys), 10_000):
        part = keys[start : start + 10_000]
        execute(
            SQL["add_usage"],
            [
                definition_id,
                int4s([key[0] for key in part]),
                dates([key[1] for key in part]),
                int4s([counts[key] for key in part]),
            ],
        )


@dataclass(frozen=True, slots=True)
class Counted:
    """What the events of a definition come to: (actor, day) -> how many, and what is kept of their properties."""

    usage: Counter[tuple[int, int]] = field(default_factory=Counter)
    kept: KeptProperties = field(default_factory=KeptProperties)
    late: Counter[tuple[int, int, int]] = field(default_factory=Counter)  # with the later day on which it became known

    def add(self, actor: int, day: int, known: int, count: int = 1) -> None:
        self.usage[actor, day] += count
        if day < known:
            self.late[actor, day, known] += count

    @property
    def first_known(self) -> int:
        """The day on which the first of all this became known."""
        late = Counter[tuple[int, int]]()
        for (actor, day, _), count in self.late.items():
            late[actor, day] += count
        at_once = (day for (actor, day), count in self.usage.items() if count > late[actor, day])
        return min((*at_once, *(known for _, _, known in self.late)))


def add_counted(definition_id: int, found: Counted) -> None:
    """Add what was counted to what is stored of a definition."""
    _add_usage(definition_id, found.usage)
    late = {(actor, day, definition_id, known): count for (actor, day, known), count in found.late.items()}
    add_late_usage(Counter(late))
    found.kept.store()


def counted(definition: SignalDefinition, *, accounts: list[int] | None = None) -> Counted:
    """The stored events of an earlier signals version that a definition means, of all accounts or of some."""
    clauses, wanted = parse_matches(definition.matches), wanted_properties(definition.values, definition.cases)
    matcher = Matcher(0)
    matcher.add(1, clauses)
    found = Counted()
    if not wanted and not any(clause.where for clause in clauses):
        # Nothing is asked of a single event: Postgres counts them.
        for counts in _grouped(matcher, clauses, definition.since_version, accounts):
            found.add(*counts)
        return found
    events = _events(clauses, before_version=definition.since_version, whole=bool(wanted), accounts=accounts)
    for source, actor, kind, day, name, properties, at, known in events:
        if matcher.match(source, kind, name, properties):
            found.add(actor, day, known)
            if wanted:
                found.kept.add(known, actor, at, definition.pk, wanted, properties)
    return found


def _grouped(
    matcher: Matcher, clauses: tuple[Clause, ...], before_version: int, accounts: list[int] | None
) -> Iterator[tuple[int, int, int, int]]:
    """The events that match, counted by actor, day and day of knowing: of names in the catalogue, and of those that
    have no number there."""
    params = _params(clauses) | {"version": before_version, "accounts": accounts}
    known = EventName.objects.filter(kind__in=params["kinds"]).values_list("pk", "source_id", "kind", "name")
    numbers = [pk for pk, source, kind, name in known if matcher.match(source, NAMES[kind], name, None)]
    if numbers:
        found = columns(SQL["counted_by_number"], ["actor", "day", "known", "count"], params | {"numbers": numbers})
        yield from zip(*(values.tolist() for values in found.values()), strict=True)
    for source, actor, kind, day, known, name, count in rows(SQL["counted_nameless"], params):
        if matcher.match(source, NAMES[kind], name or "", None):
            yield actor, day, known, count


def _events(
    clauses: tuple[Clause, ...],
    *,
    before_version: int | None = None,
    since: datetime | None = None,
    whole: bool = False,
    accounts: list[int] | None = None,
) -> Iterator[tuple[int, int, str, int, str, bytes | None, float, int]]:
    """Stored events that could match: source, actor, kind, day, name, properties, time, day of arrival. Names are
    sifted in SQL; properties come where a condition asks for them, or with `whole`."""
    with_properties = whole or any(c.where for c in clauses)
    params = _params(clauses) | {"version": before_version, "since": since, "accounts": accounts}
    params |= {"with_properties": with_properties}
    with transaction.atomic(), psycopg.ServerCursor(driver(), "signal_events") as cursor:
        cursor.itersize = 5_000
        cursor.execute(SQL["candidates"], params)
        for source, actor, kind, day, name, properties, at, known in cursor:
            yield source, actor, NAMES[kind], day, name or "", properties.encode() if properties else None, at, known


def _params(clauses: tuple[Clause, ...]) -> dict[str, Any]:
    every_name = any(c.names is None for c in clauses)
    return {
        "kinds": sorted({n for n, label in NAMES.items() if any(label in c.kinds for c in clauses)}),
        "named_by_event": [NUMBERS[name] for name in NAMED_BY_EVENT],
        "named_by_name": [NUMBERS[name] for name in NAMED_BY_NAME],
        # One clause that takes any name makes the filter by name useless for all of them.
        "names": None if every_name else sorted({name for c in clauses for name in c.names or ()}),
    }


def matches_in_days(matches: Any, *, days: int = 7, now: datetime | None = None) -> int:
    """How many stored events of the last days these matches mean. For the admin while typing."""
    clauses = parse_matches(matches)
    since = (now or datetime.now(UTC)) - timedelta(days=days)
    matcher = Matcher(0)
    matcher.add(1, clauses)
    return sum(
        bool(matcher.match(s, kind, name, props)) for s, _, kind, _, name, props, *_ in _events(clauses, since=since)
    )


def retire_usage() -> int:
    """Remove the usage of definitions that no longer count; how many rows went."""
    retired = SignalDefinition.objects.filter(state=SignalDefinition.State.RETIRED).values_list("pk", flat=True)
    if not retired:
        return 0
    for table in KEPT:
        execute(SQL["retire"].format(table=table), [list(retired)])
    return execute("DELETE FROM signals_usage WHERE definition_id = ANY(%s)", [list(retired)])


@transaction.atomic
def rebuild_usage(first_day: datetime, end_day: datetime) -> int:
    """Count the usage of [first_day, end_day) again from the raw events; how many rows there are then.

    Holds ingest back while it runs; equal to what is there already, which is a test and a tool after a repair.
    """
    rows("SELECT pg_advisory_xact_lock(%s)", [advisory.MEANINGS])
    matcher = _read_matcher()
    counts: dict[int, Counted] = {}
    with psycopg.ServerCursor(driver(), "rebuild") as cursor:
        cursor.execute(SQL["events_between"], [first_day, end_day])
        for source, actor, kind, day, name, properties, at, known in cursor:
            blob = properties.encode() if properties else None
            for definition in matcher.match(source, NAMES[kind], name or "", blob):
                found = counts.setdefault(definition, Counted())
                found.add(actor, day, known)
                if wanted := matcher.wanted.get(definition):
                    found.kept.add(known, actor, at, definition, wanted, blob)
    days = [first_day.date(), end_day.date()]
    execute("DELETE FROM signals_usage WHERE day >= %s AND day < %s", days)
    for table in KEPT:
        execute(SQL["clear"].format(table=table), days)
    for definition in sorted(counts):
        add_counted(definition, counts[definition])
    return sum(len(found.usage) for found in counts.values())
