"""What a rule saw, in plain English: "9 people active in 30 days", "Plan trial (needs Team)"."""

from signals.measures.words import Names, capitalised
from signals.rules.describe import amount_of
from signals.rules.evaluate import Verdict
from signals.rules.tree import PRESENCES, All, Condition, Group, Node, None_

NEEDED = {"=": "is ", "contains": "contains ", "!=": "is not "}


class Reader:
    """Puts verdicts into words; remembers what it said, as most subjects have the same few values."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self._said: dict[tuple[int, float | str | None, bool], str] = {}

    def reading(self, rule: Node, verdict: Verdict) -> str:
        return capitalised(self._read(rule, verdict, asking=True))

    def _read(self, node: Node, verdict: Verdict, *, asking: bool) -> str:
        """`asking`: say of what did not hold what it would have needed."""
        if isinstance(node, Condition):
            return self._condition(node, verdict, asking=asking)
        negated = isinstance(node, None_)
        said = [self._read(child, part, asking=asking and not negated) for child, part in _telling(node, verdict)]
        against = " (must not be so)" if negated and not verdict.held else ""
        return f"{', '.join(said) or 'nothing asked'}{against}"

    def _condition(self, condition: Condition, verdict: Verdict, *, asking: bool) -> str:
        asking = asking and not verdict.held
        remembered = (id(condition), verdict.value, asking)
        if remembered not in self._said:
            needs = f" (needs {needed(condition)})" if asking else ""
            self._said[remembered] = f"{self._seen(condition, verdict.value)}{needs}"
        return self._said[remembered]

    def _seen(self, condition: Condition, value: float | str | None) -> str:
        known = condition.spec.describe(value, self.names)
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
