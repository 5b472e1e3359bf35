"""The points of one account on each of the last days, as today's models give them to the usage of each day.

Nothing is stored of it: the engine that scores measures as of every day at once. So the last day is the score that
stands, and a change of criteria changes the whole line. It is told by either of two clocks: as we knew it, which is
what was scored each night under these criteria, and as it happened, with all that became known later.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise

import numpy as np

from plgcrm.common.known import as_known_on
from plgcrm.common.sql import queries, scalar, scalars
from signals.measures.frame import Ints
from signals.measures_load import AccountSelection, day_number, day_of
from signals.models import ScoringModel
from signals.rules.points import Tier
from signals.scoring.live import Live, LiveModel, live
from signals.scoring.measure import Measured, ScoredDays, measure_accounts
from signals.vocabulary.applied import heard_by

SQL = queries("signals/sql/history.sql")
DAYS = 90


class Clock(StrEnum):
    KNOWN = "known"
    HAPPENED = "happened"


@dataclass(frozen=True, slots=True)
class PointsChange:
    """The points of a day that differ from the day before, and the criteria that made the difference."""

    day: date
    before: int
    after: int
    causes: list[tuple[str, int]]  # a criterion's name and what it added or took


@dataclass(frozen=True, slots=True)
class ScoreHistory:
    kind: str
    name: str
    number: int
    threshold: int
    tiers: tuple[Tier, ...]
    first: date
    points: list[int]
    steps: list[PointsChange]  # newest first

    @property
    def is_empty(self) -> bool:
        return not any(self.points)

    @property
    def highest(self) -> int:
        return max(*self.points, self.threshold)


def score_histories(
    account_id: int, *, now: datetime, days: int = DAYS, clock: Clock = Clock.KNOWN
) -> list[ScoreHistory]:
    """One for each live model, in their order."""
    current, last = live(), day_number(now)
    names = dict(ScoringModel.objects.values_list("pk", "name"))
    scored_days = ScoredDays(last - days + 1, last, current.lookback)
    if clock == Clock.KNOWN:
        paid = _as_known(current, account_id, scored_days)
    else:
        paid = _points_of(current, _measured(current, account_id, scored_days))
    first = day_of(scored_days.first)
    return [_history(model, names[model.model_id], paid[model.kind], first) for model in current.models]


def known_since(account_id: int) -> date:
    """The day on which we first knew of the account."""
    found: date = scalar(SQL["known_since"], {"account": account_id})
    return found


Paid = dict[str, Ints]  # by model, for each day: all points in the first row, then those of each criterion


def _measured(current: Live, account_id: int, days: ScoredDays) -> Measured:
    chosen, models = AccountSelection.some([account_id]), [model.kind for model in current.models]
    return measure_accounts(chosen, [], days, current.vocabulary, models=models)


def _points_of(current: Live, measured: Measured) -> Paid:
    results = {model.kind: measured.results[model.kind] for model in current.models}
    return {
        kind: np.vstack((result.points, result.criterion_points[:, 0, :])).astype(np.int32)
        for kind, result in results.items()
    }


def _as_known(current: Live, account_id: int, days: ScoredDays) -> Paid:
    """Each stretch of days over which nothing more became known of the past is measured at once."""
    parts: list[Paid] = []
    for stretch in _stretches(account_id, days):
        with as_known_on(day_of(stretch.last)):
            then = replace(current, vocabulary=heard_by(current.vocabulary, day_of(stretch.last)))
            parts.append(_points_of(then, _measured(then, account_id, stretch)))
    return {model.kind: _in_a_row(model, [part[model.kind] for part in parts], days) for model in current.models}


def _in_a_row(model: LiveModel, parts: list[Ints], days: ScoredDays) -> Ints:
    """Before we knew of the account it had no points."""
    unknown = days.last - days.first + 1 - sum(part.shape[1] for part in parts)
    return np.hstack((np.zeros((len(model.criteria) + 1, unknown), np.int32), *parts))


def _stretches(account_id: int, days: ScoredDays) -> Iterator[ScoredDays]:
    """The days since we knew of the account, cut where we came to know something of days before."""
    first = max(days.first, day_number(known_since(account_id)))
    span = {"account": account_id, "first": day_of(first), "last": day_of(days.last)}
    starts = [first, *scalars(SQL["turns"], span)] if first <= days.last else []
    for start, following in pairwise([*starts, days.last + 1]):
        yield ScoredDays(start, following - 1, days.lookback)


def _history(model: LiveModel, name: str, paid: Ints, first: date) -> ScoreHistory:
    points: list[int] = paid[0].tolist()
    return ScoreHistory(
        model.kind, name, model.number, model.threshold, model.tiers, first, points, _steps(model, paid, first)
    )


def _steps(model: LiveModel, paid: Ints, first: date) -> list[PointsChange]:
    # By criterion and not by sum: two that cancel each other out are still news.
    changes = np.diff(paid[1:], axis=1)
    moved = np.flatnonzero(changes.any(axis=0))[::-1].tolist()
    points = paid[0].tolist()
    return [
        PointsChange(
            first + timedelta(days=place + 1),
            points[place],
            points[place + 1],
            _causes(model, changes[:, place].tolist()),
        )
        for place in moved
    ]


def _causes(model: LiveModel, changes: list[int]) -> list[tuple[str, int]]:
    """The largest first."""
    named = [(criterion.name, change) for criterion, change in zip(model.criteria, changes, strict=True) if change]
    return sorted(named, key=lambda cause: -abs(cause[1]))
