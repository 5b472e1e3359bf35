"""What reps do with queue items. Each function locks the row, asks the table of transitions, and keeps what was.

All return the QueueItemChange they wrote; its `item` is as it stands now. A QueueError says in plain words why not.
"""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from accounts.access import display_name, leads
from outreach import own_state
from outreach.access import queue_workers
from outreach.locks import lock_item
from outreach.models import QueueItem, QueueItemChange, Touch
from outreach.outcomes.record import log_meeting, undo_with
from outreach.rules.permissions import is_held_by_other
from outreach.rules.transitions import TransitionError, next_state
from plgcrm.common.sql import execute, queries

SQL = queries("outreach/sql/outcomes.sql")
UNDO_SECONDS = 10
LONGEST_SNOOZE = timedelta(days=180)
LONGEST_NOTE = 1000
JOINED = "The account was joined with another one that this play already has an item for."
KEPT = (
    "state", "rep_id", "claimed_by_id", "claimed_at", "snoozed_until", "closed_at", "closed_by_id",
    "dismiss_reason", "disposition", "note",
)  # fmt: skip
_TIMES = frozenset({"claimed_at", "snoozed_until", "closed_at"})
_UNCLAIMED: dict[str, Any] = {"claimed_by_id": None, "claimed_at": None}


class QueueError(Exception):
    """It cannot be done; the message says why in words for the person who tried."""


class AlreadyClaimedError(QueueError):
    """Somebody else holds the item."""

    def __init__(self, holder: User) -> None:
        super().__init__(f"{display_name(holder)} has claimed this item.")
        self.holder = holder


class NotPossibleError(QueueError):
    """Not in this state."""


class NotUndoableError(QueueError):
    """Too late, or something has happened since."""


class BadChoiceError(QueueError):
    """A reason, disposition or time that does not fit."""


@transaction.atomic
def claim_item(item: QueueItem, *, acting_user: User, now: datetime) -> QueueItemChange:
    """Take it: it stands on the acting user's queue from now on. Claiming twice changes nothing."""
    row = _locked(item, acting_user)
    if row.state == QueueItem.State.CLAIMED:  # by the acting user, or it would have been refused
        return row.changes.filter(verb="claim").latest("pk")
    # The rep too: an item claimed from the team's pool stays with its rep when it is released.
    mine = {"rep_id": acting_user.pk, "claimed_by_id": acting_user.pk, "claimed_at": now, "snoozed_until": None}
    return _move(row, "claim", mine, acting_user=acting_user, now=now)


@transaction.atomic
def release_item(item: QueueItem, *, acting_user: User, now: datetime) -> QueueItemChange:
    """Give it back: open again, for the rep whose queue it is on. A manager may release what others hold."""
    row = _locked(item, acting_user, over_claims=True)
    return _move(row, "release", _UNCLAIMED, acting_user=acting_user, now=now)


@transaction.atomic
def snooze_item(item: QueueItem, *, until: datetime, acting_user: User, now: datetime) -> QueueItemChange:
    """Put it away until a time to come, at most half a year from now."""
    # Before the lock: what cannot be is refused without making anybody wait.
    if not now < until <= now + LONGEST_SNOOZE:
        raise BadChoiceError(f"Choose a future time, at most {LONGEST_SNOOZE.days} days from now.")
    row = _locked(item, acting_user)
    return _move(row, "snooze", _UNCLAIMED | {"snoozed_until": until}, acting_user=acting_user, now=now)


@transaction.atomic
def dismiss_item(item: QueueItem, *, reason: str, acting_user: User, now: datetime, note: str = "") -> QueueItemChange:
    """Close it unworked, with the reason: reasons are counted against the play."""
    if reason not in QueueItem.DismissReason.values:
        raise BadChoiceError("Choose a reason.")
    row = _locked(item, acting_user)
    # No note keeps the one that stands: closing by keyboard must not empty it.
    closed = _closing(acting_user, now, note or row.note) | {"dismiss_reason": reason}
    return _move(row, "dismiss", closed, acting_user=acting_user, now=now, note=note)


