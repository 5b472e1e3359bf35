"""The last page of set-up: what would reach whose queue, and the button that lets it."""

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from outreach.access import viewer_of
from outreach.plays.go_live import go_live, old_requests, outlook
from plgcrm.common.htmx import fresh
from signals.models import Configuration
from signals.vocabulary.definitions import still_counted


def go_live_page(request: HttpRequest) -> HttpResponse:
    """GET shows what would open; POST lets plays open items from now on."""
    now = timezone.now()
    if request.method == "POST":
        if go_live(now):
            messages.success(request, "You are live. Items reach your reps' queues within seconds.")
        return redirect("admin:index")
    live_since = Configuration.objects.values_list("live_since", flat=True).first()
    context = {
        **admin.site.each_context(request),
        "title": "Go live",
        "live_since": live_since,
        "still_counted": 0 if live_since else still_counted(),
        "old": old_requests(now),
        "outlook": None if live_since else outlook(viewer_of(request.user), now=now),
    }
    return fresh(render(request, "admin/go_live.html", context))
