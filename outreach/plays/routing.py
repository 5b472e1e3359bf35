"""Who works an item: the account's owner, else the reps of the play's team in turn."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Count

from outreach.locks import lock_reps
from outreach.models import QueueItem, Rep

NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Wish:
    """An item that wants a rep."""

    team_id: int
    owner_id: int | None
    beyond_capacity: bool  # a request does not wait for room


@dataclass(slots=True)
class _Turn:
    rep: Rep
    items: int
    given: bool = False

    @property
    def order(self) -> tuple[datetime, int]:
        return (self.rep.last_given_at or NEVER, self.rep.pk)

    @property
    def has_room(self) -> bool:
        return self.items < self.rep.capacity


def route(wishes: Sequence[Wish], *, now: datetime) -> list[int | None]:
    """The user for each wish, in order; None where nobody has room: the manager sees it, the team may claim it.

    Whoever was given an item longest ago is next. The reps are locked, so that two workers take turns as one.
    """
    # Owned accounts take no turn and no lock: their owner works them whatever else is on the queue.
    turns = _turns({wish.team_id for wish in wishes if wish.owner_id is None})
    given = [wish.owner_id or _next(turns[wish.team_id], wish, now) for wish in wishes]
    # Only who was given something: writing all would make every worker wait for every rep.
    moved = [turn.rep for team in turns.values() for turn in team if turn.given]
    Rep.objects.bulk_update(moved, ["last_given_at"])
    return given


def zones_of(user_ids: Iterable[int | None]) -> dict[int, str]:
    """The time zone of each rep, by whose clock an item is due."""
    wanted = {pk for pk in user_ids if pk is not None}
    return dict(Rep.objects.filter(pk__in=wanted).values_list("pk", "time_zone"))


def _turns(team_ids: set[int]) -> dict[int, list[_Turn]]:
    turns: dict[int, list[_Turn]] = {team: [] for team in team_ids}
    reps = lock_reps(team_ids)
    loads = _loads([rep.pk for rep in reps])
    for rep in reps:
        turns[rep.team_id].append(_Turn(rep, loads.get(rep.pk, 0)))
    return turns


def _loads(user_ids: list[int]) -> dict[int, int]:
    """How many items each has to work."""
    # Snoozed items take no room: they come back one by one, not today.
    at_hand = QueueItem.objects.filter(rep__in=user_ids, state__in=("open", "claimed"))
    return dict(at_hand.values_list("rep_id").annotate(Count("pk")))


def _next(team: list[_Turn], wish: Wish, now: datetime) -> int | None:
    # A request goes beyond the capacity: five minutes are promised, and a full day is no reason.
    able = [turn for turn in team if turn.has_room or wish.beyond_capacity]
    if not able:
        return None
    turn = min(able, key=lambda turn: turn.order)
    # A microsecond more than whoever was last, so that turns given in one transaction stay in order.
    last = max(turn.rep.last_given_at or NEVER for turn in team)
    turn.rep.last_given_at = max(now, last + timedelta(microseconds=1))
    turn.items += 1
    turn.given = True
    chosen: int = turn.rep.pk
    return chosen
