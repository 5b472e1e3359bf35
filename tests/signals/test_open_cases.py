"""Cases that were opened and not closed: from messages in any order to whom a rule holds for."""

import json
from itertools import permutations
from typing import Any

import pytest
from django.db import transaction

from plgcrm.common.cache import forget_all
from plgcrm.common.sql import rows
from signals.ingest import receive
from signals.ingest.wire import parse
from signals.models import CaseUsage
from signals.scoring.what_if import matching_accounts
from signals.vocabulary import definitions
from signals.vocabulary.meanings import say_all
from tests.conftest import T0, Send, add_signal, identify, track

pytestmark = pytest.mark.django_db
OPENED = {"any": [{"kinds": ["track"], "names": ["Ticket Opened"]}]}
SOLVED = {"any": [{"kinds": ["track"], "names": ["Ticket Solved"]}]}


@pytest.fixture
def tickets(source: receive.SourceRef) -> receive.SourceRef:
    """Two signals whose events say which ticket they are about, and two people of one company."""
    add_signal("ticket-opened", OPENED)
    add_signal("ticket-solved", SOLVED)
    say_all([(f"property:{signal}.ticket", {"paths": ["id"]}) for signal in ("ticket-opened", "ticket-solved")])
    definitions.count_all_history()
    return source


def take(source: receive.SourceRef, *batch: dict[str, Any]) -> None:
    receive.receive(source, parse(json.dumps({"batch": list(batch)}).encode(), None, T0), T0)


def opened(ticket: Any, days: float, user: str = "ann") -> dict[str, Any]:
    return track(user, "Ticket Opened", days=days, properties={"id": ticket})


def solved(ticket: Any, days: float, user: str = "ann") -> dict[str, Any]:
    return track(user, "Ticket Solved", days=days, properties={"id": ticket})


def open_cases(days: int | None = None) -> int:
    measure = {
        "kind": "open_cases",
        "signals": ["ticket-opened"],
        "closing": ["ticket-solved"],
        "property": "ticket",
        "days": days,
    }
    counts = range(5)
    return next(n for n in counts if matching_accounts({"measure": measure, "op": "=", "value": n}, now=T0).count)


PEOPLE = (identify("ann", "ann@acme.com", days=90), identify("bo", "bo@acme.com", days=90))


def test_a_ticket_that_was_opened_is_open_until_it_is_solved(tickets: receive.SourceRef) -> None:
    take(tickets, *PEOPLE, opened(1, 20), solved(1, 19), opened(17, 9), opened("18", 5), opened(19, 4))
    assert open_cases() == 3
    take(tickets, solved("17", 3, "bo"), solved(19, 3))
    assert (open_cases(), open_cases(5), open_cases(6)) == (1, 0, 1)
    take(tickets, opened(17, 1))
    assert (open_cases(), open_cases(2)) == (2, 1)


def test_where_nothing_was_ever_solved_nobody_knows_what_is_open(tickets: receive.SourceRef) -> None:
    take(tickets, *PEOPLE, opened(17, 9))
    signals = {"signals": ["ticket-opened"], "closing": ["ticket-solved"], "property": "ticket"}
    assert matching_accounts({"measure": {"kind": "open_cases"} | signals, "op": "unknown"}, now=T0).count == 1


def test_any_order_and_repetition_leaves_the_same_open(tickets: receive.SourceRef) -> None:
    made = [opened(1, 3), solved(1, 2), opened(1, 1), opened(2, 2), solved(2, 1)]
    found = set()
    for order in permutations(made):
        forget_all()
        with transaction.atomic():
            take(tickets, *PEOPLE, *order[:2])
            take(tickets, *order[1:])
            kept = rows('SELECT day, property, "case", last_at FROM signals_caseusage ORDER BY 1, 3, 4')
            found.add((open_cases(), str(kept)))
            transaction.set_rollback(True)
    assert [count for count, _ in found] == [1]


def test_of_the_history_the_same_cases_are_kept_and_a_retired_meaning_keeps_none(
    tickets: receive.SourceRef, send: Send
) -> None:
    take(tickets, *PEOPLE, opened(1, 3), solved(1, 2), opened(2, 1))
    kept = 'SELECT actor_id, day, property, "case", last_at FROM signals_caseusage ORDER BY 2, 3, 4'
    before = rows(kept)
    definitions.rebuild_usage(T0.replace(year=2020), T0.replace(year=2030))
    assert rows(kept) == before
    for slug, matches in (("ticket-opened", OPENED), ("ticket-solved", SOLVED)):
        definitions.define(definitions.Signal.objects.get(slug=slug), matches)
    definitions.count_all_history()
    definitions.retire_usage()
    assert rows(kept) == before


@pytest.mark.parametrize("ticket", [None, "", " ", True, [1], {"a": 1}])
def test_an_event_that_says_no_case_belongs_to_none(tickets: receive.SourceRef, ticket: Any) -> None:
    take(tickets, *PEOPLE, opened(ticket, 1))
    assert not CaseUsage.objects.exists()


def test_another_company_closes_nobody_elses_case(tickets: receive.SourceRef) -> None:
    take(tickets, *PEOPLE, identify("di", "di@beta.com", days=90), opened(1, 2), solved(1, 1, "di"))
    assert (
        matching_accounts(
            {
                "measure": {
                    "kind": "open_cases",
                    "signals": ["ticket-opened"],
                    "closing": ["ticket-solved"],
                    "property": "ticket",
                },
                "op": ">=",
                "value": 1,
            },
            now=T0,
        ).count
        == 1
    )
