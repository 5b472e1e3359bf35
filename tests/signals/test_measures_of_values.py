"""Dates and growth of attributes on real rows: from messages to whom a rule holds for, counted by hand."""

from datetime import timedelta
from typing import Any

import pytest

from signals.scoring.what_if import matching_accounts
from tests.conftest import T0, Send, group, identify

pytestmark = pytest.mark.django_db
TODAY = T0.date()


def holds(measure: dict[str, Any], value: float, op: str = "=") -> bool:
    return matching_accounts({"measure": measure, "op": op, "value": value}, now=T0).count == 1


@pytest.fixture
def tell(send: Send) -> Any:
    """tell(trait=value, days=3): what a company's only workspace says of itself, so many days ago."""
    send(identify("ann", "ann@acme.com", days=90))

    def say(days: float = 0, **traits: Any) -> None:
        send(group("ann", "w1", days=days, **traits))

    return say


@pytest.mark.parametrize(
    "value",
    [
        (TODAY + timedelta(3)).isoformat(),
        f"{TODAY + timedelta(3)}T23:59:59Z",
        f"{TODAY + timedelta(4)}T01:00:00+02:00",
        int((T0 + timedelta(3)).timestamp()),
        int((T0 + timedelta(3)).timestamp() * 1000),
        str(int((T0 + timedelta(3)).timestamp())),
    ],
)
def test_a_date_is_read_however_it_was_sent(tell: Any, value: str | int) -> None:
    tell(trial_ends=value)
    assert holds({"kind": "days_until_date", "key": "trial_ends"}, 3)
    assert not holds({"kind": "days_since_date", "key": "trial_ends"}, -9, ">=")


@pytest.mark.parametrize("value", ["soon", "", 12, "2026-13-01", True])
def test_what_is_no_date_is_unknown(tell: Any, value: Any) -> None:
    tell(trial_ends=value, plan="team")
    for kind in ("days_until_date", "days_since_date"):
        found = matching_accounts({"measure": {"kind": kind, "key": "trial_ends"}, "op": "unknown"}, now=T0)
        assert found.count == 1


def test_the_day_itself_is_no_day_away_on_either_side(tell: Any) -> None:
    tell(renewal=TODAY.isoformat())
    assert holds({"kind": "days_until_date", "key": "renewal"}, 0)
    assert holds({"kind": "days_since_date", "key": "renewal"}, 0)


def test_of_two_workspaces_the_next_date_and_the_latest_one_count(tell: Any, send: Send) -> None:
    tell(renewal=(TODAY + timedelta(40)).isoformat())
    for workspace, days in (("w2", 9), ("w3", -5), ("w4", -30)):
        send(group("ann", workspace, renewal=(TODAY + timedelta(days)).isoformat()))
    assert holds({"kind": "days_until_date", "key": "renewal"}, 9)
    assert holds({"kind": "days_since_date", "key": "renewal"}, 5)


def test_a_number_that_rose_by_half_has_grown_by_half(tell: Any) -> None:
    growth = {"kind": "attribute_growth", "key": "mrr", "days": 30}
    tell(mrr=200, days=60)
    assert holds(growth, 0)
    tell(mrr=300, days=10)
    assert holds(growth, 0.5)
    assert holds(growth | {"days": 9}, 0)
    assert matching_accounts({"measure": growth | {"days": 61}, "op": "unknown"}, now=T0).count == 1


def test_from_nothing_there_is_no_growth_that_anybody_could_state(tell: Any) -> None:
    tell(mrr=0, days=60)
    tell(mrr=300, days=10)
    growth = {"kind": "attribute_growth", "key": "mrr", "days": 30}
    assert matching_accounts({"measure": growth, "op": "unknown"}, now=T0).count == 1
