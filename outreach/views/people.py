"""One person: who they are, what they do, what we did with them."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import Person
from outreach.access import Viewer, desk, visible_person
from outreach.pages import person as persons
from outreach.pages.account import PEOPLE_READ, account_people
from outreach.pages.attributes import attributes_of_person
from outreach.pages.corrections import NEWEST, person_corrections
from outreach.pages.timeline import Whose
from outreach.pages.usage import usage_of_person
from outreach.rules.personas import part_played
from outreach.views.timelines import asked_timeline
from plgcrm.common.htmx import fresh, render_page, wants_part

PAGE = "outreach/person.html"


@require_safe
@desk
def person(request: HttpRequest, viewer: Viewer, person_id: int) -> HttpResponse:
    """The page, or for HTMX only its timeline. Who was merged into somebody else is found there."""
    whom, now = visible_person(viewer, person_id), timezone.now()
    if whom.merged_into_id:
        return redirect("person", whom.merged_into_id)
    about = persons.about(whom.pk)
    timeline = asked_timeline(request, Whose(person=whom.pk), now=now, began=about.began)
    if wants_part(request) and request.htmx.target == "timeline":  # type: ignore[attr-defined]
        return fresh(render(request, f"{PAGE}#timeline", {"whom": whom} | timeline))
    context = {
        "whom": whom,
        "about": about,
        "identities": persons.identities(whom.pk),
        "attributes": attributes_of_person(whom.pk),
        "corrections": person_corrections(whom.pk, newest=NEWEST),
        "marks": timeline["shown"].marks,
        "scores": persons.person_scores(whom.pk),
    }
    return render_page(request, PAGE, "page", context | timeline | _activity(whom, now.date()))


def _activity(whom: Person, today: date) -> dict[str, Any]:
    """Usage by signal, and what it makes of them among their colleagues."""
    signals = usage_of_person(whom.pk, today=today)
    colleagues = account_people(whom.account_id, today=today, shown=PEOPLE_READ).shown if whom.account_id else []
    days = persons.active_days(signals)
    most = max((colleague.days for colleague in colleagues), default=0)
    return {
        "signals": signals,
        "active_days": days,
        "last_active": persons.last_active(signals),
        "part": part_played(whom.title, is_admin=whom.is_product_admin, days=days, most_days=most),
    }
