"""A page of another origin sends events as real pages do: with tracing headers, with credentials, by beacon."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from playwright.sync_api import Browser
from playwright.sync_api import Page as Tab

from plgcrm.common.cache import forget_all
from plgcrm.common.sql import execute
from signals.ingest.keys import ensure_source
from signals.models import Configuration, Event, Source

KEY = "wk_door"
TRACING = """{"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "sentry-trace": "1-2-1",
  "baggage": "a=b", "x-datadog-trace-id": "7"}"""


class Shop(BaseHTTPRequestHandler):
    """The customer's page."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Shop</title>")

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture
def page(browser: Browser, server: str) -> Iterator[Tab]:
    """A page of another origin, whose console stays empty."""
    forget_all()
    execute("TRUNCATE signals_event")  # nobody empties it between tests in a browser
    Configuration.objects.get_or_create(pk=1)
    source = ensure_source("Shop", KEY)
    Source.objects.filter(pk=source.pk).update(kind="browser")
    shop = HTTPServer(("127.0.0.1", 0), Shop)
    threading.Thread(target=shop.serve_forever, daemon=True).start()
    context = browser.new_context()
    tab, troubles = context.new_page(), list[str]()
    tab.on("console", lambda message: troubles.append(message.text))
    tab.goto(f"http://127.0.0.1:{shop.server_port}/")
    yield tab
    context.close()
    shop.shutdown()
    shop.server_close()
    assert troubles == []


def message(id_: str) -> str:
    return f'JSON.stringify({{"event": "Report Shared", "userId": "u1", "messageId": "{id_}"}})'


def arrived(tab: Tab, id_: str) -> bool:
    """A beacon has no answer: wait until it is stored."""
    for _ in range(100):
        if Event.objects.filter(source__name="Shop", message_id=id_).exists():
            return True
        tab.wait_for_timeout(50)
    return False


@pytest.mark.parametrize(
    ("id_", "options"),
    [
        ("plain", '"headers": {"Content-Type": "application/json"}'),
        ("traced", f'"headers": {TRACING}'),
        ("credentials", f'"credentials": "include", "headers": {TRACING}'),
        ("kept", '"keepalive": true'),
    ],
)
def test_a_page_fetches_whatever_headers_its_tools_add(page: Tab, server: str, id_: str, options: str) -> None:
    script = f"""fetch("{server}/v1/track?writeKey={KEY}", {{"method": "POST", "body": {message(id_)}, {options}}})
      .then(answer => answer.json())"""
    assert page.evaluate(script) == {"success": True}
    assert arrived(page, id_)


@pytest.mark.parametrize(
    ("id_", "body"),
    [
        ("text", message("text")),
        ("json", f'new Blob([{message("json")}], {{"type": "application/json"}})'),
        ("blob", f"new Blob([{message('blob')}])"),
        ("bytes", f"new TextEncoder().encode({message('bytes')})"),
        ("form", f'new URLSearchParams({{"data": {message("form")}}})'),
    ],
)
def test_a_page_that_is_left_sends_a_beacon_of_any_type(page: Tab, server: str, id_: str, body: str) -> None:
    assert page.evaluate(f'navigator.sendBeacon("{server}/v1/track?writeKey={KEY}", {body})')
    assert arrived(page, id_)
