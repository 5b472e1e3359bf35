"""A rule: conditions joined by all, any, none, any_known. Read strictly when it is saved, never guessed at run time."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from signals.measures.checks import InputError, JsonPlace
from signals.measures.specs import Spec, read_spec

DEEPEST = 8
MOST_NODES = 100
LONGEST_TEXT = 200
MOST_CHOICES = 200

GROUPS = ("all", "any", "none", "any_known")
ORDERINGS = (">=", "<=", ">", "<")
EQUALITIES = ("=", "!=")
LISTS = ("one_of", "not_one_of")
PRESENCES = ("known", "unknown")
OPERATORS = (*ORDERINGS, *EQUALITIES, "between", *LISTS, "contains", *PRESENCES)

Scalar = float | str | bool
Value = Scalar | tuple[Scalar, ...] | None


class RuleError(InputError):
    """This rule cannot be read."""


@dataclass(frozen=True, slots=True)
class Condition:
    spec: Spec
    op: str
    value: Value = None
    unknown_is_no: bool = False  # an admin's choice, said in the sentence: unknown counts as no


@dataclass(frozen=True, slots=True)
class All:
    nodes: tuple["Node", ...] = ()


@dataclass(frozen=True, slots=True)
class Any:
    nodes: tuple["Node", ...] = ()


@dataclass(frozen=True, slots=True)
class None_:  # noqa: N801 - None is taken
    nodes: tuple["Node", ...] = ()


@dataclass(frozen=True, slots=True)
class AnyKnown:
    """Any of several ways to know one thing: those that are unknown say nothing, and only where all are is it."""

    nodes: tuple["Node", ...] = ()


Group = All | Any | None_ | AnyKnown
Node = Group | Condition

GROUP_OF: dict[str, type[Group]] = {"all": All, "any": Any, "none": None_, "any_known": AnyKnown}
NAME_OF: dict[type[Group], str] = {group: name for name, group in GROUP_OF.items()}


def parse_rule(
    value: object,
    *,
    known_signals: Collection[str] | None = None,
    known_attributes: Collection[str] | None = None,
) -> Node:
    """Read a rule; RuleError says where it is wrong (`all[2].measure.days`) and what to do."""
    return read_rule(value, JsonPlace(RuleError), known_signals, known_attributes)


def read_rule(
    value: object, place: JsonPlace, signals: Collection[str] | None, attributes: Collection[str] | None
) -> Node:
    """The same for a rule inside something larger, which has its own place and error."""
    return _Reader(place, signals, attributes).node(value, place, 1)


def to_json(node: Node) -> dict[str, object]:
    """The rule as it is stored; reading it back gives the same rule."""
    if not isinstance(node, Condition):
        return {NAME_OF[type(node)]: [to_json(child) for child in node.nodes]}
    plain: dict[str, object] = {"measure": node.spec.to_json(), "op": node.op}
    if node.op not in PRESENCES:
        plain["value"] = list(node.value) if isinstance(node.value, tuple) else node.value
    return plain | ({"unknown": "no"} if node.unknown_is_no else {})


def conditions_of(node: Node) -> Iterator[Condition]:
    """The conditions of the rule, in the order in which they stand in it."""
    if isinstance(node, Condition):
        yield node
    else:
        for child in node.nodes:
            yield from conditions_of(child)


def specs_of(node: Node) -> tuple[Spec, ...]:
    """The measures that the rule needs, each once, in the order in which they first stand."""
    return tuple(dict.fromkeys(condition.spec for condition in conditions_of(node)))


class _Reader:
    def __init__(self, root: JsonPlace, signals: Collection[str] | None, attributes: Collection[str] | None) -> None:
        self.root = root
        self.signals = signals
        self.attributes = attributes
        self.nodes = 0

    def node(self, value: object, place: JsonPlace, depth: int) -> Node:
        self._count(place, depth)
        given = place.mapping(value, (*GROUPS, "measure", "op", "value", "unknown"))
        group = next((name for name in GROUPS if name in given), None)
        if group is None:
            return self._condition(given, place)
        # A group beside a condition in one object has no meaning: refused, not guessed.
        place.mapping(given, (group,))
        return GROUP_OF[group](self._children(given[group], place.key(group), depth))

    def _count(self, place: JsonPlace, depth: int) -> None:
        self.nodes += 1
        if depth > DEEPEST:
            raise place.refusal("the rule is nested too deeply", f"Nest at most {DEEPEST} levels")
        # Counted over the whole rule, so the refusal names the root: no single place is at fault.
        if self.nodes > MOST_NODES:
            raise self.root.refusal("the rule is too long", f"Use at most {MOST_NODES} conditions and groups")

    def _children(self, value: object, place: JsonPlace, depth: int) -> tuple[Node, ...]:
        children = place.items(value, 0, MOST_NODES)
        return tuple(self.node(child, place.item(index), depth + 1) for index, child in enumerate(children))

    def _condition(self, given: dict[str, object], place: JsonPlace) -> Condition:
        place.mapping(given, ("measure", "op", "value", "unknown"), ("measure", "op"))
        spec = read_spec(given["measure"], place.key("measure"), self.signals, self.attributes)
        op = place.key("op").choice(given["op"], OPERATORS)
        texts = spec.definition.has_text(spec)
        if op == "contains" and not texts:
            raise place.key("op").refusal("“contains” looks into a text", "Compare this measure as a number")
        unknown = given.get("unknown")
        if unknown is not None:
            place.key("unknown").choice(unknown, ("no",))
        value = _value(op, given.get("value"), place.key("value"), texts=texts)
        return Condition(spec, op, value, unknown_is_no=unknown is not None)


def _value(op: str, value: object, place: JsonPlace, *, texts: bool) -> Value:
    if op in PRESENCES:
        if value is not None:
            raise place.refusal(f"“{op}” compares with nothing", "Leave “value” out")
        return None
    if op in LISTS:
        return _choices(value, place, texts=texts)
    if op == "between":
        return _bounds(value, place)
    if op == "contains":
        return place.text(value, LONGEST_TEXT)
    return place.number(value) if op in ORDERINGS else _scalar(value, place, texts=texts)


def _choices(value: object, place: JsonPlace, *, texts: bool) -> tuple[Scalar, ...]:
    choices = place.items(value, 1, MOST_CHOICES)
    return tuple(_scalar(choice, place.item(index), texts=texts) for index, choice in enumerate(choices))


def _bounds(value: object, place: JsonPlace) -> tuple[float, float]:
    low, high = (place.item(index).number(bound) for index, bound in enumerate(place.items(value, 2, 2)))
    if low > high:
        raise place.refusal("the first number is larger than the second", "Give the smaller number first")
    return low, high


def _scalar(value: object, place: JsonPlace, *, texts: bool) -> Scalar:
    # Traits are often sent as true or false; a measure that is always a number never is.
    if texts and isinstance(value, bool):
        return value
    if texts and isinstance(value, str):
        return place.text(value, LONGEST_TEXT)
    return place.number(value)
