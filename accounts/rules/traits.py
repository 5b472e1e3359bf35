"""Traits as clients send them, flattened to attributes."""

import re
from dataclasses import dataclass
from functools import lru_cache
from math import isfinite
from typing import Any

from plgcrm.common.text import reads_two_ways

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# Control characters, and those that turn the writing round: a name must not rewrite the line it stands in.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+")
MAX_KEY = 100
MAX_TEXT = 1000
MAX_KEYS = 100
MAX_DEPTH = 4  # objects within objects
MAX_LISTED = 20
RESERVED = ("score", "tier", "qualified", "segment")


@dataclass(frozen=True, slots=True)
class Value:
    text: str
    number: float | None


@lru_cache(maxsize=4_096)  # a source sends the same names for ever
def attribute_name(key: str) -> str:
    """firstName, first-name and "First name" all become first_name."""
    return re.sub(r"[^\w]+", "_", _HUMP.sub("_", key)).strip("_").lower()


def trait_name(path: str) -> str:
    """A path into nested traits as attributes are named: `company.planName` becomes company.plan_name."""
    return _joined([attribute_name(part) for part in path.split(".")])


def attributes_of(traits: Any) -> dict[str, Value]:
    """The plain values among the traits, nested ones under dotted names, a list of plain values as one text.

    Nulls stay in the raw event only, as does what is nested deeper than MAX_DEPTH or comes after MAX_KEYS.
    """
    found: dict[str, Value] = {}
    if isinstance(traits, dict):
        _gather(traits, [], found, MAX_KEYS)
    return found


def _gather(traits: dict[str, Any], above: list[str], found: dict[str, Value], room: int) -> int:
    """Take in one object; how many more keys may be looked at afterwards."""
    for key, value in traits.items():
        if room <= 0:
            break
        room -= 1
        name = attribute_name(str(key))
        if isinstance(value, dict):
            if name and len(above) + 1 < MAX_DEPTH:
                room = _gather(value, [*above, name], found, room)
            continue
        plain = _listed(value) if isinstance(value, list) else plain_value(value)
        if name and plain is not None and len(whole := _joined([*above, name]) if above else name) <= MAX_KEY:
            found[whole] = plain
    return room


def _joined(parts: list[str]) -> str:
    # What a model says of somebody is written score.pql: nothing that is sent may pass for it.
    reserved = len(parts) > 1 and parts[0] in RESERVED
    return "_".join(parts[:2]) + "".join(f".{part}" for part in parts[2:]) if reserved else ".".join(parts)


def _listed(values: list[Any]) -> Value | None:
    """The plain values of a short list, with commas: the tools that somebody uses."""
    texts = [plain.text for value in values[:MAX_LISTED] if (plain := plain_value(value))]
    return plain_value(", ".join(texts)) if texts else None


def plain_value(value: Any) -> Value | None:
    """A text with its number where it has one; None for what is not a plain value."""
    if isinstance(value, bool):
        return Value("true" if value else "false", float(value))
    if isinstance(value, int | float):
        return _plain_number(value)
    if isinstance(value, str):
        text = _UNSEEN.sub(" ", value).strip()[:MAX_TEXT]
        return Value(text, _number(text)) if text else None
    return None


def _plain_number(value: int | float) -> Value | None:
    try:
        number = float(value)
    except OverflowError:  # an integer of hundreds of digits
        return None
    return Value(str(value)[:MAX_TEXT], number) if isfinite(number) else None


def _number(text: str) -> float | None:
    if len(text) > 16 or not text[-1].isdigit() or reads_two_ways(text):
        return None
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) else None
