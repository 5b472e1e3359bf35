"""Accounts measured by two configurations, so that no more is read than may tell them apart.

First, of everybody, only what the change itself moves: measures that read something else now, and segments and models
whose rules are others. Where each condition on them comes out as before, everything else does too. Then, of the others,
the measures that alone may settle that no trigger holds; and of those that are left, the rest.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np

from signals.measures.frame import Column, Flags, Floats, Ints, Longs
from signals.measures.kinds import SEGMENT
from signals.measures.kinds_segments import SEGMENT_FOR
from signals.measures.specs import Spec
from signals.measures_load import AccountMembers, AccountSelection, day_number
from signals.rules.criteria import Criterion
from signals.rules.derived import MODEL, Days, Definitions, Source, derived, in_order, lookback_of, sources_in
from signals.rules.evaluate import Truth, evaluate
from signals.rules.possible import first_to_take, possible
from signals.rules.tree import Condition, Node, conditions_of, specs_of
from signals.scoring.live import Live
from signals.scoring.measure import ScoredDays, holds, in_segment_for, measure_base, segment_spec, specs_needed
from signals.scoring.touched import WantedMeasures, reads, stands

BEFORE, AFTER = 0, 1
BOTH = (BEFORE, AFTER)
FEW = 2_000  # accounts of which everything is measured at once

Lives = tuple[Live, Live]
Specs = Iterable[Spec]
Rules = tuple[Mapping[str, Node], Mapping[str, Node]]


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """Of the accounts that may differ, before and after: where triggers hold, who is in segments (1, 0, NaN unknown).
    Only what the change touches is in here; of accounts that are not, nothing comes out otherwise."""

    ids: Ints = field(default_factory=lambda: np.zeros(0, np.int32))  # sorted
    triggers: Mapping[str, tuple[Flags, Flags]] = field(default_factory=dict)
    segments: Mapping[str, tuple[Floats, Floats]] = field(default_factory=dict)
    columns: Mapping[Spec, tuple[Column, Column]] = field(default_factory=dict)
    accounts: int = 0  # how many there are; 0 where none was looked at
    sampled: int = 0  # how many of them were looked at, where not all were


@dataclass(frozen=True, slots=True, eq=False)
class _Sides:
    """Some accounts, with what was measured of them so far by each configuration."""

    lives: Lives
    days: ScoredDays
    selection: AccountSelection
    known: AccountMembers
    columns: tuple[Mapping[str, Column], Mapping[str, Column]] = ({}, {})

    def __len__(self) -> int:
        return len(self.selection.ids)

    def rules(self, side: int) -> Definitions:
        return self.lives[side].vocabulary.definitions_of_rules

    def with_all(self, asked: tuple[Specs, Specs]) -> "_Sides":
        """The same with everything measured that these are made of."""
        return self.with_taken((_base(asked[BEFORE], self.rules(BEFORE)), _base(asked[AFTER], self.rules(AFTER))))

    def with_taken(self, wanted: tuple[Specs, Specs]) -> "_Sides":
        """The same with these measured, each once where both configurations read it alike."""
        before, after = (live.vocabulary for live in self.lives)
        old, new = ([spec for spec in specs_needed(wanted[s]) if spec.key not in self.columns[s]] for s in BOTH)
        alike = {spec.key for spec in (*old, *new) if reads(spec, before) == reads(spec, after)}
        first = self._measured([*old, *(spec for spec in new if spec.key in alike)], BEFORE)
        other = self._measured([spec for spec in new if spec.key not in alike], AFTER)
        shared = {key: column for key, column in first.items() if key in alike}
        return replace(self, columns=({**self.columns[BEFORE], **first}, {**self.columns[AFTER], **shared, **other}))

    def _measured(self, specs: list[Spec], side: int) -> Mapping[str, Column]:
        if not specs:
            return {}
        return measure_base(self.selection, specs, self.days, self.lives[side].vocabulary, self.known).columns

    def has_all(self, rule: Node, side: int) -> bool:
        """Whether everything is measured that a rule is made of, and no model is asked, nor how long a stay lasts."""
        specs = _base(specs_of(rule), self.rules(side))
        return all(spec.key in self.columns[side] or spec.kind == SEGMENT for spec in specs)

    def at(self, places: Longs) -> "_Sides":
        """The accounts at these places alone."""
        if len(places) == len(self):
            return self
        selection = AccountSelection.some(self.selection.ids[places].tolist())
        before, after = ({key: c.of(places) for key, c in columns.items()} for columns in self.columns)
        return replace(self, selection=selection, known=self.known.at(places, selection), columns=(before, after))

    def derived(self, asked: Specs, side: int) -> Mapping[str, Column]:
        """All columns of a side, with those of the segments and models that these ask about."""
        shape = Days((len(self), self.days.measured), self.days.lookback)

        def in_it_for(spec: Spec, inside: Column) -> Column:
            return in_segment_for(spec, inside, self.selection.ids, self.days, self.lives[side].vocabulary)

        return derived(self.columns[side], asked, (), self.rules(side), shape, in_it_for).columns


def compared(lives: Lives, touched: WantedMeasures, selection: AccountSelection, now: datetime) -> Compared:
    """Measure what a change touches of these accounts; above stands of whom how much."""
    before, after = ({t.slug: t.rule for t in live.triggers if t.slug in touched.triggers} for live in lives)
    rules = (before, after)
    asked = tuple(_asked(each, touched) for each in rules)
    lookback = max(lookback_of(sources_in(asked[s]), lives[s].vocabulary.definitions_of_rules) for s in BOTH)
    days = ScoredDays.only(day_number(now), lookback=lookback)
    everyone = _Sides(lives, days, selection, AccountMembers.of(selection))
    suspects = _that_may_differ(everyone, rules, asked, touched)
    # What is asked of segments and measures themselves is little, and is taken of all of these.
    looked = [*touched.specs, *(segment_spec(slug) for slug in touched.segments)]
    suspects = suspects.with_all((looked, looked))
    first, second = (
        {key: column.last_day() for key, column in suspects.derived(looked, side).items()} for side in BOTH
    )
    held = _triggers(suspects, rules, touched.triggers)
    segments = {slug: segment_spec(slug).key for slug in sorted(touched.segments)}
    return Compared(
        suspects.selection.ids,
        {slug: (held[BEFORE][slug], held[AFTER][slug]) for slug in sorted(touched.triggers)},
        {slug: (first[key].numbers[:, 0], second[key].numbers[:, 0]) for slug, key in segments.items()},
        {spec: (first[spec.key], second[spec.key]) for spec in touched.specs},
    )


def _asked(rules: Mapping[str, Node], touched: WantedMeasures) -> list[Spec]:
    """What the triggers, segments and measures of one side ask for."""
    triggers = [spec for rule in rules.values() for spec in specs_of(rule)]
    return [*triggers, *(segment_spec(slug) for slug in touched.segments), *touched.specs]


def _base(asked: Specs, rules: Definitions) -> list[Spec]:
    """What has to be measured for these: no more than what their segments and models are made of."""
    asked = list(asked)
    return [*asked, *(spec for source in in_order(sources_in(asked), rules) for spec in rules.specs(source))]


# --- Who may differ -------------------------------------------------------------------------------------------


def _that_may_differ(everyone: _Sides, rules: Rules, asked: tuple[list[Spec], ...], touched: WantedMeasures) -> _Sides:
    """Those for whom a condition on what the change moves comes out otherwise, on any of the days."""
    # A trigger with another rule is a question of its own, and no single day tells how long a stay lasts.
    if rules[BEFORE] != rules[AFTER] or _asks_for_stays(everyone, asked):
        return everyone
    moved = _moved(everyone, asked)
    some = _that_show(moved, everyone, rules, touched)
    # A segment that reads what moves may come out as before, and then so does all that asks about it.
    behind = _segments_behind(moved, asked[BEFORE], everyone.rules(BEFORE))
    return _that_show(replace(moved, sources=moved.sources | behind), some, rules, touched) if behind else some


def _that_show(moved: "_Moved", some: _Sides, rules: Rules, touched: WantedMeasures) -> _Sides:
    """Those for whom a condition on what moves comes out otherwise."""
    conditions, values = _looks_at(moved, some, rules, touched)
    wanted = {*values, *(condition.spec for condition in conditions)}
    some = some.with_all((wanted, wanted))
    columns = tuple(some.derived(wanted, side) for side in BOTH)
    differs = np.zeros(len(some), np.bool_)
    for condition in conditions:
        differs |= _unlike(*(evaluate(condition, each) for each in columns))
    for spec in values:
        differs |= _apart(*(each[spec.key].numbers for each in columns))
    return some.at(np.flatnonzero(differs))


@dataclass(frozen=True, slots=True)
class _Moved:
    """What the change itself moves: measures that read something else now, and sources that say something else."""

    specs: frozenset[Spec]
    sources: frozenset[Source]

    def has(self, spec: Spec) -> bool:
        return spec in self.specs or not self.sources.isdisjoint(sources_in([spec]))


def _moved(everyone: _Sides, asked: tuple[list[Spec], ...]) -> _Moved:
    before, after = (live.vocabulary for live in everyone.lives)
    base = {spec for side in BOTH for spec in _base(asked[side], everyone.rules(side))}
    return _Moved(
        frozenset(spec for spec in base if not spec.definition.derived and reads(spec, before) != reads(spec, after)),
        frozenset(
            source
            for side in BOTH
            for source in in_order(sources_in(asked[side]), everyone.rules(side))
            if stands(source, everyone.rules(BEFORE)) != stands(source, everyone.rules(AFTER))
        ),
    )


def _segments_behind(moved: _Moved, asked: Specs, rules: Definitions) -> frozenset[Source]:
    """The segments that read what moves, themselves or through others; those that a model decides on are left out."""
    found = set(moved.sources)
    for source in in_order(sources_in(asked), rules):
        read = rules.specs(source)
        sources = in_order(sources_in(read), rules)
        if source.what != MODEL and all(one.what != MODEL for one in sources):
            moves = any(spec in moved.specs or found & sources_in([spec]) for spec in read)
            found |= {source} if moves else set()
    return frozenset(found - moved.sources)


def _asks_for_stays(everyone: _Sides, asked: tuple[list[Spec], ...]) -> bool:
    return any(spec.kind == SEGMENT_FOR for side in BOTH for spec in _base(asked[side], everyone.rules(side)))


def _looks_at(
    moved: _Moved, everyone: _Sides, rules: Rules, touched: WantedMeasures
) -> tuple[list[Condition], set[Spec]]:
    """The conditions on what moves, of all that stays as it is, and the measures whose very value counts."""
    definitions = everyone.rules(BEFORE)
    nodes, criteria = [*rules[BEFORE].values()], list[Criterion]()
    for source in in_order(sources_in(_asked(rules[BEFORE], touched)), definitions):
        if source in moved.sources:
            continue
        if source.what == MODEL:
            criteria += definitions.models[source.slug].criteria
        else:
            nodes.append(definitions.segments[source.slug])
    nodes += [criterion.rule for criterion in criteria]
    # Up to its cap a criterion pays for each time.
    values = {spec for criterion in criteria if criterion.cap is not None for spec in specs_of(criterion.rule)}
    values |= {*touched.specs, *(segment_spec(slug) for slug in touched.segments)}
    conditions = [condition for node in nodes for condition in conditions_of(node) if moved.has(condition.spec)]
    return conditions, {spec for spec in values if moved.has(spec)}


def _unlike(one: Truth, other: Truth) -> Flags:
    differs: Flags = ((one.true != other.true) | (one.false != other.false)).any(axis=1)
    return differs


def _apart(one: Floats, other: Floats) -> Flags:
    alike: Flags = ((one == other) | (np.isnan(one) & np.isnan(other))).all(axis=1)
    return ~alike


# --- What their triggers say ----------------------------------------------------------------------------------


def _triggers(some: _Sides, rules: Rules, slugs: Iterable[str]) -> tuple[dict[str, Flags], dict[str, Flags]]:
    """Where each trigger holds, on each side; one that is not there holds nowhere."""
    held = tuple({slug: np.zeros(len(some), np.bool_) for slug in slugs} for _ in BOTH)
    if len(some) > FEW:
        first = [_first_to_take(rules[side], some.rules(side)) for side in BOTH]
        some = some.with_taken((first[BEFORE], first[AFTER]))
    settled = [{slug: rule for slug, rule in rules[side].items() if some.has_all(rule, side)} for side in BOTH]
    left = [{slug: rule for slug, rule in rules[side].items() if slug not in settled[side]} for side in BOTH]
    places = np.flatnonzero(_may_hold(some, left[BEFORE], BEFORE) | _may_hold(some, left[AFTER], AFTER))
    rest = some.at(places).with_all((_specs(left[BEFORE]), _specs(left[AFTER])))
    for side in BOTH:
        held[side].update(_held(some, settled[side], side))
        for slug, flags in _held(rest, left[side], side).items():
            held[side][slug][places] = flags
    return held[BEFORE], held[AFTER]


def _first_to_take(rules: Mapping[str, Node], definitions: Definitions) -> set[Spec]:
    return {spec for rule in rules.values() for spec in first_to_take(rule, definitions)}


def _specs(rules: Mapping[str, Node]) -> list[Spec]:
    return [spec for rule in rules.values() for spec in specs_of(rule)]


def _may_hold(some: _Sides, rules: Mapping[str, Node], side: int) -> Flags:
    today = {key: column.last_day() for key, column in some.columns[side].items()}
    may = np.zeros(len(some), np.bool_)
    for rule in rules.values():
        may |= possible(rule, today, some.rules(side), len(some)).true
    return may


def _held(some: _Sides, rules: Mapping[str, Node], side: int) -> dict[str, Flags]:
    today = {key: column.last_day() for key, column in some.derived(_specs(rules), side).items()}
    return {slug: holds(rule, today, len(some)) for slug, rule in rules.items()}
