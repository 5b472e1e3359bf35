"""Trying a change: what the configuration would be, and for which accounts its rules would come out otherwise.

The change is made in a transaction that is rolled back as soon as the configuration was read, some milliseconds later:
nobody waits for it. Measuring comes afterwards, with the changed configuration in memory, by the code that scores.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

import numpy as np
from django.db import transaction

from plgcrm.common.sql import queries, scalar
from plgcrm.common.tried import trying
from signals.facts import FactTerm, read_facts
from signals.measures_load import AccountSelection, day_number
from signals.models import SignalDefinition
from signals.scoring.both_sides import Compared, compared
from signals.scoring.live import Live, read_live
from signals.scoring.measure import ScoredDays, measure_accounts
from signals.scoring.run import scored
from signals.scoring.touched import WantedMeasures, touched_of
from signals.scoring.write import measured_values
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
        with trying():
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


def compare(trial: ChangeTrial[T], wanted: WantedMeasures, *, now: datetime) -> Compared:
    """Measure by both configurations what the change touches of the wanted; nothing is written and nobody locked."""
    touched = touched_of((trial.before, trial.after), wanted)
    if not (touched.triggers or touched.segments or touched.specs):
        return Compared()
    everyone = AccountSelection.all()
    is_sample = is_partial(trial)
    selection = _sampled(everyone) if is_sample else everyone
    with transaction.atomic():
        # Under the number of a definition that is gone by now: no other transaction reads or writes these rows.
        after = _with_history(trial, selection if is_sample else None)
        found = compared((trial.before, after), touched, selection, now)
        transaction.set_rollback(True)
    return replace(found, accounts=len(everyone.ids), sampled=len(selection.ids) if is_sample else 0)


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
