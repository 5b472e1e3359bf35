"""The report of the plays: what is counted, for whom, and the rows behind each number."""

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from accounts.models import Account, Assignment
from outreach.access import Scope
from outreach.models import Outcome, Play, PlayDecision, QueueItem, Touch
from outreach.outcomes.report import (
    NUMBERS,
    OUTCOMES,
    SQL,
    WHATS,
    Period,
    Report,
    WantedRows,
    detail_words,
    plays_report,
    rows_behind,
)
from outreach.queue.actions import dismiss_item, finish_item, mark_worked, undo_change
from plgcrm.common.cache import forget_all
from plgcrm.common.sql import execute, scalars
from tests.cast import client_of, play_part
from tests.factories import Desk, hold_back, make_desk, make_item
from tests.planner import forget_statistics
from tests.query_counts import expected_queries

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)  # a Wednesday
MONTH = Period(date(2026, 4, 21), date(2026, 5, 20), 30)
ALL = Scope()
LONG_AGO = NOW - timedelta(days=300)

MakeItem = Callable[..., QueueItem]


def sales(desk: Desk) -> Scope:
    return Scope(team=desk.rita.rep.team.pk)


@pytest.fixture
def desk(db: None) -> Desk:
    return make_desk(NOW)


@pytest.fixture
def item(desk: Desk) -> MakeItem:
    """An item that came some days ago, of Rita's, due a day later."""

    def make(
        *, days: float = 5, play: str = "expansion", rep: User | None = desk.rita, name: str = "Acme"
    ) -> QueueItem:
        account = Account.objects.create(name=name)
        at = NOW - timedelta(days=days)
        return make_item(account, desk.plays[play], now=at, rep=rep)

    return make


def tally(play: str = "expansion", *, scope: Scope = ALL, period: Period = MONTH) -> Any:
    report = plays_report(scope, period)
    return next(line.tally for line in report.lines if line.slug == play)


def behind(what: str, play: str = "expansion", detail: str = "", **more: Any) -> list[str]:
    return [row.account for row in rows_behind(more.pop("scope", ALL), MONTH, WantedRows(what, play, detail), **more)]


def outcome(
    item: QueueItem | None, kind: str, *, account: Account | None = None, at: datetime = NOW, **more: Any
) -> Any:
    owner = {"account": item.account, "item": item, "play": item.play} if item else {"account": account}
    return Outcome.objects.create(**owner, kind=kind, credit="Test.", at=at, **more)


# --- What is counted --------------------------------------------------------------------------------------


def test_each_item_counts_where_it_stands(desk: Desk, item: MakeItem) -> None:
    finish_item(item(name="In time"), disposition="wrote", acting_user=desk.rita, now=NOW - timedelta(days=4.5))
    finish_item(item(name="Late"), disposition="called", acting_user=desk.rita, now=NOW - timedelta(days=2))
    dismiss_item(item(name="Noise"), reason="not-a-fit", acting_user=desk.rita, now=NOW - timedelta(days=3))
    item(name="Waiting")
    found = tally()
    assert (found.fired, found.worked, found.in_time, found.number("late")) == (4, 2, 1, 1)
    assert (found.done, found.dismissed, found.closed, found.expired) == (2, 1, 3, 0)
    assert [(part.slug, part.label, part.number) for part in found.dismissed_for] == [("not-a-fit", "Not a fit", 1)]
    assert {what: behind(what) for what in ("in-time", "late", "dismissed")} == {
        "in-time": ["In time"], "late": ["Late"], "dismissed": ["Noise"],
    }  # fmt: skip
    details = ("not-a-fit", "other")
    assert [behind("dismissed", detail=reason) for reason in details] == [["Noise"], []]


@pytest.mark.parametrize(("minutes", "in_time"), [(0, 1), (1, 0)])
def test_in_time_is_until_the_minute_it_is_due(desk: Desk, item: MakeItem, minutes: int, in_time: int) -> None:
    one = item()
    finish_item(one, disposition="wrote", acting_user=desk.rita, now=one.due_at + timedelta(minutes=minutes))
    assert (tally().in_time, tally().number("late")) == (in_time, 1 - in_time)


