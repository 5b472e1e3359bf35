"""An address that somebody else has moves nobody who has one of their own, and joins nobody with them, in any order."""

import json
from typing import Any

import pytest

from accounts.models import MergeSuggestion, Person
from signals.ingest.keys import ensure_source, forget_kinds
from signals.ingest.receive import SourceRef, receive
from signals.ingest.wire import parse
from signals.models import Source
from tests.accounts.test_suggestions import held, people, usage
from tests.conftest import T0, Send, group, identify, track

pytestmark = pytest.mark.django_db
KNOWN = [identify("u1", "ann@acme.com", days=9), identify("u2", "bo@beta-two.com", days=9)]
DID = [track("u1", days=8), track("u2", days=8)]


@pytest.fixture
def billing(source: SourceRef) -> SourceRef:
    made = ensure_source("Billing")
    return SourceRef(made.pk, made.name)


@pytest.fixture
def page(source: SourceRef) -> SourceRef:
    made = ensure_source("Website")
    Source.objects.filter(pk=made.pk).update(kind="browser")
    forget_kinds()
    return SourceRef(made.pk, made.name)


def take(source: SourceRef, *messages: dict[str, Any]) -> None:
    receive(source, parse(json.dumps({"batch": messages}).encode(), None, T0), T0)


@pytest.mark.parametrize("days", [8.9, 2])
def test_swapped_addresses_move_nobody(send: Send, days: float) -> None:
    send(*KNOWN, *DID)
    send(identify("u1", "bo@beta-two.com", days=days), identify("u2", "ann@acme.com", days=days))
    assert (people(), usage()) == ({"ann@acme.com", "bo@beta-two.com"}, {"acme.com": 1, "beta-two.com": 1})


def test_a_second_user_with_an_address_of_the_first_alone_is_in_the_same_company(send: Send) -> None:
    send(*KNOWN, identify("u3", "ann@acme.com", days=1), track("u3"))
    assert usage() == {"acme.com": 1}


@pytest.mark.parametrize("junk", ["undefined", "noemail@noemail.com", "@"])
def test_a_placeholder_later_on_the_same_day_takes_no_address_away(send: Send, junk: str) -> None:
    send(*KNOWN, *DID)
    send(identify("u1", junk, days=8.9))
    assert (people(), usage()) == ({"ann@acme.com", "bo@beta-two.com"}, {"acme.com": 1, "beta-two.com": 1})


def test_addresses_of_two_people_of_one_company_join_nobody(send: Send, billing: SourceRef) -> None:
    send(identify("u1", "ann@acme.com", days=9))
    take(billing, identify("77", "cy@acme.com", days=8), identify("77", "ann@acme.com", days=7))
    assert (people(), held()) == ({"ann@acme.com", "cy@acme.com"}, [("email", "addresses", "ann@acme.com")])


def test_a_visitor_who_gave_another_address_before_logging_in_is_who_logs_in(send: Send) -> None:
    send(identify(None, "ann@gmail.com", anonymous="a1", days=9), track(None, anonymous="a1", days=9))
    send(identify("u1", "ann@acme.com", days=8), track("u1", anonymous="a1", days=7))
    assert (usage(), MergeSuggestion.objects.count()) == ({"acme.com": 2}, 0)


@pytest.mark.parametrize("late", [False, True])
def test_somebodys_own_address_tells_them_apart_even_where_it_comes_late(
    send: Send, billing: SourceRef, late: bool
) -> None:
    send(identify("u1", "ann@acme.com", days=9), track("u1", days=8))
    own, other = identify("77", "cy@beta-two.com", days=8), identify("77", "ann@acme.com", days=5)
    for message in [other, own] if late else [own, other]:
        take(billing, message)
    take(billing, track("77"))
    assert (usage(), [why for _, why, _ in held()]) == ({"acme.com": 1, "beta-two.com": 1}, ["companies"])


@pytest.mark.parametrize("late", [False, True])
def test_a_tag_on_a_customers_address_is_no_way_into_their_company(send: Send, page: SourceRef, late: bool) -> None:
    stranger = [identify("evil", "ann+x@acme.com", days=20), track("evil")]
    if late:
        take(page, *stranger)
    send(*KNOWN, track("u1"))
    if not late:
        take(page, *stranger)
    assert usage() == {"acme.com": 1, None: 1}
    assert Person.objects.get(name="", email="ann@acme.com").account is not None


@pytest.mark.parametrize("late", [False, True])
def test_of_two_merges_that_exclude_each_other_the_one_said_first_is_made(
    send: Send, billing: SourceRef, late: bool
) -> None:
    send(*KNOWN)
    first, second = identify("77", "ann@acme.com", days=8), identify("77", "bo@beta-two.com", days=5)
    for message in [second, first] if late else [first, second]:
        take(billing, message)
    take(billing, track("77"))
    assert (usage(), held()) == ({"acme.com": 1}, [("email", "users", "bo@beta-two.com")])


@pytest.mark.parametrize("late", [False, True])
def test_a_placeholder_on_the_day_of_a_new_job_hides_no_company(send: Send, late: bool) -> None:
    send(identify("u1", "ann@acme.com", days=9), track("u1", days=8))
    said = [identify("u1", "ann@beta-two.com", days=5), identify("u1", "undefined", days=4.9)]
    for message in reversed(said) if late else said:
        send(message)
    send(track("u1", days=3))
    assert Person.objects.get(email="ann@beta-two.com").company_since is not None


def test_a_browsers_workspace_does_not_enter_a_company_that_everybody_has_left(send: Send, page: SourceRef) -> None:
    send(identify("u1", "ann@acme.com", days=9), track("u1", days=8), identify("u1", "ann@beta-two.com", days=5))
    take(page, group("evil", "w9", website="acme.com", days=2), track("evil", workspace="w9"))
    assert usage() == {None: 1, "beta-two.com": 1}
