"""Files of history, turned row by row into the messages that a client would have sent.

JSON lines hold one message each. CSV and Parquet need a column map; a row of theirs is a track message, led by
an identify where it names a new address and by a group where it names a new workspace of its person.
"""

import csv
import gzip
import hashlib
import io
import json
import re
import sys
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

import msgspec

from accounts.rules.moments import moment_in
from signals.ingest.clock import MISSING, UNREADABLE
from signals.ingest.warehouse import message_of_row
from signals.ingest.wire import MAX_KEPT_BYTES, Rejected, WireError, WireMessage, parse

FORMATS = ("jsonl", "csv", "parquet")
TARGETS = ("user_id", "anonymous_id", "event", "timestamp", "message_id", "email", "group_id")
LARGEST_CELL = 1024 * 1024
LARGEST_LINE = 4 * 1024 * 1024  # bytes or characters; a file without line ends must not fill the memory
LARGEST_ROW_GROUP = 1024 * 1024 * 1024  # bytes unpacked; a Parquet file is read one group at a time
NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?")  # 007 and longer ones are text: ids lose no digit
ENDINGS = {".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl", ".csv": "csv", ".parquet": "parquet"}

Cells = Mapping[str, Any]


@dataclass(slots=True)
class Entry:
    """What one row of a file came to."""

    messages: list[WireMessage] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    received: list[datetime] = field(default_factory=list)  # one a message


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """Where a row holds what: columns by target, and column by name of property or trait."""

    columns: Mapping[str, str]
    properties: Mapping[str, str] = field(default_factory=dict)
    traits: Mapping[str, str] = field(default_factory=dict)
    event: str | None = None  # the name of all events, where no column holds it


class UnreadableFileError(Exception):
    """The file as a whole is of no use; says what to do."""


# --- Opening ----------------------------------------------------------------------------------------------


def format_of(name: str) -> str:
    """The format that a file's name stands for; standard input is JSON lines unless told otherwise."""
    endings = [ending.lower() for ending in Path(name).suffixes if ending.lower() != ".gz"]
    found = ENDINGS.get(endings[-1]) if endings else None
    if found is None and name != "-":
        raise UnreadableFileError(f"{name} has none of the endings {', '.join(ENDINGS)}. Pass --format.")
    return found or "jsonl"


@contextmanager
def opened(name: str) -> Iterator[IO[bytes]]:
    """The file, or the standard input for `-`."""
    if name == "-":
        yield sys.stdin.buffer
        return
    with Path(name).open("rb") as file:
        yield file


def digest_of(name: str, options: object) -> str:
    """The same for the same content read in the same way."""
    with Path(name).open("rb") as file:
        content = hashlib.file_digest(file, "sha256")
    content.update(repr(options).encode())
    return content.hexdigest()


def unpacked(file: IO[bytes]) -> IO[bytes]:
    """Without gzip, which the first bytes tell and not the name."""
    buffered = file if isinstance(file, io.BufferedReader) else io.BufferedReader(file)  # type: ignore[type-var]
    return gzip.open(buffered, "rb") if buffered.peek(2)[:2] == b"\x1f\x8b" else buffered  # type: ignore[return-value]


# --- JSON lines -------------------------------------------------------------------------------------------


def json_lines(file: IO[bytes]) -> Iterator[bytes]:
    """The lines as bytes, unpacked where they are compressed, without blanks at the ends and byte order marks."""
    lines = unpacked(file)
    try:
        while line := lines.readline(LARGEST_LINE + 1):
            _refuse_long(line)
            yield line.strip().removeprefix(b"\xef\xbb\xbf")
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise broken_archive(error) from error


def _refuse_long(line: bytes | str) -> None:
    if len(line) > LARGEST_LINE:
        raise UnreadableFileError(f"A line has over {LARGEST_LINE // 1024**2} MB. Put one row on each line.")


def broken_archive(error: Exception) -> UnreadableFileError:
    """What a file that cannot be unpacked is told."""
    return UnreadableFileError(f"The compressed file is damaged or cut off ({error}). Compress it again.")


def entry_of_line(line: bytes, *, received_field: str | None, now: datetime) -> Entry:
    """One message; `received_field` says when it arrived."""
    if not line:
        return Entry()
    told = _text_of(_top_level(line), received_field) if received_field else None
    return _checked([_from_warehouse(line)], _arrived(told, now), now)


def _from_warehouse(line: bytes) -> bytes:
    """A row of a table that a client's events were loaded into is the message again that it was."""
    if b'_id"' not in line.lower():
        return line
    try:
        row = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return line
    message = message_of_row(row) if isinstance(row, dict) else None
    return line if message is None else _json(message)


def _top_level(line: bytes) -> dict[str, msgspec.Raw]:
    try:
        return msgspec.json.decode(line, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}


