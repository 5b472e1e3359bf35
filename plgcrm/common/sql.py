"""Hand-written SQL from `sql/*.sql`, one named block a query, and bulk values in Postgres' binary form.

A statement is planned again each time, with the values of its parameters in it: a condition like
`(%(play)s = '' OR p.slug = %(play)s)` is decided before the plan is made and costs an index nothing. So a filter that
may be left out is written into the query, and a query is put together of pieces only where the index scans differ.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from functools import cache
from itertools import starmap
from operator import itemgetter
from pathlib import Path
from struct import Struct
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt
import psycopg
from django.db import connection, transaction
from psycopg import pq
from psycopg.abc import AdaptContext
from psycopg.adapt import Dumper
from psycopg.rows import dict_row, scalar_row

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")
Params = Sequence[Any] | Mapping[str, Any]

ROOT = Path(__file__).resolve().parent.parent.parent
_HEAD = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)
_SHARED = re.compile(r"^-- pieces from: (.+)$", re.MULTILINE)
_PIECE = re.compile(r"\{(\w+)(?::([\w,]+))?\}")
_COMMENTS = re.compile(r"\A(\s*--.*\n)*")
_LENGTH = Struct(">i").pack
_INTEGER = Struct(">i").unpack_from
_NULL = _LENGTH(-1)


@cache
def queries(path: str) -> dict[str, str]:
    """The blocks of a SQL file, by the name in its `-- name:` line. `path` is relative to the project.

    In a query `{block}` stands for another block of the file, or of a file that its head names in a line
    `-- pieces from:` and their paths, without the comment it begins with; `{block:a,b}` for the same with the
    aliases a and b in the place of its {0} and {1}. Other names in braces stay, for the function that fills them.
    """
    head, *parts = _HEAD.split((ROOT / path).read_text())
    others = [other for line in _SHARED.findall(head) for other in line.split()]
    blocks = dict(zip(parts[::2], parts[1::2], strict=True))
    known = {name: block for other in others for name, block in queries(other).items()} | blocks
    return {name: _put_together(block, known, path) for name, block in blocks.items()}


def _put_together(block: str, known: Mapping[str, str], path: str) -> str:
    def piece(found: re.Match[str]) -> str:
        name, aliases = found.groups()
        if name not in known and aliases is None:
            return found[0]
        if name not in known:
            raise KeyError(f"{path} uses {name}, which is no block of it or of the files it takes pieces from")
        text = _COMMENTS.sub("", known[name]).strip()
        for place, alias in enumerate((aliases or "").split(",")):
            text = text.replace(f"{{{place}}}", alias)
        return _put_together(text, known, path)

    return _PIECE.sub(piece, block)


def driver() -> "psycopg.Connection[Any]":
    """The psycopg connection under Django's: parameters are bound by the server, not pasted into the text."""
    connection.ensure_connection()
    raw: psycopg.Connection[Any] = connection.connection
    if not getattr(raw, "plgcrm_ready", False):
        raw.adapters.register_dumper(BinaryArray, _BinaryArrayDumper)
        raw.plgcrm_ready = True  # type: ignore[attr-defined]
    return raw


def rows(query: str, params: Params = ()) -> list[tuple[Any, ...]]:
    """Run one of our queries on Django's connection and transaction; its rows, or [] where it returns none."""
    with psycopg.Cursor(driver()) as cursor:
        cursor.execute(query, params, binary=True)
        return cursor.fetchall() if cursor.description else []


def rows_as(cls: type[T], query: str, params: Params = ()) -> list[T]:
    """The rows of a query as objects of a dataclass, each column in the field of its name, whatever their order.

    A column without a field, or a field without a column, is refused by name, even where there are no rows.
    """
    with psycopg.Cursor(driver()) as cursor:
        cursor.execute(query, params, binary=True)
        names = [column.name for column in cursor.description or ()]
        return list(starmap(cls, _in_order(cls, tuple(names))(cursor.fetchall())))


Rows = list[tuple[Any, ...]]


