"""Events: looked at, never changed; and those that failed, with what to do about them."""

import json
from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts.models import Actor
from plgcrm.common.admin import LargeTableAdmin, OpenAdmin, ReadOnlyAdmin
from plgcrm.common.htmx import fresh
from plgcrm.common.text import plural
from signals.ingest.receive import edit_failed, replay
from signals.ingest.wire import MAX_KEPT_BYTES
from signals.models import Event, FailedEvent

SHOWN_BYTES = 20_000
MOST_REASONS = 12
REPLAYED_AT_ONCE = 1_000


@admin.register(Event)
class EventAdmin(LargeTableAdmin, ReadOnlyAdmin):
    """By person, account or actor, since nobody reads all of them; without one the newest."""

    list_display = ("name_or_kind", "timestamp", "received_at", "who", "clock", "source")
    list_display_links = ("name_or_kind",)
    list_select_related = ("name", "source", "actor__person", "actor__workspace")
    fields = ("source", "kind", "name", "who", "timestamp", "received_at", "clock", "message_id", "message")
    readonly_fields = fields
    ordering = ("-timestamp",)
    help = "Everything that arrived, as it arrived. Search by email address or domain to see one person or company."
    help_texts = {
        "source": "Who sent it.",
        "kind": "Which call of the tracking API it was.",
        "name": "The event's name; identify and group calls have none.",
        "who": "The person, and the workspace they were in.",
        "timestamp": "When it happened, in UTC, after the client's clock was corrected.",
        "received_at": "When it reached us, in UTC.",
        "clock": "Whether the client's clock was trusted.",
        "message_id": "The client's own id: a repeated message is stored once.",
        "message": "As it arrived, and never changed.",
    }
    search_fields = ("message_id",)
    search_help_text = "Email address, domain, or id of a person"

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], term: str) -> tuple[Any, bool]:
        if not term.strip():
            return _newest(queryset), False
        actors = Actor.objects.filter(person__email__iexact=term.strip())
        company = Actor.objects.filter(account__domain__iexact=term.strip())
        # By actor, for that is what events are indexed by; five hundred keep the list of ids short.
        chosen = [*actors.values_list("pk", flat=True)[:500], *company.values_list("pk", flat=True)[:500]]
        if term.strip().isdigit():
            chosen += Actor.objects.filter(person=int(term)).values_list("pk", flat=True)[:500]
        return queryset.filter(actor__in=chosen), False

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        return ("-timestamp",)

    @admin.display(description="Event")
    def name_or_kind(self, event: Any) -> str:
        return str(event.name.name if event.name_id and event.name.name else event.get_kind_display())

    @admin.display(description="Who")
    def who(self, event: Any) -> str:
        workspace = f" in {event.actor.workspace}" if event.actor.workspace_id else ""
        return f"{event.actor.person}{workspace}"

    @admin.display(description="Message")
    def message(self, event: Any) -> str:
        return json.dumps(event.payload, indent=2, ensure_ascii=False)[:SHOWN_BYTES]


def _newest(queryset: QuerySet[Any]) -> QuerySet[Any]:
    """Those of the shortest of three spans in which anything came: found by the index on arrival."""
    now = timezone.now()
    spans = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1))
    tried = [queryset.filter(received_at__gte=now - span) for span in spans]
    return next((rows for rows in tried if rows.order_by().exists()), tried[-1])


class ReplayedFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("open", "still open"), ("replayed", "replayed")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value()
        return queryset.filter(replayed_at__isnull=chosen == "open") if chosen else queryset


class ReasonFilter(admin.SimpleListFilter):
    """The reasons that came most often."""

    title = "reason"
    parameter_name = "because"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        reasons = FailedEvent.objects.filter(replayed_at=None).values_list("reason").annotate(n=Count("pk"))
        return [(reason, f"{reason[:60]} ({n:,})") for reason, n in reasons.order_by("-n", "reason")[:MOST_REASONS]]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(reason=self.value()) if self.value() else queryset


