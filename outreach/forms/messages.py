"""What comes back from the message of an item: to whom, for which persona, the text, and the facts that were shown."""

from typing import Any

from django import forms

from outreach.forms.items import ActionForm
from outreach.messages.fact_marks import marks_in
from outreach.models import Persona, Touch
from outreach.queue.touches import LONGEST_BODY, LONGEST_SUBJECT, Words


class MessageForm(ActionForm):
    person = forms.IntegerField(required=False, min_value=0, max_value=2**31 - 1)
    persona = forms.ChoiceField(choices=Persona.choices, error_messages={"required": "Choose a persona."})
    subject = forms.CharField(
        required=False, max_length=LONGEST_SUBJECT, error_messages={"max_length": "The subject is too long."}
    )
    body = forms.CharField(
        required=False, max_length=LONGEST_BODY, strip=False, error_messages={"max_length": "The text is too long."}
    )
    facts = forms.CharField(required=False, max_length=40_000)

    def clean_subject(self) -> str:
        return " ".join(str(self.cleaned_data["subject"]).split())

    def clean_body(self) -> str:
        return str(self.cleaned_data["body"]).replace("\r\n", "\n").rstrip()

    def words(self, channel: str, item_id: int) -> Words:
        said: dict[str, Any] = self.cleaned_data
        facts = marks_in(said["facts"], item_id)
        return Words(channel, said["person"] or 0, said["subject"], said["body"], facts)


class CallForm(ActionForm):
    person = forms.IntegerField(required=False, min_value=0, max_value=2**31 - 1)
    said = forms.CharField(
        required=False, max_length=LONGEST_BODY, error_messages={"max_length": "The note is too long."}
    )

    def words(self, channel: str) -> Words:
        said: dict[str, Any] = self.cleaned_data
        return Words(channel, said["person"] or 0, "", said["said"].replace("\r\n", "\n"))


class LogForm(CallForm):
    channel = forms.ChoiceField(choices=Touch.Channel.choices, error_messages={"required": "Choose a call or a note."})
