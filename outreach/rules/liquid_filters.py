"""The filters that messages and why-now lines may use, and how a value is written.

Those of the library that a hostile argument could make slow or huge are our own here: arithmetic, rounding and dates.
"""

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Final

from liquid.builtin.filters import array, misc, string
from liquid.exceptions import FilterArgumentError, UndefinedError
from liquid.undefined import Undefined

from plgcrm.common.text import percent, whole_percent

LARGEST = 10**15
LONGEST_TEXT = 10_000
_FORMAT = re.compile(r"(?:%-?[aAbBdejmYyHIMp]|[^%]){1,40}")


class Share(float):
    """A part of a whole, written in percent and never rounded up: 0.996 is not yet all."""

    __slots__ = ()

    def __str__(self) -> str:
        return percent(self)


class AtLeast(float):
    """A number that the true one may exceed. What follows from it either way is decided; nothing else is."""

    __slots__ = ()

    def __str__(self) -> str:
        return f"at least {_number(self)}"

    def __gt__(self, other: float) -> bool:
        return float(self) > other or self._undecided()

    def __ge__(self, other: float) -> bool:
        return float(self) >= other or self._undecided()

    def __lt__(self, other: float) -> bool:
        return float(self) < other and self._undecided()

    def __le__(self, other: float) -> bool:
        return float(self) <= other and self._undecided()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, int | float) and float(self) <= other and self._undecided()

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = float.__hash__

    def _undecided(self) -> bool:
        raise UndefinedError("the number may be larger", token=None)


class AtLeastShare(AtLeast):
    """The same of a part of a whole."""

    __slots__ = ()

    def __str__(self) -> str:
        return f"at least {percent(self)}"


class Text(str):
    """A text from outside. Clients send Team, team and TEAM for one plan: they are equal."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and self.casefold() == other.casefold()

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self.casefold())


class Counted(str):
    """A number with its noun, that still knows whether it is nothing."""

    __slots__ = ("is_nothing",)
    is_nothing: bool


def reads_as_nothing(value: object) -> bool:
    """Whether a value is a number that is written as zero, or is below it."""
    if isinstance(value, Counted):
        return value.is_nothing
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    number = float(value)
    if isinstance(value, Share | AtLeastShare):
        return whole_percent(number) <= 0
    return round(number, 2) <= 0


def shown(value: object) -> str:
    """A value as a message writes it: 1,410 · 94 % · 3 December."""
    if isinstance(value, Undefined):
        raise UndefinedError(value.name, token=value.token)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Share | AtLeast):
        return str(value)
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, date):
        return f"{value.day} {value:%B}"
    if value is None or isinstance(value, str):
        return value or ""
    raise FilterArgumentError("only text, numbers and dates can be inserted", token=None)


def _number(value: float) -> str:
    rounded = round(value, 2)
    return f"{int(rounded):,}" if rounded == int(rounded) else f"{rounded:,.2f}"


def _as_number(value: object) -> float:
    """The number, within bounds."""
    if isinstance(value, Undefined):
        raise UndefinedError(value.name, token=value.token)
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,15}(\.\d{1,9})?", value):
        value = float(value) if "." in value else int(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise FilterArgumentError("expected a number", token=None)
    # A sum with it would be told as if it were exact.
    if isinstance(value, AtLeast):
        raise UndefinedError("the number may be larger", token=None)
    if not -LARGEST <= value <= LARGEST:
        raise FilterArgumentError("the number is too large", token=None)
    return float(value) if isinstance(value, float) else value  # a share that was calculated with is a plain number


def _plus(value: object, other: object = None) -> float:
    return _as_number(_as_number(value) + _as_number(other))


def _minus(value: object, other: object = None) -> float:
    return _as_number(_as_number(value) - _as_number(other))


def _times(value: object, other: object = None) -> float:
    return _as_number(_as_number(value) * _as_number(other))


def _divided_by(value: object, other: object = None) -> float:
    """Whole numbers divide to a whole number, as everywhere in Liquid."""
    left, right = _as_number(value), _as_number(other)
    if right == 0:
        raise FilterArgumentError("cannot divide by zero", token=None)
    return left // right if isinstance(left, int) and isinstance(right, int) else left / right


def _round(value: object, digits: object = 0) -> float:
    places = min(max(int(_as_number(digits)), 0), 6)
    rounded = round(float(_as_number(value)), places)
    return rounded if places else int(rounded)


def _counted(value: object, one: object = None, many: object = None) -> str:
    """9 people, 1 person; of the two words the second may be left out where it is the first with an s."""
    if isinstance(value, Undefined):
        raise UndefinedError(value.name, token=value.token)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise FilterArgumentError("expected a number", token=None)
    if not isinstance(one, str) or not isinstance(many, str | None):
        raise FilterArgumentError('expected the words for one and for more, such as "person", "people"', token=None)
    text = shown(value)
    said = Counted(f"{text} {one if text in ('1', 'at least 1') else many or f'{one}s'}")
    said.is_nothing = reads_as_nothing(value)
    return said


def _date(value: object, form: object = "%-d %B") -> str:
    if isinstance(value, Undefined):
        raise UndefinedError(value.name, token=value.token)
    if not isinstance(value, date | datetime):
        raise FilterArgumentError("expected a date", token=None)
    if not isinstance(form, str) or not _FORMAT.fullmatch(form):
        raise FilterArgumentError("a date format uses only %a %A %b %B %d %e %-d %j %m %Y %y %H %I %M %p", token=None)
    return value.strftime(form)


def _on_text(run: Callable[..., Any]) -> Callable[..., Any]:
    """A filter of the library on what the message would write, of a length that stays bounded."""

    def bounded(value: object, *args: object, **kwargs: object) -> Any:
        text = shown(value)
        if len(text) > LONGEST_TEXT or any(isinstance(arg, Undefined) for arg in args):
            raise FilterArgumentError("the text is too long, or an argument is unknown", token=None)
        return run(text, *args, **kwargs)

    bounded.with_environment = getattr(run, "with_environment", False)  # type: ignore[attr-defined]
    return bounded


def _on_value(run: Callable[..., Any]) -> Callable[..., Any]:
    def bounded(value: object, **kwargs: object) -> Any:
        if isinstance(value, Undefined):
            raise UndefinedError(value.name, token=value.token)
        return run(value, **kwargs)

    bounded.with_environment = getattr(run, "with_environment", False)  # type: ignore[attr-defined]
    return bounded


FILTERS: Final[dict[str, Callable[..., Any]]] = {
    "default": misc.default,
    "counted": _counted,
    "capitalize": _on_text(string.capitalize),
    "upcase": _on_text(string.upcase),
    "downcase": _on_text(string.downcase),
    "strip": _on_text(string.strip),
    "truncate": _on_text(string.truncate),
    "truncatewords": _on_text(string.truncatewords),
    "escape": _on_text(string.escape),
    "date": _date,
    "round": _round,
    "first": _on_value(array.first),
    "last": _on_value(array.last),
    "size": _on_value(misc.size),
    "plus": _plus,
    "minus": _minus,
    "times": _times,
    "divided_by": _divided_by,
}
