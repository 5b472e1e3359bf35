from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from signals.measures.engine import Column, measure_columns
from signals.rules.describe import describe_rule
from signals.rules.evaluate import Truth, evaluate, explain, seen_values
from signals.rules.tree import All, Condition, Node, RuleError, parse_rule, specs_of, to_json
from tests.signals.oracle import World, holds
from tests.signals.worlds import BASE, rules, young_worlds

PEOPLE = {"kind": "people", "days": 30}
PLAN = {"kind": "attribute", "key": "plan"}
SIZE = {"kind": "attribute", "key": "company_size"}
SEVEN_PEOPLE = {"measure": PEOPLE, "op": ">=", "value": 7}
ON_TEAM = {"measure": PLAN, "op": "=", "value": "Team"}
VOCABULARY = ("team", "Free", "true")

NAN = float("nan")


def columns(people: float = 0, plan: int = -1, number: float = NAN) -> dict[str, Column]:
    """One subject on one day."""
    return {
        "people:activity:30d": Column(np.array([[people]], np.float64)),
        "attribute:plan:latest": Column(np.array([[number]]), np.array([[plan]], np.int32), VOCABULARY),
    }


def held(rule: dict[str, Any], **values: Any) -> bool:
    return bool(evaluate(parse_rule(rule), columns(**values)).true[0, 0])


def three(truth: Truth) -> list[list[bool | None]]:
    """True, False and None, where unknown, of each subject and day."""
    assert not (truth.true & truth.false).any()
    cells = np.where(truth.true, 1, np.where(truth.false, 0, -1)).tolist()
    return [[None if cell < 0 else bool(cell) for cell in row] for row in cells]


@settings(max_examples=300, deadline=None)
@given(world=young_worlds, rule=rules)
def test_a_rule_holds_exactly_where_the_naive_evaluator_says(world: World, rule: dict[str, Any]) -> None:
    node = parse_rule(rule)
    found = measure_columns(world.frame(), specs_of(node), BASE, BASE + 3)
    result = evaluate(node, found, shape=(3, 4))
    naive = [[holds(world, rule, subject, BASE + day) for day in range(4)] for subject in range(3)]
    assert three(result) == naive
    assert explain(node, found, 2, 1).held is naive[2][1]


@settings(max_examples=50, deadline=None)
@given(rule=rules)
def test_a_rule_survives_the_way_through_json_and_back(rule: dict[str, Any]) -> None:
    node = parse_rule(rule)
    assert parse_rule(to_json(node)) == node
    assert describe_rule(node)


@pytest.mark.parametrize(
    ("op", "value", "expected"),
    [
        (">=", 7, [False, True, True]),
        ("<=", 7, [True, True, False]),
        (">", 7, [False, False, True]),
        ("<", 7, [True, False, False]),
        ("=", 7, [False, True, False]),
        ("!=", 7, [True, False, True]),
        ("between", [7, 8], [False, True, True]),
        ("between", [6.5, 7], [False, True, False]),
        ("one_of", [6, 8], [True, False, True]),
        ("not_one_of", [6, 8], [False, True, False]),
    ],
)
def test_numbers_compare(op: str, value: object, expected: list[bool]) -> None:
    rule = {"measure": PEOPLE, "op": op, "value": value}
    assert [held(rule, people=people) for people in (6, 7, 8)] == expected


@pytest.mark.parametrize(
    ("op", "value", "expected"),
    [
        ("=", "TEAM", [True, False, False]),
        ("!=", "TEAM", [False, True, False]),
        ("one_of", ["Team", "free"], [True, True, False]),
        ("not_one_of", ["Team"], [False, True, False]),
        ("contains", "EA", [True, False, False]),
        (">=", 0, [False, False, False]),
        ("known", None, [True, True, False]),
        ("unknown", None, [False, False, True]),
    ],
)
def test_texts_compare_without_regard_to_case_and_unknown_is_never_equal(
    op: str, value: object, expected: list[bool]
) -> None:
    rule = {"measure": PLAN, "op": op, "value": value}
    assert [held(rule, plan=plan) for plan in (0, 1, -1)] == expected


