"""The head of an uploaded file: what it is, how it is written, its columns and its first rows."""

import codecs
import csv
import gzip
import io
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import IO, Any

from signals.imports.uploads import opened
from signals.ingest.files import (
    Cells,
    Table,
    UnreadableFileError,
    broken_archive,
    csv_table,
    json_lines,
    parquet_table,
    unpacked,
)
from signals.ingest.wire import Rejected
from signals.models import ImportRun

ROWS = 10
HEAD = 256 * 1024
MOST_COLUMNS = 200
UTF_8, UTF_16, WINDOWS = "utf-8-sig", "utf-16", "cp1252"
ENCODINGS = {UTF_8: "UTF-8", WINDOWS: "Western European (Windows-1252, Latin-1)", UTF_16: "UTF-16"}
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
CSV, LINES, PARQUET = "csv", "jsonl", "parquet"
FORMATS = {CSV: "CSV", LINES: "JSON lines", PARQUET: "Parquet"}


@dataclass(frozen=True, slots=True)
class FileShape:
    """How a file is to be read."""

    format: str
    encoding: str = UTF_8
    delimiter: str = ","


@dataclass(frozen=True, slots=True)
class Sample:
    """The first rows of a file. `nested`: columns that hold lists or objects."""

    shape: FileShape
    header: list[str]
    rows: list[Cells | Rejected]
    nested: frozenset[str] = frozenset()
    lines: list[bytes] = field(default_factory=list)  # of JSON lines, as they are

    def examples(self, column: str) -> list[str]:
        """Some values of a column, cut short."""
        cells = [row.get(column) for row in self.rows if not isinstance(row, Rejected)]
        texts = [_shown(cell) for cell in cells if cell not in (None, "")]
        return list(dict.fromkeys(texts))[:3]


def _shown(cell: Any) -> str:
    text = cell if isinstance(cell, str) else json.dumps(cell, default=str)
    return text if len(text) <= 60 else f"{text[:59]}…"


def shape_of(run: ImportRun) -> FileShape:
    """What the first bytes tell of the file. Raises UnreadableFileError for what is no table; it says what to do."""
    with opened(run) as file:
        raw = file.read(4)
        file.seek(0)
        head = _head(file)
    if raw == b"PAR1":
        return FileShape(PARQUET)
    _refuse_others(head)
    encoding = _encoding(head)
    text = head.decode(encoding, "replace").lstrip("\ufeff \r\n\t")
    if text[:1] == "{":
        return FileShape(LINES)
    return FileShape(CSV, encoding, _delimiter(text))


def _head(file: IO[bytes]) -> bytes:
    try:
        return unpacked(file).read(HEAD)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise broken_archive(error) from error


def _refuse_others(head: bytes) -> None:
    if head[:2] == b"PK":
        raise UnreadableFileError(
            "This is an Excel workbook or a zip archive. In Excel choose Save as, CSV UTF-8, and drop that file."
        )
    if head[:4] == b"\xd0\xcf\x11\xe0":
        raise UnreadableFileError("This is an old Excel workbook. Save it as CSV UTF-8, and drop that file.")
    if head[:5] == b"%PDF-":
        raise UnreadableFileError("This is a PDF. Export the table as CSV instead.")
    if not head.strip():
        raise UnreadableFileError("The file is empty.")
    if head.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"[":
        raise UnreadableFileError("This is one JSON list. Write each object on a line of its own, without the list.")
    if b"\0" in head and head[:2] not in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        raise UnreadableFileError("This is neither text nor Parquet. Send CSV, JSON lines or Parquet.")


def _encoding(head: bytes) -> str:
    if head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return UTF_16
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)  # a letter that the end of the head cuts is none wrong
    except UnicodeDecodeError:
        return WINDOWS
    return UTF_8


def _delimiter(text: str) -> str:
    """The sign that parts the first line most often, outside of quotes."""
    first = next(iter(text.splitlines()), "")
    counts = {sign: len(next(csv.reader(io.StringIO(first), delimiter=sign), [])) for sign in DELIMITERS}
    return max(DELIMITERS, key=lambda sign: counts[sign])


def table_of(file: IO[bytes], shape: FileShape) -> Table:
    """All rows of a file as a table; of JSON lines each object is one."""
    if shape.format == CSV:
        return csv_table(file, encoding=shape.encoding, delimiter=shape.delimiter)
    if shape.format == PARQUET:
        return parquet_table(file)
    return Table([], _objects(file))


def _objects(file: IO[bytes]) -> Iterator[Cells | Rejected]:
    for line in json_lines(file):
        try:
            found = json.loads(line) if line else {}
        except (ValueError, RecursionError) as error:
            yield Rejected("decode", f"The line is not JSON: {error}.", line)
            continue
        yield found if isinstance(found, dict) else Rejected("decode", "The line is not a JSON object.", line)


def sample_of(run: ImportRun, shape: FileShape) -> Sample:
    """The first rows, read as `shape` says. Raises UnreadableFileError for a file without any."""
    with opened(run) as file:
        lines = list(islice(json_lines(file), ROWS)) if shape.format == LINES else []
        file.seek(0)
        table = table_of(file, shape)
        rows = list(islice(table.rows, ROWS))
    if not rows:
        raise UnreadableFileError("The file has a header and no rows. Export it again with its rows.")
    header = _header(table.header or list(dict.fromkeys(name for row in rows if isinstance(row, dict) for name in row)))
    return Sample(shape, header, rows, _nested(rows), lines)


def _header(names: list[str]) -> list[str]:
    if len(names) > MOST_COLUMNS:
        raise UnreadableFileError(f"The file has {len(names)} columns. Send at most {MOST_COLUMNS}.")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UnreadableFileError(f"The header names {', '.join(map(repr, twice[:5]))} twice. Give each column a name.")
    return names


def _nested(rows: list[Cells | Rejected]) -> frozenset[str]:
    cells = (item for row in rows if not isinstance(row, Rejected) for item in row.items())
    return frozenset(name for name, cell in cells if isinstance(cell, dict | list))
