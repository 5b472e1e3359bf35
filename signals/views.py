"""How the pipeline is: what comes in, what failed, how far behind the scores are."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import ROLES, open_to
from plgcrm.common.htmx import render_page
from plgcrm.common.sql import queries, rows
from signals.queries import lately_known, pipeline_figures
from signals.vocabulary.arrived import silent_names

SQL = queries("signals/sql/pipeline.sql")
MINUTES = 60


@dataclass(frozen=True, slots=True)
class SourceDay:
    id: int
    name: str
    accepted: int
    duplicates: int
    failed: int
    last_hour: datetime | None


@dataclass(frozen=True, slots=True)
class Partition:
    table: str
    rows: int
    size: int

    @property
    def month(self) -> str:
        year, _, month = self.table.removeprefix("signals_event_").partition("_")
        return f"{date(int(year), int(month), 1):%B %Y}" if month else "No month (default)"


@dataclass(frozen=True, slots=True)
class Failure:
    reason: str
    count: int
    last_at: datetime


@require_safe
@open_to(*ROLES)
def pipeline(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    minutes = [count for _, count in rows(SQL["minutes"], {"now": now, "minutes": MINUTES})]
    context = {
        "figures": pipeline_figures(now, known=lately_known()),
        "minutes": minutes,
        "sources": [SourceDay(*row) for row in rows(SQL["sources"], {"since": now - timedelta(days=1)})],
        "partitions": [Partition(*row) for row in rows(SQL["partitions"])],
        "silent": silent_names(now),
        "failures": [Failure(*row) for row in rows(SQL["failures"])],
    }
    return render_page(request, "signals/pipeline.html", "page", context)
