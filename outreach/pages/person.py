"""What the page of one person says. Each function is one query."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from accounts.models import Identity, Person
from outreach.pages.account import BUYER, CHAMPION_DAYS, AccountScore, scored_of
from outreach.pages.usage import SignalUsage
from outreach.plays.contacts import ACTIVE_DAYS, seniority
from plgcrm.common.sql import queries, rows
from signals.measures.kinds import ACTIVITY

SQL = queries("outreach/sql/person.sql")


@dataclass(frozen=True, slots=True)
class About:
    account_id: int
    account: str
    began: datetime | None
    workspaces: list[dict[str, Any]]
    merged: int


@dataclass(frozen=True, slots=True)
class Known:
    """An identity; `of` is the source that knows it, "" where every source means the same."""

    kind: int
    value: str
    source: str
    of: int  # how many there are in all

    @property
    def label(self) -> str:
        return str(Identity.Kind(self.kind).label)


@dataclass(frozen=True, slots=True)
class CompanyRole:
    """What somebody is in their company, and why we say so."""

    name: str
    why: str

    @property
    def is_buyer(self) -> bool:
        return self.name == BUYER


def about(person_id: int) -> About:
    """Who the person is: names, account and owner, of whichever row was asked for."""
    return About(*rows(SQL["about"], {"person": person_id})[0])


def identities(person_id: int) -> list[Known]:
    """Every id, anonymous id and address by which the person is known."""
    return [Known(*row) for row in rows(SQL["identities"], {"person": person_id})]


def person_scores(person_id: int) -> list[AccountScore]:
    """The person's own scores, with their breakdown in words."""
    return [scored_of(row) for row in rows(SQL["scores"], {"person": person_id})]


def part_of(person: Person, *, days: int, most_days: int) -> CompanyRole:
    """The same reading as the list of an account's people: by title, by activity, by role in the product."""
    if seniority(person.title):
        return CompanyRole(BUYER, f"May decide, by title: {person.title}")
    if days >= CHAMPION_DAYS and days >= most_days:
        return CompanyRole("champion", f"The most active there, on {days} of the last {ACTIVE_DAYS} days")
    if person.role.casefold() == "admin":
        return CompanyRole("admin", "Administrator in the product")
    if days:
        return CompanyRole("user", f"Active on {days} of the last {ACTIVE_DAYS} days")
    return CompanyRole("user", f"Not in the product in the last {ACTIVE_DAYS} days")


def active_days(usage: list[SignalUsage]) -> int:
    """Days of the last 30 on which they did anything."""
    everything = next((signal.counts for signal in usage if signal.slug == ACTIVITY), [])
    return sum(1 for count in everything[-ACTIVE_DAYS:] if count)


def last_active(usage: list[SignalUsage]) -> date | None:
    """The last day with any activity, None where there was none in the days read."""
    return next((signal.last for signal in usage if signal.slug == ACTIVITY), None)
