"""The embedded Postgres: its own process, its data below the state directory."""

import os
import shutil
import signal
import time
from functools import partial
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from plgcrm.demo.services import files
from plgcrm.demo.services.guard import HOST
from plgcrm.demo.services.ports import free_port
from plgcrm.demo.services.processes import Child, ProcessFailedError, spawn, wait_for

DATABASE = "plgcrm"
TRIES = 5
MEGABYTE = 1024 * 1024

OPTIONS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",  # a socket's path has a length limit; a port has none
    "max_connections": "100",
    "max_wal_size": "2GB",
    "shared_buffers": "256MB",
    "wal_compression": "on",
    "random_page_cost": "1.1",
    "jit": "off",
    "track_activities": "on",
    "log_checkpoints": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
DURABLE = {"synchronous_commit": "on"}
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}  # tests only


class Postgres:
    def __init__(self, state: Path, *, durable: bool) -> None:
        self._run_as = files.unprivileged()
        self._programs = files.reachable_programs(self._run_as)
        self._home = files.reachable_home(state / "postgres", self._run_as)
        self._data = self._home / "data"
        self._password_file = state / "postgres.password"
        self._log = state / "logs" / "postgres.log"
        self._durable = durable
        self._port = 0
        self.child: Child | None = None

    def start(self) -> str:
        """Wait until a real query is answered; give the URL of the database."""
        if not self._data.exists():
            self._initialise()
        self._end_orphans()
        self.child = self._launch_until_answering()
        self._ensure_database()
        return self._url(DATABASE)

    def stop(self) -> None:
        if self.child:
            self.child.stop()

    def wipe(self) -> None:
        shutil.rmtree(self._home, ignore_errors=True)
        self._password_file.unlink(missing_ok=True)

    def set_aside(self) -> Path | None:
        """Move the data out of the way of the next start; where they went, None where there were none."""
        if not self._data.exists():
            return None
        self._end_orphans()
        taken = len(list(self._home.glob("data.old-*")))
        return self._data.rename(self._home / f"data.old-{taken + 1}")

    def _initialise(self) -> None:
        """Into a directory of another name first, so that an interrupted one is never taken for whole."""
        files.own_directory(self._home, self._run_as)
        fresh = self._home / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        password = self._home / "password"
        password.write_text(files.secret_in(self._password_file))
        files.give(password, self._run_as, mode=0o600)
        self._initdb(fresh, password)
        password.unlink()
        fresh.rename(self._data)

    def _initdb(self, data: Path, password: Path) -> None:
        command = [str(self._programs / "initdb"), "-D", str(data), "-U", "postgres", f"--pwfile={password}"]
        command += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-instructions"]
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        command += [] if self._durable else ["--no-sync"]
        child = spawn("initdb", command, log=self._log, cwd=self._home, run_as=self._run_as)
        if child.process.wait(timeout=120) != 0:
            raise ProcessFailedError(child.epitaph())

    def _launch_until_answering(self) -> Child:
        """Try again when it gives up: its port was taken, or an old process still leaves its memory."""
        for _ in range(TRIES):
            child = self.child = self._launch()
            wait_for(partial(self._settled, child), 120)
            if child.alive:
                return child
            time.sleep(0.5)
        raise ProcessFailedError(child.epitaph())

    def _launch(self) -> Child:
        self._port = free_port()
        options = OPTIONS | _memory(self._durable) | (DURABLE if self._durable else FORGETFUL)
        command = [str(self._programs / "postgres"), "-D", str(self._data), "-p", str(self._port)]
        return spawn(
            "Postgres",
            command + [part for item in options.items() for part in ("-c", "=".join(item))],
            log=self._log,
            cwd=self._home,
            run_as=self._run_as,
            stop_signal=signal.SIGINT,  # "fast": end the sessions, write a checkpoint, go
            patience=20,
        )

    def _settled(self, child: Child) -> bool:
        return not child.alive or self._answers()

    def _answers(self) -> bool:
        try:
            with psycopg.connect(self._url("postgres"), connect_timeout=2) as connection:
                return connection.execute("SELECT 1").fetchone() == (1,)
        except psycopg.OperationalError:
            return False

    def _url(self, database: str) -> str:
        password = files.secret_in(self._password_file)
        return f"postgres://postgres:{password}@{HOST}:{self._port}/{database}"

    def _ensure_database(self) -> None:
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if not known:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))

    def _end_orphans(self) -> None:
        """Nobody else holds the state, so what still runs on our data is what a kill -9 left behind.

        With them gone a pid file is stale, even when its number belongs to another process by now.
        """
        orphans = [process for process in psutil.process_iter() if _works_in(process, self._data)]
        _, stubborn = psutil.wait_procs(orphans, timeout=10)
        for process in stubborn:
            process.kill()
        psutil.wait_procs(stubborn, timeout=10)
        (self._data / "postmaster.pid").unlink(missing_ok=True)


def _works_in(process: psutil.Process, directory: Path) -> bool:
    try:
        return process.name() == "postgres" and Path(process.cwd()) == directory
    except psutil.Error:
        return False


def _memory(durable: bool) -> dict[str, str]:
    """The demo takes 512 MB of cache if the machine has it to spare; a test database is small."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // MEGABYTE
    cache = min(512, machine // 8) if durable else 64
    return {
        "shared_buffers": f"{cache}MB",
        "effective_cache_size": f"{machine // 2}MB",
        "maintenance_work_mem": f"{max(64, cache // 4)}MB",
        "work_mem": "16MB",
    }
