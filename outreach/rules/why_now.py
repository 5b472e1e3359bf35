"""The why-now sentence: lines with facts in braces, of which the first that can be said truthfully is taken.

    {people_active_30|person|people} active in 30 days.            9 people active in 30 days.
    when seats_share >= 0.9: {seats_share} of the seats are used.  only if that is so

A line can be said when every fact in it is known and does not read as zero, and its conditions hold. Everything
is one pass over parsed parts: what a customer wrote is never read as a line.
"""

import math
import operator
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from plgcrm.common.text import percent, whole_percent

LONGEST_SENTENCE = 500
LONGEST_LINE = 400
MOST_LINES = 20
LONGEST_VALUE = 160

Style = Literal["number", "share"]

_BRACES = re.compile(r"\{([^{}]*)\}")
_CONDITION = re.compile(r"^\s*([\w.-]+)\s*(>=|<=|>|<|=)\s*(\S[^:]*?)\s*$")
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\uffff]+")
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
}


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


@dataclass(frozen=True, slots=True)
class Slot:
    name: str
    one: str = ""
    many: str = ""


@dataclass(frozen=True, slots=True)
class FactCondition:
    name: str
    op: str
    value: str


@dataclass(frozen=True, slots=True)
class SentenceLine:
    parts: tuple[str | Slot, ...]
    conditions: tuple[FactCondition, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The facts it speaks of or depends on, each once."""
        spoken = [part.name for part in self.parts if isinstance(part, Slot)]
        return tuple(dict.fromkeys([*spoken, *(condition.name for condition in self.conditions)]))


@dataclass(frozen=True, slots=True)
class Sentence:
    text: str
    names: tuple[str, ...] = ()


def parse_lines(text: str, known: Collection[str] | None) -> tuple[SentenceLine, ...]:
    """Read the lines of a play; WhyNowError names the line and what is wrong. `known` None: any fact may be."""
    numbered = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not numbered:
        raise WhyNowError("Enter at least one line.")
    if len(numbered) > MOST_LINES:
        raise WhyNowError(f"{len(numbered)} lines is too many: the limit is {MOST_LINES}.")
    return tuple(_line(number, line, known) for number, line in numbered)


def first_true(lines: Collection[SentenceLine], facts: Mapping[str, KnownFact], otherwise: str) -> Sentence:
    """The first line that can be said of these facts, else `otherwise`."""
    for line in lines:
        text = _said(line, facts)
        if text is not None:
            return Sentence(_cut(text, LONGEST_SENTENCE), line.names)
    # Always something true: the trigger's own name is, or there would be no item.
    return Sentence(_cut(plain(otherwise), LONGEST_SENTENCE))


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


def _said(line: SentenceLine, facts: Mapping[str, KnownFact]) -> str | None:
    if not all(_holds(condition, facts) for condition in line.conditions):
        return None
    said = [part if isinstance(part, str) else _filled(part, facts) for part in line.parts]
    if None in said:
        return None
    text = "".join(part for part in said if part is not None)
    # A line may begin with a bound: "at least 9 people".
    return text[:1].upper() + text[1:] if text.startswith("at least") else text


def _filled(slot: Slot, facts: Mapping[str, KnownFact]) -> str | None:
    text = reading(facts[slot.name]) if slot.name in facts else ""
    if not text:
        return None
    if not slot.many:
        return text
    return f"{text} {slot.one if text in ('1', 'at least 1') else slot.many}"


def _holds(condition: FactCondition, facts: Mapping[str, KnownFact]) -> bool:
    value = facts[condition.name].value if condition.name in facts else None
    if value is None or (facts[condition.name].at_least and condition.op not in (">=", ">")):
        return False
    if isinstance(value, str):
        # Clients send Team, team and TEAM for one plan.
        return condition.op == "=" and value.casefold() == condition.value.casefold()
    wanted = _as_number(condition.value)
    return wanted is not None and _COMPARE[condition.op](value, wanted)


def _as_number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _line(number: int, text: str, known: Collection[str] | None) -> SentenceLine:
    if len(text) > LONGEST_LINE:
        raise WhyNowError(f"Line {number} is {len(text)} characters long; the limit is {LONGEST_LINE}.")
    conditions: tuple[FactCondition, ...] = ()
    if text.startswith("when "):
        head, colon, text = text[5:].partition(":")
        if not colon or not text.strip():
            raise WhyNowError(f"Line {number}: after “when …” put a colon and the sentence.")
        conditions = tuple(_condition(number, piece) for piece in head.split(" and "))
    line = SentenceLine(_parts(number, text.strip()), conditions)
    for name in line.names:
        if known is not None and name not in known:
            raise WhyNowError(f"Line {number}: there is no fact “{name[:60]}”.")
    return line


def _condition(number: int, text: str) -> FactCondition:
    match = _CONDITION.match(text)
    if match is None:
        raise WhyNowError(f"Line {number}: “{text.strip()[:60]}” is not a condition such as seats_share >= 0.9.")
    if match[2] != "=" and _as_number(match[3]) is None:
        raise WhyNowError(f"Line {number}: “{match[3][:60]}” is not a number.")
    return FactCondition(match[1], match[2], match[3])


def _parts(number: int, text: str) -> tuple[str | Slot, ...]:
    pieces = _BRACES.split(text)
    # What the expression left over between the slots may hold no brace, or a typo would be sent as it is.
    if any(mark in piece for piece in pieces[::2] for mark in "{}"):
        raise WhyNowError(f"Line {number}: a brace is not closed.")
    slots = [_slot(number, piece) for piece in pieces[1::2]]
    parts: list[str | Slot] = [pieces[0]]
    for slot, following in zip(slots, pieces[2::2], strict=True):
        parts += [slot, following]
    return tuple(part for part in parts if part != "")


def _slot(number: int, text: str) -> Slot:
    words = [word.strip() for word in text.split("|")]
    if len(words) == 1 and words[0]:
        return Slot(words[0])
    if len(words) == 3 and all(words):
        return Slot(*words)
    raise WhyNowError(f"Line {number}: write {{fact}} or {{fact|one|many}}, not {{{text[:60]}}}.")
