"""The form of somebody who works here."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from accounts.access import ADMIN, MANAGER, READ_ONLY, REP, role
from outreach.models import Team
from outreach.staff.users import is_last_admin
from plgcrm.common.admin import LongSelect

ROLE_CHOICES = (
    (REP, "Rep: works a queue"),
    (MANAGER, "Manager: sees the team, assigns and moves"),
    (ADMIN, "Admin: sets up everything and manages users"),
    (READ_ONLY, "Read-only: sees everything, changes nothing"),
)


class UserForm(forms.ModelForm[User]):
    acting_user: User | None = None
    name = forms.CharField(max_length=150, help_text="First and last name.")
    email = forms.EmailField(label="Email", help_text="They log in with it.")
    role = forms.ChoiceField(
        choices=ROLE_CHOICES, widget=forms.RadioSelect, initial=REP, help_text="What they can see and change."
    )
    team = forms.ModelChoiceField(
        Team.objects.all(), required=False, help_text="Required for reps: it decides which plays they get."
    )
    capacity = forms.IntegerField(
        min_value=0, max_value=500, initial=20, help_text="Items per working day. They are assigned no more than this."
    )
    time_zone = forms.ChoiceField(
        choices=[(zone, zone) for zone in sorted(available_timezones())],
        widget=LongSelect,
        initial="UTC",
        help_text="For the times on their pages and for their business hours.",
    )
    taking_items = forms.BooleanField(
        required=False, initial=True, help_text="Untick while they are on leave: new items go to the rest of the team."
    )

    class Meta:
        model = User
        fields = ("is_active",)
        labels = {"is_active": "Can log in"}
        help_texts = {"is_active": "Untick when someone leaves. Their history stays."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        user = self.instance
        if user.pk:
            rep = getattr(user, "rep", None)
            place = {name: getattr(rep, name) for name in ("team", "capacity", "time_zone", "taking_items") if rep}
            known = {"name": user.get_full_name(), "email": user.email, "role": role(user)} | place
            self.initial = {**self.initial, **{key: value for key, value in known.items() if value is not None}}

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).lower()
        taken = User.objects.filter(email__iexact=email) | User.objects.filter(username__iexact=email)
        if taken.exclude(pk=self.instance.pk).exists():
            raise ValidationError("Another user already has this address.")
        return email

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if values.get("role") == REP and not values.get("team"):
            self.add_error("team", "A rep needs a team.")
        losing = values.get("role") != ADMIN or not values.get("is_active")
        if self.instance.pk and losing and role(self.instance) == ADMIN and is_last_admin(self.instance):
            self.add_error("role", "This is the last admin: add another one first.")
        return values
