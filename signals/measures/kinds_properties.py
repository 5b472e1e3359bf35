"""Kinds of measure over the numbers of a property of events: the sum of invoices, the largest, the last, growth."""

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from signals.measures.frame import SECONDS_A_DAY, AsOf, CaseRows, Column, Flags, Floats
from signals.measures.kinds import DAYS, REQUIRED_DAYS, Field, Kind, as_heard, kind, one_or_many, within
from signals.measures.ranges import Ranges
from signals.measures.stays import FOREVER, Stays, packed, union
from signals.measures.tables import Tables
from signals.measures.words import Names, attribute_label, signal_names

if TYPE_CHECKING:
    from signals.measures.specs import Spec

CHOSEN_SIGNALS = Field("signals", "signals", "Signals", required=True)
PROPERTY = Field("property", "property", "Property of the events", required=True)


class Values:
    """The kept numbers that a measure reads, and the window of each subject and day."""

    def __init__(self, tables: Tables, spec: "Spec", as_of: AsOf) -> None:
        self.rows = tables.values(spec)
        subject, day = self.rows.subject.astype(np.int64), self.rows.day.astype(np.int64)
        self.ranges = Ranges.of_windows(subject, day, tables.frame.subjects, as_of, spec.days)

    def total(self) -> Floats:
        """0 where nothing happened, NaN where the number of some event is not known."""
        missing = self.ranges.total((self.rows.events - self.rows.readable).astype(np.float64))
        return np.where(missing > 0, np.nan, self.ranges.total(self.rows.total))

    def largest(self) -> Floats:
        """NaN where nothing happened, or where the number of some event is not known."""
        lost = self.rows.events > self.rows.readable
        # An unknown number may be larger than all: it wins, and is told apart afterwards.
        found = self.ranges.largest(np.where(lost, np.inf, self.rows.largest))
        return np.where(np.isinf(found), np.nan, found)

    def last(self) -> Floats:
        """NaN where nothing happened, or where the last event had no number."""
        return self.ranges.last(self.rows.last)


def _as_far_as_heard(tables: Tables, spec: "Spec", numbers: Floats, as_of: AsOf | None) -> Floats:
    """NaN where a signal never came, or a part of the window of `as_of` was not heard: numbers may be below 0."""
    if any(tables.unheard(spec.signals)):
        return np.full(numbers.shape, np.nan)
    missed = None if as_of is None else tables.partly_heard(spec, as_of)
    return numbers if missed is None else np.where(missed, np.nan, numbers)


class PropertyKind(Kind):
    fields = (CHOSEN_SIGNALS, PROPERTY, DAYS)
    counted = False
    lead: ClassVar[str]
    of_all: ClassVar[bool] = True  # every event of the window must have been heard

    def column(self, tables: Tables, spec: "Spec") -> Column:
        numbers = self.measured(Values(tables, spec, tables.as_of))
        return Column(_as_far_as_heard(tables, spec, numbers, tables.as_of if self.of_all else None))

    def measured(self, values: Values) -> Floats:
        raise NotImplementedError

    def noun(self, spec: "Spec", names: Names) -> str:
        return f"{self.lead} {_of_signals(spec, names)}{within(spec)}"

    def sentence(self, spec: "Spec", names: Names, amount: str, *, one: bool) -> str:
        return f"{self.noun(spec, names)} {amount}"


def _of_signals(spec: "Spec", names: Names) -> str:
    return f"{attribute_label(spec.prop or '')} of {signal_names(spec.signals, names, 'or')}"


@kind("sum_of")
class SumOf(PropertyKind):
    label = "Sum of a property"
    help = "The numbers of a property added up over the window, such as the amounts of invoices; unknown if one is."
    lead = "total"

    def measured(self, values: Values) -> Floats:
        return values.total()


@kind("largest_of")
class LargestOf(PropertyKind):
    label = "Largest of a property"
    help = "The largest number of a property in the window; unknown if one is, and where nothing happened."
    lead = "largest"

    def measured(self, values: Values) -> Floats:
        return values.largest()


@kind("last_of")
class LastOf(PropertyKind):
    label = "Last of a property"
    help = "The number of a property in the last event of the window; unknown if it had none, or nothing happened."
    lead = "last"
    of_all = False

    def measured(self, values: Values) -> Floats:
        return values.last()


