"""Numbers of a report: each opens to its rows, and a small funnel shows how they hang together."""

import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from plgcrm.common.text import whole_percent

if TYPE_CHECKING:
    from outreach.outcomes.report import Figures, Number

register = template.Library()

_NUMBER = re.compile(r"([$€£]?\d(?:[\d,.]*\d)?)")
FUNNEL_WIDTH, FUNNEL_STEP = 150, 5


@register.simple_tag
def link_number(base: str, number: int, what: str, play: str, detail: str = "") -> SafeString:
    """A number as a link to the rows behind it; nothing to open for none. `base` has a query already."""
    if not number:
        return format_html('<span class="muted">{}</span>', "–")
    asked = {name: value for name, value in (("what", what), ("play", play), ("detail", detail)) if value}
    return format_html('<a class="link" href="{}&{}">{}</a>', base, urlencode(asked), f"{number:,}")


@register.simple_tag
def report_number(base: str, tally: "Figures", number: "Number", play: str) -> SafeString:
    """A number of the report as such a link, with its share where it is told as one."""
    value = tally.number(number.what)
    link = link_number(base, value, number.what, play)
    whole = tally.number(number.share_of) if number.share_of else 0
    return format_html('{} <small class="muted">{}</small>', link, percent_of(value, whole)) if whole else link


@register.filter
def strong_numbers(sentence: str) -> SafeString:
    """The numbers of a sentence in bold, without the words beside them."""
    pieces = enumerate(_NUMBER.split(sentence))
    bold, plain = format_html("<b>{}</b>", "{}"), "{}"
    return format_html_join("", "{}", ((format_html(bold if place % 2 else plain, text),) for place, text in pieces))


@register.filter
def percent_of(part: int, whole: int) -> str:
    return f"{whole_percent(part, whole)} %" if whole else "–"


@register.simple_tag
def funnel(most: int, fired: int, worked: int, met: int) -> SafeString:
    """Three bars from the same start, against the largest of the page. The numbers stand beside it."""
    fired_to, worked_to, met_to = (round(FUNNEL_WIDTH * number / max(most, 1), 1) for number in (fired, worked, met))
    return format_html(
        '<svg class="funnel" width="{}" height="{}" aria-hidden="true"><rect class="fired" width="{}" height="4"/>'
        '<rect class="worked" y="5" width="{}" height="4"/><rect class="met" y="10" width="{}" height="4"/></svg>',
        FUNNEL_WIDTH, FUNNEL_STEP * 3 - 1, fired_to, worked_to, min(met_to, FUNNEL_WIDTH),
    )  # fmt: skip
