"""Where the address of a person stands: beside any call, and in user ids that are one."""

import json
from itertools import permutations
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Sum

from accounts.identity import cache
from accounts.identity.claims import take_in_addresses
from accounts.identity.corrections import rederive_all
from accounts.models import Account, Attribute, Identity, MergeSuggestion, Person, PersonMerge
from plgcrm.common.cache import forget_all
from plgcrm.common.sql import rows
from signals.ingest import receive
from signals.ingest.keys import ensure_source
from signals.ingest.warehouse import message_of_row
from signals.ingest.wire import parse
from signals.models import Source, Usage
from tests.conftest import T0, Send, group, identify, track

pytestmark = pytest.mark.django_db


def along(email: Any, **more: Any) -> dict[str, Any]:
    return {"context": {"traits": {"email": email, "plan": "free"}, **more}}


def usage() -> dict[str | None, int]:
    counted = Usage.objects.values_list("actor__account__domain").annotate(Sum("count"))
    return dict(counted)


def addresses() -> set[str]:
    return set(Person.objects.filter(merged_into=None).values_list("email", flat=True))


def send_from(name: str, *messages: dict[str, Any], kind: str = "server") -> None:
    made = ensure_source(name, f"wk_{name}")
    Source.objects.filter(pk=made.pk).update(kind=kind)
    forget_all()
    body = json.dumps({"batch": list(messages)}).encode()
    receive.receive(receive.SourceRef(made.pk, made.name), parse(body, None, T0), T0)


@pytest.mark.parametrize(
    "message",
    [
        track("u1", **along("Kim@Birch.com")),
        group("u1", "w1", email="office@elm.com") | along("kim@birch.com"),
        track("u1") | {"type": "page", "name": "Home"} | along(" kim@birch.com "),
        identify("u1", traits={"plan": "team"}) | along("kim@birch.com"),
        identify("u1", "deleted-42") | along("kim@birch.com"),
        track(None, anonymous="a1") | along("kim@birch.com"),
        track("kim@birch.com"),
        group("KIM@birch.com", "w1"),
        identify("kim@birch.com", traits={"plan": "team"}),
    ],
)
def test_the_address_gives_person_and_account(send: Send, message: dict[str, Any]) -> None:
    send(message)
    assert addresses() == {"kim@birch.com"}
    assert Person.objects.get().account == Account.objects.get(domain="birch.com")


def test_what_is_used_before_the_address_is_known_counts_for_its_account(send: Send) -> None:
    send(track("u1", days=4))
    send(track("u1", **along("kim@birch.com")), track("u1"))
    assert usage() == {"birch.com": 3}


def test_only_the_address_is_taken_of_what_is_sent_along(send: Send) -> None:
    send(track("u1", **along("kim@birch.com")))
    assert set(Attribute.objects.values_list("key__name", "text")) == {("context.email", "kim@birch.com")}


@pytest.mark.parametrize("nothing", ["noemail@noemail.com", "kim", "@", 7, None, True, ["a@birch.com"], "a@x@y.com"])
def test_what_is_no_address_is_none_there_either(send: Send, nothing: Any) -> None:
    assert send(track("u1", **along(nothing))).accepted == 1
    assert (addresses(), Account.objects.count()) == ({""}, 0)


def test_an_address_that_was_identified_goes_before_what_an_app_still_remembers(send: Send) -> None:
    send(identify("u1", "kim@birch.com", days=9))
    send(track("u1", days=1, **along("kim@elm.com")), track("kim@oak.com"))
    assert addresses() == {"kim@birch.com", "kim@oak.com"}
    assert usage() == {"birch.com": 1, "oak.com": 1}


def test_two_users_of_one_source_with_one_address_are_a_suggestion(send: Send) -> None:
    send(identify("u1", "kim@birch.com"), track("u2", **along("kim@birch.com")), track("KIM@birch.com"))
    assert MergeSuggestion.objects.filter(state="open").count() == 2
    assert PersonMerge.objects.count() == 0


