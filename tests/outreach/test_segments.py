"""The pages of segments, segments on an account's page, and as a filter of the accounts list."""

import csv
import io
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account, Assignment, SavedView
from plgcrm.common.cache import forget_all
from signals.models import Segment, SegmentMember, SegmentSize
from tests.cast import client_of, text_of
from tests.factories import Desk, make_company
from tests.query_counts import expected_queries

PLAN = {"measure": {"kind": "attribute", "key": "berth"}, "op": "=", "value": "gold"}


@pytest.fixture
def moored(desk: Desk) -> Segment:
    """The only segment, with three members and one account that nobody knows of."""
    Segment.objects.all().delete()
    segment = Segment.objects.create(slug="moored", name="Moored boats", description="At our quay.", rule=PLAN)
    today = desk.now.date()
    join(segment, "Anna", today - timedelta(days=30), points=50)
    join(segment, "Berta", today - timedelta(days=3), points=20)
    join(segment, "Clara", today - timedelta(days=400), or_earlier=True, points=90)
    join(segment, "Doris", None, points=70)
    make_company("Emma", now=desk.now, points=95, people=0)
    return segment


def join(segment: Segment, name: str, since: date | None, *, or_earlier: bool = False, points: int = 50) -> Account:
    account = Account.objects.filter(name=name).first() or make_company(
        name, now=timezone.now(), points=points, people=0
    )
    SegmentMember.objects.create(
        account=account, segment=segment, known=since is not None, since=since, or_earlier=or_earlier, digest=1
    )
    return account


def account(name: str) -> Account:
    return Account.objects.get(name=name)


def names_in(text: str) -> list[str]:
    """In the order of the page."""
    named = ("Anna", "Berta", "Clara", "Doris", "Emma")
    return sorted((name for name in named if f">{name}<" in text), key=lambda name: text.index(f">{name}<"))


def cells(client: Client, address: str) -> list[list[str]]:
    body = client.get(address).content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(body)))


# --- The pages ------------------------------------------------------------------------------------------------


def test_the_list_says_sizes_and_rules(desk: Desk, moored: Segment) -> None:
    text = text_of(client_of(desk.rita), "/segments/")
    assert 'href="/segments/moored/" dir="auto"><b>Moored boats</b>' in text
    assert '<td class="number">3</td>' in text
    assert '<td class="number muted">1</td>' in text
    assert "Berth is gold" in text


def test_a_segment_shows_its_rule_its_size_and_its_members_the_last_to_come_first(desk: Desk, moored: Segment) -> None:
    text = text_of(client_of(desk.rita), "/segments/moored/")
    assert "<p>Berth is gold.</p>" in text
    assert "3 accounts</h2><small>not known of 1 more" in text
    assert names_in(text) == ["Berta", "Anna", "Clara"]
    assert " or earlier</td>" in text


def test_those_of_whom_it_is_not_known_stand_apart(desk: Desk, moored: Segment) -> None:
    text = text_of(client_of(desk.rita), "/segments/moored/?state=unknown")
    assert names_in(text) == ["Doris"]
    assert "Since</th>" not in text


def test_members_are_paged_and_none_is_left_out_or_repeated(
    desk: Desk, moored: Segment, monkeypatch: pytest.MonkeyPatch
) -> None:
    join(moored, "Emma", desk.now.date() - timedelta(days=30))
    monkeypatch.setattr("outreach.views.segments.PAGE", 1)
    client, address, seen = client_of(desk.rita), "/segments/moored/", []
    while address:
        text = text_of(client, address)
        seen += names_in(text)
        after = text.partition("?after=")[2].partition('"')[0]
        address = f"/segments/moored/?after={after}" if after else ""
    assert seen == ["Berta", "Anna", "Emma", "Clara"]


@pytest.mark.parametrize("after", ["nonsense", "_", "2026-13-40_9", "9" * 50, "2026-01-01_²"])
def test_a_page_that_there_is_not_is_the_first_or_empty_and_no_error(desk: Desk, moored: Segment, after: str) -> None:
    assert client_of(desk.rita).get(f"/segments/moored/?after={after}").status_code == 200