def test_true_is_the_text_true_and_the_number_one() -> None:
    rule = {"measure": PLAN, "op": "=", "value": True}
    assert held(rule, plan=2)
    assert held(rule, number=1)
    assert not held(rule, plan=0)


@pytest.mark.parametrize(
    ("text", "number", "seen"),
    [("200", 200, 200), ("200.0", 200, 200), ("true", 1, "true"), ("02134", 2134, "02134"), ("Team", NAN, "Team")],
)
def test_a_value_with_text_and_number_is_seen_as_a_person_would_write_it(
    text: str, number: float, seen: object
) -> None:
    both = Column(np.array([[number]], np.float64), np.array([[0]], np.int32), (text,))
    assert seen_values(both) == [seen]
    assert explain(parse_rule({"measure": PLAN, "op": "known"}), {"attribute:plan:latest": both}, 0, 0).value == seen


@pytest.mark.parametrize("op", [">=", "<=", ">", "<", "=", "!="])
def test_no_comparison_holds_with_an_unknown_number(op: str) -> None:
    assert not held({"measure": PEOPLE, "op": op, "value": 7}, people=NAN)


@pytest.mark.parametrize(
    ("group", "expected"),
    [("all", [False, False, False, True]), ("any", [False, True, True, True]), ("none", [True, False, False, False])],
)
def test_groups_join_their_parts(group: str, expected: list[bool]) -> None:
    rule = {group: [SEVEN_PEOPLE, ON_TEAM]}
    cases = [(0, 1), (7, 1), (0, 0), (7, 0)]
    assert [held(rule, people=people, plan=plan) for people, plan in cases] == expected


T, F, U = SEVEN_PEOPLE, SEVEN_PEOPLE | {"op": "<"}, ON_TEAM  # seen by seven people whose plan nobody sent


@pytest.mark.parametrize(
    ("group", "parts", "expected"),
    [
        ("all", [T, T], True), ("all", [T, F], False), ("all", [T, U], None), ("all", [F, U], False),
        ("all", [U, U], None), ("any", [T, U], True), ("any", [F, U], None), ("any", [F, F], False),
        ("any_known", [U, F], False), ("any_known", [U, T], True), ("any_known", [U, U], None),
        ("any_known", [F, T], True), ("none", [T, U], False), ("none", [F, U], None), ("none", [F, F], True),
        ("none", [U], None),
    ],
)  # fmt: skip
def test_what_is_unknown_is_neither_true_nor_false(group: str, parts: list[Any], expected: bool | None) -> None:
    found = evaluate(parse_rule({group: parts}), columns(people=7))
    assert three(found) == [[expected]]
    assert explain(parse_rule({group: parts}), columns(people=7), 0, 0).held is expected


@pytest.mark.parametrize(
    ("op", "value", "expected"),
    [
        (">=", 7, True), (">=", 8, None), (">", 6, True), (">", 7, None), ("<", 7, False), ("<", 8, None),
        ("<=", 6, False), ("=", 6, False), ("=", 7, None), ("!=", 6, True), ("!=", 9, None),
        ("between", [1, 6], False), ("between", [7, 9], None), ("one_of", [2, 3], False), ("not_one_of", [2, 3], True),
    ],
)  # fmt: skip
def test_of_a_lower_bound_only_what_no_larger_number_could_change_is_sure(
    op: str, value: Any, expected: bool | None
) -> None:
    at_least_seven = {"people:activity:30d": Column(np.array([[7.0]]), at_least=np.array([[True]]))}
    assert three(evaluate(parse_rule({"measure": PEOPLE, "op": op, "value": value}), at_least_seven)) == [[expected]]


def test_unknown_counts_as_no_where_the_condition_says_so() -> None:
    rule = ON_TEAM | {"unknown": "no"}
    assert three(evaluate(parse_rule({"none": [rule]}), columns())) == [[True]]
    assert describe_rule(parse_rule(rule)) == "Plan is Team (unknown counts as no)"


@pytest.mark.parametrize(("group", "expected"), [("all", True), ("any", False), ("none", True), ("any_known", False)])
def test_empty_groups_hold_or_not(group: str, expected: bool) -> None:
    assert evaluate(parse_rule({group: []}), {}, shape=(2, 3)).true.tolist() == [[expected] * 3] * 2


