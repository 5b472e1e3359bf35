"""Signals and their categories: which events mean something."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, Prefetch, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from signals.admin.confirm import ConfirmedAdmin
from signals.admin.uses import uses_of_signal
from signals.changes import Values
from signals.forms import matches
from signals.forms.fields import BuilderForm, MatchesField
from signals.models import Category, Signal, SignalDefinition, Source

State = SignalDefinition.State


class SignalForm(BuilderForm):
    matches = MatchesField(
        label="Which events it means",
        help_text="Call types, event names and properties. With several alternatives, any of them counts.",
    )

    class Meta:
        model = Signal
        fields = ("name", "slug", "category", "description")
        help_texts = {
            "name": "What reps read: “Hit plan limit”, “Viewed pricing”.",
            "slug": "How rules refer to it. It cannot be changed later, because rules would no longer find it.",
            "category": "Where it appears in lists. Signals in a hand-raise category reach a queue at once.",
            "description": "For your colleagues: why this matters, and where the event is sent from.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["matches"] = latest_matches(self.instance)


def latest_matches(signal: Signal) -> dict[str, Any]:
    """What the signal was last said to mean, counted or still counting."""
    definitions = signal.definitions.exclude(state=State.RETIRED) if signal.pk else SignalDefinition.objects.none()
    latest = definitions.order_by("-pk").first()
    return dict(latest.matches) if latest else {"any": [{"kinds": ["track"]}]}


@admin.register(Signal)
class SignalAdmin(ConfirmedAdmin):
    recorded = "signal"
    form = SignalForm
    list_display = ("name", "category", "means", "history", "slug")
    list_filter = ("category",)
    search_fields = ("name", "slug")
    prepopulated_fields = {"slug": ("name",)}
    fields = ("name", "slug", "category", "description", "matches")
    change_form_template = "admin/signals/signal.html"
    list_select_related = ("category",)
    help = "Names for the events that matter. Rules, scores and plays use signals, never raw events."

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        alive = SignalDefinition.objects.exclude(state=State.RETIRED).order_by("-pk")
        return super().get_queryset(request).prefetch_related(Prefetch("definitions", alive, to_attr="alive"))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("slug",) if obj else ()

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> dict[str, Sequence[str]]:
        return {} if obj else {"slug": ("name",)}

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What it counted is history, and rules may speak of it."""
        return False

    def add_facts(self, rows: Sequence[Any]) -> None:
        sources = dict(Source.objects.values_list("id", "name"))
        for signal in rows:
            draft = matches.from_json(signal.alive[0].matches) if signal.alive else None
            signal.meaning = matches.described(draft, sources) if draft else "–"

    @admin.display(description="Means")
    def means(self, signal: Any) -> str:
        return str(signal.meaning)

    @admin.display(description="History")
    def history(self, signal: Any) -> SafeString | str:
        return state_words(signal.alive)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        if signal := kwargs.get("obj"):
            context |= {"state": state_words(signal.alive), "uses": uses_of_signal(signal.slug)}
        return super().render_change_form(request, context, *args, **kwargs)

    def more(self, form: Any) -> Values:
        return {"matches": form.cleaned_data["matches"]}

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if not change or "matches" in form.changed_data:
            counted = "The new definition counts from now on; history is being recounted in the background."
            messages.info(request, counted)


def state_words(alive: list[SignalDefinition]) -> SafeString | str:
    """Where the count stands, as a word and a colour."""
    states = {definition.state for definition in alive}
    if State.COUNTING not in states:
        return "counted" if states else "never defined"
    beside = (
        "counting history; the previous definition applies until then"
        if State.CURRENT in states
        else "counting history"
    )
    return format_html('<span class="pending">{}</span>', beside)


@admin.register(Category)
class CategoryAdmin(ConfirmedAdmin):
    recorded = "category"
    change_form_template = "admin/signals/rule_form.html"
    list_display = ("name", "raises_hand", "converts", "position", "signals_in_it")
    list_editable = ("position",)
    prepopulated_fields = {"slug": ("name",)}
    fields = ("name", "slug", "raises_hand", "converts", "position")
    help = "How signals are grouped in lists and charts."
    help_texts = {
        "name": "“Limits and paywalls”, “Team spread”.",
        "slug": "Its name in the API and in exports.",
        "position": "Lower comes first.",
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        categories: QuerySet[Any] = super().get_queryset(request)
        categories = categories.annotate(signal_count=Count("signals"))
        return categories

    @admin.display(description="Signals", ordering="signal_count")
    def signals_in_it(self, category: Any) -> int:
        return int(category.signal_count)
