"""The kinds of measure: one small class each, with the parameters an admin may set and the words for them.

To add a kind: write a class with `label`, `help`, `fields`, `column`, `noun` and `sentence`, decorate it with
`@kind("its_name")`, add it to the oracle in `tests/signals/oracle.py` and to `docs/explain/measures.md`. This module
has the kinds over usage and over attributes of a company, `kinds_people` those over its people, `kinds_values` those
over dates and numbers that change, `kinds_properties` those over properties of events, `kinds_of_two` those made of
two others, `kinds_models` what scoring models say, `kinds_segments` for how long accounts
are in a segment. `signals.measures.specs` knows them all.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from plgcrm.common.text import plural
from signals.measures import windows
from signals.measures.frame import Column, Flags, Floats, Longs
from signals.measures.tables import AttributeTable, NotLoadedError, Tables
from signals.measures.words import Names, attribute_label, number_text, percent_text, signal_names

if TYPE_CHECKING:
    from signals.measures.specs import Spec

ACTIVITY = "activity"
SEGMENT = "segment"
DERIVED = "Segments and models"  # the heading of what follows from other measures
NO_NAMES: Names = {}
SMALLEST_LIMIT = 1e-9  # below this a share is no number any more

FieldType = Literal[
    "signals",
    "days",
    "whole",
    "choice",
    "attribute",
    "trait",
    "text",
    "texts",
    "property",
    "measure",
    "segment",
    "model",
    "option",
]


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter of a kind: enough to read it from JSON and to draw a form control for it."""

    name: str
    type: FieldType
    label: str
    default: object = None
    required: bool = False
    choices: tuple[str, ...] = ()
    least: int = 1
    most: int = windows.LONGEST_WINDOW


SIGNALS = Field("signals", "signals", "Signals", default=(ACTIVITY,))
DAYS = Field("days", "days", "Window in days (empty: ever)")
REQUIRED_DAYS = Field("days", "days", "Window in days", required=True)
FROM = Field("from", "choice", "Counted from (empty: back from today)", choices=("signup",))


class Kind:
    """What all kinds share. `fields` are in the order in which they stand in a measure's key."""

    slug: ClassVar[str]
    label: ClassVar[str]
    help: ClassVar[str]
    fields: ClassVar[tuple[Field, ...]] = ()
    windows_back: ClassVar[int] = 1  # how many windows of days the kind looks back over
    counted: ClassVar[bool] = True  # "fewer than" and not "less than"
    can_be_part: ClassVar[bool] = True  # of a ratio or a difference
    derived: ClassVar[bool] = False  # scoring works it out of other measures, once they are taken
    grows_daily: ClassVar[bool] = False  # each day one more, whatever happens
    heading: ClassVar[str] = ""  # under which it is offered
    is_share: ClassVar[bool] = False  # a ratio, which people write in percent

    def column(self, tables: Tables, spec: "Spec") -> Column:
        raise NotImplementedError

    def parts(self, spec: "Spec") -> "tuple[Spec, ...]":
        """The measures whose usage it reads: itself, unless it is made of others."""
        return (spec,)

    def traits(self, spec: "Spec") -> tuple[str, ...]:
        """The traits of people that it reads."""
        return ()

    def history_days(self, spec: "Spec") -> int | None:
        """How many days of changes of attributes and traits it looks back on; None = all."""
        return 0

    def noun(self, spec: "Spec", names: Names) -> str:
        """The measure without a value: "people active in 30 days"."""
        raise NotImplementedError

    def sentence(self, spec: "Spec", names: Names, amount: str, *, one: bool) -> str:
        """The measure with an amount: "at least 9 people active in 30 days"; `one` asks for the singular."""
        raise NotImplementedError

    def amount(self, value: float | str) -> str:
        if isinstance(value, str):
            return value
        return percent_text(value) if self.is_share else number_text(value)

    def said(self, spec: "Spec", value: float | str, names: Names) -> str:
        """A value in a sentence."""
        return self.amount(value)

    def has_text(self, spec: "Spec") -> bool:
        """Whether its value may be a text."""
        return False

    def describe(self, spec: "Spec", value: float | str | None = None, names: Names = NO_NAMES) -> str:
        if value is None:
            return self.noun(spec, names)
        return self.sentence(spec, names, self.said(spec, value, names), one=value == 1)


