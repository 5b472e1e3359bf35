"""CSV that no spreadsheet runs."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from plgcrm.common.spreadsheet import csv_response, safe_cell


@pytest.mark.parametrize(
    "text",
    [
        "=cmd|' /C calc'!A0",
        "+1+1",
        "-2+3",
        "@SUM(1)",
        "|calc",
        "%0A=1",
        " =1+1",
        "\t=1+1",
        "\r=1+1",
        "\n\n=1",
        "\u00a0=1",
        "\ufeff=1",
        "\u200b=1",
        "＝1+1",
        "＋1",
        "－1",
        "＠x",
    ],
)
def test_what_could_run_gets_an_apostrophe_and_stays_on_one_line(text: str) -> None:
    cell = str(safe_cell(text))
    assert cell[0] == "'"
    assert not set(cell) & {"\r", "\n", "\t"}


@pytest.mark.parametrize("text", ["Acme = good", "a@b.example", "12-34", "", "Čokoláda", "مرحبا", "'=1"])
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert safe_cell(text) == text


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (-5, -5),
        (Decimal("-1.50"), Decimal("-1.50")),
        (0, 0),
        (None, ""),
        (date(2026, 3, 1), "2026-03-01"),
        (datetime(2026, 3, 1, 9, 5, tzinfo=UTC), "2026-03-01 09:05"),
    ],
)
def test_numbers_and_times_are_themselves(value: Any, cell: Any) -> None:
    assert safe_cell(value) == cell


def test_the_head_is_as_safe_as_the_rows_and_lines_cannot_be_added() -> None:
    response = csv_response("plays", ["=A1", "Name"], [["x\r\n=2", '"quoted", more']])
    assert response.content.decode("utf-8-sig") == '\'=A1,Name\r\nx =2,"""quoted"", more"\r\n'
    assert response["Content-Disposition"] == 'attachment; filename="plays.csv"'
