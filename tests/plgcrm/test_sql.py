"""Queries are read by name, and put together of named pieces."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.contrib.auth.models import User

from accounts.access import display_name
from plgcrm.common import sql
from plgcrm.common.sql import queries, records, rows_as, scalar, scalars

pytestmark = pytest.mark.django_db


@dataclass(frozen=True, slots=True)
class Pair:
    left: int
    right: str
    both: str = field(default="", init=False)


def test_each_column_goes_to_the_field_of_its_name() -> None:
    assert rows_as(Pair, "SELECT 1 AS left, 'one' AS right") == [Pair(1, "one")]
    assert rows_as(Pair, "SELECT 'two' AS right, %(n)s AS left", {"n": 2}) == [Pair(2, "two")]


@pytest.mark.parametrize(
    ("columns", "refusal"),
    [
        ("1 AS left, 'x' AS right, 2 AS middle", "Pair has no field for these columns: middle"),
        ("1 AS left, 'x' AS right, 'x' AS both", "Pair has no field for these columns: both"),
        ("1 AS left, 'x' AS right, 2 AS left", "Pair has no field for these columns: left, left"),
        ("'x' AS right", "Pair finds no column for these fields: left"),
    ],
)
@pytest.mark.parametrize("found", ["", " WHERE false"])
def test_what_does_not_fit_is_refused_by_name(columns: str, refusal: str, found: str) -> None:
    with pytest.raises(TypeError, match=f"^{refusal}$"):
        rows_as(Pair, f"SELECT {columns}{found}")


def test_a_statement_is_planned_again_however_often_it_runs() -> None:
    for number in range(7):  # psycopg would prepare the sixth, Postgres then plan without the values
        assert scalar("SELECT %(n)s::int", {"n": number}) == number
    assert scalar("SELECT count(*) FROM pg_prepared_statements") == 0


def test_records_scalars_and_one_scalar() -> None:
    assert records("SELECT 1 AS left, 'one' AS right") == [{"left": 1, "right": "one"}]
    assert scalars("SELECT n FROM generate_series(1, 3) n") == [1, 2, 3]
    assert scalar("SELECT %(n)s::int + 1", {"n": 1}) == 2
    with pytest.raises(ValueError, match="expected 1"):
        scalar("SELECT 1 WHERE false")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A project with a file of pieces."""
    (tmp_path / "pieces.sql").write_text("-- name: sum_of\n-- Of two.\n-- Aliases: both.\n{0}.n + {1}.n\n")
    monkeypatch.setattr(sql, "ROOT", tmp_path)
    queries.cache_clear()
    yield tmp_path
    queries.cache_clear()


def test_a_piece_stands_in_a_query_of_another_file(project: Path) -> None:
    (project / "a.sql").write_text("-- pieces from: pieces.sql\n\n-- name: both\nSELECT {sum_of:a,b} FROM {here}\n")
    assert queries("a.sql")["both"] == "\nSELECT a.n + b.n FROM {here}\n"


@pytest.mark.parametrize("head", ["", "-- pieces from: pieces.sql\n"])
def test_an_unknown_piece_is_refused_by_name(project: Path, head: str) -> None:
    piece = "product_of" if head else "sum_of"
    (project / "a.sql").write_text(f"{head}\n-- name: both\nSELECT {{{piece}:a,b}}\n")
    with pytest.raises(KeyError, match=re.escape(f"a.sql uses {piece}")):
        queries("a.sql")


def test_a_user_is_called_alike_in_sql_and_in_python() -> None:
    name = queries("accounts/sql/users.sql")["user_name"].format("u")
    for first, last in (("Ada", "Lane"), ("Ada", ""), ("", "Lane"), ("", ""), (" ", "")):
        user = User(username="ada", first_name=first, last_name=last)
        asked = f"SELECT {name} FROM (VALUES (%s, %s, %s)) AS u (username, first_name, last_name)"
        assert scalar(asked, ["ada", first, last]) == display_name(user)
