"""A real, late stream in order of arrival: what was scored on ten nights is what as-we-knew history says of them.

Needs the stream `nova_events.csv.gz`, which is not part of the product, as tests/flows/test_real_stream.py does.
"""

import csv
import gzip
from collections import defaultdict
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
import time_machine

from accounts.models import Account
from accounts.shipped import ensure_exclusions
from plgcrm.common.known import as_known_on
from signals.ingest.receive import SourceRef
from signals.measures_load import AccountSelection, day_number
from signals.models import LateUsage, Score
from signals.scoring.history import Clock, score_histories
from signals.scoring.live import live
from signals.scoring.measure import ScoredDays, measure_accounts
from signals.scoring.run import sweep
from signals.vocabulary.applied import heard_by
from tests.flows.test_real_stream import STREAM
from tests.signals.test_second_clock import make_model, take

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not STREAM.exists(), reason="the streams are not part of the product"),
]
NIGHTS, PAGES = 10, 12
Message = dict[str, Any]


def rule(value: float, kind: str, **more: Any) -> dict[str, Any]:
    return {"measure": {"kind": kind} | more, "op": ">=", "value": value}


CRITERIA: list[tuple[dict[str, Any], int | None]] = [
    (rule(2, "people", days=30), None),
    (rule(5, "count", days=7), None),
    (rule(3, "active_days", days=14), 7),
    (rule(1.2, "growth", days=30, of="count", floor=3), None),
    (rule(200, "age_days"), None),
    (rule(3, "members"), None),
    (rule(90, "days_since_first"), None),
    (rule(2, "new_members", days=60), 30),
    (rule(3, "longest_streak", days=90), None),
    (rule(2, "people_times", times=5, days=90), None),
]


def arrivals() -> dict[date, list[Message]]:
    """By day of arrival what arrived, in order; a person's first event brings the address."""
    days: dict[date, list[Message]] = defaultdict(list)
    seen = set[str]()
    with gzip.open(STREAM, "rt", encoding="utf8") as stream:
        for row in csv.DictReader(stream):
            day = datetime.fromisoformat(row["received_ts"]).astimezone(UTC).date()
            said = {"userId": row["person"], "timestamp": row["ts"] or row["received_ts"]}
            if row["person"] not in seen:
                seen.add(row["person"])
                email = {"email": f"{row['person']}@{row['domain']}"}
                days[day].append(said | {"type": "identify", "traits": email, "messageId": f"id_{row['message_id']}"})
            days[day].append(said | {"type": "track", "event": row["event"], "messageId": row["message_id"]})
    return days


def night_of(day: date) -> datetime:
    return datetime.combine(day, time(23), UTC)


def live_through(source: SourceRef, days: dict[date, list[Message]], nights: list[date]) -> dict[date, dict[int, int]]:
    """What was stored on each of the nights."""
    found = {}
    for day in sorted({*days, *nights}):
        with time_machine.travel(night_of(day), tick=False):
            for start in range(0, len(days.get(day, [])), 500):
                take(source, days[day][start : start + 500], night_of(day))
            if day in nights:
                sweep(night_of(day))
                found[day] = dict(Score.objects.filter(person=None).values_list("account", "points"))
    return found


def scored_as_known(day: date) -> dict[int, int]:
    """Every company scored by what was known that evening."""
    accounts = AccountSelection.some(Account.objects.values_list("pk", flat=True))
    current, days = live(), ScoredDays.only(day_number(day), lookback=live().lookback)
    with as_known_on(day):
        vocabulary = heard_by(current.vocabulary, day)
        measured = measure_accounts(accounts, [], days, vocabulary, models=["pql"])
    return dict(zip(accounts.ids.tolist(), measured.results["pql"].points[:, -1].tolist(), strict=True))


@pytest.mark.django_db
def test_ten_nights_of_a_real_stream_are_scored_again_as_they_were(source: SourceRef) -> None:
    ensure_exclusions()
    make_model("pql", CRITERIA)
    days = arrivals()
    every = sorted(days)
    nights = [every[len(every) * place // NIGHTS - 1] for place in range(1, NIGHTS + 1)]
    stored = live_through(source, days, nights)
    assert sum(LateUsage.objects.values_list("count", flat=True)) > 5_000
    for night in nights:
        known = scored_as_known(night)
        assert {account: known[account] for account in stored[night]} == stored[night]
    differing = 0
    for account in _busiest(stored[nights[-1]]):
        for night in nights:
            histories = [score_histories(account, now=night_of(night), days=30, clock=clock)[0] for clock in Clock]
            assert histories[0].points[-1] == stored[night].get(account, 0)
            differing += histories[0].points != histories[1].points
    assert differing  # the two clocks do not say the same of this stream


def _busiest(points: dict[int, int]) -> list[int]:
    return sorted(points, key=lambda account: (-points[account], account))[:PAGES]