def test_a_browser_cannot_take_somebodys_place_by_an_address(send: Send) -> None:
    send(identify("u1", "kim@birch.com", traits={"name": "Kim"}), track("u1"))
    send_from("page", track("x1", **along("kim@birch.com")), track("kim@birch.com"), kind="browser")
    assert usage() == {"birch.com": 1, None: 2}
    assert (PersonMerge.objects.count(), MergeSuggestion.objects.count()) == (0, 2)


def test_the_same_address_as_user_id_from_browser_and_server_is_one_person(send: Send) -> None:
    send(track("kim@birch.com"))
    send_from("page", track("kim@birch.com"), kind="browser")
    assert Person.objects.filter(merged_into=None).count() == 1
    assert usage() == {"birch.com": 2}


def test_a_visitor_with_the_address_of_somebody_known_is_that_person(send: Send) -> None:
    send(identify("u1", "kim@birch.com"))
    send_from("mail", track(None, anonymous="a7", **along("kim@birch.com")))
    assert Person.objects.filter(merged_into=None).count() == 1
    assert usage() == {"birch.com": 1}


def test_any_order_ends_the_same(send: Send) -> None:
    said = [
        track("u1", days=2, **along("kim@birch.com")),
        track("u1", days=1.01, **along("kim@oak.com")),
        track("u1", days=1.02, **along("kim@elm.com")),
        track("u1", days=1.03, **along("kim@oak.com")),
    ]
    ends = set()
    for order in permutations(said):
        forget_all()
        with transaction.atomic():
            for message in order:
                send(message)
            kept = "SELECT day, text, at FROM accounts_attribute ORDER BY 1"
            claims = "SELECT value, claimed_at FROM accounts_identity WHERE kind = 3 ORDER BY 1"
            ends.add(str((addresses(), usage(), rows(kept), rows(claims))))
            transaction.set_rollback(True)
    assert len(ends) == 1
    assert "'kim@oak.com'}, {'oak.com': 4}" in ends.pop()


def test_deriving_everybody_again_changes_nothing(send: Send) -> None:
    send(track("u1", **along("kim@birch.com")), track("lee@oak.com"), track("lee@oak.com", **along("l@elm.com")))
    before = (addresses(), usage())
    rederive_all()
    take_in_addresses(Person.objects.values_list("pk", flat=True))
    assert (addresses(), usage()) == before == ({"kim@birch.com", "l@elm.com"}, {"birch.com": 1, "elm.com": 2})


def test_a_table_of_a_warehouse_may_have_it_in_a_column() -> None:
    row = {"id": "1", "user_id": "u1", "event": "item_created", "context_traits_email": "kim@birch.com"}
    message = message_of_row(row)
    assert message is not None
    assert message["context"] == {"traits": {"email": "kim@birch.com"}}


def test_an_event_of_somebody_known_asks_for_the_identity_once_a_day(send: Send, monkeypatch: Any) -> None:
    asked: list[int] = []
    resolve = cache.resolve_batch

    def counting(source: int, messages: Any, **more: Any) -> Any:
        asked.append(len(messages))
        return resolve(source, messages, **more)

    monkeypatch.setattr(cache, "resolve_batch", counting)
    for hours in (23, 22, 21, 2, 1):
        send(track("u1", days=hours / 24, **along("kim@birch.com")))
    assert (asked, Usage.objects.count()) == ([1, 1], 2)


def test_an_address_beside_one_of_its_own_is_taken_in_when_it_comes_alone(send: Send) -> None:
    send(identify("u1", "kim@birch.com") | along("kim@elm.com"))
    send(track("u1", **along("kim@elm.com")))
    assert Identity.objects.filter(value="kim@elm.com").count() == 1


def test_a_former_user_id_that_is_an_address_gives_a_company_as_well(send: Send) -> None:
    send({"type": "alias", "userId": "u1", "previousId": "kim@birch.com"})
    former = Person.objects.get(identities__value="kim@birch.com")
    assert former.account == Account.objects.get(domain="birch.com")