KINDS: dict[str, Kind] = {}


def is_share(measure: str) -> bool:
    """Whether a measure, given by its kind or its key, is a ratio that people write in percent."""
    kind = KINDS.get(measure.partition(":")[0])
    return kind is not None and kind.is_share


def grows_daily(key: str) -> bool:
    """Whether a measure, given by its key, is one more each day, whatever happens."""
    kind = KINDS.get(key.partition(":")[0])
    return kind is not None and kind.grows_daily


def kind(slug: str) -> Callable[[type[Kind]], type[Kind]]:
    """Register a class as the kind of measure with this slug, as rules store it."""

    def register(cls: type[Kind]) -> type[Kind]:
        cls.slug = slug
        KINDS[slug] = cls()
        return cls

    return register


def within(spec: "Spec") -> str:
    """The window: " in 30 days", " in the first 14 days" or " so far"."""
    if spec.days is None:
        return " so far"
    days = plural(spec.days, "day")
    return f" in the first {days}" if spec.start else f" in {days}"


def one_or_many(one: bool, single: str, many: str) -> str:
    """The noun that fits the amount."""
    return single if one else many


def _of(what: str, spec: "Spec", names: Names, *, one: bool = False) -> str:
    """The things counted, without number and window: "people active", "days with “Invited”"."""
    usual = spec.signals == (ACTIVITY,)
    quoted = signal_names(spec.signals, names, "or")
    if what == "people":
        people = one_or_many(one, "person", "people")
        return f"{people} active" if usual else f"{people} with {quoted}"
    if what == "visitors":
        visitors = one_or_many(one, "visitor", "visitors")
        return f"{visitors} active" if usual else f"{visitors} with {quoted}"
    if what == "active_days":
        days = one_or_many(one, "day", "days")
        return f"active {days}" if usual else f"{days} with {quoted}"
    return one_or_many(one, "event", "events") if usual else quoted


def _moment(spec: "Spec", names: Names) -> str:
    return "active" if spec.signals == (ACTIVITY,) else signal_names(spec.signals, names, "or")


def silent_workspaces(tables: Tables, table: AttributeTable, numbers: Floats) -> Flags | None:
    """Where some workspaces say a number and others do not: a sum or a largest is of those that do. None: nowhere."""
    said = (table.by_workspace[:, None] & ~np.isnan(numbers)).astype(np.int64)
    saying = windows.by_subject(said, table.owner, tables.frame.subjects, np.add, 0)
    workspace = tables.frame.members.workspace
    silent: Flags = (saying > 0) & (saying < tables.members(workspace, workspace >= 0))
    return silent if silent.any() else None


def known_since_signup(tables: Tables, spec: "Spec", numbers: Floats) -> Floats:
    """Without a sign-up day nobody can say what happened in the first days."""
    return np.where(np.isnan(tables.signup), np.nan, numbers) if spec.start else numbers


def as_heard(tables: Tables, spec: "Spec", numbers: Floats) -> Column:
    """What was counted, as far as it can be known: unknown where none of the signals ever came to this
    installation, a lower bound where some did not, or where the window reaches back before we listened."""
    none, some = tables.unheard(spec.signals)
    if none:
        return Column(np.full(tables.shape, np.nan))
    missed = np.ones(tables.shape, np.bool_) if some else tables.partly_heard(spec, tables.as_of)
    return Column(numbers, at_least=missed)


class UsageKind(Kind):
    """Counts something over a window of usage."""

    fields = (SIGNALS, DAYS, FROM)

    def column(self, tables: Tables, spec: "Spec") -> Column:
        numbers = tables.windowed(self.slug, spec, tables.as_of)
        return as_heard(tables, spec, known_since_signup(tables, spec, numbers))

    def noun(self, spec: "Spec", names: Names) -> str:
        return f"{_of(self.slug, spec, names)}{within(spec)}"

    def sentence(self, spec: "Spec", names: Names, amount: str, *, one: bool) -> str:
        return f"{amount} {_of(self.slug, spec, names, one=one)}{within(spec)}"


