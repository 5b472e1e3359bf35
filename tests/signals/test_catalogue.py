"""Everything that arrives is counted exactly by name and day, whoever counts and how often."""

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from django.db import connection
from django.utils import timezone

from plgcrm.pipeline import look as look_task
from signals.ingest.receive import SourceRef, receive
from signals.ingest.wire import parse
from signals.models import CatalogueDay, CatalogueKey, CatalogueState, Configuration, EventName, EventNameDay, Source
from signals.vocabulary import catalogue
from signals.vocabulary.arrived import arrivals, arrived_names, full_sources, grouped, silent_names
from signals.vocabulary.sampling import harmless
from tests.cast import client_of, play_part, text_of

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)  # a Friday


@pytest.fixture(autouse=True)
def _begun() -> None:
    Configuration.objects.get_or_create(pk=1)
    CatalogueState.objects.update_or_create(
        pk=1, defaults={"settled_until": NOW - timedelta(days=40), "sampled_until": NOW - timedelta(days=40)}
    )


@pytest.fixture
def source() -> SourceRef:
    made = Source.objects.create(name="App")
    return SourceRef(made.pk, made.name)


def send(source: SourceRef, *messages: dict[str, Any], at: datetime, now: datetime | None = None) -> None:
    body = msgspec.json.encode({"batch": [{"type": "track", "userId": "u1"} | message for message in messages]})
    parsed = parse(body, None, at)
    each = [at] * len(parsed.messages)
    receive(source, parsed, now or at, received_each=each)


def counted() -> dict[tuple[str, date], int]:
    found = EventNameDay.objects.select_related("name").order_by("day")
    return {(each.name.name, each.day): each.settled + each.recent for each in found if each.settled + each.recent}


def test_names_are_counted_by_day_of_arrival(source: SourceRef) -> None:
    send(source, {"event": "A", "messageId": "1"}, {"event": "A", "messageId": "2"}, at=NOW - timedelta(days=1))
    send(source, {"event": "A", "messageId": "3"}, {"event": "B", "messageId": "4"}, at=NOW - timedelta(minutes=1))
    catalogue.look(NOW)
    assert counted() == {("A", date(2026, 11, 19)): 2, ("A", date(2026, 11, 20)): 1, ("B", date(2026, 11, 20)): 1}
    name = EventName.objects.get(name="A")
    assert name.last_seen_at == NOW - timedelta(minutes=1)


def test_looking_again_counts_nothing_twice_and_misses_nothing_that_was_being_stored(source: SourceRef) -> None:
    send(source, {"event": "A", "messageId": "1"}, at=NOW - timedelta(minutes=2))
    catalogue.look(NOW)
    # It arrived before the look and was committed after it.
    send(source, {"event": "A", "messageId": "2"}, at=NOW - timedelta(minutes=3), now=NOW - timedelta(minutes=3))
    for minutes in (1, 5, 20, 30, 90):
        catalogue.look(NOW + timedelta(minutes=minutes))
    assert counted() == {("A", date(2026, 11, 20)): 2}
    [day] = EventNameDay.objects.all()
    assert (day.settled, day.recent) == (2, 0)


def test_history_that_comes_later_is_counted_in_its_own_days(source: SourceRef) -> None:
    catalogue.look(NOW)
    old = NOW - timedelta(days=20)
    send(source, {"event": "A", "messageId": "1", "timestamp": old.isoformat()}, at=old, now=NOW)
    assert [each.day for each in CatalogueDay.objects.all()] == [old.date()]
    catalogue.look(NOW)
    send(source, {"event": "A", "messageId": "2", "timestamp": old.isoformat()}, at=old, now=NOW)
    catalogue.look(NOW)
    assert counted() == {("A", old.date()): 2}
    assert not CatalogueDay.objects.exists()


def test_the_first_look_of_an_installation_counts_what_was_there_before(source: SourceRef) -> None:
    send(source, {"event": "A", "messageId": "1"}, at=NOW - timedelta(days=9))
    CatalogueState.objects.all().delete()
    CatalogueDay.objects.all().delete()
    catalogue.look(NOW)
    assert counted() == {("A", date(2026, 11, 11)): 1}


