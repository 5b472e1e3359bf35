"""Who runs a workspace of the product is what an admin says of its roles."""

from typing import Any

import pytest

from accounts.identity.corrections import derive_waiting
from accounts.models import Person
from signals.models import VocabularyChange
from signals.vocabulary.effects import effect_of
from signals.vocabulary.meanings import say, undo
from tests.conftest import Send, identify

RANK = [{"of": "person", "path": "Crew.Rank"}]


def sailor(user: str, rank: Any) -> dict[str, Any]:
    return identify(user, f"{user}@quint-freight.com", traits={"Crew": {"Rank": rank}})


def admins() -> list[str]:
    return sorted(Person.objects.filter(is_product_admin=True).values_list("email", flat=True))


def say_rank(*ranks: str) -> None:
    say("meaning:role", {"paths": RANK, "options": {"admins": list(ranks)}})
    derive_waiting(seconds=60)


@pytest.mark.django_db
def test_roles_that_were_named_run_the_product_and_no_others(send: Send) -> None:
    send(sailor("ann", "Captain"), sailor("bo", "owner"), sailor("cy", "Mate"))
    say_rank("captain")
    assert admins() == ["ann@quint-freight.com"]
    send(sailor("di", "CAPTAIN "), sailor("ann", "Mate"))
    assert admins() == ["di@quint-freight.com"]


@pytest.mark.django_db
def test_a_yes_can_be_the_role(send: Send) -> None:
    send(sailor("ann", True), sailor("bo", False))
    say_rank("true")
    assert admins() == ["ann@quint-freight.com"]


@pytest.mark.django_db
def test_none_named_means_nobody(send: Send) -> None:
    send(sailor("ann", "Owner"))
    say_rank()
    assert admins() == []


@pytest.mark.django_db
def test_where_nobody_says_the_usual_names_count(send: Send) -> None:
    send(sailor("ann", "Owner"), sailor("bo", "Mate"))
    value = {"paths": RANK, "options": {}}
    assert effect_of("role", value) == "1 of 2 people would be admins."
    say("meaning:role", value)
    derive_waiting(seconds=60)
    assert admins() == ["ann@quint-freight.com"]


@pytest.mark.django_db
def test_what_was_said_of_roles_can_be_undone(send: Send) -> None:
    send(identify("ann", "ann@quint-freight.com", traits={"role": "owner"}), sailor("bo", "captain"))
    say_rank("captain")
    assert admins() == ["bo@quint-freight.com"]
    undo(VocabularyChange.objects.get().pk)
    derive_waiting(seconds=60)
    assert admins() == ["ann@quint-freight.com"]
