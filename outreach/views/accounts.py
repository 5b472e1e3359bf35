"""One account: its page, its score and usage over time, and the events behind its numbers."""

from datetime import date, timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from outreach.access import Viewer, desk, visible_account, visible_person
from outreach.pages.account import (
    CHART_DAYS,
    PEOPLE_NAMED,
    SPARK_DAYS,
    account_head,
    account_people,
    account_scores,
    people_a_day,
    who_left,
)
from outreach.pages.attributes import holders_of
from outreach.pages.corrections import NEWEST, account_corrections
from outreach.pages.play_status import play_statuses
from outreach.pages.timeline import Whose, account_marks
from outreach.pages.usage import usage_of_account
from outreach.plays.why_now import limits
from outreach.views.outcomes import outcome_card
from outreach.views.timelines import asked_timeline
from plgcrm.common.htmx import fresh, render_page, wants_part
from plgcrm.common.text import short_number
from signals.evidence import Question, day_question, evidence_of, question_of
from signals.scoring.history import Clock, known_since, score_histories
from signals.segments import segments_of_account

PAGE = "outreach/account.html"


@require_safe
@desk
def account(request: HttpRequest, viewer: Viewer, account_id: int) -> HttpResponse:
    """The page, or for HTMX only its timeline."""
    found, now = visible_account(viewer, account_id), timezone.now()
    if found.pk != account_id:  # it was joined to another
        return redirect("account", found.pk)
    part = request.htmx.target if wants_part(request) else None  # type: ignore[attr-defined]
    head = account_head(found.pk, today=now.date())
    whose = Whose(found.pk, short_number(request.GET.get("person", "")))
    timeline = asked_timeline(request, whose, now=now, began=head.began)
    timeline["person"] = visible_person(viewer, whose.person) if whose.person else None
    if part == "timeline":
        return fresh(render(request, f"{PAGE}#timeline", {"head": head} | timeline))
    series = people_a_day({found.pk: CHART_DAYS}, today=now.date())[found.pk]
    marks = timeline["shown"].marks if timeline["has_all_marks"] else None
    context = {
        "head": head,
        "outcome_card": outcome_card(viewer, head),
        "scores": account_scores(found.pk),
        "series": series,
        "marks": account_marks(found.pk, since=series.first, now=now) if marks is None else marks,
        "people": account_people(found.pk, today=now.date(), shown=PEOPLE_NAMED),
        "left": who_left(found.pk),
        "holders": holders_of(found.pk, since=now - timedelta(days=SPARK_DAYS - 1)),
        "corrections": account_corrections(found.pk, newest=NEWEST),
        "limits": limits(),
        "segments": segments_of_account(found.pk),
        "plays": play_statuses(found.pk, head.measures),
    }
    return render_page(request, PAGE, "page", context | timeline)


@require_safe
@desk
def history(request: HttpRequest, viewer: Viewer, account_id: int) -> HttpResponse:
    """Points over time, by either clock. A page of its own, which the account's page takes its part from."""
    found, now = visible_account(viewer, account_id), timezone.now()
    clock = Clock.HAPPENED if request.GET.get("clock") == Clock.HAPPENED else Clock.KNOWN
    histories = score_histories(found.pk, now=now, clock=clock)
    since = known_since(found.pk)
    context = {
        "account": found,
        "clock": clock,
        "known_since": since if histories and since > histories[0].first else None,
        "histories": [each for each in histories if not each.is_empty],
        "marks": account_marks(found.pk, since=histories[0].first, now=now) if histories else [],
    }
    return render_page(request, "outreach/account_history.html", "history", context)


@require_safe
@desk
def usage(request: HttpRequest, viewer: Viewer, account_id: int) -> HttpResponse:
    """Each signal over time, likewise."""
    found, now = visible_account(viewer, account_id), timezone.now()
    signals = usage_of_account(found.pk, today=now.date())
    context = {
        "account": found,
        "signals": signals,
        "marks": account_marks(found.pk, since=signals[0].first, now=now) if signals else [],
        "is_page": not wants_part(request),
    }
    return render_page(request, "outreach/account_usage.html", "usage", context)


@require_safe
@desk
def evidence(request: HttpRequest, viewer: Viewer, account_id: int) -> HttpResponse:
    """The people and events behind one number: of a measure, or of a day."""
    found, today = visible_account(viewer, account_id), timezone.now().date()
    question = _question(request.GET.get("measure", ""), request.GET.get("day", ""), today)
    if question is None:
        raise Http404
    person_id = short_number(request.GET.get("person", ""))
    context = {
        "head": found,
        "question": question,
        "evidence": evidence_of(found.pk, question, person_id=person_id),
        "person": visible_person(viewer, person_id) if person_id else None,
    }
    return render_page(request, "outreach/evidence.html", "page", context)


def _question(measure: str, day: str, today: date) -> Question | None:
    if measure:
        return question_of(measure[:2000], today=today)
    try:
        return day_question(date.fromisoformat(day))
    except ValueError:
        return None
