"""Sharing out items over the reps of their teams, by room."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

OWNER = "owns the account"
ROOM = "has the most room"


@dataclass(frozen=True, slots=True)
class Distributable:
    """An item that wants a rep: the team that works it, who has it now, who owns its account. 0: nobody."""

    item: int
    team: int
    rep: int = 0
    owner: int = 0


@dataclass(frozen=True, slots=True)
class Room:
    """A rep who takes items."""

    rep: int
    team: int
    items: int
    capacity: int


@dataclass(frozen=True, slots=True)
class Placement:
    to: int
    why: str


@dataclass(slots=True)
class _Place:
    rep: int
    team: int
    items: int
    capacity: int

    @property
    def order(self) -> tuple[float, int]:
        """The fullest last; the lower id between equals."""
        # By share of the capacity: a half-time rep fills up at the same pace as the others.
        return (self.items / max(self.capacity, 1), self.rep)


def distribute(waiting: Sequence[Distributable], rooms: Iterable[Room]) -> dict[int, Placement]:
    """Whom each item goes to, in the order given; an item for which nobody has room is not in the answer.

    To the owner of its account where that is a rep of the team with room; else to whoever has the most room in
    proportion. Nobody is given more than their capacity, and nobody what they have already.
    """
    places = {room.rep: _Place(room.rep, room.team, room.items, room.capacity) for room in rooms}
    placements: dict[int, Placement] = {}
    for one in waiting:
        able = [place for place in places.values() if _can_take(place, one)]
        if not able:
            continue
        # One relationship: whoever owns the account gets it before whoever has room.
        owner = next((place for place in able if place.rep == one.owner), None)
        chosen = owner or min(able, key=lambda place: place.order)
        chosen.items += 1
        # Taken from somebody who takes items too: the place is free again for the next one.
        if one.rep in places:
            places[one.rep].items -= 1
        placements[one.item] = Placement(chosen.rep, OWNER if owner else ROOM)
    return placements


def _can_take(place: _Place, one: Distributable) -> bool:
    return place.team == one.team and place.rep != one.rep and place.items < place.capacity
