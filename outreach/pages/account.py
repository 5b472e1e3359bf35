"""What pages say of one account: head, scores, usage, people, timeline. Each function is one query."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.http import Http404

from outreach.plays.why_now import Facts, facts_of
from outreach.rules.personas import ACTIVE_DAYS, BUYER, USER, PartPlayed, part_played
from outreach.rules.why_now import KnownFact
from plgcrm.common.sql import queries, records, rows_as
from signals.facts import SCORED
from signals.measures.kinds import grows_daily
from signals.scoring.breakdown import explained
from signals.shipped import ASLEEP_DAYS

SQL = queries("outreach/sql/account.sql")
CHART_DAYS = 90
LAST_ACTIVE = "days_since_active"
SPARK_DAYS = ACTIVE_DAYS
NOT_SAID = PartPlayed(USER, "")
PEOPLE_READ = 60  # the most active, and those with a title
PEOPLE_SHOWN = 6
PEOPLE_NAMED = 30
LEFT_SHOWN = 10


@dataclass(frozen=True, slots=True)
class LoggedOutcome:
    """An outcome of the account, as its card shows it."""

    id: int
    kind: str
    amount: Decimal | None
    currency: str
    at: datetime
    credit: str
    from_product: bool  # by an event, not logged by a rep
    user_id: int
    play: str
    who: str


@dataclass(frozen=True, slots=True)
class Head:
    id: int
    name: str
    domain: str
    created_at: datetime
    owner_id: int
    owner: str
    workspaces: int
    began: datetime | None  # the first thing anybody there did
    facts: Facts
    measures: dict[str, Any]  # by key, as of today
    outcomes: list[LoggedOutcome] = field(default_factory=list)
    asleep_since: date | None = None  # the day of the last activity, where that is long ago

    def fact(self, name: str) -> Any:
        """A fact of `signals.facts` as last measured, None where unknown."""
        return self.facts[name].value if name in self.facts else None

    @property
    def measured_facts(self) -> list[KnownFact]:
        """What has been measured and is not nothing; scores stand elsewhere."""
        return [fact for name, fact in self.facts.items() if fact.value and name.partition(".")[0] not in SCORED]

    @property
    def currency(self) -> str:
        return str(self.fact("currency") or "")


@dataclass(frozen=True, slots=True)
class AccountScore:
    kind: str
    model: str
    version: int
    threshold: int
    tiers: list[dict[str, Any]]
    points: int
    tier: str
    qualified: bool
    changed_at: datetime
    as_of: date
    breakdown: list[dict[str, Any]]

    @property
    def tier_name(self) -> str:
        return next((tier["name"] for tier in self.tiers if tier["slug"] == self.tier), self.tier)

    @property
    def held(self) -> list[dict[str, Any]]:
        """What gives points, best first; it adds up to `points`."""
        # By points, not by `held`: what decays still pays, and the lines must add up.
        paid = [row for row in self.breakdown if row["points"]]
        return sorted(paid, key=lambda row: -row["points"])

    @property
    def unmet(self) -> list[dict[str, Any]]:
        return [row for row in self.breakdown if not row["points"]]


@dataclass(frozen=True, slots=True)
class Series:
    """People active and events a day, every day of a span; zero where nothing happened."""

    first: date
    people: list[int]
    events: list[int]

    @property
    def last(self) -> date:
        return self.first + timedelta(days=len(self.people) - 1)

    @property
    def is_empty(self) -> bool:
        return not any(self.people)


@dataclass(frozen=True, slots=True)
class AccountPerson:
    """A person of the account and their last 30 days."""

    id: int
    name: str
    email: str
    title: str
    days: int
    last: date | None
    is_admin: bool
    in_product: bool
    part: PartPlayed = NOT_SAID

    @property
    def label(self) -> str:
        return self.name or self.email or "Nobody we can name"


@dataclass(frozen=True, slots=True)
class AccountPeople:
    """Those worth a look, and how many there are."""

    shown: list[AccountPerson]
    known: int
    active: int

    @property
    def has_buyer(self) -> bool:
        return any(member.part.persona == BUYER for member in self.shown)

    @property
    def more(self) -> int:
        return self.known - len(self.shown)


@dataclass(frozen=True, slots=True)
class PersonWhoLeft:
    """Somebody who belonged to the account, and where they are now; `of`: how many have left in all."""

    id: int
    name: str
    left_on: date
    account_id: int
    account: str
    of: int


def who_left(account_id: int) -> list[PersonWhoLeft]:
    """The last who left the account for another one."""
    return rows_as(PersonWhoLeft, SQL["who_left"], {"account": account_id, "limit": LEFT_SHOWN})


def account_head(account_id: int, *, today: date) -> Head:
    """What the head of every page about an account shows; 404 where there is no such account."""
    found = records(SQL["head"], {"account": account_id, "today": today})
    if not found:
        raise Http404
    row = found[0]
    measures, days_on = row.pop("measures"), row.pop("days_on")
    facts = facts_of(measures, days_on=days_on)
    return Head(
        facts=facts,
        asleep_since=_asleep_since(facts, today),
        # Measured on another day: without this, a page on Monday would say what was true on Friday.
        measures={key: _later(key, value, days_on) for key, value in measures.items()},
        outcomes=[_logged_outcome(logged) for logged in row.pop("outcomes")],
        **row,
    )


def _asleep_since(facts: Facts, today: date) -> date | None:
    silent = facts[LAST_ACTIVE].value if LAST_ACTIVE in facts else None
    if not isinstance(silent, int | float) or silent < ASLEEP_DAYS:
        return None
    return today - timedelta(days=int(silent))


def _logged_outcome(row: dict[str, Any]) -> LoggedOutcome:
    amount = None if row["amount"] is None else Decimal(str(row["amount"]))
    return LoggedOutcome(**row | {"amount": amount, "at": datetime.fromisoformat(row["at"])})


def _later(key: str, value: Any, days: int) -> Any:
    """Days since something grow by themselves."""
    return value + days if grows_daily(key) and isinstance(value, int | float) else value


def account_scores(account_id: int) -> list[AccountScore]:
    """The account's score in each live model, with its breakdown in words."""
    return [scored_of(row) for row in records(SQL["scores"], {"account": account_id})]


