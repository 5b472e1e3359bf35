"""Faults that the tests once did not notice: each named test fails in a copy of the project that has the fault."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from django.db import connection, connections

from tests.mutants.survivors import ROOT, survivors

COPIED = ("plgcrm", "accounts", "signals", "outreach", "templates", "tests", "pyproject.toml")


def test_each_fault_is_noticed_by_the_test_that_its_patch_names(tmp_path: Path, django_db_setup: None) -> None:
    said = look_at_all_in(copy_to(tmp_path))
    expected = {one.patch.stem: f"{one.patch.stem}: noticed" for one in survivors()}
    assert len(expected) >= 11
    assert {name: line for name, line in expected.items() if line not in said.splitlines()} == {}, said


def copy_to(target: Path) -> Path:
    """The project as it stands, without what was made from it."""
    ignored = shutil.ignore_patterns("__pycache__", "results", "node_modules", "browser")
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, target)
    return target


def look_at_all_in(copy: Path) -> str:
    """On the database of this run, which the tests in the copy use and leave as it was."""
    connections.close_all()
    server, _, _ = os.environ["DATABASE_URL"].rpartition("/")
    here = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    here |= {"DATABASE_URL": f"{server}/{connection.settings_dict['NAME']}", "PYTHONPATH": str(copy)}
    command = [sys.executable, "-m", "tests.mutants.survivors"]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, env=here)
    return done.stdout + done.stderr
