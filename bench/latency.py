"""From an event sent over HTTP to the item on a rep's queue, while 500 events a second flow in.

Everything runs as the demo starts it: web, one worker, beat. The sender keeps to its timetable whatever the answers
take. A time runs from just before the POST until the row is there, looked up every 10 ms.
"""

import http.client
import json
import random
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.figures import cpu_of, figure, percentile
from bench.stage import ROOT, Stage
from bench.world import make_reps
from plgcrm.common.sql import queries

SQL = queries("bench/latency.sql")
KEY = "wk_bench"
SECONDS, WARM_UP = 30, 6
BATCH, PERIOD = 10, 0.02  # 500 events a second
SENDERS = 4
SAMPLES = SECONDS  # one of each kind a second
COMPANIES, PEOPLE = 600, 4
EVERYDAY = ["Item Created", "Timeline Viewed", "Dashboard Opened", "Board Created", "Invite Sent", "Doc Edited"]
# What puts an account one hit of a limit (30 points) short of the 65 that qualify.
NEARLY = ["Onboarding Completed", "Integration Connected", *["Item Created"] * 10]
REPS = 6

Json = dict[str, Any]


@dataclass
class Samples:
    """Of one kind: when each was sent, and when it was seen."""

    query: str
    expected: dict[int, int]  # account -> the rep who must have it
    sent: dict[int, float] = field(default_factory=dict)
    seen: dict[int, float] = field(default_factory=dict)

    @property
    def waiting(self) -> list[int]:
        return [account for account in list(self.sent) if account not in self.seen]

    def took(self) -> list[float]:
        """A sample that was never seen counts as long as we looked for it."""
        now = time.perf_counter()
        return [self.seen.get(account, now) - sent for account, sent in self.sent.items()]


def run(stage: Stage) -> None:
    stage.empty()
    hands, crossings = _prepare(stage)
    with _services(stage) as (port, roots):
        traffic = _Traffic(port)
        before = cpu_of(roots)
        with _watching(stage, [hands, crossings]):
            _send_all(port, traffic, hands, crossings)
            _wait_until(lambda: not (hands.waiting or crossings.waiting), 10)
        cpu = cpu_of(roots) - before
    _tell(hands, crossings, traffic, cpu)
    stage.empty()


def _tell(hands: Samples, crossings: Samples, traffic: "_Traffic", cpu: float) -> None:
    for name, samples, goal in (("hand_raise_p95_s", hands, 1), ("crossing_p95_s", crossings, 2)):
        took = samples.took()
        more = {"p50": round(percentile(took, 0.5), 3), "most": round(max(took), 3), "samples": len(took)}
        figure(name, [percentile(took, 0.95)], "s", goal, unseen=len(samples.waiting), **more)
    answers = {"p50_ms": round(1000 * percentile(traffic.took, 0.5), 1), "refused": traffic.refused}
    seconds = WARM_UP + SECONDS
    figure("latency_answer_p95_ms", [1000 * percentile(traffic.took, 0.95)], "ms", None, **answers)
    sent = {"cpu_us_per_event": round(1e6 * cpu / max(traffic.sent, 1))}
    figure("latency_events_per_second", [traffic.sent / seconds], "1/s", BATCH / PERIOD, **sent)


# --- The world before ------------------------------------------------------------------------------------


def _prepare(stage: Stage) -> tuple[Samples, Samples]:
    """Companies known for two months, all owned; some of them nearly qualified."""
    from django.utils import timezone

    from outreach.plays import decide
    from signals.scoring.run import sweep

    source = stage.source("bench", KEY)
    reps = [rep.pk for rep in make_reps(stage, REPS)]
    _take_in(source, list(_history()))
    stage.sql(SQL["own_all"], {"reps": reps})
    stage.sql("ANALYZE")
    sweep(timezone.now())
    stage.sql("TRUNCATE accounts_dirtymark")
    while any(decide.decide(timezone.now()).values()):
        pass
    stage.settle()
    owners = dict(stage.rows(SQL["owners"]))
    return Samples(SQL["hands_seen"], _part(owners, 0)), Samples(SQL["crossings_seen"], _part(owners, SAMPLES))


