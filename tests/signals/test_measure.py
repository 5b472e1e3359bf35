"""The way from specs to points, where no other test walks it."""

import pytest

from plgcrm.setup_shipped import ensure_shipped_configuration
from signals.measures.specs import parse_spec
from signals.models import ScoringModelVersion
from signals.scoring.measure import ScoredDays, specs_needed
from signals.scoring.what_if import Match, effect_of, matching_accounts
from tests.conftest import T0

PEOPLE = {"kind": "people", "signals": ["activity"], "days": 30}
COUNT = {"kind": "count", "signals": ["activity"], "days": 7}


def test_each_spec_is_needed_once_in_the_order_of_keys_and_scores_are_not_measured() -> None:
    specs = [parse_spec(PEOPLE), parse_spec({"kind": "points", "model": "pql"}), parse_spec(COUNT), parse_spec(PEOPLE)]
    assert [spec.key for spec in specs_needed(specs)] == ["count:activity:7d", "people:activity:30d"]


def test_days_that_decay_needs_are_measured_before_those_that_are_scored() -> None:
    days = ScoredDays(100, 109, lookback=5)
    assert (days.measured_from, days.measured) == (95, 15)
    assert ScoredDays.only(100).measured == 1


@pytest.mark.django_db
@pytest.mark.parametrize("measure", [PEOPLE, {"kind": "attribute", "key": "tier.pql"}])
def test_a_rule_holds_for_nobody_where_there_are_no_accounts(measure: dict[str, object]) -> None:
    ensure_shipped_configuration()
    assert matching_accounts({"measure": measure, "op": "known"}, now=T0) == Match(0, 0, [])


@pytest.mark.django_db
def test_a_version_has_an_effect_of_noughts_where_there_are_no_accounts() -> None:
    ensure_shipped_configuration()
    effect = effect_of(ScoringModelVersion.objects.filter(state="live").first(), now=T0)
    assert (effect.total, effect.qualified_now, effect.would_qualify) == (0, 0, 0)
    assert {criterion.held for criterion in effect.criteria} == {0}
    assert {tier.would for tier in effect.tiers} == {0}
