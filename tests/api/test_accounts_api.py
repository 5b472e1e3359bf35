"""Accounts: found, paged, and with their scores."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Account, Assignment, Workspace
from signals.api import AccountRow, PersonRow
from signals.models import AccountState
from tests.api.conftest import MakeScore
from tests.clock import T0

LIST = "/api/v1/accounts/"


def names(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.json()
    return [row["name"] for row in answer.json()["results"]]


@pytest.mark.usefixtures("lane")
def test_rows_are_as_the_schema_describes_them(as_rep: APIClient) -> None:
    [account] = as_rep.get(LIST).json()["results"]
    [person] = as_rep.get("/api/v1/people/").json()["results"]
    assert list(account) == AccountRow.Meta.fields
    assert list(person) == PersonRow.Meta.fields


@pytest.mark.usefixtures("owned")
def test_a_row_says_scores_tier_and_owner(as_rep: APIClient, acme: Account, score: MakeScore) -> None:
    score(70, account=acme)
    [row] = as_rep.get(LIST).json()["results"]
    assert {name: row[name] for name in ("id", "name", "domain")} == {
        "id": acme.pk,
        "name": "Acme",
        "domain": "acme.example",
    }
    assert (row["scores"], row["tier"], row["owner"]["username"]) == ({"pql": 70}, "inside", "rita")


@pytest.mark.usefixtures("acme")
def test_an_account_without_score_or_owner_says_so(as_rep: APIClient) -> None:
    [row] = as_rep.get(LIST).json()["results"]
    assert (row["scores"], row["tier"], row["owner"]) == ({}, None, None)


@pytest.mark.usefixtures("acme", "beta")
@pytest.mark.parametrize(
    ("term", "found"),
    [
        ("acme", ["Acme"]),
        ("ETA.EXAM", ["Beta"]),
        ("be", ["Beta"]),
        ("me", []),  # two letters find only the start
        ("%", []),
        ("", ["Acme", "Beta"]),
    ],
)
def test_search_finds_part_of_a_name_or_domain(as_rep: APIClient, term: str, found: list[str]) -> None:
    assert names(as_rep.get(LIST, {"search": term})) == found


def test_pages_follow_one_another_without_gap_or_repeat(as_rep: APIClient, many_accounts: list[Account]) -> None:
    seen: list[str] = []
    address = f"{LIST}?page_size=5&search=company"
    while address:
        answer = as_rep.get(address).json()
        assert answer["count"] == 12
        seen += [row["name"] for row in answer["results"]]
        address = answer["next"]
    assert seen == [account.name for account in many_accounts]


def test_order_by_points_pages_through_equal_points(
    as_rep: APIClient, many_accounts: list[Account], score: MakeScore
) -> None:
    for place, account in enumerate(many_accounts):
        score(10 * (place // 4), account=account)
    first = as_rep.get(LIST, {"order": "points", "page_size": 6}).json()
    second = as_rep.get(first["next"]).json()
    found = [row["name"][-2:] for row in first["results"] + second["results"]]
    assert found == ["08", "09", "10", "11", "04", "05", "06", "07", "00", "01", "02", "03"]
    assert second["next"] is None


@pytest.mark.parametrize(("tier", "points"), [("nurture", [0, 40]), ("upgrade", [41, 64]), ("inside", [65, 200])])
def test_tier_finds_accounts_of_that_tier(
    as_rep: APIClient, many_accounts: list[Account], score: MakeScore, tier: str, points: list[int]
) -> None:
    for account, value in zip(many_accounts, (0, 40, 41, 64, 65, 200), strict=False):
        score(value, account=account)
    rows = as_rep.get(LIST, {"tier": tier}).json()["results"]
    assert [row["scores"]["pql"] for row in rows] == points


@pytest.mark.usefixtures("owned", "beta")
def test_owner_may_be_me_nobody_or_an_id(as_rep: APIClient, as_outsider: APIClient, owned: Assignment) -> None:
    assert names(as_rep.get(LIST, {"owner": "me"})) == ["Acme"]
    assert names(as_outsider.get(LIST, {"owner": "me"})) == []
    assert names(as_rep.get(LIST, {"owner": owned.rep_id})) == ["Acme"]
    assert names(as_rep.get(LIST, {"owner": "none"})) == ["Beta"]


@pytest.mark.usefixtures("version")
@pytest.mark.parametrize(
    ("asked", "wrong"),
    [
        ({"page_size": "many"}, "page_size"),
        ({"page_size": 0}, "page_size"),
        ({"after": "made-up"}, "after"),
        ({"after": "WyJ4Il0"}, "after"),  # ["x"]
        ({"after": "W251bGxd"}, "after"),  # [null]
        ({"owner": "rita"}, "owner"),
        ({"model": "nps"}, "model"),
        ({"tier": "gold"}, "tier"),
        ({"order": "name"}, "order"),
        ({"search": "a\0b"}, "search"),
        ({"search": "x" * 101}, "search"),
    ],
)
def test_what_cannot_be_understood_is_refused_by_name(as_rep: APIClient, asked: dict[str, Any], wrong: str) -> None:
    answer = as_rep.get(LIST, asked)
    assert (answer.status_code, answer.json()["code"], list(answer.json()["fields"])) == (400, "invalid", [wrong])


def test_a_page_has_at_most_200_rows(as_rep: APIClient) -> None:
    Account.objects.bulk_create([Account(name=f"Company {n}") for n in range(201)])
    answer = as_rep.get(LIST, {"page_size": 100_000}).json()
    assert (len(answer["results"]), answer["count"]) == (200, 201)


def test_counting_stops_where_it_would_cost(as_rep: APIClient) -> None:
    Account.objects.bulk_create([Account(name=f"Company {n}") for n in range(2_001)])
    assert as_rep.get(LIST).json()["count"] is None
    assert as_rep.get(LIST, {"search": "company"}).json()["count"] is None
    assert as_rep.get(LIST, {"search": "company 199"}).json()["count"] == 11


@pytest.mark.usefixtures("owned")
def test_one_account_says_breakdown_workspaces_and_measures(as_rep: APIClient, acme: Account, score: MakeScore) -> None:
    score(70, account=acme)
    Workspace.objects.create(source_id=1, external_id="design", name="Design", account=acme)
    AccountState.objects.create(
        account=acme, measures={"people.30": 9}, fingerprint=1, as_of="2026-03-11", changed_at=T0
    )
    answer = as_rep.get(f"{LIST}{acme.pk}/").json()
    [entry] = answer["scores"][0]["breakdown"]
    assert (entry["slug"], entry["name"], entry["points"], entry["held"]) == ("invited", "Invited somebody", 70, True)
    assert entry["measures"] == [{"key": "count:invited:30d", "value": 3.0, "op": ">=", "threshold": 1}]
    assert answer["scores"][0]["version"] == 3
    assert [workspace["name"] for workspace in answer["workspaces"]] == ["Design"]
    assert answer["state"]["measures"] == {"people.30": 9}
    assert (answer["tier"], answer["owner"]["name"]) == ("inside", "Rita")


@pytest.mark.parametrize("account_id", ["2147483000", "99999999999999999999"])
def test_an_account_that_is_not_there_is_404(as_rep: APIClient, account_id: str) -> None:
    answer = as_rep.get(f"{LIST}{account_id}/")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
