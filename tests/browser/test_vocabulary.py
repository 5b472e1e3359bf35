"""An admin says what a product calls things: few clicks, both widths and themes, with and without JavaScript."""

import os
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Browser
from playwright.sync_api import Page as Tab

from accounts.models import AttributeKey
from signals.models import (
    CatalogueSource,
    Configuration,
    EventName,
    EventNameDay,
    Meaning,
    PropertyMeaning,
    SignalDefinition,
    Source,
)
from signals.vocabulary.meanings import said_of
from signals.vocabulary.proposals import proposals
from tests.browser.test_accessibility import grave_troubles, is_wide, looks
from tests.browser.walk import log_in
from tests.factories import Desk
from tests.signals.test_meanings import add_key

PICTURES = os.environ.get("PLGCRM_PICTURES")  # a folder, for whoever wants to look


def arrive(name: str, kind: int = 1, count: int = 10, **properties: list[Any]) -> None:
    source, _ = Source.objects.get_or_create(name="API")
    made = EventName.objects.create(source=source, kind=kind, name=name, last_seen_at=timezone.now(), sampled=1)
    EventNameDay.objects.create(name=made, day=timezone.now().date(), settled=count)
    for path, samples in properties.items():
        add_key(path, samples, "event", made)


def arrived_product() -> None:
    """An API product that nobody has said anything about."""
    # An installation as it comes: nobody has said what anything is.
    SignalDefinition.objects.exclude(signal__slug="activity").delete()
    Meaning.objects.all().delete()
    PropertyMeaning.objects.all().delete()
    AttributeKey.objects.update(person_meaning="", company_meaning="")
    SignalDefinition.objects.all().delete()
    arrive("apiRequestSent", count=80_000)
    arrive("user.signedUp", count=300)
    arrive("onboarding.stepCompleted", stepName=["key"], totalSteps=[4])
    arrive("quota.exceeded", quota=["requests"], used=[1200], allowed=[1000])
    arrive("Pricing", kind=2, count=150)
    arrive("demo.requested", message=["We want to see it"])
    arrive("subscription.created", plan=["growth"], amountCents=[4900, 19900], currency=["USD"], interval=["month"])
    arrive("checkoutCompleted")
    arrive("webhookSaved", count=900)
    add_key("planName", ["free", "growth", "scale"])
    add_key("creditsUsed", [50])
    add_key("creditsIncluded", [1000])
    add_key("mrrCents", [4900])
    add_key("createdAt", ["2022-03-01T00:00:00Z"])
    add_key("role", ["owner", "member"], "person")
    add_key("companySize", ["11-50"], "person")
    add_key("level", ["Senior"], "person")
    CatalogueSource.objects.create(source=Source.objects.get(name="API"), people_sampled=9, workspaces_sampled=9)


def opened(browser: Browser, url: str, user: User, **shape: Any) -> Tab:
    context = browser.new_context(base_url=url, **shape)
    log_in(context, url, user)
    tab = context.new_page()
    tab.goto("/admin/vocabulary/")
    return tab


def test_the_vocabulary_is_said_in_few_clicks(browser: Browser, server: str, desk: Desk) -> None:
    arrived_product()
    Configuration.objects.update(live_since=None)  # where an installation begins: nothing reaches a queue yet
    tab = opened(browser, server, desk.ada)
    clicks = 0
    tab.get_by_role("button", name="Accept all").click()
    tab.get_by_text("suggestions accepted").wait_for()
    clicks += 1
    for section in ("do", "features", "person"):  # what was not sure, seen and accepted section by section
        tab.locator(f"#{section}").get_by_role("button", name="suggestion").click()
        tab.locator(f"#{section}").get_by_role("button", name="suggestion").wait_for(state="detached")
        clicks += 1
    assert proposals(timezone.now()) == []
    assert said_of("limit:credits") is not None
    # One by hand: the field offers what arrived.
    tab.get_by_role("link", name="Choose Reached first value").click()
    tab.get_by_label("Event", exact=True).fill("apiRequestSent")
    tab.get_by_role("button", name="Save", exact=True).click()
    tab.get_by_text("Saved.").wait_for()
    assert said_of("signal:reached-first-value") is not None
    assert clicks + 2 <= 14  # and one for Go live
    tab.context.close()


def test_all_of_it_works_without_javascript(browser: Browser, server: str, desk: Desk) -> None:
    arrived_product()
    tab = opened(browser, server, desk.ada, java_script_enabled=False)
    tab.get_by_role("button", name="Accept all").click()
    saved = tab.get_by_role("button", name="Save", exact=True)
    saved.click()  # having seen what it does to the queues
    tab.get_by_role("link", name="Change Plan", exact=True).click()
    tab.get_by_label("Plan “scale” is").select_option("trial")
    saved.click()
    saved.click()
    assert (said_of("meaning:plan") or {})["options"]["plans"] == {"free": "free", "growth": "paid", "scale": "trial"}
    tab.get_by_role("button", name="Undo plan", exact=True).first.click()
    saved.click()
    assert (said_of("meaning:plan") or {})["options"]["plans"]["scale"] == "paid"
    tab.context.close()


def test_both_pages_are_calm_for_everybody(browser: Browser, server: str, desk: Desk) -> None:
    arrived_product()
    tab = opened(browser, server, desk.ada)
    troubles = []
    for name, address in (
        ("vocabulary", "/admin/vocabulary/"),
        ("form", "/admin/vocabulary/?edit=meaning:plan"),
        ("catalogue", "/admin/catalogue/"),
    ):
        tab.goto(address)
        for look in looks(tab):
            troubles += [f"{name}, {look}: {error}" for error in [*grave_troubles(tab), *is_wide(tab)]]
            if PICTURES:
                tab.screenshot(path=Path(PICTURES) / f"{name}-{look.replace(' ', '-')}.png", full_page=True)
    assert troubles == [], "\n".join(troubles)
    tab.context.close()
