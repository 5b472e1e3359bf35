import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signals.measures.engine import Column, measure_columns
from signals.rules.breakdowns import breakdown, entries_of, stored_breakdowns
from signals.rules.points import (
    Criterion,
    PointsError,
    lookback_days,
    parse_criteria,
    parse_tiers,
    score_columns,
    specs_of_criteria,
    tier_of,
)
from tests.signals.oracle import World, holds, oracle
from tests.signals.worlds import BASE, rules, young_worlds

INVITED = {"kind": "count", "signals": ["invited"]}
PRICING = {"kind": "count", "signals": ["viewed-pricing"], "days": 30}
ITEMS = {"kind": "count", "signals": ["created-item"]}
TIERS = [
    {"slug": "nurture", "name": "Nurture", "from": 0},
    {"slug": "upgrade", "name": "Upgrade", "from": 41},
    {"slug": "inside", "name": "Inside sales", "from": 65},
]
NAMES = {"invited": "Invited", "viewed-pricing": "Viewed pricing", "created-item": "Created item"}


def at_least(measure: dict[str, Any], value: float) -> dict[str, Any]:
    return {"measure": measure, "op": ">=", "value": value}


def criterion(slug: str = "pricing", points: object = 20, **more: object) -> dict[str, Any]:
    return {"slug": slug, "name": slug.title(), "rule": at_least(PRICING, 2), "points": points, **more}


def column(*days: float) -> Column:
    return Column(np.array([days], np.float64))


def paid(one: dict[str, Any], key: str, *days: float) -> list[int]:
    scored: list[int] = score_columns(parse_criteria([one]), {key: column(*days)}).points[0].tolist()
    return scored


EXAMPLE = [
    criterion("invited", 15, rule=at_least(INVITED, 1), group="invited"),
    criterion("invited-more", 25, rule=at_least(INVITED, 4), group="invited"),
    criterion("pricing", 20, half_life=10),
    criterion("items", 5, rule=at_least(ITEMS, 10), cap=20),
]


def example() -> dict[str, Column]:
    """The worked example of docs/explain/measures.md: 50 days before the day scored, and that day."""
    return {
        "count:invited:ever": column(*[5] * 51),
        "count:viewed-pricing:30d": column(*[2] * 41, *[1] * 10),
        "count:created-item:ever": column(*[34] * 51),
    }


def test_the_worked_example_of_the_documentation() -> None:
    criteria = parse_criteria(EXAMPLE)
    result = score_columns(criteria, example())
    entries = breakdown(criteria, result, example(), 0, 0, NAMES)
    assert result.points.tolist() == [[50]]
    assert [(entry["held"], entry["points"], entry["reading"]) for entry in entries] == [
        (True, 0, "“Invited” 5 times so far; another criterion in its group counts instead"),
        (True, 25, "“Invited” 5 times so far"),
        (False, 10, "“Viewed pricing” once in 30 days (needs at least 2); still counts in part, last met 10 days ago"),
        (True, 15, "“Created item” 34 times so far"),
    ]


def test_an_entry_of_the_breakdown_says_everything_there_is_to_say() -> None:
    criteria = parse_criteria([criterion(half_life=None)])
    columns = {"count:viewed-pricing:30d": column(3)}
    entries = breakdown(criteria, score_columns(criteria, columns), columns, 0, 0)
    assert entries == [
        {
            "slug": "pricing",
            "name": "Pricing",
            "points": 20,
            "max_points": 20,
            "held": True,
            "reading": "“viewed-pricing” 3 times in 30 days",
            "measures": [{"key": "count:viewed-pricing:30d", "value": 3, "op": ">=", "threshold": 2}],
        }
    ]
    assert json.loads(json.dumps(entries)) == entries


def test_points_halve_each_half_life_are_rounded_half_up_and_end_after_five() -> None:
    held_once = [2, *[0] * 12]
    one = criterion(points=25, half_life=2)
    assert lookback_days(parse_criteria([one])) == 10
    decayed = paid(one, "count:viewed-pricing:30d", *[0] * 10, *held_once)
    assert decayed == [25, 18, 13, 9, 6, 4, 3, 2, 2, 1, 1, 0, 0]


