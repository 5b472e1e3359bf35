"""Whether a rule holds: for all subjects and days at once, or for one with its reasons. The same comparison."""

import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from signals.measures.frame import Column, Flags, Floats
from signals.rules.tree import (
    NAME_OF,
    PRESENCES,
    All,
    AnyKnown,
    Condition,
    Group,
    Node,
    None_,
    Scalar,
    Value,
    conditions_of,
)

Columns = Mapping[str, Column]
Shape = tuple[int, int]
Held = bool | None  # None: unknown
# Whether the condition held, the value it saw, and 1 where that is only known to be at least so much.
Sighting = tuple[Held, float | str | None] | tuple[Held, float | str | None, int]

EXACT = 2.0**53  # below it every whole number has a float of its own
NUMERAL = re.compile(r"[+-]?(0|[1-9]\d*)(\.\d+)?")
COMPARE: dict[str, Callable[[Floats, float], Flags]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """Of each subject and day: true, false, or neither, which is unknown."""

    true: Flags
    false: Flags

    @property
    def unknown(self) -> Flags:
        return ~(self.true | self.false)

    def __invert__(self) -> "Truth":
        return Truth(self.false, self.true)


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one node of a rule came out: a group has parts, a condition what was seen and what was asked."""

    held: Held
    node: str  # all, any, none or condition
    parts: tuple["Verdict", ...] = ()
    key: str | None = None
    op: str | None = None
    threshold: Value = None
    value: float | str | None = None  # None = unknown
    at_least: bool = False  # the true value may be larger

    def to_json(self) -> dict[str, object]:
        if self.node != "condition":
            return {"held": self.held, "node": self.node, "parts": [part.to_json() for part in self.parts]}
        return {"held": self.held, "node": self.node} | self.seen()

    def seen(self) -> dict[str, object]:
        """The condition as the page prints it."""
        threshold = list(self.threshold) if isinstance(self.threshold, tuple) else self.threshold
        seen: dict[str, object] = {"key": self.key, "value": self.value, "op": self.op, "threshold": threshold}
        return seen | ({"at_least": True} if self.at_least else {})

    def conditions(self) -> list["Verdict"]:
        if self.node == "condition":
            return [self]
        return [condition for part in self.parts for condition in part.conditions()]


def evaluate(node: Node, columns: Columns, *, shape: Shape | None = None) -> Truth:
    """Where the rule holds and where it does not, (subjects, days), by Kleene's strong logic.

    `shape` is only needed when there are no columns at all.
    """
    shape = shape or shape_of(columns)
    if isinstance(node, Condition):
        return _truth(node, columns[node.spec.key])
    found = [evaluate(child, columns, shape=shape) for child in node.nodes]
    if isinstance(node, All):
        return Truth(
            _joined(np.logical_and, [t.true for t in found], shape),
            _joined(np.logical_or, [t.false for t in found], shape),
        )
    some = Truth(
        _joined(np.logical_or, [t.true for t in found], shape), _joined(np.logical_and, [t.false for t in found], shape)
    )
    if isinstance(node, AnyKnown) and found:
        return Truth(some.true, ~some.true & _joined(np.logical_or, [t.false for t in found], shape))
    return ~some if isinstance(node, None_) else some


def _joined(join: np.ufunc, parts: Sequence[Flags], shape: Shape) -> Flags:
    """All of no parts is true, any of none is not."""
    if not parts:
        return np.full(shape, join is np.logical_and)
    joined: Flags = parts[0] if len(parts) == 1 else join.reduce(parts)
    return joined


def explain(node: Node, columns: Columns, subject: int, day: int) -> Verdict:
    """The same for one subject and one day (index of the column), with the value each condition saw."""
    return verdict(node, sightings(node, columns, [subject], day)[0])


def sightings(node: Node, columns: Columns, subjects: Sequence[int], day: int) -> list[tuple[Sighting, ...]]:
    """For each subject what the conditions of the rule saw, in the order in which they stand in it."""
    by_condition = [
        _sighted(condition, _cells(columns[condition.spec.key], subjects, day)) for condition in conditions_of(node)
    ]
    return list(zip(*by_condition, strict=True)) if by_condition else [()] * len(subjects)


def verdict(node: Node, seen: Sequence[Sighting]) -> Verdict:
    """How a rule came out for one subject, from what `sightings` says its conditions saw."""
    return _verdict(node, iter(seen))


def shape_of(columns: Columns) -> Shape:
    """How many subjects and days the columns have."""
    for column in columns.values():
        return column.numbers.shape[0], column.numbers.shape[1]
    raise ValueError("Without columns the number of subjects and days must be given as shape.")


def _verdict(node: Node, seen: Iterator[Sighting]) -> Verdict:
    if isinstance(node, Condition):
        held, value, *bound = next(seen)
        return Verdict(held, "condition", (), node.spec.key, node.op, node.value, value, bool(bound))
    parts = tuple(_verdict(child, seen) for child in node.nodes)
    return Verdict(_held_of(node, [part.held for part in parts]), NAME_OF[type(node)], parts)


def _held_of(node: Group, parts: Sequence[Held]) -> Held:
    """Kleene's tables: one false part settles `all`, one true part `any`; else what is unknown stays so."""
    if isinstance(node, AnyKnown):
        return True if True in parts else False if False in parts or not parts else None
    settles = not isinstance(node, All)
    held: Held = settles if settles in parts else None if None in parts else not settles
    return not held if isinstance(node, None_) and held is not None else held


def _sighted(condition: Condition, cells: Column) -> list[Sighting]:
    truth = _truth(condition, cells)
    known = np.where(truth.true[:, 0], 1, np.where(truth.false[:, 0], 0, -1)).tolist()
    held = [None if each < 0 else bool(each) for each in known]
    values = seen_values(cells)
    if cells.at_least is None or not cells.at_least.any():
        return list(zip(held, values, strict=True))
    bounds = cells.at_least[:, 0].tolist()
    return [(h, v, 1) if b and v is not None else (h, v) for h, v, b in zip(held, values, bounds, strict=True)]


def seen_values(column: Column) -> list[float | str | None]:
    """Of a column of one day: the number or the text that a person would write, None when unknown."""
    numbers = _plain(column.numbers[:, 0])
    if column.texts is None:
        return numbers
    pairs = zip(column.texts[:, 0].tolist(), numbers, strict=True)
    return [_written(column.vocabulary[text], number) if text >= 0 else number for text, number in pairs]


def _written(text: str, number: float | str | None) -> float | str:
    """200 for "200", but "true" and the postcode "02134" stay as they are."""
    return text if number is None or not NUMERAL.fullmatch(text) else number


def _cells(column: Column, subjects: Sequence[int], day: int) -> Column:
    return column.of(np.ix_(subjects, [day]))


def _plain(numbers: Floats) -> list[float | str | None]:
    """As Python's own: 9 for 9.0, None for NaN."""
    values = numbers.astype(object)
    whole = np.isfinite(numbers) & (np.trunc(numbers) == numbers) & (np.abs(numbers) < EXACT)
    values[whole] = numbers[whole].astype(np.int64)
    values[np.isnan(numbers)] = None
    plain: list[float | str | None] = values.tolist()
    return plain


def _truth(condition: Condition, column: Column) -> Truth:
    op = condition.op
    known = _known(column)
    if op in PRESENCES:
        return Truth(known, ~known) if op == "known" else Truth(~known, known)
    met = _met(condition, column)
    true, false = met & known, ~met & known
    if column.at_least is not None:
        # Of a lower bound only what no larger number could change is sure.
        true, false = _sure(condition, column, true, false)
    return Truth(true, ~true) if condition.unknown_is_no else Truth(true, false)


def _sure(condition: Condition, column: Column, true: Flags, false: Flags) -> tuple[Flags, Flags]:
    exact = ~column.at_least if column.at_least is not None else np.ones(true.shape, np.bool_)
    if condition.op in (">=", ">"):
        return true, false & exact
    if condition.op in ("<=", "<"):
        return true & exact, false
    most = _largest(condition.value)
    beyond = column.numbers > most if most is not None else np.zeros(true.shape, np.bool_)
    negative = condition.op in ("!=", "not_one_of")
    return true & (exact | beyond if negative else exact), false & (exact if negative else exact | beyond)


def _largest(value: Value) -> float | None:
    numbers = [float(v) for v in (value if isinstance(value, tuple) else (value,)) if isinstance(v, int | float)]
    return max(numbers, default=None)


def _met(condition: Condition, column: Column) -> Flags:
    """Whether the value it has meets the condition; of what is unknown it says nothing that counts."""
    op, value = condition.op, condition.value
    if op in ("=", "one_of"):
        return _is_one_of(column, value)
    if op in ("!=", "not_one_of"):
        return ~_is_one_of(column, value)
    if op == "contains":
        return _text_matches(column, lambda text: str(value).casefold() in text)
    return _ordered(column.numbers, op, value)


def _ordered(numbers: Floats, op: str, value: Value) -> Flags:
    if isinstance(value, tuple):
        low, high = (float(bound) for bound in value)
        # Both ends belong to it; NaN, the unknown, is inside of nothing.
        return (numbers >= low) & (numbers <= high)
    return COMPARE[op](numbers, float(value or 0))


def _known(column: Column) -> Flags:
    known = ~np.isnan(column.numbers)
    return known if column.texts is None else known | (column.texts >= 0)


def _is_one_of(column: Column, value: Value) -> Flags:
    """Numbers equal as numbers, texts without regard to case; true is also 1 and the text "true"."""
    wanted = value if isinstance(value, tuple) else (value,)
    numbers = [float(choice) for choice in wanted if not isinstance(choice, str | None)]
    texts = {_folded(choice) for choice in wanted if isinstance(choice, str | bool)}
    return np.isin(column.numbers, numbers) | _text_matches(column, texts.__contains__)


def _folded(choice: Scalar) -> str:
    return str(choice).casefold()


def _text_matches(column: Column, matches: Callable[[str], bool]) -> Flags:
    """Look at each text that occurs once, however many subjects have it."""
    if column.texts is None:
        return np.zeros(column.numbers.shape, np.bool_)
    size = len(column.vocabulary)
    occurs = np.zeros(size + 1, np.bool_)
    occurs[column.texts] = True  # -1 falls on the last place
    matching = np.zeros(size + 1, np.bool_)
    for index in np.flatnonzero(occurs[:size]):
        matching[index] = matches(column.vocabulary[index].casefold())
    return matching[column.texts]
