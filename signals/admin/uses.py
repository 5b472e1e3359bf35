"""Which rules speak of a signal: asked before it goes."""

from collections.abc import Iterator
from typing import Any

from signals.models import ScoringModelVersion, Segment, Trigger
from signals.rules.tree import RuleError, parse_rule, specs_of


def _speaks_of(rule: Any, slug: str) -> bool:
    try:
        return any(slug in spec.signals_needed() for spec in specs_of(parse_rule(rule)))
    except RuleError:
        return False


def _rules() -> Iterator[tuple[str, Any]]:
    versions = ScoringModelVersion.objects.exclude(state="retired").select_related("scoring_model")
    for version in versions:
        for criterion in version.criteria:
            yield f"{version.scoring_model.name} v{version.number}: {criterion.get('name')}", criterion.get("rule")
    for trigger in Trigger.objects.all():
        yield f"Trigger: {trigger.name}", trigger.rule
    for segment in Segment.objects.all():
        yield f"Segment: {segment.name}", segment.rule


def uses_of_signal(slug: str) -> list[str]:
    """The criteria, triggers and segments whose rule names this signal, in words."""
    return [words for words, rule in _rules() if _speaks_of(rule, slug)]
