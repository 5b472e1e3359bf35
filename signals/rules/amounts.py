"""Numbers of an event's properties, however a client writes them, and where in the properties they stand."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from plgcrm.common.text import reads_two_ways

LARGEST = Decimal(10) ** 15  # beyond it nothing is an amount
LONGEST_CASE = 200
PLACES = Decimal("0.000001")

_SIGN = r"(?P<sign>[-+−]?)\s*"
_CURRENCY = r"(?:[A-Za-z]{3}|[$€£¥])?\s*"
_POINT = r"(?P<point>\d{1,3}(?:[, '\u00a0\u202f]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
_COMMA = r"(?P<comma>\d{1,3}(?:[. \u00a0\u202f]\d{3})+,\d+|\d+,\d{1,2})"
# The comma first: 1,5 is one and a half, where 1,500 has its comma between thousands.
_AMOUNT = re.compile(rf"\s*{_SIGN}{_CURRENCY}(?:{_COMMA}|{_POINT})\s*{_CURRENCY}")


@dataclass(frozen=True, slots=True)
class WantedValue:
    """A number to be kept of a signal's events: its slug, and the paths of the property, the first with a value.

    With a currency of `ours`, amounts in another are unknown: where an event says none, they are in `currency`.
    """

    slug: str
    paths: tuple[str, ...]
    cents: bool = False
    ours: str = ""
    currency: str = ""
    currency_paths: tuple[str, ...] = ()

    def amount(self, properties: Mapping[str, Any]) -> Decimal | None:
        """What an event says; None where it says nothing that can be added to the others."""
        found = amount_in(value_at(properties, self.paths))
        if found is None or (self.ours and self._foreign(properties)):
            return None
        return (found / 100).quantize(PLACES) if self.cents else found

    def _foreign(self, properties: Mapping[str, Any]) -> bool:
        said = value_at(properties, self.currency_paths) or self.currency
        return bool(said) and str(said).strip().casefold() != self.ours.casefold()


@dataclass(frozen=True, slots=True)
class WantedCase:
    """A property that says which case an event belongs to, such as the number of a ticket."""

    slug: str
    paths: tuple[str, ...]

    def case(self, properties: Mapping[str, Any]) -> str:
        """What an event says, the same for 17 and "17"; "" where it says nothing."""
        found = value_at(properties, self.paths)
        plain = isinstance(found, str | int | float) and not isinstance(found, bool)
        return str(found).strip()[:LONGEST_CASE] if plain else ""


@dataclass(frozen=True, slots=True)
class WantedProperties:
    """What a definition wants kept of its events beside their number."""

    values: tuple[WantedValue, ...] = ()
    cases: tuple[WantedCase, ...] = ()


def amount_in(value: Any) -> Decimal | None:
    """12, 12.5, "1,200", "$1 200.50" and "1.200,50 EUR" as exact numbers of at most six decimals; None for all else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    found = _of_text(value) if isinstance(value, str) else Decimal(str(value))
    # Not a number and infinities compare with nothing, or are too large.
    return found.quantize(PLACES) if found is not None and found.is_finite() and abs(found) <= LARGEST else None


def _of_text(text: str) -> Decimal | None:
    found = _AMOUNT.fullmatch(text) if len(text) <= 40 else None
    if found is None or reads_two_ways(found["point"] or ""):
        return None
    if comma := found["comma"]:
        digits = re.sub(r"[^\d,]", "", comma).replace(",", ".")
    else:
        digits = re.sub(r"[^\d.]", "", found["point"])
    return Decimal(digits).copy_negate() if found["sign"] in ("-", "−") else Decimal(digits)


def value_at(properties: Mapping[str, Any], paths: Sequence[str]) -> Any:
    """The first value that stands at one of the paths (`amount`, `invoice.total`); None where there is none."""
    found = (_at(properties, path) for path in paths)
    return next((value for value in found if value is not None), None)


def _at(properties: Mapping[str, Any], path: str) -> Any:
    if path in properties:
        return properties[path]
    first, _, rest = path.partition(".")
    inner = properties.get(first)
    return _at(inner, rest) if rest and isinstance(inner, Mapping) else None