def test_without_columns_the_shape_must_be_said() -> None:
    with pytest.raises(ValueError, match="shape"):
        evaluate(parse_rule({"all": []}), {})


def nested(levels: int) -> dict[str, Any]:
    return SEVEN_PEOPLE if levels == 1 else {"all": [nested(levels - 1)]}


@pytest.mark.parametrize(
    ("rule", "path", "problem"),
    [
        ([], "", "a list is not an object"),
        ({}, "measure", "“measure” is missing"),
        ({"every": []}, "every", "“every” is unknown here"),
        ({"all": [], "any": []}, "any", "“any” is unknown here"),
        ({"all": SEVEN_PEOPLE}, "all", "an object is not a list"),
        ({"all": [SEVEN_PEOPLE, {"any": [3]}]}, "all[1].any[0]", "3 is not an object"),
        (SEVEN_PEOPLE | {"unknown": "yes"}, "unknown", "“yes” is unknown"),
        ({"all": [SEVEN_PEOPLE | {"note": 1}]}, "all[0].note", "“note” is unknown here"),
        ({"all": [SEVEN_PEOPLE | {"measure": {"kind": "people", "days": 0}}]}, "all[0].measure.days", "0 does not fit"),
        ({"measure": {"kind": "x"}, "op": ">=", "value": 1}, "measure.kind", "“x” is unknown"),
        ({"measure": PEOPLE, "value": 1}, "op", "“op” is missing"),
        (SEVEN_PEOPLE | {"op": "=>"}, "op", "“=>” is unknown"),
        (SEVEN_PEOPLE | {"op": "contains", "value": "a"}, "op", "“contains” looks into a text"),
        (SEVEN_PEOPLE | {"value": "7"}, "value", "“7” is not a number"),
        (SEVEN_PEOPLE | {"value": True}, "value", "true is not a number"),
        (SEVEN_PEOPLE | {"value": NAN}, "value", "nan is too large"),
        (SEVEN_PEOPLE | {"value": None}, "value", "null is not a number"),
        (SEVEN_PEOPLE | {"op": "=", "value": "seven"}, "value", "“seven” is not a number"),
        (SEVEN_PEOPLE | {"op": "between", "value": [7]}, "value", "1 entries"),
        (SEVEN_PEOPLE | {"op": "between", "value": [8, 7]}, "value", "the first number is larger than the second"),
        (SEVEN_PEOPLE | {"op": "one_of", "value": []}, "value", "0 entries"),
        (SEVEN_PEOPLE | {"op": "known"}, "value", "“known” compares with nothing"),
        (ON_TEAM | {"value": "x" * 201}, "value", f"“{'x' * 39}… does not fit"),
        (ON_TEAM | {"op": "one_of", "value": ["a"] * 201}, "value", "201 entries"),
        (ON_TEAM | {"op": "one_of", "value": ["a", {}]}, "value[1]", "an object is not a number"),
        (nested(9), ".".join(["all[0]"] * 8), "the rule is nested too deeply"),
        ({"all": [SEVEN_PEOPLE] * 100}, "", "the rule is too long"),
        (
            {"measure": PEOPLE | {"signals": ["bought"]}, "op": "known"},
            "measure.signals[0]",
            "there is no signal “bought”",
        ),
        (
            {"measure": {"kind": "attribute", "key": "mood"}, "op": "known"},
            "measure.key",
            "there is no attribute “mood”",
        ),
    ],
)
def test_whatever_is_wrong_is_refused_by_name(rule: object, path: str, problem: str) -> None:
    with pytest.raises(RuleError) as refused:
        parse_rule(rule, known_signals=["invited"], known_attributes=["plan", "company_size"])
    assert (refused.value.path, refused.value.problem) == (path, problem)
    assert refused.value.remedy


def test_the_deepest_and_the_longest_rule_are_read() -> None:
    assert parse_rule(nested(8))
    assert len(parse_rule({"all": [SEVEN_PEOPLE] * 99}).nodes) == 99  # type: ignore[union-attr]


