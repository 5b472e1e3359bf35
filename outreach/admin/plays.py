"""Plays in the admin: what fires them, who works them, and whom they would fire for today."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from outreach.forms.plays import PlayForm
from outreach.models import Play, PlayDecision, QueueItem
from outreach.plays.why_now import parse_why_now
from outreach.plays.why_now_trial import searched, tried_on
from outreach.rules.why_now import WhyNowError
from plgcrm.common.admin import RowCounts
from plgcrm.common.htmx import fresh
from plgcrm.common.text import plural, short_number
from signals.admin.confirm import ConfirmedAdmin
from signals.forms.page import who_context
from signals.forms.rule import asked_in
from signals.models import Moment, Trigger
from signals.rules.tree import parse_rule
from signals.scoring.rule_preview import preview_of
from signals.vocabulary.spoken import names_in_rules, sentence_of

WEEK = timedelta(days=7)
WOULD = "would"  # prefix of what is asked about those for whom a play would fire


# An item for each time that a play has fired.
FIRED = RowCounts(lambda: QueueItem.objects.filter(created_at__gte=timezone.now() - WEEK), by="play")
HELD = RowCounts(
    lambda: PlayDecision.objects.filter(state=PlayDecision.State.HELD, decided_at__gte=timezone.now() - WEEK), by="play"
)


@admin.register(Play)
class PlayAdmin(ConfirmedAdmin):
    recorded = "play"
    form = PlayForm
    list_display = ("name", "active", "fires", "team", "sla", "fired_week", "held_week", "position")
    list_editable = ("position",)  # what a play does is changed on its own page, which shows the effect
    list_select_related = ("trigger", "team")
    change_form_template = "admin/outreach/play.html"
    prepopulated_fields = {"slug": ("name",)}
    fieldsets = (
        (None, {"fields": ("name", "slug", "goal", "active", "position")}),
        ("When it fires", {"fields": ("on_hand_raise", "trigger", "guards", "cool_down_days")}),
        ("Who acts", {"fields": ("team", "persona", "sla_minutes", "prior_rate")}),
        ("What reps read first", {"fields": ("why_now_lines",)}),
    )
    help = "The ways to engage. A play looks at an account when its trigger becomes true; its guards can hold it back."

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
            return "on requests"
        words = '{}<span class="rule help">{}</span>'
        return format_html(words, f"when “{play.trigger}” becomes true", sentence_of(play.trigger.rule))

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
        return [
            path("would-fire/", wrap(self.would_fire), name="outreach_play_would_fire"),
            path("sentences/", wrap(self.sentences), name="outreach_play_sentences"),
            *super().get_urls(),
        ]

    def would_fire(self, request: HttpRequest) -> HttpResponse:
        """For the trigger chosen in the form, saved or not: whom it would fire for today."""
        trigger = Trigger.objects.filter(pk=short_number(request.POST.get("trigger", ""))).first()
        context: dict[str, Any] = {"trigger": trigger, "on_hand_raise": "on_hand_raise" in request.POST}
        if context["on_hand_raise"]:
            raised = Moment.objects.filter(kind=Moment.Kind.HAND_RAISED, noticed_at__gte=Now() - WEEK)
            context["raised"] = raised.count()
        elif trigger:
            preview = preview_of(parse_rule(trigger.rule), now=timezone.now())
            asked = asked_in(request.POST, WOULD)
            context |= {"reading": sentence_of(trigger.rule), **who_context(WOULD, preview, asked, names_in_rules())}
        return fresh(render(request, "admin/outreach/would_fire.html", context))

    def sentences(self, request: HttpRequest) -> HttpResponse:
        """The lines in the form, saved or not, as they read for real accounts."""
        asked = request.POST
        context: dict[str, Any] = {"search": searched(asked.get("try_on", ""))}
        try:
            lines = parse_why_now(asked.get("why_now_lines", ""))
            play = short_number(asked.get("object"))
            context["tried"] = tried_on(lines, play, context["search"], on_hand_raise="on_hand_raise" in asked)
        except WhyNowError as error:
            context["problem"] = str(error)
        return fresh(render(request, "admin/outreach/sentences.html", context))


def minutes_words(minutes: int) -> str:
    """Business time: 5 minutes, 8 hours, 2 days of 8 hours."""
    for size, word in ((480, "working day"), (60, "hour"), (1, "minute")):
        if minutes >= size and minutes % size == 0:
            return plural(minutes // size, word)
    return f"{minutes} minutes"
