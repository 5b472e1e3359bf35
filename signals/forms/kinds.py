"""What a condition's row offers, generated from the kinds of measure: one control for each parameter of any kind."""

from dataclasses import dataclass

from signals.measures.kinds import KINDS, Field
from signals.measures.provided import PLAY

OPERATORS = {
    ">=": "at least",
    "<=": "at most",
    ">": "more than",
    "<": "less than",
    "=": "is",
    "!=": "is not",
    "between": "between",
    "one_of": "is one of",
    "not_one_of": "is none of",
    "contains": "contains",
    "known": "is known",
    "unknown": "is not known",
}
WITHOUT_VALUE = frozenset({"known", "unknown"})
LISTS = frozenset({"one_of", "not_one_of"})
CHOICE_WORDS = {
    "latest": "the latest value",
    "sum": "the sum",
    "max": "the largest",
    "count": "events",
    "people": "people",
    "active_days": "active days",
    "signup": "in the first",
    "is": "is one of",
    "contains": "contains one of",
}
PART_WORDS = {"one": "of", "other": "and"}  # before the measures that another is made of


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    classes: str = ""
    help: str = ""
    heading: str = ""


def _takes(fields: tuple[Field, ...]) -> str:
    return " ".join(f"takes-{field.name}" for field in fields)


def kind_options() -> list[Option]:
    """All kinds, those that stand under a heading together and last."""
    options = [Option(slug, kind.label, _takes(kind.fields), kind.help, kind.heading) for slug, kind in KINDS.items()]
    headings = list(dict.fromkeys(["", *(option.heading for option in options)]))
    return sorted(options, key=lambda option: headings.index(option.heading))


def part_options() -> list[Option]:
    """The kinds that a measure of two may be made of."""
    return [option for option in kind_options() if KINDS[option.value].can_be_part]


def _operator_classes(op: str) -> str:
    if op in WITHOUT_VALUE:
        return "takes-nothing"
    return "takes-two" if op == "between" else "takes-list" if op in LISTS else "takes-one"


def operator_options() -> list[Option]:
    return [Option(op, words, _operator_classes(op)) for op, words in OPERATORS.items()]


def parameters() -> dict[str, Field]:
    """Every parameter that any kind has, by name; kinds that share a name share its control."""
    # The option too, whoever registers a provider that takes it, and whenever.
    return {field.name: field for kind in KINDS.values() for field in kind.fields} | {PLAY.name: PLAY}


def choice_options(field: Field) -> list[Option]:
    empty = [] if field.default else [Option("", "in the last" if field.name == "from" else "")]
    return [*empty, *(Option(choice, CHOICE_WORDS.get(choice, choice)) for choice in field.choices)]


def fields_of(kind: str) -> tuple[Field, ...]:
    return KINDS[kind].fields if kind in KINDS else ()
