"""A real Chromium before a real server. Any script error and anything the policy blocks fails the test."""

import json
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test.testcases import LiveServerThread
from django.utils import timezone
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from plgcrm.common.cache import forget_all
from plgcrm.management.commands.screenshots import ARGUMENTS, CHROMIUM
from signals.ingest.keys import ensure_source
from signals.ingest.receive import SourceRef, receive
from signals.ingest.wire import parse
from signals.models import FailedEvent
from tests.cast import PASSWORD
from tests.factories import Desk, make_desk

# Playwright keeps an event loop in this thread; the tests themselves are not asynchronous.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

EXPECTED = ("status of 409", "status of 422", "status of 403", "status of 404")
Open = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker("browser")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM", CHROMIUM), args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def desk(transactional_db: None) -> Desk:
    forget_all()
    return make_desk(timezone.now(), companies=5)


@pytest.fixture
def full_desk(desk: Desk) -> Desk:
    """With an event that came, one that failed, and a row of each kind that the admin lists."""
    source = ensure_source("Web app", "wk_test")
    message = {"type": "track", "event": "Signed Up", "userId": "ann", "messageId": f"m{desk.now.timestamp()}"}
    body = json.dumps({"batch": [message]}).encode()
    receive(SourceRef(source.pk, source.name), parse(body, None, desk.now), desk.now)
    FailedEvent.objects.create(
        source=source, stage="decode", reason="No JSON", payload=b"{", digest=b"0" * 16, received_at=desk.now
    )
    return desk


@pytest.fixture
def server(transactional_db: None) -> Iterator[str]:
    """As it runs outside tests: our own middleware serves and packs the static files too."""
    thread = LiveServerThread("127.0.0.1", static_handler=lambda handler: handler)
    thread.daemon = True
    thread.start()
    thread.is_ready.wait()
    assert thread.error is None
    yield f"http://127.0.0.1:{thread.port}"
    thread.terminate()


@pytest.fixture
def open_as(browser: Browser, live_server: Any, desk: Desk) -> Iterator[Open]:
    """open_as(user): a page of a user who has logged in, at the queue."""
    troubles: list[str] = []
    contexts = []

    def open_page(user: User, **options: Any) -> Page:
        context = browser.new_context(
            base_url=live_server.url, **{"viewport": {"width": 1440, "height": 900}} | options
        )
        context.set_default_timeout(8000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: note(message))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.goto("/")
        page.fill("[name=login]", user.username)
        page.fill("[name=password]", PASSWORD)
        page.click("button.primary")
        page.wait_for_url("**/queue/**")
        return page

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and not any(word in message.text for word in EXPECTED):
            troubles.append(message.text)

    yield open_page
    for context in contexts:
        context.close()
    assert troubles == []
