"""What was held back is checked again; what stands on the queue stays true."""

from django.contrib.auth.models import User

from accounts.models import Account, Actor
from outreach.models import PlayDecision, QueueItem, QueueItemChange
from outreach.plays.decide import advance, decide, recheck, refresh_items
from outreach.queue.actions import claim_item, finish_item, snooze_item
from tests.clock import T0
from tests.factories import make_person
from tests.outreach.conftest import VALUE_HAD, BecomeTrue, Measure, RaiseHand, later


def decision() -> PlayDecision:
    return PlayDecision.objects.get()


def test_what_was_held_by_sign_up_age_is_released_by_time(acme: Account, become_true: BecomeTrue) -> None:
    become_true(acme, "outgrowing", seats_share=0.94, age_days=1)
    decide(T0)
    assert recheck(later(days=1)) == {}
    assert recheck(later(days=2)) == {"fired": 1}
    assert QueueItem.objects.get().decision == decision()
    assert (decision().state, decision().guard) == ("fired", "")


def test_what_was_held_before_first_value_is_released_when_it_is_measured(
    acme: Account, become_true: BecomeTrue, measure: Measure
) -> None:
    become_true(acme, "outgrowing", seats_share=0.94, first_values=0)
    decide(T0)
    measure(acme, "outgrowing", at=later(minutes=1), **VALUE_HAD)
    assert recheck(later(minutes=1)) == {"fired": 1}


def test_what_is_still_held_says_why_now_and_when_next(
    acme: Account, become_true: BecomeTrue, measure: Measure
) -> None:
    become_true(acme, "outgrowing", first_values=0, age_days=1)
    decide(T0)
    assert decision().guard == "first_value"
    measure(acme, "outgrowing", at=later(minutes=1), **VALUE_HAD | {"age_days": 1})
    assert recheck(later(minutes=1)) == {"held": 1}
    assert (decision().guard, decision().decided_at) == ("signup_age", later(minutes=1))
    assert recheck(later(minutes=2)) == {}


def test_what_is_held_is_over_when_its_trigger_is_no_longer_true(
    acme: Account, become_true: BecomeTrue, measure: Measure
) -> None:
    become_true(acme, "outgrowing", first_values=0)
    decide(T0)
    measure(acme, at=later(minutes=1))
    assert recheck(later(minutes=1)) == {"over": 1}
    assert recheck(later(days=9)) == {}


def test_a_request_fires_when_its_account_appears(acme: Account, raise_hand: RaiseHand) -> None:
    raise_hand(make_person(None))
    decide(T0)
    assert recheck(later(days=1)) == {}
    Actor.objects.update(account=acme)
    assert recheck(later(days=1)) == {"fired": 1}
    assert QueueItem.objects.get().account == acme
    assert decision().account == acme


def test_a_request_without_an_account_is_over_after_a_week(raise_hand: RaiseHand) -> None:
    raise_hand(make_person(None))
    decide(T0)
    assert recheck(later(days=7.1)) == {"over": 1}
    assert decision().reason == "Too old: requested on 11 Mar, more than 7 days ago."


def test_a_second_request_is_over_once_the_first_is_answered(
    item: QueueItem, rita: User, raise_hand: RaiseHand
) -> None:
    assert item.person
    raise_hand(item.person, at=later(minutes=2))
    decide(later(minutes=2))
    finish_item(item, disposition="answered", acting_user=rita, now=later(minutes=9))
    assert recheck(later(days=1.1)) == {"over": 1}
    assert QueueItem.objects.count() == 1


def test_a_switched_off_play_lets_go_of_what_it_held(acme: Account, become_true: BecomeTrue) -> None:
    become_true(acme, "outgrowing", first_values=0)
    decide(T0)
    play = decision().play
    play.active = False
    play.save()
    assert recheck(later(days=1)) == {"over": 1}


# --- Items that stay true ---------------------------------------------------------------------------------


def test_an_item_is_rewritten_when_its_account_is_measured_again(
    acme: Account, become_true: BecomeTrue, measure: Measure
) -> None:
    become_true(acme, "outgrowing", seats_share=0.94, monthly_revenue=100)
    decide(T0)
    before = QueueItem.objects.get()
    facts = VALUE_HAD | {"seats_share": 0.98, "people_active_30": 21, "monthly_revenue": 400}
    measure(acme, "outgrowing", at=later(hours=1), **facts)
    assert refresh_items(later(hours=2)) == {"refreshed": 1}
    after = QueueItem.objects.get()
    assert after.why_now == ("98 % of the seats are used in the fullest workspace; 21 people active in 30 days.")
    assert (after.facts["fullest_limit_share"]["value"], after.facts["to_whom"]) == (0.98, before.facts["to_whom"])
    assert after.facts_as_of == later(hours=1)
    assert after.priority == before.priority + 2
    assert refresh_items(later(hours=3)) == {}


def test_an_item_expires_when_its_reason_goes_away_and_says_so(
    acme: Account, become_true: BecomeTrue, measure: Measure
) -> None:
    become_true(acme, "outgrowing", seats_share=0.94)
    decide(T0)
    measure(acme, at=later(days=1))
    assert refresh_items(later(days=1)) == {"expired": 1}
    item = QueueItem.objects.get()
    words = "“Paying, and near a limit, growing, or trying premium” is no longer true as of 12 Mar."
    assert (item.state, item.closed_at, item.note) == ("expired", later(days=1), words)
    change = QueueItemChange.objects.get()
    assert (change.verb, change.user, change.before["state"]) == ("expire", None, "open")


def test_a_snoozed_item_expires_too(rita: User, acme: Account, become_true: BecomeTrue, measure: Measure) -> None:
    become_true(acme, "qualified-not-paying")
    decide(T0)
    snooze_item(QueueItem.objects.get(), until=later(days=3), acting_user=rita, now=T0)
    measure(acme, at=later(days=1))
    assert refresh_items(later(days=1)) == {"expired": 1}


def test_a_claimed_item_stays_in_the_reps_hands_with_a_note(
    rita: User, acme: Account, become_true: BecomeTrue, measure: Measure
) -> None:
    become_true(acme, "qualified-not-paying")
    decide(T0)
    claim_item(QueueItem.objects.get(), acting_user=rita, now=T0)
    before = QueueItem.objects.get()
    for hours in (1, 2):
        measure(acme, at=later(hours=hours))
        assert refresh_items(later(hours=hours)) == {"refreshed": 1}
    item = QueueItem.objects.get()
    assert (item.state, item.why_now) == ("claimed", before.why_now)
    assert item.note == "No longer qualifies since 11 Mar."


def test_a_request_never_expires(item: QueueItem, measure: Measure) -> None:
    measure(item.account, at=later(days=1), people_active_30=4)
    assert refresh_items(later(days=1)) == {"refreshed": 1}
    item.refresh_from_db()
    assert item.state == "open"
    assert item.why_now == ("Ada Lane wrote “Can we talk?” (Demo requested); 4 people are active there in 30 days.")


def test_advance_does_all_of_it(rita: User, acme: Account, become_true: BecomeTrue, raise_hand: RaiseHand) -> None:
    raise_hand(make_person(acme))
    become_true(acme, "outgrowing", first_values=0)
    assert advance(T0) == {"fired": 1, "held": 1}
    snooze_item(QueueItem.objects.get(), until=later(hours=3), acting_user=rita, now=T0)
    assert advance(later(hours=1)) == {}
    assert advance(later(hours=3)) == {"woken": 1}
