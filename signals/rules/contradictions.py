"""Conditions of one rule against each other: the same one twice, and two that are never true together."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf

from signals.measures.words import Names
from signals.rules.describe import describe_condition
from signals.rules.doubts import Doubt
from signals.rules.tree import PRESENCES, All, Condition, Group, Node, None_, Scalar

Placed = tuple[str, Condition]


def placed_nodes(node: Node, place: str = "0") -> Iterator[tuple[str, Node]]:
    """Every node with its place: 0 the outermost, 0.1 its second part."""
    yield place, node
    if not isinstance(node, Condition):
        for index, child in enumerate(node.nodes):
            yield from placed_nodes(child, f"{place}.{index}")


def doubts_between(rule: Node, names: Names) -> dict[str, Doubt]:
    """By the place of the later condition: that it stands there already, or contradicts one before it."""
    found: dict[str, Doubt] = {}
    for place, node in placed_nodes(rule):
        if not isinstance(node, Condition):
            conditions = list(_joined_alike(node, place))
            for index, (at, condition) in enumerate(conditions):
                doubt = _against(condition, conditions[:index], names, all_hold=isinstance(node, All))
                if doubt:
                    found.setdefault(at, doubt)
    return found


def _joined_alike(group: Group, place: str) -> Iterator[Placed]:
    """Its conditions, and those of groups inside that are joined in the same way; `none` within `none` is not."""
    for index, child in enumerate(group.nodes):
        inner = f"{place}.{index}"
        if isinstance(child, Condition):
            yield inner, child
        elif type(child) is type(group) and not isinstance(group, None_):
            yield from _joined_alike(child, inner)


def _against(condition: Condition, before: list[Placed], names: Names, *, all_hold: bool) -> Doubt | None:
    for _, other in before:
        if condition == other:
            return Doubt("This condition is in this group already. One of the two can go.")
        if all_hold and never_together(condition, other):
            return Doubt(f"Never true together with “{describe_condition(other, names)}”, which is asked for too.")
    return None


def never_together(one: Condition, other: Condition) -> bool:
    """Whether no value of the measure meets both."""
    if one.spec.key != other.spec.key:
        return False
    if "unknown" in (one.op, other.op):
        return one.op != other.op
    if one.op in PRESENCES or other.op in PRESENCES or "contains" in (one.op, other.op):
        return False
    first, second = _choices(one), _choices(other)
    if first is not None and second is not None:
        return not first & second
    if first is not None or second is not None:
        chosen, bound = (first, other) if first is not None else (second, one)
        return not any(_meets(value, bound) for value in chosen or ())
    return _Range.of(one).is_apart_from(_Range.of(other))


def _folded(value: Scalar) -> float | str:
    """True, 1 and "true" are one."""
    if isinstance(value, bool):
        return float(value)
    if isinstance(value, str):
        return {"true": 1.0, "false": 0.0}.get(value.casefold(), value.casefold())
    return float(value)


def _all_folded(condition: Condition) -> frozenset[float | str]:
    values = condition.value if isinstance(condition.value, tuple) else (condition.value,)
    return frozenset(_folded(value) for value in values if value is not None)


def _choices(condition: Condition) -> frozenset[float | str] | None:
    return _all_folded(condition) if condition.op in ("=", "one_of") else None


def _meets(value: float | str, condition: Condition) -> bool:
    if condition.op in ("!=", "not_one_of"):
        return value not in _all_folded(condition)
    # A text may be a number in disguise: of it nothing is sure.
    return isinstance(value, str) or _Range.of(condition).holds(value)


@dataclass(frozen=True, slots=True)
class _Range:
    """The numbers between two bounds, the bounds themselves only where they are inside."""

    low: float = -inf
    high: float = inf
    low_inside: bool = True
    high_inside: bool = True

    @classmethod
    def of(cls, condition: Condition) -> "_Range":
        value = condition.value
        if isinstance(value, tuple) and condition.op == "between":
            return cls(float(value[0]), float(value[1]))
        if isinstance(value, tuple) or condition.op not in (">=", ">", "<=", "<"):
            return cls()
        bound, inside = float(value or 0), "=" in condition.op
        return cls(low=bound, low_inside=inside) if ">" in condition.op else cls(high=bound, high_inside=inside)

    def holds(self, value: float) -> bool:
        above = value >= self.low if self.low_inside else value > self.low
        return above and (value <= self.high if self.high_inside else value < self.high)

    def is_apart_from(self, other: "_Range") -> bool:
        low, high = max(self.low, other.low), min(self.high, other.high)
        return low > high or (low == high and not (self.holds(low) and other.holds(low)))
