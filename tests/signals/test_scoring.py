"""Scores, tiers and moments on Postgres."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Account, DirtyMark
from plgcrm.common.cache import forget_all
from signals.models import AccountState, Moment, Score, ScoringModel, ScoringModelVersion, Trigger
from signals.rules.tree import RuleError
from signals.scoring import run
from signals.scoring.breakdown import explained
from signals.scoring.what_if import matching_accounts
from signals.versions import new_draft, publish
from tests.conftest import T0, Send, add_signal, group, identify, track

pytestmark = pytest.mark.django_db

PEOPLE = {"measure": {"kind": "people", "days": 30}, "op": ">=", "value": 3}
LIMIT = {"measure": {"kind": "count", "signals": ["hit-limit"], "days": 30}, "op": ">=", "value": 1}
TIERS = [{"slug": "nurture", "name": "Nurture", "from": 0}, {"slug": "inside", "name": "Inside sales", "from": 65}]


def criterion(slug: str, rule: dict[str, Any], points: int, **more: Any) -> dict[str, Any]:
    plain = {"group": None, "cap": None, "half_life": None, "person": False}
    return {"slug": slug, "name": slug, "rule": rule, "points": points} | plain | more


@pytest.fixture
def live_model(send: Send) -> ScoringModelVersion:
    add_signal("hit-limit", {"any": [{"names": ["Limit Hit"]}]})
    model = ScoringModel.objects.create(kind="pql", name="PQL")
    criteria = [criterion("people", PEOPLE, 40), criterion("limit", LIMIT, 30, person=True)]
    draft = ScoringModelVersion.objects.create(scoring_model=model, number=1, criteria=criteria, tiers=TIERS)
    published = publish(draft, acting_user=None, now=T0)
    DirtyMark.objects.all().delete()
    return published


def three_people(send: Send, domain: str = "acme.com") -> Account:
    for i in range(3):
        send(identify(f"{domain}{i}", f"p{i}@{domain}"), track(f"{domain}{i}"))
    return Account.objects.get(domain=domain)


def test_points_add_up_from_the_stored_breakdown(send: Send, live_model: ScoringModelVersion) -> None:
    account = three_people(send)
    send(track("acme.com0", "Limit Hit"))
    run.score_dirty(T0)
    score = Score.objects.get(account=account)
    assert (score.points, score.tier, score.qualified) == (70, "inside", True)
    entries = explained(score.breakdown, version_id=score.version_id, criteria=score.version.criteria)
    assert sum(entry["points"] for entry in entries) == 70
    assert entries[0]["reading"] == "3 people active in 30 days"


def test_marks_are_taken_with_the_scores_they_led_to(send: Send, live_model: ScoringModelVersion) -> None:
    three_people(send)
    assert run.score_dirty(T0).accounts == 1
    assert not DirtyMark.objects.exists()
    assert run.score_dirty(T0).accounts == 0


def test_a_tier_crossed_is_a_moment_once(send: Send, live_model: ScoringModelVersion) -> None:
    three_people(send)
    send(track("acme.com0", "Limit Hit"))
    run.score_dirty(T0)
    send(track("acme.com1"))
    run.score_dirty(T0)
    assert Moment.objects.get(kind="tier").facts["to"] == "inside"


def test_a_trigger_is_a_moment_when_it_becomes_true_and_again_after_it_was_not(
    send: Send, live_model: ScoringModelVersion
) -> None:
    Trigger.objects.create(slug="limit", name="At a limit", rule=LIMIT)
    forget_all()
    account = three_people(send)
    send(track("acme.com0", "Limit Hit"))
    for days in (0, 0, 31):
        run.sweep(T0 + timedelta(days=days))
    assert Moment.objects.filter(kind="trigger", account=account).count() == 1
    assert AccountState.objects.get(account=account).triggers == {}


def test_a_rule_can_ask_for_the_score_itself(send: Send, live_model: ScoringModelVersion) -> None:
    rule = {"measure": {"kind": "attribute", "key": "score.pql"}, "op": ">=", "value": 65}
    Trigger.objects.create(slug="qualified", name="Qualified", rule=rule)
    forget_all()
    account = three_people(send)
    send(track("acme.com0", "Limit Hit"))
    run.score_dirty(T0)
    assert "qualified" in AccountState.objects.get(account=account).triggers
    assert matching_accounts(rule, now=T0).accounts == []
    assert matching_accounts(rule, now=T0, limit=5).accounts == [account.pk]


def test_live_scoring_and_the_sweep_agree(send: Send, live_model: ScoringModelVersion) -> None:
    three_people(send)
    three_people(send, "other.com")
    run.score_dirty(T0)
    assert run.sweep(T0).changed == 0


def test_the_sweep_sees_what_changes_by_time_alone(send: Send, live_model: ScoringModelVersion) -> None:
    account = three_people(send)
    run.score_dirty(T0)
    run.sweep(T0 + timedelta(days=30))
    assert Score.objects.get(account=account).points == 0


def test_people_are_scored_inside_qualified_accounts_only(send: Send, live_model: ScoringModelVersion) -> None:
    three_people(send, "small.com")
    three_people(send)
    send(track("acme.com0", "Limit Hit"))
    run.score_dirty(T0)
    assert Score.objects.get(person__isnull=False).person.email == "p0@acme.com"
    run.sweep(T0 + timedelta(days=31))
    assert not Score.objects.filter(person__isnull=False).exists()


def test_attributes_of_workspaces_are_read_as_of_now(send: Send, live_model: ScoringModelVersion) -> None:
    rule = {"measure": {"kind": "limit_share", "used": "seats_used", "limit": "seats"}, "op": ">=", "value": 0.9}
    account = three_people(send)
    send(group("acme.com0", "w1", seats=50, seats_used=47), group("acme.com0", "w1", days=3, seats=50, seats_used=2))
    assert matching_accounts(rule, now=T0, limit=1).accounts == [account.pk]
    assert matching_accounts(rule, now=T0 - timedelta(days=2)).count == 0


def test_an_account_written_by_another_scorer_meanwhile_is_scored_again(
    send: Send, live_model: ScoringModelVersion, monkeypatch: Any
) -> None:
    account = three_people(send)
    monkeypatch.setattr(run, "stored_states", lambda ids: {account.pk: (12345, 0)})
    run.score_dirty(T0)
    assert not Score.objects.exists()
    monkeypatch.undo()
    assert run.score_dirty(T0).changed == 1


def test_publishing_keeps_one_live_version_and_scores_everybody_again(
    send: Send, live_model: ScoringModelVersion
) -> None:
    account = three_people(send)
    run.score_dirty(T0)
    draft = new_draft(live_model.scoring_model, acting_user=None)
    draft.criteria[0]["points"] = 65
    draft.save()
    publish(draft, acting_user=None, now=T0)
    run.score_dirty(T0)
    assert Score.objects.get(account=account).version == draft
    assert ScoringModelVersion.objects.filter(state="live").count() == 1


def test_an_unreadable_rule_is_refused_by_name(live_model: ScoringModelVersion) -> None:
    with pytest.raises(RuleError, match="clicks"):
        matching_accounts({"measure": {"kind": "clicks"}, "op": ">=", "value": 1}, now=T0)


def state_of(account: Account) -> AccountState:
    return AccountState.objects.get(account=account)


def test_a_new_date_alone_writes_nothing(send: Send, live_model: ScoringModelVersion) -> None:
    account = three_people(send)
    run.sweep(T0 + timedelta(days=1))
    before = state_of(account)
    assert run.sweep(T0 + timedelta(days=2)).changed == 0
    after = state_of(account)
    assert (after.measures["age_days"], after.as_of, after.changed_at) == (1, before.as_of, before.changed_at)


def test_where_a_trigger_is_true_a_new_date_is_a_change(send: Send, live_model: ScoringModelVersion) -> None:
    Trigger.objects.create(slug="people", name="People", rule=PEOPLE)
    forget_all()
    account = three_people(send)
    run.sweep(T0 + timedelta(days=1))
    assert run.sweep(T0 + timedelta(days=2)).changed == 1
    assert state_of(account).changed_at == T0 + timedelta(days=2)


def test_a_score_that_follows_from_the_same_values_is_not_written_again(
    send: Send, live_model: ScoringModelVersion
) -> None:
    account = three_people(send)
    run.score_dirty(T0)
    send(track("acme.com0"))
    later = T0 + timedelta(minutes=1)
    assert run.score_dirty(later).changed == 1  # more events, as many people
    assert Score.objects.get(account=account).changed_at == T0
    assert state_of(account).changed_at == later


def test_a_run_says_whether_there_was_anything_to_look_at(send: Send, live_model: ScoringModelVersion) -> None:
    assert not run.score_dirty(T0).found
    three_people(send)
    assert run.score_dirty(T0) == run.RunCounts(accounts=1, changed=1, moments=0, found=True)
    assert not run.score_dirty(T0).found
