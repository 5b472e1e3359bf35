"""What a rep may say when doing something to an item."""

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.contrib.auth.models import User
from django.utils import timezone

from outreach.access import queue_workers
from outreach.models import Outcome, QueueItem

MORNING = time(9)
WITH_COMMAS = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?")
LONGEST_REPORT = 1_100  # days


def snooze_presets(now: datetime) -> list[tuple[str, str, datetime]]:
    """Value, words and time, in the reader's zone."""
    today = timezone.localdate(now)
    monday = today + timedelta(days=7 - today.weekday())
    return [
        ("tomorrow", "Tomorrow", _morning(today + timedelta(days=1))),
        ("monday", "Monday", _morning(monday)),
        ("week", "In a week", _morning(today + timedelta(days=7))),
    ]


def _morning(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, MORNING))


class ActionForm(forms.Form):
    """Says in one sentence what is missing, for the notice above the page."""

    def error(self) -> str:
        return " ".join(str(error) for errors in self.errors.values() for error in errors)


class PlainForm(ActionForm):
    pass


class SnoozeForm(ActionForm):
    until = forms.CharField(required=False)
    on = forms.DateField(required=False, error_messages={"invalid": "Use the format 2026-12-31."})

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        presets = {value: at for value, _, at in snooze_presets(timezone.now())}
        on = cleaned.get("on")
        at = presets.get(cleaned.get("until", "")) or (_morning(on) if on else None)
        if at is None and not self.errors:
            raise forms.ValidationError("Choose when it should come back.")
        return {"until": at}


class NoteForm(ActionForm):
    note = forms.CharField(required=False, max_length=1000)


class DismissForm(NoteForm):
    reason = forms.ChoiceField(choices=QueueItem.DismissReason.choices, error_messages={"required": "Choose a reason."})


class DoneForm(NoteForm):
    disposition = forms.ChoiceField(
        choices=QueueItem.Disposition.choices, error_messages={"required": "Choose what you did."}
    )


class ReassignForm(NoteForm):
    to = forms.ModelChoiceField(
        queryset=queue_workers(),
        error_messages={"required": "Choose a colleague."},
    )

    @property
    def colleague(self) -> User:
        return cast(User, self.cleaned_data["to"])


class AmountField(forms.DecimalField):
    """1200.50, 1,200.50 and 1 200.50 alike."""

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        text = re.sub(r"\s", "", str(value or ""))
        return super().to_python(text.replace(",", "") if WITH_COMMAS.fullmatch(text) else text)


class OutcomeForm(ActionForm):
    """An outcome. The page offers a currency; without an amount it says nothing."""

    kind = forms.ChoiceField(choices=Outcome.Kind.choices, error_messages={"required": "Choose an outcome."})
    amount = AmountField(
        required=False,
        max_digits=14,
        decimal_places=2,
        error_messages={
            "invalid": "Use the format 1200.50.",
            "max_decimal_places": "Use at most two decimal places.",
            "max_digits": "Enter an amount below one trillion.",
            "max_whole_digits": "Enter an amount below one trillion.",
        },
    )
    currency = forms.CharField(
        required=False,
        max_length=3,
        error_messages={"max_length": "Use a three-letter currency code, such as USD."},
    )

    def clean_currency(self) -> str:
        typed: str = self.cleaned_data["currency"]
        return typed.upper() if self.cleaned_data.get("amount") is not None else ""


class PeriodForm(forms.Form):
    """From and to, as a report's address has them."""

    since = forms.DateField(error_messages={"invalid": "Use the format 2026-12-31.", "required": "Enter both dates."})
    until = forms.DateField(error_messages={"invalid": "Use the format 2026-12-31.", "required": "Enter both dates."})

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since > until:
            raise forms.ValidationError("The start date is after the end date.")
        if since and until and (until - since).days >= LONGEST_REPORT:
            raise forms.ValidationError(f"A report covers at most {LONGEST_REPORT:,} days.")
        if since and not date(2000, 1, 1) <= since <= date(2200, 1, 1):
            raise forms.ValidationError("Choose dates between 2000 and 2200.")
        return cleaned

    def error(self) -> str:
        said = [str(error) for errors in self.errors.values() for error in errors]
        return said[0] if said else ""
