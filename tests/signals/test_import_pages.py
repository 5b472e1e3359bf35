"""A file goes in through the browser: uploaded in pieces, mapped beside a preview, taken in by a worker, undone."""

import io
import json
import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.models import Account, Assignment, Attribute, Person
from signals.imports import undo, uploads, work
from signals.ingest import imports, receive
from signals.models import Event, FailedEvent, ImportPiece, ImportRun, Source
from tests.conftest import Send, track
from tests.factories import Desk

pytestmark = pytest.mark.django_db
ADD = "/admin/signals/importrun/add/"
HEADER = "user_id,email,workspace,event,timestamp,event_id,board"
ROWS = [f"u{n % 3},u{n % 3}@acme.com,w1,Board Created,2026-01-{n + 1:02}T08:00:00Z,e{n},{n}" for n in range(5)]
CSV = "\n".join([HEADER, *ROWS]) + "\n"
LIST = "Website,Company,Plan,Revenue,Owner,Employees,Region\nhttps://www.acme.com/x,Acme Inc,Team,$1200,rita,50,EU\n"


def upload(client: Client, content: bytes | str, name: str = "old.csv", kind: str = "events") -> ImportRun:
    raw = content.encode() if isinstance(content, str) else content
    response = client.post(ADD, {"kind": kind, "file": SimpleUploadedFile(name, raw)})
    assert response.status_code == 302, response.content.decode()[-3000:]
    return ImportRun.objects.get(pk=response.url.rstrip("/").split("/")[-2])  # type: ignore[attr-defined]


def page_of(client: Client, run: ImportRun) -> str:
    return client.get(f"/admin/signals/importrun/{run.pk}/change/").content.decode()


def renumbered() -> str:
    """The same events, exported with other ids."""
    return re.sub(r",e(\d)", r",other-\1", CSV)


def form_data(page: str) -> dict[str, str]:
    """What a browser would post of the page's form, untouched."""
    found = {}
    for name, inside in re.findall(r'<select name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', inside)
        found[name] = unescape(chosen.group(1)) if chosen else ""
    for name, value in re.findall(r'<input (?:type="hidden" )?name="([^"]+)"[^>]*? value="([^"]*)"', page):
        found[name] = unescape(value)
    return found


def start(client: Client, run: ImportRun, **changed: str) -> Any:
    data = form_data(page_of(client, run)) | changed
    return client.post(f"/admin/signals/importrun/{run.pk}/start/", data)


def steer(client: Client, run: ImportRun, order: str) -> None:
    client.post(f"/admin/signals/importrun/{run.pk}/steer/", {"do": order})
    run.refresh_from_db()


def worked(run: ImportRun) -> ImportRun:
    while work.work_off():
        pass
    run.refresh_from_db()
    return run


def imported(client: Client, content: bytes | str, name: str = "old.csv") -> ImportRun:
    run = upload(client, content, name)
    assert start(client, run).status_code == 302
    return worked(run)


# --- From the file to events -----------------------------------------------------------------------------------


def test_a_file_becomes_events_as_its_preview_said(admin: Client, source: receive.SourceRef) -> None:
    run = upload(admin, CSV)
    page = page_of(admin, run)
    assert "The first 5 rows, as understood" in page
    words = r"Board Created</strong> · <span[^>]*>u1</span> in <span[^>]*>w1</span> · 2 Jan 2026, 08:00:00 UTC"
    assert re.search(words, page)
    start(admin, run)
    run = worked(run)
    assert (run.state, run.stored, run.duplicates, run.failed, run.rows_done) == ("finished", 11, 0, 0, 5)
    assert Event.objects.get(message_id="e3").payload["properties"] == {"board": 3}
    assert set(Person.objects.exclude(email="").values_list("email", flat=True)) == {f"u{n}@acme.com" for n in range(3)}


def test_the_source_has_its_history_from_the_earliest_row_on(admin: Client, source: receive.SourceRef, t0: Any) -> None:
    Source.objects.update(listening_since=t0)
    run = imported(admin, CSV)
    listening = Source.objects.get().listening_since
    assert listening is not None
    assert listening.isoformat() == "2026-01-01T08:00:00+00:00"
    undo_whole(admin, run)
    assert Source.objects.get().listening_since == t0


