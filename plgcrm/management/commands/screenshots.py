"""Pictures of every page, in two widths and two themes, from a running PLGCRM."""

from argparse import ArgumentParser
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDTHS = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
THEMES = ("light", "dark")
PAGES = {
    "queue": "/queue/",
    "item": "first item",
    "accounts": "/accounts/",
    "search": "/accounts/?q=co",
    "account": "first account",
    "person": "first person",
    "board": "/board/",
    "evidence": "first evidence",
    "pipeline": "/pipeline/",
}
FIRST = {
    "first item": "#rows a.item",
    "first account": "#item-name a",
    "first person": ".people b a",
    "first evidence": ".why .reading a",
}


class Command(BaseCommand):
    help = "Takes pictures of every page at 1440 and 390 pixels, light and dark, as the user given."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("url", help="Where PLGCRM runs, e.g. http://127.0.0.1:8000")
        parser.add_argument("--user", required=True)
        parser.add_argument("--password", required=True)
        parser.add_argument("--to", type=Path, default=Path("docs/pictures"))
        parser.add_argument("--only", nargs="*", help=f"Some of: log-in {' '.join(PAGES)}")
        parser.add_argument("--whole", action="store_true", help="The whole height of each page")
        parser.add_argument("--chromium", default=CHROMIUM)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            from playwright.sync_api import sync_playwright
        except ImportError as error:
            raise CommandError("Pictures need Playwright: pip install playwright") from error
        options["to"].mkdir(parents=True, exist_ok=True)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=options["chromium"], args=ARGUMENTS)
            for width, theme in product(WIDTHS, THEMES):
                options_of_context: dict[str, Any] = {"viewport": WIDTHS[width], "color_scheme": theme}
                context = browser.new_context(**options_of_context)
                for name in _take(context.new_page(), options, f"{width}-{theme}"):
                    self.stdout.write(name)
                context.close()
            browser.close()


def _take(page: Any, options: dict[str, Any], variant: str) -> Iterator[str]:
    """One round of all pages; the names of the files written."""
    page.goto(f"{options['url']}/session/login/")
    if not options["only"] or "log-in" in options["only"]:
        yield _shoot(page, options, f"log-in-{variant}")
    _log_in(page, options)
    for name, where in PAGES.items():
        if options["only"] and name not in options["only"]:
            continue
        page.goto(options["url"] + _address(page, options["url"], where))
        yield _shoot(page, options, f"{name}-{variant}")


def _log_in(page: Any, options: dict[str, Any]) -> None:
    page.fill("[name=login]", options["user"])
    page.fill("[name=password]", options["password"])
    page.click("form button.primary")
    page.wait_for_url("**/queue/**")


def _address(page: Any, url: str, where: str) -> str:
    """Some pages are found through others: the first item, its account, its evidence."""
    if where not in FIRST:
        return where
    page.goto(f"{url}/queue/")
    return str(page.locator(FIRST[where]).first.get_attribute("href"))


def _shoot(page: Any, options: dict[str, Any], name: str) -> str:
    path = options["to"] / f"{name}.png"
    page.wait_for_load_state("load")
    page.screenshot(path=path, full_page=options["whole"])
    return str(path)
