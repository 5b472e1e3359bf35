"""Set-up mode: nothing reaches a queue before somebody says Go live, and what would can be looked at."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from outreach.models import PlayDecision, QueueItem
from outreach.plays.decide import advance
from outreach.plays.go_live import go_live
from signals.models import Configuration, Moment, SignalDefinition
from tests.cast import api_client_of, play_part
from tests.factories import make_person

PAGE = "/admin/go-live/"


@pytest.fixture
def set_up_mode(shipped: None) -> None:
    Configuration.objects.update(live_since=None)


def test_in_set_up_mode_a_request_waits_and_going_live_opens_its_item(
    admin: Client, set_up_mode: None, acme: Account, raise_hand: Any
) -> None:
    now = timezone.now()
    raise_hand(make_person(acme), at=now - timedelta(days=6))
    assert advance(now) == {}
    page = admin.get(PAGE).content.decode()
    assert "1 item would open" in page
    assert "1 request of the last 7 days" in page
    assert "wrote “Can we talk?” (Demo requested)" in page
    # Looking at it opens nothing.
    assert not QueueItem.objects.exists()
    assert not PlayDecision.objects.exists()
    assert admin.post(PAGE).status_code == 302
    assert advance(now)["fired"] == 1
    assert QueueItem.objects.get().account == acme


def test_requests_older_than_seven_days_are_listed_and_not_lost(
    admin: Client, set_up_mode: None, acme: Account, raise_hand: Any
) -> None:
    raise_hand(make_person(acme, "Olga Reyes"), "Still waiting?", at=timezone.now() - timedelta(days=8))
    page = admin.get(PAGE).content.decode()
    assert "No item would open" in page
    assert "Olga Reyes" in page
    assert "Still waiting?" in page
    assert Moment.objects.count() == 1


def test_a_play_says_what_it_waits_for_and_the_page_that_nothing_protects_new_users(
    admin: Client, set_up_mode: None
) -> None:
    SignalDefinition.objects.exclude(signal__slug="activity").delete()
    page = admin.get(PAGE).content.decode()
    assert "a request: Asked about a plan, Contacted sales, Demo requested" in page
    assert "no guard keeps plays away from new users" in page


def test_while_history_is_counted_nobody_is_told_that_something_was_not_said(admin: Client, set_up_mode: None) -> None:
    SignalDefinition.objects.filter(signal__slug="reached-first-value").update(state=SignalDefinition.State.COUNTING)
    page = admin.get(PAGE).content.decode()
    assert "History is still being counted for 1 signal" in page
    assert "no guard keeps plays away" not in page
    assert "History is being counted for 1 signal." in admin.get("/admin/").content.decode()


def test_going_live_twice_keeps_the_first_date(set_up_mode: None) -> None:
    first = timezone.now()
    assert go_live(first)
    assert not go_live(first + timedelta(days=1))
    assert Configuration.objects.get().live_since == first


def test_an_admin_goes_live_by_api_once(set_up_mode: None) -> None:
    client = api_client_of(play_part("ada"))
    answer = client.post("/api/v1/set-up/go-live/")
    assert (answer.status_code, answer.json()["first_time"]) == (200, True)
    assert Configuration.objects.get().live_since is not None
    assert client.post("/api/v1/set-up/go-live/").json() == answer.json() | {"first_time": False}
    assert api_client_of(play_part("mona")).post("/api/v1/set-up/go-live/").status_code == 403
