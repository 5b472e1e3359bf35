"""Imports: a file is dropped, its columns are mapped beside what they would mean, and its run is watched and undone."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import RequestDataTooBig
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from plgcrm.common.admin import OpenAdmin
from plgcrm.common.htmx import fresh, wants_part
from plgcrm.common.text import plural, short_number
from signals.forms.import_columns import ColumnForm, column_context, form_of
from signals.imports import control, undo, uploads
from signals.imports.account_lists import MOST_ERRORS
from signals.imports.uploads import UploadError, megabytes
from signals.ingest.files import UnreadableFileError
from signals.ingest.keys import ensure_source
from signals.models import ImportRun, Source

States = ImportRun.State
ACTIVE = (States.RUNNING, States.UNDOING)


@admin.register(ImportRun)
class ImportRunAdmin(OpenAdmin):
    list_display = ("file_name", "kind", "source", "shown_state", "rows", "started_at", "user")
    list_select_related = ("source", "user")
    list_filter = ("kind", "state")
    search_fields = ("file_name",)
    ordering = ("-pk",)
    actions = None
    change_list_template = "admin/signals/imports.html"
    help = "Files of past events and lists of accounts. Each import can be paused, and undone as a whole."

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """An import is undone, and stays in the list."""
        return False

    @admin.display(description="State", ordering="state")
    def shown_state(self, run: Any) -> str:
        share = f", {percent_of(run)} %" if run.state in (States.RUNNING, States.PAUSED) and run.size else ""
        return f"{run.get_state_display()}{share}"

    @admin.display(description="Rows", ordering="rows_done")
    def rows(self, run: Any) -> str:
        return f"{run.rows_done:,}"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found: QuerySet[Any] = super().get_queryset(request)
        return found.defer("options")

    def get_urls(self) -> list[URLPattern]:
        def address(route: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
            return path(route, self.admin_site.admin_view(view), name=f"signals_importrun_{name}")

        return [
            address("begin/", self.begin, "begin"),
            address("<int:run_id>/piece/<int:number>/", self.piece, "piece"),
            address("<int:run_id>/preview/", self.preview, "preview"),
            address("<int:run_id>/start/", self.start, "start"),
            address("<int:run_id>/progress/", self.progress, "progress"),
            address("<int:run_id>/steer/", self.steer, "steer"),
            address("<int:run_id>/undo/", self.undo, "undo"),
            *super().get_urls(),
        ]

    # The file

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Where a file is dropped; without JavaScript a form takes it, if it is small."""
        error = ""
        if request.method == "POST":
            try:
                run = self._take(request)
                return redirect("admin:signals_importrun_change", run.pk)
            except UploadError as problem:
                error = str(problem)
        context = {"title": "Import a file", "error": error, **_bounds()}
        return self._page(request, "admin/signals/import_upload.html", context, status=422 if error else 200)

    def _take(self, request: HttpRequest) -> ImportRun:
        file = request.FILES.get("file")
        if file is None:
            raise UploadError("Choose a file first.")
        # Read no further than what is refused anyway.
        content = file.read(_bounds()["most_at_once"] + 1)
        return uploads.take_whole(file.name or "", content, kind=_kind(request), acting_user=request.user)

    def begin(self, request: HttpRequest) -> HttpResponse:
        """For the script: a place for the file, and how its pieces are to be cut."""
        if request.method != "POST":
            return redirect("admin:signals_importrun_add")
        try:
            size = short_number(request.POST.get("size")) or 0
            run = uploads.begin(request.POST.get("name", ""), size, kind=_kind(request), acting_user=request.user)
        except UploadError as error:
            return JsonResponse({"message": str(error)}, status=422)
        return JsonResponse(_cut(run))

    def piece(self, request: HttpRequest, run_id: int, number: int) -> HttpResponse:
        """For the script: one piece, as bytes. Safe to repeat."""
        run = get_object_or_404(ImportRun, pk=run_id, uploaded=True)
        if request.method != "POST":
            return redirect("admin:signals_importrun_change", run_id)
        try:
            whole = uploads.add_piece(run, number, request.body)
        except (UploadError, RequestDataTooBig) as error:
            return JsonResponse({"message": str(error)}, status=422)
        return JsonResponse({"whole": whole})

    # The columns

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The import as it stands: to be uploaded, to be mapped, running, or done."""
        run = get_object_or_404(ImportRun.objects.select_related("source", "user"), pk=short_number(object_id))
        if run.state == States.MAPPING:
            return self._mapping(request, run, request.POST if request.method == "POST" else None)
        if run.state == States.UPLOADING:
            context = {"title": run.file_name, "run": run, "cut": _cut(run), "have": uploads.pieces_there(run)}
            return self._page(request, "admin/signals/import_upload.html", context | _bounds())
        context = {"title": run.file_name, "run": run, **progress_context(run)}
        return self._page(request, "admin/signals/import_run.html", context)

    def preview(self, request: HttpRequest, run_id: int) -> HttpResponse:
        """The page of an upload again, after something was chosen; nothing is stored."""
        run = get_object_or_404(ImportRun, pk=run_id)
        if request.method != "POST" or run.state != States.MAPPING:
            return redirect("admin:signals_importrun_change", run_id)
        return self._mapping(request, run, request.POST)

    def _mapping(self, request: HttpRequest, run: ImportRun, data: Any, error: str = "") -> HttpResponse:
        context: dict[str, Any] = {"title": run.file_name, "run": run, "error": error}
        context["earlier"] = control.earlier_imports(run)
        try:
            context |= column_context(form_of(run, data))
        except (UnreadableFileError, UploadError) as problem:
            context["unreadable"] = str(problem)
        template = "admin/signals/import_columns.html"
        if wants_part(request):
            return fresh(render(request, f"{template}#columns", context))
        return self._page(request, template, context, status=422 if error else 200)

    def start(self, request: HttpRequest, run_id: int) -> HttpResponse:
        run = get_object_or_404(ImportRun, pk=run_id)
        if request.method != "POST" or run.state != States.MAPPING:
            return redirect("admin:signals_importrun_change", run_id)
        try:
            form = form_of(run, request.POST)
            if form.errors:
                return self._mapping(request, run, request.POST, error=form.errors[0])
            control.start(run, form.shape, form.choices, source=_source_of(form))
        except (UnreadableFileError, UploadError, control.ControlError) as error:
            return self._mapping(request, run, request.POST, error=str(error))
        self.log_change(request, run, "Started the import")
        return redirect("admin:signals_importrun_change", run_id)

    # The run

    def progress(self, request: HttpRequest, run_id: int) -> HttpResponse:
        """How far it is, for HTMX to draw again."""
        run = get_object_or_404(ImportRun.objects.select_related("source", "user"), pk=run_id)
        if not wants_part(request):
            return redirect("admin:signals_importrun_change", run_id)
        return fresh(render(request, "admin/signals/import_run.html#run", {"run": run, **progress_context(run)}))

    def steer(self, request: HttpRequest, run_id: int) -> HttpResponse:
        """Pause, resume, answer or discard."""
        run = get_object_or_404(ImportRun, pk=run_id)
        if request.method != "POST":
            return redirect("admin:signals_importrun_change", run_id)
        order = request.POST.get("do", "")
        if order == "discard" and control.discard(run):
            messages.success(request, f"{run.file_name} is discarded; nothing of it was imported.")
            return redirect("admin:signals_importrun_changelist")
        done = {
            "pause": lambda: control.pause(run),
            "resume": lambda: control.resume(run),
            "skip": lambda: control.answer(run, ImportRun.Twins.SKIP),
            "keep": lambda: control.answer(run, ImportRun.Twins.KEEP),
        }.get(order, bool)()
        if not done:
            messages.info(request, "The import has gone on since this page was drawn; this is how it stands now.")
        return redirect("admin:signals_importrun_change", run_id)

    def undo(self, request: HttpRequest, run_id: int) -> HttpResponse:
        """Says in numbers what would go; on POST has it undone."""
        run = get_object_or_404(ImportRun.objects.select_related("source"), pk=run_id)
        if request.method == "POST":
            try:
                undo.start(run.pk, acting_user=request.user, now=timezone.now())
                self.log_change(request, run, "Undid the import")
            except undo.NotUndoableError as error:
                messages.error(request, str(error))
            return redirect("admin:signals_importrun_change", run_id)
        context = {"title": f"Undo {run.file_name}?", "run": run, "effect": undo.effect(run)}
        return self._page(request, "admin/signals/import_undo.html", context)

    def _page(self, request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        everywhere = {**self.admin_site.each_context(request), "opts": self.opts}
        return fresh(render(request, template, everywhere | context, status=status))


def _bounds() -> dict[str, Any]:
    return {
        "largest": megabytes(settings.IMPORT_MAX_BYTES),
        "most_at_once": settings.INGEST_MAX_BODY_BYTES,
        "at_once": megabytes(settings.INGEST_MAX_BODY_BYTES),
        "kinds": ImportRun.Kind.choices,
    }


def _kind(request: HttpRequest) -> str:
    asked = request.POST.get("kind", "")
    return asked if asked in ImportRun.Kind.values else str(ImportRun.Kind.EVENTS)


def _cut(run: ImportRun) -> dict[str, Any]:
    """What the script must know to send the pieces."""
    return {
        "size": run.size,
        "pieceBytes": run.piece_bytes,
        "pieces": uploads.piece_count(run),
        "pieceAddress": reverse("admin:signals_importrun_piece", args=[run.pk, 0]),
        "after": reverse("admin:signals_importrun_change", args=[run.pk]),
    }


def _source_of(form: ColumnForm) -> Source | None:
    if form.run.kind == ImportRun.Kind.ACCOUNTS:
        return None
    return form.source or (ensure_source(form.new_source) if form.new_source else None)


def percent_of(run: ImportRun) -> int:
    """How much of the file is read."""
    return min(100, run.bytes_done * 100 // run.size) if run.size else 0


def progress_context(run: ImportRun) -> dict[str, Any]:
    """What the page of a run shows."""
    return {
        "active": run.state in ACTIVE,
        "percent": percent_of(run),
        "row_errors": run.options.get("errors", []),
        "most_errors": MOST_ERRORS,
        "may_undo": run.state in undo.UNDOABLE and not undo.too_old(run, timezone.now()),
        "too_old": undo.too_old(run, timezone.now()) if run.state in undo.UNDOABLE else "",
        "is_list": run.kind == ImportRun.Kind.ACCOUNTS,
        "rows_words": plural(run.rows_done, "row"),
    }
