"""Import of history: three formats, stopped and taken up again, run twice, with bad rows among good ones."""

import csv
import gzip
import io
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Actor, Person
from signals.ingest import imports
from signals.ingest.receive import Receipt, receive
from signals.models import Event, FailedEvent, ImportRun, Tally, Usage
from signals.rules.message_types import NUMBERS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("source")]

Row = dict[str, Any]
COLUMNS = ["person", "mail", "team", "event", "ts", "arrived", "files", "id"]
MAP = ["user_id=person", "email=mail", "group_id=team", "event=event", "timestamp=ts", "message_id=id"]
PEOPLE = 3


def row(number: int, **given: Any) -> Row:
    who = number % PEOPLE
    return {
        "person": f"u{who}",
        "mail": f"u{who}@acme.com",
        "team": "w1",
        "event": "Item Created",
        "ts": f"2026-01-{number + 1:02}T08:00:00Z",
        "arrived": f"2026-02-{number + 1:02}T09:00:00Z",
        "files": number,
        "id": f"m{number}",
    } | given


def write_csv(path: Path, rows: list[Row]) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_parquet(path: Path, rows: list[Row]) -> Path:
    import pyarrow
    from pyarrow import parquet

    parquet.write_table(pyarrow.Table.from_pylist(rows), path)
    return path


def write_lines(path: Path, messages: list[Row]) -> Path:
    text = "".join(json.dumps(message) + "\n" for message in messages).encode()
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
    return path


def message(number: int, **given: Any) -> Row:
    made = row(number)
    base = {"type": "track", "event": made["event"], "userId": made["person"], "timestamp": made["ts"]}
    return base | {"messageId": made["id"]} | given


def run(path: Path | str, *options: str) -> str:
    out = io.StringIO()
    call_command("import_events", str(path), "--source", "History", *options, stdout=out)
    return out.getvalue().strip()


def run_table(path: Path, *options: str) -> str:
    return run(path, *(word for pair in MAP for word in ("--map", pair)), "--property", "files=count", *options)


def stored(kind: str = "track") -> list[str]:
    kinds = Event.objects.filter(kind=NUMBERS[kind])
    return sorted(kinds.values_list("message_id", flat=True))


# --- Formats ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("write", "name"), [(write_csv, "old.csv"), (write_parquet, "old.parquet")])
def test_rows_of_a_table_become_messages(tmp_path: Path, write: Callable[[Path, list[Row]], Path], name: str) -> None:
    words = run_table(write(tmp_path / name, [row(number) for number in range(7)]))
    assert words == "7 rows: 13 messages stored, 0 already there, 0 failed."
    assert stored() == [f"m{number}" for number in range(7)]
    assert stored("identify") == ["id_m0", "id_m1", "id_m2"]
    assert stored("group") == ["gr_m0", "gr_m1", "gr_m2"]


@pytest.mark.parametrize(("write", "name"), [(write_csv, "old.csv"), (write_parquet, "old.parquet")])
def test_a_row_keeps_time_properties_and_workspace(
    tmp_path: Path, write: Callable[[Path, list[Row]], Path], name: str
) -> None:
    run_table(write(tmp_path / name, [row(4)]))
    event = Event.objects.get(message_id="m4")
    assert (event.timestamp, event.clock) == (datetime(2026, 1, 5, 8, tzinfo=UTC), Event.Clock.TRUSTED)
    assert event.payload["properties"] == {"count": 4}
    assert Actor.objects.get(pk=event.actor_id).workspace.external_id == "w1"  # type: ignore[union-attr]
    assert Person.objects.get(email="u1@acme.com")


@pytest.mark.parametrize("name", ["old.jsonl", "old.jsonl.gz", "old.ndjson"])
def test_json_lines_hold_a_message_each(tmp_path: Path, name: str) -> None:
    words = run(write_lines(tmp_path / name, [message(number) for number in range(4)]))
    assert words == "4 rows: 4 messages stored, 0 already there, 0 failed."
    assert stored() == ["m0", "m1", "m2", "m3"]


