"""Plays, teams and the people who work here."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib import admin, messages
from django.contrib.auth.models import Group, User
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from rest_framework.authtoken.models import TokenProxy

from accounts.access import role
from outreach import message_admin as message_admin  # registers the message templates
from outreach.admin_forms import PlayForm, UserForm
from outreach.models import Play, PlayDecision, QueueItem, Rep, Team
from outreach.staff import new_password, save_person
from plgcrm.common.admin import OpenAdmin, RowCounts
from plgcrm.common.htmx import fresh
from signals.forms.page import describe_json
from signals.matching import matching_accounts
from signals.models import Moment, Trigger

# What the libraries bring along is done by our own pages.
for theirs in (User, Group, EmailAddress, TokenProxy):
    if admin.site.is_registered(theirs):
        admin.site.unregister(theirs)

WEEK = timedelta(days=7)
ROLE_WORDS = {"admin": "admin", "manager": "manager", "rep": "rep", "read-only": "read-only", None: "may not enter"}


# An item for each time that a play has fired.
FIRED = RowCounts(lambda: QueueItem.objects.filter(created_at__gte=timezone.now() - WEEK), by="play")
HELD = RowCounts(
    lambda: PlayDecision.objects.filter(state=PlayDecision.State.HELD, decided_at__gte=timezone.now() - WEEK), by="play"
)


@admin.register(Play)
class PlayAdmin(OpenAdmin):
    form = PlayForm
    list_display = ("name", "active", "fires", "team", "sla", "fired_week", "held_week", "position")
    list_editable = ("active", "position")
    list_select_related = ("trigger", "team")
    change_form_template = "admin/outreach/play.html"
    prepopulated_fields = {"slug": ("name",)}
    fieldsets = (
        (None, {"fields": ("name", "slug", "goal", "answers_to", "active", "position")}),
        ("When it fires", {"fields": ("on_hand_raise", "trigger", "guards", "cool_down_days")}),
        ("Who acts", {"fields": ("team", "persona", "sla_minutes", "prior_rate")}),
        ("What they read first", {"fields": ("why_now",)}),
    )
    help = "The ways to engage. A play looks at an account when its trigger becomes true; its guards may hold it back."

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("slug",) if obj else ()

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> dict[str, Sequence[str]]:
        return {} if obj else {"slug": ("name",)}

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Its items and decisions are history: switch it off instead."""
        return False

    @admin.display(description="Fires")
    def fires(self, play: Any) -> SafeString | str:
        """The trigger's name, and its rule as a sentence."""
        if play.on_hand_raise:
            return "when a hand is raised"
        words = '{}<span class="rule help">{}</span>'
        return format_html(words, f"when “{play.trigger}” becomes true", describe_json(play.trigger.rule))

    @admin.display(description="SLA", ordering="sla_minutes")
    def sla(self, play: Any) -> str:
        return minutes_words(play.sla_minutes)

    @admin.display(description="Fired, 7 days")
    def fired_week(self, play: Any) -> str:
        return FIRED.of(play.pk)

    @admin.display(description="Held back, 7 days")
    def held_week(self, play: Any) -> str:
        return HELD.of(play.pk)

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [path("would-fire/", wrap(self.would_fire), name="outreach_play_would_fire"), *super().get_urls()]

    def would_fire(self, request: HttpRequest) -> HttpResponse:
        """For the trigger chosen in the form, saved or not: whom it would fire for today."""
        trigger = Trigger.objects.filter(pk=_number(request.POST.get("trigger", ""))).first()
        context: dict[str, Any] = {"trigger": trigger, "on_hand_raise": "on_hand_raise" in request.POST}
        if context["on_hand_raise"]:
            raised = Moment.objects.filter(kind=Moment.Kind.HAND_RAISED, noticed_at__gte=timezone.now() - WEEK)
            context["raised"] = raised.count()
        elif trigger:
            context |= {
                "reading": describe_json(trigger.rule),
                "match": matching_accounts(trigger.rule, now=timezone.now()),
            }
        return fresh(render(request, "admin/outreach/would_fire.html", context))


def _number(text: str) -> int:
    """0 for what is no number: no row has it."""
    return int(text) if text.isdecimal() else 0


def minutes_words(minutes: int) -> str:
    """Business time: 5 minutes, 8 hours, 2 days of 8 hours."""
    for size, word in ((480, "working day"), (60, "hour"), (1, "minute")):
        if minutes >= size and minutes % size == 0:
            number = minutes // size
            return f"{number} {word}{'' if number == 1 else 's'}"
    return f"{minutes} minutes"


@admin.register(Team)
class TeamAdmin(OpenAdmin):
    list_display = ("name", "manager", "members", "room")
    list_select_related = ("manager",)
    prepopulated_fields = {"slug": ("name",)}
    fields = ("name", "slug", "manager")
    help = "Reps who share plays. A play names the team that works it where an account has no owner."
    help_texts = {
        "name": "“Mid-market”, “Customer success”.",
        "slug": "Its name in the API and in exports.",
        "manager": "Sees the team's load and lateness, and moves items.",
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        reps = Rep.objects.filter(user__is_active=True).select_related("user")
        return super().get_queryset(request).prefetch_related(Prefetch("reps", reps, to_attr="working"))

    @admin.display(description="Reps")
    def members(self, team: Any) -> str:
        return ", ".join(rep.user.get_full_name() or rep.user.username for rep in team.working) or "nobody yet"

    @admin.display(description="Items a day")
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
    help = "Who may enter, as what. Nobody can sign up: an admin adds them here and hands them a first password."

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("groups")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What somebody did stays theirs: switch them off instead."""
        return False

    @admin.display(description="Name", ordering="first_name")
    def name(self, user: Any) -> str:
        return str(user.get_full_name() or user.username)

    @admin.display(description="Role")
    def role(self, user: Any) -> str:
        return ROLE_WORDS[role(user)] if user.is_active else "switched off"

    @admin.display(description="Team")
    def team(self, user: Any) -> str:
        return str(user.rep.team) if hasattr(user, "rep") else "–"

    @admin.display(description="Items a day")
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
        messages.success(request, "The former password does not work any more.")
        return self._show_password(request, user)

    def _show_password(self, request: HttpRequest, user: User) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": f"A password for {user.get_full_name() or user.username}",
            "person": user,
            "password": new_password(user),
        }
        return fresh(render(request, "admin/outreach/new_password.html", context))
