"""Values and names that arrived, offered where they can be typed; by lists that need no script."""

from collections.abc import Mapping, Sequence

from signals.forms import rule, typed
from signals.forms.kinds import LISTS
from signals.scoring.rule_preview import RulePreview
from signals.vocabulary.known import MOST_VALUES, KnownName, KnownTraits


def add_offers(
    draft: rule.Group, traits: KnownTraits, kept: Mapping[str, Sequence[str]], preview: RulePreview | None
) -> None:
    """Beside each condition the values of its trait, and the properties of its signals."""
    for node in rule.walk(draft):
        if isinstance(node, rule.ConditionFields):
            _offer(node, traits, kept, preview)


def _offer(
    node: rule.ConditionFields, traits: KnownTraits, kept: Mapping[str, Sequence[str]], preview: RulePreview | None
) -> None:
    kind = node.fields.get("kind", "")
    if kind == "attribute":
        known = traits.companies.get(node.fields.get("key", "").strip())
        node.value_offers = _listed(_values(known, preview, of_people=False), node.fields, "value")
    elif kind == "person_attribute":
        known = traits.people.get(node.fields.get("trait", "").strip())
        node.value_offers = _listed(_values(known, preview, of_people=True), node.fields, "value")
    elif kind == "people_with":
        known = traits.people.get(node.fields.get("trait", "").strip())
        node.value_offers = _in_a_list(_values(known, preview, of_people=True), node.fields.get("values", ""))
    elif kind == "new_members":
        node.value_offers = list(dict.fromkeys(["admin", *_values(traits.people.get("role"), preview, of_people=True)]))
    for measure in (node, *node.parts.values()):
        chosen = [kept.get(slug, ()) for slug in (*measure.signals, *measure.closing)] or list(kept.values())
        measure.property_offers = sorted({each for properties in chosen for each in properties})


def _values(known: KnownName | None, preview: RulePreview | None, *, of_people: bool) -> list[str]:
    if known is None:
        return []
    today = preview.values(known.name, of_people=of_people).words if preview else ()
    return list(dict.fromkeys([*known.samples, *today]))[:MOST_VALUES]


def _listed(values: list[str], fields: Mapping[str, str], name: str) -> list[str]:
    return _in_a_list(values, fields.get(name, "")) if fields.get("op") in LISTS else values


def _in_a_list(values: list[str], text: str) -> list[str]:
    """What was typed before the last comma, with one value more: a browser compares the whole of a field."""
    before = typed.words(text.rpartition(",")[0])
    return [typed.shown([*before, value]) for value in values if value not in before]