def test_the_standard_input_is_read_for_a_dash(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "\n".join(json.dumps(message(number)) for number in range(3))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    assert run("-") == "3 rows: 3 messages stored, 0 already there, 0 failed."
    assert not ImportRun.objects.exists()


def test_usage_is_counted_like_that_of_live_events(tmp_path: Path) -> None:
    run(write_lines(tmp_path / "old.jsonl", [message(0), message(0, messageId="other")]))
    assert [(usage.day.isoformat(), usage.count) for usage in Usage.objects.all()] == [("2026-01-01", 2)]


# --- Times ------------------------------------------------------------------------------------------------


def test_timestamps_of_files_are_not_corrected_for_a_clock(tmp_path: Path) -> None:
    archived = message(0, sentAt="2026-01-01T08:00:05Z", originalTimestamp="2020-01-01T00:00:00Z")
    run(write_lines(tmp_path / "old.jsonl", [archived]))
    event = Event.objects.get()
    assert (event.timestamp, event.clock) == (datetime(2026, 1, 1, 8, tzinfo=UTC), Event.Clock.TRUSTED)


def test_arrival_may_stand_in_a_column_of_its_own(tmp_path: Path) -> None:
    rows = [row(0), row(1, ts="2026-03-30T00:00:00Z"), row(2, arrived="2999-01-01T00:00:00Z")]
    run_table(write_csv(tmp_path / "old.csv", rows), "--received-at", "arrived")
    first, late, future = Event.objects.filter(kind=NUMBERS["track"]).order_by("message_id")
    assert first.received_at == datetime(2026, 2, 1, 9, tzinfo=UTC)
    assert (late.timestamp, late.clock) == (late.received_at, Event.Clock.CLAMPED)
    assert future.received_at < datetime(2999, 1, 1, tzinfo=UTC)


def test_arrival_may_stand_in_a_field_of_json(tmp_path: Path) -> None:
    lines = [message(0, receivedAt="2026-02-01T09:00:00Z"), message(1)]
    run(write_lines(tmp_path / "old.jsonl", lines), "--received-at", "receivedAt")
    assert Event.objects.get(message_id="m0").received_at == datetime(2026, 2, 1, 9, tzinfo=UTC)
    assert Event.objects.get(message_id="m1").received_at > datetime(2026, 3, 1, tzinfo=UTC)


# --- Once -------------------------------------------------------------------------------------------------


class Killed(BaseException):
    """Nothing catches it, as nothing catches a kill."""


def kill_at(monkeypatch: pytest.MonkeyPatch, batch: int, *, after_storing: bool) -> None:
    calls = iter(range(1_000))

    def dying(*args: Any, **given: Any) -> Receipt:
        is_last = next(calls) == batch
        if is_last and not after_storing:
            raise Killed
        receipt = receive(*args, **given)
        if is_last:
            raise Killed
        return receipt

    monkeypatch.setattr(imports, "receive", dying)


@pytest.mark.parametrize("after_storing", [True, False])
@pytest.mark.parametrize(("write", "name"), [(write_csv, "old.csv"), (write_parquet, "old.parquet")])
def test_an_import_that_was_killed_ends_as_if_it_had_not_been(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    write: Callable[[Path, list[Row]], Path],
    name: str,
    after_storing: bool,
) -> None:
    path = write(tmp_path / name, [row(number) for number in range(20)])
    monkeypatch.setattr(imports, "BATCH", 5)
    with monkeypatch.context() as patched:
        kill_at(patched, 2, after_storing=after_storing)
        with pytest.raises(Killed):
            run_table(path)
    assert ImportRun.objects.get().rows_done == 5
    assert "the first 5 rows were done earlier" in run_table(path)
    assert stored() == sorted(f"m{number}" for number in range(20))
    assert (len(stored("identify")), len(stored("group"))) == (PEOPLE, PEOPLE)
    assert sum(Usage.objects.values_list("count", flat=True)) == 20


def test_json_lines_are_taken_up_again_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_lines(tmp_path / "old.jsonl.gz", [message(number) for number in range(9)])
    monkeypatch.setattr(imports, "BATCH", 3)
    with monkeypatch.context() as patched:
        kill_at(patched, 1, after_storing=False)
        with pytest.raises(Killed):
            run(path)
    assert run(path).startswith("9 rows: 6 messages stored, 0 already there")
    assert len(stored()) == 9


def test_a_file_that_is_done_is_not_read_again_unless_asked(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "old.csv", [row(number) for number in range(4)])
    run_table(path)
    assert run_table(path) == f"{path} is already imported, all 4 rows. Use --again to read it again."
    assert run_table(path, "--again") == "4 rows: 0 messages stored, 10 already there, 0 failed."
    assert sum(Usage.objects.values_list("count", flat=True)) == 4


def test_the_same_rows_in_another_file_are_stored_once(tmp_path: Path) -> None:
    run_table(write_csv(tmp_path / "one.csv", [row(0), row(1)]))
    words = run_table(write_parquet(tmp_path / "two.parquet", [row(0), row(1), row(2)]))
    assert words == "3 rows: 3 messages stored, 6 already there, 0 failed."


@pytest.mark.parametrize("first_with_arrival", [True, False])
def test_a_message_is_stored_once_whenever_it_is_said_to_have_come(tmp_path: Path, first_with_arrival: bool) -> None:
    path = write_csv(tmp_path / "old.csv", [row(0), row(1)])
    arrival = ("--received-at", "arrived")
    run_table(path, *(arrival if first_with_arrival else ()))
    words = run_table(path, *(() if first_with_arrival else arrival))
    assert words == "2 rows: 0 messages stored, 6 already there, 0 failed."
    assert sum(Tally.objects.values_list("duplicates", flat=True)) == 6


def test_rows_without_message_id_are_stored_once_however_often_they_come(tmp_path: Path) -> None:
    rows = [row(0, id=""), row(1, id="")]
    run_table(write_csv(tmp_path / "one.csv", rows))
    words = run_table(write_csv(tmp_path / "two.csv", [*rows, row(2, id="")]))
    assert words == "3 rows: 3 messages stored, 6 already there, 0 failed."
    assert len(stored()) == 3


def test_the_same_rows_under_other_ids_are_noticed_before_they_are_stored(tmp_path: Path) -> None:
    run_table(write_csv(tmp_path / "one.csv", [row(0), row(1)]))
    again = write_csv(tmp_path / "two.csv", [row(0, id="x0"), row(1, id="x1"), row(2)])
    with pytest.raises(CommandError, match="2 of the next 9 messages are stored already, under other message ids"):
        run_table(again)
    assert stored() == ["m0", "m1"]
    words = run_table(again, "--same-content", "skip")
    assert words == "3 rows: 3 messages stored, 2 already there (2 of them under other ids), 0 failed."
    assert stored() == ["m0", "m1", "m2"]


def test_lines_with_neither_id_nor_time_are_stored_once(tmp_path: Path) -> None:
    bare = {"type": "track", "event": "Item Created", "userId": "u1"}
    run(write_lines(tmp_path / "one.jsonl", [bare]))
    run(write_lines(tmp_path / "two.jsonl", [bare, message(1)]))
    assert len(stored()) == 2


# --- Bad rows ---------------------------------------------------------------------------------------------


def test_a_bad_line_is_kept_with_its_reason_and_its_neighbours_are_stored(tmp_path: Path) -> None:
    path = tmp_path / "old.jsonl"
    bad = [b'{"type": "track"', b"[[[", b'{"type":"track","userId":"u","event":"\\u0000"}', b"\xff", b"{}"]
    good = json.dumps(message(0)).encode()
    path.write_bytes(b"\n".join([good, *bad, b"", json.dumps(message(1)).encode()]))
    words = run(path)
    assert words.startswith("8 rows: 2 messages stored, 0 already there, 5 failed.")
    assert sorted(bytes(kept.payload) for kept in FailedEvent.objects.all()) == sorted(bad)
    assert sum(Tally.objects.values_list("failed", flat=True)) == 5


def test_a_bad_row_is_kept_with_its_reason_and_its_neighbours_are_stored(tmp_path: Path) -> None:
    path = tmp_path / "old.csv"
    lines = ["who,what,at,id", "u1,Made,2026-01-01,m1", ",Made,2026-01-01,m3"]
    lines += ["u4,Made,2026-01-01,m4,too,many", "u5,,2026-01-01,m5", "u6,Made,2026-01-02,m6"]
    path.write_bytes("\n".join(lines).encode() + b"\nu\xff,Made,2026-01-01,m7\n")
    columns = ["user_id=who", "event=what", "timestamp=at", "message_id=id"]
    words = run(path, *(word for pair in columns for word in ("--map", pair)))
    assert words.startswith("6 rows: 2 messages stored, 0 already there, 4 failed.")
    assert stored() == ["m1", "m6"]
    assert "The row has 6 cells, the header 4." in FailedEvent.objects.values_list("reason", flat=True)


def test_a_time_or_an_arrival_that_is_no_date_costs_no_row(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "old.csv", [row(0, arrived="soon"), row(1, ts="yesterday"), row(2)])
    run_table(path, "--received-at", "arrived")
    events = {event.message_id: event for event in Event.objects.all()}
    assert (events["m0"].timestamp.day, events["m0"].clock) == (1, Event.Clock.TRUSTED)
    assert (events["m1"].timestamp, events["m1"].clock) == (events["m1"].received_at, Event.Clock.UNREADABLE)
    assert not FailedEvent.objects.exists()


@pytest.mark.parametrize(
    ("cell", "sent"),
    [("7", 7), ("-1.5", -1.5), ("007", "007"), ("true", True), ("1e5", "1e5"), ("9" * 20, "9" * 20), ("x", "x")],
)
def test_cells_that_read_like_numbers_are_numbers(tmp_path: Path, cell: str, sent: object) -> None:
    run_table(write_csv(tmp_path / "old.csv", [row(0, files=cell)]))
    assert Event.objects.get(message_id="m0").payload["properties"] == {"count": sent}


def test_an_empty_cell_is_no_property(tmp_path: Path) -> None:
    run_table(write_csv(tmp_path / "old.csv", [row(0, files="", mail="", team="")]))
    assert "properties" not in Event.objects.get().payload


# --- Mistakes of who asks ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("old.txt", [], "has none of the endings"),
        ("old.csv", [], "--map user_id=COLUMN"),
        ("old.csv", ["--map", "user_id=person"], "--event NAME"),
        ("old.csv", ["--map", "user_id=person", "--event", "Made"], "--map timestamp=COLUMN"),
        ("old.csv", ["--map", "owner=person"], "--map does not know owner"),
        ("old.csv", ["--map", "user_id"], "write TARGET=COLUMN"),
        ("old.jsonl", ["--map", "user_id=person"], "A line of JSON says itself"),
        ("away.jsonl", [], "No such file"),
        ("old.parquet", [word for pair in MAP for word in ("--map", pair)], "not a Parquet file"),
    ],
)
def test_a_mistake_is_told_before_anything_is_read(tmp_path: Path, name: str, options: list[str], words: str) -> None:
    if not name.startswith("away"):
        (tmp_path / name).write_bytes(b"person,event\n")
    with pytest.raises(CommandError, match=words):
        run(tmp_path / name, *options)
    assert not Event.objects.exists()


def test_a_column_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "old.csv").write_text("person,event,ts\n")
    with pytest.raises(CommandError, match="no column files, id, mail, team"):
        run_table(tmp_path / "old.csv")


def test_one_event_name_can_stand_for_all_rows(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "old.csv", [row(0)])
    run(path, "--map", "anonymous_id=person", "--map", "timestamp=ts", "--event", "Invoice Paid")
    assert Event.objects.get().payload["event"] == "Invoice Paid"
