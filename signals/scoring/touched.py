"""What a change of the configuration touches: rules, with all that their answer depends on, before and after."""

from dataclasses import dataclass
from typing import Any

from signals.measures.specs import Spec
from signals.measures.words import CATEGORY
from signals.rules.derived import MODEL, Definitions, ModelRules, Source, in_order, sources_in
from signals.rules.tree import Node, specs_of
from signals.scoring.live import Live
from signals.vocabulary.applied import PLAN_KIND, Vocabulary


@dataclass(frozen=True, slots=True)
class WantedMeasures:
    """What somebody would like to know of each account."""

    triggers: frozenset[str]
    segments: frozenset[str]
    specs: frozenset[Spec]


def touched_of(lives: tuple[Live, Live], wanted: WantedMeasures) -> WantedMeasures:
    """What of the wanted may come out otherwise. The rest is the same for every account."""
    before, after = lives
    rules = [{trigger.slug: trigger.rule for trigger in live.triggers} for live in lives]
    segments = [live.vocabulary.segments for live in lives]
    return WantedMeasures(
        frozenset(s for s in wanted.triggers if _differs(before, after, rules[0].get(s), rules[1].get(s))),
        frozenset(s for s in wanted.segments if _differs(before, after, segments[0].get(s), segments[1].get(s))),
        frozenset(s for s in wanted.specs if reads(s, before.vocabulary) != reads(s, after.vocabulary)),
    )


def _differs(before: Live, after: Live, first: Node | None, second: Node | None) -> bool:
    return _all_of(first, before) != _all_of(second, after)


def _all_of(rule: Node | None, live: Live) -> tuple[Any, ...]:
    """A rule with all that its answer depends on: equal means that no account can answer otherwise."""
    if rule is None:
        return ()
    rules, specs = live.vocabulary.definitions_of_rules, specs_of(rule)
    sources = in_order(sources_in(specs), rules)
    read = [spec for source in sources for spec in rules.specs(source)]
    behind = tuple((source, stands(source, rules)) for source in sources)
    return (rule, behind, tuple(reads(spec, live.vocabulary) for spec in (*specs, *read)))


def stands(source: Source, rules: Definitions) -> Node | ModelRules | None:
    """What a segment or a model says; None where there is none of that name."""
    if not rules.has(source):
        return None
    return rules.models[source.slug] if source.what == MODEL else rules.segments[source.slug]


def reads(spec: Spec, vocabulary: Vocabulary) -> tuple[Any, ...]:
    """What a measure reads of the vocabulary: where that is equal, so is the measure."""
    signals = [one for signal in spec.signals_needed() for one in _members_of(signal, vocabulary)]
    names = (*spec.attributes_needed(), *spec.traits_needed())
    keys = vocabulary.keys or {}
    return (
        spec,
        tuple((s, vocabulary.definitions.get(s), vocabulary.since.get(s), s in vocabulary.silent) for s in signals),
        tuple((n, vocabulary.meanings.get(n), keys.get("plan" if n == PLAN_KIND else n)) for n in names),
        vocabulary.admin_roles if spec.role else (),
        # Since when we listen at all decides what is known of sign-ups.
        min(vocabulary.since.values(), default=None),
    )


def _members_of(signal: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    return vocabulary.groups.get(signal.removeprefix(CATEGORY), ()) if signal.startswith(CATEGORY) else (signal,)
