"""Segments in rules: in the order in which one needs the other, and for how long."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signals.measures.engine import measure_columns
from signals.measures.frame import Column
from signals.measures.specs import Spec, parse_spec
from signals.rules.derived import CircleError, Days, Definitions, Source, derived, in_order
from signals.rules.describe import describe_rule
from signals.rules.segments import on_each_of, stays
from signals.rules.tree import parse_rule, specs_of
from tests.signals.oracle import Value, World, oracle
from tests.signals.worlds import BASE, SPAN, SUBJECTS, rules, young_worlds

NAN = np.nan


def inside(slug: str, days: int | None = None, value: int = 1) -> dict[str, Any]:
    measure = {"kind": "segment_for", "segment": slug, "days": days} if days else {"kind": "segment", "segment": slug}
    return {"measure": measure, "op": "=", "value": value}


def of_each_day(world: World, first: int, last: int, asked: list[Spec]) -> dict[str, Column]:
    """What scoring does, with all earlier days measured of everybody."""
    named = {slug: parse_rule(rule) for slug, rule in world.segments}
    specs = [spec for rule in named.values() for spec in specs_of(rule) if not spec.segment]
    back = sum(spec.days or 0 for rule in named.values() for spec in specs_of(rule) if spec.segment)
    back += sum(spec.days or 0 for spec in asked)
    columns = measure_columns(world.frame(), specs, first - back, last)
    shape = (SUBJECTS, last - first + back + 1)

    def in_it_for(spec: Spec, column: Column) -> Column:
        days = spec.days or 1
        missing = np.full((SUBJECTS, days - 1), NAN)  # nobody looked further back
        return Column(on_each_of(np.concatenate([missing, column.numbers], axis=1), days))

    found = derived(columns, asked, [], Definitions(named), Days(shape, 0), in_it_for).columns
    return {key: Column(column.numbers[:, back:]) for key, column in found.items()}


def value(number: float) -> Value:
    return None if np.isnan(number) else number


@settings(max_examples=60, deadline=None)
@given(world=young_worlds, rule=rules, days=st.integers(1, 8), nested=st.integers(1, 4), first=st.integers(-SPAN, SPAN))
def test_time_in_a_segment_equals_the_oracle_on_every_day(
    world: World, rule: dict[str, Any], days: int, nested: int, first: int
) -> None:
    world = replace(world, segments=(("a", rule), ("b", {"any": [inside("a", nested), inside("a", 2, 0)]})))
    for slug in ("a", "b"):
        for measure in ({"kind": "segment", "segment": slug}, {"kind": "segment_for", "segment": slug, "days": days}):
            spec = parse_spec(measure)
            column = of_each_day(world, BASE + first, BASE + first + 3, [spec])[spec.key]
            for subject in range(SUBJECTS):
                for day in range(4):
                    seen = value(column.numbers[subject, day])
                    assert seen == oracle(world, measure, subject, BASE + first + day), (measure, subject, day)


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ([1, 1, 1], 1.0),
        ([0, 1, 1], 0.0),
        ([1, 1, 0], 0.0),
        ([NAN, 1, 1], None),
        ([NAN, 0, 1], 0.0),
        ([0, 1, NAN], None),
        ([1, NAN, 1], None),
    ],
)
def test_in_a_segment_for_three_days_is_all_three_or_not_or_unknown(days: list[float], expected: Value) -> None:
    assert value(on_each_of(np.array([days], np.float64), 3)[0, 0]) == expected


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ([0, 1, 1], (2, False)),
        ([1, 1, 1], (3, True)),
        ([NAN, 1, 1], (2, True)),
        ([1, 0, 1], (1, False)),
        ([0, NAN, 1], (1, True)),
    ],
)
def test_a_stay_begins_after_the_last_day_outside(days: list[float], expected: tuple[int, bool]) -> None:
    length, more = stays(np.array([days], np.float64))
    assert (length[0], more[0]) == expected


def test_a_segment_that_does_not_exist_is_unknown_whatever_is_asked_of_it() -> None:
    asked = [parse_spec(inside("gone")["measure"]), parse_spec(inside("gone", 9)["measure"])]
    columns = of_each_day(World((None,) * SUBJECTS), BASE, BASE, asked)
    assert [np.isnan(columns[spec.key].numbers).all() for spec in asked] == [True, True]


@pytest.mark.parametrize("days", [None, 30])
def test_segments_that_need_each_other_are_refused_by_name(days: int | None) -> None:
    named = {"crew": parse_rule(inside("fleet", days)), "fleet": parse_rule({"all": []})}
    assert in_order([Source("segment", "crew")], Definitions(named))[0].slug == "fleet"
    circle = named | {"fleet": parse_rule({"none": [inside("crew")]})}
    with pytest.raises(CircleError, match="segment “fleet” → segment “crew” → segment “fleet”"):
        in_order([Source("segment", "fleet")], Definitions(circle))


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (inside("moored", 90), "In the segment “Moored boats” for at least 90 days"),
        (inside("moored", 1), "In the segment “Moored boats” for at least 1 day"),
        (inside("moored", 90, 0), "Not in the segment “Moored boats” for at least 90 days"),
        (inside("moored"), "In the segment “Moored boats”"),
    ],
)
def test_time_in_a_segment_reads_as_a_sentence(rule: dict[str, Any], sentence: str) -> None:
    assert describe_rule(parse_rule(rule), {"segment:moored": "Moored boats"}) == sentence
