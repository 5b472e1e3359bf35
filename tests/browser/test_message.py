"""The message in a real browser: read, edit, reload, copy, log, next; by keys, without JavaScript, on a phone."""

import re

import pytest
from playwright.sync_api import Page, expect

from outreach.models import Draft, QueueItem, Touch
from tests.browser.conftest import Open
from tests.browser.test_reps_day import PHONE
from tests.factories import Desk, make_company, make_item, make_person


def body(page: Page) -> str:
    return page.input_value("#edit [name=body]")


def test_read_edit_reload_log_next(desk: Desk, open_as: Open) -> None:
    page = open_as(desk.rita)
    expect(page.locator("#said")).to_contain_text("three people")
    page.keyboard.press("c")
    expect(page.locator("#edit [name=body]")).to_be_focused()
    page.keyboard.press("Control+Home")
    page.keyboard.type("Dear Ann,\n\n")
    expect(page.locator("#foot")).to_contain_text("your draft, saved")
    expect(page.locator("#edit [name=body]")).to_be_focused()
    page.reload()
    expect(page.locator("#said")).to_contain_text("Dear Ann,")
    expect(page.locator("#said .fact").first).to_have_text("three people")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#item-name")).to_have_text("Company 01")
    touch = Touch.objects.get()
    assert (touch.body.startswith("Dear Ann,"), touch.channel) == (True, "email")
    page.keyboard.press("u")
    expect(page.locator("#item-name")).to_have_text("Company 00")
    expect(page.locator("#said")).to_contain_text("Dear Ann,")
    touch.refresh_from_db()
    assert touch.undone_at is not None


def test_a_message_is_copied_and_the_next_item_opened_with_two_keys(desk: Desk, open_as: Open) -> None:
    page = open_as(desk.rita)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.keyboard.press("y")
    expect(page.locator("#notices")).to_contain_text("Copied.")
    assert "three people" in page.evaluate("navigator.clipboard.readText()")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#item-name")).to_have_text("Company 01")
    assert Touch.objects.get().item_id == desk.items[0].pk


def test_what_is_typed_outlives_news_swaps_and_reloads_before_it_is_saved(desk: Desk, open_as: Open) -> None:
    page = open_as(desk.rita)
    page.route("**/draft/**", lambda route: route.fulfill(status=422, headers={"HX-Reswap": "none"}))
    page.keyboard.press("c")
    page.keyboard.press("Control+End")
    page.keyboard.type(" Not yet saved")
    make_item(make_company("Newcomer", now=desk.now), desk.plays["hand-raisers"], now=desk.now, rep=desk.rita)
    expect(page.locator("#news a")).to_have_text("1 new item: show", timeout=9000)
    expect(page.locator("#edit [name=body]")).to_be_focused()
    assert body(page).endswith(" Not yet saved")
    page.click("text=Company 01")
    expect(page.locator("#item-name")).to_have_text("Company 01")
    assert " Not yet saved" not in body(page)
    page.click("#rows >> text=Company 00", position={"x": 4, "y": 4})
    expect(page.locator("#item-name")).to_have_text("Company 00")
    expect(page.locator("#edit [name=body]")).to_have_value(re.compile(" Not yet saved$"))
    page.unroute("**/draft/**")
    page.reload()
    expect(page.locator("#foot")).to_contain_text("your draft, saved")
    assert Draft.objects.get().body.endswith(" Not yet saved")


def test_what_is_typed_before_htmx_listens_is_saved_too(desk: Desk, open_as: Open) -> None:
    page = open_as(desk.rita)
    page.evaluate("""document.addEventListener("htmx:afterSwap", () => {
      const field = document.querySelector("#edit [name=body]");
      field.value = "A quick hand";
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }, { once: true })""")
    page.click("text=Company 01")
    expect(page.locator("#item-name")).to_have_text("Company 01")
    expect(page.locator("#foot")).to_contain_text("your draft, saved")
    assert Draft.objects.get().body == "A quick hand"


def test_typed_text_goes_out_even_before_it_is_saved(desk: Desk, open_as: Open) -> None:
    page = open_as(desk.rita)
    page.keyboard.press("c")
    page.keyboard.press("Control+End")
    page.keyboard.type(" PS")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#item-name")).to_have_text("Company 01")
    assert Touch.objects.get().body.endswith(" PS")


def test_enter_in_the_subject_sends_nothing(desk: Desk, open_as: Open) -> None:
    page = open_as(desk.rita)
    page.keyboard.press("c")
    page.focus("#edit [name=subject]")
    page.keyboard.press("Enter")
    expect(page.locator("#edit [name=body]")).to_be_focused()
    assert not Touch.objects.exists()


def test_another_person_gets_another_message(desk: Desk, open_as: Open) -> None:
    other = make_person(desk.items[0].account, "Priya Raman", "p@halvorsen.example", "CFO")
    page = open_as(desk.rita)
    page.select_option(".whom [name=to]", str(other.pk))
    expect(page.locator("#said")).to_contain_text("Hi Priya,")
    expect(page.locator("#message header")).to_contain_text("to a buyer")
    page.wait_for_timeout(100)  # no hand is quicker than htmx takes to listen to what it has drawn
    page.select_option(".whom [name=persona]", "user")
    expect(page.locator("#message header")).to_contain_text("to a user")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#item-name")).to_have_text("Company 01")
    assert Touch.objects.get().person == other


