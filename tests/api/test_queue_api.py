"""The queue: who sees what, in which order, and what each action does."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Account
from outreach.models import QueueItem, QueueItemChange
from tests.api.conftest import MakeItem
from tests.clock import beginning

LIST = "/api/v1/queue/"
BODIES: dict[str, dict[str, Any]] = {
    "claim": {},
    "release": {},
    "snooze": {"until": "2100-01-01T00:00:00Z"},
    "dismiss": {"reason": "not-a-fit"},
    "done": {"disposition": "called"},
    "reassign": {"rep": 1},
}


def ids(answer: Any) -> list[int]:
    assert answer.status_code == 200, answer.json()
    return [row["id"] for row in answer.json()["results"]]


def post(client: APIClient, item: QueueItem, verb: str, body: dict[str, Any] | None = None) -> Any:
    return client.post(f"{LIST}{item.pk}/{verb}/", body or {}, format="json")


def test_an_item_says_why_now_and_why_it_stands_where_it_does(
    as_rep: APIClient, acme: Account, rita: User, item: MakeItem
) -> None:
    item(acme, rep=rita, facts={"people_active_30": 9}, priority_parts={"rate": 0.1})
    [row] = as_rep.get(LIST).json()["results"]
    assert row["why_now"] == "Ada asked for a demo."
    assert (row["facts"], row["priority_parts"]) == ({"people_active_30": 9}, {"rate": 0.1})
    assert (row["account"]["id"], row["play"], row["rep"]["username"]) == (acme.pk, "api-hands", "rita")
    assert row["decision"]["checks"] == [
        {"guard": "first_value", "held": False, "words": "They have seen first value."}
    ]


def test_a_rep_sees_own_items_and_the_unassigned_of_the_team(
    as_rep: APIClient,
    as_outsider: APIClient,
    as_manager: APIClient,
    rita: User,
    tom: User,
    item: MakeItem,
    many_accounts: list[Account],
) -> None:
    own, free, others = (
        item(account, rep=holder) for account, holder in zip(many_accounts, (rita, None, tom), strict=False)
    )
    assert ids(as_rep.get(LIST)) == [own.pk, free.pk]
    assert ids(as_outsider.get(LIST)) == []
    assert ids(as_manager.get(LIST)) == [own.pk, free.pk, others.pk]


def test_items_come_in_the_order_to_work_them_page_by_page(
    as_manager: APIClient, item: MakeItem, many_accounts: list[Account]
) -> None:
    ranks = [(1, 5.0), (0, 1.0), (1, 7.25), (0, 2.0), (1, 5.0)]
    made = [
        item(account, sla_class=sla, priority=priority)
        for account, (sla, priority) in zip(many_accounts, ranks, strict=False)
    ]
    first = as_manager.get(LIST, {"page_size": 2})
    second = as_manager.get(first.json()["next"])
    third = as_manager.get(second.json()["next"])
    assert ids(first) + ids(second) + ids(third) == [made[place].pk for place in (3, 1, 2, 0, 4)]


def test_the_queue_can_be_narrowed(
    as_manager: APIClient, rita: User, item: MakeItem, acme: Account, beta: Account
) -> None:
    mine = item(acme, rep=rita)
    asleep = item(beta, state="snoozed", snoozed_until=timezone.now())
    assert ids(as_manager.get(LIST)) == [mine.pk]
    assert ids(as_manager.get(LIST, {"state": "snoozed"})) == [asleep.pk]
    assert ids(as_manager.get(LIST, {"account": beta.pk})) == []
    assert ids(as_manager.get(LIST, {"rep": rita.pk})) == [mine.pk]
    assert ids(as_manager.get(LIST, {"play": "other"})) == []


@pytest.mark.parametrize(
    ("verb", "body", "state"),
    [
        ("claim", {}, "claimed"),
        ("snooze", {"until": (beginning() + timedelta(days=2)).isoformat()}, "snoozed"),
        ("dismiss", {"reason": "bad-timing", "note": "After the fair"}, "dismissed"),
        ("done", {"disposition": "called"}, "done"),
    ],
)
def test_an_action_answers_with_the_item_as_it_is_now(
    as_rep: APIClient, rita: User, acme: Account, item: MakeItem, verb: str, body: dict[str, Any], state: str
) -> None:
    made = item(acme, rep=rita)
    answer = post(as_rep, made, verb, body)
    made.refresh_from_db()
    assert (answer.status_code, answer.json()["state"], made.state) == (200, state, state)
    assert made.changes.get().user == rita


def test_release_gives_the_item_back(as_rep: APIClient, acme: Account, item: MakeItem) -> None:
    made = item(acme)
    post(as_rep, made, "claim")
    answer = post(as_rep, made, "release")
    assert (answer.status_code, answer.json()["state"], answer.json()["claimed_by"]) == (200, "open", None)


def test_hand_over_puts_it_on_the_other_reps_queue(
    as_rep: APIClient, rita: User, tom: User, acme: Account, item: MakeItem
) -> None:
    made = item(acme, rep=rita)
    answer = post(as_rep, made, "reassign", {"rep": tom.pk, "note": "Yours"})
    assert (answer.status_code, answer.json()["rep"]["username"]) == (200, "tom")
    assert ids(as_rep.get(LIST)) == []


def test_an_item_that_somebody_else_holds_is_a_conflict(
    as_manager: APIClient, as_rep: APIClient, acme: Account, item: MakeItem
) -> None:
    made = item(acme)
    post(as_rep, made, "claim")
    answer = post(as_manager, made, "claim")
    assert (answer.status_code, answer.json()["code"]) == (409, "already_claimed")
    assert answer.json()["message"] == "Rita has claimed this item."


def test_a_closed_item_cannot_be_claimed(as_rep: APIClient, rita: User, acme: Account, item: MakeItem) -> None:
    made = item(acme, rep=rita)
    post(as_rep, made, "done", {"disposition": "met"})
    answer = post(as_rep, made, "claim")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_possible")


@pytest.mark.parametrize(
    ("verb", "body", "wrong"),
    [
        ("snooze", {}, "until"),
        ("snooze", {"until": "soon"}, "until"),
        ("snooze", {"until": "2020-01-01T00:00:00Z"}, "non_field_errors"),
        ("dismiss", {"reason": "bored"}, "reason"),
        ("done", {"disposition": "done"}, "disposition"),
        ("done", {"disposition": "met", "note": "x" * 1001}, "note"),
        ("reassign", {"rep": 999_999}, "rep"),
        ("reassign", {"rep": True}, "rep"),
    ],
)
def test_a_body_that_does_not_fit_changes_nothing(
    as_rep: APIClient, rita: User, acme: Account, item: MakeItem, verb: str, body: dict[str, Any], wrong: str
) -> None:
    made = item(acme, rep=rita)
    answer = post(as_rep, made, verb, body)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [wrong])
    assert not QueueItemChange.objects.exists()


def test_nothing_is_handed_to_somebody_who_may_only_read(
    as_rep: APIClient, rita: User, acme: Account, item: MakeItem, as_reader: APIClient
) -> None:
    made = item(acme, rep=rita)
    answer = post(as_rep, made, "reassign", {"rep": User.objects.get(username="rolf").pk})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["rep"])


@pytest.mark.parametrize("verb", BODIES)
def test_anothers_item_is_404_and_stays_as_it_is(
    as_outsider: APIClient, rita: User, acme: Account, item: MakeItem, verb: str
) -> None:
    made = item(acme, rep=rita)
    answer = post(as_outsider, made, verb, BODIES[verb])
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert not QueueItemChange.objects.exists()
    assert as_outsider.get(f"{LIST}{made.pk}/").status_code == 404


@pytest.mark.parametrize("verb", BODIES)
def test_read_only_sees_but_changes_nothing(
    as_reader: APIClient, rita: User, acme: Account, item: MakeItem, verb: str
) -> None:
    made = item(acme, rep=rita)
    assert as_reader.get(f"{LIST}{made.pk}/").status_code == 200
    answer = post(as_reader, made, verb, BODIES[verb])
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
    assert not QueueItemChange.objects.exists()
