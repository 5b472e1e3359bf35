"""Rows of Score, of accounts and of people: written only where what they follow from has changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from plgcrm.common.sql import execute, int4s, int8s, jsons, queries, rows, texts
from signals.measures.frame import Column, Ints, Longs
from signals.measures_load import day_of
from signals.rules.breakdowns import stored_breakdowns
from signals.rules.points import Criterion, ScoreResult, lookback_days, specs_of_criteria, tier_of
from signals.scoring.fingerprints import fingerprints
from signals.scoring.live import Live, LiveModel

SQL = queries("signals/sql/scoring.sql")
FORM = 2  # of the stored breakdown: another number has all scores written anew


@dataclass(frozen=True, slots=True)
class Scores:
    """What one model gives some subjects as of one day, and what it follows from."""

    of: str  # account or person
    ids: Ints
    live: Live
    model: LiveModel
    criteria: Sequence[Criterion]
    columns: Mapping[str, Column]  # with the days before, where points decay
    result: ScoreResult
    as_of: int

    def points(self, places: Sequence[int]) -> list[int]:
        points: list[int] = self.result.points[list(places), -1].tolist()
        return points

    def tiers(self, places: Sequence[int]) -> list[str]:
        return [tier_of(points, self.model.tiers).slug for points in self.points(places)]


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A score that was written: where its subject stands among the ids, and its tier before, if it had one."""

    place: int
    tier_before: str | None


def write_scores(scores: Scores, places: Sequence[int], now: datetime) -> list[Rewritten]:
    """Write the scores of the subjects at these places, as far as they differ from what stands."""
    digests = digests_of(scores)
    ids = scores.ids[list(places)].tolist()
    params = {"ids": int4s(ids), "model": scores.model.model_id}
    stored = {row[0]: row[1:] for row in rows(SQL[f"{scores.of}_scores"], params)}
    found = zip(places, ids, digests[list(places)].tolist(), strict=True)
    written = [
        Rewritten(place, tier)
        for place, subject, digest in found
        for before, tier in (stored.get(subject, (0, None)),)
        if before != digest
    ]
    # What is the same is not written: an unchanged row costs no dead tuple and keeps its changed_at.
    if written:
        execute(SQL[f"set_{scores.of}_scores"], _params(scores, [row.place for row in written], digests, now))
    return written


def digests_of(scores: Scores) -> Longs:
    """For each subject a number that differs when points or breakdown do: everything they follow from is in it."""
    # Only what the breakdown prints: measures that no criterion asks for change no score.
    shown = {spec.key: scores.columns[spec.key] for spec in specs_of_criteria(scores.criteria)}
    last = {key: column.last_day() for key, column in shown.items()}
    day = scores.as_of if lookback_days(scores.criteria) else 0  # what decays is told anew every day
    return fingerprints(len(scores.ids), last, {}, [scores.model.version_id, FORM, -day])


def _params(scores: Scores, places: Sequence[int], digests: Longs, now: datetime) -> dict[str, Any]:
    points = scores.points(places)
    made = scores.model.made
    breakdowns = stored_breakdowns(scores.criteria, scores.result, scores.columns, places, 0, made)
    return {
        "model": scores.model.model_id,
        "version": scores.model.version_id,
        "as_of": day_of(scores.as_of),
        "now": now,
        "ids": int4s(scores.ids[list(places)].tolist()),
        "points": int4s(points),
        "tiers": texts(scores.tiers(places)),
        "qualified": [p >= scores.model.threshold for p in points],
        "breakdowns": jsons(breakdowns),
        "digests": int8s(digests[list(places)].tolist()),
    }
