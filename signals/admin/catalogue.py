"""The catalog page: every name and key that arrives; search, hide, evict."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from plgcrm.common.htmx import fresh, wants_part
from plgcrm.common.text import percent, short_number
from signals.models import CatalogueKey, CatalogueSource, EventName
from signals.vocabulary.arrived import ArrivedName, arrived_names, full_sources, grouped, silent_names
from signals.vocabulary.lines import events_of
from signals.vocabulary.meanings import everything_said

TEMPLATE = "admin/signals/catalogue.html"
SHOWN = 200
CHANGES = {"hide": {"hidden": True}, "show": {"hidden": False}, "evict": {"evicted": True}}


@require_http_methods(["GET", "HEAD", "POST"])
def catalogue(request: HttpRequest) -> HttpResponse:
    """Names by volume, spellings together; a POST hides, shows or evicts one."""
    if request.method == "POST":
        verb, _, number = request.POST.get("do", "").partition(" ")
        if verb in CHANGES:
            EventName.objects.filter(pk=short_number(number)).update(**CHANGES[verb])
        if not wants_part(request):
            messages.success(request, "Saved.")
            return redirect(f"{reverse('admin:catalogue')}?{request.GET.urlencode()}")
    template = f"{TEMPLATE}#page" if wants_part(request) else TEMPLATE
    return fresh(render(request, template, _context(request)))


def _context(request: HttpRequest) -> dict[str, Any]:
    now = timezone.now()
    words, hidden = request.GET.get("q", "").strip().casefold(), "hidden" in request.GET
    names = [name for name in arrived_names(now) if name.hidden == hidden and words in name.name.casefold()]
    groups = grouped(names)
    meant = _meant()
    for group in groups[:SHOWN]:
        for name in group.names:
            name.means = ", ".join(meant.get((name.call, name.name), ()))
    return {
        **admin.site.each_context(request),
        "title": "Catalog",
        "groups": groups[:SHOWN],
        "more": max(0, len(groups) - SHOWN),
        "q": request.GET.get("q", ""),
        "hidden": hidden,
        "query": request.GET.urlencode(),
        "full": full_sources(),
        "silent": {each.id for each in silent_names(now)},
        "open": _opened(request, names),
        "traits": _traits(words),
    }


def _meant() -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for term, value in everything_said().items():
        if term.startswith("signal:"):
            for event in events_of(value):
                found.setdefault(event, []).append(term.partition(":")[2].replace("-", " "))
    return found


def _opened(request: HttpRequest, names: list[ArrivedName]) -> dict[str, Any] | None:
    """One name with its properties, where somebody asked for it."""
    number = short_number(request.GET.get("name", ""))
    name = next((each for each in names if each.id == number), None)
    if name is None:
        return None
    keys = list(CatalogueKey.objects.filter(event_name=number).order_by("-seen", "path"))
    return {"id": name.id, "name": name.name, "keys": [_key(key, name.sampled) for key in keys]}


def _traits(words: str) -> list[dict[str, Any]]:
    keys = CatalogueKey.objects.exclude(holder="event").order_by("holder", "-seen", "path")
    found = [key for key in keys if words in key.path.casefold()]
    about = CatalogueSource.objects.in_bulk()
    return [_key(key, _sampled(about.get(key.source_id), key.holder)) for key in found[:SHOWN]]


def _sampled(about: CatalogueSource | None, holder: str) -> int:
    if about is None:
        return 0
    return about.people_sampled if holder == CatalogueKey.Holder.PERSON else about.workspaces_sampled


def _key(key: CatalogueKey, sampled: int) -> dict[str, Any]:
    return {
        "path": key.path,
        "holder": key.get_holder_display(),
        "types": ", ".join(sorted(kind.replace("_", " or ") for kind in key.types)),
        "share": _share(key.seen, sampled),
        "samples": key.samples[:5],
    }


def _share(seen: int, sampled: int) -> str:
    """Of those sampled how many had it; whatever is listed here has been seen."""
    share = min(1.0, seen / sampled) if sampled else 1.0
    return "under 1 %" if share < 0.01 else percent(share)
