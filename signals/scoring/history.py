"""The points of one account on each of the last days, as today's models give them to the usage of each day.

Nothing is stored of it: the engine that scores measures as of every day at once. So the last day is the score that
stands, and a change of criteria changes the whole line. Who counted as whose colleague is read as of today.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from signals.measures_load import AccountSelection, day_number, day_of
from signals.models import ScoringModel
from signals.rules.points import ScoreResult, Tier
from signals.scoring.live import LiveModel, live
from signals.scoring.measure import ScoredDays, measure_accounts

DAYS = 90


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


def score_histories(account_id: int, *, now: datetime, days: int = DAYS) -> list[ScoreHistory]:
    """One for each live model, in their order."""
    current, today = live(), day_number(now)
    names = dict(ScoringModel.objects.values_list("pk", "name"))
    scored_days = ScoredDays(today - days + 1, today, current.lookback)
    models = [model.kind for model in current.models]
    chosen = AccountSelection.some([account_id])
    measured = measure_accounts(chosen, [], scored_days, current.vocabulary, models=models)
    return [
        _history(model, names[model.model_id], measured.results[model.kind], day_of(scored_days.first))
        for model in current.models
    ]


def _history(model: LiveModel, name: str, result: ScoreResult, first: date) -> ScoreHistory:
    points: list[int] = result.points[0].tolist()
    return ScoreHistory(
        model.kind, name, model.number, model.threshold, model.tiers, first, points, _steps(model, result, first)
    )


def _steps(model: LiveModel, result: ScoreResult, first: date) -> list[PointsChange]:
    paid = result.criterion_points[:, 0, :]
    # By criterion and not by sum: two that cancel each other out are still news.
    changes = np.diff(paid, axis=1)
    moved = np.flatnonzero(changes.any(axis=0))[::-1].tolist()
    points = result.points[0].tolist()
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
