"""Who owns an account."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.access import display_name
from accounts.dirty_marks import mark_dirty
from accounts.models import Account, Assignment
from plgcrm.common.batches import UNDO_SECONDS, batch_of, may_be_undone, time_of

MOST_AT_ONCE = 500


class OwnershipUndoError(Exception):
    """Too late, or nothing of it is left; the message says which."""


@dataclass(frozen=True, slots=True)
class Assigned:
    """What became of a batch. `batch` names it for undo: when it was done, in microseconds since 1970."""

    batch: int
    done: list[str]  # names of accounts
    skipped: list[str]  # sentences that name the account


@transaction.atomic
def assign(account: Account, rep: Any, *, acting_user: Any, reason: str, now: datetime) -> Assignment:
    """Make `rep` the owner from now on; what stood before is ended and kept. Safe to repeat."""
    Account.objects.select_for_update(of=("self",)).get(pk=account.pk)
    current = Assignment.objects.filter(account=account, ended_at=None).first()
    if current is not None and current.rep_id == rep.pk:
        return current
    if current is not None:
        current.ended_at = now
        current.save(update_fields=["ended_at"])
    mark_dirty([account.pk])
    return Assignment.objects.create(
        account=account, rep=rep, assigned_by=acting_user, reason=reason[:200], started_at=now
    )


@transaction.atomic
def assign_many(seen: Mapping[int, int | None], rep: Any, *, acting_user: Any, reason: str, now: datetime) -> Assigned:
    """Make `rep` the owner of many. `seen`: each account's owner when the batch was looked at.

    An account that somebody else has assigned since is left alone and named. The rows are locked in one order.
    """
    accounts = list(Account.objects.select_for_update(of=("self",)).filter(pk__in=seen).order_by("pk"))
    current = {one.account_id: one for one in _current(accounts).select_related("rep")}
    moved, skipped = [], []
    for account in accounts:
        if refusal := _refusal(account, current.get(account.pk), seen[account.pk], rep):
            skipped.append(refusal)
        else:
            moved.append(account)
    _current(moved).update(ended_at=now)
    Assignment.objects.bulk_create(
        Assignment(account=account, rep=rep, assigned_by=acting_user, reason=reason[:200], started_at=now)
        for account in moved
    )
    mark_dirty(account.pk for account in moved)
    return Assigned(batch_of(now), [account.name for account in moved], skipped)


@transaction.atomic
def undo_assign_many(batch: int, *, acting_user: Any, now: datetime) -> int:
    """Put back the owners as they were before one's own batch, within ten seconds; how many accounts it was.

    What has been assigned again since stays as it is.
    """
    at = time_of(batch)
    if not may_be_undone(batch, now=now):
        raise OwnershipUndoError(f"Undo works for {UNDO_SECONDS} seconds.")
    made = Assignment.objects.filter(assigned_by=acting_user, started_at=at, ended_at=None)
    accounts = Account.objects.select_for_update(of=("self",)).filter(pk__in=made.values("account")).order_by("pk")
    ids = [account.pk for account in accounts]
    if not ids:
        raise OwnershipUndoError("There is nothing left to undo.")
    made.filter(account__in=ids).delete()
    Assignment.objects.filter(account__in=ids, ended_at=at).update(ended_at=None)
    mark_dirty(ids)
    return len(ids)


def _current(accounts: list[Account]) -> Any:
    return Assignment.objects.filter(account__in=accounts, ended_at=None)


def _refusal(account: Account, current: Assignment | None, seen: int | None, rep: Any) -> str:
    owner = current.rep if current else None
    if owner and owner.pk == rep.pk:
        return f"{account.name} was already theirs."
    if (owner.pk if owner else None) == seen:
        return ""
    name = display_name(owner) if owner else "nobody"
    return f"{account.name} has gone to {name} since."
