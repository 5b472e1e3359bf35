"""Numbers and lists as our pages and messages say them. Pure: rules and measures may import it."""

import math
import re
from collections.abc import Sequence

SHORT = 9  # digits: any such number fits an id's column
_THREE_DECIMALS = re.compile(r"[1-9]\d{0,2}\.\d{3}")


def is_short_number(text: str) -> bool:
    """Whether a text is a whole number, not negative, that may be an id."""
    return text.isdecimal() and len(text) <= SHORT


def short_number(text: str | None) -> int:
    """The number in an address or a form; 0, which is nobody's id, for anything else."""
    return int(text) if text and is_short_number(text) else 0


def reads_two_ways(digits: str) -> bool:
    """Whether a text such as 1.200 may be twelve hundred or one and a fifth: then nobody knows which."""
    return bool(_THREE_DECIMALS.fullmatch(digits))


def whole_percent(part: float, of: float = 1) -> int:
    """Rounded down: 99.6 % has not reached 100 %, and no page may say that it has."""
    # A hair added: 0.29 * 100 is a little below 29 in floating point.
    return math.floor(part * 100 / of + 1e-9)


def percent(share: float) -> str:
    """94 %, rounded down"""
    return f"{whole_percent(share):,} %"


def plural(number: float, one: str, many: str = "") -> str:
    """1 person, 1,410 people; `many` is needed where it is not `one` with an s."""
    return f"{number:,.0f} {one if number == 1 else many or f'{one}s'}"


def listed(names: Sequence[str], last: str = "and") -> str:
    """Timeline, Dashboard and Form"""
    return f" {last} ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)
