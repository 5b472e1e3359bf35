"""Which signal each event name probably means. Pure: decides from names, kinds and counts."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from plgcrm.common.text import plural
from signals.vocabulary.entries import EventEntry
from signals.vocabulary.event_words import SIGNAL_WAYS, TOGETHER
from signals.vocabulary.general_words import (
    FILLER,
    HALF,
    HELP_DESK,
    MAKING,
    NOT_A_FEATURE,
    NOT_AN_ITEM,
    OTHERWISE,
    OUR_BILLING,
    VENDORS_TOO,
    WORKED_ON,
)
from signals.vocabulary.naming import pattern, plain_words, spoken_words, word_set, words_of
from signals.vocabulary.suggest_shapes import shape_of
from signals.vocabulary.ways import Way

MOST_OF_ALL = 0.35  # of all track calls: what comes so often is what the product is for, not sign-ups or tickets
BY_SHAPE = 6  # the rank of what only its properties speak for
MOST_FEATURES = 6
LEAST_OF_ALL = 0.003
AS_GOOD_AS_ITEMS = word_set("draft schedule start survey email test copy sync preview")
# Of these a vendor has few: one in twenty events would be the customers' own business.
RARE = plain_words(
    "ticket-opened ticket-solved ticket-rated subscribed unsubscribed invoice-paid payment-failed trial-started"
    " demo-requested contacted-sales entered-payment-details"
)
RARE_AT_MOST = 0.05


@dataclass(frozen=True, slots=True)
class SignalSuggestion:
    """Event names that probably mean a signal, in all their spellings. `feature`: a signal of its own is proposed."""

    slug: str
    events: tuple[tuple[str, str], ...]  # kind, name
    evidence: str
    sure: bool
    feature: str = ""  # what that signal would be called


@dataclass(frozen=True, slots=True)
class _Reading:
    """One way an event's name can be read."""

    slug: str
    event: EventEntry
    rank: int
    asked: int  # words the way asks for
    sure: bool
    strange: int  # words that nothing explains

    @property
    def strength(self) -> tuple[int, bool, int, int]:
        return (self.asked, self.sure, -self.strange, -self.rank)


def suggest_signals(events: Sequence[EventEntry]) -> list[SignalSuggestion]:
    """One suggestion a signal at most, each event in one of them; then the item people create, and core features."""
    objects = _objects(events)
    readings: dict[str, list[_Reading]] = defaultdict(list)
    for event in events:
        if best := _best_reading(event):
            readings[best.slug].append(_doubted(best, objects))
    whole = sum(event.count for event in events if event.kind == "track")
    found = [_chosen(slug, readings[slug], whole) for slug in SIGNAL_WAYS if readings[slug]]
    taken = {event for each in found for event in each.events} | {(r.event.kind, r.event.name) for r in _all(readings)}
    left = [event for event in events if event.kind == "track" and (event.kind, event.name) not in taken]
    item = _created_item(left)
    features = [event for event in left if not item or (event.kind, event.name) not in item.events]
    return [*found, *([item] if item else []), *_features(features, whole)]


_ALL_WAYS = tuple((slug, way) for slug, ways in SIGNAL_WAYS.items() for way in ways)


@cache
def _by_first_word() -> dict[str, list[int]]:
    """The places of the ways that a word may begin: of hundreds, few are near a name."""
    index: dict[str, list[int]] = defaultdict(list)
    for place, (_, way) in enumerate(_ALL_WAYS):
        for word in pattern(way.words).groups[0]:
            index[word].append(place)
    return index


def _all(readings: dict[str, list[_Reading]]) -> Iterable[_Reading]:
    return (reading for several in readings.values() for reading in several)


@lru_cache(maxsize=4_096)  # asked twice of each name, and again whenever somebody looks at the page
def _best_reading(event: EventEntry) -> _Reading | None:
    words = frozenset(words_of(event.name))
    # In the order of the lists: of equals the first is taken.
    near = sorted({place for word in words for place in _by_first_word().get(word, ())})
    found = [r for slug, way in map(_ALL_WAYS.__getitem__, near) if (r := _read(slug, way, event, words))]
    if not found:
        slug = shape_of(event) if event.kind == "track" else ""
        return _Reading(slug, event, BY_SHAPE, 0, False, 0) if slug else None
    best = max(found, key=lambda reading: reading.strength)
    rivals = {r.slug for r in found if (r.asked, r.sure) == (best.asked, best.sure)}
    # Two signals claim the name alike: whichever is taken, somebody has to look.
    return best if len(rivals) == 1 else _unsure(best)


def _unsure(reading: _Reading) -> _Reading:
    return replace(reading, sure=False)


def _objects(events: Sequence[EventEntry]) -> dict[str, int]:
    """What people work on in this product, of the things that a vendor has too: noun -> how many deeds say so.

    Where invoices are written and sent, an invoice that is paid may be the business of the customers' own customers.
    """
    deeds: dict[str, set[str]] = defaultdict(set)
    for event in events:
        words = frozenset(words_of(event.name))
        if event.kind == "track" and _best_reading(event) is None:
            for noun in words & VENDORS_TOO:
                deeds[noun] |= words & WORKED_ON
    return {noun: len(found) for noun, found in deeds.items() if found}


