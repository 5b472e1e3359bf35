"""Rows in the order of subject and day: a window is a range of them, and its largest, last or sum is read from it."""

from dataclasses import dataclass

import numpy as np

from signals.measures.frame import AsOf, Floats, Ints, Longs

DECIMALS = 6  # of a sum: what lies behind is dust of binary fractions


@dataclass(frozen=True, slots=True, eq=False)
class Ranges:
    """For each subject and as-of day the rows from `first` up to, not including, `end`."""

    first: Longs
    end: Longs

    @classmethod
    def of_windows(cls, subject: Longs, day: Longs, subjects: int, as_of: AsOf, window: int | None) -> "Ranges":
        """`subject` and `day` of the rows, sorted by both."""
        rows = packed_days(subject, day)
        every = np.arange(subjects, dtype=np.int64)[:, None]
        oldest = np.full(as_of.count, -(2**30)) if window is None else as_of.days - (window - 1)
        first = np.searchsorted(rows, packed_days(every, oldest), "left")
        return cls(first, np.searchsorted(rows, packed_days(every, as_of.days), "right"))

    def largest(self, values: Floats) -> Floats:
        """The largest value of each range; NaN where there is none."""
        length = self.end - self.first
        # Any range is covered by two, maybe overlapping, stretches whose length is a power of two.
        level = np.frexp(np.maximum(length, 1))[1].astype(np.int64) - 1
        best = np.full(length.shape, np.nan)
        stretch, reach = values, 1
        for power in range(int(level.max(initial=0)) + 1):
            at = (level == power) & (length > 0)
            best[at] = np.maximum(stretch[self.first[at]], stretch[self.end[at] - reach])
            stretch = np.maximum(stretch[:-reach], stretch[reach:]) if stretch.size > reach else stretch
            reach *= 2
        return best

    def last(self, values: Floats) -> Floats:
        """The value of the last row of each range; NaN where there is none."""
        found = np.append(values, np.nan)[self.end - 1]
        return np.where(self.end > self.first, found, np.nan)

    def total(self, values: Floats) -> Floats:
        """The sum of each range, 0 where there is none."""
        # Range by range and not as a difference of running sums, which would bring dust from rows outside of it.
        bounds = np.stack((self.first, self.end), axis=-1).ravel()
        added = np.add.reduceat(np.append(values, 0.0), bounds)[::2].reshape(self.first.shape)
        return np.where(self.end > self.first, np.round(added, DECIMALS), 0.0)


def packed_days(subject: Ints | Longs, day: Ints | Longs) -> Longs:
    """Subject and day as one number, in the order of both."""
    return (subject.astype(np.int64) << 32) + day + 2**31


def unpacked_days(rows: Longs) -> tuple[Longs, Longs]:
    """The subjects and days of packed rows."""
    return rows >> 32, (rows & (2**32 - 1)) - 2**31
