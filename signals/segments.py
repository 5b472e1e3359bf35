"""What is read of segments: how large they are and were, who is in them, and how their rules read."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from plgcrm.common.sql import queries, rows, rows_as
from signals.vocabulary.spoken import sentence_of

SQL = queries("signals/sql/segments.sql")
CHART_DAYS = 365


@dataclass(frozen=True, slots=True)
class SegmentFigures:
    """A segment and how many accounts it has now."""

    id: int
    slug: str
    name: str
    description: str
    ideal: bool
    rule: Any
    members: int
    unknown: int  # of so many accounts nobody can say

    @property
    def reads(self) -> str:
        return sentence_of(self.rule)


@dataclass(frozen=True, slots=True)
class SegmentStay:
    """A segment that an account is in since a day; or of which that is unknown."""

    slug: str
    name: str
    known: bool
    since: date | None
    or_earlier: bool


@dataclass(frozen=True, slots=True)
class SegmentMembership:
    """An account that is in a segment since a day; or of which that is unknown."""

    account_id: int
    since: date | None
    or_earlier: bool

    @property
    def place(self) -> str:
        """Where a page ends that ends with it."""
        return f"{self.since or ''}_{self.account_id}"


@dataclass(frozen=True, slots=True)
class SegmentSizes:
    """How large a segment was, every day of a span; a day that was not counted is as the day before."""

    first: date
    members: list[int]
    unknown: list[int]

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=place) for place in range(len(self.members))]


def segment_figures() -> list[SegmentFigures]:
    """All segments, in their order."""
    return rows_as(SegmentFigures, SQL["figures"], {"slug": ""})


def figures_of(slug: str) -> SegmentFigures | None:
    """One of them; None where there is no such segment."""
    found = rows_as(SegmentFigures, SQL["figures"], {"slug": slug}) if slug else []
    return found[0] if found else None


def segments_of_account(account_id: int) -> list[SegmentStay]:
    """Those that the account is in, then those of which it is unknown."""
    return rows_as(SegmentStay, SQL["of_account"], {"account": account_id})


def members_of(segment_id: int, *, known: bool = True, after: str = "", limit: int) -> list[SegmentMembership]:
    """Those who are in it, the last to come first; or, not `known`, those of whom that is unknown.

    `after` is the `place` of the last one of the page before; what is no place is the beginning.
    """
    day, id_ = _place(after)
    params = {"segment": segment_id, "limit": limit, "after_day": day if known else None, "after_id": id_}
    return rows_as(SegmentMembership, SQL["newest_members" if known else "unknown_members"], params)


def every_member(segment_id: int, *, known: bool, at_once: int = 5_000) -> Iterator[list[SegmentMembership]]:
    """All of them, some at a time."""
    after = ""
    while found := members_of(segment_id, known=known, after=after, limit=at_once):
        yield found
        after = found[-1].place


def _place(text: str) -> tuple[date | None, int]:
    day, _, id_ = text.partition("_")
    number = int(id_) if id_.isascii() and id_.isdecimal() and len(id_) < 10 else 0
    try:
        return date.fromisoformat(day), number
    except ValueError:
        return None, number


def sizes_of(figures: SegmentFigures, *, today: date) -> SegmentSizes | None:
    """Up to now, which is as large as it is; None before there are two days."""
    found = rows(SQL["sizes"], {"segment": figures.id, "since": today - timedelta(days=CHART_DAYS - 1)})
    kept = {day: (members, unknown) for day, members, unknown in found if day < today}
    if not kept:
        return None
    first, days = min(kept), [kept[min(kept)]]
    for place in range(1, (today - first).days):
        days.append(kept.get(first + timedelta(days=place), days[-1]))
    days.append((figures.members, figures.unknown))
    return SegmentSizes(first, [members for members, _ in days], [unknown for _, unknown in days])