def _doubted(reading: _Reading, objects: dict[str, int]) -> _Reading:
    """Less is believed of a name that speaks of what people work on here."""
    words = frozenset(words_of(reading.event.name))
    about = words | (HELP_DESK if reading.slug.startswith("ticket-") else frozenset())
    deeds = max((objects[noun] for noun in about & objects.keys()), default=0)
    if not deeds:
        # Nothing says so here, but money changes hands in many products: is it for a plan of ours?
        own = words | {word for key in reading.event.properties for word in words_of(key.path)}
        if reading.slug not in ("invoice-paid", "payment-failed") or own & OUR_BILLING:
            return reading
        sure = reading.sure and reading.slug == "payment-failed"
        return replace(reading, sure=sure, rank=reading.rank + 2)
    return replace(reading, sure=False, rank=reading.rank + (2 if deeds > 1 else 0))


def _read(slug: str, way: Way, event: EventEntry, words: frozenset[str]) -> _Reading | None:
    if event.kind not in way.kinds:
        return None
    asked = pattern(way.words)
    met = asked.found_in(words)
    if met is None or word_set(way.without) & words:
        return None
    rest = words - met - word_set(way.allow)
    if rest & OTHERWISE:
        return None
    strange = {word for word in rest - FILLER - HALF if not word.isdigit()}
    sure = way.sure and not strange and not rest & HALF
    return _Reading(slug, event, way.rank, len(asked.groups), sure, len(strange))


def _chosen(slug: str, readings: list[_Reading], whole: int) -> SignalSuggestion:
    """The names of the best rank: all of them, or those of one spelling, where more would count a deed twice."""
    rank = min(reading.rank for reading in readings)
    best = [reading for reading in readings if reading.rank == rank]
    if slug in TOGETHER:
        clean = [reading for reading in best if reading.sure]
        chosen, rivals = clean or best, 0
    else:
        spellings: dict[frozenset[str], list[_Reading]] = defaultdict(list)
        for reading in best:
            spellings[_core(reading.event.name)].append(reading)
        ordered = sorted(spellings.values(), key=_weight, reverse=True)
        chosen, rivals = ordered[0], sum(any(r.sure for r in group) for group in ordered[1:])
    chosen = sorted(chosen, key=lambda reading: (-reading.event.count, reading.event.name))
    count = sum(reading.event.count for reading in chosen)
    most = RARE_AT_MOST if slug in RARE else MOST_OF_ALL
    usual = not whole or count < most * whole or chosen[0].event.kind != "track"
    sure = all(reading.sure for reading in chosen) and not rivals and usual
    events = tuple((reading.event.kind, reading.event.name) for reading in chosen)
    if rank >= BY_SHAPE:
        return SignalSuggestion(slug, events, f"What comes with it says so; it came {plural(count, 'time')}.", False)
    return SignalSuggestion(slug, events, _evidence([name for _, name in events], count, sure=sure), sure)


def _weight(group: list[_Reading]) -> tuple[bool, int, int]:
    return (any(r.sure for r in group), -min(r.strange for r in group), sum(r.event.count for r in group))


def _core(name: str) -> frozenset[str]:
    words = frozenset(words_of(name))
    return words - FILLER or words


def _evidence(names: list[str], count: int, *, sure: bool) -> str:
    times = f"it came {plural(count, 'time')}" if count else "it has arrived"
    if len(names) > 1:
        times = f"together they came {plural(count, 'time')}" if count else "they have arrived"
        return f"The names {'say so' if sure else 'come close'}; {times}."
    return f"The name {'says so' if sure else 'comes close'}; {times}."


# What the product is for, and its features


def _created_item(events: list[EventEntry]) -> SignalSuggestion | None:
    """The thing that is made most often, of those that are not made in every product; creating goes before sending."""
    items = [event for event in events if _an_item(frozenset(words_of(event.name)))]
    by_verb = ([event for event in items if verbs & frozenset(words_of(event.name))] for verbs in MAKING)
    made = next((several for several in by_verb if several), [])
    if not made:
        return None
    best = max(made, key=lambda event: event.count)
    spellings = [event for event in made if _core(event.name) == _core(best.name)]
    count = sum(event.count for event in spellings)
    names = tuple(("track", event.name) for event in spellings)
    evidence = f"Of what people make here it comes most often: {plural(count, 'time')}."
    return SignalSuggestion("created-item", names, evidence, sure=False)


def _an_item(words: frozenset[str]) -> bool:
    return not words & (
        NOT_AN_ITEM | (OTHERWISE - word_set("draft schedule start survey email test copy sync preview"))
    )


def _features(events: list[EventEntry], whole: int) -> list[SignalSuggestion]:
    """Frequent deeds that nothing else means: an admin says which of them are the product's core."""
    spellings: dict[frozenset[str], list[EventEntry]] = defaultdict(list)
    for event in events:
        words = frozenset(words_of(event.name))
        if words and not words & NOT_A_FEATURE and not event.name.startswith("$"):
            spellings[_core(event.name)].append(event)
    often = [group for group in spellings.values() if sum(e.count for e in group) >= LEAST_OF_ALL * whole]
    often.sort(key=lambda group: (-sum(event.count for event in group), group[0].name))
    return [_feature(group) for group in often[:MOST_FEATURES]]


def _feature(group: list[EventEntry]) -> SignalSuggestion:
    count = sum(event.count for event in group)
    # The words as somebody wrote them, in their order: reduced ones are for comparing only.
    words = spoken_words(group[0].name)
    name = " ".join(words).capitalize()
    return SignalSuggestion(
        f"feature-{'-'.join(words)[:45].strip('-')}",
        tuple((event.kind, event.name) for event in group),
        f"People do it often: {plural(count, 'time')}, and nothing else means it.",
        sure=False,
        feature=name[:100],
    )
