"""One engine for numbers: measures of many subjects as of one day (live) or of many days (backtest)."""

from collections.abc import Iterable, Sequence

import numpy as np

from signals.measures.frame import AsOf, AttributeRows, Column, Frame, MemberRows, UsageRows
from signals.measures.specs import Spec
from signals.measures.tables import NotLoadedError, Tables

__all__ = [
    "AttributeRows",
    "Column",
    "Frame",
    "MemberRows",
    "NotLoadedError",
    "UsageRows",
    "measure_columns",
]

CELLS_AT_ONCE = 2_500_000  # subject-days; a handful of arrays of this many numbers are alive together


def measure_columns(frame: Frame, specs: Sequence[Spec], first_day: int, last_day: int) -> dict[str, Column]:
    """Each measure for each subject as of each day from first_day to last_day, keyed by Spec.key."""
    if last_day < first_day:
        raise ValueError(f"The last day {last_day} is before the first day {first_day}.")
    wanted = {spec.key: spec for spec in specs}
    as_of = AsOf(first_day, last_day)
    # Parts of subjects and not of days: windows look back over days, but no subject looks at another.
    size = max(1, CELLS_AT_ONCE // (as_of.count + 1))
    if frame.subjects <= size:
        return _measured(frame, wanted, as_of)
    starts = range(0, frame.subjects, size)
    parts = (frame.of_subjects(start, min(start + size, frame.subjects)) for start in starts)
    return _stacked([_measured(part, wanted, as_of) for part in parts])


def _measured(frame: Frame, wanted: dict[str, Spec], as_of: AsOf) -> dict[str, Column]:
    tables = Tables(frame, as_of, wanted.values())
    return {key: spec.definition.column(tables, spec) for key, spec in wanted.items()}


def _stacked(parts: Sequence[dict[str, Column]]) -> dict[str, Column]:
    return {key: _joined([part[key] for part in parts]) for key in parts[0]}


def _joined(columns: Iterable[Column]) -> Column:
    columns = list(columns)
    texts = [column.texts for column in columns if column.texts is not None]
    numbers = np.concatenate([column.numbers for column in columns])
    bounded = any(column.at_least is not None for column in columns)
    none = np.zeros(1, np.bool_)
    at_least = [
        np.broadcast_to(none if c.at_least is None else c.at_least, c.numbers.shape) for c in columns if bounded
    ]
    return Column(
        numbers,
        np.concatenate(texts) if texts else None,
        columns[0].vocabulary,
        np.concatenate(at_least) if bounded else None,
    )
