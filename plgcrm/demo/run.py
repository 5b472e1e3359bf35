"""Start everything, say where it is, watch it, stop everything."""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import NoReturn, TypedDict

from plgcrm.demo import children
from plgcrm.demo.people import NO_COMPANY, shown_logins
from plgcrm.demo.services.guard import HOST
from plgcrm.demo.services.pair import Embedded, sole_holder
from plgcrm.demo.services.ports import free_port, is_free
from plgcrm.demo.services.processes import Child, ProcessFailedError, end_leftovers, remember, stop_all
from plgcrm.demo.state import State

USUAL_PORT = 8000
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class DemoRefusedError(RuntimeError):
    """The demo cannot start as asked; the message says what to do."""


class Login(TypedDict):
    username: str
    password: str


@dataclass(frozen=True)
class Options:
    state: Path
    company: str | None = None  # that of the folder, else the usual one
    port: int | None = None
    json: bool = False
    sample: bool = True
    traffic: bool = True
    fresh: bool = False


@contextmanager
def signals_end_it() -> Iterator[None]:
    """Each of the signals that mean "stop" raises KeyboardInterrupt, once."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        ignore_signals()
        raise KeyboardInterrupt

    for number in STOPPING:
        signal.signal(number, interrupt)
    yield


def ignore_signals() -> None:
    """While stopping: a second Ctrl-C must not leave half of it running."""
    for number in STOPPING:
        signal.signal(number, signal.SIG_IGN)


class Demo:
    def __init__(self, options: Options) -> None:
        self.options = options
        self.state = State(options.state.absolute())
        self.url = ""
        self._embedded = Embedded(self.state.directory)
        self._children: list[Child] = []
        self._traffic_ends = threading.Event()
        self._began = time.monotonic()

    def run(self) -> int:
        """Until Ctrl-C (0) or until a child dies (1)."""
        with sole_holder(self.state.directory), signals_end_it():
            try:
                self._start()
                self._announce()
                self._watch()
            except KeyboardInterrupt:
                say("Stopping")
                return 0
            except ProcessFailedError as failure:
                say(str(failure))
                return 1
            finally:
                ignore_signals()
                self._stop()

    def _start(self) -> None:
        end_leftovers(self.state.children)
        self._refuse_another_companys_folder()
        self._wipe_if_asked()
        self._leave_older_data()
        self.state.note_company(self.options.company or self.state.company)
        port = choose_port(self.options.port)
        self.url = f"http://{HOST}:{port}"
        environment = children.environment(self.state, self.url, self._services())
        web = self._watched(children.web(self.state, environment, port))
        loads_sample = self._loads_sample
        if loads_sample:
            self._prepare(environment)  # alone: loading takes both cores
        worker = self._watched(children.worker(self.state, environment))
        if not loads_sample:
            self._prepare(environment)
        self._watched(children.beat(self.state, environment))
        children.until_web_is_ready(web, self.url)
        children.until_worker_is_ready(worker, self.state)
        if self.options.traffic and not self._is_empty:
            self._send_traffic()

    @property
    def _loads_sample(self) -> bool:
        return self.options.sample and not self._is_empty and not self.state.sample_loaded

    @property
    def _is_empty(self) -> bool:
        return self.state.company == NO_COMPANY

    def _refuse_another_companys_folder(self) -> None:
        """Two sample companies never share a folder; --fresh may give it to another one."""
        held, wanted = self.state.company, self.options.company
        if wanted and wanted != held and self.state.holds_data and not self.options.fresh:
            raise DemoRefusedError(
                f"{self.state.directory} holds the sample company {held}, not {wanted}. "
                f"Give another folder with --state, or start with --fresh to wipe what is there."
            )

    def _wipe_if_asked(self) -> None:
        if self.options.fresh and "DATABASE_URL" in os.environ:
            raise DemoRefusedError("--fresh wipes the demo's own database, not the one in DATABASE_URL.")
        if self.options.fresh:
            say("Wiping what earlier starts kept")
            self._embedded.wipe()
            self.state.forget_sample()

    def _leave_older_data(self) -> None:
        """A database that this version cannot migrate is kept aside, and a fresh one is started."""
        if self.state.is_of_this_generation or "DATABASE_URL" in os.environ:
            return
        if old := self._embedded.set_aside():
            say(f"The data here is from an earlier version and cannot be carried over. It is kept in {old}")
            say("Starting with a fresh database")
            self.state.forget_sample()
        self.state.note_generation()

    def _services(self) -> dict[str, str]:
        """Those of the environment where it names them, else embedded ones."""
        given = {name: os.environ.get(name, "") for name in ("DATABASE_URL", "REDIS_URL")}
        if all(given.values()):
            return given
        say("Starting Postgres and Valkey")
        endpoints = self._embedded.start(database_url=given["DATABASE_URL"], redis_url=given["REDIS_URL"])
        owns = "0" if given["DATABASE_URL"] else "1"
        return endpoints.environment() | {"PLGCRM_DEMO_OWNS_DATABASE": owns}

    def _watched(self, child: Child) -> Child:
        self._children.append(child)
        remember(self.state.children, self._children)
        return child

    def _prepare(self, environment: dict[str, str]) -> None:
        preparation = self._watched(children.prepare(environment, sample=self.options.sample))
        if preparation.process.wait() != 0:
            raise ProcessFailedError(preparation.epitaph())
        self._children.remove(preparation)

    def _send_traffic(self) -> None:
        from plgcrm.demo.companies.packs import pack_of
        from plgcrm.demo.companies.traffic import send_forever

        history_ended = self.state.history_ends(datetime.now(UTC)) if self.state.sample_loaded else None
        threading.Thread(
            target=send_forever,
            args=(pack_of(self.state.company), self.url, self.state.secret("write-key")),
            kwargs={"stop": self._traffic_ends, "history_ended": history_ended},
            name="traffic",
            daemon=True,
        ).start()

    def _announce(self) -> None:
        seconds = time.monotonic() - self._began
        if self.options.json:
            print(json.dumps(self.facts()), flush=True)
        else:
            print(self.welcome(seconds), flush=True)

    def facts(self) -> dict[str, object]:
        key = {} if self._is_empty else {"write_key": self.state.secret("write-key")}
        return {
            "url": self.url,
            **key,
            "api_token": self.state.api_token,
            "logins": self._logins(),
        }

    def _logins(self) -> dict[str, Login]:
        return {
            role: {"username": username, "password": self.state.password(username)}
            for role, username in shown_logins(self.state.company).items()
        }

    def welcome(self, seconds: float) -> str:
        rows = [f"  {role:<9}{login['username']:<9}{login['password']}" for role, login in self._logins().items()]
        key = f"  write key  {self.state.secret('write-key')}   (any Segment client, host {self.url})"
        first = "  It is empty: log in as the admin and follow the steps there." if self._is_empty else key
        return "\n".join(
            [
                f"\nPLGCRM is ready after {seconds:.0f} s at {self.url}\n",
                "  role     name     password",
                *rows,
                f"\n{first}",
                f"  API token  {self.state.api_token}   ({self.url}/api/v1/)",
                f"  logs       {self.state.logs}",
                "\nPress Ctrl-C to stop everything.",
            ]
        )

    def _watch(self) -> NoReturn:
        while True:
            for child in [*self._children, *self._embedded.children]:
                if not child.alive:
                    raise ProcessFailedError(child.epitaph())
            time.sleep(0.5)

    def _stop(self) -> None:
        """Those who use the services first, then the services."""
        self._traffic_ends.set()
        stop_all(self._children)
        self.state.children.unlink(missing_ok=True)
        self._embedded.stop()


def choose_port(wanted: int | None) -> int:
    """0 asks for any free one, None for the usual one if that is free."""
    if wanted and not is_free(wanted):
        raise DemoRefusedError(f"Port {wanted} is taken; give another with --port.")
    if wanted is None and is_free(USUAL_PORT):
        return USUAL_PORT
    return wanted or free_port()


def say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
