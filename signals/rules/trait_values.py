"""What the value of a trait says, by the reading that its meaning has: numbers and money in text, ranges, yes and no.

Raw values stay as they were sent; this is applied whenever they are read.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from plgcrm.common.text import reads_two_ways

YES = frozenset({"yes", "true", "y", "1", "on", "active", "enabled"})
NO = frozenset({"no", "false", "n", "0", "off", "inactive", "disabled", "none"})
MONTHS = {"month": 1, "quarter": 3, "year": 12}
PLAN_KINDS = ("free", "trial", "paid")

_NUMBER = r"(?:\d{1,3}(?:[,\u00a0\u202f ']\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?:\s?[kKmM](?![A-Za-z]))?"
_CURRENCY = r"(?:[A-Z]{3}|[A-Z]{0,2}[$€£¥])?"
_PER = r"(?:\s*(?:/|per|a)\s*(?:mo|month|mth)\.?)?"
_UNIT = r"(?:\s*[A-Za-z]\w*)?"
_PLAIN = re.compile(rf"\s*([-+]?)\s*({_NUMBER})\s*")
_MONEY = re.compile(rf"\s*([-+]?)\s*{_CURRENCY}\s*({_NUMBER})\s*{_CURRENCY}{_PER}\s*", re.IGNORECASE)
_EUROPEAN = re.compile(
    rf"\s*([-+]?)\s*{_CURRENCY}\s*(\d{{1,3}}(?:[.\u00a0\u202f ]\d{{3}})+,\d{{1,2}})\s*{_CURRENCY}\s*"
)
_COUNTED = re.compile(rf"\s*(?:~|ca\.?|about)?\s*({_NUMBER}){_UNIT}\s*", re.IGNORECASE)
_RANGE = re.compile(
    rf"\s*({_NUMBER})\s*(?:(?:-|–|—|to|\.\.+)\s*({_NUMBER})|(\+|or more|and more|and above|and up)){_UNIT}\s*",
    re.IGNORECASE,
)
_ABOVE = re.compile(rf"\s*(?:>=?|≥|over|above|more than|at least)\s*({_NUMBER}){_UNIT}\s*", re.IGNORECASE)
_BELOW = re.compile(rf"\s*(?:<|under|below|up to|less than)\s*({_NUMBER})\s*(?:\w+)?\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class TraitMeaning:
    """How the values of a meaning read. `options`: period, currency, cents of money; plans; see docs/reference."""

    slug: str
    name: str
    reading: str
    options: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class ReadValue:
    """A number, a text or both; `at_least`: the true number may be larger, as of a range."""

    number: float | None = None
    text: str | None = None
    at_least: bool = False


NOTHING = ReadValue()


def read_value(meaning: TraitMeaning, text: str, number: float | None, *, currency: str = "") -> ReadValue:
    """What a raw value says; NOTHING where it does not read as its meaning should.

    Money is a month's, in the installation's `currency`: in another, it is unknown until rates can be entered.
    """
    if meaning.reading == "number":
        found = number if number is not None else number_in(text)
        return ReadValue(found) if found is not None else NOTHING
    if meaning.reading == "money":
        return _money(meaning.options, text, number, currency)
    if meaning.reading == "range":
        return _range(text, number)
    if meaning.reading == "yes_no":
        return _yes_no(text)
    return ReadValue(number if meaning.reading in ("text", "date") else None, text)


def plan_kind(meaning: TraitMeaning, text: str) -> ReadValue:
    """free, trial or paid, as an admin said of this plan; NOTHING of one that nobody spoke of."""
    kinds = {str(plan).casefold(): kind for plan, kind in dict(meaning.options.get("plans", {})).items()}
    kind = kinds.get(text.strip().casefold())
    return ReadValue(text=kind) if kind in PLAN_KINDS else NOTHING


def number_in(text: str) -> float | None:
    """1,200 and 1200.50 as numbers; None for anything else, such as 1.200, which is one or the other."""
    found = _PLAIN.fullmatch(text)
    return _number(found[1], found[2]) if found and not reads_two_ways(found[2]) else None


def money_in(text: str) -> float | None:
    """$1,200 and 99 EUR as numbers; None for anything else."""
    if european := _EUROPEAN.fullmatch(text):
        return _number(european[1], re.sub(r"[.\u00a0\u202f ]", "", european[2]).replace(",", "."))
    found = _MONEY.fullmatch(text)
    return _number(found[1], found[2]) if found and not reads_two_ways(found[2]) else None


def _number(sign: str, digits: str) -> float:
    plain = re.sub(r"[,\u00a0\u202f ']", "", digits).lower()
    scale = {"k": 1_000, "m": 1_000_000}.get(plain[-1], 1)
    value = float(plain.rstrip("km")) * scale
    return -value if sign == "-" else value


def _money(options: Mapping[str, Any], text: str, number: float | None, currency: str) -> ReadValue:
    amount = number if number is not None else money_in(text)
    said = str(options.get("currency", "")).upper()
    if amount is None or (currency and said and said != currency.upper()):
        return NOTHING
    cents = 100 if options.get("cents") else 1
    return ReadValue(amount / cents / MONTHS.get(str(options.get("period", "month")), 1))


def _range(text: str, number: float | None) -> ReadValue:
    if number is not None or (number := number_in(text)) is not None:
        return ReadValue(number, text)
    found = _RANGE.fullmatch(text)
    if found and not any(reads_two_ways(end) for end in found.group(1, 2) if end):
        low = _number("", found[1])
        return ReadValue(low, text, at_least=found[2] is None or _number("", found[2]) > low)
    found = _ABOVE.fullmatch(text)
    if found and not reads_two_ways(found[1]):
        return ReadValue(_number("", found[1]), text, at_least=True)
    found = _COUNTED.fullmatch(text)
    if found and not reads_two_ways(found[1]):  # 250 employees
        return ReadValue(_number("", found[1]), text)
    # Of "under 50" nothing is sure but that it is not negative.
    return ReadValue(0.0, text, at_least=True) if _BELOW.fullmatch(text) else ReadValue(text=text)


def _yes_no(text: str) -> ReadValue:
    word = text.strip().casefold()
    if word in YES or word in NO:
        return ReadValue(float(word in YES), "true" if word in YES else "false")
    return NOTHING
