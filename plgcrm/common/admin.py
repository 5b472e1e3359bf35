"""What the admins of all apps share: who is in may do everything, and large tables are never counted."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.paginator import Paginator
from django.db.models import Count, Model, QuerySet
from django.forms.utils import flatatt
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from plgcrm.common.cache import Remembered

MOST_LISTED = 1_000


class OpenAdmin(admin.ModelAdmin[Any]):
    """The site lets only admins in, so nothing more is asked here. Every list and every field says what it is."""

    show_facets = admin.ShowFacets.NEVER  # counting each filter would cost more than the list
    help: ClassVar[str] = ""  # stands at the head of the list
    help_texts: ClassVar[dict[str, str]] = {}  # for fields whose model has none

    @property
    def media(self) -> forms.Media:
        """Lists and actions; no jQuery, whose uses here are done by plgcrm-admin.js in a few lines."""
        return forms.Media(js=["admin/js/core.js", "admin/js/actions.js"])

    def has_module_permission(self, request: HttpRequest) -> bool:
        return True

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest) -> bool:
        return True

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return True

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return True

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """A choice stays a choice: no pencils and crosses beside it."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        if field is not None and not field.help_text:
            field.help_text = self.help_texts.get(db_field.name, "")
        return field

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Django shows the help of a field that is only read where the form knows it."""
        own = getattr(getattr(self.form, "Meta", None), "help_texts", None) or {}
        return super().get_form(request, obj, change, **{"help_texts": {**own, **self.help_texts}, **kwargs})

    def get_changelist_formset(self, request: Any, **kwargs: Any) -> Any:
        """A field in a list stands under its column's name; who hears the page is told it at the field."""
        formset = super().get_changelist_formset(request, **kwargs)
        for field in formset.form.base_fields.values():
            field.widget.attrs["aria-label"] = field.label
        return formset

    def add_facts(self, rows: Sequence[Any]) -> None:
        """For what the columns of a list need beside its rows: asked once for all rows shown."""

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return FactsChangeList

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"page_help": self.help} | (extra_context or {}))

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        context["adminform"].form.label_suffix = ""
        return super().render_change_form(request, context, *args, **kwargs)


class FactsChangeList(ChangeList):
    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        assert isinstance(self.model_admin, OpenAdmin)  # noqa: S101 - its change list
        self.model_admin.add_facts(list(self.result_list))  # the queryset keeps the rows it has read


class ReadOnlyAdmin(OpenAdmin):
    """Rows that the product writes and an admin only looks at."""

    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class BoundedPaginator(Paginator[Any]):
    """Counts to a thousand and no further: whoever wants row 1,001 searches."""

    @cached_property
    def count(self) -> int:
        rows = self.object_list
        assert isinstance(rows, QuerySet)  # noqa: S101 - the admin pages querysets only
        return len(rows.order_by().values_list("pk")[:MOST_LISTED])


class LargeTableAdmin(OpenAdmin):
    """For tables that grow with the customers: no exact counts, no filters that scan."""

    show_full_result_count = False
    paginator = BoundedPaginator
    list_per_page = 50
    most_listed: ClassVar[int] = MOST_LISTED

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return LargeChangeList


class LargeChangeList(FactsChangeList):
    """Says so when there may be more than is listed."""

    @property
    def stopped_counting(self) -> bool:
        return self.result_count >= MOST_LISTED


class LongSelect(forms.Select):
    """Of some hundred choices: Django's own draws a template for each, which takes a tenth of a second."""

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        chosen = str(value or "")
        rows = ((flatatt({"value": key, "selected": str(key) == chosen}), words) for key, words in self.choices)
        options = format_html_join("", "<option{}>{}</option>", rows)
        own = flatatt(self.build_attrs(self.attrs, {"name": name} | (attrs or {})))
        return format_html("<select{}>{}</select>", own, options)


class RowCounts:
    """How many rows belong to each object of a list: one grouped query, remembered for some seconds.

    As an annotation it would be counted by joining all of history, twice: for the rows and for their number.
    """

    def __init__(self, rows: Callable[[], QuerySet[Any]], by: str) -> None:
        self._rows, self._by = rows, by
        self._kept = Remembered[dict[int, int]](seconds=10)

    def of(self, pk: int) -> str:
        return f"{self._kept.get(self._read).get(pk, 0):,}"

    def _read(self) -> dict[int, int]:
        return dict(self._rows().order_by().values_list(self._by).annotate(n=Count("*")))
