"""One rule for the time of an event: by HTTP, from a file and in a replay."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.rules.moments import moment_in, read_moment
from signals.ingest.receive import SourceRef
from signals.ingest.wire import WireMessage, parse
from signals.models import Event, FailedEvent

NOV = datetime(2026, 11, 1, 10, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
Times = dict[str, Any]
Take = Callable[[Times], Event]


def ago(**span: float) -> str:
    return (NOW - timedelta(**span)).isoformat()


# --- Every form -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sent",
    [
        "2026-11-01T10:00:00Z",
        "2026-11-01 10:00:00 UTC",
        "2026-11-01 10:00:00.000 GMT",
        "2026-11-01t10:00:00z",
        "2026-11-01 10:00:00 z",
        "2026-11-01T09:59:60Z",
        "2026-11-01T09:59:60.000+00:00",
        "2026-11-01T10:00:00+00:00Z",
        "2026-11-01T10:00:00Z[UTC]",
        "2026-11-01T11:00:00+01:00[Europe/Paris]",
        "2026-11-01 10:00:00 +0000",
        "2026-11-01 10:00:00 +0000 UTC",
        "2026-11-01 12:00:00.000000001 +0200 CEST m=+0.000012",
        "2026-11-01T05:00:00\u221205:00",
        "2026/11/01 10:00:00",
        "2026-11-1 10:00",
        "2026-11-01 10:00:00 AM",
        " 2026-11-01T10:00:00Z\n",
        '"2026-11-01T10:00:00.000Z"',
        "20261101100000",
        "Sun, 01 Nov 2026 10:00:00 GMT",
        "Sun, 1 Nov 2026 12:00:00 +0200",
        "1 Nov 2026 10:00:00",
        "Sunday, 01-Nov-26 10:00:00 GMT",
        "Sun Nov  1 10:00:00 2026",
        "Sun Nov 01 2026 11:00:00 GMT+0100 (Central European Standard Time)",
        "Nov 1, 2026 10:00 AM",
        "November 1, 2026 10:00:00",
        1793527200,
        1793527200.0,
        1793527200000,
        1793527200000000,
        1793527200000000000,
        "1793527200",
        "1793527200.0000",
        "1793527200000",
        "1793527200000000",
        "1793527200000000000",
        "1.7935272e9",
        "/Date(1793527200000)/",
        "\\/Date(1793527200000+0200)\\/",
        {"$date": "2026-11-01T10:00:00Z"},
        {"$date": {"$numberLong": "1793527200000"}},
        {"_seconds": 1793527200, "_nanoseconds": 0},
    ],
)
def test_every_form_of_a_time_is_read(sent: Any) -> None:
    assert moment_in(sent) == NOV


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("2026-12-31T24:00:00Z", datetime(2027, 1, 1, tzinfo=UTC)),
        ("2026-11-01 12:30:00 AM", datetime(2026, 11, 1, 0, 30, tzinfo=UTC)),
        ("2026-11-01 12:30:00 PM", datetime(2026, 11, 1, 12, 30, tzinfo=UTC)),
        ("2026-11-01T10:00:00,250Z", NOV + timedelta(milliseconds=250)),
        ("2026-11-01 10:00:00.25 UTC", NOV + timedelta(milliseconds=250)),
        ("1795517993.1234", datetime(2026, 11, 24, 10, 59, 53, 123400, tzinfo=UTC)),
        (1795517993123456, datetime(2026, 11, 24, 10, 59, 53, 123456, tzinfo=UTC)),
        ("2026-11-01", datetime(2026, 11, 1, tzinfo=UTC)),
        (-1, datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_odd_times_are_read_to_the_digit(sent: Any, read: datetime) -> None:
    assert moment_in(sent) == read


@pytest.mark.parametrize(
    "sent",
    [
        "Invalid Date", "Invalid date", "NaN", "null", "undefined", "now", "May", "inf", "1e400", "1_000_000_000",
        "2026-02-30 10:00:00 UTC", "2026-13-01", "2026-11-01 25:00:00 UTC", "2026-11-01 13:00 PM", "01/02/2026 10:00",
        "0000-00-00 00:00:00", "9" * 400, "\uff12\uff10\uff12\uff16-11-01", True, False, None, [], {},
        {"$date": None}, float("nan"), 10**30,
    ],
)  # fmt: skip
def test_what_is_no_time_is_none(sent: Any) -> None:
    assert moment_in(sent) is None


def test_a_trait_that_is_a_date_is_read_alike_and_only_where_it_can_be_meant() -> None:
    assert read_moment("2026-11-01 10:00:00 UTC") == NOV
    assert read_moment("", 1793527200000000000) == NOV
    assert read_moment("1989-12-31") is read_moment("2100-01-01") is read_moment("12") is None


# --- Which time counts ------------------------------------------------------------------------------------


def read(times: Times, *, is_delivery: bool = True, **envelope: Any) -> WireMessage:
    message = {"type": "track", "event": "Made", "userId": "u", "messageId": "m", **times}
    body = json.dumps({"batch": [message], **envelope}).encode()
    [found] = parse(body, None, NOW, is_delivery=is_delivery).messages
    return found


AUGUST = "2026-08-01T10:00:00Z"
CASES: list[tuple[str, Times, str, str]] = [
    ("explicit beside its own stamp", {"timestamp": AUGUST, "originalTimestamp": ago(), "sentAt": ago()}, AUGUST, ""),
    ("explicit by a clock ahead", {"timestamp": AUGUST, "sentAt": ago(hours=-3)}, AUGUST, ""),
    ("explicit by a clock behind", {"timestamp": AUGUST, "sentAt": ago(hours=1)}, AUGUST, ""),
    ("explicit alone", {"timestamp": AUGUST}, AUGUST, ""),
    (
        "explicit, queued",
        {"timestamp": AUGUST, "originalTimestamp": ago(hours=9), "sentAt": ago(hours=9)},
        AUGUST,
        "",
    ),
    ("queued 10 hours", {"timestamp": ago(hours=10), "sentAt": ago(hours=10)}, ago(hours=10), "delayed"),
    ("queued, stamped", {"originalTimestamp": ago(hours=10), "sentAt": ago(hours=10)}, ago(hours=10), "delayed"),
    ("queued 3 days", {"originalTimestamp": ago(days=3), "sentAt": ago(days=3)}, ago(days=3), "delayed"),
    (
        "all four times, 40 days ago",
        {name: ago(days=40) for name in ("timestamp", "originalTimestamp", "sentAt", "receivedAt")},
        ago(days=40),
        "",
    ),
    (
        "corrected by whoever received it first",
        {
            "originalTimestamp": ago(days=40, hours=1),
            "sentAt": ago(days=40, hours=1),
            "receivedAt": ago(days=40),
        },
        ago(days=40),
        "corrected",
    ),
    (
        "three times, 40 days ago",
        {name: ago(days=40) for name in ("timestamp", "originalTimestamp", "sentAt")},
        ago(days=40),
        "delayed",
    ),
    ("behind", {"originalTimestamp": ago(hours=1, minutes=5), "sentAt": ago(hours=1)}, ago(minutes=5), "corrected"),
    ("ahead", {"originalTimestamp": ago(days=-400), "sentAt": ago(days=-400)}, ago(), "corrected"),
    (
        "ahead, its two stamps a blink apart",
        {"timestamp": ago(hours=-5, seconds=-0.2), "originalTimestamp": ago(hours=-5), "sentAt": ago(hours=-5)},
        ago(),
        "corrected",
    ),
    ("a dead clock", {"timestamp": "2001-01-01T00:00Z", "sentAt": "2001-01-01T00:01Z"}, ago(minutes=1), "corrected"),
    ("explicit by a dead clock", {"timestamp": AUGUST, "sentAt": "1970-01-01T00:00:20Z"}, AUGUST, ""),
    ("explicit by a clock ahead", {"timestamp": ago(hours=-2), "sentAt": ago(hours=-6)}, ago(hours=4), "corrected"),
    ("impossible beside a stamp", {"timestamp": "2999-01-01", "originalTimestamp": AUGUST}, AUGUST, ""),
    ("impossible", {"timestamp": "2999-01-01"}, ago(), "clamped"),
    ("none, queued", {"sentAt": ago(hours=10)}, ago(hours=10), "replaced"),
    ("none", {"sentAt": ago(hours=1)}, ago(), "missing"),
    ("blank", {"timestamp": " "}, ago(), "missing"),
]  # fmt: skip


@pytest.mark.parametrize(("times", "at", "clock"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_the_time_of_an_event_is_the_one_that_the_table_says(times: Times, at: str, clock: str) -> None:
    message = read(times)
    assert (message.timestamp, message.clock) == (datetime.fromisoformat(at).astimezone(UTC), clock)


UNREADABLE = ["Invalid Date", False, "yesterday", {}, "01/02/2026"]


@pytest.mark.parametrize("sent", UNREADABLE)
def test_an_unreadable_time_is_replaced_by_the_next_best_one(sent: Any) -> None:
    stamped = read({"timestamp": sent, "originalTimestamp": AUGUST, "sentAt": ago()})
    assert (stamped.timestamp.isoformat(), stamped.clock) == ("2026-08-01T10:00:00+00:00", "replaced")
    queued = read({"timestamp": sent}, sentAt=ago(days=2))
    assert (queued.timestamp, queued.clock) == (NOW - timedelta(days=2), "replaced")
    bare = read({"timestamp": sent}, sentAt=ago())
    assert (bare.timestamp, bare.clock) == (NOW, "unreadable")


def test_of_a_file_the_time_of_reading_corrects_nothing() -> None:
    stamp = {"originalTimestamp": ago(minutes=70), "sentAt": ago(minutes=70)}
    assert read(stamp, is_delivery=False).timestamp == NOW - timedelta(minutes=70)
    lost = {"timestamp": "Invalid Date", "receivedAt": ago(days=9)}
    assert (read(lost, is_delivery=False).timestamp, read(lost).timestamp) == (NOW - timedelta(days=9), NOW)


# --- In both doors ----------------------------------------------------------------------------------------


@pytest.fixture(params=["http", "file"])
def take(request: pytest.FixtureRequest, source: SourceRef, tmp_path: Path) -> Take:
    """Hands over a message with these times, and gives the event it became."""

    def by_http(message: dict[str, Any]) -> None:
        body = json.dumps({"batch": [message]})
        response = Client().post("/v1/batch", body, content_type="application/json", headers={"X-Write-Key": "wk_test"})
        assert response.status_code == 200

    def by_file(message: dict[str, Any]) -> None:
        path = tmp_path / "events.jsonl"
        path.write_text(json.dumps(message))
        call_command("import_events", str(path), "--source", "Web app", stdout=StringIO())

    def take(times: Times) -> Event:
        message = {"type": "identify", "userId": "u", "messageId": "m", "traits": {"email": "a@alpha-one.com"}, **times}
        (by_http if request.param == "http" else by_file)(message)
        return Event.objects.get()

    return take


@pytest.mark.django_db
def test_an_explicit_time_is_the_same_by_http_and_from_a_file(take: Take) -> None:
    now = timezone.now().isoformat()
    event = take({"timestamp": "2026-02-01T10:00:00Z", "originalTimestamp": now, "sentAt": now})
    assert (event.timestamp, event.clock) == (datetime(2026, 2, 1, 10, tzinfo=UTC), Event.Clock.TRUSTED)


@pytest.mark.django_db
def test_what_waited_in_a_queue_is_unmoved_by_http_and_from_a_file(take: Take) -> None:
    stamp = timezone.now() - timedelta(hours=10)
    assert take({"originalTimestamp": stamp.isoformat(), "sentAt": stamp.isoformat()}).timestamp == stamp


@pytest.mark.django_db
@pytest.mark.parametrize("sent", UNREADABLE)
def test_an_unreadable_time_costs_no_message_by_http_and_from_a_file(take: Take, sent: Any) -> None:
    event = take({"timestamp": sent})
    assert (event.timestamp, event.clock) == (event.received_at, Event.Clock.UNREADABLE)
    assert not FailedEvent.objects.exists()


@pytest.mark.django_db
def test_a_marked_time_is_shown_on_the_event(admin: Client, take: Take) -> None:
    event = take({"timestamp": "Invalid Date"})
    page = admin.get(f"/admin/signals/event/{event.pk}/change/").content.decode()
    assert "unreadable, the time of arrival" in page
