"""Words and links of the pages about accounts and people."""

from collections.abc import Iterable
from datetime import datetime
from math import isfinite
from typing import Any
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from outreach.templatetags.desk import verb_words
from plgcrm.common.templatetags.words import amount, day
from plgcrm.common.text import short_number, whole_percent

register = template.Library()

NEAR = 90  # per cent used, from which on a limit is near
UNNAMED = "someone unidentified"
_MOMENTS = {"hand": "Request", "tier": "Tier change", "conversion": "Converted"}
_TOUCHES = {"email": "emailed", "call": "called", "note": "added a note"}


@register.simple_tag
def person_link(person_id: int | None, name: str, unnamed: str = UNNAMED) -> SafeString:
    """A person's name, leading to their page; names come from outside."""
    if not person_id:
        return format_html('<span dir="auto">{}</span>', name or unnamed)
    return format_html('<a dir="auto" href="{}">{}</a>', reverse("person", args=[person_id]), name or unnamed)


@register.filter
def since_words(stay: Any) -> str:
    """Since when an account is in a segment: “since 3 Sep”, “since 3 Sep or earlier”."""
    return f"since {day(stay.since)}" + (" or earlier" if stay.or_earlier else "")


@register.filter
def only_known(stays: Iterable[Any]) -> list[Any]:
    return [stay for stay in stays if stay.known]


@register.filter
def only_unknown(stays: Iterable[Any]) -> list[Any]:
    return [stay for stay in stays if not stay.known]


@register.filter
def moment_words(kind: str) -> str:
    return _MOMENTS.get(kind, "Moment")


@register.filter
def is_touch(verb: str) -> bool:
    return verb in _TOUCHES


@register.filter
def done_words(verb: str) -> str:
    """Of a touch or of what was done to an item."""
    return _TOUCHES.get(verb) or verb_words(verb)


@register.filter
def towards(verb: str) -> str:
    """What stands between what was done and the person it is about."""
    return {"email": "", "call": "", "note": "about"}.get(verb, "for")


@register.filter
def age_words(value: datetime | None) -> str:
    """Of an attribute: today, yesterday, 5 days ago, 14 months ago."""
    if value is None:
        return ""
    days = (timezone.now().date() - value.date()).days
    if days < 2:
        return "today" if days < 1 else "yesterday"
    return f"{days} days ago" if days < 90 else f"{days // 30} months ago"


@register.filter
def share(part: Any, of: Any) -> int | None:
    """A whole percent, rounded down; None where it cannot be calculated."""
    try:
        return whole_percent(float(part), float(of))
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None


@register.filter
def only_workspaces(holders: Iterable[Any]) -> list[Any]:
    """Without the account itself."""
    return [holder for holder in holders if holder.id]


@register.filter
def monthly(traits: dict[str, str]) -> str:
    """What a workspace pays a month, out of its traits; "" where that is no number."""
    try:
        number = float(traits.get("monthly_revenue", ""))
    except ValueError:
        return ""
    return amount(number, traits.get("currency")) if isfinite(number) else ""


@register.simple_tag
def used_of(used: Any, limit: Any) -> SafeString:
    """47 of 50, in the colour of what is near its end, with the share in words for readers."""
    if limit in (None, ""):
        return format_html("{}", used or "–")
    filled = share(used, limit)
    if filled is None or filled < NEAR:
        return format_html("{} of {}", used or "?", limit)
    return format_html('<b class="soon" title="{} % used">{} of {}</b>', filled, used, limit)


@register.simple_tag
def limit_of(traits: dict[str, str], slug: str) -> SafeString:
    """How much of a limit a workspace uses, out of its traits."""
    return used_of(traits.get(f"{slug}_used"), traits.get(slug))


@register.simple_tag
def timeline_query(kind: str = "", person: int | str | None = None, after: Any = None) -> str:
    """The filters of a timeline as they stand in an address, with the question mark; "" for none."""
    wanted = {"kind": kind, "person": person, "after": str(after) if after else ""}
    kept = {name: value for name, value in wanted.items() if value}
    return f"?{urlencode(kept)}" if kept else ""


@register.filter
def number(text: str) -> int:
    """Of an address: 0 for anything else."""
    return short_number(text)
