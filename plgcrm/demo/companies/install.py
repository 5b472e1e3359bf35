"""A sample company's vocabulary as it truly is, said at once: for tests, benchmarks and a demo without a history."""

from collections.abc import Iterator
from typing import Any

from django.db import transaction

from accounts.rules.traits import trait_name
from plgcrm.demo.companies.truth import TrueVocabulary
from signals.models import SignalDefinition
from signals.vocabulary import definitions
from signals.vocabulary.meanings import say_all
from signals.vocabulary.terms import CORE_FEATURES, SIGNAL_TERMS

KINDS: dict[str, list[str]] = {term.slug: list(term.kinds) for term in SIGNAL_TERMS}
BAD_RATING = 2
Said = tuple[str, dict[str, Any]]


@transaction.atomic
def install_vocabulary(truth: TrueVocabulary) -> None:
    """Before the first event: every definition counts from the beginning. Safe to run twice."""
    say_all(true_terms(truth))
    state = SignalDefinition.State
    SignalDefinition.objects.filter(state=state.COUNTING).update(state=state.CURRENT, since_version=1)
    definitions.forget_matcher()


def true_terms(truth: TrueVocabulary) -> list[Said]:
    """What somebody who knows the product says of each term: signals first, what hangs on them after."""
    return [*_signals(truth), *_properties(truth), *_meanings(truth), *_limits(truth)]


def _signals(truth: TrueVocabulary) -> Iterator[Said]:
    names: dict[str, list[str]] = {}
    for name, slug in truth.signals.items():
        if slug:
            names.setdefault(slug, []).append(name)
    for slug, events in names.items():
        yield f"signal:{slug}", {"matches": _matches(KINDS[slug], events)}
    for name, feature in truth.core_features.items():
        slug = f"feature-{feature.lower().replace(' ', '-')}"
        matches = _matches(["track", "page"], [name])
        yield f"signal:{slug}", {"matches": matches, "name": feature, "category": CORE_FEATURES}


def _matches(kinds: list[str], names: list[str]) -> dict[str, Any]:
    return {"any": [{"kinds": kinds, "names": names, "source": None, "where": []}]}


def _properties(truth: TrueVocabulary) -> Iterator[Said]:
    options: dict[tuple[str, str], dict[str, Any]] = {
        ("ticket-opened", "topic"): {"commercial": truth.commercial_topics},
        **{(slug, "rating"): {"bad_at_most": BAD_RATING} for slug in ("ticket-rated", "ticket-solved")},
    }
    paths: dict[tuple[str, str], list[str]] = {}
    for event, said in truth.properties.items():
        for path, term in said.items():
            if slug := truth.signals[event]:
                paths.setdefault((slug, term), []).append(path)
    for (slug, term), found in paths.items():
        yield f"property:{slug}.{term}", {"paths": list(dict.fromkeys(found)), "options": options.get((slug, term), {})}


def _meanings(truth: TrueVocabulary) -> Iterator[Said]:
    options: dict[str, dict[str, Any]] = {"plan": {"plans": truth.plans}, "role": {"admins": truth.admin_roles}}
    paths: dict[str, list[dict[str, str]]] = {}
    for carrier, traits in truth.meanings.items():
        for path, slug in traits.items():
            if slug:
                paths.setdefault(slug, []).append({"of": carrier, "path": path})
                reading = truth.readings.meanings.get(carrier, {}).get(path)
                if reading is not None:
                    options[slug] = {"period": reading.period, "cents": reading.unit == "cents"}
    for slug, said in paths.items():
        yield f"meaning:{slug}", {"paths": said, "options": options.get(slug, {})}


def _limits(truth: TrueVocabulary) -> Iterator[Said]:
    for limit in truth.limits:
        slug = trait_name(limit.noun.replace(" ", "_"))
        ways = {part: {"of": limit.of, "path": getattr(limit, part)} for part in ("allowed", "used")}
        yield f"limit:{slug}", {"one": limit.noun.removesuffix("s"), "many": limit.noun} | ways
