"""What an admin does: changes what counts as qualified, sees first who that would be, and publishes it."""

import pytest
from playwright.sync_api import Page, expect

from signals.ingest.keys import ensure_source
from signals.models import ScoringModelVersion
from tests.browser.conftest import Open
from tests.factories import Desk

PQL = {"scoring_model__kind": "pql"}


def open_draft(page: Page) -> None:
    page.goto("/admin/signals/scoringmodel/")
    page.click("tr:has-text('Product-qualified lead') >> text=criteria")
    page.click("text=New draft from live")
    expect(page.locator(".lead").first).to_contain_text("draft v2")


def set_points(page: Page, criterion: str, points: int) -> None:
    page.click(f".criterion a:has-text('{criterion}')")
    page.fill(".criterion.open [name$=-points]", str(points))
    page.click("text=Save in this draft")


def points_of(name: str) -> int:
    criteria = ScoringModelVersion.objects.get(state="live", **PQL).criteria
    return int(next(each["points"] for each in criteria if each["name"] == name))


def test_a_criterion_is_changed_after_seeing_who_would_qualify(desk: Desk, open_as: Open) -> None:
    page = open_as(desk.ada)
    open_draft(page)
    effect = page.locator("aside .figures")
    expect(effect).to_contain_text("accounts would qualify")
    set_points(page, "Active 7 days running", 90)
    expect(effect.locator("dd").first).to_have_text("5")
    assert points_of("Active 7 days running") == 25
    page.click("text=Publish v2…")
    expect(page.locator(".lead").first).to_contain_text("5 would be")
    page.click("button:has-text('Publish v2')")
    expect(page.locator("body")).to_contain_text("live v2")
    assert points_of("Active 7 days running") == 90


def test_the_threshold_is_changed_likewise(desk: Desk, open_as: Open) -> None:
    page = open_as(desk.ada)
    open_draft(page)
    page.fill("#tiers [name=threshold]", "20")
    page.click("text=Save tiers and threshold")
    expect(page.locator("aside .figures dd").first).to_have_text("5")
    assert ScoringModelVersion.objects.get(state="live", **PQL).threshold == 65


def test_without_javascript_the_numbers_stand_before_publishing(desk: Desk, open_as: Open) -> None:
    page = open_as(desk.ada, java_script_enabled=False)
    open_draft(page)
    set_points(page, "Active 7 days running", 90)
    page.click("text=Publish v2…")
    expect(page.locator(".lead").first).to_contain_text("5 would be")
    page.click("button:has-text('Publish v2')")
    assert points_of("Active 7 days running") == 90


@pytest.mark.parametrize("script", [True, False])
def test_a_test_event_is_sent_and_seen_to_arrive(desk: Desk, open_as: Open, script: bool) -> None:
    ensure_source("Web app", "wk_test")
    page = open_as(desk.ada, java_script_enabled=script)
    page.goto("/admin/")
    page.click("button:has-text('Send a test event')")
    expect(page.locator(".arrived")).to_contain_text("It arrived")