@cache
def _in_order(cls: "type[DataclassInstance]", columns: tuple[str, ...]) -> Callable[[Rows], Iterable[tuple[Any, ...]]]:
    """How rows of these columns become rows in the order of the fields: worked out once for a query."""
    wanted = [field.name for field in fields(cls) if field.init]
    if unknown := [name for name in columns if name not in wanted or columns.count(name) > 1]:
        raise TypeError(f"{cls.__name__} has no field for these columns: {', '.join(unknown)}")
    if missing := [name for name in wanted if name not in columns]:
        raise TypeError(f"{cls.__name__} finds no column for these fields: {', '.join(missing)}")
    if list(columns) == wanted:
        return lambda found: found
    pick = itemgetter(*map(columns.index, wanted))
    return lambda found: map(pick, found)


def records(query: str, params: Params = ()) -> list[dict[str, Any]]:
    """The rows of a query by the names of its columns: for what is no object yet, or only passes through."""
    with psycopg.Cursor(driver(), row_factory=dict_row) as cursor:
        return cursor.execute(query, params, binary=True).fetchall()


def scalars(query: str, params: Params = ()) -> list[Any]:
    """The first column of a query."""
    with psycopg.Cursor(driver(), row_factory=scalar_row) as cursor:
        return cursor.execute(query, params, binary=True).fetchall()


def scalar(query: str, params: Params = ()) -> Any:
    """The value of a query that answers with one row."""
    [value] = scalars(query, params)
    return value


def execute(query: str, params: Params = ()) -> int:
    """Run one of our statements; how many rows it changed."""
    with psycopg.Cursor(driver()) as cursor:
        cursor.execute(query, params)
        return cursor.rowcount


def columns(query: str, names: Sequence[str], params: Mapping[str, Any]) -> dict[str, npt.NDArray[Any]]:
    """The rows of a query of NOT NULL columns (integer, bigint, float8), as one array a column, in this order.

    Postgres gathers each column into one array and sends it whole: a million rows cost a fraction of a second,
    where a message for each row, as fetching and COPY have it, costs several.
    """
    aliases = [f"c{place}" for place in range(len(names))]
    gathered = _gathered(query, aliases, [f"array_agg({alias})" for alias in aliases], params)
    return {name: _numbers_of(value) for name, value in zip(names, gathered, strict=True)}


def columns_and_texts(
    query: str, names: Sequence[str], params: Mapping[str, Any]
) -> tuple[dict[str, npt.NDArray[Any]], list[str]]:
    """The same of a query with a text column at the end: all texts come as one, with the length of each."""
    aliases = [f"c{place}" for place in range(len(names))]
    wanted = [f"array_agg({alias})" for alias in [*aliases, "char_length(words)"]]
    *gathered, lengths, words = _gathered(query, [*aliases, "words"], [*wanted, "string_agg(words, '')"], params)
    text, ends = (words or b"").decode(), np.cumsum(_numbers_of(lengths)).tolist()
    texts = [text[start:end] for start, end in zip([0, *ends[:-1]], ends, strict=False)]
    return {name: _numbers_of(value) for name, value in zip(names, gathered, strict=True)}, texts


@contextmanager
def in_one_process() -> Iterator[None]:
    """Have Postgres read without parallel workers: where rows are gathered into arrays, putting together those of
    the workers costs more than they save."""
    with transaction.atomic():
        execute("SET LOCAL max_parallel_workers_per_gather = 0")
        yield
        execute("SET LOCAL max_parallel_workers_per_gather TO DEFAULT")


def _gathered(query: str, aliases: list[str], wanted: list[str], params: Mapping[str, Any]) -> list[bytes | None]:
    with psycopg.Cursor(driver()) as cursor:
        statement = f"SELECT {', '.join(wanted)} FROM ({query}) AS found ({', '.join(aliases)})"
        cursor.execute(statement, params, binary=True)
        result = cursor.pgresult
        return [result.get_value(0, place) if result else None for place in range(len(wanted))]


_KINDS = {20: "i8", 23: "i4", 701: "f8"}  # of an array's elements, by the number of their type


