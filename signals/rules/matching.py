"""Which events a signal means: parsed when saved, and compiled to one look-up per event name."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from operator import ge, gt, le, lt
from typing import Any

import msgspec

from signals.rules.amounts import WantedProperties, amount_in, value_at
from signals.rules.message_types import ACTIVITY_TYPES, NUMBERS

COMPARE: dict[str, Callable[[Any, Any], Any]] = {">=": ge, "<=": le, ">": gt, "<": lt}
OPERATORS = ("=", "!=", "one_of", ">=", "<=", ">", "<", "exists", "contains")
MAX_CLAUSES, MAX_CONDITIONS, MAX_NAMES, MAX_TEXT = 20, 10, 100, 200


class MatchError(ValueError):
    """A definition that cannot be read; the text names the place and says what to do."""


@dataclass(frozen=True, slots=True)
class Where:
    """A condition on one property of the event."""

    property: str
    op: str
    value: Any

    def holds(self, properties: Mapping[str, Any]) -> bool:
        if self.property in properties:
            return self.op == "exists" or _compare(properties[self.property], self.op, self.value)
        seen = value_at(properties, (self.property,)) if "." in self.property else None
        if seen is None:
            # What is absent differs from every value; each other comparison needs one.
            return self.op == "!="
        return self.op == "exists" or _compare(seen, self.op, self.value)


@dataclass(frozen=True, slots=True)
class Clause:
    """Kinds of call, event names and one source (None for any) that count where all conditions hold."""

    kinds: tuple[str, ...]
    names: tuple[str, ...] | None
    source: int | None
    where: tuple[Where, ...]


def _compare(seen: Any, op: str, value: Any) -> bool:
    if op in {"=", "!="}:
        return _same(seen, value) == (op == "=")
    if op == "one_of":
        return any(_same(seen, each) for each in value)
    if op == "contains":
        return str(value).casefold() in str(seen).casefold()
    number = _as_number(seen)
    return number is not None and bool(COMPARE[op](number, value))


def _same(seen: Any, value: Any) -> bool:
    # In Python True == 1: a flag must not match a number that somebody sent. In a form it can only be typed as a word.
    if isinstance(seen, bool) or isinstance(value, bool):
        return _flag(seen) is not None and _flag(seen) is _flag(value)
    if isinstance(seen, str) and isinstance(value, str):
        return seen.casefold() == value.casefold()
    if isinstance(seen, str) or isinstance(value, str):  # what holds must not hang on how a client writes a number
        numbers = (_as_number(seen), _as_number(value))
        return None not in numbers and numbers[0] == numbers[1]
    return bool(seen == value)


def _flag(value: Any) -> bool | None:
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.casefold())
    return value if isinstance(value, bool) else None


def _as_number(value: Any) -> float | None:
    """12 and "12" alike."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    found = amount_in(value) if isinstance(value, str) else None
    return None if found is None else float(found)


def parse_matches(data: Any) -> tuple[Clause, ...]:
    """Check and read the JSON of a definition; MatchError names what is wrong."""
    if not isinstance(data, dict) or set(data) != {"any"} or not isinstance(data["any"], list):
        raise MatchError('Give an object with one list named "any".')
    if not 1 <= len(data["any"]) <= MAX_CLAUSES:
        raise MatchError(f"any: give 1 to {MAX_CLAUSES} clauses.")
    return tuple(_clause(clause, f"any[{i}]") for i, clause in enumerate(data["any"]))


def _clause(data: Any, path: str) -> Clause:
    if not isinstance(data, dict):
        raise MatchError(f"{path}: give an object.")
    if unknown := set(data) - {"kinds", "names", "source", "where"}:
        raise MatchError(f"{path}.{min(unknown)}: unknown; use kinds, names, source or where.")
    kinds, source, where = data.get("kinds"), data.get("source"), data.get("where") or []
    if kinds is not None and (not isinstance(kinds, list) or not kinds or not set(kinds) <= set(NUMBERS)):
        raise MatchError(f"{path}.kinds: give some of {', '.join(NUMBERS)}, or null for any behaviour.")
    if source is not None and (not isinstance(source, int) or isinstance(source, bool)):
        raise MatchError(f"{path}.source: give the number of a source, or null for all.")
    if not isinstance(where, list) or len(where) > MAX_CONDITIONS:
        raise MatchError(f"{path}.where: give a list of at most {MAX_CONDITIONS} conditions.")
    conditions = tuple(_where(each, f"{path}.where[{i}]") for i, each in enumerate(where))
    return Clause(tuple(kinds or ACTIVITY_TYPES), _names(data.get("names"), path), source, conditions)