def test_decay_looks_at_most_ninety_days_back() -> None:
    criteria = parse_criteria([criterion(points=100, half_life=60)])
    assert lookback_days(criteria) == 90
    assert paid(criterion(points=100, half_life=60), "count:viewed-pricing:30d", 2, *[0] * 91) == [35, 0]


def test_negative_points_decay_towards_nought() -> None:
    assert paid(criterion(points=-15, half_life=1), "count:viewed-pricing:30d", *[0] * 5, 2, 0, 0) == [-15, -7, -4]


def test_a_cap_pays_each_whole_multiple_of_the_threshold() -> None:
    one = criterion(points=5, rule=at_least(ITEMS, 10), cap=20)
    assert paid(one, "count:created-item:ever", 9, 10, 19, 20, 39, 40, 1_000_000) == [0, 5, 5, 10, 15, 20, 20]


def test_a_cap_with_a_fraction_as_threshold_counts_exactly() -> None:
    share = {"kind": "limit_share", "used": "seats_used", "limit": "seats"}
    one = criterion(points=1, rule={"all": [at_least(share, 0.1)]}, cap=10)
    assert paid(one, "limit_share:seats_used:seats", 0.3, 0.7, float("nan")) == [3, 7, 0]


def test_of_a_group_the_best_paid_counts_and_of_equals_the_first() -> None:
    group = [
        criterion("small", 10, rule=at_least(INVITED, 1), group="g"),
        criterion("large", 25, rule=at_least(INVITED, 4), group="g"),
        criterion("equal", 25, rule=at_least(INVITED, 4), group="g"),
        criterion("other", 3, rule=at_least(INVITED, 1)),
    ]
    result = score_columns(parse_criteria(group), {"count:invited:ever": column(0, 1, 4)})
    assert result.criterion_points[:, 0].T.tolist() == [[0, 0, 0, 0], [10, 0, 0, 3], [0, 25, 0, 3]]
    assert result.held[:, 0, 2].tolist() == [True, True, True, True]


def test_in_a_group_what_is_left_of_a_criterion_may_still_be_the_best_paid() -> None:
    group = [
        criterion("small", 10, rule=at_least(INVITED, 1), group="g"),
        criterion("large", 25, rule=at_least(INVITED, 4), group="g", half_life=2),
    ]
    result = score_columns(parse_criteria(group), {"count:invited:ever": column(*[1] * 10, 4, 1, 1, 1, 0)})
    assert result.criterion_points[:, 0].T.tolist() == [[0, 25], [0, 18], [0, 13], [10, 0], [0, 6]]


def test_a_group_of_penalties_takes_the_mildest_that_holds() -> None:
    group = [
        criterion("harsh", -20, rule=at_least(INVITED, 1), group="g"),
        criterion("mild", -5, rule=at_least(INVITED, 4), group="g"),
    ]
    result = score_columns(parse_criteria(group), {"count:invited:ever": column(0, 1, 4)})
    assert result.points[0].tolist() == [0, -20, -5]


def test_columns_that_start_too_late_for_decay_are_refused() -> None:
    criteria = parse_criteria([criterion(half_life=2)])
    with pytest.raises(ValueError, match="decay needs 10"):
        score_columns(criteria, {"count:viewed-pricing:30d": column(2, 2)}, lookback=1)


def test_a_model_without_criteria_scores_nought() -> None:
    result = score_columns((), {}, shape=(2, 3))
    assert result.points.tolist() == [[0, 0, 0], [0, 0, 0]]
    assert stored_breakdowns((), result, {}, [0, 1], 0) == [b"{}", b"{}"]


def naive_points(one: Criterion, world: World, rule: dict[str, Any], subject: int, day: int) -> int:
    for ago in range(one.lookback + 1):
        if holds(world, rule, subject, day - ago):
            return int(np.floor(one.points * 0.5 ** (ago / (one.half_life or 1)) + 0.5))
    return 0


