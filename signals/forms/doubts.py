"""What looks wrong in a rule as it was typed, beside the condition where it stands. It keeps nobody from saving."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings

from plgcrm.common.text import listed, plural
from signals.forms import rule, typed
from signals.forms.kinds import LISTS, WITHOUT_VALUE
from signals.forms.value_doubts import value_doubts
from signals.measures.checks import InputError
from signals.measures.kinds import ACTIVITY, SEGMENT
from signals.measures.specs import Spec, parse_spec
from signals.measures.words import CATEGORY, Names
from signals.measures_load import day_number
from signals.models import SignalDefinition
from signals.rules.contradictions import doubts_between
from signals.rules.doubts import Doubt, meant
from signals.rules.tree import Condition, parse_rule
from signals.rules.typed_amounts import amount_doubt, unit_of
from signals.scoring.live import live
from signals.scoring.rule_preview import RulePreview, constant_of
from signals.vocabulary.applied import Vocabulary
from signals.vocabulary.known import KnownName, KnownTraits, kept_properties, known_traits
from signals.vocabulary.waiting import waiting_for, words_of

SECONDS_A_DAY = 86_400
DAYS_A_MONTH = 30
SAYS = {
    "true": "True for {}: it tells none of them apart.",
    "false": "False for {}.",
    "unknown": "Unknown for {}.",
}


@dataclass(frozen=True, slots=True)
class Installation:
    """What rules may ask for here, read once for a draft."""

    vocabulary: Vocabulary
    traits: KnownTraits
    kept: Mapping[str, list[str]]  # signal -> properties
    counting: frozenset[str]  # signals whose history is being counted
    names: Names
    today: int


def read_installation(names: Names, now: datetime) -> Installation:
    """As it is now, from names alone: no account and no event is read."""
    vocabulary = live().vocabulary
    counting = SignalDefinition.objects.filter(state=SignalDefinition.State.COUNTING)
    slugs = frozenset(counting.values_list("signal__slug", flat=True))
    return Installation(vocabulary, known_traits(vocabulary), kept_properties(), slugs, names, day_number(now))


def add_doubts(draft: rule.Group, here: Installation, preview: RulePreview | None) -> None:
    """Beside each node what looks wrong; what today's accounts say of it only where they were measured."""
    for node in rule.walk(draft):
        if isinstance(node, rule.ConditionFields):
            node.doubts = list(_of_condition(node, here, preview))
    if not rule.errors(draft):
        for place, doubt in doubts_between(parse_rule(rule.to_json(draft)), here.names).items():
            next(node for node in rule.walk(draft) if node.place == place).doubts.append(doubt)
    if preview is not None:
        _add_constants(draft, preview, here)


def _add_constants(node: rule.Node, preview: RulePreview, here: Installation) -> bool:
    """Say where a part is the same for everybody, unless something that is said of it or of its parts explains it.

    Gives whether anything is said there now.
    """
    said = [_add_constants(child, preview, here) for child in node.children] if isinstance(node, rule.Group) else []
    words = _constant_words(preview, node.place)
    if words and isinstance(node, rule.ConditionFields) and node.fields.get("kind") == SEGMENT:
        words += _waiting_words(node.fields.get("segment", ""), here)
    if words and not any(said) and not node.doubts:
        node.doubts.append(Doubt(words))
    return any(said) or bool(node.doubts)


def _constant_words(preview: RulePreview, place: str) -> str:
    counts = preview.counts(place)
    if constant := constant_of(preview, place):
        return SAYS[constant].format("the only account" if counts.total == 1 else f"all {counts.total:,} accounts")
    if counts.total and not counts.true:
        return (
            f"True for none of {counts.total:,} accounts: false for {counts.false:,}, unknown for {counts.unknown:,}."
        )
    return ""


def _waiting_words(segment: str, here: Installation) -> str:
    """What a segment waits for, where that keeps it from being true of anybody."""
    inside = here.vocabulary.segments.get(segment)
    if inside is None:
        return ""
    missing = [words_of(spec, here.vocabulary, here.names) for spec in waiting_for(inside, here.vocabulary)]
    return f" The segment waits for {listed(list(dict.fromkeys(missing)))}." if missing else ""


def _of_condition(node: rule.ConditionFields, here: Installation, preview: RulePreview | None) -> Iterator[Doubt]:
    try:
        spec = parse_spec(rule.measure_json(node))
    except InputError:
        return
    for slot, part in _parts(spec):
        for doubt in (*_of_signals(part, here), *_of_names(part, here), *_of_window(part, here)):
            yield replace(doubt, field=f"{slot}:{doubt.field}") if slot and doubt.field else doubt
    if node.fields.get("op") not in WITHOUT_VALUE and spec.kind != SEGMENT:
        yield from _of_amounts(node, spec, here)
    if preview is not None and not node.error:
        condition = parse_rule(rule.to_json(node))
        if isinstance(condition, Condition):
            yield from value_doubts(condition, preview, here.traits)


def _parts(spec: Spec) -> list[tuple[str, Spec]]:
    """The measure itself, or the two that it is made of."""
    two = [(slot, part) for slot, part in (("one", spec.one), ("other", spec.other)) if part is not None]
    return two or [("", spec)]