@pytest.mark.django_db(transaction=True)
def test_two_workers_count_each_event_once(source: SourceRef) -> None:
    for n in range(30):
        send(source, {"event": "A", "messageId": str(n)}, at=NOW - timedelta(hours=n))

    def work() -> None:
        catalogue.look(NOW)
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    catalogue.look(NOW)
    assert sum(counted().values()) == 30


def test_properties_and_traits_are_sampled_with_their_types(source: SourceRef) -> None:
    send(
        source,
        {"event": "A", "properties": {"limit": 3, "plan": {"name": "pro"}, "tags": ["x", "y"], "gone": None}},
        {"event": "A", "properties": {"limit": "many", "on": True}},
        {"type": "identify", "traits": {"email": "ann@acme.com", "firstName": "Ann", "company": {"size": "11-50"}}},
        {"type": "group", "groupId": "g", "traits": {"planName": "pro"}},
        at=NOW - timedelta(minutes=1),
    )
    catalogue.look(NOW)
    found = {(key.holder, key.path): (key.types, key.samples) for key in CatalogueKey.objects.all()}
    assert found == {
        ("event", "limit"): ({"number": 1, "text": 1}, ["3", "many"]),
        ("event", "plan.name"): ({"text": 1}, ["pro"]),
        ("event", "tags"): ({"list": 1}, ["x, y"]),
        ("event", "on"): ({"yes_no": 1}, ["true"]),
        ("person", "email"): ({"text": 1}, ["…@acme.com"]),
        ("person", "first_name"): ({"text": 1}, ["A…"]),
        ("person", "company.size"): ({"text": 1}, ["11-50"]),
        ("workspace", "plan_name"): ({"text": 1}, ["pro"]),
    }


def test_suggestions_are_made_from_what_arrived(source: SourceRef) -> None:
    messages = [{"event": "Limit Reached", "properties": {"limit": 3}}, {"event": "Limit Reached"}]
    send(source, *messages, {"type": "page", "name": "Pricing"}, at=NOW - timedelta(minutes=1))
    catalogue.look(NOW)
    events = {event.name: event for event in arrivals(NOW).events}
    assert (events["Limit Reached"].count, events["Limit Reached"].properties[0].share) == (2, 0.5)
    assert events["Pricing"].kind == "page"


def test_samples_hold_nobodys_address_number_or_name() -> None:
    assert harmless("x", "ann@acme.com") == "…@acme.com"
    assert harmless("x", "+49 170 1234567") == "+00 000 0000000"
    assert harmless("x", "555-0123") == "000-0000"
    for size in ("501-1000", "1001-5000", "1000 – 4999", "10001-50000"):
        assert harmless("company_size", size) == size
    assert harmless("full_name", "Ann Lee", is_person=True) == "A… L…"
    assert harmless("x", "y" * 100) == "y" * 59 + "…"


def test_keys_are_bounded_and_what_finds_no_room_is_said(source: SourceRef, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "MAX_PROPERTIES", 2)
    send(source, {"event": "A", "properties": {"a": 1, "b": 2, "c": 3}}, at=NOW - timedelta(minutes=1))
    catalogue.look(NOW)
    assert CatalogueKey.objects.count() == 2
    assert full_sources() == ["App"]


