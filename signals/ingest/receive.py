"""The one way in: HTTP, files and replays all hand their messages to `receive`."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import DataError, transaction
from psycopg import errors as pg

from plgcrm.common.cache import Remembered
from plgcrm.common.known import day_known
from plgcrm.common.sql import byteas, execute, float8s, queries, rows, texts
from signals.ingest.absent import without_placeholders
from signals.ingest.excluded import redirect_excluded
from signals.ingest.flood import Caller
from signals.ingest.hint import hint
from signals.ingest.keys import digest_of
from signals.ingest.store import Batch, StaleActorsError, prepare, store
from signals.ingest.wire import Parsed, Rejected, WireError, WireMessage, parse
from signals.models import FailedEvent

SQL = queries("signals/sql/ingest.sql")
MOST_STALE = 20  # times that an undo may come between preparing and storing
KEY_MEMORY_SECONDS = 5.0  # how long a revoked key may still write
BAD_DATA = (DataError, pg.DataError)


@dataclass(frozen=True, slots=True)
class SourceRef:
    id: int
    name: str
    key: int | None = field(default=None, compare=False)  # by which a client writes; None where we do
    address: str | None = field(default=None, compare=False)  # where it calls from

    def called_from(self, address: str | None) -> "SourceRef":
        return self if self.key is None else replace(self, address=address)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of the messages of one call."""

    accepted: int
    duplicates: int
    failed: int


_SOURCES = Remembered[SourceRef | None](seconds=KEY_MEMORY_SECONDS)  # bounded: guesses must not fill the memory


def source_for_key(write_key: str) -> SourceRef | None:
    """The source a key may write to; None for an unknown or revoked key. Remembered for a few seconds."""
    return _SOURCES.get(lambda: _source(write_key), write_key)


def _source(write_key: str) -> SourceRef | None:
    found = rows(
        "SELECT s.id, s.name, k.id FROM signals_writekey k JOIN signals_source s ON s.id = k.source_id"
        " WHERE k.digest = %s AND k.revoked_at IS NULL",
        [digest_of(write_key)],
    )
    return SourceRef(*found[0]) if found else None


def receive(
    source: SourceRef,
    parsed: Parsed,
    received_at: datetime,
    *,
    received_each: Sequence[datetime] | None = None,
    run: int | None = None,
    known_day: date | None = None,
) -> Receipt:
    """Store what can be stored, keep the rest as FailedEvents, and hint that there is work.

    `received_each` gives each message its own time of arrival (imports of history); `run` is the import that brings
    them, and that can then be undone. `known_day`: since when we know what they say, where that is not the day of
    their arrival. Raises on database error.
    """
    each = received_each if received_each is not None else [received_at] * len(parsed.messages)
    redirect_excluded(parsed.messages, source.address)
    present = without_placeholders(parsed.messages, each)
    rejected = [*parsed.rejected, *present.rejected]
    caller = None if source.key is None else Caller(source.key, source.address, received_at)
    receipt = _take(
        _Taken(source.id, received_at, run, caller, known_day), present.messages, present.received, rejected
    )
    # After the commit: a worker that came sooner would find nothing and go back to sleep.
    if receipt.accepted and settings.PIPELINE_HINTS:
        hint()
    return receipt


@dataclass(frozen=True, slots=True)
class _Taken:
    """What all messages of one call share."""

    source_id: int
    received_at: datetime
    run: int | None
    caller: Caller | None = None
    known_day: date | None = None


def _take(
    call: _Taken, messages: Sequence[WireMessage], received: Sequence[datetime], rejected: Sequence[Rejected]
) -> Receipt:
    try:
        for _ in range(MOST_STALE):
            try:
                return _prepared_and_stored(call, messages, received, rejected)
            except StaleActorsError:  # an import was undone in between: find out again who is who
                continue
        return _prepared_and_stored(call, messages, received, rejected)
    except BAD_DATA as error:
        if not messages:
            raise
        return _take_apart(call, messages, received, rejected, error)


def _prepared_and_stored(
    call: _Taken, messages: Sequence[WireMessage], received: Sequence[datetime], rejected: Sequence[Rejected]
) -> Receipt:
    batch = prepare(call.source_id, messages, received, run=call.run, known_day=call.known_day)
    batch.caller = call.caller
    try:
        return _stored(call, batch, len(messages), rejected)
    except pg.UniqueViolation:  # a client repeats itself: look at each message
        return _stored(call, batch, len(messages), rejected, repeated=True)


