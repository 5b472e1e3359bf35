"""Teams and the people who work here, in the admin."""

from typing import Any

from allauth.account.models import EmailAddress
from django.contrib import admin, messages
from django.contrib.auth.models import Group, User
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from rest_framework.authtoken.models import TokenProxy

from accounts.access import display_name, role
from outreach.forms.users import UserForm
from outreach.models import Rep, Team
from outreach.staff.users import new_password, save_person
from plgcrm.common.admin import OpenAdmin
from plgcrm.common.htmx import fresh

# What the libraries bring along is done by our own pages.
for theirs in (User, Group, EmailAddress, TokenProxy):
    if admin.site.is_registered(theirs):
        admin.site.unregister(theirs)

ROLE_WORDS = {"admin": "admin", "manager": "manager", "rep": "rep", "read-only": "read-only", None: "cannot log in"}


@admin.register(Team)
class TeamAdmin(OpenAdmin):
    list_display = ("name", "members", "room")
    prepopulated_fields = {"slug": ("name",)}
    fields = ("name", "slug")
    help = "Reps who share plays. Each play names the team that works it when an account has no owner."
    help_texts = {
        "name": "“Mid-market”, “Customer success”.",
        "slug": "Its name in the API and in exports.",
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        reps = Rep.objects.filter(user__is_active=True).select_related("user")
        return super().get_queryset(request).prefetch_related(Prefetch("reps", reps, to_attr="working"))

    @admin.display(description="Reps")
    def members(self, team: Any) -> str:
        return ", ".join(display_name(rep.user) for rep in team.working) or "no one yet"

    @admin.display(description="Items per day")
    def room(self, team: Any) -> int:
        return sum(rep.capacity for rep in team.working if rep.taking_items)


@admin.register(User)
class UserAdmin(OpenAdmin):
    form = UserForm
    list_display = ("name", "email", "role", "team", "capacity", "is_active", "last_login")
    list_filter = ("is_active", "groups")
    search_fields = ("email", "first_name", "last_name", "username")
    list_select_related = ("rep__team",)
    ordering = ("first_name", "last_name", "username")
    fieldsets = (
        (None, {"fields": ("name", "email", "role", "is_active")}),
        ("On the queue", {"fields": ("team", "capacity", "time_zone", "taking_items")}),
    )
    change_form_template = "admin/outreach/user.html"
    help = (
        "Who can log in, and in which role. There is no sign-up: admins add people here and give them a first password."
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("groups")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What somebody did stays theirs: switch them off instead."""
        return False

    @admin.display(description="Name", ordering="first_name")
    def name(self, user: Any) -> str:
        return display_name(user)

    @admin.display(description="Role")
    def role(self, user: Any) -> str:
        return ROLE_WORDS[role(user)] if user.is_active else "switched off"

    @admin.display(description="Team")
    def team(self, user: Any) -> str:
        return str(user.rep.team) if hasattr(user, "rep") else "–"

    @admin.display(description="Items per day")
    def capacity(self, user: Any) -> str:
        return str(user.rep.capacity) if hasattr(user, "rep") else "–"

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        save_person(obj, form.cleaned_data)

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        password = path("<int:user_id>/new-password/", wrap(self.new_password), name="auth_user_new_password")
        return [password, *super().get_urls()]

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        """Somebody new has a first password: shown in this answer, and nowhere else."""
        return self._show_password(request, obj)

    def new_password(self, request: HttpRequest, user_id: int) -> HttpResponse:
        user = get_object_or_404(User, pk=user_id)
        if request.method != "POST":
            return redirect("admin:auth_user_change", user_id)
        self.log_change(request, user, "Gave a new password")
        messages.success(request, "The old password no longer works.")
        return self._show_password(request, user)

    def _show_password(self, request: HttpRequest, user: User) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": f"New password for {display_name(user)}",
            "person": user,
            "password": new_password(user),
        }
        return fresh(render(request, "admin/outreach/new_password.html", context))
