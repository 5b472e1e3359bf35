"""Scoring of touched accounts beside little and much usage of others, and a sweep of all accounts."""

import statistics
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bench.figures import Spent, figure, spent
from bench.stage import Stage
from bench.world import bulk, fill_accounts, fill_people, fill_scores, fill_usage, without_search
from plgcrm.common.sql import queries

SQL = queries("bench/scoring.sql")
SWEPT = 50_000  # accounts, with 1.6 million rows of usage
FEW_OTHERS = (SWEPT + 1, 62_500)  # with these there are 2 million
MANY_OTHERS = (62_501, 162_500)  # with these 10 million: more accounts, and busier ones
BUSIER = 2.5
TOUCHED, RUNS, NIGHTS = 1_000, 5, 3
PEOPLE = ("accounts_person", "accounts_actor", "accounts_workspace", "accounts_attribute")


def run(stage: Stage) -> None:
    began = datetime.now(UTC)
    stage.empty()
    with without_search(stage):
        _fill(stage, 1, SWEPT)
        _sweeps(stage, began)
        _fill_others(stage, *FEW_OTHERS)
        touched = [row[0] for row in stage.rows(SQL["busy_accounts"], {"limit": TOUCHED})]
        now = began + timedelta(days=NIGHTS)  # the day of the last sweep
        few, rows_of_few = _dirty_runs(stage, touched, now), _usage_rows(stage)
        _fill_others(stage, *MANY_OTHERS, busier=BUSIER)
        many = _dirty_runs(stage, touched, now)
        _tell(stage, few, many, rows_of_few)
        stage.empty()


def _tell(stage: Stage, few: Sequence[Spent], many: Sequence[Spent], rows_of_few: int) -> None:
    figure("score_dirty_1000_ms", _walls(few, 1000), "ms", 400, cpu=_cpu(few, 1000), usage_rows=rows_of_few)
    ratio = statistics.median(_walls(many)) / statistics.median(_walls(few))
    more = {"cpu": round(_cpu(many) / _cpu(few), 3), "ms": _walls(many, 1000), "usage_rows": _usage_rows(stage)}
    figure("score_dirty_ratio_10m_to_2m", [ratio], "x", 1.2, **more)


def _fill(stage: Stage, first: int, last: int, *, busier: float = 1.0) -> None:
    fill_accounts(stage, first, last)
    with bulk(stage, *PEOPLE, keys=False):
        fill_people(stage, first, last)
    with bulk(stage, "signals_usage"):
        fill_usage(stage, first, last, busier=busier)
    stage.settle()


def _fill_others(stage: Stage, first: int, last: int, *, busier: float = 1.0) -> None:
    """They have states and scores like everybody, only that nobody has scored them."""
    _fill(stage, first, last, busier=busier)
    fill_scores(stage, first, last, models=["pql", "pqa", "eqa"])
    stage.settle()


def _sweeps(stage: Stage, began: datetime) -> None:
    """The first one writes everything; those of the next nights write what a new date changes."""
    first = _swept(stage, began)
    stage.settle()
    nights = [_swept(stage, began + timedelta(days=night + 1)) for night in range(NIGHTS)]
    more = {"accounts": SWEPT, "usage_rows": _usage_rows(stage)}
    figure("sweep_50k_first_seconds", [first.wall], "s", None, cpu=_cpu([first]), **more)
    figure("sweep_50k_seconds", _walls(nights), "s", 4, cpu=_cpu(nights), **more)


def _swept(stage: Stage, now: datetime) -> Spent:
    from signals.scoring.run import sweep

    return spent(lambda: sweep(now), stage.postgres_pid)


def _dirty_runs(stage: Stage, accounts: list[int], now: datetime) -> list[Spent]:
    return [_dirty_run(stage, accounts, now + timedelta(seconds=turn)) for turn in range(RUNS)]


def _dirty_run(stage: Stage, accounts: list[int], now: datetime) -> Spent:
    """Somebody makes an item in each account; then all are scored, and states and scores are written anew."""
    from signals.scoring.run import RunCounts, score_dirty

    stage.sql(SQL["make_items"], {"accounts": accounts, "day": now.date()})
    stage.sql(SQL["touch"], {"accounts": accounts})
    counts: list[RunCounts] = []
    found = spent(lambda: counts.append(score_dirty(now)), stage.postgres_pid)
    if counts[0].changed != len(accounts):
        raise RuntimeError(f"Of {len(accounts)} accounts {counts[0].changed} were scored anew.")
    return found


def _usage_rows(stage: Stage) -> int:
    rows: int = stage.rows("SELECT count(*) FROM signals_usage")[0][0]
    return rows


def _walls(found: Sequence[Spent], times: int = 1) -> list[float]:
    return [round(times * one.wall, 3) for one in found]


def _cpu(found: Sequence[Spent], times: int = 1) -> float:
    return round(times * statistics.median(one.cpu for one in found), 3)
