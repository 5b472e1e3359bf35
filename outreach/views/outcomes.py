"""The outcome of an item or an account: logged and undone. HTMX gets the card again; a plain browser the page."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.models import Account
from outreach.access import Viewer, changeable_outcome, desk_change, visible_account, visible_item, visible_items
from outreach.forms.items import OutcomeForm
from outreach.models import Outcome, QueueItem
from outreach.outcomes.record import OutcomeError, log_outcome, undo_outcome
from outreach.pages.account import Head, LoggedOutcome, account_head
from plgcrm.common.htmx import fresh, wants_part
from plgcrm.common.text import short_number

TEMPLATE = "outreach/_outcome.html"
USUAL_CURRENCY = "USD"
CONFLICT, UNPROCESSABLE = 409, 422


@dataclass(frozen=True, slots=True)
class OutcomeCard:
    """The card “Outcome”, on the page of an item or of an account."""

    account_id: int
    outcomes: list[LoggedOutcome]
    may_log: bool
    may_undo: frozenset[int]  # ids of outcomes
    currency: str
    item_id: int = 0
    error: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    kinds = Outcome.Kind.choices

    @property
    def address(self) -> str:
        if self.item_id:
            return reverse("queue_outcome", args=[self.item_id])
        return reverse("account_outcome", args=[self.account_id])


def outcome_card(
    viewer: Viewer, head: Head, *, item_id: int = 0, error: str = "", typed: Mapping[str, str] | None = None
) -> OutcomeCard:
    """From what the page has read already."""
    own = (each.id for each in head.outcomes if viewer.leads or (viewer.may_change and each.user_id == viewer.id))
    return OutcomeCard(
        head.id,
        head.outcomes,
        viewer.may_change,
        frozenset(own),
        head.currency or USUAL_CURRENCY,
        item_id,
        error,
        typed or {},
    )


@require_POST
@desk_change
def log_for_item(request: HttpRequest, viewer: Viewer, item_id: int) -> HttpResponse:
    return _log(request, viewer, visible_item(viewer, item_id))


@require_POST
@desk_change
def log_for_account(request: HttpRequest, viewer: Viewer, account_id: int) -> HttpResponse:
    return _log(request, viewer, visible_account(viewer, account_id))


@require_POST
@desk_change
def undo(request: HttpRequest, viewer: Viewer, outcome_id: int) -> HttpResponse:
    """Undo one's own; a manager may undo anybody's. At once or much later."""
    outcome = changeable_outcome(viewer, outcome_id)
    item_id = _shown_item(request, viewer, outcome)
    try:
        undo_outcome(outcome, acting_user=cast(User, request.user), now=timezone.now())
    except OutcomeError as error:
        return _answer(request, viewer, outcome.account_id, item_id, error=str(error), status=CONFLICT)
    return _answer(request, viewer, outcome.account_id, item_id, said=f"Undone: {outcome.kind}.")


def _log(request: HttpRequest, viewer: Viewer, about: QueueItem | Account) -> HttpResponse:
    item_id, account_id = (about.pk, about.account_id) if isinstance(about, QueueItem) else (0, about.pk)
    form = OutcomeForm(request.POST)
    if not form.is_valid():
        return _answer(request, viewer, account_id, item_id, error=form.error(), status=UNPROCESSABLE)
    try:
        outcome = log_outcome(about, **form.cleaned_data, acting_user=cast(User, request.user), now=timezone.now())
    except OutcomeError as error:
        return _answer(request, viewer, account_id, item_id, error=str(error), status=UNPROCESSABLE)
    return _answer(request, viewer, account_id, item_id, said=f"Logged: {outcome.kind}.", undo=outcome.pk)


def _shown_item(request: HttpRequest, viewer: Viewer, outcome: Outcome) -> int:
    """The item on whose page the card stands, if it is one of this account that the viewer sees; else 0."""
    wanted = short_number(request.GET.get("item"))
    found = visible_items(viewer).filter(pk=wanted, account=outcome.account_id) if wanted else None
    return wanted if found and found.exists() else 0


def _answer(
    request: HttpRequest,
    viewer: Viewer,
    account_id: int,
    item_id: int,
    *,
    said: str = "",
    error: str = "",
    undo: int = 0,
    status: int = 200,
) -> HttpResponse:
    undo_at = f"{reverse('outcome_undo', args=[undo])}?item={item_id}" if undo else ""
    if not wants_part(request):
        messages.add_message(request, messages.ERROR if error else messages.SUCCESS, error or said, extra_tags=undo_at)
        return redirect(_page(account_id, item_id))
    head, typed = account_head(account_id, today=timezone.now().date()), request.POST.dict() if error else {}
    card = outcome_card(viewer, head, item_id=item_id, error=error, typed=typed)
    context = {"outcome_card": card, "said": said, "undo_at": undo_at}
    return fresh(render(request, f"{TEMPLATE}#answer", context, status=status))


def _page(account_id: int, item_id: int) -> str:
    return reverse("queue_item", args=[item_id]) if item_id else reverse("account", args=[account_id])
