"""How far a rule is from being true for one account, and what it still asks for."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from signals.measures.frame import Column
from signals.measures.words import Names
from signals.rules.evaluate import Verdict, explain
from signals.rules.readings import reading
from signals.rules.tree import Any, AnyKnown, Condition, Node, None_, conditions_of

MOST_OF_ONE = 0.95  # what is not true is never quite there


@dataclass(frozen=True, slots=True)
class Gap:
    """0 where the rule holds; else about how many conditions are still open, with those in words."""

    distance: float
    words: tuple[str, ...] = ()


def gap_of(
    rule: Node, measures: Mapping[str, float | str | None], names: Names, *, at_least: Collection[str] = ()
) -> Gap:
    """`measures` by key, as last taken; what is missing is unknown, and `at_least` names those that may be more."""
    columns = {
        condition.spec.key: column_of(measures.get(condition.spec.key), at_least=condition.spec.key in at_least)
        for condition in conditions_of(rule)
    }
    return _gap(rule, explain(rule, columns, 0, 0), names) if columns else Gap(0.0)


def column_of(value: float | str | None, *, at_least: bool = False) -> Column:
    """One value of one account as of one day."""
    if isinstance(value, str):
        # Stored states keep a text as it was sent; a rule may compare it as the number it is.
        number = float(value) if value.isdecimal() else np.nan
        return Column(np.array([[number]]), np.zeros((1, 1), np.int32), (value,))
    bound = np.array([[True]]) if at_least else None
    return Column(np.array([[np.nan if value is None else float(value)]]), at_least=bound)


def _gap(node: Node, verdict: Verdict, names: Names) -> Gap:
    if verdict.held:
        return Gap(0.0)
    if isinstance(node, Condition):
        return Gap(1 - _progress(node, verdict), (reading(node, verdict, names),))
    if isinstance(node, None_):
        # Of `none`, each condition that holds is one that would have to stop.
        held = sum(bool(part.held) for part in verdict.parts)
        return Gap(float(held), (reading(node, verdict, names),))
    parts = [_gap(child, part, names) for child, part in zip(node.nodes, verdict.parts, strict=True)]
    return _least(parts) if isinstance(node, Any | AnyKnown) else _sum(parts)


def _least(parts: Sequence[Gap]) -> Gap:
    return min(parts, key=lambda part: part.distance, default=Gap(1.0))


def _sum(parts: Sequence[Gap]) -> Gap:
    return Gap(sum(part.distance for part in parts), tuple(word for part in parts for word in part.words))


def _progress(condition: Condition, verdict: Verdict) -> float:
    """How much of "at least so many" is there."""
    asked, seen = condition.value, verdict.value
    if condition.op not in (">=", ">") or not isinstance(asked, int | float) or not isinstance(seen, int | float):
        return 0.0
    return min(max(seen / asked, 0.0), MOST_OF_ONE) if asked > 0 else 0.0
