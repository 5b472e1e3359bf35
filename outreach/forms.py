"""What a rep may say when doing something to an item."""

from datetime import date, datetime, time, timedelta
from typing import Any, cast

from django import forms
from django.contrib.auth.models import User
from django.utils import timezone

from outreach.models import QueueItem

MORNING = time(9)


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

    def trouble(self) -> str:
        return " ".join(str(error) for errors in self.errors.values() for error in errors)


class PlainForm(ActionForm):
    pass


class SnoozeForm(ActionForm):
    until = forms.CharField(required=False)
    on = forms.DateField(required=False, error_messages={"invalid": "Write the day as 2026-12-31."})

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        presets = {value: at for value, _, at in snooze_presets(timezone.now())}
        on = cleaned.get("on")
        at = presets.get(cleaned.get("until", "")) or (_morning(on) if on else None)
        if at is None and not self.errors:
            raise forms.ValidationError("Say until when: choose a day.")
        return {"until": at}


class NoteForm(ActionForm):
    note = forms.CharField(required=False, max_length=1000)


class DismissForm(NoteForm):
    reason = forms.ChoiceField(
        choices=QueueItem.DismissReason.choices, error_messages={"required": "Say why: choose a reason."}
    )


class DoneForm(NoteForm):
    disposition = forms.ChoiceField(
        choices=QueueItem.Disposition.choices, error_messages={"required": "Say how: choose what you did."}
    )


class HandOverForm(NoteForm):
    to = forms.ModelChoiceField(
        queryset=User.objects.filter(is_active=True, rep__isnull=False),
        error_messages={"required": "Say to whom: choose a colleague."},
    )

    @property
    def colleague(self) -> User:
        return cast(User, self.cleaned_data["to"])
