"""Dates, amounts and numbers as a reader says them, in the reader's time zone."""

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from signals.measures.kinds import KINDS

register = template.Library()
CHOSEN = mark_safe(" selected")

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


def due_cell(value: datetime, sla_class: int) -> SafeString:
    """A row's deadline; that of a raised hand counts down. Nothing in it was written by people."""
    count = "" if sla_class else " data-count"
    cell = '<time class="due {}" datetime="{}"{}>{}</time>'
    return format_html(cell, urgency(value), value.isoformat(), count, due_short(value))


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
    one, many = words.split(",")
    return f"{value:,.0f} {one if value == 1 else many}"


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


_LEADING_NAME = re.compile(r"^“[^”]+” (?=\S)")
_SEVERAL_NAMES = re.compile(r"“[^”]+”(?:, “[^”]+”)+(?:,? (?:and|or) (?:“[^”]+”|\d+ more))?")


@register.filter
def brief(reading: str) -> str:
    """A reading beside the name of its criterion: without the signal's name again, without long lists."""
    counted = _SEVERAL_NAMES.sub(lambda match: str(match[0].count("“")), reading)
    return _LEADING_NAME.sub("", counted)


@register.simple_tag
def evidence_url(account_id: int, measure: str | None, person_id: int = 0) -> str:
    """Where the events behind a measure are shown, of one person where given; "" where it counts none."""
    kind = KINDS.get((measure or "").partition(":")[0])
    if not account_id or kind is None or not any(field.type == "signals" for field in kind.fields):
        return ""
    whose = f"&person={person_id}" if person_id else ""
    return f"{reverse('account_evidence', args=[account_id])}?measure={quote(measure or '')}{whose}"


@register.simple_tag
def rep_options(colleagues: Iterable[Any], selected: int = 0, without: int = 0) -> SafeString:
    """The options of a choice of reps: a company may have a hundred, and they seldom change."""
    return _rep_options(tuple(colleagues), selected, without)


@lru_cache(64)
def _rep_options(colleagues: tuple[Any, ...], selected: int, without: int) -> SafeString:
    return format_html_join(
        "",
        '<option value="{}"{}>{} · {}{}</option>',
        (
            (
                each.id,
                CHOSEN if each.id == selected else "",
                each.name,
                each.team,
                "" if each.taking_items else " (away)",
            )
            for each in colleagues
            if each.id != without
        ),
    )


@register.simple_tag
def undo_address(undo: Any, query: str = "") -> dict[str, str]:
    """Where a notice undoes: the number of an item's change, or an address whose card is drawn anew."""
    if str(undo).startswith("/outcomes/"):
        return {"url": str(undo), "target": "#outcome", "swap": "outerHTML"}
    if str(undo).startswith("/"):  # of a batch: the page is drawn anew
        return {"url": str(undo), "target": "", "swap": ""}
    return {"url": f"{reverse('queue_undo', args=[undo])}{query or ''}", "target": "#item", "swap": "innerHTML"}


@register.filter
def get(mapping: dict[Any, Any], key: Any) -> Any:
    return mapping.get(key)


@register.filter
def fact(head: Any, name: str) -> Any:
    """A fact of an account by its name in `signals.facts`."""
    return head.fact(name)


@register.filter
def fact_value(told: dict[str, Any]) -> str:
    """A fact of a why-now sentence: {"value", "measure", "reads"}."""
    value = told.get("value")
    if not isinstance(value, int | float):
        return str(value or "")
    share = str(told.get("measure", "")).startswith(("limit_share", "growth"))
    return f"{int(value * 100 + 1e-9)} %" if share else f"{value:,.2f}".rstrip("0").rstrip(".")


@register.filter
def told_value(told: Any) -> str:
    """The same of a `why_now.KnownFact`."""
    return fact_value({"value": told.value, "measure": told.measure})


_SHORT = {"Inbound": "", "Account": "", "Warm": "", "Sales-support": "Support", "Sales": "", "loop": ""}


@register.filter
def short_play(name: str) -> str:
    """A play's name for the filters: "Account expansion" is "Expansion" there."""
    words = [_SHORT.get(word, word) for word in name.split()]
    short = " ".join(word for word in words if word)
    return (short[:1].upper() + short[1:]) or name


_VERBS = {
    "claim": "claimed it",
    "release": "released it",
    "snooze": "snoozed it",
    "wake": "woke it",
    "dismiss": "dismissed it",
    "finish": "closed it as done",
    "hand-over": "handed it over",
    "mail": "logged a mail",
    "call": "logged a call",
    "note": "wrote a note",
    "expire": "let it go: its reason went away",
    "asked-again": "noted that they asked again",
}


@register.filter
def verb_words(verb: str) -> str:
    return _VERBS.get(verb, verb)
