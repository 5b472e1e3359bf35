"""Requests and conversions that arrived before anybody said what their events mean, in a vocabulary of their own."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account
from outreach.models import Outcome, PlayDecision, QueueItem
from outreach.outcomes.record import credit_conversions
from outreach.plays.decide import advance
from plgcrm.setup_shipped import ensure_shipped_configuration
from signals.ingest import receive
from signals.models import Category, Configuration, Moment, Signal, VocabularyChange
from signals.scoring.run import sweep
from signals.vocabulary.definitions import count_all_history, define
from signals.vocabulary.meanings import say, undo
from tests.clock import T0
from tests.conftest import Send, identify, track

ASKED = {"matches": {"any": [{"kinds": ["track"], "names": ["gespraech.gewuenscht"]}]}}
BOUGHT = {"matches": {"any": [{"kinds": ["track"], "names": ["vertrag.geschlossen"]}]}}


@pytest.fixture
def neutral(source: receive.SourceRef) -> receive.SourceRef:
    """An installation as it comes, live, that has heard everything."""
    Configuration.objects.get_or_create(pk=1)
    ensure_shipped_configuration()
    Configuration.objects.update(live_since=T0 - timedelta(days=100))
    return source


def asked(user: str, *, days: float, **properties: Any) -> dict[str, Any]:
    return track(user, "gespraech.gewuenscht", days=days, properties=properties)


@pytest.fixture
def three_requests(neutral: Any, send: Send) -> None:
    """Of yesterday, of six days ago and of eight days ago, from three companies."""
    for user, company, days in (("1", "nordlicht", 1), ("2", "suedwind", 6.9), ("3", "ostsee", 8)):
        send(identify(user, f"{user}@{company}.com", days=9), at=T0 - timedelta(days=9))
        send(asked(user, days=days, wunsch=f"Ruf an, {company}"), at=T0 - timedelta(days=days))
    sweep(T0)


def test_mapping_a_request_brings_those_of_seven_days_to_the_queue(three_requests: None) -> None:
    assert not Moment.objects.filter(kind="hand").exists()
    say("signal:contacted-sales", ASKED)
    count_all_history()
    assert [m.at for m in Moment.objects.filter(kind="hand").order_by("-at")] == [
        T0 - timedelta(days=days) for days in (1, 6.9, 8)
    ]
    advance(T0)
    assert set(QueueItem.objects.values_list("account__domain", flat=True)) == {"nordlicht.com", "suedwind.com"}
    over = PlayDecision.objects.get(moment__at=T0 - timedelta(days=8))
    assert (over.state, over.reason[:8]) == ("over", "Too old:")


def test_the_words_of_a_past_request_are_read_as_the_vocabulary_says(three_requests: None) -> None:
    say("signal:contacted-sales", ASKED)
    say("property:contacted-sales.text", {"paths": ["wunsch"], "options": {}})
    count_all_history()
    assert Moment.objects.get(at=T0 - timedelta(days=1)).facts == {
        "name": "gespraech.gewuenscht",
        "text": "Ruf an, nordlicht",
    }


def test_a_request_that_was_found_is_not_found_again_by_the_next_meaning(three_requests: None, send: Send) -> None:
    say("signal:contacted-sales", ASKED)
    count_all_history()
    more = {"matches": {"any": [{"kinds": ["track"], "names": ["gespraech.gewuenscht", "rueckruf"]}]}}
    say("signal:contacted-sales", more)
    count_all_history()
    assert Moment.objects.filter(kind="hand").count() == 3


def test_a_request_that_arrives_while_history_is_counted_is_told_at_once(three_requests: None, send: Send) -> None:
    say("signal:contacted-sales", ASKED)
    send(asked("1", days=0))
    assert Moment.objects.filter(kind="hand").count() == 1
    count_all_history()
    assert Moment.objects.filter(kind="hand").count() == 4


def test_all_conversions_of_the_past_reach_the_report(neutral: Any, send: Send) -> None:
    send(identify("1", "1@nordlicht.com", days=400), at=T0 - timedelta(days=400))
    for days in (399, 100, 2):
        bought = {"summe": 1200.5, "waehrung": "EUR"}
        send(track("1", "vertrag.geschlossen", days=days, properties=bought), at=T0 - timedelta(days=days))
    say("signal:subscribed", BOUGHT)
    say("property:subscribed.amount", {"paths": ["summe"], "options": {}})
    say("property:subscribed.currency", {"paths": ["waehrung"], "options": {}})
    count_all_history()
    credit_conversions(T0)
    won = Outcome.objects.filter(account=Account.objects.get(domain="nordlicht.com"))
    assert [(each.at, str(each.amount), each.currency) for each in won.order_by("at")] == [
        (T0 - timedelta(days=days), "1200.50", "EUR") for days in (399, 100, 2)
    ]


def test_a_category_that_becomes_one_of_requests_finds_the_past_of_its_signals(
    three_requests: None, admin: Client
) -> None:
    category = Category.objects.create(slug="wishes", name="Wishes")
    define(Signal.objects.create(slug="wish", name="Wish", category=category), ASKED["matches"])
    count_all_history()
    assert not Moment.objects.filter(kind="hand").exists()
    data = {"name": "Wishes", "slug": "wishes", "raises_hand": "on", "position": "0", "confirmed": "1"}
    assert admin.post(f"/admin/signals/category/{category.pk}/change/", data).status_code == 302
    count_all_history()
    assert Moment.objects.filter(kind="hand").count() == 3


def test_requests_too_old_for_a_queue_stay_listed_after_going_live(three_requests: None, admin: Client) -> None:
    say("signal:contacted-sales", ASKED)
    count_all_history()
    advance(T0)
    page = admin.get("/admin/go-live/").content.decode()
    assert "Requests that were too old for a queue" in page
    assert "3@ostsee.com" in page
    assert "1@nordlicht.com" not in page


def test_an_undone_meaning_finds_no_more_requests(three_requests: None, send: Send) -> None:
    say("signal:contacted-sales", ASKED)
    count_all_history()
    assert undo(VocabularyChange.objects.latest("pk").pk)
    send(asked("1", days=0))
    assert Moment.objects.filter(kind="hand").count() == 3


def test_what_is_found_during_set_up_is_counted_on_the_admins_home(three_requests: None, admin: Client) -> None:
    Configuration.objects.update(live_since=None)
    say("signal:contacted-sales", ASKED)
    count_all_history()
    assert advance(T0) == {}
    assert "3 requests waiting until then." in admin.get("/admin/").content.decode()
    page = admin.get("/admin/go-live/").content.decode()
    assert "2 items would open" in page
    assert "3@ostsee.com" in page
