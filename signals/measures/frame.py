"""What the engine reads and gives: plain arrays, one row a fact. Days are days since 1970-01-01, in UTC."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

SECONDS_A_DAY = 86_400
WORKSPACE = 2  # the last two bits of a holder that is a workspace
# Whoever is first seen after we listened for so long has just come; before, somebody may have been here for years.
LONG_ENOUGH = 30 * SECONDS_A_DAY
# Who is first seen after so long was not here before: a company in use comes by within two weeks.
NEWCOMERS_AFTER = 14 * SECONDS_A_DAY


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Columns of equal length; each class of rows names its own."""

    subject: Ints

    def where(self, chosen: Flags | Longs) -> Self:
        columns: dict[str, Any] = {each.name: getattr(self, each.name) for each in fields(self)}
        kept: dict[str, Any] = {n: None if column is None else column[chosen] for n, column in columns.items()}
        return type(self)(**kept)

    def of_subjects(self, start: int, stop: int) -> Self:
        """The rows of the subjects start..stop-1, renumbered from 0."""
        part = self.where((self.subject >= start) & (self.subject < stop))
        columns = {each.name: getattr(part, each.name) for each in fields(self)}
        return type(self)(**(columns | {"subject": part.subject - np.int32(start)}))


@dataclass(frozen=True, slots=True, eq=False)
class UsageRows(Rows):
    """How often a signal happened; rows may share (subject, person, signal, day): other workspaces."""

    person: Ints
    signal: Ints  # index into Frame.signals
    day: Ints
    count: Ints

    @classmethod
    def empty(cls) -> Self:
        return cls(*(np.zeros(0, np.int32) for _ in range(5)))


@dataclass(frozen=True, slots=True, eq=False)
class ValueRows(Rows):
    """The numbers of a property of a signal's events, of one person and day; rows may share all of these."""

    person: Ints
    signal: Ints  # index into Frame.signals
    property: Ints  # index into Frame.properties
    day: Ints
    events: Ints
    readable: Ints  # events in which it was a number
    total: Floats
    largest: Floats  # NaN when none was
    last_at: Floats  # seconds since 1970
    last: Floats  # of the last event; NaN when it was no number there

    @classmethod
    def empty(cls) -> Self:
        ints, floats = np.zeros(0, np.int32), np.zeros(0)
        return cls(ints, ints, ints, ints, ints, ints, ints, floats, floats, floats, floats)


@dataclass(frozen=True, slots=True, eq=False)
class CaseRows(Rows):
    """When an event of a case happened last on a day."""

    signal: Ints  # index into Frame.signals
    property: Ints  # index into Frame.properties
    case: Ints  # a number of its own
    at: Floats  # seconds since 1970

    @classmethod
    def empty(cls) -> Self:
        ints = np.zeros(0, np.int32)
        return cls(ints, ints, ints, ints, np.zeros(0))


@dataclass(frozen=True, slots=True, eq=False)
class StretchRows(Rows):
    """Since when and until when something was so, in seconds since 1970; without an end, NaN."""

    begin: Floats
    end: Floats
    text: Ints  # index into ProvidedRows.texts


@dataclass(frozen=True, slots=True, eq=False)
class ProvidedRows:
    """What another app keeps of the subjects, and since when it does."""

    rows: StretchRows
    texts: tuple[str, ...]
    known_since: float  # seconds since 1970; before it everything is unknown

    def of_subjects(self, start: int, stop: int) -> "ProvidedRows":
        return ProvidedRows(self.rows.of_subjects(start, stop), self.texts, self.known_since)


@dataclass(frozen=True, slots=True, eq=False)
class AttributeRows(Rows):
    """One row for each change of an attribute; no number and no text means that the value was taken away."""

    holder: Ints  # the workspace, account or person that has the value
    key: npt.NDArray[np.int16]  # index into Frame.keys
    at: Longs  # seconds since 1970
    number: Floats  # NaN when it is not a number
    text: Ints  # index into Frame.texts, -1 when there is none
    at_least: Flags | None = None  # of a range: the true number may be larger; None: nowhere

    @classmethod
    def empty(cls) -> Self:
        ints = np.zeros(0, np.int32)
        return cls(ints, ints, np.zeros(0, np.int16), np.zeros(0, np.int64), np.zeros(0), ints)


