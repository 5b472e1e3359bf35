"""Charts of points and of signals over time, drawn on the server."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from plgcrm.common.templatetags import charts
from plgcrm.common.templatetags.words import day as day_words
from plgcrm.common.templatetags.words import plural

register = template.Library()
SMALL_MARKS = 12


@register.inclusion_tag("parts/score_chart.html")
def score_chart(history: Any, marks: Iterable[Any]) -> dict[str, Any]:
    """Points a day with the threshold; the crossings of this model's tiers are marked. Baseline at zero."""
    top, lowest = max(history.highest, 1), min(0, *history.points)
    crossings = [mark for mark in marks if mark.kind == "tier" and mark.name.startswith(f"{history.kind.upper()} ")]
    height = top - lowest
    return {
        "ident": f"score-{history.kind}",
        "history": history,
        "count": len(history.points),
        "path": _steps(history.points, top, height),
        "zero": round(24 + top / height * 104, 1),
        "threshold": round(24 + (top - history.threshold) / height * 104, 1),
        "weekends": charts.weekends(history.first, len(history.points)),
        "labels": charts.marked_labels(crossings, history.first, len(history.points)),
        "ticks": charts.ticks(history.first, len(history.points)),
        "numbers": ",".join(map(str, history.points)),
        "top": top,
        "described": _described(history),
    }


def _steps(points: Sequence[int], top: int, height: int) -> str:
    """Points stay until something moves them: a staircase, not a slope."""
    drawn, before = [], None
    for place, value in enumerate(points):
        y = f"{(top - value) / height * 100:.4g}"
        drawn.append(f"M0,{y}" if before is None else f"H{place}" + (f"V{y}" if y != before else ""))
        before = y
    return "".join(drawn)


def _described(history: Any) -> str:
    points = history.points
    return (
        f"{plural(points[-1], 'point,points')} on the last day, {points[0]} on the first; at most {max(points)}. "
        f"Qualified from {history.threshold}."
    )


@register.inclusion_tag("parts/size_chart.html")
def size_chart(sizes: Any) -> dict[str, Any]:
    """How many accounts a segment had, day by day, as a staircase. Baseline at zero."""
    values, count = sizes.members, len(sizes.members)
    top = max(*values, 1)
    path = _steps(values, top, top)
    return {
        "sizes": sizes,
        "count": count,
        "path": path,
        "area": f"{path}V100H0Z",
        "weekends": charts.weekends(sizes.first, count),
        "ticks": charts.ticks(sizes.first, count),
        "numbers": ",".join(map(str, values)),
        "top": f"{top:,}",
        "described": (
            f"{plural(values[-1], 'account,accounts')} now, {values[0]:,} on the first day; "
            f"at most {max(values):,}, at least {min(values):,}."
        ),
        "weeks": charts.weeks(values, sizes.first),
    }


@register.inclusion_tag("parts/signal_chart.html")
def signal_chart(signal: Any, marks: Iterable[Any], href: str) -> dict[str, Any]:
    """One of the small multiples: a bar a day, its own height, moments marked."""
    top, count = max(signal.counts, default=1) or 1, len(signal.counts)
    return {
        "ident": f"signal-{signal.slug}",
        "signal": signal,
        "href": href,
        "top": top,
        "count": count,
        "bars": _bars(signal.counts, top),
        "weekends": charts.weekends(signal.first, count),
        "marks": _places(marks, signal.first, count),
        "numbers": ",".join(map(str, signal.counts)),
        "described": f"{_often(signal)}, {top:,} a day at most.",
        "weeks": _weeks(signal),
    }


def _bars(counts: Sequence[int], top: int) -> str:
    """One path for all days: ninety elements for each of a dozen charts would be heavier than the page."""
    days = [(place, value / top * 100) for place, value in enumerate(counts) if value]
    return "".join(f"M{place + 0.1:g},100V{100 - height:.4g}h.8V100z" for place, height in days)


def _often(signal: Any) -> str:
    return f"{plural(signal.total, 'time,times')} on {plural(signal.days, 'day,days')}"


def _weeks(signal: Any) -> SafeString:
    """Rows of a calendar, Monday first, of the weeks in which anything happened."""
    monday = signal.first - timedelta(days=signal.first.weekday())
    cells: list[int | str] = [""] * signal.first.weekday() + signal.counts
    cells += [""] * (-len(cells) % 7)
    weeks = ((monday + timedelta(days=start), cells[start : start + 7]) for start in range(0, len(cells), 7))
    row = '<tr><th scope="row">{}</th>' + "<td>{}" * 7 + "</tr>"
    return format_html_join("", row, ((day_words(start), *week) for start, week in weeks if any(week)))


def _places(marks: Iterable[Any], first: date, count: int) -> list[tuple[float, str]]:
    """Where a moment stands, in per cent, and its words."""
    found = [((mark.at.date() - first).days, mark) for mark in marks]
    inside = [(place, mark) for place, mark in found if 0 <= place < count][:SMALL_MARKS]
    return [(round((place + 0.5) / count * 100, 2), f"{day_words(mark.at)}: {mark.name}") for place, mark in inside]