@kind("sum_growth")
class SumGrowth(Kind):
    label = "Growth of a sum"
    help = (
        "The sum of a property in this window against the window before: 50 % means half as much again. Unknown when "
        "the one before is 0 or less, or either is unknown."
    )
    fields = (CHOSEN_SIGNALS, PROPERTY, REQUIRED_DAYS)
    windows_back = 2
    counted = False
    is_share = True

    def column(self, tables: Tables, spec: "Spec") -> Column:
        days = spec.days or 1
        now, before = (Values(tables, spec, as_of).total() for as_of in (tables.as_of, tables.as_of.earlier(days)))
        growth = (now - before) / np.where(before > 0, before, np.nan)
        return Column(_as_far_as_heard(tables, spec, growth, tables.as_of.earlier(days)))

    def noun(self, spec: "Spec", names: Names) -> str:
        return f"growth of total {self._what(spec, names)}"

    def sentence(self, spec: "Spec", names: Names, amount: str, *, one: bool) -> str:
        return f"growth of {amount} of total {self._what(spec, names)}"

    def _what(self, spec: "Spec", names: Names) -> str:
        days = "1 day against the day before" if spec.days == 1 else f"{spec.days} days against the {spec.days} before"
        return f"{_of_signals(spec, names)} ({days})"


@kind("open_cases")
class OpenCases(Kind):
    label = "Opened and not closed"
    help = (
        "How many cases, such as support tickets, were opened and not closed since. Both events need the property that "
        "says which case it is; of those opened in the window only, where there is one."
    )
    fields = (
        Field("signals", "signals", "Opened by", required=True),
        Field("closing", "signals", "Closed by", required=True),
        Field("property", "property", "Property that says which case", required=True),
        DAYS,
    )

    def column(self, tables: Tables, spec: "Spec") -> Column:
        opened, closed = (tables.cases(spec.prop or "", signals) for signals in (spec.signals, spec.closing))
        if opened is None or closed is None:
            return Column(np.full(tables.shape, np.nan))
        numbers = _open_stays(opened, closed, spec.days).counted(tables.frame.subjects, tables.as_of)
        return as_heard(tables, spec, np.where(self._may_be_closed(tables, spec), np.nan, numbers))

    def _may_be_closed(self, tables: Tables, spec: "Spec") -> Flags:
        """Where we would not have heard that what was opened was closed."""
        closing = replace(spec, signals=spec.closing)
        if any(tables.unheard(spec.closing)):
            return np.ones(tables.shape, np.bool_)
        missed = tables.partly_heard(closing, tables.as_of) if tables.heard_later(spec.closing, spec.signals) else None
        return np.zeros(tables.shape, np.bool_) if missed is None else missed

    def noun(self, spec: "Spec", names: Names) -> str:
        return f"cases {self._words(spec, names)}"

    def sentence(self, spec: "Spec", names: Names, amount: str, *, one: bool) -> str:
        return f"{amount} {one_or_many(one, 'case', 'cases')} {self._words(spec, names)}"

    def _words(self, spec: "Spec", names: Names) -> str:
        opened, closed = (signal_names(signals, names, "or") for signals in (spec.signals, spec.closing))
        return f"with {opened}{within(spec)} and no {closed} since"


def _open_stays(opened: CaseRows, closed: CaseRows, window: int | None) -> Stays:
    """The days at whose end each case is open, from its opening until its closing or the end of the window."""
    group = np.concatenate((packed(opened.subject, opened.case), packed(closed.subject, closed.case)))
    at, closes = np.concatenate((opened.at, closed.at)), np.arange(group.size) >= opened.at.size
    order = np.lexsort((closes, at, group))  # opened and closed in one second is closed
    group, closes = group[order], closes[order]
    day = (at[order] // SECONDS_A_DAY).astype(np.int64)
    # A stretch of no day, as of a case that is closed on the day of its opening, counts on none.
    until = np.append(np.where(group[1:] == group[:-1], day[1:], FOREVER), FOREVER)[: group.size]
    end = until if window is None else np.minimum(until, day + window)
    return union(Stays(group[~closes], day[~closes], end[~closes]))
