"""Message templates in the admin: the text, what it may speak of, and how it reads for a real account."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.text import Truncator

from accounts.models import Account
from accounts.queries import found_accounts
from outreach.access import viewer_of
from outreach.messages.compose import Message, Recipient, composed
from outreach.messages.shipped import BYE, HI, MESSAGES
from outreach.messages.variables import Material, check_template, variable_values, variables
from outreach.models import MessageTemplate, Persona, QueueItem
from outreach.pages.account import account_head
from outreach.plays.contacts import Contact, ContactChoice, best_person
from outreach.plays.why_now_trial import searched
from outreach.rules.liquid import FILTERS, TAGS, MessageError
from outreach.rules.liquid_filters import shown
from plgcrm.common.admin import OpenAdmin
from plgcrm.common.htmx import fresh
from plgcrm.common.sql import queries, scalars
from plgcrm.common.text import short_number
from signals.vocabulary.terms import CORE_FEATURES

SQL = queries("outreach/sql/messages.sql")


class MessageTemplateForm(forms.ModelForm[MessageTemplate]):
    class Meta:
        model = MessageTemplate
        fields = ("play", "persona", "subject", "body")
        widgets = {
            "subject": forms.Textarea({"rows": 2, "cols": 90}),
            "body": forms.Textarea({"rows": 16, "cols": 90}),
        }
        labels = {"body": "Text"}
        help_texts = {
            "play": "The play whose items use it.",
            "persona": "Who it is for. The desk chooses by title, role and activity; reps can choose another.",
            "subject": "One line. Facts work here too.",
            "body": "Liquid: {{ people_active_30_words }} inserts a fact, {% if limit_words %}…{% endif %} keeps text "
            "that depends on one. An unknown fact leaves a gap, and a message with a gap cannot be sent: add "
            'a default, {{ person.first_name | default: "there" }}, or use a condition.',
        }

    def clean_subject(self) -> str:
        return self._checked("subject")

    def clean_body(self) -> str:
        return self._checked("body")

    def _checked(self, name: str) -> str:
        text = str(self.cleaned_data[name]).replace("\r\n", "\n").strip()
        try:
            check_template(text)
        except MessageError as error:
            raise ValidationError(str(error)) from error
        return text

    @property
    def variables(self) -> list[Any]:
        return list(variables().values())

    @property
    def language(self) -> str:
        return f"Tags: {', '.join(TAGS)}. Filters: {', '.join(sorted(FILTERS))}."


@admin.register(MessageTemplate)
class MessageTemplateAdmin(OpenAdmin):
    form = MessageTemplateForm
    list_display = ("play", "persona", "subject_line", "whose")
    list_display_links = ("play", "persona", "subject_line")
    list_filter = ("play", "persona")
    list_select_related = ("play",)
    change_form_template = "admin/outreach/messagetemplate.html"
    help = "The messages that reps find next to an item: one for each play and persona."

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).order_by("play__position", "persona")

    @admin.display(description="Subject", ordering="subject")
    def subject_line(self, template: Any) -> str:
        return Truncator(template.subject).chars(80)

    @admin.display(description="Text")
    def whose(self, template: Any) -> str:
        return "as shipped" if is_as_shipped(template) else "your own"

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("preview/", wrap(self.preview), name="outreach_messagetemplate_preview"),
            path("values/", wrap(self.values), name="outreach_messagetemplate_values"),
            *super().get_urls(),
        ]

    def preview(self, request: HttpRequest) -> HttpResponse:
        """The text in the form, saved or not, for the account searched for or the play's next item."""
        trial = trial_of(request)
        context: dict[str, Any] = {"trial": trial}
        try:
            for name in ("subject", "body"):
                check_template(request.POST.get(name, ""))
            if trial:
                context["message"] = trial.read(request.POST.get("subject", ""), request.POST.get("body", ""))
        except MessageError as error:
            context["problem"] = str(error)
        return fresh(render(request, "admin/outreach/message_preview.html", context))

    def values(self, request: HttpRequest) -> HttpResponse:
        """Every variable as it is for that account."""
        trial = trial_of(request)
        values = variable_values(trial.material) if trial else {}
        listed = [(each, shown(values[each.name].value if values else each.example)) for each in variables().values()]
        context = {"trial": trial, "listed": listed}
        return fresh(render(request, "admin/outreach/message_values.html", context))


class Trial:
    """An account that a template is tried on."""

    def __init__(self, account: Account, item: QueueItem | None, persona: str, rep: str) -> None:
        self.account, self.item, self.persona = account, item, persona
        now = timezone.now()
        head = account_head(account.pk, today=now.date())
        said = item.facts if item and item.play.on_hand_raise else {}
        size = head.fact("employees")
        requester = _requester(item) if said else None
        self.whom = requester or best_person(account, persona, now=now, company_size=size)
        member = self.whom.member
        self.material = Material(
            account=head.name,
            rep=rep,
            facts=head.facts,
            person=member.name if member else "",
            title=member.title if member else "",
            features=_features_used(account, now.date()),
            asked=str(said.get("asked", {}).get("value") or ""),
            words=str(said.get("words", {}).get("value") or ""),
            by_them=requester is not None,
        )

    def read(self, subject: str, body: str) -> Message:
        member = self.whom.member
        person = Recipient(member.person_id, member.name, member.email, member.title) if member else None
        return composed((subject, body), self.material, persona=self.persona, person=person)


def _features_used(account: Account, today: date) -> list[str]:
    asked = {"account": account.pk, "features": CORE_FEATURES, "today": today}
    return scalars(SQL["trial"], asked)


def _requester(item: QueueItem | None) -> ContactChoice | None:
    person = item.person if item else None
    return (
        ContactChoice(Contact(person.pk, person.name, person.email, person.title), "Made the request")
        if person
        else None
    )


def trial_of(request: HttpRequest) -> Trial | None:
    """The account asked for by name or domain; else the first on the queue for the play; else any that is measured."""
    asked = request.POST
    search = searched(asked.get("try_on", ""))
    play = short_number(asked.get("play"))
    items = QueueItem.objects.filter(state__in=QueueItem.LIVE).select_related("account", "play", "person")
    if search:
        found = found_accounts(search)[:1]
        account = Account.objects.filter(pk__in=found).first()
        item = items.filter(account=account, play=play).first() if account else None
    else:
        item = items.filter(play=play).order_by("sla_class", "-priority", "pk").first()
        account = item.account if item else Account.objects.filter(state__isnull=False).order_by("pk").first()
    persona = asked.get("persona", "")
    persona = persona if persona in Persona.values else Persona.USER
    return Trial(account, item, persona, viewer_of(request.user).name) if account else None


def is_as_shipped(template: MessageTemplate) -> bool:
    subject, body = MESSAGES.get(template.play.slug, {}).get(template.persona, ("", ""))
    return (template.subject, template.body) == (subject, f"{HI}{body}{BYE}")