@kind("count")
class Count(UsageKind):
    label = "How often"
    help = "How many times the signals happened in the window."

    def sentence(self, spec: "Spec", names: Names, amount: str, *, one: bool) -> str:
        if spec.signals == (ACTIVITY,):
            return super().sentence(spec, names, amount, one=one)
        times = f"{amount.removesuffix('1')}once" if one else f"{amount} times"
        return f"{_of('count', spec, names)} {times}{within(spec)}"


@kind("people")
class People(UsageKind):
    label = "People"
    help = "How many different people did it in the window. Visitors without a known user id or address do not count."


@kind("visitors")
class Visitors(UsageKind):
    label = "Visitors"
    help = "How many visitors without a known user id or address did it in the window."


@kind("active_days")
class ActiveDays(UsageKind):
    label = "Active days"
    help = "On how many different days it happened in the window."


@kind("breadth")
class Breadth(UsageKind):
    label = "Different signals"
    help = "How many of the chosen signals happened at all in the window."

    def noun(self, spec: "Spec", names: Names) -> str:
        return f"how many of {signal_names(spec.signals, names, 'and')}{within(spec)}"

    def sentence(self, spec: "Spec", names: Names, amount: str, *, one: bool) -> str:
        return f"{amount} of {signal_names(spec.signals, names, 'and')}{within(spec)}"


class StreakKind(Kind):
    which: ClassVar[str]
    current: ClassVar[bool]

    def column(self, tables: Tables, spec: "Spec") -> Column:
        found = windows.spans(tables.usage(spec).days, 1)
        window = None if spec.start else spec.days
        numbers = windows.longest(found, tables.frame.subjects, tables.as_of, window, current=self.current)
        return as_heard(tables, spec, known_since_signup(tables, spec, numbers))

    def noun(self, spec: "Spec", names: Names) -> str:
        return f"{self.which} streak of {_of('active_days', spec, names)}{self._within(spec)}"

    def sentence(self, spec: "Spec", names: Names, amount: str, *, one: bool) -> str:
        return f"{self.which} streak of {amount} {_of('active_days', spec, names, one=one)}{self._within(spec)}"

    def _within(self, spec: "Spec") -> str:
        return "" if self.current and spec.days is None else within(spec)


@kind("longest_streak")
class LongestStreak(StreakKind):
    label = "Longest streak of days"
    help = "The longest run of days without a gap; only the days inside the window count."
    fields = (SIGNALS, DAYS, FROM)
    which = "longest"
    current = False


@kind("current_streak")
class CurrentStreak(StreakKind):
    label = "Current streak of days"
    help = "The run of days without a gap that ends today, or yesterday as long as today has nothing yet."
    fields = (SIGNALS, DAYS)
    which = "current"
    current = True


def known_age(tables: Tables) -> tuple[Floats, Flags | None]:
    """Days since sign-up, and where they are only the days since it was first seen: it is at least so old."""
    age = _not_negative(tables.as_of.days - tables.signup)
    known_since = tables.frame.heard.known_since
    if known_since is None:
        return age, None
    here = np.where(known_since < 0, np.nan, known_since.astype(np.float64))[:, None]
    unsure = np.isnan(tables.signup) & ~np.isnan(here)
    seen = _not_negative(tables.as_of.days - here)
    return np.where(unsure, seen, age), np.broadcast_to(unsure, tables.shape)


