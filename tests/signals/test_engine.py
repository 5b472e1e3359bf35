import math
import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signals.measures import engine
from signals.measures.engine import Column, NotLoadedError, measure_columns
from signals.measures.specs import parse_spec
from tests.signals.oracle import Changed, Joined, Used, Value, World, is_bound, oracle
from tests.signals.worlds import BASE, MEASURED, SPAN, measures, young_worlds

QUICK = settings(max_examples=40, deadline=None)


def measured(world: World, measure: dict[str, Any], first: int, last: int) -> Column:
    spec = parse_spec(measure)
    return measure_columns(world.frame(), [spec], first, last)[spec.key]


def value(column: Column, subject: int, day: int) -> Value:
    if column.texts is not None and column.texts[subject, day] >= 0:
        return column.vocabulary[int(column.texts[subject, day])]
    number = float(column.numbers[subject, day])
    return None if math.isnan(number) else number


def agree(world: World, measure: dict[str, Any], first: int, last: int) -> None:
    column = measured(world, measure, first, last)
    for subject in range(len(world.signups)):
        for day in range(first, last + 1):
            seen = oracle(world, measure, subject, day)
            assert value(column, subject, day - first) == seen, (subject, day)
            bound = column.at_least is not None and bool(column.at_least[subject, day - first])
            assert seen is None or bound == is_bound(world, measure, subject, day), (subject, day)


def _bounds(column: Column) -> Any:
    none = np.zeros(column.numbers.shape, np.bool_)
    # Of what is unknown anyway nobody asks whether it is a bound.
    return none if column.at_least is None else column.at_least & ~np.isnan(column.numbers)


def same(one: Column, other: Column) -> None:
    np.testing.assert_array_equal(one.numbers, other.numbers)
    np.testing.assert_array_equal(_bounds(one), _bounds(other))
    if one.texts is not None:
        np.testing.assert_array_equal(one.texts, other.texts)


@pytest.mark.parametrize("kind", MEASURED)
@QUICK
@given(
    data=st.data(),
    world=young_worlds,
    first=st.integers(BASE - SPAN, BASE + SPAN),
    length=st.sampled_from([1, 1, 9, 40]),
)
def test_each_kind_equals_the_oracle_on_every_day(
    kind: str, data: st.DataObject, world: World, first: int, length: int
) -> None:
    agree(world, data.draw(measures(kind)), first, first + length - 1)


@QUICK
@given(world=young_worlds, wanted=st.lists(measures(), max_size=6), seed=st.integers(0, 9))
def test_any_order_of_rows_gives_the_same(world: World, wanted: list[dict[str, Any]], seed: int) -> None:
    shuffle = random.Random(seed).sample
    shuffled = replace(
        world,
        used=tuple(shuffle(world.used, len(world.used))),
        changed=tuple(shuffle(world.changed, len(world.changed))),
        joined=tuple(shuffle(world.joined, len(world.joined))),
    )
    specs = [parse_spec(measure) for measure in wanted]
    columns = measure_columns(world.frame(), specs, BASE, BASE + 9)
    for key, column in measure_columns(shuffled.frame(), specs, BASE, BASE + 9).items():
        same(column, columns[key])


@QUICK
@given(world=young_worlds, wanted=st.lists(measures(), min_size=1, max_size=6))
def test_each_day_alone_is_the_same_as_all_days_together(world: World, wanted: list[dict[str, Any]]) -> None:
    specs = [parse_spec(measure) for measure in wanted]
    together = measure_columns(world.frame(), specs, BASE - 2, BASE + 2)
    for day in range(BASE - 2, BASE + 3):
        for key, column in measure_columns(world.frame(), specs, day, day).items():
            at = slice(day - BASE + 2, day - BASE + 3)
            texts = None if together[key].texts is None else together[key].texts[:, at]  # type: ignore[index]
            same(column, replace(together[key].of(np.s_[:, at]), texts=texts))


@QUICK
@given(world=young_worlds, wanted=st.lists(measures(), min_size=1, max_size=6))
def test_subjects_in_blocks_give_the_same_as_all_at_once(world: World, wanted: list[dict[str, Any]]) -> None:
    specs = [parse_spec(measure) for measure in wanted]
    whole = measure_columns(world.frame(), specs, BASE, BASE + 5)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "CELLS_AT_ONCE", 14)
        for key, column in measure_columns(world.frame(), specs, BASE, BASE + 5).items():
            same(column, whole[key])


@QUICK
@given(world=young_worlds, measure=measures())
def test_usage_older_than_the_horizon_changes_nothing(world: World, measure: dict[str, Any]) -> None:
    horizon = parse_spec(measure).horizon()
    oldest = BASE - 10_000 if horizon is None else BASE - horizon + 1
    recent = replace(world, used=tuple(row for row in world.used if row.day >= oldest))
    same(measured(world, measure, BASE, BASE + 5), measured(recent, measure, BASE, BASE + 5))


