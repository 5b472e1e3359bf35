"""The small changes that are kept as patches still fit, take no more files than they may, and stand in CONTRIBUTING."""

import ast
import re
from pathlib import Path

import pytest

from tests.changes.patches import LIMITS, ROOT, Change, StaleError, changes

every_change = pytest.mark.parametrize("change", changes(), ids=lambda change: change.name)


def test_there_is_one_change_of_each_sort() -> None:
    assert [change.name for change in changes()] == list(LIMITS)


@every_change
def test_a_change_fits_the_code(change: Change) -> None:
    assert change.applied(ROOT).keys() == change.hunks.keys()


@every_change
def test_a_change_takes_few_files(change: Change) -> None:
    assert 0 < len(change.files) <= change.limit


@every_change
def test_a_change_brings_a_test_of_its_own(change: Change) -> None:
    brought = {path for path, hunks in change.hunks.items() if path.startswith("tests/") and not hunks[0].before}
    assert brought & set(change.tests)
    assert [path for path in change.tests if path not in brought and not (ROOT / path).exists()] == []


@every_change
def test_what_the_tests_of_a_change_import_is_there(change: Change) -> None:
    made = change.applied(ROOT)
    imported = [found for path in change.tests for found in imports_of(made.get(path) or (ROOT / path).read_text())]
    assert imported
    assert [(module, name) for module, name in imported if not is_there(module, name, made)] == []


def imports_of(text: str) -> list[tuple[str, str]]:
    """What it takes from modules of ours: (module, name)."""
    found = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom) and node.module]
    return [(str(node.module), each.name) for node in found if is_ours(str(node.module)) for each in node.names]


def is_ours(module: str) -> bool:
    return (ROOT / module.partition(".")[0]).is_dir()


def is_there(module: str, name: str, made: dict[str, str]) -> bool:
    path = f"{module.replace('.', '/')}.py"
    if path not in made and not (ROOT / path).exists():
        return (ROOT / module.replace(".", "/") / f"{name}.py").exists()
    return re.search(rf"\b{name}\b", made.get(path) or (ROOT / path).read_text()) is not None


def rows_of_contributing() -> dict[str, str]:
    """What is added -> the files to change, as the table says."""
    table = (ROOT / "CONTRIBUTING.md").read_text().partition("## To add")[2].partition("\n## ")[0]
    return dict(re.findall(r"^\| (.+?) \| (.+?) \|", table, re.MULTILINE))


@every_change
def test_contributing_names_the_files_of_a_change(change: Change) -> None:
    told = rows_of_contributing()[change.row]
    assert [path for path in change.files if f"`{path}`" not in told] == []


def change_of(old: str, new: str) -> Change:
    lines = [*(f"-{line}" for line in old.splitlines()), *(f"+{line}" for line in new.splitlines())]
    head = "--- a/poem.txt\n+++ b/poem.txt\n@@ -1,2 +1,2 @@\n"
    return Change("guard", head + "\n".join(lines) + "\n")


def test_lines_that_moved_are_found(tmp_path: Path) -> None:
    (tmp_path / "poem.txt").write_text("nought\nnought\none\ntwo\nthree\n")
    made = change_of("one\ntwo\n", "1\n").applied(tmp_path)
    assert made == {"poem.txt": "nought\nnought\n1\nthree\n"}


def test_lines_that_changed_are_told(tmp_path: Path) -> None:
    (tmp_path / "poem.txt").write_text("one\ndeux\n")
    with pytest.raises(StaleError, match=r"guard no longer fits poem.txt near line 1"):
        change_of("one\ntwo\n", "1\n").applied(tmp_path)


def test_a_file_that_is_to_be_made_must_not_be_there(tmp_path: Path) -> None:
    (tmp_path / "poem.txt").write_text("one\n")
    made = Change("guard", "--- /dev/null\n+++ b/poem.txt\n@@ -0,0 +1 @@\n+one\n")
    with pytest.raises(StaleError, match=r"poem.txt is there already"):
        made.applied(tmp_path)