def test_unknown_members_are_paged(desk: Desk, moored: Segment, monkeypatch: pytest.MonkeyPatch) -> None:
    join(moored, "Emma", None)
    monkeypatch.setattr("outreach.views.segments.PAGE", 1)
    client = client_of(desk.rita)
    text = text_of(client, "/segments/moored/?state=unknown")
    after = text.partition("&amp;after=")[2].partition('"')[0]
    assert (names_in(text), names_in(text_of(client, f"/segments/moored/?state=unknown&after={after}"))) == (
        ["Doris"],
        ["Emma"],
    )


def test_the_chart_carries_a_night_without_a_sweep_and_ends_with_now(desk: Desk, moored: Segment) -> None:
    today = desk.now.date()
    SegmentSize.objects.create(segment=moored, day=today - timedelta(days=3), members=7, unknown=0)
    SegmentSize.objects.create(segment=moored, day=today - timedelta(days=1), members=5, unknown=2)
    SegmentSize.objects.create(segment=moored, day=today, members=99, unknown=2)
    text = text_of(client_of(desk.rita), "/segments/moored/")
    assert 'data-values="7,7,5,3" data-unit="accounts"' in text
    assert "3 accounts now, 7 on the first day; at most 7, at least 3." in text


def test_a_segment_without_a_night_says_when_the_chart_begins(desk: Desk, moored: Segment) -> None:
    assert "The chart begins tomorrow" in text_of(client_of(desk.rita), "/segments/moored/")


def test_an_empty_segment_says_what_to_do(desk: Desk, moored: Segment) -> None:
    SegmentMember.objects.filter(known=True).delete()
    text = text_of(client_of(desk.rita), "/segments/moored/")
    assert "No accounts in this segment" in text
    assert "not known of 1 account</a>" in text


def test_only_admins_are_shown_the_way_to_change_it(desk: Desk, moored: Segment) -> None:
    edit = f'href="/admin/signals/segment/{moored.pk}/change/"'
    shown = [edit in text_of(client_of(user), "/segments/moored/") for user in (desk.rita, desk.mona, desk.ada)]
    assert shown == [False, False, True]


def test_there_is_no_page_of_no_segment(desk: Desk) -> None:
    assert client_of(desk.rita).get("/segments/gone/").status_code == 404


