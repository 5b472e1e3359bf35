"""Triggers and segments: a name and a rule."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from plgcrm.common.admin import RowCounts
from signals.admin.confirm import ConfirmedAdmin
from signals.admin.uses import uses_of_segment
from signals.forms.fields import BuilderForm, RuleField
from signals.models import Moment, Segment, SegmentMember, Signal, Trigger
from signals.rules.derived import CircleError
from signals.rules.tree import parse_rule
from signals.versions import configuration_changed
from signals.vocabulary.circles import lock_rules, refuse_circles
from signals.vocabulary.spoken import sentence_of

MOST_SUCCESS_SIGNALS = 4


class RuleAdmin(ConfirmedAdmin):
    """A model with a rule: the builder on its form, the sentence in its list."""

    change_form_template = "admin/signals/rule_form.html"
    prepopulated_fields = {"slug": ("name",)}

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("slug",) if obj else ()

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> dict[str, Sequence[str]]:
        return {} if obj else {"slug": ("name",)}

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        configuration_changed()

    @admin.display(description="True when")
    def reads(self, row: Any) -> str:
        return sentence_of(row.rule)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        return super().render_change_form(request, {"page_help": self.help} | context, *args, **kwargs)


BECAME_TRUE = RowCounts(
    lambda: Moment.objects.filter(kind=Moment.Kind.TRIGGERED, noticed_at__gte=Now() - timedelta(days=7)),
    by="trigger",
)


class TriggerForm(BuilderForm):
    rule = RuleField(label="Becomes true when", help_text="The day it becomes true for an account is a moment.")

    class Meta:
        model = Trigger
        fields = ("name", "slug", "active", "rule")
        help_texts = {
            "name": "What became true: “Near a plan limit and paying”.",
            "slug": "Its name in moments and in the API. It cannot be changed later.",
            "active": "Off: it is not watched, and it fires no play.",
        }


@admin.register(Trigger)
class TriggerAdmin(RuleAdmin):
    recorded = "trigger"
    form = TriggerForm
    list_display = ("name", "reads", "active", "plays", "moments_week")
    fields = ("name", "slug", "active", "rule")
    help = "A watched rule. When it becomes true for an account, the plays that use it look at that account."

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("play_set")

    @admin.display(description="Plays")
    def plays(self, trigger: Any) -> str:
        return ", ".join(play.name for play in trigger.play_set.all()) or "none"

    @admin.display(description="Became true, 7 days")
    def moments_week(self, trigger: Any) -> str:
        return BECAME_TRUE.of(trigger.pk)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A play without its trigger would be a play that never fires."""
        return obj is not None and not obj.play_set.exists()


MEMBERS = RowCounts(lambda: SegmentMember.objects.filter(known=True), by="segment")


class SegmentForm(BuilderForm):
    rule = RuleField(label="An account is in it when", help_text="Any rule; other segments may stand in it.")

    class Meta:
        model = Segment
        fields = ("name", "slug", "description", "rule", "ideal", "success_signals", "position")
        widgets = {"success_signals": forms.CheckboxSelectMultiple}
        help_texts = {
            "name": "“Paying”, “Mid-market builders”.",
            "description": "What it is for, in a sentence.",
            "ideal": "Tick if these are companies you serve best.",
            "slug": "Its short name. It cannot be changed later.",
            "success_signals": "Of ideal customers: up to four signals that show such a company is getting value.",
            "position": "Lower comes first in the list.",
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        slug = self.instance.slug or cleaned.get("slug")
        if slug and cleaned.get("rule"):
            try:
                refuse_circles(segments={slug: parse_rule(cleaned["rule"])})
            except CircleError as error:
                self.add_error("rule", f"{error.problem}. {error.remedy}.")
        return cleaned

    def clean_success_signals(self) -> QuerySet[Signal]:
        chosen: QuerySet[Signal] = self.cleaned_data["success_signals"]
        if len(chosen) > MOST_SUCCESS_SIGNALS:
            raise ValidationError(f"{len(chosen)} signals chosen: choose up to four that matter most.")
        return chosen


@admin.register(Segment)
class SegmentAdmin(RuleAdmin):
    recorded = "segment"
    form = SegmentForm
    list_display = ("name", "reads", "accounts", "ideal", "success", "position")
    fields = ("name", "slug", "description", "rule", "ideal", "success_signals", "position")
    help = "A named rule that models, triggers, plays and filters can use."

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("success_signals")

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        lock_rules()
        super().save_model(request, obj, form, change)
        # Somebody else may have saved since the form was checked.
        refuse_circles(segments={obj.slug: parse_rule(obj.rule)})

    @admin.display(description="Accounts")
    def accounts(self, segment: Any) -> str:
        return format_html('<a href="{}">{}</a>', reverse("segment", args=[segment.slug]), MEMBERS.of(segment.pk))

    @admin.display(description="Success means")
    def success(self, segment: Any) -> str:
        return ", ".join(signal.name for signal in segment.success_signals.all()) or "–"

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[Any]]:
        """The segments alone: their members and sizes go along, and may be a hundred thousand. What is in use stays:
        the page says where, with links."""
        uses = [use.link for one in objs for use in uses_of_segment(one.slug)]
        return [str(each) for each in objs], {str(self.opts.verbose_name_plural): len(objs)}, set(), uses
