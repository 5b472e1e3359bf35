"""What a manager does: looks who is late, gives and shares out items, assigns accounts, and undoes it."""

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Assignment
from outreach.models import QueueItem
from tests.browser.conftest import Open
from tests.factories import Desk, make_company, make_item


@pytest.fixture
def nobodys(desk: Desk) -> list[QueueItem]:
    made = [make_company(f"Shared {number}", now=desk.now) for number in range(3)]
    return [make_item(each, desk.plays["warm-outbound"], now=desk.now) for each in made]


def reps_of(items: list[QueueItem]) -> list[str]:
    found = QueueItem.objects.filter(pk__in=[item.pk for item in items]).order_by("pk").select_related("rep")
    return [item.rep.username if item.rep else "" for item in found]


def choose(page: Page, *names: str) -> None:
    for name in names:
        page.check(f"tr:has-text('{name}') input[type=checkbox]")


def give(page: Page, desk: Desk) -> None:
    page.click(".side >> text=Workload")
    expect(page.locator("h1")).to_have_text("Team workload")
    choose(page, "Shared 0", "Shared 1")
    page.select_option("[name=to]", label="Tom · Sales")
    page.click("#moving button:has-text('Reassign')")
    expect(page.locator("h1")).to_have_text("2 items would move")
    expect(page.locator(".card")).to_contain_text("0 of 20 now, 2 after")
    page.click("text=Move 2 items")


@pytest.mark.parametrize("script", [True, False])
def test_items_are_given_with_preview_and_undone(
    desk: Desk, open_as: Open, nobodys: list[QueueItem], script: bool
) -> None:
    page = open_as(desk.mona, java_script_enabled=script)
    give(page, desk)
    expect(page.locator("#notices")).to_contain_text("2 items moved.")
    assert reps_of(nobodys) == ["tom", "tom", ""]
    page.click("#notices button:has-text('Undo')")
    expect(page.locator("#notices")).to_contain_text("Undone: 2 items put back.")
    assert reps_of(nobodys) == ["", "", ""]


def test_what_is_unassigned_is_distributed_by_filter(desk: Desk, open_as: Open, nobodys: list[QueueItem]) -> None:
    page = open_as(desk.mona)
    page.keyboard.press("g")
    page.keyboard.press("w")
    page.wait_for_url("**/workload/")
    page.click(".ages tr:has-text('Outbound') td:last-child a")
    expect(page.locator(".workload-items tbody tr")).to_have_count(3)
    page.click("button:has-text('Distribute all of these')")
    expect(page.locator("h1")).to_have_text("3 items would move")
    expect(page.locator("[autofocus]")).to_be_focused()  # Enter is the confirm button's as soon as it has the focus
    page.keyboard.press("Enter")
    expect(page.locator("#notices")).to_contain_text("3 items moved.")
    assert sorted(reps_of(nobodys)) == ["tom", "tom", "tom"]  # Rita has five already
    page.keyboard.press("u")
    expect(page.locator("#notices")).to_contain_text("put back")
    assert reps_of(nobodys) == ["", "", ""]


def test_an_item_taken_meanwhile_is_named(desk: Desk, open_as: Open, nobodys: list[QueueItem]) -> None:
    page = open_as(desk.mona)
    page.goto("/workload/?rep=none")
    choose(page, "Shared 0", "Shared 1")
    page.select_option("[name=to]", label="Tom · Sales")
    page.click("#moving button:has-text('Reassign')")
    expect(page.locator("h1")).to_have_text("2 items would move")
    QueueItem.objects.filter(pk=nobodys[1].pk).update(
        state="claimed", rep=desk.rita, claimed_by=desk.rita, claimed_at=desk.now
    )
    page.click("text=Move 2 items")
    expect(page.locator("#notices")).to_contain_text("Shared 1: Rita has claimed it since.")
    assert reps_of(nobodys) == ["tom", "rita", ""]


@pytest.mark.parametrize("script", [True, False])
def test_accounts_are_assigned_with_preview_and_undone(desk: Desk, open_as: Open, script: bool) -> None:
    page = open_as(desk.mona, java_script_enabled=script)
    page.goto("/accounts/")
    choose(page, "Company 00", "Company 01")
    page.select_option("#assign [name=rep]", label="Tom · Sales")
    page.click("#assign button:has-text('Preview')")
    expect(page.locator("h1")).to_contain_text("Assign 2 accounts to")
    page.click("button:has-text('Assign 2 accounts')")
    expect(page.locator("#notices")).to_contain_text("2 accounts assigned to Tom.")
    assert Assignment.objects.filter(rep=desk.tom, ended_at=None).count() == 2
    page.click("#notices button:has-text('Undo')")
    expect(page.locator("#notices")).to_contain_text("Undone")
    assert Assignment.objects.count() == 0


def test_a_view_is_saved_and_comes_back(desk: Desk, open_as: Open) -> None:
    page = open_as(desk.mona)
    page.goto("/accounts/")
    page.select_option("[name=owner]", label="No owner")
    page.wait_for_url("**owner=none**")
    page.click("summary:has-text('Save as a view')")
    page.fill("[name=name]", "No owner")
    page.click("button:has-text('Save')")
    expect(page.locator(".views [aria-current]")).to_have_text("No owner")
    page.goto("/accounts/")
    page.click(".views >> text=No owner")
    page.wait_for_url("**owner=none**")


def test_search_finds_people_without_losing_focus(desk: Desk, open_as: Open) -> None:
    page = open_as(desk.mona)
    page.goto("/accounts/")
    page.click(".toolbar [name=q]")
    page.keyboard.type("person 2 of company 03")
    expect(page.locator(".found-people li")).to_have_count(1)
    assert page.evaluate("document.activeElement.name") == "q"
    page.click(".found-people a >> nth=0")
    expect(page.locator("h1")).to_have_text("Person 2 of Company 03")


@pytest.mark.parametrize("script", [True, False])
def test_an_account_opens_its_history_and_timeline(desk: Desk, open_as: Open, script: bool) -> None:
    page = open_as(desk.mona, java_script_enabled=script)
    account = desk.items[0].account_id
    page.goto(f"/accounts/{account}/")
    if script:
        expect(page.locator("section[hx-get$='/usage/']")).to_contain_text("Any activity")
    else:
        page.click("section[hx-get$='/usage/'] a")
        expect(page.locator("h1")).to_have_text("Usage by signal")
        page.go_back()
    page.click("#timeline >> text=Plays")
    expect(page.locator("#timeline li")).to_have_count(1)
    expect(page.locator("#timeline [aria-current]")).to_have_text("Plays")


@pytest.mark.parametrize("width", [390, 768, 1440])
def test_no_page_of_a_manager_is_wider_than_its_window(desk: Desk, open_as: Open, width: int) -> None:
    long = make_company("Donaudampfschifffahrtselektrizitätenhauptbetriebswerk" * 3, now=desk.now)
    make_item(long, desk.plays["expansion"], now=desk.now)
    person = long.people.first()
    assert person
    page = open_as(desk.mona, viewport={"width": width, "height": 844})
    for address in ("/workload/", f"/people/{person.pk}/", f"/accounts/{long.pk}/", "/accounts/?owner=none"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
