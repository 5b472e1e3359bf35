"""What an admin says of traits reaches the people and companies that are already known, and those who come."""

from collections.abc import Sequence
from typing import Any

import pytest

from accounts.identity import corrections
from accounts.identity.corrections import derive_waiting
from accounts.models import Account, IdentityVersion, MergeSuggestion, Person, Workspace
from plgcrm import pipeline
from signals.models import VocabularyChange
from signals.vocabulary.meanings import say, say_all, undo
from tests.conftest import Send, group, identify, track

NAME = {"paths": [{"of": "person", "path": "Skipper"}]}
MAIL = {"paths": [{"of": "person", "path": "Radio.Mail"}]}
FIRM = {"paths": [{"of": "company", "path": "Fleet"}]}
SITE = {"paths": [{"of": "company", "path": "Harbour"}]}


def sailor(user: str, address: str = "", name: str = "", **more: Any) -> dict[str, Any]:
    traits = ({"Radio": {"Mail": address}} if address else {}) | ({"Skipper": name} if name else {})
    return identify(user, traits=traits, **more)


def everybody() -> list[tuple[str, str, str]]:
    """(name, address, domain of the account) of each whole person."""
    people = Person.objects.filter(merged_into=None).values_list("name", "email", "account__domain")
    return sorted((name, email, domain or "") for name, email, domain in people)


@pytest.mark.django_db
def test_a_name_said_later_reaches_people_who_never_come_back(send: Send) -> None:
    send(sailor("u1", name="Ada Quint"), track("u1"))
    say("meaning:person_name", NAME)
    assert derive_waiting(seconds=60) == 1
    assert everybody() == [("Ada Quint", "", "")]


@pytest.mark.django_db
def test_what_is_undone_is_derived_back(send: Send) -> None:
    send(sailor("u1", name="Ada Quint"))
    say("meaning:person_name", NAME)
    derive_waiting(seconds=60)
    undo(VocabularyChange.objects.get().pk)
    derive_waiting(seconds=60)
    assert everybody() == [("", "", "")]


@pytest.mark.django_db
def test_a_company_is_named_and_found_by_traits_that_are_explained_later(send: Send) -> None:
    send(group("u1", "w1", Fleet="Quint Freight", Harbour="https://quint-freight.com"))
    say_all([("meaning:company_name", FIRM), ("meaning:website", SITE)])
    derive_waiting(seconds=60)
    assert list(Account.objects.values_list("name", "domain")) == [("Quint Freight", "quint-freight.com")]
    assert Workspace.objects.get().account == Account.objects.get()


@pytest.mark.django_db
def test_two_ids_with_one_address_under_any_name_may_be_one_person(send: Send) -> None:
    say("meaning:email", MAIL)
    send(sailor("u1", "ada@quint-freight.com"))
    send(sailor("u2", "Ada@quint-freight.com"), track("u2"))
    assert everybody() == [("", "", "quint-freight.com"), ("", "ada@quint-freight.com", "quint-freight.com")]
    assert MergeSuggestion.objects.get().cause == "email"


@pytest.mark.django_db
def test_an_address_that_is_explained_later_suggests_that_two_ids_are_one_person(send: Send) -> None:
    send(sailor("u1", "ada@quint-freight.com"), sailor("u2", "ada@quint-freight.com"))
    send(sailor("u3", "bo@quint-freight.com"))
    say("meaning:email", MAIL)
    derive_waiting(seconds=60)
    assert everybody() == [
        ("", "", "quint-freight.com"),
        ("", "ada@quint-freight.com", "quint-freight.com"),
        ("", "bo@quint-freight.com", "quint-freight.com"),
    ]
    assert MergeSuggestion.objects.get().evidence == "ada@quint-freight.com"


