"""The configuration that scores: live models, triggers, facts and signals, read once per change."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from zlib import crc32

from plgcrm.common.cache import Remembered
from plgcrm.common.sql import rows
from signals.facts import read_facts
from signals.measures.kinds import SEGMENT
from signals.measures.specs import Spec
from signals.models import Meaning, ScoringModelVersion, Segment, Trigger
from signals.rules.breakdowns import Memory
from signals.rules.derived import MODEL, Definitions, ModelRules, Source, in_order, lookback_of
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
class LiveSegment:
    """`digest` changes with its rule, with those it needs, and with what their words mean here."""

    id: int
    slug: str
    digest: int


@dataclass(frozen=True, slots=True)
class Live:
    version: tuple[int, int]
    models: tuple[LiveModel, ...]
    triggers: tuple[WatchedRule, ...]
    specs: tuple[Spec, ...]  # everything measured of an account in one run
    vocabulary: Vocabulary
    segments: tuple[LiveSegment, ...]  # in the order of ids
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
        segments=_segments(vocabulary),
        drifting=frozenset(spec.key for spec in wanted if spec.definition.grows_daily and spec not in shown),
    )


def _segments(vocabulary: Vocabulary) -> tuple[LiveSegment, ...]:
    paths = dict(Meaning.objects.values_list("slug", "paths"))
    return tuple(
        LiveSegment(pk, slug, _digest(slug, vocabulary, paths))
        for pk, slug in Segment.objects.order_by("pk").values_list("pk", "slug")
        if slug in vocabulary.segments
    )


def _digest(slug: str, vocabulary: Vocabulary, paths: Mapping[str, object]) -> int:
    """Never 0, which no row may have found."""
    definitions = vocabulary.definitions_of_rules
    needed = in_order([Source(SEGMENT, slug)], definitions)
    specs = [spec for source in needed for spec in definitions.specs(source)]
    traits = sorted({key for spec in specs for key in (*spec.attributes_needed(), *spec.traits_needed())})
    words = [(key, repr(vocabulary.meanings.get(key)), paths.get(key)) for key in traits]
    signals = sorted({(s, vocabulary.definitions.get(s)) for spec in specs for s in spec.signals_needed()}, key=str)
    # An import of older history tells more of the past without a word of the rule having changed.
    heard_since = min(vocabulary.since.values(), default=0)
    rules = [_rule_of(source, definitions) for source in needed]
    return crc32(repr([rules, words, signals, heard_since]).encode()) + 1


def _rule_of(source: Source, definitions: Definitions) -> object:
    return definitions.segments[source.slug] if source.what == SEGMENT else definitions.models[source.slug]


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
