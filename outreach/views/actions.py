"""What a rep does to an item. HTMX gets what changed on the page; a plain browser is sent to the next page."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST
from django_htmx.http import push_url

from accounts.access import display_name
from outreach.access import Viewer, desk_change, taken_by, visible_change, visible_item, visible_items
from outreach.forms.items import ActionForm, DismissForm, DoneForm, PlainForm, ReassignForm, SnoozeForm
from outreach.forms.messages import CallForm, LogForm, MessageForm
from outreach.models import QueueItem, QueueItemChange
from outreach.queue import actions
from outreach.queue.list import Place, QueueFilters, next_item_id
from outreach.views import messages as message_views
from outreach.views.queue import asked_filters, draw, item_address, page, query_of
from plgcrm.common.htmx import wants_part
from plgcrm.common.templatetags.words import clock

Run = Callable[[QueueItem, Any, dict[str, Any]], QueueItemChange]
CONFLICT, UNPROCESSABLE = 409, 422


@dataclass(frozen=True, slots=True)
class Action:
    form: type[ActionForm]
    run: Run
    said: Callable[[QueueItem, Any], str]
    opens_next: bool = True


@dataclass(frozen=True, slots=True)
class Notice:
    """What the page says of what was just done."""

    text: str
    level: str = "success"
    undo: int = 0


ACTIONS = {
    "claim": Action(
        PlainForm,
        lambda item, form, who: actions.claim_item(item, **who),
        lambda item, form: "Claimed. It is yours now.",
        opens_next=False,
    ),
    "release": Action(
        PlainForm,
        lambda item, form, who: actions.release_item(item, **who),
        lambda item, form: "Released. Anyone on the team can take it.",
        opens_next=False,
    ),
    "snooze": Action(
        SnoozeForm,
        lambda item, form, who: actions.snooze_item(item, until=form.cleaned_data["until"], **who),
        lambda item, form: f"Snoozed until {clock(item.snoozed_until)}, your time.",
    ),
    "dismiss": Action(
        DismissForm,
        lambda item, form, who: actions.dismiss_item(item, **form.cleaned_data, **who),
        lambda item, form: f"Dismissed: {QueueItem.DismissReason(item.dismiss_reason).label.lower()}.",
    ),
    "done": Action(
        DoneForm,
        lambda item, form, who: actions.finish_item(item, **form.cleaned_data, **who),
        lambda item, form: f"Done: {QueueItem.Disposition(item.disposition).label.lower()}.",
    ),
    "sent": Action(MessageForm, message_views.send, lambda item, form: "Email logged."),
    "called": Action(CallForm, message_views.call, lambda item, form: "Call logged."),
    "log": Action(
        LogForm,
        message_views.log,
        lambda item, form: message_views.logged_words(form),
        opens_next=False,
    ),
    "reassign": Action(
        ReassignForm,
        lambda item, form, who: actions.reassign_item(item, to=form.colleague, note=form.cleaned_data["note"], **who),
        lambda item, form: f"Reassigned to {display_name(form.colleague)}.",
    ),
}


@require_POST
@desk_change
def act(request: HttpRequest, viewer: Viewer, item_id: int, verb: str) -> HttpResponse:
    """One of ACTIONS. Whether it may be done is decided under a lock by the work function."""
    # Before the look-up: to the viewer the item is gone, and a 404 would not say who has it.
    if holder := taken_by(viewer, item_id):
        return _refuse(request, viewer, item_id, f"{holder} has claimed this item.")
    item, action = visible_item(viewer, item_id), ACTIONS[verb]
    form = action.form(request.POST)
    if not form.is_valid():
        return _answer(request, viewer, item_id, Notice(form.error(), "error"), status=UNPROCESSABLE)
    try:
        change = action.run(item, form, _who(request))
    except actions.QueueError as error:
        return _refuse(request, viewer, item_id, str(error))
    notice = Notice(f"{item.account.name}. {action.said(change.item, form)}", undo=change.pk)
    # The next is found after the change: it must not be the item that was just closed.
    goes = item_id if not action.opens_next else _next(request, viewer, item)
    return _answer(request, viewer, goes, notice, gone=item_id if action.opens_next else 0)


@require_POST
@desk_change
def undo(request: HttpRequest, viewer: Viewer, change_id: int) -> HttpResponse:
    """Put back one's own last change, and open its item again."""
    change = visible_change(viewer, change_id)
    try:
        actions.undo_change(change, **_who(request))
    except actions.QueueError as error:
        return _answer(request, viewer, _next(request, viewer, None), Notice(str(error), "error"), status=CONFLICT)
    return _answer(request, viewer, change.item_id, Notice("Undone."), whole=True)


def _refuse(request: HttpRequest, viewer: Viewer, item_id: int, words: str) -> HttpResponse:
    """Stay on the item, or go on where it is somebody else's by now."""
    stays = visible_items(viewer).filter(pk=item_id).exists()
    goes = item_id if stays else _next(request, viewer, None)
    gone = 0 if stays else item_id
    return _answer(request, viewer, goes, Notice(words, "error"), gone=gone, status=CONFLICT)


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"acting_user": cast(User, request.user), "now": timezone.now()}


def _next(request: HttpRequest, viewer: Viewer, item: QueueItem | None) -> int:
    place = Place(item.sla_class, item.priority, item.pk) if item else None
    return next_item_id(viewer, asked_filters(request, viewer), after=place) or 0


def _answer(
    request: HttpRequest,
    viewer: Viewer,
    item_id: int,
    notice: Notice,
    *,
    gone: int = 0,
    whole: bool = False,
    status: int = 200,
) -> HttpResponse:
    """Redrawn from the database. `gone`: a row that leaves the list; `whole`: the list is drawn again too."""
    filters = asked_filters(request, viewer)
    if not wants_part(request):
        level = messages.ERROR if notice.level == "error" else messages.SUCCESS
        messages.add_message(request, level, notice.text, extra_tags=str(notice.undo or ""))
        return redirect(_address(item_id, filters))
    context = page(viewer, filters, item_id) | {"notice": notice, "gone": gone, "redraw_list": whole}
    response = draw(request, "acted", context, status=status)
    # The address follows what is shown, so that a reload shows the same.
    return push_url(response, _address(item_id, filters))


def _address(item_id: int, filters: QueueFilters) -> str:
    return item_address(item_id, filters) if item_id else reverse("queue") + query_of(filters)
