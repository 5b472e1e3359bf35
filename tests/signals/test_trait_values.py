from typing import Any

import pytest

from signals.rules.trait_values import NOTHING, ReadValue, TraitMeaning, plan_kind, read_value


def read(reading: str, text: str, number: float | None = None, currency: str = "", **options: Any) -> ReadValue:
    return read_value(TraitMeaning("x", "X", reading, options), text, number, currency=currency)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1,200", 1200),
        ("1200", 1200),
        ("1 200", 1200),
        ("1'200.50", 1200.5),
        ("-3", -3),
        ("12,34", None),
        ("1.200", None),
        ("0.125", 0.125),
        ("ten", None),
    ],
)
def test_numbers_in_text_are_numbers(text: str, number: float | None) -> None:
    assert read("number", text) == (NOTHING if number is None else ReadValue(float(number)))


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("$1,200", 1200),
        ("1200 EUR", 1200),
        ("€99.50", 99.5),
        ("USD 10", 10),
        ("free", None),
        ("$", None),
        ("1.200,50 €", 1200.5),
        ("€3.500", None),
    ],  # three and a half, or thousands: nobody knows
)
def test_money_in_text_is_money(text: str, amount: float | None) -> None:
    assert read("money", text) == (NOTHING if amount is None else ReadValue(float(amount)))


def test_money_is_a_months_in_whole_units_and_in_our_currency() -> None:
    assert read("money", "1200", 1200, period="year") == ReadValue(100)
    assert read("money", "1200", 1200, period="quarter") == ReadValue(400)
    assert read("money", "9900", 9900, cents=True) == ReadValue(99)
    assert read("money", "50", 50, currency="EUR", **{"period": "month"}) == ReadValue(50)
    assert read_value(TraitMeaning("x", "X", "money", {"currency": "usd"}), "50", 50, currency="EUR") == NOTHING


@pytest.mark.parametrize(
    ("text", "low", "at_least"),
    [
        ("201-500", 201, True), ("201 – 500", 201, True), ("1,001 to 5,000", 1001, True), ("10,001+", 10001, True),
        ("500 or more", 500, True), ("51-200 employees", 51, True), ("50-50", 50, False), ("120", 120, False),
        ("<10", 0, True), ("under 50", 0, True), ("large", None, False), ("1.001-5.000", None, False),
    ],
)  # fmt: skip
def test_of_a_range_the_lower_end_is_sure(text: str, low: float | None, at_least: bool) -> None:
    assert read("range", text) == ReadValue(low, text, at_least)


@pytest.mark.parametrize(
    ("text", "value"), [("Yes", 1), ("TRUE", 1), ("1", 1), ("no", 0), ("off", 0), ("maybe", None), ("2", None)]
)
def test_yes_and_no_are_read_in_their_usual_spellings(text: str, value: float | None) -> None:
    expected = NOTHING if value is None else ReadValue(float(value), "true" if value else "false")
    assert read("yes_no", text) == expected


def test_a_plan_is_of_the_kind_that_an_admin_said_and_of_no_other() -> None:
    plan = TraitMeaning("plan_kind", "Kind of plan", "plan", {"plans": {"Scale": "paid", "hobby": "free"}})
    assert plan_kind(plan, "SCALE ") == ReadValue(text="paid")
    assert plan_kind(plan, "hobby") == ReadValue(text="free")
    assert plan_kind(plan, "enterprise") == NOTHING


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1.200,50 €", 1200.5),
        ("1.2k", 1200),
        ("$1.5M", 1_500_000),
        ("US$ 1,200", 1200),
        ("$1,200/mo", 1200),
        ("99 USD per month", 99),
        ("$99 / year", None),
        ("12 Monkeys", None),
        ("1,2,3", None),
    ],
)
def test_money_is_read_as_people_write_it(text: str, amount: float | None) -> None:
    assert read("money", text) == (NOTHING if amount is None else ReadValue(amount))


@pytest.mark.parametrize(
    ("text", "low", "at_least"),
    [
        ("201-500", 201, True),
        ("201 – 500 employees", 201, True),
        ("1,001-5,000", 1001, True),
        ("51 to 200", 51, True),
        ("1K-5K", 1000, True),
        ("10,001+", 10001, True),
        ("10k+", 10000, True),
        ("> 500", 500, True),
        ("more than 1,000", 1000, True),
        ("250 employees", 250, False),
        ("~300", 300, False),
        ("1,200", 1200, False),
        ("under 50", 0, True),
    ],
)
def test_a_number_of_employees_is_read_as_forms_offer_it(text: str, low: float, at_least: bool) -> None:
    assert read("range", text) == ReadValue(float(low), text, at_least=at_least)
