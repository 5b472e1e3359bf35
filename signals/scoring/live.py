"""The configuration that scores: live models, triggers, facts and signals, read once per change."""

from dataclasses import dataclass, field

from plgcrm.common.cache import Remembered
from plgcrm.common.sql import rows
from signals.facts import read_facts
from signals.measures.specs import Spec
from signals.models import ScoringModelVersion, Trigger
from signals.rules.breakdowns import Memory
from signals.rules.points import Criterion, Tier, lookback_days, parse_criteria, parse_tiers, specs_of_criteria
from signals.rules.tree import Node, parse_rule, specs_of
from signals.scoring.measure import segment_spec
from signals.vocabulary.applied import Vocabulary, read_vocabulary

Kind = str
DAYS_SINCE = ("age_days", "days_since_first", "days_since_last")  # each day one more, whatever happens


@dataclass(frozen=True, slots=True)
class LiveModel:
    kind: Kind
    model_id: int
    version_id: int
    number: int
    criteria: tuple[Criterion, ...]
    tiers: tuple[Tier, ...]
    threshold: int
    made: Memory = field(default_factory=dict, compare=False, repr=False)  # parts of breakdowns

    @property
    def of_people(self) -> tuple[Criterion, ...]:
        """The criteria that also say something of one person."""
        return tuple(criterion for criterion in self.criteria if criterion.person)


@dataclass(frozen=True, slots=True)
class WatchedRule:
    id: int
    slug: str
    rule: Node


@dataclass(frozen=True, slots=True)
class Live:
    version: tuple[int, int]
    models: tuple[LiveModel, ...]
    triggers: tuple[WatchedRule, ...]
    specs: tuple[Spec, ...]  # everything measured of an account in one run
    vocabulary: Vocabulary
    drifting: frozenset[str]  # measures that follow from the date alone and that no criterion shows

    @property
    def lookback(self) -> int:
        """Days before today that decaying points need to see."""
        return max((lookback_days(model.criteria) for model in self.models), default=0)


_LIVE = Remembered[Live](most=1)


def live() -> Live:
    """The current configuration: one cheap query, and a new reading when a version has changed."""
    # Asked each time, for another process may have published a moment ago.
    version = rows("SELECT signals_version, models_version FROM signals_configuration")[0]
    return _LIVE.get(lambda: _read(version), version)


def _read(version: tuple[int, int]) -> Live:
    models = tuple(_model(row) for row in _live_versions())
    triggers = tuple(
        WatchedRule(trigger.pk, trigger.slug, parse_rule(trigger.rule))
        for trigger in Trigger.objects.filter(active=True).order_by("pk")
    )
    shown = {spec for model in models for spec in specs_of_criteria(model.criteria)}
    watched = {spec for trigger in triggers for spec in specs_of(trigger.rule)}
    vocabulary = read_vocabulary()
    segments = {segment_spec(slug) for slug in vocabulary.segments}
    # Facts are measured with the criteria, so that pages and messages read them from the state and count nothing.
    wanted = shown | watched | segments | {fact.spec for fact in read_facts().values()}
    return Live(
        version=version,
        models=models,
        triggers=triggers,
        specs=tuple(sorted(wanted, key=lambda spec: spec.key)),
        vocabulary=vocabulary,
        drifting=frozenset(spec.key for spec in wanted if spec.kind in DAYS_SINCE and spec not in shown),
    )


def _live_versions() -> list[ScoringModelVersion]:
    chosen = ScoringModelVersion.objects.filter(state=ScoringModelVersion.State.LIVE)
    return list(chosen.select_related("scoring_model").order_by("scoring_model__position", "scoring_model__kind"))


def _model(row: ScoringModelVersion) -> LiveModel:
    return LiveModel(
        kind=row.scoring_model.kind,
        model_id=row.scoring_model_id,
        version_id=row.pk,
        number=row.number,
        criteria=tuple(parse_criteria(row.criteria)),
        tiers=tuple(parse_tiers(row.tiers)),
        threshold=row.threshold,
    )
