"""A rule as a form: the tree of what was typed, kept whether or not it makes sense yet.

Each node posts its place (`0.1 condition`) under `<prefix>:node`, and its fields under `<prefix>:<place>:<field>`,
so that a page without JavaScript can add and remove nodes and lose nothing.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.utils.datastructures import MultiValueDict

from plgcrm.common.text import short_number
from signals.forms import typed
from signals.forms.kinds import LISTS, PART_WORDS, WITHOUT_VALUE, fields_of, parameters
from signals.measures.kinds import KINDS, SEGMENT, Field, is_share
from signals.rules.doubts import Doubt
from signals.rules.tree import RuleError, parse_rule

JOINS = {"all": "all of", "any": "any of", "none": "none of", "any_known": "any known of"}
ROOT = "0"
MOST_NODES = 200
OUTCOMES = ("true", "false", "unknown")
COMPARED = ("op", "value", "upto", "unknown", "member")
LONGEST_NAME = 100


Posted = MultiValueDict[str, Any]  # a QueryDict, or what a test makes one of


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to know of a rule as typed: how many, and by name those for whom it is so."""

    outcome: str = ""  # true, false or unknown; "" for the numbers alone
    page: int = 1
    named: str = ""  # only accounts with this in their name

    @property
    def text(self) -> str:
        return f"{self.outcome} {self.page}" if self.outcome else ""


@dataclass(slots=True)
class MeasureFields:
    """`fields` as typed: kind, days, key, …; a measure of two has each of them under the parameter's name."""

    fields: dict[str, str] = field(default_factory=dict)
    signals: list[str] = field(default_factory=list)
    closing: list[str] = field(default_factory=list)
    parts: dict[str, "MeasureFields"] = field(default_factory=dict)
    property_offers: list[str] = field(default_factory=list)
    signal_words: str = ""  # the names of the chosen signals, for the page
    closing_words: str = ""

    @property
    def values_text(self) -> str:
        """In a template the name alone would mean the values of the dict."""
        return self.fields.get("values", "")

    @property
    def unknown_kind(self) -> bool:
        return bool(self.fields.get("kind")) and self.fields["kind"] not in KINDS


@dataclass(slots=True)
class ConditionFields(MeasureFields):
    """A measure with op, value and upto; `error` says what is wrong with them, `doubts` what looks so."""

    error: str = ""
    place: str = ""
    doubts: list[Doubt] = field(default_factory=list)
    value_offers: list[str] = field(default_factory=list)  # values that arrived, for the page
    is_group: ClassVar[bool] = False

    @property
    def blank(self) -> bool:
        return not self.fields.get("kind")

    @property
    def drawn_parts(self) -> list[tuple[str, str, MeasureFields]]:
        """The measures that its kind is made of: parameter, the word before it, and what was typed."""
        slots = [parameter.name for parameter in fields_of(self.fields.get("kind", "")) if parameter.type == "measure"]
        return [(slot, PART_WORDS[slot], self.parts.setdefault(slot, MeasureFields({"days": "30"}))) for slot in slots]

    @property
    def anchor(self) -> str:
        return self.place.replace(".", "-")


@dataclass(slots=True)
class Group:
    join: str = "all"
    children: list["Group | ConditionFields"] = field(default_factory=list)
    error: str = ""
    place: str = ROOT
    doubts: list[Doubt] = field(default_factory=list)
    asked: Asked | None = None  # of the whole rule: what to count and whom to name
    is_group: ClassVar[bool] = True
    blank: ClassVar[bool] = False

    @property
    def anchor(self) -> str:
        return self.place.replace(".", "-")


Node = Group | ConditionFields
TYPED = ("kind", *(name for name, each in parameters().items() if each.type not in ("signals", "measure")))
MEMBER = {"yes": ("=", 1), "no": ("=", 0)}  # how a rule asks whether an account is in a segment
PARTS = tuple(name for name, each in parameters().items() if each.type == "measure")


# From JSON and back


def from_json(tree: object) -> Group:
    """The draft of a stored rule; a rule of one condition stands in a group of its own."""
    node = _from_json(tree) if tree else Group()
    return placed(node if isinstance(node, Group) else Group(children=[node]))


def _from_json(tree: Any) -> Node:
    if not isinstance(tree, dict):
        return ConditionFields()
    for join in JOINS:
        if join in tree:
            return Group(join, [_from_json(child) for child in tree[join]])
    return _condition_from_json(tree)


