"""The form of what guards look at and what a deal is counted as."""

from typing import Any

from django import forms

from outreach.plays.desk_rules import RulesInForce
from signals.models import Segment


class DeskRulesForm(forms.Form):
    """In the order of the page; the share is shown in percent."""

    first_value = forms.ModelChoiceField(
        Segment.objects.all(),
        required=False,
        to_field_name="slug",
        empty_label="None: the guard holds nobody back",
        label="They have reached first value when they are in",
        help_text="Until an account is in this segment, plays with the guard “First value” leave it alone.",
    )
    support_fire = forms.ModelChoiceField(
        Segment.objects.all(),
        required=False,
        to_field_name="slug",
        empty_label="None: the guard holds nobody back",
        label="Support has an issue with them while they are in",
        help_text="While an account is in this segment, plays with the guard “Support issue” wait.",
    )
    signup_days = forms.IntegerField(
        min_value=0,
        max_value=90,
        label="Days without outreach after sign-up",
        help_text="For plays with the guard “Days since sign-up”. 0 to 90; 0 holds nobody back.",
    )
    seat_price = forms.FloatField(
        min_value=0,
        max_value=1_000_000,
        label="Price of a seat, a year",
        help_text="What one more person brings in a year, in your currency. Where you sell no seats: per person.",
    )
    company_share = forms.FloatField(
        min_value=0,
        max_value=100,
        label="Share of a company’s employees who may come to use it, in percent",
        help_text="20 of a company of 200 is 40 possible seats; never more than five times those who use it today.",
    )
    deal_floor = forms.FloatField(
        min_value=0,
        max_value=100_000_000,
        label="Least amount a deal is counted as, a year",
        help_text="Keeps small companies from sinking to the end of the queue. 0 for none.",
    )

    @classmethod
    def of(cls, rules: RulesInForce) -> "DeskRulesForm":
        """Filled with what is in force."""
        return cls(initial=rules.said | {"company_share": round(rules.company_share * 100, 6)})

    @property
    def said(self) -> dict[str, Any]:
        """As `say_rules` takes it."""
        values = dict(self.cleaned_data)
        for name in ("first_value", "support_fire"):
            values[name] = values[name].slug if values[name] else ""
        return values | {"company_share": round(values["company_share"] / 100, 8)}
