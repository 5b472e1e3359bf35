"""Undoes a whole import in pieces: its events with their usage and moments, then what only they said of anybody.

Afterwards everything is as if the import had never come. What others sent meanwhile stays theirs, also of people whom
the import named first; and what somebody has worked on stays, for that is history of its own.
"""

from collections import Counter
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.identity import undo as identities
from accounts.identity.batch import FACT_KINDS
from accounts.identity.batch import SQL as IDENTITY
from accounts.models import FactBefore
from plgcrm.common import advisory
from plgcrm.common.sql import dates, execute, int4s, queries, rows, scalars, texts
from signals.imports import desk
from signals.ingest.absent import as_it_was_taken
from signals.ingest.excluded import as_excluded
from signals.ingest.keys import browser_sources
from signals.ingest.partitions import oldest_kept
from signals.ingest.wire import parse
from signals.models import FailedEvent, ImportedMessage, ImportRun, Moment, SignalDefinition, Source
from signals.rules.matching import Matcher
from signals.rules.message_types import NAMES, NUMBERS
from signals.vocabulary.definitions import EPOCH, current_matcher
from signals.vocabulary.kept_properties import KeptProperties
from signals.vocabulary.late_usage import LateKey, take_late_usage

SQL = queries("signals/sql/imports.sql")
CATALOGUE = queries("signals/sql/catalogue.sql")
DEFINITIONS = queries("signals/sql/definitions.sql")
EVENTS_AT_ONCE = 2_000
DAY = 86_400
Key = tuple[int, int, int]  # actor, day since 1970, definition
FACTS_AT_ONCE = 300  # each piece holds ingest back while it runs: some tenths of a second
STATES = ImportRun.State
UNDOABLE = (STATES.RUNNING, STATES.PAUSED, STATES.ASKING, STATES.FINISHED, STATES.FAILED)


class NotUndoableError(Exception):
    """The import cannot be undone; says why."""


@transaction.atomic
def start(run_id: int, *, acting_user: Any, now: datetime) -> ImportRun:
    """Have a worker undo the import. Raises NotUndoableError. Safe to repeat."""
    # Waits for a batch that is being stored; each later one finds the state and stores nothing.
    run = ImportRun.objects.select_for_update().get(pk=run_id)
    if run.state in (STATES.UNDOING, STATES.UNDONE):
        return run
    if run.state not in UNDOABLE:
        raise NotUndoableError("This import has not begun, so there is nothing to undo.")
    if refusal := too_old(run, now):
        raise NotUndoableError(refusal)
    began = identities.began_at(run.pk)
    run.options["undo_since"] = began.isoformat() if began else None
    run.state, run.undone_by, run.claimed_until, run.error = STATES.UNDOING, acting_user, None, ""
    run.save(update_fields=["state", "undone_by", "options", "claimed_until", "error"])
    return run


def too_old(run: ImportRun, now: datetime) -> str:
    """Why it is too late to undo the import; "" while it is not."""
    if run.started_at >= oldest_kept(now):
        return ""
    return f"Events are kept for {settings.EVENT_RETENTION_MONTHS} months, and those of this import are gone already."


def undo(run: ImportRun, *, further: Callable[[], None]) -> None:
    """Undo what is left of the import; `further` is told of each piece, and may raise to go on another time."""
    since = run.options.get("undo_since")
    while take_back_events(run.pk):
        further()
    if since:
        while _piece(run.pk, datetime.fromisoformat(since)):
            further()
    _finish(run.pk)


# --- Events ---------------------------------------------------------------------------------------------------