def _condition_from_json(tree: dict[str, Any]) -> ConditionFields:
    measure = _measure_from_json(tree.get("measure"))
    share = is_share(measure.fields.get("kind", ""))
    fields = measure.fields | {"op": str(tree.get("op", "")), "unknown": str(tree.get("unknown", ""))}
    value = tree.get("value")
    if fields["op"] == "between" and isinstance(value, list) and len(value) == 2:
        fields |= {"value": typed.shown(value[0], share=share), "upto": typed.shown(value[1], share=share)}
    else:
        fields["value"] = typed.shown(value, share=share)
    if fields.get("kind") == SEGMENT:
        fields["member"] = next((word for word, compared in MEMBER.items() if compared == (fields["op"], value)), "")
    return ConditionFields(fields, measure.signals, measure.closing, measure.parts)


def _measure_from_json(tree: Any) -> MeasureFields:
    spec = dict(tree or {}) if isinstance(tree, dict | None) else {}
    signals, closing = ([str(slug) for slug in spec.pop(name, None) or []] for name in ("signals", "closing"))
    parts = {name: _measure_from_json(spec.pop(name)) for name in PARTS if name in spec}
    fields = {name: typed.shown(value) for name, value in spec.items()}
    return MeasureFields(fields, [slug for slug in signals if slug != "activity"], closing, parts)


def to_json(node: Node) -> dict[str, Any]:
    """What the draft says, whether or not it is a rule: what does not fit is left for the parser to name."""
    if isinstance(node, ConditionFields):
        return _condition_to_json(node)
    return {node.join: [to_json(child) for child in node.children]}


def _condition_to_json(node: ConditionFields) -> dict[str, Any]:
    tree: dict[str, Any] = {"measure": measure_json(node), "op": node.fields.get("op", "")}
    if tree["op"] not in WITHOUT_VALUE:
        tree["value"] = _value(node, tree["op"])
    if node.fields.get("kind") == SEGMENT and node.fields.get("member") in MEMBER:
        tree["op"], tree["value"] = MEMBER[node.fields["member"]]
    if node.fields.get("unknown") == "no" and tree["op"] not in WITHOUT_VALUE:
        tree["unknown"] = "no"
    return tree


def measure_json(node: MeasureFields) -> dict[str, Any]:
    """The measure as it would be stored, whether or not it can be read."""
    kind = node.fields.get("kind", "")
    spec: dict[str, Any] = {"kind": kind}
    for parameter in fields_of(kind):
        value = _parameter(node, parameter)
        if value not in ("", [], None):
            spec[parameter.name] = value
    return spec


def _parameter(node: MeasureFields, parameter: Field) -> Any:
    """Its value; empty where there is none."""
    if parameter.type == "signals":
        return node.closing if parameter.name == "closing" else node.signals
    if parameter.type == "measure":
        part = node.parts.get(parameter.name, MeasureFields())
        return measure_json(part) if part.fields.get("kind") else None
    text = node.fields.get(parameter.name, "").strip()
    if parameter.type == "texts":
        return typed.words(text)
    return typed.number(text) if parameter.type in {"days", "whole"} else text


def _value(node: ConditionFields, op: str) -> Any:
    text = node.fields.get("value", "")
    if op == "between":
        return [typed.number(text), typed.number(node.fields.get("upto", ""))]
    if op in LISTS:
        return [typed.number(word) for word in typed.words(text)]
    return text.strip() if op == "contains" else typed.number(text)


def rule_json(draft: Group) -> dict[str, Any]:
    """The rule to store: a single condition needs no group around it."""
    if draft.join in ("all", "any") and len(draft.children) == 1 and isinstance(draft.children[0], ConditionFields):
        return to_json(draft.children[0])
    return to_json(draft)


# From a posted form


def from_post(data: Posted, prefix: str) -> Group:
    """The tree as posted, in the order of the page; the root is always there."""
    nodes: dict[str, Node] = {ROOT: Group(_join(data, prefix, ROOT))}
    for entry in data.getlist(f"{prefix}:node")[:MOST_NODES]:
        place, _, shape = str(entry).partition(" ")
        parent = nodes.get(place.rpartition(".")[0])
        if isinstance(parent, Group) and place not in nodes:
            nodes[place] = _posted_node(data, prefix, place, shape)
            parent.children.append(nodes[place])
    root = nodes[ROOT]
    assert isinstance(root, Group)  # noqa: S101 - made above
    root.asked = asked_in(data, prefix)
    return placed(root)


def asked_in(data: Posted, prefix: str) -> Asked | None:
    """`count` and `who true 2` are buttons; which list is open stands in `<prefix>:who`."""
    action = str(data.get(f"{prefix}:do", ""))
    verb, _, who = action.partition(" ")
    outcome, _, page = (who if verb == "who" else str(data.get(f"{prefix}:who", ""))).partition(" ")
    if outcome in OUTCOMES:
        return Asked(outcome, max(short_number(page), 1), str(data.get(f"{prefix}:named", "")).strip()[:LONGEST_NAME])
    return Asked() if verb in ("count", "who") else None


