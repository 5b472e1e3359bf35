"""What a change would do to the queues, in a vocabulary invented here: the effect says what then happens."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, Assignment, DirtyMark
from outreach.models import DeskRules, Play, QueueItem, Team
from outreach.plays.changes import play_changed
from outreach.plays.decide import advance
from outreach.plays.effects import QueueEffect, effect_of
from plgcrm.common.cache import forget_all
from plgcrm.setup_shipped import ensure_shipped_configuration
from signals.changes import count_category_again
from signals.ingest import receive
from signals.models import (
    AccountState,
    Category,
    Configuration,
    Moment,
    Segment,
    Signal,
    SignalDefinition,
    Trigger,
    VocabularyChange,
)
from signals.scoring import trial
from signals.scoring.live import live
from signals.scoring.run import sweep
from signals.versions import configuration_changed
from signals.vocabulary.definitions import count_all_history, define
from signals.vocabulary.meanings import say, undo
from tests.cast import play_part
from tests.clock import T0
from tests.conftest import Send, group, identify, track
from tests.query_counts import counted_queries

BUSY = {"measure": {"kind": "people", "days": 30}, "op": ">=", "value": 2}
WROTE = {"measure": {"kind": "count", "signals": ["created-item"], "days": 30}, "op": ">=", "value": 3}
PAYING = {"measure": {"kind": "segment", "segment": "paying"}, "op": "=", "value": 1}
PLANS = {"plans": {"groß": "paid", "klein": "free"}}
PAPERS = {"matches": {"any": [{"kinds": ["track"], "names": ["akte.angelegt"]}]}}
ASKED = {"matches": {"any": [{"kinds": ["track"], "names": ["rückruf"]}]}}
ONE, TWO = "Akten", "Zahler"


@pytest.fixture
def firms(source: receive.SourceRef, send: Send) -> None:
    """Six companies: number n has n people and n papers each, and every other is on the large plan."""
    Configuration.objects.get_or_create(pk=1)
    ensure_shipped_configuration()
    Configuration.objects.update(live_since=T0 - timedelta(days=100))
    Play.objects.update(active=False)
    for n in range(1, 7):
        for person in range(n):
            user = f"{n}-{person}"
            send(
                identify(user, f"p{person}@firma{n}.de", days=40),
                group(user, f"w{n}", days=40, tarif="groß" if n % 2 else "klein"),
                track(user, "akte.angelegt", days=2, workspace=f"w{n}"),
            )
    send(track("2-0", "rückruf", days=3, properties={"text": "Bitte anrufen"}))
    send(track("3-0", "rückruf", days=9, properties={"text": "Noch da?"}))


@pytest.fixture
def papers(firms: None) -> Play:
    """A play for whoever wrote three papers, before anybody said what a paper is."""
    return add_play(ONE, WROTE, '{{ items_30 | counted: "paper", "papers" }} in 30 days.')


def add_play(name: str, rule: Any, why_now: str = "", **values: Any) -> Play:
    trigger = Trigger.objects.create(slug=name.lower(), name=name, rule=rule)
    stated = {"guards": [], "persona": "user", "sla_minutes": 480, "team": Team.objects.get(slug="sales")} | values
    given = {"trigger": trigger, "why_now_lines": why_now} | stated
    play = Play.objects.create(slug=name.lower(), name=name, goal="Talk", **given)
    configuration_changed()
    return play


_minutes = count(1)


def settle() -> None:
    """All that workers do until nothing is left to do, a minute later than they last did."""
    now = T0 + timedelta(minutes=next(_minutes))
    count_all_history()
    DirtyMark.objects.all().delete()
    sweep(now)
    advance(now)


def live_items() -> Counter[tuple[str, str]]:
    items = QueueItem.objects.filter(state__in=QueueItem.LIVE)
    return Counter(items.values_list("play__name", "account__domain"))


def told_and_done(change: Callable[[], object]) -> tuple[QueueEffect, set[tuple[str, str]], set[tuple[str, str]]]:
    """What the effect says, and what opened and closed when the change was made."""
    effect = effect_of(change, now=T0)
    before = live_items()
    change()
    settle()
    after = live_items()
    opened, closed = set(after - before), set(before - after)
    assert (effect.opens, effect.closes) == (len(opened), len(closed))
    assert {(each.play, Account.objects.get(pk=each.account_id).domain) for each in effect.opening} <= opened
    return effect, opened, closed


def firms_of(*numbers: int, play: str = ONE) -> set[tuple[str, str]]:
    return {(play, f"firma{n}.de") for n in numbers}


def test_a_signal_that_gets_its_events_opens_what_they_make_true(papers: Play) -> None:
    settle()
    effect, opened, closed = told_and_done(lambda: say("signal:created-item", PAPERS))
    assert (opened, closed) == (firms_of(3, 4, 5, 6), set())
    assert [(line.play, line.team, line.opens) for line in effect.lines] == [(ONE, "Sales", 4)]
    items = dict(QueueItem.objects.values_list("account_id", "why_now"))
    assert {each.account_id: each.why_now for each in effect.opening} == items


def test_taking_the_meaning_back_says_what_closes_and_closes_it(papers: Play) -> None:
    say("signal:created-item", PAPERS)
    settle()
    change = VocabularyChange.objects.latest("pk")
    effect, opened, closed = told_and_done(lambda: undo(change.pk))
    assert (opened, closed) == (set(), firms_of(3, 4, 5, 6))
    assert {each.why_now for each in effect.closing} >= {"3 papers in 30 days."}


def test_an_effect_leaves_nothing_behind(papers: Play) -> None:
    settle()
    version = live().version
    counts = [each.objects.count() for each in (SignalDefinition, VocabularyChange, Moment, QueueItem, DirtyMark)]
    states = list(AccountState.objects.order_by("pk").values())
    assert effect_of(lambda: say("signal:created-item", PAPERS), now=T0).opens == 4
    assert live().version == version
    assert counts == [
        each.objects.count() for each in (SignalDefinition, VocabularyChange, Moment, QueueItem, DirtyMark)
    ]
    assert states == list(AccountState.objects.order_by("pk").values())
    assert "created-item" in live().vocabulary.never(("created-item",))


def test_a_meaning_of_a_trait_acts_on_all_that_was_sent(firms: None) -> None:
    add_play(TWO, {"all": [PAYING, BUSY]}, "Pays, and {{ people_active_30 | counted: 'person', 'people' }} active.")
    settle()
    plan = {"paths": [{"of": "company", "path": "tarif"}], "options": PLANS}
    effect, opened, _ = told_and_done(lambda: say("meaning:plan", plan))
    assert opened == firms_of(3, 5, play=TWO)
    assert {each.why_now for each in effect.opening} == {"Pays, and 3 people active.", "Pays, and 5 people active."}
    other = plan | {"options": {"plans": {"groß": "free", "klein": "paid"}}}
    _, opened, closed = told_and_done(lambda: say("meaning:plan", other))
    assert (opened, closed) == (firms_of(2, 4, 6, play=TWO), firms_of(3, 5, play=TWO))


def test_a_trigger_that_asks_for_more_closes_and_one_that_is_off_closes_all(papers: Play) -> None:
    say("signal:created-item", PAPERS)
    settle()
    trigger = papers.trigger
    assert trigger is not None

    def ask_for(value: int) -> Callable[[], object]:
        return lambda: (
            Trigger.objects.filter(pk=trigger.pk).update(rule=WROTE | {"value": value}),
            configuration_changed(),
        )

    assert told_and_done(ask_for(5))[1:] == (set(), firms_of(3, 4))
    assert told_and_done(ask_for(2))[1:] == (firms_of(2, 3, 4), set())
    off = lambda: (Trigger.objects.filter(pk=trigger.pk).update(active=False), configuration_changed())  # noqa: E731
    assert told_and_done(off)[1:] == (set(), firms_of(2, 3, 4, 5, 6))


def test_an_item_in_a_reps_hands_is_not_closed(papers: Play) -> None:
    say("signal:created-item", PAPERS)
    settle()
    rita = play_part("rita")
    QueueItem.objects.filter(account__domain="firma3.de").update(
        state="claimed", rep=rita, claimed_by=rita, claimed_at=T0
    )
    change = lambda: (Trigger.objects.update(rule=WROTE | {"value": 5}), configuration_changed())  # noqa: E731
    effect, _, closed = told_and_done(change)
    assert (closed, effect.in_hand) == (firms_of(4), 1)


def test_a_segment_that_a_guard_looks_at_lets_go_of_what_it_held(papers: Play) -> None:
    Play.objects.filter(pk=papers.pk).update(guards=["first_value"])
    first = {"any_known": [WROTE | {"value": 99}]}
    Segment.objects.filter(slug="reached-value").update(rule=first)
    say("signal:created-item", PAPERS)
    settle()
    assert not live_items()
    change = lambda: (  # noqa: E731
        Segment.objects.filter(slug="reached-value").update(rule={"any_known": [WROTE | {"value": 5}]}),
        configuration_changed(),
    )
    assert told_and_done(change)[1:] == (firms_of(5, 6), set())


def test_what_a_guard_would_hold_back_is_said_and_does_not_count_as_open(papers: Play) -> None:
    Play.objects.filter(pk=papers.pk).update(guards=["first_value"])
    Segment.objects.filter(slug="reached-value").update(rule={"any_known": [WROTE | {"value": 6}]})
    settle()
    effect, opened, _ = told_and_done(lambda: say("signal:created-item", PAPERS))
    assert opened == firms_of(6)
    assert effect.held_back == {"First value": 3}


def test_a_play_that_is_switched_on_looks_at_what_is_true_already(papers: Play) -> None:
    say("signal:created-item", PAPERS)
    Play.objects.filter(pk=papers.pk).update(active=False)
    settle()

    def switch(on: bool) -> Callable[[], object]:
        return lambda: (Play.objects.filter(pk=papers.pk).update(active=on), play_changed(papers.pk, now=T0))

    assert told_and_done(switch(True))[1:] == (firms_of(3, 4, 5, 6), set())
    # Items on the queue stay.
    assert told_and_done(switch(False))[1:] == (set(), set())


def test_trying_a_change_gives_no_orders_to_workers(papers: Play) -> None:
    say("signal:created-item", PAPERS)
    settle()
    change = lambda: (Play.objects.filter(pk=papers.pk).update(guards=[]), play_changed(papers.pk, now=T0))  # noqa: E731
    with counted_queries() as tried:
        effect_of(change, now=T0)
    with counted_queries() as made:
        change()
        configuration_changed()
    orders = (
        "-- Held decisions of a play are due now",
        "-- The accounts of a play's live items",
        "INSERT INTO accounts_dirtymark",
    )
    assert not [each for each in tried if each.startswith(orders)]
    assert len([each for each in made if each.startswith(orders)]) == 3


def test_a_guard_looks_at_the_segment_that_an_admin_chose(papers: Play) -> None:
    Play.objects.filter(pk=papers.pk).update(guards=["first_value"])
    chosen = Segment.objects.create(slug="angekommen", name="Angekommen", rule={"any_known": [WROTE | {"value": 99}]})
    DeskRules.objects.create(first_value=chosen, at=T0)
    forget_all()
    say("signal:created-item", PAPERS)
    settle()
    assert not live_items()
    rule = {"any_known": [WROTE | {"value": 5}]}
    change = lambda: (Segment.objects.filter(pk=chosen.pk).update(rule=rule), configuration_changed())  # noqa: E731
    assert told_and_done(change)[1:] == (firms_of(5, 6), set())


def test_a_play_with_another_trigger_closes_what_its_new_one_does_not_mean(papers: Play) -> None:
    say("signal:created-item", PAPERS)
    other = Trigger.objects.create(slug="viele", name="Viele", rule=BUSY | {"value": 5})
    settle()
    change = lambda: (Play.objects.filter(pk=papers.pk).update(trigger=other), play_changed(papers.pk, now=T0))  # noqa: E731
    assert told_and_done(change)[1:] == (set(), firms_of(3, 4))


def test_a_guard_that_is_taken_off_a_play_lets_go_of_what_it_held(papers: Play) -> None:
    Play.objects.filter(pk=papers.pk).update(guards=["first_value"])
    Segment.objects.filter(slug="reached-value").update(rule={"any_known": [WROTE | {"value": 99}]})
    say("signal:created-item", PAPERS)
    settle()
    change = lambda: (Play.objects.filter(pk=papers.pk).update(guards=[]), play_changed(papers.pk, now=T0))  # noqa: E731
    assert told_and_done(change)[1:] == (firms_of(3, 4, 5, 6), set())


def test_one_conversation_at_a_time_counts_for_what_opens_together(papers: Play) -> None:
    papers.guards = ["one_conversation"]
    papers.save()
    add_play("Zweites", WROTE | {"value": 5}, guards=["one_conversation"], position=1)
    settle()
    effect, opened, _ = told_and_done(lambda: say("signal:created-item", PAPERS))
    assert opened == firms_of(3, 4, 5, 6)
    assert effect.held_back == {"One conversation at a time": 2}


def test_an_owned_account_opens_on_its_owners_team(papers: Play) -> None:
    rita = play_part("rita")
    Assignment.objects.create(account=Account.objects.get(domain="firma4.de"), rep=rita, started_at=T0)
    settle()
    effect, _, _ = told_and_done(lambda: say("signal:created-item", PAPERS))
    assert {line.team: line.opens for line in effect.lines} == {rita.rep.team.name: 1, "Sales": 3} or (
        rita.rep.team.name == "Sales" and effect.opens == 4
    )


def test_a_request_that_is_mapped_says_which_of_the_past_reach_a_queue(firms: None) -> None:
    Play.objects.filter(on_hand_raise=True).update(active=True)
    settle()
    effect, opened, _ = told_and_done(lambda: say("signal:contacted-sales", ASKED))
    assert {domain for _, domain in opened} == {"firma2.de"}
    assert effect.old_requests == 1
    assert "Bitte anrufen" in effect.opening[0].why_now


def test_a_category_that_becomes_one_of_requests_says_so_too(firms: None) -> None:
    Play.objects.filter(on_hand_raise=True).update(active=True)
    category = Category.objects.create(slug="wünsche", name="Wünsche")
    define(Signal.objects.create(slug="rueckruf", name="Rückruf", category=category), ASKED["matches"])
    settle()

    def change() -> None:
        Category.objects.filter(pk=category.pk).update(raises_hand=True)
        count_category_again(category)

    _, opened, _ = told_and_done(change)
    assert {domain for _, domain in opened} == {"firma2.de"}


def test_conversions_of_the_past_are_announced(firms: None, send: Send) -> None:
    bought = {"matches": {"any": [{"kinds": ["track"], "names": ["vertrag"]}]}}
    send(track("1-0", "vertrag", days=30), track("2-0", "vertrag", days=1))
    effect = effect_of(lambda: say("signal:subscribed", bought), now=T0)
    assert (effect.conversions, effect.opens) == (2, 0)


def test_a_change_that_no_rule_asks_about_measures_nothing(papers: Play) -> None:
    settle()
    with CaptureQueriesContext(connection) as asked:
        effect = effect_of(lambda: say("meaning:phone", {"paths": [{"of": "person", "path": "tel"}]}), now=T0)
    assert (effect.opens, effect.closes, effect.accounts) == (0, 0, 0)
    assert not [each for each in asked if "signals_usage" in each["sql"]]


def test_too_many_events_are_looked_at_in_a_sample_and_said_to_be_one(
    papers: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle()
    monkeypatch.setattr(trial, "MOST_EVENTS", -1)
    monkeypatch.setattr(trial, "SAMPLE", 3)
    effect = effect_of(lambda: say("signal:created-item", PAPERS), now=T0)
    assert (effect.sampled, effect.accounts) == (3, 6)
    seen = len(effect.opening)
    assert effect.opens == 2 * seen