def test_a_rule_names_each_measure_once() -> None:
    node = parse_rule({"all": [SEVEN_PEOPLE, {"none": [SEVEN_PEOPLE, ON_TEAM]}]})
    assert [spec.key for spec in specs_of(node)] == ["people:activity:30d", "attribute:plan:latest"]


def test_an_explanation_shows_what_was_seen_and_what_was_asked() -> None:
    node = parse_rule({"any": [SEVEN_PEOPLE, ON_TEAM]})
    assert explain(node, columns(people=6, plan=0), 0, 0).to_json() == {
        "held": True,
        "node": "any",
        "parts": [
            {"held": False, "node": "condition", "key": "people:activity:30d", "value": 6, "op": ">=", "threshold": 7},
            {
                "held": True,
                "node": "condition",
                "key": "attribute:plan:latest",
                "value": "team",
                "op": "=",
                "threshold": "Team",
            },
        ],
    }


def test_a_measure_that_was_not_computed_is_an_error_and_not_a_no() -> None:
    node: Node = All((parse_rule(SEVEN_PEOPLE),))
    with pytest.raises(KeyError, match="people:activity:30d"):
        evaluate(node, {}, shape=(1, 1))


INVITED = {"kind": "count", "signals": ["invited"], "days": 30}
COUNTRY = {"kind": "attribute", "key": "country"}
LIMIT = {"kind": "limit_share", "used": "seats_used", "limit": "seats"}


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (SEVEN_PEOPLE, "At least 7 people active in 30 days"),
        (
            {
                "all": [
                    SEVEN_PEOPLE,
                    {"measure": SIZE, "op": "between", "value": [200, 1000]},
                    {"any": [{"measure": COUNTRY, "op": "one_of", "value": ["DE", "FR"]}, ON_TEAM]},
                ]
            },
            "At least 7 people active in 30 days, and company size between 200 and 1,000, "
            "and (country one of DE, FR or plan is Team)",
        ),
        ({"measure": INVITED, "op": ">=", "value": 1}, "“Invited people” at least once in 30 days"),
        ({"measure": INVITED, "op": "<", "value": 4}, "“Invited people” fewer than 4 times in 30 days"),
        ({"measure": LIMIT, "op": ">=", "value": 0.8}, "At least 80 % of the seats used"),
        ({"measure": {"kind": "days_since_last"}, "op": ">", "value": 14}, "Last active more than 14 days ago"),
        ({"measure": {"kind": "age_days"}, "op": "between", "value": [3, 14]}, "Signed up between 3 and 14 days ago"),
        ({"measure": {"kind": "workspaces"}, "op": "=", "value": 1}, "Exactly 1 workspace"),
        ({"measure": {"kind": "workspaces"}, "op": "one_of", "value": [1, 2, 3]}, "1, 2 or 3 workspaces"),
        ({"measure": PLAN, "op": "!=", "value": "trial"}, "Plan is not trial"),
        ({"measure": PLAN, "op": "contains", "value": "tea"}, "Plan contains tea"),
        ({"measure": SIZE, "op": "unknown"}, "Company size unknown"),
        ({"measure": SIZE, "op": "<", "value": 50}, "Company size less than 50"),
        ({"any": [SEVEN_PEOPLE, {"none": [ON_TEAM]}]}, "At least 7 people active in 30 days, or not (plan is Team)"),
        (
            {"any_known": [SEVEN_PEOPLE, ON_TEAM]},
            "At least 7 people active in 30 days, or plan is Team, as far as known",
        ),
        ({"all": [{"all": [SEVEN_PEOPLE]}]}, "At least 7 people active in 30 days"),
        ({"all": []}, "Always"),
        ({"any": []}, "Never"),
    ],
)
def test_a_rule_reads_as_plain_english(rule: dict[str, Any], sentence: str) -> None:
    assert describe_rule(parse_rule(rule), {"invited": "Invited people"}) == sentence


def test_conditions_can_be_compared_and_put_into_sets() -> None:
    assert len({parse_rule(SEVEN_PEOPLE), parse_rule(dict(SEVEN_PEOPLE))}) == 1
    assert isinstance(parse_rule(SEVEN_PEOPLE), Condition)
