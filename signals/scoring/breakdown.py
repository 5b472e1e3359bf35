"""The breakdown of a stored score, in words."""

from typing import Any

from plgcrm.common.cache import Remembered
from signals.measures.words import Names
from signals.rules.breakdowns import Entry, entries_of
from signals.rules.points import Criterion, parse_criteria
from signals.vocabulary.spoken import names_in_rules

_NAMES = Remembered[Names](seconds=10)
_PARSED = Remembered[tuple[Criterion, ...]](most=100)


def explained(breakdown: Any, *, version_id: int, criteria: Any, names: Names | None = None) -> list[Entry]:
    """One entry for each criterion of the version that scored; their points add up to the score."""
    return entries_of(_criteria(version_id, criteria), breakdown, names or _NAMES.get(names_in_rules))


def _criteria(version_id: int, data: Any) -> tuple[Criterion, ...]:
    """Reading them takes a millisecond, and pages show the same few versions all day."""
    return _PARSED.get(lambda: tuple(parse_criteria(data)), version_id)
