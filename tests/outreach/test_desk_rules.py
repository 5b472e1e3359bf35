"""What guards look at and what a deal is counted as: said by an admin, kept, undone, and in force."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client
from django.utils import timezone

from outreach.models import DeskRules, PlayDecision, QueueItem
from outreach.plays.decide import refresh_items
from outreach.plays.desk_rules import SOON, desk_rules, read_rules, say_rules, undo_rules
from signals.models import AccountState, Segment
from tests.factories import Desk, hold_back, make_company, make_item

pytestmark = pytest.mark.usefixtures("shipped")
PAGE = "/admin/guards/"
SHIPPED = {
    "first_value": "reached-value",
    "support_fire": "support-issue",
    "signup_days": 3,
    "seat_price": 120.0,
    "company_share": 0.2,
    "deal_floor": 0.0,
}


def say(**said: Any) -> list[str]:
    return say_rules(said, now=timezone.now(), acting_user=None)


def test_as_shipped_the_rules_are_the_published_ones() -> None:
    assert read_rules().said == SHIPPED
    assert not DeskRules.objects.exists()


def test_what_is_said_is_in_force_at_once_and_what_was_before_can_be_undone() -> None:
    assert say(signup_days=10, seat_price=120.0) == ["signup_days"]
    assert say(signup_days=10) == []
    assert desk_rules().said == SHIPPED | {"signup_days": 10}
    newest = DeskRules.objects.latest("pk")
    assert undo_rules(newest.pk, now=timezone.now(), acting_user=None)
    assert desk_rules().said == SHIPPED
    assert not undo_rules(newest.pk, now=timezone.now(), acting_user=None)


def test_a_renamed_segment_is_followed() -> None:
    say(support_fire="paying")
    Segment.objects.filter(slug="paying").update(name="On fire")
    assert (read_rules().support_fire, read_rules().support_fire_name) == ("paying", "On fire")


def test_a_segment_that_is_gone_leaves_a_guard_that_holds_nobody() -> None:
    Segment.objects.filter(slug="reached-value").delete()
    assert (read_rules().first_value, read_rules().first_value_name) == ("", "")


def test_what_a_guard_held_is_re_checked_soon(desk: Desk) -> None:
    company = make_company("Halvorsen", now=desk.now)
    young = hold_back(company, desk.plays["expansion"], now=desk.now, guard="signup_age", reason="Young.")
    cold = hold_back(company, desk.plays["warm-outbound"], now=desk.now, guard="cool_down", reason="Cool.")
    now = timezone.now()
    say_rules({"signup_days": 1}, now=now, acting_user=None)
    assert PlayDecision.objects.get(pk=young.pk).recheck_at == now + SOON
    assert PlayDecision.objects.get(pk=cold.pk).recheck_at is None


def test_a_changed_deal_formula_orders_open_items_anew(desk: Desk) -> None:
    company, play = make_company("Halvorsen", now=desk.now, people=3), desk.plays["expansion"]
    assert play.trigger is not None
    AccountState.objects.filter(account=company).update(triggers={play.trigger.slug: "2026-01-01"})
    make_item(company, play, now=desk.now, rep=desk.rita)
    assert refresh_items(timezone.now()) == {}
    say(deal_floor=50_000.0)
    assert refresh_items(timezone.now()) == {"refreshed": 1}
    assert QueueItem.objects.get().priority_parts["deal"] == 50_000


@pytest.mark.parametrize(
    "wrong", [{"signup_days": 91}, {"seat_price": -1.0}, {"deal_floor": -1.0}, {"company_share": 1.1}]
)
def test_no_rules_beyond_their_bounds_are_kept(wrong: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError):
        DeskRules.objects.create(at=timezone.now(), **wrong)


FORM = SHIPPED | {"company_share": 20}


def test_the_page_saves_and_shows_what_changed(admin: Client) -> None:
    assert "Days without outreach after sign-up" in admin.get(PAGE).content.decode()
    admin.post(PAGE, FORM | {"signup_days": 5, "company_share": 12.5})
    assert read_rules().said == SHIPPED | {"signup_days": 5, "company_share": 0.125}
    page = admin.get(PAGE).content.decode()
    assert "Days after sign-up: 3 → 5; Share of a company: 20 % → 12 %" in page
    admin.post(PAGE, {"undo": DeskRules.objects.latest("pk").pk})
    assert read_rules().said == SHIPPED


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"signup_days": 91}, "less than or equal to 90"),
        ({"seat_price": "-1"}, "greater than or equal to 0"),
        ({"company_share": "101"}, "less than or equal to 100"),
        ({"deal_floor": "nan"}, "Enter a number."),
        ({"first_value": "nothing"}, "Select a valid choice"),
    ],
)
def test_the_page_refuses_what_cannot_be(admin: Client, wrong: dict[str, Any], words: str) -> None:
    answer = admin.post(PAGE, FORM | wrong)
    assert (answer.status_code, words in answer.content.decode()) == (400, True)
    assert not DeskRules.objects.exists()


def test_days_ago_of_a_change_are_in_its_history(admin: Client) -> None:
    say(signup_days=4)
    DeskRules.objects.update(at=timezone.now() - timedelta(days=2))
    assert "a program, 2\u00a0days ago" in admin.get(PAGE).content.decode()
