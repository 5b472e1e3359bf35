"""The demo as a person starts it: one command, one line of JSON, and nothing left behind."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
CHOSEN_BY_DEMO = {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "PLGCRM_EMBEDDED"}


class Started:
    """A running demo without the sample."""

    def __init__(self, state: Path) -> None:
        command = [sys.executable, "manage.py", "demo", "--json", "--no-sample", "--no-traffic", "--state", str(state)]
        command += ["--port", "0"]
        environment = {name: value for name, value in os.environ.items() if name not in CHOSEN_BY_DEMO}
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def ready(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        return dict(json.loads(self.process.stdout.readline()))

    def descendants(self) -> list[psutil.Process]:
        return list(psutil.Process(self.process.pid).children(recursive=True))

    def end(self, number: signal.Signals) -> str:
        """Send the signal; what was said on standard error."""
        self.process.send_signal(number)
        return self.process.communicate(timeout=60)[1]


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "a state"
    yield place
    from plgcrm.demo.services.pair import Embedded

    Embedded(place).wipe()


@pytest.fixture
def demo(state: Path) -> Iterator[Started]:
    started = Started(state)
    yield started
    if started.process.poll() is None:
        started.end(signal.SIGTERM)


def get(url: str) -> int:
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - the demo's own address
        return int(answer.status)


def worker_of(processes: list[psutil.Process]) -> psutil.Process:
    # Celery renames its processes where setproctitle is installed.
    return next(process for process in processes if "worker" in " ".join(process.cmdline()).split())


def test_it_serves_refuses_a_second_start_and_ends_whole_at_ctrl_c(demo: Started, state: Path) -> None:
    facts = demo.ready()
    assert set(facts) == {"url", "write_key", "api_token", "logins"}
    assert set(facts["logins"]) == {"rep", "manager", "admin"}
    assert get(f"{facts['url']}/readyz") == 200

    second = Started(state)
    assert "is in use by another start" in second.process.communicate(timeout=60)[1]
    assert second.process.returncode == 1

    processes = demo.descendants()
    assert len(processes) >= 6
    demo.end(signal.SIGINT)
    assert demo.process.returncode == 0
    assert psutil.wait_procs(processes, timeout=5)[1] == []


def test_killed_it_leaves_no_process_and_starts_again_and_ends_when_a_child_dies(demo: Started, state: Path) -> None:
    facts = demo.ready()
    processes = demo.descendants()
    demo.end(signal.SIGKILL)
    assert psutil.wait_procs(processes, timeout=30)[1] == []

    again = Started(state)
    assert again.ready()["logins"] == facts["logins"]

    worker_of(again.descendants()).kill()
    assert "worker ended with code -9" in again.process.communicate(timeout=60)[1]
    assert again.process.returncode == 1


def test_data_of_an_earlier_version_are_kept_aside_and_a_fresh_start_is_made(demo: Started, state: Path) -> None:
    demo.ready()
    demo.end(signal.SIGINT)
    (state / "generation").unlink()

    again = Started(state)
    assert get(f"{again.ready()['url']}/readyz") == 200
    said = again.end(signal.SIGINT)
    kept = Path(said.split("It is kept in ")[1].splitlines()[0])
    assert (kept.name, (kept / "PG_VERSION").exists()) == ("data.old-1", True)

    third = Started(state)
    third.ready()
    assert "earlier version" not in third.end(signal.SIGINT)