def test_an_item_is_worked_once_when_first_touched(desk: Desk, item: MakeItem) -> None:
    one = item(days=40)
    for days in (35, 3):
        Touch.objects.create(
            account=one.account, item=one, play=one.play, channel="call", at=NOW - timedelta(days=days)
        )
    finish_item(one, disposition="called", acting_user=desk.rita, now=NOW - timedelta(days=2))
    assert (tally().worked, tally().done) == (0, 1)
    earlier = Period(date(2026, 4, 1), date(2026, 4, 20))
    assert tally(period=earlier).worked == 1


def test_a_touch_that_was_undone_is_no_work(item: MakeItem) -> None:
    one = item()
    Touch.objects.create(account=one.account, item=one, play=one.play, channel="call", at=NOW, undone_at=NOW)
    mark_worked(one.pk)
    assert tally().worked == 0
    Touch.objects.create(account=one.account, item=one, play=one.play, channel="call", at=NOW)
    mark_worked(one.pk)
    assert tally().worked == 1


def test_a_closing_that_was_undone_is_no_work(desk: Desk, item: MakeItem) -> None:
    change = finish_item(item(), disposition="wrote", acting_user=desk.rita, now=NOW)
    assert tally().worked == 1
    undo_change(change, acting_user=desk.rita, now=NOW + timedelta(seconds=5))
    assert tally().worked == 0


def test_held_back_counts_by_guard_and_opens_to_accounts(desk: Desk) -> None:
    for name, guard in (("One", "cool_down"), ("Two", "cool_down"), ("Three", "support_fire")):
        account = Account.objects.create(name=name)
        hold_back(account, desk.plays["expansion"], now=NOW, guard=guard, reason="Wait.")
    assert tally().held == 3
    assert [(part.label, part.number) for part in tally().held_by] == [("Cool-down", 2), ("Support issue", 1)]
    assert behind("held", detail="cool_down") == ["Two", "One"]
    assert behind("held", play="") == ["Three", "Two", "One"]


def test_sums_of_different_currencies_are_never_added_up(item: MakeItem) -> None:
    for amount, currency in ((100, "EUR"), (50.5, "EUR"), (70, "USD")):
        outcome(item(), "won", amount=Decimal(str(amount)), currency=currency)
    outcome(item(), "won")
    outcome(item(), "opportunity", amount=Decimal(800), currency="GBP")
    found = tally()
    assert found.won == 4
    assert [(m.currency, m.amount, m.number) for m in found.money] == [
        ("EUR", Decimal("150.50"), 2), ("USD", Decimal("70.00"), 1),
    ]  # fmt: skip
    assert len(behind("won", detail="EUR")) == 2


def test_what_was_undone_is_not_counted(item: MakeItem) -> None:
    outcome(item(), "meeting", undone_at=NOW)
    assert tally().meetings == 0
    assert behind("meeting") == []


def test_what_is_credited_to_nobody_stands_beside(desk: Desk, item: MakeItem) -> None:
    acme = Account.objects.create(name="Self-serve Ltd")
    outcome(None, "won", account=acme, amount=Decimal(9), currency="USD")
    outcome(item(), "won", amount=Decimal(5), currency="USD")
    report = plays_report(ALL, MONTH)
    assert (report.total.won, report.self_serve.won) == (1, 1)
    assert behind("won", play="self-serve") == ["Self-serve Ltd"]
    assert behind("won", play="") == ["Acme"]


def test_the_total_adds_up_the_plays(item: MakeItem) -> None:
    for play, amount in (("expansion", 100), ("consolidation", 20)):
        outcome(item(play=play), "won", amount=Decimal(amount), currency="EUR")
    total = plays_report(ALL, MONTH).total
    assert (total.won, [(each.amount, each.number) for each in total.money]) == (2, [(Decimal(120), 2)])


