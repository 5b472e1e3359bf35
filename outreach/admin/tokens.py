"""The admin's page of API tokens. Not a model's page: a token's own words are the token."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from accounts.access import display_name
from outreach.staff.tokens import issue_token, people_without_token, revoke_token, token_rows
from plgcrm.common.htmx import fresh
from plgcrm.common.text import short_number


def api_tokens(request: HttpRequest) -> HttpResponse:
    """Who has a token, and a form that issues one; a POST issues it and shows it, this once."""
    context: dict[str, Any] = {**admin.site.each_context(request), "title": "API tokens"}
    if request.method == "POST":
        context |= _issued(request)
    context |= {"rows": token_rows(), "people": people_without_token()}
    return fresh(render(request, "admin/outreach/tokens.html", context))


def _issued(request: HttpRequest) -> dict[str, Any]:
    user = User.objects.filter(pk=short_number(request.POST.get("user", "")), is_active=True).first()
    if user is None:
        messages.error(request, "Choose a person.")
        return {}
    _log(request, user, "Issued an API token")
    return {"token": issue_token(user), "person": user}


@require_POST
def revoke_api_token(request: HttpRequest, user_id: int) -> HttpResponse:
    user = get_object_or_404(User, pk=user_id)
    if revoke_token(user):
        _log(request, user, "Revoked the API token")
        messages.success(request, f"The token of {display_name(user)} is refused from now on.")
    return redirect("admin:api_tokens")


def _log(request: HttpRequest, user: User, words: str) -> None:
    LogEntry.objects.log_actions(request.user.pk or 0, [user], CHANGE, change_message=words, single_object=True)
