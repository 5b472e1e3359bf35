"""How fast the measure engine is by itself: 50,000 accounts, 1.6 million usage rows, nine measures, no database."""

import statistics
from collections.abc import Callable

import numpy as np

from bench.figures import figure, spent
from bench.stage import Stage
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


def run(stage: Stage) -> None:
    sample, last = frame(), FIRST + DAYS - 1
    specs: list[Spec] = [parse_spec(measure) for measure in MEASURES]
    _tell("measures_1_day_seconds", 1.2, lambda: measure_columns(sample, specs, last, last))
    _tell("measures_90_days_seconds", 5, lambda: measure_columns(sample, specs, last - 89, last))


def _tell(name: str, goal: float, work: Callable[[], object]) -> None:
    runs = [spent(work) for _ in range(3)]
    cpu = round(statistics.median(one.cpu for one in runs), 3)
    figure(name, [one.wall for one in runs], "s", goal, cpu=cpu, accounts=ACCOUNTS, usage_rows=ROWS)
