"""Each constraint, violated."""

from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, models

from accounts.models import Account
from outreach.models import Play, PlayDecision, QueueItem
from signals.models import Moment, Trigger
from tests.clock import T0
from tests.outreach.conftest import BecomeTrue, play_of


@pytest.fixture
def decision(acme: Account, become_true: BecomeTrue) -> PlayDecision:
    return decide_by_hand(become_true(acme, "outgrowing"))


def decide_by_hand(moment: Moment, **columns: Any) -> PlayDecision:
    values = {"play": play_of("expansion"), "state": "fired", "reason": "It fired.", "decided_at": T0}
    return PlayDecision.objects.create(moment=moment, account=moment.account, **values | columns)


def open_by_hand(decision: PlayDecision, **columns: Any) -> QueueItem:
    values = {"facts_as_of": T0, "created_at": T0, "due_at": T0, "sla_class": 1, "priority": 1}
    assert decision.account
    return QueueItem.objects.create(
        account=decision.account, play=decision.play, decision=decision, why_now="Now.", **values | columns
    )


def violates(name: str) -> Any:
    return pytest.raises(IntegrityError, match=name)


@pytest.mark.parametrize("both", [True, False])
def test_a_play_has_one_trigger(both: bool, shipped: None) -> None:
    trigger = Trigger.objects.first() if both else None
    with violates("play_has_one_trigger"):
        Play.objects.filter(slug="expansion").update(on_hand_raise=both, trigger=trigger)


@pytest.mark.parametrize("rate", [-0.1, 1.1])
def test_a_prior_is_a_chance(rate: float, shipped: None) -> None:
    with violates("play_prior_is_a_chance"):
        Play.objects.update(prior_rate=rate)


def test_a_moment_is_decided_once_by_a_play(decision: PlayDecision) -> None:
    with violates("play_decision_unique"):
        decide_by_hand(decision.moment)


def test_what_is_held_names_its_guard(decision: PlayDecision) -> None:
    with violates("play_held_names_its_guard"):
        PlayDecision.objects.update(state="held", guard="")


def test_every_decision_has_a_reason(decision: PlayDecision) -> None:
    with violates("play_decision_has_reason"):
        PlayDecision.objects.update(reason="")


@pytest.mark.parametrize(
    "columns",
    [
        {"state": "open"},
        {"state": "snoozed", "snoozed_until": T0},
    ],
)
def test_a_play_has_one_open_item_for_an_account(
    columns: dict[str, Any], decision: PlayDecision, become_true: BecomeTrue
) -> None:
    open_by_hand(decision)
    assert decision.account
    another = decide_by_hand(become_true(decision.account, "outgrowing"))
    with violates("queue_item_one_open"):
        open_by_hand(another, **columns)


def test_a_decision_opens_one_item(decision: PlayDecision) -> None:
    open_by_hand(decision, state="expired", closed_at=T0)
    with violates("decision_id"):
        open_by_hand(decision)


@pytest.mark.parametrize(
    ("constraint", "columns"),
    [
        ("queue_item_claimed_by_somebody", {"state": "claimed"}),
        ("queue_item_claimed_by_somebody", {"state": "claimed", "claimed_at": T0}),
        ("queue_item_snoozed_until", {"state": "snoozed"}),
        ("queue_item_dismissed_with_reason", {"state": "dismissed", "closed_at": T0}),
        ("queue_item_done_with_disposition", {"state": "done", "closed_at": T0}),
        ("queue_item_closed_has_time", {"state": "expired"}),
        ("queue_item_closed_has_time", {"state": "open", "closed_at": T0}),
    ],
)
def test_a_state_needs_its_fields(constraint: str, columns: dict[str, Any], decision: PlayDecision) -> None:
    with violates(constraint):
        open_by_hand(decision, **columns)


def test_every_constraint_of_the_app_is_violated_here() -> None:
    tested = Path(__file__).read_text()
    tables: list[type[models.Model]] = [Play, PlayDecision, QueueItem]
    names = {constraint.name for table in tables for constraint in table._meta.constraints}
    assert {name for name in names if f'"{name}"' not in tested} == set()
