"""What other apps keep of accounts, and how it follows an account that is joined to another.

The wiring connects them: imports point one way.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Transfer:
    """What stands under one account goes to another; on undo it comes back the same way."""

    old: int
    new: int
    acting_user: Any
    now: datetime


@dataclass(frozen=True, slots=True)
class FollowingCount:
    """How much of something would follow, in words for a page."""

    number: int
    one: str
    many: str


@dataclass(frozen=True, slots=True)
class Follower:
    """`lock` takes the locks that come before identity's. `move` gives what `bring_back` needs, as JSON has it."""

    name: str
    lock: Callable[[Sequence[int]], None]
    count: Callable[[int, int], list[FollowingCount]]
    move: Callable[[Transfer], Any]
    bring_back: Callable[[Transfer, Any], None]


_FOLLOWERS: dict[str, Follower] = {}


def connect(follower: Follower) -> None:
    """A second time changes nothing."""
    _FOLLOWERS[follower.name] = follower


def lock_all(accounts: Sequence[int]) -> None:
    """Before anything is read that a join decides by."""
    for follower in _FOLLOWERS.values():
        follower.lock(accounts)


def counts_of(old: int, new: int) -> list[FollowingCount]:
    """What would follow."""
    return [counted for follower in _FOLLOWERS.values() for counted in follower.count(old, new) if counted.number]


def move_all(transfer: Transfer) -> dict[str, Any]:
    """Everything goes along; what to keep for undo."""
    return {name: follower.move(transfer) for name, follower in _FOLLOWERS.items()}


def bring_all_back(transfer: Transfer, moved: dict[str, Any]) -> None:
    """What `move_all` gave."""
    for name, kept in moved.items():
        if name in _FOLLOWERS:
            _FOLLOWERS[name].bring_back(transfer, kept)
