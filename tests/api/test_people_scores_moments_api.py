"""People, scores and moments."""

import pytest
from rest_framework.test import APIClient

from accounts.models import Account, Actor, Identity, Person, Workspace
from signals.models import Moment
from tests.api.conftest import MakeScore
from tests.clock import T0


def test_a_person_is_listed_once_however_many_rows_were_merged(as_rep: APIClient, lane: Person) -> None:
    Person.objects.create(merged_into=lane)
    [row] = as_rep.get("/api/v1/people/").json()["results"]
    assert (row["id"], row["email"], row["account"]["name"]) == (lane.pk, "ada@acme.example", "Acme")


def test_a_merged_row_answers_with_the_whole_person(as_rep: APIClient, lane: Person) -> None:
    leaf = Person.objects.create(merged_into=lane)
    Identity.objects.create(source_id=1, kind=Identity.Kind.USER, value="u1", person=leaf)
    answer = as_rep.get(f"/api/v1/people/{leaf.pk}/").json()
    assert (answer["id"], answer["identities"]) == (lane.pk, [{"kind": "user", "value": "u1", "source_id": 1}])


def test_a_person_with_several_merged_rows_is_found_once(as_rep: APIClient, lane: Person) -> None:
    Person.objects.create(merged_into=lane)
    Person.objects.create(merged_into=lane)
    assert as_rep.get(f"/api/v1/people/{lane.pk}/").status_code == 200


def test_people_are_found_by_name_address_and_account(as_rep: APIClient, lane: Person, beta: Account) -> None:
    bob = Person.objects.create(name="Bob", email="bob@beta.example", account=beta)
    found = {
        key: [row["id"] for row in as_rep.get("/api/v1/people/", asked).json()["results"]]
        for key, asked in {
            "name": {"search": "LANE"},
            "address": {"search": "@beta"},
            "account": {"account": beta.pk},
        }.items()
    }
    assert found == {"name": [lane.pk], "address": [bob.pk], "account": [bob.pk]}


def test_a_person_says_workspaces_and_own_scores(as_rep: APIClient, lane: Person, score: MakeScore) -> None:
    score(40, person=lane)
    workspace = Workspace.objects.create(source_id=1, external_id="w1", account=lane.account)
    Actor.objects.create(profile=lane, person=lane, workspace=workspace, first_at=T0)
    answer = as_rep.get(f"/api/v1/people/{lane.pk}/").json()
    assert [row["external_id"] for row in answer["workspaces"]] == ["w1"]
    assert [row["points"] for row in answer["scores"]] == [40]


def test_scores_are_found_by_account_person_and_model(
    as_rep: APIClient, lane: Person, acme: Account, score: MakeScore
) -> None:
    score(70, account=acme)
    score(40, person=lane)
    points = {
        key: [row["points"] for row in as_rep.get("/api/v1/scores/", asked).json()["results"]]
        for key, asked in {
            "account": {"account": acme.pk},
            "person": {"person": lane.pk},
            "model": {"model": "pql"},
            "other": {"model": "nps"},
        }.items()
    }
    assert points == {"account": [70], "person": [40], "model": [70, 40], "other": []}


def test_moments_of_an_account_include_those_of_its_people(as_rep: APIClient, lane: Person) -> None:
    actor = Actor.objects.create(profile=lane, person=lane, account=lane.account, first_at=T0)
    own = Moment.objects.create(kind="tier", cause="one", account=lane.account, at=T0)
    hand = Moment.objects.create(kind="hand", cause="two", actor=actor, at=T0)
    Moment.objects.create(kind="tier", cause="three", account=Account.objects.create(name="Other"), at=T0)
    rows = as_rep.get("/api/v1/moments/", {"account": lane.account_id}).json()["results"]
    assert {row["id"] for row in rows} == {own.pk, hand.pk}
    assert [row["person"]["name"] for row in rows if row["person"]] == ["Ada Lane"]


def test_moments_page_by_the_time_they_were_noticed(as_rep: APIClient, acme: Account) -> None:
    made = [Moment.objects.create(kind="tier", cause=str(n), account=acme, at=T0) for n in range(5)]
    first = as_rep.get("/api/v1/moments/", {"page_size": 3}).json()
    second = as_rep.get(first["next"]).json()
    found = [row["id"] for row in first["results"] + second["results"]]
    assert found == [moment.pk for moment in reversed(made)]


@pytest.mark.parametrize("path", ["people/?account=0", "scores/?account=99999999999", "moments/?account=x"])
def test_an_impossible_id_is_refused(as_rep: APIClient, path: str) -> None:
    answer = as_rep.get(f"/api/v1/{path}")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["account"])
