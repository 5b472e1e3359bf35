"""What looks wrong, decided from values alone: names that were meant, conditions against each other, typed amounts."""

from typing import Any

import pytest

from signals.measures.specs import parse_spec
from signals.rules.contradictions import doubts_between, never_together, placed_nodes
from signals.rules.doubts import meant, nearest, shortened, such_as
from signals.rules.tree import Condition, parse_rule
from signals.rules.typed_amounts import amount_doubt, typed_amount, unit_of

SEATS = {"kind": "attribute", "key": "seats"}
PEOPLE = {"kind": "people", "days": 30}


def condition(op: str, value: Any = None, measure: Any = SEATS, **more: Any) -> Condition:
    tree = {"measure": measure, "op": op} | ({} if value is None else {"value": value}) | more
    read = parse_rule(tree)
    assert isinstance(read, Condition)
    return read


@pytest.mark.parametrize(
    ("typed", "names", "near"),
    [
        ("planNmae", ["planName", "plan"], "planName"),
        ("plan-name", ["plan_name"], "plan_name"),
        ("Plan Name", ["plan_name"], "plan_name"),
        ("postcode", ["planName", "plan"], ""),
        ("***", ["plan"], ""),
        ("x", [], ""),
    ],
)
def test_the_name_that_was_meant_is_the_nearest_one(typed: str, names: list[str], near: str) -> None:
    assert nearest(typed, names) == near


def test_a_doubt_about_a_name_says_what_was_meant_only_where_something_is_near() -> None:
    assert (meant("No.", "key", "planNmae", ["planName"]).words, meant("No.", "key", "x", ["planName"]).field) == (
        "No. Did you mean planName?",
        "",
    )


def test_samples_are_few_and_short() -> None:
    assert such_as(["a", "b", "c", "d", "e"]) == "a, b, c and d"
    assert shortened("x" * 50) == "x" * 39 + "…"


NEVER = [
    (("=", 5), ("=", 6)),
    (("=", "free"), ("one_of", ["team", "scale"])),
    (("one_of", ["free"]), ("!=", "FREE")),
    (("one_of", ["free", "team"]), ("not_one_of", ["team", "free"])),
    (("=", True), ("=", False)),
    (("=", 5), (">", 5)),
    (("between", [1, 3]), ("=", 4)),
    ((">=", 10), ("<", 10)),
    ((">", 10), ("<=", 10)),
    ((">", 10), ("<", 10)),
    (("between", [1, 3]), (">", 3)),
    (("known", None), ("unknown", None)),
    (("unknown", None), (">=", 1)),
]
TOGETHER = [
    (("=", 5), ("=", 5)),
    (("=", 5), ("one_of", [4, 5])),
    (("=", "free"), ("!=", "team")),
    (("=", "5a"), (">=", 4)),  # of a text nothing is sure
    (("=", True), ("=", "true")),
    (("=", 5), (">=", 5)),
    ((">=", 10), ("<=", 10)),
    ((">=", 10), (">", 3)),
    (("between", [1, 3]), (">=", 3)),
    (("known", None), ("<", 3)),
    (("unknown", None), ("unknown", None)),
    (("contains", "ea"), ("=", "free")),
    (("!=", "free"), ("!=", "team")),
]


@pytest.mark.parametrize(("one", "other"), NEVER)
def test_two_that_no_value_meets_are_never_true_together(one: Any, other: Any) -> None:
    assert never_together(condition(*one), condition(*other))
    assert never_together(condition(*other), condition(*one))


@pytest.mark.parametrize(("one", "other"), TOGETHER)
def test_two_that_one_value_meets_do_not_contradict(one: Any, other: Any) -> None:
    assert not never_together(condition(*one), condition(*other))
    assert not never_together(condition(*other), condition(*one))


def test_conditions_of_different_measures_do_not_contradict() -> None:
    assert not never_together(condition("=", 5), condition("=", 6, PEOPLE))


LOW, HIGH = ({"measure": PEOPLE, "op": op, "value": value} for op, value in (("<", 3), (">=", 9)))


@pytest.mark.parametrize(
    ("tree", "places"),
    [
        ({"all": [LOW, HIGH]}, ["0.1"]),
        ({"all": [LOW, {"all": [HIGH]}]}, ["0.1.0"]),
        ({"any": [LOW, HIGH]}, []),
        ({"none": [LOW, HIGH]}, []),
        ({"all": [{"any": [LOW, HIGH]}, LOW]}, []),
        ({"any": [LOW, LOW]}, ["0.1"]),
        ({"none": [LOW, LOW]}, ["0.1"]),
        ({"none": [LOW, {"none": [LOW]}]}, []),
        ({"any": [LOW, {"all": [LOW, HIGH]}]}, ["0.1.1"]),
        (LOW, []),
    ],
)
def test_a_doubt_stands_at_the_later_of_two_that_are_joined_alike(tree: Any, places: list[str]) -> None:
    assert sorted(doubts_between(parse_rule(tree), {})) == places


