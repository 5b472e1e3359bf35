"""The criteria studio: one version of a model, its criteria as forms, what they would do, and publishing."""

from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from plgcrm.common.admin import OpenAdmin
from plgcrm.common.htmx import fresh, wants_part
from signals.forms.criterion import CriterionForm, TiersForm
from signals.measures.checks import InputError
from signals.models import ScoringModelVersion
from signals.rules.criteria import PointsError
from signals.scoring.queue_effect import QueueEffect, is_live, queue_effect
from signals.scoring.what_if import effect_of
from signals.versions import drop_criterion, publish, write_criterion, write_tiers
from signals.vocabulary.spoken import sentence_of

State = ScoringModelVersion.State
NEW = "new"
NEW_RULE = {"measure": {"kind": "count", "days": 30}, "op": ">=", "value": 1}


@dataclass(frozen=True, slots=True)
class CriterionRow:
    """A criterion as the list shows it; with a form it is open."""

    slug: str
    name: str = ""
    points: int = 0
    group: str = ""
    extras: tuple[str, ...] = ()
    reading: str = ""
    form: CriterionForm | None = None


def rows_of(version: ScoringModelVersion, opened: CriterionForm | None = None) -> list[CriterionRow]:
    rows = [row_of(criterion) for criterion in version.criteria]
    if opened is None:
        return rows
    if not opened.slug:
        return [*rows, CriterionRow(NEW, form=opened)]
    return [CriterionRow(row.slug, row.name, form=opened) if row.slug == opened.slug else row for row in rows]


def row_of(criterion: dict[str, Any]) -> CriterionRow:
    return CriterionRow(
        criterion["slug"],
        criterion["name"],
        criterion["points"],
        criterion.get("group") or "",
        _extras(criterion),
        sentence_of(criterion["rule"]),
    )


def _extras(criterion: dict[str, Any]) -> tuple[str, ...]:
    words = (
        ("cap", "up to {} points"),
        ("half_life", "half-life {} days"),
    )
    return tuple(text.format(criterion[key]) for key, text in words if criterion.get(key))


def criterion_form(version: ScoringModelVersion, slug: str, data: Any = None) -> CriterionForm:
    kind = version.scoring_model.kind
    if slug == NEW:
        return CriterionForm(data, model=kind, prefix=NEW, initial={"rule": NEW_RULE, "points": 10})
    criterion = next((entry for entry in version.criteria if entry["slug"] == slug), None)
    if criterion is None:
        raise Http404("There is no such criterion in this version.")
    return CriterionForm(data, model=kind, prefix=slug, slug=slug, initial=criterion)


