"""Server time of every page over 50,000 accounts, 2 million events and 300,000 items."""

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.figures import figure, percentile
from bench.pages import CHECKS, FACTS
from bench.stage import Stage
from bench.world import DAYS, OTHERS, bulk, definitions, fill_accounts, fill_people, fill_usage, make_reps
from plgcrm.common.sql import queries
from plgcrm.pages import ADMIN, PAGES, REP, STRANGER

SQL = queries("bench/desk.sql")
ACCOUNTS, REPS = 50_000, 30
PEOPLE = ("accounts_person", "accounts_actor", "accounts_workspace", "accounts_attribute")
ITEMS = ("signals_moment", "outreach_playdecision", "outreach_queueitem", "outreach_touch", "outreach_outcome")


ROUNDS, LOOKS = 3, 40  # of each page


def run(stage: Stage) -> None:
    stage.empty()
    reps = fill(stage)
    clients = {STRANGER: _client_of(None), REP: _client_of(reps[0]), ADMIN: _client_of(_admin())}
    slowest: dict[str, list[float]] = {}
    for page in PAGES:
        client = clients[page.who]
        if address := page.address(client.get(page.start).content.decode()):
            slowest[page.name] = [percentile(_looks(client, address), 0.95) for _ in range(ROUNDS)]
            figure(f"page_{page.name}_p95_ms", slowest[page.name], "ms", 60)
    worst = max(slowest, key=lambda name: sorted(slowest[name])[ROUNDS // 2])
    figure("slowest_page_p95_ms", slowest[worst], "ms", 60, page=worst, pages=len(slowest))
    stage.empty()


def _looks(client: Any, address: str) -> list[float]:
    found = []
    for _ in range(LOOKS):
        started = time.perf_counter()
        client.get(address)
        found.append(1000 * (time.perf_counter() - started))
    return found


def _client_of(user: Any) -> Any:
    from django.test import Client

    client = Client()
    if user:
        client.force_login(user)
    return client


def _admin() -> Any:
    from django.contrib.auth.models import User

    return User.objects.get_or_create(username="bench-admin", defaults={"is_staff": True, "is_superuser": True})[0]


def fill(stage: Stage) -> list[Any]:
    """The company; gives its reps."""
    with bulk(stage, "accounts_account", *PEOPLE, keys=False):
        fill_accounts(stage, 1, ACCOUNTS)
        fill_people(stage, 1, ACCOUNTS)
    with bulk(stage, "signals_usage"):
        fill_usage(stage, 1, ACCOUNTS)
    stage.settle()
    _score(stage)
    _fill_events(stage)
    reps = make_reps(stage, REPS)
    _fill_items(stage, [rep.pk for rep in reps])
    stage.settle()
    return reps


def _score(stage: Stage) -> None:
    from signals.scoring.run import sweep

    sweep(datetime.now(UTC))


def _fill_events(stage: Stage) -> None:
    from signals.ingest.partitions import ensure

    source, today = stage.source("bench", "wk_bench").pk, datetime.now(UTC).date()
    stage.sql(SQL["event_names"], {"source": source, "names": sorted({slug.title() for slug in OTHERS})})
    activity = definitions(stage)["activity"]
    for ago in reversed(range(DAYS)):
        day = today - timedelta(days=ago)
        ensure(datetime(day.year, day.month, 1, tzinfo=UTC))
        stage.sql(SQL["events_of_day"], {"source": source, "day": day, "activity": activity})


def _fill_items(stage: Stage, reps: list[int]) -> None:
    from outreach.models import Play

    triggers = list(Play.objects.exclude(trigger=None).order_by("pk").values_list("trigger_id", flat=True))
    with bulk(stage, *ITEMS, keys=False):
        stage.sql(SQL["moments"], {"triggers": triggers})
        stage.sql("ANALYZE signals_moment")
        stage.sql(SQL["decisions"], {"checks": json.dumps(CHECKS)})
        stage.sql(SQL["items"], {"reps": reps, "facts": json.dumps(FACTS)})
        stage.sql(SQL["touches"])
        stage.sql(SQL["outcomes"])
    stage.sql(SQL["owners"], {"reps": reps})
