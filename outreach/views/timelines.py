"""The timeline of a page as the address asks for it."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest

from outreach.pages.timeline import KINDS, Cursor, Whose, end_of_day, timeline_of


def asked_timeline(request: HttpRequest, whose: Whose, *, now: datetime, began: datetime | None) -> dict[str, Any]:
    """Of a kind, and from a row on."""
    asked = request.GET
    kind = asked.get("kind", "") if asked.get("kind") in KINDS else ""
    after = Cursor.parse(asked.get("after", ""))
    shown = timeline_of(whose, kind=kind, after=after or end_of_day(now), began=began)
    return {
        "shown": shown,
        "timeline": shown.rows,
        "kinds": [(name, words) for name, (words, _) in KINDS.items()],
        "kind": kind,
        "is_first": after is None,
        "has_all_marks": after is None and not (kind or (whose.account and whose.person)),
    }
