"""Dates, amounts and numbers as a reader says them, in the reader's time zone."""

import re
from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from plgcrm.common import text

register = template.Library()

# A number with what belongs to it: "47 of 50 seats", "92 %", "3 December", "$1,410", "9 people".
_TELLING = re.compile(
    r"(?<![\w.,&#;])(?:[$€£]\s?)?\d[\d,.]*\d?(?:\s?%|\s?h\b)?"
    r"(?: of \d[\d,.]*)?"
    r"(?: (?!in |of |the |and |to |a |is |are )[a-z][\w-]*| [A-Z][a-z]{2,8}\b)?"
)


@register.filter
def day(value: date | datetime | None) -> str:
    """12 Nov, with the year where it is another one."""
    if value is None:
        return ""
    local = timezone.localtime(value) if isinstance(value, datetime) else value
    this_year = timezone.localdate().year
    return f"{local.day} {local:%b}" if local.year == this_year else f"{local.day} {local:%b %Y}"


@register.filter
def clock(value: datetime | None) -> str:
    """today 17:00, tomorrow 09:00, Mon 09:00, 12 Nov 09:00"""
    if value is None:
        return ""
    local = timezone.localtime(value)
    distance = (local.date() - timezone.localdate()).days
    names = {0: "today", 1: "tomorrow", -1: "yesterday"}
    if distance in names:
        return f"{names[distance]} {local:%H:%M}"
    return f"{local:%a %H:%M}" if 1 < distance < 7 else f"{day(local)} {local:%H:%M}"


@register.filter
def ago(value: datetime | None) -> str:
    """3 s, 5 min, 2 h, 4 days: how long ago, without the word."""
    return "" if value is None else span(max(timezone.now() - value, timedelta(0)))


@register.filter
def span(value: timedelta | float) -> str:
    seconds = int(value.total_seconds() if isinstance(value, timedelta) else value)
    for size, word in ((60, "s"), (3600, "min"), (48 * 3600, "h")):
        if seconds < size:
            return f"{seconds // {'s': 1, 'min': 60, 'h': 3600}[word]} {word}"
    days = seconds // 86_400
    return f"{days} days" if days < 60 else f"{days // 30} months"


@register.filter
def day_ago(value: date | None) -> str:
    """Of a day without a time: today, yesterday, 5 days ago."""
    if value is None:
        return ""
    days = (timezone.now().date() - value).days
    return {0: "today", 1: "yesterday"}.get(max(days, 0), f"{days} days ago")


@register.filter
def due(value: datetime) -> str:
    """due tomorrow 17:00, or how late it is"""
    late = timezone.now() - value
    return f"{span(late)} late" if late > timedelta(0) else f"due {clock(value)}"


@register.filter
def due_short(value: datetime) -> str:
    """For the list: what is left, or how late."""
    left = value - timezone.now()
    if left < timedelta(0):
        return f"{_brief(-left)} late"
    return _brief(left) if left < timedelta(days=2) else day(value)


@register.filter
def urgency(value: datetime) -> str:
    """The class that colours a deadline: late, soon, or nothing."""
    left = value - timezone.now()
    return "late" if left < timedelta(0) else "soon" if left < timedelta(hours=4) else ""


def _brief(value: timedelta) -> str:
    minutes = int(value.total_seconds() // 60)
    if minutes < 60:
        return f"{max(minutes, 1)} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} d"


@register.filter
def whole(value: float | int | None) -> str:
    """1,410"""
    return "" if value is None else f"{value:,.0f}"


@register.filter
def signed(value: int) -> str:
    """+30 and −12"""
    return f"+{value:,}" if value >= 0 else f"−{-value:,}"


@register.filter
def capped(value: int) -> str:
    """Counting stops at a hundred."""
    return "100+" if value > 100 else str(value)


@register.filter
def plural(value: float, words: str) -> str:
    """`{{ 2|plural:"person,people" }}`: 2 people"""
    return text.plural(value, *words.split(","))


_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£"}


@register.filter
def amount(value: float | None, currency: Any = "") -> str:
    """$1,410; the code where the sign is not known"""
    if value is None:
        return ""
    code = str(currency or "").upper()[:3]
    sign = _SIGNS.get(code)
    return f"{sign}{value:,.0f}" if sign else f"{value:,.0f} {code}".strip()


@register.filter
def initials(name: str) -> str:
    parts = [part for part in re.split(r"[\s.@_-]+", name) if part[:1].isalpha()]
    return "".join(part[0] for part in (parts[:1] + parts[1:][-1:])).upper() or "?"


_QUOTED = re.compile(r"(“[^”]*”)")


@register.filter
def emphasise(sentence: str) -> SafeString:
    """The numbers of a sentence in bold, but not those in somebody's own words; all of it escaped."""
    out: list[str] = []
    for place, piece in enumerate(_QUOTED.split(sentence)):
        out += [conditional_escape(piece)] if place % 2 else _with_bold_numbers(piece)
    return mark_safe("".join(out))  # noqa: S308 - every piece is escaped


def _with_bold_numbers(text: str) -> list[str]:
    out, end = [], 0
    for match in _TELLING.finditer(text):
        out += [conditional_escape(text[end : match.start()]), "<b>", conditional_escape(match[0]), "</b>"]
        end = match.end()
    return [*out, conditional_escape(text[end:])]


@register.filter
def get(mapping: dict[Any, Any], key: Any) -> Any:
    return mapping.get(key)
