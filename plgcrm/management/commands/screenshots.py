"""Pictures of every page, in two widths and two themes, from a running PLGCRM."""

from argparse import ArgumentParser
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from plgcrm.pages import ADMIN, PAGES, REP, STRANGER

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


class Command(BaseCommand):
    help = "Takes pictures of every page at 1440 and 390 pixels, light and dark, as the user given."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("url", help="Where PLGCRM runs, e.g. http://127.0.0.1:8000")
        parser.add_argument("--user", required=True, help="A rep, for the desk's pages")
        parser.add_argument("--password", required=True)
        parser.add_argument("--admin", nargs=2, metavar=("USER", "PASSWORD"), help="For the admin's pages too")
        parser.add_argument("--to", type=Path, default=Path("docs/pictures"))
        parser.add_argument("--only", nargs="*", help=f"Some of: {' '.join(page.name for page in PAGES)}")
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
            for width, theme, who in product(WIDTHS, THEMES, _logins(options)):
                shape: dict[str, Any] = {"viewport": WIDTHS[width], "color_scheme": theme}
                context = browser.new_context(**shape)
                for name in _take(context.new_page(), options, who, f"{width}-{theme}"):
                    self.stdout.write(name)
                context.close()
            browser.close()


def _logins(options: dict[str, Any]) -> dict[str, Any]:
    """Role -> user and password, of those that were given."""
    given = {STRANGER: (), REP: (options["user"], options["password"]), ADMIN: options["admin"]}
    return {role: login for role, login in given.items() if login is not None}


def _take(page: Any, options: dict[str, Any], who: str, variant: str) -> Iterator[str]:
    """One round of the pages of one role; the names of the files written."""
    if login := _logins(options)[who]:
        _log_in(page, options["url"], *login)
    for each in PAGES:
        if each.who != who or (options["only"] and each.name not in options["only"]):
            continue
        page.goto(options["url"] + each.start)
        if not (address := each.address(page.content())):
            continue  # nothing there leads to it
        page.goto(options["url"] + address)
        yield _shoot(page, options, f"{each.name}-{variant}")


def _log_in(page: Any, url: str, user: str, password: str) -> None:
    page.goto(f"{url}/session/login/")
    page.fill("[name=login]", user)
    page.fill("[name=password]", password)
    page.click("form button.primary")
    page.wait_for_url("**/queue/**")


def _shoot(page: Any, options: dict[str, Any], name: str) -> str:
    path = options["to"] / f"{name}.png"
    page.wait_for_load_state("load")
    page.screenshot(path=path, full_page=options["whole"])
    return str(path)
