"""Values that have names: a tier, an owner, an outcome. Typed by name and kept by what never changes."""

from collections.abc import Mapping, Sequence

from signals.forms import rule, typed
from signals.forms.kinds import LISTS, fields_of

Named = Mapping[str, Sequence[tuple[str, str]]]  # `tier:<model>` or a kind: what is kept, and its name


def settle(draft: rule.Group, named: Named) -> None:
    """Put what is kept in the place of names. What is no name stays as it was typed, for `check` to say."""
    for node in _asking(draft, named):
        kept = {name.casefold(): value for value, name in named[_key(node)]}
        kept |= {value.casefold(): value for value in kept.values()}
        node.fields["value"] = typed.shown([kept.get(word.casefold(), word) for word in _words(node)])


def check(draft: rule.Group, models: Mapping[str, str], named: Named) -> None:
    """Name a model or a value that is not there, beside its condition. `models`: the name of each."""
    for node in rule.walk(draft):
        asked = node.fields.get("model", "") if isinstance(node, rule.ConditionFields) else ""
        if isinstance(node, rule.ConditionFields) and _takes_model(node) and asked and asked not in models:
            node.error = f"There is no scoring model “{asked}”. Choose one from the list."
    for node in _asking(draft, named):
        known = dict(named[_key(node)])
        if wrong := [word for word in _words(node) if word not in known]:
            node.error = f"“{wrong[0]}” is not one of them. Choose from: {', '.join(known.values())}."


def _takes_model(node: rule.ConditionFields) -> bool:
    return any(field.type == "model" for field in fields_of(node.fields.get("kind", "")))


def _key(node: rule.ConditionFields) -> str:
    kind = node.fields.get("kind", "")
    return f"tier:{node.fields.get('model', '')}" if kind == "tier" else kind


def _asking(draft: rule.Group, named: Named) -> list[rule.ConditionFields]:
    """The conditions that compare with names."""
    conditions = (node for node in rule.walk(draft) if isinstance(node, rule.ConditionFields))
    return [node for node in conditions if _key(node) in named and node.fields.get("op") in ("=", "!=", *LISTS)]


def _words(node: rule.ConditionFields) -> list[str]:
    text = node.fields.get("value", "").strip()
    return typed.words(text) if node.fields.get("op") in LISTS else [text] * bool(text)
