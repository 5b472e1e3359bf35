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
    (ADMIN, "Admin: says here what counts"),
    (READ_ONLY, "Read-only: sees everything, changes nothing"),
)


class UserForm(forms.ModelForm[User]):
    acting_user: User | None = None
    name = forms.CharField(max_length=150, help_text="First name and family name, as colleagues call them.")
    email = forms.EmailField(label="E-mail", help_text="They log in with it.")
    role = forms.ChoiceField(
        choices=ROLE_CHOICES, widget=forms.RadioSelect, initial=REP, help_text="What they see and may change."
    )
    team = forms.ModelChoiceField(
        Team.objects.all(), required=False, help_text="Reps need one; it decides which plays come to them."
    )
    capacity = forms.IntegerField(
        min_value=0, max_value=500, initial=20, help_text="Items a working day. The queue gives them no more."
    )
    time_zone = forms.ChoiceField(
        choices=[(zone, zone) for zone in sorted(available_timezones())],
        widget=LongSelect,
        initial="UTC",
        help_text="Times on their pages, and their business hours.",
    )
    taking_items = forms.BooleanField(
        required=False, initial=True, help_text="Untick while they are on leave: their turns go to the others."
    )

    class Meta:
        model = User
        fields = ("is_active",)
        labels = {"is_active": "May enter"}
        help_texts = {"is_active": "Untick when somebody leaves. What they did stays."}

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
            raise ValidationError("Somebody here has this address already.")
        return email

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if values.get("role") == REP and not values.get("team"):
            self.add_error("team", "A rep needs a team.")
        losing = values.get("role") != ADMIN or not values.get("is_active")
        if self.instance.pk and losing and role(self.instance) == ADMIN and is_last_admin(self.instance):
            self.add_error("role", "This is the last admin: make another one first.")
        return values
