"""A row of the queue's list. A template of its own would cost five times as much, twenty-five times a page."""

from collections.abc import Sequence
from typing import Any

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from plgcrm.templatetags.charts import sparkline
from plgcrm.templatetags.words import clock, due_cell, short_play

register = template.Library()

CURRENT = ' aria-current="true"'


@register.simple_tag
def queue_row(
    row: Any, spark: Sequence[int] | None, *, base: str, query: str, current: int, viewer: int, whose: bool = False
) -> SafeString:
    """`base` is the address of the queue; `whose`: name the rep whose queue it stands on.

    What people wrote is escaped by hand: account, sentence, play, names, and the filters from the address.
    """
    play = escape(short_play(row.play))
    text = f"""
<li id="row-{row.id}"><a class="item" href="{base}{row.id}/{escape(query)}"{CURRENT if row.id == current else ""}>
<span class="name cut" dir="auto">{escape(row.account)}</span>{_points(row)}
<span class="now cut">{escape(row.why_now)}</span>
<span class="whose-line"><span class="play cut" data-play="{escape(row.play_slug)}">{play}</span>
{_whose(row, viewer, whose)}</span>{sparkline(spark)}{_until(row)}</a></li>"""
    return mark_safe(text)  # noqa: S308 - see above


def _points(row: Any) -> str:
    points = "" if row.points is None else int(row.points)
    return f'<span class="points{" good" if row.qualified else ""}">{points}</span>'


def _whose(row: Any, viewer: int, named: bool) -> str:
    if row.state == "claimed":
        words = "claimed" if row.claimed_by_id == viewer else row.held_by
    else:
        words = "unassigned" if row.unassigned else row.held_by if named else ""
    return f'<small class="cut">{escape(words)}</small>' if words else ""


def _until(row: Any) -> str:
    if row.state == "snoozed":
        return f'<span class="due">{clock(row.snoozed_until)}</span>'
    return due_cell(row.due_at, row.sla_class)
