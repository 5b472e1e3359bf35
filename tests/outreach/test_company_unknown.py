"""A request by somebody of no known company reaches a queue, and goes along once the company is known."""

from datetime import timedelta

import pytest

from accounts.identity.joins import undo_join
from accounts.identity.unknown import join_known_companies
from accounts.models import Account, Correction, Person
from outreach.models import PlayDecision, QueueItem
from outreach.plays.decide import advance, decide, recheck
from outreach.plays.requesters import place_requesters
from signals.models import FloodedRequest
from tests.conftest import Send, group, identify, track
from tests.factories import make_person
from tests.outreach.conftest import T0, RaiseHand, later

pytestmark = pytest.mark.django_db


def asks(raise_hand: RaiseHand, person: Person, words: str = "Can you call me?") -> QueueItem:
    raise_hand(person, words)
    advance(T0)
    return QueueItem.objects.select_related("account", "person").get()


def test_it_says_who_asked_and_that_the_company_is_unknown(send: Send, raise_hand: RaiseHand) -> None:
    send(identify("u1", "gil@gmail.com", traits={"name": "Gil Free"}), track("u1"))
    item = asks(raise_hand, Person.objects.get(email="gil@gmail.com"))
    assert (item.account.name, item.account.domain) == ("Gil Free (company unknown)", None)
    assert str(item.person) == "Gil Free"
    assert "Can you call me?" in item.why_now


def test_a_visitor_without_any_name_reaches_it_too(raise_hand: RaiseHand) -> None:
    visitor = Person.objects.create(is_visitor=True)
    assert asks(raise_hand, visitor).account.name == "Visitor (company unknown)"


def test_somebody_who_is_excluded_gets_no_account(raise_hand: RaiseHand) -> None:
    raise_hand(make_person(None, "Robot", excluded_by="*@ci.*"))
    advance(T0)
    assert (Account.objects.count(), QueueItem.objects.count()) == (0, 0)


def test_a_flood_makes_no_accounts_until_it_is_released(raise_hand: RaiseHand) -> None:
    flooded = FloodedRequest.objects.create(moment=raise_hand(make_person(None, "Gil Free")), held_at=T0)
    assert place_requesters(T0) == 0
    FloodedRequest.objects.filter(pk=flooded.pk).update(released_at=T0)
    assert place_requesters(T0) == 1


def test_who_asks_twice_has_one_account_and_an_old_request_makes_none(raise_hand: RaiseHand) -> None:
    gil = make_person(None, "Gil Free")
    asks(raise_hand, gil)
    asks(raise_hand, gil, "Hello?")
    raise_hand(make_person(None, "Old"), at=T0 - timedelta(days=8))
    advance(T0)
    assert Account.objects.count() == 1


def test_a_request_that_was_held_back_before_reaches_the_queue(raise_hand: RaiseHand) -> None:
    raise_hand(make_person(None, "Gil Free"))
    decide(T0)
    assert PlayDecision.objects.get().guard == "no_account"
    place_requesters(later(minutes=1))
    assert recheck(later(minutes=1)) == {"fired": 1}


def test_once_the_company_is_known_everything_goes_there_and_undo_brings_it_back(
    send: Send, raise_hand: RaiseHand
) -> None:
    send(identify("u1", "gil@gmail.com", days=3), track("u1", days=3))
    item = asks(raise_hand, Person.objects.get(email="gil@gmail.com"))
    own = item.account
    assert join_known_companies(T0) == 0
    send(identify("u1", "gil@acme.com", days=1))
    assert (join_known_companies(T0), join_known_companies(T0)) == (1, 0)
    item.refresh_from_db()
    assert item.account.domain == "acme.com"
    undo_join(Correction.objects.get().pk, acting_user=None, now=T0)
    item.refresh_from_db()
    assert (item.account, join_known_companies(T0)) == (own, 0)


def test_a_visitor_who_turns_out_to_be_somebody_known_is_found_at_their_company(
    send: Send, raise_hand: RaiseHand
) -> None:
    send(track(None, anonymous="a1", days=2))
    item = asks(raise_hand, Person.objects.get())
    send(identify("u1", "ann@acme.com", days=5), group("u1", "w1", days=5), track("u1", anonymous="a1", days=1))
    assert join_known_companies(T0) == 1
    item.refresh_from_db()
    assert item.account.domain == "acme.com"
