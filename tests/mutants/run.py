"""Runs the tests against each fault in a fork of one warm process: services, database and tests are ready beforehand.

A fork swaps the code of the faulty function (or the text of the faulty block) in the modules that are loaded, so
nothing is imported again. Only tests that went through the faulty lines are run, the quickest first, until one fails.
"""

import gc
import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from importlib import import_module

import psycopg
import pytest
from django.conf import settings
from django.db import connections

from plgcrm.common import sql
from tests.mutants.modules import ROOT, Module
from tests.mutants.python_mutants import Mutant
from tests.mutants.telling import TELL, telling
from tests.mutants.warm import Functions, fails, forked

PATIENCE, LEAST_PATIENCE = 5, 10.0  # times as long as the tests take without a fault; seconds
PASSED = "passed"
FROZEN = "mutants_frozen"  # a copy of the test database as migrations leave it


@dataclass(frozen=True, slots=True)
class Verdict:
    """`killed`, `survived` or `untested` (no test goes there); by which test, and of how many."""

    verdict: str
    by: str
    tests: int
    seconds: float


@dataclass
class Reach:
    """Which tests go where, and how long each takes."""

    lines: dict[tuple[str, int], set[str]] = field(default_factory=lambda: defaultdict(set))
    functions: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    seconds: dict[str, float] = field(default_factory=dict)

    def of(self, mutant: Mutant) -> set[str]:
        """Those that came to the statement; of a block of SQL, those that asked for it."""
        through = self.lines.get((mutant.file, mutant.line), set())
        return through or self.functions.get((mutant.file, mutant.function), set())


class Watched(dict[str, str]):
    """The blocks of a SQL file, and who asks for them."""

    def __init__(self, path: str, blocks: dict[str, str], noticed: Callable[[str, str], None]) -> None:
        super().__init__(blocks)
        self.path, self.noticed = path, noticed

    def __getitem__(self, name: str) -> str:
        self.noticed(self.path, name)
        return super().__getitem__(name)


