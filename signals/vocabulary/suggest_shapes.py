"""Which signal an event probably means by what comes with it, where its name says nothing. Pure; never sure."""

from dataclasses import dataclass
from functools import lru_cache

from signals.vocabulary.entries import EventEntry, KeyEntry
from signals.vocabulary.naming import word_set, words_of
from signals.vocabulary.property_words import PROPERTY_WAYS
from signals.vocabulary.samples import looks
from signals.vocabulary.suggest_keys import STRONG, fit
from signals.vocabulary.suggest_limits import part_of_limit


@dataclass(frozen=True, slots=True)
class Shape:
    """Terms that must all be among an event's properties, and a word that its name must have, if any."""

    slug: str
    terms: tuple[str, ...]
    name: str = ""
    without: str = ""


_ENDED = "solve resolve close done fix answer finish complete end"
_SHAPES = (
    Shape("ticket-rated", ("ticket", "rating")),
    Shape("ticket-solved", ("ticket",), name=_ENDED),
    Shape("ticket-opened", ("ticket", "subject"), without=_ENDED),
    Shape("ticket-opened", ("subject", "requester"), without=_ENDED),
    Shape("hit-limit", ("used", "allowed")),
    Shape("tried-premium", ("feature",), name="try preview", without="plan"),
    Shape("tried-premium", ("words",), name="try", without="plan"),
    Shape("contacted-sales", ("text",), name="inquiry", without="support help ticket form"),
    Shape("set-up-step", ("step", "of")),
    Shape("import-failed", ("file", "reason")),
    Shape("subscribed", ("plan", "amount", "currency"), without="invoice trial cancel renew payment fail checkout"),
    Shape("subscribed", ("plan", "amount", "period"), without="invoice trial cancel renew payment fail checkout"),
    Shape("tried-premium", ("feature", "required plan"), without="compare"),
)
_REQUIRED = word_set("require need upgrade minimum unlock")


def shape_of(event: EventEntry) -> str:
    """The signal whose properties come with this event; empty for most events."""
    words = frozenset(words_of(event.name))
    found = _terms(event)
    for shape in _SHAPES:
        named = not shape.name or word_set(shape.name) & words
        if named and found >= set(shape.terms) and not word_set(shape.without) & words:
            return shape.slug
    return ""


def _terms(event: EventEntry) -> set[str]:
    alone = {"words"} if sum(looks(key, "words") is True for key in event.properties) == 1 else set()
    return {term for key in event.properties for term in _terms_of(key)} | alone


@lru_cache(maxsize=16_384)
def _terms_of(key: KeyEntry) -> frozenset[str]:
    words = frozenset(words_of(key.path))
    fits = (fit(slug, way, key) for slug, way in PROPERTY_WAYS.items())
    part = part_of_limit(key)
    required = {"required plan"} if "plan" in words and words & _REQUIRED else set()
    return frozenset({each.slug for each in fits if each and each.level == STRONG} | required | ({part} - {""}))
