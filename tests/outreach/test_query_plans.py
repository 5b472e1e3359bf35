"""The lists that reps look at all day come from an index in its order, whichever filters are asked for."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from outreach.access import Viewer
from outreach.pages import account_list, timeline
from outreach.pages.account_list import AccountFilters, ModelTiers
from outreach.queue import list as queue_list
from outreach.queue.list import Place, QueueFilters
from plgcrm.common.sql import execute, scalars
from tests.planner import forget_statistics

pytestmark = pytest.mark.django_db
REP, MANAGER = Viewer(7, "Rita", "rep", 1, is_rep=True), Viewer(8, "Mona", "manager")


def plan_of(query: str, params: dict[str, Any]) -> str:
    """How Postgres would read it, were the tables large."""
    forget_statistics()
    for way in ("seqscan", "bitmapscan", "sort", "incremental_sort"):
        execute(f"SET LOCAL enable_{way} = off")
    return "\n".join(scalars(f"EXPLAIN {query}", params))


@pytest.mark.parametrize("play", ["", "expansion"])
@pytest.mark.parametrize(
    ("viewer", "rep", "indexes"),
    [
        (REP, 0, ["queue_item_of_rep", "queue_item_of_rep"]),
        (MANAGER, 7, ["queue_item_of_rep"]),
        (MANAGER, 0, ["queue_item_of_all"]),
    ],
)
def test_each_part_of_the_queue_is_one_scan(viewer: Viewer, rep: int, indexes: list[str], play: str) -> None:
    filters = QueueFilters(play=play, rep=rep)
    first = plan_of(queue_list.SQL["first_id"], queue_list._params(viewer, filters, None, 26))
    assert re.findall(r"using (queue_item_\w+) on", first) == indexes
    # Below a place either index may be the best, as the table stands; but it reads the range of the place.
    later = plan_of(queue_list.SQL["first_id"], queue_list._params(viewer, filters, Place(1, 10.0, 5), 26))
    assert len(re.findall(r"using queue_item_of_\w+ on .*\n +Index Cond: .*sla_class >= 1", later)) == len(indexes)


def test_the_snoozed_are_read_alone() -> None:
    plan = plan_of(queue_list.SQL["first_id"], queue_list._params(REP, QueueFilters(snoozed=True), None, 26))
    assert "queue_item_waking" in plan
    assert "queue_item_of" not in plan


@pytest.mark.parametrize(
    "filters",
    [AccountFilters(), AccountFilters(tier="inside"), AccountFilters(owner="me"), AccountFilters(owner="none")],
)
def test_the_accounts_list_stops_at_the_limit(filters: AccountFilters) -> None:
    tiers = [{"slug": "inside", "name": "Inside", "from": 60}]
    filtered = account_list._filtered(REP, ModelTiers(1, "pqa", "Accounts", tiers), filters)
    params = filtered | {"model": 1, "limit": 31, "after_points": 50, "after_id": 9}
    plan = plan_of(account_list.SQL["listed"], params)
    assert "Index Only Scan using score_best_accounts" in plan or "Index Scan using score_best_accounts" in plan


def test_an_accounts_filter_that_is_not_asked_for_is_not_read() -> None:
    filtered = account_list._filtered(REP, ModelTiers(1, "pqa", "Accounts", []), AccountFilters())
    params = filtered | {"model": 1, "limit": 31, "after_points": None, "after_id": 0}
    plan = plan_of(account_list.SQL["listed"], params)
    assert [name for name in ("accounts_assignment", "outreach_queueitem", "tier", "points <") if name in plan] == []


def test_a_kind_of_entry_that_is_not_asked_for_is_not_read() -> None:
    params = {"branches": ["play"], "account": 1, "person": 0, "after": datetime(2026, 3, 18, tzinfo=UTC), "limit": 41}
    params |= {"after_kind": "", "after_ref": "", "since": params["after"], "telling": []}
    plan = plan_of(timeline.SQL["timeline"], params)
    assert "outreach_playdecision" in plan
    assert [
        name for name in ("signals_usage", "outreach_touch", "outreach_outcome", "signals_moment") if name in plan
    ] == []
