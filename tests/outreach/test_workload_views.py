"""The manager's page over HTTP: loads, ages, filters, preview, move, undo, and who may."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from outreach.access import Scope
from outreach.models import QueueItem, Rep
from outreach.outcomes.report import Period, plays_report
from outreach.queue.actions import claim_item
from outreach.team import workload
from plgcrm.common.cache import forget_all
from plgcrm.common.sql import execute, scalars
from tests.accounts.test_accounts_list import owned, undo_in
from tests.cast import client_of, text_of
from tests.factories import Desk, make_company, make_item
from tests.planner import forget_statistics
from tests.query_counts import expected_queries

PART = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "workload-items"}

PREVIEW, MOVE = "/workload/preview/", "/workload/reassign/"


def item(desk: Desk, name: str, play: str = "warm-outbound", **given: Any) -> QueueItem:
    company = make_company(name, now=desk.now, people=0, points=None)
    return make_item(company, desk.plays[play], now=desk.now, **given)


def hours(desk: Desk, number: float) -> Any:
    return desk.now + timedelta(hours=number)


def load_of(desk: Desk, name: str) -> workload.Load:
    midnight = desk.now.replace(hour=0, minute=0, second=0, microsecond=0)
    return next(load for load in workload.rep_loads(now=desk.now, midnight=midnight) if load.name == name)


def named(text: str, *names: str) -> list[bool]:
    return [f'<b dir="auto">{name}</b>' in text for name in names]


# --- What it says -------------------------------------------------------------------------------------------


def test_a_rep_is_shown_with_what_waits_and_how_late(desk: Desk) -> None:
    item(desk, "Late", rep=desk.rita, due_at=hours(desk, -5), created_at=hours(desk, -50))
    item(desk, "Soon", rep=desk.rita, due_at=hours(desk, 5))
    claim_item(item(desk, "Held", rep=desk.rita), acting_user=desk.rita, now=desk.now)
    load = load_of(desk, "Rita")
    assert (load.items, load.claimed, load.late, load.capacity, load.used) == (3, 1, 1, 20, 15)
    assert load.oldest == hours(desk, -50)


def worked(desk: Desk, name: str, *, at: float, due: float, state: str = "done") -> None:
    """An item of Rita's, first worked and due so many hours from now."""
    ended = {"state": state, "closed_at": hours(desk, at)} if state != "open" else {}
    ended |= {"disposition": "met"} if state == "done" else {}
    item(desk, name, rep=desk.rita, worked_at=hours(desk, at), due_at=hours(desk, due), **ended)


def test_in_time_is_first_worked_by_the_deadline_and_dismissals_stand_apart(desk: Desk) -> None:
    worked(desk, "In time", at=-2, due=-1)
    worked(desk, "Late", at=-2, due=-3)
    worked(desk, "Still open, emailed in time", at=-2, due=-2, state="open")
    worked(desk, "Long ago", at=-24 * 8, due=-24 * 8)
    item(desk, "Claimed in time, never worked", rep=desk.rita, due_at=hours(desk, -3), claimed_at=hours(desk, -4))
    closed = {"rep": desk.rita, "closed_at": hours(desk, -2), "due_at": hours(desk, -1)}
    item(desk, "Noise", **closed, state="dismissed", dismiss_reason="not-a-fit")
    item(desk, "Expired", **closed, state="expired")
    load = load_of(desk, "Rita")
    assert (load.worked, load.worked_in_time, load.in_time, load.dismissed) == (3, 2, 66, 1)


def test_team_workload_and_the_report_of_seven_days_say_the_same_of_a_rep(desk: Desk, as_mona: Client) -> None:
    for days in range(9):
        worked(desk, f"In time {days}", at=-24 * days - 0.5, due=-24 * days)
        worked(desk, f"Late {days}", at=-24 * days - 0.5, due=-24 * days - 1)
    load = load_of(desk, "Rita")
    period = Period.of_days(7, today=timezone.localdate())
    tally = plays_report(Scope(rep=desk.rita.pk), period).total
    assert (load.worked, load.worked_in_time) == (tally.worked, tally.in_time)
    assert load.in_time is not None
    assert f"rep={desk.rita.pk}" in text_of(as_mona, "/workload/")


def test_what_waits_is_told_by_play_and_by_how_late_it_is(desk: Desk) -> None:
    for late in (24 * 9, 24 * 8, 30, 2, -30 * 24):
        item(desk, f"Company {late}", due_at=hours(desk, -late), rep=desk.rita if late == 2 else None)
    midnight = desk.now.replace(hour=0, minute=0, second=0, microsecond=0)
    outbound = next(p for p in workload.play_ages(now=desk.now, midnight=midnight) if p.slug == "warm-outbound")
    assert (outbound.week, outbound.days, outbound.day, outbound.later) == (2, 1, 1, 1)
    assert (outbound.unassigned, outbound.late, outbound.items) == (4, 4, 5)


