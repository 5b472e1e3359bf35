"""What traits probably mean, with the plans, roles and money among them. Pure."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from signals.vocabulary.entries import KeyEntry, TraitEntry
from signals.vocabulary.key_words import COMPANY_WORDS, PERSON_WORDS
from signals.vocabulary.naming import meant_words, plain_words
from signals.vocabulary.samples import looks, texts_of
from signals.vocabulary.suggest_keys import STRONG, KeyFit, evidence_of, fit, holder_in, is_role
from signals.vocabulary.suggest_money import money_options
from signals.vocabulary.terms import MEANING_TERMS, Holder, MeaningTerm
from signals.vocabulary.trait_words import TRAIT_WAYS

# Said of a company and of a person in the same words: who it was said of decides.
_TWINS = frozenset({"company_name", "person_name", "company_created_at", "created_at", "website", "profile_url"})
# A company's answers to what people are asked count too.
_OF_EITHER = frozenset({"use_case", "sign_up_source"})
_FREE = plain_words("free freemium hobby community none sandbox forever oss gratuito gratuite libre developer")
_TRIAL = plain_words("trial trialing evaluation eval poc trialling pilot demo test")
_PAID = plain_words(
    "pro professional business enterprise team teams premium plus growth scale ultimate unlimited advanced paid gold"
    " platinum corporate agency standard company organization expert elite max"
)
_GUESSED = plain_words("developer pilot demo test libre")  # of these another vendor may mean something else
_SMALL = plain_words("starter basic lite essential essentials solo individual personal mini light bronze")
_ADMINS = plain_words("admin administrator owner superadmin superuser root")
_BESIDE_ADMIN = _ADMINS | plain_words(
    "super workspace account org organization team company system global primary full"
)


@dataclass(frozen=True, slots=True)
class MeaningSuggestion:
    """Paths of traits that probably say a term; `options` say how its values read."""

    slug: str
    name: str
    holder: Holder
    reading: str
    paths: tuple[str, ...]
    evidence: str
    sure: bool
    options: dict[str, Any] = field(default_factory=dict)
    carriers: tuple[str, ...] = ()  # of each path: person, company or both


def suggest_meanings(traits: Sequence[TraitEntry], more_plans: Sequence[str] = ()) -> list[MeaningSuggestion]:
    """One suggestion a term at most, each trait in one of them. `more_plans`: values that events gave for plans."""
    fits: dict[str, list[tuple[KeyFit, TraitEntry]]] = defaultdict(list)
    for trait in traits:
        readings = [found for term in MEANING_TERMS if (found := _fit(term, trait))]
        if readings:
            best = max(readings, key=lambda found: found.strength)
            fits[best.slug].append((best, trait))
    if "first_name" in fits and "last_name" not in fits and _one_word_each(fits["person_name"]):
        # Beside a first name, a name of one word is the other half.
        fits["last_name"] = [
            (replace(found, slug="last_name", borne_out=False), t) for found, t in fits.pop("person_name")
        ]
    # Who has no seats has nobody in them: a count of members alone is nothing.
    if "seats" not in fits:
        fits["seats_used"] = [pair for pair in fits["seats_used"] if pair[0].level == STRONG]
    return [_suggestion(term, fits[term.slug], more_plans) for term in MEANING_TERMS if fits[term.slug]]


def _one_word_each(fits: list[tuple[KeyFit, TraitEntry]]) -> bool:
    texts = [text for _, trait in fits for text in texts_of(trait.key)]
    return bool(texts) and sum(" " not in text for text in texts) >= 0.8 * len(texts)


def _fit(term: MeaningTerm, trait: TraitEntry) -> KeyFit | None:
    named = holder_in(trait.key.path)
    said_of = named or ("person" if trait.holder == "person" else "company")
    context = COMPANY_WORDS if said_of == "company" else PERSON_WORDS
    found = fit(term.slug, TRAIT_WAYS[term.slug], trait.key, context=context)
    if found is None or not _holder_fits(term, trait, found, named, said_of):
        return None
    return found


def _holder_fits(term: MeaningTerm, trait: TraitEntry, found: KeyFit, named: str, said_of: str) -> bool:
    if term.slug in _TWINS:
        alone = trait.key.path.lower() in ("company", "organization", "employer", "org", "business")
        return term.holder == said_of or (term.slug == "company_name" and alone)
    if term.holder == "company" or term.slug in _OF_EITHER:
        return True
    # A person's term: not of a company's contact, nor of what a company's name stands before.
    return trait.holder == "person" and (named != "company" or found.whole or term.slug == "role")


def _suggestion(
    term: MeaningTerm, fits: list[tuple[KeyFit, TraitEntry]], more_plans: Sequence[str]
) -> MeaningSuggestion:
    fits = sorted(fits, key=lambda pair: (*pair[0].strength, pair[1].key.share), reverse=True)
    best = fits[0][0]
    chosen = [pair for pair in fits if pair[0].sure] or fits[:1]
    keys = [trait.key for _, trait in chosen]
    options, certain = _options(term, keys, more_plans)
    paths = tuple(dict.fromkeys(key.path for key in keys))
    return MeaningSuggestion(
        term.slug,
        term.name,
        term.holder,
        term.reading,
        paths,
        evidence_of(keys, TRAIT_WAYS[term.slug], best),
        best.sure and certain,
        options,
        tuple(_carrier(path, [trait for _, trait in chosen]) for path in paths),
    )


def _carrier(path: str, traits: Sequence[TraitEntry]) -> str:
    holders = {"person" if trait.holder == "person" else "company" for trait in traits if trait.key.path == path}
    return "both" if len(holders) > 1 else holders.pop()


def _options(term: MeaningTerm, keys: list[KeyEntry], more_plans: Sequence[str]) -> tuple[dict[str, Any], bool]:
    texts = list(dict.fromkeys(text for key in keys for text in texts_of(key)))
    if term.reading == "plan":
        return plan_options([*texts, *(plan for plan in more_plans if plan not in texts)])
    if term.reading == "role":
        return role_options(texts, is_flag=any(looks(key, "yes_no") for key in keys))
    if term.reading == "money":
        options, certain = money_options(keys)
        return options | ({} if "period" in options else {"period": "month"}), certain and "period" in options
    return {}, True


def plan_options(values: Sequence[str]) -> tuple[dict[str, Any], bool]:
    """Which plans are free, on trial or paid, and whether the words leave no doubt."""
    words = {value: meant_words(value) for value in values}
    trial = [value for value in values if words[value] & _TRIAL]
    free = [value for value in values if words[value] & _FREE and value not in trial]
    sorts: dict[str, str] = dict.fromkeys(values, "paid")
    sorts |= dict.fromkeys(free, "free") | dict.fromkeys(trial, "trial")
    doubtful = [value for value in values if sorts[value] == "paid" and not words[value] & _PAID]
    guessed = [value for value in free + trial if words[value] & _GUESSED]
    small = [value for value in doubtful if words[value] & _SMALL]
    if not free and not trial and len(small) < len(values):
        # Nothing is called free: then the smallest plan may be.
        sorts |= dict.fromkeys(small, "free")
    elif free:
        doubtful = [value for value in doubtful if value not in small]
    return ({"plans": sorts} if values else {}), bool(values) and not doubtful and not guessed


def role_options(values: Sequence[str], *, is_flag: bool = False) -> tuple[dict[str, Any], bool]:
    """Which roles may run the product, and whether the words leave no doubt."""
    if is_flag:
        return {"admins": ["true"]}, False
    words = {value: meant_words(value) for value in values}
    admins = [value for value in values if words[value] & _ADMINS and words[value] <= _BESIDE_ADMIN]
    doubtful = [value for value in values if words[value] & _ADMINS and value not in admins]
    certain = bool(admins) and not doubtful and all(map(is_role, values))
    return {"admins": admins}, certain
