"""Limits that a plan sets beside seats: pairs of traits, how much is used and how much is allowed. Pure."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from signals.vocabulary.entries import KeyEntry, TraitEntry
from signals.vocabulary.key_words import COMPANY_WORDS, PERSON_WORDS
from signals.vocabulary.naming import spoken_words, stem, word_set, words_of
from signals.vocabulary.samples import looks, quoted

_USED = word_set("used usage consumed spent count current active created sent taken occupied filled running use so far")
_ALLOWED = word_set(
    "limit max maximum quota cap included allowed allowance total granted purchased entitlement capacity"
    " ceiling budget allotment"
)
_SPENT = word_set("used usage consumed spent")
_LET = frozenset(("allowed", "included", "granted", "purchased", "limited", "licensed", "contracted"))
_VERBS = word_set("send take spend consume create")
_UNSAID = word_set(
    "plan month period cycle day year per this of in the amount num number value billing to date limits quotas is"
)
_OTHER = word_set(
    "remaining left percent pct ratio id at on date hit reached exceeded overage last first average price"
    " cost rate trial invited pending deleted changed by score rank age days lifetime ever"
)
_SEATS = word_set("seat license user member")
# Those who work in a product: what counts them may well be its seats.
_PEOPLE = word_set("agent operator host editor developer recruiter employee staff collaborator teammate person teacher")
_UNITS = {"gb": "GB", "mb": "MB", "tb": "TB"}
_MASS = frozenset({"storage", "bandwidth", "traffic", "data", "compute", "usage"})


@dataclass(frozen=True, slots=True)
class LimitSuggestion:
    """A limit with its noun, and the traits that say how much of it is used and allowed."""

    slug: str
    one: str
    many: str
    allowed: str
    used: str
    holder: str
    evidence: str
    sure: bool


@dataclass(frozen=True, slots=True)
class _Part:
    trait: TraitEntry
    noun: tuple[str, ...]  # as written, in order
    role: str  # used, allowed, or nothing
    plain: bool = True  # a word that can mean nothing else says so


def counts_people(limit: LimitSuggestion) -> bool:
    """Whether it limits how many of those who work in the product there may be."""
    return stem(limit.one.split()[-1].lower()) in _PEOPLE


def part_of_limit(key: KeyEntry) -> str:
    """Whether a number says by its name how much is used or allowed of something; else nothing."""
    stems = frozenset(words_of(key.path))
    if looks(key, "number") is not True or stems & _OTHER:
        return ""
    if stems & _SPENT or any(map(_is_done, set(spoken_words(key.path)) - _LET)):
        return "used"
    return "allowed" if stems & _ALLOWED else "used" if stems & _USED else ""


def suggest_limits(traits: Sequence[TraitEntry], taken: Collection[str] = ()) -> list[LimitSuggestion]:
    """Pairs of numbers about the same noun, but for paths that are `taken` by a meaning."""
    groups: dict[tuple[str, tuple[str, ...]], list[_Part]] = defaultdict(list)
    for trait in traits:
        if trait.key.path not in taken and (part := _part(trait)):
            groups[trait.holder, tuple(sorted(map(stem, part.noun)))].append(part)
    return [found for parts in groups.values() if (found := _pair(parts))]


def _part(trait: TraitEntry) -> _Part | None:
    if looks(trait.key, "number") is not True:
        return None
    words = {word: _reduced(word) for word in spoken_words(trait.key.path)}
    stems = frozenset(stemmed for several in words.values() for stemmed in several)
    if stems & _OTHER:
        return None
    done = frozenset(word for word in words if _is_done(word))
    role = "allowed" if stems & _ALLOWED else "used" if stems & _USED or done else ""
    said = _USED | _ALLOWED | _UNSAID
    noun = tuple(word for word, stemmed in words.items() if not stemmed <= said and word not in done)
    # Whose it is goes unsaid; where nothing else is left, it is what is counted: workspaces, contacts.
    noun = tuple(word for word in noun if not words[word] <= COMPANY_WORDS | PERSON_WORDS) or noun
    plain = role != "used" or bool(stems & _USED)
    return _Part(trait, noun, role, plain) if noun and not set(map(stem, noun)) & _SEATS else None


def _reduced(word: str) -> frozenset[str]:
    """The word as names are compared; what is sent, taken or used as a noun is not done yet: sends, uses."""
    stems = frozenset(words_of(word))
    return frozenset({word}) if word.endswith("s") and stems <= _VERBS else stems


def _is_done(word: str) -> bool:
    """Whether a word says that something was done with what is counted: issued, stored, done."""
    return word in ("done", "made", "run") or (word.endswith("ed") and len(word) > 4)


def _pair(parts: list[_Part]) -> LimitSuggestion | None:
    by_role: dict[str, list[_Part]] = defaultdict(list)
    for part in parts:
        by_role[part.role].append(part)
    allowed = by_role["allowed"] or (by_role[""] if by_role["used"] else [])
    used = by_role["used"] or (by_role[""] if by_role["allowed"] else [])
    if len(allowed) != 1 or not used or allowed[0] is used[0]:
        return None
    one, many = noun_of(max(allowed[0].noun, used[0].noun, key=len))
    most, taken = allowed[0].trait, used[0].trait
    return LimitSuggestion(
        _slug(many),
        one,
        many,
        most.key.path,
        taken.key.path,
        taken.holder,
        f"Two numbers of the same thing: used {quoted(taken.key, 1)}, allowed {quoted(most.key, 1)}.",
        # What is allowed must say so itself: credits beside credits_used may be all, or what is left of them.
        sure=len(used) == 1
        and used[0].plain
        and bool(by_role["allowed"])
        and not set(map(stem, used[0].noun)) & _PEOPLE,
    )


def _slug(many: str) -> str:
    return many.lower().partition(" of ")[2].replace(" ", "_")[:40] or many.lower().replace(" ", "_")[:40]


def noun_of(words: Sequence[str]) -> tuple[str, str]:
    """api, calls -> “API call”, “API calls”; storage, gb -> “GB of storage” for one and many."""
    plain = [word for word in words if word not in _UNITS]
    unit = next((_UNITS[word] for word in words if word in _UNITS), "")
    shown = ["API" if word == "api" else word for word in plain]
    if unit:
        return (noun := f"{unit} of {' '.join(shown)}" if shown else unit), noun
    last = shown[-1]
    if last in _MASS:
        return " ".join(shown), " ".join(shown)
    one = _one(last)
    return " ".join([*shown[:-1], one]), " ".join([*shown[:-1], _many(one)])


def _one(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    if word.endswith(("ches", "shes", "sses", "xes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word


def _many(word: str) -> str:
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith(("ch", "sh", "ss", "x")) else f"{word}s"
