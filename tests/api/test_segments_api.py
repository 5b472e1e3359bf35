"""Segments by API."""

from datetime import timedelta

import pytest
from rest_framework.test import APIClient

from accounts.models import Account
from signals.models import Segment, SegmentMember, SegmentSize
from tests.clock import T0

RULE = {"measure": {"kind": "attribute", "key": "berth"}, "op": "=", "value": "gold"}
TODAY = T0.date()


@pytest.fixture
def moored(clock: object, shipped: None, many_accounts: list[Account]) -> Segment:
    """The only segment: three of the accounts are in it, and of one nobody knows."""
    Segment.objects.all().delete()
    segment = Segment.objects.create(slug="moored", name="Moored boats", rule=RULE)
    for number in range(3):
        join(segment, many_accounts[number], number, or_earlier=number == 2)
    SegmentMember.objects.create(segment=segment, account=many_accounts[3], known=False, digest=1)
    return segment


def join(segment: Segment, account: Account, days: int, *, or_earlier: bool = False) -> None:
    since = TODAY - timedelta(days=days)
    SegmentMember.objects.create(
        segment=segment, account=account, known=True, since=since, or_earlier=or_earlier, digest=1
    )


def test_all_segments_say_their_rule_and_sizes(as_rep: APIClient, moored: Segment) -> None:
    assert as_rep.get("/api/v1/segments/").json() == {
        "results": [
            {
                "slug": "moored", "name": "Moored boats", "description": "", "ideal": False, "rule": RULE,
                "reads": "Berth is gold", "members": 3, "unknown": 1,
            }
        ]
    }  # fmt: skip


def test_one_segment_says_its_sizes_and_accounts_page_by_page(as_rep: APIClient, moored: Segment) -> None:
    SegmentSize.objects.create(segment=moored, day=TODAY - timedelta(days=2), members=9, unknown=0)
    answer = as_rep.get("/api/v1/segments/moored/?page_size=2").json()
    assert [(each["day"], each["members"], each["unknown"]) for each in answer["sizes"]] == [
        ("2026-03-09", 9, 0),
        ("2026-03-10", 9, 0),
        ("2026-03-11", 3, 1),
    ]
    seen = [(row["account"]["name"], row["since"], row["or_earlier"]) for row in answer["accounts"]["results"]]
    last = as_rep.get(answer["accounts"]["next"]).json()["accounts"]
    seen += [(row["account"]["name"], row["since"], row["or_earlier"]) for row in last["results"]]
    assert (seen, last["next"]) == (
        [
            ("Company 00", "2026-03-11", False),
            ("Company 01", "2026-03-10", False),
            ("Company 02", "2026-03-09", True),
        ],
        None,
    )


def test_accounts_of_which_it_is_not_known_are_asked_for(as_rep: APIClient, moored: Segment) -> None:
    found = as_rep.get("/api/v1/segments/moored/?state=unknown").json()["accounts"]["results"]
    assert [(row["account"]["name"], row["since"]) for row in found] == [("Company 03", None)]


def test_what_cannot_be_asked_of_a_segment_is_refused(as_rep: APIClient, moored: Segment) -> None:
    assert as_rep.get("/api/v1/segments/moored/?state=out").status_code == 400
    assert as_rep.get("/api/v1/segments/gone/").json()["code"] == "not_found"


def test_accounts_are_found_by_segment(as_rep: APIClient, moored: Segment) -> None:
    answer = as_rep.get("/api/v1/accounts/?segment=moored&search=any%2002").json()
    assert [row["name"] for row in answer["results"]] == ["Company 02"]
    assert as_rep.get("/api/v1/accounts/?segment=moored").json()["count"] == 3
    assert as_rep.get("/api/v1/accounts/?segment=gone").json()["fields"] == {"segment": ["There is no such segment."]}


def test_an_account_says_its_segments(as_rep: APIClient, moored: Segment, many_accounts: list[Account]) -> None:
    stays = [as_rep.get(f"/api/v1/accounts/{account.pk}/").json()["segments"] for account in many_accounts[2:5]]
    name = {"slug": "moored", "name": "Moored boats"}
    assert stays == [
        [name | {"known": True, "since": "2026-03-09", "or_earlier": True}],
        [name | {"known": False, "since": None, "or_earlier": False}],
        [],
    ]