def undo_whole(client: Client, run: ImportRun) -> None:
    client.post(f"/admin/signals/importrun/{run.pk}/undo/")
    worked(run)
    assert run.state == "undone"


def test_undo_says_its_numbers_first_and_leaves_nothing(admin: Client, source: receive.SourceRef) -> None:
    run = imported(admin, CSV)
    assert "11 events" in admin.get(f"/admin/signals/importrun/{run.pk}/undo/").content.decode()
    assert Event.objects.count() == 11
    undo_whole(admin, run)
    assert (Event.objects.count(), Person.objects.count(), Account.objects.count()) == (0, 0, 0)
    assert imported(admin, CSV).stored == 11


def test_pieces_arrive_in_any_order_and_again(admin: Client, source: receive.SourceRef, monkeypatch: Any) -> None:
    monkeypatch.setattr(uploads, "PIECE_BYTES", 100)
    raw = CSV.encode()
    cut = admin.post("/admin/signals/importrun/begin/", {"name": "old.csv", "size": len(raw), "kind": "events"}).json()
    parts = [raw[at : at + 100] for at in range(0, len(raw), 100)]
    assert cut["pieces"] == len(parts)
    for number in [*reversed(range(len(parts))), 0]:
        address = cut["pieceAddress"].replace("/piece/0/", f"/piece/{number}/")
        assert admin.post(address, parts[number], content_type="application/octet-stream").status_code == 200
    run = ImportRun.objects.get()
    assert (run.state, uploads.opened(run).read()) == ("mapping", raw)


def test_an_interrupted_upload_says_what_is_there(admin: Client, source: receive.SourceRef, monkeypatch: Any) -> None:
    monkeypatch.setattr(uploads, "PIECE_BYTES", 100)
    run = uploads.begin("old.csv", 250, kind="events", acting_user=None)
    uploads.add_piece(run, 1, b"x" * 100)
    assert "1 of 3 pieces have arrived" in page_of(admin, run)


@pytest.mark.parametrize(
    ("number", "content", "words"),
    [(3, b"x", "no piece 3"), (0, b"x" * 99, "99 bytes instead of 100"), (2, b"x" * 100, "100 bytes instead of 50")],
)
def test_a_piece_that_does_not_fit_is_refused(
    admin: Client, source: receive.SourceRef, monkeypatch: Any, number: int, content: bytes, words: str
) -> None:
    monkeypatch.setattr(uploads, "PIECE_BYTES", 100)
    run = uploads.begin("old.csv", 250, kind="events", acting_user=None)
    answer = admin.post(
        f"/admin/signals/importrun/{run.pk}/piece/{number}/", content, content_type="application/octet-stream"
    )
    assert (answer.status_code, words in answer.json()["message"]) == (422, True)
    assert not ImportPiece.objects.exists()


def test_a_file_over_the_bound_is_refused_with_the_remedy(admin: Client, settings: Any) -> None:
    settings.IMPORT_MAX_BYTES = 1024**2
    answer = admin.post("/admin/signals/importrun/begin/", {"name": "old.csv", "size": 2 * 1024**2, "kind": "events"})
    assert (answer.status_code, "manage.py import_events FILE has no limit" in answer.json()["message"]) == (422, True)
    assert not ImportRun.objects.exists()


def test_uploads_are_deleted_after_seven_days(admin: Client, source: receive.SourceRef, t0: Any) -> None:
    mapped, finished = upload(admin, CSV), imported(admin, CSV)
    ImportRun.objects.update(started_at=t0 - timedelta(days=7, seconds=1), finished_at=t0)
    assert uploads.delete_old(t0) == 2
    assert list(ImportRun.objects.values_list("pk", flat=True)) == [finished.pk]
    assert mapped.pk != finished.pk


# --- Files as they come ------------------------------------------------------------------------------------------


