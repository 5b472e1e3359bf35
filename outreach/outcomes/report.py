"""What each play did in a period: read as one table of counts, and each count as the rows behind it.

docs/explain/proof.md says what each number means. Everything is counted at its own time, in days of the reader's zone.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Literal

from django.utils import timezone

from outreach.access import Scope
from outreach.models import Play, QueueItem
from outreach.rules.guards import GUARDS
from plgcrm.common.batches import batch_of, time_of
from plgcrm.common.sql import queries, records, rows_as

SQL = queries("outreach/sql/reports.sql")
PRESETS = (7, 30, 90)
LONGEST_DAYS = 1_100
PAGE = 50
SELF_SERVE = "self-serve"  # in an address, in the place of a play: what is credited to none
OUTCOMES = ("meeting", "opportunity", "won", "lost")


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days in the reader's zone, both included; `preset` when it is the last so many days."""

    first: date
    last: date
    preset: int = 0

    @classmethod
    def of_days(cls, days: int, *, today: date) -> "Period":
        return cls(today - timedelta(days=days - 1), today, days)

    @property
    def since(self) -> datetime:
        return timezone.make_aware(datetime.combine(self.first, time.min))

    @property
    def until(self) -> datetime:
        return timezone.make_aware(datetime.combine(self.last + timedelta(days=1), time.min))

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class Number:
    """One number of the report, as the page, the download, the API and the list of its rows know it."""

    what: str  # in an address
    field: str  # in the API
    label: str
    title: str  # above the rows behind it
    shown: Literal["page", "download", "api"]  # the page shows the fewest, the API all
    help: str = ""
    parts: tuple[str, ...] = ()  # what it is the sum of, as the query counts; empty: itself
    share_of: str = ""  # the number that the page tells it as a share of
    heading: str = ""  # in the download, where the label says too little

    @property
    def is_outcome(self) -> bool:
        return self.what in OUTCOMES


NUMBERS = {
    number.what: number
    for number in (
        Number("fired", "fired", "Fired", "Added to the queue", "page", "Items added to the queue."),
        Number("held", "held", "Held back", "Held back", "page", "Held back, and still so."),
        Number(
            "worked",
            "worked",
            "Worked",
            "Worked",
            "page",
            "Worked for the first time: touched, or closed as done.",
            parts=("in-time", "late"),
        ),
        Number(
            "in-time",
            "in_time",
            "In time",
            "Worked within the SLA",
            "page",
            "Of those, by their deadline.",
            share_of="worked",
            heading="Worked in time",
        ),
        Number("late", "late", "Late", "Worked after the SLA", "api"),
        Number("done", "done", "Done", "Closed as done", "download"),
        Number("dismissed", "dismissed", "Dismissed", "Dismissed", "download"),
        Number("expired", "expired", "Expired", "No longer qualified", "download"),
        Number("meeting", "meetings", "Meetings", "Meetings", "page"),
        Number("opportunity", "opportunities", "Opportunities", "Opportunities", "page"),
        Number("won", "won", "Won", "Won", "page"),
        Number("lost", "lost", "Lost", "Lost", "download"),
    )
}


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """How many of one kind: a guard, a reason."""

    slug: str
    label: str
    number: int


@dataclass(frozen=True, slots=True)
class Money:
    """A sum in one currency; sums in different currencies are never added up."""

    currency: str
    amount: Decimal
    number: int


@dataclass(frozen=True, slots=True)
class Figures:
    """The numbers of one play, of self-serve, or of all plays together."""

    counts: dict[tuple[str, str], int] = field(default_factory=dict)
    amounts: dict[tuple[str, str], Decimal] = field(default_factory=dict)

    def number(self, what: str) -> int:
        """One of NUMBERS."""
        parts = NUMBERS[what].parts or (what,)
        return sum(count for (part, _), count in self.counts.items() if part in parts)

    @property
    def numbers(self) -> dict[str, int]:
        """All of NUMBERS, by their field in the API."""
        return {number.field: self.number(what) for what, number in NUMBERS.items()}

    @property
    def fired(self) -> int:
        return self.number("fired")

    @property
    def held(self) -> int:
        return self.number("held")

    @property
    def held_by(self) -> list[ReasonCount]:
        return self._parts("held", {guard.name: guard.label for guard in GUARDS.values()})

    @property
    def worked(self) -> int:
        return self.number("worked")

    @property
    def in_time(self) -> int:
        return self.number("in-time")

    @property
    def done(self) -> int:
        return self.number("done")

    @property
    def dismissed(self) -> int:
        return self.number("dismissed")

    @property
    def dismissed_for(self) -> list[ReasonCount]:
        return self._parts("dismissed", {str(value): str(label) for value, label in QueueItem.DismissReason.choices})

    @property
    def closed(self) -> int:
        """By a rep."""
        return self.done + self.dismissed

    @property
    def expired(self) -> int:
        return self.number("expired")

    @property
    def meetings(self) -> int:
        return self.number("meeting")

    @property
    def opportunities(self) -> int:
        return self.number("opportunity")

    @property
    def won(self) -> int:
        return self.number("won")

    @property
    def money(self) -> list[Money]:
        return self._money("won")

    @property
    def is_empty(self) -> bool:
        return not any(self.counts.values())

    def _parts(self, what: str, labels: dict[str, str]) -> list[ReasonCount]:
        found = ((slug, number) for (kind, slug), number in self.counts.items() if kind == what)
        parts = [ReasonCount(slug, labels.get(slug, slug), number) for slug, number in found]
        return sorted(parts, key=lambda part: (-part.number, part.slug))

    def _money(self, what: str) -> list[Money]:
        found = ((key[1], sum_) for key, sum_ in self.amounts.items() if key[0] == what and key[1])
        money = [Money(currency, sum_, self.counts[(what, currency)]) for currency, sum_ in found]
        # By how many, not by amount: sums of two currencies cannot be compared.
        return sorted(money, key=lambda each: (-each.number, each.currency))


