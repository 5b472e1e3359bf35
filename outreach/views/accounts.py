"""Accounts: the list, one account, and the events behind its numbers."""

from datetime import date

from django.core.validators import slug_re
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.queries import found_accounts
from outreach import portrait
from outreach.access import Viewer, desk, visible_account
from outreach.rules.guards import GUARDS
from outreach.views.outcomes import outcome_card
from plgcrm.common.htmx import render_page
from signals.evidence import Question, day_question, evidence_of, question_of

TIMELINE = 40


@require_safe
@desk
def accounts(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The best scores first, or what was searched for."""
    asked = request.GET
    search = " ".join(asked.get("q", "").replace("\0", " ").split())[:100]
    tier = asked.get("tier", "") if slug_re.match(asked.get("tier", "")) else ""
    models = portrait.models_with_tiers()
    model = next((each for each in models if each.kind == asked.get("model")), models[0] if models else None)
    listing = (
        portrait.listing_of(found_accounts(search), model=None)
        if search
        else portrait.best_accounts(model, tier=tier, after=asked.get("after", ""))
    )
    context = {"search": search, "tier": tier, "models": models, "model": model, "listing": listing}
    return render_page(request, "outreach/accounts.html", "found", context)


@require_safe
@desk
def account(request: HttpRequest, viewer: Viewer, account_id: int) -> HttpResponse:
    found, now = visible_account(viewer, account_id), timezone.now()
    series = portrait.people_a_day({found.pk: portrait.CHART_DAYS}, today=now.date())[found.pk]
    standing = portrait.account_standing(found.pk)
    head = portrait.account_head(found.pk)
    context = {
        "head": head,
        "outcome_card": outcome_card(viewer, head),
        "scores": portrait.account_scores(found.pk),
        "series": series,
        "marks": portrait.account_marks(found.pk, since=series.first),
        "timeline": portrait.account_timeline(found.pk, before=now, limit=TIMELINE, days=portrait.CHART_DAYS),
        "people": portrait.account_people(found.pk, today=now.date(), shown=portrait.PEOPLE_READ),
        "workspaces": portrait.account_workspaces(found.pk, today=now.date()),
        "on_queue": [each for each in standing if each.what == "item"],
        "held_back": [each for each in standing if each.what == "held"],
        "guard_names": {guard.name: guard.label for guard in GUARDS.values()},
    }
    return render_page(request, "outreach/account.html", "page", context)


@require_safe
@desk
def evidence(request: HttpRequest, viewer: Viewer, account_id: int) -> HttpResponse:
    """The people and events behind one number: of a measure, or of a day."""
    found, today = visible_account(viewer, account_id), timezone.now().date()
    question = _question(request.GET.get("measure", ""), request.GET.get("day", ""), today)
    if question is None:
        raise Http404
    context = {"head": found, "question": question, "evidence": evidence_of(found.pk, question)}
    return render_page(request, "outreach/evidence.html", "page", context)


def _question(measure: str, day: str, today: date) -> Question | None:
    if measure:
        return question_of(measure[:2000], today=today)
    try:
        return day_question(date.fromisoformat(day))
    except ValueError:
        return None
