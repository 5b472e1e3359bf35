"""From checked messages to rows: exactly once."""

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections

from accounts.models import DirtyMark
from plgcrm.common.cache import forget_all
from plgcrm.common.sql import execute, rows
from signals.ingest import copying, partitions, receive, store
from signals.ingest.keys import ensure_source, issue_key, revoke_key
from signals.ingest.wire import parse
from signals.models import Event, EventName, FailedEvent, Moment, Tally, Usage
from tests.conftest import T0, Send, add_signal, group, identify, track

pytestmark = pytest.mark.django_db


def total_usage() -> int:
    return sum(Usage.objects.values_list("count", flat=True))


def test_a_batch_is_stored_once_with_its_usage(send: Send) -> None:
    receipt = send(identify("u1", "ann@acme.com"), track("u1"), track("u1"), track("u1", days=1))
    assert (receipt.accepted, receipt.duplicates, receipt.failed) == (4, 0, 0)
    assert Event.objects.count() == 4
    assert sorted(Usage.objects.values_list("count", flat=True)) == [1, 2]


def test_a_repeated_batch_changes_nothing(send: Send) -> None:
    batch = [identify("u1", "ann@acme.com"), track("u1"), track("u1")]
    send(*batch)
    receipt = send(*batch, *batch)
    assert (receipt.accepted, receipt.duplicates) == (0, 6)
    assert (Event.objects.count(), total_usage()) == (3, 2)


def test_the_same_message_id_from_two_sources_is_two_messages(send: Send) -> None:
    message = track("u1")
    send(message)
    other = ensure_source("Mobile app")
    body = b'{"batch":[{"type":"track","event":"X","userId":"u1","messageId":"%s"}]}' % message["messageId"].encode()
    receive.receive(receive.SourceRef(other.pk, other.name), parse(body, None, T0), T0)
    assert Event.objects.count() == 2


def test_a_message_that_came_last_month_is_known_this_month(send: Send) -> None:
    message = track("u1", days=30)
    send(message, at=T0 - timedelta(days=30))
    assert send(message, at=T0).duplicates == 1
    assert total_usage() == 1


def test_a_bad_message_is_kept_and_its_neighbours_are_stored(send: Send) -> None:
    receipt = send(track("u1"), {"type": "track", "userId": "u1"}, track("u1"))
    assert (receipt.accepted, receipt.failed) == (2, 1)
    assert "event" in FailedEvent.objects.get().reason


def test_a_message_that_postgres_refuses_is_found_and_kept(send: Send, monkeypatch: Any) -> None:
    bad = track("u1", properties={"x": 1})
    original = store.Batch.row

    def spoilt(batch: store.Batch, place: int) -> copying.EventRow:
        row = original(batch, place)
        return replace(row, message=replace(row.message, raw=b"{")) if b'"x"' in row.message.raw else row

    monkeypatch.setattr(store.Batch, "row", spoilt)
    receipt = send(track("u1"), bad, track("u2"), track("u3"))
    assert (receipt.accepted, receipt.failed) == (3, 1)
    assert FailedEvent.objects.get().stage == "store"


COLUMNS = "source_id, actor_id, kind, clock, name_id, timestamp, received_at, payload::text, signals_version"


def test_events_among_repetitions_are_stored_like_any_others(send: Send) -> None:
    messages = [
        track("u1", messageId="m1"),
        {"type": "page", "userId": "u1", "messageId": "m2"},
        identify("u1", "a@b.example", messageId="m3"),
    ]
    send(*messages)
    copied = rows(f"SELECT {COLUMNS} FROM signals_event ORDER BY message_id")
    execute("DELETE FROM signals_event WHERE message_id <> 'm1'")
    assert send(*messages) == receive.Receipt(2, 1, 0)
    assert rows(f"SELECT {COLUMNS} FROM signals_event ORDER BY message_id") == copied


def test_the_same_failure_again_is_counted_not_kept_twice(send: Send) -> None:
    for _ in range(3):
        send({"type": "track", "userId": "u1", "messageId": "bad"})
    assert FailedEvent.objects.get().seen == 3


def test_a_failed_event_can_be_replayed_when_it_can_be_read(source: receive.SourceRef, send: Send) -> None:
    failed = FailedEvent.objects.create(
        source_id=source.id,
        stage="store",
        reason="a bug since mended",
        payload=b'{"type":"track","event":"Late","userId":"u1","messageId":"m-late"}',
        digest=b"1" * 16,
        received_at=T0,
    )
    assert receive.replay([failed.pk], T0).accepted == 1
    failed.refresh_from_db()
    assert failed.replayed_at == T0


