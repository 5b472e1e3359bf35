"""A rule as somebody types it, on today's accounts: for how many each part holds, and who they are by name.

Nothing is written. All accounts are measured at once, as for the effect of a draft.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from plgcrm.common.sql import int4s, queries, rows
from signals.measures.frame import Column, Floats, Ints
from signals.measures.kinds import SEGMENT
from signals.measures.words import Names
from signals.rules.contradictions import placed_nodes
from signals.rules.evaluate import Truth, evaluate, sightings, verdict
from signals.rules.readings import reading
from signals.rules.tree import Node, conditions_of, specs_of
from signals.scoring.live import live
from signals.scoring.measure import Measured
from signals.scoring.what_if import measure_all

SQL = queries("signals/sql/scoring.sql")
ON_A_PAGE = 20


@dataclass(frozen=True, slots=True)
class Counts:
    """For how many accounts something is true, false, and not known."""

    true: int
    false: int
    unknown: int

    @property
    def total(self) -> int:
        return self.true + self.false + self.unknown

    def of(self, outcome: str) -> int:
        return {"true": self.true, "false": self.false, "unknown": self.unknown}[outcome]


@dataclass(frozen=True, slots=True)
class NamedAccount:
    """An account, with what was measured of it."""

    id: int
    name: str
    saw: str


@dataclass(frozen=True, slots=True)
class NamedAccounts:
    """Some of those for whom a rule is true, false or unknown; `count` is how many there are."""

    outcome: str
    count: int
    page: int
    accounts: list[NamedAccount]

    @property
    def first(self) -> int:
        return (self.page - 1) * ON_A_PAGE + 1

    @property
    def last(self) -> int:
        return self.first + len(self.accounts) - 1

    @property
    def previous(self) -> int:
        return self.page - 1

    @property
    def next(self) -> int:
        return self.page + 1 if self.last < self.count else 0


@dataclass(frozen=True, slots=True, eq=False)
class SeenValues:
    """What a trait is today, at whoever has it: each text that is no number once, and all numbers."""

    words: tuple[str, ...] = ()
    numbers: Floats = field(default_factory=lambda: np.zeros(0))


@dataclass(frozen=True, slots=True, eq=False)
class RulePreview:
    """What was measured for a rule, and how each of its nodes came out, by place."""

    rule: Node
    measured: Measured
    columns: Mapping[str, Column]
    truths: Mapping[str, Truth]

    def counts(self, place: str = "0") -> Counts:
        truth = self.truths[place]
        true, false = int(truth.true.sum()), int(truth.false.sum())
        return Counts(true, false, len(self.measured.ids) - true - false)

    def ids(self, outcome: str) -> Ints:
        """The accounts for which the whole rule comes out so."""
        truth = self.truths["0"]
        chosen: Ints = self.measured.ids[getattr(truth, outcome)[:, 0]]
        return chosen

    def values(self, name: str, *, of_people: bool = False) -> SeenValues:
        """The different values that a trait has today; of a person's trait, among people."""
        frame = self.measured.frame
        keys, table = (frame.trait_keys, frame.traits) if of_people else (frame.keys, frame.attributes)
        if name not in keys:
            return SeenValues()
        chosen = table.where(table.key == keys.index(name))
        is_number = ~np.isnan(chosen.number)
        places = np.unique(chosen.text[~is_number])
        words = tuple(frame.texts[place] for place in places[places >= 0].tolist())
        return SeenValues(words, chosen.number[is_number])


def preview_of(rule: Node, *, now: datetime) -> RulePreview:
    """Measure all accounts as of now by a rule."""
    measured = measure_all(specs_of(rule), now)
    shape = (len(measured.ids), 1)
    truths = {place: evaluate(node, measured.columns, shape=shape) for place, node in placed_nodes(rule)}
    return RulePreview(rule, measured, measured.columns, truths)


def named_accounts(preview: RulePreview, outcome: str, names: Names, *, page: int, named: str = "") -> NamedAccounts:
    """One page of those for whom the rule comes out so, by name, with the values that decided."""
    ids = preview.ids(outcome)
    params = {"ids": int4s(ids.tolist()), "named": named, "most": ON_A_PAGE}
    count = len(ids) if not named else int(rows(SQL["count_named"], params)[0][0])
    page = min(page, max(-(-count // ON_A_PAGE), 1))
    found = rows(SQL["accounts_by_name"], params | {"skip": (page - 1) * ON_A_PAGE})
    said = _what_was_seen(preview, [account for account, _ in found], names)
    accounts = [NamedAccount(account, name, saw) for (account, name), saw in zip(found, said, strict=True)]
    return NamedAccounts(outcome, count, page, accounts)


def _what_was_seen(preview: RulePreview, ids: list[int], names: Names) -> list[str]:
    places = np.searchsorted(preview.measured.ids, ids).tolist()
    said = _read(preview.rule, preview, places, names)
    for slug in _segments_seen(preview):
        name, inside = (
            names.get(f"segment:{slug}", slug),
            _read(live().vocabulary.segments[slug], preview, places, names),
        )
        # Where a segment decided, its name alone would not say why.
        said = [
            f"{text}; {name}: {why}" if f"“{name}”" in text else text for text, why in zip(said, inside, strict=True)
        ]
    return said


def _read(rule: Node, preview: RulePreview, places: list[int], names: Names) -> list[str]:
    seen = sightings(rule, preview.columns, places, 0)
    return [reading(rule, verdict(rule, each), names) for each in seen]


def _segments_seen(preview: RulePreview) -> list[str]:
    segments = live().vocabulary.segments
    asked = dict.fromkeys(c.spec.segment or "" for c in conditions_of(preview.rule) if c.spec.kind == SEGMENT)
    return [s for s in asked if s in segments and all(spec.key in preview.columns for spec in specs_of(segments[s]))]


def constant_of(preview: RulePreview, place: str) -> str:
    """true, false or unknown where a node is that for everybody; "" where it tells accounts apart."""
    counts = preview.counts(place)
    return next((each for each in ("true", "false", "unknown") if 0 < counts.total == counts.of(each)), "")
