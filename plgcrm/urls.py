"""Every address. The event endpoints are not here: `signals.ingest.http` answers before routing."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path
from django.views.decorators.http import require_safe
from django.views.generic import RedirectView

from accounts.access import ROLES, open_to
from plgcrm.health import healthz, readyz


@require_safe
@open_to(*ROLES)
def age(request: HttpRequest) -> HttpResponse:
    """How old the numbers of any page are, again every few seconds."""
    return render(request, "base.html#age")


urlpatterns = [
    path("", RedirectView.as_view(pattern_name="queue"), name="home"),
    path("age/", age, name="age"),
    path("", include("outreach.urls")),
    path("", include("signals.urls")),
    path("session/", include("allauth.account.urls")),
    path("api/v1/", include("plgcrm.api_urls")),
    path("admin/", admin.site.urls),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
]
