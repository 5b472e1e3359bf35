"""The facts of an account as sentences use them, and the why-now sentence of a play."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any

from outreach.rules.liquid import Share, Value
from outreach.rules.why_now import KnownFact, Sentence, SentenceLine, Style, first_true, parse_lines, plain
from signals.facts import AT_LEAST, SCORED, FactTerm, all_facts
from signals.models import Fact, ScoringModel

Facts = dict[str, KnownFact]

# What a request says of itself, beside the facts of its account.
HAND_RAISE_FACTS: dict[str, tuple[str, Value]] = {
    "person.name": ("who made the request", "Ada Lane"),
    "asked": ("what they asked for", "Demo requested"),
    "words": ("their words", "Can we see SSO for 200 people?"),
}
# Worked out of the others.
DERIVED_FACTS: dict[str, tuple[str, Value]] = {
    "people_before_30": ("people active in the 30 days before", 4),
    "fullest_limit": ("limit closest to full", "seats"),
    "fullest_limit_share": ("share of it used", Share(0.94)),
}
SCORED_EXAMPLES: dict[str, Value] = {"score": 70, "tier": "upgrade", "qualified": 1}


@dataclass(frozen=True, slots=True)
class LimitNouns:
    """A limit of this installation's plans: its facts are `<slug>`, `<slug>_used` and `<slug>_share`."""

    slug: str
    many: str


def limits(terms: Mapping[str, FactTerm] | None = None) -> list[LimitNouns]:
    """The limits of which a share is measured, in the order of the facts."""
    terms = all_facts() if terms is None else terms
    shares = [term.spec.limit or "" for term in terms.values() if term.spec.kind == "limit_share"]
    return [LimitNouns(slug, terms[slug].many) for slug in shares if slug in terms]


def fact_keys() -> dict[str, str]:
    """The measure key of each fact: where AccountState.measures keeps its value."""
    return {slug: fact.key for slug, fact in all_facts().items()}


@dataclass(frozen=True, slots=True)
class Speakable:
    """A fact that a why-now line may name."""

    name: str
    reads: str
    example: Value


def speakable() -> dict[str, Speakable]:
    """All that a why-now line may name, in the order in which its form lists them."""
    own = [Speakable(term.slug, term.reads, example_of(term)) for term in all_facts().values()]
    made = [Speakable(name, *about) for name, about in (DERIVED_FACTS | HAND_RAISE_FACTS).items()]
    scored = [
        Speakable(f"{column}.{model.kind}", f"{column} of “{model.name}”", SCORED_EXAMPLES[column])
        for model in ScoringModel.objects.order_by("position")
        for column in SCORED
    ]
    return {each.name: each for each in (*own, *made, *scored)}


def example_of(term: FactTerm) -> Value:
    """A value of the kind that the fact has."""
    if term.unit == Fact.Unit.SHARE:
        return Share(0.94)
    return f"a {term.reads}" if term.unit in (Fact.Unit.TEXT, Fact.Unit.DATE) else 9


def parse_why_now(text: str) -> tuple[SentenceLine, ...]:
    """For the form of a play; WhyNowError names the line and what is wrong with it."""
    return parse_lines(text, {name: each.example for name, each in speakable().items()})


def facts_of(measures: Mapping[str, Any], *, days_on: int = 0, terms: Mapping[str, FactTerm] | None = None) -> Facts:
    """The facts of an account out of its stored measures, `days_on` days after they were taken. `terms`: which facts
    there are, where that is being tried."""
    terms, bounds = all_facts() if terms is None else terms, frozenset(measures.get(AT_LEAST, ()))
    facts = {
        name: KnownFact(_value(measures.get(term.key)), term.key, term.reads, _style(term), term.key in bounds)
        for name, term in terms.items()
    }
    # Days since something are stored as of the day measured; a sentence is read later.
    for name in [name for name, term in terms.items() if term.spec.definition.grows_daily] if days_on else ():
        facts[name] = _days_later(facts[name], days_on)
    for key, value in measures.items():
        if key.partition(".")[0] in SCORED:
            facts[key] = KnownFact(_value(value), key, key.replace(".", " "))
    # Not a measure of its own: it follows from two that are, and so can never disagree with them.
    facts["people_before_30"] = _people_before(facts.get("people_active_30"), facts.get("growth_30"), terms)
    facts["fullest_limit"], facts["fullest_limit_share"] = _fullest_limit(facts, terms)
    return facts