@admin.register(ScoringModelVersion)
class ScoringModelVersionAdmin(OpenAdmin):
    """Its change page is the studio; lists and adding belong to the model."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is not None and obj.state == State.DRAFT

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        name = "signals_scoringmodelversion_{}"
        return [
            path("<int:pk>/criteria/<slug:slug>/", wrap(self.criterion), name=name.format("criterion")),
            path("<int:pk>/criteria/<slug:slug>/remove/", wrap(self.remove), name=name.format("remove")),
            path("<int:pk>/tiers/", wrap(self.tiers), name=name.format("tiers")),
            path("<int:pk>/effect/", wrap(self.effect), name=name.format("effect")),
            path("<int:pk>/publish/", wrap(self.publish), name=name.format("publish")),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return redirect("admin:signals_scoringmodel_changelist")

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        # Django passes on whatever stands in the address.
        version = get_object_or_404(_versions(), pk=object_id if object_id.isdigit() else None)
        opened = request.GET.get("edit", "")
        editing = opened and version.state == State.DRAFT
        return self._page(request, version, opened=criterion_form(version, opened) if editing else None)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().delete_view(request, object_id, extra_context)

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: int) -> HttpResponse:
        messages.success(request, "The draft was deleted; nothing else changed.")
        return redirect("admin:signals_scoringmodel_changelist")

    def _page(
        self,
        request: HttpRequest,
        version: ScoringModelVersion,
        *,
        opened: CriterionForm | None = None,
        tiers: TiersForm | None = None,
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": str(version.scoring_model),
            "version": version,
            "live": _versions().filter(scoring_model=version.scoring_model_id, state=State.LIVE).first(),
            "editable": version.state == State.DRAFT,
            "rows": rows_of(version, opened),
            "tiers": tiers or TiersForm(version),
        }
        return fresh(render(request, "admin/signals/version.html", context))

    def criterion(self, request: HttpRequest, pk: int, slug: str) -> HttpResponse:
        """One criterion: GET opens or (`?close`) closes it, POST draws it again or saves it."""
        version = _draft_or_404(pk)
        form = criterion_form(version, slug, request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                return self._saved(request, version, form)
            except PointsError as error:  # of all criteria together: there are too many of them
                form.add_error(None, f"{error.problem[0].upper()}{error.problem[1:]}. {error.remedy}.")
        if not wants_part(request):
            return self._page(request, version, opened=form)
        shown = None if "close" in request.GET else form
        row = next((row for row in rows_of(version, shown) if row.slug == slug), None)
        return self._row(request, version, row)

    def _row(self, request: HttpRequest, version: ScoringModelVersion, row: CriterionRow | None) -> HttpResponse:
        context = {"version": version, "row": row, "editable": True, "swapped": True}
        return fresh(render(request, "admin/signals/criterion.html", context))

    def _saved(self, request: HttpRequest, version: ScoringModelVersion, form: CriterionForm) -> HttpResponse:
        slug = write_criterion(version.pk, form.entry(), acting_user=request.user)  # type: ignore[arg-type]
        self.log_change(request, version, f"Changed criterion {slug}")
        if not wants_part(request):
            return redirect(f"{_address(version.pk)}#criterion-{slug}")
        version.refresh_from_db()
        response = self._row(request, version, next(row for row in rows_of(version) if row.slug == slug))
        # The effect beside the form draws itself again at this.
        response.headers["HX-Trigger"] = "criteria-changed"
        return response

    def remove(self, request: HttpRequest, pk: int, slug: str) -> HttpResponse:
        if request.method == "POST":
            drop_criterion(_draft_or_404(pk).pk, slug, acting_user=request.user)  # type: ignore[arg-type]
            if wants_part(request):
                return HttpResponse(headers={"HX-Trigger": "criteria-changed"})
            messages.success(request, f"Criterion “{slug}” was removed from this draft.")
        return redirect("admin:signals_scoringmodelversion_change", pk)

    def tiers(self, request: HttpRequest, pk: int) -> HttpResponse:
        version = _draft_or_404(pk)
        if request.method != "POST":
            return redirect("admin:signals_scoringmodelversion_change", pk)
        form = TiersForm(version, request.POST)
        if not form.is_valid():
            return self._page(request, version, tiers=form)
        stated = form.threshold.cleaned_data
        write_tiers(pk, form.entries(), stated["threshold"], stated["note"], acting_user=request.user)  # type: ignore[arg-type]
        messages.success(request, "Tiers and threshold saved in this draft.")
        return redirect("admin:signals_scoringmodelversion_change", pk)

    def effect(self, request: HttpRequest, pk: int) -> HttpResponse:
        version = get_object_or_404(_versions(), pk=pk)
        context = {"version": version, "effect": effect_of(version, now=timezone.now()), "beside": True}
        return fresh(render(request, "admin/signals/effect.html", context))

    def publish(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Says in numbers what would change; on POST does it. A retired version is published again: the return."""
        version = get_object_or_404(_versions().exclude(state=State.LIVE), pk=pk)
        if request.method == "POST":
            try:
                publish(version, acting_user=request.user, now=timezone.now())
            except InputError as error:
                messages.error(request, f"Not published. {error.problem}. {error.remedy}.")
                return redirect("admin:signals_scoringmodelversion_change", pk)
            self.log_change(request, version, f"Published version {version.number}")
            messages.success(request, f"Version {version.number} is live. Scores follow within seconds to minutes.")
            return redirect("admin:signals_scoringmodelversion_change", pk)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Publish {version.scoring_model} v{version.number}",
            "version": version,
            "effect": effect_of(version, now=timezone.now()),
            "queues": _on_queues(version, request.user) if is_live() else None,
        }
        return fresh(render(request, "admin/signals/publish.html", context))


def _on_queues(version: ScoringModelVersion, user: Any) -> QueueEffect:
    now = timezone.now()
    return queue_effect(lambda: publish(version, acting_user=user, now=now), now=now)


def _address(pk: int) -> str:
    return reverse("admin:signals_scoringmodelversion_change", args=[pk])


def _versions() -> Any:
    return ScoringModelVersion.objects.select_related("scoring_model", "changed_by")


def _draft_or_404(pk: int) -> ScoringModelVersion:
    """Live and retired versions are read-only: there is nothing to post to."""
    version: ScoringModelVersion = get_object_or_404(_versions(), pk=pk, state=State.DRAFT)
    return version
