"""Sends the events of made-up users through Segment's browser library in a headless Chromium.

    python send_browser.py --host URL --key KEY --modules DIR [--users 400] [--prefix run-1]

The page is served from an origin of its own, as a customer's site would be, so CORS is part of the test.
Prints one JSON line of what it meant to send.
"""

import argparse
import json
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from playwright.sync_api import Page, sync_playwright

PAGE = Path(__file__).with_name("send_browser.html")
LIBRARY = "@segment/analytics-next/dist/umd/index.js"
CHROMIUM = "/usr/bin/chromium"
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
DEADLINE_MS = 240_000


class _Site(BaseHTTPRequestHandler):
    def __init__(self, modules: Path, *args: Any) -> None:
        self.files = {"/": (PAGE, "text/html"), "/library.js": (modules / LIBRARY, "text/javascript")}
        super().__init__(*args)

    def do_GET(self) -> None:
        path, kind = self.files.get(self.path, (None, ""))
        self.send_response(200 if path else 404)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.end_headers()
        if path:
            self.wfile.write(path.read_bytes())

    def log_message(self, *args: Any) -> None:
        pass


def main() -> None:
    options = _options()
    site = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Site, options.modules / "node_modules"))
    Thread(target=site.serve_forever, daemon=True).start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{site.server_port}/")
        print(json.dumps(_send(page, options)))
        browser.close()
    site.shutdown()


def _send(page: Page, options: argparse.Namespace) -> dict[str, Any]:
    arguments = {
        "host": options.host,
        "key": options.key,
        "users": options.users,
        "prefix": options.prefix,
        "deadlineMs": DEADLINE_MS,
    }
    sent: dict[str, Any] = page.evaluate("sendAll", arguments)
    return sent


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", required=True)
    parser.add_argument("--key", required=True)
    parser.add_argument("--modules", type=Path, required=True)
    parser.add_argument("--users", type=int, default=400)
    parser.add_argument("--prefix", default="browser")
    return parser.parse_args()


if __name__ == "__main__":
    main()
