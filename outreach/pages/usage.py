"""How often each signal happened a day, of an account or of a person."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from plgcrm.common.sql import queries, records
from signals.measures.kinds import ACTIVITY

SQL = queries("outreach/sql/usage.sql")
DAYS = 90


@dataclass(frozen=True, slots=True)
class SignalUsage:
    """Every day of a span; zero where nothing happened."""

    slug: str
    name: str
    category: str
    first: date
    counts: list[int]

    @property
    def total(self) -> int:
        return sum(self.counts)

    @property
    def days(self) -> int:
        """Days on which it happened."""
        return sum(1 for count in self.counts if count)

    @property
    def last(self) -> date:
        place = max(place for place, count in enumerate(self.counts) if count)
        return self.first + timedelta(days=place)

    @property
    def measure(self) -> str:
        """The key of the measure that counts the same, for the events behind it."""
        return f"count:{self.slug}:{len(self.counts)}d"


def usage_of_account(account_id: int, *, today: date, days: int = DAYS) -> list[SignalUsage]:
    """The most frequent first; activity, which is everything together, before all."""
    return _usage({"account": account_id, "person": 0}, today=today, days=days)


def usage_of_person(person_id: int, *, today: date, days: int = DAYS) -> list[SignalUsage]:
    """What one person did in the last days, by signal, with a number for every day."""
    return _usage({"account": 0, "person": person_id}, today=today, days=days)


def _usage(whose: dict[str, int], *, today: date, days: int) -> list[SignalUsage]:
    first = today - timedelta(days=days - 1)
    found: dict[tuple[str, str, str], dict[date, int]] = defaultdict(dict)
    for row in records(SQL["usage"], whose | {"since": first, "until": today}):
        found[row["slug"], row["name"], row["category"]][row["day"]] = row["count"]
    span = [first + timedelta(days=place) for place in range(days)]
    signals = [
        SignalUsage(slug, name, category, first, [on.get(day, 0) for day in span])
        for (slug, name, category), on in found.items()
    ]
    return sorted(signals, key=lambda each: (each.slug != ACTIVITY, -each.total, each.slug))
