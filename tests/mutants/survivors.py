"""Faults that no test once noticed, kept as patches whose head names the test that notices now.

`python -m tests.mutants.survivors` says of each whether its test passes without it and fails with it. It is run in a
copy of the project, which it changes: one warm process, and a fork for each fault.
"""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from plgcrm.common.sql import queries
from tests.mutants.warm import Functions, Tell, fails, forked

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
OPTIONS = ("-p", "tests.mutants.borrowed", "-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:xdist")
PATIENCE = 60.0  # seconds


@dataclass(frozen=True, slots=True)
class Survivor:
    """One fault: its patch, the file it changes, the lines before and after, and the test that notices."""

    patch: Path
    file: str
    before: str
    after: str
    test: str


class StaleError(Exception):
    """A patch that says too little, or that no longer fits the code."""


def survivors() -> list[Survivor]:
    return [_read(path) for path in sorted((HERE / "survivors").glob("*.patch"))]


def _read(patch: Path) -> Survivor:
    head, _, lines = patch.read_text().partition("@@\n")
    test = re.search(r"^Noticed by: (\S+)$", head, re.MULTILINE)
    file = re.search(r"^\+\+\+ b/(\S+)$", head, re.MULTILINE)
    if not test or not file or "@@" in lines:
        raise StaleError(f"{patch.name}: write “Noticed by: tests/…::test_…” above a patch of one place in one file")
    before, after = (
        "".join(line[1:] for line in lines.splitlines(keepends=True) if line.startswith(sign)) for sign in "-+"
    )
    return Survivor(patch, file[1], before, after, test[1])


def faulty(survivor: Survivor) -> str:
    """The file with the fault. Only the changed lines must be found, and once: what is around them may be rewritten."""
    path = ROOT / survivor.file
    if not path.exists() or path.read_text().count(survivor.before) != 1:
        raise StaleError(f"{survivor.patch.name} no longer fits {survivor.file}: make it again")
    return path.read_text().replace(survivor.before, survivor.after)


class Notice:
    """The pytest plugin."""

    def __init__(self, kept: list[Survivor]) -> None:
        self.kept = kept
        self.functions = Functions(ROOT, tuple(one.file for one in kept if one.file.endswith(".py")))

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        for one in self.kept:
            items = [item for item in session.items if item.nodeid.partition("[")[0] == one.test]
            print(f"{one.patch.stem}: {self._verdict(one, items)}", flush=True)
        return True

    def _verdict(self, one: Survivor, items: list[pytest.Item]) -> str:
        if not items or any(fails(item) for item in items):
            return f"{one.test} fails without the fault, or is not there"
        self.functions.find()
        path = ROOT / one.file
        sound = path.read_text()
        try:
            path.write_text(faulty(one))
            told, _ = forked(lambda tell: self._look(one, items, tell), PATIENCE)
        except StaleError as error:
            return str(error)
        finally:
            path.write_text(sound)
        return told or f"{one.test} took too long"

    def _look(self, one: Survivor, items: list[pytest.Item], tell: Tell) -> None:
        if one.file.endswith(".py"):
            self.functions.swap(one.file, (ROOT / one.file).read_text())
        elif one.file.endswith(".sql"):
            queries(one.file).update(queries.__wrapped__(one.file))
        tell("noticed" if any(fails(item) for item in items) else f"{one.test} does not notice it")


if __name__ == "__main__":
    kept = survivors()
    sys.exit(pytest.main([*OPTIONS, *{one.test: None for one in kept}], plugins=[Notice(kept)]))
