"""The one way from specs to points: what is needed, loaded, measured as of a day or of days, and scored.

A run, a preview, the effect of a draft and the points over time all take it, so that they cannot disagree.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from signals.measures.engine import measure_columns
from signals.measures.frame import Column, Flags, Floats, Frame, Ints, Longs
from signals.measures.kinds import SEGMENT
from signals.measures.need import Need
from signals.measures.specs import Spec
from signals.measures_load import AccountMembers, AccountSelection, load_accounts, load_people
from signals.rules.criteria import Criterion
from signals.rules.derived import MODEL, Days, Source, derived, in_order, lookback_of, sources_in
from signals.rules.evaluate import Columns, Truth, evaluate
from signals.rules.points import ScoreResult, score_columns
from signals.rules.segments import on_each_of
from signals.rules.tree import Node
from signals.vocabulary.applied import Vocabulary

CELLS_AT_ONCE = 500_000  # account-days of who is in a segment that are measured together; each holds a few numbers


@dataclass(frozen=True, slots=True)
class ScoredDays:
    """The days that get points, and how many days before them decaying points look back on."""

    first: int
    last: int
    lookback: int = 0

    @classmethod
    def only(cls, day: int, *, lookback: int = 0) -> "ScoredDays":
        return cls(day, day, lookback)

    @property
    def measured_from(self) -> int:
        return self.first - self.lookback

    @property
    def measured(self) -> int:
        """How many days are measured."""
        return self.last - self.measured_from + 1


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """Accounts or people, and what was measured of each as of each day."""

    ids: Ints
    days: ScoredDays
    frame: Frame
    columns: Mapping[str, Column]  # by the key of the spec, with the days before, where points decay
    results: Mapping[str, ScoreResult] = field(default_factory=dict)  # of the models that were asked for, and more

    def last_day(self) -> dict[str, Column]:
        return {key: column.last_day() for key, column in self.columns.items()}


def segment_spec(slug: str) -> Spec:
    """How a rule asks whether an account is in a segment."""
    return Spec(SEGMENT, segment=slug)


def specs_needed(specs: Iterable[Spec]) -> list[Spec]:
    """What has to be measured for these: each once, and nothing that is worked out of other measures."""
    wanted = {spec.key: spec for spec in specs}
    # In the order of keys: two processes must come to the same fingerprint.
    return [spec for _, spec in sorted(wanted.items()) if not spec.definition.derived]


def measure_accounts(
    selection: AccountSelection,
    specs: Iterable[Spec],
    days: ScoredDays,
    vocabulary: Vocabulary,
    *,
    models: Iterable[str] = (),
    given: Columns | None = None,
) -> Measured:
    """Load these accounts, measure them as of these days, say in which segments they are, and score them by the
    models that the specs read and by `models`. What `given` has is taken as it is."""
    specs, models, definitions = list(specs), list(models), vocabulary.definitions_of_rules
    sources = sources_in(specs) | {Source(MODEL, model) for model in models}
    days = replace(days, lookback=max(days.lookback, lookback_of(sources, definitions)))
    rules = [spec for source in in_order(sources, definitions) for spec in definitions.specs(source)]
    measured = measure_base(selection, [*specs, *rules], days, vocabulary)
    columns = {**measured.columns, **(given or {})}
    shape = Days((len(selection.ids), days.measured), days.lookback)

    def in_it_for(spec: Spec, inside: Column) -> Column:
        return in_segment_for(spec, inside, selection.ids, measured.days, vocabulary)

    found = derived(columns, specs, models, definitions, shape, in_it_for)
    return replace(measured, columns=found.columns, results=found.results)


def measure_base(
    selection: AccountSelection,
    specs: Iterable[Spec],
    days: ScoredDays,
    vocabulary: Vocabulary,
    known: AccountMembers | None = None,
) -> Measured:
    """Load and measure no more than this; what follows from measures is left out. `known` are the accounts' members."""
    needed = specs_needed(specs)
    need = Need.of(needed, days.measured_from, vocabulary.groups)
    return _measured(selection.ids, load_accounts(selection, need, vocabulary, known), needed, days)


def in_segment_for(spec: Spec, inside: Column, ids: Ints, of_days: ScoredDays, vocabulary: Vocabulary) -> Column:
    """Whether they were in a segment on each of the last days; earlier ones are measured only of who is in it."""
    numbers = np.where(np.isnan(inside.numbers), np.nan, 0.0)
    days, ever_in = spec.days or 1, np.flatnonzero((inside.numbers == 1).any(axis=1))
    first = of_days.measured_from - days + 1
    for places, before in inside_since(first, str(spec.segment), ever_in, ids, of_days.last, vocabulary):
        numbers[places] = on_each_of(before, days)
    return Column(numbers)


def inside_since(
    first: int, slug: str, places: Longs, ids: Ints, last: int, vocabulary: Vocabulary
) -> Iterator[tuple[Longs, Floats]]:
    """Whether the accounts at these places of the ids were in a segment on each day from `first` to `last`, some of
    them at a time."""
    size = max(1, CELLS_AT_ONCE // (last - first + 1))
    for start in range(0, len(places), size):
        some = places[start : start + size]
        selection = AccountSelection.some(ids[some].tolist())
        before = measure_accounts(selection, [segment_spec(slug)], ScoredDays(first, last), vocabulary)
        # Where the segment reads a model that fades, days before the first were measured too.
        yield some, before.columns[segment_spec(slug).key].numbers[:, before.days.lookback :]


def measure_people(accounts: Measured, places: Longs, specs: Iterable[Spec], vocabulary: Vocabulary) -> Measured:
    """Measure those who act in the accounts at these places, as of the same days."""
    specs = list(specs)
    needed = specs_needed(specs)
    need = Need.of(needed, accounts.days.measured_from, vocabulary.groups)
    people, frame = load_people(accounts.frame, places, need, vocabulary)
    measured = _measured(people, frame, needed, accounts.days)
    # A person is in no segment and has no tier of a company: of them it is unknown.
    unknown = Column(np.full((len(people), accounts.days.measured), np.nan))
    asked = {spec.key: unknown for spec in specs if spec.definition.derived}
    return replace(measured, columns={**measured.columns, **asked})


def score(criteria: Sequence[Criterion], measured: Measured) -> ScoreResult:
    """The points that these criteria give on each of the days."""
    shape = (len(measured.ids), measured.days.measured)
    return score_columns(criteria, measured.columns, lookback=measured.days.lookback, shape=shape)


def truth_of(rule: Node, last_day: Mapping[str, Column], subjects: int) -> Truth:
    """Of each subject whether a rule holds, does not, or nobody knows, by the columns of one day."""
    return evaluate(rule, last_day, shape=(subjects, 1))


def holds(rule: Node, last_day: Mapping[str, Column], subjects: int) -> Flags:
    """For which subjects a rule surely holds, by the columns of one day."""
    return truth_of(rule, last_day, subjects).true[:, 0]


def _measured(ids: Ints, frame: Frame, specs: list[Spec], days: ScoredDays) -> Measured:
    return Measured(ids, days, frame, measure_columns(frame, specs, days.measured_from, days.last))
