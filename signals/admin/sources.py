"""Sources: who sends, with which key, and whether it arrives."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.timesince import timesince

from plgcrm.common.admin import OpenAdmin
from plgcrm.common.htmx import fresh
from signals.admin.snippets import snippets
from signals.ingest.keys import forget_kinds, issue_key, revoke_key
from signals.models import Event, FailedEvent, Source, Tally, WriteKey

SENDS = Q(accepted__gt=0)


def today(now: datetime) -> datetime:
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _sum(column: str, **more: Any) -> Subquery:
    rows = Tally.objects.filter(source=OuterRef("pk"), **more).order_by()
    return Subquery(rows.values("source").annotate(n=Sum(column)).values("n"))


def _failed() -> Subquery:
    # Subqueries and not joins: counts over two joined tables would multiply each other.
    rows = FailedEvent.objects.filter(source=OuterRef("pk"), replayed_at=None).order_by()
    return Subquery(rows.values("source").annotate(n=Count("*")).values("n"))


def _last_hour() -> Subquery:
    rows = Tally.objects.filter(SENDS, source=OuterRef("pk")).order_by()
    return Subquery(rows.values("source").annotate(n=Max("hour")).values("n"))


@admin.register(Source)
class SourceAdmin(OpenAdmin):
    list_display = ("name", "kind", "keys_in_use", "last_event", "events_today", "failed_events")
    fields = ("name", "kind")
    radio_fields = {"kind": admin.VERTICAL}
    change_form_template = "admin/signals/source.html"
    help = "What sends you events, and its write keys. A key can write to its source and do nothing else."

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        sources: QuerySet[Any] = super().get_queryset(request)
        sources = sources.annotate(
            keys=Count("write_keys", filter=Q(write_keys__revoked_at=None)),
            last_hour=_last_hour(),
            today=Coalesce(_sum("accepted", hour__gte=today(timezone.now())), 0),
            failed=Coalesce(_failed(), 0),
        )
        return sources

    @admin.display(description="Keys in use", ordering="keys")
    def keys_in_use(self, source: Any) -> int:
        return int(source.keys)

    @admin.display(description="Last event", ordering="last_hour")
    def last_event(self, source: Any) -> str:
        return hour_words(source.last_hour)

    @admin.display(description="Events today (UTC)", ordering="today")
    def events_today(self, source: Any) -> str:
        return f"{source.today:,}"

    @admin.display(description="Failed, still open", ordering="failed")
    def failed_events(self, source: Any) -> str:
        return f"{source.failed:,}"

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        forget_kinds()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Events belong to it for ever."""
        return False

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:source_id>/issue-key/", wrap(self.issue_key), name="signals_source_issue_key"),
            path("<int:source_id>/revoke-key/<int:key_id>/", wrap(self.revoke_key), name="signals_source_revoke_key"),
            path("<int:source_id>/arriving/", wrap(self.arriving), name="signals_source_arriving"),
            *super().get_urls(),
        ]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        if source := kwargs.get("obj"):
            context |= arrivals(source) | {"keys": source.write_keys.order_by("revoked_at", "-pk")}
            context["snippets"] = snippets(settings.SITE_URL, "YOUR_WRITE_KEY")
        return super().render_change_form(request, context, *args, **kwargs)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        """A new source wants a key next."""
        return redirect("admin:signals_source_change", obj.pk)

    def issue_key(self, request: HttpRequest, source_id: int) -> HttpResponse:
        """Makes a key and shows it, in the answer to the POST: nowhere is it kept."""
        source = get_object_or_404(Source, pk=source_id)
        if request.method != "POST":
            return redirect("admin:signals_source_change", source_id)
        key = issue_key(source)
        self.log_change(request, source, f"Issued write key {key[:8]}…")
        context = {
            **self.admin_site.each_context(request),
            "title": f"A new write key for {source.name}",
            "source": source,
            "key": key,
            "snippets": snippets(settings.SITE_URL, key),
        }
        return fresh(render(request, "admin/signals/new_key.html", context))

    def revoke_key(self, request: HttpRequest, source_id: int, key_id: int) -> HttpResponse:
        key = get_object_or_404(WriteKey, pk=key_id, source=source_id)
        if request.method == "POST":
            revoke_key(key, timezone.now())
            self.log_change(request, key.source, f"Revoked write key {key}")
            messages.success(request, f"Key {key} is revoked and stops working within a few seconds.")
        return redirect("admin:signals_source_change", source_id)

    def arriving(self, request: HttpRequest, source_id: int) -> HttpResponse:
        """The live corner of the page: what came in last."""
        context = arrivals(get_object_or_404(Source, pk=source_id))
        return fresh(render(request, "admin/signals/arriving.html", context))


def hour_words(hour: datetime | None) -> str:
    if hour is None:
        return "nothing yet"
    if timezone.now() - hour < timedelta(hours=1):
        return "within this hour"
    return f"{timesince(hour, depth=1)} ago"


def arrivals(source: Source) -> dict[str, Any]:
    """The newest events of a source, and how many came today."""
    now = timezone.now()
    sent = Tally.objects.filter(source=source)
    last_hour = sent.filter(SENDS).aggregate(hour=Max("hour"))["hour"]
    sums = sent.filter(hour__gte=today(now)).aggregate(accepted=Sum("accepted"), duplicates=Sum("duplicates"))
    return {
        "source": source,
        "latest": _latest(source, now, last_hour),
        "accepted_today": sums["accepted"] or 0,
        "duplicates_today": sums["duplicates"] or 0,
        "failed_open": FailedEvent.objects.filter(source=source, replayed_at=None).count(),
        "arriving_url": reverse("admin:signals_source_arriving", args=[source.pk]),
    }


def _latest(source: Source, now: datetime, last_hour: datetime | None) -> list[Event]:
    """The last five, looked for in spans that grow: under heavy traffic a second is enough."""
    spans = [now - timedelta(seconds=seconds) for seconds in (2, 60, 600)] + ([last_hour] if last_hour else [])
    events = Event.objects.filter(source=source).select_related("name").order_by("-received_at")
    found = (list(events.filter(received_at__gte=since)[:5]) for since in spans)
    return next((rows for rows in found if rows), [])
