"""The admin, as a part of the product: one door, our own order of things, and a first-run checklist."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, resolve_url
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django_htmx.http import HttpResponseClientRedirect

from accounts.access import ADMIN, role

# What stands in the menu, by subject and not by app; what is not named here is reached from one of these.
SECTIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Data in", ("Source", "ImportRun", "Vocabulary", "Catalogue", "FailedEvent", "Event")),
    ("What qualifies", ("Signal", "Category", "ScoringModel", "Segment", "Fact")),
    ("Plays", ("Play", "MessageTemplate", "Trigger", "DeskRules")),
    ("Identity", ("Account", "Person", "MergeSuggestion", "Exclusion", "DomainOverride", "Placeholder")),
    ("Your team", ("User", "Team", "Token")),
)
# Pages of the menu that are no model's: name there, words, address.
OWN_PAGES = (
    ("Token", "API tokens", "api_tokens"),
    ("Vocabulary", "Vocabulary", "vocabulary"),
    ("Catalogue", "Catalog", "catalogue"),
    ("DeskRules", "Guards and deal size", "desk_rules"),
)


class AdminSite(admin.AdminSite):
    site_header = "PLGCRM"
    site_title = "PLGCRM admin"
    index_title = "Set up"
    site_url = "/"
    empty_value_display = "–"

    def has_permission(self, request: HttpRequest) -> bool:
        return role(request.user) == ADMIN

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Strangers log in where everybody does; who is logged in and no admin is told so."""
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:
            raise PermissionDenied
        after = request.GET.get(REDIRECT_FIELD_NAME, reverse("admin:index"))
        address = f"{resolve_url('account_login')}?{urlencode({'next': after})}"
        if request.headers.get("HX-Request"):  # or the log-in form would land in a corner of the page
            return HttpResponseClientRedirect(address)
        return HttpResponseRedirect(address)

    def logout(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("account_logout")

    def password_change(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("account_change_password")

    def get_urls(self) -> list[URLPattern | URLResolver]:
        from outreach.admin.desk_rules import desk_rules_page
        from outreach.admin.tokens import api_tokens, revoke_api_token
        from plgcrm.admin_home import first_run, hide_first_run, test_event
        from plgcrm.go_live import go_live_page
        from signals.admin.builder import matches_builder, rule_builder
        from signals.admin.catalogue import catalogue
        from signals.admin.confirm import undo_change
        from signals.admin.vocabulary import vocabulary

        return [
            path("first-run/", self.admin_view(first_run), name="first_run"),
            path("first-run/test-event/", self.admin_view(test_event), name="test_event"),
            path("first-run/hide/", self.admin_view(hide_first_run), name="hide_first_run"),
            path("go-live/", self.admin_view(go_live_page), name="go_live"),
            path("api-tokens/", self.admin_view(api_tokens), name="api_tokens"),
            path("api-tokens/<int:user_id>/revoke/", self.admin_view(revoke_api_token), name="revoke_api_token"),
            path("vocabulary/", self.admin_view(vocabulary), name="vocabulary"),
            path("guards/", self.admin_view(desk_rules_page), name="desk_rules"),
            path("catalogue/", self.admin_view(catalogue), name="catalogue"),
            path("changes/<int:changed_id>/undo/", self.admin_view(undo_change), name="undo_change"),
            path("build/rule/<slug:prefix>/", self.admin_view(rule_builder), name="rule_builder"),
            path("build/matches/<slug:prefix>/", self.admin_view(matches_builder), name="matches_builder"),
            *super().get_urls(),
        ]

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        apps = self._build_app_dict(request)
        models = {model["object_name"]: model for app in apps.values() for model in app["models"]}
        for page, name, address in OWN_PAGES:
            models[page] = {"name": name, "admin_url": reverse(f"admin:{address}"), "perms": {}}
        return [_section(title, names, models) for title, names in SECTIONS]

    def app_index(  # type: ignore[override]
        self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("admin:index")

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        from plgcrm.admin_home import home_context

        return super().index(request, home_context(request) | (extra_context or {}))


def _section(title: str, names: tuple[str, ...], models: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Shaped like an app of the stock admin, so that its templates work."""
    return {
        "name": title,
        "app_label": title.lower().replace(" ", "-"),
        "app_url": reverse("admin:index"),
        "has_module_perms": True,
        "models": [models[name] for name in names if name in models],
    }
