"""The variables of message templates: an allow-list, each with what it means and where its value comes from.

Numbers about a team, never what a named colleague did.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.conf import settings

from outreach.plays.why_now import Facts, LimitNouns, example_of, facts_of, limits
from outreach.rules.liquid import MessageError, Value, check, render
from outreach.rules.phrases import counted, first_name, grown, in_the_fullest, is_near, of_all
from outreach.rules.why_now import KnownFact, plain
from plgcrm.common.text import listed
from signals.facts import FactTerm, all_facts

_GAP_MARKS = dict.fromkeys(map(ord, "⟦⟧"))


@dataclass(frozen=True, slots=True)
class Variable:
    name: str
    reads: str
    example: Value
    is_fact: bool = True  # measured: marked in the text, with a way to what is behind it


@dataclass(frozen=True, slots=True)
class VariableValue:
    """A variable's value for one account and person, None where it is not known, and the facts it was made of."""

    value: Value
    of: tuple[KnownFact, ...] = ()


@dataclass(frozen=True, slots=True)
class Material:
    """What a message can be made of."""

    account: str
    rep: str
    facts: Facts
    person: str = ""
    title: str = ""
    features: Sequence[str] = ()  # names, the most used first
    asked: str = ""
    words: str = ""
    by_them: bool = False  # the person made the request themselves


ABOUT = (
    Variable("person.first_name", "the person’s first name", "Tomasz", False),
    Variable("person.name", "the person’s full name", "Tomasz Sobel", False),
    Variable("person.title", "the person’s job title", "Head of Field Service", False),
    Variable("account.name", "the company", "Halvorsen Robotics", False),
    Variable("rep.first_name", "your first name", "Dana", False),
    Variable("rep.name", "your full name", "Dana Kim", False),
    Variable("product.name", "our product, from the setting PRODUCT_NAME", "Acme Sign", False),
)
RAISED = (
    Variable("asked_by_you", "true if this person made the request themselves", True, False),
    Variable("asked", "what they asked for, if they made a request", "Demo Requested"),
    Variable("words", "what they wrote, if they made a request", "Can we see SSO for 200 people?"),
)
READY = (
    Variable("growth_30_words", "growth in people active over 30 days, if there is any", "up from four"),
    Variable("limit_words", "the limit closest to full, from 90 % on", "47 of 50 seats"),
)
FEATURES = Variable("top_features", "up to three core features used most in 30 days", "Search, Export and Alerts")
BEFORE = Variable("people_before_30", "people active in the 30 days before", 4)
PEOPLE = ("person", "people")


def counted_nouns() -> dict[str, tuple[str, str]]:
    """Facts that a message also gets as words with their noun, by the name of the fact and `_words`.

    How much a limit allows is left out: `<limit>_words` says how full it is.
    """
    allowed = {limit.slug for limit in limits()}
    named = {
        fact.slug: (fact.one, fact.many)
        for fact in _told_facts()
        if fact.one and fact.many and fact.slug not in allowed
    }
    return named | {BEFORE.name: PEOPLE}


def _told_facts() -> list[FactTerm]:
    """What a message to a customer may state."""
    return [fact for fact in all_facts().values() if fact.may_be_told]


def variables() -> dict[str, Variable]:
    """All that a template may speak of, by name."""
    facts = [Variable(fact.slug, fact.reads, example_of(fact)) for fact in _told_facts()]
    words = [
        Variable(f"{name}_words", _reads_words(name, *noun), counted(7, *noun))
        for name, noun in counted_nouns().items()
    ]
    full = [
        Variable(f"{each.slug}_words", f"how full the {each.many} are, from 90 % on", f"47 of 50 {each.many}")
        for each in limits()
    ]
    return {each.name: each for each in (*ABOUT, *READY, *full, FEATURES, *words, *RAISED, *facts, BEFORE)}


def check_template(source: str) -> None:
    """Raise MessageError for what is unknown or cannot be worked out, line by line."""
    known = variables()
    check(source, frozenset(known))
    # With every variable known nothing may be missing: what still is was never given a value.
    missing = render(source, {name: each.example for name, each in known.items()}).missing
    if missing:
        raise MessageError(f"“{missing[0]}” has no value here: assign one to it first.")