# Signals


def _of_signals(spec: Spec, here: Installation) -> Iterator[Doubt]:
    slugs = [one for signal in (*spec.signals, *spec.closing) for one in _expanded(signal, here.vocabulary)]
    unheard = {slug: _why_unheard(slug, here) for slug in dict.fromkeys(slugs)}
    silent = {slug: why for slug, why in unheard.items() if why}
    whole = len(silent) == len(unheard) or not {*spec.closing}.isdisjoint(silent)
    end = "so this is unknown for everybody." if whole else "so it adds nothing here."
    for slug, why in silent.items():
        yield Doubt(f"{_signal_name(slug, here)} {why}, {end}")


def _expanded(signal: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    if signal.startswith(CATEGORY):
        return vocabulary.groups.get(signal.removeprefix(CATEGORY), ())
    return (signal,)


def _signal_name(slug: str, here: Installation) -> str:
    return "Activity" if slug == ACTIVITY else f"“{here.names.get(slug, slug)}”"


def _why_unheard(slug: str, here: Installation) -> str:
    if slug not in here.vocabulary.definitions:
        return "is still being counted" if slug in here.counting else "is not mapped to any event yet"
    return "has never happened here" if slug in here.vocabulary.silent else ""


# Names of traits and properties


def _of_names(spec: Spec, here: Installation) -> Iterator[Doubt]:
    for field, name in (("key", spec.attribute), ("used", spec.used), ("limit", spec.limit)):
        if name is not None:
            yield from _of_trait(field, name, here.traits, of_people=False)
    if spec.trait is not None:
        yield from _of_trait("trait", spec.trait, here.traits, of_people=True)
    if spec.prop is not None:
        yield from _of_property(spec, here)


def _of_trait(field: str, name: str, traits: KnownTraits, *, of_people: bool) -> Iterator[Doubt]:
    own, others = (traits.people, traits.companies) if of_people else (traits.companies, traits.people)
    if name in traits.terms:
        yield from _of_term(name, traits)
    elif name in others and name not in own:
        whose = "Companies, not people, have" if of_people else "People, not companies, have"
        instead = "“Attribute”" if of_people else "“Latest trait of a person” or “People with a trait”"
        yield Doubt(f"{whose} {name} here: measure {instead} instead.")
    elif name not in own:
        near = meant(f"Nobody has sent {name} here.", field, name, [each.name for each in traits.offered(own)])
        yield near if near.field else Doubt(f"Nobody has sent {name} here, so this is unknown for everybody.")


def _of_term(name: str, traits: KnownTraits) -> Iterator[Doubt]:
    label = next((of[name].label for of in (traits.companies, traits.people) if name in of and of[name].label), name)
    if not traits.terms[name]:
        yield Doubt(f"“{label}” is not mapped to a trait yet, so this is unknown for everybody. See Vocabulary.")
    elif name not in traits.said:
        sent = listed(list(dict.fromkeys(traits.terms[name])), "or")
        yield Doubt(f"Nobody has sent {sent}, which is “{label}” here, so this is unknown for everybody.")


def _of_property(spec: Spec, here: Installation) -> Iterator[Doubt]:
    for slug in dict.fromkeys((*spec.signals, *spec.closing)):
        kept = here.kept.get(slug, [])
        name = _signal_name(slug, here)
        if kept and spec.prop not in kept:
            yield meant(f"{name} has no property {spec.prop} here.", "property", spec.prop or "", kept)
        elif not kept:
            yield Doubt(f"No property of {name} is mapped, so this is unknown for everybody. See Vocabulary.")


# Windows and amounts


def _of_window(spec: Spec, here: Installation) -> Iterator[Doubt]:
    if spec.days is None or not spec.signals:
        return
    back = spec.days * spec.definition.windows_back
    months = settings.EVENT_RETENTION_MONTHS
    if back > months * DAYS_A_MONTH:
        yield Doubt(f"Events are kept for {plural(months, 'month')}: what is older may be missing in {spec.days} days.")
    since = [here.vocabulary.since[slug] for slug in spec.signals if slug in here.vocabulary.since]
    heard = here.today - max(since) // SECONDS_A_DAY + 1 if since else back
    if heard < back and not spec.start:
        listened = plural(max(heard, 0), "day")
        yield Doubt(f"We have listened for {listened} only: over {plural(back, 'day')} there may have been more.")


def _of_amounts(node: rule.ConditionFields, spec: Spec, here: Installation) -> Iterator[Doubt]:
    op, text = node.fields.get("op", ""), node.fields.get("value", "")
    trait = here.traits.people.get(spec.trait) if spec.trait else here.traits.companies.get(spec.attribute or "")
    unit = unit_of(spec, _reading(trait))
    for field, each in [("value", text)] + ([("upto", node.fields.get("upto", ""))] if op == "between" else []):
        for word in typed.words(each) if op in LISTS else [each]:
            doubt = amount_doubt(word, spec.kind, unit, settings.CURRENCY)
            if doubt is not None and doubt.field:
                doubt = Doubt(doubt.words) if op in LISTS else replace(doubt, field=field)
            if doubt is not None:
                yield doubt


def _reading(trait: KnownName | None) -> str:
    return trait.reading if trait else ""
