"""Which play a conversion is credited to.

The rule: a conversion is credited to the play whose item on that account was last worked (a touch, or closed as
done) in the 90 days before it; without one, it is self-serve. docs/explain/proof.md
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from outreach.rules.guards import day_words

WINDOW_DAYS = 90
SELF_SERVE = f"Self-serve: no item of this account was worked in the {WINDOW_DAYS} days before."


@dataclass(frozen=True, slots=True)
class Worked:
    """One time that an item of the account was worked."""

    at: datetime
    item_id: int
    play_id: int
    play: str
    is_touch: bool = False  # else it was closed as done

    @property
    def words(self) -> str:
        return "touched" if self.is_touch else "closed as done"


@dataclass(frozen=True, slots=True)
class Credit:
    """What it is credited to, None for self-serve, and why."""

    item_id: int | None
    play_id: int | None
    words: str


def credit(at: datetime, worked: Iterable[Worked]) -> Credit:
    """Of work in the window that ends just before `at`, the last; of two at the same moment, the newer item's."""
    since = at - timedelta(days=WINDOW_DAYS)
    # Strictly before: work at the very instant of a conversion cannot have led to it.
    counted = [one for one in worked if since <= one.at < at]
    if not counted:
        return Credit(None, None, SELF_SERVE)
    last = max(counted, key=lambda one: (one.at, one.item_id, one.is_touch))
    return Credit(last.item_id, last.play_id, _words(at, last))


def _words(at: datetime, last: Worked) -> str:
    days = (at.astimezone(UTC).date() - last.at.astimezone(UTC).date()).days
    distance = {0: "the same day", 1: "the day before"}.get(days, f"{days} days before")
    return f"“{last.play}”: its item was last {last.words} on {day_words(last.at, at)}, {distance}."
