"""On the account page of the sample every number equals a query on the raw events."""

import re
from html import unescape
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db.models import Q
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from outreach.models import QueueItem, Rep, Team
from outreach.templatetags.desk import fact_value
from plgcrm.common.cache import forget_all
from plgcrm.demo.companies.boards.pack import PACK as BOARDS
from plgcrm.demo.companies.load import load_sample
from plgcrm.demo.prepare import say_what_things_mean
from plgcrm.setup_shipped import ensure_shipped_configuration
from signals.facts import all_facts
from signals.models import Configuration, Score
from tests.cast import play_part
from tests.flows.test_sample_sentences import NAMED, ask, by_query

MEASURED = re.compile(r'<dt>([^<]+)</dt><dd dir="auto">(?:<a [^>]+>)?([^<]+)')
SIGNAL = re.compile(r"<h3>(?:<a [^>]+>)?([^<]+?)(?:</a>)? <small>([\d,]+)</small>")
COUNTED = [
    *NAMED, "people_active_30", "people_before_30", "features_30", "commercial_tickets_7", "workspaces", "age_days",
    "seats_used", "seats", "seats_share",
]  # fmt: skip
# What the signals of the usage charts mean, written down a second time.
SIGNALS = {
    "Hit a limit": "Limit Hit",
    "Created an item": "Item Created",
    "Viewed pricing": "Pricing",
    "Tried a premium feature": "Premium Feature Tried",
    "Invited someone": "Invite Sent",
    "Connected an integration": "Integration Connected",
    "Opened a ticket": "Ticket Opened",
}


@pytest.fixture
def manager(db: None, still: None) -> Client:
    Configuration.objects.get_or_create(pk=1)
    ensure_shipped_configuration()
    say_what_things_mean(BOARDS)
    for i, team in enumerate(Team.objects.all()):
        Rep.objects.create(user=User.objects.create(username=f"rep{i}"), team=team, capacity=500)
    load_sample(BOARDS, now=timezone.now(), companies=60, quiet=True)
    forget_all()
    client = Client()
    client.force_login(play_part("mona"))
    return client


def page(client: Client, address: str) -> str:
    return unescape(client.get(address).content.decode())


def wrong_measures(account: Account, text: str) -> list[Any]:
    shown = dict(MEASURED.findall(text.partition("<h2>Measures</h2>")[2]))
    where = SimpleNamespace(account_id=account.pk, facts_as_of=timezone.now())
    found, compared = [], 0
    for name in COUNTED:
        reads = all_facts()[name].reads if name in all_facts() else "people active in the 30 days before"
        if reads in shown:
            measure = "limit_share" if name.endswith("_share") else ""
            counted = fact_value({"value": by_query(name, where), "measure": measure})
            found += [(account.name, name, shown[reads], counted)] if shown[reads] != counted else []
            compared += 1
    assert compared > 5
    return found


def wrong_signals(account: Account, text: str) -> list[Any]:
    where, shown = SimpleNamespace(account_id=account.pk, facts_as_of=timezone.now()), dict(SIGNAL.findall(text))
    found = []
    for name, event in SIGNALS.items():
        counted = ask("count(*) FROM e WHERE event = %(event)s", where, 90, event=event)
        if f"{counted:,}" != shown.get(name, "0"):
            found.append((account.name, name, shown.get(name), counted))
    everything = ask("count(*) FROM e", where, 90)
    return found + (
        [] if shown.get("Any activity", "0") == f"{everything:,}" else [(account.name, "activity", everything)]
    )


def wrong_history(account: Account, text: str) -> list[Any]:
    """The last point of each line is the score that stands."""
    lines = re.findall(r'<title id="score-(\w+)-title">', text), re.findall(r'data-values="([-\d,]+)"', text)
    last = {kind: int(values.split(",")[-1]) for kind, values in zip(*lines, strict=True)}
    scores = Score.objects.filter(account=account, scoring_model__kind__in=last).select_related("scoring_model")
    return [(account.name, s.points) for s in scores if last[s.scoring_model.kind] != s.points]


def test_every_number_on_the_account_page_equals_a_query_on_the_events(manager: Client) -> None:
    best = Score.objects.filter(person=None).order_by("-points").values("account")[:12]
    waiting = QueueItem.objects.filter(state__in=QueueItem.LIVE).values("account")
    wrong: list[Any] = []
    assert len(best) == 12
    for account in Account.objects.filter(Q(pk__in=list(best.values_list("account", flat=True))) | Q(pk__in=waiting)):
        address = f"/accounts/{account.pk}/"
        wrong += wrong_measures(account, page(manager, address))
        wrong += wrong_signals(account, page(manager, f"{address}usage/"))
        wrong += wrong_history(account, page(manager, f"{address}history/"))
    assert wrong == []
