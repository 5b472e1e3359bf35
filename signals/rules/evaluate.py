"""Whether a rule holds: for all subjects and days at once, or for one with its reasons. The same comparison."""

import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from signals.measures.frame import Column, Flags, Floats
from signals.rules.tree import NAME_OF, All, Condition, Node, None_, Scalar, Value, conditions_of

Columns = Mapping[str, Column]
Shape = tuple[int, int]
Sighting = tuple[bool, float | str | None]  # whether the condition held, and the value it saw

EXACT = 2.0**53  # below it every whole number has a float of its own
NUMERAL = re.compile(r"[+-]?(0|[1-9]\d*)(\.\d+)?")
COMPARE: dict[str, Callable[[Floats, float], Flags]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one node of a rule came out: a group has parts, a condition what was seen and what was asked."""

    held: bool
    node: str  # all, any, none or condition
    parts: tuple["Verdict", ...] = ()
    key: str | None = None
    op: str | None = None
    threshold: Value = None
    value: float | str | None = None  # None = unknown

    def to_json(self) -> dict[str, object]:
        if self.node != "condition":
            return {"held": self.held, "node": self.node, "parts": [part.to_json() for part in self.parts]}
        return {"held": self.held, "node": self.node} | self.seen()

    def seen(self) -> dict[str, object]:
        """The condition as the page prints it."""
        threshold = list(self.threshold) if isinstance(self.threshold, tuple) else self.threshold
        return {"key": self.key, "value": self.value, "op": self.op, "threshold": threshold}

    def conditions(self) -> list["Verdict"]:
        if self.node == "condition":
            return [self]
        return [condition for part in self.parts for condition in part.conditions()]


def evaluate(node: Node, columns: Columns, *, shape: Shape | None = None) -> Flags:
    """Where the rule holds, (subjects, days). `shape` is only needed when there are no columns at all."""
    shape = shape or shape_of(columns)
    if isinstance(node, Condition):
        return _held(node, columns[node.spec.key])
    held = np.full(shape, isinstance(node, All))
    for child in node.nodes:
        join = np.logical_and if isinstance(node, All) else np.logical_or
        join(held, evaluate(child, columns, shape=shape), out=held)
    return ~held if isinstance(node, None_) else held


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
        held, value = next(seen)
        return Verdict(held, "condition", (), node.spec.key, node.op, node.value, value)
    parts = tuple(_verdict(child, seen) for child in node.nodes)
    held = (all if isinstance(node, All) else any)(part.held for part in parts)
    return Verdict(held ^ isinstance(node, None_), NAME_OF[type(node)], parts)


def _sighted(condition: Condition, cells: Column) -> list[Sighting]:
    return list(zip(_held(condition, cells)[:, 0].tolist(), seen_values(cells), strict=True))


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
    texts = None if column.texts is None else column.texts[subjects, day][:, None]
    return Column(column.numbers[subjects, day][:, None], texts, column.vocabulary)


def _plain(numbers: Floats) -> list[float | str | None]:
    """As Python's own: 9 for 9.0, None for NaN."""
    values = numbers.astype(object)
    whole = np.isfinite(numbers) & (np.trunc(numbers) == numbers) & (np.abs(numbers) < EXACT)
    values[whole] = numbers[whole].astype(np.int64)
    values[np.isnan(numbers)] = None
    plain: list[float | str | None] = values.tolist()
    return plain


def _held(condition: Condition, column: Column) -> Flags:
    op, value = condition.op, condition.value
    if op in ("known", "unknown"):
        return _known(column) if op == "known" else ~_known(column)
    if op in ("=", "one_of"):
        return _is_one_of(column, value)
    if op in ("!=", "not_one_of"):
        # What is unknown is not different from a value: it is not known to be.
        return _known(column) & ~_is_one_of(column, value)
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
