"""The arithmetic of scores: criteria over columns of measures. Why it came out so: signals.rules.breakdowns."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from signals.measures.frame import Column, Flags, Floats, Ints, Longs
from signals.rules.criteria import (
    Criterion,
    PointsError,
    Tier,
    lookback_days,
    multiplied_of,
    parse_criteria,
    parse_tiers,
    specs_of_criteria,
    tier_of,
)
from signals.rules.evaluate import Columns, Shape, evaluate, shape_of
from signals.rules.tree import specs_of

__all__ = [
    "Criterion",
    "PointsError",
    "ScoreResult",
    "Tier",
    "days_since_held",
    "lookback_days",
    "parse_criteria",
    "parse_tiers",
    "score_columns",
    "specs_of_criteria",
    "tier_of",
]


@dataclass(frozen=True, slots=True, eq=False)
class ScoreResult:
    """Points by subject and scored day; by criterion too, after groups, caps and decay."""

    points: Ints  # (subjects, days)
    criterion_points: Ints  # (criteria, subjects, days)
    held: Flags  # (criteria, subjects, days)
    lookback: int  # days that the columns start earlier than the scored days


def score_columns(
    criteria: Sequence[Criterion],
    columns: Columns,
    *,
    lookback: int | None = None,
    shape: Shape | None = None,
) -> ScoreResult:
    """Score every subject on every day of the columns but the first `lookback` (else lookback_days) days.

    `shape` (subjects, days of the columns) is only needed when there are no columns at all.
    """
    needed = lookback_days(criteria)
    lookback = needed if lookback is None else lookback
    if lookback < needed:
        raise ValueError(f"The columns start {lookback} days early; decay needs {needed}.")
    subjects, days = shape or shape_of(columns)
    size = (len(criteria), subjects, days - lookback)
    paid, held = np.zeros(size, np.int32), np.zeros(size, np.bool_)
    for index, criterion in enumerate(criteria):
        paid[index], held[index] = _scored(criterion, columns, lookback, (subjects, days))
    _keep_best_of_groups(criteria, paid, held)
    return ScoreResult(paid.sum(axis=0, dtype=np.int32), paid, held, lookback)


def days_since_held(held: Flags) -> Longs:
    """Along the last axis: days since the rule held last, 0 when it holds, -1 when it never did."""
    days = np.arange(held.shape[-1])
    last = np.maximum.accumulate(np.where(held, days, -1), axis=-1)
    return np.where(last < 0, -1, days - last)


def _scored(criterion: Criterion, columns: Columns, lookback: int, shape: Shape) -> tuple[Ints, Flags]:
    """Points and whether the rule held, of one criterion on the scored days."""
    early = lookback - criterion.lookback
    used = {spec.key: _from_day(columns[spec.key], early) for spec in specs_of(criterion.rule)}
    # What is unknown earns nothing, also of negative points.
    held = evaluate(criterion.rule, used, shape=(shape[0], shape[1] - early)).true
    paid = _full_points(criterion, used, held)
    if criterion.half_life:
        paid = _decayed(paid, held, criterion.half_life, criterion.lookback)
    return paid[:, criterion.lookback :].astype(np.int32), held[:, criterion.lookback :]


def _from_day(column: Column, day: int) -> Column:
    return column.of(np.s_[:, day:])


def _full_points(criterion: Criterion, columns: Columns, held: Flags) -> Floats:
    multiplied = multiplied_of(criterion.rule) if criterion.cap is not None else None
    if multiplied is None:
        return np.where(held, float(criterion.points), 0.0)
    spec, threshold = multiplied
    # A hair added: 0.3 / 0.1 is a little below 3 in floating point, and three times must pay three times.
    times = np.floor(columns[spec.key].numbers / threshold + 1e-9)
    return np.where(held, np.minimum(criterion.points * np.maximum(times, 1), criterion.max_points), 0.0)


def _decayed(paid: Floats, held: Flags, half_life: int, lookback: int) -> Floats:
    """What is left of the points of the last day on which the rule held, rounded half up."""
    since = days_since_held(held)
    last = np.arange(held.shape[1]) - np.maximum(since, 0)
    left = np.take_along_axis(paid, last, axis=1) * 0.5 ** (since / half_life)
    return np.where((since >= 0) & (since <= lookback), np.floor(left + 0.5), 0.0)


def _keep_best_of_groups(criteria: Sequence[Criterion], paid: Ints, held: Flags) -> None:
    """Of the criteria of a group that pay, all but the best-paid (the first of equals) get nothing."""
    for group in {criterion.group for criterion in criteria if criterion.group}:
        members = [index for index, criterion in enumerate(criteria) if criterion.group == group]
        # A criterion that decays pays without holding: it competes in its group as well.
        paying = held[members] | (paid[members] != 0)
        # Of those that do not pay, none may win by its 0 against a criterion with negative points.
        offers = np.where(paying, paid[members], np.iinfo(np.int32).min)
        best = np.argmax(offers, axis=0)
        for place, index in enumerate(members):
            paid[index][best != place] = 0
