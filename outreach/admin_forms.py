"""The forms of plays and of the people who work here."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from accounts.access import ADMIN, MANAGER, READ_ONLY, REP, role
from outreach.models import Play, Team
from outreach.rules.guards import GUARDS
from outreach.rules.why_now import WhyNowError
from outreach.sentences import parse_why_now
from outreach.staff import is_last_admin
from plgcrm.common.admin import LongSelect
from signals.facts import FACTS

ROLE_CHOICES = (
    (REP, "Rep: works a queue"),
    (MANAGER, "Manager: sees the team, assigns and moves"),
    (ADMIN, "Admin: says here what counts"),
    (READ_ONLY, "Read-only: sees everything, changes nothing"),
)
GUARD_CHOICES = [(guard.name, guard.label) for guard in GUARDS.values() if not guard.always]


class PlayForm(forms.ModelForm[Play]):
    guards = forms.MultipleChoiceField(
        choices=GUARD_CHOICES,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="What may hold it back for now. Each held-back decision is kept with its reason. "
        "Excluded people, unknown companies and a second open item are always held back.",
    )

    class Meta:
        model = Play
        fields = (
            "name", "slug", "goal", "answers_to", "active", "position", "on_hand_raise", "trigger", "guards",
            "cool_down_days", "team", "persona", "sla_minutes", "prior_rate", "why_now",
        )  # fmt: skip
        widgets = {"why_now": forms.Textarea({"rows": 6, "cols": 90})}
        labels = {
            "answers_to": "Answers to",
            "sla_minutes": "SLA in minutes",
            "prior_rate": "Chance of a meeting",
            "why_now": "Why now",
            "cool_down_days": "Cool-down in days",
            "on_hand_raise": "Fires on a raised hand",
        }
        help_texts = {
            "name": "What reps call it: “Account expansion”.",
            "slug": "Its name in the API and in reports. It cannot change later.",
            "goal": "What the rep is to achieve, in one sentence.",
            "answers_to": "The metric that says whether the play works: “expansion revenue”.",
            "active": "Off: it fires no more; what is on the queue stays.",
            "position": "Lower stands first; of two plays for one moment the first decides first.",
            "on_hand_raise": "Fires when a person asks for us. Then it has no trigger.",
            "trigger": "Fires when this rule becomes true for an account.",
            "cool_down_days": "Days of quiet for an account after any contact, across all plays.",
            "team": "Who works it where an account has no owner yet.",
            "persona": "Whom to talk to: the person is chosen and the message written for them.",
            "sla_minutes": "Business time until it is late: 5 is five minutes, 480 a working day of eight hours.",
            "prior_rate": "From 0 to 1, until the play has a history of its own. It orders the queue.",
            "why_now": "One sentence a line; the first whose facts are all known is used. "
            "Facts stand in braces: {people_active_30|person|people} active in 30 days. "
            "A line may begin with a condition: when seats_share >= 0.9: …",
        }

    def clean_why_now(self) -> str:
        text = str(self.cleaned_data["why_now"]).replace("\r\n", "\n").strip()
        try:
            parse_why_now(text)
        except WhyNowError as error:
            raise ValidationError(str(error)) from error
        return text

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        raised, trigger = values.get("on_hand_raise"), values.get("trigger")
        if raised and trigger:
            self.add_error("trigger", "A play that fires on a raised hand has no trigger: empty this, or untick that.")
        if not raised and not trigger and "trigger" not in self.errors:
            self.add_error("trigger", "Choose what fires it: a trigger here, or a raised hand above.")
        return values

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What a sentence may speak of."""
        return [(fact.name, fact.reads) for fact in FACTS.values()]


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
