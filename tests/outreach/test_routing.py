from collections import Counter
from typing import Any

from django.contrib.auth.models import User

from outreach.models import QueueItem, Rep, Team
from outreach.plays.decide import decide
from outreach.plays.routing import Wish, route, zones_of
from tests.cast import make_user
from tests.clock import T0
from tests.factories import make_account, make_person
from tests.outreach.conftest import BecomeTrue, RaiseHand, later


def wish(*, owner: User | None = None, hand: bool = False) -> Wish:
    return Wish(Team.objects.get(slug="sales").pk, owner.pk if owner else None, beyond_capacity=hand)


def test_an_owner_gets_what_is_theirs_and_takes_no_turn(rita: User, tom: User, django_assert_num_queries: Any) -> None:
    toms = wish(owner=tom)
    with django_assert_num_queries(0):  # no rep is locked
        assert route([toms], now=T0) == [tom.pk]
    assert not Rep.objects.exclude(last_given_at=None).exists()


def test_reps_take_turns(rita: User, tom: User) -> None:
    assert route([wish() for _ in range(5)], now=T0) == [rita.pk, tom.pk, rita.pk, tom.pk, rita.pk]
    assert route([wish()], now=later(seconds=1)) == [tom.pk]


def test_a_turn_is_kept_as_the_time_it_was_given_a_microsecond_apart(rita: User, tom: User) -> None:
    assert route([wish()], now=T0) == [rita.pk]
    assert list(Rep.objects.order_by("user").values_list("last_given_at", flat=True)) == [T0, None]
    route([wish(), wish()], now=T0)
    times = dict(Rep.objects.values_list("user", "last_given_at"))
    assert times == {tom.pk: later(microseconds=1), rita.pk: later(microseconds=2)}


def test_an_owner_goes_before_capacity_and_leaves_the_turns_as_they_are(rita: User, tom: User) -> None:
    Rep.objects.update(capacity=0)
    assert route([wish(owner=tom), wish(), wish(hand=True)], now=T0) == [tom.pk, None, rita.pk]


def test_each_team_takes_its_own_turns(rita: User) -> None:
    carl = make_user("carl", "rep", "customer-success")
    success = Wish(Team.objects.get(slug="customer-success").pk, None, beyond_capacity=False)
    assert route([success, wish(), success], now=T0) == [carl.pk, rita.pk, carl.pk]


def test_zones_are_those_of_the_reps_asked_for(rita: User) -> None:
    wen = make_user("wen", "rep", "sales", time_zone="America/New_York")
    assert zones_of([wen.pk, None, 10**6]) == {wen.pk: "America/New_York"}
    assert zones_of([None]) == {}


def test_turns_hold_when_the_clock_steps_back(rita: User, tom: User) -> None:
    route([wish()], now=T0)
    assert route([wish(), wish()], now=later(hours=-1)) == [tom.pk, rita.pk]


def test_round_robin_is_fair_over_many_batches(rita: User, tom: User) -> None:
    make_user("third", "rep", "sales", capacity=1000)
    Rep.objects.update(capacity=1000)
    given = Counter(rep for n in range(20) for rep in route([wish() for _ in range(n % 5)], now=later(minutes=n)))
    assert max(given.values()) - min(given.values()) <= 1
    assert sum(given.values()) == 40


def test_who_is_on_leave_or_gone_gets_nothing(rita: User, tom: User) -> None:
    make_user("ava", "rep", "sales", taking_items=False)
    tom.is_active = False
    tom.save()
    assert route([wish(), wish()], now=T0) == [rita.pk, rita.pk]


def test_other_teams_get_nothing(rita: User) -> None:
    make_user("carl", "rep", "customer-success")
    assert set(route([wish(), wish(), wish()], now=T0)) == {rita.pk}


def test_full_reps_are_left_out_but_a_request_is_always_given(rita: User, tom: User) -> None:
    Rep.objects.update(capacity=1)
    assert route([wish(), wish(), wish(), wish(hand=True)], now=T0) == [rita.pk, tom.pk, None, rita.pk]


def test_items_at_hand_count_against_capacity(item: QueueItem, rita: User, tom: User) -> None:
    Rep.objects.update(capacity=1)
    assert route([wish(), wish()], now=later(seconds=1)) == [tom.pk, None]
    QueueItem.objects.update(state="snoozed", snoozed_until=later(days=1))
    assert route([wish()], now=later(seconds=1)) == [rita.pk]


def test_a_claimed_item_takes_room_as_an_open_one_does(item: QueueItem, rita: User, tom: User) -> None:
    Rep.objects.update(capacity=1)
    QueueItem.objects.update(state="claimed", claimed_by=rita, claimed_at=T0)
    assert route([wish(), wish()], now=later(seconds=1)) == [tom.pk, None]


def test_each_item_given_takes_one_place_beside_those_at_hand(item: QueueItem, rita: User) -> None:
    Rep.objects.update(capacity=3)
    assert route([wish(), wish(), wish()], now=later(seconds=1)) == [rita.pk, rita.pk, None]


def test_without_anybody_an_item_is_unassigned(shipped: None, become_true: BecomeTrue) -> None:
    become_true(make_account(), "qualified-not-paying")
    decide(T0)
    assert QueueItem.objects.get().rep is None


def test_an_item_is_due_by_its_reps_clock(
    shipped: None, 
    raise_hand: RaiseHand,
) -> None:  # fmt: skip
    make_user("wen", "rep", "sales", time_zone="America/New_York")  # 10:00 in UTC is before hours there
    raise_hand(make_person(make_account()))
    decide(T0)
    assert QueueItem.objects.get().due_at == later(hours=3, minutes=5)