def test_a_play_that_is_switched_off_shows_where_it_has_numbers(desk: Desk, item: MakeItem) -> None:
    item()
    Play.objects.filter(slug__in=["expansion", "consolidation"]).update(active=False)
    shown = {line.slug: line.active for line in plays_report(ALL, MONTH).lines}
    assert shown == dict.fromkeys(desk.plays.keys() - {"expansion", "consolidation"}, True) | {"expansion": False}


def test_the_longest_bar_is_the_most_that_a_play_fired_or_worked(desk: Desk, item: MakeItem) -> None:
    for days in (40, 5):
        finish_item(item(days=days), disposition="wrote", acting_user=desk.rita, now=NOW)
    report = plays_report(ALL, MONTH)
    assert (report.most, Report(MONTH, [], report.total, report.self_serve).most) == (2, 0)


def test_a_guard_that_is_no_longer_known_is_called_by_its_own_name(desk: Desk) -> None:
    hold_back(Account.objects.create(name="One"), desk.plays["expansion"], now=NOW, guard="old_guard", reason="Wait.")
    assert [part.label for part in tally().held_by] == ["old_guard"]


def test_a_row_says_its_guard_its_reason_or_its_state_in_words(desk: Desk, item: MakeItem) -> None:
    dismiss_item(item(name="Noise"), reason="not-a-fit", acting_user=desk.rita, now=NOW)
    item(name="Waiting", days=6)
    outcome(item(name="Deal", days=7), "won", amount=Decimal(9), currency="EUR")
    assert [row.label for row in rows_behind(ALL, MONTH, WantedRows("fired"))] == ["Not a fit", "open", "open"]
    assert [row.label for row in rows_behind(ALL, MONTH, WantedRows("won"))] == ["logged"]
    assert [detail_words(slug) for slug in ("cool_down", "in-time", "EUR")] == ["Cool-down", "in time", "EUR"]


def test_only_outcomes_are_outcomes() -> None:
    assert [what for what, number in NUMBERS.items() if number.is_outcome] == ["meeting", "opportunity", "won", "lost"]


# --- Days -------------------------------------------------------------------------------------------------


def test_so_many_days_end_today() -> None:
    assert Period.of_days(30, today=date(2026, 5, 20)) == MONTH
    assert (MONTH.days, MONTH.preset, Period(date(2026, 5, 20), date(2026, 5, 20)).days) == (30, 30, 1)


def test_what_was_held_back_before_or_after_is_not_counted(desk: Desk) -> None:
    for at in (MONTH.since - timedelta(microseconds=1), MONTH.since, MONTH.until):
        account = Account.objects.create(name=f"{at:%d %b}")
        hold_back(account, desk.plays["expansion"], now=at, guard="cool_down", reason="Wait.")
    assert (tally().held, behind("held")) == (1, ["21 Apr"])


@pytest.mark.parametrize(
    ("zone", "days"), [("UTC", (17, 18)), ("Asia/Tokyo", (17, 19)), ("Pacific/Honolulu", (16, 18))]
)
def test_days_begin_and_end_at_the_readers_midnight(item: MakeItem, zone: str, days: tuple[int, int]) -> None:
    outcome(item(), "meeting", at=datetime(2026, 5, 17, 9, 59, tzinfo=UTC))
    outcome(item(), "meeting", at=datetime(2026, 5, 18, 15, 0, tzinfo=UTC))
    with timezone.override(ZoneInfo(zone)):
        found = [day for day in range(15, 21) if tally(period=Period(date(2026, 5, day), date(2026, 5, day))).meetings]
    assert tuple(found) == days


def test_the_last_day_is_whole_and_the_next_is_out(item: MakeItem) -> None:
    for at in (datetime(2026, 5, 20, 23, 59, 59, tzinfo=UTC), datetime(2026, 5, 21, tzinfo=UTC)):
        outcome(item(), "meeting", at=at)
    assert tally().meetings == 1


def test_a_summer_time_day_has_its_own_length() -> None:
    with timezone.override(ZoneInfo("Europe/Berlin")):
        period = Period(date(2026, 3, 29), date(2026, 3, 29))
        assert period.until.astimezone(UTC) - period.since.astimezone(UTC) == timedelta(hours=23)


