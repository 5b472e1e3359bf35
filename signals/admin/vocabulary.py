"""The vocabulary page: what is said of each term, what is suggested, and changing it."""

from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from plgcrm.common.htmx import fresh, wants_part
from plgcrm.common.text import plural, short_number
from signals.admin.confirm import EDIT, Confirmation, asks, confirm_page
from signals.forms.vocabulary import NEW_FEATURE, PERIODS, new_feature, said_in
from signals.models import VocabularyChange
from signals.vocabulary.arrived import arrivals
from signals.vocabulary.effects import effect_of
from signals.vocabulary.entries import Arrivals
from signals.vocabulary.lines import (
    KIND_WORDS,
    VocabularyLine,
    VocabularySection,
    events_of,
    in_words,
    sections,
    shown_event,
    shown_path,
)
from signals.vocabulary.meanings import VocabularyError, say, undo
from signals.vocabulary.proposals import accept

TEMPLATE = "admin/signals/vocabulary.html"
CHANGES = 12


@dataclass(slots=True)
class ChangeWords:
    """A change of the vocabulary as a line of its history."""

    id: int
    term: str
    words: str
    who: str
    at: Any
    undone: bool


@require_http_methods(["GET", "HEAD", "POST"])
def vocabulary(request: HttpRequest) -> HttpResponse:
    """The whole page; a POST changes something and shows it again."""
    if request.method != "POST":
        return _drawn(request, editing=request.GET.get("edit", ""), asked=request.GET.get("effect", ""))
    verb, _, what = request.POST.get("do", "").partition(" ")
    if EDIT in request.POST:
        return _drawn(request, editing=what, posted=True)
    try:
        if asks(request):
            here = reverse("admin:vocabulary")
            question = Confirmation(_asked(verb), "Save", here, verb == "say", "Vocabulary", here)
            return confirm_page(request, lambda: _done(request, verb, what), question)
        told = _done(request, verb, what)
    except VocabularyError as error:
        return _drawn(request, editing=what, error=str(error), posted=True)
    if wants_part(request):
        return _drawn(request, told=told)
    if told:
        messages.success(request, told)
    return redirect(f"{reverse('admin:vocabulary')}#{what.replace(':', '-').replace('.', '-')}")


def _asked(verb: str) -> str:
    if verb.startswith("accept-"):
        return "Accept these suggestions?"
    if verb == "undo":
        return "Undo this change?"
    return "Change what this means?"


def _done(request: HttpRequest, verb: str, what: str) -> str:
    """Do what a button says; a sentence about it."""
    now, user = timezone.now(), request.user
    if verb == "accept-sure":
        return f"{plural(len(accept(now, acting_user=user)), 'suggestion')} accepted."
    if verb == "accept-section":
        terms = next((section.open for section in sections(now) if section.slug == what), [])
        return f"{plural(len(accept(now, terms, acting_user=user)), 'suggestion')} accepted."
    if verb == "accept":
        return "Accepted." if accept(now, {what}, acting_user=user) else "Nothing is suggested for this any more."
    if verb == "undo":
        done = undo(short_number(what), acting_user=user)
        return "Undone." if done else "It has been changed again since: change it by hand."
    if what == "limit:new":
        what = f"limit:{request.POST.get('slug', '').strip()}"
    if what == NEW_FEATURE:
        what = new_feature(request.POST)
    if verb in ("say", "clear"):
        value = said_in(what, request.POST, _line(sections(now), what)) if verb == "say" else None
        return "Saved." if say(what, value, acting_user=user) else "Nothing changed."
    return ""


def _drawn(request: HttpRequest, **state: Any) -> HttpResponse:
    template = f"{TEMPLATE}#page" if wants_part(request) else TEMPLATE
    return fresh(render(request, template, _context(request, **state)))


