"""Points and tiers of a model in the rules of other models, segments and triggers."""

from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import numpy as np
import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import Account
from plgcrm.common.cache import forget_all
from signals.measures.engine import measure_columns
from signals.measures.frame import Column
from signals.measures.kinds_models import STORED
from signals.measures.specs import parse_spec
from signals.models import AccountState, Score, ScoringModel, ScoringModelVersion, Segment, Trigger
from signals.rules.criteria import parse_criteria, parse_tiers
from signals.rules.derived import (
    CircleError,
    Days,
    Definitions,
    ModelRules,
    Source,
    derived,
    in_order,
    lookback_of,
    sources_in,
)
from signals.rules.describe import describe_rule
from signals.rules.evaluate import seen_values
from signals.rules.tree import parse_rule
from signals.scoring import run
from signals.scoring.history import Clock, score_histories
from signals.scoring.what_if import effect_of, matching_accounts
from signals.versions import publish
from signals.vocabulary.spoken import names_in_rules
from tests.conftest import T0, Send, identify, track
from tests.signals.conftest import rule_data
from tests.signals.oracle import World, oracle
from tests.signals.test_admin_studio import ADDRESS, criterion, form
from tests.signals.worlds import BASE, SUBJECTS, rules, young_worlds

LOW_AND_HIGH = [{"slug": "low", "name": "Low", "from": 0}, {"slug": "high", "name": "Bright & early", "from": 30}]
THREE = {"measure": {"kind": "people", "days": 30}, "op": ">=", "value": 3}
IN_HIGH = {"measure": {"kind": "tier", "model": "fit"}, "op": "=", "value": "high"}
QUALIFIED = {"measure": {"kind": "qualified", "model": "fit"}, "op": "=", "value": 1}
HOT = {"measure": {"kind": "segment", "segment": "hot"}, "op": "=", "value": 1}


def points(model: str, value: int) -> dict[str, Any]:
    return {"measure": {"kind": "points", "model": model}, "op": ">=", "value": value}


def rules_of(*criteria: dict[str, Any]) -> ModelRules:
    return ModelRules(tuple(parse_criteria(criteria)), tuple(parse_tiers(LOW_AND_HIGH)), 30)


def days_of(model: str, columns: dict[str, list[float]], definitions: Definitions, lookback: int) -> list[float]:
    """The points of a model on the days that get points, of one subject."""
    measured = {key: Column(np.array([values], np.float64)) for key, values in columns.items()}
    width = len(next(iter(columns.values())))
    found = derived(measured, [], [model], definitions, Days((1, width), lookback))
    result: list[float] = found.results[model].points[0].tolist()
    return result


def test_each_is_worked_out_after_what_it_reads() -> None:
    definitions = Definitions(
        {"hot": parse_rule(IN_HIGH), "cold": parse_rule({"none": [HOT]})},
        {"fit": rules_of(criterion("a", 40, THREE)), "sum": rules_of(criterion("b", 5, {"all": [HOT, IN_HIGH]}))},
    )
    wanted = [Source("segment", "cold"), Source("model", "sum"), Source("segment", "gone")]
    assert [source.slug for source in in_order(wanted, definitions)] == ["fit", "hot", "sum", "cold"]


def test_what_fades_is_read_as_of_the_days_before_too() -> None:
    fading = criterion("b", 16, IN_HIGH) | {"half_life": 2}
    models = {"fit": rules_of(criterion("a", 30, THREE) | {"half_life": 1}), "sum": rules_of(fading)}
    definitions = Definitions({}, models)
    assert lookback_of([Source("model", "sum")], definitions) == 15
    assert lookback_of([Source("model", "fit")], definitions) == 5
    people = [0.0] * 13 + [3, 0, 0, 0, 0]
    # In the tier on day 13; two days later half is left, and by the fourth day a quarter.
    assert days_of("sum", {"people:activity:30d": people}, definitions, 15) == [8, 6, 4]


def of_subjects(world: World, measure: dict[str, Any], first: int, last: int) -> Column:
    """What scoring does, of the subjects of a world."""
    models = {
        name: ModelRules(tuple(parse_criteria(criteria)), tuple(parse_tiers(LOW_AND_HIGH)), 30)
        for name, criteria in world.models
    }
    definitions, spec = Definitions({}, models), parse_spec(measure)
    back = lookback_of(sources_in([spec]), definitions)
    sources = in_order(sources_in([spec]), definitions)
    specs = [one for source in sources for one in definitions.specs(source) if not one.definition.derived]
    columns = measure_columns(world.frame(), specs, first - back, last)
    shape = (SUBJECTS, last - first + back + 1)
    found = derived(columns, [spec], [], definitions, Days(shape, back)).columns[spec.key]
    return found.of(np.s_[:, back:])


