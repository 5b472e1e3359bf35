"""The form of a play."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from outreach.models import Play
from outreach.plays.why_now import Speakable, parse_why_now, speakable
from outreach.rules.guards import GUARDS
from outreach.rules.liquid import FILTERS, TAGS
from outreach.rules.why_now import WhyNowError

GUARD_CHOICES = [(guard.name, guard.label) for guard in GUARDS.values() if not guard.always]


class PlayForm(forms.ModelForm[Play]):
    guards = forms.MultipleChoiceField(
        choices=GUARD_CHOICES,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="What can hold it back for now. Each held-back decision is kept with its reason. "
        "Excluded people, unknown companies and a second open item are always held back.",
    )

    class Meta:
        model = Play
        fields = (
            "name", "slug", "goal", "active", "position", "on_hand_raise", "trigger", "guards",
            "cool_down_days", "team", "persona", "sla_minutes", "prior_rate", "why_now_lines",
        )  # fmt: skip
        widgets = {"why_now_lines": forms.Textarea({"rows": 10, "cols": 90, "spellcheck": "false"})}
        labels = {
            "sla_minutes": "SLA in minutes",
            "prior_rate": "Chance of a meeting",
            "why_now_lines": "Why now",
            "cool_down_days": "Cool-down in days",
            "on_hand_raise": "Fires on requests",
        }
        help_texts = {
            "name": "What reps call it, such as “Account expansion”.",
            "slug": "Its name in the API and in reports. It cannot be changed later.",
            "goal": "What the rep should achieve, in one sentence.",
            "active": "Off: it stops firing; items on the queue stay.",
            "position": "Lower comes first. When two plays match the same moment, the first one decides first.",
            "on_hand_raise": "Fires when someone makes a request, such as asking for a demo. Leave the trigger empty.",
            "trigger": "Fires when this rule becomes true for an account.",
            "cool_down_days": "Days without outreach after any contact with the account, across all plays.",
            "team": "Who works it when an account has no owner yet.",
            "persona": "Who to talk to: the person and the message are chosen to fit.",
            "sla_minutes": "Business time until an item is late: 5 is five minutes, 480 is an eight-hour working day.",
            "prior_rate": "From 0 to 1. It orders the queue until the play has a track record of its own.",
            "why_now_lines": "One Liquid line per row. The first true one is used: every fact it names is known, and "
            'none it states is zero. {{ people_active_30 | counted: "person", "people" }} active in 30 days. '
            "To say a line only under a condition: {% if seats_share >= 0.9 %}…{% endif %}",
        }

    def clean_why_now_lines(self) -> str:
        text = str(self.cleaned_data["why_now_lines"]).replace("\r\n", "\n").strip()
        try:
            parse_why_now(text)
        except WhyNowError as error:
            raise ValidationError(str(error)) from error
        return text

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        raised, trigger = values.get("on_hand_raise"), values.get("trigger")
        if raised and trigger:
            self.add_error(
                "trigger",
                "A play that fires on requests has no trigger: clear the trigger or untick “Fires on requests”.",
            )
        if not raised and not trigger and "trigger" not in self.errors:
            self.add_error("trigger", "Choose what fires it: a trigger here, or requests above.")
        return values

    @property
    def facts(self) -> list[Speakable]:
        """What a line may speak of."""
        return list(speakable().values())

    @property
    def language(self) -> str:
        return f"Tags: {', '.join(TAGS)}. Filters: {', '.join(sorted(FILTERS))}."