def test_an_evicted_name_makes_room_and_is_listed_no_more(source: SourceRef, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signals.ingest.store.MAX_NAMES", 1)
    send(source, {"event": "A"}, at=NOW - timedelta(minutes=3))
    send(source, {"event": "B"}, at=NOW - timedelta(minutes=2))
    assert set(EventName.objects.values_list("name", flat=True)) == {"A"}
    EventName.objects.update(evicted=True)
    send(source, {"event": "C"}, at=NOW - timedelta(minutes=1))
    catalogue.look(NOW)
    assert [each.name for each in arrived_names(NOW)] == ["C"]


def test_spellings_of_one_name_stand_together(source: SourceRef) -> None:
    names = ("Demo Requested", "demo_requested", "demo_requested", "Other")
    send(source, *({"event": name, "messageId": str(n)} for n, name in enumerate(names)), at=NOW - timedelta(minutes=1))
    catalogue.look(NOW)
    groups = [[each.name for each in group.names] for group in grouped(arrived_names(NOW))]
    assert groups == [["demo_requested", "Demo Requested"], ["Other"]]


# Silence


@pytest.fixture
def came(source: SourceRef) -> Callable[..., EventName]:
    def write(days: list[date], *, until: datetime) -> EventName:
        name = EventName.objects.create(source_id=source.id, kind=1, name="Ticket Opened", last_seen_at=until)
        EventNameDay.objects.bulk_create([EventNameDay(name=name, day=day, settled=1) for day in days])
        return name

    return write


def days_before(last: date, count: int) -> list[date]:
    return [last - timedelta(days=n) for n in range(count)]


def test_a_name_that_came_daily_and_stopped_is_told(came: Callable[..., EventName]) -> None:
    last = NOW - timedelta(days=1, minutes=1)
    came(days_before(last.date(), 14), until=last)
    assert [(each.name, each.last_seen_at) for each in silent_names(NOW)] == [("Ticket Opened", last)]
    assert silent_names(NOW - timedelta(minutes=2)) == []


def test_a_name_that_came_now_and_then_is_not_missed(came: Callable[..., EventName]) -> None:
    last = NOW - timedelta(days=2)
    came(days_before(last.date(), 9), until=last)
    assert silent_names(NOW) == []


def test_a_name_that_skips_days_is_missed_after_more_days_than_it_ever_skipped(came: Callable[..., EventName]) -> None:
    last = NOW - timedelta(days=3)
    came([day for place, day in enumerate(days_before(last.date(), 14)) if place not in (4, 5, 9)], until=last)
    assert silent_names(NOW) == []  # two whole days, as once before
    assert [each.name for each in silent_names(NOW + timedelta(days=1))] == ["Ticket Opened"]


def test_a_name_of_working_days_is_not_missed_on_a_weekend(came: Callable[..., EventName]) -> None:
    friday = NOW
    days = [day for day in days_before(friday.date(), 14) if day.isoweekday() < 6]
    came(days, until=friday)
    assert silent_names(friday + timedelta(days=2, hours=3)) == []  # Sunday
    assert silent_names(friday + timedelta(days=3, hours=3)) == []  # Monday, not over yet
    assert [each.name for each in silent_names(friday + timedelta(days=4, hours=3))] == ["Ticket Opened"]


def test_hidden_names_and_those_gone_for_long_are_not_missed(came: Callable[..., EventName]) -> None:
    last = NOW - timedelta(days=2)
    name = came(days_before(last.date(), 14), until=last)
    assert silent_names(NOW + timedelta(days=20)) == []
    EventName.objects.filter(pk=name.pk).update(hidden=True)
    assert silent_names(NOW) == []


def test_old_counts_are_forgotten(came: Callable[..., EventName]) -> None:
    came([date(2025, 1, 1), date(2026, 11, 1)], until=NOW)
    assert catalogue.forget_old_days(NOW.date()) == 1


def test_a_name_that_stopped_is_told_to_admins_and_on_the_pipeline_page(came: Callable[..., EventName]) -> None:
    ada = client_of(play_part("ada"))
    now = timezone.now()
    last = now - timedelta(days=1, hours=1)
    assert "Stopped arriving" not in text_of(ada, "/pipeline/") + text_of(ada, "/admin/")
    came(days_before(last.date(), 14), until=last)
    for address in ("/pipeline/", "/admin/"):
        page = text_of(ada, address)
        assert "Stopped arriving" in page
        assert "Ticket Opened" in page


def test_the_task_may_run_twice(source: SourceRef) -> None:
    now = timezone.now()
    CatalogueState.objects.update(settled_until=now - timedelta(hours=1))
    send(source, {"event": "A"}, at=now)
    look_task()
    look_task()
    assert counted() == {("A", now.date()): 1}