@kind("growth")
class Growth(Kind):
    label = "Growth"
    help = (
        "This window against the one before, as a share of the one before: 50 % means half as many again. "
        "The floor keeps small numbers from looking like large growth: it divides by at least that many. "
        "A new company grows from nothing: with a least age, its growth is unknown until it is that many days old."
    )
    fields = (
        SIGNALS,
        REQUIRED_DAYS,
        Field("of", "choice", "Growth of", default="count", choices=("count", "people", "active_days")),
        Field("floor", "whole", "Floor", default=1, most=1_000_000),
        Field("least_age", "whole", "Unknown until so many days after sign-up (empty: never)"),
    )
    windows_back = 2
    counted = False
    is_share = True

    def column(self, tables: Tables, spec: "Spec") -> Column:
        what, days, floor = spec.of or "count", spec.days or 1, spec.floor or 1
        now = tables.windowed(what, spec, tables.as_of)
        before = tables.windowed(what, spec, tables.as_of.earlier(days))
        growth = (now - before) / np.maximum(before, floor)
        # Against a window that was not heard as a whole, everybody would seem to have grown.
        missed = tables.partly_heard(spec, tables.as_of.earlier(days))
        if any(tables.unheard(spec.signals)):
            missed = np.ones(tables.shape, np.bool_)
        growth = growth if missed is None else np.where(missed, np.nan, growth)
        if spec.least_age is None:
            return Column(growth)
        age, _ = known_age(tables)
        return Column(np.where(age >= spec.least_age, growth, np.nan))

    def noun(self, spec: "Spec", names: Names) -> str:
        return f"growth in {self._compared(spec, names)}"

    def sentence(self, spec: "Spec", names: Names, amount: str, *, one: bool) -> str:
        return f"growth of {amount} in {self._compared(spec, names)}"

    def _compared(self, spec: "Spec", names: Names) -> str:
        days = "1 day against the day before" if spec.days == 1 else f"{spec.days} days against the {spec.days} before"
        return f"{_of(spec.of or 'count', spec, names)} ({days})"


class DaysSinceKind(Kind):
    which: ClassVar[str]
    counted = False
    grows_daily = True

    def noun(self, spec: "Spec", names: Names) -> str:
        return f"days since {self.which} {_moment(spec, names)}"

    def sentence(self, spec: "Spec", names: Names, amount: str, *, one: bool) -> str:
        return f"{self.which} {_moment(spec, names)} {amount} {one_or_many(one, 'day', 'days')} ago"


@kind("days_since_first")
class DaysSinceFirst(DaysSinceKind):
    label = "Days since the first time"
    help = "How many days ago it happened for the first time; unknown when it never did."
    fields = (SIGNALS,)
    which = "first"

    def column(self, tables: Tables, spec: "Spec") -> Column:
        first = windows.first_day(tables.usage(spec).days, tables.frame.subjects)
        return as_heard(tables, spec, _not_negative(tables.as_of.days - first[:, None]))


@kind("days_since_last")
class DaysSinceLast(DaysSinceKind):
    label = "Days since the last time"
    help = "How many days ago it happened last; unknown when it did not happen in the window."
    fields = (SIGNALS, DAYS)
    which = "last"

    def column(self, tables: Tables, spec: "Spec") -> Column:
        last = windows.last_day(tables.usage(spec).days, tables.frame.subjects, tables.as_of)
        since = tables.as_of.days - last
        # Of signals that are not heard, one may have happened later than the last that was.
        since = np.full(tables.shape, np.nan) if any(tables.unheard(spec.signals)) else since
        return Column(since if spec.days is None else np.where(since < spec.days, since, np.nan))


def _not_negative(days: Floats | Longs) -> Floats:
    return np.where(days >= 0, days.astype(np.float64), np.nan)


