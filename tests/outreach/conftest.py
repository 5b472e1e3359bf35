"""A small desk: the shipped plays, two reps of each team, one company, and ways to make things happen there."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.contrib.auth.models import User

from accounts.models import Account, Actor, Assignment, Person
from outreach.models import Play, QueueItem
from outreach.plays import decide
from outreach.plays.why_now import fact_keys
from signals.models import AccountState, Moment, Signal, Trigger
from tests.clock import T0
from tests.factories import make_person

VALUE_HAD: dict[str, Any] = {"first_values": 2.0, "age_days": 40.0, "people_active_30": 9.0}

_numbers = count(1)

Measure = Callable[..., AccountState]
RaiseHand = Callable[..., Moment]
BecomeTrue = Callable[..., Moment]


@pytest.fixture
def measure(shipped: None) -> Measure:
    """What the scorer saw of an account: facts by name, and the triggers that are true."""

    def measured(account: Account, *triggers: str, at: datetime = T0, **facts: Any) -> AccountState:
        keys = fact_keys()
        state, _ = AccountState.objects.update_or_create(
            account=account,
            defaults={
                "measures": {keys.get(name, name): value for name, value in facts.items()} | _segments(facts),
                "triggers": dict.fromkeys(triggers, at.isoformat()),
                "fingerprint": 1,
                "as_of": at.date(),
                "changed_at": at,
            },
        )
        return state

    return measured


def _segments(facts: dict[str, Any]) -> dict[str, int]:
    """What the shipped rules make of these facts."""
    found: dict[str, int] = {}
    if {"first_values", "items_30"} & facts.keys():
        found["segment:reached-value"] = int(facts.get("first_values", 0) >= 1 or facts.get("items_30", 0) >= 10)
    if "bad_ratings_14" in facts:
        found["segment:support-issue"] = int(facts["bad_ratings_14"] >= 1)
    return found


@pytest.fixture
def become_true(shipped: None, measure: Measure) -> BecomeTrue:
    """A trigger becomes true for an account that has long had its first value."""

    def happen(account: Account, trigger: str, *, at: datetime = T0, **facts: Any) -> Moment:
        state = AccountState.objects.filter(account=account).first()
        before = list(state.triggers) if state else []
        measure(account, trigger, *before, at=at, **VALUE_HAD | facts)
        row = Trigger.objects.get(slug=trigger)
        return Moment.objects.create(
            kind=Moment.Kind.TRIGGERED, cause=f"{trigger} {next(_numbers)}", account=account, trigger=row, at=at
        )

    return happen


@pytest.fixture
def raise_hand(shipped: None) -> RaiseHand:
    def happen(person: Person, text: str = "Can we talk?", *, at: datetime = T0) -> Moment:
        actor, _ = Actor.objects.get_or_create(
            profile=person, workspace=None, defaults={"first_at": at, "person": person, "account": person.account}
        )
        return Moment.objects.create(
            kind=Moment.Kind.HAND_RAISED,
            cause=f"event {next(_numbers)}",
            actor=actor,
            signal=Signal.objects.get(slug="demo-requested"),
            at=at,
            facts={"text": text, "name": "Demo Requested"},
        )

    return happen


@pytest.fixture
def item(rita: User, acme: Account, raise_hand: RaiseHand) -> QueueItem:
    """Open, on Rita's queue."""
    Assignment.objects.create(account=acme, rep=rita, started_at=T0)
    raise_hand(make_person(acme))
    decide.decide(T0)
    return QueueItem.objects.get()


def play_of(slug: str) -> Play:
    return Play.objects.get(slug=slug)


def later(**span: float) -> datetime:
    return T0 + timedelta(**span)


def on(day: int, month: int = 3, year: int = 2026) -> date:
    return date(year, month, day)
