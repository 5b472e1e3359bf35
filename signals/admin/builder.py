"""What the builders ask for while somebody edits: the tree drawn again, how it reads, how much it matches."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from plgcrm.common.htmx import fresh
from signals.forms import matches, rule
from signals.forms.page import matches_context, reading_context, rule_context
from signals.vocabulary.definitions import matches_in_days

ASKING = ("count", "who")  # buttons that change nothing of what was typed


@require_POST
def rule_builder(request: HttpRequest, prefix: str) -> HttpResponse:
    """After a button the whole tree; while typing, or where somebody asks who it is, only what is said of it."""
    action = request.POST.get(f"{prefix}:do", "")
    draft = rule.changed(rule.from_post(request.POST, prefix), action)
    if action and action.partition(" ")[0] not in ASKING:
        return _drawn(request, "rule.html", rule_context(prefix, draft) | {"fresh": _fresh_place(draft, action)})
    return _drawn(request, "reading.html", reading_context(prefix, draft))


def _fresh_place(draft: rule.Group, action: str) -> str:
    """The node that a button has just added, for the focus to go to."""
    verb, _, place = action.partition(" ")
    if not verb.startswith("add"):
        return ""
    added = [node.anchor for node in rule.walk(draft) if node.place.startswith(f"{place}.")]
    return added[-1] if added else ""


@require_POST
def matches_builder(request: HttpRequest, prefix: str) -> HttpResponse:
    action = request.POST.get(f"{prefix}:do", "")
    draft = matches.changed(matches.from_post(request.POST, prefix), action)
    context = matches_context(prefix, draft)
    if action and action != "count":
        return _drawn(request, "matches.html", context)
    if context["whole"]:
        context["count"] = matches_in_days(matches.to_json(draft), days=7)
    return _drawn(request, "matches_reading.html", context)


def _drawn(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    return fresh(render(request, f"admin/builder/{template}", context))