def test_every_node_has_its_place() -> None:
    rule = parse_rule({"all": [LOW, {"any": [HIGH]}]})
    assert [place for place, _ in placed_nodes(rule)] == ["0", "0.0", "0.1", "0.1.0"]


@pytest.mark.parametrize(
    ("text", "kind", "unit", "words"),
    [
        ("50", "limit_share", "share", "50 means 5,000 %. Did you mean 50 %?"),
        ("1.5", "limit_share", "share", None),
        ("5", "growth", "share", None),
        ("6", "growth", "share", "6 means 600 %. Did you mean 6 %?"),
        ("0.5", "growth", "share", None),
        ("50 %", "growth", "share", None),
        ("0.5 %", "growth", "share", "0.5 % is less than 1 %. Did you mean 50 %?"),
        ("0 %", "growth", "share", None),
        ("1 %", "growth", "share", None),
        ("999 %", "growth", "share", None),
        ("1,000 %", "growth", "share", "1,000 % is 10 times the whole. Did you mean 10 %?"),
        ("7", "people", "count", None),
        ("0.5", "people", "count", "This is a count, and 0.5 is not a whole number."),
        ("90%", "people", "count", "This is a count, not a share: 90% is read as 0.9. Did you mean 90?"),
        ("0.5", "last_of", "number", None),
        ("90 %", "last_of", "number", None),
        ("4 weeks", "age_days", "days", "This is in days: give the number alone. Did you mean 28?"),
        ("1 year", "age_days", "days", "This is in days: give the number alone. Did you mean 365?"),
        ("28 days", "age_days", "days", "This is in days: give the number alone. Did you mean 28?"),
        ("28 days", "people", "count", "This is a count, not a time: give the number alone."),
        ("5k", "people", "count", "Give the whole number. Did you mean 5,000?"),
        ("5 seats", "people", "count", "Give the number alone. Did you mean 5?"),
        ("1,5", "growth", "share", "Decimals are written with a point. Did you mean 1.5?"),
        ("$500", "last_of", "number", "Give the number alone. Did you mean 500?"),
        ("500 USD", "attribute", "money", "Give the number alone. Did you mean 500?"),
        ("€500", "attribute", "money", "Amounts are in USD here: give it in USD, as a number alone."),
        ("$6,000/year", "attribute", "money", "Amounts are per month here. Did you mean 500?"),
        ("$500 a month", "attribute", "money", "Give the number alone. Did you mean 500?"),
        ("$5", "age_days", "days", "This is a number of days, not an amount of money."),
        ("many", "people", "count", None),
        ("", "people", "count", None),
        ("5 to 7", "people", "count", None),
        ("4 weeks", "attribute", "text", None),
    ],
)
def test_a_typed_amount_is_held_against_its_unit(text: str, kind: str, unit: str, words: str | None) -> None:
    doubt = amount_doubt(text, kind, unit, "USD")
    assert (doubt and doubt.words) == words


def test_where_the_installation_has_no_currency_any_is_only_taken_off() -> None:
    doubt = amount_doubt("€500", "attribute", "money", "")
    assert doubt is not None
    assert (doubt.field, doubt.value) == ("value", "500")


def test_an_amount_is_read_with_what_stands_around_it() -> None:
    found = typed_amount(" US$ 1,200.50 / month ")
    assert found is not None
    assert (found.number, found.lead, found.tail, found.is_plain) == (1200.5, "US$", "/ month", False)
    assert typed_amount("about 7") is None


@pytest.mark.parametrize(
    ("measure", "reading", "unit"),
    [
        (PEOPLE, "", "count"),
        ({"kind": "growth", "days": 30}, "", "share"),
        ({"kind": "active_days", "days": 30}, "", "days"),
        ({"kind": "attribute", "key": "mrr"}, "money", "money"),
        ({"kind": "attribute", "key": "mrr"}, "", "text"),
        ({"kind": "attribute", "key": "mrr", "agg": "sum"}, "", "number"),
        ({"kind": "last_of", "signals": ["a"], "property": "amount"}, "", "number"),
    ],
)
def test_every_measure_has_a_unit(measure: Any, reading: str, unit: str) -> None:
    assert unit_of(parse_spec(measure), reading) == unit
