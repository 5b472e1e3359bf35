"""Segments: which there are, and who is in one since when."""

from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from outreach.access import Viewer, desk
from outreach.pages.account_list import PAGE
from outreach.pages.segments import members_page, members_to_export
from plgcrm.common.htmx import render_page
from plgcrm.common.spreadsheet import csv_response
from signals.segments import SegmentFigures, figures_of, segment_figures, sizes_of

UNKNOWN = "unknown"
CSV_HEADER = ("Account", "Domain", "In the segment", "Since", "Or earlier", "Points", "Tier", "Owner")


@require_safe
@desk
def segments(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """All of them with their sizes."""
    return render_page(request, "outreach/segments.html", "page", {"segments": segment_figures(), "viewer": viewer})


@require_safe
@desk
def segment(request: HttpRequest, viewer: Viewer, segment: str) -> HttpResponse:
    """One: its rule, its size now and over time, and its members, or those of whom it is unknown."""
    found = figures_of(segment)
    if found is None:
        raise Http404
    known = request.GET.get("state") != UNKNOWN
    if request.GET.get("format") == "csv":
        name = f"plgcrm-segment-{found.slug}" + ("" if known else f"-{UNKNOWN}")
        return csv_response(name, CSV_HEADER, _csv_rows(found, known=known))
    context = {
        "segment": found,
        "viewer": viewer,
        "known": known,
        "sizes": sizes_of(found, today=timezone.now().date()),
        "listing": members_page(found.id, known=known, after=request.GET.get("after", "")[:60], size=PAGE),
        "others": found.unknown if known else found.members,
    }
    return render_page(request, "outreach/segment.html", "page", context)


def _csv_rows(found: SegmentFigures, *, known: bool) -> Iterator[list[Any]]:
    for member in members_to_export(found.id, known=known):
        row = member.account
        yield [
            row.name,
            row.domain,
            "yes" if known else "not known",
            member.since,
            "yes" if member.or_earlier else "",
            row.points,
            row.tier_name,
            row.owner,
        ]
