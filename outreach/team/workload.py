"""What the manager's page reads: how the reps stand, what waits how long, and which items to move."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.validators import slug_re

from outreach.rules.distribute import Distributable, Placement, Room, distribute
from plgcrm.common.sql import queries, rows_as
from plgcrm.common.text import is_short_number, whole_percent

SQL = queries("outreach/sql/workload.sql")
COUNTED = 101  # of one rep: "100+"
COUNTED_OF_PLAY = 1001
PAGE = 30
MOST_AT_ONCE = 200
WEEK_DAYS = 7  # today and the six days before it, like the report of seven days
NOBODY = "none"
EARLIEST, LATEST = timedelta(days=3650), timedelta(days=3650)
DUE = {"late": "Late", "late-week": "Late for a week", "today": "Late or due today"}


@dataclass(frozen=True, slots=True)
class Load:
    """How a rep stands."""

    id: int
    name: str
    team_id: int
    team: str
    capacity: int
    taking_items: bool
    items: int
    claimed: int
    oldest: datetime | None
    late: int
    done_today: int
    worked: int  # in the week, as the report counts them
    worked_in_time: int
    dismissed: int  # in the week

    @property
    def is_partial(self) -> bool:
        return self.items >= COUNTED

    @property
    def used(self) -> int:
        """Percent of the capacity."""
        return whole_percent(self.items, self.capacity) if self.capacity else 0

    @property
    def in_time(self) -> int | None:
        """Percent, rounded down; None where nothing was worked."""
        return whole_percent(self.worked_in_time, self.worked) if self.worked else None

    @property
    def room(self) -> Room:
        return Room(self.id, self.team_id, self.items, self.capacity)


@dataclass(frozen=True, slots=True)
class PlayAge:
    """What waits of a play: unassigned, and by how late it is."""

    id: int
    slug: str
    name: str
    team: str
    unassigned: int
    week: int
    days: int
    day: int
    today: int
    later: int

    @property
    def late(self) -> int:
        return self.week + self.days + self.day

    @property
    def items(self) -> int:
        return self.late + self.today + self.later


@dataclass(frozen=True, slots=True)
class WorkloadItem:
    id: int
    account_id: int
    account: str
    play_slug: str
    play: str
    team_id: int
    state: str
    why_now: str
    due_at: datetime
    created_at: datetime
    rep_id: int
    rep: str
    claimed_by: str
    owner_id: int

    @property
    def seen(self) -> str:
        """As it stood when it was looked at."""
        return f"{self.id}:{self.rep_id}:{self.state}"


@dataclass(frozen=True, slots=True)
class WorkloadFilters:
    """Which items of the page. "": all."""

    play: str = ""
    rep: str = ""  # none, or a user's id
    due: str = ""  # of DUE

    @classmethod
    def parse(cls, asked: Mapping[str, str]) -> "WorkloadFilters":
        play, rep, due = (asked.get(name, "") for name in ("play", "rep", "due"))
        known = rep == NOBODY or is_short_number(rep)
        return cls(play[:60] if slug_re.match(play) else "", rep if known else "", due if due in DUE else "")

    def query(self, **changed: Any) -> str:
        wanted = replace(self, **changed)
        named = {"play": wanted.play, "rep": wanted.rep, "due": wanted.due}
        return urlencode({name: value for name, value in named.items() if value})


@dataclass(frozen=True, slots=True)
class Planned:
    """An item and whom it would go to."""

    item: WorkloadItem
    to: Load
    why: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Who would get what; `left` stays where it is."""

    moves: list[Planned]
    left: list[WorkloadItem]

    @property
    def by_rep(self) -> list[tuple[Load, int, list[Planned]]]:
        """Each receiver, with the items they would have then."""
        receivers = {move.to.id: move.to for move in self.moves}
        found = []
        for rep in receivers.values():
            theirs = [move for move in self.moves if move.to.id == rep.id]
            # A receiver may give items away in the same plan: the page shows what is left in the end.
            gone = sum(1 for move in self.moves if move.item.rep_id == rep.id)
            found.append((rep, rep.items + len(theirs) - gone, theirs))
        return sorted(found, key=lambda each: each[0].name)