def _context(
    request: HttpRequest, *, editing: str = "", asked: str = "", told: str = "", error: str = "", posted: bool = False
) -> dict[str, Any]:
    now = timezone.now()
    found = sections(now)
    line = _line(found, editing) or _new_line(editing)
    every = [part for section in found for one in section.lines for part in (one, *one.parts)]
    sure = [one for one in every if one.proposal and one.proposal.sure and not one.said]
    return {
        **admin.site.each_context(request),
        "title": "Vocabulary",
        "sections": found,
        "said": sum(bool(one.said) for one in every),
        "sure": len(sure),
        "unsure": sum(bool(one.proposal and not one.said) for one in every) - len(sure),
        "editing": _editing(line, arrivals(now), request.POST if posted else None) if line else None,
        "plan_kinds": tuple(KIND_WORDS.items()),
        "periods": PERIODS,
        "effect": _effect(_line(found, asked)),
        "told": told,
        "error": error,
        "changes": _changes(),
    }


def _line(found: list[VocabularySection], term: str) -> VocabularyLine | None:
    every = (part for section in found for line in section.lines for part in (line, *line.parts))
    return next((line for line in every if line.term == term), None) if term else None


def _new_line(term: str) -> VocabularyLine | None:
    if term.startswith("limit:"):
        return VocabularyLine(term, "A limit", is_new=True)
    return VocabularyLine(term, "A core feature", is_new=True) if term == NEW_FEATURE else None


def _effect(line: VocabularyLine | None) -> dict[str, str] | None:
    if line is None or not line.value or not line.term.startswith("meaning:"):
        return None
    return {"term": line.term, "words": effect_of(line.term.partition(":")[2], line.value)}


def _editing(line: VocabularyLine, arrived: Arrivals, posted: QueryDict | None) -> dict[str, Any]:
    """The form of one line: what stands in its fields, and what is offered in them."""
    context = _form_of(line, arrived)
    if posted is not None:  # what could not be saved stays as it was typed
        typed = posted.getlist("event") or posted.getlist("path")
        context |= {"fields": [*filter(None, typed), ""]} if typed else {"value": posted.dict()}
        context["name"] = posted.get("name", "")
    return context


def _form_of(line: VocabularyLine, arrived: Arrivals) -> dict[str, Any]:
    kind, _, slug = line.term.partition(":")
    value = line.value or {}
    context: dict[str, Any] = {"term": line.term, "line": line, "kind": kind, "options": value.get("options", {})}
    if kind == "signal":
        events = [shown_event(*event) for event in events_of(value)] if value else []
        return context | {"fields": [*events, ""], "offered": [shown_event(e.kind, e.name) for e in arrived.events]}
    if kind == "property":
        return context | {"fields": [*value.get("paths", []), ""], "offered": _properties(arrived)}
    traits = [shown_path({"of": _of(trait.holder), "path": trait.key.path}) for trait in arrived.traits]
    context["offered"] = sorted(set(traits))
    if kind == "limit":
        shown = {part: shown_path(value[part]) for part in ("allowed", "used") if part in value}
        return context | {"value": value | shown}
    paths = value.get("paths", [])
    context |= {"fields": [*map(shown_path, paths), ""]}
    if slug in ("plan", "role"):
        context["values"] = _values(paths, arrived, context["options"])
    return context


def _properties(arrived: Arrivals) -> list[str]:
    return sorted({key.path for event in arrived.events for key in event.properties})


def _values(paths: list[dict[str, str]], arrived: Arrivals, options: dict[str, Any]) -> list[str]:
    """The plans or roles that arrived under these paths, and those that somebody spoke of."""
    wanted = {(path["of"], path["path"]) for path in paths}
    keys = [trait.key for trait in arrived.traits if (_of(trait.holder), trait.key.path) in wanted]
    known = [*options.get("plans", {}), *options.get("admins", [])]
    return list(dict.fromkeys([*map(str, known), *(text for key in keys for text in key.samples)]))


def _of(holder: str) -> str:
    return "person" if holder == "person" else "company"


def _changes() -> list[ChangeWords]:
    rows = VocabularyChange.objects.select_related("user")[:CHANGES]
    return [
        ChangeWords(
            change.pk,
            change.term.partition(":")[2].replace("_", " ").replace("-", " ").replace(".", ", "),
            in_words(change.term, change.after) if change.after else "nothing",
            (change.user.get_full_name() or change.user.get_username()) if change.user else "a program",
            change.at,
            change.undone_at is not None,
        )
        for change in rows
    ]
