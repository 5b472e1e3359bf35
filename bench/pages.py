"""A rep's queue page among 300,000 open items, and finding one of a million accounts, through the whole application."""

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from typing import Any
from urllib.parse import quote

from bench.figures import figure, percentile
from bench.stage import Stage
from bench.world import HEADS, NOUNS, TAILS, bulk, fill_accounts, fill_people, fill_scores, fill_usage, make_reps
from plgcrm.common.sql import queries

SQL = queries("bench/pages.sql")
ACCOUNTS, ITEMS, FEW_ITEMS, REPS = 1_000_000, 300_000, 3_000, 30
KNOWN = 6_000  # accounts with people and usage; those that first pages show
ROUNDS = 3
PEOPLE = ("accounts_person", "accounts_actor", "accounts_workspace", "accounts_attribute")
CHECKS = [
    {"guard": "support_fire", "held": False, "words": "No open complaint."},
    {"guard": "first_value", "held": False, "words": "They have had their first value."},
    {"guard": "signup_age", "held": False, "words": "Signed up 60 days ago."},
    {"guard": "one_conversation", "held": False, "words": "Nobody else is talking to them."},
    {"guard": "cool_down", "held": False, "words": "Not spoken to in the last 14 days."},
]
FACTS = {
    "people_active_30": {"value": 12, "measure": "people:activity:30d", "reads": "people active in 30 days"},
    "people_before_30": {"value": 5, "measure": "people:activity:30d", "reads": "people active before"},
    "features_30": {"value": 4, "measure": "breadth:feature-doc+feature-form:30d", "reads": "core features used"},
}
# What people type: whole names, beginnings, endings, domains, common words, mistakes, nothing we have, a letter or two.
TERMS = (
    [f"{HEADS[i]}{TAILS[i % 30]} {NOUNS[i % 40]}" for i in range(0, 60, 6)]
    + [f"{HEADS[i]}{TAILS[i % 30]}"[:5] for i in range(1, 60, 8)]
    + [f"{HEADS[i].lower()}{TAILS[i % 30]}{NOUNS[i % 40].lower()}.com" for i in range(2, 60, 10)]
    + ["health", "Group", "data", "software", "media", "systems", "labs", "capital", "quantum", "GmbH", ".co.uk"]
    + ["Quantum Health", "blue group", "north data", "Silver Solutions", "Atlas Labs Ltd", "Deep", "red", "Swiftfield"]
    + ["Quantm Helth", "Analitycs", "Softwear", "zzyzx", "Møller & Søn", "100%", "a_b", "O'Brien", "acme.example"]
    + ["9", "q", "at", "io", "Quantum Health 7", "n", "gm", "quantumwick health inc", "wick", "ridge"]
)


def run(stage: Stage) -> None:
    stage.empty()
    _fill(stage)
    reps = make_reps(stage, REPS)
    clients = [_client_of(rep) for rep in reps]
    _add_items(stage, 1, FEW_ITEMS, reps)
    few = _most_queries(clients)
    _add_items(stage, FEW_ITEMS + 1, ITEMS, reps)
    _tell_of_queue(clients, few)
    _tell_of_accounts(clients[0])
    stage.empty()


def _fill(stage: Stage) -> None:
    with bulk(stage, "accounts_account", keys=False):
        fill_accounts(stage, 1, ACCOUNTS)
    with bulk(stage, *PEOPLE, keys=False):
        fill_people(stage, 1, KNOWN)
    with bulk(stage, "signals_usage"):
        fill_usage(stage, 1, KNOWN, busier=2)
    _score(stage)
    with bulk(stage, "signals_score", "signals_accountstate", keys=False):
        fill_scores(stage, KNOWN + 1, ACCOUNTS, models=["pql"])
    stage.settle()


def _score(stage: Stage) -> None:
    """The known accounts, really: their breakdowns are what pages draw."""
    from signals.scoring.run import score_dirty

    stage.sql(
        "INSERT INTO accounts_dirtymark (actors, accounts) SELECT '{}', array_agg(id) FROM accounts_account"
        " WHERE id <= %s",
        [KNOWN],
    )
    score_dirty(datetime.now(UTC))


