"""Real threads, real commits."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection

from outreach.models import PlayDecision, QueueItem, QueueItemChange, Rep
from outreach.plays.decide import decide, recheck
from outreach.queue.actions import AlreadyClaimedError, claim_item
from tests.cast import make_user
from tests.clock import T0
from tests.factories import make_account, make_person
from tests.outreach.conftest import BecomeTrue, RaiseHand, later

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(times: int, act: Callable[[int], Any]) -> list[Any]:
    """What each of so many threads gave, or the exception it ended with."""
    barrier = Barrier(times)

    def run(number: int) -> Any:
        try:
            barrier.wait(10)
            return act(number)
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))


def total(counts: list[dict[str, int]], name: str) -> int:
    return sum(each.get(name, 0) for each in counts)


def test_several_workers_decide_each_moment_once(become_true: BecomeTrue, rita: User) -> None:
    for _ in range(60):
        become_true(make_account(), "qualified-not-paying")
    counts = at_once(4, lambda _: [decide(T0, limit=7) for _ in range(12)])
    assert total([each for thread in counts for each in thread], "fired") == 60
    assert (PlayDecision.objects.count(), QueueItem.objects.count()) == (60, 60)


def test_two_plays_never_open_a_conversation_with_one_account_at_once(become_true: BecomeTrue) -> None:
    for _ in range(15):
        account = make_account()
        become_true(account, "outgrowing", seats_share=0.94)
        become_true(account, "several-workspaces", workspaces=2, seats_share=0.94)
    at_once(4, lambda _: [decide(T0, limit=1) for _ in range(30)])
    assert QueueItem.objects.count() == 15
    assert QueueItem.objects.values("account").distinct().count() == 15
    assert PlayDecision.objects.filter(state="held", guard="one_conversation").count() == 15


def test_one_account_asking_many_times_at_once_gets_one_item(raise_hand: RaiseHand) -> None:
    ada = make_person(make_account())
    for n in range(12):
        raise_hand(ada, f"Question {n}")
    at_once(4, lambda _: [decide(T0, limit=1) for _ in range(12)])
    assert QueueItem.objects.count() == 1
    assert PlayDecision.objects.filter(state="held", guard="one_open_item").count() == 11
    assert QueueItemChange.objects.filter(verb="asked-again").count() == 11


def test_several_workers_look_again_once(become_true: BecomeTrue) -> None:
    for _ in range(20):
        become_true(make_account(), "outgrowing", seats_share=0.94, age_days=1)
    decide(T0)
    at_once(4, lambda _: [recheck(later(days=2), limit=3) for _ in range(8)])
    while recheck(later(days=2), limit=3):  # workers that checked the same rows left them to each other
        pass
    assert QueueItem.objects.count() == 20
    assert set(PlayDecision.objects.values_list("state", flat=True)) == {"fired"}


def test_turns_stay_fair_among_several_workers(become_true: BecomeTrue, rita: User, tom: User) -> None:
    Rep.objects.update(capacity=1000)
    for _ in range(40):
        become_true(make_account(), "qualified-not-paying")
    at_once(4, lambda _: [decide(T0, limit=3) for _ in range(15)])
    assert QueueItem.objects.filter(rep=rita).count() == QueueItem.objects.filter(rep=tom).count() == 20


def test_an_item_that_many_claim_at_once_is_held_by_one(item: QueueItem) -> None:
    users = [make_user(f"rep{n}", "rep", "sales") for n in range(6)]
    ended = at_once(6, lambda n: claim_item(item, acting_user=users[n], now=T0))
    won = [one for one in ended if isinstance(one, QueueItemChange)]
    assert len(won) == 1
    assert sum(isinstance(one, AlreadyClaimedError) for one in ended) == 5
    assert QueueItem.objects.get().claimed_by == won[0].user
