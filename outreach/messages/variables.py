"""The variables of message templates: an allow-list, each with what it means and where its value comes from.

Numbers about a team, never what a named colleague did.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from django.conf import settings

from outreach.plays.why_now import Facts, facts_of
from outreach.rules.liquid import MessageError, Share, Value, check, render
from outreach.rules.phrases import counted, first_name, grown, in_the_fullest, is_near, of_all
from outreach.rules.why_now import KnownFact, plain
from plgcrm.common.text import listed
from signals.facts import FACTS

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
    Variable("product.name", "our product, from the setting PRODUCT_NAME", "Boards", False),
)
RAISED = (
    Variable("asked_by_you", "true if this person made the request themselves", True, False),
    Variable("asked", "what they asked for, if they made a request", "Demo Requested"),
    Variable("words", "what they wrote, if they made a request", "Can we see SSO for 200 people?"),
)
_PEOPLE, _TIMES = ("person", "people"), ("time", "times")
# Numbers that a message also gets as words with their noun, by the name of the fact and `_words`.
COUNTED = {
    "people_active_30": _PEOPLE,
    "people_active_7": _PEOPLE,
    "people_before_30": _PEOPLE,
    "members": _PEOPLE,
    "active_days_30": ("day", "days"),
    "features_30": ("feature", "features"),
    "invites_30": ("invitation", "invitations"),
    "items_30": ("item", "items"),
    "integrations": ("integration", "integrations"),
    "limit_hits_30": _TIMES,
    "pricing_views_30": _TIMES,
    "premium_tries_30": _TIMES,
    "imports_started_14": ("import", "imports"),
    "imports_failed_14": ("import", "imports"),
    "tickets_7": ("ticket", "tickets"),
    "commercial_tickets_7": ("ticket", "tickets"),
    "workspaces": ("workspace", "workspaces"),
    "admins": ("administrator", "administrators"),
    "age_days": ("day", "days"),
    "seats_used": ("seat", "seats"),
}
READY = (
    Variable("growth_30_words", "growth in people active over 30 days, if there is any", "up from four"),
    Variable("seats_words", "how full the seats are, from 90 % on", "47 of 50 seats"),
    Variable("boards_words", "how full the boards are, from 90 % on", "92 % of the boards"),
    Variable("limit_words", "the limit closest to full, from 90 % on", "47 of 50 seats"),
)
FEATURES = Variable("top_features", "up to three features used most in 30 days", "Timeline, Dashboard and Form")


@cache
def variables() -> dict[str, Variable]:
    """All that a template may speak of, by name."""
    facts = [Variable(name, fact.reads, _example(name)) for name, fact in FACTS.items()]
    before = Variable("people_before_30", "people active in the 30 days before", 4)
    words = [Variable(f"{name}_words", _reads_words(name), counted(7, *noun)) for name, noun in COUNTED.items()]
    return {each.name: each for each in (*ABOUT, *READY, FEATURES, *words, *RAISED, *facts, before)}


def check_template(source: str) -> None:
    """Raise MessageError for what is unknown or cannot be worked out, line by line."""
    known = variables()
    check(source, frozenset(known))
    # With every variable known nothing may be missing: what still is was never given a value.
    missing = render(source, {name: each.example for name, each in known.items()}).missing
    if missing:
        raise MessageError(f"“{missing[0]}” has no value here: assign one to it first.")


def variable_values(material: Material) -> dict[str, VariableValue]:
    """Every variable for one account and person."""
    facts = facts_of({}) | material.facts
    values = {name: VariableValue(value) for name, value in _about(material).items()}
    values |= {name: _fact(facts[name]) for name in (*FACTS, "people_before_30")}
    values |= {f"{name}_words": _words(facts[name], noun) for name, noun in COUNTED.items()}
    values |= _ready(facts)
    values["top_features"] = VariableValue(listed(material.features) or None, (facts["features_30"],))
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
    value = fact.value
    if isinstance(value, str):
        return VariableValue(plain(value) or None, (fact,))
    if value is None or fact.style == "share":
        return VariableValue(None if value is None else Share(value), (fact,))
    return VariableValue(int(value) if value == int(value) else value, (fact,))


def _words(fact: KnownFact, noun: tuple[str, str]) -> VariableValue:
    return VariableValue(counted(fact.value, *noun) or None, (fact,))


def _ready(facts: Facts) -> dict[str, VariableValue]:
    """Phrases made of several facts, each with those that it was really made of."""
    now, before = facts["people_active_30"], facts["people_before_30"]
    seats, boards = _seats(facts), _boards(facts)
    nearest = boards if _share(facts["boards_share"]) > _share(facts["seats_share"]) else seats
    return {
        "growth_30_words": VariableValue(grown(now.value, before.value) or None, (now, before)),
        "seats_words": seats,
        "boards_words": boards,
        "limit_words": nearest,
    }


def _seats(facts: Facts) -> VariableValue:
    """Of several workspaces the fullest: their seats are known together only."""
    share, used, limit = facts["seats_share"], facts["seats_used"], facts["seats"]
    # Seats are summed over workspaces: told of one among several, the sum would be wrong.
    if facts["workspaces"].value == 1 and is_near(share.value):
        return VariableValue(of_all(used.value, limit.value, "seats") or None, (used, limit))
    return _fullest(share, "seats", facts)


def _boards(facts: Facts) -> VariableValue:
    return _fullest(facts["boards_share"], "boards", facts)


def _fullest(share: KnownFact, noun: str, facts: Facts) -> VariableValue:
    if not is_near(share.value):
        return VariableValue(None, (share,))
    return VariableValue(in_the_fullest(_share(share), noun, workspaces=facts["workspaces"].value), (share,))


def _share(fact: KnownFact) -> float:
    return fact.value if isinstance(fact.value, int | float) else 0.0


def _example(name: str) -> Value:
    texts = {"plan": "team", "currency": "EUR", "industry": "Robotics", "country": "NO"}
    if FACTS[name].is_share:
        return Share(0.94)
    return texts.get(name, 9)


def _reads_words(name: str) -> str:
    one, many = COUNTED[name]
    reads = FACTS[name].reads if name in FACTS else "people active in the 30 days before"
    return f"{reads}, in words: “one {one}”, “twelve {many}”; unknown when there are none"
