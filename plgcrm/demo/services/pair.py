"""Both services together, on one state directory that one start holds at a time."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from plgcrm.demo.services.guard import FLAG, refuse_public_address
from plgcrm.demo.services.postgres import Postgres
from plgcrm.demo.services.processes import Child, end_leftovers, remember, stop_all
from plgcrm.demo.services.valkey import Valkey


class StateInUseError(RuntimeError):
    """Another start holds the state directory."""


@dataclass(frozen=True)
class Endpoints:
    database_url: str
    redis_url: str

    def environment(self) -> dict[str, str]:
        return {"DATABASE_URL": self.database_url, "REDIS_URL": self.redis_url, FLAG: "1"}


@contextmanager
def sole_holder(state: Path) -> Iterator[None]:
    """Hold the state directory; the kernel lets go of it when this process dies."""
    state.mkdir(parents=True, exist_ok=True)
    with (state / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StateInUseError(
                f"{state} is in use by another start; stop that one, or choose another folder"
            ) from None
        yield


class Embedded:
    """A Postgres and a Valkey whose data live below `state`. The caller is the state's sole holder."""

    def __init__(self, state: Path, *, durable: bool = True) -> None:
        self.state = state.absolute()
        self._postgres = Postgres(self.state, durable=durable)
        self._valkey = Valkey(self.state, durable=durable)
        self._register = self.state / "services.json"

    def start(self, *, database_url: str = "", redis_url: str = "") -> Endpoints:
        """A service whose URL is given is not started but used."""
        refuse_public_address()
        self.state.mkdir(parents=True, exist_ok=True)
        end_leftovers(self._register)
        try:
            redis_url = redis_url or self._valkey.start()
            database_url = database_url or self._postgres.start()
        except BaseException:
            self.stop()
            raise
        remember(self._register, self.children)
        return Endpoints(database_url, redis_url)

    @property
    def children(self) -> list[Child]:
        return [child for child in (self._postgres.child, self._valkey.child) if child]

    def stop(self) -> None:
        stop_all(self.children)
        self._register.unlink(missing_ok=True)

    def set_aside(self) -> Path | None:
        """Keep the data of Postgres where no start finds them, and forget those of Valkey; only while stopped."""
        end_leftovers(self._register)
        self._valkey.wipe()
        return self._postgres.set_aside()

    def wipe(self) -> None:
        """Forget all data; only while stopped."""
        self._postgres.wipe()
        self._valkey.wipe()


@contextmanager
def fresh_pair(below: Path) -> Iterator[Endpoints]:
    """A pair that forgets, for one run of tests: quick, not durable, gone afterwards."""
    _sweep(below)
    directory = below / f"run-{os.getpid()}"
    with sole_holder(directory):
        pair = Embedded(directory, durable=False)
        try:
            yield pair.start()
        finally:
            pair.stop()
            pair.wipe()
            shutil.rmtree(directory)


def _sweep(below: Path) -> None:
    """Remove what killed runs left behind."""
    for directory in below.glob("run-*"):
        with suppress(StateInUseError, FileNotFoundError), sole_holder(directory):
            end_leftovers(directory / "services.json")
            Embedded(directory, durable=False).wipe()
            shutil.rmtree(directory)
