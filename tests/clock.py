"""The clock of the tests: every one begins at the same moment, T0 or what PLGCRM_TEST_NOW names.

`python -m tests.clock` runs the whole suite at each of the moments below, in another random order each time. What was
green is noted with the state of the tree and not run again, so a run that was stopped goes on where it was.
"""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import time_machine

T0 = datetime(2026, 3, 11, 10, 0, tzinfo=UTC)  # a Wednesday
VARIABLE = "PLGCRM_TEST_NOW"
MOMENTS = {
    "2024-02-29T12:00Z": "29 February, before anything the tests speak of",
    "2026-03-08T06:59Z": "a minute before New York's clocks go forward, on a Sunday",
    "2026-03-29T00:59Z": "a minute before Europe's clocks go forward",
    "2026-08-31T23:59Z": "a minute before the month ends",
    "2026-10-25T00:59Z": "a minute before Europe's clocks go back",
    "2026-11-01T05:59Z": "a minute before New York's clocks go back",
    "2026-12-31T23:59Z": "a minute before the year ends",
    "2027-01-31T23:59:59.5Z": "so late that midnight comes within most tests",
    "2027-08-01T00:00Z": "the first second of a month, on a Sunday",
    "2028-02-29T23:59Z": "the end of 29 February",
}
ROOT = Path(__file__).resolve().parent.parent
GREEN = ROOT / ".plgcrm" / "test-clock"


def beginning() -> datetime:
    return datetime.fromisoformat(os.environ[VARIABLE]) if VARIABLE in os.environ else T0


@contextmanager
def at_the_beginning() -> Iterator[None]:
    """The clock stands at the beginning and runs on from there."""
    with time_machine.travel(beginning(), tick=True):
        yield


@contextmanager
def standing_still(at: datetime) -> Iterator[time_machine.Traveller]:
    with time_machine.travel(at, tick=False) as traveller:
        yield traveller


def main(asked: list[str]) -> int:
    """Run what is not known to be green; one moment or more may be named."""
    red = [moment for moment in asked or MOMENTS if not _is_green(moment) and not _run(moment)]
    print(f"Red at {', '.join(red)}" if red else f"Green at {len(asked or MOMENTS)} moments")
    return 1 if red else 0


def _run(moment: str) -> bool:
    print(f"{moment}: {MOMENTS.get(moment, 'as asked')}", flush=True)
    datetime.fromisoformat(moment)
    command = [sys.executable, "-m", "pytest", "-n", "2", "-m", "not browser and not slow"]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | {VARIABLE: moment}, check=False)
    if done.returncode == 0:
        GREEN.mkdir(parents=True, exist_ok=True)
        (GREEN / moment).write_text(_tree())
    return done.returncode == 0


def _is_green(moment: str) -> bool:
    note = GREEN / moment
    return note.exists() and note.read_text() == _tree()


def _tree() -> str:
    """The commit and what has been changed since."""
    asked = (["git", "rev-parse", "HEAD"], ["git", "diff", "HEAD"], ["git", "status", "--porcelain"])
    said = [subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout for command in asked]
    return hashlib.sha256(b"\0".join(said)).hexdigest()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
