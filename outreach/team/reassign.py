"""Moving many items at once. What has changed since a manager looked is left alone and named."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max

from accounts.access import display_name, leads
from accounts.models import Account
from outreach.access import queue_workers
from outreach.locks import lock_items
from outreach.models import QueueItem, QueueItemChange
from outreach.queue.actions import BadChoiceError, NotUndoableError, before_of, put_back
from plgcrm.common.batches import UNDO_SECONDS, batch_of, may_be_undone, time_of

VERB = "reassign"
NOTE = "From team workload"
WRITTEN = ["state", "rep", "claimed_by", "claimed_at", "snoozed_until"]


@dataclass(frozen=True, slots=True)
class Move:
    """An item, how it stood when it was looked at, and whom it goes to. 0: nobody had it."""

    item: int
    seen_rep: int
    seen_state: str
    to: int


@dataclass(frozen=True, slots=True)
class Moved:
    """What became of a batch. `batch` names it for undo: when it was done, in microseconds since 1970."""

    batch: int
    done: int
    skipped: list[str]  # sentences that name the account


@transaction.atomic
def move_items(moves: Sequence[Move], *, acting_user: User, now: datetime) -> Moved:
    """Put each item on the queue of its rep, open. Only for those who lead."""
    if not leads(acting_user):
        raise BadChoiceError("Only managers and admins can move other people’s items.")
    reps = _receivers(moves)
    wanted = {move.item: move for move in moves if move.to in reps}
    # All at once and in order of id, as everybody locks them: two managers never wait in a circle.
    locked = lock_items(wanted)
    # Decided after the lock: what the manager saw may be minutes old by now.
    refused = {item.pk: words for item in locked if (words := _changed(item, wanted[item.pk]))}
    moving = [item for item in locked if item.pk not in refused]
    _write(moving, wanted, acting_user=acting_user, now=now)
    names = _names(item for item in locked if item.pk in refused)
    skipped = [f"{names[item.account_id]}: {refused[item.pk]}" for item in locked if item.pk in refused]
    return Moved(batch_of(now), len(moving), skipped)


@transaction.atomic
def undo_moves(batch: int, *, acting_user: User, now: datetime) -> Moved:
    """Put back what one's own batch moved, within ten seconds; what has been touched since stays, and is named."""
    if not may_be_undone(batch, now=now):
        raise NotUndoableError(f"Undo works for {UNDO_SECONDS} seconds.")
    changes = QueueItemChange.objects.filter(user=acting_user, at=time_of(batch), verb=VERB, undone_at=None)
    by_item = {change.item_id: change for change in changes}
    locked = lock_items(by_item)
    newest = _newest_changes(by_item)
    # Somebody worked on it since: their change would be lost by putting the item back.
    kept = [item for item in locked if newest[item.pk] != by_item[item.pk].pk]
    if len(kept) == len(locked):
        raise NotUndoableError("There is nothing left to undo.")
    for item in locked:
        if item not in kept:
            put_back(item, by_item[item.pk], now=now)
    names = _names(kept)
    return Moved(
        batch, len(locked) - len(kept), [f"{names[item.account_id]}: changed since, so it stays." for item in kept]
    )


def _receivers(moves: Iterable[Move]) -> set[int]:
    """Of those named, who works here and has a queue."""
    wanted = {move.to for move in moves}
    found = set(queue_workers().filter(pk__in=wanted).values_list("pk", flat=True))
    if wanted - found:
        raise BadChoiceError("One of them no longer works a queue.")
    return found


def _changed(item: QueueItem, move: Move) -> str:
    """What happened to it since it was looked at; "" for nothing."""
    # State and rep are what the manager chose by; a new sentence is no reason to refuse.
    if item.state == move.seen_state and (item.rep_id or 0) == move.seen_rep:
        return ""
    if item.state not in (QueueItem.State.OPEN, QueueItem.State.CLAIMED):
        return f"{item.get_state_display()} since."
    if item.claimed_by:
        return f"{display_name(item.claimed_by)} has claimed it since."
    return f"it is on {display_name(item.rep)}’s queue now." if item.rep else "released since."


def _write(moving: Sequence[QueueItem], wanted: dict[int, Move], *, acting_user: User, now: datetime) -> None:
    changes = [
        QueueItemChange(item=item, verb=VERB, user=acting_user, before=before_of(item), note=NOTE, at=now)
        for item in moving
    ]
    for item in moving:
        item.state, item.rep_id = QueueItem.State.OPEN, wanted[item.pk].to
        item.claimed_by_id, item.claimed_at, item.snoozed_until = None, None, None
    # Named columns only: what a refresh wrote in the meantime stays.
    QueueItem.objects.bulk_update(moving, WRITTEN)
    QueueItemChange.objects.bulk_create(changes)


def _newest_changes(items: Iterable[int]) -> dict[int, int]:
    """The last change of each item that counts for undo."""
    changes = QueueItemChange.objects.filter(item__in=items).exclude(verb="asked-again")
    return dict(changes.values_list("item_id").annotate(Max("pk")))


def _names(items: Iterable[QueueItem]) -> dict[int, str]:
    accounts = {item.account_id for item in items}
    return dict(Account.objects.filter(pk__in=accounts).values_list("pk", "name"))