@kind("limit_share")
class LimitShare(Kind):
    label = "Share of a limit"
    help = "How much of a limit is used, in the fullest workspace; unknown without both or with a limit of 0."
    fields = (
        Field("used", "attribute", "Attribute with the amount used", required=True),
        Field("limit", "attribute", "Attribute with the limit", required=True),
    )
    counted = False
    is_share = True

    def column(self, tables: Tables, spec: "Spec") -> Column:
        table, (used, limit) = tables.attributes(spec.used or "", spec.limit or "")
        allowed = table.numbers(limit, tables.as_of)
        share = table.numbers(used, tables.as_of) / np.where(allowed >= SMALLEST_LIMIT, allowed, np.nan)
        fullest = windows.by_subject(share, table.owner, tables.frame.subjects, np.fmax, np.nan)
        # One that does not say how full it is may be fuller.
        return Column(fullest, at_least=silent_workspaces(tables, table, share))

    def noun(self, spec: "Spec", names: Names) -> str:
        return f"share of the {attribute_label(spec.limit or '')} used"

    def sentence(self, spec: "Spec", names: Names, amount: str, *, one: bool) -> str:
        return f"{amount} of the {attribute_label(spec.limit or '')} used"


class MemberKind(Kind):
    nouns: ClassVar[tuple[str, str]]

    def noun(self, spec: "Spec", names: Names) -> str:
        return self.nouns[1]

    def sentence(self, spec: "Spec", names: Names, amount: str, *, one: bool) -> str:
        return f"{amount} {one_or_many(one, *self.nouns)}"


@kind("workspaces")
class Workspaces(MemberKind):
    label = "Workspaces"
    help = "How many workspaces there are by then."
    nouns = ("workspace", "workspaces")

    def column(self, tables: Tables, spec: "Spec") -> Column:
        workspace = tables.frame.members.workspace
        return Column(tables.members(workspace, workspace >= 0))


@kind("members")
class Members(MemberKind):
    label = "Members"
    help = "How many people had joined by then, active or not."
    nouns = ("member", "members")

    def column(self, tables: Tables, spec: "Spec") -> Column:
        return Column(tables.members(tables.frame.members.person, tables.are_people))


@kind("admins")
class Admins(MemberKind):
    label = "Admins"
    help = "How many of the members are admins of a workspace."
    nouns = ("admin", "admins")

    def column(self, tables: Tables, spec: "Spec") -> Column:
        rows = tables.frame.members
        return Column(tables.members(rows.person, rows.admin & tables.are_people))


@kind("age_days")
class AgeDays(Kind):
    label = "Days since signing up"
    help = (
        "How many days ago it signed up. Where nobody told us and we had not been listening long enough to know: "
        "at least the days since it was first seen."
    )
    counted = False
    grows_daily = True

    def column(self, tables: Tables, spec: "Spec") -> Column:
        age, unsure = known_age(tables)
        return Column(age) if unsure is None else Column(age, at_least=unsure)

    def noun(self, spec: "Spec", names: Names) -> str:
        return "days since signing up"

    def sentence(self, spec: "Spec", names: Names, amount: str, *, one: bool) -> str:
        return f"signed up {amount} {one_or_many(one, 'day', 'days')} ago"


