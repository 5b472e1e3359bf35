"""Runs an import: the rows of a file, in batches, through the function that HTTP uses.

After each batch the run says how many rows are done, so that a run that was killed is taken up there. A batch
that was stored while the run died before saying so comes again, and message ids keep it from counting twice.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import IO, Protocol

from django.utils import timezone

from plgcrm.common.stages import stage
from signals.ingest.files import (
    ColumnMap,
    Entry,
    TableReader,
    UnreadableFileError,
    csv_table,
    digest_of,
    entry_of_line,
    json_lines,
    parquet_table,
)
from signals.ingest.receive import SourceRef, receive
from signals.ingest.wire import Parsed
from signals.models import ImportRun, Source

BATCH = 1_000  # messages

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What is imported, and how it is read."""

    name: str
    format: str
    columns: ColumnMap | None  # None for JSON lines
    received: str | None = None  # the column or field that says when a message arrived

    @property
    def digest(self) -> str:
        """Of content and way of reading: the same file with another column map is another import."""
        return digest_of(self.name, (self.format, self.columns, self.received))


@dataclass(slots=True)
class Totals:
    rows: int = 0
    skipped: int = 0  # rows that an earlier run had done
    stored: int = 0
    duplicates: int = 0
    failed: int = 0


class _RowReader(Protocol):
    """Rows of one format. Each is skipped or read, in order."""

    def __call__(self, *, skip: int) -> Iterator[Entry | None]: ...


@dataclass(slots=True)
class _RowBatch:
    parsed: Parsed = field(default_factory=Parsed)
    received: list[datetime] = field(default_factory=list)

    def add(self, entry: Entry) -> None:
        self.parsed.messages += entry.messages
        self.parsed.rejected += entry.rejected
        self.received += entry.received

    @property
    def size(self) -> int:
        return len(self.parsed.messages) + len(self.parsed.rejected)


def run_of(source: Source, plan: ImportPlan) -> ImportRun | None:
    """How far this import has come; None for the standard input, which cannot be read again."""
    if plan.name == "-":
        return None
    run, _ = ImportRun.objects.get_or_create(
        source=source, digest=plan.digest, defaults={"file_name": plan.name[-300:]}
    )
    return run


def start_again(run: ImportRun) -> None:
    """Forget how far an import came: the next run reads the file from its first row."""
    run.rows_done, run.finished_at = 0, None
    run.save(update_fields=["rows_done", "finished_at"])


def import_rows(
    source: Source, plan: ImportPlan, file: IO[bytes], *, run: ImportRun | None, progress: Progress
) -> Totals:
    """Import what is left of the file; `progress` hears how many rows each batch had."""
    totals = Totals(skipped=run.rows_done if run else 0)
    reference, batch, read = SourceRef(source.pk, source.name), _RowBatch(), 0
    with stage("import") as counts:
        for entry in _entries(plan, file)(skip=totals.skipped):
            read += 1
            if entry is not None:
                batch.add(entry)
            if batch.size >= BATCH:
                _send(reference, batch, totals)
                batch, read = _RowBatch(), _done(run, read, totals, progress)
        _send(reference, batch, totals)
        _done(run, read, totals, progress)
        _finish(run)
        counts |= {"stored": totals.stored, "duplicates": totals.duplicates, "failed": totals.failed}
    return totals


def _entries(plan: ImportPlan, file: IO[bytes]) -> _RowReader:
    return partial(_of_table, plan, file) if plan.columns else partial(_of_lines, plan, file)


def _of_lines(plan: ImportPlan, file: IO[bytes], *, skip: int) -> Iterator[Entry | None]:
    for place, line in enumerate(json_lines(file)):
        if place < skip:
            yield None
        else:
            yield entry_of_line(line, received_field=plan.received, now=timezone.now())


def _of_table(plan: ImportPlan, file: IO[bytes], *, skip: int) -> Iterator[Entry | None]:
    if plan.columns is None:
        raise UnreadableFileError("A table needs a column map.")
    reader = TableReader(plan.columns, received_column=plan.received)
    table = csv_table(file) if plan.format == "csv" else parquet_table(file)
    reader.refuse_missing(table.header)
    for place, row in enumerate(table.rows):
        if place < skip:
            reader.skip(row)
            yield None
        else:
            yield reader.entry(row, timezone.now())


def _send(source: SourceRef, batch: _RowBatch, totals: Totals) -> None:
    if not batch.size:
        return
    receipt = receive(source, batch.parsed, timezone.now(), received_each=batch.received)
    totals.stored += receipt.accepted
    totals.duplicates += receipt.duplicates
    totals.failed += receipt.failed


def _done(run: ImportRun | None, read: int, totals: Totals, progress: Progress) -> int:
    """Rows read since the last time are done; starts counting at 0."""
    totals.rows += read
    progress(read)
    # Never backwards: rows skipped at the start of a resumed run were counted by the one before.
    if run is not None and totals.rows > run.rows_done:
        run.rows_done = totals.rows
        run.save(update_fields=["rows_done"])
    return 0


def _finish(run: ImportRun | None) -> None:
    if run is not None:
        run.finished_at = timezone.now()
        run.save(update_fields=["finished_at"])