def _text_of(fields: dict[str, msgspec.Raw], name: str | None) -> Any:
    if name is None or name not in fields:
        return None
    try:
        return msgspec.json.decode(fields[name])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""


# --- Tables -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Table:
    header: list[str]
    rows: Iterator[Cells | Rejected]


def csv_table(file: IO[bytes], *, encoding: str = "utf-8-sig", delimiter: str = ",") -> Table:
    """Bytes that are not of the encoding pass as halves of surrogates, and fail with their own row."""
    csv.field_size_limit(LARGEST_CELL)
    text = io.TextIOWrapper(unpacked(file), encoding=encoding, errors="surrogateescape", newline="")
    lines = csv.reader(_text_lines(text), delimiter=delimiter)
    try:
        header = next(lines, None)
    except csv.Error as error:
        raise UnreadableFileError(f"The header line is not CSV: {error}.") from error
    if not header:
        raise UnreadableFileError("The file has no header line.")
    return Table(header, _csv_rows(text, lines, header))


def _text_lines(text: io.TextIOWrapper) -> Iterator[str]:
    try:
        while line := text.readline(LARGEST_LINE + 1):
            _refuse_long(line)
            yield line
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise broken_archive(error) from error
    except UnicodeError as error:  # of UTF-16 and such, where no single byte can be passed over
        raise UnreadableFileError(f"The file is not {text.encoding} throughout. Save it as UTF-8.") from error


def _csv_rows(text: io.TextIOWrapper, lines: Any, header: list[str]) -> Iterator[Cells | Rejected]:
    try:
        while (row := _next_row(lines, header)) is not None:
            yield row
    finally:
        if not text.closed:  # else it would close the file when it goes
            text.detach()


def _next_row(lines: Any, header: list[str]) -> Cells | Rejected | None:
    try:
        return _row(header, next(lines))
    except StopIteration:
        return None
    except csv.Error as error:
        return Rejected("decode", f"The row at line {lines.line_num} is not CSV: {error}.", b"")


def _row(header: list[str], cells: list[str]) -> Cells | Rejected:
    if len(cells) > len(header):
        raw = json.dumps(cells).encode()[:MAX_KEPT_BYTES]
        return Rejected("decode", f"The row has {len(cells)} cells, the header {len(header)}.", raw)
    return dict(zip(header, cells, strict=False))


def parquet_table(file: IO[bytes]) -> Table:
    """The columns and rows of a Parquet file. Raises UnreadableFileError where it is none, or pyarrow is missing."""
    try:
        from pyarrow import ArrowInvalid, parquet
    except ImportError as error:
        raise UnreadableFileError("Parquet needs pyarrow: pip install 'plgcrm[parquet]'.") from error
    try:
        table = parquet.ParquetFile(file if file.seekable() else io.BytesIO(file.read()))
    except ArrowInvalid as error:
        raise UnreadableFileError(f"This is not a Parquet file: {error}.") from error
    groups = [table.metadata.row_group(i).total_byte_size for i in range(table.num_row_groups)]
    if max(groups, default=0) > LARGEST_ROW_GROUP:
        raise UnreadableFileError("A row group has over 1 GB unpacked. Write the file with smaller row groups.")
    return Table(table.schema_arrow.names, _parquet_rows(table))


def _parquet_rows(table: Any) -> Iterator[Cells | Rejected]:
    from pyarrow import ArrowException

    try:
        for batch in table.iter_batches(1_000):
            yield from _microseconds(batch).to_pylist()
    except (ArrowException, OSError) as error:
        raise UnreadableFileError(f"The Parquet file is damaged: {str(error)[:200]}.") from error


def _microseconds(batch: Any) -> Any:
    """Python's times know no nanoseconds, and pyarrow would stop at them."""
    from pyarrow import compute, timestamp, types

    for place, column in enumerate(batch.schema):
        if types.is_timestamp(column.type) and column.type.unit == "ns":
            exact = compute.cast(batch.column(place), timestamp("us", column.type.tz), safe=False)
            batch = batch.set_column(place, column.name, exact)
    return batch


