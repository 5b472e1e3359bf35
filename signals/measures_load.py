"""Rows from Postgres into the frames that the engine measures."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np

from plgcrm.common.sql import columns, columns_and_texts, queries, rows
from signals.measures.frame import AttributeRows, Flags, Frame, Ints, Longs, MemberRows, UsageRows, ValueRows
from signals.measures.specs import Spec

SQL = queries("signals/sql/measures_load.sql")
VALUES_SQL = queries("signals/sql/values.sql")
EPOCH = date(1970, 1, 1)
USAGE = ["actor_and_definition", "day_and_count"]
ATTRIBUTES = ["subject", "holder", "key", "at", "number", "day", "origin"]
MEMBERS = ["actor", "subject", "person", "workspace", "since", "admin"]
FOREVER = 2**31 - 1
FIRST_DAY = -(10**5)  # before it nobody sent events
VALUES = ["actor", "definition", "property", "day", "events", "readable", "total", "largest", "last_at", "last"]

Found = tuple[AttributeRows, tuple[str, ...]]  # the rows, and the texts that they name by number


def day_number(moment: datetime | date) -> int:
    """Days since 1970-01-01, in UTC."""
    day = moment.astimezone(UTC).date() if isinstance(moment, datetime) else moment
    return (day - EPOCH).days


def day_of(number: int) -> date:
    """The date behind a day number."""
    return EPOCH + timedelta(days=number)


@dataclass(frozen=True, slots=True)
class Need:
    """What has to be read so that these measures can be taken from `first_day` on."""

    signals: tuple[str, ...]
    ever: frozenset[str]  # signals that are needed from the very beginning
    since: int  # the others, from this day on
    keys: tuple[str, ...]
    traits: tuple[str, ...]  # of the people of a company
    properties: tuple[str, ...]  # of events, whose numbers are kept
    valued: tuple[str, ...]  # the signals that they are properties of
    values_since: int
    first_day: int  # of the changes of both; of what was said before, the last is enough

    @classmethod
    def of(cls, specs: Iterable[Spec], first_day: int) -> "Need":
        specs = list(specs)
        parts = [part for spec in specs for part in spec.parts()]
        horizons = [(signal, part.horizon()) for part in parts for signal in part.signals]
        days = max((horizon for _, horizon in horizons if horizon is not None), default=1)
        changes = [spec.history_days() for spec in specs]
        return cls(
            signals=tuple(sorted({signal for signal, _ in horizons})),
            ever=frozenset(signal for signal, horizon in horizons if horizon is None),
            since=first_day - days + 1,
            keys=tuple(sorted({key for spec in specs for key in spec.attributes_needed()})),
            traits=tuple(sorted({key for spec in specs for key in spec.traits_needed()})),
            properties=tuple(sorted({prop for spec in specs for _, prop in spec.values_needed()})),
            valued=tuple(sorted({signal for spec in specs for signal, _ in spec.values_needed()})),
            values_since=_first_day_of_values(parts, first_day),
            first_day=-FOREVER if None in changes else first_day - max((days for days in changes if days), default=0),
        )


def _first_day_of_values(parts: Iterable[Spec], first_day: int) -> int:
    horizons = [part.horizon() for part in parts if part.prop is not None]
    return FIRST_DAY if None in horizons else first_day - max((days for days in horizons if days), default=1) + 1


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


def load_accounts(scope: AccountSelection, need: Need, definitions: Mapping[str, int]) -> Frame:
    """A frame whose subjects are the accounts of the scope, in the order of their ids."""
    usage = _usage(scope, need, definitions)
    members = columns(SQL[f"members_of_{scope.suffix}"], MEMBERS, scope.params())
    query = SQL[f"attributes_of_{scope.suffix}"]
    attributes = _attributes(query, scope.params(), scope.ids, need.keys, first_day=need.first_day)
    frame = _frame(scope.ids, need, definitions, _with_members(usage, members), members, attributes)
    if need.properties:
        frame = replace(frame, properties=need.properties, values=_values(scope, need, definitions, members))
    return with_traits(frame, need) if need.traits else frame


def load_people(accounts: Frame, places: Longs, need: Need) -> tuple[Ints, Frame]:
    """The people who act in some accounts of a frame, and a frame whose subjects they are."""
    chosen = np.zeros(accounts.subjects, np.bool_)
    chosen[places] = True
    usage = accounts.usage.where(chosen[accounts.usage.subject])
    members = accounts.members.where(chosen[accounts.members.subject])
    people = np.unique(members.person)
    usage = replace(usage, subject=_dense(people, usage.person))
    values = accounts.values.where(chosen[accounts.values.subject])
    values = replace(values, subject=_dense(people, values.person))
    members = replace(members, subject=_dense(people, members.person))
    attributes, texts = _attributes(SQL["attributes_of_people"], {"people": people.tolist()}, people, need.keys)
    signup = _signup(len(people), members)
    frame = Frame(len(people), accounts.signals, need.keys, texts, usage, attributes, members, signup)
    frame = replace(frame, properties=accounts.properties, values=values)
    return people, with_traits(frame, need) if need.traits else frame


def with_traits(frame: Frame, need: Need) -> Frame:
    """The same with what was said of its people."""
    people = np.unique(frame.members.person)
    found, words = _attributes(
        SQL["attributes_of_people"], {"people": people.tolist()}, people, need.traits, first_day=need.first_day
    )
    texts = tuple(sorted({*frame.texts, *words}))
    place = {word: at for at, word in enumerate(texts)}
    renumbered = [np.array([*(place[word] for word in old), -1], np.int32) for old in (frame.texts, words)]
    attributes = replace(frame.attributes, text=renumbered[0][frame.attributes.text])
    traits = replace(found, subject=people[found.subject].astype(np.int32), text=renumbered[1][found.text])
    return replace(frame, texts=texts, attributes=attributes, trait_keys=need.traits, traits=traits)


def _usage(scope: AccountSelection, need: Need, definitions: Mapping[str, int]) -> dict[str, Any]:
    """What each actor did: actor, definition, day and count."""
    params = scope.params() | {
        "since": day_of(need.since),
        "wanted": [definitions[s] for s in need.signals if s in definitions],
        "ever": [definitions[s] for s in need.ever if s in definitions],
    }
    found = columns(SQL[f"usage_of_{scope.suffix}"], USAGE, params)
    actor, definition = _halves(found["actor_and_definition"])
    day, count = _halves(found["day_and_count"])
    return {"actor": actor, "definition": definition, "day": day, "count": count}


def _values(scope: AccountSelection, need: Need, definitions: Mapping[str, int], members: dict[str, Any]) -> ValueRows:
    """The kept numbers of properties, by who acted."""
    params = scope.params() | {
        "since": day_of(need.values_since),
        "wanted": [definitions[signal] for signal in need.valued if signal in definitions],
        "properties": list(need.properties),
    }
    found = _with_members(columns(VALUES_SQL[f"values_of_{scope.suffix}"], VALUES, params), members)
    return ValueRows(
        _dense(scope.ids, found["subject"]),
        found["person"],
        _codes(need, definitions)[found["definition"]],
        *(found[name] for name in VALUES[2:]),
    )


def _halves(both: Longs) -> tuple[Ints, Ints]:
    return (both >> 32).astype(np.int32), both.astype(np.int32)


def _with_members(usage: dict[str, Any], members: dict[str, Any]) -> dict[str, Any]:
    """The same with the subject and person of each actor; actors who went elsewhere between two reads are left out."""
    order = np.argsort(members["actor"])
    actors = members["actor"][order]
    place = np.searchsorted(actors, usage["actor"])
    known = np.append(actors, -1)[place] == usage["actor"]
    if not known.all():
        usage, place = {name: values[known] for name, values in usage.items()}, place[known]
    member = order[place]
    return usage | {"subject": members["subject"][member], "person": members["person"][member]}


def _attributes(
    query: str, params: Mapping[str, Any], subjects: Ints, keys: Sequence[str], *, first_day: int = FOREVER
) -> Found:
    """Of every holder and key what the most trusted origin said last before `first_day`, and all that came since."""
    ids = dict(rows("SELECT name, id FROM accounts_attributekey WHERE name = ANY(%s)", [list(keys)])) if keys else {}
    if not ids or not subjects.size:
        return AttributeRows.empty(), ()
    found, words = columns_and_texts(query, ATTRIBUTES, {**params, "keys": list(ids.values())})
    vocabulary = tuple(sorted(set(words)))
    index = {word: place for place, word in enumerate(vocabulary)}
    place = np.zeros(max(ids.values()) + 1, np.int16)
    place[list(ids.values())] = [keys.index(name) for name in ids]
    attributes = AttributeRows(
        np.searchsorted(subjects, found["subject"]).astype(np.int32),
        found["holder"],
        place[found["key"]],
        found["at"],
        found["number"],
        np.fromiter((index[word] for word in words), np.int32, len(words)),
    )
    return attributes.where(_kept(found, first_day)), vocabulary


def _kept(found: dict[str, Any], first_day: int) -> Flags:
    before = np.flatnonzero(found["day"] < first_day)
    order = before[np.lexsort([found[name][before] for name in ("day", "origin", "key", "holder")])]
    holder, key = found["holder"][order], found["key"][order]
    last = np.append((holder[1:] != holder[:-1]) | (key[1:] != key[:-1]), True)[: len(order)]
    kept: Flags = found["day"] >= first_day
    kept[order[last]] = True
    return kept


def _frame(
    ids: Ints,
    need: Need,
    definitions: Mapping[str, int],
    usage: dict[str, Any],
    members: dict[str, Any],
    attributes: Found,
) -> Frame:
    member_rows = MemberRows(
        _dense(ids, members["subject"]),
        members["person"],
        members["workspace"],
        members["since"],
        members["admin"].astype(np.bool_),
    )
    return Frame(
        subjects=len(ids),
        signals=need.signals,
        keys=need.keys,
        texts=attributes[1],
        usage=_usage_rows(ids, need, definitions, usage),
        attributes=attributes[0],
        members=member_rows,
        signup=_signup(len(ids), member_rows),
    )


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


def _signup(subjects: int, members: MemberRows) -> Ints:
    """The day of the earliest event of anybody: the account signed up then."""
    first = np.full(subjects, np.iinfo(np.int32).max, np.int32)
    np.minimum.at(first, members.subject, members.since)
    return np.where(first == np.iinfo(np.int32).max, -1, first).astype(np.int32)
