import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from signals.measures.kinds import KINDS
from signals.measures.specs import SpecError, parse_spec
from tests.signals.worlds import measures

PAGE = Path(__file__).resolve().parents[2] / "docs" / "explain" / "measures.md"
NAMES = {"invited": "Invited people", "hit-limit": "Hit plan limit"}


@settings(max_examples=50, deadline=None)
@given(measure=measures())
def test_a_measure_survives_the_way_through_json_and_back(measure: dict[str, Any]) -> None:
    spec = parse_spec(measure)
    assert parse_spec(spec.to_json()) == spec
    assert parse_spec(spec.to_json()).key == spec.key


@settings(max_examples=50, deadline=None)
@given(one=measures(), other=measures())
def test_two_measures_share_a_key_only_when_they_are_the_same(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert (parse_spec(one).key == parse_spec(other).key) == (parse_spec(one) == parse_spec(other))


@pytest.mark.parametrize(
    ("measure", "key"),
    [
        ({"kind": "people", "days": 30}, "people:activity:30d"),
        ({"kind": "count", "signals": ["b", "a", "b"], "days": None}, "count:a+b:ever"),
        ({"kind": "active_days", "days": 14, "from": "signup"}, "active_days:activity:first14d"),
        ({"kind": "growth", "days": 7, "of": "people", "floor": 5}, "growth:activity:7d:people:floor5"),
        ({"kind": "limit_share", "used": "a:b", "limit": "b c"}, "limit_share:a%3Ab:b%20c"),
        ({"kind": "workspaces"}, "workspaces"),
        ({"kind": "sum_of", "signals": ["b", "a"], "property": "amount", "days": 30}, "sum_of:a+b:amount:30d"),
        (
            {"kind": "open_cases", "signals": ["a"], "closing": ["c", "b"], "property": "ticket"},
            "open_cases:a:b+c:ticket:ever",
        ),
        ({"kind": "growth", "days": 7, "least_age": 30}, "growth:activity:7d:count:floor1:age30"),
        ({"kind": "people_times", "times": 2, "days": 7}, "people_times:activity:2x:7d"),
        ({"kind": "new_members", "days": 14}, "new_members:14d"),
        ({"kind": "new_members", "days": 14, "role": "admin"}, "new_members:14d:admin"),
        ({"kind": "people_with", "trait": "title", "values": ["VP", "C:O"]}, "people_with:title:is:C%3AO+VP:ever"),
        (
            {"kind": "ratio", "one": {"kind": "people", "days": 7}, "other": {"kind": "members"}},
            "ratio:people%3Aactivity%3A7d:members",
        ),
    ],
)
def test_a_key_is_short_and_always_the_same(measure: dict[str, Any], key: str) -> None:
    assert parse_spec(measure).key == key


@pytest.mark.parametrize(
    ("measure", "path", "problem"),
    [
        (3, "", "3 is not an object"),
        ({}, "kind", "“kind” is missing"),
        ({"kind": "peple"}, "kind", "“peple” is unknown"),
        ({"kind": ["people"]}, "kind", "a list is unknown"),
        ({"kind": "people", "dyas": 3}, "dyas", "“dyas” is unknown here"),
        ({"kind": "members", "days": 3}, "days", "“days” is unknown here"),
        ({"kind": "people", "days": 0}, "days", "0 does not fit"),
        ({"kind": "people", "days": 731}, "days", "731 does not fit"),
        ({"kind": "people", "days": "30"}, "days", "“30” does not fit"),
        ({"kind": "people", "days": True}, "days", "true does not fit"),
        ({"kind": "people", "days": 7.5}, "days", "7.5 does not fit"),
        ({"kind": "people", "days": 10**5000}, "days", "a huge number does not fit"),
        ({"kind": "growth"}, "days", "“days” is missing"),
        ({"kind": "growth", "days": 7, "of": "breadth"}, "of", "“breadth” is unknown"),
        ({"kind": "growth", "days": 7, "floor": 0}, "floor", "0 does not fit"),
        ({"kind": "count", "from": "signup"}, "days", "the first days from sign-up need a number"),
        ({"kind": "count", "signals": []}, "signals", "0 entries"),
        ({"kind": "count", "signals": "invited"}, "signals", "“invited” is not a list"),
        ({"kind": "count", "signals": ["invited", ""]}, "signals[1]", "“” does not fit"),
        ({"kind": "count", "signals": ["invted"]}, "signals[0]", "there is no signal “invted”"),
        ({"kind": "attribute", "key": "mood"}, "key", "there is no attribute “mood”"),
        ({"kind": "attribute", "key": "plan", "agg": "mean"}, "agg", "“mean” is unknown"),
        ({"kind": "people_times", "times": 0}, "times", "0 does not fit"),
        ({"kind": "open_cases", "signals": ["invited"], "property": "a"}, "closing", "“closing” is missing"),
        (
            {"kind": "open_cases", "signals": ["invited"], "closing": ["solvd"], "property": "a"},
            "closing[0]",
            "there is no signal “solvd”",
        ),
        ({"kind": "sum_of", "property": "amount"}, "signals", "“signals” is missing"),
        ({"kind": "sum_of", "signals": ["invited"]}, "property", "“property” is missing"),
        ({"kind": "sum_growth", "signals": ["invited"], "property": "amount"}, "days", "“days” is missing"),
        ({"kind": "people_with", "trait": "plan"}, "values", "“values” is missing"),
        ({"kind": "people_with", "trait": "plan", "values": "VP"}, "values", "“VP” is not a list"),
        ({"kind": "trait_values", "trait": "mood"}, "trait", "there is no attribute “mood”"),
        ({"kind": "ratio", "one": {"kind": "members"}}, "other", "“other” is missing"),
        ({"kind": "ratio", "one": {"kind": "people", "days": 0}}, "one.days", "0 does not fit"),
        ({"kind": "ratio", "one": {"kind": "difference"}}, "one.kind", "“difference” is unknown"),
        (
            {"kind": "difference", "one": {"kind": "attribute", "key": "score.pql"}},
            "one",
            "that is known only after all measures",
        ),
    ],
)
def test_whatever_is_wrong_is_refused_by_name(measure: object, path: str, problem: str) -> None:
    with pytest.raises(SpecError) as refused:
        parse_spec(measure, known_signals=["invited"], known_attributes=["plan", "score.pql"])
    assert (refused.value.path, refused.value.problem) == (path, problem)
    assert refused.value.remedy


def test_the_nearest_name_is_suggested() -> None:
    with pytest.raises(SpecError, match="Did you mean “invited”"):
        parse_spec({"kind": "count", "signals": ["invted"]}, known_signals=["invited", "exported"])


def test_activity_is_always_known() -> None:
    assert parse_spec({"kind": "count"}, known_signals=[]).signals_needed() == ("activity",)


@pytest.mark.parametrize(
    ("measure", "horizon"),
    [
        ({"kind": "people", "days": 30}, 30),
        ({"kind": "growth", "days": 7}, 14),
        ({"kind": "count"}, None),
        ({"kind": "active_days", "days": 14, "from": "signup"}, None),
        ({"kind": "members"}, 0),
        ({"kind": "attribute_changes", "key": "plan", "days": 30}, 0),
        ({"kind": "people_with", "trait": "title", "values": ["VP"], "days": 9}, 9),
        ({"kind": "people_with", "trait": "title", "values": ["VP"]}, 0),
        ({"kind": "ratio", "one": {"kind": "growth", "days": 7}, "other": {"kind": "people", "days": 9}}, 14),
        ({"kind": "ratio", "one": {"kind": "count"}, "other": {"kind": "members"}}, None),
    ],
)
def test_a_measure_says_how_much_history_it_reads(measure: dict[str, Any], horizon: int | None) -> None:
    assert parse_spec(measure).horizon() == horizon


@pytest.mark.parametrize(
    ("measure", "days"),
    [
        ({"kind": "people", "days": 30}, 0),
        ({"kind": "attribute_changes", "key": "plan", "days": 30}, 30),
        ({"kind": "attribute_changes", "key": "plan"}, None),
        ({"kind": "new_members", "days": 14, "role": "admin"}, 14),
        (
            {"kind": "difference", "one": {"kind": "members"}, "other": {"kind": "attribute_changes", "key": "plan"}},
            None,
        ),
    ],
)
def test_a_measure_says_how_many_days_of_changes_of_attributes_it_reads(
    measure: dict[str, Any], days: int | None
) -> None:
    assert parse_spec(measure).history_days() == days


def test_a_measure_of_two_reads_what_its_two_read() -> None:
    one = {"kind": "limit_share", "used": "a", "limit": "b"}
    other = {"kind": "trait_values", "signals": ["invited"], "trait": "title"}
    spec = parse_spec({"kind": "ratio", "one": one, "other": other})
    assert spec.attributes_needed() == ("a", "b")
    assert spec.traits_needed() == ("title",)
    assert spec.signals_needed() == ("invited",)


def test_a_measure_says_which_attributes_it_reads() -> None:
    assert parse_spec({"kind": "limit_share", "used": "a", "limit": "b"}).attributes_needed() == ("a", "b")
    assert parse_spec({"kind": "people"}).attributes_needed() == ()


@pytest.mark.parametrize(
    ("measure", "value", "sentence"),
    [
        ({"kind": "people", "days": 30}, None, "people active in 30 days"),
        ({"kind": "people", "days": 30}, 9, "9 people active in 30 days"),
        ({"kind": "people", "days": 1}, 1, "1 person active in 1 day"),
        ({"kind": "people", "signals": ["invited"]}, 2, "2 people with “Invited people” so far"),
        ({"kind": "count", "days": 7}, 1200, "1,200 events in 7 days"),
        ({"kind": "count", "signals": ["hit-limit"], "days": 30}, None, "“Hit plan limit” in 30 days"),
        ({"kind": "count", "signals": ["hit-limit"], "days": 30}, 1, "“Hit plan limit” once in 30 days"),
        ({"kind": "active_days", "days": 14, "from": "signup"}, 5, "5 active days in the first 14 days"),
        (
            {"kind": "breadth", "signals": ["hit-limit", "invited"]},
            2,
            "2 of “Hit plan limit” and “Invited people” so far",
        ),
        ({"kind": "longest_streak", "days": 30}, 7, "longest streak of 7 active days in 30 days"),
        ({"kind": "current_streak"}, 7, "current streak of 7 active days"),
        (
            {"kind": "growth", "days": 7, "of": "people"},
            0.5,
            "growth of 50 % in people active (7 days against the 7 before)",
        ),
        ({"kind": "days_since_first"}, 12, "first active 12 days ago"),
        ({"kind": "days_since_last", "signals": ["invited"]}, 1, "last “Invited people” 1 day ago"),
        (
            {"kind": "limit_share", "used": "boards_used", "limit": "boards_limit"},
            0.7999,
            "79.9 % of the boards limit used",
        ),
        ({"kind": "workspaces"}, 2, "2 workspaces"),
        ({"kind": "members"}, 1, "1 member"),
        ({"kind": "admins"}, 3, "3 admins"),
        ({"kind": "age_days"}, 40, "signed up 40 days ago"),
        ({"kind": "attribute", "key": "companySize"}, 340, "company size 340"),
        ({"kind": "attribute", "key": "mrr", "agg": "sum"}, 99.5, "total mrr 99.5"),
        ({"kind": "attribute_changes", "key": "plan", "days": 30}, 1, "1 change of plan in 30 days"),
        (
            {"kind": "sum_of", "signals": ["hit-limit"], "property": "amountDue", "days": 30},
            1200,
            "total amount due of “Hit plan limit” in 30 days 1,200",
        ),
        (
            {"kind": "last_of", "signals": ["hit-limit"], "property": "amount"},
            None,
            "last amount of “Hit plan limit” so far",
        ),
        (
            {"kind": "sum_growth", "signals": ["hit-limit"], "property": "amount", "days": 30},
            0.5,
            "growth of 50 % of total amount of “Hit plan limit” (30 days against the 30 before)",
        ),
        (
            {"kind": "open_cases", "signals": ["hit-limit"], "closing": ["invited"], "property": "ticket", "days": 30},
            1,
            "1 case with “Hit plan limit” in 30 days and no “Invited people” since",
        ),
        ({"kind": "days_since_date", "key": "last_renewal"}, 12, "last renewal 12 days ago"),
        ({"kind": "days_until_date", "key": "trial_ends"}, 1, "trial ends in 1 day"),
        ({"kind": "days_until_date", "key": "trial_ends"}, None, "days until trial ends"),
        (
            {"kind": "attribute_growth", "key": "mrr", "days": 30, "agg": "sum"},
            0.5,
            "growth of 50 % of total mrr against 30 days before",
        ),
        ({"kind": "most_in_a_day", "days": 7}, 12, "12 events on one day in 7 days"),
        (
            {"kind": "most_in_a_day", "signals": ["invited"], "days": 7},
            None,
            "most “Invited people” on one day in 7 days",
        ),
        ({"kind": "most_in_a_day", "signals": ["invited"]}, 1, "“Invited people” once on one day so far"),
        (
            {"kind": "people_times", "signals": ["invited"], "times": 2, "days": 7},
            3,
            "3 people with “Invited people” at least twice each in 7 days",
        ),
        ({"kind": "people_times", "times": 10, "days": 7}, 1, "1 person with at least 10 events each in 7 days"),
        ({"kind": "new_members", "days": 14}, 1, "1 new member in 14 days"),
        ({"kind": "new_members", "days": 14, "role": "admin"}, 2, "2 new “admin” members in 14 days"),
        (
            {"kind": "people_with", "trait": "jobTitle", "match": "contains", "values": ["VP", "Head"]},
            2,
            "2 people with “Head” or “VP” in their job title",
        ),
        (
            {"kind": "people_with", "trait": "department", "values": ["Sales"], "days": 30},
            None,
            "people active in 30 days with department “Sales”",
        ),
        (
            {"kind": "trait_values", "signals": ["invited"], "trait": "department", "times": 2, "days": 7},
            3,
            "3 different values of department among people with “Invited people” at least twice each in 7 days",
        ),
        ({"kind": "person_attribute", "trait": "use_case"}, None, "use case of a person"),
        (
            {"kind": "ratio", "one": {"kind": "people", "days": 7}, "other": {"kind": "members"}},
            0.5,
            "people active in 7 days per members: 0.5",
        ),
        (
            {"kind": "difference", "one": {"kind": "members"}, "other": {"kind": "admins"}},
            None,
            "members less admins",
        ),
    ],
)
def test_each_kind_reads_as_plain_english(measure: dict[str, Any], value: float | None, sentence: str) -> None:
    assert parse_spec(measure).describe(value, NAMES) == sentence


def test_many_signals_are_named_in_part() -> None:
    spec = parse_spec({"kind": "breadth", "signals": [f"s{number}" for number in range(12)]})
    assert spec.describe(3).endswith("“s4” and 5 more so far")


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_words_for_a_form_and_a_place_in_the_documentation(kind: str) -> None:
    definition = KINDS[kind]
    assert definition.label
    assert definition.help.endswith(".")
    assert all(field.label for field in definition.fields)
    assert re.search(rf"^\| `{kind}` \|", PAGE.read_text(), re.MULTILINE)
