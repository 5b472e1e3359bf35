"""The naive oracle of measures: facts in lists, one subject and one day at a time, nothing clever.

It reads measures as JSON and knows nothing of the engine; a property test says that both agree.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise, product
from typing import Any

import numpy as np

from accounts.rules.roles import PRODUCT_ADMINS
from signals.measures.engine import AttributeRows, Frame, MemberRows, UsageRows
from signals.measures.frame import CaseRows, Heard, ProvidedRows, StretchRows, ValueRows
from signals.measures.provided import PROVIDERS

Value = float | str | None


@dataclass(frozen=True)
class Used:
    subject: int
    person: int
    signal: str
    day: int
    count: int = 1


@dataclass(frozen=True)
class Changed:
    """An attribute of a holder took this value, or lost it when there is neither number nor text."""

    subject: int
    holder: int
    key: str
    at: int
    number: float | None = None
    text: str | None = None

    @property
    def day(self) -> int:
        return self.at // 86_400

    @property
    def value(self) -> Value:
        return self.text if self.text is not None else self.number


@dataclass(frozen=True)
class Valued:
    """An event with a number in a property, or with none that can be read."""

    subject: int
    person: int
    signal: str
    prop: str
    at: int
    number: float | None

    @property
    def day(self) -> int:
        return self.at // 86_400


@dataclass(frozen=True)
class OfCase:
    """An event of a case: a ticket that was opened or closed."""

    subject: int
    signal: str
    prop: str
    case: int
    at: int


@dataclass(frozen=True)
class Joined:
    subject: int
    person: int
    workspace: int
    since: int
    admin: bool = False
    until: int | None = None  # the first day on which they were elsewhere

    def here(self, day: int) -> bool:
        return self.since <= day and (self.until is None or day < self.until)


@dataclass(frozen=True)
class Kept:
    """Something that another app keeps of a subject, from one time to another or until now."""

    subject: int
    kind: str
    begin: int
    end: int | None
    text: str


EPOCH = date(1970, 1, 1).toordinal()
DATES = ("2024-10-01", "2024-10-04T23:59:59Z", "2024-10-10 00:00")  # the days 19,997 and 20,000 and 20,006


@dataclass(frozen=True)
class World:
    signups: tuple[int | None, ...]
    used: tuple[Used, ...] = ()
    changed: tuple[Changed, ...] = ()
    joined: tuple[Joined, ...] = ()
    signals: tuple[str, ...] = ("activity", "invited", "exported")
    keys: tuple[str, ...] = ("plan", "seats", "seats_used", "renewal")
    texts: tuple[str, ...] = field(
        default=("Business", "Free", "Team", "Sales", "sales", "Design", "Owner", "member", *DATES)
    )
    said: tuple[Changed, ...] = ()  # of persons: `subject` is the person
    traits: tuple[str, ...] = ("department", "role")
    valued: tuple[Valued, ...] = ()
    properties: tuple[str, ...] = ("amount", "credits")
    listening: tuple[tuple[str, int], ...] = ()  # a signal, and the day from which on we have it
    unheard: tuple[str, ...] = ()  # signals that never came
    first_seen: tuple[int | None, ...] = ()  # by subject, where the engine is told
    cases: tuple[OfCase, ...] = ()
    admin_roles: tuple[str, ...] = PRODUCT_ADMINS
    visitors: frozenset[int] = frozenset()  # persons of whom no user id or address is known
    kept: tuple[Kept, ...] = ()
    kept_since: int = -(10**9)  # the day from which on the other app keeps anything
    models: tuple[tuple[str, tuple[dict[str, Any], ...]], ...] = ()  # a name and its criteria
    segments: tuple[tuple[str, dict[str, Any]], ...] = ()  # a name and its rule

    def frame(self) -> Frame:
        signups = [-1 if day is None else day for day in self.signups]
        return Frame(
            len(self.signups),
            self.signals,
            self.keys,
            self.texts,
            UsageRows(
                *_columns(((u.subject, u.person, self.signals.index(u.signal), u.day, u.count) for u in self.used), 5)
            ),
            self._attribute_rows(self.changed, self.keys),
            self._member_rows(),
            np.array(signups, np.int32),
            self.traits,
            self._attribute_rows(self.said, self.traits),
            self.properties,
            self._value_rows(),
            self._heard(),
            cases=self._case_rows(),
            admin_roles=self.admin_roles,
            provided={kind: self._provided_rows(kind) for kind in PROVIDERS},
            visitors=np.array(sorted(self.visitors), np.int32),
        )

    def _provided_rows(self, kind: str) -> ProvidedRows:
        rows = [row for row in self.kept if row.kind == kind]
        texts = tuple(sorted({row.text for row in rows}))
        subject, text = _columns(((row.subject, texts.index(row.text)) for row in rows), 2)
        begin = np.array([row.begin for row in rows], np.float64)
        end = np.array([np.nan if row.end is None else row.end for row in rows], np.float64)
        return ProvidedRows(StretchRows(subject, begin, end, text), texts, self.kept_since * 86_400.0)

    def _heard(self) -> Heard:
        signed_up = np.array([np.nan if day is None else day * 86_400 for day in self.signups], np.float64)
        first_seen = [-1 if day is None else day for day in self.first_seen]
        since = {signal: day * 86_400 for signal, day in self.listening}
        known = np.array(first_seen, np.int32) if first_seen else None
        return Heard(since, frozenset(self.unheard), signed_up, known)

    def _case_rows(self) -> CaseRows:
        rows = self.cases
        subject, signal, prop, case = _columns(
            ((r.subject, self.signals.index(r.signal), self.properties.index(r.prop), r.case) for r in rows), 4
        )
        return CaseRows(subject, signal, prop, case, np.array([row.at for row in rows], np.float64))

    def _value_rows(self) -> ValueRows:
        rows = self.valued
        subject, person, signal, prop, day, readable = _columns(
            (
                (
                    r.subject,
                    r.person,
                    self.signals.index(r.signal),
                    self.properties.index(r.prop),
                    r.day,
                    r.number is not None,
                )
                for r in rows
            ),
            6,
        )
        number = np.array([np.nan if row.number is None else row.number for row in rows], np.float64)
        at = np.array([row.at for row in rows], np.float64)
        ones = np.ones(len(rows), np.int32)
        return ValueRows(subject, person, signal, prop, day, ones, readable, np.nan_to_num(number), number, at, number)

    def _attribute_rows(self, rows: tuple[Changed, ...], keys: tuple[str, ...]) -> AttributeRows:
        subject, holder = _columns(((row.subject, row.holder) for row in rows), 2)
        return AttributeRows(
            subject,
            holder,
            np.array([keys.index(row.key) for row in rows], np.int16),
            np.array([row.at for row in rows], np.int64),
            np.array([np.nan if row.number is None else row.number for row in rows], np.float64),
            np.array([-1 if row.text is None else self.texts.index(row.text) for row in rows], np.int32),
        )

    def _member_rows(self) -> MemberRows:
        rows = ((row.subject, row.person, row.workspace, row.since) for row in self.joined)
        subject, person, workspace, since = _columns(rows, 4)
        admin = np.array([row.admin for row in self.joined], np.bool_)
        until = np.array([2**31 - 1 if row.until is None else row.until for row in self.joined], np.int32)
        some = any(row.until is not None for row in self.joined)
        return MemberRows(subject, person, workspace, since, admin, until if some else None)


def _columns(rows: Iterable[tuple[int, ...]], width: int) -> list[Any]:
    return list(np.array(list(rows), np.int32).reshape(-1, width).T.copy())


def oracle(world: World, measure: dict[str, Any], subject: int, day: int) -> Value:
    """The measure of one subject as of the end of one day; None = unknown."""
    if measure["kind"] in PROVIDERS:
        return _kept(world, measure, subject, day)
    return ASKED.get(measure["kind"], _usage)(world, measure, subject, day)


LOW, HIGH = 0, 30  # where the tiers of a model begin; the upper one qualifies


def _of_model(world: World, measure: dict[str, Any], subject: int, day: int) -> Value:
    """Each criterion on its own, on each of the days on which it may have held."""
    criteria = dict(world.models).get(measure["model"])
    if criteria is None:
        return None
    points = sum(_earned(world, criterion, subject, day) for criterion in criteria)
    found: dict[str, Value] = {"tier": "high" if points >= HIGH else "low", "qualified": float(points >= HIGH)}
    return found.get(measure["kind"], float(points))


def _earned(world: World, criterion: dict[str, Any], subject: int, day: int) -> int:
    half_life = criterion.get("half_life")
    for ago in range(5 * half_life + 1 if half_life else 1):
        if holds(world, criterion["rule"], subject, day - ago):
            return math.floor(criterion["points"] * 0.5 ** (ago / (half_life or 1)) + 0.5)
    return 0


def _kept(world: World, measure: dict[str, Any], subject: int, day: int) -> Value:
    provider = PROVIDERS[measure["kind"]]
    if day < world.kept_since:
        return None
    mine = [row for row in world.kept if row.subject == subject and row.kind == measure["kind"]]
    mine = [row for row in mine if row.begin // 86_400 <= day and measure.get("play") in (None, row.text)]
    if provider.unit == "days":
        return min((day - row.begin // 86_400 for row in mine), default=None)
    standing = [row for row in mine if row.end is None or row.end // 86_400 > day]
    if provider.unit == "count":
        return len(standing)
    # Of what began and ended in one second, in the order of beginnings: an end gives way to a beginning.
    turns = [(row.begin, True, row.text) for row in mine]
    turns += [(row.end, False, "") for row in mine if row.end is not None and row.end // 86_400 <= day]
    last = max(turns, default=None)
    return last[2] if last and last[1] else provider.nobody


def _two(world: World, measure: dict[str, Any], subject: int, day: int) -> Value:
    one, other = (_exact(world, measure[name], subject, day) for name in ("one", "other"))
    return _of_two(measure["kind"], one, other)


def _age(world: World, measure: dict[str, Any], subject: int, day: int) -> Value:
    known = [world.signups[subject], *([world.first_seen[subject]] if world.first_seen else [])]
    here = next((since for since in known if since is not None), None)
    return None if here is None or here > day else day - here


def _segment(world: World, measure: dict[str, Any], subject: int, day: int) -> Value:
    rule = dict(world.segments).get(measure["segment"])
    held = None if rule is None else holds(world, rule, subject, day)
    return None if held is None else float(held)


def _segment_for(world: World, measure: dict[str, Any], subject: int, day: int) -> Value:
    """Of who may be out today it is not asked what days before say."""
    days = [_segment(world, measure, subject, day - back) for back in range(measure["days"])]
    return days[0] if days[0] is None else 0.0 if 0.0 in days else None if None in days else 1.0


def _attribute_growth(world: World, measure: dict[str, Any], subject: int, day: int) -> Value:
    key = measure | {"kind": "attribute"}
    now, before = (_attributes(world, key, subject, at) for at in (day, day - measure["days"]))
    known = isinstance(now, float) and isinstance(before, float) and before > 0
    return (now - before) / before if known else None  # type: ignore[operator]


def _is_deaf(world: World, measure: dict[str, Any], subject: int, day: int) -> bool:
    """Whether too little was heard of the signals to say anything."""
    kind = measure["kind"]
    missing = [signal in world.unheard for signal in measure.get("signals") or ["activity"]]
    if all(missing) or (any(missing) and kind in ("growth", "days_since_last")):
        return True
    return kind == "growth" and missed(world, measure, subject, day - measure["days"])


def _usage(world: World, measure: dict[str, Any], subject: int, day: int) -> Value:
    signals = measure.get("signals") or ["activity"]
    days: Any = measure.get("days")
    kind: str = measure["kind"]
    if _is_deaf(world, measure, subject, day):
        return None
    mine = [row for row in _by_whom(world, measure) if row.subject == subject and row.signal in signals]
    mine = [row for row in mine if row.day <= day]
    if measure.get("from") == "signup":
        signup = world.signups[subject]
        if signup is None:
            return None
        return _counted(kind, [row for row in mine if signup <= row.day < signup + days], measure)
    if kind == "growth":
        return _growth(measure, mine, day) if _old_enough(world, measure, subject, day) else None
    inside = [row for row in mine if days is None or day - days < row.day]
    if kind == "current_streak":
        return _current_streak({row.day for row in inside}, day)
    if kind in ("days_since_first", "days_since_last"):
        pick = min if kind == "days_since_first" else max
        return day - pick(row.day for row in inside) if inside else None
    if kind == "trait_values":
        values = [_said(world, measure["trait"], person, day) for person in _often(inside, measure.get("times", 1))]
        known = {_folded(value) for value in values if value is not None}
        return None if values and not known else len(known)
    return _counted(kind, inside, measure)


def _by_whom(world: World, measure: dict[str, Any]) -> list[Used]:
    """People are those who are identified, and visitors the others; what was done is done by all."""
    if {measure["kind"], measure.get("of")} & {"people", "people_times", "trait_values"}:
        return [row for row in world.used if row.person not in world.visitors]
    return [row for row in world.used if measure["kind"] != "visitors" or row.person in world.visitors]


def _often(rows: list[Used], times: int) -> set[int]:
    """Who did it at least so many times."""
    people = {row.person for row in rows}
    return {person for person in people if sum(row.count for row in rows if row.person == person) >= times}


def _counted(kind: str, rows: list[Used], measure: dict[str, Any]) -> float:
    if kind == "count":
        return sum(row.count for row in rows)
    if kind in ("people", "visitors"):
        return len({row.person for row in rows})
    if kind == "active_days":
        return len({row.day for row in rows})
    if kind == "breadth":
        return len({row.signal for row in rows})
    if kind == "people_times":
        return len(_often(rows, measure.get("times", 1)))
    days = {row.day for row in rows}
    if kind == "most_in_a_day":
        return max((sum(row.count for row in rows if row.day == day) for day in days), default=0)
    assert kind == "longest_streak"
    return max((_run_until(days, day) for day in days), default=0)


def _run_until(days: set[int], day: int) -> int:
    length = 0
    while day - length in days:
        length += 1
    return length


def _current_streak(days: set[int], day: int) -> int:
    return _run_until(days, day) or _run_until(days, day - 1)


def _growth(measure: dict[str, Any], rows: list[Used], day: int) -> float:
    what, days = measure.get("of", "count"), measure["days"]
    now = _counted(what, [row for row in rows if day - days < row.day], measure)
    before = _counted(what, [row for row in rows if day - 2 * days < row.day <= day - days], measure)
    floor: int = measure.get("floor", 1)
    return (now - before) / max(before, floor)


def _old_enough(world: World, measure: dict[str, Any], subject: int, day: int) -> bool:
    least, age = measure.get("least_age"), _age(world, measure, subject, day)
    return least is None or (isinstance(age, int) and age >= least)


def _exact(world: World, measure: dict[str, Any], subject: int, day: int) -> Value:
    """The measure, where it is more than a lower bound."""
    return None if is_bound(world, measure, subject, day) else oracle(world, measure, subject, day)


def _of_two(kind: str, one: Value, other: Value) -> Value:
    """A text is no number, and what is unknown has no ratio and no difference."""
    if isinstance(one, str | None) or isinstance(other, str | None):
        return None
    if kind == "difference":
        return one - other
    return None if other == 0 else one / other


def _said(world: World, key: str, person: int, day: int) -> Value:
    """The value of a trait of a person: what was said last, whichever of its ids it was said of."""
    rows = [row for row in world.said if row.subject == person and row.key == key and row.day <= day]
    return max(rows, key=lambda row: _order(world, row)).value if rows else None


def _folded(value: Value) -> Value:
    return value.lower() if isinstance(value, str) else value


def _people(world: World, measure: dict[str, Any], subject: int, day: int) -> Value:
    kind, days = measure["kind"], measure.get("days")
    if kind == "person_attribute":
        return _last_said(world, measure["trait"], subject, day)
    members = {person: _here_since(world, subject, person, day) for person in _members_on(world, subject, day)}
    if kind == "new_members":
        since = dict(world.listening).get("activity")
        # Soon after we began to listen, everybody seems to have just come.
        if since is not None and day - days + 1 < since + 30:
            return None
        roles = [_said(world, "role", person, day) for person in members]
        if measure.get("role") and roles and not any(role is not None for role in roles):
            return None
        return sum(_is_new(world, measure, person, since, day) for person, since in members.items())
    if days and "activity" in world.unheard:
        return None
    values = [_said(world, measure["trait"], person, day) for person in _asked_about(world, measure, subject, day)]
    if values and all(value is None for value in values):
        return None
    return sum(_fits(value, measure) for value in values)


def _asked_about(world: World, measure: dict[str, Any], subject: int, day: int) -> set[int]:
    """The people whose trait a measure looks at: of new members with a role those who joined in the window."""
    signals, days = measure.get("signals") or ["activity"], measure.get("days")
    everybody = [row for row in world.used if row.subject == subject and row.person not in world.visitors]
    first = -(10**9) if days is None else day - days + 1
    if measure["kind"] == "trait_values":
        used = [row for row in everybody if row.signal in signals]
        return _often([row for row in used if first <= row.day <= day], measure.get("times", 1))
    if measure["kind"] == "people_with" and days:
        used = [row for row in everybody if row.signal == "activity"]
        return {row.person for row in used if first <= row.day <= day}
    return _members_on(world, subject, day)


def _members_on(world: World, subject: int, day: int) -> set[int]:
    here = {row.person for row in world.joined if row.subject == subject and row.person >= 0 and row.here(day)}
    return here - world.visitors


def _here_since(world: World, subject: int, person: int, day: int) -> int:
    """The first of the days in a row on which somebody has been there."""
    while person in _members_on(world, subject, day - 1):
        day -= 1
    return day


def _fits(value: Value, measure: dict[str, Any]) -> bool:
    if value is None:
        return False
    if measure.get("match") == "contains":
        return isinstance(value, str) and any(wanted.lower() in value.lower() for wanted in measure["values"])
    return any(_alike(value if isinstance(value, str) else f"{value:g}", wanted) for wanted in measure["values"])


def _is_new(world: World, measure: dict[str, Any], person: int, since: int, day: int) -> bool:
    """Whether somebody joined in the window, or came to the role in it from another one."""
    role, first = measure.get("role"), day - measure["days"] + 1
    if not role:
        return since >= first
    wanted = world.admin_roles if role == "admin" else (role.lower(),)
    values = {at: _folded(_said(world, "role", person, at)) for at in range(first - 1, day + 1)}
    if values[day] not in wanted:
        return False
    # From the last day on which it was not the role: joining and unknown roles are no change of it.
    gained = [
        at for at in range(max(first, since + 1), day + 1) if values[at] in wanted and values[at - 1] not in wanted
    ]
    changed = bool(gained) and values[gained[-1] - 1] is not None
    return since >= first or changed


def _last_said(world: World, key: str, subject: int, day: int) -> Value:
    """Of the values of all who are or were there, said before they left, the one that was said last."""
    latest = []
    joined = [row for row in world.joined if row.subject == subject and row.person >= 0]
    joined = [row for row in joined if row.person not in world.visitors]
    days = {(row.person, at) for row in joined for at in range(row.since, day + 1) if row.here(at)}
    for person, last in days:
        if (person, last + 1) in days:
            continue
        rows = [row for row in world.said if row.subject == person and row.key == key and row.day <= last]
        if rows and max(rows, key=lambda row: _order(world, row)).value is not None:
            latest.append(max(rows, key=lambda row: _order(world, row)))
    return max(latest, key=lambda row: (*_order(world, row)[:-1], row.subject)).value if latest else None


def _days_from_date(world: World, measure: dict[str, Any], subject: int, day: int) -> Value:
    """To the nearest date on the side that is asked for."""
    values = [rows[-1].value for rows in _history(world, measure["key"], subject, day).values()]
    dates = [
        date.fromisoformat(value[:10]).toordinal() - EPOCH
        for value in values
        if isinstance(value, str) and "-" in value
    ]
    dates += [int(value) // 86_400 for value in values if isinstance(value, float)]
    sign = -1 if measure["kind"] == "days_until_date" else 1
    return min((sign * (day - each) for each in dates if sign * (day - each) >= 0), default=None)


def _values(world: World, measure: dict[str, Any], subject: int, day: int) -> Value:
    """What is not known of one event is not known of their sum, nor of their largest."""
    days, kind = measure.get("days"), measure["kind"]
    if any(signal in world.unheard for signal in measure["signals"]):
        return None
    if kind != "last_of" and missed(world, measure, subject, day - days if kind == "sum_growth" else day):
        return None
    mine = [row for row in world.valued if row.subject == subject and row.signal in measure["signals"]]
    mine = [row for row in mine if row.prop == measure["property"] and row.day <= day]
    inside = [row for row in mine if days is None or day - days < row.day]
    if kind == "sum_growth":
        before = _total([row for row in mine if day - 2 * days < row.day <= day - days])
        now = _total(inside)
        return None if now is None or before is None or before <= 0 else (now - before) / before
    if kind == "sum_of":
        return _total(inside)
    if not inside:
        return None
    if kind == "last_of":
        return max(inside, key=lambda row: (row.at, row.number is not None, row.number or 0)).number
    numbers = [row.number for row in inside]
    return None if None in numbers else max(number for number in numbers if number is not None)


def _open_cases(world: World, measure: dict[str, Any], subject: int, day: int) -> Value:
    if all(signal in world.unheard for signal in measure["signals"]) or _closing_missed(world, measure, subject, day):
        return None
    mine = [row for row in world.cases if row.subject == subject and row.at // 86_400 <= day]
    mine = [row for row in mine if row.prop == measure["property"]]
    return sum(_is_open([row for row in mine if row.case == case], measure, day) for case in {row.case for row in mine})


def _closing_missed(world: World, measure: dict[str, Any], subject: int, day: int) -> bool:
    """Whether something that we heard being opened may have been closed without our hearing it."""
    since, closing = dict(world.listening), measure["closing"]
    always = -(10**9)
    later = max(since.get(one, always) for one in closing) > min(since.get(one, always) for one in measure["signals"])
    unheard = any(signal in world.unheard for signal in closing)
    return unheard or (later and missed(world, measure | {"signals": closing}, subject, day))


def _is_open(rows: list[OfCase], measure: dict[str, Any], day: int) -> bool:
    opened = max((row.at for row in rows if row.signal in measure["signals"]), default=None)
    closed = max((row.at for row in rows if row.signal in measure["closing"]), default=None)
    if opened is None or (closed is not None and closed >= opened):
        return False
    return measure.get("days") is None or day - measure["days"] < opened // 86_400


def _total(rows: list[Valued]) -> float | None:
    numbers = [row.number for row in rows if row.number is not None]
    return sum(numbers) if len(numbers) == len(rows) else None


def _membership(world: World, measure: dict[str, Any], subject: int, day: int) -> float:
    kind = measure["kind"]
    rows = [row for row in world.joined if row.subject == subject and row.here(day)]
    if kind == "workspaces":
        return len({row.workspace for row in rows if row.workspace >= 0})
    people = [row for row in rows if row.person >= 0 and row.person not in world.visitors]
    return len({row.person for row in people if kind == "members" or row.admin})


def _history(world: World, key: str, subject: int, day: int) -> dict[int, list[Changed]]:
    """By holder, in order of time; changes of one second in the order that the engine documents."""
    by_holder: dict[int, list[Changed]] = {}
    rows = [row for row in world.changed if row.subject == subject and row.key == key and row.day <= day]
    for row in sorted(rows, key=lambda row: _order(world, row)):
        by_holder.setdefault(row.holder, []).append(row)
    return by_holder


def _order(world: World, row: Changed) -> tuple[float, ...]:
    text = -1 if row.text is None else world.texts.index(row.text)
    return row.at, row.number is None, row.number or 0, text, row.holder


def _attributes(world: World, measure: dict[str, Any], subject: int, day: int) -> Value:
    if measure["kind"] == "limit_share":
        return _limit_share(world, measure, subject, day)
    history = _history(world, measure["key"], subject, day)
    if measure["kind"] == "attribute_changes":
        if not any(row.value is not None for rows in history.values() for row in rows):
            return None
        return sum(_changes(rows, day, measure.get("days")) for rows in history.values())
    latest = [rows[-1] for rows in history.values() if rows[-1].value is not None]
    if measure.get("agg", "latest") == "latest":
        return max(latest, key=lambda row: _order(world, row)).value if latest else None
    numbers = [row.number for row in latest if row.number is not None]
    if not numbers:
        return None
    return sum(numbers) if measure["agg"] == "sum" else max(numbers)


def _changes(rows: list[Changed], day: int, days: int | None) -> int:
    known = [row for row in rows if row.value is not None]
    return sum(
        (before.number, before.text) != (after.number, after.text)
        for before, after in pairwise(known)
        if days is None or day - days < after.day
    )


def _limit_share(world: World, measure: dict[str, Any], subject: int, day: int) -> Value:
    return max(_shares(world, measure, subject, day).values(), default=None)


def _shares(world: World, measure: dict[str, Any], subject: int, day: int) -> dict[int, float]:
    used, limits = (_history(world, measure[name], subject, day) for name in ("used", "limit"))
    shares = {}
    for holder in used.keys() & limits.keys():
        part, whole = used[holder][-1].number, limits[holder][-1].number
        if part is not None and whole is not None and whole > 0:
            shares[holder] = part / whole
    return shares


ASKED: dict[str, Callable[[World, dict[str, Any], int, int], Value]] = {
    **dict.fromkeys(["ratio", "difference"], _two),
    **dict.fromkeys(["workspaces", "members", "admins"], _membership),
    **dict.fromkeys(["sum_of", "largest_of", "last_of", "sum_growth"], _values),
    **dict.fromkeys(["new_members", "people_with", "person_attribute"], _people),
    **dict.fromkeys(["days_since_date", "days_until_date"], _days_from_date),
    **dict.fromkeys(["attribute", "attribute_changes", "limit_share"], _attributes),
    **dict.fromkeys(["points", "tier", "qualified"], _of_model),
    "age_days": _age,
    "open_cases": _open_cases,
    "attribute_growth": _attribute_growth,
    "segment": _segment,
    "segment_for": _segment_for,
}  # all others are counted from usage


def missed(world: World, measure: dict[str, Any], subject: int, day: int) -> bool:
    """Whether the window of the measure reaches back before we listened to one of its signals."""
    signals = measure.get("signals") or ["activity"]
    since = max((first for signal, first in world.listening if signal in signals), default=None)
    if since is None:
        return False
    days = measure.get("days")
    begins = None if days is None or measure.get("from") else day - days + 1
    signup = world.signups[subject]
    known = [each for each in (begins, signup) if each is not None]
    return not known or max(known) < since


COUNTED = (
    "count", "people", "visitors", "active_days", "breadth", "longest_streak", "current_streak", "days_since_first",
    "most_in_a_day", "people_times", "trait_values", "open_cases",
)  # fmt: skip


def is_bound(world: World, measure: dict[str, Any], subject: int, day: int) -> bool:
    """Whether the true number may be larger than what was seen."""
    if measure["kind"] == "age_days":
        return world.signups[subject] is None and bool(world.first_seen)
    if measure["kind"] in ("people_with", "trait_values", "new_members"):
        trait = measure.get("trait") or (measure.get("role") and "role")
        people = _asked_about(world, measure, subject, day) if trait else set()
        if any(_said(world, str(trait), person, day) is None for person in people):
            return True
    if measure["kind"] == "people_with" and measure.get("days"):
        return is_bound(world, {"kind": "people", "days": measure["days"]}, subject, day)
    if measure["kind"] == "attribute" and measure.get("agg") == "sum":
        history = _history(world, measure["key"], subject, day)
        said = [holder for holder, rows in history.items() if rows[-1].number is not None]
        return _some_are_silent(world, said, subject, day)
    if measure["kind"] == "limit_share":
        return _some_are_silent(world, list(_shares(world, measure, subject, day)), subject, day)
    signals = measure.get("signals") or ["activity"]
    partly = any(signal in world.unheard for signal in signals) or missed(world, measure, subject, day)
    return measure["kind"] in COUNTED and partly


def _some_are_silent(world: World, said: list[int], subject: int, day: int) -> bool:
    workspaces = [holder for holder in said if holder % 4 == 2]
    return 0 < len(workspaces) < _membership(world, {"kind": "workspaces"}, subject, day)


def holds(world: World, rule: dict[str, Any], subject: int, day: int) -> bool | None:
    """Whether a rule (as JSON) holds for one subject as of one day; None: nobody can know."""
    if "measure" not in rule:
        ((group, children),) = rule.items()
        parts = [holds(world, child, subject, day) for child in children]
        return kleene(group, parts)
    seen = oracle(world, rule["measure"], subject, day)
    op, value = rule["op"], rule.get("value")
    if op in ("known", "unknown"):
        return (seen is None) == (op == "unknown")
    known = _known_outcome(seen, op, value, larger=is_bound(world, rule["measure"], subject, day))
    return False if known is None and rule.get("unknown") == "no" else known


def kleene(group: str, parts: list[bool | None]) -> bool | None:
    """Of all values that the unknown parts could have: True or False where every choice agrees, else None."""
    if group == "any_known":
        known = [part for part in parts if part is not None]
        return any(known) if known or not parts else None
    choices = [[part] if part is not None else [True, False] for part in parts]
    join = all if group == "all" else any
    outcomes = {join(choice) ^ (group == "none") for choice in product(*choices)}
    return outcomes.pop() if len(outcomes) == 1 else None


def _known_outcome(seen: Value, op: str, value: Any, *, larger: bool) -> bool | None:
    """The comparison, where all values that the true one could have agree."""
    if seen is None:
        return None
    possible: list[float | str] = [seen]
    if larger and not isinstance(seen, str):
        asked = value if isinstance(value, list) else [value]
        edges = [number + step for number in asked if not isinstance(number, str) for step in (0, 0.25)]
        possible += [number for number in [seen + 0.25, *edges, 1e9] if number >= seen]
    outcomes = {compared(one, op, value) for one in possible}
    return outcomes.pop() if len(outcomes) == 1 else None


def compared(seen: float | str, op: str, value: Any) -> bool:
    """One comparison as the documentation words it."""
    if op == "contains":
        return isinstance(seen, str) and value.lower() in seen.lower()
    if op in ("=", "!=", "one_of", "not_one_of"):
        wanted = value if op.endswith("one_of") else [value]
        found = any(_alike(seen, choice) for choice in wanted)
        return found == (op in ("=", "one_of"))
    if isinstance(seen, str):
        return False
    low, high = value if op == "between" else (value, value)
    outcomes: dict[str, bool] = {
        "between": low <= seen <= high,
        ">=": seen >= low,
        "<=": seen <= low,
        ">": seen > low,
        "<": seen < low,
    }
    return outcomes[op]


def _alike(seen: float | str, choice: float | str) -> bool:
    if isinstance(seen, str) and isinstance(choice, str):
        return seen.lower() == choice.lower()
    return seen == choice
