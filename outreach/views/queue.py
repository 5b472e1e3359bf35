"""The queue: a list and an opened item, as one page or as the part that HTMX asks for."""

from datetime import datetime, time
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.core.validators import slug_re
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from outreach.access import Viewer, desk
from outreach.forms.items import snooze_presets
from outreach.messages.compose import WantedMessage, message_for
from outreach.models import Persona, QueueItem
from outreach.pages.account import (
    CHART_DAYS,
    SPARK_DAYS,
    Series,
    account_head,
    account_people,
    account_scores,
    people_a_day,
)
from outreach.pages.timeline import newest_of
from outreach.queue.list import (
    CAP,
    PAGE,
    Listed,
    Opened,
    Place,
    QueueFilters,
    arrived,
    colleagues,
    item_counts,
    listed_items,
    opened_item,
)
from outreach.rules.permissions import ItemPermissions, item_permissions
from outreach.views.outcomes import outcome_card
from plgcrm.common.frame import PageFrame, age_of
from plgcrm.common.htmx import fresh, wants_part
from plgcrm.common.text import short_number
from signals.scoring.queue_effect import is_live

TEMPLATE = "outreach/queue.html"
PARTS = {"item": "item", "list": "list", "more": "rows"}  # the element HTMX fills -> the part of the template
Context = dict[str, Any]


@require_safe
@desk
def queue(request: HttpRequest, viewer: Viewer, item_id: int = 0) -> HttpResponse:
    """The list with its first item open, or with the one in the address."""
    filters = asked_filters(request, viewer)
    part = PARTS.get(request.htmx.target or "") if wants_part(request) else None  # type: ignore[attr-defined]
    if part == "item" and item_id:
        return draw(request, "item", pane(viewer, filters, item_id))
    after = Place.parse(request.GET.get("after", ""))
    context = page(viewer, filters, item_id, after=after, part=part, asked=asked_whom(request))
    return draw(request, part, context)


