"""Event to queue while 500 events a second flow in: a raised hand on the right rep's queue, a tier crossed."""

import http.client
import itertools
import json
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bench.figures import figure, percentile
from bench.stage import Stage

KEY, RATE, AT_ONCE, SECONDS, WARM_UP = "wk_latency", 500, 10, 30, 8
PATIENCE = 20.0  # seconds until one counts as never arrived
EVERYDAY = ["Item Created", "Timeline Viewed", "Dashboard Opened", "Doc Edited"]
# People of accounts who are known, with their workspace; for crossings: accounts one limit short of the threshold.
ASKERS = """
SELECT DISTINCT ON (a.account_id) a.account_id, i.value, w.external_id, o.rep_id
FROM accounts_actor a JOIN accounts_identity i ON i.person_id = a.profile_id AND i.kind = 1
JOIN accounts_workspace w ON w.id = a.workspace_id
JOIN accounts_assignment o ON o.account_id = a.account_id AND o.ended_at IS NULL
WHERE NOT EXISTS (SELECT 1 FROM outreach_queueitem q WHERE q.account_id = a.account_id AND q.state = 'open')
ORDER BY a.account_id
"""
NEARLY = """
SELECT DISTINCT ON (s.account_id) s.account_id, i.value, w.external_id
FROM signals_score s JOIN signals_scoringmodel m ON m.id = s.scoring_model_id AND m.kind = 'pql'
JOIN accounts_actor a ON a.account_id = s.account_id
JOIN accounts_identity i ON i.person_id = a.profile_id AND i.kind = 1
JOIN accounts_workspace w ON w.id = a.workspace_id
WHERE s.points BETWEEN 35 AND 64 AND s.breakdown @> '[{"slug": "free-limit", "held": false}]'
ORDER BY s.account_id
"""
HAND = """
SELECT 1 FROM outreach_queueitem q JOIN outreach_play p ON p.id = q.play_id AND p.on_hand_raise
WHERE q.account_id = %s AND q.rep_id = %s AND q.state = 'open'
"""
CROSSED = "SELECT 1 FROM signals_moment WHERE account_id = %s AND kind = 'tier' AND at > %s"


@dataclass(slots=True)
class Samples:
    """Seconds from before the call to when the row could be seen; `lost` never came."""

    seconds: list[float] = field(default_factory=list)
    lost: int = 0


def run(stage: Stage) -> None:
    _fill(stage)
    askers, nearly = stage.rows(ASKERS), stage.rows(NEARLY)
    with ExitStack() as running:
        web = running.enter_context(stage.web())
        for role in (["worker", "--concurrency", "2"], ["beat", "--schedule", "/tmp/plgcrm-bench-beat"]):  # noqa: S108
            command = [sys.executable, "-m", "celery", "-A", "plgcrm.celery", *role, "--loglevel", "WARNING"]
            running.enter_context(stage.process(*command))
        flow = running.enter_context(_flowing(web.port, stage.rows(ASKERS.replace("DISTINCT ON (a.account_id) ", ""))))
        time.sleep(WARM_UP)
        hands, crossings = Samples(), Samples()
        _every_second(
            [
                (hands, "Demo Requested", askers, lambda row, _: bool(stage.rows(HAND, [row[0], row[3]]))),
                (crossings, "Limit Hit", nearly, lambda row, at: bool(stage.rows(CROSSED, [row[0], at]))),
            ],
            web.port,
        )
    _print(hands, crossings, flow)


def _fill(stage: Stage) -> None:
    from django.contrib.auth.models import User

    from outreach.models import Rep, Team
    from plgcrm.sample.load import SOURCE, load_sample

    stage.empty()
    for i, team in enumerate(Team.objects.all()):
        user, _ = User.objects.get_or_create(username=f"bench-rep-{i}")
        Rep.objects.get_or_create(user=user, defaults={"team": team, "capacity": 1000})
    stage.source(SOURCE, KEY)
    load_sample(companies=600, quiet=True)


_ids = itertools.count()


def _message(user: str, workspace: str, event: str) -> dict[str, Any]:
    return {
        "type": "track",
        "messageId": f"latency-{next(_ids)}",
        "userId": user,
        "event": event,
        "context": {"groupId": workspace},
        "properties": {"message": "Could you show us the audit log?"},
        "timestamp": datetime.now(UTC).isoformat(),
    }


def _post(connection: http.client.HTTPConnection, messages: list[dict[str, Any]]) -> None:
    connection.request("POST", "/v1/batch", json.dumps({"batch": messages}), {"X-Write-Key": KEY})
    answer = connection.getresponse()
    answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{answer.status}")


@contextmanager
def _flowing(port: int, people: list[tuple[Any, ...]]) -> Iterator[list[float]]:
    """An open loop: batches leave on time, whatever the answers take. Gives how long each answer took."""
    took: list[float] = []
    stop = threading.Event()

    def send() -> None:
        chance, connection = random.Random(1), http.client.HTTPConnection("127.0.0.1", port)
        due = time.perf_counter()
        while not stop.is_set():
            chosen = (people[int(len(people) * chance.random() ** 2)] for _ in range(AT_ONCE))
            batch = [_message(row[1], row[2], chance.choice(EVERYDAY)) for row in chosen]
            _post(connection, batch)
            took.append(time.perf_counter() - due)  # from when it should have left
            due += AT_ONCE / RATE
            stop.wait(max(0.0, due - time.perf_counter()))

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield took
    finally:
        stop.set()
        thread.join()


Probe = tuple[Samples, str, list[tuple[Any, ...]], Callable[[tuple[Any, ...], datetime], bool]]


def _every_second(probes: list[Probe], port: int) -> None:
    connection, started = http.client.HTTPConnection("127.0.0.1", port), time.perf_counter()
    for turn in range(SECONDS):
        time.sleep(max(0.0, started + turn - time.perf_counter()))
        for samples, event, rows, is_there in probes:
            if turn < len(rows):
                _probe(samples, connection, event, rows[-1 - turn], is_there)


def _probe(
    samples: Samples,
    connection: http.client.HTTPConnection,
    event: str,
    row: tuple[Any, ...],
    is_there: Callable[[tuple[Any, ...], datetime], bool],
) -> None:
    at, started = datetime.now(UTC), time.perf_counter()
    _post(connection, [_message(row[1], row[2], event)])
    while not is_there(row, at):
        if time.perf_counter() - started > PATIENCE:
            samples.lost += 1
            return
        time.sleep(0.01)
    samples.seconds.append(time.perf_counter() - started)


def _print(hands: Samples, crossings: Samples, took: list[float]) -> None:
    for name, samples, goal in (("hand_raise", hands, 1.0), ("crossing", crossings, 2.0)):
        if samples.seconds:
            more = {"samples": len(samples.seconds), "lost": samples.lost}
            figure(f"{name}_p95_s", [percentile(samples.seconds, 0.95)], "s", goal, **more)
            figure(f"{name}_p50_s", [percentile(samples.seconds, 0.5)], "s", None)
    figure("answer_p95_ms", [percentile(took, 0.95) * 1000], "ms", None, events=len(took) * AT_ONCE)
