"""A browser's key raises so many requests an hour; the rest is stored, held and released by hand."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from outreach.models import PlayDecision, QueueItem
from outreach.plays.decide import advance
from outreach.team.flood import held_requests
from plgcrm.setup_shipped import ensure_shipped_configuration
from signals.ingest import flood
from signals.ingest.keys import ensure_source, forget_kinds
from signals.ingest.receive import SourceRef
from signals.models import BrowserRequest, Configuration, FloodedRequest, Moment, Source, Usage, WriteKey
from signals.scoring.run import sweep
from signals.vocabulary.meanings import say
from tests.clock import T0
from tests.conftest import identify, track

pytestmark = pytest.mark.django_db
ASKED = {"matches": {"any": [{"kinds": ["track"], "names": ["rueckruf"]}]}}
Post = Callable[..., None]


@pytest.fixture
def post(source: SourceRef, clock: Any) -> Post:
    """post(message, ..., key=, address=): over HTTP; "wk_page" is a browser's key."""
    Configuration.objects.get_or_create(pk=1)
    ensure_shipped_configuration()
    Configuration.objects.update(live_since=T0 - timedelta(days=100))
    say("signal:contacted-sales", ASKED)
    ensure_source("Website", "wk_page")
    Source.objects.filter(name="Website").update(kind="browser")
    forget_kinds()
    return _post


def _post(*messages: dict[str, Any], key: str = "wk_page", address: str = "203.0.113.7", **meta: str) -> None:
    headers = {"X-Write-Key": key, "X-Forwarded-For": meta.get("forwarded", "")}
    body = json.dumps({"batch": list(messages)})
    answer = Client().post("/v1/batch", body, "application/json", headers=headers, REMOTE_ADDR=address)
    assert answer.status_code == 200


def asks(number: int, **more: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    who = f"u-{number}"
    return identify(who, f"{who}@firm-{number}.com"), track(who, "rueckruf", **more)


def held() -> int:
    return FloodedRequest.objects.count()


def test_the_fourth_request_from_one_address_is_held_and_counted_all_the_same(post: Post) -> None:
    for number in range(5):
        post(*asks(number))
    assert (Moment.objects.filter(kind="hand").count(), held()) == (5, 2)
    assert Usage.objects.filter(definition__signal__slug="contacted-sales").count() == 5


def test_the_21st_request_by_one_key_is_held_from_whatever_address(post: Post) -> None:
    for number in range(22):
        post(*asks(number), address=f"203.0.113.{number}")
    assert held() == 2


def test_one_address_counts_over_all_browser_keys(post: Post) -> None:
    ensure_source("Website", "wk_other")
    for number in range(4):
        post(*asks(number), key=("wk_page", "wk_other")[number % 2])
    assert held() == 1


def test_of_one_call_the_latest_are_held(post: Post) -> None:
    post(*(message for number in range(5) for message in asks(number, days=number / 1000)))
    kept = FloodedRequest.objects.values_list("moment__actor__person__email", flat=True)
    assert set(kept) == {"u-0@firm-0.com", "u-1@firm-1.com"}


def test_an_hour_later_there_is_room_again(post: Post, clock: Any) -> None:
    for number in range(3):
        post(*asks(number))
    clock.move_to(T0 + timedelta(minutes=59))
    post(*asks(3))
    clock.move_to(T0 + timedelta(minutes=60))
    post(*asks(4))
    assert held() == 1


def test_a_repeated_call_uses_up_nothing(post: Post) -> None:
    messages = asks(0)
    for _ in range(5):
        post(*messages)
    assert (held(), BrowserRequest.objects.count()) == (0, 1)


def test_a_server_has_no_limit(post: Post) -> None:
    for number in range(25):
        post(*asks(number), key="wk_test")
    assert (held(), BrowserRequest.objects.count()) == (0, 0)


def test_other_events_of_a_flood_are_never_held(post: Post) -> None:
    for number in range(5):
        post(identify(f"u-{number}", f"u-{number}@firm.com"), track(f"u-{number}", "Opened"))
    assert (held(), BrowserRequest.objects.count()) == (0, 0)


def test_what_is_held_reaches_no_queue_until_a_manager_releases_it(post: Post, admin: Client) -> None:
    for number in range(5):
        post(*asks(number))
    sweep(T0)
    advance(T0)
    assert QueueItem.objects.count() == 3
    assert set(PlayDecision.objects.filter(state="held").values_list("guard", flat=True)) == {"flood"}
    assert "2 requests held as flood" in admin.get("/workload/").content.decode()
    first = held_requests(T0).shown[0].pk
    admin.post("/workload/requests/release/", {"how": "release", "moment": [first]})
    advance(T0)
    assert (QueueItem.objects.count(), held_requests(T0).count) == (4, 1)
    admin.post("/workload/requests/release/", {"how": "release-all"})
    advance(T0)
    assert (QueueItem.objects.count(), held_requests(T0).count) == (5, 0)
    assert FloodedRequest.objects.exclude(released_by=None).count() == 2


def test_releasing_nothing_changes_nothing(post: Post, admin: Client) -> None:
    for number in range(4):
        post(*asks(number))
    admin.post("/workload/requests/release/", {"how": "release"})
    assert held_requests(T0).count == 1


def test_addresses_are_gone_after_a_day(post: Post) -> None:
    post(*asks(0))
    assert flood.forget_callers(T0 + timedelta(days=1)) == 0
    assert flood.forget_callers(T0 + timedelta(days=1, seconds=1)) == 1
    assert BrowserRequest.objects.count() == 0


@pytest.mark.parametrize(
    ("connection_from", "forwarded", "proxies", "seen"),
    [
        ("203.0.113.7", "", 0, "203.0.113.7"),
        ("203.0.113.7", "198.51.100.1", 0, "203.0.113.7"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.1", 1, "198.51.100.1"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.1, 10.0.0.2", 2, "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1", 2, "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1:4711", 1, "198.51.100.1"),
        ("10.0.0.1", "[2001:db8:1:2:3::4]:4711", 1, "2001:db8:1:2::"),
        ("2001:db8:1:2::9", "", 0, "2001:db8:1:2::"),
        ("::ffff:198.51.100.1", "", 0, "198.51.100.1"),
        ("", "", 0, None),
        ("10.0.0.1", "<script>", 1, None),
    ],
)
def test_the_address_is_what_our_outermost_proxy_saw(
    connection_from: str, forwarded: str, proxies: int, seen: str | None
) -> None:
    assert flood.address_of(connection_from, forwarded, proxies=proxies) == seen


def test_behind_a_proxy_people_are_told_apart(post: Post, settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1
    for number in range(5):
        post(*asks(number), forwarded=f"6.6.6.6, 198.51.100.{number}")
    assert held() == 0


@pytest.mark.django_db(transaction=True)
def test_two_workers_let_no_more_through_than_one(post: Post, settings: Any) -> None:
    settings.BROWSER_REQUESTS_PER_ADDRESS = 5

    def worker(number: int) -> None:
        try:
            _post(*asks(number))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(worker, range(12)))
    assert (BrowserRequest.objects.count(), held()) == (5, 7)
    assert WriteKey.objects.filter(browserrequest__isnull=False).distinct().count() == 1
