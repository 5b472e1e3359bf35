"""Letting held requests through: one address of the manager's page."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from outreach.access import Viewer, managers_change
from outreach.forms.workload import ReleaseForm
from outreach.team.flood import release_requests
from plgcrm.common.templatetags.words import plural


@require_POST
@managers_change
def release(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Release the ticked requests, or all; back to the page either way."""
    form = ReleaseForm(request.POST)
    if not form.is_valid():
        messages.error(request, form.error())
        return redirect("workload")
    acting_user = cast(User, request.user)
    done = release_requests(form.cleaned_data["moments"], acting_user=acting_user, now=timezone.now())
    messages.success(request, f"{plural(done, 'request,requests')} released. Their plays decide within seconds.")
    return redirect("workload")
