"""Facts: how they read, and whether a customer may be told."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from plgcrm.common.admin import OpenAdmin
from signals.admin.uses import uses_of_fact
from signals.models import Fact

TOLD_TO_CUSTOMERS = "Message template"


class FactForm(forms.ModelForm[Fact]):
    class Meta:
        model = Fact
        fields = ("reads", "one", "many", "may_be_told", "position")
        labels = {"reads": "Reads", "one": "Noun for one", "many": "Noun for more", "may_be_told": "May be told"}
        help_texts = {
            "slug": "Its short name: what lines and templates call it. It stays.",
            "unit": "What kind of value it has. It follows from what it measures.",
            "reads": "The fact without a value: “people active in 30 days”. Pages and sentences follow.",
            "one": "What is counted, for one: “person”. Empty where nothing is.",
            "many": "And for more: “people”.",
            "may_be_told": "A message to a customer may state it. Why-now lines may always: only reps read them.",
            "position": "Lower comes first in lists.",
        }

    def clean_may_be_told(self) -> bool:
        """A template that speaks of it would have a gap from then on."""
        told = bool(self.cleaned_data["may_be_told"])
        uses = [use.words for use in uses_of_fact(self.instance.slug) if use.words.startswith(TOLD_TO_CUSTOMERS)]
        if uses and not told:
            raise ValidationError(f"Customers are told of it in {'; '.join(uses)}. Take it out there first.")
        return told


@admin.register(Fact)
class FactAdmin(OpenAdmin):
    form = FactForm
    list_display = ("reads", "slug", "unit", "may_be_told", "position")
    fields = ("slug", "unit", "reads", "one", "many", "may_be_told", "position")
    readonly_fields = ("slug", "unit")
    help = "Numbers and texts about an account that why-now lines and messages may speak of, by their short name."

    def has_add_permission(self, request: HttpRequest) -> bool:
        """They come with what ships and with the limits of the vocabulary."""
        return False

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, set[Any], list[Any]]:
        """What is in use stays: the page says where, with links."""
        listed, counts, refused, protected = super().get_deleted_objects(objs, request)
        return listed, counts, refused, [*protected, *(use.link for one in objs for use in uses_of_fact(one.slug))]
