"""The faults that are made, and that everything the table names is there."""

from functools import cache
from pathlib import Path

import pytest

from plgcrm.common.sql import queries
from tests.mutants import python_mutants
from tests.mutants.modules import MODULES, ROOT
from tests.mutants.sql_mutants import faults_of
from tests.mutants.warm import Functions

QUERY = """
-- name: late
SELECT i.id FROM item i
LEFT JOIN rep r ON r.id = i.rep_id AND r.here
WHERE i.due BETWEEN %(since)s AND %(until)s AND (i.state = 'open' OR i.age > 3) {filters}
ORDER BY i.due DESC, lower(i.name) LIMIT 5
"""
FAULTS = [
    ("AND r.here", "AND true"),
    ("WHERE i.due BETWEEN %(since)s AND %(until)s", "WHERE true"),
    ("AND (i.state = 'open' OR i.age > 3)", "AND true"),
    ("OR i.age > 3", "OR false"),
    ("i.age > 3", "i.age >= 3"),
    ("LEFT JOIN", "JOIN"),
    ("i.due DESC", "i.due ASC"),
    ("lower(i.name) LIMIT", "lower(i.name) DESC LIMIT"),
]


def test_a_query_is_made_faulty_in_each_way() -> None:
    assert faults_of(QUERY) == [QUERY.replace(before, after) for before, after in FAULTS]


def test_a_function_is_made_faulty_decorated_or_not_and_its_signature_is_left_alone(tmp_path: Path) -> None:
    method = (
        '    @property\n    def late(self, least: int = 3) -> bool:\n        """Said."""\n        return self.age > 5\n'
    )
    (tmp_path / "m.py").write_text(f"class A:\n{method}")
    made = list(python_mutants.mutants_of(tmp_path, "m.py"))
    assert [(one.function, one.line, one.after) for one in made] == [
        ("A.late", 5, "return self.age >= 5"),
        ("A.late", 5, "return self.age > 6"),
    ]


def test_a_fault_keeps_its_name_while_only_words_change(tmp_path: Path) -> None:
    names = []
    for words in ('"""One."""', '"""Another."""\n    # Why.'):
        (tmp_path / "m.py").write_text(f"def late(age: int) -> bool:\n    {words}\n    return age > 5\n")
        names.append([one.name for one in python_mutants.mutants_of(tmp_path, "m.py")])
    assert names[0] == names[1]


@pytest.mark.parametrize("name", MODULES)
def test_the_files_blocks_and_tests_of_a_module_are_there(name: str) -> None:
    module = MODULES[name]
    assert [path for path in (*module.python, *module.sql, *module.tests) if not (ROOT / path).exists()] == []
    assert [block for path, blocks in module.sql.items() for block in blocks if block not in queries(path)] == []


@cache
def answer() -> list[int]:
    return []


def test_what_the_functions_of_the_project_remember_is_forgotten_for_each_fault() -> None:
    before, functions = answer(), Functions(ROOT, ())
    functions.find()
    assert answer() is before
    functions.forget()
    assert answer() is not before
