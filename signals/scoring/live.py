"""The configuration that scores: live models, triggers, facts and signals, read once per change."""

from dataclasses import dataclass, field, replace

from plgcrm.common.cache import Remembered
from plgcrm.common.sql import rows
from signals.facts import read_facts
from signals.measures.specs import Spec
from signals.models import ScoringModelVersion, Trigger
from signals.rules.breakdowns import Memory
from signals.rules.derived import MODEL, ModelRules, Source, lookback_of
from signals.rules.points import Criterion, Tier, specs_of_criteria
from signals.rules.tree import Node, parse_rule, specs_of
from signals.scoring.measure import segment_spec
from signals.vocabulary.applied import Vocabulary, live_versions, model_rules, read_keys, read_vocabulary

Kind = str


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
        models = [Source(MODEL, model.kind) for model in self.models]
        return lookback_of(models, self.vocabulary.definitions_of_rules)


_LIVE = Remembered[Live](most=1)


def live() -> Live:
    """The current configuration: one cheap query, and a new reading when a version has changed."""
    # Asked each time, for another process may have published a moment ago.
    version = rows("SELECT signals_version, models_version FROM signals_configuration")[0]
    return _LIVE.get(lambda: _read(version), version)


def read_live() -> Live:
    """The configuration as this transaction sees it, remembered nowhere: for trying a change that nobody else sees."""
    current = _read(rows("SELECT signals_version, models_version FROM signals_configuration")[0])
    return replace(current, vocabulary=replace(current.vocabulary, keys=read_keys()))


def _read(version: tuple[int, int]) -> Live:
    models = tuple(_model(row) for row in live_versions())
    triggers = tuple(
        WatchedRule(trigger.pk, trigger.slug, parse_rule(trigger.rule))
        for trigger in Trigger.objects.filter(active=True).order_by("pk")
    )
    shown = {spec for model in models for spec in specs_of_criteria(model.criteria)}
    watched = {spec for trigger in triggers for spec in specs_of(trigger.rule)}
    # The same models for rules that read them as for scores, whatever is published between two reads.
    rules = {m.kind: ModelRules(m.criteria, m.tiers, m.threshold) for m in models}
    vocabulary = replace(read_vocabulary(), models=rules)
    segments = {segment_spec(slug) for slug in vocabulary.segments}
    # Facts are measured with the criteria, so that pages and messages read them from the state and count nothing.
    wanted = shown | watched | segments | {fact.spec for fact in read_facts().values()}
    return Live(
        version=version,
        models=models,
        triggers=triggers,
        specs=tuple(sorted(wanted, key=lambda spec: spec.key)),
        vocabulary=vocabulary,
        drifting=frozenset(spec.key for spec in wanted if spec.definition.grows_daily and spec not in shown),
    )


def _model(row: ScoringModelVersion) -> LiveModel:
    rules = model_rules(row)
    return LiveModel(
        kind=row.scoring_model.kind,
        model_id=row.scoring_model_id,
        version_id=row.pk,
        number=row.number,
        criteria=rules.criteria,
        tiers=rules.tiers,
        threshold=rules.threshold,
    )
