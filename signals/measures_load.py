"""Rows from Postgres into the frames that the engine measures."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np

from accounts.rules.moments import SIGN_UP_NAMES, read_moment
from plgcrm.common.sql import columns, columns_and_texts, in_one_process, queries, rows
from signals.attributes_load import AttributeQuery, load_attributes
from signals.measures.frame import (
    NEWCOMERS_AFTER,
    SECONDS_A_DAY,
    CaseRows,
    Floats,
    Frame,
    Heard,
    Ints,
    Longs,
    MemberRows,
    UsageRows,
    ValueRows,
)
from signals.measures.need import FIRST_DAY, FOREVER, Need
from signals.members_load import (
    concatenated,
    left_behind,
    load_members,
    rows_of_members,
    staying,
    until_of,
    with_members,
)
from signals.provided_load import load_provided
from signals.vocabulary.applied import Vocabulary

SQL = queries("signals/sql/measures_load.sql")
VALUES_SQL = queries("signals/sql/values.sql")
EPOCH = date(1970, 1, 1)
USAGE = ["actor_and_definition", "day_and_count"]
SIGNED_UP = "signed-up"
ALONE_FOR = 365  # days without anything after a day that is not believed
CASES = ["actor", "definition", "property", "at"]
VALUES = ["actor", "definition", "property", "day", "events", "readable", "total", "largest", "last_at", "last"]


def day_number(moment: datetime | date) -> int:
    """Days since 1970-01-01, in UTC."""
    day = moment.astimezone(UTC).date() if isinstance(moment, datetime) else moment
    return (day - EPOCH).days


def day_of(number: int) -> date:
    """The date behind a day number."""
    return EPOCH + timedelta(days=number)


@dataclass(frozen=True, slots=True)
class AccountSelection:
    """Which accounts to read: some by id, or all in a range of ids."""

    ids: Ints  # sorted
    is_range: bool

    @classmethod
    def some(cls, ids: Iterable[int]) -> "AccountSelection":
        return cls(np.unique(np.fromiter(ids, np.int32)), False)

    @classmethod
    def all(cls) -> "AccountSelection":
        """As a range, which Postgres reads in one go; without any account there is no range."""
        ids = np.array([row[0] for row in rows(SQL["account_ids"])], np.int32)
        return cls(ids, is_range=bool(ids.size))

    def params(self) -> dict[str, Any]:
        if self.is_range:
            return {"first": int(self.ids[0]), "last": int(self.ids[-1])}
        return {"accounts": self.ids.tolist()}

    @property
    def suffix(self) -> str:
        return "range" if self.is_range else "some"


@dataclass(frozen=True, slots=True, eq=False)
class AccountMembers:
    """Who acts in some accounts, and when the accounts themselves say that they signed up (NaN: they do not)."""

    rows: Mapping[str, Any]
    signed_up: Floats

    @classmethod
    def of(cls, scope: AccountSelection) -> "AccountMembers":
        found = load_members(scope)
        own = np.full(len(scope.ids), np.nan)
        signed_up = columns(SQL[f"signed_up_{scope.suffix}"], ["subject", "at"], scope.params())
        own[_dense(scope.ids, signed_up["subject"])] = signed_up["at"]
        _add_said_of_accounts(own, scope)
        return cls(found, own)

    def at(self, places: Longs, scope: AccountSelection) -> "AccountMembers":
        """Those of the accounts at these places of the ids, which are the accounts of the scope."""
        chosen = np.isin(self.rows["subject"], scope.ids)
        return AccountMembers({name: values[chosen] for name, values in self.rows.items()}, self.signed_up[places])


def load_accounts(
    scope: AccountSelection, need: Need, vocabulary: Vocabulary, known: AccountMembers | None = None
) -> Frame:
    """A frame whose subjects are the accounts of the scope, in the order of their ids; `known` are their members."""
    if not scope.is_range:
        return _load_accounts(scope, need, vocabulary, known or AccountMembers.of(scope))
    with in_one_process():
        return _load_accounts(scope, need, vocabulary, known or AccountMembers.of(scope))


def _load_accounts(scope: AccountSelection, need: Need, vocabulary: Vocabulary, known: AccountMembers) -> Frame:
    members = dict(known.rows)
    usage = with_members(_usage(scope, need, vocabulary, members), members)
    members["first_at"] = believed_first(members, _beginning(vocabulary))
    query = AttributeQuery(f"attributes_of_{scope.suffix}", f"said_in_{scope.suffix}", scope.params(), scope.ids)
    attributes, texts = load_attributes(query, need.keys, vocabulary, first_day=need.first_day)
    member_rows = _member_rows(scope.ids, members)
    heard = _heard(need, vocabulary, member_rows, members, known.signed_up)
    frame = Frame(
        provided=load_provided(need.provided, scope.ids),
        subjects=len(scope.ids),
        signals=need.signals,
        keys=need.keys,
        texts=texts,
        usage=_usage_rows(scope.ids, need, vocabulary.definitions, usage),
        attributes=attributes,
        members=member_rows,
        signup=_days_of(heard.signed_up),
        heard=heard,
        groups=need.groups,
        admin_roles=vocabulary.admin_roles,
        visitors=np.unique(members["person"][members["visitor"] > 0]),
    )
    if need.properties:
        values = _values(scope, need, vocabulary.definitions, members)
        cases = _cases(scope, need, vocabulary.definitions, members)
        frame = replace(frame, properties=need.properties, values=values, cases=cases)
    return with_traits(frame, need, vocabulary) if need.traits else frame


def load_people(accounts: Frame, places: Longs, need: Need, vocabulary: Vocabulary) -> tuple[Ints, Frame]:
    """The people who act in some accounts of a frame, and a frame whose subjects they are."""
    chosen = np.zeros(accounts.subjects, np.bool_)
    chosen[places] = True
    usage, members = staying(
        accounts.usage.where(chosen[accounts.usage.subject]), accounts.members.where(chosen[accounts.members.subject])
    )
    people = np.unique(members.person)
    usage = replace(usage, subject=_dense(people, usage.person))
    values = accounts.values.where(chosen[accounts.values.subject] & np.isin(accounts.values.person, people))
    values = replace(values, subject=_dense(people, values.person))
    members = replace(members, subject=_dense(people, members.person))
    query = AttributeQuery("attributes_of_people", "", {"people": people.tolist()}, people)
    attributes, texts = load_attributes(query, need.keys, vocabulary, first_day=FOREVER)
    told = columns(
        SQL["people_signed_up"],
        ["subject", "at"],
        {"people": people.tolist(), "signed_up": vocabulary.definitions.get(SIGNED_UP, 0)},
    )
    own, seen = np.full(len(people), np.nan), np.full(len(people), np.nan)
    own[_dense(people, told["subject"])] = told["at"]
    np.fmin.at(seen, members.subject, members.since.astype(np.float64) * SECONDS_A_DAY)
    known = signed_up_when(own, np.full(len(people), np.nan), seen, listening=_beginning(vocabulary))
    heard = replace(accounts.heard, **known)
    frame = Frame(
        len(people), accounts.signals, need.keys, texts, usage, attributes, members, _days_of(heard.signed_up),
        properties=accounts.properties, values=values, heard=heard, groups=accounts.groups,
        admin_roles=accounts.admin_roles,
    )  # fmt: skip
    return people, with_traits(frame, need, vocabulary) if need.traits else frame


def with_traits(frame: Frame, need: Need, vocabulary: Vocabulary) -> Frame:
    """The same with what was said of its people."""
    people = np.unique(frame.members.person)
    query = AttributeQuery("attributes_of_people", "", {"people": people.tolist()}, people)
    found, words = load_attributes(query, need.traits, vocabulary, first_day=need.first_day)
    texts = tuple(sorted({*frame.texts, *words}))
    place = {word: at for at, word in enumerate(texts)}
    renumbered = [np.array([*(place[word] for word in old), -1], np.int32) for old in (frame.texts, words)]
    attributes = replace(frame.attributes, text=renumbered[0][frame.attributes.text])
    traits = replace(found, subject=people[found.subject].astype(np.int32), text=renumbered[1][found.text])
    return replace(frame, texts=texts, attributes=attributes, trait_keys=need.traits, traits=traits)


def _usage(scope: AccountSelection, need: Need, vocabulary: Vocabulary, members: dict[str, Any]) -> dict[str, Any]:
    """What each actor did: actor, definition, day and count."""
    definitions = vocabulary.definitions
    params = scope.params() | {
        "since": day_of(need.since),
        "wanted": [definitions[s] for s in need.signals if s in definitions],
        "ever": [definitions[s] for s in need.ever if s in definitions],
    }
    found = rows_of_members(SQL, "usage", USAGE, scope, params, members)
    actor, definition = _halves(found["actor_and_definition"])
    day, count = _halves(found["day_and_count"])
    usage = {"actor": actor, "definition": definition, "day": day, "count": count}
    return _with_tried(usage, need, vocabulary) if vocabulary.tried else usage


def _with_tried(usage: dict[str, Any], need: Need, vocabulary: Vocabulary) -> dict[str, Any]:
    """And what was counted for a definition that is only tried; of whom, the actors of the scope decide."""
    parts = [usage]
    for signal in need.signals:
        definition = vocabulary.definitions.get(signal, 0)
        if (more := vocabulary.tried.get(definition)) is not None:
            kept = more["day"] >= (FIRST_DAY if signal in need.ever else need.since)
            part = {name: values[kept] for name, values in more.items()}
            parts.append(part | {"definition": np.full(len(part["day"]), definition, np.int32)})
    return {name: np.concatenate([part[name] for part in parts]) for name in usage}


def _values(scope: AccountSelection, need: Need, definitions: Mapping[str, int], members: dict[str, Any]) -> ValueRows:
    """The kept numbers of properties, by who acted."""
    params = scope.params() | {
        "since": day_of(need.values_since),
        "wanted": [definitions[signal] for signal in need.valued if signal in definitions],
        "properties": list(need.properties),
    }
    found = with_members(rows_of_members(VALUES_SQL, "values", VALUES, scope, params, members), members)
    return ValueRows(
        _dense(scope.ids, found["subject"]),
        found["person"],
        _codes(need, definitions)[found["definition"]],
        *(found[name] for name in VALUES[2:]),
    )


def _cases(scope: AccountSelection, need: Need, definitions: Mapping[str, int], members: dict[str, Any]) -> CaseRows:
    """The events of cases, by the account of who acted."""
    params = scope.params() | {
        "wanted": [definitions[signal] for signal in need.cased if signal in definitions],
        "properties": list(need.properties),
    }
    if not params["wanted"]:
        return CaseRows.empty()
    found, words = columns_and_texts(VALUES_SQL[f"cases_of_{scope.suffix}"], CASES, params)
    if actors := left_behind(members):
        more, more_words = columns_and_texts(VALUES_SQL["cases_of_actors"], CASES, params | {"actors": actors})
        found, words = concatenated(found, more), words + more_words
    numbers = {word: number for number, word in enumerate(dict.fromkeys(words))}
    found["case"] = np.fromiter((numbers[word] for word in words), np.int32, len(words))
    found = with_members(found | {"day": (found["at"] // SECONDS_A_DAY).astype(np.int64)}, members)
    signal = _codes(need, definitions)[found["definition"]]
    return CaseRows(_dense(scope.ids, found["subject"]), signal, found["property"], found["case"], found["at"])


def _halves(both: Longs) -> tuple[Ints, Ints]:
    return (both >> 32).astype(np.int32), both.astype(np.int32)


def _dense(ids: Ints, values: Any) -> Ints:
    dense: Ints = np.searchsorted(ids, values).astype(np.int32)
    return dense


def _usage_rows(ids: Ints, need: Need, definitions: Mapping[str, int], usage: dict[str, Any]) -> UsageRows:
    signal = _codes(need, definitions)[usage["definition"]]
    return UsageRows(_dense(ids, usage["subject"]), usage["person"], signal, usage["day"], usage["count"])


def _codes(need: Need, definitions: Mapping[str, int]) -> Ints:
    """By definition the place of its signal among those that are needed."""
    codes = np.zeros(max(definitions.values(), default=0) + 1, np.int32)
    for code, signal in enumerate(need.signals):
        if signal in definitions:
            codes[definitions[signal]] = code
    return codes


def _member_rows(ids: Ints, members: dict[str, Any]) -> MemberRows:
    return MemberRows(
        _dense(ids, members["subject"]),
        members["person"],
        members["workspace"],
        (members["first_at"] // SECONDS_A_DAY).astype(np.int32),
        members["admin"].astype(np.bool_),
        until_of(members),
    )


def _heard(
    need: Need, vocabulary: Vocabulary, rows_of_members: MemberRows, members: dict[str, Any], own: Floats
) -> Heard:
    """Since when we listen to the signals, and since when each account is here: `own` is what companies say."""
    subjects, people = len(own), np.full(len(own), np.nan)
    told = members["told_at"] >= 0
    np.fmin.at(people, rows_of_members.subject[told], members["told_at"][told].astype(np.float64))
    seen = np.full(subjects, np.nan)
    np.fmin.at(seen, rows_of_members.subject, members["first_at"].astype(np.float64))
    since = {signal: vocabulary.since[signal] for signal in need.signals if signal in vocabulary.since}
    never = vocabulary.never(need.signals)
    return Heard(since, never, **signed_up_when(own, people, seen, listening=_beginning(vocabulary)))


def signed_up_when(own: Floats, people: Floats, seen: Floats, *, listening: float) -> dict[str, Any]:
    """When each subject surely signed up (NaN unknown), and the first day on which it is known to have been here.

    `own`: what a company says of itself; `people`: the earliest that its people say, or `seen`, the first event: both
    come late where somebody was here before we listened. Seconds since 1970.
    """
    first = np.where(np.isnan(people), seen, people)
    just_came = first >= listening + NEWCOMERS_AFTER
    surely = np.where(np.isnan(own), np.where(just_came, first, np.nan), own)
    here = np.fmin(np.fmin(people, seen), own)
    return {"signed_up": surely, "known_since": _days_of(here)}


def _add_said_of_accounts(own: Floats, scope: AccountSelection) -> None:
    """What an account list or a hand says of the company itself goes before its workspaces."""
    for account, text, number in rows(SQL[f"sign_up_said_{scope.suffix}"], scope.params() | {"names": SIGN_UP_NAMES}):
        if moment := read_moment(text, number):
            own[np.searchsorted(scope.ids, account)] = moment.timestamp()


def believed_first(members: Mapping[str, Any], listening: float) -> Longs:
    """When each actor was first seen, without days before we listened that stand alone years before all others.

    One client with a dead clock must not make a company twenty years older.
    """
    first: Longs = members["first_at"]
    doubtful = np.flatnonzero(first < listening) if np.isfinite(listening) else np.array([], np.int64)
    if not doubtful.size:
        return first
    floors = _believed_floors(members, doubtful)
    floor = np.array([floors.get(subject, -(2**62)) for subject in members["subject"][doubtful].tolist()], np.int64)
    believed = first.copy()
    believed[doubtful] = np.maximum(first[doubtful], floor)
    return believed


def _believed_floors(members: Mapping[str, Any], doubtful: Longs) -> dict[int, int]:
    """For each account with doubtful actors the first second that is believed of it."""
    subject_of = dict(zip(members["actor"][doubtful].tolist(), members["subject"][doubtful].tolist(), strict=True))
    days: dict[int, set[int]] = {subject: set() for subject in members["subject"][doubtful].tolist()}
    for subject, at in zip(members["subject"].tolist(), members["first_at"].tolist(), strict=True):
        if subject in days:
            days[subject].add(at // SECONDS_A_DAY)
    found = columns(SQL["first_days"], ["actor", "day"], {"actors": members["actor"][doubtful].tolist()})
    for actor, day in zip(found["actor"].tolist(), found["day"].tolist(), strict=True):
        days[subject_of[actor]].add(day)
    return {subject: _without_outlier(sorted(each)) * SECONDS_A_DAY for subject, each in days.items()}


def _without_outlier(days: list[int]) -> int:
    """The first day, but for one that stands alone."""
    return days[1] if len(days) > 1 and days[1] - days[0] > ALONE_FOR else days[0]


def _beginning(vocabulary: Vocabulary) -> float:
    """Since when this installation listens at all, in seconds since 1970."""
    return min(vocabulary.since.values(), default=-np.inf)


def _days_of(seconds: Floats | None) -> Ints:
    if seconds is None:
        return np.zeros(0, np.int32)
    return np.where(np.isnan(seconds), -1, seconds // SECONDS_A_DAY).astype(np.int32)