def rep_loads(*, now: datetime, midnight: datetime) -> list[Load]:
    """How every rep stands. `midnight` is the last one where the reader is."""
    params = {"now": now, "midnight": midnight, "week": midnight - timedelta(days=WEEK_DAYS - 1), "most": COUNTED}
    return rows_as(Load, SQL["loads"], params)


def play_ages(*, now: datetime, midnight: datetime) -> list[PlayAge]:
    """`midnight` is the last one where the reader is."""
    day, tomorrow = timedelta(days=1), midnight + timedelta(days=1)
    # Half-open spans side by side: each item is in exactly one of them.
    edges = [now - EARLIEST, now - 7 * day, now - day, now, max(tomorrow, now), now + LATEST]
    params = {"from": edges[:-1], "until": edges[1:], "most": COUNTED_OF_PLAY}
    return rows_as(PlayAge, SQL["ages"], params)


def workload_items(
    filters: WorkloadFilters, *, now: datetime, tomorrow: datetime, after: str = ""
) -> list[WorkloadItem]:
    """A page of them and one more, the most overdue first."""
    due, id_ = _place(after) or (None, 0)
    place = {"after_due": due, "after_id": id_, "unclaimed": False, "limit": PAGE + 1}
    return rows_as(WorkloadItem, SQL["items"], _filtered(filters, now=now, tomorrow=tomorrow) | place)


def items_to_distribute(filters: WorkloadFilters, *, now: datetime, tomorrow: datetime) -> list[WorkloadItem]:
    """All of the filters, up to a limit, that nobody has in hand."""
    every = {"after_due": None, "after_id": 0, "unclaimed": True, "limit": MOST_AT_ONCE}
    return rows_as(WorkloadItem, SQL["items"], _filtered(filters, now=now, tomorrow=tomorrow) | every)


def chosen_items(ids: Sequence[int]) -> list[WorkloadItem]:
    """The items that a manager ticked, as they stand now."""
    return rows_as(WorkloadItem, SQL["chosen_items"], {"ids": list(ids[:MOST_AT_ONCE])})


def _filtered(filters: WorkloadFilters, *, now: datetime, tomorrow: datetime) -> dict[str, Any]:
    edges = {"": None, "late": now, "late-week": now - timedelta(days=7), "today": tomorrow}
    return {
        "play": filters.play,
        "rep": int(filters.rep) if filters.rep not in ("", NOBODY) else None,
        "unassigned": filters.rep == NOBODY,
        "due": edges[filters.due],
    }


def plan_reassignment(items: Sequence[WorkloadItem], to: Load) -> Plan:
    """All to one rep, whatever room they have: the manager has decided."""
    moving = [item for item in items if item.rep_id != to.id]
    return Plan([Planned(item, to, "") for item in moving], [item for item in items if item.rep_id == to.id])


def plan_distribution(items: Sequence[WorkloadItem], loads: Sequence[Load]) -> Plan:
    """Over the teams of their plays, by room; what is in somebody's hand stays there."""
    # A claimed item is in somebody's hand, and a snoozed one was put away on purpose.
    free = [item for item in items if item.state == "open"]
    waiting = [Distributable(item.id, item.team_id, item.rep_id, item.owner_id) for item in free]
    placements = distribute(waiting, [load.room for load in loads if load.taking_items])
    reps = {load.id: load for load in loads}
    moves = [_planned(item, placements[item.id], reps) for item in free if item.id in placements]
    return Plan(moves, [item for item in items if item.id not in placements])


def _planned(item: WorkloadItem, placement: Placement, reps: Mapping[int, Load]) -> Planned:
    return Planned(item, reps[placement.to], placement.why)


def place_of(item: WorkloadItem) -> str:
    """An item as the address of the next page names it."""
    return f"{item.due_at.isoformat()}_{item.id}"


def _place(text: str) -> tuple[datetime, int] | None:
    # A plus sign in an address that nobody quoted arrives as a blank.
    at, _, id_ = text.replace(" ", "+").partition("_")
    try:
        due = datetime.fromisoformat(at)
    except ValueError:
        return None
    return (due, int(id_)) if due.tzinfo and is_short_number(id_) else None