class TableReader:
    """Turns rows into messages; remembers who was introduced already."""

    def __init__(self, column_map: ColumnMap, *, received_column: str | None) -> None:
        self._map = column_map
        self._received_column = received_column
        self._introduced: set[bytes] = set()

    def refuse_missing(self, header: Iterable[str]) -> None:
        wanted = [*self._map.columns.values(), *self._map.properties, *self._map.traits, self._received_column]
        missing = sorted({name for name in wanted if name} - set(header))
        if missing:
            raise UnreadableFileError(f"The file has no column {', '.join(missing)}.")

    def skip(self, row: Cells | Rejected) -> None:
        """Of a row that an earlier run has stored, remember only who it introduced."""
        if not isinstance(row, Rejected):
            self._introductions(self._values(row), "")

    def entry(self, row: Cells | Rejected, now: datetime) -> Entry:
        if isinstance(row, Rejected):
            return Entry(rejected=[row])
        values = self._values(row)
        track = self._track(values, row)
        arrived = _arrived(row.get(self._received_column) if self._received_column else None, now)
        message_id = track.setdefault("messageId", "import-" + hashlib.sha256(_json(track)).hexdigest())
        traits = _present(row, self._map.traits)
        messages = [*self._introductions(values, str(message_id), traits), track]
        return _checked(list(map(_json, messages)), arrived, now)

    def _values(self, row: Cells) -> dict[str, Any]:
        cells = {target: row.get(column) for target, column in self._map.columns.items()}
        return {target: plain(cell) for target, cell in cells.items() if not is_blank(cell)}

    def _track(self, values: dict[str, Any], row: Cells) -> dict[str, Any]:
        message = {
            "type": "track",
            "messageId": values.get("message_id"),
            **_who(values),
            "event": values.get("event", self._map.event),
            "timestamp": values.get("timestamp"),
            "properties": _present(row, self._map.properties),
            "context": {"groupId": values["group_id"]} if "group_id" in values else None,
        }
        return {name: value for name, value in message.items() if value not in (None, {})}

    def _introductions(
        self, values: dict[str, Any], message_id: str, traits: dict[str, Any] | None = None
    ) -> Iterator[dict[str, Any]]:
        who = _who(values)
        base = {**who, "timestamp": values.get("timestamp")} if "timestamp" in values else who
        found = []
        if who and "email" in values and self._is_new("identify", who, values["email"]):
            found.append({"type": "identify", "messageId": f"id_{message_id}", **base})
            found[-1]["traits"] = {**(traits or {}), "email": values["email"]}
        if who and "group_id" in values and self._is_new("group", who, values["group_id"]):
            found.append({"type": "group", "messageId": f"gr_{message_id}", **base, "groupId": values["group_id"]})
        return iter(found)

    def _is_new(self, *what: object) -> bool:
        mark = hashlib.blake2b(repr(what).encode("utf-8", "surrogatepass"), digest_size=12).digest()
        if mark in self._introduced:
            return False
        self._introduced.add(mark)
        return True


def _who(values: dict[str, Any]) -> dict[str, Any]:
    names = {"user_id": "userId", "anonymous_id": "anonymousId"}
    return {name: values[target] for target, name in names.items() if target in values}


def _present(row: Cells, names: Mapping[str, str]) -> dict[str, Any]:
    return {name: typed(row[column]) for column, name in names.items() if not is_blank(row.get(column))}


def is_blank(cell: Any) -> bool:
    """Whether a cell says nothing."""
    return cell is None or cell != cell or (isinstance(cell, str) and not cell.strip())


def typed(cell: Any) -> Any:
    """CSV knows only text: what reads like a number, true or false is one."""
    if not isinstance(cell, str):
        return plain(cell)
    if cell in ("true", "false"):
        return cell == "true"
    if NUMBER.fullmatch(cell):
        return float(cell) if "." in cell else int(cell)
    return cell


def plain(cell: Any) -> Any:
    """As JSON can say it; a time without a zone is UTC."""
    if isinstance(cell, datetime):
        return (cell if cell.tzinfo else cell.replace(tzinfo=UTC)).isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, Decimal):
        return float(cell)
    if isinstance(cell, bytes):
        return cell.decode("utf-8", "surrogateescape")
    return cell


def _json(message: dict[str, Any]) -> bytes:
    return json.dumps(message, separators=(",", ":"), default=str).encode()


# --- Both -------------------------------------------------------------------------------------------------


def _arrived(value: Any, now: datetime) -> datetime | None:
    """When a message arrived, never later than now; None where nobody says so that it can be read."""
    moment = value.replace(tzinfo=value.tzinfo or UTC) if isinstance(value, datetime) else moment_in(value)
    return None if moment is None else min(moment.astimezone(UTC), now)


def _checked(texts: list[bytes], arrived: datetime | None, now: datetime) -> Entry:
    entry = Entry()
    for text in texts:
        try:
            parsed = parse(b'{"batch":[' + text + b"]}", None, arrived or now, is_delivery=arrived is not None)
        except WireError as error:
            entry.rejected.append(Rejected("decode", error.message, text[:MAX_KEPT_BYTES]))
            continue
        entry.messages += map(_with_stable_id, parsed.messages)
        entry.rejected += parsed.rejected
    entry.received = [arrived or now] * len(entry.messages)
    return entry


def _with_stable_id(message: WireMessage) -> WireMessage:
    """A message with neither id nor time gets one from its content: read twice, it is stored once."""
    if message.clock in (MISSING, UNREADABLE) and message.message_id.startswith("auto-"):
        message.message_id = "import-" + hashlib.sha256(message.raw).hexdigest()
    return message
