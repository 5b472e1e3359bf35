"""Pages by key: the hundredth page of a million rows costs what the first one does.

A page is found by the values of the last row before it, never by a number of rows to skip, and the total
is told only as far as counting is cheap.
"""

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import Model, Q, QuerySet
from rest_framework import serializers
from rest_framework.request import Request

USUAL_PAGE = 50
LARGEST_PAGE = 200
LARGEST_COUNT = 2_000  # counting stops here, and the answer is "more than we count"
LARGEST_SEARCH_COUNT = 200  # the same where each row counted must be looked at, as in a search

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Key:
    """A column that rows are ordered by; the last key of an order is unique."""

    name: str
    descending: bool = False

    @property
    def expression(self) -> str:
        return f"-{self.name}" if self.descending else self.name

    def beyond(self, value: Any) -> Q:
        return Q(**{f"{self.name}__{'lt' if self.descending else 'gt'}": value})

    def from_(self, value: Any) -> Q:
        return Q(**{f"{self.name}__{'lte' if self.descending else 'gte'}": value})


BY_ID = (Key("id"),)


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    rows: list[Row]
    count: int | None  # None: more than were counted
    after: str | None  # names the next page

    def answer(self, request: Request, results: Any) -> dict[str, Any]:
        return {"count": self.count, "next": self.after and _next(request, self.after), "results": results}


class PageQuery(serializers.Serializer[Any]):
    page_size = serializers.IntegerField(
        min_value=1, default=USUAL_PAGE, help_text=f"Rows per page, at most {LARGEST_PAGE}."
    )
    after = serializers.CharField(
        required=False, max_length=500, help_text="Identifies a page: take it from `next`, do not build it yourself."
    )

    def validate_page_size(self, value: int) -> int:
        return min(value, LARGEST_PAGE)


class PageAnswer(serializers.Serializer[Any]):
    count = serializers.IntegerField(
        allow_null=True,
        help_text=f"All rows that match; null above {LARGEST_COUNT:,}, or {LARGEST_SEARCH_COUNT} of a search.",
    )
    next = serializers.URLField(allow_null=True, help_text="The next page, null on the last one.")


def page_of(
    rows: QuerySet[Row], asked: dict[str, Any], order: Iterable[Key] = BY_ID, *, count_to: int = LARGEST_COUNT
) -> Page[Row]:
    """One page of `rows` in the order of the keys, for what PageQuery found in the address."""
    keys, size, after = tuple(order), asked["page_size"], asked.get("after")
    ordered = rows.order_by(*(key.expression for key in keys))
    if after:
        ordered = ordered.filter(_beyond(keys, _values(rows, keys, after)))
    found = list(ordered[: size + 1])
    more = len(found) > size
    count = capped_count(rows, count_to) if more or after else len(found)
    return Page(found[:size], count, _token(keys, found[size - 1]) if more else None)


def capped_count(rows: QuerySet[Any], largest: int) -> int | None:
    count = rows.order_by()[: largest + 1].count()
    return None if count > largest else count


def _beyond(keys: tuple[Key, ...], values: list[Any]) -> Q:
    """Rows after `values`; the first key is bounded by itself so that an index can start there."""
    condition, same = Q(), Q()
    for key, value in zip(keys, values, strict=True):
        condition |= same & key.beyond(value)
        same &= Q(**{key.name: value})
    return keys[0].from_(values[0]) & condition


def _token(keys: tuple[Key, ...], row: Model) -> str:
    values = [_plain(getattr(row, key.name)) for key in keys]
    return urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _values(rows: QuerySet[Any], keys: tuple[Key, ...], token: str) -> list[Any]:
    try:
        values = json.loads(urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        if not isinstance(values, list) or len(values) != len(keys):
            raise ValueError
        return [_typed(rows, key, value) for key, value in zip(keys, values, strict=True)]
    except (binascii.Error, ValueError, TypeError, OverflowError, DjangoValidationError) as error:
        raise serializers.ValidationError({"after": ["This is not a page. Take it from next."]}) from error


def _typed(rows: QuerySet[Any], key: Key, value: Any) -> Any:
    """The value as the column holds it; what the column cannot hold is refused."""
    if value is None or isinstance(value, bool | list | dict):
        raise TypeError
    annotation = rows.query.annotations.get(key.name)
    column = annotation.output_field if annotation else rows.model._meta.get_field(key.name)
    return column.to_python(value)


def _next(request: Request, after: str) -> str:
    asked = request.query_params.copy()
    asked["after"] = after
    return str(request.build_absolute_uri(f"{request.path}?{asked.urlencode()}"))
