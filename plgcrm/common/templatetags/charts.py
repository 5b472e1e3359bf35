"""Charts drawn on the server: SVG with a title, a description, and the numbers as a table beside it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from plgcrm.common.templatetags.words import day as day_words
from plgcrm.common.templatetags.words import plural

register = template.Library()

SPARK_WIDTH, SPARK_HEIGHT = 84, 20
LETTER_SHARE, LETTERS = 1.6, 22  # per cent of a narrow chart that a letter of a label needs, and how many are shown
MARKS = 8
BAR_WIDTH = 46
NO_SPARK = mark_safe('<span class="spark"></span>')


@dataclass(frozen=True, slots=True)
class Label:
    """A mark on a chart: where, in per cent of the width, and its word."""

    x: float
    text: str
    day: str
    anchor: str
    shown: bool


@register.simple_tag
def sparkline(values: Sequence[int] | None) -> SafeString:
    """The shape of some days, for a list: numbers stand elsewhere, so it is hidden from readers. Numbers only."""
    if not values or not any(values):
        return NO_SPARK
    top, step = max(values), (SPARK_WIDTH - 4) / max(len(values) - 1, 1)
    points = [
        f"{2 + i * step:.0f},{SPARK_HEIGHT - 2 - value / top * (SPARK_HEIGHT - 5):.0f}"
        for i, value in enumerate(values)
    ]
    x, y = points[-1].split(",")
    line, ground = " ".join(points), SPARK_HEIGHT - 2
    return mark_safe(  # noqa: S308 - numbers only
        f'<svg class="spark" viewBox="0 0 {SPARK_WIDTH} {SPARK_HEIGHT}" width="{SPARK_WIDTH}" height="{SPARK_HEIGHT}" '
        f'aria-hidden="true"><polygon points="2,{ground} {line} {x},{ground}"/><polyline points="{line}"/>'
        f'<circle cx="{x}" cy="{y}" r="1.8"/></svg>'
    )


@register.simple_tag
def bar(points: int, largest: int) -> SafeString:
    """A bar of points against the largest of its list, growing from the right."""
    width = max(3.0, BAR_WIDTH * abs(points) / max(largest, 1))
    return format_html(
        '<svg class="bar{}" width="{}" height="6" aria-hidden="true"><rect x="{}" width="{}" height="6" rx="3"/></svg>',
        " minus" if points < 0 else "", BAR_WIDTH, round(BAR_WIDTH - width, 1), round(width, 1),
    )  # fmt: skip


@register.simple_tag
def ring(done: int, of: int) -> SafeString:
    """How much of a day is done."""
    share = min(done / of, 1.0) if of else 0.0
    return format_html(
        '<svg class="ring" width="18" height="18" viewBox="0 0 18 18" aria-hidden="true"><circle cx="9" cy="9" r="7"/>'
        '<circle class="done" cx="9" cy="9" r="7" pathLength="100" stroke-dasharray="{} 100" '
        'transform="rotate(-90 9 9)"/></svg>',
        round(share * 100),
    )


@register.inclusion_tag("parts/usage_chart.html")
def usage_chart(series: Any, marks: Iterable[Any], href: str = "", ident: str = "usage") -> dict[str, Any]:
    """People active a day: a line over weekend bands, moments marked. Baseline at zero."""
    count = len(series.people)
    top = max(max(series.people, default=0), 1)
    return {
        "ident": ident,
        "series": series,
        "href": href,
        "top": top,
        "count": count,
        "path": _path(series.people, top),
        "area": f"M0,100 L{_path(series.people, top)[1:]} L{max(count - 1, 1)},100 Z",
        "weekends": weekends(series.first, count),
        "labels": marked_labels(marks, series.first, count),
        "ticks": ticks(series.first, count),
        "numbers": ",".join(map(str, series.people)),
        "events": ",".join(map(str, series.events)),
        "described": described(series.people, series.first),
        "weeks": weeks(series.people, series.first),
    }


def described(values: Sequence[int], first: date) -> str:
    """The chart in a sentence."""
    if not any(values):
        return "No one was active in this period."
    top = max(values)
    when = first + timedelta(days=len(values) - 1 - list(reversed(values)).index(top))
    return (
        f"{plural(values[-1], 'person,people')} active on the last day; "
        f"at most {top:,}, on {day_words(when)}; active on {sum(1 for v in values if v)} of {len(values)} days."
    )


def _path(values: Sequence[int], top: int) -> str:
    return "M" + " L".join(f"{x},{100 - value / top * 100:.4g}" for x, value in enumerate(values))


def weekends(first: date, count: int) -> SafeString:
    """One band a weekend, half a day wider on each side: the line has its points in the middle of days."""
    starts = (i for i in range(count) if (first + timedelta(days=i)).weekday() == 5)
    return format_html_join(
        "",
        '<rect x="{}" y="0" width="{}" height="100"/>',
        ((start, min(i + 1.5, count - 1) - start) for i in starts for start in (max(i - 0.5, 0),)),
    )


def _share(place: float, count: int) -> float:
    return round(place / max(count - 1, 1) * 100, 2)


def marked_labels(marks: Iterable[Any], first: date, count: int) -> list[Label]:
    """Newest first; a mark has its word on the side where neither another word nor a dot is in the way, or none."""
    placed = [(_share((mark.at.date() - first).days, count), mark) for mark in marks]
    shown = sorted((each for each in placed if 0 <= each[0] <= 100), key=lambda each: each[1].at, reverse=True)[:MARKS]
    dots, words, labels = [x for x, _ in shown], list[tuple[float, float]](), list[Label]()
    for x, mark in shown:
        side = _free_side(x, mark.name, dots, words)
        words += [_span(x, mark.name, side)] if side else []
        labels.append(Label(x, mark.name, day_words(mark.at), side or "start", bool(side)))
    return labels


def _free_side(x: float, word: str, dots: Sequence[float], words: Sequence[tuple[float, float]]) -> str:
    """ "start": right of the mark, "end": left of it, "": neither is free."""
    for side in ("start", "end"):
        low, high = _span(x, word, side)
        alone = not any(low <= dot <= high and dot != x for dot in dots)
        if low >= 0 and high <= 100 and alone and all(high < left or right < low for left, right in words):
            return side
    return ""


def _span(x: float, word: str, side: str) -> tuple[float, float]:
    width = LETTER_SHARE * min(len(word), LETTERS) + 2
    return (x, x + width) if side == "start" else (x - width, x)


def ticks(first: date, count: int) -> list[tuple[float, str, str]]:
    places = (0, count // 2, count - 1)
    anchors = ("start", "middle", "end")
    return [
        (_share(place, count), day_words(first + timedelta(days=place)), anchor)
        for place, anchor in zip(places, anchors, strict=True)
    ]


def weeks(values: Sequence[int], first: date) -> SafeString:
    """Rows of a calendar, Monday first; empty for days outside."""
    monday = first - timedelta(days=first.weekday())
    cells = [""] * first.weekday() + [f"{value:,}" for value in values]
    cells += [""] * (-len(cells) % 7)
    rows = (
        (
            day_words(monday + timedelta(days=start)),
            mark_safe("".join(f"<td>{cell}" for cell in cells[start : start + 7])),  # noqa: S308 - numbers only
        )
        for start in range(0, len(cells), 7)
    )
    return format_html_join("", '<tr><th scope="row">{}</th>{}</tr>', rows)


@register.simple_tag
def columns(values: Sequence[int], title: str) -> SafeString:
    """A column for each value, the newest at the right; baseline at zero."""
    top, count = max(max(values, default=0), 1), len(values)
    drawn = format_html_join(
        "",
        '<rect x="{}%" width="{}%" y="{}" height="{}" rx="1"><title>{}</title></rect>',
        (_column(i, v, count, top) for i, v in enumerate(values) if v),
    )
    return format_html(
        '<svg class="minutes" role="img" height="76"><title>{}</title><desc>At most {}, now {}.</desc>{}'
        '<line class="ground" x1="0" x2="100%" y1="70.5" y2="70.5"/></svg>',
        title, f"{max(values, default=0):,}", f"{values[-1] if values else 0:,}", drawn,
    )  # fmt: skip


def _column(place: int, value: int, count: int, top: int) -> tuple[float, float, float, float, str]:
    height = round(value / top * 66, 1)
    return round(place / count * 100, 2), round(80 / count, 2), round(70 - height, 1), height, f"{value:,}"


@register.filter
def highest(values: Sequence[int]) -> int:
    return max(values, default=0)
