"""Kinds of measure made of two others."""

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from signals.measures.frame import Column, Floats
from signals.measures.kinds import SMALLEST_LIMIT, Field, Kind, kind
from signals.measures.tables import Tables
from signals.measures.words import Names

if TYPE_CHECKING:
    from signals.measures.specs import Spec


def _exact(column: Column) -> Floats:
    """Its numbers; of two lower bounds neither ratio nor difference says anything."""
    return column.numbers if column.at_least is None else np.where(column.at_least, np.nan, column.numbers)


class OfTwo(Kind):
    """Two measures, none of which is made of two itself."""

    counted = False
    can_be_part = False
    joined: ClassVar[str]

    def parts(self, spec: "Spec") -> "tuple[Spec, ...]":
        return tuple(inner for part in self._two(spec) for inner in part.parts())

    def column(self, tables: Tables, spec: "Spec") -> Column:
        one, other = (_exact(part.definition.column(tables, part)) for part in self._two(spec))
        return Column(self.calculated(one, other))

    def calculated(self, one: Floats, other: Floats) -> Floats:
        """NaN where either is unknown."""
        raise NotImplementedError

    def noun(self, spec: "Spec", names: Names) -> str:
        one, other = (part.definition.noun(part, names) for part in self._two(spec))
        return self.joined.format(one, other)

    def sentence(self, spec: "Spec", names: Names, amount: str, *, one: bool) -> str:
        return f"{self.noun(spec, names)}: {amount}"

    def _two(self, spec: "Spec") -> "tuple[Spec, ...]":
        return tuple(part for part in (spec.one, spec.other) if part is not None)


@kind("ratio")
class Ratio(OfTwo):
    label = "Ratio of two measures"
    help = "One measure divided by another; unknown when either is unknown, and when the second is 0."
    fields = (
        Field("one", "measure", "Measure", required=True),
        Field("other", "measure", "Divided by", required=True),
    )
    joined = "{} per {}"

    def calculated(self, one: Floats, other: Floats) -> Floats:
        return one / np.where(np.abs(other) >= SMALLEST_LIMIT, other, np.nan)


@kind("difference")
class Difference(OfTwo):
    label = "Difference of two measures"
    help = "One measure less another; unknown when either is unknown."
    fields = (
        Field("one", "measure", "Measure", required=True),
        Field("other", "measure", "Less", required=True),
    )
    joined = "{} less {}"

    def calculated(self, one: Floats, other: Floats) -> Floats:
        return one - other
