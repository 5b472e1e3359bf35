"""Words beside the marks of a chart: none over another word, over a dot, or beyond the edge."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest

from plgcrm.common.templatetags.charts import marked_labels

FIRST = date(2026, 3, 1)


@dataclass
class Mark:
    at: datetime
    name: str = "PQL upgrade"


def sides(*days: int, name: str = "PQL upgrade") -> list[tuple[int, str]]:
    """Of marks on these days of 101: those with a word, and where it stands."""
    start = datetime(2026, 3, 1, 9, tzinfo=UTC)
    labels = marked_labels([Mark(start + timedelta(days=day), name) for day in days], FIRST, 101)
    return [(round(label.x), label.anchor) for label in labels if label.shown]


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ([50], [(50, "start")]),
        ([100], [(100, "end")]),
        ([0], [(0, "start")]),
        ([50, 60], [(60, "start"), (50, "end")]),
        ([50, 55, 60], [(60, "start"), (50, "end")]),
        ([88, 96, 98, 100], [(88, "end")]),
        ([80, 100], [(100, "end"), (80, "end")]),
        ([85, 100], [(85, "end")]),
        ([70, 70], [(70, "start")]),
        ([120, -4], []),
    ],
)
def test_a_word_stands_where_nothing_is_in_its_way(days: list[int], words: list[tuple[int, str]]) -> None:
    assert sides(*days) == words


def test_a_long_word_needs_more_room_than_a_short_one() -> None:
    assert sides(10, 40, name="x" * 30) == [(40, "start")]
    assert sides(10, 40, name="won") == [(40, "start"), (10, "start")]