def parquet(rows: list[dict[str, Any]]) -> bytes:
    import pyarrow
    from pyarrow import parquet as format_

    file = io.BytesIO()
    format_.write_table(pyarrow.Table.from_pylist(rows), file)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b" \n", "The file is empty."),
        (HEADER.encode() + b"\n", "a header and no rows"),
        (b"PK\x03\x04rest", "Excel workbook or a zip archive"),
        (b"[{}]", "Write each object on a line of its own"),
        (b"a\0b", "neither text nor Parquet"),
        (b"a,a\n1,2\n", "twice. Give each column a name."),
        (b"PAR1 and no more", "not a Parquet file"),
        (b"\x1f\x8b\x08\x00broken", "damaged or cut off"),
    ],
)
def test_a_file_that_is_no_table_says_what_to_do(
    admin: Client, source: receive.SourceRef, content: bytes, words: str
) -> None:
    assert words in page_of(admin, upload(admin, content))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_letters_and_separators_are_found(admin: Client, source: receive.SourceRef, encoding: str, sign: str) -> None:
    text = f"user_id{sign}event{sign}timestamp{sign}who\nu1{sign}Made{sign}2026-01-01{sign}Zoë Müller\n"
    run = imported(admin, text.encode(encoding))
    assert (run.state, run.stored) == ("finished", 1)
    assert Event.objects.get().payload["properties"] == {"who": "Zoë Müller"}


def test_formula_cells_are_only_text(admin: Client, source: receive.SourceRef) -> None:
    cell = '=HYPERLINK("http://x.example","<script>alert(1)</script>")'
    quoted = cell.replace('"', '""')
    run = upload(admin, f'user_id,event,timestamp,note\nu1,Made,2026-01-01,"{quoted}"\n')
    page = page_of(admin, run)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    start(admin, run)
    worked(run)
    assert Event.objects.get().payload["properties"] == {"note": cell}


def test_nested_columns_can_be_properties_and_nothing_else(admin: Client, source: receive.SourceRef) -> None:
    rows = [{"user_id": "u1", "event": "Made", "timestamp": timezone.now(), "tags": ["a", "b"]}]
    run = upload(admin, parquet(rows), "old.parquet")
    refused = start(admin, run, **{"column-3-target": "group_id"}).content.decode()
    assert "“tags” holds lists or objects" in refused
    start(admin, run)
    assert worked(run).stored == 1
    assert Event.objects.get().payload["properties"] == {"tags": ["a", "b"]}


def test_json_lines_need_no_columns(admin: Client, source: receive.SourceRef) -> None:
    lines = [track("ann", "Board Created"), track("ann", "Limit Hit")]
    run = imported(admin, "\n".join(json.dumps(line) for line in lines), "old.jsonl")
    assert (run.state, run.stored) == ("finished", 2)


def test_a_row_that_cannot_be_read_is_marked_in_the_preview_and_fails_alone(
    admin: Client, source: receive.SourceRef
) -> None:
    run = upload(admin, "user_id,event,timestamp\nu1,,2026-01-01\nu2,Made,2026-01-01\n")
    page = page_of(admin, run)
    assert "1 of them cannot be taken as they are" in page
    assert "Row 1 cannot be taken: track needs event." in page
    start(admin, run)
    run = worked(run)
    assert (run.stored, run.failed, FailedEvent.objects.count()) == (1, 1, 1)
    undo_whole(admin, run)
    assert not FailedEvent.objects.exists()