@settings(max_examples=30, deadline=None)
@given(world=young_worlds, chosen=st.lists(rules, min_size=1, max_size=3), half_life=st.sampled_from([None, 1, 2]))
def test_points_equal_the_naive_sum_and_the_breakdown_adds_up(
    world: World, chosen: list[dict[str, Any]], half_life: int | None
) -> None:
    made = [criterion(f"c{index}", 7 * index - 4, rule=rule, half_life=half_life) for index, rule in enumerate(chosen)]
    criteria = parse_criteria(made)
    lookback = lookback_days(criteria)
    columns = measure_columns(world.frame(), specs_of_criteria(criteria), BASE - lookback, BASE + 1)
    result = score_columns(criteria, columns, shape=(3, lookback + 2))
    for subject in range(3):
        pairs = zip(criteria, chosen, strict=True)
        naive = [naive_points(one, world, rule, subject, BASE + 1) for one, rule in pairs]
        entries = breakdown(criteria, result, columns, subject, 1)
        assert [entry["points"] for entry in entries] == naive
        assert result.points[subject, 1] == sum(naive)


@settings(max_examples=30, deadline=None)
@given(world=young_worlds, chosen=st.lists(rules, min_size=1, max_size=3), half_life=st.sampled_from([None, 2]))
def test_a_stored_breakdown_reads_as_the_one_it_was_made_from(
    world: World, chosen: list[dict[str, Any]], half_life: int | None
) -> None:
    criteria = parse_criteria([criterion(f"c{i}", 7, rule=rule, half_life=half_life) for i, rule in enumerate(chosen)])
    lookback = lookback_days(criteria)
    columns = measure_columns(world.frame(), specs_of_criteria(criteria), BASE - lookback, BASE)
    result = score_columns(criteria, columns, shape=(3, lookback + 1))
    stored = stored_breakdowns(criteria, result, columns, range(3), 0)
    for subject, text in enumerate(stored):
        assert entries_of(criteria, json.loads(text)) == breakdown(criteria, result, columns, subject, 0)


@settings(max_examples=30, deadline=None)
@given(world=young_worlds, rule=rules)
def test_the_breakdown_shows_the_values_that_the_oracle_sees(world: World, rule: dict[str, Any]) -> None:
    criteria = parse_criteria([criterion(rule=rule)])
    columns = measure_columns(world.frame(), specs_of_criteria(criteria), BASE, BASE)
    result = score_columns(criteria, columns, shape=(3, 1))
    by_key = {spec.key: spec.to_json() for spec in specs_of_criteria(criteria)}
    for subject in range(3):
        entries = breakdown(criteria, result, columns, subject, 0)
        for seen in entries[0]["measures"]:  # type: ignore[attr-defined]
            assert seen["value"] == oracle(world, by_key[seen["key"]], subject, BASE)


@pytest.mark.parametrize(
    ("rule", "value", "reading"),
    [
        (at_least(INVITED, 4), 2, "“Invited” 2 times so far (needs at least 4)"),
        ({"any": [at_least(INVITED, 4), at_least(INVITED, 1)]}, 2, "“Invited” 2 times so far"),
        ({"none": [at_least(INVITED, 1)]}, 2, "“Invited” 2 times so far (must not apply)"),
        ({"none": [at_least(INVITED, 4)]}, 2, "“Invited” 2 times so far"),
        ({"measure": INVITED, "op": "unknown"}, 2, "“Invited” 2 times so far (needs no value)"),
        ({"measure": INVITED, "op": "between", "value": [3, 9]}, 2, "“Invited” 2 times so far (needs between 3 and 9)"),
        (at_least({"kind": "age_days"}, 3), float("nan"), "Days since signing up unknown (needs at least 3)"),
        ({"all": []}, 2, "Nothing asked"),
    ],
)
def test_a_reading_says_what_was_seen_and_what_was_missing(rule: dict[str, Any], value: float, reading: str) -> None:
    criteria = parse_criteria([criterion(rule=rule)])
    columns = {"count:invited:ever": column(value), "age_days": column(value)}
    entries = breakdown(criteria, score_columns(criteria, columns), columns, 0, 0, NAMES)
    assert entries[0]["reading"] == reading


