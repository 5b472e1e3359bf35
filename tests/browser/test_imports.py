"""An admin brings past events in: drops a file, maps its columns, watches, answers, and undoes it all."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from signals.imports import uploads, work
from signals.models import Event, ImportRun
from tests.browser.conftest import Open
from tests.factories import Desk

HEADER = "user_id,email,workspace,action,happened,board"
ROWS = [
    f"u{n % 3},u{n % 3}@acme.com,w1,Board Created,2026-01-{n % 28 + 1:02}T08:{n % 60:02}:00Z,{n}" for n in range(300)
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "usage-2026.csv"
    path.write_text("\n".join([HEADER, *ROWS]) + "\n")
    return path


def uploaded(page: Page, file: Path) -> None:
    page.goto("/admin/signals/importrun/add/")
    page.set_input_files("[name=file]", file)
    page.click("button:has-text('Upload')")
    page.wait_for_url("**/change/")


def mapped(page: Page) -> None:
    page.select_option("[aria-label='happened is']", "timestamp")
    expect(page.locator(".understood ol > li").first).to_contain_text("1 Jan 2026, 08:00:00 UTC")


@pytest.mark.parametrize("script", [True, False])
def test_a_file_is_dropped_mapped_taken_in_and_undone(
    desk: Desk, open_as: Open, file: Path, script: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "PIECE_BYTES", 4_000)
    before = Event.objects.count()  # nobody empties the table of events between tests in a browser
    page = open_as(desk.ada, java_script_enabled=script)
    uploaded(page, file)
    expect(page.locator(".understood .problem").first).to_contain_text("Say when it happened")
    page.fill("[name=new_source]", "Web app")
    if script:
        mapped(page)
    else:
        page.select_option("[aria-label='happened is']", "timestamp")
        page.click("text=Update the preview")
        expect(page.locator(".understood ol > li")).to_have_count(10)
    page.click("text=Start the import")
    expect(page.locator("#run .lead")).to_contain_text("Importing")
    work.work_off()
    if not script:
        page.reload()
    expect(page.locator("#run .lead")).to_contain_text("Imported on")
    assert Event.objects.count() == before + 300 + 3 + 3
    page.click("text=Undo this import")
    page.click("button:has-text('remove 306 events')")
    work.work_off()
    if not script:
        page.reload()
    expect(page.locator("#run .lead")).to_contain_text("Undone")
    assert Event.objects.count() == before


def test_a_piece_that_gets_lost_is_sent_again(
    desk: Desk, open_as: Open, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "PIECE_BYTES", 4_000)
    page, lost = open_as(desk.ada), []

    def lose_once(route: object) -> None:
        if len(lost) < 2:
            lost.append(1)
            route.fulfill(status=409)  # type: ignore[attr-defined]
        else:
            route.continue_()  # type: ignore[attr-defined]

    page.route("**/piece/2/", lose_once)
    uploaded(page, file)
    expect(page.locator("h1")).to_contain_text("usage-2026.csv")
    assert ImportRun.objects.get().state == "mapping"
