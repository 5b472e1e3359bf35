"""A row of the queue's list. A template of its own would cost five times as much, twenty-five times a page."""

from collections.abc import Sequence
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from outreach.templatetags.desk import due_cell, short_play
from plgcrm.common.templatetags.charts import sparkline
from plgcrm.common.templatetags.words import clock

register = template.Library()

ROW = """
<li id="row-{id}"><a class="item" href="{base}{id}/{query}"{current}>
<span class="name cut" dir="auto">{account}</span>{points}
<span class="now cut">{why_now}</span>
<span class="whose-line"><span class="play cut" data-play="{slug}">{play}</span>
{whose}</span>{spark}{until}</a></li>"""


@register.simple_tag
def queue_row(
    row: Any, spark: Sequence[int] | None, *, base: str, query: str, current: int, viewer: int, whose: bool = False
) -> SafeString:
    """`base` is the address of the queue; `whose`: name the rep whose queue it stands on."""
    return format_html(
        ROW,
        id=row.id,
        base=base,
        query=query,
        current=format_html(' aria-current="{}"', "true") if row.id == current else "",
        account=row.account,
        points=_points(row),
        why_now=row.why_now,
        slug=row.play_slug,
        play=short_play(row.play),
        whose=_whose(row, viewer, whose),
        spark=sparkline(spark),
        until=_until(row),
    )


def _points(row: Any) -> SafeString:
    points = "" if row.points is None else row.points
    return format_html('<span class="points{}">{}</span>', " good" if row.qualified else "", points)


def _whose(row: Any, viewer: int, named: bool) -> SafeString | str:
    if row.state == "claimed":
        words = "claimed" if row.claimed_by_id == viewer else row.held_by
    else:
        words = "unassigned" if row.unassigned else row.held_by if named else ""
    return format_html('<small class="cut">{}</small>', words) if words else ""


def _until(row: Any) -> SafeString:
    if row.state == "snoozed":
        return format_html('<span class="due">{}</span>', clock(row.snoozed_until))
    return due_cell(row.due_at, row.sla_class)