def test_figures_add_up_by_hour(send: Send) -> None:
    message = track("u1")
    send(message, message, {"type": "nonsense"})
    tally = Tally.objects.get()
    assert (tally.accepted, tally.duplicates, tally.failed) == (1, 1, 1)


def test_every_stored_batch_leaves_marks_for_the_scorer(send: Send) -> None:
    send(track("u1"), track("u1"), track("u2"))
    assert len(DirtyMark.objects.exclude(actors=[]).get().actors) == 2


def test_a_request_is_a_moment_in_the_same_breath(send: Send) -> None:
    add_signal("demo-requested", {"any": [{"names": ["Demo Requested"]}]}, category="hand-raise", raises_hand=True)
    message = track("u1", "Demo Requested", properties={"message": "SSO for 200 people"})
    send(message)
    send(message)
    moment = Moment.objects.get()
    assert moment.facts == {"name": "Demo Requested", "text": "SSO for 200 people"}


@pytest.mark.parametrize(
    ("properties", "facts"),
    [
        ({"mrr": 480, "currency": "eur"}, {"amount": 480, "currency": "EUR"}),
        ({"revenue": 99.5, "mrr": 480, "currency": "USD"}, {"amount": 99.5, "currency": "USD"}),
        ({"mrr": 480}, {}),
        ({"mrr": "$1,480", "currency": "EUR"}, {"amount": 1480, "currency": "EUR"}),
        ({"mrr": "plenty", "currency": "EUR"}, {}),
        ({"mrr": True, "currency": "EUR"}, {}),
        ({"mrr": -1, "currency": "EUR"}, {}),
        ({"mrr": 1e300, "currency": "EUR"}, {}),
        ({"mrr": 5, "currency": "<b>"}, {}),
    ],
)
def test_a_conversion_is_a_moment_with_its_amount_where_it_can_be_read(
    send: Send, properties: dict[str, Any], facts: dict[str, Any]
) -> None:
    add_signal("subscribed", {"any": [{"names": ["Subscribed"]}]}, category="conversion", converts=True)
    send(track("u1", "Subscribed", properties=properties))
    moment = Moment.objects.get()
    assert (moment.kind, moment.facts) == ("conversion", {"name": "Subscribed", **facts})


def test_event_names_are_catalogued_up_to_a_limit(send: Send, monkeypatch: Any) -> None:
    monkeypatch.setattr("signals.ingest.store.MAX_NAMES", 3)
    send(*(track("u1", f"Name {i}") for i in range(5)))
    assert EventName.objects.count() == 3
    assert Event.objects.count() == 5


def test_a_revoked_key_writes_no_more(source: receive.SourceRef) -> None:
    from signals.models import Source, WriteKey

    key = issue_key(Source.objects.get(pk=source.id))
    assert receive.source_for_key(key) == source
    revoke_key(WriteKey.objects.get(hint=key[:8]), T0)
    forget_all()
    assert receive.source_for_key(key) is None
    assert receive.source_for_key("wk_guess") is None


def test_a_key_is_nowhere_in_the_clear(source: receive.SourceRef) -> None:
    assert not rows("SELECT 1 FROM signals_writekey WHERE digest LIKE '%%wk_test%%'")


def test_rows_in_the_default_partition_move_when_their_month_is_made(send: Send) -> None:
    send(track("u1"))
    month = partitions.month_of(T0)
    rows_before = Event.objects.count()
    assert partitions.months() == [month]
    assert partitions.default_rows() == 0
    assert Event.objects.count() == rows_before


def test_old_months_are_dropped_and_usage_stays(send: Send, settings: Any) -> None:
    settings.EVENT_RETENTION_MONTHS = 2
    send(track("u1", days=100), at=T0 - timedelta(days=100))
    send(track("u1"))
    assert partitions.drop_old(T0) == ["signals_event_2025_12"]
    assert (Event.objects.count(), total_usage()) == (1, 2)


def test_partitions_are_made_ahead_once(db: None) -> None:
    assert len(partitions.ensure_ahead(T0)) == 4
    assert partitions.ensure_ahead(T0) == []


@pytest.mark.django_db(transaction=True)
def test_the_same_batch_ten_times_at_once_is_stored_once(send: Send) -> None:
    batch = [identify("u1", "ann@acme.com"), group("u1", "w1")] + [track(f"u{i % 7}") for i in range(40)]
    receipts: list[receive.Receipt] = []

    def run() -> None:
        try:
            receipts.append(send(*batch))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    connection.ensure_connection()
    assert sum(receipt.accepted for receipt in receipts) == 42
    assert (Event.objects.count(), total_usage()) == (42, 40)