@dataclass(frozen=True, slots=True)
class PlayNumbers:
    """A play and its numbers."""

    slug: str
    name: str
    tally: Figures
    active: bool = True


@dataclass(frozen=True, slots=True)
class Report:
    period: Period
    lines: list[PlayNumbers]
    total: Figures  # of the plays
    self_serve: Figures  # outcomes that are credited to no play

    @property
    def is_empty(self) -> bool:
        return self.total.is_empty and self.self_serve.is_empty

    @property
    def most(self) -> int:
        """The longest bar of the page."""
        return max((max(line.tally.fired, line.tally.worked) for line in self.lines), default=0)


def plays_report(scope: Scope, period: Period) -> Report:
    """Two queries: the plays, and every number. A play that is switched off shows where it has any."""
    found = records(SQL["counts"], _params(scope, period))
    tallies: dict[int, Figures] = defaultdict(Figures)
    total = Figures()
    for row in found:
        # What is credited to nobody is not in the total: that is the line of the plays alone.
        for tally in (tallies[row["play_id"] or 0], *([total] if row["play_id"] else [])):
            _add(tally, (row["what"], row["detail"]), row["number"], row["amount"])
    lines = [PlayNumbers(play.slug, play.name, tallies[play.pk], play.active) for play in Play.objects.all()]
    # A play that was switched off last week still has numbers of this month.
    shown = [line for line in lines if line.active or not line.tally.is_empty]
    return Report(period, shown, total, tallies[0])


def _add(tally: Figures, key: tuple[str, str], number: int, amount: Decimal | None) -> None:
    tally.counts[key] = tally.counts.get(key, 0) + number
    if amount is not None:
        tally.amounts[key] = tally.amounts.get(key, Decimal(0)) + amount


def _params(scope: Scope, period: Period) -> dict[str, Any]:
    return {"since": period.since, "until": period.until, "rep": scope.rep, "team": scope.team}


# --- The rows behind a number -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WantedRows:
    """Which number: what was counted, of which play ("" for all, SELF_SERVE), and which guard, reason or currency."""

    what: str
    play: str = ""
    detail: str = ""


_DETAILS = {
    **{guard.name: guard.label for guard in GUARDS.values()},
    **{str(value): str(label) for value, label in QueueItem.DismissReason.choices},
    **{str(value): str(label) for value, label in QueueItem.Disposition.choices},
    **{str(value): str(label) for value, label in QueueItem.State.choices},
    "in-time": "in time",
    "late": "late",
}


def detail_words(slug: str) -> str:
    """A guard, a reason, a state or a currency, as a reader says it."""
    return _DETAILS.get(slug, slug)


@dataclass(frozen=True, slots=True)
class Behind:
    """One row behind a number."""

    id: int
    at: datetime
    account_id: int
    account: str
    play: str
    who: str
    words: str
    detail: str
    amount: Decimal | None
    currency: str
    item_id: int

    @property
    def label(self) -> str:
        return detail_words(self.detail)

    @property
    def place(self) -> str:
        return f"{batch_of(self.at)}_{self.id}"


# What can be asked -> the block of reports.sql that lists it.
WHATS: dict[str, str] = {
    **dict.fromkeys(("fired", "done", "dismissed", "expired", "worked", "in-time", "late"), "behind_items"),
    "held": "behind_held",
    **dict.fromkeys(OUTCOMES, "behind_outcomes"),
}


def rows_behind(
    scope: Scope, period: Period, asked: WantedRows, *, after: str = "", limit: int = PAGE + 1
) -> list[Behind]:
    """The newest first; `after` is where the page before ended. KeyError for what cannot be asked."""
    at, id_ = _place(after) or (None, 0)
    wanted = {"what": asked.what, "play": asked.play, "detail": asked.detail, "at": at, "id": id_, "limit": limit}
    return rows_as(Behind, SQL[WHATS[asked.what]], _params(scope, period) | wanted)


def _place(text: str) -> tuple[datetime, int] | None:
    at, _, id_ = text.partition("_")
    try:
        return time_of(int(at)), int(id_)
    except ValueError:
        return None
