"""The report of the plays, and the rows behind each of its numbers; both as pages and as CSV."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.validators import slug_re
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from outreach.access import Scope, Viewer, desk, report_scope
from outreach.forms.items import PeriodForm
from outreach.models import Play
from outreach.outcomes.report import (
    NUMBERS,
    PAGE,
    PRESETS,
    SELF_SERVE,
    Behind,
    Figures,
    Period,
    PlayNumbers,
    Report,
    WantedRows,
    detail_words,
    plays_report,
    rows_behind,
)
from outreach.queue.list import colleagues
from plgcrm.common.htmx import render_page
from plgcrm.common.spreadsheet import csv_response
from plgcrm.common.templatetags.words import amount, plural
from plgcrm.common.text import listed, short_number

USUAL_DAYS = 30
MOST_EXPORTED = 10_000


@dataclass(frozen=True, slots=True)
class ReportChoice:
    """Which report: whose numbers, of which days, as the address says and as every link repeats it."""

    scope: Scope
    period: Period
    error: str = ""

    def query(self, **more: object) -> str:
        """Days and scope as they stand in an address."""
        return f"?{urlencode({name: value for name, value in (self._own() | more).items() if value})}"

    def _own(self) -> dict[str, object]:
        period = self.period
        days = {"days": period.preset} if period.preset else {"since": period.first, "until": period.last}
        return {**days, "rep": self.scope.rep, "whose": "team" if self.scope.team else ""}


def asked_choice(request: HttpRequest, viewer: Viewer) -> ReportChoice:
    asked, today = request.GET, timezone.localdate()
    scope = report_scope(viewer, rep=short_number(asked.get("rep")), team=asked.get("whose") == "team")
    # Dates win over a number of days: a link of the page carries one or the other.
    if "since" in asked or "until" in asked:
        form = PeriodForm(asked)
        if form.is_valid():
            return ReportChoice(scope, Period(form.cleaned_data["since"], form.cleaned_data["until"]))
        return ReportChoice(scope, Period.of_days(USUAL_DAYS, today=today), form.error())
    days = next((days for days in PRESETS if asked.get("days") == str(days)), USUAL_DAYS)
    return ReportChoice(scope, Period.of_days(days, today=today))


@require_safe
@desk
def plays(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    choice, today = asked_choice(request, viewer), timezone.localdate()
    report = plays_report(choice.scope, choice.period)
    if request.GET.get("format") == "csv":
        return _report_csv(report)
    context = {
        "report": report,
        "columns": [number for number in NUMBERS.values() if number.shown == "page"],
        "choice": choice,
        "presets": [(days, ReportChoice(choice.scope, Period.of_days(days, today=today)).query()) for days in PRESETS],
        "reps": colleagues() if viewer.sees_all else [],
        "sentence": in_words(report),
        "has_team": viewer.team is not None and not viewer.sees_all,
        "mine_query": ReportChoice(Scope(), choice.period).query(),
        "team_query": ReportChoice(Scope(team=viewer.team or 0), choice.period).query(),
        "csv": choice.query(format="csv"),
        "base": f"{reverse('report_rows')}{choice.query()}",
    }
    return render_page(request, "outreach/report.html", "page", context)


def in_words(report: Report) -> str:
    """The report in three sentences."""
    all_, self_serve = report.total, report.self_serve
    said = [
        f"{plural(all_.fired, 'item was,items were')} added to the queue; {all_.worked:,} "
        f"{'was' if all_.worked == 1 else 'were'} worked, {all_.in_time:,} of them in time.",
        f"Reps logged {plural(all_.meetings, 'meeting,meetings')} and "
        f"{plural(all_.opportunities, 'opportunity,opportunities')}; {plural(all_.won, 'deal was,deals were')} won"
        f"{_worth(all_)}.",
    ]
    if self_serve.won:
        said.append(
            f"Another {plural(self_serve.won, 'conversion was,conversions were')} self-serve{_worth(self_serve)}."
        )
    return " ".join(said)


def _worth(tally: Figures) -> str:
    sums = [amount(float(each.amount), each.currency) for each in tally.money]
    return f", worth {listed(sums)}" if sums else ""


@require_safe
@desk
def behind(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The rows behind one number of the report."""
    choice, asked = asked_choice(request, viewer), _asked(request)
    name = _play_name(asked.play)
    if request.GET.get("format") == "csv":
        found = rows_behind(choice.scope, choice.period, asked, limit=MOST_EXPORTED)
        return csv_response(f"plgcrm-{asked.what}", BEHIND_HEADER, map(_behind_cells, found))
    found = rows_behind(choice.scope, choice.period, asked, after=request.GET.get("after", "")[:60])
    shown = found[:PAGE]
    which = {"what": asked.what, "play": asked.play, "detail": asked.detail}
    context = {
        "rows": shown,
        "choice": choice,
        "asked": asked,
        "title": NUMBERS[asked.what].title,
        "play": name,
        "detail": detail_words(asked.detail),
        "back": f"{reverse('report')}{choice.query()}",
        "csv": choice.query(**which, format="csv"),
        "next_page": choice.query(**which, after=shown[-1].place) if len(found) > PAGE else "",
        "has_amounts": asked.what in ("opportunity", "won"),
    }
    return render_page(request, "outreach/report_rows.html", "page", context)


def _asked(request: HttpRequest) -> WantedRows:
    asked = {name: request.GET.get(name, "") for name in ("what", "play", "detail")}
    if asked["what"] not in NUMBERS or any(text and not slug_re.match(text) for text in asked.values()):
        raise Http404
    return WantedRows(**asked)


def _play_name(slug: str) -> str:
    if slug in ("", SELF_SERVE):
        return "Self-serve" if slug else "All plays"
    name = Play.objects.filter(slug=slug).values_list("name", flat=True).first()
    if name is None:
        raise Http404
    return name


# --- CSV --------------------------------------------------------------------------------------------------

DOWNLOADED = [number for number in NUMBERS.values() if number.shown != "api"]
REPORT_HEADER = (
    "Play", "From", "To", *(number.heading or number.label for number in DOWNLOADED), "Currency", "Amount won",
)  # fmt: skip
BEHIND_HEADER = ("When", "Account", "Play", "Who", "What", "Detail", "Amount", "Currency")


def _report_csv(report: Report) -> HttpResponse:
    """One row a play, and one more for each further currency: sums are never mixed."""
    lines = [*report.lines, PlayNumbers(SELF_SERVE, "Self-serve", report.self_serve)]
    cells = [row for line in lines for row in _line_cells(report.period, line)]
    return csv_response("plgcrm-plays", REPORT_HEADER, cells)


def _line_cells(period: Period, line: PlayNumbers) -> list[list[Any]]:
    tally = line.tally
    numbers = [tally.number(number.what) for number in DOWNLOADED]
    head = [line.name, period.first, period.last]
    first, *others = [[each.currency, each.amount] for each in tally.money] or [["", None]]
    return [[*head, *numbers, *first], *([*head, *[None] * len(numbers), *other] for other in others)]


def _behind_cells(row: Behind) -> list[Any]:
    return [row.at, row.account, row.play or "Self-serve", row.who, row.words, row.label, row.amount, row.currency]