@settings(max_examples=40, deadline=None)
@given(
    world=young_worlds,
    chosen=st.lists(st.tuples(rules, st.sampled_from([-5, 10, 20, 30]), st.sampled_from([None, None, 1])), max_size=3),
    reads=st.sampled_from([{"kind": "tier", "op": "=", "value": "high"}, {"kind": "points", "op": ">=", "value": 15}]),
    half_life=st.sampled_from([None, 1]),
)
def test_points_and_tiers_equal_the_oracle_on_every_day(
    world: World, chosen: list[Any], reads: dict[str, Any], half_life: int | None
) -> None:
    below = tuple(
        criterion(f"c{place}", points, rule) | {"half_life": fades}
        for place, (rule, points, fades) in enumerate(chosen)
    )
    asks = {"measure": {"kind": reads["kind"], "model": "below"}, "op": reads["op"], "value": reads["value"]}
    gone = {"measure": {"kind": "points", "model": "gone"}, "op": "unknown"}
    above = (criterion("a", 40, asks) | {"half_life": half_life}, criterion("b", 3, gone))
    world = replace(world, models=(("below", below), ("above", above)))
    for measure in ({"kind": kind, "model": name} for kind in STORED.values() for name in ("below", "above", "gone")):
        column = of_subjects(world, measure, BASE, BASE + 2)
        for subject, day in product(range(SUBJECTS), range(3)):
            seen = seen_values(column.of(np.ix_([subject], [day])))[0]
            assert seen == oracle(world, measure, subject, BASE + day), (measure, subject, day)


def test_a_model_that_nobody_published_is_unknown_and_one_without_tiers_has_none() -> None:
    definitions = Definitions({}, {"fit": ModelRules(tuple(parse_criteria([criterion("a", 40, THREE)])), (), 30)})
    asked = [parse_spec({"kind": "tier", "model": model}) for model in ("gone", "fit")]
    people = {"people:activity:30d": Column(np.array([[3.0]]))}
    found = derived(people, asked, [], definitions, Days((1, 1), 0)).columns
    assert np.isnan(found["tier:gone"].numbers).all()
    assert found["tier:fit"].texts.tolist() == [[-1]]  # type: ignore[union-attr]
    assert found["points:fit"].numbers.tolist() == [[40.0]]


def test_a_rule_that_asked_for_scores_as_attributes_asks_for_the_same() -> None:
    for key, kind in [("score.fit", "points"), ("tier.fit", "tier"), ("qualified.fit", "qualified")]:
        assert parse_spec({"kind": "attribute", "key": key}) == parse_spec({"kind": kind, "model": "fit"})


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (IN_HIGH, "Tier in Fit is Bright & early"),
        (IN_HIGH | {"op": "one_of", "value": ["low", "high"]}, "Tier in Fit one of Low, Bright & early"),
        (QUALIFIED, "Qualified by Fit"),
        (QUALIFIED | {"value": 0}, "Not qualified by Fit"),
        (points("fit", 30), "At least 30 points in Fit"),
        (points("fit", 1) | {"op": "<"}, "Fewer than 1 point in Fit"),
        (HOT, "In the segment “Hot ones”"),
    ],
)
@pytest.mark.django_db
def test_they_read_as_an_admin_calls_them(fit: ScoringModelVersion, rule: dict[str, Any], sentence: str) -> None:
    Segment.objects.create(slug="hot", name="Hot ones", rule=IN_HIGH)
    assert describe_rule(parse_rule(rule), names_in_rules()) == sentence


# On rows


@pytest.fixture
def fit(source: Any) -> ScoringModelVersion:
    return live("fit", "Fit", criterion("people", 40, THREE))


def live(kind: str, name: str, *criteria: dict[str, Any]) -> ScoringModelVersion:
    return publish(draft(kind, name, *criteria), acting_user=None, now=T0)


def draft(kind: str, name: str, *criteria: dict[str, Any]) -> ScoringModelVersion:
    model, _ = ScoringModel.objects.get_or_create(kind=kind, defaults={"name": name})
    return ScoringModelVersion.objects.create(
        scoring_model=model,
        number=model.versions.count() + 1,
        criteria=list(criteria),
        tiers=LOW_AND_HIGH,
        threshold=30,
    )


@pytest.fixture
def two(send: Send) -> dict[str, Account]:
    """Acme with three people, Beta with one."""
    for user, company in (("a", "acme"), ("b", "acme"), ("c", "acme"), ("d", "beta")):
        send(identify(user, f"{user}@{company}.com"), track(user, days=2))
    return {account.domain.partition(".")[0]: account for account in Account.objects.all()}


def points_of(kind: str) -> dict[str, int]:
    scores = Score.objects.filter(scoring_model__kind=kind, person=None).select_related("account")
    return {str(score.account.domain).partition(".")[0]: score.points for score in scores if score.account}


@pytest.mark.django_db
def test_a_model_a_segment_and_a_trigger_read_the_tier_of_another_model(
    fit: ScoringModelVersion, two: dict[str, Account]
) -> None:
    Segment.objects.create(slug="hot", name="Hot", rule={"any": [IN_HIGH, points("gone", 1)]})
    live("sum", "Sum", criterion("tier", 7, IN_HIGH), criterion("hot", 5, HOT), criterion("cold", 2, {"none": [HOT]}))
    Trigger.objects.create(slug="both", name="Both", rule={"all": [HOT, points("sum", 12)]})
    forget_all()
    run.score_dirty(T0)
    assert points_of("sum") == {"acme": 12, "beta": 0}
    states = {state.account_id: state for state in AccountState.objects.all()}
    assert {name: "both" in states[account.pk].triggers for name, account in two.items()} == {
        "acme": True,
        "beta": False,
    }
    assert states[two["acme"].pk].measures["tier.fit"] == "high"
    assert states[two["beta"].pk].measures["score.fit"] == 0
    assert run.sweep(T0).changed == 0