@transaction.atomic
def finish_item(
    item: QueueItem, *, disposition: str, acting_user: User, now: datetime, note: str = ""
) -> QueueItemChange:
    """Close it as worked. With “meeting agreed” the meeting is logged too."""
    if disposition not in QueueItem.Disposition.values:
        raise BadChoiceError("Choose what you did.")
    row = _locked(item, acting_user)
    closed = _closing(acting_user, now, note or row.note) | {"disposition": disposition}
    change = _move(row, "finish", closed, acting_user=acting_user, now=now, note=note)
    mark_worked(row.pk)
    # A meeting counts in the reports whether it was logged by itself or said in closing.
    if disposition == QueueItem.Disposition.MET:
        log_meeting(row, acting_user=acting_user, now=now)
    return change


@transaction.atomic
def reassign_item(item: QueueItem, *, to: User, acting_user: User, now: datetime, note: str = "") -> QueueItemChange:
    """Put it on somebody else's queue, open. A manager may do so with an item that another rep holds."""
    if not queue_workers().filter(pk=to.pk).exists():
        raise BadChoiceError(f"{display_name(to)} does not work a queue.")
    row = _locked(item, acting_user, over_claims=True)
    # Open, not claimed: the receiver decides, and others of the team see that nobody works on it yet.
    moved = _UNCLAIMED | {"rep_id": to.pk, "snoozed_until": None}
    return _move(row, "reassign", moved, acting_user=acting_user, now=now, note=note)


@transaction.atomic
def log_line(item: QueueItem, channel: str, *, acting_user: User, now: datetime) -> QueueItemChange:
    """Something was said and the item stays as it is: a line of its history, which undo removes."""
    row = held_for(item, acting_user)
    if row.state not in QueueItem.LIVE:
        raise NotPossibleError(f"This item is already {row.state}: open the account to add to its history.")
    return _changed(row, channel, acting_user=acting_user, now=now)


def held_for(item: QueueItem, acting_user: User) -> QueueItem:
    """The row, locked until the end of the transaction; refused while somebody else holds the item."""
    return _locked(item, acting_user)


@transaction.atomic
def undo_change(change: QueueItemChange, *, acting_user: User, now: datetime) -> QueueItemChange:
    """Put the item back as it was before one's own last change of it, within ten seconds."""
    row = lock_item(change.item_id)
    # Somebody who asks again changes nothing of the item: it must not take the undo away.
    # By number, not by time: who had to wait for the lock writes last, with the time of when they asked.
    last = row.changes.exclude(verb="asked-again").latest("pk")
    if last.pk != change.pk or last.undone_at is not None or last.user_id != acting_user.pk:
        raise NotUndoableError("This item has changed since, so this can no longer be undone.")
    if now - last.at > timedelta(seconds=UNDO_SECONDS):
        raise NotUndoableError(f"Undo works for {UNDO_SECONDS} seconds.")
    own_state.changed([row.account_id])
    # Outcomes first: what was credited by closing the item must not outlive it.
    undo_with(last, now=now)
    # A touch that was logged with the change was written in the same transaction, at the same instant.
    Touch.objects.filter(item=row, user=acting_user, at=last.at, undone_at=None).update(undone_at=now)
    put_back(row, last, now=now)
    mark_worked(row.pk)
    return last


def mark_worked(item_id: int) -> None:
    """Keep when an item was first worked: call it after a touch is logged or undone, as closing an item does."""
    execute(SQL["mark_worked"], {"item": item_id})


