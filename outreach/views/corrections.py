"""Correcting who belongs where: every change is shown before it is done, logged, and can be undone."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.identity import by_hand
from accounts.identity.joins import CorrectionError, join_accounts, what_would_join
from accounts.models import Account, Correction, Workspace
from accounts.queries import found_accounts, found_people
from outreach.access import Viewer, managers_change, visible_account, visible_person
from outreach.forms.corrections import AccountDomainForm, AccountForm, JoinForm, NameForm, PersonForm, SplitForm
from outreach.pages import corrections as pages
from outreach.pages.corrections import CorrectionPreview
from plgcrm.common.htmx import fresh

FOUND = 8
GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])


# --- Accounts -----------------------------------------------------------------------------------------------


@require_safe
@managers_change
def account(request: HttpRequest, viewer: Viewer, account_id: int) -> HttpResponse:
    """What can be corrected, and what has been."""
    found, search = visible_account(viewer, account_id), request.GET.get("q", "")
    context = {
        "account": found,
        "domains": pages.domain_lines(found),
        "workspaces": pages.workspaces_in(found),
        "wanted": search,
        "found": _accounts_found(search, without=found.pk),
        "lines": pages.account_corrections(found.pk),
    }
    return fresh(render(request, "outreach/correct_account.html", context))


def _accounts_found(search: str, *, without: int | None) -> list[Account]:
    ids = [each for each in found_accounts(search, limit=FOUND + 1) if each != without][:FOUND]
    by_id = Account.objects.in_bulk(ids)
    return [by_id[each] for each in ids]


@GET_OR_POST
@managers_change
def join(request: HttpRequest, viewer: Viewer, account_id: int) -> HttpResponse:
    """The chosen account becomes part of this one."""
    found, back = visible_account(viewer, account_id), reverse("account_correct", args=[account_id])
    form = JoinForm(_given(request))
    if not form.is_valid():
        return _refused(request, form.error(), back)
    other, name = form.cleaned_data["account"], form.cleaned_data["name"]
    if request.method == "POST":
        return _do(request, reverse("account", args=[found.pk]), back, join_accounts, other.pk, found.pk, name=name)
    if other == found:
        return _refused(request, "Choose another account.", back)
    swap = f"{reverse('account_join', args=[other.pk])}?account={found.pk}"
    return _confirm(request, pages.join_confirmation(what_would_join(other, found), swap), back)


@require_POST
@managers_change
def add_domain(request: HttpRequest, viewer: Viewer, account_id: int) -> HttpResponse:
    """A domain that has an account already leads to joining the two."""
    found, back = visible_account(viewer, account_id), reverse("account_correct", args=[account_id])
    form = AccountDomainForm(request.POST)
    if not form.is_valid():
        return _refused(request, form.error(), back)
    try:
        domain = by_hand.domain_in(form.cleaned_data["domain"])
    except CorrectionError as error:
        return _refused(request, str(error), back)
    holder = by_hand.holder_of(domain)
    if holder is not None and holder != found and holder.domain == domain:
        return redirect(f"{reverse('account_join', args=[found.pk])}?account={holder.pk}")
    return _do(request, back, back, by_hand.give_domain, found, domain)


@GET_OR_POST
@managers_change
def remove_domain(request: HttpRequest, viewer: Viewer, account_id: int) -> HttpResponse:
    """People of the domain, or the account that was joined with it, stand for themselves again."""
    found, back = visible_account(viewer, account_id), reverse("account_correct", args=[account_id])
    form = AccountDomainForm(_given(request))
    if not form.is_valid():
        return _refused(request, form.error(), back)
    domain = form.cleaned_data["domain"].strip().lower()
    if request.method == "POST":
        return _do(request, back, back, by_hand.take_domain, found, domain)
    if domain not in {line.domain for line in pages.domain_lines(found)}:
        return _refused(request, f"{domain} does not belong to {found}.", back)
    return _confirm(request, pages.separation_confirmation(found, domain, pages.joined_with(found, domain)), back)


@require_POST
@managers_change
def main_domain(request: HttpRequest, viewer: Viewer, account_id: int) -> HttpResponse:
    found, back = visible_account(viewer, account_id), reverse("account_correct", args=[account_id])
    form = AccountDomainForm(request.POST)
    if not form.is_valid():
        return _refused(request, form.error(), back)
    return _do(request, back, back, by_hand.make_main, found, form.cleaned_data["domain"])


@require_POST
@managers_change
def rename(request: HttpRequest, viewer: Viewer, account_id: int) -> HttpResponse:
    """Empty: the name that the product or a list gives it."""
    found, back = visible_account(viewer, account_id), reverse("account_correct", args=[account_id])
    form = NameForm(request.POST)
    if not form.is_valid():
        return _refused(request, form.error(), back)
    return _do(request, back, back, by_hand.rename_account, found, form.cleaned_data["name"])


@GET_OR_POST
@managers_change
def move_workspace(request: HttpRequest, viewer: Viewer, workspace_id: int) -> HttpResponse:
    """Search for an account, look at what would move, move it."""
    workspace = get_object_or_404(Workspace.objects.select_related("account"), pk=workspace_id)
    here = reverse("workspace_move", args=[workspace.pk])
    chosen = _chosen_account(request)
    if request.method == "POST":
        if chosen is None:
            return _refused(request, "Choose an account.", here)
        return _do(
            request, reverse("account_correct", args=[chosen.pk]), here, by_hand.move_workspace, workspace, chosen
        )
    if chosen is not None:
        return _confirm(request, pages.workspace_confirmation(workspace, chosen), here)
    search = request.GET.get("q", "")
    context = {"workspace": workspace, "wanted": search}
    context["found"] = _accounts_found(search, without=workspace.account_id)
    return fresh(render(request, "outreach/move_workspace.html", context))


def _chosen_account(request: HttpRequest) -> Account | None:
    form = AccountForm(_given(request))
    return form.cleaned_data["account"] if form.is_valid() else None


# --- People -------------------------------------------------------------------------------------------------


@require_safe
@managers_change
def person(request: HttpRequest, viewer: Viewer, person_id: int) -> HttpResponse:
    """What can be corrected, and what has been."""
    whom = visible_person(viewer, person_id)
    if whom.merged_into_id:
        return redirect("person_correct", whom.merged_into_id)
    search, who = request.GET.get("q", ""), request.GET.get("who", "")
    people = [each for each in found_people(who, limit=FOUND + 1) if each.id != whom.pk][:FOUND]
    context = {
        "whom": whom,
        "wanted": search,
        "found": _accounts_found(search, without=whom.account_id),
        "who": who,
        "people": people,
        "merges": pages.merges_in(whom),
        "lines": pages.person_corrections(whom.pk),
    }
    return fresh(render(request, "outreach/correct_person.html", context))


@GET_OR_POST
@managers_change
def move_person(request: HttpRequest, viewer: Viewer, person_id: int) -> HttpResponse:
    whom, back = visible_person(viewer, person_id), reverse("person_correct", args=[person_id])
    form = AccountForm(_given(request))
    if not form.is_valid():
        return _refused(request, form.error(), back)
    to = form.cleaned_data["account"]
    if request.method == "POST":
        return _do(request, reverse("person", args=[whom.pk]), back, by_hand.move_person, whom, to)
    return _confirm(request, pages.person_confirmation(whom, to), back)


@GET_OR_POST
@managers_change
def merge_person(request: HttpRequest, viewer: Viewer, person_id: int) -> HttpResponse:
    whom, back = visible_person(viewer, person_id), reverse("person_correct", args=[person_id])
    form = PersonForm(_given(request))
    if not form.is_valid():
        return _refused(request, form.error(), back)
    other = form.cleaned_data["person"]
    if request.method == "POST":
        return _do(request, reverse("person", args=[whom.pk]), back, by_hand.merge_people, whom, other)
    return _confirm(request, pages.merge_confirmation(whom, other), back)


@GET_OR_POST
@managers_change
def split_person(request: HttpRequest, viewer: Viewer, person_id: int) -> HttpResponse:
    whom, back = visible_person(viewer, person_id), reverse("person_correct", args=[person_id])
    form = SplitForm(_given(request))
    if not form.is_valid():
        return _refused(request, form.error(), back)
    merge = form.cleaned_data["merge"]
    if by_hand.whole_row(merge.left_id) != by_hand.whole_row(whom.pk):
        raise Http404
    if request.method == "POST":
        return _do(request, reverse("person", args=[whom.pk]), back, by_hand.split_people, merge)
    return _confirm(request, pages.split_confirmation(merge), back)


# --- All of them --------------------------------------------------------------------------------------------


@require_POST
@managers_change
def undo(request: HttpRequest, viewer: Viewer, correction_id: int) -> HttpResponse:
    """As it was before, whenever it was done and by whomever."""
    correction = by_hand.correction_of(correction_id)
    if correction is None:
        raise Http404
    back = _page_of(correction)
    try:
        by_hand.undo_correction(correction, acting_user=request.user, now=timezone.now())
    except CorrectionError as error:
        return _refused(request, str(error), back)
    messages.success(request, "Undone. Scores follow within a minute.")
    return redirect(back)


def _page_of(correction: Correction) -> str:
    if correction.account_id:
        return reverse("account_correct", args=[correction.account_id])
    return reverse("person_correct", args=[correction.person_id])


def _given(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else request.GET


def _confirm(request: HttpRequest, confirmation: CorrectionPreview, back: str) -> HttpResponse:
    context = {"confirmation": confirmation, "back": back, "address": request.path}
    return fresh(render(request, "outreach/correction_confirm.html", context))


def _refused(request: HttpRequest, words: str, back: str) -> HttpResponse:
    messages.error(request, words)
    return redirect(back)


def _do(
    request: HttpRequest, to: str, back: str, work: Callable[..., Correction], *given: Any, **named: Any
) -> HttpResponse:
    """Do it, and go on to where it is seen; with an undo."""
    try:
        done = work(*given, **named, acting_user=cast(User, request.user), now=timezone.now())
    except CorrectionError as error:
        return _refused(request, str(error), back)
    words = "Separated again." if done.undone_at else f"Done: {pages.words_of(done, done.account_id or 0)}."
    tags = "" if done.undone_at else reverse("correction_undo", args=[done.pk])
    messages.success(request, f"{words} Scores follow within a minute.", extra_tags=tags)
    return redirect(to)