def scored_of(row: dict[str, Any]) -> AccountScore:
    """A row of a `scores` query, its breakdown put into words."""
    explaining = {"version_id": row.pop("version_id"), "criteria": row.pop("criteria"), "names": row.pop("names")}
    return AccountScore(**row | {"breakdown": explained(row["breakdown"], **explaining)})


def people_a_day(days_of: Mapping[int, int], *, today: date) -> dict[int, Series]:
    """Of each account, its own number of days up to today."""
    since = {account: today - timedelta(days=days - 1) for account, days in days_of.items()}
    params = {"accounts": list(since), "since": list(since.values()), "until": today}
    found: dict[int, dict[date, tuple[int, int]]] = defaultdict(dict)
    for row in records(SQL["people_a_day"], params):
        found[row["account_id"]][row["day"]] = (row["people"], row["events"])
    return {account: _series(found[account], since[account], days) for account, days in days_of.items()}


def account_people(account_id: int, *, today: date, first: int = 0, shown: int = PEOPLE_SHOWN) -> AccountPeople:
    """The person an item is about, then who may buy, then the most active."""
    since = today - timedelta(days=SPARK_DAYS - 1)
    params = {"account": account_id, "since": since, "until": today, "limit": PEOPLE_READ}
    found = records(SQL["people"], params)
    # Of all that were read, not of those shown: the champion of six would change with the page.
    most_days = max((row["days"] for row in found), default=0)
    known, active = (found[0]["known"], found[0]["active"]) if found else (0, 0)
    members = [_member(row, most_days) for row in found]
    # Stable: within each group the order of the query stays, the most active first.
    members.sort(key=lambda member: (member.id != first, member.part.persona != BUYER))
    return AccountPeople(members[:shown], known, active)


def _member(row: dict[str, Any], most_days: int) -> AccountPerson:
    """`known` and `active` are of all people, the same in each row."""
    member = AccountPerson(**{name: value for name, value in row.items() if name not in ("known", "active")})
    part = part_played(member.title, is_admin=member.is_admin, days=member.days, most_days=most_days)
    return replace(member, part=part)


def _series(found: Mapping[date, tuple[int, int]], first: date, days: int) -> Series:
    pairs = [found.get(first + timedelta(days=place), (0, 0)) for place in range(days)]
    return Series(first, [people for people, _ in pairs], [events for _, events in pairs])
