"""What somebody may do with a queue item, by their role and by who holds it.

The pages offer by it, the API answers by it, and the work functions refuse by it, under the item's lock.
"""

from dataclasses import dataclass

from outreach.rules.transitions import LIVE

CLAIMED = "claimed"


def is_held_by_other(state: str, claimed_by: int | None, user: int) -> bool:
    """Whether a colleague has claimed the item."""
    return state == CLAIMED and claimed_by != user


@dataclass(frozen=True, slots=True)
class ItemPermissions:
    """`act`: dismiss, snooze, close, log. Release and reassign may take an item out of a colleague's hands."""

    act: bool = False
    claim: bool = False
    release: bool = False
    reassign: bool = False


def item_permissions(
    state: str, *, claimed_by: int | None, user: int, may_change: bool, leads: bool
) -> ItemPermissions:
    """Of a user who sees the item. `leads`: a manager or an admin, who may take over what a colleague holds."""
    if not may_change or state not in LIVE:
        return ItemPermissions()
    held_by_other = is_held_by_other(state, claimed_by, user)
    return ItemPermissions(
        act=not held_by_other,
        claim=state != CLAIMED,
        release=state == CLAIMED and (leads or not held_by_other),
        reassign=leads or not held_by_other,
    )