@dataclass(frozen=True, slots=True, eq=False)
class MemberRows(Rows):
    """Who is in which workspace since which day, and until which; -1 as person or workspace means none."""

    person: Ints
    workspace: Ints
    since: Ints
    admin: Flags
    until: Ints | None = None  # the first day on which they were elsewhere; None: nobody has left

    @classmethod
    def empty(cls) -> Self:
        ints = np.zeros(0, np.int32)
        return cls(ints, ints, ints, ints, np.zeros(0, np.bool_))


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """Since when this installation has been listening, and what of it concerns each subject. Times in seconds."""

    since: Mapping[str, int] = field(default_factory=dict)  # by signal; one that is missing was always listened to
    never: frozenset[str] = frozenset()  # signals that mean no event here, or whose events never came
    signed_up: Floats | None = None  # when each subject surely signed up, NaN unknown: nothing was missed before
    known_since: Ints | None = None  # the first day on which a subject is known to have been here, -1 unknown

    def of_subjects(self, start: int, stop: int) -> "Heard":
        signed_up = None if self.signed_up is None else self.signed_up[start:stop]
        known_since = None if self.known_since is None else self.known_since[start:stop]
        return Heard(self.since, self.never, signed_up, known_since)


EVERYTHING_HEARD = Heard()


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """Everything known of some subjects (accounts, workspaces or persons, numbered 0..subjects-1)."""

    subjects: int
    signals: tuple[str, ...]
    keys: tuple[str, ...]
    texts: tuple[str, ...]
    usage: UsageRows
    attributes: AttributeRows
    members: MemberRows
    signup: Ints  # the day of signing up, -1 unknown
    trait_keys: tuple[str, ...] = ()
    traits: AttributeRows = field(default_factory=AttributeRows.empty)  # of persons: `subject` is the person
    properties: tuple[str, ...] = ()
    values: ValueRows = field(default_factory=ValueRows.empty)
    heard: "Heard" = EVERYTHING_HEARD
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # "category:depth" -> its signals
    cases: CaseRows | None = None  # None: nobody can say which are open, as of single people
    admin_roles: tuple[str, ...] = ()  # of people who run a workspace, in lower case
    provided: Mapping[str, ProvidedRows] | None = None  # by provider; None: nobody keeps anything, as of single people
    visitors: Ints = field(default_factory=lambda: np.zeros(0, np.int32))  # persons without a known user id or address

    def of_subjects(self, start: int, stop: int) -> "Frame":
        return Frame(
            stop - start,
            self.signals,
            self.keys,
            self.texts,
            self.usage.of_subjects(start, stop),
            self.attributes.of_subjects(start, stop),
            self.members.of_subjects(start, stop),
            self.signup[start:stop],
            self.trait_keys,
            self.traits,
            self.properties,
            self.values.of_subjects(start, stop),
            self.heard.of_subjects(start, stop),
            self.groups,
            None if self.cases is None else self.cases.of_subjects(start, stop),
            self.admin_roles,
            self.provided and {slug: kept.of_subjects(start, stop) for slug, kept in self.provided.items()},
            self.visitors,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One measure: a row for each subject, a column for each as-of day. Read it, never write into it."""

    numbers: Floats  # NaN = unknown
    texts: Ints | None = None  # index into vocabulary, -1 = unknown
    vocabulary: tuple[str, ...] = ()
    at_least: Flags | None = None  # where the true number may be larger; None: nowhere

    def last_day(self) -> "Column":
        return self.of(np.s_[:, -1:])

    def of(self, cells: Any) -> "Column":
        """The same measure of a part of its subjects and days."""
        texts, at_least = (None if part is None else part[cells] for part in (self.texts, self.at_least))
        return Column(self.numbers[cells], texts, self.vocabulary, at_least)


@dataclass(frozen=True, slots=True)
class AsOf:
    """The days for which measures are wanted, both ends included."""

    first: int
    last: int

    @property
    def count(self) -> int:
        return self.last - self.first + 1

    @property
    def days(self) -> Longs:
        return np.arange(self.first, self.last + 1, dtype=np.int64)

    def earlier(self, days: int) -> "AsOf":
        return AsOf(self.first - days, self.last - days)
