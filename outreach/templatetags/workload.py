"""Words and bars of the manager's page."""

from collections.abc import Sequence
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from plgcrm.common.templatetags.words import plural

register = template.Library()
WIDTH = 72


@register.filter
def upto(value: int, most: int) -> str:
    """Counting stops at `most`; "" for none, so that a dash can stand there."""
    return f"{most:,}+" if value > most else f"{value:,}" if value else ""


@register.simple_tag
def load_bar(load: Any) -> SafeString:
    """What a rep has against their capacity; what is over it shows by colour and by the number beside it."""
    full = WIDTH if load.used >= 100 else round(WIDTH * load.used / 100, 1)
    return format_html(
        '<svg class="load{}" width="{}" height="8" aria-hidden="true"><rect class="room" width="{}" height="8" rx="4"/>'
        '<rect width="{}" height="8" rx="4"/></svg>',
        " over" if load.used > 100 else "", WIDTH, WIDTH, full,
    )  # fmt: skip


@register.simple_tag
def workload_sentence(loads: Sequence[Any], plays: Sequence[Any]) -> str:
    """The page in a sentence."""
    waiting, late = sum(play.items for play in plays), sum(play.late for play in plays)
    unassigned = sum(play.unassigned for play in plays)
    if not waiting:
        return "Nothing waiting."
    capped = any(max(play.week, play.days, play.day, play.today, play.later) > 1000 for play in plays)
    over = sum(1 for load in loads if load.used > 100)
    said = [
        f"{'At least ' if capped else ''}{plural(waiting, 'item waiting,items waiting')}",
        f"{late:,} late",
        f"{unassigned:,} unassigned",
    ]
    return " · ".join([*said, f"{plural(over, 'rep,reps')} over capacity"] if over else said)
