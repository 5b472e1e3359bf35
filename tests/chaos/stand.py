"""A whole installation of its own, started as the demo starts it, and the ways to hurt it."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import redis

from plgcrm.demo import children
from plgcrm.demo.services import files
from plgcrm.demo.services.guard import HOST
from plgcrm.demo.services.pair import Embedded, sole_holder
from plgcrm.demo.services.ports import free_port
from plgcrm.demo.services.processes import Child, ProcessFailedError, spawn, stop_all, tail, wait_for
from plgcrm.demo.state import State
from tests.services import BELOW

IN_A_WRITE = "SELECT 1 FROM pg_stat_activity WHERE application_name = %s AND backend_xid IS NOT NULL LIMIT 1"
OUTAGE = 3.0  # seconds without Postgres


@contextmanager
def fresh_stand() -> Iterator["Stand"]:
    """Services, web, worker and beat below .plgcrm/test; all of it is gone afterwards, whatever happens.

    Named so that `fresh_pair` sweeps away what a killed run leaves.
    """
    directory = BELOW / f"run-{os.getpid()}-chaos"
    with ExitStack() as clean:
        clean.enter_context(sole_holder(directory))
        clean.callback(shutil.rmtree, directory)
        embedded = Embedded(directory)
        clean.callback(embedded.wipe)
        clean.callback(embedded.stop)
        stand = Stand(directory, embedded)
        clean.callback(stand.stop)
        try:
            stand.start()
            yield stand
        except BaseException:
            print(*(f"{log.name}\n{tail(log, lines=30)}" for log in sorted(stand.state.logs.glob("*.log"))), sep="\n\n")
            raise


class Stand:
    def __init__(self, directory: Path, embedded: Embedded) -> None:
        self.state = State(directory)
        self.port = free_port()
        self.url = f"http://{HOST}:{self.port}"
        self.hurt_at = 0.0
        self.in_mid_write = 0  # kills that hit a transaction which had written
        self._embedded = embedded
        self._running: dict[str, Child] = {}

    def start(self) -> None:
        self.endpoints = self._embedded.start()
        services = self.endpoints.environment() | {"PLGCRM_DEMO_OWNS_DATABASE": "1", "LOG_LEVEL": "WARNING"}
        self.environment = children.environment(self.state, self.url, services)
        preparation = self._running["preparation"] = children.prepare(self.environment, sample=False)
        if preparation.process.wait(60) != 0:
            raise ProcessFailedError(preparation.epitaph())
        self._start_web()
        self._start_worker()
        self._running["beat"] = children.beat(self.state, self.environment)
        self._wait_for_web()
        self._wait_for_worker()

    def stop(self) -> None:
        stop_all(self._running.values())
        self._running.clear()

    def stop_worker(self) -> None:
        stop_all([self._running.pop("beat"), self._running.pop("worker")])

    @property
    def write_key(self) -> str:
        return self.state.secret("write-key")

    def rows(self, query: str, params: Any = ()) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.endpoints.database_url, autocommit=True) as connection:
            return connection.execute(query, params).fetchall()

    def number(self, query: str) -> int:
        return int(self.rows(query)[0][0])

    def run(self, code: str) -> str:
        """What some Python of the installation prints."""
        command = [sys.executable, "-c", f"import django; django.setup()\n{code}"]
        done = subprocess.run(
            command, cwd=children.ROOT, env=self.environment, check=True, capture_output=True, timeout=60
        )
        return done.stdout.decode()

    # --- Faults -------------------------------------------------------------------------------------------

    def kill_worker(self) -> None:
        self._kill("worker")
        self._start_worker()
        self._wait_for_worker()

    def kill_web(self) -> None:
        self._kill("web")
        self._start_web()
        self._wait_for_web()

    def flush_valkey(self) -> None:
        with closing(redis.Redis.from_url(self.endpoints.redis_url)) as client:
            client.flushall()
        self.hurt_at = time.monotonic()

    def restart_postgres(self) -> None:
        """An immediate stop, as a crash is: no checkpoint, sessions cut off; back on the same port a while later."""
        old = next(child for child in self._embedded.children if child.name == "Postgres")
        old.process.send_signal(signal.SIGQUIT)
        self.hurt_at = time.monotonic()
        old.process.wait(20)
        time.sleep(OUTAGE)
        command: Any = old.process.args
        self._embedded._postgres.child = spawn(
            "Postgres",
            command,
            log=old.log,
            cwd=Path(command[command.index("-D") + 1]).parent,
            run_as=files.unprivileged(),
            stop_signal=old.stop_signal,
            patience=old.patience,
        )
        assert wait_for(self._postgres_answers, 30, pause=0.1)

    def _kill(self, name: str) -> None:
        """kill -9 of the whole group, in the midst of a write if one is seen within some seconds."""
        child = self._running[name]
        with psycopg.connect(self.endpoints.database_url, autocommit=True) as connection:
            writing = wait_for(lambda: connection.execute(IN_A_WRITE, [name]).fetchone() is not None, 5, pause=0.001)
            os.killpg(child.process.pid, signal.SIGKILL)
            self.hurt_at = time.monotonic()
        child.process.wait(10)
        self.in_mid_write += writing

    def _start_web(self) -> None:
        self._running["web"] = children.web(self.state, self._named("web"), self.port)

    def _start_worker(self) -> None:
        self._running["worker"] = children.worker(self.state, self._named("worker"))

    def _named(self, name: str) -> dict[str, str]:
        """So that Postgres can say whose session is whose."""
        return self.environment | {"PGAPPNAME": name}

    def _wait_for_web(self) -> None:
        children.until_web_is_ready(self._running["web"], self.url)

    def _wait_for_worker(self) -> None:
        children.until_worker_is_ready(self._running["worker"], self.state)

    def _postgres_answers(self) -> bool:
        try:
            return self.number("SELECT 1") == 1
        except psycopg.OperationalError:
            return False
