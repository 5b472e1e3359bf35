"""Merges that messages suggest and only a person may decide."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils import timezone

from accounts.admin.people import side_words
from accounts.identity import suggestions
from accounts.models import MergeSuggestion
from plgcrm.common.admin import LargeTableAdmin, ReadOnlyAdmin


class SuggestionState(admin.SimpleListFilter):
    """Those to decide, unless others are asked for."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("accepted", "accepted"), ("refused", "refused"), ("all", "all")]

    def choices(self, changelist: Any) -> Iterator[Any]:
        everything, *others = super().choices(changelist)
        yield {**everything, "display": "to decide"}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value() or "open"
        return queryset if chosen == "all" else queryset.filter(state=chosen)


@admin.register(MergeSuggestion)
class MergeSuggestionAdmin(LargeTableAdmin, ReadOnlyAdmin):
    list_display = ("one_side", "other_side", "because", "why", "created_at", "state")
    list_display_links = ("one_side",)
    list_filter = (SuggestionState, "why")
    ordering = ("-pk",)
    fields = ("cause", "evidence", "why", "state", "created_at", "decided_at", "decided_by")
    readonly_fields = fields
    change_form_template = "admin/accounts/suggestion.html"
    help = (
        "Messages say that two people are one, and it could be wrong: two user ids of one product, addresses of two "
        "companies or two people, or more ids than one person has. Nothing has changed yet. Accept what is right, "
        "refuse the rest: either can be undone."
    )
    help_texts = {
        "cause": "What the messages did.",
        "evidence": "The id or address that both have.",
        "why": "Why it was not done at once.",
        "state": "Whether someone has decided.",
        "created_at": "When it was first suggested, in UTC.",
        "decided_at": "When someone decided, in UTC.",
        "decided_by": "Who decided.",
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return suggestions.where_both_act().order_by(*self.ordering)

    def add_facts(self, rows: Sequence[Any]) -> None:
        for row in rows:
            row.left_words, row.right_words = side_words(row.left_id), side_words(row.right_id)

    @admin.display(description="One side")
    def one_side(self, suggestion: Any) -> str:
        return str(suggestion.left_words)

    @admin.display(description="Other side")
    def other_side(self, suggestion: Any) -> str:
        return str(suggestion.right_words)

    @admin.display(description="Suggested by")
    def because(self, suggestion: Any) -> str:
        return f"{suggestion.get_cause_display()}: {suggestion.evidence}"

    def get_urls(self) -> list[URLPattern]:
        decide = self.admin_site.admin_view(self.decide)
        return [
            path("<int:suggestion_id>/decide/", decide, name="accounts_mergesuggestion_decide"),
            *super().get_urls(),
        ]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        if suggestion := kwargs.get("obj"):
            sides = [(side_words(person.pk), person) for person in (suggestion.left, suggestion.right)]
            context |= {"suggestion": suggestion, "sides": sides}
            if suggestion.state == MergeSuggestion.State.OPEN:
                context["moves"] = suggestions.what_would_move(suggestion, timezone.now())
        return super().render_change_form(request, context, *args, **kwargs)

    def decide(self, request: HttpRequest, suggestion_id: int) -> HttpResponse:
        suggestion = get_object_or_404(MergeSuggestion, pk=suggestion_id)
        work = DECISIONS.get(request.POST.get("decision", ""))
        if request.method == "POST" and work is not None:
            decided = work.do(suggestion.pk, request.user, timezone.now())
            self.log_change(request, decided, work.logged)
            messages.success(request, work.said)
        return redirect("admin:accounts_mergesuggestion_changelist")


@dataclass(frozen=True, slots=True)
class Decision:
    do: Callable[[int, Any, datetime], MergeSuggestion]
    logged: str
    said: str


DECISIONS = {
    "accept": Decision(suggestions.accept, "Accepted", "They are one person now. Scores follow within a minute."),
    "refuse": Decision(suggestions.refuse, "Refused", "They stay two people, and this will not be suggested again."),
    "undo": Decision(suggestions.undo, "Decision undone", "Undone: the suggestion is open again."),
}
