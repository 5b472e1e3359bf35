import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.rules.priority import (
    DealFacts,
    DealFormula,
    History,
    Priority,
    chance,
    deal_size,
    possible_seats,
    prioritise,
    sla_class,
)

T0 = datetime(2026, 3, 11, 10, tzinfo=UTC)


def priority(days_waiting: float = 0, mrr: float | None = None, **history: int) -> Priority:
    created = T0 - timedelta(days=days_waiting)
    return prioritise(
        history=History(**history), prior=0.1, facts=DealFacts(mrr=mrr), created_at=created, formula=DealFormula()
    )


@pytest.mark.parametrize(
    ("hand_raised", "minutes", "expected"),
    [(True, 5, 0), (True, 960, 0), (False, 5, 1), (False, 480, 1), (False, 481, 2), (False, 960, 2)],
)
def test_hand_raises_come_first_then_what_is_due_within_a_day(hand_raised: bool, minutes: int, expected: int) -> None:
    assert sla_class(hand_raised=hand_raised, sla_minutes=minutes) == expected


@pytest.mark.parametrize(
    ("closed", "met", "expected"),
    [(0, 0, 0.1), (20, 0, 0.05), (20, 20, 0.55), (180, 18, 0.1), (10_000, 5_000, 0.4992)],
)
def test_chance_is_drawn_to_the_prior_while_there_is_little_history(closed: int, met: int, expected: float) -> None:
    assert chance(History(closed, met), 0.1) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(
    ("facts", "amount"),
    [
        (DealFacts(), 240),  # one person, twice as many may come
        (DealFacts(members=6), 1_440),
        (DealFacts(members=6, company_size=400), 3_600),  # five times as many
        (DealFacts(members=6, company_size=50), 1_200),  # a fifth of the company
        (DealFacts(members=30, company_size=50), 3_600),  # never fewer than are there
        (DealFacts(mrr=500, members=6), 6_000),
        (DealFacts(mrr=-5), 240),
    ],
)
def test_deal_size_is_what_they_pay_or_may_come_to_need(facts: DealFacts, amount: float) -> None:
    assert deal_size(facts, DealFormula()).amount == amount


def test_the_parts_are_the_sum_in_words() -> None:
    parts = priority(mrr=1_000, closed=20, met=6).parts()
    assert parts["formula"] == "20.0% chance x 12,000 a year = 2,400; doubles for every 7 days of waiting"
    assert parts["deal_words"] == "12 x 1,000 paid a month"


def test_a_week_of_waiting_weighs_as_much_as_twice_the_value() -> None:
    assert priority(days_waiting=7, mrr=100).value == pytest.approx(priority(mrr=200).value, abs=1e-5)


@given(
    st.lists(st.tuples(st.floats(0, 1e6), st.floats(0, 300)), min_size=2, max_size=20),
    st.floats(0, 100),
)
def test_the_stored_order_is_the_order_of_aged_value_on_any_day(
    items: list[tuple[float, float]], days_from_now: float
) -> None:
    stored = [priority(days_waiting=waited, mrr=mrr) for mrr, waited in items]
    aged = [
        math.log2(max(one.expected, 1)) + (waited + days_from_now) / 7
        for one, (_, waited) in zip(stored, items, strict=True)
    ]
    for (a, x), (b, y) in zip(zip(stored, aged, strict=True), zip(stored[1:], aged[1:], strict=True), strict=False):
        assert abs(x - y) < 1e-4 or (a.value > b.value) == (x > y)


def test_more_people_never_make_a_deal_smaller() -> None:
    seats = [possible_seats(DealFacts(members=n, company_size=300), DealFormula()) for n in range(100)]
    assert seats == sorted(seats)


@pytest.mark.parametrize(
    ("facts", "amount", "words"),
    [
        (DealFacts(members=6, company_size=100), 1_500, "30 possible seats x 50 a year"),
        (DealFacts(members=1, company_size=10), 900, "the least that a deal is counted as"),
        (DealFacts(mrr=100, members=1), 1_200, "12 x 100 paid a month"),
    ],
)
def test_a_deal_is_counted_by_the_installations_own_formula(facts: DealFacts, amount: float, words: str) -> None:
    deal = deal_size(facts, DealFormula(seat_price=50, company_share=0.5, floor=900))
    assert (deal.amount, deal.words) == (amount, words)