def test_counting_stops_and_says_so(desk: Desk, as_mona: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workload, "COUNTED", 3)
    for number in range(5):
        item(desk, f"Company {number}", rep=desk.rita)
    assert "2+ <small" in text_of(as_mona, "/workload/")


# --- Filters ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [True, True, True]),
        ("?play=warm-outbound", [True, True, False]),
        ("?rep=none", [False, True, False]),
        ("?due=late", [True, False, False]),
        ("?due=late-week", [False, False, False]),
        ("?play=nonsense", [False, False, False]),
        ("?due=nonsense&rep=x&after=x", [True, True, True]),
    ],
)
def test_items_are_filtered(desk: Desk, as_mona: Client, query: str, expected: list[bool]) -> None:
    item(desk, "Late", rep=desk.rita, due_at=hours(desk, -5))
    item(desk, "Nobodys")
    item(desk, "Other play", "expansion", rep=desk.tom)
    for more in ({}, PART):
        assert named(text_of(as_mona, f"/workload/{query}", **more), "Late", "Nobodys", "Other play") == expected


def test_items_of_one_rep(desk: Desk, as_mona: Client) -> None:
    item(desk, "Ritas", rep=desk.rita)
    item(desk, "Toms", rep=desk.tom)
    assert named(text_of(as_mona, f"/workload/?rep={desk.tom.pk}"), "Ritas", "Toms") == [False, True]


def test_the_next_page_goes_on_where_this_one_ended(
    desk: Desk, as_mona: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workload, "PAGE", 2)
    names = [f"Company {number}" for number in range(5)]
    for name in names:
        item(desk, name, due_at=hours(desk, 1))  # all due at once
    text, seen = text_of(as_mona, "/workload/"), []
    while True:
        seen += [name for name in names if named(text, name) == [True]]
        if "hx-get" not in text.partition('id="workload-items"')[2] and "Next" not in text:
            break
        address = text.rpartition('hx-get="')[2].partition('"')[0].replace("&amp;", "&")
        text = text_of(as_mona, address, **PART)
    assert seen == names


# --- Moving -------------------------------------------------------------------------------------------------


def moves_in(text: str) -> list[str]:
    return [part.partition('"')[0] for part in text.split('name="move" value="')[1:]]


def test_giving_shows_who_gets_what_before_anything_moves(desk: Desk, as_mona: Client) -> None:
    one, other = item(desk, "One", rep=desk.rita), item(desk, "Other")
    chosen = {"how": "reassign", "to": desk.tom.pk, "item": [one.pk, other.pk]}
    text = as_mona.post(PREVIEW, chosen).content.decode()
    assert "2 items would move" in text
    assert 'dir="auto">Tom</span> gets 2' in text
    assert moves_in(text) == [f"{one.pk}:{desk.rita.pk}:open:{desk.tom.pk}", f"{other.pk}:0:open:{desk.tom.pk}"]
    assert set(QueueItem.objects.values_list("rep", flat=True)) == {desk.rita.pk, None}


def test_moved_and_undone(desk: Desk, as_mona: Client) -> None:
    one, other = item(desk, "One", rep=desk.rita), item(desk, "Other")
    text = as_mona.post(PREVIEW, {"how": "reassign", "to": desk.tom.pk, "item": [one.pk, other.pk]}).content
    response = as_mona.post(MOVE, {"move": moves_in(text.decode()), "query": "play=warm-outbound&evil=1"})
    assert response["Location"] == "/workload/?play=warm-outbound"
    assert set(QueueItem.objects.values_list("rep", flat=True)) == {desk.tom.pk}
    page = text_of(as_mona, "/workload/")
    assert "2 items moved." in page
    as_mona.post(undo_in(page))
    assert dict(QueueItem.objects.values_list("pk", "rep")) == {one.pk: desk.rita.pk, other.pk: None}


def test_an_item_taken_between_preview_and_move_is_named(desk: Desk, as_mona: Client) -> None:
    one, other = item(desk, "One", rep=desk.rita), item(desk, "Other")
    text = as_mona.post(PREVIEW, {"how": "reassign", "to": desk.tom.pk, "item": [one.pk, other.pk]}).content
    claim_item(other, acting_user=desk.rita, now=timezone.now())
    as_mona.post(MOVE, {"move": moves_in(text.decode())})
    page = text_of(as_mona, "/workload/")
    assert "1 item moved. 1 skipped: Other: Rita has claimed it since." in page
    assert QueueItem.objects.get(pk=other.pk).rep == desk.rita


def test_sharing_out_goes_by_team_and_room_and_owner(desk: Desk, as_mona: Client) -> None:
    Rep.objects.filter(user=desk.tom).update(capacity=2)
    mine = item(desk, "Owned")
    owned(mine.account, desk.tom)
    made = [item(desk, f"Company {number}") for number in range(3)]
    text = as_mona.post(PREVIEW, {"how": "distribute-all", "query": "play=warm-outbound"}).content.decode()
    planned = {int(move.split(":")[0]): int(move.split(":")[3]) for move in moves_in(text)}
    assert planned[mine.pk] == desk.tom.pk
    assert [planned[each.pk] for each in made] == [desk.rita.pk, desk.rita.pk, desk.rita.pk]
    assert "owns the account" in text


