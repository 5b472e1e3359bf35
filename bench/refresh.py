"""Refreshing 500 queue items whose accounts were measured again: their sentences, facts and priorities."""

import json
from datetime import UTC, datetime

from bench.desk import SQL as DESK
from bench.figures import Spent, figure, spent
from bench.pages import CHECKS, FACTS
from bench.stage import Stage
from bench.world import bulk, fill_accounts, fill_people, fill_usage, make_reps
from plgcrm.common.sql import queries

SQL = queries("bench/refresh.sql")
ACCOUNTS, REPS, ITEMS, RUNS = 2_000, 6, 500, 15
PEOPLE = ("accounts_person", "accounts_actor", "accounts_workspace", "accounts_attribute")


def run(stage: Stage) -> None:
    stage.empty()
    _fill(stage)
    found = [_refreshed(stage) for _ in range(RUNS)]
    cpu = sorted(round(1000 * one.cpu, 1) for one in found)
    lines = stage.rows("SELECT count(DISTINCT why_now) FROM outreach_queueitem WHERE facts_as_of > now()")[0][0]
    figure(
        "refresh_500_items_ms",
        [1000 * one.wall for one in found],
        "ms",
        400,
        cpu=cpu[RUNS // 2],
        least_cpu=cpu[0],
        sentences=lines,
    )
    stage.empty()


def _fill(stage: Stage) -> None:
    from signals.scoring.run import sweep

    with bulk(stage, "accounts_account", *PEOPLE, keys=False):
        fill_accounts(stage, 1, ACCOUNTS)
        fill_people(stage, 1, ACCOUNTS)
    fill_usage(stage, 1, ACCOUNTS)
    sweep(datetime.now(UTC))
    _fill_items(stage, [rep.pk for rep in make_reps(stage, REPS)])
    # Every reason holds, so that no item expires on the way.
    stage.sql(SQL["every_trigger_is_true"])
    stage.settle()


def _fill_items(stage: Stage, reps: list[int]) -> None:
    from outreach.models import Play

    triggers = list(Play.objects.exclude(trigger=None).order_by("pk").values_list("trigger_id", flat=True))
    stage.sql(DESK["moments"], {"triggers": triggers})
    stage.sql(DESK["decisions"], {"checks": json.dumps(CHECKS)})
    stage.sql(DESK["items"], {"reps": reps, "facts": json.dumps(FACTS)})


def _refreshed(stage: Stage) -> Spent:
    from outreach.plays.decide import refresh_items

    stage.sql(SQL["measured_again"])
    counts: list[dict[str, int]] = []
    took = spent(lambda: counts.append(refresh_items(datetime.now(UTC), limit=ITEMS)), stage.postgres_pid)
    if counts != [{"refreshed": ITEMS}]:
        raise RuntimeError(f"Of {ITEMS} items {counts[0]} were refreshed.")
    return took
