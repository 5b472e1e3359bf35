"""What the templates of the builders need: draft and choices, how it reads, what looks wrong, whom it holds for."""

from typing import Any

from django.utils import timezone

from signals.forms import matches, named_values, rule
from signals.forms.doubts import Installation, add_doubts, read_installation
from signals.forms.kinds import choice_options, kind_options, operator_options, parameters, part_options
from signals.forms.match_doubts import add_match_doubts
from signals.forms.offers import add_offers
from signals.models import Category, ScoringModel, Segment, Signal, Source
from signals.rules.describe import describe_rule
from signals.rules.message_types import MESSAGE_TYPES
from signals.rules.tree import parse_rule
from signals.scoring.rule_preview import RulePreview, named_accounts, preview_of
from signals.vocabulary.known import MOST_NAMES, EventsAsked, known_events
from signals.vocabulary.spoken import named_in_rules, names_in_rules

OUTCOME_WORDS = {"true": "true for", "false": "false for", "unknown": "unknown for"}


def rule_context(prefix: str, draft: rule.Group, *, show_errors: bool = False) -> dict[str, Any]:
    """The whole builder. Accounts are measured only where somebody asked: htmx, or the buttons, do."""
    context = reading_context(prefix, draft, show_errors=show_errors, measured=draft.asked is not None)
    names = signal_names()
    for node in rule.walk(draft):
        if isinstance(node, rule.ConditionFields):
            for measure in (node, *(part for _, _, part in node.drawn_parts)):
                measure.signal_words = ", ".join(names.get(slug, slug) for slug in measure.signals)
                measure.closing_words = ", ".join(names.get(slug, slug) for slug in measure.closing)
    here: Installation = context["here"]
    return context | {
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
        "attributes": here.traits.offered(here.traits.companies),
        "traits": here.traits.offered(here.traits.people),
        "models": list(ScoringModel.objects.values_list("kind", "name")),
        "segments": list(Segment.objects.values_list("slug", "name")),
    }


def reading_context(
    prefix: str, draft: rule.Group, *, show_errors: bool = False, measured: bool = True
) -> dict[str, Any]:
    """The sentence, or what keeps it from being one; what looks wrong; and where `measured`, whom it holds for."""
    named = named_in_rules()
    whole, names = check_rule(draft, named), names_in_rules(named)
    here = read_installation(names, timezone.now())
    preview = preview_of(parse_rule(rule.to_json(draft)), now=timezone.now()) if whole and measured else None
    add_doubts(draft, here, preview)
    add_offers(draft, here.traits, here.kept, preview)
    nodes = list(rule.walk(draft))
    return {
        "prefix": prefix,
        "root": draft,
        "whole": whole,
        "show_errors": show_errors,
        "nodes": nodes,
        "here": here,
        "plays": named.get("play", []),
        "doubtful": sum(len(node.doubts) for node in nodes),
        "reading": describe_rule(parse_rule(rule.rule_json(draft)), names) if whole else "",
        **(who_context(prefix, preview, draft.asked, names) if preview else {}),
    }


def who_context(prefix: str, preview: RulePreview, asked: rule.Asked | None, names: dict[str, str]) -> dict[str, Any]:
    """For how many accounts a rule comes out true, false and unknown, and by name those that were asked for."""
    counts, who = preview.counts(), None
    if asked and asked.outcome:
        who = named_accounts(preview, asked.outcome, names, page=asked.page, named=asked.named)
    return {
        "prefix": prefix,
        "match": counts,
        "outcomes": [(outcome, words, counts.of(outcome)) for outcome, words in OUTCOME_WORDS.items()],
        "asked": asked,
        "who": who,
    }


def check_rule(draft: rule.Group, named: named_values.Named) -> bool:
    """Whether the draft is a rule here; where it is not, its nodes say why. `named`: what is compared by name."""
    models = dict(ScoringModel.objects.values_list("kind", "name"))
    named_values.settle(draft, named)
    whole = rule.checked(draft, signals=set(signal_names()))
    named_values.check(draft, models, named)
    return whole and not rule.errors(draft)


def signal_names() -> dict[str, str]:
    return dict(Signal.objects.values_list("slug", "name"))


def signals_by_category() -> list[tuple[str, list[tuple[str, str]]]]:
    found: dict[str, list[tuple[str, str]]] = {name: [] for name in Category.objects.values_list("name", flat=True)}
    for category, slug, name in Signal.objects.values_list("category__name", "slug", "name"):
        found[category].append((slug, name))
    return [(category, signals) for category, signals in found.items() if signals]


def matches_context(prefix: str, draft: matches.Matches, *, show_errors: bool = False) -> dict[str, Any]:
    sources = dict(Source.objects.values_list("id", "name"))
    whole = matches.checked(draft)
    add_match_doubts(draft)
    return {
        "prefix": prefix,
        "draft": draft,
        "whole": whole,
        "show_errors": show_errors,
        "event_kinds": [each.name for each in MESSAGE_TYPES],
        "event_operators": matches.OPERATORS,
        "sources": sources,
        "event_names": known_events(EventsAsked())[:MOST_NAMES],
        "reading": matches.described(draft, sources),
    }
