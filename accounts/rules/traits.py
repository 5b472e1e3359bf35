"""Traits as clients send them, flattened to attributes."""

import re
from dataclasses import dataclass
from math import isfinite
from typing import Any

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# Control characters, and those that turn the writing round: a name must not rewrite the line it stands in.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+")
MAX_KEY = 100
MAX_TEXT = 1000
MAX_KEYS = 100


@dataclass(frozen=True, slots=True)
class Value:
    text: str
    number: float | None


def attribute_name(key: str) -> str:
    """firstName, first-name and "First name" all become first_name."""
    return re.sub(r"[^\w]+", "_", _HUMP.sub("_", key)).strip("_").lower()


def attributes_of(traits: Any) -> dict[str, Value]:
    """The plain values among the traits; objects, lists and nulls stay in the raw event only."""
    if not isinstance(traits, dict):
        return {}
    found = {}
    for key, value in list(traits.items())[:MAX_KEYS]:
        name = attribute_name(str(key))
        plain = plain_value(value)
        if name and len(name) <= MAX_KEY and plain is not None:
            found[name] = plain
    return found


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
    if len(text) > 16 or not text[-1].isdigit():
        return None
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) else None
