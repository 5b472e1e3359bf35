"""Child processes that end with their parent, however it ends."""

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import psutil

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class ProcessFailedError(RuntimeError):
    """A child ended too early; the message carries the tail of its log."""


@dataclass(frozen=True)
class RunAs:
    """Another user to run as, by number."""

    uid: int
    gid: int


@dataclass
class Child:
    name: str
    process: subprocess.Popen[bytes]
    log: Path | None
    stop_signal: signal.Signals = signal.SIGTERM
    patience: float = 10.0
    stopped: bool = field(default=False)

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def ask_to_stop(self) -> None:
        if self.alive:
            self.process.send_signal(self.stop_signal)

    def stop(self) -> None:
        """Ask, wait, then end the whole process group; safe to call twice."""
        if self.stopped:
            return
        self.ask_to_stop()
        wait_for(lambda: not self.alive, self.patience)
        _kill_group(self.process.pid)
        self.process.wait()
        self.stopped = True

    def epitaph(self) -> str:
        """How it ended, and what it said last."""
        ending = f"{self.name} ended with code {self.process.returncode}."
        if self.log is None:
            return ending
        return f"{ending} The end of {self.log}:\n{tail(self.log)}"


def spawn(
    name: str,
    command: Sequence[str | Path],
    *,
    log: Path | None,
    cwd: Path,
    environment: Mapping[str, str] | None = None,
    run_as: RunAs | None = None,
    stop_signal: signal.Signals = signal.SIGTERM,
    patience: float = 10.0,
) -> Child:
    """Start a process in a group of its own, its output going to `log`, or to our standard error.

    Call it from the main thread: the kernel ends the child with the *thread* that started it.
    """
    with _output(log) as output:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env=dict(environment) if environment is not None else None,
            start_new_session=True,
            preexec_fn=_end_with_parent(stop_signal),
            user=run_as.uid if run_as else None,
            group=run_as.gid if run_as else None,
            extra_groups=[] if run_as else None,
        )
    return Child(name, process, log, stop_signal, patience)


def _output(log: Path | None) -> AbstractContextManager[IO[bytes]]:
    if log is None:
        return nullcontext(sys.stderr.buffer)
    log.parent.mkdir(parents=True, exist_ok=True)
    return log.open("ab")


def _end_with_parent(stop_signal: signal.Signals) -> Callable[[], None] | None:
    libc, parent = LIBC, os.getpid()
    if libc is None:
        return None

    def ask_the_kernel() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(stop_signal))
        if os.getppid() != parent:  # it died before we could ask
            os._exit(1)

    return ask_the_kernel


def stop_all(children: Iterable[Child]) -> None:
    """Ask all at once, so that the slowest one alone sets the time it takes."""
    waiting = list(children)
    for child in waiting:
        child.ask_to_stop()
    for child in waiting:
        child.stop()


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def wait_for(condition: Callable[[], bool], seconds: float, *, pause: float = 0.02) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True


def tail(log: Path, *, lines: int = 15) -> str:
    text = log.read_text(errors="replace") if log.exists() else ""
    return "\n".join(text.splitlines()[-lines:])


def remember(register: Path, children: Iterable[Child]) -> None:
    """Write down who runs, so that the next start can end what a killed one left behind."""
    entries = [
        {"pid": child.process.pid, "created": psutil.Process(child.process.pid).create_time()}
        for child in children
        if child.alive
    ]
    register.write_text(json.dumps(entries))


def end_leftovers(register: Path, *, patience: float = 8.0) -> None:
    """Wait for the children of an earlier start to end, and end those that do not."""
    left = [process for process in _remembered(register) if process.is_running()]
    _, stubborn = psutil.wait_procs(left, timeout=patience)
    for process in stubborn:
        _kill_group(process.pid)
    psutil.wait_procs(stubborn, timeout=patience)
    register.unlink(missing_ok=True)


def _remembered(register: Path) -> list[psutil.Process]:
    try:
        entries = json.loads(register.read_text())
    except (FileNotFoundError, ValueError):
        return []
    return [process for entry in entries if (process := _same_process(**entry))]


def _same_process(pid: int, created: float) -> psutil.Process | None:
    """None when it is gone, or when its number belongs to somebody else by now."""
    try:
        process = psutil.Process(pid)
        return process if abs(process.create_time() - created) < 1 else None
    except psutil.NoSuchProcess:
        return None