@pytest.mark.django_db
def test_what_is_shown_beforehand_is_what_scoring_then_says(fit: ScoringModelVersion, two: dict[str, Account]) -> None:
    Segment.objects.create(slug="hot", name="Hot", rule=IN_HIGH)
    forget_all()
    assert matching_accounts(HOT, now=T0).count == 0  # nobody has been scored yet
    run.score_dirty(T0)
    assert matching_accounts(HOT, now=T0, limit=2).accounts == [two["acme"].pk]
    assert matching_accounts({"none": [IN_HIGH]}, now=T0, limit=2).accounts == [two["beta"].pk]
    assert effect_of(draft("sum", "Sum", criterion("hot", 30, HOT)), now=T0).would_qualify == 1


@pytest.mark.django_db
def test_points_over_time_follow_the_tier_that_was_held_then(fit: ScoringModelVersion, two: dict[str, Account]) -> None:
    live("sum", "Sum", criterion("tier", 7, IN_HIGH) | {"half_life": 1})
    forget_all()
    now = T0 + timedelta(days=30)
    found = score_histories(two["acme"].pk, now=now, days=34, clock=Clock.HAPPENED)
    history = {one.kind: one.points for one in found}
    assert history["fit"] == [0] + [40] * 30 + [0] * 3
    assert history["sum"] == [0] + [7] * 30 + [4, 2, 1]


@pytest.mark.django_db
def test_a_criterion_may_not_read_its_own_model(admin: Client, fit: ScoringModelVersion) -> None:
    own = draft("fit", "Fit", criterion("people", 40, THREE))
    page = admin.post(f"{ADDRESS}{own.pk}/criteria/people/", form("people", IN_HIGH)).content.decode()
    assert "A model cannot read its own points or tier. Choose another model, or a segment." in page
    own.refresh_from_db()
    assert own.criteria[0]["rule"] == THREE


@pytest.mark.django_db
def test_models_and_segments_may_not_read_each_other_in_a_circle(admin: Client, fit: ScoringModelVersion) -> None:
    Segment.objects.create(slug="hot", name="Hot", rule=IN_HIGH)
    own = draft("fit", "Fit", criterion("people", 40, THREE))
    page = admin.post(f"{ADDRESS}{own.pk}/criteria/people/", form("people", HOT)).content.decode()
    circle = "These read each other in a circle: model “fit” → segment “hot” → model “fit”. Take one of them out"
    assert circle in page
    live("sum", "Sum", criterion("tier", 7, IN_HIGH))
    data = rule_data(points("sum", 1)) | {"name": "Hot", "position": "0"}
    assert Segment.objects.get().rule == IN_HIGH
    assert admin.post(f"/admin/signals/segment/{Segment.objects.get().pk}/change/", data).status_code == 302
    own.criteria = [criterion("hot", 5, HOT)]
    own.save()
    with pytest.raises(CircleError, match="circle"):
        publish(own, acting_user=None, now=T0)
    page = admin.post(f"{ADDRESS}{own.pk}/publish/", follow=True).content.decode()
    assert "Not published. These read each other in a circle" in page


@pytest.mark.django_db
def test_a_segment_may_not_read_itself_through_another(admin: Client, fit: ScoringModelVersion) -> None:
    Segment.objects.create(slug="cold", name="Cold", rule={"none": [HOT]})
    cold = {"measure": {"kind": "segment", "segment": "cold"}, "op": "=", "value": 1}
    data = rule_data(cold) | {"name": "Hot", "slug": "hot", "position": "0"}
    page = admin.post("/admin/signals/segment/add/", data).content.decode()
    assert "segment “hot” → segment “cold” → segment “hot”" in page
    assert not Segment.objects.filter(slug="hot").exists()


@pytest.mark.django_db
def test_a_tier_is_typed_by_its_name_and_kept_by_its_slug(admin: Client, fit: ScoringModelVersion) -> None:
    def save(value: Any, op: str = "=", model: str = "fit") -> str:
        rule = IN_HIGH | {"op": op, "value": value, "measure": {"kind": "tier", "model": model}}
        data = rule_data(rule) | {"name": "T", "slug": f"t{Trigger.objects.count()}", "active": "on"}
        return admin.post("/admin/signals/trigger/add/", data).content.decode()

    save("bright & EARLY")
    save(["Low", "high"], "one_of")
    assert [one.rule["value"] for one in Trigger.objects.order_by("pk")] == ["high", ["low", "high"]]
    assert "“Gold” is not one of them. Choose from: Low, Bright &amp; early." in save("Gold")
    assert "There is no scoring model “gone”. Choose one from the list." in save("high", model="gone")
    assert Trigger.objects.count() == 2