# --- Whose ------------------------------------------------------------------------------------------------


def test_a_rep_and_a_team_have_their_own_numbers(desk: Desk, item: MakeItem) -> None:
    mine, toms, team = item(name="Mine"), item(name="Tom’s", rep=desk.tom), desk.rita.rep.team
    item(name="Olga’s", rep=desk.olga)
    item(name="Nobody’s", rep=None, play="hand-raisers")
    outcome(mine, "meeting", user=desk.rita)
    outcome(toms, "won", amount=Decimal(1), currency="EUR")  # told by an event: it is of whose item it was
    assert [tally(scope=scope).fired for scope in (ALL, Scope(rep=desk.rita.pk), Scope(team=team.pk))] == [3, 1, 2]
    assert tally("hand-raisers", scope=Scope(team=team.pk)).fired == 1
    assert behind("fired", "hand-raisers", scope=Scope(team=team.pk)) == ["Nobody’s"]
    others = Scope(team=desk.olga.rep.team.pk)
    assert (tally("hand-raisers", scope=others).fired, behind("fired", "hand-raisers", scope=others)) == (0, [])
    assert (tally(scope=Scope(rep=desk.tom.pk)).won, tally(scope=Scope(rep=desk.tom.pk)).meetings) == (1, 0)
    assert behind("fired", scope=Scope(rep=desk.tom.pk)) == ["Tom’s"]


def test_what_is_held_back_is_theirs_who_own_the_account(desk: Desk) -> None:
    acme = Account.objects.create(name="Acme")
    Assignment.objects.create(account=acme, rep=desk.rita, started_at=NOW)
    hold_back(acme, desk.plays["expansion"], now=NOW, guard="cool_down", reason="Wait.")
    assert tally(scope=Scope(rep=desk.rita.pk)).held == 1
    assert tally(scope=Scope(rep=desk.tom.pk)).held == 0


@pytest.mark.parametrize(
    ("who", "query", "expected"),
    [
        ("rita", "", ["Rita’s"]),
        ("rita", "whose=team", ["Rita’s", "Tom’s"]),
        ("rita", "rep={olga}", ["Rita’s"]),
        ("mona", "", ["Rita’s", "Tom’s", "Olga’s"]),
        ("mona", "rep={olga}", ["Olga’s"]),
        ("rolf", "rep={tom}", ["Tom’s"]),
        ("ada", "whose=team", ["Rita’s", "Tom’s", "Olga’s"]),
    ],
)
def test_who_sees_whose_rows(desk: Desk, item: MakeItem, who: str, query: str, expected: list[str]) -> None:
    for name, rep in (("Rita’s", desk.rita), ("Tom’s", desk.tom), ("Olga’s", desk.olga)):
        item(name=name, rep=rep)
    asked = query.format(olga=desk.olga.pk, tom=desk.tom.pk)
    text = page(desk, who, f"/reports/plays/rows/?what=fired&{asked}")
    assert [name for name in ("Rita’s", "Tom’s", "Olga’s") if f">{name}<" in text] == expected


def test_what_waits_for_nobody_is_of_the_team_of_its_play(desk: Desk, item: MakeItem) -> None:
    item(name="Nobody’s", rep=None)
    for scope, names in ((ALL, ["Nobody’s"]), (Scope(team=desk.olga.rep.team.pk), ["Nobody’s"]), (sales(desk), [])):
        assert (behind("fired", scope=scope), tally(scope=scope).fired) == (names, len(names))
    assert [row.who for row in rows_behind(ALL, MONTH, WantedRows("fired"))] == [""]


