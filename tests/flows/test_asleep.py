"""What once was and is no more: shipped points fade, a first event is no growth, pages say since when it is quiet."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Account
from outreach.pages.account import account_head
from plgcrm.setup_shipped import ensure_shipped_configuration
from signals.models import Configuration, Score, Source
from signals.scoring.run import sweep
from tests.clock import T0
from tests.conftest import Send, add_signal, group, identify, track

pytestmark = pytest.mark.django_db
DEEDS = ("reached-first-value", "invited", "connected-integration", "created-item", "entered-payment-details")
WORKING = 41  # the lowest tier in which anybody does something


@pytest.fixture
def neutral(send: Send) -> Send:
    for slug in DEEDS:
        add_signal(slug, {"any": [{"kinds": ["track"], "names": [slug]}]})
    Configuration.objects.get_or_create(pk=1)
    ensure_shipped_configuration()
    return send


def everything(send: Send, *, days: int) -> None:
    """All that the shipped models pay for what people do, on the ten days that end so many days ago."""
    traits = {"employees": 200, "industry": "Software", "paying": True, "seats": 10, "seats_used": 10}
    start = T0 - timedelta(days=days + 9)
    said = {"createdAt": start.isoformat(), **traits}
    who = identify("7", "ann@heron-boats.com", days=days + 9)
    send(who, group("7", "42", days=days + 9, **said), group("7", "43", days=days + 9), at=start)
    for day in range(days, days + 10):
        did = [track("7", deed, days=day) for deed in DEEDS for _ in range(5)]
        send(*did, at=T0 - timedelta(days=day))
    sweep(T0)


def points(kind: str) -> int:
    return Score.objects.get(scoring_model__kind=kind, person=None).points


def test_what_was_done_lately_is_a_lead(neutral: Send) -> None:
    everything(neutral, days=1)
    # 10 first value, 25 invited, 20 integration, 15 early, 15 items, 25 streak, 40 payment, 20 fit
    assert (points("pql"), points("eqa")) == (170, 70)


@pytest.mark.parametrize("days", [90, 500])
def test_what_was_done_long_ago_is_no_lead(neutral: Send, days: int) -> None:
    everything(neutral, days=days)
    assert (points("pql"), points("pqa"), points("eqa")) == (20, 5, 0)
    assert points("pql") < WORKING


def test_the_last_day_that_counts_is_the_89th(neutral: Send) -> None:
    everything(neutral, days=89)
    # Of the ten days only the last is in the window, and the sign-up is too long ago.
    assert (points("pql"), points("eqa")) == (10 + 25 + 20 + 40 + 20, 70)


def test_a_page_says_since_when_it_is_asleep(neutral: Send, admin: Any) -> None:
    everything(neutral, days=90)
    account = Account.objects.get(domain="heron-boats.com")
    assert account_head(account.pk, today=T0.date()).asleep_since == T0.date() - timedelta(days=90)
    assert "asleep since" in admin.get(f"/accounts/{account.pk}/").content.decode()


def test_who_was_active_89_days_ago_is_not_asleep(neutral: Send) -> None:
    everything(neutral, days=89)
    account = Account.objects.get(domain="heron-boats.com").pk
    assert account_head(account, today=T0.date()).asleep_since is None
    # Measured yesterday: the days go on by themselves.
    assert account_head(account, today=T0.date() + timedelta(days=1)).asleep_since == T0.date() - timedelta(days=89)


def test_one_person_with_one_event_is_not_growing(neutral: Send) -> None:
    Source.objects.update(listening_since=T0 - timedelta(days=200))
    start = T0 - timedelta(days=100)
    said = {"createdAt": start.isoformat(), "paying": True}
    neutral(identify("7", "ann@heron-boats.com", days=100), group("7", "42", days=100, **said), at=start)
    neutral(track("7", "Opened"))
    sweep(T0)
    assert (points("pqa"), points("eqa")) == (0, 0)


@pytest.mark.parametrize(("age", "earned"), [(59, 0), (60, 15)])
def test_people_grow_once_there_are_two_whole_windows(neutral: Send, age: int, earned: int) -> None:
    start = T0 - timedelta(days=age)
    neutral(identify("1", days=age), group("1", "42", days=age, createdAt=start.isoformat()), at=start)
    for who in "12345":
        neutral(identify(who, f"p{who}@heron-boats.com"), group(who, "42"), track(who, "Opened"))
    sweep(T0)
    assert points("pqa") == earned
