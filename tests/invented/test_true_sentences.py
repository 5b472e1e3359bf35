"""Whatever a company calls things: no sentence, message or fact says what is not true, or what is not known."""

import os
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction

from accounts.models import Account
from outreach.access import Viewer
from outreach.messages.compose import WantedMessage, message_for
from outreach.models import Persona, QueueItem, Rep, Team
from outreach.pages.account import account_head, account_people
from outreach.plays.why_now import fact_keys
from outreach.queue.list import opened_item
from plgcrm.common.cache import forget_all
from plgcrm.setup_shipped import ensure_shipped_configuration
from signals.ingest.keys import ensure_source
from signals.models import Configuration, Source
from tests.clock import T0
from tests.invented.claims import wrong_claims
from tests.invented.installed import Installed, install
from tests.invented.life import world_of
from tests.invented.product import product_of
from tests.invented.truth import TODAY, AccountTruth

COMPANIES = int(os.environ.get("PLGCRM_INVENTED", "60"))
PARTS = 6
VIEWER = Viewer(1, "Dana Kim", "manager")


@pytest.fixture
def source(db: None, clock: Any) -> Source:
    """An installation as it comes, live, with somebody to work its queue."""
    Configuration.objects.get_or_create(pk=1)
    ensure_shipped_configuration()
    Configuration.objects.update(live_since=T0)
    for place, team in enumerate(Team.objects.all()):
        Rep.objects.create(user=User.objects.create(username=f"rep{place}"), team=team, capacity=500)
    return ensure_source("Invented")


@pytest.mark.parametrize("part", range(PARTS))
def test_no_sentence_message_or_fact_differs_from_the_truth_or_says_what_is_unknown(source: Source, part: int) -> None:
    wrong: list[Any] = []
    for seed in range(part, COMPANIES, PARTS):
        with transaction.atomic():
            rng = Random(seed)
            installed = install(world_of(seed, product_of(rng), rng), source, rng)
            wrong += [(seed, *each) for each in faults(installed)]
            transaction.set_rollback(True)
    forget_all()
    assert wrong == []


def faults(installed: Installed) -> Iterator[tuple[Any, ...]]:
    accounts = {each.domain: each for each in installed.world.accounts}
    for row in Account.objects.filter(domain__in=accounts):
        truth = AccountTruth(installed, accounts[row.domain])
        yield from page_faults(row, truth)
        for item in QueueItem.objects.filter(account=row).select_related("play"):
            yield from ((item.play.slug, item.why_now, *each) for each in wrong_claims(item.why_now, truth))
            yield from ((item.play.slug, *each) for each in fact_faults(item, truth))
            yield from ((item.play.slug, *each) for each in message_faults(item, truth))


def page_faults(row: Account, truth: AccountTruth) -> Iterator[tuple[Any, ...]]:
    for name, fact in account_head(row.pk, today=TODAY).facts.items():
        if truth.wrong(name, fact.value, at_least=fact.at_least):
            yield "page", row.domain, name, fact.value, fact.at_least, truth.of(name)


def fact_faults(item: QueueItem, truth: AccountTruth) -> Iterator[tuple[Any, ...]]:
    for name, fact in item.facts.items():
        if truth.wrong(name, fact["value"], at_least=fact.get("at_least", False)):
            yield "item", name, fact, truth.of(name)


def message_faults(item: QueueItem, truth: AccountTruth) -> Iterator[tuple[Any, ...]]:
    names = {key: name for name, key in fact_keys().items()}
    opened, head = opened_item(VIEWER, item.pk, today=TODAY), account_head(item.account_id, today=TODAY)
    people = account_people(item.account_id, today=TODAY, first=opened.person_id)
    for persona in Persona.values:
        message = message_for(opened, VIEWER, head, people.shown, WantedMessage(persona=persona))
        for fact in message.facts:
            for key, value in fact.values.items():
                if key in names and truth.wrong(names[key], value, at_least=False):
                    yield "message", persona, fact.text, names[key], value, truth.of(names[key])
