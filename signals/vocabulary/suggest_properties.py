"""What the properties of a signal's events probably mean. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from signals.vocabulary.entries import EventEntry, KeyEntry
from signals.vocabulary.naming import plain_words, spoken_words, word_set, words_of
from signals.vocabulary.property_words import PROPERTY_WAYS
from signals.vocabulary.samples import are_phrases, looks, number_of, texts_of
from signals.vocabulary.suggest_events import SignalSuggestion
from signals.vocabulary.suggest_keys import INSIDE, KeyFit, evidence_of, fit
from signals.vocabulary.suggest_limits import part_of_limit
from signals.vocabulary.suggest_money import money_options
from signals.vocabulary.terms import PROPERTY_TERMS, PropertyTerm

# Words that go unsaid among the properties of such an event.
_CONTEXT = {
    "hit-limit": "limit quota plan usage",
    "set-up-step": "onboarding setup checklist",
    "import-failed": "import upload",
    "ticket-opened": "ticket case support conversation help",
    "ticket-solved": "ticket case support conversation help",
    "ticket-rated": "ticket case support conversation help",
    "tried-premium": "premium feature",
    "compared-plans": "plan",
    "subscribed": "subscription plan new",
    "invoice-paid": "invoice payment",
}
_COMMERCIAL = plain_words(
    "plan plans pricing price limit limits quota quotas security upgrade upgrades license licenses licensing seat seats"
    " contract contracts sales enterprise compliance sso procurement billing discount renewal subscription"
)
_BAD = plain_words("bad poor unsatisfied dissatisfied negative unhappy terrible awful sad angry down worst")
_SCALES = ((5, 2), (10, 4), (100, 40))


@dataclass(frozen=True, slots=True)
class PropertySuggestion:
    """Paths of properties that probably say a term of a signal; `options` say how its values read."""

    signal: str
    slug: str
    paths: tuple[str, ...]
    evidence: str
    sure: bool
    options: dict[str, Any] = field(default_factory=dict)


def suggest_properties(events: Sequence[EventEntry], signals: Iterable[SignalSuggestion]) -> list[PropertySuggestion]:
    """For each suggested signal, which of its events' properties say what; each property at most one thing."""
    found: list[PropertySuggestion] = []
    for signal in signals:
        terms = [term for term in PROPERTY_TERMS if term.signal == signal.slug]
        sent = [event for event in events if (event.kind, event.name) in signal.events]
        if terms and sent:
            found += _of_signal(signal, terms, sent)
    return found


def keys_of(events: Iterable[EventEntry]) -> list[KeyEntry]:
    """The properties of several events, each path once, with the samples of all."""
    found: dict[str, KeyEntry] = {}
    for event in events:
        for key in event.properties:
            if known := found.get(key.path):
                samples = tuple(dict.fromkeys((*known.samples, *key.samples)))
                key = KeyEntry(key.path, known.types | key.types, max(known.share, key.share), samples)
            found[key.path] = key
    return list(found.values())


def _of_signal(signal: SignalSuggestion, terms: list[PropertyTerm], sent: list[EventEntry]) -> list[PropertySuggestion]:
    context = word_set(_CONTEXT.get(signal.slug, ""))
    keys = keys_of(sent)
    fits = [
        (found, key)
        for key in keys
        for term in terms
        if (found := fit(term.slug, PROPERTY_WAYS[term.slug], key, context=context))
    ]
    fits.sort(key=lambda pair: (*pair[0].strength, pair[1].share), reverse=True)
    taken: dict[str, list[tuple[KeyFit, KeyEntry]]] = {}
    used: set[str] = set()
    for found, key in fits:
        # A second name for a term only where it belongs to another of the signal's events.
        if key.path in used or (found.slug in taken and not _elsewhere(taken[found.slug], key, sent)):
            continue
        taken.setdefault(found.slug, []).append((found, key))
        used.add(key.path)
    left = [key for key in keys if key.path not in used]
    for term in terms:
        if term.slug not in taken and (pair := _by_values(term.slug, left)):
            taken[term.slug] = [pair]
            left.remove(pair[1])
    return [_suggestion(signal, slug, pairs) for slug, pairs in taken.items()]


def _by_values(slug: str, left: Sequence[KeyEntry]) -> tuple[KeyFit, KeyEntry] | None:
    """The one property left whose values, whatever its name is, can only be this: whole phrases, a share of a limit."""
    fitting = [key for key in left if _says(slug, key)]
    return (KeyFit(slug, INSIDE, 0, False, False), fitting[0]) if len(fitting) == 1 else None


def _says(slug: str, key: KeyEntry) -> bool:
    if slug in ("text", "subject"):
        return are_phrases(key)
    if slug in ("limit", "feature"):
        return looks(key, "words") is True and not are_phrases(key)
    return slug in ("used", "allowed") and part_of_limit(key) == slug


def _elsewhere(taken: list[tuple[KeyFit, KeyEntry]], key: KeyEntry, sent: list[EventEntry]) -> bool:
    paths = {known.path for _, known in taken}
    beside = [event for event in sent if any(each.path == key.path for each in event.properties)]
    return not any(paths & {each.path for each in event.properties} for event in beside)


def _suggestion(signal: SignalSuggestion, slug: str, pairs: list[tuple[KeyFit, KeyEntry]]) -> PropertySuggestion:
    keys = [key for _, key in pairs]
    best = pairs[0][0]
    options, certain = _options(signal, slug, keys)
    sure = signal.sure and certain and all(found.sure for found, _ in pairs)
    evidence = evidence_of(keys, PROPERTY_WAYS[slug], best)
    return PropertySuggestion(signal.slug, slug, tuple(key.path for key in keys), evidence, sure, options)


def _options(signal: SignalSuggestion, slug: str, keys: list[KeyEntry]) -> tuple[dict[str, Any], bool]:
    """How the values read, and whether that is certain."""
    if slug == "amount":
        return money_options(keys, provider=any("." in name for _, name in signal.events))
    if (signal.slug, slug) == ("ticket-opened", "topic"):
        topics = sorted({text for key in keys for text in texts_of(key) if set(spoken_words(text)) & _COMMERCIAL})
        return ({"commercial": topics} if topics else {}), True
    return _bad_ratings(keys) if slug == "rating" else ({}, True)


def _bad_ratings(keys: list[KeyEntry]) -> tuple[dict[str, Any], bool]:
    """Up to which number a rating is bad, by the scale its samples span; or which words are."""
    texts = [text for key in keys for text in texts_of(key)]
    numbers = [number for text in texts if (number := number_of(text)) is not None]
    if numbers and len(numbers) == len(texts):
        top = max(numbers)
        scale = next((pair for pair in _SCALES if top <= pair[0]), None)
        # A few samples of a scale of ten may all be below five; one at its end says which scale it is.
        return ({"bad_at_most": scale[1]}, top == scale[0]) if scale else ({}, False)
    bad = sorted({text for text in texts if set(words_of(text)) & _BAD})
    return ({"bad": bad}, False) if bad else ({}, False)
