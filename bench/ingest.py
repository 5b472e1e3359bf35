"""Ingest through the whole HTTP path beside a raw COPY of the same rows into the same table, in one run."""

import http.client
import json
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.figures import cpu_of, figure
from bench.stage import Stage, Web

BATCH, BATCHES, PEOPLE = 100, 400, 4_000
KEY = "wk_bench"
COLUMNS = "source_id, message_id, actor_id, kind, clock, name_id, timestamp, received_at, payload, signals_version"
EVENTS = ["Item Created", "Timeline Viewed", "Dashboard Opened", "Board Created", "Invite Sent", "Doc Edited"]


def run(stage: Stage) -> None:
    web_us, postgres_us, ratios, rates = [], [], [], []
    events = BATCH * BATCHES
    with stage.web() as web:
        _introduce(stage, web.port)
        for turn in range(3):
            in_web, in_postgres, wall = _over_http(stage, web, turn)
            web_us.append(in_web / events * 1e6)
            postgres_us.append(in_postgres / events * 1e6)
            rates.append(events / wall)
            ratios.append((in_web + in_postgres) / _by_copy(stage))
    figure("ingest_cpu_us_per_event", map(sum, zip(web_us, postgres_us, strict=True)), "us", 60)
    figure("ingest_cpu_us_in_web", web_us, "us", None)
    figure("ingest_cpu_us_in_postgres", postgres_us, "us", None)
    figure("ingest_ratio_to_copy", ratios, "x", 7)
    figure("ingest_events_per_second", rates, "1/s", None, note="one sender, one web worker, Postgres beside it")


def _introduce(stage: Stage, port: int) -> None:
    """The people are known before: that is the everyday case. Four to a company."""
    stage.source("bench", KEY)
    now = datetime.now(UTC) - timedelta(days=30)
    messages = []
    for i in range(PEOPLE):
        common = {"userId": f"user-{i}", "timestamp": now.isoformat()}
        traits = {"email": f"person{i}@bench-company-{i // 4}.com", "title": "Engineer"}
        messages.append(common | {"type": "identify", "messageId": f"i-{i}", "traits": traits})
        joined = {"type": "group", "messageId": f"g-{i}", "groupId": f"w{i // 4}", "traits": {"seats": 9}}
        messages.append(common | joined)
    for start in range(0, len(messages), 500):
        _post(http.client.HTTPConnection("127.0.0.1", port), json.dumps({"batch": messages[start : start + 500]}))
    # One event of each, so that every actor exists and is remembered by the web process.
    for body in _batches(-1, PEOPLE // BATCH, everybody=True):
        _post(http.client.HTTPConnection("127.0.0.1", port), body)


def _batches(turn: int, count: int, *, everybody: bool = False) -> Iterator[str]:
    chance = random.Random(turn)
    for b in range(count):
        now = datetime.now(UTC)
        batch = []
        for i in range(BATCH):
            person = b * BATCH + i if everybody else int(PEOPLE * chance.random() ** 2)
            batch.append(_track(f"{turn}-{b}-{i}-{chance.getrandbits(48):x}", person, now, chance))
        yield json.dumps({"batch": batch, "sentAt": now.isoformat()})


def _track(message_id: str, person: int, now: datetime, chance: random.Random) -> dict[str, Any]:
    return {
        "type": "track",
        "messageId": message_id,
        "userId": f"user-{person}",
        "event": chance.choice(EVENTS),
        "timestamp": (now - timedelta(seconds=chance.random() * 50)).isoformat(),
        "properties": {"board": f"Board {chance.randrange(50)}", "items": chance.randrange(20), "source": "web"},
        "context": {"groupId": f"w{person // 4}", "library": {"name": "analytics-node", "version": "2.1.0"}},
        "integrations": {},
    }


def _over_http(stage: Stage, web: Web, turn: int) -> tuple[float, float, float]:
    """CPU seconds of the web processes, of Postgres with all its helpers, and wall seconds."""
    bodies = list(_batches(turn, BATCHES))
    connection = http.client.HTTPConnection("127.0.0.1", web.port)
    in_web, in_postgres = cpu_of([web.pid]), cpu_of([stage.postgres_pid])
    started = time.perf_counter()
    for body in bodies:
        _post(connection, body)
    wall = time.perf_counter() - started
    return cpu_of([web.pid]) - in_web, cpu_of([stage.postgres_pid]) - in_postgres, wall


def _post(connection: http.client.HTTPConnection, body: str) -> None:
    headers = {"Content-Type": "application/json", "X-Write-Key": KEY}
    connection.request("POST", "/v1/batch", body, headers)
    answer = connection.getresponse()
    text = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{answer.status} {text!r}")


def _by_copy(stage: Stage) -> float:
    """CPU seconds of COPYing as many rows, taken from the table itself, into the emptied table."""
    from plgcrm.common.sql import driver

    connection = driver()
    rows = bytearray()
    with connection.cursor() as cursor:
        newest = f"SELECT {COLUMNS} FROM signals_event ORDER BY id DESC LIMIT {BATCH * BATCHES}"
        with cursor.copy(f"COPY ({newest}) TO STDOUT") as copy:
            for piece in copy:
                rows += piece
    with _emptied(stage), connection.cursor() as cursor:
        before, own = cpu_of([stage.postgres_pid]), time.process_time()
        with cursor.copy(f"COPY signals_event ({COLUMNS}) FROM STDIN") as copy:
            for start in range(0, len(rows), 1 << 16):
                copy.write(bytes(rows[start : start + (1 << 16)]))
        return cpu_of([stage.postgres_pid]) - before + time.process_time() - own


@contextmanager
def _emptied(stage: Stage) -> Iterator[None]:
    """The event table empty, and as it was afterwards."""
    stage.sql("CREATE TABLE bench_kept AS SELECT * FROM signals_event")
    stage.sql("TRUNCATE signals_event")
    try:
        yield
    finally:
        stage.sql("TRUNCATE signals_event")
        stage.sql("INSERT INTO signals_event SELECT * FROM bench_kept")
        stage.sql("DROP TABLE bench_kept")