def test_a_gap_is_named_and_stops_copy_and_log_until_it_is_written_round(desk: Desk, open_as: Open) -> None:
    page = open_as(desk.rita)
    page.keyboard.press("c")
    page.fill("#edit [name=body]", "You have ⟦seats⟧ now.")
    expect(page.locator("#foot .blocker")).to_contain_text("Missing: seats.")
    page.keyboard.press("Escape")
    page.keyboard.press("y")
    expect(page.locator("#notices")).to_contain_text("Missing: seats.")
    with page.expect_response("**/sent/"):
        page.keyboard.press("Control+Enter")
    expect(page.locator("#foot")).to_contain_text("your draft, saved")
    expect(page.locator("#edit")).not_to_have_attribute("open", "")
    expect(page.locator("#item-name")).to_have_text("Company 00")
    page.keyboard.press("c")
    page.fill("#edit [name=body]", "You have many seats now.")
    expect(page.locator("#foot .blocker")).to_have_count(0)
    expect(page.locator("#send")).not_to_have_attribute("aria-disabled", "true")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#item-name")).to_have_text("Company 01")


def test_a_call_and_a_note_by_keyboard(desk: Desk, open_as: Open) -> None:
    page = open_as(desk.rita)
    page.keyboard.press("l")
    page.keyboard.type("Back on Monday")
    page.click("button:has-text('Note')")
    expect(page.locator("#notices")).to_contain_text("Note added.")
    page.keyboard.press("l")
    page.keyboard.type("Spoke to Ann")
    page.click("button:has-text('Log call, next')")
    expect(page.locator("#item-name")).to_have_text("Company 01")
    assert list(Touch.objects.order_by("pk").values_list("channel", "body")) == [
        ("note", "Back on Monday"),
        ("call", "Spoke to Ann"),
    ]


def test_the_email_app_gets_what_is_typed(desk: Desk, open_as: Open) -> None:
    page = open_as(desk.rita)
    page.keyboard.press("c")
    page.fill("#edit [name=body]", "One & two\nthree")
    page.evaluate("document.addEventListener('click', (event) => event.preventDefault())")
    page.click("[data-email]")
    address = page.get_attribute("[data-email]", "href") or ""
    assert re.fullmatch(r"mailto:p\d@company\d+\.example\?subject=[^&]+&body=One%20%26%20two%0D%0Athree", address)


def test_a_fact_opens_what_is_behind_it(desk: Desk, open_as: Open) -> None:
    page = open_as(desk.rita)
    page.click("#said .fact")
    page.wait_for_url("**/evidence/?measure=people**")
    expect(page.locator("h1")).to_have_text("Events behind this number")


def test_the_message_without_javascript(desk: Desk, open_as: Open) -> None:
    page = open_as(desk.rita, java_script_enabled=False)
    expect(page.locator("[data-copy-text]")).to_be_hidden()
    page.click("#edit summary")
    page.fill("#edit [name=body]", "My own words")
    page.click("text=Save draft")
    expect(page.locator("#said")).to_contain_text("My own words")
    page.select_option("[name=persona]", "buyer")
    page.click(".whom button")
    expect(page.locator("#message header")).to_contain_text("to a buyer")
    page.click("#send")
    expect(page.locator("#item-name")).to_have_text("Company 01")
    expect(page.locator("#notices")).to_contain_text("Email logged.")
    assert QueueItem.objects.get(pk=desk.items[0].pk).disposition == "wrote"


def test_on_a_phone_the_message_comes_first_and_logging_is_at_the_thumb(desk: Desk, open_as: Open) -> None:
    page = open_as(desk.rita, **PHONE)
    page.click("text=Company 00")
    expect(page.locator("#message")).to_be_visible()
    message, why = page.locator("#message").bounding_box(), page.locator(".why").first.bounding_box()
    send = page.locator("#send").bounding_box()
    assert message is not None and why is not None and send is not None  # noqa: PT018
    assert message["y"] < why["y"]
    assert (send["y"] > 844 - 60, send["height"] >= 44) == (True, True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.click("#send")
    expect(page.locator("#item-name")).to_have_text("Company 01")


@pytest.mark.parametrize("width", [390, 768, 1440])
def test_a_long_message_stays_in_its_pane(desk: Desk, open_as: Open, width: int) -> None:
    Draft.objects.create(
        item=desk.items[0], persona="user", subject="W" * 300, body="W" * 2000 + "\n" * 50, changed_at=desk.now,
        person=desk.items[0].account.people.first(),
    )  # fmt: skip
    page = open_as(desk.rita, viewport={"width": width, "height": 844})
    page.goto(f"/queue/{desk.items[0].pk}/?to={desk.items[0].account.people.first().pk}&persona=user")
    expect(page.locator("#said")).to_contain_text("WWWW")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
