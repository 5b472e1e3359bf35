"""Sources, signals, triggers, failed events: what an admin does there, over HTTP."""

import re
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from plgcrm.common.cache import forget_all
from signals.ingest import receive
from signals.models import Configuration, Event, FailedEvent, Segment, Signal, Trigger, WriteKey
from signals.vocabulary.definitions import count_all_history
from tests.conftest import Send, add_signal, track
from tests.signals.conftest import matches_data, rule_data

TICKETS = {"any": [{"kinds": ["track"], "names": ["Ticket Opened"], "source": None, "where": []}]}
ACTIVE = {"measure": {"kind": "people", "days": 30}, "op": ">=", "value": 2}


# Sources


def test_a_key_is_shown_once_and_works(admin: Client, source: receive.SourceRef) -> None:
    page = admin.post(f"/admin/signals/source/{source.id}/issue-key/")
    key = re.findall(r"wk_[0-9a-f]{40}", page.content.decode())[0]
    assert receive.source_for_key(key) == source
    assert "no-store" in page["Cache-Control"]
    assert key not in admin.get(f"/admin/signals/source/{source.id}/change/").content.decode()


def test_looking_at_the_address_issues_no_key(admin: Client, source: receive.SourceRef) -> None:
    assert admin.get(f"/admin/signals/source/{source.id}/issue-key/").status_code == 302
    assert WriteKey.objects.count() == 1


def test_a_revoked_key_lets_nothing_in(admin: Client, source: receive.SourceRef) -> None:
    key = WriteKey.objects.get()
    admin.post(f"/admin/signals/source/{source.id}/revoke-key/{key.pk}/")
    forget_all()
    assert receive.source_for_key("wk_test") is None


def test_the_page_shows_what_arrives(admin: Client, source: receive.SourceRef, send: Send) -> None:
    send(track("ann", "<b>Board</b> Created"), track("ann"))
    page = admin.get(f"/admin/signals/source/{source.id}/change/").content.decode()
    assert "2 events today (UTC)" in page
    assert "&lt;b&gt;Board&lt;/b&gt; Created" in page


def test_the_list_says_what_each_source_sent(admin: Client, send: Send) -> None:
    send(track("ann"), {"type": "track", "event": "from nobody"})
    page = admin.get("/admin/signals/source/").content.decode()
    assert '<td class="field-events_today">1</td>' in page
    assert '<td class="field-failed_events">1</td>' in page


# Signals


def signal_data(**values: Any) -> dict[str, Any]:
    category = add_signal("other", TICKETS).category_id
    stated = {"name": "Ticket opened", "slug": "ticket", "category": category, "description": ""}
    return stated | matches_data(TICKETS) | values


def test_a_signal_is_named_and_its_history_counted(admin: Client, send: Send) -> None:
    send(track("ann", "Ticket Opened"), track("ann", "Ticket Opened", days=3))
    response = admin.post("/admin/signals/signal/add/", signal_data())
    definition = Signal.objects.get(slug="ticket").definitions.get()
    assert (response.status_code, definition.matches, definition.state) == (302, TICKETS, "counting")
    assert count_all_history() == 1
    definition.refresh_from_db()
    assert definition.state == "current"


def test_saving_a_signal_with_the_same_meaning_counts_nothing_again(admin: Client, send: Send) -> None:
    signal = add_signal("ticket", TICKETS)
    admin.post(f"/admin/signals/signal/{signal.pk}/change/", signal_data(name="Ticket"))
    signal.refresh_from_db()
    assert (signal.name, signal.definitions.count()) == ("Ticket", 1)


def test_the_number_of_events_shows_while_typing(admin: Client, send: Send) -> None:
    send(track("ann", "Ticket Opened"), track("ann", "Ticket Opened", days=3), track("ann", "Other"))
    page = admin.post("/admin/build/matches/matches/", matches_data(TICKETS)).content.decode()
    assert "Matches 2 events in the last 7 days." in page


def test_a_signal_without_events_is_refused(admin: Client, source: Any) -> None:
    data = {name: value for name, value in signal_data().items() if not name.startswith("matches")}
    page = admin.post("/admin/signals/signal/add/", data).content.decode()
    assert "Add at least one event." in page
    assert not Signal.objects.filter(slug="ticket").exists()