class Warm:
    """The pytest plugin. `found(mutant, verdict)` is told of each."""

    def __init__(self, module: Module, mutants: list[Mutant], found: Callable[[Mutant, Verdict], None]) -> None:
        self.module, self.mutants, self.found = module, mutants, found
        self.reach, self.test = Reach(), ""
        self.bad: set[str] = set()
        self.sound: set[str] = set()
        self.killers: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
        self.blocks: dict[str, Watched] = {}
        self.functions = Functions(ROOT, module.python)
        self.database: _Database | None = None
        self._watch_queries()

    def _watch_queries(self) -> None:
        original = sql.queries

        def queries(path: str) -> dict[str, str]:
            if path not in self.blocks:
                self.blocks[path] = Watched(path, original(path), self._asked)
            return self.blocks[path]

        sql.queries = queries  # type: ignore[assignment]

    def _asked(self, path: str, name: str) -> None:
        if self.test:
            self.reach.functions[path, name].add(self.test)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = {item.nodeid: item for item in session.items}
        print(f"{len(items)} tests, {len(self.mutants)} faults to try", flush=True)
        self._begin(session.items)
        self._explore(items)
        self.functions.find()
        gc.freeze()  # or each fork's collector would copy every page
        for mutant in self.mutants:
            verdict = self._judge(mutant, [items[nodeid] for nodeid in self._chosen(mutant)])
            self.killers[mutant.file, mutant.function][verdict.by] = None
            self.found(mutant, verdict)
        return True

    def _chosen(self, mutant: Mutant) -> list[str]:
        """What noticed other faults of the function, then the quickest."""
        before = list(self.killers[mutant.file, mutant.function])
        return sorted(
            self.reach.of(mutant) - self.bad,
            key=lambda nodeid: (nodeid not in before, self.reach.seconds.get(nodeid, 0.0)),
        )

    def _begin(self, items: list[pytest.Item]) -> None:
        """Makes the test database, by a first test that needs one, and keeps a copy of it."""
        first = next((item for item in items if _database(item) and not _commits(item)), None)
        if first is not None:
            fails(first)
            self.database = _Database()
            self.database.freeze()

    def _explore(self, items: dict[str, pytest.Item]) -> None:
        """Runs each test once, to see where it goes and how long it takes."""
        self._make_functions_tell()
        for nodeid, item in items.items():
            self.functions.forget()  # or only the first to ask would come to what remembers
            self.test, started = nodeid, time.monotonic()
            if fails(item):
                self._leave_out(nodeid)
            self.reach.seconds[nodeid], self.test = time.monotonic() - started, ""
            if _commits(item):
                self._thaw()
        for file in self.module.python:
            self.functions.swap(file, self.functions.sources[file])

    def _make_functions_tell(self) -> None:
        """From here on each function tells of the statements that it comes to."""
        for file in self.module.python:
            module = import_module(file.removesuffix(".py").replace("/", "."))
            vars(module)[TELL] = self._came_to
        self.functions.find()
        for file in self.module.python:
            self.functions.swap(file, telling(self.functions.sources[file], file))

    def _came_to(self, file: str, function: str, line: int) -> None:
        self.reach.functions[file, function].add(self.test)
        self.reach.lines[file, line].add(self.test)

    def _leave_out(self, nodeid: str) -> None:
        self.bad.add(nodeid)
        print(f"left out, it fails without a fault: {nodeid}", flush=True)

    def _judge(self, mutant: Mutant, items: list[pytest.Item]) -> Verdict:
        started = time.monotonic()
        said = self._first_to_fail(mutant, items) if items else ""
        while said and not self._passes(said, items):
            items = [item for item in items if item.nodeid not in self.bad]
            said = self._first_to_fail(mutant, items) if items else ""
        verdict = "killed" if said else "survived" if items else "untested"
        return Verdict(verdict, said, len(items), time.monotonic() - started)

    def _first_to_fail(self, mutant: Mutant | None, items: list[pytest.Item]) -> str:
        """By its name; `time` where it took too long or died, "" where all pass."""

        def until_one_fails(tell: Callable[[str], None]) -> None:
            if mutant is not None:
                self._apply(mutant)
            tell(next((item.nodeid for item in items if fails(item)), PASSED))

        patience = LEAST_PATIENCE + PATIENCE * sum(self.reach.seconds[item.nodeid] for item in items)
        told, was_killed = forked(until_one_fails, patience)
        if was_killed or any(map(_commits, items)):
            self._thaw()
        return "" if told == PASSED else told or "time"

    def _thaw(self) -> None:
        if self.database:
            self.database.thaw()

    def _passes(self, nodeid: str, items: list[pytest.Item]) -> bool:
        """Whether a test that noticed a fault passes in a fork without one; else it says nothing."""
        if nodeid != "time" and nodeid not in self.sound:
            if self._first_to_fail(None, [item for item in items if item.nodeid == nodeid]):
                self._leave_out(nodeid)
                return False
            self.sound.add(nodeid)
        return True

    def _apply(self, mutant: Mutant) -> None:
        if mutant.file.endswith(".sql"):
            sql.queries(mutant.file)[mutant.function] = mutant.text
        else:
            self.functions.swap(mutant.file, mutant.text)


class _Database:
    """Copies of the test database: what tests commit is gone for the next."""

    def __init__(self) -> None:
        self.name = str(settings.DATABASES["default"]["NAME"])

    def freeze(self) -> None:
        self._copy(self.name, FROZEN)

    def thaw(self) -> None:
        self._copy(FROZEN, self.name)

    def _copy(self, template: str, name: str) -> None:
        connections.close_all()
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')  # type: ignore[arg-type]
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')  # type: ignore[arg-type]


def _database(item: pytest.Item) -> bool:
    names = set(getattr(item, "fixturenames", ()))
    return bool({"db", "transactional_db"} & names or item.get_closest_marker("django_db"))


def _commits(item: pytest.Item) -> bool:
    mark = item.get_closest_marker("django_db")
    asked = bool(mark and (mark.kwargs.get("transaction") or (mark.args and mark.args[0])))
    return asked or bool({"transactional_db", "live_server"} & set(getattr(item, "fixturenames", ())))


def run(module: Module, mutants: Iterable[Mutant], found: Callable[[Mutant, Verdict], None]) -> int:
    """Judge each; what pytest returns."""
    tests = [test for test in module.tests if (ROOT / test).exists()]
    options = ["-p", "no:randomly", "-p", "no:xdist", "-p", "no:cacheprovider", "-m", "not browser and not slow"]
    return int(pytest.main([*options, *tests], plugins=[Warm(module, list(mutants), found)]))
