"""The why-now sentence: Liquid lines over facts, of which the first that can be said truthfully is taken.

    {{ people_active_30 | counted: "person", "people" }} active in 30 days.       9 people active in 30 days.
    {% if seats_share >= 0.9 %}{{ seats_share }} of the seats are used.{% endif %}    only if that is so

A line can be said when every fact it names is known and none that it states reads as zero, unless its own condition
asks for zero. What a customer wrote is a value, and is never read as a line.
"""

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from liquid import BoundTemplate

from outreach.rules.liquid import MessageError, RenderedPart, Scope, Share, Value, check, parsed, render
from outreach.rules.liquid_direct import Writer, direct_writer
from outreach.rules.liquid_filters import AtLeast, AtLeastShare, reads_as_nothing
from outreach.rules.liquid_names import LineNames, names_in
from plgcrm.common.text import percent, whole_percent

LONGEST_SENTENCE = 500
LONGEST_LINE = 1_000
MOST_LINES = 20
LONGEST_VALUE = 160

Style = Literal["number", "share"]

_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\uffff]+")
_LIQUID = re.compile(r"\{\{.*?\}\}|\{%.*?%\}")
_OLD_CONDITION = re.compile(r"when\s+[\w.-]+\s*[<>=]")


class WhyNowError(ValueError):
    """A line that cannot be read; the message names the line and what is wrong in it."""


@dataclass(frozen=True, slots=True)
class KnownFact:
    """A fact of one account: its value (None = unknown), where it comes from, and how a person reads it."""

    value: float | str | None
    measure: str
    reads: str
    style: Style = "number"
    at_least: bool = False  # the true number may be larger

    def to_json(self) -> dict[str, object]:
        bound: dict[str, object] = {"at_least": True} if self.at_least else {}
        return {"value": self.value, "measure": self.measure, "reads": self.reads} | bound

    @property
    def in_liquid(self) -> Value:
        """The value as Liquid compares, calculates with and writes it; None where it is unknown."""
        value = self.value
        if value is None or isinstance(value, str):
            return plain(value or "") or None
        if not math.isfinite(value):
            return None
        if self.at_least:
            return AtLeastShare(value) if self.style == "share" else AtLeast(value)
        if self.style == "share":
            return Share(value)
        return int(value) if value == int(value) else value


@dataclass(frozen=True, slots=True)
class SentenceLine:
    """A line as it was read: once for each change of it."""

    number: int
    source: str
    template: BoundTemplate
    names: LineNames
    write: Writer | None  # None: the library draws it


@dataclass(frozen=True, slots=True)
class Sentence:
    text: str
    names: tuple[str, ...] = ()
    line: int = 0  # which of the lines; 0 where none could be said


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A line that could not be said of these facts, and why not."""

    line: int
    why: str


def parse_lines(text: str, examples: Mapping[str, Value] | None) -> tuple[SentenceLine, ...]:
    """Read the lines of a play; WhyNowError names the line and what is wrong. `examples` None: any fact may be."""
    numbered = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not numbered:
        raise WhyNowError("Enter at least one line.")
    if len(numbered) > MOST_LINES:
        raise WhyNowError(f"{len(numbered)} lines is too many: the limit is {MOST_LINES}.")
    return tuple(_line(number, line, examples) for number, line in numbered)


def first_true(lines: Collection[SentenceLine], facts: Mapping[str, KnownFact], otherwise: str) -> Sentence:
    """The first line that can be said of these facts, else `otherwise`."""
    teller = _Teller(facts)
    for line in lines:
        said = teller.said(line)
        if isinstance(said, Sentence):
            return said
    # Always something true: the trigger's own name is, or there would be no item.
    return Sentence(_cut(plain(otherwise), LONGEST_SENTENCE))


def passed_over(lines: Collection[SentenceLine], facts: Mapping[str, KnownFact]) -> list[PassedOver]:
    """The lines before the first that can be said, each with the reason."""
    teller, found = _Teller(facts), []
    for line in lines:
        said = teller.said(line)
        if isinstance(said, Sentence):
            break
        found.append(PassedOver(line.number, said))
    return found


def plain(text: str, longest: int = LONGEST_VALUE) -> str:
    """A customer's text on one line: nothing invisible, nothing that turns the writing round, cut to size."""
    return _cut(" ".join(_UNPRINTABLE.sub(" ", text).split()), longest)


