"""Windows over days, for all subjects and all as-of days at once.

A row of day t matters to a window of W days on the as-of days t .. t+W-1. So the functions here turn rows
into intervals, add +n where an interval starts and -n where it ends, and take a running sum over the days: 90
days cost hardly more than one. A window of None reaches back for ever.
"""

from dataclasses import dataclass

import numpy as np

from signals.measures.frame import AsOf, Flags, Floats, Ints, Longs

LONGEST_WINDOW = 730
STREAK_CELLS = 200_000  # how many (as-of day, streak) pairs are looked at together


@dataclass(frozen=True, slots=True, eq=False)
class DayKeys:
    """The distinct (subject, member, day), sorted and packed: the difference of neighbours is a gap in days.

    Between two different members the difference is always larger than `reach`, which is larger than any
    window and any gap inside one member.
    """

    packed: Longs
    gaps: Longs
    day_bits: int
    subject_shift: int
    first_day: int
    reach: int

    def subjects(self, at: Longs | slice) -> Longs:
        return self.packed[at] >> self.subject_shift

    def days(self, at: Longs | slice) -> Longs:
        return (self.packed[at] & ((1 << self.day_bits) - 1)) + self.first_day


@dataclass(frozen=True, slots=True, eq=False)
class Spans:
    """Stretches of days of one subject, both ends included, in the order of subjects."""

    subject: Longs
    start: Longs | Ints
    end: Longs | Ints

    def where(self, chosen: Flags) -> "Spans":
        return Spans(self.subject[chosen], self.start[chosen], self.end[chosen])


def day_keys(subject: Ints, day: Ints, member: Ints | None = None) -> DayKeys:
    """Sort once; every distinct-count of this grouping then only looks at gaps."""
    if not subject.size:
        nothing = np.zeros(0, np.int64)
        return DayKeys(nothing, nothing, 1, 1, 0, 1)
    first_day = int(day.min())
    reach = int(day.max()) - first_day + LONGEST_WINDOW + 1
    day_bits = (2 * reach).bit_length()
    members, member_bits = _fitted(member, 62 - day_bits - int(subject.max()).bit_length())
    packed = subject.astype(np.int64)
    if members is not None:
        packed <<= member_bits
        packed |= members
    packed <<= day_bits
    packed |= day - np.int32(first_day)
    packed.sort()
    gaps = np.diff(packed)
    fresh = np.flatnonzero(gaps)
    if fresh.size < gaps.size:
        packed = packed[np.concatenate(([0], fresh + 1))]
        gaps = np.diff(packed)
    return DayKeys(packed, gaps, day_bits, day_bits + member_bits, first_day, reach)


def _fitted(member: Ints | None, room: int) -> tuple[Ints | Longs | None, int]:
    """Members as small numbers, and their bits; renumbered only when their ids would not fit."""
    if member is None:
        return None, 0
    low = int(member.min())
    bits = (int(member.max()) - low).bit_length()
    if bits <= room:
        return member - np.int64(low), bits
    numbered = np.unique(member, return_inverse=True)[1].astype(np.int64)
    return numbered, int(numbered.max()).bit_length()


def spans(keys: DayKeys, gap: int | None) -> Spans:
    """Join the days of one member that lie at most `gap` days apart."""
    if not keys.packed.size:
        return Spans(keys.packed, keys.packed, keys.packed)
    # A gap of None joins everything of one member; the next member is always further away than `reach`.
    breaks = np.flatnonzero(keys.gaps > (keys.reach if gap is None else gap))
    opens = np.concatenate(([0], breaks + 1))
    closes = np.concatenate((breaks, [keys.packed.size - 1]))
    return Spans(keys.subjects(opens), keys.days(opens), keys.days(closes))


def distinct(keys: DayKeys, subjects: int, as_of: AsOf, window: int | None) -> Floats:
    """How many members the window has seen: a day adds only what the member's day before did not cover."""
    found = spans(keys, window)
    # A member counts until the window has slid past their last day of the stretch.
    ends = None if window is None else found.end + window
    return covering(found.subject, found.start, ends, subjects, as_of)


def total(
    subject: Ints | Longs,
    day: Ints | Longs,
    amount: Ints | None,
    subjects: int,
    as_of: AsOf,
    window: int | None,
) -> Floats:
    """The sum of the amounts in the window, or the number of rows when there are no amounts."""
    # Rows outside of every window would only cost time in the running sum.
    near = day <= as_of.last
    if window is not None:
        near &= day > as_of.first - window
    if not near.all():
        subject, day = subject[near], day[near]
        amount = None if amount is None else amount[near]
    ends = None if window is None else day + window
    return covering(subject, day, ends, subjects, as_of, amount)


