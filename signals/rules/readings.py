"""What a rule saw, in plain English: "9 people active in 30 days", "Plan trial (needs Team)"."""

from signals.measures.words import Names, capitalised
from signals.rules.describe import amount_of
from signals.rules.evaluate import Verdict
from signals.rules.tree import PRESENCES, All, Condition, Group, Node, None_

NEEDED = {"=": "is ", "contains": "contains ", "!=": "is not "}


def reading(rule: Node, verdict: Verdict, names: Names) -> str:
    """A verdict as a sentence: what was seen, and what was missing where the rule did not hold."""
    return capitalised(_read(rule, verdict, names, asking=True))


def _read(node: Node, verdict: Verdict, names: Names, *, asking: bool) -> str:
    """`asking`: say of what did not hold what it would have needed."""
    if isinstance(node, Condition):
        needs = f" (needs {needed(node)})" if asking and not verdict.held else ""
        return f"{_seen(node, verdict.value, names)}{needs}"
    negated = isinstance(node, None_)
    asking = asking and not negated
    said = [_read(child, part, names, asking=asking) for child, part in _telling(node, verdict)]
    against = " (must not apply)" if negated and not verdict.held else ""
    return f"{', '.join(said) or 'nothing asked'}{against}"


def _seen(condition: Condition, value: float | str | None, names: Names) -> str:
    known = condition.spec.describe(value, names)
    return f"{known} unknown" if value is None else known


def needed(condition: Condition) -> str:
    """What the condition asks for, to stand after "needs": "at least 7", "Team"."""
    if condition.op in PRESENCES:
        return "a value" if condition.op == "known" else "no value"
    amount = amount_of(condition)
    lead = NEEDED.get(condition.op, "") if condition.spec.definition.has_text(condition.spec) else ""
    rest = amount.removeprefix(lead)
    return {"!=": f"anything but {rest}", "contains": f"“{rest}” in it"}.get(condition.op, rest) if lead else amount


def _telling(node: Group, verdict: Verdict) -> list[tuple[Node, Verdict]]:
    """The parts that decided: those that failed an "all", those that met an "any" or spoilt a "none"."""
    pairs = list(zip(node.nodes, verdict.parts, strict=True))
    deciding = not isinstance(node, All)
    some = [(child, part) for child, part in pairs if part.held == deciding]
    return some or pairs