def _part(owners: dict[int, int], start: int) -> dict[int, int]:
    """The companies with these numbers, as accounts."""
    from accounts.models import Account

    domains = [f"latency-company-{number}.com" for number in range(start, start + SAMPLES)]
    accounts = dict(Account.objects.filter(domain__in=domains).values_list("domain", "pk"))
    return {accounts[domain]: owners[accounts[domain]] for domain in domains}


def _history() -> Iterator[Json]:
    begun = datetime.now(UTC) - timedelta(days=60)
    for company in range(COMPANIES):
        for person in range(PEOPLE):
            user = company * PEOPLE + person
            said = {"userId": f"user-{user}", "timestamp": (begun + timedelta(seconds=user)).isoformat()}
            traits = {"email": f"person{user}@latency-company-{company}.com", "firstName": "Ada", "lastName": "Weir"}
            yield said | {"type": "identify", "messageId": f"i-{user}", "traits": traits}
            yield said | {
                "type": "group",
                "messageId": f"g-{user}",
                "groupId": f"w{company}",
                "traits": {"plan": "free"},
            }
            yield said | _event(user, "Signed Up", f"s-{user}")
        if SAMPLES <= company < 2 * SAMPLES:
            yield from _nearly_qualified(company)


def _nearly_qualified(company: int) -> Iterator[Json]:
    recent = datetime.now(UTC) - timedelta(days=3)
    for place, name in enumerate(NEARLY):
        at = {"timestamp": (recent + timedelta(minutes=place)).isoformat()}
        yield _event(company * PEOPLE, name, f"n-{company}-{place}") | at


def _event(user: int, name: str, message_id: str, **properties: Any) -> Json:
    return {
        "type": "track",
        "messageId": message_id,
        "userId": f"user-{user}",
        "event": name,
        "properties": properties,
        "context": {"groupId": f"w{user // PEOPLE}"},
    }


def _take_in(source: Any, messages: list[Json]) -> None:
    """As an import does: each message arrived when it happened."""
    from signals.ingest.receive import SourceRef, receive
    from signals.ingest.wire import parse

    for start in range(0, len(messages), 1000):
        part = messages[start : start + 1000]
        arrived = [datetime.fromisoformat(message["timestamp"]) for message in part]
        parsed = parse(json.dumps({"batch": part}).encode(), None, max(arrived))
        receive(SourceRef(source.pk, source.name), parsed, max(arrived), received_each=arrived)


# --- The services ----------------------------------------------------------------------------------------


@contextmanager
def _services(stage: Stage) -> Iterator[tuple[int, list[int]]]:
    """Web, worker and beat of the demo; the port, and the processes that do the work."""
    from plgcrm.demo import children
    from plgcrm.demo.services.ports import free_port
    from plgcrm.demo.services.processes import stop_all
    from plgcrm.demo.state import State

    state, port, started = State(ROOT / ".plgcrm" / "bench" / "latency"), free_port(), []
    url = f"http://127.0.0.1:{port}"
    environment = children.environment(state, url, stage.environment)
    try:
        started = [children.web(state, environment, port), children.worker(state, environment)]
        started.append(children.beat(state, environment))
        children.until_web_is_ready(started[0], url)
        children.until_worker_is_ready(started[1], state)
        yield port, [stage.postgres_pid, *(child.process.pid for child in started)]
    finally:
        stop_all(started)
        shutil.rmtree(state.directory, ignore_errors=True)


# --- Sending ---------------------------------------------------------------------------------------------


