"""axe-core finds nothing serious on any page, in both themes and both widths; and no page is wider than its window."""

from collections.abc import Iterator
from itertools import product

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser
from playwright.sync_api import Page as Tab

from tests.browser.walk import tabs
from tests.factories import Desk

GRAVE = {"serious", "critical"}
THEMES = ("light", "dark")
WIDTHS = {1440: 900, 390: 844}


def looks(tab: Tab) -> Iterator[str]:
    """The open page in each theme and width. It is loaded once: the style sheet does the rest."""
    tab.wait_for_load_state("load")
    tab.wait_for_selector(".htmx-request", state="detached")  # what is being drawn again is faded
    for theme, width in product(THEMES, WIDTHS):
        tab.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
        tab.set_viewport_size({"width": width, "height": WIDTHS[width]})
        yield f"{theme} {width}"


def grave_troubles(tab: Tab) -> list[str]:
    found = Axe().run(tab).response["violations"]
    return [
        f"{each['id']} ({each['impact']}): {node['target']} {node['html'][:120]} {node['failureSummary'][:160]}"
        for each in found
        if each["impact"] in GRAVE
        for node in each["nodes"][:3]
    ]


def is_wide(tab: Tab) -> list[str]:
    room = tab.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return [f"wider than the window by {room}"] if room > 0 else []


def test_no_page_has_a_serious_trouble_or_is_wider_than_the_window(
    browser: Browser, server: str, full_desk: Desk
) -> None:
    troubles = [
        f"{page.name}, {look}: {error}"
        for page, tab in tabs(browser, server, full_desk)
        for look in looks(tab)
        for error in [*grave_troubles(tab), *is_wide(tab)]
    ]
    assert troubles == [], "\n".join(troubles)