def covering(
    subject: Ints | Longs,
    start: Ints | Longs,
    end: Ints | Longs | None,
    subjects: int,
    as_of: AsOf,
    amount: Ints | None = None,
) -> Floats:
    """For each subject and day, the amounts of the intervals start .. end-1 that cover it, or their number."""
    width = as_of.count + 1
    rows = subject.astype(np.int64) * width
    change = _summed(rows + np.clip(start - as_of.first, 0, as_of.count), amount, subjects * width)
    if end is not None:
        change -= _summed(rows + np.clip(end - as_of.first, 0, as_of.count), amount, subjects * width)
    return np.cumsum(change.reshape(subjects, width)[:, :-1], axis=1, dtype=np.float64)


def _summed(cells: Longs, amount: Ints | None, size: int) -> Floats | Longs:
    return np.bincount(cells, weights=amount, minlength=size)


def first_day(keys: DayKeys, subjects: int) -> Floats:
    """The first day of each subject, NaN when there is none."""
    found = np.full(subjects, np.nan)
    found[keys.subjects(slice(None, None, -1))] = keys.days(slice(None, None, -1))
    return found


def latest(rows: Longs, day: Longs, value: Longs, count: int, as_of: AsOf) -> Longs:
    """The largest value of each row (0..count-1) up to the end of each day, -1 when there is none.

    Later values of one row must be larger and come later: of equal cells the last assignment stays.
    """
    known = day <= as_of.last
    cells = rows[known] * as_of.count + np.maximum(day[known] - as_of.first, 0)
    grid = np.full(count * as_of.count, -1, np.int64)
    grid[cells] = value[known]
    return np.maximum.accumulate(grid.reshape(count, as_of.count), axis=1)


def last_day(keys: DayKeys, subjects: int, as_of: AsOf) -> Floats:
    """The last day up to each as-of day, NaN when there is none."""
    every = slice(None)
    offset = keys.days(every) - keys.first_day
    found = latest(keys.subjects(every), keys.days(every), offset, subjects, as_of)
    return np.where(found < 0, np.nan, found + keys.first_day)


def longest(found: Spans, subjects: int, as_of: AsOf, window: int | None, *, current: bool = False) -> Floats:
    """The longest stretch inside the window; `current` asks for the one that ends today or yesterday."""
    result = np.zeros((subjects, as_of.count))
    near = found.start <= as_of.last
    if window is not None:
        near &= found.end > as_of.first - window
    found = found.where(near)
    if not found.start.size:
        return result
    found = Spans(found.subject, found.start.astype(np.int32), found.end.astype(np.int32))
    # Spans stand in the order of subjects, so each subject is one slice and needs no grouping.
    firsts = np.flatnonzero(np.diff(found.subject, prepend=-1))
    block = max(1, STREAK_CELLS // found.start.size)
    for column in range(0, as_of.count, block):
        days = as_of.days[column : column + block, None].astype(np.int32)
        lengths = _lengths(found, days, window, current=current)
        best = np.maximum.reduceat(lengths, firsts, axis=1)
        result[found.subject[firsts], column : column + block] = np.maximum(best, 0).T
    return result


def _lengths(found: Spans, days: Ints, window: int | None, *, current: bool) -> Longs | Ints:
    starts = found.start if window is None else np.maximum(found.start, days - (window - 1))
    lengths = np.minimum(found.end, days) - starts + 1
    return np.where(found.end >= days - 1, lengths, 0) if current else lengths


def runs(ordered: Ints | Longs, wanted: Longs) -> tuple[Longs, Longs]:
    """Where the run of each wanted value begins among ordered ones, and how long it is."""
    first = np.searchsorted(ordered, wanted, "left")
    return first, np.searchsorted(ordered, wanted, "right") - first


def within_runs(first: Longs, count: Longs) -> Longs:
    """The places of all runs, one after another."""
    places: Longs = np.arange(count.sum()) + np.repeat(first - (np.cumsum(count) - count), count)
    return places


def by_subject(values: Floats | Longs, subject: Longs, subjects: int, join: np.ufunc, empty: float) -> Floats:
    """Join the rows of each subject (rows stand in the order of subjects); `empty` where there are none."""
    result = np.full((subjects, values.shape[1]), empty)
    if subject.size:
        firsts = np.flatnonzero(np.diff(subject, prepend=-1))
        result[subject[firsts]] = join.reduceat(values, firsts, axis=0)
    return result
