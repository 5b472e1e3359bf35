"""What the desk keeps of an account that is joined to another: items, touches, outcomes and decisions go along.

Where one play has an open item on both, one stays and the other is closed; on undo everything is where it was.
"""

from collections.abc import Sequence
from typing import Any

from accounts.identity.followers import Follower, FollowingCount, Transfer
from outreach import own_state
from outreach.locks import lock_accounts, lock_items
from outreach.models import QueueItem, QueueItemChange
from outreach.queue.actions import NotUndoableError, close_joined, put_back
from plgcrm.common.sql import execute, int4s, queries, rows, scalars

SQL = queries("outreach/sql/following.sql")
TWICE = "the same play has one on both"
TABLES = ("items", "touches", "outcomes", "decisions")


def _lock(accounts: Sequence[int]) -> None:
    params = {"accounts": int4s(sorted(accounts))}
    rows(SQL["lock_rows"], params)
    lock_accounts(accounts)
    rows(SQL["lock_items"], params)


def _count(old: int, new: int) -> list[FollowingCount]:
    [(items, touches, outcomes, twice)] = rows(SQL["count"], {"old": old, "new": new})
    return [
        FollowingCount(items, "open item", "open items"),
        FollowingCount(touches, "touch", "touches"),
        FollowingCount(outcomes, "outcome", "outcomes"),
        FollowingCount(twice, f"open item closes: {TWICE}", f"open items close: {TWICE}"),
    ]


def _move(transfer: Transfer) -> dict[str, Any]:
    params = {"old": transfer.old, "new": transfer.new}
    closed = _close_twins(transfer)
    moved = {name: scalars(SQL[f"move_{name}"], params) for name in TABLES}
    own_state.changed([transfer.old, transfer.new])
    return moved | {"closed": closed}


def _close_twins(transfer: Transfer) -> list[int]:
    """The changes that closed one of two items of a play."""
    pairs = rows(SQL["pairs"], {"old": transfer.old, "new": transfer.new})
    losers = [other if kept == one else one for one, other, kept in pairs]
    changes = [close_joined(item, acting_user=transfer.acting_user, now=transfer.now) for item in lock_items(losers)]
    return [change.pk for change in changes]


def _bring_back(transfer: Transfer, kept: dict[str, Any]) -> None:
    for name in TABLES:
        execute(SQL[f"{name}_back"], {"old": transfer.old, "new": transfer.new, "ids": int4s(kept[name])})
    for change in QueueItemChange.objects.filter(pk__in=kept["closed"], undone_at=None).order_by("item"):
        _reopen(change, transfer)
    own_state.changed([transfer.old, transfer.new])


def _reopen(change: QueueItemChange, transfer: Transfer) -> None:
    """Unless somebody has done something with it since, or its play has opened another one."""
    [item] = lock_items([change.item_id])
    if item.state != QueueItem.State.EXPIRED or item.changes.latest("pk").pk != change.pk:
        return
    try:
        put_back(item, change, now=transfer.now)
    except NotUndoableError:
        return


ITEMS_AND_TOUCHES = Follower("desk", _lock, _count, _move, _bring_back)
