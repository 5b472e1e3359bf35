"""One id, several messages; one call, several values; and what becomes of a message that failed."""

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from accounts.models import Attribute, Workspace
from signals.ingest import receive
from signals.models import Event, FailedEvent, Moment, Tally, Usage
from tests.conftest import T0, Send, add_signal, group, identify, track

pytestmark = pytest.mark.django_db
SAME = {"messageId": "m-1"}
THREE = [track("u1", "Opened", **SAME), track("u1", "Demo Requested", **SAME), track("u2", "Opened", **SAME)]


def failed_names() -> list[str]:
    return sorted(json.loads(bytes(failed.payload))["event"] for failed in FailedEvent.objects.all())


def test_three_messages_of_one_id_in_one_call_are_one_event_and_two_failed_ones(send: Send) -> None:
    receipt = send(*THREE)
    assert (receipt.accepted, receipt.duplicates, receipt.failed) == (1, 0, 2)
    assert failed_names() == ["Demo Requested", "Opened"]
    assert FailedEvent.objects.filter(stage="clash", reason__contains="messageId").count() == 2
    tally = Tally.objects.get()
    assert (tally.accepted, tally.duplicates, tally.failed) == (1, 0, 2)


def test_three_messages_of_one_id_one_after_the_other_are_the_same(send: Send) -> None:
    for message in THREE:
        send(message)
    assert (Event.objects.count(), failed_names()) == (1, ["Demo Requested", "Opened"])


@pytest.mark.parametrize(
    "change",
    [{"properties": {"x": 2}}, {"context": {"groupId": "w2"}}, {"anonymousId": "a"}, {"type": "page", "name": "Made"}],
)
def test_any_difference_in_what_is_said_is_another_message(send: Send, change: dict[str, Any]) -> None:
    message = track("u1", "Made", properties={"x": 1}, **SAME)
    send(message)
    assert send(message | change).failed == 1


@pytest.mark.parametrize(
    "change",
    [{}, {"sentAt": T0.isoformat()}, {"timestamp": T0.isoformat()}, {"context": {"library": {"version": "2"}}}],
)
def test_a_true_repetition_stays_silent(send: Send, change: dict[str, Any]) -> None:
    message = track("u1", properties={"x": 1.0, "y": [1]}, **SAME)
    send(message)
    again = dict(reversed((message | change | {"properties": {"y": [1], "x": 1}}).items()))
    receipt = send(message | change, again)
    assert (receipt.duplicates, receipt.failed, FailedEvent.objects.count()) == (2, 0, 0)


def test_another_message_of_last_month_under_the_id_is_kept_too(send: Send) -> None:
    send(track("u1", "Opened", days=30, **SAME), at=T0 - timedelta(days=30))
    assert send(track("u1", "Demo Requested", days=20, **SAME), at=T0).failed == 1


def test_a_clash_that_is_replayed_is_stored_once_under_an_id_of_its_own(send: Send) -> None:
    add_signal(
        "demo", {"any": [{"kinds": ["track"], "names": ["Demo Requested"]}]}, category="requests", raises_hand=True
    )
    send(*THREE)
    chosen = list(FailedEvent.objects.values_list("pk", flat=True))
    assert receive.replay(chosen, T0) == receive.Receipt(2, 0, 0)
    FailedEvent.objects.update(replayed_at=None)
    assert receive.replay(chosen, T0) == receive.Receipt(0, 2, 0)
    assert (Event.objects.count(), Moment.objects.count()) == (3, 1)
    send(*THREE)
    assert not FailedEvent.objects.filter(replayed_at=None).exists()


def test_a_file_tells_messages_of_one_id_apart_by_who_and_what(send: Send, tmp_path: Path) -> None:
    send(track("u1", "Opened", properties={"x": 1}, messageId="m-1"), track("u1", "Opened", messageId="m-2"))
    lines = [track("u1", "Opened", messageId="m-1"), track("u1", "Demo Requested", messageId="m-2")]
    path = tmp_path / "old.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)))
    out = StringIO()
    call_command("import_events", str(path), "--source", "Web app", stdout=out)
    assert out.getvalue().startswith("2 rows: 0 messages stored, 1 already there, 1 failed.")


# --- Corrected by hand ------------------------------------------------------------------------------------


