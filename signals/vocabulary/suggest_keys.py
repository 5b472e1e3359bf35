"""Which term a property or trait probably stands for. Pure: decides from names, types and sample values."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from signals.vocabulary.entries import KeyEntry
from signals.vocabulary.key_words import (
    BY_VALUE,
    COMPANY_WORDS,
    KEY_FILLER,
    KEY_OTHERWISE,
    PERSON_WORDS,
    ROLE_WORDS,
    KeyWay,
)
from signals.vocabulary.naming import meant_words, word_set, words_of
from signals.vocabulary.samples import looks, quoted, share_in, texts_of

STRONG, WEAK, INSIDE = 3, 2, 1  # the name itself, one that may mean it, one that stands among other words
MONEY_WORDS = word_set("cent cents minor usd eur gbp chf cad aud in")
WEB_WORDS = word_set("url link address uri")
READ_AS = {
    "words": "words",
    "number": "numbers",
    "money": "amounts",
    "range": "numbers or ranges",
    "date": "dates",
    "yes_no": "yes or no",
    "address": "email addresses",
    "url": "web addresses",
    "phone": "phone numbers",
    "currency": "currency codes",
    "period": "periods",
}


@dataclass(frozen=True, slots=True)
class KeyFit:
    """How well a key fits a term: `level` of its name, `place` in the list of names, `borne_out` by its values."""

    slug: str
    level: int
    place: int
    borne_out: bool
    whole: bool  # the words as they stand met it, not only those left without the holder's

    @property
    def strength(self) -> tuple[int, bool, bool, int]:
        return (self.level, self.borne_out, self.whole, -self.place)

    @property
    def sure(self) -> bool:
        return self.level == STRONG and self.borne_out


def fit(slug: str, way: KeyWay, key: KeyEntry, *, context: frozenset[str] = frozenset()) -> KeyFit | None:
    """How a key fits a term; None where its name or its values speak against it. `context`: words that go unsaid."""
    words = frozenset(words_of(key.path))
    if word_set(way.without) & words or (way.value and looks(key, *way.value) is False):
        return None
    # What is asked for with is or has has yes for an answer.
    if words_of(key.path)[:1] in (("is",), ("has",)) and "yes_no" not in way.value and slug != "role":
        return None
    if way.not_known and share_in(key, way.not_known) >= 0.5:
        return None
    if "money" in way.value:
        context = context | MONEY_WORDS
    if "url" in way.value:
        context = context | WEB_WORDS
    found = _by_name(slug, way, words, context)
    return found and _by_value(found, way, key)


def _by_name(slug: str, way: KeyWay, words: frozenset[str], context: frozenset[str]) -> KeyFit | None:
    bare = words - context or words
    for level, names in ((STRONG, way.names), (WEAK, way.weak)):
        for whole, forms in ((True, {_normal(words)}), (False, {bare, _normal(bare)})):
            for place, wanted in enumerate(_wanted(names)):
                if wanted in forms:
                    return KeyFit(slug, level, place, True, whole)
    return _inside(slug, way, bare)


def _inside(slug: str, way: KeyWay, words: frozenset[str]) -> KeyFit | None:
    """A name among other words: the longest that is there, where none of the others turns it into something else."""
    best: tuple[int, int] | None = None
    for place, wanted in enumerate(_wanted(way.names)):
        rest = _normal(words) - wanted
        if wanted <= words and not rest & KEY_OTHERWISE and len(rest) <= 1:
            best = max(best or (0, 0), (len(wanted), -place))
    return KeyFit(slug, INSIDE, -best[1], True, False) if best else None


def _by_value(found: KeyFit, way: KeyWay, key: KeyEntry) -> KeyFit | None:
    has_samples = bool(texts_of(key))
    known = share_of_known(key, way) if way.known else None
    if found.slug in BY_VALUE and found.level < STRONG and (known or 0) < 0.5:
        return None
    borne_out = has_samples and (known is None or known >= 0.5)
    # A role that is a job, such as “Head of data”, says nothing of what somebody may do in the product.
    level = min(found.level, WEAK) if known == 0 and found.slug == "role" else found.level
    return KeyFit(found.slug, level, found.place, borne_out, found.whole)


def share_of_known(key: KeyEntry, way: KeyWay) -> float:
    """The share of samples that the term's known words bear out."""
    if way.known == ROLE_WORDS:
        texts = texts_of(key)
        return sum(is_role(text) for text in texts) / len(texts) if texts else 0.0
    return share_in(key, way.known)


def is_role(text: str) -> bool:
    """Whether a value is made of words of permission only: “Workspace admin”, but not “Engineering manager”."""
    words = meant_words(text)
    return bool(words & ROLE_WORDS) and words <= ROLE_WORDS | {
        "workspace", "org", "organization", "account", "team", "super", "read", "only", "company", "full", "access",
        "system", "global", "primary", "role", "limited", "light", "project",
    }  # fmt: skip


@cache
def _wanted(names: str) -> tuple[frozenset[str], ...]:
    return tuple(_normal(frozenset(words_of(name))) for name in names.split(", ") if name)


def _normal(words: frozenset[str]) -> frozenset[str]:
    return words - KEY_FILLER or words


def holder_in(path: str) -> str:
    """person or company, where a name says whose trait it is; else nothing."""
    words = frozenset(words_of(path))
    if words & COMPANY_WORDS and words - COMPANY_WORDS:
        return "company"
    return "person" if words & PERSON_WORDS and words - PERSON_WORDS else ""


def evidence_of(keys: Iterable[KeyEntry], way: KeyWay, found: KeyFit) -> str:
    """Why a key is suggested, in one sentence."""
    named = {STRONG: "The name says so", WEAK: "The name may mean it", INSIDE: "The name comes close"}[found.level]
    first = next(iter(keys))
    shown = quoted(first)
    if not shown:
        return f"{named}; no value has arrived yet."
    kind = next((READ_AS[kind] for kind in way.value if looks(first, kind)), "")
    if kind and kind != "words":
        return f"{named}, and its values are {kind}: {shown}."
    return f"{named}; its values: {shown}."