@transaction.atomic
def wake_snoozed(now: datetime, *, limit: int = 500) -> int:
    """Open what was snoozed until now. Safe in parallel: each worker takes rows that nobody else has."""
    # The longest overdue first: after an outage they come back in the order in which they were put away.
    asleep = QueueItem.objects.filter(state=QueueItem.State.SNOOZED, snoozed_until__lte=now)
    items = asleep.order_by("snoozed_until").select_for_update(skip_locked=True, no_key=True)[:limit]
    woken = [_move(item, "wake", {"snoozed_until": None}, acting_user=None, now=now) for item in items]
    return len(woken)


def expire_item(item: QueueItem, *, words: str, now: datetime) -> QueueItemChange:
    """It no longer qualifies. `item` is locked by the caller, who refreshes many at once."""
    # After what the rep wrote, and cut at the end: their words are never lost to ours.
    note = f"{item.note}\n{words}".strip()[:LONGEST_NOTE]
    closed = {"closed_at": now, "snoozed_until": None, "note": note}
    return _move(item, "expire", closed, acting_user=None, now=now, note=words)


def close_joined(item: QueueItem, *, acting_user: User | None, now: datetime) -> QueueItemChange:
    """Its account was joined to one where the same play has an item. `item` is locked by the caller."""
    note = f"{item.note}\n{JOINED}".strip()[:LONGEST_NOTE]
    closed = {"closed_at": now, "snoozed_until": None, "note": note}
    return _move(item, "join", closed, acting_user=acting_user, now=now, note=JOINED)


def _closing(user: User, now: datetime, note: str) -> dict[str, Any]:
    return {"closed_at": now, "closed_by_id": user.pk, "note": note[:LONGEST_NOTE], "snoozed_until": None}


def _locked(item: QueueItem, user: User, *, over_claims: bool = False) -> QueueItem:
    """The row as it stands, ours until the end of the transaction; refused while somebody else holds the item."""
    row = lock_item(item.pk)
    # Closed items keep the mark of their last holder: only a claimed one is held.
    held = is_held_by_other(row.state, row.claimed_by_id, user.pk)
    if row.claimed_by and held and not (over_claims and leads(user)):
        raise AlreadyClaimedError(row.claimed_by)
    return row


def _move(
    row: QueueItem, verb: str, values: dict[str, Any], *, acting_user: User | None, now: datetime, note: str = ""
) -> QueueItemChange:
    try:
        state = next_state(row.state, verb)
    except TransitionError as error:
        raise NotPossibleError(str(error)) from error
    # In the same transaction as the state: history and item cannot disagree.
    change = _changed(row, verb, acting_user=acting_user, now=now, note=note)
    if (row.state in QueueItem.LIVE) != (state in QueueItem.LIVE):
        own_state.changed([row.account_id])
    _write(row, values | {"state": state})
    return change


def _changed(row: QueueItem, verb: str, *, acting_user: User | None, now: datetime, note: str = "") -> QueueItemChange:
    """Written before the row changes: it keeps what the row is."""
    return QueueItemChange.objects.create(
        item=row, verb=verb, user=acting_user, before=before_of(row), note=note[:LONGEST_NOTE], at=now
    )


def before_of(row: QueueItem) -> dict[str, Any]:
    """What undo restores, as JSON keeps it."""
    return {name: _plain(getattr(row, name)) for name in KEPT}


def put_back(row: QueueItem, change: QueueItemChange, *, now: datetime) -> QueueItemChange:
    """As the item was before its last change. `row` is locked by the caller, who knows that it was the last."""
    _restore(row, change.before)
    change.undone_at = now
    change.save(update_fields=["undone_at"])
    change.item = row
    return change


def _restore(row: QueueItem, before: dict[str, Any]) -> None:
    values = {name: _from_plain(name, before[name]) for name in KEPT}
    try:
        with transaction.atomic():
            _write(row, values)
    except IntegrityError as error:
        # queue_item_one_open: since it was closed, the play has opened another item for the account.
        raise NotUndoableError("This play has opened another item for the account since.") from error


def _write(row: QueueItem, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=list(values))


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _from_plain(name: str, value: Any) -> Any:
    return datetime.fromisoformat(value) if name in _TIMES and value else value
