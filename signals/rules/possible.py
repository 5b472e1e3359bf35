"""How a rule may still come out where only some of its measures were taken, and which of them to take first."""

from dataclasses import dataclass

import numpy as np

from signals.measures.frame import Flags
from signals.measures.kinds import SEGMENT
from signals.measures.specs import Spec
from signals.rules.derived import Definitions
from signals.rules.evaluate import Columns, evaluate
from signals.rules.tree import All, AnyKnown, Condition, Group, Node, None_

IN, OUT = 1, 0  # what a condition on a segment asks for


@dataclass(frozen=True, slots=True, eq=False)
class Possible:
    """Of each subject whether the rule may come out true, and whether false; unknown it may always be."""

    true: Flags
    false: Flags

    def __invert__(self) -> "Possible":
        return Possible(self.false, self.true)


def possible(node: Node, columns: Columns, definitions: Definitions, subjects: int) -> Possible:
    """Never too little: what is not among the columns (of one day) may be anything."""
    if isinstance(node, Condition):
        return _of_condition(node, columns, definitions, subjects)
    found = [possible(child, columns, definitions, subjects) for child in node.nodes]
    every, some = _joined(np.logical_and, found, subjects), _joined(np.logical_or, found, subjects)
    if isinstance(node, All):
        return Possible(every.true, some.false)
    if isinstance(node, AnyKnown) and found:
        return some
    either = Possible(some.true, every.false)
    return ~either if isinstance(node, None_) else either


def _joined(join: np.ufunc, parts: list[Possible], subjects: int) -> Possible:
    nothing = np.full(subjects, join is np.logical_and)
    return Possible(
        join.reduce([nothing, *(part.true for part in parts)]), join.reduce([nothing, *(part.false for part in parts)])
    )


def _of_condition(condition: Condition, columns: Columns, definitions: Definitions, subjects: int) -> Possible:
    if condition.spec.key in columns:
        truth = evaluate(condition, columns)
        return Possible(truth.true[:, 0], truth.false[:, 0])
    if (rule := _segment_behind(condition, definitions)) is not None:
        inside = possible(rule, columns, definitions, subjects)
        return inside if condition.value == IN else ~inside
    anything = np.ones(subjects, np.bool_)
    return Possible(anything, anything)


def _segment_behind(condition: Condition, definitions: Definitions) -> Node | None:
    """The rule that settles a plain question of who is in a segment."""
    plain = condition.op == "=" and condition.value in (IN, OUT) and not condition.unknown_is_no
    known = condition.spec.kind == SEGMENT and condition.spec.segment in definitions.segments
    return definitions.segments[condition.spec.segment or ""] if plain and known else None


def first_to_take(node: Node, definitions: Definitions) -> frozenset[Spec]:
    """The measures that alone may settle that a rule does not hold; none where it takes more than that.

    No model is among them: to score takes everything.
    """
    if isinstance(node, Condition):
        rule = _segment_behind(node, definitions)
        return first_to_take(rule, definitions) if rule is not None else _own(node.spec)
    if isinstance(node, All | None_):
        plain = frozenset[Spec]().union(
            *(first_to_take(n, definitions) for n in node.nodes if isinstance(n, Condition))
        )
        return plain or next((found for n in node.nodes if (found := first_to_take(n, definitions))), plain)
    return _of_each(node, definitions)


def _together(node: Group, definitions: Definitions) -> frozenset[Spec]:
    plain = (first_to_take(child, definitions) for child in node.nodes if isinstance(child, Condition))
    return frozenset[Spec]().union(*plain)


def _of_each(node: Group, definitions: Definitions) -> frozenset[Spec]:
    """One way that is left open leaves the whole open."""
    found = [first_to_take(child, definitions) for child in node.nodes]
    return frozenset[Spec]().union(*found) if all(found) else frozenset()


def _own(spec: Spec) -> frozenset[Spec]:
    return frozenset() if spec.definition.derived else frozenset((spec,))
