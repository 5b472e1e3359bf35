"""What a batch leaves behind: events, names, usage, figures and marks, each once and whole."""

import json
import os
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from accounts.models import Actor, DirtyMark, Identity
from plgcrm.common.cache import forget_all
from plgcrm.common.sql import execute
from signals.ingest import partitions, receive, store
from signals.ingest.keys import ensure_source
from signals.ingest.wire import parse
from signals.models import Event, EventName, FailedEvent, Moment, Signal, SignalDefinition, Tally, Usage
from tests.clock import T0
from tests.conftest import Send, add_signal, group, identify, track

pytestmark = pytest.mark.django_db

MONTH = datetime(2026, 3, 1, tzinfo=UTC)
BEFORE = MONTH - timedelta(minutes=10)  # still February


def actor_of(user: str) -> Actor:
    return Actor.objects.get(profile=Identity.objects.get(value=user).person)


def import_history(source: receive.SourceRef, messages: list[dict[str, Any]], at: list[datetime]) -> receive.Receipt:
    body = json.dumps({"batch": messages}).encode()
    return receive.receive(source, parse(body, None, T0), T0, received_each=at)


def at(moment: datetime, **more: Any) -> dict[str, Any]:
    return track("u1", **more) | {"timestamp": moment.isoformat()}


# --- Events -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("repeated", [False, True])
def test_an_event_is_stored_with_all_that_was_found_out_about_it(send: Send, repeated: bool) -> None:
    messages = [
        track("u1", "Report Opened", messageId="m1", days=1),
        {"type": "page", "name": "Pricing", "userId": "u2", "messageId": "m2", "timestamp": "2030-01-01"},
        {"type": "identify", "userId": "u1", "messageId": "m3"},
    ]
    if repeated:
        send(track("u9", messageId="m0"))
        messages = [track("u9", messageId="m0"), *messages]
    send(*messages)
    columns = ("message_id", "actor", "kind", "clock", "name__name", "timestamp", "received_at", "signals_version")
    version = Event.objects.first().signals_version
    one, two = actor_of("u1").pk, actor_of("u2").pk
    assert list(Event.objects.exclude(message_id="m0").order_by("message_id").values_list(*columns)) == [
        ("m1", one, 1, 0, "Report Opened", T0 - timedelta(days=1), T0, version),
        ("m2", two, 2, 2, "Pricing", T0, T0, version),
        ("m3", one, 4, 3, None, T0, T0, version),
    ]
    payloads = [
        json.loads(text) if isinstance(text, str) else text for text in Event.objects.values_list("payload", flat=True)
    ]
    assert [payload["messageId"] for payload in payloads] == [message["messageId"] for message in messages]


def test_a_clock_that_was_put_right_is_noted(send: Send, source: receive.SourceRef) -> None:
    message = at(T0 - timedelta(hours=2))
    body = json.dumps({"batch": [message], "sentAt": (T0 - timedelta(hours=1)).isoformat()}).encode()
    receive.receive(source, parse(body, None, T0), T0)
    assert Event.objects.values_list("clock", "timestamp").get() == (1, T0 - timedelta(hours=1))


def test_names_are_catalogued_by_source_and_kind_and_only_where_there_is_one(send: Send, source: Any) -> None:
    EventName.objects.create(source=ensure_source("Mobile app"), kind=1, name="Opened")
    send(track("u1", "Opened"), identify("u1", None))
    send({"type": "page", "name": "Opened", "userId": "u1"}, track("u1", "Opened"), track("u1", "Closed"))
    found = EventName.objects.filter(source=source.id).order_by("kind", "name").values_list("kind", "name")
    assert list(found) == [(1, "Closed"), (1, "Opened"), (2, "Opened")]
    assert set(Event.objects.exclude(name=None).values_list("name__source", flat=True)) == {source.id}
    assert Event.objects.filter(name=None).count() == 1
    names = Event.objects.exclude(name=None).values_list("name__kind", "kind")
    assert {kind == of_event for kind, of_event in names} == {True}


def test_the_limit_of_names_is_of_one_source_and_counts_those_of_before(
    send: Send, source: receive.SourceRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "MAX_NAMES", 2)
    EventName.objects.create(source=ensure_source("Mobile app"), kind=1, name="Theirs")
    send(track("u1", "One"))
    send(track("u1", "Two"), track("u1", "Three"), track("u1", "One"))
    assert EventName.objects.filter(source=source.id).count() == 2
    assert Event.objects.filter(name__name="One").count() == 2
    assert Event.objects.filter(name=None).count() == 1


def test_names_that_are_known_take_no_room_from_new_ones(send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MAX_NAMES", 3)
    send(track("u1", "A"), track("u1", "B"))
    forget_all()  # another process
    send(track("u1", "A"), track("u1", "B"), track("u1", "C"))
    assert set(EventName.objects.values_list("name", flat=True)) == {"A", "B", "C"}


def test_every_month_of_an_import_has_its_partition(source: receive.SourceRef) -> None:
    months = [datetime(2025, 11, 5, tzinfo=UTC), datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 1, 6, tzinfo=UTC)]
    import_history(source, [at(month) for month in months], months)
    assert {month.month for month in partitions.months()} >= {11, 1}
    assert (partitions.default_rows(), Event.objects.count()) == (0, 3)