def reading(fact: KnownFact) -> str:
    """A fact as the sentence shows it; empty when it is unknown or reads as zero."""
    if fact.value is None:
        return ""
    if isinstance(fact.value, str):
        return plain(fact.value)
    if not math.isfinite(fact.value):
        return ""
    if fact.style == "share":
        share = percent(fact.value) if whole_percent(fact.value) > 0 else ""
        return f"at least {share}" if share and fact.at_least else share
    number = _number(fact.value)
    return f"at least {number}" if number and fact.at_least else number


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


def _number(value: float) -> str:
    """A value below zero reads as nothing too: no sentence speaks of less than none."""
    # Rounded before it is judged: 0.001 would read as 0.00, which says nothing.
    rounded = round(value, 2)
    if rounded <= 0:
        return ""
    return f"{int(rounded):,}" if rounded == int(rounded) else f"{rounded:,.2f}"


class _Teller:
    """Says lines of the facts of one account; a fact is turned into a value of Liquid when a line first names it."""

    def __init__(self, facts: Mapping[str, KnownFact]) -> None:
        self._facts = facts
        self._values: dict[str, Value] = {}
        self._scope = Scope()

    def said(self, line: SentenceLine) -> Sentence | str:
        """The sentence, or why it cannot be said."""
        for name in line.names.every:
            if self._value(name) is None and name not in line.names.has_default:
                return f"{name} is unknown"
        for name in line.names.alone:
            if reads_as_nothing(self._values[name]):
                return f"{name} is 0"
        try:
            parts = self._scope.parts(line.template, line.source, None if line.names.has_default else line.write)
        except MessageError as error:
            return str(error)
        return _sentence(line, parts, self._values)

    def _value(self, name: str) -> Value:
        if name not in self._values:
            value = self._facts[name].in_liquid if name in self._facts else None
            self._values[name] = value
            self._scope.add(name, value)
        return self._values[name]


def _sentence(line: SentenceLine, parts: Sequence[RenderedPart], values: Mapping[str, Value]) -> Sentence | str:
    for part in parts:
        if part.missing:
            return f"{' and '.join(part.names)} cannot be told for sure"
        if zero := _zero_in(part.names, values, line.names.may_be_zero, nothing=part.is_nothing):
            return f"{zero} is 0"
    text = " ".join("".join(part.text for part in parts).split())
    if not text:
        return "its condition is not met"
    # A line may begin with a bound: "at least 9 people".
    text = text[:1].upper() + text[1:] if text.startswith("at least") else text
    spoken = (name for part in parts for name in part.names)
    return Sentence(_cut(text, LONGEST_SENTENCE), tuple(dict.fromkeys([*spoken, *line.names.judged])), line.number)


def _zero_in(names: Sequence[str], values: Mapping[str, Value], allowed: Collection[str], *, nothing: bool) -> str:
    """The fact of a part that may not be stated, because it or what was made of it reads as zero."""
    if nothing and not any(name in allowed for name in names):
        return names[0]
    zeros = (name for name in names if name not in allowed and name in values and _is_zero(values[name]))
    return next(zeros, "")


def _is_zero(value: Value) -> bool:
    """Nothing of it to speak of. What is below zero may be turned round: “down by 40 %”."""
    return isinstance(value, int | float) and reads_as_nothing(value) and reads_as_nothing(-float(value))


def _line(number: int, text: str, examples: Mapping[str, Value] | None) -> SentenceLine:
    if len(text) > LONGEST_LINE:
        raise WhyNowError(f"Line {number} is {len(text)} characters long; the limit is {LONGEST_LINE}.")
    if _OLD_CONDITION.match(text):
        raise WhyNowError(f"Line {number}: write a condition as {{% if seats_share >= 0.9 %}}…{{% endif %}}.")
    # Left over between tags, a brace is a typo that would be shown as it is.
    if any(brace in piece for piece in _LIQUID.split(text) for brace in "{}"):
        raise WhyNowError(f"Line {number}: write a fact in two braces, {{{{ people_active_30 }}}}, and close them.")
    # The lines before it count, so that the message says in which line it stands.
    source = "\n" * (number - 1) + text
    try:
        if examples is not None:
            _try(source, examples)
        template = parsed(source)
        return SentenceLine(number, source, template, names_in(template), direct_writer(template.nodes))
    except MessageError as error:
        words = str(error)
        raise WhyNowError(words if words.startswith("Line ") else f"Line {number}: {words}") from error


def _try(source: str, examples: Mapping[str, Value]) -> None:
    """MessageError for an unknown name, and for what could not be worked out whatever the facts are."""
    check(source, frozenset(examples))
    if missing := [name for part in render(source, examples).parts if part.missing for name in part.names]:
        raise MessageError(f"“{missing[0]}” has no value here: assign one to it first.")