@transaction.atomic
def take_back_events(run_id: int, *, limit: int = EVENTS_AT_ONCE) -> int:
    """Delete some events that only this run brought, with their usage and moments; how many messages it looked at."""
    # Nobody changes what signals mean meanwhile, and no history is being counted: each event is counted out once.
    rows("SELECT pg_advisory_xact_lock_shared(%s)", [advisory.MEANINGS])
    counting = SignalDefinition.objects.filter(state=SignalDefinition.State.COUNTING).order_by("pk")
    since = {each.pk: each.since_version for each in counting.select_for_update()}
    still_counting = set(counting.values_list("pk", flat=True))
    messages = rows(SQL["next_messages"], {"run": run_id, "limit": limit})
    if not messages:
        return 0
    for source in sorted({source for source, _ in messages}):
        ids = [message_id for of, message_id in messages if of == source]
        _take_back_of_source(run_id, source, ids, {pk: v for pk, v in since.items() if pk in still_counting})
    return len(messages)


def _take_back_of_source(run_id: int, source: int, ids: list[str], counting: dict[int, int]) -> None:
    params = {"run": run_id, "source": source, "ids": texts(ids)}
    gone = rows(SQL["drop_events"], params)
    matcher = current_matcher(refresh=True)
    counts: Counter[Key] = Counter()
    late: Counter[LateKey] = Counter()
    for _, actor, kind, version, day, name, properties, _, known in gone:
        for definition in _counted_for(matcher, counting, source, kind, version, name, properties):
            counts[actor, day, definition] += 1
            if day < known:
                late[actor, day, definition, known] += 1
    _keep_properties_again([key for key in sorted(counts) if key[2] in matcher.wanted], matcher, counting)
    _count_out(counts)
    take_late_usage(late)
    _drop_moments([f"{source}:{message_id}" for message_id, *_ in gone])
    execute(SQL["drop_imported"], params)
    if actors := sorted({row[1] for row in gone}):
        execute(SQL["touch_actors"], [int4s(actors)])
        execute(CATALOGUE["ask_again"], [source, dates(sorted({row[7] for row in gone}))])


def _counted_for(
    matcher: Matcher, counting: dict[int, int], source: int, kind: int, version: int, name: str, properties: str
) -> list[int]:
    """The definitions that have counted an event; a new one has not yet counted what came before it."""
    found = matcher.match(source, NAMES[kind], name or "", properties.encode() if properties else None)
    return [definition for definition in found if version >= counting.get(definition, 0)]


