"""What the kinds of measure share while one frame is measured: rows are chosen once, keys are sorted once."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from signals.measures import stays, windows
from signals.measures.checks import LARGEST
from signals.measures.frame import (
    SECONDS_A_DAY,
    WORKSPACE,
    AsOf,
    AttributeRows,
    CaseRows,
    Flags,
    Floats,
    Frame,
    Ints,
    Longs,
    UsageRows,
    ValueRows,
)

if TYPE_CHECKING:
    from signals.measures.specs import Spec


class NotLoadedError(LookupError):
    """A measure asks for a signal or an attribute that the frame does not have."""


NEVER = -(2**62)  # before every day: a signal that was always listened to


class TableName(NamedTuple):
    signals: tuple[str, ...]
    after_signup: int | None


class UsageTable:
    """The usage of one set of signals."""

    def __init__(self, rows: UsageRows, subjects: int, visitors: Ints) -> None:
        self.rows = rows
        self.subjects = subjects
        self._of_visitors = np.isin(rows.person, visitors) if visitors.size else None

    @property
    def by_people(self) -> UsageRows:
        """Without what visitors did."""
        return self.rows if self._of_visitors is None else self.rows.where(~self._of_visitors)

    @property
    def by_visitors(self) -> UsageRows:
        return self.rows.where(np.zeros(0, np.int64) if self._of_visitors is None else self._of_visitors)

    @cached_property
    def people(self) -> windows.DayKeys:
        return _of_persons(self.by_people)

    @cached_property
    def visitors(self) -> windows.DayKeys:
        return _of_persons(self.by_visitors)

    @cached_property
    def signals(self) -> windows.DayKeys:
        return windows.day_keys(self.rows.subject, self.rows.day, self.rows.signal)

    @cached_property
    def days(self) -> windows.DayKeys:
        return windows.day_keys(self.rows.subject, self.rows.day)

    def count(self, as_of: AsOf, window: int | None) -> Floats:
        rows = self.rows
        return windows.total(rows.subject, rows.day, rows.count, self.subjects, as_of, window)

    def active_days(self, as_of: AsOf, window: int | None) -> Floats:
        every = slice(None)
        keys = self.days
        return windows.total(keys.subjects(every), keys.days(every), None, self.subjects, as_of, window)

    def distinct_people(self, as_of: AsOf, window: int | None) -> Floats:
        return windows.distinct(self.people, self.subjects, as_of, window)

    def distinct_visitors(self, as_of: AsOf, window: int | None) -> Floats:
        return windows.distinct(self.visitors, self.subjects, as_of, window)

    def distinct_signals(self, as_of: AsOf, window: int | None) -> Floats:
        return windows.distinct(self.signals, self.subjects, as_of, window)


def _of_persons(rows: UsageRows) -> windows.DayKeys:
    return windows.day_keys(rows.subject, rows.day, rows.person)


@dataclass(frozen=True, slots=True, eq=False)
class AttributeTable:
    """The changes of some attributes in the order of time, and who holds them."""

    key: npt.NDArray[np.int16]
    day: Longs
    number: Floats
    text: Ints
    at_least: Flags | None  # None: no number is only a lower bound
    holder: Longs  # index into owner
    owner: Longs  # the subject of each holder, in the order of subjects
    by_workspace: Flags  # of each holder, whether it is a workspace

    def latest(self, key: int, as_of: AsOf) -> Longs:
        """For each holder and day the row that holds, -1 when there is none."""
        rows = np.flatnonzero(self.key == key)
        return windows.latest(self.holder[rows], self.day[rows], rows, self.owner.size, as_of)

    def numbers(self, key: int, as_of: AsOf) -> Floats:
        """For each holder and day the number that holds, NaN when there is none."""
        return np.append(self.number, np.nan)[self.latest(key, as_of)]

    @property
    def known(self) -> Flags:
        return ~np.isnan(self.number) | (self.text >= 0)

    def differs(self, one: Longs, other: Longs) -> Flags:
        """Whether known values of rows differ; NaN is the same as NaN here."""
        numbers, others = np.nan_to_num(self.number[one]), np.nan_to_num(self.number[other])
        alike = np.isnan(self.number[one]) == np.isnan(self.number[other])
        different: Flags = ~alike | (numbers != others) | (self.text[one] != self.text[other])
        return different


class Tables:
    """A frame, the days wanted, and everything that has been worked out of it so far."""

    def __init__(self, frame: Frame, as_of: AsOf, specs: "Iterable[Spec]") -> None:
        self.frame = frame
        self.as_of = as_of
        self._oldest = _oldest_days(specs, as_of.first)
        self._usage: dict[TableName, UsageTable] = {}
        self._attributes: dict[tuple[int, ...], AttributeTable] = {}
        self._windows: dict[tuple[object, ...], Floats] = {}

    @cached_property
    def membership(self) -> stays.Stays:
        """Each person of each subject from the day of joining on, until they left."""
        return self._stays_of(self.frame.members.person, self.are_people)

    def _stays_of(self, member: Ints, chosen: Flags) -> stays.Stays:
        rows = self.frame.members
        group, since = stays.packed(rows.subject[chosen], member[chosen]), rows.since[chosen].astype(np.int64)
        forever = np.full(group.size, stays.FOREVER, np.int64)
        until = forever if rows.until is None else np.maximum(rows.until[chosen], since)
        return stays.joined(group, since, until)

    @cached_property
    def are_people(self) -> Flags:
        """Of each membership, whether it is of somebody who is identified."""
        rows, visitors = self.frame.members, self.frame.visitors
        found: Flags = rows.person >= 0
        return found & ~np.isin(rows.person, visitors) if visitors.size else found

    @property
    def shape(self) -> tuple[int, int]:
        return self.frame.subjects, self.as_of.count

    @cached_property
    def signup(self) -> Floats:
        """The day of signing up of each subject, as a column of its own; NaN when unknown."""
        return np.where(self.frame.signup < 0, np.nan, self.frame.signup.astype(np.float64))[:, None]

    def usage(self, spec: "Spec") -> UsageTable:
        name = _table_name(spec)
        if name not in self._usage:
            self._usage[name] = UsageTable(self._rows(name), self.frame.subjects, self.frame.visitors)
        return self._usage[name]

    def unheard(self, signals: tuple[str, ...]) -> tuple[bool, bool]:
        """Whether all of these signals never came to this installation, and whether some never did."""
        missing = [signal in self.frame.heard.never for signal in self.signals_of(signals)]
        return all(missing), any(missing)

    def signals_of(self, signals: tuple[str, ...]) -> tuple[str, ...]:
        """The same with each category in place of which its signals stand."""
        groups = self.frame.groups
        return tuple(one for signal in signals for one in groups.get(signal, (signal,)))

    def partly_heard(self, spec: "Spec", as_of: AsOf) -> Flags | None:
        """Where the window of the measure reaches back before we listened; None: nowhere."""
        heard = self.frame.heard
        since = max((heard.since.get(one, NEVER) for one in self.signals_of(spec.signals)), default=NEVER)
        if since == NEVER:
            return None
        if spec.days is not None and not spec.start:
            begins = (as_of.days - spec.days + 1) * SECONDS_A_DAY
            if begins[0] >= since:
                return None
            opening = begins.astype(np.float64)[None, :]
        else:
            opening = np.full((1, as_of.count), -np.inf)
        # Before it signed up there was nothing to hear.
        own = np.full(self.frame.subjects, np.nan) if heard.signed_up is None else heard.signed_up
        missed: Flags = np.fmax(opening, own[:, None]) < since
        return missed if missed.any() else None

    def heard_later(self, signals: tuple[str, ...], than: tuple[str, ...]) -> bool:
        """Whether we began to listen to one of these signals after we did to the others."""
        since = self.frame.heard.since
        first, last = ([since.get(one, NEVER) for one in self.signals_of(names)] for names in (than, signals))
        return max(last, default=NEVER) > min(first, default=NEVER)

    def windowed(self, what: str, spec: "Spec", as_of: AsOf) -> Floats:
        """count, people, active_days or breadth as of other days than the frame's own, remembered."""
        window = None if spec.start else spec.days
        name = (what, spec.signals, spec.start, spec.days, as_of)
        if name not in self._windows:
            table = self.usage(spec)
            measure = {
                "count": table.count,
                "people": table.distinct_people,
                "visitors": table.distinct_visitors,
                "active_days": table.active_days,
                "breadth": table.distinct_signals,
            }[what]
            self._windows[name] = measure(as_of, window)
        return self._windows[name]

    def attributes(self, *keys: str) -> tuple[AttributeTable, tuple[int, ...]]:
        indexes = tuple(_index(self.frame.keys, key, "attribute") for key in keys)
        if indexes not in self._attributes:
            self._attributes[indexes] = self._attribute_table(indexes)
        return self._attributes[indexes], indexes

    def members(self, member: Ints, chosen: Flags) -> Floats:
        """The distinct members among the chosen rows that had joined by each day and not left."""
        rows = self.frame.members
        if rows.until is not None:
            return self._stays_of(member, chosen).counted(self.frame.subjects, self.as_of)
        keys = windows.day_keys(rows.subject[chosen], rows.since[chosen], member[chosen])
        return windows.distinct(keys, self.frame.subjects, self.as_of, None)

    def values(self, spec: "Spec") -> ValueRows:
        """The kept numbers of a property of the signals, in the order of subject, day and time."""
        rows = self.frame.values
        place = _index(self.frame.properties, spec.prop or "", "property")
        chosen = np.zeros(len(self.frame.signals), np.bool_)
        chosen[[_index(self.frame.signals, slug, "signal") for slug in self.signals_of(spec.signals)]] = True
        rows = rows.where((rows.property == place) & chosen[rows.signal] & (rows.day <= self.as_of.last))
        # Of two numbers of one second the larger is the last, and any before none.
        known = ~np.isnan(rows.last)
        return rows.where(np.lexsort((np.nan_to_num(rows.last), known, rows.last_at, rows.day, rows.subject)))

    def cases(self, prop: str, signals: tuple[str, ...]) -> CaseRows | None:
        """The events of cases of these signals; None where nobody can say which are open."""
        if self.frame.cases is None:
            return None
        place = _index(self.frame.properties, prop, "property")
        chosen = np.zeros(len(self.frame.signals), np.bool_)
        chosen[[_index(self.frame.signals, slug, "signal") for slug in self.signals_of(signals)]] = True
        rows = self.frame.cases
        return rows.where((rows.property == place) & chosen[rows.signal])

    def traits(self, key: str, wanted: stays.Wanted | None = None) -> stays.TraitStays:
        """What was known of a trait of each person, and when."""
        return stays.trait_stays(self._traits_of(key), self.frame.texts, wanted)

    def traits_of_members(self, key: str) -> AttributeTable:
        """The changes of a trait of each person of each subject, as if the subject's holders were its people."""
        rows, members = self._traits_of(key), self.membership
        order = np.lexsort((rows.holder, rows.text, rows.number, rows.at, rows.subject))
        person = rows.subject[order]
        first, count = windows.runs(person, members.member)
        holder = np.repeat(np.arange(members.group.size), count)
        row = order[windows.within_runs(first, count)]
        # Said before somebody joined, it counts from the day of joining.
        day = np.maximum(rows.at[row] // SECONDS_A_DAY, members.start[holder])
        here = day < members.end[holder]
        row, holder, day = row[here], holder[here], day[here]
        by_time = np.lexsort((members.member[holder], rows.text[row], rows.number[row], rows.at[row]))
        row, holder, day = row[by_time], holder[by_time], day[by_time]
        key_of = np.zeros(row.size, np.int16)
        at_least = None if rows.at_least is None else rows.at_least[row]
        none = np.zeros(members.subject.size, np.bool_)
        return AttributeTable(key_of, day, rows.number[row], rows.text[row], at_least, holder, members.subject, none)

    def _traits_of(self, key: str) -> AttributeRows:
        place = _index(self.frame.trait_keys, key, "trait")
        rows = self.frame.traits.where(self.frame.traits.key == place)
        return replace(rows, number=np.where(np.abs(rows.number) <= LARGEST, rows.number, np.nan))

    def _rows(self, name: "TableName") -> UsageRows:
        rows = self.frame.usage
        wanted = (rows.day <= self.as_of.last) & self._of_signals(name.signals)
        if name in self._oldest:
            wanted &= rows.day >= self._oldest[name]
        if name.after_signup is not None:
            # Where sign-up is unknown, no day lies within N days of it.
            signup = self.frame.signup[rows.subject]
            since = rows.day - signup
            wanted &= (signup >= 0) & (since >= 0) & (since < name.after_signup)
        return rows if wanted.all() else rows.where(wanted)

    def _of_signals(self, signals: tuple[str, ...]) -> Flags | np.bool_:
        chosen = np.zeros(len(self.frame.signals), np.bool_)
        chosen[[_index(self.frame.signals, slug, "signal") for slug in self.signals_of(signals)]] = True
        return np.True_ if chosen.all() else chosen[self.frame.usage.signal]

    def _attribute_table(self, keys: tuple[int, ...]) -> AttributeTable:
        rows = self.frame.attributes
        rows = rows.where(np.isin(rows.key, keys) & (rows.at < (self.as_of.last + 1) * SECONDS_A_DAY))
        # By time, then by value: of two changes in one second any order of arrival keeps the same one.
        rows = rows.where(np.lexsort((rows.holder, rows.text, rows.number, rows.at)))
        # Packed behind their subject, holders come out sorted by it; the shift keeps negative ones from borrowing.
        pairs = (rows.subject.astype(np.int64) << 32) + rows.holder + 2**31
        holders, holder = np.unique(pairs, return_inverse=True)
        day = rows.at // SECONDS_A_DAY
        # Nobody's revenue is 1e300: such a number is noise from a client and would drown every sum.
        number = np.where(np.abs(rows.number) <= LARGEST, rows.number, np.nan)
        places, owner = (holders & 3) == WORKSPACE, holders >> 32
        return AttributeTable(rows.key, day, number, rows.text, rows.at_least, holder.astype(np.int64), owner, places)


def _table_name(spec: "Spec") -> TableName:
    return TableName(spec.signals, spec.days if spec.start else None)


def _oldest_days(specs: "Iterable[Spec]", first: int) -> dict[TableName, int]:
    """The oldest day that matters to each table; a table of which every day matters is left out."""
    oldest: dict[TableName, int] = {}
    endless = set()
    parts = [part for spec in specs for part in spec.parts()]
    for part in parts:
        name, horizon = _table_name(part), part.horizon()
        if horizon is None:
            endless.add(name)
        else:
            oldest[name] = min(oldest.get(name, first), first - horizon + 1)
    return {name: day for name, day in oldest.items() if name not in endless}


def _index(names: tuple[str, ...], name: str, what: str) -> int:
    try:
        return names.index(name)
    except ValueError:
        raise NotLoadedError(f"The {what} “{name}” is not in the frame; load it before measuring.") from None
