"""Kinds of measure over usage that look at single days or single people: most in one day, people who did it often."""

from typing import TYPE_CHECKING

import numpy as np

from signals.measures import stays
from signals.measures.frame import Column
from signals.measures.kinds import (
    ACTIVITY,
    DAYS,
    FROM,
    SIGNALS,
    Field,
    Kind,
    as_heard,
    kind,
    known_since_signup,
    one_or_many,
    within,
)
from signals.measures.ranges import Ranges, packed_days, unpacked_days
from signals.measures.tables import Tables
from signals.measures.words import Names, signal_names

if TYPE_CHECKING:
    from signals.measures.specs import Spec

MOST_TIMES = 1_000_000
TIMES = Field("times", "whole", "Each at least so many times", default=1, most=MOST_TIMES)


@kind("most_in_a_day")
class MostInADay(Kind):
    label = "Most on one day"
    help = "How many times the signals happened on the busiest day of the window: several links in quick succession."
    fields = (SIGNALS, DAYS, FROM)

    def column(self, tables: Tables, spec: "Spec") -> Column:
        rows, window = tables.usage(spec).rows, None if spec.start else spec.days
        days, place = np.unique(packed_days(rows.subject, rows.day), return_inverse=True)
        counts = np.bincount(place, weights=rows.count, minlength=days.size).astype(np.float64)
        ranges = Ranges.of_windows(*unpacked_days(days), tables.frame.subjects, tables.as_of, window)
        return as_heard(tables, spec, known_since_signup(tables, spec, np.nan_to_num(ranges.largest(counts))))

    def noun(self, spec: "Spec", names: Names) -> str:
        return f"most {self._things(spec, names)} on one day{within(spec)}"

    def sentence(self, spec: "Spec", names: Names, amount: str, *, one: bool) -> str:
        if spec.signals == (ACTIVITY,):
            return f"{amount} {one_or_many(one, 'event', 'events')} on one day{within(spec)}"
        times = f"{amount.removesuffix('1')}once" if one else f"{amount} times"
        return f"{self._things(spec, names)} {times} on one day{within(spec)}"

    def _things(self, spec: "Spec", names: Names) -> str:
        return "events" if spec.signals == (ACTIVITY,) else signal_names(spec.signals, names, "or")


@kind("people_times")
class PeopleTimes(Kind):
    label = "People who did it often"
    help = "How many different people did it at least so many times each in the window."
    fields = (SIGNALS, TIMES, DAYS, FROM)

    def column(self, tables: Tables, spec: "Spec") -> Column:
        found = often(tables, spec)
        return as_heard(
            tables, spec, known_since_signup(tables, spec, found.counted(tables.frame.subjects, tables.as_of))
        )

    def noun(self, spec: "Spec", names: Names) -> str:
        return f"people {often_words(spec, names)}"

    def sentence(self, spec: "Spec", names: Names, amount: str, *, one: bool) -> str:
        return f"{amount} {one_or_many(one, 'person', 'people')} {often_words(spec, names)}"


def often(tables: Tables, spec: "Spec") -> stays.Stays:
    """When each person of each subject did it at least `times` times in the window."""
    rows, window = tables.usage(spec).by_people, None if spec.start else spec.days
    group = stays.packed(rows.subject, rows.person)
    return stays.within_window(group, rows.day, window=window, least=spec.times or 1, amount=rows.count)


def often_words(spec: "Spec", names: Names) -> str:
    """ "active in 30 days", "with “Invited” at least twice each in 7 days"."""
    active = spec.signals == (ACTIVITY,)
    quoted, times = signal_names(spec.signals, names, "or"), spec.times or 1
    if times == 1:
        return f"{'active' if active else f'with {quoted}'}{within(spec)}"
    if active:
        return f"with at least {times:,} events each{within(spec)}"
    return f"with {quoted} at least {'twice' if times == 2 else f'{times:,} times'} each{within(spec)}"
