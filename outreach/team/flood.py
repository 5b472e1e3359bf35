"""Requests held as flood: a manager sees them in one place and lets those through that are real."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet

from outreach.models import PlayDecision
from outreach.plays.requesters import HAND_RAISE_DAYS
from signals.models import FloodedRequest

SHOWN = 20
COUNTED = 1_000  # beyond it the page says "more than"
log = logging.getLogger("plgcrm.flood")


@dataclass(frozen=True, slots=True)
class HeldRequests:
    """The latest of them, and how many there are."""

    shown: list[FloodedRequest]
    count: int

    @property
    def capped(self) -> bool:
        return self.count == COUNTED


def held_requests(now: datetime) -> HeldRequests:
    """Those of the days in which a request can still be answered. Older ones are listed on the page Go live."""
    held = _held().filter(held_at__gte=now - timedelta(days=HAND_RAISE_DAYS)).order_by("-held_at", "-moment_id")
    whole = held.select_related("moment__actor__person", "moment__actor__account", "moment__signal", "key__source")
    shown = list(whole[:SHOWN])
    return HeldRequests(shown, len(shown) if len(shown) < SHOWN else held[:COUNTED].count())


def release_requests(moments: Sequence[int] | None, *, acting_user: User, now: datetime) -> int:
    """Let these requests through, or all; how many. The plays decide about them within seconds. Safe to repeat."""
    with transaction.atomic():
        held = _held() if moments is None else _held().filter(moment__in=moments)
        # The rows that are ours: who releases at the same time counts only the others.
        ids = list(held.order_by("moment_id").select_for_update(of=("self",)).values_list("moment_id", flat=True))
        FloodedRequest.objects.filter(moment__in=ids).update(released_at=now, released_by=acting_user)
        waiting = PlayDecision.objects.filter(moment__in=ids, state=PlayDecision.State.HELD, guard="flood")
        waiting.update(recheck_at=now)
    log.info("requests released from flood count=%s by=%s", len(ids), acting_user.pk)
    return len(ids)


def _held() -> QuerySet[FloodedRequest]:
    return FloodedRequest.objects.filter(released_at=None)
