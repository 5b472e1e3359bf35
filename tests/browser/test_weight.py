"""What a page costs a browser that has nothing in its cache: all bytes of the page, its sheets, scripts and pictures,
headers left out, packed as our server packs them (the same middleware before the same application)."""

from typing import Any

from playwright.sync_api import Browser
from playwright.sync_api import Page as Tab

from plgcrm.pages import ADMIN, PAGES, REP, STRANGER
from tests.browser.walk import log_in
from tests.factories import Desk

MOST = 80_000


def weight(tab: Tab, address: str) -> int:
    """Bytes of bodies as they came over the wire until the page had loaded."""
    session, got = tab.context.new_cdp_session(tab), dict[str, int]()

    def note(event: dict[str, Any]) -> None:
        got[event["requestId"]] = got.get(event["requestId"], 0) + int(event["encodedDataLength"])

    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    session.on("Network.loadingFinished", note)
    tab.goto(address, wait_until="load")
    tab.wait_for_timeout(150)
    return sum(got.values())


def test_no_page_weighs_more_than_80_kb(browser: Browser, server: str, full_desk: Desk) -> None:
    people = {STRANGER: None, REP: full_desk.rita, ADMIN: full_desk.ada}
    found: dict[str, int] = {}
    for who, user in people.items():
        context = browser.new_context(base_url=server)
        log_in(context, server, user)
        tab = context.new_page()
        for page in (page for page in PAGES if page.who == who):
            tab.goto(page.start)
            found[page.name] = weight(tab, page.address(tab.content()))
        context.close()
    heavy = {name: size for name, size in found.items() if size > MOST}
    assert heavy == {}, f"{heavy} of {found}"
    assert min(found.values()) > 2_000  # something was measured
