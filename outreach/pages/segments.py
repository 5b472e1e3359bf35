"""What the pages of segments read beside `signals.segments`: members with their points and owners."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from outreach.pages.account_list import ListedAccount, listed_accounts
from signals.segments import SegmentMembership, every_member, members_of


@dataclass(frozen=True, slots=True)
class ListedMember:
    """A line of a segment's page."""

    account: ListedAccount
    since: date | None
    or_earlier: bool


@dataclass(frozen=True, slots=True)
class ListedMembers:
    rows: list[ListedMember]
    next_page: str


def members_page(segment_id: int, *, known: bool, after: str, size: int) -> ListedMembers:
    """A page of those who are in a segment, or of whom that is unknown; `after` is where the page before ended."""
    found = members_of(segment_id, known=known, after=after, limit=size + 1)
    shown = found[:size]
    return ListedMembers(_listed(shown), shown[-1].place if len(found) > size else "")


def members_to_export(segment_id: int, *, known: bool) -> Iterator[ListedMember]:
    """All of them, however many."""
    for some in every_member(segment_id, known=known):
        yield from _listed(some)


def _listed(found: list[SegmentMembership]) -> list[ListedMember]:
    rows = {row.id: row for row in listed_accounts([each.account_id for each in found], model=None)}
    # An account that was merged away between two reads is in no row.
    return [ListedMember(rows[m.account_id], m.since, m.or_earlier) for m in found if m.account_id in rows]
