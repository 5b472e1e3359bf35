"""What a rule saw, in plain English: "9 people active in 30 days", "Plan trial (needs Team)", "plan unknown"."""

from signals.measures.kinds import NO_NAMES
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
        needs = f" (needs {needed(node, names)})" if asking and not verdict.held else ""
        return f"{_seen(node, verdict, names)}{needs}"
    negated = isinstance(node, None_)
    asking = asking and not negated
    said = [_read(child, part, names, asking=asking) for child, part in _telling(node, verdict)]
    against = " (must not apply)" if negated and verdict.held is False else ""
    return f"{', '.join(said) or 'nothing asked'}{against}"


def _seen(condition: Condition, verdict: Verdict, names: Names) -> str:
    spec, value = condition.spec, verdict.value
    if value is None:
        return f"{spec.describe(None, names)} unknown"
    if not verdict.at_least:
        return spec.describe(value, names)
    return spec.definition.sentence(spec, names, f"at least {spec.definition.amount(value)}", one=value == 1)


def needed(condition: Condition, names: Names = NO_NAMES) -> str:
    """What the condition asks for, to stand after "needs": "at least 7", "Team"."""
    if condition.op in PRESENCES:
        return "a value" if condition.op == "known" else "no value"
    amount = amount_of(condition, names)
    lead = NEEDED.get(condition.op, "") if condition.spec.definition.has_text(condition.spec) else ""
    rest = amount.removeprefix(lead)
    return {"!=": f"anything but {rest}", "contains": f"“{rest}” in it"}.get(condition.op, rest) if lead else amount


def _telling(node: Group, verdict: Verdict) -> list[tuple[Node, Verdict]]:
    """The parts that decided: those that failed an "all", those that met an "any" or spoilt a "none".

    Where none did, what is unknown kept it open.
    """
    pairs = list(zip(node.nodes, verdict.parts, strict=True))
    deciding = not isinstance(node, All)
    some = [(child, part) for child, part in pairs if part.held is deciding]
    return some or [(child, part) for child, part in pairs if part.held is None] or pairs