def test_a_time_that_cannot_be_read_is_said_in_the_preview_and_costs_no_row(
    admin: Client, source: receive.SourceRef
) -> None:
    run = upload(admin, "user_id,event,timestamp\nu1,Made,yesterday\nu2,Made,2026-01-01\n")
    assert "time cannot be read: it gets the time of the import" in page_of(admin, run)
    start(admin, run)
    run = worked(run)
    assert (run.stored, run.failed) == (2, 0)
    assert Event.objects.filter(clock=Event.Clock.UNREADABLE).count() == 1


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"column-0-target": ""}, "Say who acted"),
        ({"column-4-target": ""}, "Say when it happened"),
        ({"column-3-target": ""}, "Say what happened"),
        ({"column-5-target": "user_id"}, "Two columns are the user id"),
        ({"column-1-target": "", "column-2-target": "trait"}, "Traits come with an email address"),
        ({"source": "", "new_source": ""}, "Choose the source"),
    ],
)
def test_what_is_missing_is_said_before_anything_is_stored(
    admin: Client, source: receive.SourceRef, changed: dict[str, str], words: str
) -> None:
    response = start(admin, upload(admin, CSV), **changed)
    assert (response.status_code, words in response.content.decode()) == (422, True)
    assert not work.work_off()


# --- The run -------------------------------------------------------------------------------------------------------


def test_a_run_is_paused_and_resumed(admin: Client, source: receive.SourceRef, monkeypatch: Any) -> None:
    monkeypatch.setattr(imports, "BATCH", 2)
    run = upload(admin, CSV)
    start(admin, run)
    assert work.work_off(seconds=-1)  # the turn is over after its first batch
    run.refresh_from_db()
    assert (run.state, 0 < run.rows_done < 5) == ("running", True)
    steer(admin, run, "pause")
    assert not work.work_off()
    steer(admin, run, "resume")
    run = worked(run)
    assert (run.state, run.rows_done, Event.objects.filter(kind=1).count()) == ("finished", 5, 5)


def test_a_second_worker_finds_nothing_while_the_first_holds_it(admin: Client, source: receive.SourceRef) -> None:
    run = upload(admin, CSV)
    start(admin, run)
    ImportRun.objects.update(claim="other", claimed_until=timezone.now() + timedelta(seconds=30))
    assert not work.work_off()
    ImportRun.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    assert worked(run).state == "finished"


def test_a_worker_that_dies_is_taken_over_and_nothing_counts_twice(
    admin: Client, source: receive.SourceRef, monkeypatch: Any
) -> None:
    monkeypatch.setattr(imports, "BATCH", 2)
    run = upload(admin, CSV)
    start(admin, run)
    stored = imports.receive

    def dying(*given: Any, **named: Any) -> Any:
        stored(*given, **named)
        raise RuntimeError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(imports, "receive", dying)
        with pytest.raises(RuntimeError):
            work.work_off()
    run = worked(run)
    assert (run.state, Event.objects.count()) == ("finished", 11)


def test_what_always_fails_is_stopped_after_five_tries_with_its_reason(
    admin: Client, source: receive.SourceRef, monkeypatch: Any
) -> None:
    run = upload(admin, CSV)
    start(admin, run)

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("no such luck")

    with monkeypatch.context() as patched:
        patched.setattr(work, "import_rows", broken)
        for _ in range(work.MOST_ATTEMPTS - 1):
            with pytest.raises(RuntimeError):
                work.work_off()
        work.work_off()
    run.refresh_from_db()
    assert (run.state, run.error) == ("failed", "Stopped after 5 tries: no such luck")
    steer(admin, run, "resume")
    assert worked(run).state == "finished"


def test_the_same_file_read_in_the_same_way_is_refused(admin: Client, source: receive.SourceRef) -> None:
    imported(admin, CSV)
    run = upload(admin, CSV)
    assert "This file was imported before" in page_of(admin, run)
    assert "Undo that import first" in start(admin, run).content.decode()


def test_the_same_content_under_other_ids_is_noticed_before_it_is_stored(
    admin: Client, source: receive.SourceRef
) -> None:
    imported(admin, CSV)
    other = renumbered()
    run = imported(admin, other)
    assert (run.state, run.stored, run.question["twins"]) == ("asking", 0, 5)
    assert "5 of the next 11 events are here already" in page_of(admin, run)
    steer(admin, run, "skip")
    run = worked(run)
    assert (run.state, run.stored, run.duplicates) == ("finished", 0, 5)
    assert Event.objects.count() == 11