@pytest.mark.parametrize("kind", ["count", "people", "active_days", "breadth", "longest_streak"])
def test_a_window_of_thirty_days_reaches_from_the_29th_day_before_to_the_day_itself(kind: str) -> None:
    for day, expected in [(BASE - 30, [0, 0]), (BASE - 29, [1, 0]), (BASE, [1, 1]), (BASE + 2, [0, 0])]:
        world = World((None,), (Used(0, 1, "activity", day),))
        column = measured(world, {"kind": kind, "days": 30}, BASE, BASE + 1)
        assert column.numbers[0].tolist() == expected


def test_the_window_of_sign_up_holds_the_sign_up_day_and_the_days_after_it() -> None:
    days = [BASE - 1, BASE, BASE + 13, BASE + 14]
    world = World((BASE,), tuple(Used(0, 1, "activity", day) for day in days))
    first = {"kind": "active_days", "days": 14, "from": "signup"}
    column = measured(world, first, BASE - 1, BASE + 20)
    assert column.numbers[0, [0, 1, 13, 14, 21]].tolist() == [0, 1, 1, 2, 2]


def test_an_attribute_holds_from_the_day_of_its_change_and_not_from_the_midnight_after() -> None:
    changes = (
        Changed(0, 5, "plan", (BASE + 1) * 86_400 - 1, text="Free"),
        Changed(0, 5, "plan", (BASE + 1) * 86_400, text="Team"),
    )
    column = measured(World((None,), changed=changes), {"kind": "attribute", "key": "plan"}, BASE - 1, BASE + 1)
    assert [value(column, 0, day) for day in range(3)] == [None, "Free", "Team"]


def test_of_two_changes_in_one_second_the_larger_stands_whichever_comes_first() -> None:
    changes = [Changed(0, 5, "seats", BASE * 86_400, number) for number in (3.0, 8.0)]
    for order in (changes, changes[::-1]):
        world = World((None,), changed=tuple(order))
        assert value(measured(world, {"kind": "attribute", "key": "seats"}, BASE, BASE), 0, 0) == 8


def test_taking_a_value_away_makes_it_unknown_and_giving_it_back_is_no_change() -> None:
    values = ["Team", None, "Team", "Free"]
    rows = [Changed(0, 5, "plan", (BASE + day) * 86_400, text=text) for day, text in enumerate(values)]
    world = World((None,), changed=tuple(rows))
    plan = measured(world, {"kind": "attribute", "key": "plan"}, BASE, BASE + 3)
    assert [value(plan, 0, day) for day in range(4)] == values
    changes = measured(world, {"kind": "attribute_changes", "key": "plan", "days": 2}, BASE, BASE + 5)
    assert changes.numbers[0].tolist() == [0, 0, 0, 1, 1, 0]


def test_a_person_in_two_workspaces_on_two_days_is_one_person() -> None:
    rows = (Used(0, 1, "activity", BASE), Used(0, 1, "activity", BASE), Used(0, 1, "invited", BASE - 3))
    both = {"kind": "people", "signals": ["activity", "invited"], "days": 7}
    column = measured(World((None,), rows), both, BASE, BASE + 7)
    assert column.numbers[0].tolist() == [1, 1, 1, 1, 1, 1, 1, 0]


def test_a_current_streak_survives_the_morning_but_not_a_missed_day() -> None:
    world = World((None,), tuple(Used(0, 1, "activity", BASE + day) for day in range(7)))
    column = measured(world, {"kind": "current_streak"}, BASE + 6, BASE + 8)
    assert column.numbers[0].tolist() == [7, 7, 0]


def test_the_fullest_workspace_decides_the_share_and_a_limit_of_nought_is_unknown() -> None:
    facts = [(1, "seats", 10), (1, "seats_used", 9), (2, "seats", 10), (2, "seats_used", 3)]
    facts += [(3, "seats", 0), (3, "seats_used", 5)]
    changes = tuple(Changed(0, holder, key, BASE * 86_400, float(number)) for holder, key, number in facts)
    share = {"kind": "limit_share", "used": "seats_used", "limit": "seats"}
    assert value(measured(World((None,), changed=changes), share, BASE, BASE), 0, 0) == 0.9
    assert value(measured(World((None,), changed=changes[4:]), share, BASE, BASE), 0, 0) is None


@pytest.mark.parametrize(("seats", "used"), [(5e-324, 1e15), (1.0, 1e300), (1e300, 1.0), (-3.0, 1.0)])
def test_monstrous_numbers_that_somebody_sent_are_unknown(seats: float, used: float) -> None:
    at = BASE * 86_400
    changes = (Changed(0, 1, "seats", at, seats), Changed(0, 1, "seats_used", at, used))
    share = {"kind": "limit_share", "used": "seats_used", "limit": "seats"}
    assert value(measured(World((None,), changed=changes), share, BASE, BASE), 0, 0) is None


