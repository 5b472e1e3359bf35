"""What the templates of the builders need: the draft, the choices, and how it reads."""

from typing import Any

from accounts.models import AttributeKey
from plgcrm.common.cache import Remembered
from signals.forms import matches, named_values, rule
from signals.forms.kinds import choice_options, kind_options, operator_options, parameters, part_options
from signals.models import Category, EventName, ScoringModel, Segment, Signal, SignalDefinition, Source
from signals.rules.describe import describe_rule
from signals.rules.message_types import MESSAGE_TYPES
from signals.rules.tree import RuleError, parse_rule
from signals.vocabulary.spoken import named_in_rules, names_in_rules

MOST_NAMES = 500


def rule_context(prefix: str, draft: rule.Group, *, show_errors: bool = False) -> dict[str, Any]:
    names = signal_names()
    for node in rule.walk(draft):
        if isinstance(node, rule.ConditionFields):
            for measure in (node, *(part for _, _, part in node.drawn_parts)):
                measure.signal_words = ", ".join(names.get(slug, slug) for slug in measure.signals)
                measure.closing_words = ", ".join(names.get(slug, slug) for slug in measure.closing)
    return reading_context(prefix, draft, show_errors=show_errors) | {
        "joins": rule.JOINS,
        "kinds": kind_options(),
        "part_kinds": part_options(),
        "operators": operator_options(),
        "of_options": choice_options(parameters()["of"]),
        "agg_options": choice_options(parameters()["agg"]),
        "from_options": choice_options(parameters()["from"]),
        "match_options": choice_options(parameters()["match"]),
        "categories": signals_by_category(),
        "signal_slugs": set(names),
        "attributes": attribute_names(),
        "properties": property_names(),
        "plays": named_in_rules().get("play", []),
        "models": list(ScoringModel.objects.values_list("kind", "name")),
        "segments": list(Segment.objects.values_list("slug", "name")),
    }


def reading_context(prefix: str, draft: rule.Group, *, show_errors: bool = False) -> dict[str, Any]:
    """The sentence, or what keeps it from being one."""
    whole = check_rule(draft)
    return {
        "prefix": prefix,
        "root": draft,
        "whole": whole,
        "show_errors": show_errors,
        "nodes": list(rule.walk(draft)),
        "reading": describe_json(rule.rule_json(draft)) if whole else "",
    }


def check_rule(draft: rule.Group) -> bool:
    """Whether the draft is a rule here; where it is not, its nodes say why."""
    names, named = dict(ScoringModel.objects.values_list("kind", "name")), named_in_rules()
    named_values.settle(draft, named)
    whole = rule.checked(draft, signals=set(signal_names()))
    named_values.check(draft, names, named)
    return whole and not rule.errors(draft)


_NAMES = Remembered[dict[str, str]](seconds=1)


def describe_json(value: object) -> str:
    """A stored rule as a sentence; one that does not parse any more says so."""
    try:
        return describe_rule(parse_rule(value), _NAMES.get(names_in_rules))  # once for a whole list
    except RuleError as error:
        return f"This rule cannot be read: {error}"


def signal_names() -> dict[str, str]:
    return dict(Signal.objects.values_list("slug", "name"))


def signals_by_category() -> list[tuple[str, list[tuple[str, str]]]]:
    found: dict[str, list[tuple[str, str]]] = {name: [] for name in Category.objects.values_list("name", flat=True)}
    for category, slug, name in Signal.objects.values_list("category__name", "slug", "name"):
        found[category].append((slug, name))
    return [(category, signals) for category, signals in found.items() if signals]


def property_names() -> list[str]:
    """The properties of events whose numbers or cases are kept."""
    kept = SignalDefinition.objects.exclude(state=SignalDefinition.State.RETIRED).values_list("values", "cases")
    return sorted({slug for values, cases in kept for slug in (*values, *cases)})


def attribute_names() -> list[str]:
    """What can stand as an attribute: traits seen so far."""
    return list(AttributeKey.objects.order_by("name").values_list("name", flat=True)[:MOST_NAMES])


def matches_context(prefix: str, draft: matches.Matches, *, show_errors: bool = False) -> dict[str, Any]:
    sources = dict(Source.objects.values_list("id", "name"))
    names = EventName.objects.order_by("name").values_list("name", flat=True).distinct()
    return {
        "prefix": prefix,
        "draft": draft,
        "whole": matches.checked(draft),
        "show_errors": show_errors,
        "event_kinds": [each.name for each in MESSAGE_TYPES],
        "event_operators": matches.OPERATORS,
        "sources": sources,
        "event_names": list(names[:MOST_NAMES]),
        "reading": matches.described(draft, sources),
    }
