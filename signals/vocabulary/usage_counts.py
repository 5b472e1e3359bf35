"""How often each actor did something on each day, counted from stored events."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from signals.measures.frame import Ints, Longs


@dataclass(frozen=True, slots=True, eq=False)
class UsageCounts:
    """Each actor and day once, in their order."""

    actor: Ints
    day: Ints
    count: Ints

    def __len__(self) -> int:
        return len(self.actor)

    @classmethod
    def of(cls, counts: Mapping[tuple[int, int], int]) -> "UsageCounts":
        """From (actor, day) -> how often."""
        keys = np.array(list(counts), np.int32).reshape(-1, 2)
        return cls.summed(keys[:, 0], keys[:, 1], np.fromiter(counts.values(), np.int32, len(counts)))

    @classmethod
    def summed(cls, actor: Ints, day: Ints, count: Ints) -> "UsageCounts":
        """From rows that may speak of the same actor and day."""
        packed: Longs = (actor.astype(np.int64) << 32) + day
        keys, place = np.unique(packed, return_inverse=True)
        # A day before 1970 borrows from the actor beside it; what is left below is the day as it was.
        days = keys.astype(np.int32)
        actors = ((keys - days) >> 32).astype(np.int32)
        return cls(actors, days, np.bincount(place, weights=count, minlength=len(keys)).astype(np.int32))
