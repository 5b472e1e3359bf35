"""Every address. The event endpoints are not here: `signals.ingest.http` answers before routing."""

from collections.abc import Callable

from allauth.account import views as account
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import include, path
from django.views.decorators.http import require_safe
from django.views.generic import RedirectView, TemplateView

from accounts.access import ROLES, open_to
from plgcrm.health import healthz, readyz


@require_safe
@open_to(*ROLES)
def age(request: HttpRequest) -> HttpResponse:
    """How old the numbers of any page are, again every few seconds."""
    return render(request, "base.html#age")


def page(template: str) -> Callable[..., HttpResponseBase]:
    """A page that says something and asks nothing."""
    return TemplateView.as_view(template_name=template)


# Of allauth only what somebody whom an admin has added needs; nobody signs up, and no mail is sent yet.
session = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/set/", account.password_set, name="account_set_password"),
    path("password/reset/", page("account/password_reset.html"), name="account_reset_password"),
    path("signup/", page("account/signup_closed.html"), name="account_signup"),
]

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="queue"), name="home"),
    path("age/", age, name="age"),
    path("", include("outreach.urls")),
    path("", include("signals.urls")),
    path("session/", include(session)),
    path("api/v1/", include("plgcrm.api_urls")),
    path("admin/", admin.site.urls),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
]
