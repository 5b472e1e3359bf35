"""A sample company's vocabulary as a customer's comes about: suggested from what arrived, accepted where it is sure,
and put right by hand where it is not. The sample's truth stands in for the person who knows the product.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.identity.corrections import derive_waiting
from accounts.rules.traits import trait_name
from plgcrm.demo.companies.install import true_terms
from plgcrm.demo.companies.truth import TrueVocabulary
from signals.vocabulary.catalogue import MARGIN, look
from signals.vocabulary.definitions import count_all_history, forget_matcher
from signals.vocabulary.lines import events_of
from signals.vocabulary.meanings import everything_said, say_all
from signals.vocabulary.proposals import accept

MOST_SECONDS = 600  # for deriving again those who came in the first days, which takes one or two


@dataclass(frozen=True, slots=True)
class Understood:
    """What was accepted without a look, and what a person said."""

    accepted: list[str]
    by_hand: list[str]


def understand(truth: TrueVocabulary, now: datetime) -> Understood:
    """Once, when the first messages have arrived. Safe to repeat: what is said rightly already is left alone."""
    while look(now + MARGIN).days:
        pass
    accepted = accept(now)
    said = everything_said()
    wrong = [(term, value) for term, value in true_terms(truth) if not means_the_same(term, said.get(term), value)]
    by_hand = say_all(wrong)
    count_all_history()
    derive_waiting(seconds=MOST_SECONDS)
    forget_matcher()
    return Understood(accepted, by_hand)


def means_the_same(term: str, said: Mapping[str, Any] | None, true: Mapping[str, Any]) -> bool:
    """Whether what is said of a term is what is true of it, in whatever order and however the pages are named."""
    if said is None:
        return False
    if term.startswith("signal:"):
        return {name for _, name in events_of(said)} == {name for _, name in events_of(true)}
    if term.startswith("limit:"):
        return all(_path(said[part]) == _path(true[part]) for part in ("allowed", "used"))
    return _paths(said) == _paths(true) and all(
        said["options"].get(name, _USUAL.get(name)) == value for name, value in true["options"].items()
    )


_USUAL: dict[str, Any] = {"cents": False, "period": "month"}


def _paths(value: Mapping[str, Any]) -> set[str]:
    return set(map(_path, value["paths"]))


def _path(said: Any) -> str:
    """As attributes are named: what is said is kept so, whatever was typed."""
    return f"{said['of']} {trait_name(said['path'])}" if isinstance(said, Mapping) else str(said)