def test_held_back_is_of_whoever_owns_the_account_and_of_the_team_of_the_play(desk: Desk) -> None:
    ritas, olgas = (Account.objects.create(name=name) for name in ("Rita’s", "Olga’s"))
    for account, rep, ended in ((ritas, desk.rita, None), (olgas, desk.rita, NOW), (olgas, desk.olga, None)):
        Assignment.objects.create(account=account, rep=rep, started_at=NOW, ended_at=ended)
    hold_back(ritas, desk.plays["expansion"], now=NOW, guard="cool_down", reason="Wait.")
    hold_back(olgas, desk.plays["hand-raisers"], now=NOW, guard="cool_down", reason="Wait.")
    for scope, names in (
        (Scope(rep=desk.rita.pk), ["Rita’s"]), (Scope(rep=desk.olga.pk), ["Olga’s"]), (Scope(rep=desk.tom.pk), []),
        (sales(desk), ["Olga’s"]), (Scope(team=desk.olga.rep.team.pk), ["Rita’s"]), (ALL, ["Olga’s", "Rita’s"]),
    ):  # fmt: skip
        assert (behind("held", "", scope=scope), plays_report(scope, MONTH).total.held) == (names, len(names))


def test_an_outcome_is_of_who_logged_it_else_of_whose_item_it_is(desk: Desk, item: MakeItem) -> None:
    outcome(item(name="Tom’s", rep=desk.tom), "meeting")
    outcome(item(name="Olga’s", rep=desk.tom), "meeting", user=desk.olga)
    for scope, names in (
        (Scope(rep=desk.tom.pk), ["Tom’s"]), (Scope(rep=desk.olga.pk), ["Olga’s"]), (Scope(rep=desk.rita.pk), []),
        (sales(desk), ["Tom’s"]), (Scope(team=desk.olga.rep.team.pk), ["Olga’s"]), (ALL, ["Olga’s", "Tom’s"]),
    ):  # fmt: skip
        assert (behind("meeting", scope=scope), tally(scope=scope).meetings) == (names, len(names))


# --- Rows behind a number ---------------------------------------------------------------------------------


def happens(desk: Desk, what: str, at: datetime) -> None:
    """One more of a number, at a time that names its account."""
    account, play = Account.objects.create(name=f"{at:%d %b %H:%M}"), desk.plays["expansion"]
    closed = {"done": {"disposition": "wrote"}, "dismissed": {"dismiss_reason": "other"}, "expired": {}}
    if what == "held":
        hold_back(account, play, now=at, guard="cool_down", reason="Wait.")
    elif what in OUTCOMES:
        outcome(None, what, account=account, at=at, play=play)
    elif what == "fired":
        make_item(account, play, now=at)
    elif what in closed:
        make_item(account, play, now=LONG_AGO, state=what, closed_at=at, **closed[what])
    else:
        make_item(account, play, now=LONG_AGO, worked_at=at, due_at=at - timedelta(minutes=what == "late"))


@pytest.mark.parametrize("what", NUMBERS)
def test_rows_are_of_the_days_asked_for_newest_first_and_as_many_as_the_number_says(desk: Desk, what: str) -> None:
    inside = (MONTH.since, NOW, MONTH.until - timedelta(microseconds=1))
    for at in (MONTH.since - timedelta(microseconds=1), *inside, MONTH.until):
        happens(desk, what, at)
    for other in NUMBERS.keys() - {what, "worked", "in-time"}:
        happens(desk, other, MONTH.until)
    assert behind(what) == [f"{at:%d %b %H:%M}" for at in reversed(inside)]
    assert tally().number(what) == 3


@pytest.mark.parametrize("what", ["fired", "held", "won"])
def test_a_page_goes_on_behind_the_last_row_of_the_one_before(desk: Desk, what: str) -> None:
    for at in (NOW, NOW, NOW, NOW - timedelta(microseconds=1)):
        happens(desk, what, at)
    found = rows_behind(ALL, MONTH, WantedRows(what))
    pages = [rows_behind(ALL, MONTH, WantedRows(what), after=row.place, limit=1) for row in found]
    assert [row.id for row in found[:3]] == sorted((row.id for row in found[:3]), reverse=True)
    assert pages == [[row] for row in found[1:]] + [[]]


