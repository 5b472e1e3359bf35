"""How fast the measure engine is: 50,000 accounts, 1.6 million usage rows, nine measures.

    python bench/engine.py

prints a JSON line for one as-of day and one for ninety: wall seconds (median of three) and CPU seconds.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from signals.measures.engine import AttributeRows, Frame, MemberRows, UsageRows, measure_columns
from signals.measures.specs import Spec, parse_spec

ACCOUNTS, ROWS, DAYS, FIRST = 50_000, 1_600_000, 120, 20_000
SIGNALS = ("activity", "created-item", "invited", "feature-timeline", "feature-automation", "feature-form")
SHARES = (0.45, 0.2, 0.05, 0.1, 0.1, 0.1)
KEYS = ("company_size", "boards_used", "boards_limit")
FEATURES = ["feature-timeline", "feature-automation", "feature-form"]
MEASURES: list[dict[str, object]] = [
    {"kind": "people", "days": 30},
    {"kind": "people", "days": 7},
    {"kind": "count", "signals": ["created-item"], "days": None},
    {"kind": "count", "signals": ["invited"], "days": 30},
    {"kind": "active_days", "days": 14, "from": "signup"},
    {"kind": "breadth", "signals": FEATURES, "days": 30},
    {"kind": "longest_streak", "days": 30},
    {"kind": "growth", "days": 7, "of": "count", "floor": 5},
    {"kind": "days_since_last"},
]


def usage(random: np.random.Generator) -> UsageRows:
    """A few accounts are much busier than most, and a person keeps to one account."""
    subject = (ACCOUNTS * random.random(ROWS) ** 2).astype(np.int32)
    person = subject * 64 + (16 * random.random(ROWS) ** 2).astype(np.int32)
    signal = random.choice(len(SIGNALS), ROWS, p=SHARES).astype(np.int32)
    day = (FIRST + random.integers(0, DAYS, ROWS)).astype(np.int32)
    return UsageRows(subject, person, signal, day, random.integers(1, 9, ROWS, dtype=np.int32))


def frame() -> Frame:
    random = np.random.default_rng(1)
    signup = (FIRST + random.integers(-30, 60, ACCOUNTS)).astype(np.int32)
    rows = usage(random)
    return Frame(ACCOUNTS, SIGNALS, KEYS, (), rows, AttributeRows.empty(), MemberRows.empty(), signup)


def timed(work: Callable[[], object]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def report(name: str, goal: float, work: Callable[[], object]) -> None:
    runs = [timed(work) for _ in range(3)]
    wall, cpu = (statistics.median(values) for values in zip(*runs, strict=True))
    line = {"name": name, "value": round(wall, 3), "unit": "s", "goal": goal, "cpu": round(cpu, 3)}
    print(json.dumps(line), flush=True)


def main() -> None:
    sample, last = frame(), FIRST + DAYS - 1
    specs: list[Spec] = [parse_spec(measure) for measure in MEASURES]
    report("measures_1_day_seconds", 1.2, lambda: measure_columns(sample, specs, last, last))
    report("measures_90_days_seconds", 5, lambda: measure_columns(sample, specs, last - 89, last))


if __name__ == "__main__":
    main()