@kind("attribute")
class AttributeMeasure(Kind):
    label = "Attribute"
    help = (
        "A value that was sent to us: a trait, firmographics, a CRM field. With several workspaces: "
        "the value that changed last, or the sum or the largest of their numbers."
    )
    fields = (
        Field("key", "attribute", "Attribute", required=True),
        Field("agg", "choice", "Over workspaces", default="latest", choices=("latest", "sum", "max")),
    )
    counted = False

    def column(self, tables: Tables, spec: "Spec") -> Column:
        table, (key,) = tables.attributes(spec.attribute or "")
        if spec.agg == "latest":
            return self._latest(tables, spec)
        numbers = table.numbers(key, tables.as_of)
        subjects = tables.frame.subjects
        bounds = self._bounds(tables, table, key)
        if spec.agg == "max":
            return Column(windows.by_subject(numbers, table.owner, subjects, np.fmax, np.nan), at_least=bounds)
        added = windows.by_subject(np.nan_to_num(numbers), table.owner, subjects, np.add, np.nan)
        some = windows.by_subject((~np.isnan(numbers)).astype(np.int64), table.owner, subjects, np.maximum, 0)
        silent = silent_workspaces(tables, table, numbers)
        bounds = silent if bounds is None else bounds if silent is None else bounds | silent
        return Column(np.where(some > 0, added, np.nan), at_least=bounds)

    def _bounds(self, tables: Tables, table: AttributeTable, key: int) -> Flags | None:
        """Where the number of some holder is only a lower bound."""
        if table.at_least is None:
            return None
        flags = np.append(table.at_least, False)[table.latest(key, tables.as_of)]
        return windows.by_subject(flags.astype(np.int64), table.owner, tables.frame.subjects, np.maximum, 0) > 0

    def _latest(self, tables: Tables, spec: "Spec") -> Column:
        table, (key,) = tables.attributes(spec.attribute or "")
        latest = table.latest(key, tables.as_of)
        known = np.where(np.append(table.known, False)[latest], latest, -1)
        chosen: Longs = windows.by_subject(known, table.owner, tables.frame.subjects, np.maximum, -1).astype(np.int64)
        numbers = np.append(table.number, np.nan)[chosen]
        bounds = None if table.at_least is None else np.append(table.at_least, False)[chosen]
        return Column(numbers, np.append(table.text, np.int32(-1))[chosen], tables.frame.texts, bounds)

    def has_text(self, spec: "Spec") -> bool:
        return spec.agg == "latest"

    def noun(self, spec: "Spec", names: Names) -> str:
        lead = {"sum": "total ", "max": "largest "}.get(spec.agg or "", "")
        return f"{lead}{attribute_label(spec.attribute or '')}"

    def sentence(self, spec: "Spec", names: Names, amount: str, *, one: bool) -> str:
        return f"{self.noun(spec, names)} {amount}"


@kind(SEGMENT)
class InSegment(Kind):
    """Whether the account is in a segment: 1, 0 or unknown. Scoring evaluates segments before what uses them."""

    label = "Segment"
    help = "Whether the account is in a segment: 1 when it is, 0 when it is not."
    can_be_part = False
    derived = True
    heading = DERIVED
    fields = (Field("segment", "segment", "Segment", required=True),)

    def column(self, tables: Tables, spec: "Spec") -> Column:
        raise NotLoadedError(f"The segment “{spec.segment}” was not evaluated before it was asked for.")

    def noun(self, spec: "Spec", names: Names) -> str:
        return f"in the segment “{names.get(f'segment:{spec.segment}', spec.segment or '')}”"

    def sentence(self, spec: "Spec", names: Names, amount: str, *, one: bool) -> str:
        noun = self.noun(spec, names)
        return {"exactly 1": noun, "1": noun, "exactly 0": f"not {noun}", "0": f"not {noun}"}.get(
            amount, f"{noun}: {amount}"
        )


@kind("attribute_changes")
class AttributeChanges(Kind):
    label = "Changes of an attribute"
    help = "How often the attribute went from one known value to another in the window."
    fields = (Field("key", "attribute", "Attribute", required=True), DAYS)

    def history_days(self, spec: "Spec") -> int | None:
        return spec.days

    def column(self, tables: Tables, spec: "Spec") -> Column:
        table, _ = tables.attributes(spec.attribute or "")
        rows = np.flatnonzero(table.known)
        rows = rows[np.argsort(table.holder[rows], kind="stable")]
        before, after = rows[:-1], rows[1:]
        changed = after[(table.holder[before] == table.holder[after]) & table.differs(before, after)]
        subject, subjects = table.owner[table.holder[changed]], tables.frame.subjects
        changes = windows.total(subject, table.day[changed], None, subjects, tables.as_of, spec.days)
        owner = table.owner[table.holder[rows]]
        had_value = windows.total(owner, table.day[rows], None, subjects, tables.as_of, None) > 0
        # Who never had a value may have had many: it was not sent to us.
        return Column(np.where(had_value, changes, np.nan))

    def noun(self, spec: "Spec", names: Names) -> str:
        return f"changes of {attribute_label(spec.attribute or '')}{within(spec)}"

    def sentence(self, spec: "Spec", names: Names, amount: str, *, one: bool) -> str:
        changes = one_or_many(one, "change", "changes")
        return f"{amount} {changes} of {attribute_label(spec.attribute or '')}{within(spec)}"