def _numbers_of(blob: bytes | None) -> npt.NDArray[Any]:
    """The values of a binary array (header of 20 bytes, then each value behind its length)."""
    if blob is None:
        return np.zeros(0, np.int32)
    kind = _KINDS[_INTEGER(blob, 8)[0]]
    element = np.dtype([("length", ">i4"), ("value", f">{kind}")])
    return np.frombuffer(blob, element, offset=20)["value"].astype(kind)


class BinaryArray:
    """A one-dimensional array parameter, encoded once in the form Postgres reads fastest."""

    __slots__ = ("data", "oid")

    def __init__(self, oid: int, data: bytes) -> None:
        self.oid = oid
        self.data = data


class _BinaryArrayDumper(Dumper):
    format = pq.Format.BINARY

    def __init__(self, cls: type, context: AdaptContext | None = None) -> None:
        super().__init__(cls, context)
        self.oid = 0

    def get_key(self, obj: Any, format: Any) -> Any:
        return (self.cls, obj.oid)

    def upgrade(self, obj: Any, format: Any) -> Dumper:
        dumper = type(self)(self.cls)
        dumper.oid = obj.oid
        return dumper

    def dump(self, obj: Any) -> bytes:
        return bytes(obj.data)


def _header(has_null: bool, element_oid: int, count: int) -> bytes:
    return Struct(">iiiii").pack(1, int(has_null), element_oid, count, 1)


def int2s(values: Sequence[int]) -> BinaryArray:
    """smallint[]"""
    return _numbers(values, 1005, 21, ">i2")


def int4s(values: Sequence[int | None]) -> BinaryArray:
    """integer[]"""
    return _numbers(values, 1007, 23, ">i4")


def int8s(values: Sequence[int | None]) -> BinaryArray:
    """bigint[]"""
    return _numbers(values, 1016, 20, ">i8")


def float8s(values: Sequence[float | None]) -> BinaryArray:
    """double precision[]"""
    return _numbers(values, 1022, 701, ">f8")


def _numbers(values: Sequence[Any], oid: int, element_oid: int, kind: str) -> BinaryArray:
    if None in values:
        pack = Struct(f">i{'i' if kind == '>i4' else 'q' if kind == '>i8' else 'd'}").pack
        size = int(kind[-1])
        body = b"".join(_NULL if value is None else pack(size, value) for value in values)
        return BinaryArray(oid, _header(True, element_oid, len(values)) + body)
    table = np.empty(len(values), [("length", ">i4"), ("value", kind)])
    table["length"] = int(kind[-1])
    table["value"] = values
    return BinaryArray(oid, _header(False, element_oid, len(values)) + table.tobytes())


def texts(values: Iterable[str]) -> BinaryArray:
    """text[]"""
    return _blobs([value.encode() for value in values], 1009, 25)


def jsons(values: Sequence[bytes]) -> BinaryArray:
    """json[], each value being JSON text already"""
    return _blobs(values, 199, 114)


def byteas(values: Sequence[bytes]) -> BinaryArray:
    """bytea[]"""
    return _blobs(values, 1001, 17)


def _blobs(values: Sequence[bytes], oid: int, element_oid: int) -> BinaryArray:
    body = b"".join([part for value in values for part in (_LENGTH(len(value)), value)])
    return BinaryArray(oid, _header(False, element_oid, len(values)) + body)


EPOCH_MICROSECONDS = 946_684_800_000_000  # Postgres counts from 2000
_EPOCH_DAYS = 10_957


def timestamptzs(seconds: Sequence[float]) -> BinaryArray:
    """timestamptz[] from seconds since 1970, exact to the microsecond"""
    return _numbers([round(s * 1_000_000) - EPOCH_MICROSECONDS for s in seconds], 1185, 1184, ">i8")


def dates(days: Sequence[int]) -> BinaryArray:
    """date[] from days since 1970"""
    return _numbers([day - _EPOCH_DAYS for day in days], 1182, 1082, ">i4")
