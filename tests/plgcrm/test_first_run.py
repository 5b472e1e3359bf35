"""The checklist on the admin's home: each step as the data has it, and a test event that really arrives."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from outreach.models import Rep
from plgcrm.common.cache import forget_all
from plgcrm.first_run import steps
from signals.models import Configuration, Event, Source
from tests.cast import client_of, play_part
from tests.conftest import Send, track
from tests.factories import make_company, make_desk


def done() -> list[bool]:
    forget_all()
    return [step.done for step in steps()]


def home(client: Client, address: str = "/admin/") -> str:
    return client.get(address).content.decode()


def test_an_empty_installation_has_nothing_done_and_begins_with_a_source(admin: Client, shipped: None) -> None:
    Configuration.objects.update(live_since=None)
    assert done() == [False] * 6
    page = home(admin)
    assert "0 of 6 steps done" in page
    assert "Send a test event</button>" not in page
    assert "No companies yet" in page


def test_a_source_without_a_key_is_not_done(shipped: None) -> None:
    Source.objects.create(name="Web app")
    assert not steps()[0].done


def test_a_test_event_is_stored_as_a_clients_event_would_be(admin: Client, source: Any) -> None:
    answer = admin.post("/admin/first-run/test-event/")
    event = Event.objects.get()
    assert event.payload["event"] == "PLGCRM Test Event"
    assert event.source_id == source.id
    assert "It arrived" in home(admin, answer["Location"].partition("#")[0])
    assert done()[1]


def test_an_event_of_a_client_is_not_shown_as_the_test_event(admin: Client, send: Send, source: Any) -> None:
    send(track("ann") | {"messageId": "mine"}, at=timezone.now())
    assert "It arrived" not in home(admin, "/admin/?sent=mine")


def test_the_list_asks_again_until_the_first_event_is_there(admin: Client, send: Send, source: Any) -> None:
    asks = 'hx-get="/admin/first-run/"'
    assert asks in home(admin)
    send(track("ann"))
    assert asks not in home(admin)


def test_before_anything_has_a_name_the_vocabulary_comes_next(source: Any, send: Send) -> None:
    assert (steps()[2].title, steps()[2].link.words) == ("Say what things are called", "Vocabulary")
    now = timezone.now()
    send(track("ann", "Document Shared") | {"timestamp": now.isoformat()}, at=now)
    forget_all()
    assert [step.title for step in steps() if step.next] == ["Say what things are called"]


def test_signals_that_match_nothing_are_named(source: Any, shipped: None, send: Send) -> None:
    now = timezone.now()
    send(track("ann", "Limit Hit") | {"timestamp": now.isoformat()}, at=now)
    forget_all()
    step = steps()[2]
    assert step.words == "2 of 31 signals matched an event in the last 7 days."
    assert step.note == "Without a match and 21 more:"
    assert len(step.notes) == 8


def test_old_usage_does_not_make_a_signal_heard(source: Any, t0: datetime) -> None:
    make_desk(t0, companies=0)
    make_company("Acme", now=t0)  # active in March, which is long ago
    assert not done()[2]


def test_who_qualifies_is_told_of_all_accounts(t0: datetime, db: None) -> None:
    make_desk(t0)
    make_company("Acme", now=t0, points=80)
    make_company("Beta", now=t0, points=20)
    assert steps()[3].words == "1 of 2 accounts qualify by 3 live models."


def test_a_team_that_works_a_play_and_has_nobody_is_named(t0: datetime, db: None) -> None:
    make_desk(t0)
    Rep.objects.filter(user__username="olga").delete()
    step = steps()[4]
    assert not step.done
    assert "Customer success" in [link.words for link in step.notes]


def test_the_list_is_hidden_only_when_all_is_done(admin: Client, shipped: None, monkeypatch: Any) -> None:
    admin.post("/admin/first-run/hide/")
    assert "A source with a key" in home(admin)
    whole = [step.__class__(step.title, True, step.words, step.link) for step in steps()]
    monkeypatch.setattr("plgcrm.admin_home.steps", lambda: whole)
    assert "A source with a key" not in home(admin)
    admin.post("/admin/first-run/hide/", {"show": "1"})
    assert "A source with a key" in home(admin)


def test_only_admins_send_test_events(source: Any) -> None:
    client_of(play_part("mona")).post("/admin/first-run/test-event/")
    assert not Event.objects.exists()
    assert User.objects.count() == 1
