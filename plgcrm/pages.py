"""Every page that people look at, in one list: pictures, accessibility, weight and query counts walk it.

A new page is one line. `first` finds an address on the page it starts from: the first item, its account.
"""

import re
from dataclasses import dataclass
from html import unescape
from typing import Final

STRANGER: Final = "stranger"
REP: Final = "rep"
ADMIN: Final = "admin"


@dataclass(frozen=True, slots=True)
class Page:
    """`queries`: at most so many, the viewer's session and role included."""

    name: str
    start: str
    who: str = REP
    first: str = ""
    queries: int = 12

    def address(self, html: str) -> str:
        """Where the page is; `html` is what stands at `start`. "" where nothing there leads to it."""
        if not self.first:
            return self.start
        found = re.search(f'href="({self.first})"', html)
        return unescape(found.group(1)) if found else ""


def _form(name: str, model: str, *, queries: int = 12) -> Page:
    """The first row of a list of the admin."""
    start = f"/admin/{model}/"
    return Page(name, start, ADMIN, rf"{start}\d+/change/[^\"]*", queries)


PAGES: Final = (
    Page("log-in", "/session/login/", STRANGER),
    Page("no-sign-up", "/session/signup/", STRANGER),
    Page("password-reset", "/session/password/reset/", STRANGER),
    Page("queue", "/queue/"),
    Page("item", "/queue/", first=r"/queue/\d+/[^\"]*"),
    Page("accounts", "/accounts/"),
    Page("search", "/accounts/?q=co"),
    Page("account", "/queue/", first=r"/accounts/\d+/"),
    Page("person", "/queue/", first=r"/people/\d+/"),
    Page("report", "/reports/plays/"),
    Page("report-rows", "/reports/plays/", first=r"/reports/plays/rows/\?[^\"]*"),
    Page("board", "/board/", ADMIN),
    Page("everybody", "/queue/", ADMIN),
    Page("evidence", "/queue/", first=r"/accounts/\d+/evidence/\?[^\"]*"),
    Page("pipeline", "/pipeline/", queries=18),  # figures of six tables, each a short query
    Page("change-password", "/session/password/change/"),
    Page("not-found", "/queue/999999999/"),
    Page("not-for-you", "/admin/"),
    Page("admin", "/admin/", ADMIN, queries=30),  # a checklist: several facts a step
    Page("admin-sources", "/admin/signals/source/", ADMIN),
    _form("admin-source", "signals/source", queries=14),
    Page("admin-failed-events", "/admin/signals/failedevent/", ADMIN),
    Page("admin-events", "/admin/signals/event/", ADMIN),
    Page("admin-signals", "/admin/signals/signal/", ADMIN),
    _form("admin-signal", "signals/signal"),
    Page("admin-categories", "/admin/signals/category/", ADMIN),
    Page("admin-models", "/admin/signals/scoringmodel/", ADMIN),
    _form("admin-model", "signals/scoringmodel"),
    Page("admin-criteria", "/admin/signals/scoringmodel/", ADMIN, r"/admin/signals/scoringmodelversion/\d+/change/"),
    Page("admin-profiles", "/admin/signals/idealcustomerprofile/", ADMIN),
    Page("admin-plays", "/admin/outreach/play/", ADMIN),
    _form("admin-play", "outreach/play"),
    Page("admin-triggers", "/admin/signals/trigger/", ADMIN),
    Page("admin-templates", "/admin/outreach/messagetemplate/", ADMIN),
    _form("admin-template", "outreach/messagetemplate"),
    _form("admin-trigger", "signals/trigger", queries=13),
    Page("admin-accounts", "/admin/accounts/account/", ADMIN),
    Page("admin-people", "/admin/accounts/person/", ADMIN),
    _form("admin-person", "accounts/person"),
    Page("admin-exclusions", "/admin/accounts/exclusion/", ADMIN),
    Page("admin-domains", "/admin/accounts/domainoverride/", ADMIN),
    Page("admin-users", "/admin/auth/user/", ADMIN),
    _form("admin-user", "auth/user"),
    Page("admin-teams", "/admin/outreach/team/", ADMIN),
    Page("admin-tokens", "/admin/api-tokens/", ADMIN),
)
