"""New items move nothing: no layout shift, and what is being typed, the focus and the scroll stay."""

import pytest
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.factories import Desk, make_company, make_item

SHIFTS = """() => {
  window.shifts = 0;
  new PerformanceObserver((list) => { for (const entry of list.getEntries()) window.shifts += entry.value; })
    .observe({ type: "layout-shift", buffered: false });
}"""


def arrive(desk: Desk) -> None:
    company = make_company("Newcomer", now=desk.now)
    make_item(company, desk.plays["hand-raisers"], now=desk.now, rep=desk.rita, sla_class=0)


def announced(page: Tab) -> None:
    expect(page.locator("#news a")).to_have_text("1 new item: show", timeout=9000)
    page.wait_for_timeout(300)


@pytest.mark.parametrize("width", [390, 1440])
def test_an_item_that_arrives_shifts_nothing(desk: Desk, open_as: Open, width: int) -> None:
    page = open_as(desk.rita, viewport={"width": width, "height": 844})
    page.wait_for_timeout(300)
    page.evaluate(SHIFTS)
    arrive(desk)
    announced(page)
    assert page.evaluate("window.shifts") == 0


def test_the_measure_of_shifts_sees_one(desk: Desk, open_as: Open) -> None:
    page = open_as(desk.rita)
    page.evaluate(SHIFTS)
    page.evaluate("document.querySelector('#rows').insertAdjacentHTML('beforebegin', '<p>x</p><p>x</p><p>x</p>')")
    page.wait_for_timeout(300)
    assert page.evaluate("window.shifts") > 0


def test_typing_focus_and_scroll_outlive_an_arrival(desk: Desk, open_as: Open) -> None:
    for number in range(30):
        company = make_company(f"More {number:02}", now=desk.now)
        make_item(company, desk.plays["expansion"], now=desk.now, rep=desk.rita, priority=1.0)
    page = open_as(desk.rita)
    page.evaluate("document.querySelector('#rows').parentElement.scrollTop = 300")
    page.evaluate("window.rowsAt = document.querySelector('#rows').getBoundingClientRect().top")
    page.click("#search")
    page.keyboard.type("half a na")
    arrive(desk)
    announced(page)
    page.keyboard.type("me")
    assert page.input_value("#search") == "half a name"
    assert page.evaluate("document.activeElement.id") == "search"
    assert page.evaluate("document.querySelector('#rows').getBoundingClientRect().top === window.rowsAt")
