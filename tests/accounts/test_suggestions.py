"""Merges that only a person may decide: what is held, what accepting moves, and that undoing it leaves nothing."""

import hashlib
from typing import Any

import pytest
from django.utils import timezone

from accounts.identity import cache, suggestions
from accounts.identity.corrections import split
from accounts.models import Identity, MergeSuggestion, Person, PersonMerge
from accounts.rules.merging import Side, why_held
from plgcrm.common.sql import rows
from signals.ingest.keys import ensure_source
from signals.ingest.receive import SourceRef, receive
from signals.ingest.wire import parse
from signals.models import Usage
from tests.conftest import T0, Send, alias, identify, track

pytestmark = pytest.mark.django_db


def usage() -> dict[str | None, int]:
    found: dict[str | None, int] = {}
    for domain, count in Usage.objects.values_list("actor__account__domain", "count"):
        found[domain] = found.get(domain, 0) + count
    return found


def people() -> set[str]:
    return set(Person.objects.filter(merged_into=None).values_list("email", flat=True))


def held() -> list[tuple[str, str, str]]:
    return list(MergeSuggestion.objects.order_by("pk").values_list("cause", "why", "evidence"))


DERIVED = {
    "accounts_person": "id", "accounts_actor": "id", "accounts_workspace": "id", "accounts_account": "id",
    "accounts_identity": "id", "accounts_attribute": "subject_kind, subject_id, key_id, origin, day",
    "signals_usage": "actor_id, day, definition_id", "accounts_mergesuggestion": "id",
}  # fmt: skip


def checksum() -> str:
    """Of all derived tables."""
    found = [rows(f"SELECT * FROM {table} ORDER BY {order}") for table, order in DERIVED.items()]
    return hashlib.sha256(repr(found).encode()).hexdigest()


TWO = [identify("al-a", "ann@alpha-one.com", days=9), identify("al-b", "bob@beta-two.com", days=9)]
DID = [track("al-a", days=8), track("al-b", days=8), track("al-b", days=7)]


def test_an_alias_of_two_known_users_is_a_suggestion(send: Send) -> None:
    send(*TWO, *DID)
    send(alias("al-a", "al-b"))
    assert (people(), usage()) == ({"ann@alpha-one.com", "bob@beta-two.com"}, {"alpha-one.com": 1, "beta-two.com": 2})
    assert (held(), PersonMerge.objects.count()) == ([("alias", "users", "al-b")], 0)


def test_an_address_of_somebody_known_is_theirs_alone_and_both_stay_in_the_company(send: Send) -> None:
    send(identify("u1", "ann@acme.com", days=2), identify("u2", "Ann@acme.com", days=1), track("u1"), track("u2"))
    found = Person.objects.order_by("pk").values_list("email", "domain", "account__domain")
    assert list(found) == [("ann@acme.com", "acme.com", "acme.com"), ("", "acme.com", "acme.com")]
    assert (held(), usage()) == ([("email", "users", "ann@acme.com")], {"acme.com": 2})


@pytest.mark.parametrize("first", ["u1", "u2"])
def test_who_said_an_address_first_by_the_events_own_time_has_it(send: Send, first: str) -> None:
    said = {"u1": identify("u1", "ann@acme.com", days=2), "u2": identify("u2", "ann@acme.com", days=1)}
    send(said.pop(first))
    send(*said.values())
    holder = Identity.objects.get(value="u1").person
    assert (holder and holder.email, Identity.objects.get(kind=3).claimed_by) == ("ann@acme.com", holder)


def test_an_alias_of_a_visitor_joins_them_and_one_of_anothers_visitor_is_a_suggestion(send: Send) -> None:
    send(track(None, anonymous="v1", days=5), identify("u1", "ann@acme.com"), identify("u2", "bo@beta-two.com"))
    send(alias("u1", "v1", days=3))
    assert usage() == {"acme.com": 1}
    send(alias("u2", "v1", days=2))
    assert (usage(), people()) == ({"acme.com": 1}, {"ann@acme.com", "bo@beta-two.com", ""})
    assert ("alias", "users", "v1") in held()


def test_accepting_joins_and_undoing_leaves_the_state_before(send: Send) -> None:
    send(*TWO, *DID, alias("al-a", "al-b"))
    before, suggestion = checksum(), MergeSuggestion.objects.get()
    moves = suggestions.what_would_move(suggestion, timezone.now())
    assert [(move.before, move.after, move.places) for move in moves] == [("alpha-one.com", "beta-two.com", 1)]
    assert checksum() == before
    suggestions.accept(suggestion.pk, None, timezone.now())
    suggestions.accept(suggestion.pk, None, timezone.now())
    assert usage() == {"beta-two.com": 3}
    suggestions.undo(suggestion.pk, None, timezone.now())
    assert checksum() == before


