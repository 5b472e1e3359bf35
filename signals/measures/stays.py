"""Since when and until when something is true of a member: of who did it often enough, of a person's trait.

A stay is a stretch of days of one group of rows (a person of a subject, a value among a subject's people). Stays are
joined and cut as intervals, so that many as-of days cost hardly more than one.
"""

from dataclasses import dataclass

import numpy as np

from signals.measures import windows
from signals.measures.frame import AsOf, AttributeRows, Flags, Floats, Ints, Longs

FOREVER = 2**31 - 1  # a day that never comes
UNKNOWN = -1


@dataclass(frozen=True, slots=True, eq=False)
class Stays:
    """Stretches of days, the end not included; `group` is the subject with a member packed behind it."""

    group: Longs
    start: Longs
    end: Longs

    @property
    def subject(self) -> Longs:
        return self.group >> 32

    @property
    def member(self) -> Longs:
        return unpacked(self.group)

    def where(self, chosen: Flags | Longs) -> "Stays":
        return Stays(self.group[chosen], self.start[chosen], self.end[chosen])

    def counted(self, subjects: int, as_of: AsOf) -> Floats:
        """How many groups of each subject stay on each day; no two stays of one group may overlap."""
        return windows.covering(self.subject, self.start, self.end, subjects, as_of)


def packed(subject: Ints | Longs, member: Ints | Longs) -> Longs:
    """Subject and member as one number, in the order of subjects."""
    # The shift keeps a negative member from borrowing of its subject.
    return (subject.astype(np.int64) << 32) + member + 2**31


def unpacked(group: Longs) -> Longs:
    """The members of packed groups."""
    return (group & (2**32 - 1)) - 2**31


def joined(group: Longs, start: Longs, end: Longs, *, least: int = 1, amount: Ints | None = None) -> Stays:
    """When the amounts (or the number) of a group's intervals add up to at least `least`. Intervals may overlap."""
    if not group.size:
        return Stays(group, start, end)
    amounts = np.ones(group.size, np.int64) if amount is None else amount.astype(np.int64)
    groups, days = np.concatenate((group, group)), np.concatenate((start, end))
    order = np.lexsort((days, groups))
    groups, days, changes = groups[order], days[order], np.concatenate((amounts, -amounts))[order]
    # What ends and begins on one day is no gap: only the sum after all changes of a day counts.
    last = np.append((groups[1:] != groups[:-1]) | (days[1:] != days[:-1]), True)
    groups, days, enough = groups[last], days[last], np.cumsum(changes)[last] >= least
    # Whatever begins in a group ends in it, so each group begins with nothing and the sums need no reset.
    turns = np.flatnonzero(enough != np.append(False, enough[:-1]))
    opens, closes = turns[::2], turns[1::2]
    return Stays(groups[opens], days[opens], days[closes])


def union(stays: Stays) -> Stays:
    """The same days, each once."""
    return joined(stays.group, stays.start, stays.end)


def within_window(group: Longs, day: Ints, *, window: int | None, least: int = 1, amount: Ints | None = None) -> Stays:
    """When a group's rows inside the window number, or add up to, at least `least`."""
    start = day.astype(np.int64)
    end = np.full(start.size, FOREVER, np.int64) if window is None else start + window
    return joined(group, start, end, least=least, amount=amount)


@dataclass(frozen=True, slots=True, eq=False)
class TraitStays:
    """What was known of a trait of each person and when, in the order of persons. A code stands for a value."""

    person: Longs
    start: Longs
    end: Longs
    code: Longs  # UNKNOWN where the value was taken away
    matching: Flags

    def of(self, stays: Stays) -> tuple[Stays, Longs]:
        """The stays of persons, each cut into one for each value that its person had; and which place that has."""
        first, count = windows.runs(self.person, stays.member)
        stay, place = np.repeat(np.arange(stays.group.size), count), windows.within_runs(first, count)
        start = np.maximum(stays.start[stay], self.start[place])
        end = np.minimum(stays.end[stay], self.end[place])
        some = start < end
        return Stays(stays.group[stay[some]], start[some], end[some]), place[some]


def trait_stays(rows: AttributeRows, texts: tuple[str, ...], wanted: "Wanted | None" = None) -> TraitStays:
    """Each change of a trait as the stretch until the next one. `rows` are of one trait, their subject the person.

    A whole person is one holder, however many ids it was known by: what was said last stands.
    """
    order = np.lexsort((rows.holder, rows.text, rows.number, rows.at, rows.subject))
    person, day = rows.subject[order].astype(np.int64), rows.at[order] // 86_400
    following = np.append(person[1:] == person[:-1], False) if person.size else np.zeros(0, np.bool_)
    end = np.where(following, np.append(day[1:], 0)[: day.size], FOREVER)
    number, text = rows.number[order], rows.text[order]
    matching = np.zeros(day.size, np.bool_) if wanted is None else wanted.among(number, text, texts)
    # Of changes on one day all but the last are stretches of no day, which `of` leaves out.
    return TraitStays(person, day, end, _codes(number, text, texts), matching)


def _codes(number: Floats, text: Ints, texts: tuple[str, ...]) -> Longs:
    """Equal values have equal codes, texts without regard to case."""
    folded = [word.casefold() for word in texts]
    first = {word: place for place, word in reversed(list(enumerate(folded)))}
    code_of = np.array([*(first[word] for word in folded), UNKNOWN], np.int64)
    codes = code_of[text]
    numbers = (text < 0) & ~np.isnan(number)
    codes[numbers] = len(texts) + np.unique(number[numbers], return_inverse=True)[1]
    return codes


@dataclass(frozen=True, slots=True)
class Wanted:
    """Values to look for among a trait's: texts without regard to case, numbers as numbers."""

    values: tuple[str, ...]
    inside: bool = False  # whether it is enough that a text has one of them in it

    def among(self, number: Floats, text: Ints, texts: tuple[str, ...]) -> Flags:
        fits = np.array([*(self._fits(word) for word in texts), False], np.bool_)
        numbers = [float(value) for value in self.values if _is_number(value)]
        matching: Flags = fits[text] | (np.isin(number, numbers) & (not self.inside))
        return matching

    def _fits(self, word: str) -> bool:
        folded = word.casefold()
        wanted = (value.casefold() for value in self.values)
        return any(value in folded for value in wanted) if self.inside else folded in wanted


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True
