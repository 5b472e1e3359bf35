"""What may still come of a rule of which only some measures were taken: never less than what does come of it."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signals.measures.engine import measure_columns
from signals.measures.frame import Column
from signals.measures.specs import Spec
from signals.rules.derived import Days, Definitions, derived
from signals.rules.evaluate import evaluate
from signals.rules.possible import first_to_take, possible
from signals.rules.tree import parse_rule, specs_of
from tests.signals.oracle import World
from tests.signals.worlds import BASE, rules, young_worlds

NONE = Definitions()
BUSY = {"measure": {"kind": "people", "days": 30}, "op": ">=", "value": 2}
WROTE = {"measure": {"kind": "count", "days": 7}, "op": ">=", "value": 3}
QUALIFIED = {"measure": {"kind": "qualified", "model": "pql"}, "op": "=", "value": 1}


def in_segment(value: int = 1, **more: Any) -> dict[str, Any]:
    return {"measure": {"kind": "segment", "segment": "big"}, "op": "=", "value": value, **more}


def columns(**people: float) -> dict[str, Column]:
    keys = {"busy": "people:activity:30d", "wrote": "count:activity:7d"}
    return {keys[name]: Column(np.array([[value]])) for name, value in people.items()}


def may_be(rule: dict[str, Any], definitions: Definitions = NONE, **taken: float) -> tuple[bool, bool]:
    """Whether it may be true, and whether false."""
    found = possible(parse_rule(rule), columns(**taken), definitions, 1)
    return bool(found.true[0]), bool(found.false[0])


@settings(max_examples=200, deadline=None)
@given(world=young_worlds, segment=rules, rule=rules, data=st.data())
def test_what_comes_of_a_rule_was_possible_whatever_was_taken(
    world: World, segment: dict[str, Any], rule: dict[str, Any], data: st.DataObject
) -> None:
    node = parse_rule({"any": [{"all": [in_segment(0), rule]}, in_segment(1, unknown="no")]})
    definitions = Definitions({"big": parse_rule(segment)})
    base = [*specs_of(parse_rule(rule)), *specs_of(parse_rule(segment))]
    measured = measure_columns(world.frame(), base, BASE, BASE)
    truth = evaluate(node, derived(measured, specs_of(node), (), definitions, Days((3, 1), 0)).columns)
    keys = data.draw(st.sets(st.sampled_from(sorted(measured)))) if measured else set()
    found = possible(node, {key: measured[key] for key in keys}, definitions, 3)
    assert not (truth.true[:, 0] & ~found.true).any()
    assert not (truth.false[:, 0] & ~found.false).any()
    if all(spec.key in keys for spec in base):
        plain = possible(parse_rule(rule), measured, definitions, 3)
        assert (plain.true == evaluate(parse_rule(rule), measured, shape=(3, 1)).true[:, 0]).all()


@pytest.mark.parametrize(
    ("rule", "taken", "expected"),
    [
        ({"all": [BUSY, WROTE]}, {}, (True, True)),
        ({"all": [BUSY, WROTE]}, {"busy": 1}, (False, True)),
        ({"all": [BUSY, WROTE]}, {"busy": 2}, (True, True)),
        ({"any": [BUSY, WROTE]}, {"busy": 2}, (True, False)),
        ({"any": [BUSY, WROTE]}, {"busy": 1}, (True, True)),
        ({"none": [BUSY, WROTE]}, {"busy": 2}, (False, True)),
        ({"any_known": [BUSY, WROTE]}, {"busy": float("nan")}, (True, True)),
        ({"all": [BUSY]}, {"busy": float("nan")}, (False, False)),
    ],
)
def test_one_part_may_settle_the_whole(
    rule: dict[str, Any], taken: dict[str, float], expected: tuple[bool, bool]
) -> None:
    assert may_be(rule, **taken) == expected


def test_a_segment_is_settled_by_what_its_rule_reads() -> None:
    big = Definitions({"big": parse_rule(BUSY)})
    assert may_be(in_segment(1), big, busy=1) == (False, True)
    assert may_be(in_segment(0), big, busy=1) == (True, False)
    assert may_be(in_segment(1, unknown="no"), big, busy=1) == (True, True)
    assert may_be(in_segment(1), busy=1) == (True, True)


@pytest.mark.parametrize(
    ("rule", "first"),
    [
        (BUSY, {"people:activity:30d"}),
        ({"all": [BUSY, {"any": [WROTE, QUALIFIED]}]}, {"people:activity:30d"}),
        ({"all": [QUALIFIED, {"any": [WROTE, BUSY]}]}, {"people:activity:30d", "count:activity:7d"}),
        ({"any": [BUSY, {"all": [WROTE, QUALIFIED]}]}, {"people:activity:30d", "count:activity:7d"}),
        ({"any": [BUSY, QUALIFIED]}, set()),
        ({"all": [in_segment(0), QUALIFIED]}, {"count:activity:7d"}),
        (QUALIFIED, set()),
    ],
)
def test_first_are_taken_the_measures_that_alone_may_settle_it(rule: dict[str, Any], first: set[str]) -> None:
    taken: frozenset[Spec] = first_to_take(parse_rule(rule), Definitions({"big": parse_rule(WROTE)}))
    assert {spec.key for spec in taken} == first
