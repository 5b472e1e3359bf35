"""The message of an item: in another's words, as a draft, sent or told."""

from contextlib import suppress
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import reswap

from accounts.models import Person
from outreach.access import Viewer, desk, desk_change, visible_item
from outreach.forms.messages import CallForm, LogForm, MessageForm
from outreach.messages.compose import Recipient, WantedMessage, drafted, message_for
from outreach.models import Draft, Persona, QueueItem, QueueItemChange, Touch
from outreach.pages.account import account_head, account_people
from outreach.queue import actions, touches
from outreach.queue.list import Opened, opened_item
from outreach.views.queue import asked_filters, asked_whom, item_address, kept_filters, query_of, what_may
from plgcrm.common.htmx import fresh, wants_part

TEMPLATE = "outreach/_message.html"
Who = dict[str, Any]


@require_safe
@desk
def message(request: HttpRequest, viewer: Viewer, item_id: int) -> HttpResponse:
    """To another person, or for another persona: only the message is drawn again."""
    asked = asked_whom(request)
    if not wants_part(request):
        visible_item(viewer, item_id)
        return redirect(_with_whom(item_address(item_id, asked_filters(request, viewer)), asked))
    return _drawn(request, viewer, item_id, asked)


@require_POST
@desk_change
def draft(request: HttpRequest, viewer: Viewer, item_id: int) -> HttpResponse:
    """What is being typed, kept; HTMX gets the text with its facts marked, and nothing that is typed in."""
    item, form = visible_item(viewer, item_id), MessageForm(request.POST)
    if not form.is_valid():
        return _resolved(request, viewer, item, form.error(), failed=True)
    words, persona = form.words(Touch.Channel.EMAIL, item.pk), form.cleaned_data["persona"]
    try:
        if "drop" in request.POST:
            return _dropped(request, viewer, item, WantedMessage(words.person_id, persona))
        kept = touches.save_draft(item, words, persona, **_who(request))
    except actions.QueueError as error:
        return _resolved(request, viewer, item, str(error), failed=True)
    return (
        _saved(request, viewer, item, kept, words)
        if wants_part(request)
        else _resolved(request, viewer, item, "Saved.")
    )


def _drawn(request: HttpRequest, viewer: Viewer, item_id: int, asked: WantedMessage) -> HttpResponse:
    today = timezone.now().date()
    item = opened_item(viewer, item_id, today=today, to=asked.to)
    people = account_people(item.account_id, today=today, first=item.person_id)
    head = account_head(item.account_id, today=today)
    context = _around(request, viewer, item) | {"message": message_for(item, viewer, head, people.shown, asked)}
    return fresh(render(request, f"{TEMPLATE}#message", context | {"swapped": True}))


def _dropped(request: HttpRequest, viewer: Viewer, item: QueueItem, asked: WantedMessage) -> HttpResponse:
    touches.drop_draft(item, acting_user=cast(User, request.user))
    if wants_part(request):
        return _drawn(request, viewer, item.pk, asked)
    return _resolved(request, viewer, item, "Reset to the template, with today’s facts.")


def _saved(request: HttpRequest, viewer: Viewer, item: QueueItem, kept: Draft, words: touches.Words) -> HttpResponse:
    found = drafted(
        kept.subject,
        kept.body,
        words.facts,
        persona=kept.persona,
        person=_recipient(kept.person) if kept.person else None,
        is_draft=True,
        changed_at=kept.changed_at,
        item_id=item.pk,
    )
    opened = opened_item(viewer, item.pk, today=timezone.now().date())
    context = _around(request, viewer, opened) | {"message": found}
    return fresh(render(request, f"{TEMPLATE}#drafted", context))


def _around(request: HttpRequest, viewer: Viewer, item: Opened) -> dict[str, Any]:
    filters = asked_filters(request, viewer)
    return {
        "item": item,
        "may": what_may(viewer, item),
        "query": query_of(filters),
        "kept": kept_filters(filters),
        "personas": Persona.choices,
    }


def send(item: QueueItem, form: MessageForm, who: Who) -> QueueItemChange:
    """For the table of actions. A text that is refused is kept: nobody types it twice."""
    words = form.words(Touch.Channel.EMAIL, item.pk)
    try:
        return touches.log_and_finish(item, words, **who)
    except touches.TouchError:
        # The item may be somebody else's by now: then there is nothing to keep, and the first refusal is told.
        with suppress(actions.QueueError):
            touches.save_draft(item, words, form.cleaned_data["persona"], **who)
        raise


def call(item: QueueItem, form: CallForm, who: Who) -> QueueItemChange:
    return touches.log_and_finish(item, form.words(Touch.Channel.CALL), **who)


def log(item: QueueItem, form: LogForm, who: Who) -> QueueItemChange:
    return touches.log_and_stay(item, form.words(form.cleaned_data["channel"]), **who)


def logged_words(form: LogForm) -> str:
    return {"call": "Call logged.", "note": "Note added.", "email": "Email logged."}[form.cleaned_data["channel"]]


def _recipient(person: Person) -> Recipient:
    return Recipient(person.pk, person.name, person.email, person.title, person.excluded_by)


def _resolved(
    request: HttpRequest, viewer: Viewer, item: QueueItem, words: str, *, failed: bool = False
) -> HttpResponse:
    """Said in a notice: beside what is being typed for HTMX, on the page that follows for a plain browser."""
    if failed and wants_part(request):
        context = {"notice": {"text": words, "level": "error"}}
        # Nothing is swapped: the field that is being typed in stays under the cursor.
        return reswap(fresh(render(request, f"{TEMPLATE}#refused", context, status=422)), "none")
    messages.add_message(request, messages.ERROR if failed else messages.SUCCESS, words)
    address = item_address(item.pk, asked_filters(request, viewer))
    return redirect(address)


def _with_whom(address: str, asked: WantedMessage) -> str:
    join = "&" if "?" in address else "?"
    return f"{address}{join}to={asked.to or ''}&persona={asked.persona}"


def _who(request: HttpRequest) -> Who:
    return {"acting_user": cast(User, request.user), "now": timezone.now()}
