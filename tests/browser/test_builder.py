"""The rule builder in a browser: it helps while somebody types, in both widths and themes, and without JavaScript."""

import os
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Browser, expect
from playwright.sync_api import Page as Tab

from accounts.models import Account, Attribute, AttributeKey
from signals.models import Segment
from tests.browser.test_accessibility import grave_troubles, is_wide, looks
from tests.browser.walk import log_in
from tests.factories import Desk

PICTURES = os.environ.get("PLGCRM_PICTURES")  # a folder, for whoever wants to look
RULE = {
    "all": [
        {"measure": {"kind": "people", "days": 30}, "op": ">=", "value": 2},
        {"measure": {"kind": "attribute", "key": "edition"}, "op": "=", "value": "scael"},
        {"measure": {"kind": "segment", "segment": "paying"}, "op": "=", "value": 0},
    ]
}


def with_editions() -> Segment:
    """Half of the companies say which edition they have; and a segment that misspells one."""
    key, _ = AttributeKey.objects.get_or_create(name="edition")
    for number, account in enumerate(Account.objects.order_by("pk")):
        Attribute.objects.create(
            subject_kind=Attribute.Subject.ACCOUNT, subject_id=account.pk, key=key, origin=Attribute.Origin.CRM,
            day=timezone.now().date(), at=timezone.now(), text="scale" if number % 2 else "starter",
        )  # fmt: skip
    return Segment.objects.create(slug="scaling", name="Scaling", rule=RULE)


def opened(browser: Browser, url: str, user: User, address: str, **shape: Any) -> Tab:
    context = browser.new_context(base_url=url, **shape)
    log_in(context, url, user)
    tab = context.new_page()
    tab.goto(address)
    return tab


def test_the_builder_helps_while_somebody_types(browser: Browser, server: str, desk: Desk) -> None:
    segment = with_editions()
    tab = opened(browser, server, desk.ada, f"/admin/signals/segment/{segment.pk}/change/")
    tab.get_by_text("Did you mean scale?").wait_for()
    tab.get_by_role("button", name="Use scale").click()
    expect(tab.locator('[name="rule:0.1:value"]')).to_have_value("scale")
    tab.get_by_text("Did you mean scale?").wait_for(state="detached")
    tab.get_by_role("button", name="false for").click()
    tab.locator(".who .named li").first.wait_for()
    tab.locator('[name="rule:0.0:value"]').fill("1")
    tab.get_by_text("At least 1 person active in 30 days").wait_for()
    name = tab.locator(".who .named a").first.inner_text()
    assert tab.locator(".who .named li").count() > 1
    tab.locator(".who .find input").fill(name)
    tab.locator(".who .find input").press("Enter")
    expect(tab.locator(".who .named li")).to_have_count(1)
    assert tab.url.endswith("/change/")
    tab.context.close()


def test_all_of_it_works_without_javascript(browser: Browser, server: str, desk: Desk) -> None:
    segment = with_editions()
    address = f"/admin/signals/segment/{segment.pk}/change/"
    tab = opened(browser, server, desk.ada, address, java_script_enabled=False)
    tab.get_by_role("button", name="Check and count the accounts").click()
    tab.get_by_role("button", name="Use scale").click()
    tab.get_by_role("button", name="Check and count the accounts").click()
    tab.get_by_role("button", name="false for").click()
    assert tab.locator(".who .named li").count() >= 1
    tab.get_by_role("button", name="Save", exact=True).click()
    tab.get_by_role("button", name="Save segment").click()  # having seen what it does to the queues
    segment.refresh_from_db()
    assert segment.rule["all"][1]["value"] == "scale"
    assert segment.rule["all"][2]["value"] == 0
    tab.context.close()


def test_the_builder_is_calm_for_everybody(browser: Browser, server: str, desk: Desk) -> None:
    segment = with_editions()
    Account.objects.filter(name="Company 00").update(name="Donaudampfschifffahrtsgesellschaft" * 3)
    tab = opened(browser, server, desk.ada, f"/admin/signals/segment/{segment.pk}/change/")
    tab.get_by_text("Did you mean scale?").wait_for()
    tab.get_by_role("button", name="false for").click()
    tab.locator(".who .named li").first.wait_for()
    troubles = []
    for look in looks(tab):
        troubles += [f"{look}: {error}" for error in [*grave_troubles(tab), *is_wide(tab)]]
        if PICTURES:
            tab.screenshot(path=Path(PICTURES) / f"builder-{look.replace(' ', '-')}.png", full_page=True)
    assert troubles == [], "\n".join(troubles)
    tab.context.close()
