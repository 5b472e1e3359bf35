"""Scoring models: their versions, and what each would do."""

from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString

from plgcrm.common.admin import OpenAdmin, RowCounts
from signals.models import Score, ScoringModel, ScoringModelVersion
from signals.versions import new_draft

State = ScoringModelVersion.State


def version_link(version: ScoringModelVersion | None, words: str) -> SafeString | str:
    if version is None:
        return "–"
    return format_html('<a href="{}">{}</a>', f"/admin/signals/scoringmodelversion/{version.pk}/change/", words)


QUALIFIED = RowCounts(lambda: Score.objects.filter(person=None, qualified=True), by="scoring_model")


@admin.register(ScoringModel)
class ScoringModelAdmin(OpenAdmin):
    list_display = ("name", "live", "qualified", "draft", "kind")
    fields = ("name", "description", "position")
    change_form_template = "admin/signals/scoring_model.html"
    help = "What counts as qualified. Each model has one live version; changes go into a draft and are published."
    help_texts = {
        "name": "“Product-qualified accounts”.",
        "kind": "Its short name in the API and in sentences: score.pql, tier.pql. It cannot be changed later.",
        "description": "What this model decides, in one sentence.",
        "position": "Lower comes first.",
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        versions = ScoringModelVersion.objects.exclude(state=State.RETIRED).order_by("-number")
        return (
            super().get_queryset(request).prefetch_related(Prefetch("versions", versions, to_attr="current_versions"))
        )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.fields if obj else ("name", "kind", "description", "position")

    @admin.display(description="Live")
    def live(self, model: Any) -> SafeString | str:
        live = next((version for version in model.current_versions if version.state == State.LIVE), None)
        return version_link(live, f"v{live.number}, {len(live.criteria)} criteria" if live else "")

    @admin.display(description="Draft")
    def draft(self, model: Any) -> SafeString | str:
        draft = next((version for version in model.current_versions if version.state == State.DRAFT), None)
        return version_link(draft, f"v{draft.number}" if draft else "")

    @admin.display(description="Accounts qualified")
    def qualified(self, model: Any) -> str:
        return QUALIFIED.of(model.pk)

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        draft = path("<int:model_id>/new-draft/", wrap(self.new_draft), name="signals_scoringmodel_new_draft")
        return [draft, *super().get_urls()]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        if model := kwargs.get("obj"):
            context["versions"] = model.versions.select_related("changed_by").order_by("-number")
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """A new model comes with its first draft, which has tiers and a threshold."""
        super().save_model(request, obj, form, change)
        if not change:
            new_draft(obj, acting_user=request.user)

    def new_draft(self, request: HttpRequest, model_id: int) -> HttpResponse:
        model = get_object_or_404(ScoringModel, pk=model_id)
        if request.method != "POST":
            return redirect("admin:signals_scoringmodel_change", model_id)
        draft = new_draft(model, acting_user=request.user)
        return redirect("admin:signals_scoringmodelversion_change", draft.pk)