def test_the_same_content_is_imported_where_somebody_says_so(admin: Client, source: receive.SourceRef) -> None:
    imported(admin, CSV)
    run = imported(admin, renumbered())
    steer(admin, run, "keep")
    assert worked(run).stored == 11


def test_live_events_of_the_same_people_stay_when_an_import_is_undone(admin: Client, send: Send) -> None:
    send(track("u1", "Board Created"))
    run = imported(admin, CSV)
    send(track("u2", "Limit Hit"))
    undo_whole(admin, run)
    assert sorted(Event.objects.values_list("name__name", flat=True)) == ["Board Created", "Limit Hit"]
    assert Person.objects.count() == 2


def test_what_has_not_begun_cannot_be_undone(admin: Client, source: receive.SourceRef, t0: Any) -> None:
    run = upload(admin, CSV)
    with pytest.raises(undo.NotUndoableError):
        undo.start(run.pk, acting_user=None, now=t0)


# --- Account lists ---------------------------------------------------------------------------------------------------


def values(account: Account) -> dict[str, str]:
    said = Attribute.objects.filter(subject_kind=3, subject_id=account.pk, origin=Attribute.Origin.CRM)
    return dict(said.values_list("key__name", "text"))


def test_a_list_gives_accounts_their_owner_and_what_it_says(as_ada: Client, desk: Desk) -> None:
    run = upload(as_ada, LIST, kind="accounts")
    page = page_of(as_ada, run)
    assert "A new account" in page
    assert "owner Rita" in page
    start(as_ada, run)
    run = worked(run)
    account = Account.objects.get(domain="acme.com")
    assert (run.state, run.stored, account.name) == ("finished", 1, "Acme Inc")
    assert Assignment.objects.get(account=account, ended_at=None).rep == desk.rita
    assert values(account) == {
        "company_name": "Acme Inc",
        "plan": "Team",
        "monthly_revenue": "$1200",
        "employees": "50",
        "region": "EU",
    }


def test_a_list_is_undone_whole(as_ada: Client, desk: Desk) -> None:
    known = Account.objects.create(name="Beta", domain="beta.com")
    owned = Assignment.objects.create(account=known, rep=desk.tom, started_at=desk.now)
    text = LIST + "beta.com,Beta Corp,Free,,rita,9,US\n"
    run = upload(as_ada, text, kind="accounts")
    start(as_ada, run)
    worked(run)
    undo_whole(as_ada, run)
    known.refresh_from_db()
    owned.refresh_from_db()
    assert [(a.domain, a.name) for a in Account.objects.all()] == [("beta.com", "beta.com")]
    assert (owned.ended_at, Assignment.objects.count(), Attribute.objects.count()) == (None, 1, 0)


def test_of_two_lists_the_later_stays_when_the_earlier_is_undone(as_ada: Client, desk: Desk) -> None:
    first = upload(as_ada, LIST, kind="accounts")
    start(as_ada, first)
    worked(first)
    second = upload(as_ada, LIST.replace("Team", "Enterprise"), kind="accounts")
    start(as_ada, second)
    worked(second)
    undo_whole(as_ada, first)
    assert values(Account.objects.get())["plan"] == "Enterprise"
    undo_whole(as_ada, second)
    assert not Account.objects.exists()


@pytest.mark.parametrize(
    ("domain", "owner", "words"),
    [
        ("gmail.com", "rita", "gmail.com is no company’s domain"),
        ("ann@acme.com", "rita", "Use the company’s domain, such as acme.com"),
        ("localhost", "rita", "is not a domain"),
        ("", "rita", "The domain is missing"),
        ("acme.com", "nobody", "is not the user name or email address of anyone who works a queue"),
    ],
)
def test_a_row_that_is_no_account_says_why(as_ada: Client, desk: Desk, domain: str, owner: str, words: str) -> None:
    run = upload(as_ada, f"domain,owner\n{domain},{owner}\nbeta.com,rita\n", kind="accounts")
    start(as_ada, run)
    run = worked(run)
    assert (run.state, run.stored, run.failed) == ("finished", 1, 1)
    assert words in page_of(as_ada, run)
