"""In the sample company every message is true: each fact in it equals a query on the raw events and attributes."""

from typing import Any

import pytest
from django.utils import timezone

from outreach.access import Viewer
from outreach.messages.compose import Message, WantedMessage, message_for
from outreach.messages.fact_marks import FactMark
from outreach.messages.variables import counted_nouns
from outreach.models import Persona, Play, QueueItem
from outreach.pages.account import account_head, account_people
from outreach.plays.why_now import fact_keys
from outreach.queue.list import opened_item
from outreach.rules.phrases import counted, grown, in_the_fullest, of_all
from plgcrm.common.sql import rows
from plgcrm.common.text import listed
from tests.flows.test_sample_sentences import FEATURES, ask, by_query, sample

__all__ = ["sample"]

VIEWER = Viewer(1, "Dana Kim", "manager")
TOLD = dict(zip(FEATURES, ["Timeline", "Automation", "Dashboard", "Form", "Doc", "Calendar"], strict=True))
WROTE = """
    SELECT e.payload -> 'properties' ->> 'message' FROM signals_event e
    JOIN accounts_actor a ON a.id = e.actor_id WHERE a.account_id = %s
"""


def names() -> dict[str, str]:
    return {key: name for name, key in fact_keys().items()}


def messages_of(item: QueueItem) -> list[Message]:
    """As the desk offers it, and in the words of every persona."""
    asked = [WantedMessage(), *(WantedMessage(persona=persona) for persona in Persona.values)]
    today = timezone.now().date()
    opened, head = opened_item(VIEWER, item.pk, today=today), account_head(item.account_id, today=today)
    people = account_people(item.account_id, today=today, first=opened.person_id)
    return [message_for(opened, VIEWER, head, people.shown, each) for each in asked]


def top_features(item: QueueItem) -> str:
    """By how often they were used, then by the name that the admin gave; the names are shipped."""
    used = ask("coalesce(jsonb_object_agg(event, used), '{}') FROM (SELECT event, count(*) AS used FROM e"
               " WHERE event = ANY(%(events)s) GROUP BY event) c", item, 30, events=FEATURES)  # fmt: skip
    best = sorted(used, key=lambda event: (-used[event], TOLD[event]))
    return listed([TOLD[event] for event in best[:3]])


def text_by_query(fact: FactMark, item: QueueItem) -> str:
    """What the words should be, from the events alone."""
    name = fact.name
    base = name.removesuffix("_words")
    if base != name and base in counted_nouns():
        return counted(by_query(base, item), *counted_nouns()[base])
    if name == "growth_30_words":
        return grown(by_query("people_active_30", item), by_query("people_before_30", item))
    if name == "top_features":
        return top_features(item)
    if name == "limit_words":
        return limit_by_query(fact, item)
    if name == "words":
        return fact.text if (fact.text,) in rows(WROTE, [item.account_id]) else "never written"
    return str(int(by_query(name, item)))


def limit_by_query(fact: FactMark, item: QueueItem) -> str:
    for limit in ("seats", "boards"):
        if fact_keys()[limit] in fact.values:
            return of_all(by_query(f"{limit}_used", item), by_query(limit, item), limit)
    name = names()[fact.measures[0]]
    return in_the_fullest(by_query(name, item), name.partition("_")[0], workspaces=by_query("workspaces", item))


def wrong_in(message: Message, item: QueueItem) -> list[Any]:
    texts = [(fact.name, fact.text, text_by_query(fact, item)) for fact in message.facts]
    values = [
        (names()[key], value, by_query(names()[key], item))
        for fact in message.facts
        for key, value in fact.values.items()
        if key in names()
    ]
    return [each for each in texts if each[1].casefold() != each[2].casefold()] + [
        each for each in values if each[1] != pytest.approx(each[2])
    ]


def test_every_fact_in_every_message_of_the_sample_equals_a_query_on_its_events(sample: None) -> None:
    items = list(QueueItem.objects.filter(state__in=QueueItem.LIVE).select_related("play").order_by("pk"))
    assert {item.play.slug for item in items} == set(Play.objects.values_list("slug", flat=True))
    wrong, spoken, blocked = [], 0, []
    for item in items:
        for message in messages_of(item):
            wrong += [(item.pk, message.persona, *each) for each in wrong_in(message, item)]
            spoken += len(message.facts)
            blocked += [(item.play.slug, message.persona, message.blocker)] if message.blocker else []
    assert wrong == []
    assert blocked == []
    assert spoken > 5 * len(items)