def test_growth_divides_by_the_floor_when_there_was_next_to_nothing_before() -> None:
    world = World((None,), (Used(0, 1, "activity", BASE - 7, 2), Used(0, 1, "activity", BASE, 8)))
    growth = {"kind": "growth", "days": 7, "floor": 4}
    assert value(measured(world, growth, BASE, BASE), 0, 0) == 1.5
    assert value(measured(world, growth | {"floor": 1}, BASE, BASE), 0, 0) == 3


def test_counts_of_nothing_are_nought_and_days_since_nothing_unknown() -> None:
    world = World((None, BASE + 1), joined=(Joined(1, 4, -1, BASE + 9),))
    for kind in ("count", "people", "active_days", "breadth", "longest_streak", "current_streak", "members"):
        assert measured(world, {"kind": kind}, BASE, BASE).numbers.tolist() == [[0], [0]]
    for kind in ("days_since_first", "days_since_last", "age_days"):
        assert np.isnan(measured(world, {"kind": kind}, BASE, BASE).numbers).all()


def test_ids_too_wide_to_pack_are_counted_all_the_same() -> None:
    rows = tuple(Used(0, person, "activity", day) for person in (0, 5, 2**31 - 1) for day in (-2_000_000_000, BASE))
    world = World((None,) * 3, (*rows, Used(2, 9, "activity", BASE)))
    assert measured(world, {"kind": "people"}, BASE, BASE).numbers.tolist() == [[3], [0], [1]]


def test_no_subjects_and_no_measures_are_no_trouble() -> None:
    assert measure_columns(World(()).frame(), [], BASE, BASE) == {}
    assert measured(World(()), {"kind": "growth", "days": 3}, BASE, BASE + 2).numbers.shape == (0, 3)


def test_what_was_not_loaded_is_an_error_and_not_a_nought() -> None:
    with pytest.raises(NotLoadedError, match="signal “bought”"):
        measured(World((None,)), {"kind": "count", "signals": ["bought"]}, BASE, BASE)
    with pytest.raises(NotLoadedError, match="attribute “mood”"):
        measured(World((None,)), {"kind": "attribute", "key": "mood"}, BASE, BASE)


def test_days_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(ValueError, match="before the first day"):
        measure_columns(World((None,)).frame(), [], BASE, BASE - 1)


def test_a_role_that_was_unknown_before_makes_no_new_admin_of_a_member() -> None:
    said = tuple(Changed(3, 0, "role", (BASE + day) * 86_400, text=text) for day, text in [(0, "member"), (4, None)])
    world = World((None,), joined=(Joined(0, 3, -1, BASE - 30),), said=said)
    admins = {"kind": "new_members", "days": 5, "role": "admin"}
    for day, expected in [(4, [1, 1, 0]), (5, [0, 0, 0])]:
        owner = Changed(3, 0, "role", (BASE + day) * 86_400, text="Owner")
        known = replace(world, said=(*said[: 1 if day == 4 else 2], owner))
        assert measured(known, admins, BASE + 7, BASE + 9).numbers[0].tolist() == expected


def test_growth_is_unknown_until_the_least_age() -> None:
    world = World((BASE, None), (Used(0, 1, "activity", BASE), Used(1, 1, "activity", BASE)))
    growth = {"kind": "growth", "days": 7, "least_age": 14}
    assert [value(measured(world, growth, BASE, BASE + 14), subject, 13) for subject in (0, 1)] == [None, None]
    assert [value(measured(world, growth, BASE, BASE + 14), subject, 14) for subject in (0, 1)] == [0, None]


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        ({"kind": "trait_values", "trait": "department"}, [(1, False), (1, True), (None, False)]),
        ({"kind": "people_with", "trait": "department", "values": ["sales"]}, [(1, False), (1, True), (None, False)]),
        ({"kind": "people_with", "trait": "department", "values": ["x"]}, [(0, False), (0, True), (None, False)]),
        ({"kind": "new_members", "days": 9, "role": "sales"}, [(None, False)] * 3),
    ],
)
def test_of_people_whose_trait_is_not_known_there_may_be_more(
    measure: dict[str, Any], expected: list[tuple[Value, bool]]
) -> None:
    """Of the first all is known, of the second something, of the third nothing."""
    people = {0: [1], 1: [1, 2], 2: [2]}
    used = tuple(Used(subject, person, "activity", BASE) for subject, some in people.items() for person in some)
    joined = tuple(Joined(subject, person, -1, BASE) for subject, some in people.items() for person in some)
    said = (Changed(1, 0, "department", BASE * 86_400, text="Sales"),)
    column = measured(World((None,) * 3, used, joined=joined, said=said), measure, BASE, BASE)
    bounds = _bounds(column)[:, 0].tolist()
    assert [(value(column, subject, 0), bounds[subject]) for subject in range(3)] == expected