@transaction.atomic
def _stored(call: _Taken, batch: Batch, sent: int, rejected: Sequence[Rejected], *, repeated: bool = False) -> Receipt:
    stored = store(batch, received_at=call.received_at, sent=sent, failed=len(rejected), repeated=repeated)
    failed = [*rejected, *stored.clashes]
    keep_failed(call.source_id, failed, call.received_at, run=call.run)
    return Receipt(stored.accepted, sent - stored.accepted - len(stored.clashes), len(failed))


def _take_apart(
    call: _Taken,
    messages: Sequence[WireMessage],
    received: Sequence[datetime],
    rejected: Sequence[Rejected],
    error: Exception,
) -> Receipt:
    """Halve a batch that Postgres refuses until the message at fault stands alone."""
    if len(messages) == 1:
        reason = f"Postgres cannot store it: {str(error).splitlines()[0]}"
        return _take(call, [], [], [*rejected, Rejected("store", reason, messages[0].raw)])
    # One bad message among a thousand costs ten more rounds, and its neighbours are stored.
    middle = len(messages) // 2
    left = _take(call, messages[:middle], received[:middle], rejected)
    right = _take(call, messages[middle:], received[middle:], [])
    return Receipt(left.accepted + right.accepted, left.duplicates + right.duplicates, left.failed + right.failed)


def keep_failed(source_id: int, failed: Sequence[Rejected], received_at: datetime, *, run: int | None = None) -> None:
    """Keep each with its reason; the same one again only counts up. `run` is the import that brings them."""
    unique = {hashlib.blake2b(r.raw, digest_size=16).digest(): r for r in failed}
    if not unique:
        return
    # In the order of digests: two writers of the same failures never wait in a circle.
    digests = sorted(unique)
    params: dict[str, Any] = {
        "source": source_id,
        "run": run,
        "received": received_at,
        "stages": texts([unique[d].stage for d in digests]),
        "reasons": texts([unique[d].reason[:500].replace("\0", "") for d in digests]),
        "payloads": byteas([unique[d].raw for d in digests]),
        "digests": byteas(digests),
        "sent": float8s([_seconds(unique[d].sent_at) for d in digests]),
    }
    execute(SQL["keep_failed"], params)


def _seconds(moment: datetime | None) -> float | None:
    return moment.timestamp() if moment else None


def drop_old_failed(now: datetime) -> int:
    """Discard failed events that arrived longer ago than they are kept; how many those were."""
    until = now - timedelta(days=settings.FAILED_EVENT_DAYS)
    return FailedEvent.objects.filter(received_at__lt=until).delete()[0]


def edit_failed(failed: FailedEvent, text: str, now: datetime) -> None:
    """Correct what a failed event says, to be replayed. That it came is remembered by what came."""
    failed.payload, failed.edited_at = text.strip().encode("utf-8", "surrogatepass"), now
    failed.save(update_fields=["payload", "edited_at"])


def replay(failed_ids: Iterable[int], now: datetime) -> Receipt:
    """Try failed events again. Those that now pass are marked; the others keep their new reason."""
    accepted = duplicates = still = 0
    for failed in FailedEvent.objects.filter(pk__in=list(failed_ids), replayed_at=None).select_related("source"):
        receipt = _replay_one(failed, day_known(now))
        accepted, duplicates, still = (
            accepted + receipt.accepted,
            duplicates + receipt.duplicates,
            still + receipt.failed,
        )
        if not receipt.failed:
            FailedEvent.objects.filter(pk=failed.pk).update(replayed_at=now)
    return Receipt(accepted, duplicates, still)


def _replay_one(failed: FailedEvent, known_day: date) -> Receipt:
    # The whole way again, not a shortcut: what passes now has passed every check that HTTP makes.
    sent = b',"sentAt":"%s"' % failed.sent_at.isoformat().encode() if failed.sent_at else b""
    body = b'{"batch":[' + bytes(failed.payload) + b"]" + sent + b"}"
    try:
        parsed = parse(body, None, failed.received_at, is_delivery=failed.import_run_id is None)
    except WireError as error:  # cut off in the middle: it can never be read
        return _still(failed, Rejected("decode", error.message, b""))
    if parsed.rejected:
        return _still(failed, parsed.rejected[0])
    if failed.stage == FailedEvent.Stage.CLASH and not failed.edited_at:
        for message in parsed.messages:  # the same new id at each try: it is stored once
            message.message_id = f"{message.message_id[:180]}~{bytes(failed.digest).hex()[:16]}"
    source = SourceRef(failed.source_id, failed.source.name)
    return receive(source, parsed, failed.received_at, run=failed.import_run_id, known_day=known_day)


def _still(failed: FailedEvent, why: Rejected) -> Receipt:
    FailedEvent.objects.filter(pk=failed.pk).update(stage=why.stage, reason=why.reason[:500].replace("\0", ""))
    return Receipt(0, 0, 1)