def test_the_csv_has_all_members_and_no_formula(desk: Desk, moored: Segment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("outreach.views.segments.PAGE", 1)
    monkeypatch.setattr("signals.segments.every_member.__kwdefaults__", {"at_once": 2})
    Account.objects.filter(name="Anna").update(name="=cmd()", domain="anna.example")
    Assignment.objects.create(account=account("Berta"), rep=desk.rita, started_at=desk.now)
    header, *lines = cells(client_of(desk.rita), "/segments/moored/?format=csv")
    today = desk.now.date()
    assert header[:5] == ["Account", "Domain", "In the segment", "Since", "Or earlier"]
    assert [line[0] for line in lines] == ["Berta", "'=cmd()", "Clara"]
    assert lines[1][1:6] == ["anna.example", "yes", (today - timedelta(days=30)).isoformat(), "", "50"]
    assert (lines[0][7], lines[2][4]) == (desk.rita.get_full_name(), "yes")


def test_the_csv_of_the_unknown_says_so(desk: Desk, moored: Segment) -> None:
    response = client_of(desk.rita).get("/segments/moored/?state=unknown&format=csv")
    assert 'filename="plgcrm-segment-moored-unknown.csv"' in response.headers["Content-Disposition"]
    [_, line] = cells(client_of(desk.rita), "/segments/moored/?state=unknown&format=csv")
    assert line[:5] == ["Doris", account("Doris").domain, "not known", "", ""]


def test_a_page_of_a_segment_asks_as_much_for_many_members_as_for_few(desk: Desk, moored: Segment) -> None:
    for number in range(12):
        join(moored, f"Company {number}", desk.now.date())
    client = client_of(desk.rita)
    for name, address in (("segments", "/segments/"), ("segment", "/segments/moored/")):
        forget_all()
        with expected_queries(name):
            client.get(address)


# --- On the account's page ------------------------------------------------------------------------------------


def test_an_account_says_which_it_is_in_and_since_when(desk: Desk, moored: Segment) -> None:
    text = text_of(client_of(desk.rita), f"/accounts/{account('Clara').pk}/")
    assert '<a class="link" href="/segments/moored/" dir="auto">Moored boats</a>' in text
    assert " or earlier</dd>" in text


def test_an_account_says_of_which_it_is_not_known(desk: Desk, moored: Segment) -> None:
    text = text_of(client_of(desk.rita), f"/accounts/{account('Doris').pk}/")
    assert "In none that we know of." in text
    assert 'Not known: <a class="link" href="/segments/moored/?state=unknown" dir="auto">Moored boats</a>' in text


def test_an_account_in_none_says_so(desk: Desk, moored: Segment) -> None:
    assert "In none." in text_of(client_of(desk.rita), f"/accounts/{account('Emma').pk}/")


# --- As a filter of the accounts list -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("segment=moored", ["Clara", "Anna", "Berta"]),
        ("segment=moored&owner=me", ["Berta"]),
        ("segment=moored&owner=none", ["Clara", "Anna"]),
        ("segment=gone", []),
        ("segment=no such%00", ["Emma", "Clara", "Doris", "Anna", "Berta"]),
        ("segment=moored&q=a", ["Anna"]),
        ("segment=moored&q=er", []),
        ("segment=moored&q=ert", ["Berta"]),
        ("segment=moored&q=emma", []),
        ("segment=moored&owner=me&q=anna", []),
        ("q=emma", ["Emma"]),
        ("segment=&q=emma", ["Emma"]),
    ],
)
def test_accounts_are_filtered_by_segment_with_search_and_other_filters(
    desk: Desk, moored: Segment, query: str, expected: list[str]
) -> None:
    Assignment.objects.create(account=account("Berta"), rep=desk.rita, started_at=desk.now)
    assert names_of_list(text_of(client_of(desk.rita), f"/accounts/?{query}")) == expected


def names_of_list(text: str) -> list[str]:
    named = [name for name in ("Anna", "Berta", "Clara", "Doris", "Emma") if f">{name}</b>" in text]
    return sorted(named, key=lambda name: text.index(f">{name}</b>"))


def test_a_search_within_filters_finds_nothing_and_offers_all(desk: Desk, moored: Segment) -> None:
    text = text_of(client_of(desk.rita), "/accounts/?segment=moored&q=emma")
    assert "No results for “emma” with these filters" in text
    assert 'href="/accounts/?q=emma">Search all accounts' in text


def test_a_search_within_filters_keeps_the_order_of_the_search(desk: Desk, moored: Segment) -> None:
    for name, points in (("Zoe", 10), ("Big Zoe", 99)):
        join(moored, name, desk.now.date(), points=points)
    text = text_of(client_of(desk.rita), "/accounts/?segment=moored&q=zoe")
    assert text.index(">Zoe</b>") < text.index(">Big Zoe</b>")


def test_filters_stay_while_one_searches_and_the_other_way_round(desk: Desk, moored: Segment) -> None:
    text = text_of(client_of(desk.rita), "/accounts/?segment=moored&q=anna")
    assert '<option value="moored" selected>Moored boats</option>' in text
    assert 'href="/accounts/?q=anna&amp;segment=moored&amp;queue=yes"' in text


def test_a_view_keeps_the_segment_and_a_deleted_one_is_said(desk: Desk, moored: Segment) -> None:
    client = client_of(desk.rita)
    client.post("/accounts/views/", {"name": "Quay", "query": "segment=moored"})
    assert SavedView.objects.get().query == "segment=moored"
    moored.delete()
    text = text_of(client, "/accounts/?segment=moored")
    assert '<option value="moored" selected>moored (deleted)</option>' in text
    assert names_of_list(text) == []


def test_the_next_page_keeps_the_segment(desk: Desk, moored: Segment) -> None:
    for number in range(32):
        join(moored, f"Company {number:02}", desk.now.date())
    assert 'href="?segment=moored&amp;after=' in text_of(client_of(desk.rita), "/accounts/?segment=moored")