@require_safe
@desk
def news(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """A few bytes every few seconds: how many items came, and how old the numbers are. Moves nothing."""
    filters = asked_filters(request, viewer)
    newest = short_number(request.GET.get("newest"))
    count = arrived(viewer, filters, newest=newest) if newest and not filters.snoozed else 0
    return draw(request, "news", {"arrived": count, "query": query_of(filters), "selected": filters})


def draw(request: HttpRequest, part: str | None, context: Context, *, status: int = 200) -> HttpResponse:
    name = f"{TEMPLATE}#{part}" if part else TEMPLATE
    return fresh(render(request, name, context, status=status))


def page(
    viewer: Viewer,
    filters: QueueFilters,
    item_id: int,
    *,
    after: Place | None = None,
    part: str | None = None,
    asked: WantedMessage = WantedMessage(),  # noqa: B008 - frozen
) -> Context:
    """What a whole page shows; of a part of it, no more than that needs."""
    now = timezone.now()
    listed = listed_items(viewer, filters, after=after)
    shown, more = listed[:PAGE], listed[PAGE:]
    opened = item_id or (shown[0].id if shown and part is None else 0)
    context = {
        "rows": shown,
        "in_set_up": not shown and not is_live(),
        "next_page": query_of(filters, after=shown[-1].place) if more else "",
        "query": query_of(filters),
        "selected": filters,
        "names_reps": viewer.sees_all and not filters.rep,
        "current": opened,
        "opened_by_address": bool(item_id),
    }
    if part != "rows":
        context |= _around(viewer, filters, now)
    return context | _filled(viewer, filters, shown, opened, asked, now)


def _filled(
    viewer: Viewer, filters: QueueFilters, shown: list[Listed], opened: int, asked: WantedMessage, now: datetime
) -> Context:
    """Usage of everything in view with one query: 30 days of those listed, 90 of the one opened."""
    today = now.date()
    item = opened_item(viewer, opened, today=today, to=asked.to) if opened else None
    days = {row.account_id: SPARK_DAYS for row in shown}
    if item:
        days[item.account_id] = CHART_DAYS
    series = people_a_day(days, today=today)
    sparks = {account_id: each.people[-SPARK_DAYS:] for account_id, each in series.items()}
    context: Context = {"sparks": sparks}
    return context | _pane(viewer, filters, item, series[item.account_id], now, asked) if item else context


def pane(viewer: Viewer, filters: QueueFilters, item_id: int) -> Context:
    """Only the item."""
    now = timezone.now()
    item = opened_item(viewer, item_id, today=now.date())
    series = people_a_day({item.account_id: CHART_DAYS}, today=now.date())
    return _pane(viewer, filters, item, series[item.account_id], now, WantedMessage())


def _pane(
    viewer: Viewer, filters: QueueFilters, item: Opened, series: Series, now: datetime, asked: WantedMessage
) -> Context:
    timeline_entries = newest_of(item.account_id, now=now)
    scores = account_scores(item.account_id)
    head = account_head(item.account_id, today=now.date())
    people = account_people(item.account_id, today=now.date(), first=item.person_id)
    return {
        "item": item,
        "current": item.id,
        "head": head,
        "message": message_for(item, viewer, head, people.shown, asked),
        "score": scores[0] if scores else None,
        "other_scores": scores[1:],
        "series": series,
        "marks": [happening.mark for happening in timeline_entries if happening.kind == "moment"],
        "timeline": timeline_entries,
        "people": people,
        "colleagues": colleagues(),
        "presets": snooze_presets(now),
        "dispositions": QueueItem.Disposition.choices,
        "dismiss_reasons": QueueItem.DismissReason.choices,
        "may": what_may(viewer, item),
        "outcome_card": outcome_card(viewer, head, item_id=item.id),
        "query": query_of(filters),
        "kept": kept_filters(filters),
        "personas": Persona.choices,
    }


def what_may(viewer: Viewer, item: Opened) -> ItemPermissions:
    """What the viewer can do with an opened item: decided here, not in the template."""
    return item_permissions(
        item.state,
        claimed_by=item.claimed_by_id,
        user=viewer.id,
        may_change=viewer.may_change,
        leads=viewer.leads,
    )


def _around(viewer: Viewer, filters: QueueFilters, now: datetime) -> Context:
    """Counts, filters and the frame's numbers."""
    counts = item_counts(viewer, filters, midnight=_midnight(now))
    mine = not viewer.sees_all or filters.rep == viewer.id
    context: Context = {
        "counts": counts,
        "news_query": query_of(filters, newest=counts.newest),
        "is_mine": mine,
        "reps": colleagues() if viewer.sees_all else [],
        "filters": [(play, query_of(filters, play=play.slug)) for play in counts.plays],
        "all_query": query_of(filters, play=""),
        "snoozed_query": query_of(filters, play="", snoozed=True),
        "capacity": viewer.capacity if mine else 0,
    }
    if not filters.rep:  # the numbers are the frame's own: it need not ask again
        age = age_of(counts.oldest_unscored_at, now=now)
        context["frame"] = PageFrame(viewer, min(counts.waiting, CAP), age)
    return context


def _midnight(now: datetime) -> datetime:
    return timezone.make_aware(datetime.combine(timezone.localdate(now), time.min))


def asked_filters(request: HttpRequest, viewer: Viewer) -> QueueFilters:
    """From the address. Only who sees all may look at somebody's queue."""
    asked = request.GET
    rep = short_number(asked.get("rep")) if viewer.sees_all else 0
    play = asked.get("play", "")
    return QueueFilters(play if slug_re.match(play) else "", rep, snoozed=asked.get("state") == "snoozed")


def asked_whom(request: HttpRequest) -> WantedMessage:
    """To whom, and for which persona, the message of the opened item is to be."""
    return WantedMessage(short_number(request.GET.get("to")), request.GET.get("persona", ""))


def query_of(filters: QueueFilters, *, play: str | None = None, snoozed: bool = False, **more: object) -> str:
    """The filters as they stand in an address, with its question mark; "" when there are none."""
    wanted = {
        "play": filters.play if play is None else play,
        "rep": filters.rep,
        "state": "snoozed" if snoozed or (filters.snoozed and play is None) else "",
        **more,
    }
    kept = {name: value for name, value in wanted.items() if value}
    return f"?{urlencode(kept)}" if kept else ""


def kept_filters(filters: QueueFilters) -> list[tuple[str, str]]:
    """The same as names and values, for a form that asks for a page."""
    return parse_qsl(query_of(filters)[1:])


def item_address(item_id: int, filters: QueueFilters) -> str:
    return reverse("queue_item", args=[item_id]) + query_of(filters)
