"""SQL of outreach stands in named blocks of `.sql` files, whole, and is read by name."""

import ast
import re

import pytest

from plgcrm.common.sql import queries
from tests.architecture.shape import ROOT

SQL = re.compile(r"\b(SELECT|INSERT INTO|UPDATE \w+ SET|DELETE FROM|WHERE|JOIN|ORDER BY)\b|\b(AND|OR) \w+\.\w+")
MODULES = [path for path in (ROOT / "outreach").rglob("*.py") if "migrations" not in path.parts]
FILES = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("*/sql/*.sql"))


def texts_in(code: str) -> list[str]:
    """What stands between quotes, the strings inside of f-strings too."""
    strings = [node.value for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Constant)]
    return [value for value in strings if isinstance(value, str)]


def test_no_module_of_outreach_holds_sql() -> None:
    assert len(MODULES) > 50
    held = [f"{path.name}: {text}" for path in MODULES for text in texts_in(path.read_text()) if SQL.search(text)]
    assert held == []


def test_sql_in_a_module_would_be_seen() -> None:
    assert [text for text in texts_in('x = f"AND i.id > {n}"\ny = "and so on"') if SQL.search(text)] == ["AND i.id > "]


@pytest.mark.parametrize("file", [file for file in FILES if file.startswith("outreach/")])
def test_every_query_of_outreach_is_whole(file: str) -> None:
    """Only a piece has places for aliases, and nothing is left for Python to fill in."""
    assert [name for name, block in queries(file).items() if re.search(r"\{[a-z_]+\}", block)] == []


@pytest.mark.parametrize("file", FILES)
def test_every_block_begins_with_what_it_answers(file: str) -> None:
    assert [name for name, block in queries(file).items() if not block.lstrip("\n").startswith("-- ")] == []
