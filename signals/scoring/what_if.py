"""What an admin sees while editing: the effect of a model's version if it were live now, and whom a rule holds for.

All accounts are measured at once and not in ranges: an admin waits for one answer, and nothing is written.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np

from accounts.models import Account
from plgcrm.common.sql import queries, rows
from signals.measures.frame import Column
from signals.measures.specs import Spec
from signals.measures_load import AccountSelection, day_number
from signals.models import ScoringModelVersion
from signals.rules.derived import MODEL, Definitions, in_order, sources_in
from signals.rules.points import (
    Criterion,
    ScoreResult,
    lookback_days,
    parse_criteria,
    parse_tiers,
    specs_of_criteria,
    tier_of,
)
from signals.rules.tree import parse_rule, specs_of
from signals.scoring.live import live
from signals.scoring.measure import Measured, ScoredDays, holds, measure_accounts, score

SQL = queries("signals/sql/scoring.sql")
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
class Match:
    """How many accounts a rule holds for, of how many, and some of them by id."""

    count: int
    total: int
    accounts: list[int]


@dataclass(frozen=True, slots=True)
class _StoredScore:
    points: int
    tier: str
    qualified: bool


_NO_SCORE = _StoredScore(0, "", False)


def effect_of(version: ScoringModelVersion, *, now: datetime) -> Effect:
    """Score all accounts by this version as of now, and compare with the scores that stand. Writes nothing."""
    criteria = parse_criteria(version.criteria)
    days = ScoredDays.only(day_number(now), lookback=lookback_days(criteria))
    measured = measure_accounts(AccountSelection.all(), specs_of_criteria(criteria), days, live().vocabulary)
    result = score(criteria, measured)
    points = dict(zip(measured.ids.tolist(), result.points[:, -1].tolist(), strict=True))
    stored = _stored_scores(version.scoring_model.kind)
    before = {account for account, scored in stored.items() if scored.qualified}
    after = {account for account, scored in points.items() if scored >= version.threshold}
    return Effect(
        total=len(points),
        qualified_now=len(before),
        would_qualify=len(after),
        coming=_movers(after - before, points, stored),
        going=_movers(before - after, points, stored),
        coming_count=len(after - before),
        going_count=len(before - after),
        tiers=_tiers(version, points, stored),
        criteria=_held(criteria, result),
    )


def matching_accounts(rule: Any, *, now: datetime, limit: int = 0) -> Match:
    """For how many accounts a rule (JSON) holds as of now. Raises RuleError where it cannot be read."""
    node = parse_rule(rule)
    measured = measure_all(specs_of(node), now)
    held = measured.ids[holds(node, measured.columns, len(measured.ids))]
    return Match(len(held), len(measured.ids), held[:limit].tolist())


def measure_all(specs: Sequence[Spec], now: datetime) -> Measured:
    """All accounts as of now, by the measures of a rule."""
    vocabulary, chosen = live().vocabulary, AccountSelection.all()
    ids = chosen.ids.tolist()
    # What models say is read as stored: scoring all accounts would be too much for one preview.
    stored = {spec.key: _stored_column(spec, ids) for spec in _of_models(specs, vocabulary.definitions_of_rules)}
    days = ScoredDays.only(day_number(now))
    return measure_accounts(chosen, specs, days, replace(vocabulary, models={}), given=stored)


def _stored_scores(kind: str) -> dict[int, _StoredScore]:
    return {account: _StoredScore(*score) for account, *score in rows(SQL["scores_of_model"], [kind])}


def _of_models(specs: Iterable[Spec], definitions: Definitions) -> list[Spec]:
    """What these measures ask of models, themselves and through segments."""
    segments = [source for source in sources_in(specs) if source.what != MODEL]
    ordered = in_order(segments, Definitions(definitions.segments))
    asked = [*specs, *(spec for source in ordered for spec in definitions.specs(source))]
    return [spec for spec in asked if spec.model]


def _stored_column(spec: Spec, ids: list[int]) -> Column:
    """Points, tiers or qualifications as they were stored last; unknown of an account that was never scored."""
    stored = _stored_scores(spec.model or "")
    seen = [stored.get(account) for account in ids]
    if spec.kind == "tier":
        vocabulary = tuple(sorted({each.tier for each in seen if each}))
        texts = np.array([vocabulary.index(each.tier) if each else -1 for each in seen], np.int32)[:, None]
        return Column(np.full(texts.shape, np.nan), texts, vocabulary)
    of_all = spec.kind == "points"
    values = [np.nan if each is None else float(each.points if of_all else each.qualified) for each in seen]
    return Column(np.array(values, np.float64)[:, None])


def _movers(chosen: set[int], points: dict[int, int], stored: Mapping[int, _StoredScore]) -> list[Mover]:
    """Those with the most points first, by name."""
    first = sorted(chosen, key=lambda account: (-points.get(account, 0), account))[:NAMED]
    names = dict(Account.objects.filter(pk__in=first).values_list("pk", "name"))
    return [
        Mover(account, names.get(account, ""), stored.get(account, _NO_SCORE).points, points.get(account, 0))
        for account in first
    ]


def _tiers(
    version: ScoringModelVersion, points: Mapping[int, int], stored: Mapping[int, _StoredScore]
) -> list[TierChange]:
    tiers = parse_tiers(version.tiers)
    would = [tier_of(scored, tiers).slug for scored in points.values()]
    now = [scored.tier for scored in stored.values()]
    return [TierChange(tier.name, tier.start, now.count(tier.slug), would.count(tier.slug)) for tier in tiers]


def _held(criteria: tuple[Criterion, ...], result: ScoreResult) -> list[CriterionEffect]:
    held = result.held[:, :, -1].sum(axis=1).tolist()
    return [CriterionEffect(c.slug, c.name, count) for c, count in zip(criteria, held, strict=True)]