def test_held_back_of_an_unknown_company_has_a_row_and_what_fired_has_none(desk: Desk) -> None:
    happens(desk, "held", NOW)
    PlayDecision.objects.update(account=None)
    happens(desk, "held", NOW)
    PlayDecision.objects.exclude(account=None).update(state="fired")
    assert behind("held") == ["Unknown company"]


# --- Pages ------------------------------------------------------------------------------------------------


def page(desk: Desk, who: str, address: str, status: int = 200) -> str:
    with time_machine.travel(NOW, tick=False):
        response = client_of(getattr(desk, who)).get(address)
    assert response.status_code == status
    return response.content.decode("utf-8-sig")


def test_an_empty_report_says_how_it_fills(desk: Desk) -> None:
    text = page(desk, "mona", "/reports/plays/")
    assert "Nothing in this period" in text
    assert "The report fills on its own" in text


def test_the_report_says_it_in_sentences_first(desk: Desk, item: MakeItem) -> None:
    one = item()
    finish_item(one, disposition="met", acting_user=desk.rita, now=NOW - timedelta(days=4.5))
    outcome(one, "won", amount=Decimal(1200), currency="EUR")
    outcome(None, "won", account=one.account, amount=Decimal(45), currency="USD")
    text = page(desk, "mona", "/reports/plays/")
    assert "<b>1</b> item was added to the queue; <b>1</b> was worked, <b>1</b> of them in time." in text
    assert "<b>1</b> deal was won, worth <b>€1,200</b>." in text
    assert "Another <b>1</b> conversion was self-serve, worth <b>$45</b>." in text
    assert text.index('class="sentence"') < text.index("<table")


def test_every_number_of_the_report_opens_to_as_many_rows(desk: Desk, item: MakeItem) -> None:
    for number in range(3):
        finish_item(item(), disposition="met", acting_user=desk.rita, now=NOW - timedelta(days=4.5 - number))
    dismiss_item(item(), reason="other", acting_user=desk.rita, now=NOW)
    found = tally()
    numbers = {
        "fired": found.fired, "worked": found.worked, "in-time": found.in_time, "late": found.number("late"),
        "done": found.done, "dismissed": found.dismissed, "meeting": found.meetings, "won": found.won,
    }  # fmt: skip
    assert {what: len(behind(what)) for what in numbers} == numbers
    assert numbers["fired"] == 4


@pytest.mark.parametrize("what", NUMBERS)
def test_every_kind_of_rows_has_a_page_and_a_download(desk: Desk, item: MakeItem, what: str) -> None:
    item()
    assert NUMBERS[what].title in page(desk, "mona", f"/reports/plays/rows/?what={what}&play=expansion")
    assert page(desk, "mona", f"/reports/plays/rows/?what={what}&format=csv").startswith("When,Account,Play")


def test_every_number_has_its_rows_and_each_column_of_the_page_its_meaning() -> None:
    assert set(NUMBERS) == set(WHATS)
    said = (Path(__file__).parents[2] / "docs/explain/proof.md").read_text().lower()
    assert [each.label for each in NUMBERS.values() if each.shown == "page" and each.label.lower() not in said] == []


def test_rows_go_on_where_the_page_before_ended(item: MakeItem) -> None:
    for number in range(5):
        item(name=f"Company {number}", days=3)
    found = rows_behind(ALL, MONTH, WantedRows("fired"), limit=3)
    rest = rows_behind(ALL, MONTH, WantedRows("fired"), after=found[-1].place, limit=3)
    assert [row.account for row in [*found, *rest]] == [f"Company {number}" for number in (4, 3, 2, 1, 0)]


@pytest.mark.parametrize(
    "query", ["what=nothing", "", "what=won&play=no-such-play", "what=won&play=%00", "what=held&detail=a'b"]
)
def test_rows_of_nothing_are_not_found(desk: Desk, query: str) -> None:
    page(desk, "mona", f"/reports/plays/rows/?{query}", 404)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("since=2026-13-01&until=2026-05-01", "Use the format 2026-12-31."),
        ("since=2026-05-02&until=2026-05-01", "The start date is after the end date."),
        ("since=2020-01-01&until=2026-05-01", "A report covers at most 1,100 days."),
        ("since=2026-05-02", "Enter both dates."),
        ("since=0001-01-01&until=0001-01-02", "Choose dates between 2000 and 2200."),
        ("since=9999-12-30&until=9999-12-31", "Choose dates between 2000 and 2200."),
    ],
)
def test_days_that_make_no_sense_are_told_and_the_usual_ones_shown(desk: Desk, query: str, words: str) -> None:
    text = page(desk, "mona", f"/reports/plays/?{query}")
    assert words in text
    assert "21 Apr to 20 May" in text


