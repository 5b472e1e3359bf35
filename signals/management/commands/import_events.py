"""`manage.py import_events FILE`: history from a file, through the same door as live events."""

from argparse import ArgumentParser
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from signals.ingest.files import FORMATS, TARGETS, ColumnMap, UnreadableFileError, format_of, opened
from signals.ingest.imports import ImportPlan, Progress, SameContentError, Totals, import_rows, run_of, start_again
from signals.ingest.keys import ensure_source
from signals.ingest.store import ImportUndoneError
from signals.models import ImportRun

EPILOG = """
A stopped run resumes where it left off when the same file is given again. Importing a file twice stores
nothing twice. docs/howto/import-history.md explains all of it.
"""


class Command(BaseCommand):
    help = "Imports events from a file (JSON lines, CSV or Parquet; gzip too), or from - for the standard input."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.epilog = EPILOG
        parser.add_argument("file", help="the file, or - for the standard input")
        parser.add_argument("--source", default="Import", help="name of the source; created if missing")
        parser.add_argument("--format", choices=FORMATS, help="if the file name does not say")
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="TARGET=COLUMN",
            help=f"a column of CSV or Parquet; targets: {', '.join(TARGETS)}",
        )
        parser.add_argument("--event", metavar="NAME", help="the event of all rows, if no column has it")
        parser.add_argument("--property", action="append", default=[], metavar="COLUMN[=NAME]")
        parser.add_argument("--trait", action="append", default=[], metavar="COLUMN[=NAME]")
        parser.add_argument("--received-at", metavar="COLUMN", help="the column with the time of arrival; default: now")
        parser.add_argument(
            "--same-content",
            choices=[ImportRun.Twins.SKIP.label, ImportRun.Twins.KEEP.label],
            help="what becomes of rows that are stored already under other message ids; default: stop and say so",
        )
        parser.add_argument("--again", action="store_true", help="read a finished file again from the start")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            plan = _plan(options)
            self.stdout.write(self._import(plan, options))
        except SameContentError as error:
            raise CommandError(f"{error} Say --same-content skip or --same-content import.") from error
        except ImportUndoneError as error:
            raise CommandError(
                "This import was undone in the admin. Give the command again to import the file."
            ) from error
        except (UnreadableFileError, OSError) as error:
            raise CommandError(str(error)) from error

    def _import(self, plan: ImportPlan, options: dict[str, Any]) -> str:
        source = ensure_source(options["source"])
        with opened(plan.name) as file:
            run = run_of(source, plan)
            if run and options["again"]:
                start_again(run)
            if run and options["same_content"]:
                run.twins = next(each for each in ImportRun.Twins if each.label == options["same_content"])
            if run and run.finished_at:
                return f"{plan.name} is already imported, all {run.rows_done:,} rows. Use --again to read it again."
            with _bar(plan) as bar:
                return _words(import_rows(source, plan, file, run=run, progress=_following(bar, plan, file)))


def _plan(options: dict[str, Any]) -> ImportPlan:
    chosen = options["format"] or format_of(options["file"])
    columns = _column_map(options)
    if chosen == "jsonl" and columns != ColumnMap({}):
        raise CommandError("A column map is for CSV and Parquet. A line of JSON says itself what it is.")
    if chosen != "jsonl":
        _refuse_incomplete(columns)
    return ImportPlan(options["file"], chosen, None if chosen == "jsonl" else columns, options["received_at"])


def _column_map(options: dict[str, Any]) -> ColumnMap:
    columns = dict(_pair(text) for text in options["map"])
    if unknown := sorted(columns.keys() - set(TARGETS)):
        raise CommandError(f"--map does not know {', '.join(unknown)}. Choose among {', '.join(TARGETS)}.")
    properties = {column: name or column for column, name in map(_split, options["property"])}
    traits = {column: name or column for column, name in map(_split, options["trait"])}
    return ColumnMap(columns, properties, traits, options["event"])


def _split(text: str) -> tuple[str, str]:
    column, _, name = text.partition("=")
    return column, name


def _pair(text: str) -> tuple[str, str]:
    target, column = _split(text)
    if not column:
        raise CommandError(f"--map {text}: write TARGET=COLUMN, for example user_id=person.")
    return target, column


def _refuse_incomplete(columns: ColumnMap) -> None:
    if not {"user_id", "anonymous_id"} & columns.columns.keys():
        raise CommandError("Say who acted: --map user_id=COLUMN.")
    if "event" not in columns.columns and not columns.event:
        raise CommandError("Say what happened: --map event=COLUMN, or --event NAME for all rows.")
    if "timestamp" not in columns.columns:
        raise CommandError("Say when it happened: --map timestamp=COLUMN.")


def _bar(plan: ImportPlan) -> "tqdm[Any]":
    """Bytes of the file as it lies on the disk, or else rows."""
    if plan.name == "-":
        return tqdm(unit=" rows", disable=None)
    return tqdm(total=Path(plan.name).stat().st_size, unit="B", unit_scale=True, desc=plan.name[-30:], disable=None)


def _following(bar: "tqdm[Any]", plan: ImportPlan, file: IO[bytes]) -> Progress:
    def told(rows: int, _: Totals) -> None:
        bar.update(rows if plan.name == "-" else file.tell() - bar.n)

    return told


def _words(totals: Totals) -> str:
    words = f"{totals.rows:,} rows: {totals.stored:,} messages stored, {totals.duplicates:,} already there"
    words += f" ({totals.twins:,} of them under other ids)" if totals.twins else ""
    words += f", {totals.failed:,} failed"
    if totals.skipped:
        words += f"; the first {totals.skipped:,} rows were done earlier"
    return f"{words}." + (" Failed events are in the admin, with their reasons." if totals.failed else "")
