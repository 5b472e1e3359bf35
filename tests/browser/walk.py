"""Opens every page of the one list in a browser, each as whom it is for."""

from collections.abc import Iterator

from django.contrib.auth.models import User
from playwright.sync_api import Browser, BrowserContext
from playwright.sync_api import Page as Tab

from plgcrm.pages import ADMIN, PAGES, REP, STRANGER, PageSpec
from tests.cast import client_of
from tests.factories import Desk


def tabs(browser: Browser, url: str, desk: Desk, **shape: object) -> Iterator[tuple[PageSpec, Tab]]:
    """Each page, open, with a fresh context a role."""
    people: dict[str, User | None] = {STRANGER: None, REP: desk.rita, ADMIN: desk.ada}
    for who, user in people.items():
        context = browser.new_context(base_url=url, **shape)  # type: ignore[arg-type]
        log_in(context, url, user)
        for page in (page for page in PAGES if page.who == who):
            tab = context.new_page()
            tab.goto(page.start)
            address = page.address(tab.content())
            assert address, f"nothing on {page.start} leads to {page.name}"
            tab.goto(address)
            yield page, tab
            tab.close()
        context.close()


def log_in(context: BrowserContext, url: str, user: User | None) -> None:
    """By a session of the test client: the log-in form has tests of its own."""
    if user is not None:
        cookie = client_of(user).cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": url}])
