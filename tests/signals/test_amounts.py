from decimal import Decimal
from typing import Any

import pytest

from signals.rules.amounts import WantedValue, amount_in, value_at
from signals.rules.matching import Where


@pytest.mark.parametrize(
    ("value", "amount"),
    [
        (12, "12"),
        (0.1, "0.1"),
        (-3.5, "-3.5"),
        ("12", "12"),
        (" 1,200 ", "1200"),
        ("1,200.50", "1200.5"),
        ("$1200", "1200"),
        ("-$5", "-5"),
        ("€ 99", "99"),
        ("99 EUR", "99"),
        ("USD 1 200", "1200"),
        ("1'200.00", "1200"),
        ("1.200,50 €", "1200.5"),
        ("12,50", "12.5"),
        ("1,5", "1.5"),
        ("0.500", "0.5"),
        ("1.50", "1.5"),
        ("1234.500", "1234.5"),
        (0.1234567, "0.123457"),
    ],
)
def test_an_amount_is_read_however_it_is_written(value: Any, amount: str) -> None:
    assert amount_in(value) == Decimal(amount)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "twelve",
        "12 or 13",
        "1,20,0",
        "1.2.3",
        "1.500",  # one and a half here, and fifteen hundred elsewhere
        "€12.000",
        "10%",
        "12 months",
        "1e9",
        True,
        None,
        [12],
        {"a": 1},
        10**16,
        "9" * 41,
    ],
)
def test_what_is_no_amount_is_none(value: Any) -> None:
    assert amount_in(value) is None


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_float_that_is_no_number_is_no_amount(value: float) -> None:
    assert amount_in(value) is None


@pytest.mark.parametrize(
    ("paths", "value"),
    [
        (("amount",), 5),
        (("total", "amount"), 5),
        (("invoice.total",), 7),
        (("lines.0",), None),
        (("empty", "amount"), 5),
        (("a.b",), 9),
        (("amount.x",), None),
    ],
)
def test_a_value_is_found_at_the_first_path_that_has_one(paths: tuple[str, ...], value: Any) -> None:
    properties = {"amount": 5, "invoice": {"total": 7}, "lines": [1], "empty": None, "a.b": 9, "a": {"b": 8}}
    assert value_at(properties, paths) == value


@pytest.mark.parametrize(
    ("properties", "amount"),
    [
        ({"amount": 1250}, "12.5"),
        ({"amount": "1,250", "currency": "eur"}, "12.5"),
        ({"amount": 1250, "currency": "USD"}, None),
        ({"amount": "none", "currency": "EUR"}, None),
        ({"currency": "EUR"}, None),
    ],
)
def test_an_amount_in_cents_counts_in_our_own_currency_only(properties: dict[str, Any], amount: str | None) -> None:
    wanted = WantedValue("amount", ("amount",), cents=True, ours="EUR", currency_paths=("currency",))
    assert wanted.amount(properties) == (None if amount is None else Decimal(amount))


@pytest.mark.parametrize(("ours", "said", "known"), [("EUR", "USD", False), ("EUR", "", True), ("", "USD", True)])
def test_where_an_event_says_no_currency_it_is_the_one_that_was_said_of_all(ours: str, said: str, known: bool) -> None:
    wanted = WantedValue("amount", ("amount",), ours=ours, currency=said)
    assert (wanted.amount({"amount": 5}) is not None) == known


@pytest.mark.parametrize(
    ("seen", "op", "value", "held"),
    [
        ("2", "<=", 2, True),
        ("2", "=", 2, True),
        (2, "=", "2", True),
        ("$1,200", ">=", 1200, True),
        ("1.5", "<", 1.6, True),
        ("2", "one_of", [1, 2], True),
        ("3", "!=", 2, True),
        ("2.0", "!=", 2, False),
        ("very bad", "<=", 2, False),
        ("", "<=", 2, False),
        (True, "<=", 2, False),
        ("1e400", ">", 2, False),
    ],
)
def test_a_number_that_comes_as_text_is_compared_as_a_number(seen: object, op: str, value: object, held: bool) -> None:
    assert Where("csat", op, value).holds({"csat": seen}) is held
