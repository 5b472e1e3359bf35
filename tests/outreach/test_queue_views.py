"""The queue page and what can be done on it, over HTTP, with and without HTMX."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from outreach.models import QueueItem
from outreach.queue.list import Place
from tests.cast import client_of, play_part, text_of
from tests.factories import Desk, make_company, make_desk, make_item
from tests.query_counts import expected_queries

PART = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "item"}


@pytest.fixture
def desk(db: None) -> Desk:
    return make_desk(timezone.now(), companies=3)


def test_a_stranger_is_asked_to_log_in(desk: Desk) -> None:
    response = Client().get("/queue/?play=expansion")
    assert (response.status_code, response["Location"]) == (302, "/session/login/?next=/queue/%3Fplay%3Dexpansion")


def test_htmx_of_a_stranger_sends_the_whole_page_to_the_log_in(desk: Desk) -> None:
    response = Client().get("/queue/news/", HTTP_HX_REQUEST="true", HTTP_HX_CURRENT_URL="http://testserver/queue/7/")
    assert response["HX-Redirect"] == "/session/login/?next=/queue/7/"


def test_who_has_no_role_is_told_so(desk: Desk) -> None:
    response = client_of(play_part("nick")).get("/queue/")
    assert response.status_code == 403
    assert "You don’t have a role yet" in response.content.decode()


def test_the_first_item_is_open_and_its_reason_comes_first(as_rita: Client) -> None:
    text = text_of(as_rita, "/queue/")
    assert text.index('class="sentence"') < text.index("Why: 120 points") < text.index("Active people per day")
    assert "<b>47 of 50 seats</b> are used." in text


def test_the_breakdown_adds_up(as_rita: Client) -> None:
    text = text_of(as_rita, "/queue/")
    assert "+60" in text
    assert "1 not met" in text


def test_guards_stand_as_kept_promises(as_rita: Client) -> None:
    assert "They have seen first value." in text_of(as_rita, "/queue/")


def test_a_rep_sees_own_and_unassigned_items_of_the_own_team_only(desk: Desk, as_rita: Client) -> None:
    success, sales = desk.plays["expansion"], desk.plays["hand-raisers"]
    hers = make_item(make_company("Team’s own", now=desk.now), sales, now=desk.now)
    others = make_item(make_company("Other team’s", now=desk.now), success, now=desk.now)
    toms = make_item(make_company("Tom’s", now=desk.now), sales, now=desk.now, rep=desk.tom)
    text = text_of(as_rita, "/queue/")
    assert ("Team’s own" in text, "Other team’s" in text, "Tom’s" in text) == (True, False, False)
    codes = [as_rita.get(f"/queue/{item.pk}/").status_code for item in (hers, others, toms)]
    assert codes == [200, 404, 404]


def test_a_manager_sees_all_and_may_look_at_one_queue(desk: Desk) -> None:
    manager = client_of(desk.mona)
    make_item(make_company("Tom’s", now=desk.now), desk.plays["expansion"], now=desk.now, rep=desk.tom)
    assert "Tom’s" in text_of(manager, "/queue/")
    assert "Tom’s" not in text_of(manager, f"/queue/?rep={desk.rita.pk}")


def test_a_rep_cannot_look_at_anothers_queue_by_asking(desk: Desk, as_rita: Client) -> None:
    make_item(make_company("Tom’s", now=desk.now), desk.plays["expansion"], now=desk.now, rep=desk.tom)
    assert "Tom’s" not in text_of(as_rita, f"/queue/?rep={desk.tom.pk}")


@pytest.mark.parametrize(("who", "name"), [("rita", "queue"), ("mona", "queue of a manager")])
def test_the_queue_page_asks_at_most_twelve_queries(desk: Desk, who: str, name: str) -> None:
    client = client_of(getattr(desk, who))
    with expected_queries(name):
        client.get("/queue/")


def test_more_items_ask_no_more_queries(desk: Desk, as_rita: Client) -> None:
    for number in range(30):
        make_item(make_company(f"More {number}", now=desk.now), desk.plays["expansion"], now=desk.now, rep=desk.rita)
    with expected_queries("queue"):
        as_rita.get("/queue/")


def test_an_item_alone_and_the_news_ask_few(desk: Desk, as_rita: Client) -> None:
    with expected_queries("queue item part"):
        as_rita.get(f"/queue/{desk.items[1].pk}/", **PART)  # type: ignore[arg-type]
    with expected_queries("queue news"):
        as_rita.get("/queue/news/?newest=1", HTTP_HX_REQUEST="true")


def test_the_next_page_goes_on_where_the_first_ended(desk: Desk, as_rita: Client) -> None:
    play = desk.plays["expansion"]
    for number in range(25):
        company = make_company(f"More {number:02}", now=desk.now, people=0)
        make_item(company, play, now=desk.now, rep=desk.rita, priority=50.0)
    first = text_of(as_rita, "/queue/")
    place = Place(1, 50.0, QueueItem.objects.get(account__name="More 21").pk)
    assert f"after={place}" in first
    rows = text_of(as_rita, f"/queue/?after={place}", HTTP_HX_REQUEST="true", HTTP_HX_TARGET="more")
    assert [name in rows for name in ("More 21", "More 22", "More 24", "<html")] == [False, True, True, False]


def test_filters_by_play(desk: Desk, as_rita: Client) -> None:
    slug = desk.items[1].play.slug
    text = text_of(as_rita, f"/queue/?play={slug}")
    assert ("Company 01" in text, "Company 00" in text) == (True, False)


@pytest.mark.parametrize(
    "address", ["/queue/?after=x", "/queue/?after=1_x_2", "/queue/?play=%00&rep=abc", "/queue/?rep=99999999999"]
)
def test_nonsense_in_the_address_breaks_nothing(as_rita: Client, address: str) -> None:
    assert as_rita.get(address).status_code == 200


def test_an_empty_queue_says_how_it_fills(desk: Desk) -> None:
    assert "Items arrive when a play fires" in text_of(client_of(desk.tom), "/queue/")


def test_claiming_without_javascript_redirects_and_says_so(desk: Desk, as_rita: Client) -> None:
    item = desk.items[0]
    response = as_rita.post(f"/queue/{item.pk}/claim/")
    assert (response.status_code, response["Location"]) == (302, f"/queue/{item.pk}/")
    item.refresh_from_db()
    assert (item.state, item.claimed_by) == ("claimed", desk.rita)
    assert "Claimed. It is yours now." in text_of(as_rita, response["Location"])


def test_done_opens_the_next_item(desk: Desk, as_rita: Client) -> None:
    first, second, _ = desk.items
    response = as_rita.post(f"/queue/{first.pk}/done/", {"disposition": "called", "note": "Monday again"})
    assert response["Location"] == f"/queue/{second.pk}/"
    first.refresh_from_db()
    assert (first.state, first.disposition, first.note) == ("done", "called", "Monday again")


def test_done_with_htmx_draws_the_next_item_the_notice_and_the_counts(desk: Desk, as_rita: Client) -> None:
    first, second, _ = desk.items
    response = as_rita.post(f"/queue/{first.pk}/done/", {"disposition": "called"}, **PART)  # type: ignore[arg-type]
    text = response.content.decode()
    assert response["HX-Push-Url"] == f"/queue/{second.pk}/"
    assert f'data-item="{second.pk}"' in text
    assert f'id="row-{first.pk}" hx-swap-oob="delete"' in text
    assert "Company 00. Done: called them." in text
    assert "1 of 20 done today" in text


def test_dismissing_needs_a_reason(desk: Desk, as_rita: Client) -> None:
    item = desk.items[0]
    response = as_rita.post(f"/queue/{item.pk}/dismiss/", {}, **PART)  # type: ignore[arg-type]
    assert (response.status_code, "Choose a reason." in response.content.decode()) == (422, True)
    item.refresh_from_db()
    assert item.state == "open"


def test_dismissing_keeps_the_reason(desk: Desk, as_rita: Client) -> None:
    item = desk.items[0]
    as_rita.post(f"/queue/{item.pk}/dismiss/", {"reason": "bad-timing"})
    item.refresh_from_db()
    assert (item.state, item.dismiss_reason) == ("dismissed", "bad-timing")


def test_snoozing_until_tomorrow_means_nine_in_the_readers_morning(desk: Desk, as_rita: Client) -> None:
    item = desk.items[0]
    as_rita.post(f"/queue/{item.pk}/snooze/", {"until": "tomorrow"})
    item.refresh_from_db()
    assert item.snoozed_until is not None
    with timezone.override("Europe/Berlin"):
        local = timezone.localtime(item.snoozed_until)
        tomorrow = timezone.localdate() + timedelta(days=1)
    assert (local.date(), local.hour, local.minute) == (tomorrow, 9, 0)


@pytest.mark.parametrize(("today", "monday"), [(9, 16), (11, 16), (15, 16)])  # a Monday, a Wednesday, a Sunday
def test_snoozing_until_monday_means_the_next_monday_at_nine(desk: Desk, today: int, monday: int) -> None:
    item = desk.items[0]
    with time_machine.travel(datetime(2026, 3, today, 10, tzinfo=UTC), tick=False):
        client_of(desk.rita).post(f"/queue/{item.pk}/snooze/", {"until": "monday"})
    item.refresh_from_db()
    assert item.snoozed_until == datetime(2026, 3, monday, 9, tzinfo=ZoneInfo("Europe/Berlin"))


@pytest.mark.parametrize("said", [{}, {"on": "yesterday"}, {"on": "2020-01-01"}])
def test_a_snooze_without_a_day_to_come_is_refused(desk: Desk, as_rita: Client, said: dict[str, str]) -> None:
    item = desk.items[0]
    response = as_rita.post(f"/queue/{item.pk}/snooze/", said, **PART)  # type: ignore[arg-type]
    assert response.status_code in (409, 422)
    item.refresh_from_db()
    assert item.state == "open"


def test_snoozed_items_are_found_again(desk: Desk, as_rita: Client) -> None:
    as_rita.post(f"/queue/{desk.items[0].pk}/snooze/", {"until": "week"})
    assert "Company 00" not in text_of(as_rita, "/queue/").partition('id="notices"')[0]
    text = text_of(as_rita, "/queue/?state=snoozed")
    assert ("Company 00" in text, "Snoozed 1" in text) == (True, True)


def test_handing_over_puts_it_on_the_colleagues_queue(desk: Desk, as_rita: Client) -> None:
    item = desk.items[0]
    as_rita.post(f"/queue/{item.pk}/reassign/", {"to": desk.tom.pk, "note": "You know them"})
    item.refresh_from_db()
    assert (item.rep, item.state) == (desk.tom, "open")
    assert as_rita.get(f"/queue/{item.pk}/").status_code == 404


def test_an_item_a_teammate_was_quicker_with_is_refused_calmly(desk: Desk, as_rita: Client) -> None:
    item = make_item(make_company("Shared", now=desk.now), desk.plays["hand-raisers"], now=desk.now)
    client_of(desk.tom).post(f"/queue/{item.pk}/claim/")
    response = as_rita.post(f"/queue/{item.pk}/claim/", **PART)  # type: ignore[arg-type]
    assert response.status_code == 409
    assert "Tom has claimed this item." in response.content.decode()
    item.refresh_from_db()
    assert item.claimed_by == desk.tom


def test_undo_puts_the_item_back_and_opens_it(desk: Desk, as_rita: Client) -> None:
    item = desk.items[0]
    as_rita.post(f"/queue/{item.pk}/dismiss/", {"reason": "other"})
    change = item.changes.get()
    response = as_rita.post(f"/queue/changes/{change.pk}/undo/")
    assert response["Location"] == f"/queue/{item.pk}/"
    item.refresh_from_db()
    assert (item.state, item.dismiss_reason) == ("open", "")


def test_nobody_undoes_what_another_did(desk: Desk, as_rita: Client) -> None:
    item = desk.items[0]
    as_rita.post(f"/queue/{item.pk}/dismiss/", {"reason": "other"})
    change = item.changes.get()
    assert client_of(desk.mona).post(f"/queue/changes/{change.pk}/undo/").status_code == 404


@pytest.mark.parametrize("verb", ["claim", "release", "snooze", "dismiss", "done", "reassign"])
def test_a_reader_changes_nothing_and_an_outsider_finds_nothing(desk: Desk, verb: str) -> None:
    item = desk.items[0]
    said = {"until": "week", "reason": "other", "disposition": "other", "to": str(desk.tom.pk)}
    codes = [client_of(user).post(f"/queue/{item.pk}/{verb}/", said).status_code for user in (desk.rolf, desk.olga)]
    assert codes == [403, 404]
    assert not item.changes.exists()
    assert client_of(desk.rita).get(f"/queue/{item.pk}/{verb}/").status_code == 405


def test_only_managers_are_offered_to_take_an_item_out_of_a_colleagues_hands(desk: Desk, as_rita: Client) -> None:
    item = desk.items[0]
    QueueItem.objects.filter(pk=item.pk).update(state="claimed", claimed_by=desk.tom, claimed_at=desk.now)
    ways = [f"/queue/{item.pk}/{verb}/" for verb in ("release", "reassign")]
    offered = {
        user: [way in text_of(client_of(user), f"/queue/{item.pk}/") for way in ways] for user in (desk.rita, desk.mona)
    }
    assert offered == {desk.rita: [False, False], desk.mona: [True, True]}


def test_a_reader_sees_no_buttons(desk: Desk) -> None:
    text = text_of(client_of(desk.rolf), "/queue/")
    assert ("Company 00" in text, 'class="actions"' in text) == (True, False)


def test_news_says_how_many_came_and_how_old_the_numbers_are(desk: Desk, as_rita: Client) -> None:
    newest = desk.items[-1].pk
    quiet = text_of(as_rita, f"/queue/news/?newest={newest}", HTTP_HX_REQUEST="true")
    make_item(make_company("New", now=desk.now), desk.plays["expansion"], now=desk.now, rep=desk.rita)
    make_item(make_company("Not hers", now=desk.now), desk.plays["expansion"], now=desk.now, rep=desk.tom)
    text = text_of(as_rita, f"/queue/news/?newest={newest}", HTTP_HX_REQUEST="true")
    assert ("new item" in quiet, "1 new item: show" in text) == (False, True)
    assert "live, 0 s old" in text


def test_hostile_and_long_names_are_text(desk: Desk, as_rita: Client) -> None:
    hostile = '<img src=x onerror=alert(1)>" hx-get="/evil'
    company = make_company(hostile, now=desk.now)
    make_company("W" * 200, now=desk.now)
    make_item(
        company, desk.plays["expansion"], now=desk.now, rep=desk.rita, why_now=f"{hostile} 5 people", priority=999.0
    )
    text = text_of(as_rita, "/queue/")
    assert ("<img" in text, "&lt;img src=x onerror=alert(1)&gt;" in text, ' hx-get="/evil' in text) == (
        False,
        True,
        False,
    )


def test_pages_carry_a_strict_policy_and_no_inline_code(as_rita: Client) -> None:
    response = as_rita.get("/queue/")
    assert "default-src 'none'; script-src 'self'; style-src 'self'" in response["Content-Security-Policy"]
    text = response.content.decode()
    assert [mark in text for mark in (" style=", "<style", "onclick=", "javascript:")] == [False] * 4


def test_a_place_in_the_list_reads_back_as_written() -> None:
    place = Place(1, 12.345678901, 42)
    assert Place.parse(str(place)) == place


def test_late_items_say_how_late(desk: Desk, as_rita: Client) -> None:
    QueueItem.objects.filter(pk=desk.items[0].pk).update(due_at=datetime.now(UTC) - timedelta(hours=3))
    assert "3 h late" in text_of(as_rita, "/queue/")


def test_a_row_is_markup_and_what_people_wrote_in_it_is_not() -> None:
    from types import SimpleNamespace

    from outreach.templatetags.queue_rows import queue_row

    row = SimpleNamespace(
        id=7, state="open", account="<b>Acme</b>", points=70, qualified=True, why_now="“<script>” & more",
        play="Account expansion", play_slug="expansion", unassigned=True, held_by="", claimed_by_id=None,
        due_at=datetime(2026, 1, 5, 9, tzinfo=UTC), sla_class=1,
    )  # fmt: skip
    html = queue_row(row, [1, 2, 3], base="/queue/", query="?play=%22><i>", current=7, viewer=1)
    assert '<time class="due' in html
    assert 'aria-current="true"' in html
    assert "&lt;b&gt;Acme&lt;/b&gt;" in html
    assert "<script>" not in html
    assert "<i>" not in html