class _Traffic:
    """Everyday events at an even pace, in as many connections as it takes."""

    def __init__(self, port: int) -> None:
        self.took: list[float] = []  # from when a batch was due
        self.sent = self.refused = 0
        self._port = port
        self._lock = threading.Lock()

    def send(self, began: float, sender: int) -> None:
        """Every batch of this sender, when it is due."""
        chance, connection = random.Random(sender), http.client.HTTPConnection("127.0.0.1", self._port)
        for number in range(sender, int((WARM_UP + SECONDS) / PERIOD), SENDERS):
            due = began + number * PERIOD
            body = json.dumps({"batch": [_everyday(chance, f"{number}-{i}") for i in range(BATCH)]})
            time.sleep(max(0.0, due - time.perf_counter()))
            accepted = _post(connection, "/v1/batch", body)
            self._note(time.perf_counter() - due, accepted)

    def _note(self, took: float, accepted: bool) -> None:
        with self._lock:
            self.took.append(took)
            self.sent += BATCH if accepted else 0
            self.refused += 0 if accepted else 1


def _everyday(chance: random.Random, message_id: str) -> Json:
    """Of anybody but the people of the samples; some come much more often than others."""
    others = (COMPANIES - 2 * SAMPLES) * PEOPLE
    user = 2 * SAMPLES * PEOPLE + int(others * chance.random() ** 2)
    said = _event(user, chance.choice(EVERYDAY), f"e-{message_id}", board=f"Board {chance.randrange(50)}", source="web")
    return said | {"timestamp": datetime.now(UTC).isoformat()}


def _send_all(port: int, traffic: _Traffic, hands: Samples, crossings: Samples) -> None:
    began = time.perf_counter()
    asked = {"message": "Can somebody show us the reports?"}
    work: list[tuple[Callable[..., None], tuple[Any, ...]]] = [
        *((traffic.send, (began, sender)) for sender in range(SENDERS)),
        (_send_samples, (port, hands, 0, began + WARM_UP, "Demo Requested", asked)),
        (_send_samples, (port, crossings, SAMPLES, began + WARM_UP + 0.5, "Limit Hit", {"limit": "boards"})),
    ]
    threads = [threading.Thread(target=target, args=args) for target, args in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _send_samples(port: int, samples: Samples, company: int, began: float, name: str, properties: Json) -> None:
    """One a second, each from another company."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    for place, account in enumerate(samples.expected):
        body = json.dumps(_event((company + place) * PEOPLE, name, f"{name}-{place}", **properties))
        time.sleep(max(0.0, began + place - time.perf_counter()))
        samples.sent[account] = time.perf_counter()
        if not _post(connection, "/v1/track", body):
            raise RuntimeError(f"{name} was not taken.")


def _post(connection: http.client.HTTPConnection, path: str, body: str) -> bool:
    connection.request("POST", path, body, {"Content-Type": "application/json", "X-Write-Key": KEY})
    answer = connection.getresponse()
    answer.read()
    return answer.status == 200


# --- Watching --------------------------------------------------------------------------------------------


@contextmanager
def _watching(stage: Stage, kinds: list[Samples]) -> Iterator[None]:
    ended = threading.Event()
    thread = threading.Thread(target=_watch, args=(stage.environment["DATABASE_URL"], kinds, ended))
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _watch(database_url: str, kinds: list[Samples], ended: threading.Event) -> None:
    import psycopg

    with psycopg.connect(database_url, autocommit=True) as connection:
        while not ended.wait(0.01):
            for samples in kinds:
                if waiting := samples.waiting:
                    found = connection.execute(samples.query, {"accounts": waiting}).fetchall()
                    _note_seen(samples, found, time.perf_counter())


def _note_seen(samples: Samples, found: list[tuple[int, int | None]], now: float) -> None:
    for account, rep in found:
        if rep == samples.expected[account]:
            samples.seen[account] = now


def _wait_until(done: Callable[[], bool], seconds: float) -> None:
    deadline = time.perf_counter() + seconds
    while not done() and time.perf_counter() < deadline:
        time.sleep(0.05)
