"""Kinds of measure over the values of a company's attributes: dates, and how numbers have grown."""

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from accounts.rules.moments import read_moment
from signals.measures import windows
from signals.measures.frame import SECONDS_A_DAY, AsOf, Column, Floats, Longs
from signals.measures.kinds import REQUIRED_DAYS, Field, Kind, kind, one_or_many
from signals.measures.tables import AttributeTable, Tables
from signals.measures.words import Names, attribute_label

if TYPE_CHECKING:
    from signals.measures.specs import Spec

KEY = Field("key", "attribute", "Attribute", required=True)
AGG = Field("agg", "choice", "Over workspaces", default="latest", choices=("latest", "sum", "max"))


def _label(spec: "Spec") -> str:
    return attribute_label(spec.attribute or "")


class DateKind(Kind):
    """Days between a date that was sent to us and the as-of day: 0 on the day itself, whole UTC days."""

    fields = (KEY,)
    counted = False
    ahead: ClassVar[bool]

    def column(self, tables: Tables, spec: "Spec") -> Column:
        table, (key,) = tables.attributes(spec.attribute or "")
        dates = np.append(_dates(table, tables.frame.texts), np.nan)[table.latest(key, tables.as_of)]
        days = dates - tables.as_of.days if self.ahead else tables.as_of.days - dates
        # What lies on the other side of today is no number of days: neither few nor many.
        near = np.where(days >= 0, days, np.nan)
        return Column(windows.by_subject(near, table.owner, tables.frame.subjects, np.fmin, np.nan))


def _dates(table: AttributeTable, texts: tuple[str, ...]) -> Floats:
    """The day that each row says; NaN where it says none. Equal values are read once."""
    said = np.full(len(texts) + 1, np.nan)
    for place in np.unique(table.text[table.text >= 0]).tolist():
        said[place] = _day(read_moment(texts[place]))
    days = said[table.text]
    # 1764201600 is no date in words: then it is seconds.
    numbers = np.isnan(days) & ~np.isnan(table.number)
    values, place = np.unique(table.number[numbers], return_inverse=True)
    days[numbers] = np.array([_day(read_moment("", value)) for value in values.tolist()], np.float64)[place]
    return days


def _day(moment: datetime | None) -> float:
    return np.nan if moment is None else moment.timestamp() // SECONDS_A_DAY


@kind("days_since_date")
class DaysSinceDate(DateKind):
    label = "Days since a date"
    help = (
        "How many days ago a date was that was sent to us, such as the last renewal; the latest of several workspaces. "
        "Unknown as long as it lies ahead."
    )
    ahead = False

    def noun(self, spec: "Spec", names: Names) -> str:
        return f"days since {_label(spec)}"

    def sentence(self, spec: "Spec", names: Names, amount: str, *, one: bool) -> str:
        return f"{_label(spec)} {amount} {one_or_many(one, 'day', 'days')} ago"


@kind("days_until_date")
class DaysUntilDate(DateKind):
    label = "Days until a date"
    help = (
        "How many days are left until a date that was sent to us, such as the end of a trial; the next of several "
        "workspaces. Unknown once it has passed."
    )
    ahead = True

    def noun(self, spec: "Spec", names: Names) -> str:
        return f"days until {_label(spec)}"

    def sentence(self, spec: "Spec", names: Names, amount: str, *, one: bool) -> str:
        return f"{_label(spec)} in {amount} {one_or_many(one, 'day', 'days')}"


@kind("attribute_growth")
class AttributeGrowth(Kind):
    label = "Growth of an attribute"
    help = (
        "A number that was sent to us, now against so many days ago: 50 % means half as many again. Unknown without "
        "both, and when it was 0 then."
    )
    fields = (KEY, REQUIRED_DAYS, AGG)
    counted = False
    is_share = True

    def history_days(self, spec: "Spec") -> int | None:
        return spec.days

    def column(self, tables: Tables, spec: "Spec") -> Column:
        now, before = (_numbers(tables, spec, as_of) for as_of in (tables.as_of, tables.as_of.earlier(spec.days or 1)))
        return Column((now - before) / np.where(before > 0, before, np.nan))

    def noun(self, spec: "Spec", names: Names) -> str:
        return f"growth of {self._what(spec)}"

    def sentence(self, spec: "Spec", names: Names, amount: str, *, one: bool) -> str:
        return f"growth of {amount} of {self._what(spec)}"

    def _what(self, spec: "Spec") -> str:
        lead = {"sum": "total ", "max": "largest "}.get(spec.agg or "", "")
        days = "the day before" if spec.days == 1 else f"{spec.days} days before"
        return f"{lead}{_label(spec)} against {days}"


def _numbers(tables: Tables, spec: "Spec", as_of: AsOf) -> Floats:
    """The number that an attribute has for each subject; NaN where it is none."""
    table, (key,) = tables.attributes(spec.attribute or "")
    subjects, number = tables.frame.subjects, np.append(table.number, np.nan)
    latest = table.latest(key, as_of)
    if spec.agg == "latest":
        known = np.where(np.append(table.known, False)[latest], latest, -1)
        chosen: Longs = windows.by_subject(known, table.owner, subjects, np.maximum, -1).astype(np.int64)
        return number[chosen]
    if spec.agg == "max":
        return windows.by_subject(number[latest], table.owner, subjects, np.fmax, np.nan)
    added = windows.by_subject(np.nan_to_num(number[latest]), table.owner, subjects, np.add, np.nan)
    some = windows.by_subject((~np.isnan(number[latest])).astype(np.int64), table.owner, subjects, np.maximum, 0)
    return np.where(some > 0, added, np.nan)
