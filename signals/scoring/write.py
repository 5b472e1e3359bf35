"""Rows of scores, of accounts and of people, and of account states: written only where they differ from before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import numpy as np

from plgcrm.common.sql import execute, int4s, int8s, jsons, queries, rows, texts
from signals.facts import AT_LEAST, stored_name
from signals.measures.frame import Column, Flags, Ints, Longs
from signals.measures_load import day_of
from signals.rules.breakdowns import stored_breakdowns
from signals.rules.evaluate import seen_values
from signals.rules.points import Criterion, ScoreResult, lookback_days, specs_of_criteria, tier_of
from signals.scoring.fingerprints import fingerprints
from signals.scoring.live import Live, LiveModel
from signals.scoring.measure import Measured

SQL = queries("signals/sql/scoring.sql")
FORM = 3  # of the stored breakdown: another number has all scores written again
encode = msgspec.json.encode

# What was stored of the accounts of a run before it read anything: fingerprint and day.
StoredStates = Mapping[int, tuple[int, int]]
NO_STATE = (0, 0)


@dataclass(frozen=True, slots=True)
class Scores:
    """What one model gives some subjects as of one day, and what it follows from."""

    of: str  # account or person
    measured: Measured
    model: LiveModel
    criteria: Sequence[Criterion]
    result: ScoreResult

    @property
    def ids(self) -> Ints:
        return self.measured.ids

    @property
    def as_of(self) -> int:
        return self.measured.days.last

    def points(self, places: Sequence[int]) -> list[int]:
        points: list[int] = self.result.points[list(places), -1].tolist()
        return points

    def tiers(self, places: Sequence[int]) -> list[str]:
        return [tier_of(points, self.model.tiers).slug for points in self.points(places)]


@dataclass(frozen=True, slots=True, eq=False)
class ScoredAccounts:
    """The accounts of one run with all that was found out about them, as of one day."""

    live: Live
    measured: Measured
    today: Mapping[str, Column]  # the last day only, with the scores themselves
    results: Mapping[str, ScoreResult]
    held: Mapping[str, Flags]  # trigger -> which accounts

    @property
    def ids(self) -> Ints:
        return self.measured.ids

    @property
    def as_of(self) -> int:
        return self.measured.days.last

    def points(self, kind: str) -> Ints:
        return self.results[kind].points[:, -1]

    def scores(self, model: LiveModel) -> Scores:
        return Scores("account", self.measured, model, model.criteria, self.results[model.kind])


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
    shown = {spec.key: scores.measured.columns[spec.key] for spec in specs_of_criteria(scores.criteria)}
    last = {key: column.last_day() for key, column in shown.items()}
    day = scores.as_of if lookback_days(scores.criteria) else 0  # what decays is told again every day
    return fingerprints(len(scores.ids), last, {}, [scores.model.version_id, FORM, -day])


def _params(scores: Scores, places: Sequence[int], digests: Longs, now: datetime) -> dict[str, Any]:
    points = scores.points(places)
    made = scores.model.made
    breakdowns = stored_breakdowns(scores.criteria, scores.result, scores.measured.columns, places, 0, made)
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


def stored_states(ids: Ints) -> StoredStates:
    """What stands of these accounts now. Read before their usage is."""
    return {account: (print_, day) for account, print_, day in rows(SQL["states"], [int4s(ids.tolist())])}


def state_prints(scored: ScoredAccounts) -> Longs:
    """A fingerprint of each account. Days since something are taken as the day it was, which no new date moves."""
    columns = dict(scored.today)
    # A changed rule is looked at again for everybody: since when they are in the segment may have changed alone.
    versions = [m.version_id for m in scored.live.models] + [s.digest for s in scored.live.segments]
    for key in scored.live.drifting & columns.keys():
        columns[key] = Column(scored.as_of - columns[key].numbers)
    return fingerprints(len(scored.ids), columns, scored.held, versions)


def differing(scored: ScoredAccounts, stored: StoredStates, prints: Longs) -> Longs:
    """The places of accounts to be written again.

    Where a trigger is true somebody may read a sentence about the account, so there a new date is a change.
    """
    known = [stored.get(account, NO_STATE) for account in scored.ids.tolist()]
    before = np.array(known, np.int64).reshape(-1, 2)
    watched = np.zeros(len(scored.ids), np.bool_)
    for held in scored.held.values():
        watched |= held
    return np.flatnonzero((prints != before[:, 0]) | (watched & (before[:, 1] != scored.as_of)))


def lock_unmoved(
    scored: ScoredAccounts, changed: Longs, stored: StoredStates
) -> tuple[Longs, dict[int, dict[str, str]]]:
    """Lock the states; leave out, and have scored again, those that somebody else wrote since we began to read.

    Gives the places of the others, and since when each trigger was true for them.
    """
    ids = scored.ids[changed].tolist()
    locked = rows(SQL["lock_states"], {"ids": ids})
    triggers = {account: dict(held) for account, print_, held in locked if print_ == stored.get(account, NO_STATE)[0]}
    if moved := sorted(set(ids) - triggers.keys()):
        execute(SQL["mark_again"], [int4s(moved)])
    # The other writer may have read before our events came in: only a fresh look at both is sure to be right.
    return changed[[i in triggers for i in ids]], triggers


def write_states(
    scored: ScoredAccounts, chosen: Longs, prints: Longs, since: list[dict[str, str]], now: datetime
) -> None:
    """Write what was measured of the accounts at these places, and since when each trigger is true. Locked before."""
    params = {
        "as_of": day_of(scored.as_of),
        "now": now,
        "ids": int4s(scored.ids[chosen].tolist()),
        "measures": jsons([encode(measures) for measures in measured_values(scored.today, chosen)]),
        "triggers": jsons([encode(state) for state in since]),
        "fingerprints": int8s(prints[chosen].tolist()),
    }
    execute(SQL["set_states"], params)


def measured_values(today: Mapping[str, Column], chosen: Longs) -> list[dict[str, Any]]:
    """What was measured of each account, unknown values left out; scores under their short names. Under AT_LEAST the
    names of numbers that are only lower bounds."""
    found: list[dict[str, Any]] = [{} for _ in chosen]
    for key, column in today.items():
        name = stored_name(key)
        picked = column.of(chosen)
        for measures, value in zip(found, seen_values(picked), strict=True):
            if value is not None:
                measures[name] = value
        if picked.at_least is not None:
            for place in np.flatnonzero(picked.at_least[:, 0] & ~np.isnan(picked.numbers[:, 0])).tolist():
                found[place].setdefault(AT_LEAST, []).append(name)
    return found
