"""Where signals, segments and facts are in use: asked before one goes."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from signals.measures.specs import Spec
from signals.models import ScoringModelVersion, Segment, Trigger
from signals.rules.tree import RuleError, parse_rule, specs_of


@dataclass(frozen=True, slots=True)
class Use:
    """A place that speaks of something, and the page on which it can be changed."""

    words: str
    address: str

    @property
    def link(self) -> SafeString:
        return format_html('<a href="{}">{}</a>', self.address, self.words)


# What the apps further down use of a segment and of a fact, by slug: they add to it when their admin is loaded.
SEGMENT_USES: list[Callable[[str], Iterable[Use]]] = []
FACT_USES: list[Callable[[str], Iterable[Use]]] = []


def uses_of_signal(slug: str) -> list[str]:
    """The criteria, triggers and segments whose rule names this signal, in words."""
    return [use.words for use, rule in _rules() if _has(rule, lambda spec: slug in spec.signals_needed())]


def uses_of_segment(slug: str) -> list[Use]:
    """Every rule that asks for this segment, and what else looks at it."""
    rules = (use for use, rule in _rules() if _has(rule, lambda spec: slug in _segments_of(spec)))
    return [*rules, *(use for more in SEGMENT_USES for use in more(slug))]


def uses_of_fact(slug: str) -> list[Use]:
    """Every text that speaks of this fact."""
    return [use for more in FACT_USES for use in more(slug)]


def _segments_of(spec: Spec) -> set[str]:
    inner = [part for part in (spec.one, spec.other) if part is not None]
    return {spec.segment or ""}.union(*(_segments_of(part) for part in inner)) - {""}


def _has(rule: Any, wanted: Callable[[Spec], bool]) -> bool:
    try:
        return any(wanted(spec) for spec in specs_of(parse_rule(rule)))
    except RuleError:
        return False


def _rules() -> Iterator[tuple[Use, Any]]:
    versions = ScoringModelVersion.objects.exclude(state="retired").select_related("scoring_model")
    for version in versions:
        address = reverse("admin:signals_scoringmodelversion_change", args=[version.pk])
        for criterion in version.criteria:
            words = f"{version.scoring_model.name} v{version.number}: {criterion.get('name')}"
            yield Use(words, address), criterion.get("rule")
    for trigger in Trigger.objects.all():
        address = reverse("admin:signals_trigger_change", args=[trigger.pk])
        yield Use(f"Trigger: {trigger.name}", address), trigger.rule
    for segment in Segment.objects.all():
        address = reverse("admin:signals_segment_change", args=[segment.pk])
        yield Use(f"Segment: {segment.name}", address), segment.rule
