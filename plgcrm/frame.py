"""The frame of every page, as a context processor; read only where a template asks for it."""

from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from outreach.access import Viewer, viewer_of
from outreach.queue.list import WaitingItems, waiting
from plgcrm.common.cache import Remembered
from plgcrm.common.frame import PageFrame, age_of

_WAITING = Remembered[WaitingItems](seconds=1)


def frame(request: HttpRequest) -> dict[str, Any]:
    return {"frame": SimpleLazyObject(lambda: _frame(request))}


def _frame(request: HttpRequest) -> PageFrame:
    viewer = viewer_of(request.user) if hasattr(request, "user") else Viewer(0, "", None)
    if viewer.role is None:
        return PageFrame(viewer, 0, None)
    try:
        seen = _WAITING.get(lambda: waiting(viewer), key=viewer)
    except DatabaseError:
        return PageFrame(viewer, 0, None)  # an error page must not fail for its frame
    return PageFrame(viewer, seen.items, age_of(seen.oldest_unscored_at, now=timezone.now()))
