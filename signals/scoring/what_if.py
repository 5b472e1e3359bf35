"""What a version of a model would do if it were live now: who would come in, who would go, what each criterion pays."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from accounts.models import Account
from plgcrm.common.sql import rows
from signals.measures.engine import measure_columns
from signals.measures.frame import Ints
from signals.measures_load import AccountSelection, Need, day_number, load_accounts
from signals.models import ScoringModelVersion
from signals.rules.points import (
    Criterion,
    ScoreResult,
    lookback_days,
    parse_criteria,
    parse_tiers,
    score_columns,
    specs_of_criteria,
    tier_of,
)
from signals.scoring.live import is_scored, live

NAMED = 6


@dataclass(frozen=True, slots=True)
class Mover:
    """An account that would change sides, with its points before and after."""

    account_id: int
    name: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class TierChange:
    name: str
    start: int
    now: int
    would: int


@dataclass(frozen=True, slots=True)
class CriterionEffect:
    slug: str
    name: str
    held: int  # accounts for which its rule holds now


@dataclass(frozen=True, slots=True)
class Effect:
    total: int
    qualified_now: int
    would_qualify: int
    coming: list[Mover]
    going: list[Mover]
    coming_count: int
    going_count: int
    tiers: list[TierChange]
    criteria: list[CriterionEffect]

    @property
    def staying(self) -> int:
        return self.qualified_now - self.going_count


@dataclass(frozen=True, slots=True)
class _StoredScore:
    points: int
    tier: str
    qualified: bool


def effect_of(version: ScoringModelVersion, *, now: datetime) -> Effect:
    """Score all accounts by this version as of now, and compare with the scores that stand. Writes nothing."""
    criteria = parse_criteria(version.criteria)
    ids = np.array([row[0] for row in rows("SELECT id FROM accounts_account ORDER BY id")], np.int32)
    result = _scored(criteria, ids, day_number(now))
    points = dict(zip(ids.tolist(), result.points[:, -1].tolist(), strict=True))
    stored = _stored_now(version.scoring_model_id)
    before = {account for account, score in stored.items() if score.qualified}
    after = {account for account, scored in points.items() if scored >= version.threshold}
    return Effect(
        total=len(ids),
        qualified_now=len(before),
        would_qualify=len(after),
        coming=_movers(after - before, points, stored),
        going=_movers(before - after, points, stored),
        coming_count=len(after - before),
        going_count=len(before - after),
        tiers=_tiers(version, points, stored),
        criteria=_held(criteria, result),
    )


def _scored(criteria: tuple[Criterion, ...], ids: Ints, today: int) -> ScoreResult:
    lookback = lookback_days(criteria)
    shape = (len(ids), lookback + 1)
    # A fresh install has no accounts yet, and its admin looks at this page first.
    if not ids.size:
        return score_columns((), {}, lookback=0, shape=(0, 1))
    specs = [spec for spec in specs_of_criteria(criteria) if not is_scored(spec)]
    need = Need.of(specs, today - lookback)
    # All at once and not in ranges: an admin waits for one answer, and nothing is written.
    frame = load_accounts(AccountSelection(ids, is_range=True), need, live().definitions)
    columns = measure_columns(frame, specs, today - lookback, today)
    return score_columns(criteria, columns, lookback=lookback, shape=shape)


def _stored_now(model_id: int) -> dict[int, _StoredScore]:
    found = rows(
        "SELECT account_id, points, tier, qualified FROM signals_score"
        " WHERE scoring_model_id = %s AND account_id IS NOT NULL",
        [model_id],
    )
    return {account: _StoredScore(points, tier, qualified) for account, points, tier, qualified in found}


def _movers(chosen: set[int], points: dict[int, int], stored: dict[int, _StoredScore]) -> list[Mover]:
    """Those with the most points first, by name."""
    first = sorted(chosen, key=lambda account: (-points.get(account, 0), account))[:NAMED]
    names = dict(Account.objects.filter(pk__in=first).values_list("pk", "name"))
    nothing = _StoredScore(0, "", False)
    return [
        Mover(account, names.get(account, ""), stored.get(account, nothing).points, points.get(account, 0))
        for account in first
    ]


def _tiers(version: ScoringModelVersion, points: dict[int, int], stored: dict[int, _StoredScore]) -> list[TierChange]:
    tiers = parse_tiers(version.tiers)
    would = [tier_of(scored, tiers).slug for scored in points.values()]
    now = [score.tier for score in stored.values()]
    return [TierChange(tier.name, tier.start, now.count(tier.slug), would.count(tier.slug)) for tier in tiers]


def _held(criteria: tuple[Criterion, ...], result: ScoreResult) -> list[CriterionEffect]:
    if not result.held.size:
        return [CriterionEffect(criterion.slug, criterion.name, 0) for criterion in criteria]
    held = result.held[:, :, -1].sum(axis=1).tolist()
    return [CriterionEffect(c.slug, c.name, count) for c, count in zip(criteria, held, strict=True)]
