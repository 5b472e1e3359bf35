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

from plgcrm.common.sql import execute, int4s, jsons, queries, rows, texts
from signals.measures.frame import Longs
from signals.measures_load import AccountSelection, day_number, day_of
from signals.rules.points import specs_of_criteria
from signals.scoring.live import Live, LiveModel, live
from signals.scoring.measure import Measured, ScoredDays, holds, measure_accounts, measure_people, score
from signals.scoring.members import keep_sizes, member_changes, write_members
from signals.scoring.write import (
    ScoredAccounts,
    Scores,
    StoredStates,
    differing,
    lock_unmoved,
    state_prints,
    stored_states,
    write_scores,
    write_states,
)

SQL = queries("signals/sql/scoring.sql")
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


def score_dirty(now: datetime, *, limit: int = MARKS_AT_ONCE) -> RunCounts:
    """Score the accounts of up to `limit` touched marks. Safe to run twice and beside others of its kind."""
    with transaction.atomic():
        marks = rows(SQL["claim_marks"], [limit])
        touched = AccountSelection.some({account for (account,) in marks if account})
        if not touched.ids.size:
            return RunCounts(found=bool(marks))
        # Before usage is read: what somebody stores after this differs from it, and is scored again.
        stored = stored_states(touched.ids)
        return _write(_score(live(), touched, now), stored, now)


def sweep(now: datetime, *, progress: Callable[[int], object] | None = None) -> RunCounts:
    """Score every account, for what changes by time alone: windows that slide, points that decay."""
    total = RunCounts()
    for size, counts in _in_pairs(_ranges(), lambda selection: _sweep_range(selection, now)):
        total += counts
        if progress is not None:
            progress(size)
    keep_sizes(now)
    return total


def _ranges() -> list[AccountSelection]:
    ids = AccountSelection.all().ids
    starts = range(0, len(ids), ACCOUNTS_AT_ONCE)
    return [AccountSelection(ids[start : start + ACCOUNTS_AT_ONCE], is_range=True) for start in starts]


def _in_pairs(
    selections: list[AccountSelection], work: Callable[[AccountSelection], RunCounts]
) -> Iterator[tuple[int, RunCounts]]:
    """Two ranges at a time: while Postgres works on one, we work on the other. A single one is done right here."""

    def apart(selection: AccountSelection) -> RunCounts:
        try:
            return work(selection)
        finally:
            connection.close()  # the thread's own

    if len(selections) < 2:
        yield from ((len(selection.ids), work(selection)) for selection in selections)
        return
    with ThreadPoolExecutor(2, thread_name_prefix="sweep") as pool:
        yield from zip((len(selection.ids) for selection in selections), pool.map(apart, selections), strict=True)


@transaction.atomic
def _sweep_range(selection: AccountSelection, now: datetime) -> RunCounts:
    stored = stored_states(selection.ids)
    return _write(_score(live(), selection, now), stored, now)


def _score(current: Live, selection: AccountSelection, now: datetime) -> ScoredAccounts:
    days = ScoredDays.only(day_number(now), lookback=current.lookback)
    models = [model.kind for model in current.models]
    return scored(current, measure_accounts(selection, current.specs, days, current.vocabulary, models=models))


def scored(current: Live, measured: Measured) -> ScoredAccounts:
    """The triggers that follow from what was measured and scored. A what-if takes this way too."""
    # Triggers read today only, and the scores that were just made of it.
    today = measured.last_day()
    held = {trigger.slug: holds(trigger.rule, today, len(measured.ids)) for trigger in current.triggers}
    return ScoredAccounts(current, measured, today, measured.results, held)


def _write(scored: ScoredAccounts, stored: StoredStates, now: datetime) -> RunCounts:
    """Store what differs from before, with the moments it means."""
    prints = state_prints(scored)
    changed = differing(scored, stored, prints)
    # Nearly every account of a sweep is as it was: then not a row is locked or written.
    if not changed.size:
        return RunCounts(len(scored.ids), found=True)
    members = member_changes(scored, changed)
    chosen, triggers = lock_unmoved(scored, changed, stored)
    moments = _Moments(scored, now)
    for model in scored.live.models:
        _write_scores(scored, model, chosen, moments, now)
    since = _trigger_states(scored, chosen, triggers, moments, now)
    write_states(scored, chosen, prints, since, now)
    write_members(scored, members, chosen)
    _write_people(scored, chosen, now)
    return RunCounts(len(scored.ids), len(chosen), moments.store(), found=True)


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
    measured = measure_people(scored.measured, inside, specs_of_criteria(criteria), scored.live.vocabulary)
    result = score(criteria, measured)
    paid = np.flatnonzero(result.points[:, -1]).tolist()
    write_scores(Scores("person", measured, model, criteria, result), paid, now)
    kept: list[int] = measured.ids[paid].tolist()
    return kept
