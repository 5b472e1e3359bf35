"""What the queue page reads. Each function is one query; none grows with the number of items."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import Http404

from outreach.access import Viewer
from plgcrm.common.cache import Remembered
from plgcrm.common.sql import queries, records, rows_as, scalar, scalars
from signals.vocabulary.terms import CORE_FEATURES

SQL = queries("outreach/sql/queue.sql")
PAGE = 25
CAP = 101  # counting stops here: "100+"
COUNTED = 400  # items of one rep that are counted by play


@dataclass(frozen=True, slots=True)
class QueueFilters:
    """Which items, of those the viewer may see."""

    play: str = ""  # slug
    rep: int = 0  # whose queue somebody who sees all looks at; 0: everybody's
    snoozed: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of the list ended."""

    sla_class: int
    priority: float
    id: int

    def __str__(self) -> str:
        return f"{self.sla_class}_{self.priority!r}_{self.id}"

    @classmethod
    def parse(cls, text: str) -> "Place | None":
        try:
            sla_class, priority, id_ = text.split("_")
            return cls(int(sla_class), float(priority), int(id_))
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of the list."""

    id: int
    sla_class: int
    priority: float
    account_id: int
    account: str
    domain: str
    play_slug: str
    play: str
    why_now: str
    state: str
    due_at: datetime
    snoozed_until: datetime | None
    points: int | None
    qualified: bool
    claimed_by_id: int
    held_by: str
    unassigned: bool

    @property
    def place(self) -> Place:
        return Place(self.sla_class, self.priority, self.id)


@dataclass(frozen=True, slots=True)
class Opened:
    """An opened item."""

    id: int
    account_id: int
    play_slug: str
    play: str
    goal: str
    persona: str
    state: str
    why_now: str
    facts: dict[str, Any]
    facts_as_of: datetime
    sla_class: int
    priority: float
    priority_parts: dict[str, Any]
    due_at: datetime
    created_at: datetime
    snoozed_until: datetime | None
    closed_at: datetime | None
    disposition: str
    dismiss_reason: str
    note: str
    checks: list[dict[str, Any]]
    reason: str
    rep_id: int
    rep: str
    claimed_by_id: int
    claimed_by: str
    person_id: int
    team: str
    desk: dict[str, Any]  # what its message is made of: messages.sql

    @property
    def place(self) -> Place:
        return Place(self.sla_class, self.priority, self.id)

    @property
    def is_live(self) -> bool:
        return self.closed_at is None


@dataclass(frozen=True, slots=True)
class PlayCount:
    id: int
    slug: str
    name: str
    waiting: int


@dataclass(frozen=True, slots=True)
class Counts:
    """Of the items that wait, capped."""

    plays: list[PlayCount]
    snoozed: int
    done: int | None  # None: not one rep's queue
    newest: int
    oldest_unscored_at: datetime | None

    @property
    def waiting(self) -> int:
        return sum(play.waiting for play in self.plays)

    @property
    def is_partial(self) -> bool:
        """There are more than were counted, of each play."""
        return self.done is not None and self.waiting >= COUNTED


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who works a queue."""

    id: int
    name: str
    team: str
    taking_items: bool


@dataclass(frozen=True, slots=True)
class WaitingItems:
    """What the frame of every page says of the viewer's queue."""

    items: int
    oldest_unscored_at: datetime | None


def listed_items(
    viewer: Viewer, filters: QueueFilters, *, after: Place | None = None, limit: int = PAGE + 1
) -> list[Listed]:
    """A page of the queue in working order, and one row more where it goes on."""
    return rows_as(Listed, SQL["listed"], _params(viewer, filters, after, limit))


def next_item_id(viewer: Viewer, filters: QueueFilters, *, after: Place | None) -> int | None:
    """The first item below a place, else the first of all; None when the queue is empty."""
    # At the end of the list it begins again at the top: closing the last item must not empty the screen.
    for place in dict.fromkeys((after, None)):
        if found := scalars(SQL["first_id"], _params(viewer, filters, place, 1)):
            return int(found[0])
    return None


def item_counts(viewer: Viewer, filters: QueueFilters, *, midnight: datetime) -> Counts:
    """How many wait by play, are snoozed, and were closed since midnight."""
    params = _params(viewer, QueueFilters(rep=filters.rep), None, COUNTED) | {"midnight": midnight}
    found = records(SQL["counts_of_all" if params["all"] else "counts"], params)
    single = {row["what"]: row for row in found}
    return Counts(
        plays=[
            PlayCount(id=row["play_id"], slug=row["slug"], name=row["name"], waiting=row["number"])
            for row in found
            if row["what"] == "play"
        ],
        snoozed=single["snoozed"]["number"],
        done=single["done"]["number"] if "done" in single else None,
        newest=single["newest"]["number"],
        oldest_unscored_at=single["unscored"]["at"],
    )


def waiting(viewer: Viewer) -> WaitingItems:
    """How many items wait for the viewer, for the frame of every page; counted to a hundred."""
    # A manager who works no queue sees how much waits for all.
    whose = QueueFilters(rep=viewer.id) if viewer.is_rep else QueueFilters()
    return rows_as(WaitingItems, SQL["waiting"], _params(viewer, whose, None, CAP))[0]


def arrived(viewer: Viewer, filters: QueueFilters, *, newest: int) -> int:
    """How many items came since the viewer drew the list, at most 100."""
    return int(scalar(SQL["arrived"], _params(viewer, filters, None, CAP) | {"newest": newest}))


def opened_item(viewer: Viewer, item_id: int, *, today: date, to: int = 0) -> Opened:
    """The item, with what its message to a person is made of; or 404: who may not see it does not learn it exists."""
    # One query for the item and for all that its message needs: opening an item is what reps do all day.
    params: dict[str, Any] = {"item": item_id, "all": viewer.sees_all, "rep": viewer.id, "team": viewer.team}
    params |= {"to": to, "features": CORE_FEATURES, "today": today}
    found = rows_as(Opened, SQL["opened"], params) if viewer.role else []
    if not found:
        raise Http404
    return found[0]


_REPS = Remembered[list[Colleague]](seconds=10)


def colleagues() -> list[Colleague]:
    """Who can be handed an item; remembered for some seconds."""
    # Asked by every page that can reassign, and changed by an admin once a month.
    return _REPS.get(lambda: rows_as(Colleague, SQL["reps"]))


def _params(viewer: Viewer, filters: QueueFilters, after: Place | None, limit: int) -> dict[str, Any]:
    """Whose items, of those the viewer may see: everybody's, one rep's, or the own and those the team may take."""
    everybody = viewer.sees_all and not filters.rep
    # Unassigned items of the team belong on one's own list, not on the list of a colleague one looks at.
    own = not everybody and filters.rep in (0, viewer.id)
    return {
        "all": everybody,
        "rep": filters.rep if viewer.sees_all and filters.rep else viewer.id,
        "team": viewer.team if own else None,
        "play": filters.play,
        "snoozed": filters.snoozed,
        "after_class": after.sla_class if after else None,
        "after_priority": after.priority if after else None,
        "after_id": after.id if after else None,
        "limit": limit,
    }
