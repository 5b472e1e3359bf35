"""`make changes` makes each small change in a copy of the project, runs its tests there and prints the files it takes.

`make changes ARGS=guard` makes one. It fails where a patch does not fit, a test fails or a change takes too many files.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from plgcrm.demo.services.pair import fresh_pair
from tests.changes.patches import LIMITS, ROOT, Change, StaleError, changes

LEFT_OUT = (".git", ".venv", ".plgcrm", ".*_cache", ".hypothesis", "__pycache__", "node_modules", "pictures", "mutants")
QUIET = ("-q", "-p", "no:cacheprovider", "-p", "no:xdist")


def main(names: list[str]) -> int:
    if unknown := sorted(set(names) - set(LIMITS)):
        print(f"There is no change {', '.join(unknown)}. Known are {', '.join(LIMITS)}.")
        return 2
    wanted = [change for change in changes() if not names or change.name in names]
    print(f"{'change':<18}{'files':>6}{'limit':>7}  {'tests':<8}files beside tests and migrations")
    with fresh_pair(ROOT / ".plgcrm" / "test") as services:
        failures = [change.name for change in wanted if not _holds(change, services.environment())]
    if failures:
        print(f"Failed: {', '.join(failures)}")
    return int(bool(failures) or not wanted)


def _holds(change: Change, services: dict[str, str]) -> bool:
    with tempfile.TemporaryDirectory(prefix="plgcrm-change-") as folder:
        copy = Path(folder) / "plgcrm"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*LEFT_OUT))
        error = _make(change, copy) or _tested(change, copy, services)
    count, told = len(change.files), "fail" if error else "pass"
    print(f"{change.name:<18}{count:>6}{change.limit:>7}  {told:<8}{', '.join(change.files)}", flush=True)
    if error:
        print(error)
    return not error and count <= change.limit


def _make(change: Change, copy: Path) -> str:
    """Changes the copy; what stands in the way, if anything."""
    try:
        files = change.applied(copy)
    except StaleError as error:
        return str(error)
    for path, text in files.items():
        (copy / path).parent.mkdir(parents=True, exist_ok=True)
        (copy / path).write_text(text)
    return ""


def _tested(change: Change, copy: Path, services: dict[str, str]) -> str:
    """What the tests said, where they failed."""
    command = [sys.executable, "-m", "pytest", *QUIET, *change.tests]
    environment = os.environ | services | {"PYTHONPATH": str(copy)}
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr if done.returncode else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
