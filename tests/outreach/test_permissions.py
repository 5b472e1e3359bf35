"""What may be done with a queue item: by state, by who holds it, and by role."""

import pytest

from outreach.models import QueueItem
from outreach.rules.permissions import ItemPermissions, item_permissions
from outreach.rules.transitions import CLOSED

RITA, TOM = 1, 2
ALL = {"act", "claim", "release", "reassign"}


def names(permissions: ItemPermissions) -> set[str]:
    return {name for name in ALL if getattr(permissions, name)}


@pytest.mark.parametrize(
    ("state", "holder", "rep", "manager"),
    [
        ("open", None, {"act", "claim", "reassign"}, {"act", "claim", "reassign"}),
        ("snoozed", None, {"act", "claim", "reassign"}, {"act", "claim", "reassign"}),
        ("claimed", RITA, {"act", "release", "reassign"}, {"act", "release", "reassign"}),
        ("claimed", TOM, set(), {"release", "reassign"}),
    ],
)
def test_a_rep_never_takes_what_a_colleague_holds_and_a_manager_may(
    state: str, holder: int | None, rep: set[str], manager: set[str]
) -> None:
    found = [
        item_permissions(state, claimed_by=holder, user=RITA, may_change=True, leads=each) for each in (False, True)
    ]
    assert [names(each) for each in found] == [rep, manager]


@pytest.mark.parametrize("state", sorted(CLOSED))
def test_nothing_may_be_done_with_a_closed_item(state: str) -> None:
    assert names(item_permissions(state, claimed_by=RITA, user=RITA, may_change=True, leads=True)) == set()


@pytest.mark.parametrize("state", QueueItem.State.values)
def test_who_may_only_read_does_nothing(state: str) -> None:
    assert names(item_permissions(state, claimed_by=RITA, user=RITA, may_change=False, leads=False)) == set()
