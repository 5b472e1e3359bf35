"""The admin's home: the checklist of a first run, a test event, and hiding the list when all of it is done."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from plgcrm.common.htmx import fresh, wants_part
from plgcrm.first_run import first_source, steps
from signals.admin.snippets import snippets
from signals.admin.sources import arrivals
from signals.ingest.keys import sent_by_pages
from signals.ingest.trial import MARK, send_test_event
from signals.models import Event
from signals.vocabulary.arrived import silent_names

HIDDEN = "first_run_hidden"
SENT = "sent"
LATELY = timedelta(hours=1)


def home_context(request: HttpRequest) -> dict[str, Any]:
    found = steps()
    all_done = all(step.done for step in found)
    context: dict[str, Any] = {
        "steps": found,
        "steps_done": sum(step.done for step in found),
        "all_done": all_done,
        "hidden": all_done and bool(request.session.get(HIDDEN)),
        "silent": silent_names(timezone.now()),
        "sent_by_pages": list(sent_by_pages()),
    }
    if source := first_source():
        address = request.build_absolute_uri("/").rstrip("/")
        context |= arrivals(source) | {"by_hand": snippets(address, "YOUR_WRITE_KEY")[0].code}
        context["test_event"] = _test_event(source.pk, request.GET.get(SENT, ""))
    return context


def _test_event(source_id: int, message_id: str) -> Event | None:
    """The one that was just sent, as it stands in the table of events now."""
    if not message_id.startswith(MARK):
        return None
    lately = Event.objects.filter(received_at__gte=timezone.now() - LATELY)
    return lately.filter(source=source_id, message_id=message_id).select_related("name").first()


@require_safe
def first_run(request: HttpRequest) -> HttpResponse:
    """The checklist by itself, for HTMX to draw again while something is awaited."""
    if not wants_part(request):
        return redirect("admin:index")
    return fresh(render(request, "admin/first_run.html", home_context(request)))


@require_POST
def test_event(request: HttpRequest) -> HttpResponse:
    """Sends one event on the way that clients' events take, and shows it when it is stored."""
    source = first_source()
    if source is None:
        messages.error(request, "There is no source yet: add one first.")
        return redirect("admin:signals_source_add")
    message_id, receipt = send_test_event(source, now=timezone.now())
    if not receipt.accepted:
        messages.error(request, "The event was not stored: see the failed events for the reason.")
    return redirect(f"{reverse('admin:index')}?{SENT}={message_id}#first-run")


@require_POST
def hide_first_run(request: HttpRequest) -> HttpResponse:
    """Until the log-out, and only while every step is done; `show` undoes it."""
    request.session[HIDDEN] = "show" not in request.POST
    return redirect("admin:index")
