"""The accounts list, its saved views, and giving many accounts to a rep."""

from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts import saved_views
from accounts.access import display_name
from accounts.models import SavedView
from accounts.ownership import OwnershipUndoError, assign_many, undo_assign_many
from accounts.queries import found_people
from outreach.access import Viewer, desk, desk_change, managers_change
from outreach.forms.account_list import AssignForm, QueryForm, RenameViewForm, SaveViewForm
from outreach.forms.items import ActionForm
from outreach.pages.account_list import (
    AccountFilters,
    ModelTiers,
    account_page_of,
    best_accounts,
    models_with_tiers,
    searched_accounts,
)
from outreach.queue.list import colleagues
from plgcrm.common.htmx import fresh, render_page, wants_part
from plgcrm.common.templatetags.words import plural
from signals.models import Segment

NAMED = 8  # accounts that a notice names


@require_safe
@desk
def accounts(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The best scores first, or what was searched for."""
    search = " ".join(request.GET.get("q", "").replace("\0", " ").split())[:100]
    filters = AccountFilters.parse(request.GET.dict())
    models = models_with_tiers()
    model = next((each for each in models if each.kind == filters.model), models[0] if models else None)
    context = {"search": search, "filters": filters, "models": models, "model": model, "viewer": viewer}
    if search:
        found = searched_accounts(viewer, search, model, filters)
        context |= {"listing": found, "people": found_people(search)}
    else:
        context["listing"] = best_accounts(viewer, model, filters, after=request.GET.get("after", ""))
    context |= {"query": filters.query(), "narrowed": filters.narrows}
    if not wants_part(request):
        context |= _around(request, filters, model, search)
    return render_page(request, "outreach/accounts.html", "found", context)


def _around(request: HttpRequest, filters: AccountFilters, model: ModelTiers | None, search: str) -> dict[str, Any]:
    """Saved views and the choices of the filters, each with its address, which keeps the search."""

    def address(**changed: Any) -> str:
        return "&".join(part for part in (urlencode({"q": search}) if search else "", filters.query(**changed)) if part)

    tiers = model.tiers if model else []
    segments = list(Segment.objects.values_list("slug", "name"))
    views = list(saved_views.views_of(request.user))
    query = filters.query()
    return {
        "tiers": [("All tiers", "", address(tier=""))]
        + [(tier["name"], tier["slug"], address(tier=tier["slug"])) for tier in tiers],
        "segments": segments,
        "lost_segment": filters.segment if filters.segment not in dict(segments) else "",
        "views": views,
        "current_view": next((view for view in views if view.query == query), None),
        "editable": {view.pk for view in views if saved_views.may_edit(view, request.user)},
        "reps": colleagues(),
        "queue_query": address(on_queue=not filters.on_queue),
    }


# --- Saved views --------------------------------------------------------------------------------------------


@require_POST
@desk_change
def save_view(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    form = SaveViewForm(request.POST)
    if not form.is_valid():
        return _back(request, form, form.error(), failed=True)
    given = form.cleaned_data
    try:
        saved_views.save_view(given["name"], given["query"], shared=given["shared"], acting_user=_user(request))
    except saved_views.SavedViewError as error:
        return _back(request, form, str(error), failed=True)
    return _back(request, form, f"Saved as “{given['name']}”.")


@require_POST
@desk_change
def rename_view(request: HttpRequest, viewer: Viewer, view_id: int) -> HttpResponse:
    view, form = _visible_view(request, view_id), RenameViewForm(request.POST)
    if not form.is_valid():
        return _back(request, form, form.error(), failed=True)
    try:
        saved_views.rename_view(view, form.cleaned_data["name"], acting_user=_user(request))
    except saved_views.SavedViewError as error:
        return _back(request, form, str(error), failed=True)
    return _back(request, form, f"Renamed to “{form.cleaned_data['name']}”.")


@require_POST
@desk_change
def delete_view(request: HttpRequest, viewer: Viewer, view_id: int) -> HttpResponse:
    view, form = _visible_view(request, view_id), QueryForm(request.POST)
    form.is_valid()
    try:
        saved_views.delete_view(view, acting_user=_user(request))
    except saved_views.SavedViewError as error:
        return _back(request, form, str(error), failed=True)
    return _back(request, form, f"Deleted the view “{view.name}”. The accounts in it are untouched.")


def _visible_view(request: HttpRequest, view_id: int) -> SavedView:
    return get_object_or_404(saved_views.views_of(request.user), pk=view_id)


# --- Giving accounts to a rep -------------------------------------------------------------------------------


@require_POST
@managers_change
def assign_preview(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Who would get what. Changes nothing."""
    form = AssignForm(request.POST)
    if not form.is_valid():
        return _back(request, form, form.error(), failed=True)
    chosen = account_page_of(list(form.seen), model=None).rows
    context = {
        "rep": form.colleague,
        "moving": [row for row in chosen if row.owner_id != form.colleague.pk],
        "staying": [row for row in chosen if row.owner_id == form.colleague.pk],
        "query": form.cleaned_data["query"],
    }
    return fresh(render(request, "outreach/assign_preview.html", context))


@require_POST
@managers_change
def assign_accounts(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    form = AssignForm(request.POST)
    if not form.is_valid():
        return _back(request, form, form.error(), failed=True)
    given = assign_many(
        form.seen, form.colleague, reason="From the accounts list", acting_user=_user(request), now=timezone.now()
    )
    name = display_name(form.colleague)
    words = f"{plural(len(given.done), 'account,accounts')} assigned to {name}."
    undo = reverse("accounts_assign_undo", args=[given.batch]) if given.done else ""
    return _back(request, form, " ".join([words, *given.skipped[:NAMED]]), undo=undo, failed=not given.done)


@require_POST
@managers_change
def undo_assign(request: HttpRequest, viewer: Viewer, batch: int) -> HttpResponse:
    form = QueryForm(request.POST)
    form.is_valid()
    try:
        count = undo_assign_many(batch, acting_user=_user(request), now=timezone.now())
    except OwnershipUndoError as error:
        return _back(request, form, str(error), failed=True)
    return _back(request, form, f"Undone: {plural(count, 'account has its,accounts have their')} previous owner back.")


def _back(request: HttpRequest, form: ActionForm, words: str, *, undo: str = "", failed: bool = False) -> HttpResponse:
    """To the list as it was filtered, with what was done."""
    messages.add_message(request, messages.ERROR if failed else messages.SUCCESS, words, extra_tags=undo)
    query = form.cleaned_data.get("query", "")
    return redirect(reverse("accounts") + (f"?{query}" if query else ""))


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)
