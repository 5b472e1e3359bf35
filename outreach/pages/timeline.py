"""What happened with an account or a person: moments, plays, what we did, outcomes, what they did."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from plgcrm.common.sql import queries, rows_as

SQL = queries("outreach/sql/timeline.sql")
PAGE = 40
MARKED = 60
GLANCE, GLANCE_DAYS = 12, 30
DAYS = 90  # of signals in one page
# Signals worth a line of their own; the many others are in the usage charts.
TELLING = (
    "signed-up", "reached-first-value", "connected-integration", "hit-limit", "viewed-pricing", "compared-plans",
    "tried-premium", "started-checkout", "entered-payment-details", "payment-failed", "trial-started",
    "demo-requested", "contacted-sales", "asked-about-plan", "commercial-ticket", "bad-rating", "viewed-terms",
    "viewed-privacy", "viewed-security", "import-failed", "subscribed", "unsubscribed",
)  # fmt: skip
# What a reader may ask for alone, in words, and the branches it is made of.
KINDS: Final = {
    "moments": ("Moments", ("moment",)),
    "plays": ("Plays", ("play",)),
    "done": ("Our activity", ("done",)),
    "outcomes": ("Outcomes", ("outcome",)),
    "product": ("Product", ("workspace", "signal")),
}
ALL = tuple(branch for _, branches in KINDS.values() for branch in branches)


@dataclass(frozen=True, slots=True)
class Cursor:
    """The row after which a page goes on."""

    at: datetime
    kind: str = ""
    ref: str = ""

    def __str__(self) -> str:
        return f"{self.at.astimezone(UTC).isoformat()}~{self.kind}~{self.ref}"

    @classmethod
    def parse(cls, text: str) -> "Cursor | None":
        # From an address: a zero character or an unquoted plus must give a page, not an error.
        at, _, rest = text.replace("\0", "").replace(" ", "+").partition("~")
        kind, _, ref = rest.partition("~")
        try:
            moment = datetime.fromisoformat(at)
        except ValueError:
            return None
        return cls(moment, kind[:20], ref[:60]) if moment.tzinfo and moment.year > 1970 else None


@dataclass(frozen=True, slots=True)
class Whose:
    """Of an account, of a person, or of one person within an account. 0: not asked."""

    account: int = 0
    person: int = 0


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment on a chart."""

    at: datetime
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """A line of the timeline. `who` is one of us, `person` one of them."""

    at: datetime
    kind: str
    ref: str
    sub: str
    who: str
    person_id: int | None
    person: str
    what: str
    more: str
    number: float | None

    @property
    def mark(self) -> Mark:
        return Mark(self.at, self.sub, self.what)

    @property
    def cursor(self) -> Cursor:
        return Cursor(self.at, self.kind, self.ref)


@dataclass(frozen=True, slots=True)
class Timeline:
    rows: list[TimelineEntry]
    older: Cursor | None
    marks: list[Mark]  # the moments among what was read


def end_of_day(now: datetime) -> Cursor:
    """Where the newest begin: signals are told at the noon of their UTC day, which may be to come."""
    today = now.astimezone(UTC).date()
    return Cursor(datetime.combine(today, time.max, UTC))


def timeline_entries(
    whose: Whose, *, after: Cursor, limit: int, days: int, branches: tuple[str, ...] = ALL
) -> list[TimelineEntry]:
    """The newest behind `after`, so many of each branch; signals of so many days only."""
    params = {
        "branches": list(branches),
        "account": whose.account,
        "person": whose.person,
        "after": after.at,
        "after_kind": after.kind,
        "after_ref": after.ref,
        "since": _since(after, days),
        "telling": list(TELLING),
        "limit": limit,
    }
    return rows_as(TimelineEntry, SQL["timeline"], params)


def newest_of(account_id: int, *, now: datetime) -> list[TimelineEntry]:
    """A glance, for the queue."""
    return timeline_entries(Whose(account_id), after=end_of_day(now), limit=GLANCE, days=GLANCE_DAYS)[:GLANCE]


def timeline_of(whose: Whose, *, kind: str, after: Cursor, began: datetime | None) -> Timeline:
    """A page of it. `began`: when anybody there did anything first; signals may reach back to then."""
    branches = KINDS[kind][1] if kind in KINDS else ALL
    found = timeline_entries(whose, after=after, limit=PAGE + 1, days=DAYS, branches=branches)
    marks = [each.mark for each in found if each.kind == "moment"]
    shown = found[:PAGE]
    return Timeline(shown, _older(found, branches, _since(after, DAYS), began), marks)


def _older(
    found: list[TimelineEntry], branches: tuple[str, ...], since: datetime, began: datetime | None
) -> Cursor | None:
    """Behind the last row; or, where signals reach further back than the page looked, where it stopped looking."""
    # One row more than a page was read, to know without counting whether there is more.
    if len(found) > PAGE:
        return found[PAGE - 1].cursor
    return Cursor(since) if "signal" in branches and began and began < since else None


def account_marks(account_id: int, *, since: date, now: datetime) -> list[Mark]:
    """The moments of some days, to mark on a chart. Newest first."""
    found = timeline_entries(Whose(account_id), after=end_of_day(now), limit=MARKED, days=1, branches=("moment",))
    return [each.mark for each in found if each.at.astimezone(UTC).date() >= since]


def _since(after: Cursor, days: int) -> datetime:
    first = after.at.astimezone(UTC).date() - timedelta(days=days - 1)
    return datetime.combine(first, time(), UTC)
