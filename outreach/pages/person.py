"""What the page of one person says. Each function is one query."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from accounts.models import Identity
from outreach.pages.account import AccountScore, scored_of
from outreach.pages.usage import SignalUsage
from outreach.rules.personas import ACTIVE_DAYS
from plgcrm.common.sql import queries, records, rows_as
from signals.measures.kinds import ACTIVITY

SQL = queries("outreach/sql/person.sql")


@dataclass(frozen=True, slots=True)
class About:
    account_id: int
    account: str
    began: datetime | None
    workspaces: list[dict[str, Any]]
    moves: list[dict[str, Any]]  # of whoever moved: accounts with their days, the present one first
    merged: int

    @property
    def here_since(self) -> date | None:
        """The day on which they came from another company."""
        days = (each["since"] for each in self.moves if each["id"] == self.account_id and not each["until"])
        return next((date.fromisoformat(day) for day in days if day), None)

    @property
    def before(self) -> list[tuple[int, str, date]]:
        """The companies they left: number, name, and the day on which they were somewhere else."""
        ended = [each for each in self.moves if each["until"]]
        return [(each["id"], each["name"], date.fromisoformat(each["until"])) for each in ended]


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


def about(person_id: int) -> About:
    """Who the person is: names, account and owner, of whichever row was asked for."""
    return rows_as(About, SQL["about"], {"person": person_id})[0]


def identities(person_id: int) -> list[Known]:
    """Every id, anonymous id and address by which the person is known."""
    return rows_as(Known, SQL["identities"], {"person": person_id})


def person_scores(person_id: int) -> list[AccountScore]:
    """The person's own scores, with their breakdown in words."""
    return [scored_of(row) for row in records(SQL["scores"], {"person": person_id})]


def active_days(usage: list[SignalUsage]) -> int:
    """Days of the last 30 on which they did anything."""
    everything = next((signal.counts for signal in usage if signal.slug == ACTIVITY), [])
    return sum(1 for count in everything[-ACTIVE_DAYS:] if count)


def last_active(usage: list[SignalUsage]) -> date | None:
    """The last day with any activity, None where there was none in the days read."""
    return next((signal.last for signal in usage if signal.slug == ACTIVITY), None)