def variable_values(material: Material) -> dict[str, VariableValue]:
    """Every variable for one account and person. What is only known to be at least so much is told to no customer."""
    known = facts_of({}) | material.facts
    facts = {name: replace(fact, value=None) if fact.at_least else fact for name, fact in known.items()}
    values = {name: VariableValue(value) for name, value in _about(material).items()}
    values |= {name: _fact(facts[name]) for name in (*(fact.slug for fact in _told_facts()), BEFORE.name)}
    values |= {f"{name}_words": _words(facts[name], noun) for name, noun in counted_nouns().items()}
    values |= _ready(facts)
    used = facts.get("features_30", KnownFact(None, "", FEATURES.reads))
    values["top_features"] = VariableValue(listed(material.features) or None, (used,))
    return {name: replace(each, value=_harmless(each.value)) for name, each in (values | _raised(material)).items()}


def _harmless(value: Value) -> Value:
    """Nobody's name looks like a gap."""
    # The marks are ours: a company called ⟦x⟧ would stop every message to it.
    return value.translate(_GAP_MARKS) if isinstance(value, str) else value


def _about(material: Material) -> dict[str, Value]:
    names = {
        "person.first_name": first_name(material.person),
        "person.name": material.person,
        "person.title": material.title,
        "account.name": material.account,
        "rep.first_name": first_name(material.rep),
        "rep.name": material.rep,
        "product.name": settings.PRODUCT_NAME,
    }
    return {name: plain(value) or None for name, value in names.items()}


def _raised(material: Material) -> dict[str, VariableValue]:
    """What somebody wrote is for themselves alone."""
    # Words of one colleague shown to another are a breach of confidence, however useful.
    said = {"asked": material.asked, "words": material.words} if material.by_them else {"asked": "", "words": ""}
    values = {name: VariableValue(text or None, (KnownFact(text, "moment", name),)) for name, text in said.items()}
    return values | {"asked_by_you": VariableValue(material.by_them)}


def _fact(fact: KnownFact) -> VariableValue:
    return VariableValue(fact.in_liquid, (fact,))


def _words(fact: KnownFact, noun: tuple[str, str]) -> VariableValue:
    return VariableValue(counted(fact.value, *noun) or None, (fact,))


def _ready(facts: Facts) -> dict[str, VariableValue]:
    """Phrases made of several facts, each with those that it was really made of."""
    now, before = facts.get("people_active_30"), facts["people_before_30"]
    full = {each.slug: _fullness(each, facts) for each in limits() if f"{each.slug}_share" in facts}
    nearest = max(full, key=lambda slug: _share(facts[f"{slug}_share"]), default="")
    return {
        "growth_30_words": VariableValue(grown(now.value, before.value) or None, (now, before))
        if now
        else VariableValue(None),
        "limit_words": full.get(nearest, VariableValue(None)),
        **{f"{slug}_words": value for slug, value in full.items()},
    }


def _fullness(limit: LimitNouns, facts: Facts) -> VariableValue:
    """47 of 50 seats; of several workspaces only the share of the fullest is sure."""
    share, used, allowed = (facts.get(name) for name in (f"{limit.slug}_share", f"{limit.slug}_used", limit.slug))
    if share is None or not is_near(share.value):
        return VariableValue(None, (share,) if share else ())
    places = facts["workspaces"].value if "workspaces" in facts else None
    # Amounts are summed over workspaces: told of one among several, the sum would be wrong.
    if places == 1 and used and allowed and (said := of_all(used.value, allowed.value, limit.many)):
        return VariableValue(said, (used, allowed))
    return VariableValue(in_the_fullest(_share(share), limit.many, workspaces=places), (share,))


def _share(fact: KnownFact) -> float:
    return fact.value if isinstance(fact.value, int | float) else 0.0


def _reads_words(name: str, one: str, many: str) -> str:
    facts = all_facts()
    reads = facts[name].reads if name in facts else BEFORE.reads
    return f"{reads}, in words: “one {one}”, “twelve {many}”; unknown when there are none"