def test_splitting_the_merge_asks_again(send: Send) -> None:
    send(*TWO, *DID, alias("al-a", "al-b"))
    accepted = suggestions.accept(MergeSuggestion.objects.get().pk, None, timezone.now())
    assert accepted.merge is not None
    split(accepted.merge.pk, None)
    assert MergeSuggestion.objects.get().state == "open"
    assert usage() == {"alpha-one.com": 1, "beta-two.com": 2}


def test_what_was_refused_is_not_suggested_again_and_refusing_can_be_undone(send: Send) -> None:
    send(*TWO, alias("al-a", "al-b"))
    refused = suggestions.refuse(MergeSuggestion.objects.get().pk, None, timezone.now())
    send(alias("al-a", "al-b"), alias("al-b", "al-a"), identify("al-b", "ann@alpha-one.com"))
    assert list(MergeSuggestion.objects.values_list("pk", "state")) == [(refused.pk, "refused")]
    assert suggestions.undo(refused.pk, None, timezone.now()).state == "open"


def take(source: Any, *messages: dict[str, Any]) -> None:
    import json

    receive(SourceRef(source.pk, source.name), parse(json.dumps({"batch": messages}).encode(), None, T0), T0)


def test_one_address_in_two_sources_is_one_person(send: Send) -> None:
    send(identify("u1", "ann@acme.com"), track("u1"))
    take(ensure_source("Backend"), identify("77", "ann@acme.com"), track("77"))
    assert (people(), held(), usage()) == ({"ann@acme.com"}, [], {"acme.com": 2})


def test_two_users_of_one_source_are_not_joined_by_way_of_another(send: Send) -> None:
    send(identify("u1", "ann@acme.com", days=3), identify("u2", "bo@acme.com", days=3))
    backend = ensure_source("Backend")
    take(backend, identify("77", "ann@acme.com", days=2))
    take(backend, identify("77", "bo@acme.com", days=1))
    rows_of = dict(Identity.objects.filter(kind=1).values_list("value", "person_id"))
    heads = {value: Person.objects.get(pk=pk).merged_into_id or pk for value, pk in rows_of.items()}
    assert (heads["u1"] == heads["77"], heads["u1"] == heads["u2"]) == (True, False)
    assert held() == [("email", "users", "bo@acme.com")]


def test_people_of_two_companies_in_two_sources_are_a_suggestion(send: Send) -> None:
    send(identify("u1", "ann@acme.com", days=3))
    backend = ensure_source("Backend")
    take(backend, identify("77", "bo@beta-two.com", days=2))
    take(backend, identify("77", "ann@acme.com", days=1))
    assert held() == [("email", "companies", "ann@acme.com")]


def test_a_junk_id_that_is_on_no_list_joins_nobody_and_fills_no_list(send: Send) -> None:
    known = [identify(f"u{number}", f"p{number}@firm-{number}.com", days=9) for number in range(120)]
    send(*known)
    for start in range(0, 120, 40):
        said = [identify("junk-7", f"p{number}@firm-{number}.com") for number in range(start, start + 40)]
        send(*said)
    assert Person.objects.filter(merged_into=None).count() == 121
    assert MergeSuggestion.objects.count() <= 100


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        (Side(1, (1,)), Side(2, (1,)), "users"),
        (Side(1, (1,)), Side(2, (2,)), ""),
        (Side(1, (1,), "a.com"), Side(2, (), "b.com"), "companies"),
        (Side(1, (1,), "a.com"), Side(2, (), "a.com"), ""),
        (Side(1, (1,), "a.com", mailbox="x@a.com"), Side(2, (2,), "a.com", mailbox="y@a.com"), "addresses"),
        (Side(1, (1,), mailbox="x@a.com"), Side(2, (2,), mailbox="x@a.com"), ""),
        (Side(1, (1,), mailbox="x@a.com"), Side(2, (), mailbox="y@b.com"), ""),
        (Side(1, (1, 2), rows=2), Side(2, (3,)), ""),
        (Side(1, (1, 2), rows=2), Side(2, (3, 4), rows=2), "ceiling"),
        (Side(1, (1,), rows=199), Side(2), ""),
        (Side(1, (1,), rows=200), Side(2), "ceiling"),
    ],
)
def test_why_a_merge_is_held(one: Side, other: Side, why: str) -> None:
    assert why_held(one, other, most_users=3) == why


def test_a_kiosks_visitors_stay_apart_beyond_the_ceiling(send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.rules.merging.MOST_ROWS", 3)
    for number in range(5):
        send(track(None, anonymous=f"v{number}", days=5))
        send(track("u1", anonymous=f"v{number}", days=4))
    assert Person.objects.filter(merged_into=None).count() == 4
    assert [why for _, why, _ in held()] == ["ceiling"] * 3
    assert cache.known_version() == 0