@admin.register(FailedEvent)
class FailedEventAdmin(OpenAdmin):
    list_display = ("reason", "source", "stage", "seen", "received_at", "replayed_at")
    list_filter = (ReplayedFilter, ReasonFilter, "stage", "source")
    list_select_related = ("source",)
    search_fields = ("reason",)
    show_full_result_count = False
    ordering = ("-received_at",)
    fields = ("reason", "source", "stage", "seen", "received_at", "replayed_at", "edited_at", "what_came")
    readonly_fields = fields
    actions = ("replay_chosen", "discard_chosen")
    change_form_template = "admin/signals/failed_event.html"
    help_texts = {
        "reason": "Why it could not be stored.",
        "source": "Who sent it.",
        "stage": "How far it got: reading, checking, storing, or being told apart from one with the same id.",
        "seen": "How often the same message arrived.",
        "received_at": "When it first arrived, in UTC.",
        "replayed_at": "When it was replayed, in UTC; empty: it is still open.",
        "edited_at": "When somebody corrected it here, in UTC; empty: it is as it arrived.",
        "what_came": "The bytes as text; anything else is shown as its code.",
    }
    help = (
        "Messages that could not be stored, with the reason. The others of the same batch were stored. Fix the cause, "
        "or correct a message on its page, then replay: it is stored as if it had just arrived. To replay all with one "
        "reason, choose the reason, then all of them. What nobody replays is deleted after some time."
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Discarding has words of its own; the stock deletion would say less."""
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}

    @admin.display(description="As it arrived")
    def what_came(self, failed: Any) -> str:
        """As text, cut, with what is no text made visible: it came from outside."""
        text = bytes(failed.payload)[:SHOWN_BYTES].decode("utf-8", "backslashreplace")
        return "".join(sign if sign.isprintable() or sign in "\n\t" else f"\\x{ord(sign):02x}" for sign in text)

    @admin.action(description="Replay selected events")
    def replay_chosen(self, request: HttpRequest, queryset: QuerySet[FailedEvent]) -> None:
        chosen = list(queryset.values_list("pk", flat=True)[: REPLAYED_AT_ONCE + 1])
        messages.success(request, replay_words(replay(chosen[:REPLAYED_AT_ONCE], timezone.now())))
        if len(chosen) > REPLAYED_AT_ONCE:
            messages.info(request, f"The first {REPLAYED_AT_ONCE:,} of those selected: replay again for the rest.")

    @admin.action(description="Discard selected events for good")
    def discard_chosen(self, request: HttpRequest, queryset: QuerySet[FailedEvent]) -> HttpResponse | None:
        """Says first how many would go, and why they failed; the second POST discards them."""
        # Django's own confirmation lists every row, and there may be a hundred thousand.
        if "sure" in request.POST:
            gone, _ = queryset.delete()
            messages.success(request, f"{plural(gone, 'failed event')} discarded.")
            return None
        reasons = queryset.order_by().values_list("reason").annotate(n=Count("pk"), came=Sum("seen"))
        context = {
            **self.admin_site.each_context(request),
            "title": "Discard for good?",
            "count": queryset.count(),
            "open": queryset.filter(replayed_at=None).count(),
            "reasons": reasons.order_by("-n")[:MOST_REASONS],
            "chosen": request.POST.getlist("_selected_action"),
            "across": request.POST.get("select_across", "0"),
            "address": request.get_full_path(),
        }
        return fresh(render(request, "admin/signals/discard.html", context))

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        context["editable"] = editable_text(kwargs["obj"]) if kwargs.get("obj") else None
        return super().render_change_form(request, context, *args, **kwargs)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        if "_replay" not in request.POST:
            return super().response_change(request, obj)
        text = request.POST.get("text", "").replace("\r\n", "\n")
        if text.strip() and text.strip() != (editable_text(obj) or "").strip():
            edit_failed(obj, text, timezone.now())
            self.log_change(request, obj, "Corrected the message")
        messages.success(request, replay_words(replay([obj.pk], timezone.now())))
        return redirect("admin:signals_failedevent_changelist")


def editable_text(failed: FailedEvent) -> str | None:
    """The message as text to be corrected; None where it is no text, or was cut when it was kept."""
    payload = bytes(failed.payload)
    try:
        return (
            payload.decode().replace("\r\n", "\n") if len(payload) < MAX_KEPT_BYTES and b"\0" not in payload else None
        )
    except UnicodeDecodeError:
        return None


def replay_words(receipt: Any) -> str:
    return f"Replayed: {receipt.accepted} stored, {receipt.duplicates} already stored, {receipt.failed} failed again."