def _names(names: Any, path: str) -> tuple[str, ...] | None:
    if names is None:
        return None
    if not isinstance(names, list) or not 1 <= len(names) <= MAX_NAMES:
        raise MatchError(f"{path}.names: give 1 to {MAX_NAMES} event names, or null for all.")
    for name in names:
        if not isinstance(name, str) or not 1 <= len(name) <= MAX_TEXT:
            raise MatchError(f"{path}.names: an event name is a text of 1 to {MAX_TEXT} characters.")
    return tuple(names)


def _where(data: Any, path: str) -> Where:
    if not isinstance(data, dict) or set(data) - {"property", "op", "value"}:
        raise MatchError(f"{path}: give an object with property, op and value.")
    name, op, value = data.get("property"), data.get("op"), data.get("value")
    if not isinstance(name, str) or not 1 <= len(name) <= MAX_TEXT:
        raise MatchError(f"{path}.property: give the name of a property.")
    if op not in OPERATORS:
        raise MatchError(f"{path}.op: unknown operator; use one of {', '.join(OPERATORS)}.")
    return Where(name, op, _checked_value(op, value, path))


def _checked_value(op: str, value: Any, path: str) -> Any:
    plain = isinstance(value, str | int | float)
    if op == "one_of":
        if not isinstance(value, list) or not value or not all(isinstance(v, str | int | float) for v in value):
            raise MatchError(f"{path}.value: give a list of texts or numbers.")
    elif op in {">=", "<=", ">", "<"}:
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise MatchError(f"{path}.value: give a number.")
    elif op != "exists" and not plain:
        raise MatchError(f"{path}.value: give a text, a number, true or false.")
    return value


@dataclass(slots=True)
class Matcher:
    """All definitions that count, compiled. `version` is the signals version it was read at."""

    version: int
    by_name: dict[tuple[str, str], list[tuple[int, Clause]]] = field(default_factory=lambda: defaultdict(list))
    by_kind: dict[str, list[tuple[int, Clause]]] = field(default_factory=lambda: defaultdict(list))
    immediate: dict[int, tuple[str, int]] = field(default_factory=dict)  # definition -> kind of moment, signal
    wanted: dict[int, WantedProperties] = field(default_factory=dict)  # of definitions that keep properties
    said_by: dict[int, dict[str, list[str]]] = field(default_factory=dict)  # signal -> term -> paths of properties
    first_days: dict[int, int] = field(default_factory=dict)  # definition -> earliest day it counted, since 1970
    plain: dict[tuple[int, str, str], tuple[int, ...]] = field(default_factory=dict)

    def add(self, definition: int, clauses: Iterable[Clause]) -> None:
        for clause in clauses:
            for kind in clause.kinds:
                if clause.names is None:
                    self.by_kind[kind].append((definition, clause))
                for name in clause.names or ():
                    self.by_name[kind, name].append((definition, clause))

    def match(self, source: int, kind: str, name: str, properties: bytes | None) -> tuple[int, ...]:
        """The definitions that this event counts for, each once. `properties` is JSON text."""
        key = (source, kind, name)
        found = self.plain.get(key)
        if found is None:
            return self._match_slowly(key, properties)
        return found

    def _match_slowly(self, key: tuple[int, str, str], properties: bytes | None) -> tuple[int, ...]:
        source, kind, name = key
        clauses = [
            (definition, clause)
            for definition, clause in (*self.by_name.get((kind, name), ()), *self.by_kind.get(kind, ()))
            if clause.source in (None, source)
        ]
        if not any(clause.where for _, clause in clauses):
            found = tuple(dict.fromkeys(definition for definition, _ in clauses))
            if len(self.plain) < 10_000:  # a flood of made-up names must not fill the memory
                self.plain[key] = found
            return found
        decoded = _decoded(properties)
        held = (d for d, clause in clauses if all(where.holds(decoded) for where in clause.where))
        return tuple(dict.fromkeys(held))


_decode: Callable[[bytes], Any] = msgspec.json.Decoder().decode


def _decoded(properties: bytes | None) -> dict[str, Any]:
    decoded = _decode(properties) if properties else {}
    return decoded if isinstance(decoded, dict) else {}
