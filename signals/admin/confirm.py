"""A change shows what it would do to the queues before it is saved, is kept in a history, and can be undone.

Without JavaScript: the form is posted, the answer is a page with the effect and everything that was typed, and posting
that page saves. In set-up mode nothing reaches a queue, and a change is saved at once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from plgcrm.common.admin import OpenAdmin
from plgcrm.common.htmx import fresh, wants_part
from signals import changes
from signals.models import ConfigurationChange
from signals.scoring.queue_effect import is_live, queue_effect

CONFIRMED = "confirmed"
EDIT = "edit_again"  # back to the form, with what was typed
LEFT_OUT = ("csrfmiddlewaretoken", CONFIRMED, EDIT)
TEMPLATE = "admin/signals/confirm.html"


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What is asked before a change is saved, and where no leads to."""

    title: str
    button: str
    back: str
    was_typed: bool = False  # then no leads back to the form as it was typed
    section: str = ""  # of the menu: its name
    section_address: str = ""


def asks(request: HttpRequest) -> bool:
    """Whether this post has to be confirmed first."""
    return request.method == "POST" and not {CONFIRMED, EDIT} & request.POST.keys() and is_live()


def confirm_page(request: HttpRequest, change: Callable[[], object], question: Confirmation) -> HttpResponse:
    """The effect of a change, with what was posted, to be posted again. What the change raises is raised."""
    context = {
        **admin.site.each_context(request),
        "title": question.title,
        "question": question,
        "effect": queue_effect(change, now=timezone.now()),
        "posted": _fields(request.POST),
        "action": request.get_full_path(),
    }
    return fresh(render(request, f"{TEMPLATE}#asked" if wants_part(request) else TEMPLATE, context))


def _fields(posted: QueryDict) -> list[tuple[str, str]]:
    return [(name, value) for name, values in posted.lists() if name not in LEFT_OUT for value in values]


class _TypedAgain:
    """A form that is drawn as it was posted, and not saved."""

    def is_valid(self) -> bool:
        return False


class ConfirmedAdmin(OpenAdmin):
    """An admin of rows whose changes reach the queues."""

    recorded: ClassVar[str]  # the kind in signals.changes
    actions = None  # deleting many at once would show no effect

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        if asks(request) and (page := self._asked(request, object_id)):
            return page
        return super().changeform_view(request, object_id, form_url, extra_context)

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        return type(form.__name__, (_TypedAgain, form), {}) if EDIT in request.POST else form

    def _asked(self, request: HttpRequest, object_id: str | None) -> HttpResponse | None:
        """The page with the effect; None where there is nothing to ask, or the form has to be corrected first."""
        row = self.get_object(request, unquote(object_id)) if object_id else None
        if object_id and row is None:
            return None
        form = self.get_form(request, row, change=row is not None)(request.POST, request.FILES, instance=row)
        if not form.is_valid() or not form.changed_data:
            return None
        words = str(self.opts.verbose_name)
        question = Confirmation(
            f"Save {words} “{form.instance}”?",
            f"Save {words}",
            request.get_full_path(),
            True,
            str(self.opts.verbose_name_plural).capitalize(),
            reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"),
        )
        return confirm_page(request, lambda: self._apply(form, request.user), question)

    def _apply(self, form: Any, user: Any) -> None:
        before = self._stored(form.instance)
        form.save()
        self._follow(form, before, user)

    def _stored(self, row: Any) -> changes.Values | None:
        stored = self.model._default_manager.filter(pk=row.pk).first() if row.pk else None
        return changes.values_of(self.recorded, stored) if stored else None

    def _follow(self, form: Any, before: changes.Values | None, user: Any) -> None:
        after = changes.values_of(self.recorded, form.instance) | self.more(form)
        changes.follow(self.recorded, form.instance, before, after, acting_user=user)

    def more(self, form: Any) -> changes.Values:
        """What a form says beside the fields of its row."""
        return {}

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        form.before = self._stored(obj) if change else None
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if not change or form.changed_data:
            self._follow(form, form.before, request.user)
            changes.record(self.recorded, form.instance, form.before, acting_user=request.user)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        if row := kwargs.get("obj"):
            context["history"] = changes.history(self.recorded, row.pk)
        return super().render_change_form(request, context, *args, **kwargs)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, unquote(object_id))
        # A refusal works nothing out, and what is in use does not go.
        refused = row is None or not self.has_delete_permission(request, row)
        if refused or request.method == "POST" or not is_live() or self.get_deleted_objects([row], request)[3]:
            return super().delete_view(request, object_id, extra_context)
        effect = queue_effect(lambda: self.delete_model(request, row), now=timezone.now())
        return super().delete_view(request, object_id, {"effect": effect} | (extra_context or {}))


@require_http_methods(["GET", "HEAD", "POST"])
def undo_change(request: HttpRequest, changed_id: int) -> HttpResponse:
    """GET says what undoing a change would do, POST does it."""
    change = get_object_or_404(ConfigurationChange, pk=changed_id)
    back = _address_of(change)
    if request.method == "POST":
        if changes.undo(changed_id, acting_user=request.user):
            messages.success(request, "Undone.")
        else:
            messages.error(request, "There is nothing to undo: it stands as it was before.")
        return redirect(back)
    with transaction.atomic():
        possible = changes.undo(changed_id, acting_user=request.user)
        transaction.set_rollback(True)
    if not possible:
        messages.error(request, "There is nothing to undo: it stands as it was before.")
        return redirect(back)
    question = Confirmation(f"Undo the change of “{change.name}”?", "Undo", back)
    return confirm_page(request, lambda: changes.undo(changed_id, acting_user=request.user), question)


def _address_of(change: ConfigurationChange) -> str:
    model = changes.KINDS[change.kind].model._meta
    return reverse(f"admin:{model.app_label}_{model.model_name}_change", args=[change.object_id])
