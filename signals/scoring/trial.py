"""Trying a change: what the configuration would be, and for which accounts its rules would come out otherwise.

The change is made in a transaction that is rolled back as soon as the configuration was read, some milliseconds later:
nobody waits for it. Measuring comes afterwards, with the changed configuration in memory, by the code that scores.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

import numpy as np
from django.db import transaction

from plgcrm.common.sql import queries, scalar
from signals.facts import FactTerm, read_facts
from signals.measures.frame import Column, Flags, Floats
from signals.measures.specs import Spec
from signals.measures.words import CATEGORY
from signals.measures_load import AccountSelection, day_number
from signals.models import SignalDefinition
from signals.rules.derived import (
    MODEL,
    Days,
    Definitions,
    ModelRules,
    Source,
    derived,
    in_order,
    lookback_of,
    sources_in,
)
from signals.rules.tree import Node, specs_of
from signals.scoring.live import Live, read_live
from signals.scoring.measure import (
    Measured,
    ScoredDays,
    measure_accounts,
    segment_spec,
    specs_needed,
)
from signals.scoring.run import scored
from signals.scoring.write import ScoredAccounts, measured_values
from signals.vocabulary.applied import PLAN_KIND, Vocabulary
from signals.vocabulary.definitions import counted
from signals.vocabulary.past_moments import PastMoment, past_moments
from signals.vocabulary.usage_counts import UsageCounts

T = TypeVar("T")
SQL = queries("signals/sql/definitions.sql")
State = SignalDefinition.State
MOST_EVENTS = 3_000_000  # stored events that are read while somebody waits
LATELY = timedelta(days=8)  # in which a request that may still reach a queue arrived
SAMPLE = 2_000  # accounts that are looked at where there are more events
_SPREAD = 2_654_435_761  # an odd number: consecutive ids come far apart


@dataclass(frozen=True, slots=True)
class ChangeTrial(Generic[T]):
    """What stands and what would stand; `read` is what the caller wanted to know of both."""

    before: Live
    after: Live
    facts: Mapping[str, FactTerm]  # after
    read: tuple[T, T]
    definitions: tuple[SignalDefinition, ...]  # whose history would be counted


def tried(change: Callable[[], object], read: Callable[[], T]) -> ChangeTrial[T]:
    """Make a change, read what then stands, and roll it back. What the change raises is raised."""
    with transaction.atomic():
        first, before = read_live(), read()
        change()
        definitions = _counted_by_then(first.version[0])
        trial = ChangeTrial(first, read_live(), read_facts(), (before, read()), definitions)
        transaction.set_rollback(True)
    return trial


def _counted_by_then(version: int) -> tuple[SignalDefinition, ...]:
    """The definitions that the change made, taken as counted already."""
    made = SignalDefinition.objects.filter(state=State.COUNTING, since_version__gt=version)
    definitions = tuple(made.select_related("signal__category").order_by("pk"))
    for definition in definitions:
        SignalDefinition.objects.filter(signal=definition.signal_id, state=State.CURRENT).update(state=State.RETIRED)
        definition.state = State.CURRENT
        definition.save(update_fields=["state"])
    return definitions


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """Of the accounts with these ids, before and after: where triggers hold, who is in segments (1, 0, NaN unknown).
    Only what the change touches is in here; the ids are empty where it touches nothing."""

    ids: Any
    accounts: int  # of how many `ids` are; more than those where they are a sample
    triggers: Mapping[str, tuple[Flags, Flags]] = field(default_factory=dict)
    segments: Mapping[str, tuple[Floats, Floats]] = field(default_factory=dict)
    columns: Mapping[Spec, tuple[Column, Column]] = field(default_factory=dict)

    @property
    def is_sample(self) -> bool:
        return 0 < len(self.ids) < self.accounts


@dataclass(frozen=True, slots=True)
class WantedMeasures:
    """What the caller would like to know of each account."""

    triggers: frozenset[str]
    segments: frozenset[str]
    specs: frozenset[Spec]


@dataclass(frozen=True, slots=True, eq=False)
class TriedSide:
    """One configuration, cut down to what is asked, with what it gives every account."""

    live: Live
    scored: ScoredAccounts

    def held(self, slug: str) -> Flags:
        found = self.scored.held.get(slug)
        return np.zeros(len(self.scored.ids), np.bool_) if found is None else found

    def inside(self, slug: str) -> Floats:
        return self.scored.today[segment_spec(slug).key].numbers[:, 0]


def compare(trial: ChangeTrial[T], wanted: WantedMeasures, *, now: datetime) -> Compared:
    """Measure by both configurations what the change touches of the wanted; nothing is written and nobody locked."""
    touched = _touched(trial, wanted)
    if not (touched.triggers or touched.segments or touched.specs):
        return Compared(np.zeros(0, np.int32), 0)
    everyone = AccountSelection.all()
    selection = _sampled(everyone) if is_partial(trial) else everyone
    with transaction.atomic():
        # Under the number of a definition that is gone by now: no other transaction reads or writes these rows.
        trial = replace(trial, after=_with_history(trial, None if selection is everyone else selection))
        sides = _sides(trial, touched, selection, now)
        transaction.set_rollback(True)
    before, after = sides
    return Compared(
        ids=selection.ids,
        accounts=len(everyone.ids),
        triggers={slug: (before.held(slug), after.held(slug)) for slug in sorted(touched.triggers)},
        segments={slug: (before.inside(slug), after.inside(slug)) for slug in sorted(touched.segments)},
        columns={spec: (before.scored.today[spec.key], after.scored.today[spec.key]) for spec in touched.specs},
    )


def full_measures(trial: ChangeTrial[T], accounts: list[int], *, now: datetime) -> dict[int, dict[str, Any]]:
    """Everything that scoring would keep of these accounts: what sentences about them speak of."""
    selection = AccountSelection.some(accounts)
    with transaction.atomic():
        after = _with_history(trial, selection)
        days, models = ScoredDays.only(day_number(now), lookback=after.lookback), [m.kind for m in after.models]
        found = scored(after, measure_accounts(selection, after.specs, days, after.vocabulary, models=models))
        transaction.set_rollback(True)
    return dict(zip(accounts, measured_values(found.today, np.arange(len(accounts))), strict=True))


def found_moments(trial: ChangeTrial[T], *, now: datetime) -> tuple[PastMoment, ...]:
    """The requests and conversions of the past that the change would bring; where there are too many events to look
    through, those that arrived lately."""
    since = now - LATELY if is_partial(trial) else None
    found = (moment for definition in trial.definitions for moment in past_moments(definition, since=since))
    return tuple(found)


def is_partial(trial: ChangeTrial[T]) -> bool:
    """Whether history would have to be counted, and there is more of it than anybody waits for."""
    return bool(trial.definitions) and stored_events() > MOST_EVENTS


def stored_events() -> int:
    """About how many, by the statistics of the tables."""
    return int(scalar(SQL["stored_events"]))


def _sampled(everyone: AccountSelection) -> AccountSelection:
    """The same accounts each time, whose numbers lie all over."""
    order = np.argsort((everyone.ids.astype(np.int64) * _SPREAD) % 2**32, kind="stable")
    return AccountSelection.some(everyone.ids[order[:SAMPLE]].tolist())


def _with_history(trial: ChangeTrial[T], selection: AccountSelection | None) -> Live:
    """The changed configuration with the past of its new definitions counted, of all accounts or of some."""
    vocabulary, usage = trial.after.vocabulary, {}
    heard: set[str] = set()
    for definition in trial.definitions:
        found = counted(definition, accounts=None if selection is None else selection.ids.tolist())
        counts = UsageCounts.of(found.usage)
        usage[definition.pk] = {"actor": counts.actor, "day": counts.day, "count": counts.count}
        # What is kept of properties is little beside usage, and is read from where it lies.
        found.kept.store()
        if found.usage:
            heard.add(definition.signal.slug)
    return replace(trial.after, vocabulary=replace(vocabulary, silent=vocabulary.silent - heard, tried=usage))


# --- What a change touches ------------------------------------------------------------------------------------


def _touched(trial: ChangeTrial[T], wanted: WantedMeasures) -> WantedMeasures:
    before, after = trial.before, trial.after
    rules = [{trigger.slug: trigger.rule for trigger in live.triggers} for live in (before, after)]
    segments = [live.vocabulary.segments for live in (before, after)]
    return WantedMeasures(
        frozenset(s for s in wanted.triggers if _differs(before, after, rules[0].get(s), rules[1].get(s))),
        frozenset(s for s in wanted.segments if _differs(before, after, segments[0].get(s), segments[1].get(s))),
        frozenset(s for s in wanted.specs if _reads(s, before.vocabulary) != _reads(s, after.vocabulary)),
    )


def _differs(before: Live, after: Live, first: Node | None, second: Node | None) -> bool:
    return _all_of(first, before) != _all_of(second, after)


def _all_of(rule: Node | None, live: Live) -> tuple[Any, ...]:
    """A rule with all that its answer depends on: equal means that no account can answer otherwise."""
    if rule is None:
        return ()
    rules, specs = live.vocabulary.definitions_of_rules, specs_of(rule)
    sources = in_order(sources_in(specs), rules)
    read = [spec for source in sources for spec in rules.specs(source)]
    behind = tuple((source, _stands(source, rules)) for source in sources)
    return (rule, behind, tuple(_reads(spec, live.vocabulary) for spec in (*specs, *read)))


def _stands(source: Source, rules: Definitions) -> Node | ModelRules:
    return rules.models[source.slug] if source.what == MODEL else rules.segments[source.slug]


def _reads(spec: Spec, vocabulary: Vocabulary) -> tuple[Any, ...]:
    """What a measure reads of the vocabulary."""
    signals = [one for signal in spec.signals_needed() for one in _members_of(signal, vocabulary)]
    names = (*spec.attributes_needed(), *spec.traits_needed())
    keys = vocabulary.keys or {}
    return (
        spec,
        tuple((s, vocabulary.definitions.get(s), vocabulary.since.get(s), s in vocabulary.silent) for s in signals),
        tuple((n, vocabulary.meanings.get(n), keys.get("plan" if n == PLAN_KIND else n)) for n in names),
        vocabulary.admin_roles if spec.role else (),
        # Since when we listen at all decides what is known of sign-ups.
        min(vocabulary.since.values(), default=None),
    )


def _members_of(signal: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    return vocabulary.groups.get(signal.removeprefix(CATEGORY), ()) if signal.startswith(CATEGORY) else (signal,)


# --- Measuring both --------------------------------------------------------------------------------------------


def _sides(
    trial: ChangeTrial[T], touched: WantedMeasures, selection: AccountSelection, now: datetime
) -> tuple[TriedSide, TriedSide]:
    before, after = (_cut(live, touched) for live in (trial.before, trial.after))
    days = ScoredDays.only(day_number(now), lookback=max(_lookback(before), _lookback(after)))
    needed = [_base(live) for live in (before, after)]
    same = [spec for spec in needed[1] if _reads(spec, before.vocabulary) == _reads(spec, after.vocabulary)]
    # Most of what is read is the same for both, and is read once.
    first = measure_accounts(selection, [*needed[0], *same], days, before.vocabulary)
    other = [spec for spec in needed[1] if spec not in set(same)]
    columns = dict(first.columns)
    if other:
        columns |= measure_accounts(selection, other, days, after.vocabulary).columns
    return _side(before, first, first.columns), _side(after, first, columns)


def _lookback(live: Live) -> int:
    return lookback_of(sources_in(live.specs), live.vocabulary.definitions_of_rules)


def _side(live: Live, measured: Measured, columns: Mapping[str, Column]) -> TriedSide:
    days = Days((len(measured.ids), measured.days.measured), measured.days.lookback)
    found = derived(columns, live.specs, (), live.vocabulary.definitions_of_rules, days)
    return TriedSide(live, scored(live, replace(measured, columns=found.columns, results=found.results)))


def _cut(live: Live, touched: WantedMeasures) -> Live:
    """The same configuration with no more in it than these triggers, segments and measures need."""
    triggers = tuple(trigger for trigger in live.triggers if trigger.slug in touched.triggers)
    asked = {spec for trigger in triggers for spec in specs_of(trigger.rule)}
    asked |= {segment_spec(slug) for slug in touched.segments} | touched.specs
    return replace(live, triggers=triggers, models=(), specs=tuple(sorted(asked, key=lambda spec: spec.key)))


def _base(live: Live) -> list[Spec]:
    """What has to be measured for a configuration: no more than what its segments and models are made of."""
    rules = live.vocabulary.definitions_of_rules
    read = [spec for source in in_order(sources_in(live.specs), rules) for spec in rules.specs(source)]
    return specs_needed([*live.specs, *read])
