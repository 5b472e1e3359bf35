"""The manager's page: how the reps stand, what waits, and moving it, with a preview before and undo after."""

from datetime import datetime, time, timedelta
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from outreach.access import Viewer, managers_change, managers_page
from outreach.forms.workload import DISTRIBUTE_ALL, REASSIGN, ChooseForm, MoveForm, WorkloadForm
from outreach.queue.actions import QueueError
from outreach.team import workload
from outreach.team.flood import held_requests
from outreach.team.reassign import move_items, undo_moves
from plgcrm.common.htmx import fresh, render_page, wants_part
from plgcrm.common.templatetags.words import plural

NAMED = 8  # skipped items that a notice names


@require_safe
@managers_page
def page(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The page, or for HTMX only its items."""
    now, filters = timezone.now(), workload.WorkloadFilters.parse(request.GET.dict())
    midnight = _midnight(now)
    items = workload.workload_items(filters, now=now, tomorrow=_tomorrow(midnight), after=request.GET.get("after", ""))
    shown, more = items[: workload.PAGE], items[workload.PAGE :]
    context: dict[str, Any] = {
        "viewer": viewer,
        "filters": filters,
        "query": filters.query(),
        "items": shown,
        "next_page": workload.place_of(shown[-1]) if more else "",
    }
    if not wants_part(request):
        context |= _around(now, midnight)
    return render_page(request, "outreach/workload.html", "items", context)


def _around(now: datetime, midnight: datetime) -> dict[str, Any]:
    return {
        "loads": workload.rep_loads(now=now, midnight=midnight),
        "plays": workload.play_ages(now=now, midnight=midnight),
        "flood": held_requests(now),
        "dues": workload.DUE.items(),
        "capped": workload.COUNTED - 1,
        "most": workload.MOST_AT_ONCE,
    }


@require_POST
@managers_change
def preview(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Who would get what. Changes nothing."""
    form = ChooseForm(request.POST)
    if not form.is_valid():
        return _back(request, form, form.error(), failed=True)
    plan = _planned(form, timezone.now())
    if plan is None:
        return _back(request, form, "They no longer work a queue.", failed=True)
    context = {"plan": plan, "query": form.cleaned_data["query"], "moves": [_written(each) for each in plan.moves]}
    return fresh(render(request, "outreach/workload_preview.html", context))


def _planned(form: ChooseForm, now: datetime) -> workload.Plan | None:
    given, midnight = form.cleaned_data, _midnight(now)
    loads = workload.rep_loads(now=now, midnight=midnight)
    if given["how"] == DISTRIBUTE_ALL:
        everything = workload.items_to_distribute(form.filters, now=now, tomorrow=_tomorrow(midnight))
        return workload.plan_distribution(everything, loads)
    items = workload.chosen_items(given["items"])
    if given["how"] != REASSIGN:
        return workload.plan_distribution(items, loads)
    to = next((load for load in loads if load.id == given["to"]), None)
    return workload.plan_reassignment(items, to) if to else None


def _written(move: workload.Planned) -> str:
    return f"{move.item.seen}:{move.to.id}"


@require_POST
@managers_change
def move(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    form = MoveForm(request.POST)
    if not form.is_valid():
        return _back(request, form, form.error(), failed=True)
    try:
        moved = move_items(form.moves, **_who(request))
    except QueueError as error:
        return _back(request, form, str(error), failed=True)
    words = f"{plural(moved.done, 'item,items')} moved."
    undo = reverse("workload_undo", args=[moved.batch]) if moved.done else ""
    return _back(request, form, _with_skipped(words, moved.skipped), undo=undo, failed=not moved.done)


@require_POST
@managers_change
def undo(request: HttpRequest, viewer: Viewer, batch: int) -> HttpResponse:
    form = WorkloadForm(request.POST)
    form.is_valid()
    try:
        undone = undo_moves(batch, **_who(request))
    except QueueError as error:
        return _back(request, form, str(error), failed=True)
    return _back(request, form, _with_skipped(f"Undone: {plural(undone.done, 'item,items')} put back.", undone.skipped))


def _with_skipped(words: str, skipped: list[str]) -> str:
    if not skipped:
        return words
    more = [f"And {len(skipped) - NAMED} more."] if len(skipped) > NAMED else []
    return " ".join([words, f"{len(skipped)} skipped:", *skipped[:NAMED], *more])


def _back(
    request: HttpRequest, form: WorkloadForm, words: str, *, undo: str = "", failed: bool = False
) -> HttpResponse:
    """To the page as it was filtered, with what was done."""
    messages.add_message(request, messages.ERROR if failed else messages.SUCCESS, words, extra_tags=undo)
    query = form.cleaned_data.get("query", "")
    return redirect(reverse("workload") + (f"?{query}" if query else ""))


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"acting_user": cast(User, request.user), "now": timezone.now()}


def _midnight(now: datetime) -> datetime:
    """The last one, where the reader is."""
    return timezone.make_aware(datetime.combine(timezone.localdate(now), time.min))


def _tomorrow(midnight: datetime) -> datetime:
    return midnight + timedelta(days=1)
