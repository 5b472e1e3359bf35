"""An API product that nobody set up: from an empty installation to live in a browser, with its clicks counted."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Browser, Locator
from playwright.sync_api import Page as Tab

from accounts.identity.corrections import derive_waiting
from outreach.models import Play, QueueItem, Rep, Team
from outreach.plays import decide
from plgcrm.common.cache import forget_all
from plgcrm.common.sql import execute
from plgcrm.demo.companies.install import true_terms
from plgcrm.demo.companies.load import take
from plgcrm.demo.companies.understand import means_the_same
from plgcrm.setup_shipped import ensure_shipped_configuration
from signals.ingest.keys import ensure_source
from signals.ingest.receive import SourceRef
from signals.models import Configuration
from signals.scoring.run import sweep
from signals.vocabulary.catalogue import look
from signals.vocabulary.definitions import count_all_history
from signals.vocabulary.meanings import everything_said
from tests.browser.walk import log_in
from tests.cast import play_part
from tests.flows.test_sample_vocabulary import is_part
from tests.flows.test_second_sample import PACK, messages_equal_queries, sentences_equal_queries

MOST_CLICKS, MOST_SECONDS = 15, 600
COMPANIES = 500  # enough for each play at any hour


@pytest.fixture
def arrived(transactional_db: None) -> User:
    """An installation as it comes, to which the product has sent its history; its only person is an admin."""
    forget_all()
    execute("TRUNCATE signals_event")  # what walks before this one sent stays, for its table is no model's
    Configuration.objects.get_or_create(pk=1)
    ensure_shipped_configuration()
    source = ensure_source(PACK.source)
    messages = PACK.history(latest_noon(), companies=COMPANIES)
    while batch := list(islice(messages, 2_000)):
        take(SourceRef(source.pk, source.name), batch)
    while look(timezone.now()).days:
        pass
    for place, team in enumerate(Team.objects.all()):
        user = User.objects.create(username=f"rep{place}", first_name="Dana")
        Rep.objects.create(user=user, team=team, capacity=500)
    return play_part("ada")


def latest_noon() -> datetime:
    """History ends at the same hour whenever the walk is taken."""
    half_a_day_ago = timezone.now() - timedelta(hours=12)
    return half_a_day_ago.replace(hour=12, minute=0, second=0, microsecond=0)


@dataclass
class Hand:
    """Clicks, and counts them."""

    clicks: int = 0

    def click(self, target: Locator) -> None:
        self.clicks += 1
        target.click()


def test_an_admin_takes_an_unknown_product_live_in_few_clicks_and_every_play_says_what_is_true(
    browser: Browser, server: str, arrived: User
) -> None:
    context = browser.new_context(base_url=server)
    context.set_default_timeout(60_000)
    log_in(context, server, arrived)
    tab, hand, began = context.new_page(), Hand(), time.monotonic()
    tab.goto("/admin/")
    hand.click(tab.get_by_role("link", name="Vocabulary", exact=True).first)
    say_what_things_mean(tab, hand)
    seconds = time.monotonic() - began
    in_the_background()
    began = time.monotonic()
    tab.goto("/admin/go-live/")
    hand.clicks += 1  # the link to it
    with tab.expect_response(lambda answer: answer.request.method == "POST"):
        hand.click(tab.get_by_role("button", name="Go live", exact=True))
    seconds += time.monotonic() - began
    assert (hand.clicks <= MOST_CLICKS, seconds < MOST_SECONDS) == (True, True), (hand.clicks, seconds)
    context.close()
    while any(decide.decide(timezone.now()).values()):
        pass
    assert Configuration.objects.filter(live_since=None).count() == 0
    live = QueueItem.objects.filter(state__in=QueueItem.LIVE)
    assert set(live.values_list("play__slug", flat=True)) == set(Play.objects.values_list("slug", flat=True))
    assert set(PACK.truth.core_features) <= features_said()
    sentences_equal_queries()
    messages_equal_queries()


def say_what_things_mean(tab: Tab, hand: Hand) -> None:
    """All that is sure at once; deeds in question after a look; of features those that the product is for."""
    hand.click(tab.get_by_role("button", name="Accept all"))
    tab.get_by_text("suggestions accepted").wait_for()
    for section in ("do", "limits"):
        waiting = tab.locator(f"#{section}").get_by_role("button", name="suggestion")
        if waiting.count():
            hand.click(waiting)
            waiting.wait_for(state="detached")
    for event in sorted(set(PACK.truth.core_features) - features_said()):
        feature = tab.locator("#features li.open", has_text=event)
        if feature.count():
            hand.click(feature.get_by_role("button", name="Accept"))
            feature.wait_for(state="detached")
        else:
            add_feature(tab, hand, event)
    wrong = [term for term, true in true_terms(PACK.truth) if is_wrong(term, true)]
    assert wrong == []


def add_feature(tab: Tab, hand: Hand, event: str) -> None:
    """One that is too rare to be suggested: by its name and its event, typed."""
    hand.click(tab.get_by_role("link", name="Add a feature"))
    tab.get_by_label("Called", exact=True).fill(PACK.truth.core_features[event])
    tab.get_by_label("Event", exact=True).fill(event)
    hand.click(tab.get_by_role("button", name="Save", exact=True))
    tab.locator("#features li.said", has_text=event).wait_for()


def is_wrong(term: str, true: dict[str, Any]) -> bool:
    """Not said, or said as it is not; a role that has not been sampled yet may be missing. Features are a choice."""
    said = everything_said().get(term)
    if term.startswith("signal:feature-"):
        return False
    same = said is not None and means_the_same(term, said, true | {"options": {}})
    known = {name: value for name, value in (said or {}).get("options", {}).items() if name in true.get("options", {})}
    return not same or not is_part(known, true.get("options", {}))


def features_said() -> set[str]:
    said = (value for term, value in everything_said().items() if term.startswith("signal:feature-"))
    return {name for value in said for clause in value["matches"]["any"] for name in clause["names"]}


def in_the_background() -> None:
    """What the workers do meanwhile: count the history of what was said, and score."""
    count_all_history()
    derive_waiting(seconds=60)
    forget_all()
    sweep(timezone.now())
