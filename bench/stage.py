"""What the benchmarks run on: services of their own, a migrated database, and a web process when one is wanted."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Web:
    port: int
    pid: int


class Stage:
    """Services are up and Django is ready."""

    def __init__(self, environment: dict[str, str], postgres_pid: int) -> None:
        self.environment = environment
        self.postgres_pid = postgres_pid

    def sql(self, statement: str, params: Any = ()) -> None:
        from plgcrm.common.sql import execute

        execute(statement, params)

    def rows(self, query: str, params: Any = ()) -> list[tuple[Any, ...]]:
        from plgcrm.common.sql import rows

        return rows(query, params)

    def source(self, name: str, key: str) -> Any:
        from signals.ingest.keys import ensure_source

        source = ensure_source(name, key)
        self.sql("UPDATE signals_source SET listening_since = now() - interval '800 days' WHERE id = %s", [source.pk])
        return source

    def empty(self) -> None:
        """No accounts, people, events or items; the configuration stays."""
        self.sql(
            "TRUNCATE accounts_account, accounts_person, accounts_workspace, accounts_actor, accounts_identity,"
            " accounts_personmerge, accounts_attribute, accounts_dirtymark, signals_event, signals_usage,"
            " signals_tally, signals_moment, signals_score, signals_accountstate, signals_segmentmember,"
            " outreach_playdecision, outreach_queueitem RESTART IDENTITY CASCADE"
        )

    def settle(self) -> None:
        """Statistics and free space as they are on a system that has run for a while; nothing left to write."""
        self.sql("VACUUM (ANALYZE)")
        self.sql("CHECKPOINT")

    @contextmanager
    def web(self, workers: int = 1) -> Iterator[Web]:
        """The product's own web server, as the demo starts it."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"]
        command += ["--port", str(port), "--workers", str(workers), "--blocking-threads", "4", "--backlog", "1024"]
        command += ["--no-ws", "--log-level", "warning", "plgcrm.wsgi:application"]
        with self.process(*command) as process:
            _wait_for(f"http://127.0.0.1:{port}/healthz", process)
            yield Web(port, process.pid)

    @contextmanager
    def process(self, *command: str) -> Iterator[subprocess.Popen[bytes]]:
        process = subprocess.Popen(command, cwd=ROOT, env=os.environ | self.environment)
        try:
            yield process
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(15)
            process.kill()


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        if process.poll() is not None:
            raise RuntimeError("The web process ended.")
        with suppress(OSError):
            urllib.request.urlopen(url, timeout=2).close()  # noqa: S310 - our own loop-back address
            return
        time.sleep(0.1)
    raise RuntimeError(f"{url} does not answer.")
