"""What follows from measures once they are taken: segments and scoring models, which may read each other.

Each is worked out after what it reads. A model whose criteria fade looks back some days, and so needs what it reads
as of those days too.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from signals.measures.checks import InputError
from signals.measures.frame import Column
from signals.measures.kinds import SEGMENT
from signals.measures.kinds_segments import SEGMENT_FOR
from signals.measures.specs import Spec
from signals.rules.criteria import Criterion, Tier, lookback_days, specs_of_criteria
from signals.rules.evaluate import Columns, Shape, evaluate
from signals.rules.points import ScoreResult, score_columns
from signals.rules.tree import Node, specs_of

MODEL = "model"

# Whether accounts were in a segment on each of the last days, from the column that says whether they are in it.
InItFor = Callable[[Spec, Column], Column]


class CircleError(InputError):
    """These segments and models read each other in a circle."""


class Source(NamedTuple):
    """A segment or a model that a rule reads."""

    what: str
    slug: str


@dataclass(frozen=True, slots=True)
class ModelRules:
    """What a model scores by."""

    criteria: tuple[Criterion, ...]
    tiers: tuple[Tier, ...]
    threshold: int


@dataclass(frozen=True, slots=True)
class Definitions:
    segments: Mapping[str, Node] = field(default_factory=dict)
    models: Mapping[str, ModelRules] = field(default_factory=dict)

    def has(self, source: Source) -> bool:
        return source.slug in (self.segments if source.what == SEGMENT else self.models)

    def specs(self, source: Source) -> tuple[Spec, ...]:
        """The measures that it reads."""
        if source.what == SEGMENT:
            return specs_of(self.segments[source.slug])
        return specs_of_criteria(self.models[source.slug].criteria)

    def lookback(self, source: Source) -> int:
        """How many days it looks back on, for the sake of points that fade."""
        return lookback_days(self.models[source.slug].criteria) if source.what == MODEL else 0


@dataclass(frozen=True, slots=True)
class Days:
    """Subjects and days of the columns, of which the first `lookback` get no points."""

    shape: Shape
    lookback: int


@dataclass(frozen=True, slots=True, eq=False)
class Derived:
    columns: dict[str, Column]
    results: dict[str, ScoreResult]  # by the short name of the model; of the days that get points


def sources_in(specs: Iterable[Spec]) -> set[Source]:
    """The segments and models that these measures ask about."""
    asked = ((SEGMENT, spec.segment) if spec.segment else (MODEL, spec.model) for spec in specs)
    return {Source(what, slug) for what, slug in asked if slug}


def in_order(sources: Iterable[Source], definitions: Definitions) -> list[Source]:
    """These and all that they read, each after what it reads; CircleError where they go in a circle.

    What is not defined is left out: it is unknown.
    """
    ordered: list[Source] = []
    for source in sorted(sources):
        _visit(source, definitions, ordered, ())
    return ordered


def _visit(source: Source, definitions: Definitions, ordered: list[Source], on_the_way: tuple[Source, ...]) -> None:
    if source in on_the_way:
        raise _circle([*on_the_way[on_the_way.index(source) :], source])
    if source in ordered or not definitions.has(source):
        return
    for read in sorted(sources_in(definitions.specs(source))):
        _visit(read, definitions, ordered, (*on_the_way, source))
    ordered.append(source)


def _circle(way: list[Source]) -> CircleError:
    if len(way) == 2 and way[0].what == MODEL:
        return CircleError("", "A model cannot read its own points or tier", "Choose another model, or a segment")
    said = " → ".join(f"{what} “{slug}”" for what, slug in way)
    return CircleError("", f"These read each other in a circle: {said}", "Take one of them out of the rule")


def lookback_of(sources: Iterable[Source], definitions: Definitions) -> int:
    """How many days before the first one wanted have to be measured for all of these."""
    before = _days_before(in_order(sources, definitions), definitions)
    return max((days + definitions.lookback(source) for source, days in before.items()), default=0)


def _days_before(ordered: list[Source], definitions: Definitions) -> dict[Source, int]:
    """How many days before the first one wanted each is read itself."""
    before = dict.fromkeys(ordered, 0)
    for source in reversed(ordered):
        back = before[source] + definitions.lookback(source)
        for read in sources_in(definitions.specs(source)) & before.keys():
            before[read] = max(before[read], back)
    return before


def _not_looked_at(spec: Spec, inside: Column) -> Column:
    """For who knows of no days before: how long somebody was in a segment is unknown."""
    return Column(np.full(inside.numbers.shape, np.nan))


def derived(
    columns: Columns,
    asked: Iterable[Spec],
    models: Iterable[str],
    definitions: Definitions,
    days: Days,
    in_it_for: InItFor = _not_looked_at,
) -> Derived:
    """The columns with those of the segments and models that these measures ask about, of `models`, and of all that
    they read. What is not defined is unknown, unless the columns have it already."""
    asked = list(asked)
    ordered = in_order(sources_in(asked) | {Source(MODEL, model) for model in models}, definitions)
    before = _days_before(ordered, definitions)
    asked += [spec for source in ordered for spec in definitions.specs(source)]
    found, results = _with_unknown(columns, asked, definitions, days), {}
    for source in ordered:
        if source.what == SEGMENT:
            inside = _inside(definitions.segments[source.slug], found, days)
            timed = {spec for spec in asked if spec.kind == SEGMENT_FOR and spec.segment == source.slug}
            found[Spec(SEGMENT, segment=source.slug).key] = inside
            found |= {spec.key: in_it_for(spec, inside) for spec in timed}
            continue
        model = definitions.models[source.slug]
        result = score_columns(model.criteria, found, lookback=days.lookback - before[source], shape=days.shape)
        found |= _columns_of(source.slug, model, result)
        results[source.slug] = _of_days(result, days.lookback)
    return Derived(found, results)


def _with_unknown(columns: Columns, asked: Iterable[Spec], definitions: Definitions, days: Days) -> dict[str, Column]:
    unknown = Column(np.full(days.shape, np.nan))
    gone = [spec.key for spec in asked for source in sources_in([spec]) if not definitions.has(source)]
    return {**dict.fromkeys(gone, unknown), **columns}


def _inside(rule: Node, columns: Columns, days: Days) -> Column:
    """1 where an account is in the segment, 0 where it is not, NaN where nobody knows."""
    truth = evaluate(rule, columns, shape=days.shape)
    return Column(np.where(truth.true, 1.0, np.where(truth.false, 0.0, np.nan)))


def _of_days(result: ScoreResult, lookback: int) -> ScoreResult:
    """The same without the days that only others needed."""
    extra = lookback - result.lookback
    points, paid, held = result.points[:, extra:], result.criterion_points[:, :, extra:], result.held[:, :, extra:]
    return ScoreResult(points, paid, held, lookback)


def _columns_of(slug: str, model: ModelRules, result: ScoreResult) -> dict[str, Column]:
    """Points, tier and qualification on every day measured; unknown on those before the first that was scored."""
    early = ((0, 0), (result.lookback, 0))
    points = np.pad(result.points.astype(np.float64), early, constant_values=np.nan)
    starts = np.array([tier.start for tier in model.tiers])
    # Points below 0 take the lowest tier, as `tier_of` has it; a model without tiers has none to give.
    place = np.clip(np.searchsorted(starts, result.points, side="right") - 1, 0 if len(starts) else -1, None)
    tiers = np.pad(place.astype(np.int32), early, constant_values=-1)
    qualified = np.where(np.isnan(points), np.nan, points >= model.threshold)
    return {
        Spec("points", model=slug).key: Column(points),
        Spec("tier", model=slug).key: Column(np.full(points.shape, np.nan), tiers, tuple(t.slug for t in model.tiers)),
        Spec("qualified", model=slug).key: Column(qualified),
    }
