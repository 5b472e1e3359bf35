"""A real, dirty stream over HTTP, in order of arrival, checked against a count by hand.

Needs the stream `nova_events.csv.gz` and its replay script, which are not part of the product: PLGCRM_STREAMS names
their folder, else ../shared/data is looked at.
"""

import csv
import gzip
import json
import os
import subprocess
import sys
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from accounts.models import Account, Person
from accounts.rules.domains import Exclusions, parse_address
from accounts.shipped import ensure_exclusions
from plgcrm.common.sql import rows
from signals.ingest.receive import SourceRef
from signals.measures.engine import measure_columns
from signals.measures.need import Need
from signals.measures.specs import parse_spec
from signals.measures_load import AccountSelection, day_number, load_accounts
from signals.models import Event, FailedEvent, SignalDefinition, Usage

STREAMS = Path(os.environ.get("PLGCRM_STREAMS", Path(__file__).parents[3] / "shared" / "data"))
STREAM = STREAMS / "nova_events.csv.gz"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not STREAM.exists(), reason="the streams are not part of the product"),
]

PEOPLE_30 = parse_spec({"kind": "people", "days": 30})
GROWTH_7 = parse_spec({"kind": "growth", "days": 7, "of": "count", "floor": 1})
COUNT_7 = parse_spec({"kind": "count", "days": 7})
COUNT_14 = parse_spec({"kind": "count", "days": 14})
DAYS_30 = parse_spec({"kind": "active_days", "days": 30})
SPECS = [PEOPLE_30, GROWTH_7, COUNT_7, COUNT_14, DAYS_30]


def replay(url: str, *options: str) -> dict[str, Any]:
    command = [sys.executable, str(STREAMS / "replay.py"), str(STREAM), url, "--limit", "100000", *options]
    return dict(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def company_of(row: dict[str, str], exclusions: Exclusions) -> str | None:
    """Who an event of the file counts for, by hand: nobody for malformed, free, disposable and excluded mail."""
    if row["email_kind"] not in {"ok", "ok_upper"} or exclusions.match(f"{row['person']}@{row['domain']}"):
        return None
    address = parse_address(f"x@{row['domain']}")
    return address.domain if address.kind == "corporate" else None


def expected(exclusions: Exclusions) -> dict[str, list[tuple[date, str]]]:
    """company -> (day, person) of each event. A person is of the company of the first event, as in the replay."""
    by_company: dict[str, list[tuple[date, str]]] = defaultdict(list)
    home: dict[str, str | None] = {}
    with gzip.open(STREAM, "rt", encoding="utf8") as stream:
        for row in csv.DictReader(stream):
            company = home.setdefault(row["person"], company_of(row, exclusions))
            if company:
                day = datetime.fromisoformat(row["ts"] or row["received_ts"]).astimezone(UTC).date()
                by_company[company].append((day, row["person"]))
    return by_company


def by_hand(events: list[tuple[date, str]], day: date) -> tuple[int, int, int, int]:
    def within(days: int) -> list[tuple[date, str]]:
        return [event for event in events if day - timedelta(days=days) < event[0] <= day]

    month = within(30)
    return len({p for _, p in month}), len(within(7)), len(within(14)) - len(within(7)), len({d for d, _ in month})


@pytest.mark.django_db(transaction=True)
def test_a_whole_real_stream_counts_as_by_hand(source: SourceRef, live_server: Any) -> None:
    ensure_exclusions()
    told = replay(live_server.url, "--dup", "0.02")
    assert Event.objects.count() == told["distinct_message_ids"] == 65_068
    assert sum(Usage.objects.values_list("count", flat=True)) == told["track"] == 63_197
    assert Person.objects.filter(merged_into=None).count() == told["people"]
    assert not FailedEvent.objects.exists()
    exclusions = Exclusions.of(rows_of("SELECT pattern FROM accounts_exclusion"))
    companies = expected(exclusions)
    assert set(Account.objects.values_list("domain", flat=True)) == set(companies)
    assert "ibm.com" in companies
    assert not {"gmail.com", "us.ibm.com", "cn.ibm.com"} & set(companies)
    _same_measures(companies)


def rows_of(query: str) -> list[Any]:
    return [row[0] for row in rows(query)]


def _same_measures(companies: dict[str, list[tuple[date, str]]]) -> None:
    """On ten dates, for every account: people, events this week and the week before, active days."""
    domains = dict(Account.objects.values_list("pk", "domain"))
    scope = AccountSelection.some(domains)
    definitions = dict(SignalDefinition.objects.filter(state="current").values_list("signal__slug", "pk"))
    every_day = sorted({day for events in companies.values() for day, _ in events})
    for day in every_day[:: len(every_day) // 10][-10:]:
        number = day_number(day)
        frame = load_accounts(scope, Need.of(SPECS, number), definitions)
        columns = {key: c.numbers[:, 0] for key, c in measure_columns(frame, SPECS, number, number).items()}
        for place, account in enumerate(scope.ids.tolist()):
            people, week, before, active = by_hand(companies[domains[account] or ""], day)
            assert columns[PEOPLE_30.key][place] == people
            assert columns[COUNT_7.key][place] == week
            assert columns[COUNT_14.key][place] - week == before
            assert columns[DAYS_30.key][place] == active
            assert np.isclose(columns[GROWTH_7.key][place], (week - before) / max(before, 1))


@pytest.mark.django_db(transaction=True)
def test_late_events_end_in_the_same_state_as_events_in_order(source: SourceRef, send_lines: Any) -> None:
    in_arrival = dumped()
    send_lines(in_arrival)
    late = usage_by_user()
    from plgcrm.common.cache import forget_all

    for table in ("signals_event", "signals_usage", "accounts_actor", "accounts_identity", "accounts_person"):
        rows(f"TRUNCATE {table} CASCADE")
    forget_all()
    send_lines(sorted(in_arrival, key=lambda line: json.loads(line)["timestamp"]))
    assert usage_by_user() == late


def dumped() -> list[bytes]:
    path = Path(os.environ.get("TMPDIR", "/tmp")) / f"plgcrm-stream-{os.getpid()}.ndjson"  # noqa: S108
    try:
        replay("-", "--dump", str(path))
        return path.read_bytes().splitlines()
    finally:
        path.unlink(missing_ok=True)


def usage_by_user() -> list[tuple[Any, ...]]:
    return rows(
        "SELECT i.value, c.domain, u.day, sum(u.count)::int FROM signals_usage u"
        " JOIN accounts_actor a ON a.id = u.actor_id"
        " JOIN accounts_identity i ON i.person_id = a.profile_id AND i.kind = 1"
        " LEFT JOIN accounts_account c ON c.id = a.account_id GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
    )


@pytest.fixture
def send_lines(source: SourceRef) -> Any:
    from signals.ingest.receive import receive
    from signals.ingest.wire import parse

    def take(lines: list[bytes]) -> None:
        now = datetime.now(UTC)
        for start in range(0, len(lines), 1000):
            receive(source, parse(b'{"batch":[' + b",".join(lines[start : start + 1000]) + b"]}", None, now), now)

    return take