def test_sharing_out_leaves_what_nobody_has_room_for_and_what_is_claimed(desk: Desk, as_mona: Client) -> None:
    Rep.objects.update(capacity=1)
    claim_item(item(desk, "Held"), acting_user=desk.rita, now=desk.now)
    chosen = [item(desk, f"Company {number}").pk for number in range(3)]
    text = as_mona.post(PREVIEW, {"how": "distribute", "item": chosen}).content.decode()
    assert len(moves_in(text)) == 1
    assert "2 items stay" in text


def test_who_is_away_is_given_nothing(desk: Desk, as_mona: Client) -> None:
    Rep.objects.filter(user__in=[desk.rita]).update(taking_items=False)
    item(desk, "One")
    text = as_mona.post(PREVIEW, {"how": "distribute-all", "query": ""}).content.decode()
    assert [move.split(":")[3] for move in moves_in(text)] == [str(desk.tom.pk)]


@pytest.mark.parametrize(
    ("address", "sent"),
    [
        (PREVIEW, {}),
        (PREVIEW, {"how": "reassign", "item": ["1"]}),
        (PREVIEW, {"how": "reassign", "to": "1"}),
        (PREVIEW, {"how": "distribute", "item": ["x", "9" * 30]}),
        (PREVIEW, {"how": "reassign", "to": "999999", "item": ["1"]}),
        (MOVE, {}),
        (MOVE, {"move": ["1:2:open", "a:b:c:d", "1:1:done:1"]}),
        (MOVE, {"move": ["1:0:open:999999"]}),
        ("/workload/reassign/99/undo/", {}),
        ("/workload/reassign/99999999999999999999/undo/", {}),
    ],
)
def test_nonsense_is_refused_in_words(desk: Desk, as_mona: Client, address: str, sent: dict[str, Any]) -> None:
    assert as_mona.post(address, sent).status_code == 302
    assert 'class="notice error"' in text_of(as_mona, "/workload/")


# --- Who may ------------------------------------------------------------------------------------------------


def test_a_rep_has_no_workload_page(desk: Desk) -> None:
    one = item(desk, "One")
    client = client_of(desk.rita)
    assert client.get("/workload/").status_code == 403
    assert 'href="/workload/"' not in text_of(client, "/queue/")
    for address in (PREVIEW, MOVE, "/workload/reassign/1/undo/"):
        assert client.post(address, {"move": [f"{one.pk}:0:open:{desk.rita.pk}"]}).status_code == 403
    assert QueueItem.objects.get().rep is None


def test_a_reader_looks_and_moves_nothing(desk: Desk) -> None:
    one = item(desk, "One")
    client = client_of(desk.rolf)
    text = text_of(client, "/workload/")
    assert (named(text, "One"), 'name="item"' in text, PREVIEW in text) == ([True], False, False)
    assert client.post(MOVE, {"move": [f"{one.pk}:0:open:{desk.rita.pk}"]}).status_code == 403


def test_hostile_names_are_text(desk: Desk, as_mona: Client) -> None:
    one = item(desk, "<img src=x>", why_now="<script>x</script>")
    preview = as_mona.post(PREVIEW, {"how": "reassign", "to": desk.tom.pk, "item": [one.pk]}).content.decode()
    for text in (text_of(as_mona, "/workload/"), preview):
        assert ("<img" in text, "<script>x" in text) == (False, False)


# --- What it costs ------------------------------------------------------------------------------------------


def test_the_workload_page_asks_few_queries(desk: Desk, as_mona: Client) -> None:
    one = item(desk, "One")
    as_mona.get("/workload/")
    forget_all()
    with expected_queries("workload"):
        as_mona.get("/workload/")
    with expected_queries("workload items part"):
        as_mona.get("/workload/?rep=none", **PART)  # type: ignore[arg-type]
    forget_all()
    with expected_queries("workload preview"):
        as_mona.post(PREVIEW, {"how": "reassign", "to": desk.tom.pk, "item": [one.pk]})


@pytest.mark.parametrize(
    "filters",
    [workload.WorkloadFilters(), workload.WorkloadFilters(play="warm-outbound"), workload.WorkloadFilters(due="late")],
)
def test_items_come_from_an_index(desk: Desk, filters: workload.WorkloadFilters) -> None:
    place = {"after_due": None, "after_id": 0, "unclaimed": False, "limit": 31}
    params = workload._filtered(filters, now=desk.now, tomorrow=desk.now) | place
    forget_statistics()
    execute("SET LOCAL enable_seqscan = off")
    execute("SET LOCAL enable_bitmapscan = off")
    plan = "\n".join(scalars(f"EXPLAIN {workload.SQL['items']}", params))
    assert "queue_item_play_due" in plan
