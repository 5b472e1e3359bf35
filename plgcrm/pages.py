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
class PageSpec:
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


def _form(name: str, model: str, *, queries: int = 12) -> PageSpec:
    """The first row of a list of the admin."""
    start = f"/admin/{model}/"
    return PageSpec(name, start, ADMIN, rf"{start}\d+/change/[^\"]*", queries)


PAGES: Final = (
    PageSpec("log-in", "/session/login/", STRANGER),
    PageSpec("no-sign-up", "/session/signup/", STRANGER),
    PageSpec("password-reset", "/session/password/reset/", STRANGER),
    PageSpec("queue", "/queue/"),
    PageSpec("item", "/queue/", first=r"/queue/\d+/[^\"]*"),
    PageSpec("accounts", "/accounts/"),
    PageSpec("search", "/accounts/?q=co"),
    PageSpec("account", "/queue/", first=r"/accounts/\d+/", queries=15),  # with who left, and corrections by hand
    PageSpec("segments", "/segments/"),
    PageSpec("segment", "/segments/", first=r"/segments/[\w-]+/", queries=14),
    PageSpec("person", "/queue/", first=r"/people/\d+/", queries=13),
    PageSpec("report", "/reports/plays/"),
    PageSpec("report-rows", "/reports/plays/", first=r"/reports/plays/rows/\?[^\"]*"),
    PageSpec("workload", "/workload/", ADMIN),
    PageSpec("everybody", "/queue/", ADMIN),
    PageSpec("evidence", "/queue/", first=r"/accounts/\d+/evidence/\?[^\"]*"),
    PageSpec("pipeline", "/pipeline/", queries=18),  # figures of six tables, each a short query
    PageSpec("change-password", "/session/password/change/"),
    PageSpec("not-found", "/queue/999999999/"),
    PageSpec("not-for-you", "/admin/"),
    PageSpec("admin", "/admin/", ADMIN, queries=30),  # a checklist: several facts a step
    PageSpec("admin-vocabulary", "/admin/vocabulary/", ADMIN, queries=18),
    PageSpec("admin-catalogue", "/admin/catalogue/", ADMIN, queries=16),
    PageSpec("admin-sources", "/admin/signals/source/", ADMIN),
    _form("admin-source", "signals/source", queries=14),
    PageSpec("admin-imports", "/admin/signals/importrun/", ADMIN),
    PageSpec("admin-import-upload", "/admin/signals/importrun/add/", ADMIN),
    PageSpec("admin-failed-events", "/admin/signals/failedevent/", ADMIN),
    PageSpec("admin-events", "/admin/signals/event/", ADMIN),
    PageSpec("admin-signals", "/admin/signals/signal/", ADMIN),
    _form("admin-signal", "signals/signal", queries=15),  # names and properties that arrived
    PageSpec("admin-categories", "/admin/signals/category/", ADMIN),
    PageSpec("admin-models", "/admin/signals/scoringmodel/", ADMIN),
    _form("admin-model", "signals/scoringmodel"),
    PageSpec(
        "admin-criteria", "/admin/signals/scoringmodel/", ADMIN, r"/admin/signals/scoringmodelversion/\d+/change/"
    ),
    PageSpec("admin-segments", "/admin/signals/segment/", ADMIN, queries=15),
    PageSpec("admin-go-live", "/admin/go-live/", ADMIN),
    PageSpec("admin-plays", "/admin/outreach/play/", ADMIN, queries=14),  # all names that rules speak of
    _form("admin-play", "outreach/play"),
    PageSpec("admin-triggers", "/admin/signals/trigger/", ADMIN, queries=14),
    PageSpec("admin-templates", "/admin/outreach/messagetemplate/", ADMIN),
    _form("admin-template", "outreach/messagetemplate"),
    _form("admin-trigger", "signals/trigger", queries=45),  # what scores, read once a change, what arrived, and names
    PageSpec("admin-accounts", "/admin/accounts/account/", ADMIN),
    PageSpec("admin-people", "/admin/accounts/person/", ADMIN),
    _form("admin-person", "accounts/person"),
    PageSpec("admin-exclusions", "/admin/accounts/exclusion/", ADMIN),
    PageSpec("admin-domains", "/admin/accounts/domainoverride/", ADMIN),
    PageSpec("admin-users", "/admin/auth/user/", ADMIN),
    _form("admin-user", "auth/user"),
    PageSpec("admin-teams", "/admin/outreach/team/", ADMIN),
    PageSpec("admin-tokens", "/admin/api-tokens/", ADMIN),
)
