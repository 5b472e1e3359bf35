"""Suggested merges by API: what is shown, and each decision with its undo."""

from typing import Any

import pytest
from django.test import Client
from rest_framework.authtoken.models import Token

from accounts.models import MergeSuggestion, Person
from tests.conftest import Send, alias, identify, track
from tests.factories import Desk

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/merge-suggestions/"


@pytest.fixture
def suggestion(send: Send) -> MergeSuggestion:
    """Two user ids of one source, of which an alias says that they are one person; of only one the company is known."""
    send(identify("7", "ann@heron-boats.com"), track("7", "Opened"), track("8", "Opened"))
    send(alias("8", "7"))
    return MergeSuggestion.objects.get()


@pytest.fixture
def api(desk: Desk) -> Any:
    token = Token.objects.create(user=desk.ada)

    def call(method: str, address: str = "") -> Any:
        answer = Client().generic(method, ROOT + address, headers={"Authorization": f"Token {token.key}"})
        assert answer.status_code == 200
        return answer.json()

    return call


def whole() -> int:
    return Person.objects.filter(merged_into=None, actors__isnull=False).distinct().count()


def test_those_to_decide_are_listed_with_both_sides(api: Any, suggestion: MergeSuggestion) -> None:
    [row] = api("GET")["results"]
    assert (row["id"], row["state"], row["why"], row["evidence"]) == (
        suggestion.pk, "open", "users", "7",
    )  # fmt: skip
    assert {row["left"]["id"], row["right"]["id"]} == {suggestion.left_id, suggestion.right_id}
    assert api("GET", "?state=refused")["results"] == []


def test_one_says_what_accepting_would_move_and_moves_nothing(api: Any, suggestion: MergeSuggestion) -> None:
    assert api("GET", f"{suggestion.pk}/")["moves"] == [
        {"before": "no account", "after": "heron-boats.com", "places": 1}
    ]  # fmt: skip
    assert (whole(), MergeSuggestion.objects.get().state) == (2, "open")


def test_accepting_joins_and_undoing_takes_apart(api: Any, suggestion: MergeSuggestion) -> None:
    for _ in range(2):
        assert api("POST", f"{suggestion.pk}/accept/")["state"] == "accepted"
    assert whole() == 1
    assert api("GET", f"{suggestion.pk}/")["moves"] == []
    for _ in range(2):
        assert api("POST", f"{suggestion.pk}/undo/")["state"] == "open"
    assert whole() == 2


def test_what_was_refused_is_not_suggested_again(api: Any, suggestion: MergeSuggestion, send: Send) -> None:
    answer = api("POST", f"{suggestion.pk}/refuse/")
    assert (answer["state"], answer["decided_by"]["username"]) == ("refused", "ada")
    send(alias("8", "7"))
    assert (api("GET")["count"], api("GET", "?state=all")["count"]) == (0, 1)