@pytest.mark.parametrize("query", ["days=x", "days=-1", "rep=99999999999", "rep=abc", "after=x", "rep=7&whose=%00"])
def test_nonsense_in_the_address_breaks_nothing(desk: Desk, query: str) -> None:
    page(desk, "mona", f"/reports/plays/?{query}")
    page(desk, "mona", f"/reports/plays/rows/?what=fired&{query}")


def test_the_download_keeps_currencies_apart_and_runs_no_formula(desk: Desk, item: MakeItem) -> None:
    one = item(name="=cmd|' /C calc'!A0")
    for amount, currency in ((5, "EUR"), (7, "USD"), (2, "USD")):
        outcome(one, "won", amount=Decimal(amount), currency=currency)
    lines = list(csv.DictReader(io.StringIO(page(desk, "mona", "/reports/plays/?format=csv"))))
    own = [row for row in lines if row["Play"] == "Account expansion"]
    assert [(row["Fired"], row["Won"], row["Currency"], row["Amount won"]) for row in own] == [
        ("1", "3", "USD", "9.00"), ("", "", "EUR", "5.00"),
    ]  # fmt: skip
    text = page(desk, "mona", "/reports/plays/rows/?what=won&format=csv")
    assert ",'=cmd|' /C calc'!A0," in text


def test_hostile_names_are_harmless_on_the_page(desk: Desk, item: MakeItem) -> None:
    item(name="<script>alert(1)</script>")
    assert "<script>alert" not in page(desk, "mona", "/reports/plays/rows/?what=fired")


def test_a_stranger_logs_in_first_and_who_has_no_role_is_told(desk: Desk) -> None:
    assert Client().get("/reports/plays/").status_code == 302
    assert client_of(play_part("nick")).get("/reports/plays/").status_code == 403


def test_the_report_asks_few_queries_however_much_there_is(desk: Desk, item: MakeItem) -> None:
    client = client_of(desk.mona)
    for _ in range(2):
        item()
        for name, address in (("report", "/reports/plays/"), ("report rows", "/reports/plays/rows/?what=fired")):
            forget_all()
            with expected_queries(name):
                client.get(address)


def plan_of(block: str, **asked: Any) -> str:
    """How Postgres would read it, were the tables large."""
    forget_statistics()
    execute("SET LOCAL enable_seqscan = off")
    execute("SET LOCAL enable_bitmapscan = off")
    params = {"since": NOW - timedelta(days=30), "until": NOW, "rep": 0, "team": 0}
    return "\n".join(scalars(f"EXPLAIN {SQL[block]}", params | asked))


def test_the_counts_are_read_from_indexes_alone(desk: Desk) -> None:
    execute("SET LOCAL enable_indexscan = off")  # of indexes that hold not all that is counted
    counted = [
        line for line in plan_of("counts").splitlines() if re.search(" on outreach_(queueitem|playdecision)", line)
    ]
    assert len(counted) == 4
    assert [line for line in counted if "Index Only Scan" not in line] == []


@pytest.mark.parametrize(
    ("what", "index"),
    [("fired", "queue_item_created"), ("late", "queue_item_worked"), ("done", "queue_item_by_closing")],
)
def test_the_rows_behind_a_number_are_read_by_the_time_that_counts(desk: Desk, what: str, index: str) -> None:
    page = {"what": what, "play": "", "detail": "", "at": None, "id": 0, "limit": 50}
    assert f"Index Scan Backward using {index} on outreach_queueitem" in plan_of("behind_items", **page)
