"""The people and the events behind a number about an account."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import unquote

import msgspec

from plgcrm.common.sql import queries, rows
from signals.measures.kinds import ACTIVITY, KINDS
from signals.rules.matching import Clause, Matcher, parse_matches
from signals.rules.message_types import NAMES, NUMBERS

SQL = queries("signals/sql/evidence.sql")
READ = 400  # events looked through
SHOWN = 100
EVER = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Question:
    """Which signals, and which days."""

    signals: tuple[str, ...]
    first: date
    last: date
    days: int | None = None  # of a sliding window
    visitors: bool | None = None  # only what they did, only what others did, or either

    @property
    def since_ever(self) -> bool:
        return self.first == EVER


@dataclass(frozen=True, slots=True)
class PersonCount:
    person_id: int
    name: str
    count: int
    days: int
    last: date


@dataclass(frozen=True, slots=True)
class Seen:
    """An event as it came."""

    id: int
    kind: str
    name: str
    at: datetime
    person_id: int
    person: str
    workspace: str
    properties: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Evidence:
    names: list[str]  # of the signals
    people: list[PersonCount]
    events: list[Seen]

    @property
    def total(self) -> int:
        return sum(person.count for person in self.people)


def question_of(measure: str, *, today: date) -> Question | None:
    """The signals and days of a measure's key ("people:activity:30d"); None where it counts no events."""
    kind, *pieces = measure.split(":")
    fields = [field.name for field in KINDS[kind].fields if field.name != "from"] if kind in KINDS else []
    given = dict(zip(fields, pieces, strict=False))
    if "signals" not in given:
        return None
    signals = tuple(unquote(slug) for slug in given["signals"].split("+"))
    window = given.get("days", "ever")
    days = int(window[:-1]) if window[:-1].isdecimal() else None
    first = today - timedelta(days=days - 1) if days else EVER
    return Question(signals, first, today, days, {"people": False, "people_times": False, "visitors": True}.get(kind))


def day_question(day: date) -> Question:
    """Everything that counted as activity on one day."""
    return Question((ACTIVITY,), day, day)


def evidence_of(account_id: int, question: Question, *, person_id: int = 0) -> Evidence:
    """Of everybody in the account, or of one person there."""
    params = {"account": account_id, "person": person_id, "signals": list(question.signals)}
    definitions = rows(SQL["definitions"], params)
    clauses = [clause for _, _, matches in definitions for clause in parse_matches(matches)]
    span = {"first": question.first, "last": question.last, "visitors": question.visitors}
    people = [PersonCount(*row) for row in rows(SQL["people"], params | span)]
    # Events are read by name and sifted here by property: the same matcher that counted them decides.
    found = _events(params, question, clauses) if clauses else []
    return Evidence([name for _, name, _ in definitions], people, _matching(found, clauses)[:SHOWN])


def _events(whose: dict[str, Any], question: Question, clauses: Sequence[Clause]) -> list[tuple[Any, ...]]:
    kinds = sorted({NUMBERS[kind] for clause in clauses for kind in clause.kinds})
    params = whose | {
        "kinds": kinds,
        "name_ids": _name_ids(clauses),
        "from": datetime.combine(question.first, time(), UTC),
        "until": datetime.combine(question.last + timedelta(days=1), time(), UTC),
        "limit": READ,
    }
    return rows(SQL["events"], params)


def _name_ids(clauses: Iterable[Clause]) -> list[int] | None:
    """None where some clause takes any name."""
    names: set[str] = set()
    for clause in clauses:
        if clause.names is None:
            return None
        names |= set(clause.names)
    return [row[0] for row in rows(SQL["name_ids"], {"names": sorted(names)})]


def _matching(found: Iterable[tuple[Any, ...]], clauses: Sequence[Clause]) -> list[Seen]:
    matcher = Matcher(0)
    matcher.add(0, clauses)
    return [seen for row in found if (seen := _seen(row, matcher))]


def _seen(row: tuple[Any, ...], matcher: Matcher) -> Seen | None:
    id_, source, kind, name, at, person_id, person, workspace, properties = row
    word = NAMES[kind]
    if not matcher.match(source, word, name, properties.encode() if properties else None):
        return None
    return Seen(id_, word, name, at, person_id, person, workspace, _pairs(properties))


def _pairs(properties: str | None) -> list[tuple[str, str]]:
    """A few properties, short: an event may hold anything."""
    decoded = msgspec.json.decode(properties) if properties else {}
    items = list(decoded.items())[:6] if isinstance(decoded, dict) else []
    return [(str(name)[:60], str(value)[:120]) for name, value in items]
