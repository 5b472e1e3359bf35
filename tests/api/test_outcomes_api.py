"""Outcome, and the report, over the API."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from accounts.models import Account
from outreach.models import Outcome
from tests.api.conftest import MakeItem

ADDRESS = "/api/v1/outcomes/"
WON = {"kind": "won", "amount": "1200.50", "currency": "EUR"}


def only() -> Outcome:
    return Outcome.objects.get()


def test_an_outcome_of_an_item_is_its_plays(as_rep: APIClient, rita: User, acme: Account, item: MakeItem) -> None:
    made = item(acme, rep=rita)
    answer = as_rep.post(ADDRESS, WON | {"item": made.pk}, format="json")
    assert answer.status_code == 201
    told = answer.json()
    assert (told["play"], told["item"], told["amount"], told["currency"]) == ("api-hands", made.pk, "1200.50", "EUR")
    assert (told["from_product"], told["user"]["username"], told["credit"]) == (
        False, "rita", "“Hand raisers”: logged on its item.",
    )  # fmt: skip
    assert as_rep.get(ADDRESS).json()["results"] == [told]


def test_an_outcome_of_an_account_may_be_self_serve(as_rep: APIClient, acme: Account) -> None:
    told = as_rep.post(ADDRESS, {"kind": "meeting", "account": acme.pk}, format="json").json()
    assert (told["play"], told["amount"], told["account"]["name"]) == (None, None, "Acme")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"kind": "won"}, "Give either an item or an account"),
        ({"kind": "won", "item": 1, "account": 1}, "Give either an item or an account"),
        ({"kind": "party", "account": 1}, "not a valid choice"),
        ({"kind": "won", "account": 1, "amount": "-1", "currency": "EUR"}, "greater than or equal to 0"),
        ({"kind": "won", "account": 1, "amount": "1", "currency": "eur"}, "does not match"),
        ({"kind": "won", "account": 2**31}, "less than or equal to"),
    ],
)
def test_what_makes_no_sense_is_refused(as_rep: APIClient, body: dict[str, Any], words: str) -> None:
    answer = as_rep.post(ADDRESS, body, format="json")
    assert (answer.status_code, words in answer.json()["message"]) == (400, True)
    assert not Outcome.objects.exists()


def test_what_the_work_function_refuses_is_told_in_its_words(as_rep: APIClient, acme: Account) -> None:
    answer = as_rep.post(ADDRESS, {"kind": "won", "account": acme.pk}, format="json")
    assert (answer.status_code, "A won deal needs" in answer.json()["message"]) == (400, True)


def test_another_teams_item_is_not_found(as_outsider: APIClient, rita: User, acme: Account, item: MakeItem) -> None:
    answer = as_outsider.post(ADDRESS, WON | {"item": item(acme, rep=rita).pk}, format="json")
    assert answer.status_code == 404
    assert not Outcome.objects.exists()


def test_who_may_only_read_notes_nothing(as_reader: APIClient, acme: Account) -> None:
    assert as_reader.post(ADDRESS, WON | {"account": acme.pk}, format="json").status_code == 403
    assert as_reader.get(ADDRESS).status_code == 200


def test_taking_back(as_rep: APIClient, as_outsider: APIClient, as_manager: APIClient, acme: Account) -> None:
    as_rep.post(ADDRESS, WON | {"account": acme.pk}, format="json")
    undo = f"{ADDRESS}{only().pk}/undo/"
    assert as_outsider.post(undo).status_code == 404
    assert only().undone_at is None
    assert as_manager.post(undo).status_code == 200
    assert as_manager.post(undo).status_code == 400
    assert as_rep.get(ADDRESS).json()["results"] == []


@pytest.mark.parametrize(("query", "count"), [("kind=won", 1), ("kind=lost", 0), ("play=api-hands", 1), ("play=x", 0)])
def test_outcomes_are_found_by(
    as_rep: APIClient, rita: User, acme: Account, item: MakeItem, query: str, count: int
) -> None:
    as_rep.post(ADDRESS, WON | {"item": item(acme, rep=rita).pk}, format="json")
    assert as_rep.get(f"{ADDRESS}?{query}").json()["count"] == count


def test_the_report_tells_what_the_page_tells(
    as_rep: APIClient, as_outsider: APIClient, as_manager: APIClient, rita: User, acme: Account, item: MakeItem
) -> None:
    as_rep.post(ADDRESS, WON | {"item": item(acme, rep=rita).pk}, format="json")
    as_rep.post(ADDRESS, {"kind": "meeting", "account": Account.objects.create(name="Other").pk}, format="json")
    found = {}
    for name, client in (("rep", as_rep), ("outsider", as_outsider), ("manager", as_manager)):
        report = client.get("/api/v1/reports/plays/").json()
        [line] = [line for line in report["plays"] if line["slug"] == "api-hands"]
        found[name] = (line["tally"]["won"], line["tally"]["money"], report["self_serve"]["meetings"])
    money = [{"currency": "EUR", "amount": "1200.50", "number": 1}]
    assert found == {"rep": (1, money, 1), "outsider": (0, [], 0), "manager": (1, money, 1)}


@pytest.mark.parametrize("query", ["since=2026-05-02&until=2026-05-01", "since=1990-01-01", "since=x", "rep=0"])
def test_a_period_that_makes_no_sense_is_refused(as_rep: APIClient, query: str) -> None:
    assert as_rep.get(f"/api/v1/reports/plays/?{query}").status_code == 400
