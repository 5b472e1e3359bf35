"""Points, tiers and moments: of the accounts just touched, and of all accounts once a night.

One run: read usage, measure, score, compare with what stands, write what differs. Two runs over the same account
at the same time are told apart by the state's fingerprint: the later writer sees that it moved, and has the
account scored again. Days since something are kept as of the day they were counted: a new date alone writes nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

import msgspec
import numpy as np
from django.db import connection, transaction

from plgcrm.common.sql import execute, int4s, int8s, jsons, queries, rows, texts
from signals.measures.engine import measure_columns
from signals.measures.frame import Column, Flags, Frame, Ints, Longs
from signals.measures_load import AccountSelection, Need, day_number, day_of, load_accounts, load_people
from signals.rules.evaluate import evaluate, seen_values
from signals.rules.points import ScoreResult, score_columns, specs_of_criteria
from signals.scoring.fingerprints import fingerprints
from signals.scoring.live import Live, LiveModel, live, score_spec
from signals.scoring.write import Scores, write_scores

SQL = queries("signals/sql/scoring.sql")
LOAD = queries("signals/sql/measures_load.sql")
MARKS_AT_ONCE = 50  # of batches, each of up to a thousand accounts
ACCOUNTS_AT_ONCE = 25_000  # of a sweep
encode = msgspec.json.encode


@dataclass(slots=True)
class RunCounts:
    """What a run did."""

    accounts: int = 0
    changed: int = 0
    moments: int = 0
    found: bool = False  # whether there was anything to look at: also marks of people who count for nobody

    def __add__(self, other: "RunCounts") -> "RunCounts":
        return RunCounts(
            self.accounts + other.accounts,
            self.changed + other.changed,
            self.moments + other.moments,
            self.found or other.found,
        )


@dataclass(frozen=True, slots=True)
class ScoredAccounts:
    """The accounts of one run with all that was found out about them, as of one day."""

    live: Live
    ids: Ints
    as_of: int
    frame: Frame
    columns: Mapping[str, Column]  # with the days before, where points decay
    today: Mapping[str, Column]  # the last day only, with the scores themselves
    results: Mapping[str, ScoreResult]
    held: Mapping[str, Flags]  # trigger -> which accounts

    def points(self, kind: str) -> Ints:
        return self.results[kind].points[:, -1]

    def scores(self, model: LiveModel) -> Scores:
        result = self.results[model.kind]
        return Scores("account", self.ids, self.live, model, model.criteria, self.columns, result, self.as_of)


# What was stored of the accounts of a run before it read anything: fingerprint and day.
Stored = Mapping[int, tuple[int, int]]
NO_STATE = (0, 0)


def score_dirty(now: datetime, *, limit: int = MARKS_AT_ONCE) -> RunCounts:
    """Score the accounts of up to `limit` touched marks. Safe to run twice and beside others of its kind."""
    with transaction.atomic():
        marks = rows(SQL["claim_marks"], [limit])
        touched = AccountSelection.some({account for (account,) in marks if account})
        if not touched.ids.size:
            return RunCounts(found=bool(marks))
        # Before usage is read: what somebody stores after this differs from it, and is scored again.
        stored = _stored_now(touched.ids)
        return _write(_score(live(), touched, now), stored, now)


def sweep(now: datetime, *, progress: Callable[[int], object] | None = None) -> RunCounts:
    """Score every account, for what changes by time alone: windows that slide, points that decay."""
    total = RunCounts()
    for size, counts in _in_pairs(_ranges(), lambda scope: _sweep_range(scope, now)):
        total += counts
        if progress is not None:
            progress(size)
    return total


def _ranges() -> list[AccountSelection]:
    ids = np.array([row[0] for row in rows(LOAD["account_ids"])], np.int32)
    starts = range(0, len(ids), ACCOUNTS_AT_ONCE)
    return [AccountSelection(ids[start : start + ACCOUNTS_AT_ONCE], is_range=True) for start in starts]


def _in_pairs(
    scopes: list[AccountSelection], work: Callable[[AccountSelection], RunCounts]
) -> Iterator[tuple[int, RunCounts]]:
    """Two ranges at a time: while Postgres works on one, we work on the other. A single one is done right here."""

    def apart(scope: AccountSelection) -> RunCounts:
        try:
            return work(scope)
        finally:
            connection.close()  # the thread's own

    if len(scopes) < 2:
        yield from ((len(scope.ids), work(scope)) for scope in scopes)
        return
    with ThreadPoolExecutor(2, thread_name_prefix="sweep") as pool:
        yield from zip((len(scope.ids) for scope in scopes), pool.map(apart, scopes), strict=True)


@transaction.atomic
def _sweep_range(scope: AccountSelection, now: datetime) -> RunCounts:
    stored = _stored_now(scope.ids)
    return _write(_score(live(), scope, now), stored, now)


def _stored_now(ids: Ints) -> Stored:
    return {account: (print_, day) for account, print_, day in rows(SQL["states"], [int4s(ids.tolist())])}


def _score(current: Live, scope: AccountSelection, now: datetime) -> ScoredAccounts:
    today = day_number(now)
    first = today - current.lookback
    need = Need.of(current.specs, first)
    return score_frame(current, scope.ids, load_accounts(scope, need, current.definitions), first, today)


def score_frame(current: Live, ids: Ints, frame: Frame, first: int, today: int) -> ScoredAccounts:
    """Measure and score a frame as of `today`; its days start at `first` so that points can decay. Pure."""
    columns = measure_columns(frame, current.specs, first, today)
    shape = (frame.subjects, today - first + 1)
    lookback = today - first
    results = {m.kind: score_columns(m.criteria, columns, lookback=lookback, shape=shape) for m in current.models}
    # Triggers read today only, and the scores that were just made of it.
    last = {key: column.last_day() for key, column in columns.items()}
    for model in current.models:
        last |= _score_columns(model, results[model.kind])
    held = {t.slug: evaluate(t.rule, last, shape=(frame.subjects, 1))[:, 0] for t in current.triggers}
    return ScoredAccounts(current, ids, today, frame, columns, last, results, held)


def _score_columns(model: LiveModel, result: ScoreResult) -> dict[str, Column]:
    points = result.points[:, -1:].astype(np.float64)
    tiers = tuple(tier.slug for tier in model.tiers)
    starts = np.array([tier.start for tier in model.tiers])
    # Points below 0 take the lowest tier, as `tier_of` has it.
    place = np.clip(np.searchsorted(starts, points, side="right") - 1, 0, None).astype(np.int32)
    return {
        score_spec("score", model.kind).key: Column(points),
        score_spec("qualified", model.kind).key: Column((points >= model.threshold).astype(np.float64)),
        score_spec("tier", model.kind).key: Column(np.full(points.shape, np.nan), place, tiers),
    }


def _write(scored: ScoredAccounts, stored: Stored, now: datetime) -> RunCounts:
    """Store what differs from before, with the moments it means."""
    prints = _prints(scored)
    changed = _differing(scored, stored, prints)
    # Nearly every account of a sweep is as it was: then not a row is locked or written.
    if not changed.size:
        return RunCounts(len(scored.ids))
    chosen, triggers = _still_current(scored, changed, stored)
    moments = _Moments(scored, now)
    for model in scored.live.models:
        _write_scores(scored, model, chosen, moments, now)
    since = _trigger_states(scored, chosen, triggers, moments, now)
    _write_states(scored, chosen, prints, since, now)
    _write_people(scored, chosen, now)
    return RunCounts(len(scored.ids), len(chosen), moments.store())


def _prints(scored: ScoredAccounts) -> Longs:
    """Days since something are taken as the day it was: they do not change by themselves."""
    columns = dict(scored.today)
    for key in scored.live.drifting & columns.keys():
        columns[key] = Column(scored.as_of - columns[key].numbers)
    return fingerprints(len(scored.ids), columns, scored.held, [m.version_id for m in scored.live.models])


def _differing(scored: ScoredAccounts, stored: Stored, prints: Longs) -> Longs:
    """The places of accounts to be written anew.

    Where a trigger is true somebody may read a sentence about the account, so there a new date is a change.
    """
    known = [stored.get(account, NO_STATE) for account in scored.ids.tolist()]
    before = np.array(known, np.int64).reshape(-1, 2)
    watched = np.zeros(len(scored.ids), np.bool_)
    for held in scored.held.values():
        watched |= held
    return np.flatnonzero((prints != before[:, 0]) | (watched & (before[:, 1] != scored.as_of)))


def _still_current(scored: ScoredAccounts, changed: Longs, stored: Stored) -> tuple[Longs, dict[int, dict[str, str]]]:
    """Lock the states; leave out, and have scored again, those that somebody else wrote since we began to read."""
    ids = scored.ids[changed].tolist()
    locked = rows(SQL["lock_states"], {"ids": ids})
    triggers = {account: dict(held) for account, print_, held in locked if print_ == stored.get(account, NO_STATE)[0]}
    if moved := sorted(set(ids) - triggers.keys()):
        execute(SQL["mark_again"], [int4s(moved)])
    # The other writer may have read before our events came in: only a fresh look at both is sure to be right.
    return changed[[i in triggers for i in ids]], triggers


class _Moments:
    """Collects the moments of a run."""

    def __init__(self, scored: ScoredAccounts, now: datetime) -> None:
        self.now = now
        self.day = day_of(scored.as_of).isoformat()
        self.found: list[tuple[str, str, int, int, bytes]] = []

    def crossed(self, model: LiveModel, account: int, before: str, tier: str, points: int) -> None:
        facts = {"model": model.kind, "from": before, "to": tier, "points": points, "version": model.number}
        # By day, not by instant: a run that is repeated finds its moment there and adds no second one.
        cause = f"{model.kind}:{account}:{before}>{tier}:{self.day}"
        self.found.append(("tier", cause, account, 0, encode(facts)))

    def triggered(self, trigger_id: int, slug: str, account: int) -> None:
        cause = f"{slug}:{account}:{self.now.isoformat()}"
        self.found.append(("trigger", cause, account, trigger_id, encode({"trigger": slug})))

    def store(self) -> int:
        if not self.found:
            return 0
        kinds, causes, accounts, triggers, facts = zip(*self.found, strict=True)
        params = {"kinds": texts(kinds), "causes": texts(causes), "accounts": int4s(accounts)}
        return execute(
            SQL["add_moments"], params | {"triggers": int4s(triggers), "facts": jsons(facts), "now": self.now}
        )


def _write_scores(scored: ScoredAccounts, model: LiveModel, chosen: Longs, moments: _Moments, now: datetime) -> None:
    scores = scored.scores(model)
    written = write_scores(scores, chosen.tolist(), now)
    places = [row.place for row in written]
    lowest = model.tiers[0].slug
    for row, tier, points in zip(written, scores.tiers(places), scores.points(places), strict=True):
        # Who never had a score crossed nothing by landing in the lowest tier.
        before = row.tier_before or lowest
        if before != tier:
            moments.crossed(model, int(scored.ids[row.place]), before, tier, points)


def _trigger_states(
    scored: ScoredAccounts, chosen: Longs, before: Mapping[int, dict[str, str]], moments: _Moments, now: datetime
) -> list[dict[str, str]]:
    """Since when each trigger is true for each account; those that just became true are moments."""
    states: list[dict[str, str]] = []
    for place in chosen.tolist():
        account = int(scored.ids[place])
        state = {}
        for trigger in scored.live.triggers:
            if not scored.held[trigger.slug][place]:
                continue
            since = before[account].get(trigger.slug)
            if since is None:
                moments.triggered(trigger.id, trigger.slug, account)
            state[trigger.slug] = since or now.isoformat()
        states.append(state)
    return states


def _write_states(
    scored: ScoredAccounts, chosen: Longs, prints: Longs, since: list[dict[str, str]], now: datetime
) -> None:
    values = _values(scored.today, chosen)
    params = {
        "as_of": day_of(scored.as_of),
        "now": now,
        "ids": int4s(scored.ids[chosen].tolist()),
        "measures": jsons([encode(measures) for measures in values]),
        "triggers": jsons([encode(state) for state in since]),
        "fingerprints": int8s(prints[chosen].tolist()),
    }
    execute(SQL["set_states"], params)


def _values(today: Mapping[str, Column], chosen: Longs) -> list[dict[str, float | str]]:
    """What was measured of each account, unknown values left out; scores under their short names."""
    found: list[dict[str, float | str]] = [{} for _ in chosen]
    for key, column in today.items():
        name = _short(key)
        picked = Column(
            column.numbers[chosen], None if column.texts is None else column.texts[chosen], column.vocabulary
        )
        for measures, value in zip(found, seen_values(picked), strict=True):
            if value is not None:
                measures[name] = value
    return found


def _short(key: str) -> str:
    """attribute:score.pql:latest is kept as score.pql, which is what people look for."""
    parts = key.split(":")
    scored = parts[0] == "attribute" and parts[1].partition(".")[0] in {"score", "tier", "qualified"}
    return parts[1] if scored else key


def _write_people(scored: ScoredAccounts, chosen: Longs, now: datetime) -> None:
    """People inside qualified accounts, by the criteria that say something of one person."""
    model = next((m for m in scored.live.models if m.of_people), None)
    if model is None:
        return
    qualified = np.zeros(len(scored.ids), np.bool_)
    for each in scored.live.models:
        qualified |= scored.points(each.kind) >= each.threshold
    inside = chosen[qualified[chosen]]
    kept = _score_people(scored, model, inside, now) if inside.size else []
    known = {row[0] for row in rows(SQL["scored_people"], [int4s(scored.ids[chosen].tolist())])}
    # Their account no longer qualifies, or they were merged into somebody else: no score may be left behind.
    if gone := known.difference(kept):
        execute(SQL["drop_person_scores"], [int4s(sorted(gone))])


def _score_people(scored: ScoredAccounts, model: LiveModel, inside: Longs, now: datetime) -> list[int]:
    """Those of the accounts at these places; the ids of all who have points."""
    criteria = model.of_people
    specs = specs_of_criteria(criteria)
    first = scored.as_of - scored.live.lookback
    people, frame = load_people(scored.frame, inside, Need.of(specs, first))
    columns = measure_columns(frame, list(specs), first, scored.as_of)
    shape = (frame.subjects, scored.as_of - first + 1)
    result = score_columns(criteria, columns, lookback=scored.live.lookback, shape=shape)
    paid = np.flatnonzero(result.points[:, -1]).tolist()
    scores = Scores("person", people, scored.live, model, criteria, columns, result, scored.as_of)
    write_scores(scores, paid, now)
    kept: list[int] = people[paid].tolist()
    return kept
