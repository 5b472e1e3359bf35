"""How far a rule is from being true, and what it still asks for."""

import pytest

from signals.rules.nearness import gap_of
from signals.rules.tree import parse_rule

PEOPLE = {"measure": {"kind": "people", "signals": ["activity"], "days": 30}, "op": ">=", "value": 10}
PLAN = {"measure": {"kind": "attribute", "key": "plan"}, "op": "one_of", "value": ["team", "business"]}
PEOPLE_KEY, PLAN_KEY = "people:activity:30d", "attribute:plan:latest"


def test_a_rule_that_holds_lacks_nothing() -> None:
    gap = gap_of(parse_rule({"all": [PEOPLE, PLAN]}), {PEOPLE_KEY: 12, PLAN_KEY: "Team"}, {})
    assert (gap.distance, gap.words) == (0.0, ())


def test_what_an_all_still_asks_for_is_named() -> None:
    gap = gap_of(parse_rule({"all": [PEOPLE, PLAN]}), {PEOPLE_KEY: 4, PLAN_KEY: "free"}, {})
    assert gap.distance == pytest.approx(1.6)
    assert gap.words == ("4 people active in 30 days (needs at least 10)", "Plan free (needs one of team, business)")


def test_of_an_any_the_nearest_counts() -> None:
    gap = gap_of(parse_rule({"any": [PLAN, PEOPLE]}), {PEOPLE_KEY: 9, PLAN_KEY: "free"}, {})
    assert gap.distance == pytest.approx(0.1)
    assert gap.words == ("9 people active in 30 days (needs at least 10)",)


def test_what_must_not_be_so_is_said() -> None:
    gap = gap_of(parse_rule({"none": [PLAN]}), {PLAN_KEY: "team"}, {})
    assert (gap.distance, gap.words) == (1.0, ("Plan team (must not apply)",))


def test_what_was_never_measured_is_unknown() -> None:
    gap = gap_of(parse_rule(PEOPLE), {}, {})
    assert (gap.distance, "unknown" in gap.words[0]) == (1.0, True)
