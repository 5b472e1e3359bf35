"""The services that tests talk to: real ones, fresh for each run, gone afterwards.

A pytest plugin (`-p tests.services`), because the settings read DATABASE_URL before any conftest is read.
With DATABASE_URL and REDIS_URL in the environment those are used. Workers of pytest-xdist inherit the
environment; each takes a database of its own (by pytest-django) and a Redis number of its own (here).
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from plgcrm.demo.services.pair import fresh_pair

BELOW = Path(__file__).resolve().parent.parent / ".plgcrm" / "test"
RUNNING = ExitStack()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests() -> Iterator[None]:
    os.environ.setdefault("SECRET_KEY", "for the tests only")
    if not {"DATABASE_URL", "REDIS_URL"} <= os.environ.keys():
        os.environ.update(RUNNING.enter_context(fresh_pair(BELOW)).environment())
    _take_own_redis_number()
    return (yield)


def pytest_unconfigure() -> None:
    RUNNING.close()


def _take_own_redis_number() -> None:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if worker:
        address, _, _ = os.environ["REDIS_URL"].rpartition("/")
        os.environ["REDIS_URL"] = f"{address}/{int(worker.removeprefix('gw')) % 15 + 1}"
