"""What everything that arrives probably means, in the terms of `signals.vocabulary.terms`. Pure.

Each suggestion says its evidence in one sentence, and whether it is sure. Sure ones may be accepted unseen, so a
doubt of any kind makes one unsure: a person looks at it then.
"""

from dataclasses import dataclass

from signals.vocabulary.entries import Arrivals
from signals.vocabulary.samples import texts_of
from signals.vocabulary.suggest_events import SignalSuggestion, suggest_signals
from signals.vocabulary.suggest_limits import LimitSuggestion, counts_people, suggest_limits
from signals.vocabulary.suggest_properties import PropertySuggestion, keys_of, suggest_properties
from signals.vocabulary.suggest_traits import MeaningSuggestion, suggest_meanings
from signals.vocabulary.terms import MEANING_TERMS


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What probably means what; signals that are features of this product stand among the signals."""

    signals: tuple[SignalSuggestion, ...] = ()
    properties: tuple[PropertySuggestion, ...] = ()
    meanings: tuple[MeaningSuggestion, ...] = ()
    limits: tuple[LimitSuggestion, ...] = ()


def suggest(arrivals: Arrivals) -> Suggestions:
    """Suggestions for a catalogue: the same for the same catalogue, whatever its order."""
    events = sorted(arrivals.events, key=lambda event: (event.kind, event.name))
    traits = sorted(arrivals.traits, key=lambda trait: (trait.holder, trait.key.path))
    signals = suggest_signals(events)
    properties = suggest_properties(events, signals)
    meanings = suggest_meanings(traits, _plans_in(arrivals, signals, properties))
    sure = {path for meaning in meanings for path in meaning.paths if meaning.sure or meaning.slug.startswith("seats")}
    limits = suggest_limits(traits, sure)
    if not any(meaning.slug in ("seats", "seats_used") for meaning in meanings):
        meanings, limits = seats_among(meanings, limits)
    paired = {path for limit in limits for path in (limit.allowed, limit.used)}
    # A number that pairs with another is that limit's, not what its name alone might also mean.
    kept = [meaning for meaning in meanings if meaning.sure or not paired & set(meaning.paths)]
    return Suggestions(tuple(signals), tuple(properties), tuple(kept), tuple(limits))


def seats_among(
    meanings: list[MeaningSuggestion], limits: list[LimitSuggestion]
) -> tuple[list[MeaningSuggestion], list[LimitSuggestion]]:
    """Where nothing is called a seat, a limit of those who work in the product is the seats; never sure."""
    people = [limit for limit in limits if counts_people(limit)]
    if len(people) != 1:
        return meanings, limits
    limit, terms = people[0], {term.slug: term for term in MEANING_TERMS}
    seats = [
        MeaningSuggestion(slug, term.name, term.holder, term.reading, (path,), limit.evidence, False, {}, (carrier,))
        for slug, path in (("seats", limit.allowed), ("seats_used", limit.used))
        for term, carrier in ((terms[slug], "person" if limit.holder == "person" else "company"),)
    ]
    return [*meanings, *seats], [each for each in limits if each is not limit]


def _plans_in(
    arrivals: Arrivals, signals: list[SignalSuggestion], properties: list[PropertySuggestion]
) -> tuple[str, ...]:
    """The plans that conversions name: they may hold one that no account has today."""
    paths = {path for each in properties if (each.signal, each.slug) == ("subscribed", "plan") for path in each.paths}
    names = {event for each in signals if each.slug == "subscribed" for event in each.events}
    keys = keys_of(event for event in arrivals.events if (event.kind, event.name) in names)
    return tuple(dict.fromkeys(text for key in keys if key.path in paths for text in texts_of(key)))
