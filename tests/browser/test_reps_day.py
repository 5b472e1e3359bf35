"""What a rep does all day: with the mouse, with the keys, without JavaScript, on a phone."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from outreach.models import QueueItem
from tests.browser.conftest import Open
from tests.factories import Desk, make_company, make_item

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def heading(page: Page) -> str:
    return page.locator("#item-name").inner_text()


def test_a_click_opens_an_item_without_losing_the_list(desk: Desk, open_as: Open) -> None:
    page = open_as(desk.rita)
    page.evaluate("document.querySelector('#rows').dataset.kept = 'yes'")
    page.click("text=Company 03")
    expect(page.locator("#item-name")).to_have_text("Company 03")
    assert page.url.endswith(f"/queue/{desk.items[3].pk}/")
    assert page.get_attribute("#rows", "data-kept") == "yes"
    expect(page.locator("#rows [aria-current]")).to_contain_text("Company 03")


def test_done_by_mouse_opens_the_next_and_undo_brings_it_back(desk: Desk, open_as: Open) -> None:
    page = open_as(desk.rita)
    page.click("summary:has-text('Done')")
    page.click("text=Called them")
    expect(page.locator("#item-name")).to_have_text("Company 01")
    expect(page.locator("#rows li")).to_have_count(4)
    expect(page.locator("#list-head")).to_contain_text("1 of 20 done today")
    page.click("text=Undo")
    expect(page.locator("#item-name")).to_have_text("Company 00")
    expect(page.locator("#rows li")).to_have_count(5)
    assert QueueItem.objects.filter(state="open").count() == 5


def test_an_item_is_done_with_two_keys(desk: Desk, open_as: Open) -> None:
    page = open_as(desk.rita)
    page.keyboard.press("e")
    page.keyboard.press("2")
    expect(page.locator("#item-name")).to_have_text("Company 01")
    assert QueueItem.objects.get(pk=desk.items[0].pk).disposition == "called"


def test_the_whole_day_by_keyboard(desk: Desk, open_as: Open) -> None:
    page = open_as(desk.rita)
    page.keyboard.press("j")
    expect(page.locator("#item-name")).to_have_text("Company 01")
    page.keyboard.press("x")
    expect(page.locator(".state")).to_have_text("You have claimed this item.")
    page.keyboard.press("s")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#item-name")).to_have_text("Company 02")
    page.keyboard.press("d")
    page.keyboard.press("1")
    expect(page.locator("#item-name")).to_have_text("Company 03")
    page.keyboard.press("u")
    expect(page.locator("#item-name")).to_have_text("Company 02")
    states = [QueueItem.objects.get(pk=item.pk).state for item in desk.items[:3]]
    assert states == ["open", "snoozed", "open"]


def test_keys_do_nothing_while_typing(desk: Desk, open_as: Open) -> None:
    page = open_as(desk.rita)
    page.keyboard.press("/")
    page.keyboard.type("jeds company")
    assert page.input_value("#search") == "jeds company"
    assert heading(page) == "Company 00"
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Accounts")


def test_going_places_and_the_list_of_keys(desk: Desk, open_as: Open) -> None:
    page = open_as(desk.rita)
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_hidden()
    page.keyboard.press("g")
    page.keyboard.press("a")
    page.wait_for_url("**/accounts/")


def test_handing_over_by_keyboard(desk: Desk, open_as: Open) -> None:
    page = open_as(desk.rita)
    page.keyboard.press("a")
    page.select_option("[name=to]", label="Tom · Sales")
    page.click("button:has-text('Reassign')")
    expect(page.locator("#notices")).to_contain_text("Reassigned to Tom.")
    assert QueueItem.objects.get(pk=desk.items[0].pk).rep == desk.tom


def test_new_items_announce_themselves_and_move_nothing(desk: Desk, open_as: Open) -> None:
    page = open_as(desk.rita)
    before = page.locator("#rows").bounding_box()
    make_item(
        make_company("Newcomer", now=desk.now), desk.plays["hand-raisers"], now=desk.now, rep=desk.rita, sla_class=0
    )
    show = page.locator("#news a")
    expect(show).to_have_text("1 new item: show", timeout=9000)
    assert page.locator("#rows").bounding_box() == before
    assert page.locator("text=Newcomer").count() == 0
    show.click()
    expect(page.locator("#rows li").first).to_contain_text("Newcomer")
    assert heading(page) == "Company 00"


def test_an_item_somebody_else_took_is_explained(desk: Desk, open_as: Open) -> None:
    shared = make_item(make_company("Shared", now=desk.now), desk.plays["hand-raisers"], now=desk.now, priority=500.0)
    page = open_as(desk.rita)
    expect(page.locator("#item-name")).to_have_text("Shared")
    QueueItem.objects.filter(pk=shared.pk).update(
        state="claimed", claimed_by=desk.tom, rep=desk.tom, claimed_at=timezone.now()
    )
    page.keyboard.press("x")
    expect(page.locator(".notice.error")).to_contain_text("Tom has claimed this item.")
    expect(page.locator("#item-name")).to_have_text("Company 00")
    expect(page.locator("#rows")).not_to_contain_text("Shared")


def test_everything_works_without_javascript(desk: Desk, open_as: Open) -> None:
    page = open_as(desk.rita, java_script_enabled=False)
    page.click("text=Company 01")
    expect(page.locator("#item-name")).to_have_text("Company 01")
    page.click(".menu.rest summary")
    page.click("button:has-text('Claim')")
    expect(page.locator(".state")).to_have_text("You have claimed this item.")
    page.click("summary:has-text('Snooze')")
    page.click("button:has-text('In a week')")
    expect(page.locator("#item-name")).to_have_text("Company 02")
    expect(page.locator("#notices")).to_contain_text("Company 01. Snoozed until")
    page.click("button:has-text('Undo')")
    expect(page.locator("#item-name")).to_have_text("Company 01")
    assert QueueItem.objects.get(pk=desk.items[1].pk).state == "claimed"


def test_a_phone_shows_one_thing_at_a_time_with_the_actions_at_the_thumb(desk: Desk, open_as: Open) -> None:
    page = open_as(desk.rita, **PHONE)
    expect(page.locator("#item")).to_be_hidden()
    page.click("text=Company 02")
    expect(page.locator("#item-name")).to_have_text("Company 02")
    expect(page.locator("#list")).to_be_hidden()
    box = page.locator(".actions").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] == 844
    page.click("summary:has-text('Dismiss')")
    page.click("text=Bad timing")
    expect(page.locator("#item-name")).to_have_text("Company 03")
    page.click("text=‹ Queue")
    expect(page.locator("#list")).to_be_visible()


@pytest.mark.parametrize("width", [390, 768, 1024, 1440])
@pytest.mark.parametrize("address", ["/queue/", "/accounts/", "/pipeline/", "account", "item"])
def test_no_page_is_wider_than_its_window(desk: Desk, open_as: Open, width: int, address: str) -> None:
    long = make_company("Donaudampfschifffahrtselektrizitätenhauptbetriebswerk" * 3, now=desk.now)
    item = make_item(long, desk.plays["expansion"], now=desk.now, rep=desk.rita, priority=500.0)
    page = open_as(desk.rita, viewport={"width": width, "height": 844})
    page.goto({"account": f"/accounts/{long.pk}/", "item": f"/queue/{item.pk}/"}.get(address, address))
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_hostile_names_run_nothing(desk: Desk, open_as: Open) -> None:
    hostile = "<img src=x onerror=document.title='taken'><script>document.title='taken'</script>"
    company = make_company(hostile, now=desk.now)
    item = make_item(company, desk.plays["expansion"], now=desk.now, rep=desk.rita, priority=500.0, why_now=hostile)
    page = open_as(desk.rita)
    for address in (f"/queue/{item.pk}/", f"/accounts/{company.pk}/", "/accounts/?q=img"):
        page.goto(address)
        expect(page).not_to_have_title(re.compile("^taken"))
        assert page.locator("img").count() == 0


def test_search_finds_as_one_types(desk: Desk, open_as: Open) -> None:
    page = open_as(desk.rita)
    page.goto("/accounts/")
    page.type(".toolbar [name=q]", "pany 04")
    expect(page.locator("#found tbody tr")).to_have_count(1)
    expect(page.locator("#found")).to_contain_text("Company 04")


def test_the_chart_reads_a_day_and_opens_it(desk: Desk, open_as: Open) -> None:
    page = open_as(desk.rita)
    chart = page.locator(".chart svg.plot")
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] - 1, box["y"] + 60)
    expect(page.locator(".chart output")).to_contain_text("3 people, 6 events")
    page.mouse.click(box["x"] + box["width"] - 1, box["y"] + 60)
    page.wait_for_url(f"**/evidence/?day={desk.now.date()}")
    expect(page.locator("h1")).to_have_text("Events behind this number")


def test_going_back_shows_the_page_before(desk: Desk, open_as: Open) -> None:
    page = open_as(desk.rita, **PHONE)
    page.click("text=Company 02")
    expect(page.locator("#item-name")).to_have_text("Company 02")
    page.go_back()
    expect(page.locator("#list")).to_be_visible()
    expect(page.locator("#item")).to_be_hidden()
    page.click("text=Company 03")
    expect(page.locator("#item-name")).to_have_text("Company 03")


def test_a_pipeline_that_is_away_makes_the_page_say_it_is_late(desk: Desk, open_as: Open) -> None:
    page = open_as(desk.rita)
    page.route("**/queue/news/**", lambda route: route.fulfill(status=204))
    expect(page.locator("#age")).to_have_text(re.compile("live"))
    page.evaluate("document.querySelector('#age').dataset.seconds = 14")
    expect(page.locator("#age")).to_have_text(re.compile("late, 1[67] s old"))
    expect(page.locator("#age.stale")).to_be_visible()
