"""Measuring: CPU of process trees, medians, and the lines that are printed."""

import json
import os
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


def figure(name: str, values: Iterable[float], unit: str, goal: float | None, **more: object) -> None:
    """One line: the median, with every run beside it."""
    runs = list(values)
    line = {"name": name, "value": round(statistics.median(runs), 3), "unit": unit, "goal": goal}
    print(json.dumps(line | {"runs": [round(run, 3) for run in runs]} | more), flush=True)


def percentile(values: Iterable[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@dataclass(frozen=True)
class Spent:
    wall: float
    cpu: float  # seconds, of this process and of the trees named


def spent(work: Callable[[], object], *roots: int) -> Spent:
    """Wall and CPU seconds of a piece of work: ours and of the process trees under `roots`."""
    before, started, own = cpu_of(roots), time.perf_counter(), time.process_time()
    work()
    wall, own = time.perf_counter() - started, time.process_time() - own
    return Spent(wall, own + cpu_of(roots) - before)


def cpu_of(roots: Iterable[int]) -> float:
    """CPU seconds so far of these processes and all their descendants, also those that have ended."""
    children: dict[int, list[int]] = {}
    seconds: dict[int, float] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(entry)):
            pid = int(entry.name)
            children.setdefault(int(fields[1]), []).append(pid)
            seconds[pid] = sum(map(int, fields[11:15])) / TICK
    total, waiting = 0.0, list(roots)
    while waiting:
        pid = waiting.pop()
        total += seconds.get(pid, 0.0)
        waiting += children.get(pid, [])
    return total


def _stat(entry: Path) -> list[str] | None:
    """The fields after the name, which may hold anything: state, parent, ..."""
    try:
        return (entry / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
