"""axe-core finds nothing serious on any page, in both themes and both widths."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser
from playwright.sync_api import Page as Tab

from tests.browser.walk import tabs
from tests.factories import Desk

GRAVE = {"serious", "critical"}
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


def grave_troubles(tab: Tab) -> list[str]:
    tab.wait_for_load_state("load")
    tab.wait_for_selector(".htmx-request", state="detached")  # what is being drawn again is faded
    found = Axe().run(tab).response["violations"]
    return [
        f"{each['id']} ({each['impact']}): {node['target']} {node['html'][:120]} {node['failureSummary'][:160]}"
        for each in found
        if each["impact"] in GRAVE
        for node in each["nodes"][:3]
    ]


@pytest.mark.parametrize("shape", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_has_a_serious_trouble(
    browser: Browser, server: str, full_desk: Desk, theme: str, shape: dict[str, int]
) -> None:
    walk = tabs(browser, server, full_desk, viewport=shape, color_scheme=theme)
    troubles = [f"{page.name}: {trouble}" for page, tab in walk for trouble in grave_troubles(tab)]
    assert troubles == [], "\n".join(troubles)


@pytest.mark.parametrize("width", [390, 1440])
def test_no_page_is_wider_than_the_window(browser: Browser, server: str, full_desk: Desk, width: int) -> None:
    walk = tabs(browser, server, full_desk, viewport={"width": width, "height": 844})
    wide = [page.name for page, tab in walk if tab.evaluate("document.documentElement.scrollWidth") > width]
    assert wide == []
