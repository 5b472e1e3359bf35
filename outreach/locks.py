"""Who waits for whom. Every transaction takes its locks in this order, and within a kind in ascending order:

1. moments, or decisions that are re-checked (never waited for: a locked row is another worker's)
2. accounts: an advisory lock each, so that two plays never open a conversation with one account at once,
   while ingest and identity, which write account rows, wait for nobody here
3. queue items
4. reps of a team, for the turns of the round robin
"""

from collections.abc import Iterable

from outreach.models import QueueItem, Rep
from plgcrm.common import advisory
from plgcrm.common.sql import int4s, queries, rows

SQL = queries("outreach/sql/plays.sql")


def lock_accounts(account_ids: Iterable[int]) -> None:
    """Until the end of the transaction nobody else decides about these accounts."""
    # In ascending order for all: two batches with the same accounts never wait in a circle.
    if ids := sorted(set(account_ids)):
        rows(SQL["lock_accounts"], {"kind": advisory.ACCOUNT, "accounts": int4s(ids)})


def lock_item(item_id: int) -> QueueItem:
    """The row as it stands. Without joins: after a wait Postgres reads the row again, but not what is joined to it."""
    return QueueItem.objects.select_for_update(no_key=True).get(pk=item_id)


def lock_items(item_ids: Iterable[int]) -> list[QueueItem]:
    """The rows as they stand, in ascending order; without joins, as above."""
    return list(QueueItem.objects.select_for_update(no_key=True).filter(pk__in=list(item_ids)).order_by("pk"))


def lock_reps(team_ids: Iterable[int]) -> list[Rep]:
    """The reps of these teams who take items; their turns are ours until the end of the transaction."""
    reps = Rep.objects.select_for_update(of=("self",), no_key=True).select_related("user")
    # `of` names the rep alone: the users beside them are not locked, for people log in all the time.
    return list(reps.filter(team__in=set(team_ids), taking_items=True, user__is_active=True).order_by("pk"))
