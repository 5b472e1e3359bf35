"""A rule in plain English, for whoever has to agree with it."""

from plgcrm.common.text import listed
from signals.measures.kinds import NO_NAMES
from signals.measures.words import Names, capitalised
from signals.rules.tree import PRESENCES, All, Any, AnyKnown, Condition, Group, Node, None_, Scalar

BOUNDS = {">=": "at least", "<=": "at most", ">": "more than"}
EMPTY = {All: "always", Any: "never", None_: "always", AnyKnown: "never"}
LISTED_AT_MOST = 8


def describe_rule(node: Node, names: Names = NO_NAMES) -> str:
    """One sentence without a full stop."""
    return capitalised(_mark(node, names, outermost=True))


def describe_condition(condition: Condition, names: Names = NO_NAMES) -> str:
    """One condition: "at least 7 people active in 30 days"."""
    spec, definition = condition.spec, condition.spec.definition
    if condition.op in PRESENCES:
        return f"{definition.noun(spec, names)} {condition.op}"
    said = definition.sentence(spec, names, amount_of(condition, names), one=condition.value == 1)
    return f"{said} (unknown counts as no)" if condition.unknown_is_no else said


def amount_of(condition: Condition, names: Names = NO_NAMES) -> str:
    """What the condition asks for: "at least 7", "between 3 and 9", "is Team"."""
    textual = condition.spec.definition.has_text(condition.spec)
    values = condition.value if isinstance(condition.value, tuple) else (condition.value,)
    shown = [_shown(condition, value, names) for value in values if value is not None]
    if condition.op == "between":
        return f"between {shown[0]} and {shown[1]}"
    if condition.op == "<":
        return f"{'fewer' if condition.spec.definition.counted else 'less'} than {shown[0]}"
    if condition.op in BOUNDS:
        return f"{BOUNDS[condition.op]} {shown[0]}"
    return _text_amount(condition.op, shown) if textual else _number_amount(condition.op, shown)


def _text_amount(op: str, shown: list[str]) -> str:
    lead = {"=": "is", "!=": "is not", "one_of": "one of", "not_one_of": "not one of", "contains": "contains"}
    return f"{lead[op]} {', '.join(_shortened(shown))}"


def _number_amount(op: str, shown: list[str]) -> str:
    lead = {"=": "exactly ", "one_of": ""}.get(op, "other than ")
    return f"{lead}{listed(_shortened(shown), 'or')}"


def _shortened(shown: list[str]) -> list[str]:
    if len(shown) <= LISTED_AT_MOST:
        return shown
    return [*shown[: LISTED_AT_MOST - 1], f"{len(shown) - LISTED_AT_MOST + 1} more"]


def _shown(condition: Condition, value: Scalar, names: Names) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return condition.spec.definition.said(condition.spec, value, names)


def _mark(node: Node, names: Names, *, outermost: bool = False) -> str:
    if isinstance(node, Condition):
        return describe_condition(node, names)
    if not node.nodes:
        return EMPTY[type(node)]
    if isinstance(node, All | Any | AnyKnown) and len(node.nodes) == 1:
        return _mark(node.nodes[0], names, outermost=outermost)
    return _group(node, names, outermost=outermost)


def _group(node: Group, names: Names, *, outermost: bool) -> str:
    parts = [_mark(child, names) for child in node.nodes]
    if isinstance(node, None_):
        return f"not ({' or '.join(parts)})"
    if isinstance(node, AnyKnown):
        joined = ", or ".join(parts) if outermost else " or ".join(parts)
        return f"{joined}, as far as known" if outermost else f"({joined}, as far as known)"
    word = "and" if isinstance(node, All) else "or"
    return f", {word} ".join(parts) if outermost else f"({f' {word} '.join(parts)})"
