"""From moments to decisions and items."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User

from accounts.models import Account, Assignment
from outreach.models import Play, PlayDecision, QueueItem, QueueItemChange
from outreach.plays import decide as deciding
from outreach.plays.decide import decide, recheck
from outreach.plays.desk_rules import desk_rules
from plgcrm.common.sql import records
from signals.models import Moment
from tests.cast import make_user
from tests.clock import T0
from tests.factories import make_account, make_person
from tests.outreach.conftest import BecomeTrue, Measure, RaiseHand, later
from tests.query_counts import counted_queries


def decision() -> PlayDecision:
    return PlayDecision.objects.get()


def test_nothing_to_do_is_nothing_done(shipped: None) -> None:
    assert decide(T0) == {}


def test_nothing_to_do_costs_one_query(shipped: None, django_assert_max_num_queries: Callable[[int], Any]) -> None:
    with django_assert_max_num_queries(2):  # those of the transaction; ours goes straight to the driver
        decide(T0)


def test_a_request_stands_on_the_owners_queue(rita: User, tom: User, acme: Account, raise_hand: RaiseHand) -> None:
    Assignment.objects.create(account=acme, rep=tom, started_at=T0)
    ada = make_person(acme)
    moment = raise_hand(ada, "Can we get a demo for 40 people?")
    assert decide(T0) == {"fired": 1}
    item = QueueItem.objects.get()
    assert (item.account, item.person, item.rep, item.state) == (acme, ada, tom, "open")
    assert item.why_now == "Ada Lane wrote “Can we get a demo for 40 people?” (Demo requested)."
    assert (item.sla_class, item.due_at) == (0, later(minutes=5))
    assert (item.decision.moment, item.decision.state) == (moment, "fired")


def test_a_request_is_due_from_when_it_was_raised(rita: User, acme: Account, raise_hand: RaiseHand) -> None:
    raise_hand(make_person(acme), at=later(hours=-1))
    decide(T0)
    assert QueueItem.objects.get().due_at == later(minutes=-55)


def test_the_sentence_of_a_request_speaks_of_use_that_was_measured(
    acme: Account, raise_hand: RaiseHand, measure: Measure
) -> None:
    measure(acme, people_active_30=9)
    raise_hand(make_person(acme))
    decide(T0)
    item = QueueItem.objects.get()
    assert item.why_now == ("Ada Lane wrote “Can we talk?” (Demo requested); 9 people are active there in 30 days.")
    assert item.facts["people_active_30"] == {
        "value": 9,
        "measure": "people:activity:30d",
        "reads": "people active in 30 days",
        "as_of": "2026-03-11",
    }


def test_a_trigger_that_became_true_opens_an_item_with_its_reason(
    rita: User, acme: Account, become_true: BecomeTrue
) -> None:
    become_true(acme, "outgrowing", seats_share=0.94, people_active_30=12)
    assert decide(T0) == {"fired": 1}
    item = QueueItem.objects.get()
    assert item.why_now == ("94 % of the seats are used in the fullest workspace; 12 people active in 30 days.")
    assert (item.play.slug, item.sla_class, item.rep) == ("expansion", 1, None)  # nobody in customer success
    assert item.due_at == later(days=1)
    assert set(item.facts) == {
        "fullest_limit", "fullest_limit_share", "people_active_30", "to_whom",
    }  # fmt: skip


def test_a_fired_decision_keeps_the_promises_of_all_its_guards(acme: Account, become_true: BecomeTrue) -> None:
    become_true(acme, "outgrowing", seats_share=0.94)
    decide(T0)
    fired = decision()
    assert fired.reason == (
        "“Paying, and near a limit, growing, or trying premium” became true on 11 Mar, and no guard is holding it back."
    )
    assert [check["guard"] for check in fired.checks] == [
        "suppressed", "no_account", "one_open_item", "support_fire", "first_value", "signup_age",
        "one_conversation", "cool_down",
    ]  # fmt: skip
    assert not any(check["held"] for check in fired.checks)


@pytest.mark.parametrize(
    ("facts", "guard"),
    [
        ({"first_values": 0}, "first_value"),
        ({"age_days": 1}, "signup_age"),
        ({"bad_ratings_14": 1}, "support_fire"),
    ],
)
def test_a_guard_holds_back_with_reason_and_date(
    acme: Account, become_true: BecomeTrue, facts: dict[str, Any], guard: str
) -> None:
    become_true(acme, "outgrowing", seats_share=0.94, **facts)
    assert decide(T0) == {"held": 1}
    held = decision()
    assert (held.state, held.guard) == ("held", guard)
    assert held.reason
    assert held.recheck_at is not None
    assert not QueueItem.objects.exists()


def test_bad_ratings_do_not_stop_a_request_or_the_support_loop(
    acme: Account, raise_hand: RaiseHand, become_true: BecomeTrue
) -> None:
    become_true(acme, "ticket-worth-a-call", bad_ratings_14=2, commercial_tickets_7=1)
    raise_hand(make_person(acme))
    assert decide(T0) == {"fired": 2}


def test_one_conversation_at_a_time_within_one_batch_too(acme: Account, become_true: BecomeTrue) -> None:
    become_true(acme, "outgrowing", seats_share=0.94)
    become_true(acme, "several-workspaces", workspaces=2, seats_share=0.94)
    assert decide(T0) == {"fired": 1, "held": 1}
    assert QueueItem.objects.get().play.slug == "consolidation"  # the rarer reason speaks first
    assert PlayDecision.objects.get(state="held").reason == (
        "“Account consolidation” is open for this account: one conversation at a time."
    )


def test_cool_down_counts_every_play_of_the_account(item: QueueItem, acme: Account, become_true: BecomeTrue) -> None:
    QueueItem.objects.update(state="done", closed_at=T0, disposition="wrote")
    become_true(acme, "outgrowing", at=later(days=1), seats_share=0.94)
    assert decide(later(days=1)) == {"held": 1}
    held = PlayDecision.objects.get(state="held")
    assert held.guard == "cool_down"
    assert held.recheck_at == later(days=21)


def test_an_expired_item_was_no_contact(item: QueueItem, acme: Account, become_true: BecomeTrue) -> None:
    QueueItem.objects.update(state="expired", closed_at=T0)
    become_true(acme, "outgrowing", seats_share=0.94)
    assert decide(T0) == {"fired": 1}


def test_a_second_request_is_held_by_the_open_item_and_told_to_it(item: QueueItem, raise_hand: RaiseHand) -> None:
    assert item.person
    raise_hand(item.person, "Are you there?", at=later(minutes=2))
    assert decide(later(minutes=2)) == {"held": 1}
    assert PlayDecision.objects.get(state="held").guard == "one_open_item"
    change = QueueItemChange.objects.get()
    assert (change.item, change.verb, change.note) == (item, "asked-again", "Are you there?")


def test_a_second_request_is_told_to_the_open_item_once_however_often_it_is_looked_at(
    item: QueueItem, raise_hand: RaiseHand
) -> None:
    assert item.person
    raise_hand(item.person, "Are you there?", at=later(minutes=2))
    decide(later(minutes=2))
    assert [recheck(later(days=days)) for days in (2, 4)] == [{"held": 1}, {"held": 1}]
    assert QueueItemChange.objects.filter(verb="asked-again").count() == 1


def test_a_request_without_an_account_is_held_and_says_what_to_do(raise_hand: RaiseHand) -> None:
    raise_hand(make_person(None, "Gil Free"))
    assert decide(T0) == {"held": 1}
    held = decision()
    assert (held.guard, held.account, held.recheck_at) == ("no_account", None, None)
    assert held.reason == (
        "Gil Free is not linked to an account yet. Link this person to a company and it is re-checked at once."
    )


def test_an_excluded_person_does_not_get_through(acme: Account, raise_hand: RaiseHand) -> None:
    raise_hand(make_person(acme, "Robot", excluded_by="*@ci.*"))
    assert decide(T0) == {"held": 1}
    assert decision().guard == "suppressed"


def test_an_account_of_excluded_people_only_is_suppressed(acme: Account, become_true: BecomeTrue) -> None:
    make_person(acme, excluded_by="*@rival.example")
    become_true(acme, "outgrowing", seats_share=0.94)
    decide(T0)
    assert decision().guard == "suppressed"
    assert "*@rival.example" in decision().reason


def test_one_excluded_person_does_not_exclude_the_colleagues(acme: Account, become_true: BecomeTrue) -> None:
    make_person(acme, excluded_by="*@rival.example")
    make_person(acme)
    become_true(acme, "outgrowing", seats_share=0.94)
    assert decide(T0) == {"fired": 1}


@pytest.mark.parametrize(("days", "state"), [(6.9, "fired"), (7, "fired"), (7.1, "over")])
def test_imported_hand_raises_older_than_a_week_are_over(
    acme: Account, raise_hand: RaiseHand, days: float, state: str
) -> None:
    raise_hand(make_person(acme), at=later(days=-days))
    assert decide(T0) == {state: 1}


def test_an_old_trigger_that_is_still_true_fires(acme: Account, become_true: BecomeTrue) -> None:
    become_true(acme, "outgrowing", at=later(days=-30), seats_share=0.94)
    assert decide(T0) == {"fired": 1}


def test_a_trigger_that_is_no_longer_true_is_over(acme: Account, become_true: BecomeTrue, measure: Measure) -> None:
    become_true(acme, "outgrowing", seats_share=0.94)
    measure(acme)
    assert decide(T0) == {"over": 1}
    assert decision().reason.endswith("is no longer true as of 11 Mar.")


def test_of_two_moments_of_a_trigger_the_later_counts(acme: Account, become_true: BecomeTrue) -> None:
    become_true(acme, "outgrowing", at=later(days=-9), seats_share=0.94)
    second = become_true(acme, "outgrowing", at=later(days=-1), seats_share=0.94)
    assert decide(T0) == {"fired": 1, "over": 1}
    assert QueueItem.objects.get().decision.moment == second


def test_a_play_that_is_switched_off_decides_nothing(acme: Account, become_true: BecomeTrue) -> None:
    Play.objects.filter(slug="expansion").update(active=False)
    become_true(acme, "outgrowing", seats_share=0.94)
    assert decide(T0) == {}


def test_deciding_twice_changes_nothing(acme: Account, become_true: BecomeTrue) -> None:
    become_true(acme, "outgrowing", seats_share=0.94)
    decide(T0)
    assert decide(later(minutes=1)) == {}
    assert QueueItem.objects.count() == 1


def test_moments_are_decided_in_whatever_order_they_were_committed(become_true: BecomeTrue) -> None:
    late = become_true(make_account(), "outgrowing", seats_share=0.94)
    seen = become_true(make_account(), "outgrowing", seats_share=0.94)
    Moment.objects.filter(pk=late.pk).delete()  # its transaction commits only after the next
    decide(T0)
    late.save(force_insert=True)
    assert late.pk < seen.pk
    assert decide(T0) == {"fired": 1}


def test_a_batch_costs_the_same_number_of_queries_however_large(become_true: BecomeTrue) -> None:
    desk_rules()  # read once in ten seconds, and not by each batch
    for size in (2, 30):
        for _ in range(size):
            become_true(make_account(), "outgrowing", seats_share=0.94)
        with counted_queries() as asked:
            assert decide(T0) == {"fired": size}
        assert len(asked) == 16


def test_hand_raises_go_first_when_there_is_more_than_a_batch_holds(
    become_true: BecomeTrue, raise_hand: RaiseHand
) -> None:
    for _ in range(3):
        become_true(make_account(), "outgrowing", seats_share=0.94)
    raise_hand(make_person(make_account()))
    decide(T0, limit=1)
    assert QueueItem.objects.get().play.slug == "hand-raisers"
    assert decide(T0, limit=2) == {"fired": 2}
    assert decide(T0) == {"fired": 1}


def test_capacity_holds_back_where_a_play_asks_for_it(rita: User, become_true: BecomeTrue) -> None:
    Play.objects.filter(slug="warm-outbound").update(guards=["capacity"])
    rita.rep.capacity = 2
    rita.rep.save()
    for _ in range(3):
        become_true(make_account(), "qualified-not-paying")
    assert decide(T0) == {"fired": 2, "held": 1}
    assert PlayDecision.objects.get(state="held").recheck_at == T0 + timedelta(hours=1)


def test_an_owner_on_leave_does_not_keep_a_request_waiting(rita: User, acme: Account, raise_hand: RaiseHand) -> None:
    away = make_user("ava", "rep", "sales", taking_items=False)
    Assignment.objects.create(account=acme, rep=away, started_at=T0)
    raise_hand(make_person(acme))
    decide(T0)
    assert QueueItem.objects.get().rep == rita


def test_a_request_that_another_worker_decided_first_is_told_to_the_item_once(
    raise_hand: RaiseHand,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ada = make_person(make_account())
    raise_hand(ada, "Demo")
    decide(T0)
    raise_hand(ada, "Pricing")
    seen = records(deciding.SQL["new_candidates"], {"minutes": 10**6, "limit": 500})
    decide(T0)
    stale = {deciding.SQL["new_candidates"]: seen}  # as the slower worker has read it before
    monkeypatch.setattr(deciding, "records", lambda query, params: stale.get(query) or records(query, params))
    assert decide(T0) == {}
    assert QueueItemChange.objects.filter(verb="asked-again").count() == 1
