"""Numbers and lists as our pages and messages say them."""

import pytest

from plgcrm.common.text import is_short_number, listed, percent, plural, short_number, whole_percent
from signals.measures.kinds import KINDS, is_share


@pytest.mark.parametrize(
    ("text", "number"),
    [("7", 7), ("007", 7), ("999999999", 999_999_999), ("1000000000", 0), ("0", 0), ("", 0), (None, 0)]
    + [(text, 0) for text in ("-1", "+1", "1.0", "1e3", "²", " 1", "1 ", "none")],
)
def test_a_short_number_is_an_id_or_nobodys(text: str | None, number: int) -> None:
    assert short_number(text) == number


def test_nought_is_a_short_number_and_nothing_is_none() -> None:
    assert [is_short_number(text) for text in ("0", "12", "", "1234567890")] == [True, True, False, False]


@pytest.mark.parametrize(
    ("part", "of", "whole"),
    [
        (0.996, 1, 99),
        (1, 1, 100),
        (0.29, 1, 29),
        (0.57, 1, 57),
        (2, 3, 66),
        (199, 200, 99),
        (-0.255, 1, -26),
        (0, 5, 0),
    ],
)
def test_a_percent_is_never_rounded_up(part: float, of: float, whole: int) -> None:
    assert whole_percent(part, of) == whole


def test_every_part_of_a_hundred_reads_as_itself() -> None:
    assert [whole_percent(part / 100) for part in range(101)] == list(range(101))
    assert [whole_percent(part, 100) for part in range(101)] == list(range(101))
    assert (percent(0.94), percent(12.5)) == ("94 %", "1,250 %")


def test_one_of_a_thing_stands_alone() -> None:
    assert [plural(n, "person", "people") for n in (0, 1, 2)] == ["0 people", "1 person", "2 people"]
    assert plural(1410, "item") == "1,410 items"


def test_names_are_listed_with_one_word_before_the_last() -> None:
    names = ["Timeline", "Dashboard", "Form"]
    assert [listed(names[:n]) for n in range(4)] == [
        "",
        "Timeline",
        "Timeline and Dashboard",
        "Timeline, Dashboard and Form",
    ]
    assert listed(names, "or") == "Timeline, Dashboard or Form"


def test_what_is_a_share_is_said_by_the_kind_of_measure() -> None:
    assert {kind for kind in KINDS if is_share(kind)} == {"growth", "attribute_growth", "sum_growth", "limit_share"}
    assert is_share("limit_share:seats_used:seats")
    assert not is_share("moment")
