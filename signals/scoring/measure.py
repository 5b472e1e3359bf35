"""The one way from specs to points: what is needed, loaded, measured as of a day or of days, and scored.

A run, a preview, the effect of a draft and the points over time all take it, so that they cannot disagree.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from signals.facts import SCORED
from signals.measures.engine import measure_columns
from signals.measures.frame import Column, Flags, Frame, Ints, Longs
from signals.measures.kinds import SEGMENT
from signals.measures.specs import Spec
from signals.measures_load import AccountSelection, Need, load_accounts, load_people
from signals.rules.criteria import Criterion
from signals.rules.evaluate import Truth, evaluate
from signals.rules.points import ScoreResult, score_columns
from signals.rules.segments import segments_needed, with_segments
from signals.rules.tree import Node, specs_of
from signals.vocabulary.applied import Vocabulary


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

    def last_day(self) -> dict[str, Column]:
        return {key: column.last_day() for key, column in self.columns.items()}


def is_scored(spec: Spec) -> bool:
    """Whether scoring itself gives this measure, after the points are known."""
    return spec.kind == "attribute" and (spec.attribute or "").partition(".")[0] in SCORED


def segment_spec(slug: str) -> Spec:
    """How a rule asks whether an account is in a segment."""
    return Spec(SEGMENT, segment=slug)


def segments_of(specs: Iterable[Spec]) -> set[str]:
    """The segments that these measures ask about themselves."""
    return {spec.segment for spec in specs if spec.kind == SEGMENT and spec.segment}


def score_spec(word: str, kind: str) -> Spec:
    """How a rule asks for a score, tier or qualification: as an attribute of the account."""
    return Spec("attribute", attribute=f"{word}.{kind}", agg="latest")


def specs_needed(specs: Iterable[Spec]) -> list[Spec]:
    """What has to be measured for these: each once, and nothing that scoring itself gives."""
    wanted = {spec.key: spec for spec in specs}
    # In the order of keys: two processes must come to the same fingerprint.
    return [spec for _, spec in sorted(wanted.items()) if not is_scored(spec) and spec.kind != SEGMENT]


def measure_accounts(
    selection: AccountSelection, specs: Iterable[Spec], days: ScoredDays, vocabulary: Vocabulary
) -> Measured:
    """Load these accounts, measure them as of these days, and say in which segments they are."""
    specs = list(specs)
    segments = segments_of(specs)
    ordered = segments_needed(segments, vocabulary.segments)
    rules = [spec for slug in ordered for spec in specs_of(vocabulary.segments[slug])]
    needed = specs_needed([*specs, *rules])
    need = Need.of(needed, days.measured_from, vocabulary.groups)
    measured = _measured(selection.ids, load_accounts(selection, need, vocabulary), needed, days)
    shape = (len(selection.ids), days.measured)
    return replace(measured, columns=with_segments(measured.columns, segments, vocabulary.segments, shape))


def measure_people(accounts: Measured, places: Longs, specs: Iterable[Spec], vocabulary: Vocabulary) -> Measured:
    """Measure those who act in the accounts at these places, as of the same days."""
    specs = list(specs)
    needed = specs_needed(specs)
    need = Need.of(needed, accounts.days.measured_from, vocabulary.groups)
    people, frame = load_people(accounts.frame, places, need, vocabulary)
    measured = _measured(people, frame, needed, accounts.days)
    # A person is in no segment: of them it is unknown.
    unknown = Column(np.full((len(people), accounts.days.measured), np.nan))
    asked = {segment_spec(slug).key: unknown for slug in segments_of(specs)}
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
