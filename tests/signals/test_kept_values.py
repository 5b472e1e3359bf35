"""Numbers of properties kept beside usage: exactly once, whatever the order; and what is measured of them."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plgcrm.common.cache import forget_all
from plgcrm.common.sql import rows
from signals.ingest import receive
from signals.ingest.wire import parse
from signals.models import PropertyMeaning, Signal, ValueUsage
from signals.rules.amounts import amount_in
from signals.scoring.what_if import matching_accounts
from signals.vocabulary import definitions
from signals.vocabulary.meanings import say_all
from tests.conftest import T0, Send, add_signal, identify, track

pytestmark = pytest.mark.django_db
PAID = {"any": [{"kinds": ["track"], "names": ["Invoice Paid"]}]}
KEPT = """
SELECT i.value, v.day, v.property, v.events, v.readable, v.total, v.largest, v.last_at, v.last
FROM signals_valueusage v JOIN accounts_actor a ON a.id = v.actor_id
JOIN accounts_identity i ON i.person_id = a.profile_id AND i.kind = 1 ORDER BY 1, 2, 3
"""


@pytest.fixture
def paid(source: Any) -> Signal:
    """A signal whose amounts are kept from its first event on."""
    signal = add_signal("invoice-paid", PAID)
    PropertyMeaning.objects.create(signal=signal, slug="amount", paths=["total", "amount"])
    PropertyMeaning.objects.create(signal=signal, slug="currency", paths=["currency"])
    definitions.follow_properties(signal)
    definitions.count_all_history()
    return signal


def invoice(user: str = "ann", days: float = 0, **properties: Any) -> dict[str, Any]:
    return track(user, "Invoice Paid", days=days, properties=properties)


amounts = st.one_of(st.sampled_from([0.1, 0.2, "1,200", "$5", -3, "none", None, 10**12]), st.integers(0, 9))
events = st.lists(st.tuples(st.sampled_from(["ann", "bo"]), st.integers(0, 3), amounts), min_size=1, max_size=9)


@st.composite
def deliveries(draw: Any) -> tuple[list[dict[str, Any]], list[list[dict[str, Any]]]]:
    """Messages in the order they happened, two at a time; and in batches of any order with repetitions."""
    made = [invoice(user, days=hours / 24, amount=amount) for user, hours, amount in draw(events)]
    mixed = draw(st.permutations([*made, *draw(st.lists(st.sampled_from(made), max_size=4))]))
    cuts = sorted(draw(st.lists(st.integers(0, len(mixed)), max_size=2)))
    return made, [mixed[start:end] for start, end in zip([0, *cuts], [*cuts, len(mixed)], strict=True)]


def naive(messages: list[dict[str, Any]]) -> dict[str, tuple[int, int, Decimal]]:
    found: dict[str, tuple[int, int, Decimal]] = {}
    for message in messages:
        amount = amount_in(message["properties"]["amount"])
        events, readable, total = found.get(message["userId"], (0, 0, Decimal(0)))
        found[message["userId"]] = (events + 1, readable + (amount is not None), total + (amount or 0))
    return found


@given(delivery=deliveries())
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_any_order_repetition_and_delay_keeps_the_same_values(
    paid: Signal, source: receive.SourceRef, delivery: tuple[list[dict[str, Any]], list[list[dict[str, Any]]]]
) -> None:
    made, batches = delivery
    in_order, _ = kept_of(source, [[message] for message in made])
    mixed, rebuilt = kept_of(source, batches)
    assert in_order == mixed == rebuilt
    assert totals(in_order) == naive(made)


def kept_of(source: receive.SourceRef, batches: list[list[dict[str, Any]]]) -> tuple[list[Any], list[Any]]:
    """What these batches leave, and what counting again from their events leaves; rolled back afterwards."""
    forget_all()
    with transaction.atomic():
        for batch in batches:
            take(source, batch)
        kept = rows(KEPT)
        definitions.rebuild_usage(T0 - timedelta(days=9), T0 + timedelta(days=9))
        again = rows(KEPT)
        transaction.set_rollback(True)
    forget_all()
    return kept, again


def totals(kept: list[Any]) -> dict[str, tuple[int, int, Decimal]]:
    found: dict[str, tuple[int, int, Decimal]] = {}
    for user, _, _, events, readable, total, *_ in kept:
        before = found.get(user, (0, 0, Decimal(0)))
        found[user] = (before[0] + events, before[1] + readable, before[2] + total)
    return found


def take(source: receive.SourceRef, batch: list[dict[str, Any]]) -> None:
    receive.receive(source, parse(json.dumps({"batch": batch}).encode(), None, T0), T0)


def test_of_the_history_the_same_is_kept_as_of_what_arrives(source: Any, send: Send) -> None:
    signal = add_signal("invoice-paid", PAID)
    send(identify("ann", "ann@acme.com"), invoice(days=2, amount="1,200"), invoice(days=2, amount=0.1))
    assert not ValueUsage.objects.exists()
    PropertyMeaning.objects.create(signal=signal, slug="amount", paths=["amount"])
    assert definitions.follow_properties(signal) is not None
    definitions.forget_matcher()
    send(invoice(days=2, amount=0.2))  # counted as it arrives, and not once more with the history
    definitions.count_all_history()
    assert ValueUsage.objects.get().total == Decimal("1200.3")
    assert definitions.follow_properties(signal) is None


def test_a_property_that_means_no_number_keeps_nothing(paid: Signal, send: Send) -> None:
    assert definitions.values_to_keep(paid)["amount"]["paths"] == ["total", "amount"]
    send(invoice(amount=5, currency="EUR"))
    assert [kept.property for kept in ValueUsage.objects.all()] == ["amount"]


def test_cents_and_another_currency_are_read_as_the_vocabulary_says(source: Any, send: Send, settings: Any) -> None:
    settings.CURRENCY = "EUR"
    signal = add_signal("invoice-paid", PAID)
    amount = {"paths": ["amount"], "options": {"cents": True}}
    say_all([("property:invoice-paid.amount", amount), ("property:invoice-paid.currency", {"paths": ["currency"]})])
    definitions.count_all_history()
    send(invoice(amount=1250), invoice(amount=300, currency="EUR"), invoice(amount=300, currency="USD"))
    [kept] = ValueUsage.objects.filter(definition__signal=signal)
    assert (kept.events, kept.readable, kept.total) == (3, 2, Decimal("15.5"))


def test_values_of_a_meaning_that_no_longer_counts_are_removed(paid: Signal, send: Send) -> None:
    send(invoice(amount=5))
    definitions.define(paid, PAID)
    definitions.count_all_history()
    assert ValueUsage.objects.count() == 2
    definitions.retire_usage()
    assert ValueUsage.objects.count() == 1


def test_values_need_an_event(paid: Signal, send: Send) -> None:
    send(invoice(amount=5))
    with pytest.raises(IntegrityError, match="value_usage_counts_events"):
        ValueUsage.objects.update(readable=2)


@pytest.fixture
def invoices(paid: Signal, send: Send) -> None:
    """Acme paid 100 and 250 before, then 200, 0.1 and 300; the day before yesterday twice, by two people."""
    send(identify("ann", "ann@acme.com", days=90), identify("bo", "bo@acme.com", days=90))
    for user, days, amount in [
        ("ann", 50, 100),
        ("bo", 40, 250),
        ("ann", 20, "200"),
        ("bo", 2.2, 0.1),
        ("ann", 2.1, 300),
    ]:
        send(invoice(user, days=days, amount=amount))


def holds(kind: str, op: str, value: float | None = None, *, days: int | None = None) -> bool:
    measure = {"kind": kind, "signals": ["invoice-paid"], "property": "amount", "days": days}
    rule = {"measure": measure, "op": op} | ({} if value is None else {"value": value})
    return matching_accounts(rule, now=T0).count == 1


@pytest.mark.parametrize(
    ("kind", "days", "value"),
    [
        ("sum_of", None, 850.1),
        ("sum_of", 30, 500.1),
        ("sum_of", 1, 0),
        ("largest_of", 30, 300),
        ("largest_of", None, 300),
        ("last_of", None, 300),
        ("last_of", 30, 300),
        ("sum_growth", 30, 150.1 / 350),
    ],
)
def test_amounts_are_measured_as_a_hand_would_count(invoices: None, kind: str, days: int | None, value: float) -> None:
    assert holds(kind, "between", [value - 1e-9, value + 1e-9], days=days)  # type: ignore[arg-type]


def test_the_amount_that_came_last_is_the_last_though_another_arrived_later(invoices: None, send: Send) -> None:
    send(invoice("bo", days=30, amount=7))
    assert holds("last_of", "=", 300)
    send(invoice("bo", days=1, amount=8))
    assert holds("last_of", "=", 8)


@pytest.mark.parametrize("kind", ["sum_of", "largest_of", "last_of", "sum_growth"])
def test_one_amount_that_nobody_can_read_makes_them_unknown(invoices: None, send: Send, kind: str) -> None:
    assert not holds(kind, "unknown", days=30)
    send(invoice(days=1, amount="see attachment"))
    assert holds(kind, "unknown", days=30)


@pytest.mark.parametrize("kind", ["largest_of", "last_of", "sum_growth"])
def test_of_nothing_there_is_no_largest_no_last_and_no_growth(invoices: None, kind: str) -> None:
    assert holds(kind, "unknown", days=1)