def _keep_properties_again(keys: list[Key], matcher: Matcher, counting: dict[int, int]) -> None:
    """The numbers and cases of properties on these days, from the events that remain."""
    if not keys:
        return
    for name in ("lock_values", "lock_cases", "drop_values", "drop_cases"):
        execute(SQL[name], _columns(keys))
    wanted, kept = set(keys), KeptProperties()
    for source, actor, kind, version, at, name, properties, known in rows(SQL["events_of_days"], _columns(keys)):
        blob = properties.encode() if properties else None
        for definition in _counted_for(matcher, counting, source, kind, version, name, properties):
            if (actor, int(at // DAY), definition) in wanted:
                kept.add(known, actor, at, definition, matcher.wanted[definition], blob)
    kept.store()


def _columns(keys: list[Key]) -> dict[str, Any]:
    return {
        "actors": int4s([key[0] for key in keys]),
        "days": dates([key[1] for key in keys]),
        "definitions": int4s([key[2] for key in keys]),
    }


def _count_out(counts: Counter[Key]) -> None:
    keys = sorted(counts)
    columns = _columns(keys) | {"counts": int4s([counts[key] for key in keys])}
    # In the order in which ingest takes them: two that change the same rows never wait in a circle.
    for name in ("lock_usage", "drop_usage", "lower_usage"):
        execute(SQL[name], columns)


def _drop_moments(causes: list[str]) -> None:
    """With what the plays made of them, unless somebody has worked on the account."""
    moments = Moment.objects.filter(cause__in=causes, kind__in=[Moment.Kind.HAND_RAISED, Moment.Kind.CONVERTED])
    actors = moments.select_related("actor__account")
    accounts = {moment.pk: moment.actor.account_on(moment.at) for moment in actors if moment.actor}
    worked = desk.worked_on({account.pk for account in accounts.values() if account})
    gone = [pk for pk, account in accounts.items() if account is None or account.pk not in worked]
    Moment.objects.filter(pk__in=gone).delete()


# --- People, workspaces, accounts -----------------------------------------------------------------------------


@transaction.atomic
def _piece(run_id: int, since: datetime) -> bool:
    """Take back a piece of what the run said of anybody; whether there was any."""
    rows(IDENTITY["lock"], [advisory.IDENTITY])
    # Alone: what is being stored just now is there when we read what remains, and what comes later resolves anew.
    rows("SELECT pg_advisory_xact_lock(%s)", [advisory.MEANINGS])
    remaining = identities.Remaining(_of_people, _of_workspaces, _acting, desk.worked_on, browsers=browser_sources())
    return (
        identities.take_back_people(run_id, since=since, limit=FACTS_AT_ONCE, remaining=remaining)
        or identities.take_back_workspaces(run_id, since=since, limit=FACTS_AT_ONCE, remaining=remaining)
        or identities.take_back_accounts(run_id, limit=FACTS_AT_ONCE, remaining=remaining)
    )


def _of_people(people: Collection[int]) -> identities.Said:
    return _messages(SQL["said_by_people"], {"people": list(people), "facts": _fact_kinds()})


def _of_workspaces(workspaces: Collection[int]) -> identities.Said:
    return _messages(SQL["said_in_workspaces"], {"workspaces": list(workspaces), "group": NUMBERS["group"]})


def _fact_kinds() -> list[int]:
    return [NUMBERS[kind] for kind in sorted(FACT_KINDS)]


def _messages(query: str, params: dict[str, Any]) -> identities.Said:
    """Read as they were when they came, with the time that they were given then."""
    found: identities.Said = []
    for source, known, timestamp, payload, visitor in rows(query, params):
        for message in parse(b'{"batch":[' + payload.encode() + b"]}", None, timestamp).messages:
            message.timestamp = timestamp
            if visitor:
                as_excluded(message, visitor)
            as_it_was_taken(source, message)
            found.append((source, EPOCH + timedelta(days=known), message))
    return found


def _acting(actors: Collection[int]) -> set[int]:
    return set(scalars(SQL["acting"], [list(actors)])) if actors else set()


# --- The end --------------------------------------------------------------------------------------------------


@transaction.atomic
def _finish(run_id: int) -> None:
    run = ImportRun.objects.select_for_update().get(pk=run_id)
    identities.drop_leftovers(run.pk)
    FailedEvent.objects.filter(import_run=run).delete()
    run.pieces.all().delete()
    run.state, run.undone_at = STATES.UNDONE, timezone.now()
    run.digest = f"undone {run.pk}"  # the same file may be imported again
    run.save(update_fields=["state", "undone_at", "digest"])
    if run.source_id:
        _listen_as_before(run.source_id)
    if run.earliest_at:
        execute(SQL["first_seen_again"], [run.earliest_at.date()])
        # Writers know the first day of each definition, and scorers since when each source is listened to.
        execute(DEFINITIONS["version_up"])


def _listen_as_before(source: int) -> None:
    """The source's history begins where the imports that remain, or its own events, have it begin."""
    runs = ImportRun.objects.filter(source=source).order_by("pk")
    standing = [one.earliest_at for one in runs if one.state != STATES.UNDONE]
    first = runs.first()
    own = (first.listening_before if first else None) or scalars(SQL["first_arrival"], [source])[0]
    Source.objects.filter(pk=source).update(listening_since=min(filter(None, [*standing, own]), default=None))


def effect(run: ImportRun) -> dict[str, int]:
    """What undoing would take away, in numbers: events, people and accounts that are here only through this import."""
    made = FactBefore.objects.filter(run=run.pk, before__isnull=True)
    return {
        "events": ImportedMessage.objects.filter(run=run.pk).count(),
        "people": made.filter(kind=FactBefore.Kind.IDENTITY).count(),
        "workspaces": made.filter(kind=FactBefore.Kind.WORKSPACE).count(),
        "accounts": made.filter(kind=FactBefore.Kind.ACCOUNT).count(),
        "owners": FactBefore.objects.filter(run=run.pk, kind=FactBefore.Kind.OWNER).count(),
    }
