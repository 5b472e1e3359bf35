"""A page for a browser, or only the part of it that HTMX asked for."""

from typing import Any, Protocol

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


class HtmxDetails(Protocol):
    history_restore_request: bool
    target: str | None

    def __bool__(self) -> bool: ...


def wants_part(request: HttpRequest) -> bool:
    """Going back asks through HTMX too, but wants the whole page."""
    htmx: HtmxDetails = request.htmx  # type: ignore[attr-defined]  # set by django-htmx's middleware
    return bool(htmx) and not htmx.history_restore_request


def render_page(request: HttpRequest, template: str, part: str, context: dict[str, Any]) -> HttpResponse:
    """The named part of the template for HTMX, else all of it. Neither is kept by a cache."""
    name = f"{template}#{part}" if wants_part(request) else template
    return fresh(render(request, name, context))


def fresh(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = "HX-Request, Cookie"
    return response