def hand_raise_facts(said: Mapping[str, Any], *, person: str, signal: str) -> Facts:
    """Who asked, for what, and in which words; all of it from outside, so made plain."""
    words = plain(str(said.get("text") or ""))
    return {
        "person.name": KnownFact(plain(person, 80), "moment", "who made the request"),
        # By the name that an admin gave it: nobody in sales says contact.sales.
        "asked": KnownFact(plain(str(signal or said.get("name") or ""), 80), "moment", "what they asked for"),
        "words": KnownFact(words or None, "moment", "their words"),
    }


def sentence(why_now: str, facts: Facts, *, otherwise: str) -> Sentence:
    """The first line of a play's why-now text that is true of these facts, else `otherwise`."""
    return first_true(_lines(why_now), facts, otherwise)


def facts_json(names: tuple[str, ...], facts: Facts, *, as_of: date | None) -> dict[str, object]:
    """The facts of a sentence as an item keeps them: value, measure and the day measured, to be traced."""
    day = as_of.isoformat() if as_of else None
    return {name: facts[name].to_json() | {"as_of": day} for name in names if name in facts}


# More than an installation has plays: lines are read once for as long as they stay as they are.
@lru_cache(maxsize=1024)
def _lines(text: str) -> tuple[SentenceLine, ...]:
    """A fact that is gone since the text was saved is an unknown fact: its lines are passed over."""
    return parse_lines(text, None) if text.strip() else ()


def _value(value: Any) -> float | str | None:
    return float(value) if isinstance(value, bool) else value


def _people_before(now: KnownFact | None, growth: KnownFact | None, terms: Mapping[str, FactTerm]) -> KnownFact:
    """The number that growth was measured against, exactly: growth = (now - before) / max(before, floor)."""
    reads = "people active in the 30 days before"
    if now is None or growth is None or now.at_least:
        return KnownFact(None, "", reads)
    floor = terms["growth_30"].spec.floor or 1
    before: float | None = None
    if isinstance(now.value, int | float) and isinstance(growth.value, int | float) and growth.value > -1:
        free = now.value / (1 + growth.value)
        before = float(round(free if free >= floor else now.value - growth.value * floor))
    return KnownFact(before, f"{now.measure} and {growth.measure}", reads)


def _fullest_limit(facts: Facts, terms: Mapping[str, FactTerm]) -> tuple[KnownFact, KnownFact]:
    """Of all limits the one that is closest to full: what it limits, and its share."""
    shares = [(fact, limit) for limit in limits(terms) if (fact := facts.get(f"{limit.slug}_share")) is not None]
    known = [(fact.value, fact, limit) for fact, limit in shares if isinstance(fact.value, int | float)]
    if not known:
        return KnownFact(None, "", "limit closest to full"), KnownFact(None, "", "share of it used", "share")
    _, fact, limit = max(known, key=lambda one: one[0])
    return KnownFact(limit.many, fact.measure, "limit closest to full"), replace(fact, reads="share of it used")


def _days_later(fact: KnownFact, days: int) -> KnownFact:
    """Days since something grow by themselves; nobody is measured again for that."""
    return replace(fact, value=fact.value + days) if isinstance(fact.value, int | float) else fact


def _style(term: FactTerm) -> Style:
    return "share" if term.unit == Fact.Unit.SHARE else "number"