@pytest.mark.parametrize(
    ("op", "value", "needs"),
    [
        ("=", "Team", "Team"),
        ("!=", "trial", "anything but trial"),
        ("one_of", ["Team", "Business"], "one of Team, Business"),
        ("contains", "eam", "“eam” in it"),
    ],
)
def test_a_reading_of_a_text_says_which_text_was_missing(op: str, value: object, needs: str) -> None:
    rule = {"measure": {"kind": "attribute", "key": "plan"}, "op": op, "value": value}
    criteria = parse_criteria([criterion(rule=rule)])
    texts = Column(np.array([[np.nan]]), np.array([[0]], np.int32), ("trial",))
    columns = {"attribute:plan:latest": texts}
    entries = breakdown(criteria, score_columns(criteria, columns), columns, 0, 0)
    assert entries[0]["reading"] == f"Plan trial (needs {needs})"


@pytest.mark.parametrize("points", [-3, 0, 40, 41, 64, 65, 1_000])
def test_the_tier_is_the_highest_that_the_points_reach(points: int) -> None:
    expected = "inside" if points >= 65 else "upgrade" if points >= 41 else "nurture"
    assert tier_of(points, parse_tiers(TIERS)).slug == expected


def test_criteria_and_tiers_survive_the_way_through_json_and_back() -> None:
    criteria, tiers = parse_criteria(EXAMPLE), parse_tiers(TIERS)
    assert parse_criteria(json.loads(json.dumps([one.to_json() for one in criteria]))) == criteria
    assert [tier.to_json() for tier in tiers] == TIERS


@pytest.mark.parametrize(
    ("criteria", "path", "problem"),
    [
        ({}, "criteria", "an object is not a list"),
        ([{}], "criteria[0].slug", "“slug” is missing"),
        ([criterion() | {"weight": 1}], "criteria[0].weight", "“weight” is unknown here"),
        ([criterion("Pricing page")], "criteria[0].slug", "“Pricing page” is not a slug"),
        ([criterion(), criterion()], "criteria[1].slug", "“pricing” is there already"),
        ([criterion(points=1.5)], "criteria[0].points", "1.5 does not fit"),
        ([criterion(points=10_001)], "criteria[0].points", "10001 does not fit"),
        ([criterion(person=1)], "criteria[0].person", "1 is neither true nor false"),
        ([criterion(half_life=0)], "criteria[0].half_life", "0 does not fit"),
        ([criterion(cap=10)], "criteria[0].cap", "the cap is below the points of one time"),
        ([criterion(points=-5, cap=10)], "criteria[0].cap", "the cap is below the points of one time"),
        ([criterion(cap=90, rule={"all": []})], "criteria[0].cap", "a cap counts multiples of one threshold"),
        ([criterion(cap=90, rule=at_least(ITEMS, 0))], "criteria[0].cap", "a cap counts multiples of one threshold"),
        (
            [criterion(rule={"all": [at_least({"kind": "people", "days": 0}, 1)]})],
            "criteria[0].rule.all[0].measure.days",
            "0 does not fit",
        ),
        ([criterion(rule=at_least(INVITED, 1))], "criteria[0].rule.measure.signals[0]", "there is no signal “invited”"),
    ],
)
def test_whatever_is_wrong_with_criteria_is_refused_by_name(criteria: object, path: str, problem: str) -> None:
    with pytest.raises(PointsError) as refused:
        parse_criteria(criteria, known_signals=["viewed-pricing", "created-item"])
    assert (refused.value.path, refused.value.problem) == (path, problem)


@pytest.mark.parametrize(
    ("tiers", "path", "problem"),
    [
        ([], "tiers", "0 entries"),
        (TIERS[1:], "tiers", "the tiers do not rise from 0"),
        ([TIERS[0], TIERS[2], TIERS[1]], "tiers", "the tiers do not rise from 0"),
        ([TIERS[0], TIERS[0]], "tiers[1].slug", "“nurture” is there already"),
        ([TIERS[0] | {"to": 40}], "tiers[0].to", "“to” is unknown here"),
        ([TIERS[0] | {"from": -1}], "tiers[0].from", "-1 does not fit"),
    ],
)
def test_whatever_is_wrong_with_tiers_is_refused_by_name(tiers: object, path: str, problem: str) -> None:
    with pytest.raises(PointsError) as refused:
        parse_tiers(tiers)
    assert (refused.value.path, refused.value.problem) == (path, problem)
