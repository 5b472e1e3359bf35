"""Suggestions beside what is said already: what is still open, accepting it, and the whole as one document."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zlib import crc32

from django.db import transaction

from signals.vocabulary.arrived import arrivals
from signals.vocabulary.meanings import MEANINGS, SIGNALS, Said, VocabularyError, everything_said, say_all
from signals.vocabulary.suggest import suggest
from signals.vocabulary.suggest_events import SignalSuggestion
from signals.vocabulary.suggest_limits import LimitSuggestion
from signals.vocabulary.suggest_properties import PropertySuggestion
from signals.vocabulary.suggest_traits import MeaningSuggestion
from signals.vocabulary.terms import CORE_FEATURES

PLURALS = {"signal": "signals", "property": "properties", "meaning": "meanings", "limit": "limits"}


@dataclass(frozen=True, slots=True)
class Proposal:
    """A suggestion as it would be said of its term."""

    term: str
    value: dict[str, Any]
    evidence: str
    sure: bool
    is_feature: bool = False


def proposals(now: datetime) -> list[Proposal]:
    """Everything that is suggested for terms of which nothing is said yet."""
    found = suggest(arrivals(now))
    made = (*map(_signal, found.signals), *map(_property, found.properties), *map(_meaning, found.meanings))
    said = everything_said()
    taken = {event for term, value in said.items() if term.startswith("signal:") for event in _events_of(value)}
    return [
        each
        for each in (*made, *(_limit(limit) for limit in found.limits if limit.slug not in MEANINGS))
        # An event that means something already is nobody's suggestion any more.
        if each.term not in said and not (each.is_feature and taken & set(_events_of(each.value)))
    ]


def _events_of(value: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (kind, name)
        for clause in value["matches"]["any"]
        for kind in clause.get("kinds") or ()
        for name in clause.get("names") or ()
    ]


@transaction.atomic
def accept(now: datetime, terms: Collection[str] | None = None, *, acting_user: Any = None) -> list[str]:
    """Say what is suggested of these terms, or of all that are sure; which terms those were, in order."""
    chosen = [each for each in proposals(now) if (each.sure if terms is None else each.term in terms)]
    # Signals first: what their properties mean hangs on them.
    chosen.sort(key=lambda each: list(PLURALS).index(each.term.partition(":")[0]))
    return say_all(((each.term, each.value) for each in chosen), acting_user=acting_user)


def matches_of(events: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """The definition that means these events, each (kind, name)."""
    by_kind: dict[str, list[str]] = {}
    for kind, name in events:
        by_kind.setdefault(kind, []).append(name)
    return {"any": [{"kinds": [kind], "names": names, "source": None, "where": []} for kind, names in by_kind.items()]}


def _signal(each: SignalSuggestion) -> Proposal:
    value: dict[str, Any] = {"matches": matches_of(each.events)}
    if each.feature:
        value |= {"name": each.feature, "category": CORE_FEATURES}
    # A name of signs that no slug may have still needs one, and the same each time.
    slug = each.slug if each.slug.strip("-_") != "feature" else f"feature-{crc32(repr(each.events).encode()):08x}"
    return Proposal(f"signal:{slug}", value, each.evidence, each.sure, bool(each.feature))


def _property(each: PropertySuggestion) -> Proposal:
    value = {"paths": list(each.paths), "options": each.options}
    return Proposal(f"property:{each.signal}.{each.slug}", value, each.evidence, each.sure)


def _meaning(each: MeaningSuggestion) -> Proposal:
    paths = [
        {"of": of, "path": path}
        for path, carrier in zip(each.paths, each.carriers, strict=True)
        for of in (("company", "person") if carrier == "both" else (carrier,))
    ]
    return Proposal(f"meaning:{each.slug}", {"paths": paths, "options": each.options}, each.evidence, each.sure)


def _limit(each: LimitSuggestion) -> Proposal:
    of = "person" if each.holder == "person" else "company"
    parts = {"allowed": {"of": of, "path": each.allowed}, "used": {"of": of, "path": each.used}}
    return Proposal(f"limit:{each.slug}", {"one": each.one, "many": each.many} | parts, each.evidence, each.sure)


# The whole, as one document


def document() -> dict[str, dict[str, Said]]:
    """Everything that is said, by kind and term: what a file holds and the API answers."""
    found: dict[str, dict[str, Said]] = {plural: {} for plural in PLURALS.values()}
    for term, said in everything_said().items():
        kind, _, slug = term.partition(":")
        # What follows from others is said by them.
        if not (kind == "signal" and slug in SIGNALS and SIGNALS[slug].of):
            found[PLURALS[kind]][slug] = said
    return found


@transaction.atomic
def write_document(given: Any, *, acting_user: Any = None) -> list[str]:
    """Say all that a document says, and nothing of terms that it does not name; null unsays. Which terms changed.

    Raises VocabularyError, naming the term, and then changes nothing.
    """
    singular = {plural: kind for kind, plural in PLURALS.items()}
    if not isinstance(given, Mapping) or (unknown := set(given) - set(singular)):
        wrong = f": {', '.join(sorted(map(str, unknown)))} is unknown" if isinstance(given, Mapping) else ""
        raise VocabularyError(f"Give an object with signals, properties, meanings and limits{wrong}.")
    said: list[tuple[str, Said]] = []
    for plural, kind in singular.items():
        terms = given.get(plural, {})
        if not isinstance(terms, Mapping):
            raise VocabularyError(f"{plural}: give an object, by term.")
        for slug, value in terms.items():
            if value is not None and not isinstance(value, Mapping):
                raise VocabularyError(f"{kind}:{slug}: give an object, or null.")
            said.append((f"{kind}:{slug}", dict(value) if value is not None else None))
    return say_all(said, acting_user=acting_user)
