"""Numbers in the words of a message."""

import pytest

from outreach.rules.phrases import counted, first_name, grown, in_the_fullest, of_all
from plgcrm.common.text import listed


@pytest.mark.parametrize(
    ("number", "words"),
    [(1, "one person"), (2, "two people"), (12, "twelve people"), (13, "13 people"), (1410.0, "1,410 people")],
)
def test_counts_read_as_words_up_to_twelve(number: float, words: str) -> None:
    assert counted(number, "person", "people") == words


@pytest.mark.parametrize("number", [0, -3, 0.2, None, "9", True])
def test_a_message_does_not_speak_of_none(number: object) -> None:
    assert counted(number, "person", "people") == ""


@pytest.mark.parametrize(
    ("now", "before", "words"),
    [(9, 4, "up from four"), (9, 9, ""), (4, 9, ""), (9, 0, ""), (None, 4, ""), (40, 22, "up from 22")],
)
def test_growth_is_told_only_where_there_was_something_and_is_more(now: object, before: object, words: str) -> None:
    assert grown(now, before) == words


def test_limits_in_words() -> None:
    assert of_all(47.0, 50.0, "seats") == "47 of 50 seats"
    assert of_all(47.0, None, "seats") == ""
    assert in_the_fullest(0.996, "boards", workspaces=1) == "99 % of the boards"
    assert in_the_fullest(0.9, "seats", workspaces=2) == "90 % of the seats in the fullest workspace"


@pytest.mark.parametrize(
    ("names", "words"), [([], ""), (["A"], "A"), (["A", "B"], "A and B"), (["A", "B", "C"], "A, B and C")]
)
def test_lists_read_as_sentences(names: list[str], words: str) -> None:
    assert listed(names) == words


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("Tomasz Sobel", "Tomasz"),
        ("Mary-Kate O'Shaughnessy", "Mary-Kate"),
        ("Kim, Dana", "Dana"),
        ("محمد بن زايد", "محمد"),
        ("tomasz@halvorsen.example", ""),
        ("http://evil.example", ""),
        ("<b>x", ""),
        ("user4711", ""),
        ("", ""),
    ],
)
def test_how_somebody_is_addressed(name: str, first: str) -> None:
    assert first_name(name) == first