def test_a_button_of_the_matches_saves_nothing(admin: Client, source: Any) -> None:
    page = admin.post("/admin/signals/signal/add/", signal_data() | {"matches:do": "add-where 0"}).content.decode()
    assert 'name="matches:0:0:property"' in page
    assert not Signal.objects.filter(slug="ticket").exists()


# Triggers and segments


def test_a_trigger_is_stored_and_scorers_are_told(admin: Client, source: Any) -> None:
    before = Configuration.objects.get().models_version
    data = {"name": "Team", "slug": "team", "active": "on"} | rule_data(ACTIVE)
    admin.post("/admin/signals/trigger/add/", data)
    assert Trigger.objects.get().rule == ACTIVE
    assert Configuration.objects.get().models_version == before + 1


def test_a_trigger_with_an_unknown_operator_is_refused(admin: Client, source: Any) -> None:
    data = {"name": "Team", "slug": "team"} | rule_data(ACTIVE) | {"rule:0.0:op": "~"}
    page = admin.post("/admin/signals/trigger/add/", data).content.decode()
    assert "“~” is unknown" in page
    assert 'value="Team"' in page
    assert not Trigger.objects.exists()


def test_a_segment_has_at_most_four_success_signals(admin: Client, source: Any) -> None:
    five = [add_signal(f"s{number}", TICKETS).pk for number in range(5)]
    data = {"name": "Fit", "slug": "fit", "position": "1", "success_signals": five} | rule_data(ACTIVE)
    page = admin.post("/admin/signals/segment/add/", data).content.decode()
    assert "5 signals chosen" in page
    assert not Segment.objects.exists()


# Failed events


@pytest.fixture
def failed(send: Send, source: receive.SourceRef, t0: datetime) -> FailedEvent:
    """A message that was refused, and that would be taken now."""
    send({"type": "track", "event": "<script>alert(1)</script>"})
    row = FailedEvent.objects.get()
    row.payload = b'{"type":"track","messageId":"late","userId":"ann","event":"Now good"}'
    row.save()
    return row


def test_failed_events_are_replayed_from_the_list(admin: Client, failed: FailedEvent) -> None:
    data = {"action": "replay_chosen", "_selected_action": [str(failed.pk)]}
    page = admin.post("/admin/signals/failedevent/", data, follow=True).content.decode()
    assert "Replayed: 1 stored, 0 already stored, 0 failed again." in page
    assert Event.objects.filter(message_id="late").count() == 1


def test_one_failed_event_is_replayed_from_its_page(admin: Client, failed: FailedEvent, t0: datetime) -> None:
    admin.post(f"/admin/signals/failedevent/{failed.pk}/change/", {"_replay": "1"})
    failed.refresh_from_db()
    assert failed.replayed_at == t0


def test_failed_events_are_discarded(admin: Client, failed: FailedEvent) -> None:
    data = {"action": "discard_chosen", "sure": "1", "_selected_action": [str(failed.pk)]}
    page = admin.post("/admin/signals/failedevent/", data, follow=True).content.decode()
    assert "1 failed event discarded." in page
    assert not FailedEvent.objects.exists()


def test_a_hostile_payload_is_only_text(admin: Client, failed: FailedEvent) -> None:
    failed.payload = b'{"event":"<script>alert(1)</script>\xff\x00"}'
    failed.save()
    page = admin.get(f"/admin/signals/failedevent/{failed.pk}/change/").content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;\\xff\\x00" in page


# Events


def test_events_are_found_by_email_address(admin: Client, send: Send) -> None:
    send({"type": "identify", "messageId": "i", "userId": "ann", "traits": {"email": "ann@acme.com"}}, track("ann"))
    send(track("bob", "Of Bob"))
    page = admin.get("/admin/signals/event/?q=ann@acme.com").content.decode()
    assert "Item Created" in page
    assert "Of Bob" not in page


def test_an_event_shows_its_message(admin: Client, send: Send) -> None:
    send(track("ann", "Limit Hit", properties={"limit": "boards"}))
    event = Event.objects.get()
    page = admin.get(f"/admin/signals/event/{event.pk}/change/").content.decode()
    assert "&quot;limit&quot;: &quot;boards&quot;" in page


def test_failed_events_are_listed_by_reason(admin: Client, failed: FailedEvent, send: Send) -> None:
    send({"type": "telegram", "userId": "ann"})
    page = admin.get("/admin/signals/failedevent/", {"because": failed.reason, "state": "open"}).content.decode()
    assert "1 failed event" in page
    assert f"{failed.reason[:60]} (1)" in page
