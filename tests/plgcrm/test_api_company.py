"""The API company: nothing like the boards one, and with live reasons for each play on every weekday."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from statistics import mean
from typing import Any

import msgspec
import pytest

from plgcrm.demo.companies.api.customers import ApiCustomers, api_customers
from plgcrm.demo.companies.api.history import history_messages
from plgcrm.demo.companies.api.pack import PACK
from plgcrm.demo.companies.api.traffic import ApiTraffic
from plgcrm.demo.companies.boards.pack import PACK as BOARDS

SEED = 5
NOW = datetime(2026, 3, 11, 14, 30, tzinfo=UTC)  # a Wednesday
WEEK = [datetime(2026, 3, 9 + day, (7 * day) % 24, 5, tzinfo=UTC) for day in range(7)]
REQUESTS = ("contact.sales", "demo.requested", "pricing.question_asked")
Message = dict[str, Any]


@dataclass
class Sample:
    now: datetime
    customers: ApiCustomers
    messages: list[Message]  # each once, in order of time, with `at` and `customer` put in

    def last(self, days: float, *names: str) -> Iterator[Message]:
        since = self.now - timedelta(days=days)
        return (each for each in self.messages if each["at"] > since and each.get("event", each.get("name")) in names)

    def traits(self) -> dict[int, Message]:
        """The last traits of each organization."""
        found: dict[int, Message] = {}
        for message in self.messages:
            if message["type"] == "group":
                found.setdefault(message["groupId"], {}).update(message["traits"], at=message["at"])
        return found

    def paying(self) -> dict[int, Message]:
        return {group: each for group, each in self.traits().items() if each.get("monthlySpend", "$0") != "$0"}


@cache
def sample_of(now: datetime, companies: int) -> Sample:
    customers = api_customers(seed=SEED, companies=companies)
    owner = {each.id: customers.organizations[each.organization].customer for each in customers.users}
    unique: dict[str, Message] = {}
    for each in history_messages(seed=SEED, now=now, companies=companies):
        message = msgspec.json.decode(each.body)
        message["at"] = datetime.fromisoformat(message["timestamp"])
        message["customer"] = owner.get(message.get("userId"))
        unique[message["messageId"]] = message
    return Sample(now, customers, sorted(unique.values(), key=lambda each: each["at"]))


@pytest.fixture
def third() -> Sample:
    return sample_of(NOW, 450)


@pytest.fixture(params=WEEK, ids=lambda now: f"{now:%A}")
def small(request: pytest.FixtureRequest) -> Sample:
    return sample_of(request.param, 200)


# --- Size and shape -----------------------------------------------------------------------------------------


def test_it_is_about_as_large_as_the_boards_company() -> None:
    bodies = [each.body for each in PACK.history(NOW)]
    assert 180_000 <= len(bodies) <= 320_000
    assert len(api_customers(seed=PACK.seed, companies=PACK.companies).customers) == 1_400


def test_it_shares_no_event_and_no_trait_of_a_group_with_the_boards_company() -> None:
    api, boards = PACK.truth, BOARDS.truth
    shared = set(api.signals) & set(boards.signals)
    assert shared == {"Pricing", "Security", "Home", "Customers"}  # pages that every web site has
    assert set(api.meanings["company"]) & set(boards.meanings["company"]) == {"name", "industry", "country", "website"}
    assert not set(api.meanings["company"].values()) & {"seats", "seats_used"}


def test_ids_are_numbers(third: Sample) -> None:
    groups = [each for each in third.messages if each["type"] == "group"]
    assert {type(each["userId"]) for each in third.messages if "userId" in each} == {int}
    assert {type(each["groupId"]) for each in groups} == {int}


def test_many_organizations_are_years_old(third: Sample) -> None:
    ages = [NOW - datetime.fromisoformat(each["createdAt"]) for each in third.traits().values()]
    assert 0.2 <= mean(age > timedelta(days=365) for age in ages) <= 0.4
    assert 0.03 <= mean(age > timedelta(days=3 * 365) for age in ages) <= 0.2


def test_money_is_text_and_sizes_are_ranges(third: Sample) -> None:
    traits = list(third.traits().values())
    spends = {each["monthlySpend"] for each in traits if "monthlySpend" in each}
    assert {"$0", "$49", "$290", "$1,200"} <= spends
    sizes = {each["companySize"] for each in traits if "companySize" in each}
    assert {"1-10", "11-50", "51-200", "201-500", "501-1000"} <= sizes


def test_some_customers_leave_traits_out(third: Sample) -> None:
    traits = list(third.traits().values())
    assert sum("planName" not in each for each in traits) >= 5
    assert sum("companySize" not in each for each in traits if "website" in each) >= 5


def test_those_who_pay_get_an_invoice_each_month(third: Sample) -> None:
    invoices: dict[int, list[datetime]] = defaultdict(list)
    for each in third.last(120, "invoice.paid"):
        assert each["properties"]["amount"] >= 49
        invoices[each["context"]["groupId"]].append(each["at"])
    assert sum(len(paid) >= 4 for paid in invoices.values()) >= 25
    gaps = {(later - at).days for paid in invoices.values() for at, later in pairwise(paid)}
    assert min(gaps) == 28


def test_requests_come_rolled_up_by_the_day(third: Sample) -> None:
    rolled = Counter((each["context"]["groupId"], each["at"].date()) for each in third.last(100, "request.succeeded"))
    counted = [each["properties"]["count"] for each in third.last(100, "request.succeeded")]
    assert mean(rolled.values()) < 2
    assert mean(counted) > 100


def test_nobody_uses_more_credits_than_are_included(third: Sample) -> None:
    groups = [each["traits"] for each in third.messages if each["type"] == "group"]
    assert all(0 <= each["creditsUsed"] <= each["creditsIncluded"] for each in groups)


def test_those_who_subscribe_had_used_more_before(third: Sample) -> None:
    """Features and integrations in the first 30 days, of those who were there so long before they paid."""
    first: dict[int, datetime] = {}
    paid: dict[int, datetime] = {}
    deeds: Counter[int] = Counter()
    for each in third.messages:
        group = each.get("context", {}).get("groupId")
        if group is None:
            continue
        first.setdefault(group, each["at"])
        if each.get("event") == "subscription.created":
            paid.setdefault(group, each["at"])
        early = each["at"] - first[group] < timedelta(days=30)
        deeds[group] += early and each.get("event") in {*PACK.truth.core_features, "integration.connected"}
    late = [deeds[group] for group, at in paid.items() if at - first[group] > timedelta(days=30)]
    assert len(late) >= 12
    assert mean(late) > 2 * mean(deeds[group] for group in first if group not in paid)


# --- Each play has live reasons, whatever the weekday -------------------------------------------------------


def test_several_people_asked_in_the_last_two_days(small: Sample) -> None:
    assert len({each["customer"] for each in small.last(2, *REQUESTS)}) >= 5


def test_companies_of_good_fit_are_stuck_before_the_first_answer(small: Sample) -> None:
    answered = {each["customer"] for each in small.last(200, "first_request.succeeded", "request.succeeded")}
    failed = {each["customer"] for each in small.last(10, "dataset.import_failed")}
    stuck = {each for each in failed - answered if each is not None}
    assert sum(small.customers.customers[each].employees >= 20 for each in stuck) >= 2


def test_trials_are_in_the_middle(small: Sample) -> None:
    trials = [each for each in small.traits().values() if each.get("planName") == "trial"]
    soon = small.now + timedelta(days=2)
    assert sum(datetime.fromisoformat(each["trialEndsAt"]) > soon for each in trials) >= 2


def test_sandbox_teams_run_out_of_credits_with_and_without_a_buyer(small: Sample) -> None:
    paying = small.paying()
    hit = {each["customer"] for each in small.last(3, "quota.exceeded") if each["context"]["groupId"] not in paying}
    buyers = {small.customers.organizations[each.organization].customer for each in small.customers.users if each.buyer}
    tried = {each["customer"] for each in small.last(3, "premium_endpoint.tried")}
    looked = {each["customer"] for each in small.last(3, "Pricing")}
    qualified = (hit & tried & looked) - {None}
    assert len(qualified & buyers) >= 2
    assert len(qualified - buyers) >= 2


def test_there_are_tickets_about_plans_and_limits_and_bad_ratings(small: Sample) -> None:
    opened = [each["properties"]["category"] for each in small.last(3, "support.ticket.created")]
    ratings = [each["properties"].get("satisfaction", 5) for each in small.last(3, "support.ticket.closed")]
    assert sum(category in PACK.truth.commercial_topics for category in opened) >= 4
    assert sum(rating <= 2 for rating in ratings) >= 3


def test_companies_have_two_organizations_at_work(small: Sample) -> None:
    active = defaultdict(set)
    for each in small.last(7, "template.created"):
        active[each["customer"]].add(each["context"]["groupId"])
    assert sum(len(groups) > 1 for customer, groups in active.items() if customer is not None) >= 3


def test_only_some_companies_have_two_organizations(third: Sample) -> None:
    counts = Counter(each.customer for each in third.customers.organizations if each.customer is not None)
    assert set(counts.values()) == {1, 2}
    assert 0.02 <= mean(count > 1 for count in counts.values()) <= 0.06


def test_payers_are_near_the_end_of_their_credits(small: Sample) -> None:
    shares = [each["creditsUsed"] / each["creditsIncluded"] for each in small.paying().values()]
    assert sum(share >= 0.9 for share in shares) >= 3


def test_the_usage_of_some_payers_surges(small: Sample) -> None:
    weeks: dict[int, Counter[int]] = defaultdict(Counter)
    for each in small.messages:
        if each["type"] == "track" and small.now - each["at"] < timedelta(days=14):
            weeks[each["context"]["groupId"]][(small.now - each["at"]).days // 7] += 1
    assert sum(weeks[group][0] > 1.5 * max(weeks[group][1], 10) for group in small.paying()) >= 2


# --- Fresh traffic ------------------------------------------------------------------------------------------


def test_an_hour_of_traffic_brings_everything_that_moves_a_queue() -> None:
    traffic = ApiTraffic(api_customers(seed=SEED, companies=120), NOW, rate=3.0)
    messages = [each for step in range(720) for each in traffic.next_messages(NOW + timedelta(seconds=5 * step))]
    events = Counter(each.get("event") for each in messages)
    assert 10_000 <= len(messages) <= 13_500
    assert 25 <= sum(events[name] for name in REQUESTS) <= 60
    assert min(events[name] for name in ("user.signed_up", "quota.exceeded", "support.ticket.created")) >= 10
    assert events["request.succeeded"] >= 5
    assert len({each["messageId"] for each in messages}) == len(messages)
