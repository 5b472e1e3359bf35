"""Runs an import: the rows of a file, in batches, through the function that HTTP uses.

After each batch the run says how many rows are done, so that a run that was killed is taken up there. A batch
that was stored while the run died before saying so comes again, and message ids keep it from counting twice.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from functools import partial
from typing import IO, Protocol

from django.db.models.functions import Least
from django.utils import timezone

from plgcrm.common.sql import execute, queries
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
from signals.ingest.twins import twins_of
from signals.ingest.wire import Parsed
from signals.models import ImportRun, Source

VOCABULARY = queries("signals/sql/vocabulary.sql")
BATCH = 1_000  # messages
EXAMPLES = 3
ALONE_FOR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What is imported, and how it is read."""

    name: str
    format: str
    columns: ColumnMap | None  # None for JSON lines
    received: str | None = None  # the column or field that says when a message arrived
    encoding: str = "utf-8-sig"  # of CSV
    delimiter: str = ","

    @property
    def reading(self) -> object:
        """All that decides what the messages of a file are."""
        known = (self.format, self.columns, self.received)
        usual = {each.name: each.default for each in fields(self)}
        odd = tuple((name, getattr(self, name)) for name in ("encoding", "delimiter"))
        return (*known, odd) if any(value != usual[name] for name, value in odd) else known

    @property
    def digest(self) -> str:
        """Of content and way of reading: the same file with another column map is another import."""
        return digest_of(self.name, self.reading)


@dataclass(slots=True)
class Totals:
    rows: int = 0
    skipped: int = 0  # rows that an earlier run had done
    stored: int = 0
    duplicates: int = 0
    twins: int = 0  # here already under other ids, and left out; among the duplicates
    failed: int = 0


Progress = Callable[[int, Totals], None]  # hears how many rows a batch had, and all so far; raises to stop there


class SameContentError(Exception):
    """Rows are here already under other message ids, and nobody has said what becomes of them; nothing is stored."""

    def __init__(self, twins: int, of: int, examples: list[str]) -> None:
        super().__init__(f"{twins:,} of the next {of:,} messages are stored already, under other message ids.")
        self.twins = twins
        self.of = of
        self.examples = examples


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

    def without(self, places: list[int]) -> "_RowBatch":
        """Leaves out these messages, and what a row of theirs said of its person and workspace."""
        ids = {self.parsed.messages[place].message_id for place in places}
        gone = ids | {f"{lead}_{id_}" for id_ in ids for lead in ("id", "gr")}
        kept = [i for i, m in enumerate(self.parsed.messages) if m.message_id not in gone]
        messages = [self.parsed.messages[i] for i in kept]
        return _RowBatch(Parsed(messages, self.parsed.rejected), [self.received[i] for i in kept])


def run_of(source: Source, plan: ImportPlan) -> ImportRun | None:
    """How far this import has come; None for the standard input, which cannot be read again."""
    if plan.name == "-":
        return None
    run, _ = ImportRun.objects.get_or_create(
        source=source,
        digest=plan.digest,
        defaults={"file_name": plan.name[-300:], "listening_before": source.listening_since},
    )
    return run


def start_again(run: ImportRun) -> None:
    """Forget how far an import came: the next run reads the file from its first row."""
    run.rows_done, run.finished_at, run.state = 0, None, ImportRun.State.RUNNING
    run.save(update_fields=["rows_done", "finished_at", "state"])


def import_rows(
    source: Source, plan: ImportPlan, file: IO[bytes], *, run: ImportRun | None, progress: Progress
) -> Totals:
    """Import what is left of the file; `progress` hears how many rows each batch had.

    Raises SameContentError, before it stores any of a batch, where the run has to ask.
    """
    totals = Totals(skipped=run.rows_done if run else 0)
    batch, read = _RowBatch(), 0
    with stage("import") as counts:
        for entry in _entries(plan, file)(skip=totals.skipped):
            read += 1
            if entry is not None:
                batch.add(entry)
            if batch.size >= BATCH or (entry is None and read >= BATCH):
                _send(source, batch, run, totals)
                batch, read = _RowBatch(), _done(run, read, totals, progress)
        _send(source, batch, run, totals)
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
    if plan.format == "csv":
        table = csv_table(file, encoding=plan.encoding, delimiter=plan.delimiter)
    else:
        table = parquet_table(file)
    reader.refuse_missing(table.header)
    for place, row in enumerate(table.rows):
        if place < skip:
            reader.skip(row)
            yield None
        else:
            yield reader.entry(row, timezone.now())


def _send(source: Source, batch: _RowBatch, run: ImportRun | None, totals: Totals) -> None:
    if not batch.size:
        return
    if run is not None:
        batch = _without_twins(source, batch, run, totals)
        _listen_from(source, batch, run)
    receipt = receive(
        SourceRef(source.pk, source.name),
        batch.parsed,
        timezone.now(),
        received_each=batch.received,
        run=run.pk if run else None,
    )
    totals.stored += receipt.accepted
    totals.duplicates += receipt.duplicates
    totals.failed += receipt.failed


def _without_twins(source: Source, batch: _RowBatch, run: ImportRun, totals: Totals) -> _RowBatch:
    """The batch as the run wants it: twins left out, or kept; or it asks."""
    if run.twins == ImportRun.Twins.KEEP:
        return batch
    messages = batch.parsed.messages
    places = twins_of(source.pk, run.pk, messages)
    if not places:
        return batch
    if run.twins == ImportRun.Twins.ASK:
        examples = [f"{messages[i].name}, {messages[i].timestamp:%d %b %Y %H:%M:%S} UTC" for i in places[:EXAMPLES]]
        raise SameContentError(len(places), len(messages), examples)
    totals.twins += len(places)
    totals.duplicates += len(places)
    return batch.without(places)


def _listen_from(source: Source, batch: _RowBatch, run: ImportRun) -> None:
    """The source has its history from the earliest row on."""
    told = sorted(m.timestamp for m in batch.parsed.messages if m.clock in ("", "corrected", "delayed"))
    # One row of a dead clock does not make a history of twenty years.
    if len(told) > 1 and told[1] - told[0] > ALONE_FOR:
        told = told[1:]
    earliest = min([*told[:1], *filter(None, [run.earliest_at])], default=None)
    if earliest is None or earliest == run.earliest_at:
        return
    # Before the rows are stored: a run that dies in between has said too early rather than too late.
    run.earliest_at = earliest
    run.save(update_fields=["earliest_at"])
    Source.objects.filter(pk=source.pk).update(listening_since=Least("listening_since", earliest))


def _done(run: ImportRun | None, read: int, totals: Totals, progress: Progress) -> int:
    """Rows read since the last time are done; starts counting at 0."""
    totals.rows += read
    # Never backwards: rows skipped at the start of a resumed run were counted by the one before.
    if run is not None and totals.rows > run.rows_done:
        run.rows_done = totals.rows
        run.save(update_fields=["rows_done"])
    progress(read, totals)
    return 0


def _finish(run: ImportRun | None) -> None:
    # Only where nobody has paused or undone it meanwhile.
    if run is not None:
        running = ImportRun.objects.filter(pk=run.pk, state=ImportRun.State.RUNNING)
        running.update(state=ImportRun.State.FINISHED, finished_at=timezone.now())
        if run.earliest_at:  # scorers must read again since when the source is listened to
            execute(VOCABULARY["models_version_up"])
