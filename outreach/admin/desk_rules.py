"""The admin's page of what guards look at and what a deal is counted as."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access import display_name
from outreach.forms.desk_rules import DeskRulesForm
from outreach.models import DeskRules, Play
from outreach.plays.desk_rules import COLUMNS, read_rules, say_rules, undo_rules
from plgcrm.common.htmx import fresh
from plgcrm.common.text import percent, short_number

CHANGES = 12
NAMES = {
    "first_value": "First value",
    "support_fire": "Support issue",
    "signup_days": "Days after sign-up",
    "seat_price": "Price of a seat",
    "company_share": "Share of a company",
    "deal_floor": "Least deal",
}


@dataclass(frozen=True, slots=True)
class RulesChange:
    """One saving, as a line of the history."""

    id: int
    words: str
    who: str
    at: Any


@require_http_methods(["GET", "HEAD", "POST"])
def desk_rules_page(request: HttpRequest) -> HttpResponse:
    """What is in force, as a form; a POST saves it, or undoes the newest change."""
    if request.method != "POST":
        return _drawn(request, DeskRulesForm.of(read_rules()))
    now = timezone.now()
    if "undo" in request.POST:
        done = undo_rules(short_number(request.POST["undo"]), now=now, acting_user=request.user)
        _tell(request, "Undone." if done else "It has been changed again since: change it by hand.")
        return redirect("admin:desk_rules")
    form = DeskRulesForm(request.POST)
    if not form.is_valid():
        return _drawn(request, form)
    changed = say_rules(form.said, now=now, acting_user=request.user)
    words = "Saved. What a guard holds is re-checked within a minute; the queue is in its new order within minutes."
    _tell(request, words if changed else "Nothing changed.")
    return redirect("admin:desk_rules")


def _tell(request: HttpRequest, words: str) -> None:
    messages.success(request, words)


def _drawn(request: HttpRequest, form: DeskRulesForm) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": "Guards and deal size",
        "form": form,
        "guards": [form[name] for name in COLUMNS[:3]],
        "deal": [form[name] for name in COLUMNS[3:]],
        "plays": Play.objects.filter(guards__contains=["cool_down"]),
        "changes": _changes(),
    }
    return fresh(render(request, "admin/outreach/desk_rules.html", context, status=400 if form.errors else 200))


def _changes() -> list[RulesChange]:
    rows = list(DeskRules.objects.select_related("first_value", "support_fire", "user").order_by("-pk")[: CHANGES + 1])
    return [
        RulesChange(row.pk, _difference(before, row), display_name(row.user) if row.user else "a program", row.at)
        for row, before in pairwise(rows)
    ]


def _difference(before: DeskRules, after: DeskRules) -> str:
    parts = [
        f"{NAMES[name]}: {_shown(name, before)} → {_shown(name, after)}"
        for name in COLUMNS
        if getattr(before, name) != getattr(after, name)
    ]
    return "; ".join(parts)


def _shown(name: str, row: DeskRules) -> str:
    value = getattr(row, name)
    if name in ("first_value", "support_fire"):
        return str(value or "none")
    return percent(value) if name == "company_share" else f"{value:,.12g}"