def test_a_failed_event_is_corrected_and_replayed_on_its_page(admin: Client, send: Send) -> None:
    wrong = {"type": "track", "userId": "u1", "messageId": "m-1", "timestamp": T0.isoformat()}
    send(wrong)
    failed = FailedEvent.objects.get()
    address = f"/admin/signals/failedevent/{failed.pk}/change/"
    assert "Correct the message" in admin.get(address).content.decode()
    right = json.dumps(wrong | {"event": "Made"}, indent=1).replace("\n", "\r\n")
    admin.post(address, {"_replay": "1", "text": right})
    assert Event.objects.get().payload["event"] == "Made"
    failed.refresh_from_db()
    assert (failed.replayed_at is None, failed.edited_at is None) == (False, False)
    send(wrong)
    assert FailedEvent.objects.get().seen == 2
    assert FailedEvent.objects.filter(replayed_at=None).count() == 0


@pytest.mark.parametrize(
    ("text", "reason"), [('{"type": "track"}', "track needs userId"), ("{", "not a JSON"), ("é", "")]
)
def test_a_correction_that_does_not_help_says_why_and_keeps_one_row(
    admin: Client, send: Send, text: str, reason: str
) -> None:
    send({"type": "track", "userId": "u1", "messageId": "m-1"})
    failed = FailedEvent.objects.get()
    admin.post(f"/admin/signals/failedevent/{failed.pk}/change/", {"_replay": "1", "text": text})
    failed = FailedEvent.objects.get()
    assert (failed.replayed_at, bytes(failed.payload).decode()) == (None, text)
    assert reason in failed.reason


def test_a_replay_has_the_clock_of_its_batch(source: receive.SourceRef, send: Send) -> None:
    from signals.ingest.wire import parse

    behind = T0 - timedelta(hours=1)
    bad = {"type": "track", "userId": "u1", "messageId": "m-1", "originalTimestamp": behind.isoformat()}
    body = json.dumps({"batch": [bad], "sentAt": behind.isoformat()}).encode()
    receive.receive(source, parse(body, None, T0), T0)
    failed = FailedEvent.objects.get()
    receive.edit_failed(failed, json.dumps(bad | {"event": "Made"}), T0)
    receive.replay([failed.pk], T0)
    event = Event.objects.get()
    assert (event.timestamp, event.clock) == (T0, Event.Clock.CORRECTED)


def test_failed_events_expire(send: Send, settings: Any) -> None:
    send({"type": "nonsense"}, at=T0 - timedelta(days=91))
    send({"type": "other"}, at=T0 - timedelta(days=90))
    assert (receive.drop_old_failed(T0), FailedEvent.objects.count()) == (1, 1)


# --- In the order sent ------------------------------------------------------------------------------------


def plan_of(workspace: str) -> str:
    subject = Workspace.objects.get(external_id=workspace).pk
    return Attribute.objects.get(subject_kind=2, subject_id=subject, key__name="plan").text


@pytest.mark.parametrize("ids", [("a", "b", "c"), ("c", "b", "a")])
@pytest.mark.parametrize("times", [{}, {"timestamp": T0.isoformat()}])
def test_of_values_said_at_one_time_the_last_of_the_call_counts(
    send: Send, times: dict[str, str], ids: tuple[str, ...]
) -> None:
    said = [group("u1", "w1", plan=plan) for plan in ("free", "zero", "enterprise")]
    messages = [{**m, "messageId": id_, "timestamp": None} | times for m, id_ in zip(said, ids, strict=True)]
    send(*messages)
    assert plan_of("w1") == "enterprise"
    send(*messages, at=T0 + timedelta(seconds=5 if not times else 0))
    send(messages[0])
    assert (plan_of("w1"), Event.objects.count(), Usage.objects.filter(count__gt=3).count()) == ("enterprise", 3, 0)


def test_of_one_person_named_twice_in_a_call_the_last_name_counts(send: Send) -> None:
    send(identify("u1", traits={"name": "Zoe"}), identify("u1", traits={"name": "Ann"}))
    assert Attribute.objects.get(key__name="name").text == "Ann"


def test_a_file_counts_values_of_one_time_in_the_order_of_its_lines(send: Send, tmp_path: Path) -> None:
    lines = [group("u1", "w1", plan="free"), group("u1", "w1", plan="enterprise")]
    path = tmp_path / "old.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)))
    call_command("import_events", str(path), "--source", "Web app", stdout=StringIO())
    assert plan_of("w1") == "enterprise"
