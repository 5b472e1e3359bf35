"""The messages that are shipped: whole, readable by the language, and never written over."""

import re

import pytest

from outreach.messages.shipped import MESSAGES, ensure_templates
from outreach.messages.variables import check_template
from outreach.models import MessageTemplate, Persona, Play

TEXTS = [
    pytest.param(*pair, id=f"{play}-{persona}") for play, texts in MESSAGES.items() for persona, pair in texts.items()
]
SELLING = re.compile(r"\b(buy|price|upgrade|discount|offer|contract|deal|paid)\b", re.IGNORECASE)


def test_every_play_has_a_message_for_every_persona(shipped: None) -> None:
    found = set(MessageTemplate.objects.values_list("play__slug", "persona"))
    assert found == {
        (slug, persona) for slug in Play.objects.values_list("slug", flat=True) for persona in Persona.values
    }


@pytest.mark.parametrize(("subject", "body"), TEXTS)
def test_every_text_can_be_read(shipped: None, subject: str, body: str) -> None:
    check_template(subject)
    check_template(body)


@pytest.mark.parametrize(("subject", "body"), TEXTS)
def test_every_message_asks_and_none_shouts(subject: str, body: str) -> None:
    assert "?" in body or "tell me" in body
    assert "!" not in subject + body


@pytest.mark.parametrize("play", ["sales-assist", "support-loop"])
def test_who_needs_help_is_not_sold_to(play: str) -> None:
    assert [text for pair in MESSAGES[play].values() for text in pair if SELLING.search(text)] == []


def test_what_an_admin_changed_stays(shipped: None) -> None:
    MessageTemplate.objects.filter(persona="user").update(body="Ours")
    MessageTemplate.objects.filter(play__slug="expansion", persona="buyer").delete()
    assert ensure_templates() == 1
    assert ensure_templates() == 0
    assert set(MessageTemplate.objects.filter(persona="user").values_list("body", flat=True)) == {"Ours"}
