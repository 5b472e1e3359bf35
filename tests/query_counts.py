"""How many queries each page may ask, in one file that a review sees change."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection
from psycopg import Cursor

from signals.facts import all_facts

ALLOWED: dict[str, int] = json.loads(Path(__file__).with_name("query_counts.json").read_text())


@contextmanager
def expected_queries(name: str) -> Iterator[None]:
    """Exactly as many as query_counts.json says: through the ORM and through our own SQL alike."""
    all_facts()  # read once in ten seconds, and not by each page
    asked: list[str] = []
    with _counted(asked):
        yield
    assert len(asked) == ALLOWED[name], f"{name}: {len(asked)} queries, not {ALLOWED[name]}:\n" + "\n".join(asked)


@contextmanager
def counted_queries() -> Iterator[list[str]]:
    """The list fills with what is asked."""
    asked: list[str] = []
    with _counted(asked):
        yield asked


@contextmanager
def _counted(asked: list[str]) -> Iterator[None]:
    """Notes the first line of everything that goes to Postgres."""
    original = Cursor.execute

    def execute(self: "Cursor[object]", query: object, *args: object, **more: object) -> "Cursor[object]":
        text = " ".join(str(query).split())
        if not text.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK", "SET", "BEGIN")):
            asked.append(text[:110])
        return original(self, query, *args, **more)  # type: ignore[arg-type]

    connection.ensure_connection()
    Cursor.execute = execute  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        Cursor.execute = original  # type: ignore[method-assign]