@pytest.mark.django_db
def test_nobody_is_refused_between_the_word_and_its_effect(send: Send) -> None:
    send(sailor("u1", "ada@quint-freight.com"), sailor("u2", "ada@quint-freight.com"))
    say("meaning:email", MAIL)
    send(track("u1", workspace="w1"), track("u2", workspace="w2"))
    send(sailor("u3", "ada@quint-freight.com"))
    derive_waiting(seconds=60)
    assert everybody() == [*[("", "", "quint-freight.com")] * 2, ("", "ada@quint-freight.com", "quint-freight.com")]


@pytest.mark.django_db
def test_the_name_that_an_admin_gave_goes_before_the_usual_one(send: Send) -> None:
    say("meaning:email", MAIL)
    shared = {"email": "office@quint-freight.com"}
    send(
        identify("u1", traits={"Radio": {"Mail": "ada@quint-freight.com"}} | shared),
        identify("u2", traits={"Radio": {"Mail": "bo@quint-freight.com"}} | shared),
    )
    assert [email for _, email, _ in everybody()] == ["ada@quint-freight.com", "bo@quint-freight.com"]


MESSAGES = (
    sailor("u1", "ada@quint-freight.com", "Ada", days=3),
    sailor("u2", "bo@quint-freight.com", days=3),
    sailor("u3", "ADA@quint-freight.com", days=2),
    identify("u3", traits={"Skipper": "Ada Quint"}, days=1),
    identify("u2", "bo@other-line.net", days=1),
    group("u2", "w1", Harbour="quint-freight.com"),
)


@pytest.mark.django_db
@pytest.mark.parametrize("said_after", range(len(MESSAGES) + 1))
def test_it_does_not_matter_when_the_meanings_are_said(send: Send, said_after: int) -> None:
    meanings = [("meaning:email", MAIL), ("meaning:person_name", NAME), ("meaning:website", SITE)]
    _one_by_one(send, MESSAGES[:said_after])
    say_all(meanings)
    derive_waiting(seconds=60)
    _one_by_one(send, MESSAGES[said_after:])
    assert everybody() == [
        ("", "bo@quint-freight.com", "quint-freight.com"),
        ("Ada", "ada@quint-freight.com", "quint-freight.com"),
        ("Ada Quint", "", "quint-freight.com"),
    ]


def _one_by_one(send: Send, messages: Sequence[dict[str, Any]]) -> None:
    for message in messages:
        send(message)


@pytest.mark.django_db
def test_steps_reach_everybody_once_and_then_nothing_waits(send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corrections, "IDS_A_STEP", 2)
    send(*(sailor(f"u{n}", name=f"Sailor {n}") for n in range(5)), group("u0", "w1", Fleet="Quint Freight"))
    say_all([("meaning:person_name", NAME), ("meaning:company_name", FIRM)])
    assert derive_waiting(seconds=60) == 5
    assert [name for name, _, _ in everybody()] == [f"Sailor {n}" for n in range(5)]
    assert Workspace.objects.get().name == "Quint Freight"
    assert derive_waiting(seconds=60) == 0


@pytest.mark.django_db
def test_a_turn_that_has_no_time_left_goes_on_in_the_next(send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corrections, "IDS_A_STEP", 1)
    send(sailor("u1", name="Ada"), sailor("u2", name="Bo"))
    say("meaning:person_name", NAME)
    looked_at = [derive_waiting(seconds=0) for _ in range(4)]
    assert (looked_at, IdentityVersion.objects.get().derive_from) == ([0, 1, 1, 0], None)
    assert [name for name, _, _ in everybody()] == ["Ada", "Bo"]


@pytest.mark.django_db
def test_meanings_that_name_nobody_have_nobody_derived_again(send: Send) -> None:
    send(sailor("u1", name="Ada"))
    say("meaning:industry", FIRM)
    assert derive_waiting(seconds=60) == 0


@pytest.mark.django_db
def test_upkeep_does_it(send: Send) -> None:
    send(sailor("u1", name="Ada"))
    say("meaning:person_name", NAME)
    pipeline.upkeep()
    assert everybody() == [("Ada", "", "")]