def _join(data: Posted, prefix: str, place: str) -> str:
    join = str(data.get(f"{prefix}:{place}:join", "all"))
    return join if join in JOINS else "all"


def _posted_node(data: Posted, prefix: str, place: str, shape: str) -> Node:
    if shape == "group":
        return Group(_join(data, prefix, place))
    name = f"{prefix}:{place}"
    measure = _posted_measure(data, name)
    parts = {part: _posted_measure(data, f"{name}:{part}") for part in PARTS if f"{name}:{part}:kind" in data}
    compared = {field: str(data.get(f"{name}:{field}", "")) for field in COMPARED}
    return ConditionFields(measure.fields | compared, measure.signals, measure.closing, parts)


def _posted_measure(data: Posted, name: str) -> MeasureFields:
    fields = {field: str(data.get(f"{name}:{field}", "")) for field in TYPED}
    signals, closing = ([str(slug) for slug in data.getlist(f"{name}:{each}")] for each in ("signals", "closing"))
    return MeasureFields(fields, signals, closing)


def placed(root: Group, place: str = ROOT) -> Group:
    """The same tree with every node told where it stands."""
    root.place = place
    for index, child in enumerate(root.children):
        if isinstance(child, Group):
            placed(child, f"{place}.{index}")
        else:
            child.place = f"{place}.{index}"
    return root


def walk(node: Node) -> Iterator[Node]:
    yield node
    if isinstance(node, Group):
        for child in node.children:
            yield from walk(child)


# What the buttons do


def _add_condition(group: Group) -> None:
    group.children.append(ConditionFields({"op": ">=", "days": "30"}))


def _add_group(group: Group) -> None:
    other = "all" if group.join == "any" else "any"
    group.children.append(Group(other, [ConditionFields({"op": ">=", "days": "30"})]))


def _say(root: Group, place: str, field: str = "", value: str = "") -> None:
    """Take what was probably meant for what was typed."""
    slot, _, name = field.rpartition(":")
    node = next((node for node in walk(root) if node.place == place), None)
    measure = node.parts.get(slot) if slot and isinstance(node, ConditionFields) else node
    if isinstance(measure, MeasureFields) and name in (*TYPED, *COMPARED):
        measure.fields[name] = value


ADDITIONS: dict[str, Callable[[Group], None]] = {"add-condition": _add_condition, "add-group": _add_group}


def changed(root: Group, action: str) -> Group:
    """The tree after a button: `add-condition 0.1`, `add-group 0`, `remove 0.1.2`, `say 0.1 key planName`."""
    verb, _, place = action.partition(" ")
    if verb == "say":
        _say(root, *place.split(" ", 2))
    for group in [node for node in walk(root) if isinstance(node, Group)]:
        if verb == "remove":
            group.children = [child for child in group.children if child.place != place]
        elif group.place == place and verb in ADDITIONS:
            ADDITIONS[verb](group)
    return placed(root)


# Checking


def checked(draft: Group, *, signals: Collection[str] | None = None, attributes: Collection[str] | None = None) -> bool:
    """Whether the draft is a rule; where it is not, the nodes say why."""
    for node in walk(draft):
        node.error = _error_of(node, signals, attributes) if isinstance(node, ConditionFields) else _empty(node)
    if not any(node.error for node in walk(draft)):
        draft.error = _refusal(to_json(draft), signals, attributes)
    return not any(node.error for node in walk(draft))


def _error_of(node: ConditionFields, signals: Collection[str] | None, attributes: Collection[str] | None) -> str:
    return "Choose what to measure." if node.blank else _refusal(to_json(node), signals, attributes)


def _empty(group: Group) -> str:
    return "" if group.children else "This group is empty: add a condition, or remove the group."


def _refusal(tree: dict[str, Any], signals: Collection[str] | None, attributes: Collection[str] | None) -> str:
    try:
        parse_rule(tree, known_signals=signals, known_attributes=attributes)
    except RuleError as error:
        return _window_error(error) or f"{error.problem}. {error.remedy}."
    return ""


def _window_error(error: RuleError) -> str:
    """What is wrong with a number of days, where it is one that does not fit."""
    shown, _, rest = error.problem.partition(" does not fit")
    if not error.path.endswith(".days") or error.problem == shown or rest:
        return ""
    if shown in ("0", "“0”"):
        return "A window of 0 days holds nothing. Give 1 to 730 days."
    return f"A window of {shown} days does not fit. Give a whole number from 1 to 730."


def errors(draft: Group) -> list[str]:
    return [node.error for node in walk(draft) if node.error]