def _add_items(stage: Stage, first: int, last: int, reps: list[Any]) -> None:
    from outreach.models import Play

    triggers = list(Play.objects.exclude(trigger=None).order_by("pk").values_list("trigger_id", flat=True))
    ids = {"first": first, "last": last}
    with bulk(stage, "signals_moment", "outreach_playdecision", "outreach_queueitem", keys=False):
        stage.sql(SQL["moments"], ids | {"triggers": triggers})
        stage.sql("ANALYZE signals_moment")
        stage.sql(SQL["decisions"], ids | {"checks": json.dumps(CHECKS)})
        people = {"reps": [rep.pk for rep in reps], "known": KNOWN}
        stage.sql(SQL["items"], ids | people | {"facts": json.dumps(FACTS)})
    stage.settle()


def _client_of(rep: Any) -> Any:
    from django.test import Client

    client = Client()
    client.force_login(rep)
    return client


def _tell_of_queue(clients: list[Any], queries_of_few: int) -> None:
    """Each rep looks at the queue, at the next page of it, and at one play."""
    queries = _most_queries(clients)
    rounds = [[_ms(client, address) for client in clients for address in _addresses(client)] for _ in range(ROUNDS)]
    more = {"items": ITEMS, "pages": len(rounds[0]), "p50": _median_of(rounds)}
    figure("queue_page_p95_ms", [percentile(found, 0.95) for found in rounds], "ms", 40, **more)
    figure("queue_page_queries", [queries], "queries", 12)
    figure("queue_page_queries_at_3000", [queries_of_few], "queries", queries)


def _addresses(client: Any) -> list[str]:
    listing = client.get("/queue/").content.decode()
    next_page = re.search(r"after=([\w.-]+)", listing)
    if next_page is None:
        raise RuntimeError("The queue of a rep has only one page.")
    return ["/queue/", "/queue/?play=expansion", f"/queue/?after={next_page[1]}"]


def _tell_of_accounts(client: Any) -> None:
    """A search is one call of the API; a page of accounts is one page of the application."""
    searches = [f"/api/v1/accounts/?search={quote(term)}" for term in TERMS]
    pages = ["/accounts/", "/accounts/?tier=inside", "/accounts/?tier=nurture"]
    pages += [f"/accounts/?q={quote(term)}" for term in islice(TERMS, 0, None, 3)]
    for name, addresses, goal in (("search_p95_ms", searches, 50), ("accounts_page_p95_ms", pages, None)):
        rounds = [[_ms(client, address) for address in addresses] for _ in range(ROUNDS)]
        slowest = max(zip(rounds[-1], addresses, strict=True))
        more = {"accounts": ACCOUNTS, "p50": _median_of(rounds), "slowest": slowest[1], "slowest_ms": round(slowest[0])}
        figure(name, [percentile(found, 0.95) for found in rounds], "ms", goal, **more)


def _ms(client: Any, address: str) -> float:
    started = time.perf_counter()
    answer = client.get(address)
    took = time.perf_counter() - started
    if answer.status_code != 200:
        raise RuntimeError(f"{address}: {answer.status_code}")
    return 1000 * took


def _median_of(rounds: list[list[float]]) -> float:
    return round(percentile((took for found in rounds for took in found), 0.5), 1)


def _most_queries(clients: list[Any]) -> int:
    """Of the first page of any rep, with nothing remembered by the process."""
    from plgcrm.common.cache import forget_all

    def asked_by(client: Any) -> int:
        forget_all()
        with _counted() as asked:
            client.get("/queue/")
        return len(asked)

    return max(map(asked_by, clients))


@contextmanager
def _counted() -> Iterator[list[str]]:
    """Everything that goes to Postgres, through the ORM or not."""
    from psycopg import Cursor

    asked: list[str] = []
    original: Callable[..., Any] = Cursor.execute

    def execute(self: Any, query: Any, *args: Any, **more: Any) -> Any:
        asked.append(str(query))
        return original(self, query, *args, **more)

    Cursor.execute = execute  # type: ignore[method-assign]
    try:
        yield asked
    finally:
        Cursor.execute = original  # type: ignore[method-assign]
