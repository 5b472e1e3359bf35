"""The text of a message with its facts marked. All of it came from people or from outside, so all of it is escaped."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from outreach.templatetags.desk import evidence_url

register = template.Library()


@register.simple_tag
def marked_text(pieces: Iterable[Any], account_id: int) -> SafeString:
    """Facts as links to what is behind them, gaps as marks."""
    return format_html_join("", "{}", ((_drawn(piece, account_id),) for piece in pieces))


@register.filter
def facts_words(facts: Sequence[Any]) -> str:
    """5 facts, all up to date"""
    if not facts:
        return "no facts used"
    return "1 fact, up to date" if len(facts) == 1 else f"{len(facts)} facts, all up to date"


def _drawn(piece: Any, account_id: int) -> str | SafeString:
    if piece.gap:
        return format_html('<mark class="gap" title="Missing: reword this part">{}</mark>', piece.text)
    if piece.fact is None:
        return str(piece.text)
    words = f"{piece.fact.reads}: up to date. See what is behind it"
    address = _behind(piece.fact, account_id)
    return format_html('<a class="fact" href="{}" title="{}">{}</a>', address, words, piece.text)


def _behind(fact: Any, account_id: int) -> str:
    """The events, where it was counted from some; else the account with its attributes."""
    for measure in fact.measures:
        if address := evidence_url(account_id, measure):
            return address
    return reverse("account", args=[account_id])