# --- Once -----------------------------------------------------------------------------------------------------


def test_of_one_id_in_a_batch_the_first_message_is_stored(send: Send) -> None:
    assert send(track("u2", messageId="m2"), track("u1", "A", messageId="m1"), track("u3", "B", messageId="m1")) == (
        receive.Receipt(2, 0, 1)
    )
    assert Event.objects.get(message_id="m1").actor == actor_of("u1")
    assert Event.objects.get(message_id="m2").actor == actor_of("u2")


def test_only_what_is_new_of_a_batch_is_counted(send: Send) -> None:
    old, again = track("u1", days=30), track("u1")
    send(old, at=T0 - timedelta(days=30))
    send(again)
    new = track("u2")
    receipt = send(old, again, new, track("u3", days=1))
    assert (receipt.accepted, receipt.duplicates) == (2, 2)
    usage = Usage.objects.order_by("actor", "day").values_list("actor", "day", "count")
    assert list(usage) == [
        (actor_of("u1").pk, date(2026, 2, 9), 1), (actor_of("u1").pk, date(2026, 3, 11), 1),
        (actor_of("u2").pk, date(2026, 3, 11), 1), (actor_of("u3").pk, date(2026, 3, 10), 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("message", "then"),
    [
        (at(MONTH - timedelta(seconds=1), messageId="made last month"), MONTH - timedelta(seconds=1)),
        (at(MONTH + timedelta(minutes=59), messageId="by a clock ahead"), MONTH + timedelta(hours=2)),
        ({"type": "track", "event": "X", "userId": "u1", "messageId": "without a time"}, T0),
        (at(datetime(2031, 1, 1, tzinfo=UTC), messageId="by a clock that is nonsense"), T0),
    ],
    ids=lambda value: value["messageId"] if isinstance(value, dict) else "",
)
def test_what_may_have_come_last_month_is_looked_for_there(
    clock: Any, send: Send, message: dict[str, Any], then: datetime
) -> None:
    send(message, at=BEFORE)
    assert send(message, track("u1"), at=max(then, T0)) == receive.Receipt(1, 1, 0)
    assert Event.objects.count() == 2


def test_what_came_last_month_from_another_source_is_another_message(clock: Any, send: Send) -> None:
    message = at(BEFORE)
    other = receive.SourceRef(ensure_source("Mobile app").pk, "Mobile app")
    receive.receive(other, parse(json.dumps({"batch": [message]}).encode(), None, BEFORE), BEFORE)
    assert send(message).accepted == 1


def looked_for(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The parameters of each look into other months."""
    asked: list[Any] = []
    original = store.rows

    def look(query: str, params: Any = None) -> Any:
        if query == store.SQL["stored_before"]:
            asked.append(params)
        return original(query, params)

    monkeypatch.setattr(store, "rows", look)
    return asked


def test_a_live_batch_looks_into_no_other_month(
    clock: Any, send: Send, source: receive.SourceRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = looked_for(monkeypatch)
    send(at(T0), at(MONTH + timedelta(hours=1)))
    import_history(source, [at(MONTH + timedelta(hours=2))], [MONTH])
    assert asked == []
    send(at(T0), at(MONTH + timedelta(minutes=59)))
    assert [(params[0], *params[2:]) for params in asked] == [(source.id, MONTH, MONTH)]


def test_history_is_looked_for_in_every_month(clock: Any, send: Send, source: receive.SourceRef) -> None:
    live = at(T0)
    send(live)
    old = [T0 - timedelta(days=40), T0]
    assert import_history(source, [live, at(T0)], [old[0], old[1]]) == receive.Receipt(1, 1, 0)
    assert Event.objects.count() == 2


def test_what_is_new_is_copied_and_only_repetitions_are_looked_at_one_by_one(
    send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    original = store.rows
    monkeypatch.setattr(store, "rows", lambda query, *more: asked.append(query) or original(query, *more))
    message = track("u1")
    send(message)
    assert store.SQL["insert_events"] not in asked
    send(message, track("u1"))
    assert asked.count(store.SQL["insert_events"]) == 1


# --- Meanings -------------------------------------------------------------------------------------------------


def test_a_signal_of_one_source_counts_its_events_alone(send: Send, source: receive.SourceRef) -> None:
    other = ensure_source("Mobile app")
    add_signal("ours", {"any": [{"source": source.id, "kinds": ["track"]}]})
    add_signal("theirs", {"any": [{"source": other.pk, "kinds": ["track"]}]})
    send(track("u1"))
    counted = set(Usage.objects.values_list("definition__signal__slug", flat=True))
    assert counted == {"activity", "ours"}


def test_a_signal_with_a_condition_counts_the_events_that_meet_it(send: Send) -> None:
    where = [{"property": "size", "op": ">=", "value": 2}]
    add_signal("large", {"any": [{"names": ["Exported"], "where": where}]})
    send(*(track("u1", "Exported", properties={"size": size}) for size in (1, 2, 3)))
    assert Usage.objects.get(definition__signal__slug="large").count == 2


def test_a_meaning_that_another_process_has_changed_counts_from_the_next_batch(send: Send) -> None:
    send(track("u1"))
    matches = {"any": [{"kinds": None, "names": None}]}
    SignalDefinition.objects.create(
        signal=Signal.objects.create(slug="new", name="New", category=Signal.objects.get().category),
        matches=matches,
        state="current",
        since_version=2,
    )
    execute("UPDATE signals_configuration SET signals_version = signals_version + 1")
    send(track("u1"))
    assert Usage.objects.get(definition__signal__slug="new").count == 1
    assert len(set(Event.objects.values_list("signals_version", flat=True))) == 2


def test_meanings_that_nobody_changed_are_not_read_again(send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    send(track("u1"))
    asked: list[bool] = []
    original = store.current_matcher
    monkeypatch.setattr(store, "current_matcher", lambda refresh=False: asked.append(refresh) or original())
    send(track("u1"))
    assert asked == [False]


# --- Figures and marks ----------------------------------------------------------------------------------------


def test_usage_is_of_the_day_in_utc_and_adds_up(send: Send) -> None:
    midnight = datetime(2026, 3, 10, tzinfo=UTC)
    send(at(midnight - timedelta(microseconds=1)), at(midnight), at(midnight))
    send(at(midnight + timedelta(hours=23, minutes=59)))
    found = Usage.objects.order_by("day").values_list("day", "count")
    assert list(found) == [(date(2026, 3, 9), 1), (date(2026, 3, 10), 3)]


def test_figures_are_of_the_hour_a_batch_came(send: Send, source: receive.SourceRef) -> None:
    again = track("u1")
    send(again, again, {"type": "nonsense"}, at=T0 + timedelta(minutes=59))
    send(again, track("u1"), {"type": "nonsense"}, {"type": "worse"}, at=T0 + timedelta(minutes=1))
    send(track("u1"), at=T0 + timedelta(hours=1))
    columns = ("source", "hour", "slot", "accepted", "duplicates", "failed")
    slot = os.getpid() % 32
    assert list(Tally.objects.order_by("hour").values_list(*columns)) == [
        (source.id, T0, slot, 2, 2, 3), (source.id, T0 + timedelta(hours=1), slot, 1, 0, 0),
    ]  # fmt: skip


def test_only_who_did_something_new_is_marked(send: Send) -> None:
    known = track("u1")
    send(known)
    DirtyMark.objects.all().delete()
    send(known)
    assert not DirtyMark.objects.exclude(actors=[]).exists()
    send(known, track("u2"), track("u2"))
    assert [mark.actors for mark in DirtyMark.objects.exclude(actors=[])] == [[actor_of("u2").pk]]


def test_a_batch_of_failures_alone_is_counted(send: Send) -> None:
    send({"type": "nonsense"})
    assert (Tally.objects.get().failed, Event.objects.count(), DirtyMark.objects.count()) == (1, 0, 0)


def test_a_moment_says_which_message_who_when_and_by_which_signal(send: Send, source: receive.SourceRef) -> None:
    asked = add_signal("asked", {"any": [{"names": ["Asked"]}]}, category="hand-raise", raises_hand=True)
    paid = add_signal("paid", {"any": [{"names": ["Paid"]}]}, category="conversion", converts=True)
    late = track("u1", "Paid", messageId="m2", days=1, properties={"mrr": 9, "currency": "EUR"})
    send(track("u2"), track("u2", "Asked", messageId="m1", properties={"text": "Hi"}), late, track("u1"))
    found = Moment.objects.order_by("cause").values_list("kind", "cause", "actor", "signal", "at", "account", "facts")
    assert list(found) == [
        ("hand", f"{source.id}:m1", actor_of("u2").pk, asked.pk, T0, None, {"name": "Asked", "text": "Hi"}),
        ("conversion", f"{source.id}:m2", actor_of("u1").pk, paid.pk, T0 - timedelta(days=1), None,
         {"name": "Paid", "amount": 9, "currency": "EUR"}),
    ]  # fmt: skip


def test_a_message_that_raises_a_hand_twice_is_one_moment(send: Send) -> None:
    for slug in ("asked", "asked-for-demo"):
        add_signal(slug, {"any": [{"names": ["Asked"]}]}, category="hand-raise", raises_hand=True)
    send(track("u1", "Asked"))
    assert Moment.objects.count() == 1


def test_a_failure_that_comes_again_after_a_replay_is_open_again(send: Send, source: receive.SourceRef) -> None:
    bad = {"type": "track", "userId": "u1", "messageId": "bad"}
    send(bad)
    FailedEvent.objects.update(replayed_at=T0, reason="before")
    later = T0 + timedelta(hours=1)
    send(bad, group("u1", ""), at=later)
    failed = FailedEvent.objects.get(seen=2)
    assert (failed.source_id, failed.stage, failed.replayed_at, failed.received_at) == (
        source.id,
        "validate",
        None,
        later,
    )
    assert "event" in failed.reason
    assert (FailedEvent.objects.count(), json.loads(bytes(failed.payload))) == (2, bad)
