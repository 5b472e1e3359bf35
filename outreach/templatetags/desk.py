"""Words and addresses of the desk: facts, plays, reps, and the way to the events behind a number."""

import re
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from plgcrm.common.templatetags.words import due_short, urgency
from plgcrm.common.text import percent
from signals.measures.kinds import KINDS, is_share

register = template.Library()
CHOSEN = mark_safe(" selected")


def due_cell(value: datetime, sla_class: int) -> SafeString:
    """A row's deadline; that of a request counts down. Nothing in it was written by people."""
    count = "" if sla_class else " data-count"
    cell = '<time class="due {}" datetime="{}"{}>{}</time>'
    return format_html(cell, urgency(value), value.isoformat(), count, due_short(value))


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
    """Where a notice undoes: the number of an item's change, or an address whose card is drawn again."""
    if str(undo).startswith("/outcomes/"):
        return {"url": str(undo), "target": "#outcome", "swap": "outerHTML"}
    if str(undo).startswith("/"):  # of a batch: the page is drawn again
        return {"url": str(undo), "target": "", "swap": ""}
    return {"url": f"{reverse('queue_undo', args=[undo])}{query or ''}", "target": "#item", "swap": "innerHTML"}


@register.filter
def fact(head: Any, name: str) -> Any:
    """A fact of an account by its name in `signals.facts`."""
    return head.fact(name)


@register.filter
def fact_is_bound(head: Any, name: str) -> bool:
    """Whether the true number may be larger, as of a range of employees."""
    return bool(name in head.facts and head.facts[name].at_least)


@register.filter
def fact_value(told: dict[str, Any]) -> str:
    """A fact of a why-now sentence: {"value", "measure", "reads"}."""
    value = told.get("value")
    if not isinstance(value, int | float):
        return str(value or "")
    if is_share(str(told.get("measure", ""))):
        return percent(value)
    return f"{value:,.2f}".rstrip("0").rstrip(".")


@register.filter
def known_fact_value(told: Any) -> str:
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
    "wake": "brought it back from snooze",
    "dismiss": "dismissed it",
    "finish": "closed it as done",
    "reassign": "reassigned it",
    "email": "logged an email",
    "call": "logged a call",
    "note": "wrote a note",
    "expire": "closed it: no longer qualifies",
    "join": "closed it by joining two accounts",
    "by-hand-join": "joined another account into this one:",
    "by-hand-domain": "added a domain:",
    "by-hand-no-domain": "removed a domain:",
    "by-hand-main": "changed the main domain to",
    "by-hand-name": "renamed the account",
    "by-hand-workspace": "moved a workspace here:",
    "by-hand-person": "moved a person here:",
    "by-hand-merge": "merged somebody into this person:",
    "by-hand-split": "split somebody off:",
    "asked-again": "logged another request",
}


@register.filter
def verb_words(verb: str) -> str:
    return _VERBS.get(verb, verb)
