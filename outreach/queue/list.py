"""What the queue page reads. Each function is one query; none grows with the number of items."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import Http404

from outreach.access import Viewer
from plgcrm.common.cache import Remembered
from plgcrm.common.sql import queries, rows
from signals.facts import FEATURES

SQL = queries("outreach/sql/queue.sql")
MESSAGES = queries("outreach/sql/messages.sql")
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
    items: int
    oldest_unscored_at: datetime | None


def listed_items(
    viewer: Viewer, filters: QueueFilters, *, after: Place | None = None, limit: int = PAGE + 1
) -> list[Listed]:
    """A page of the queue in working order, and one row more where it goes on."""
    query = SQL["listed"].format(branches=_branches(viewer, filters, after))
    return [Listed(*row) for row in rows(query, _params(viewer, filters, after, limit))]


def next_item_id(viewer: Viewer, filters: QueueFilters, *, after: Place | None) -> int | None:
    """The first item below a place, else the first of all; None when the queue is empty."""
    # At the end of the list it begins again at the top: closing the last item must not empty the screen.
    for place in dict.fromkeys((after, None)):
        query = SQL["first_id"].format(branches=_branches(viewer, filters, place))
        if found := rows(query, _params(viewer, filters, place, 1)):
            return int(found[0][0])
    return None


def item_counts(viewer: Viewer, filters: QueueFilters, *, midnight: datetime) -> Counts:
    """How many wait by play, are snoozed, and were closed since midnight."""
    whose = QueueFilters(rep=filters.rep)
    everybody = viewer.sees_all and not filters.rep
    params = {**_params(viewer, whose, None, COUNTED), "midnight": midnight}
    query = SQL["counts_of_all" if everybody else "counts"].format(
        branches=_branches(viewer, whose, None),
        snoozed=_branches(viewer, QueueFilters(rep=filters.rep, snoozed=True), None),
    )
    found = rows(query, params)
    single = {what: number for what, _, _, _, number, _ in found}
    plays = [PlayCount(id_, slug, name, number) for what, id_, slug, name, number, _ in found if what == "play"]
    oldest = next(at for what, _, _, _, _, at in found if what == "unscored")
    return Counts(plays, single["snoozed"], single.get("done"), single["newest"], oldest)


def waiting(viewer: Viewer) -> WaitingItems:
    """How many items wait for the viewer, for the frame of every page; counted to a hundred."""
    # A manager who works no queue sees how much waits for all.
    whose = QueueFilters(rep=viewer.id) if viewer.is_rep else QueueFilters()
    query = SQL["waiting"].format(branches=_branches(viewer, whose, None))
    [(items, oldest)] = rows(query, _params(viewer, whose, None, CAP))
    return WaitingItems(items, oldest)


def arrived(viewer: Viewer, filters: QueueFilters, *, newest: int) -> int:
    """How many items came since the viewer drew the list, at most 100."""
    query = SQL["arrived"].format(and_play=SQL["and_play"] if filters.play else "")
    everybody = viewer.sees_all and not filters.rep
    params = {**_params(viewer, filters, None, CAP), "newest": newest, "all": everybody}
    return int(rows(query, params)[0][0])


def opened_item(viewer: Viewer, item_id: int, *, today: date, to: int = 0) -> Opened:
    """The item, with what its message to a person is made of; or 404: who may not see it does not learn it exists."""
    params: dict[str, Any] = {"item": item_id, "all": viewer.sees_all, "viewer": viewer.id, "team": viewer.team}
    params |= {"to": to, "features": list(FEATURES), "today": today}
    # One query for the item and for all that its message needs: opening an item is what reps do all day.
    found = rows(SQL["opened"].format(desk=MESSAGES["desk"]), params) if viewer.role else []
    if not found:
        raise Http404
    return Opened(*found[0])


_REPS = Remembered[list[Colleague]](seconds=10)


def colleagues() -> list[Colleague]:
    """Who can be handed an item; remembered for some seconds."""
    # Asked by every page that can reassign, and changed by an admin once a month.
    return _REPS.get(lambda: [Colleague(*row) for row in rows(SQL["reps"])])


def _branches(viewer: Viewer, filters: QueueFilters, after: Place | None) -> str:
    """Which index scans make up the list; chosen among fixed pieces."""
    pieces = {
        "and_play": SQL["and_play"] if filters.play else "",
        "and_after": SQL["and_after"] if after else "",
    }
    chosen = _branch_names(viewer, filters)
    return " UNION ALL ".join(f"({SQL[name].format(**pieces)})" for name in chosen)


def _branch_names(viewer: Viewer, filters: QueueFilters) -> Sequence[str]:
    everybody = viewer.sees_all and not filters.rep
    if filters.snoozed:
        return ["branch_snoozed_of_all" if everybody else "branch_snoozed_of_rep"]
    if everybody:
        return ["branch_of_all"]
    # Unassigned items of the team belong on one's own list, not on the list of a colleague one looks at.
    if viewer.team is None or filters.rep not in (0, viewer.id):
        return ["branch_of_rep"]
    return ["branch_of_rep", "branch_of_team"]


def _params(viewer: Viewer, filters: QueueFilters, after: Place | None, limit: int) -> dict[str, Any]:
    params: dict[str, Any] = {
        "rep": filters.rep if viewer.sees_all and filters.rep else viewer.id,
        "team": viewer.team,
        "play": filters.play,
        "limit": limit,
    }
    if after:
        params |= {"after_class": after.sla_class, "after_priority": after.priority, "after_id": after.id}
    return params
