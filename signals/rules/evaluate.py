"""Whether a rule holds: for all subjects and days at once, or for one with its reasons. The same comparison."""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from signals.measures.frame import Column, Flags, Floats
from signals.rules.tree import NAME_OF, All, Condition, Node, None_, Scalar, Value, specs_of

Columns = Mapping[str, Column]
Shape = tuple[int, int]

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
    return explain_all(node, chosen_cells(node, columns, [subject], day), subjects=1)[0]


def explain_all(node: Node, columns: Columns, *, subjects: int | None = None) -> list[Verdict]:
    """A verdict for each subject of columns of a single day; `subjects` is needed when there are no columns."""
    shape = (shape_of(columns)[0] if subjects is None else subjects, 1)
    held = evaluate(node, columns, shape=shape)[:, 0].tolist()
    if isinstance(node, Condition):
        seen = seen_values(columns[node.spec.key])
        key, op, value = node.spec.key, node.op, node.value
        return [Verdict(ok, "condition", (), key, op, value, was) for ok, was in zip(held, seen, strict=True)]
    name = NAME_OF[type(node)]
    children = [explain_all(child, columns, subjects=shape[0]) for child in node.nodes]
    parts = zip(*children, strict=True) if children else [()] * shape[0]
    return [Verdict(ok, name, tuple(part)) for ok, part in zip(held, parts, strict=True)]


def shape_of(columns: Columns) -> Shape:
    for column in columns.values():
        return column.numbers.shape[0], column.numbers.shape[1]
    raise ValueError("Without columns the number of subjects and days must be given as shape.")


def chosen_cells(node: Node, columns: Columns, subjects: Sequence[int], day: int) -> dict[str, Column]:
    """The columns that the rule reads, of some subjects and one day."""
    return {spec.key: _cells(columns[spec.key], subjects, day) for spec in specs_of(node)}


def seen_values(column: Column) -> list[float | str | None]:
    """Of a column of one day: the text if there is one, else the number, None when unknown."""
    numbers: list[float | str | None] = [_plain(number) for number in column.numbers[:, 0].tolist()]
    if column.texts is None:
        return numbers
    pairs = zip(column.texts[:, 0].tolist(), numbers, strict=True)
    return [column.vocabulary[text] if text >= 0 else number for text, number in pairs]


def _cells(column: Column, subjects: Sequence[int], day: int) -> Column:
    texts = None if column.texts is None else column.texts[subjects, day][:, None]
    return Column(column.numbers[subjects, day][:, None], texts, column.vocabulary)


def _plain(number: float) -> float | None:
    if number != number:  # NaN
        return None
    return int(number) if number.is_integer() else number


def _held(condition: Condition, column: Column) -> Flags:
    op, value = condition.op, condition.value
    if op in ("known", "unknown"):
        return _known(column) if op == "known" else ~_known(column)
    if op in ("=", "one_of"):
        return _is_one_of(column, value)
    if op in ("!=", "not_one_of"):
        return _known(column) & ~_is_one_of(column, value)
    if op == "contains":
        return _text_matches(column, lambda text: str(value).casefold() in text)
    return _ordered(column.numbers, op, value)


def _ordered(numbers: Floats, op: str, value: Value) -> Flags:
    if isinstance(value, tuple):
        low, high = (float(bound) for bound in value)
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
