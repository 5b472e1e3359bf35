import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.rules.why_now import (
    LONGEST_SENTENCE,
    KnownFact,
    WhyNowError,
    first_true,
    parse_lines,
    plain,
    reading,
)

SHARES = {"seats_share", "growth_30"}
KNOWN = {"people", "seats_share", "growth_30", "plan", "mrr", "words", "score.pql"}


def said(lines: str, **facts: float | str | None) -> str:
    known = {
        name: KnownFact(value, f"key of {name}", name, "share" if name in SHARES else "number")
        for name, value in facts.items()
    }
    return first_true(parse_lines(lines, KNOWN), known, "Otherwise.").text


@pytest.mark.parametrize(
    ("line", "value", "expected"),
    [
        ("{people} active.", 9, "9 active."),
        ("{people|person|people} active.", 9, "9 people active."),
        ("{people|person|people} active.", 1.0, "1 person active."),
        ("{people|person is|people are} active.", 1234567, "1,234,567 people are active."),
        ("{people} active.", 0, "Otherwise."),
        ("{people} active.", None, "Otherwise."),
        ("{people} active.", -3, "Otherwise."),
        ("{people} active.", float("nan"), "Otherwise."),
        ("{people} on average.", 2.5, "2.50 on average."),
        ("{people} on average.", 0.001, "Otherwise."),
    ],
)
def test_a_number_is_said_with_its_word_or_not_at_all(line: str, value: float | None, expected: str) -> None:
    assert said(line, people=value) == expected


@pytest.mark.parametrize(
    ("share", "expected"),
    [(0.92, "92 %"), (0.996, "99 %"), (1.0, "100 %"), (0.29, "29 %"), (12.5, "1,250 %"), (0.009, ""), (-0.5, "")],
)
def test_a_share_is_a_percentage_never_rounded_up(share: float, expected: str) -> None:
    assert reading(KnownFact(share, "key", "share", "share")) == expected


def test_the_first_line_that_can_be_said_is_taken() -> None:
    lines = "{seats_share} of {mrr}.\n\n  {people} active.  \n{plan} plan."
    assert said(lines, seats_share=0.9, mrr=None, people=3, plan="team") == "3 active."
    assert said(lines, seats_share=0.9, mrr=5, people=3) == "90 % of 5."
    assert said(lines, plan="team") == "team plan."
    assert said(lines) == "Otherwise."


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("people >= 9", "Yes."),
        ("people > 9", "Otherwise."),
        ("people = 9", "Yes."),
        ("people <= 9", "Yes."),
        ("people < 9", "Otherwise."),
        ("people >= 9 and plan = Team", "Yes."),
        ("people >= 9 and plan = free", "Otherwise."),
        ("mrr >= 0", "Otherwise."),  # unknown
        ("seats_share = 0", "Yes."),  # a zero may be asked for
        ("plan = 9", "Otherwise."),
        ("people = nine", "Otherwise."),
    ],
)
def test_a_line_with_a_condition_is_said_only_when_it_holds(condition: str, expected: str) -> None:
    assert said(f"when {condition}: Yes.", people=9, plan="team", seats_share=0, mrr=None) == expected


def test_facts_of_conditions_belong_to_the_sentence() -> None:
    [line] = parse_lines("when people >= 2 and mrr > 0: {plan} and {people}.", KNOWN)
    assert line.names == ("plan", "people", "mrr")


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ("", "Enter at least one line."),
        ("{peeple} active.", "Line 1: there is no fact “peeple”."),
        ("Fine.\nwhen peeple > 1: x", "Line 2: there is no fact “peeple”."),
        ("{people active.", "Line 1: a brace is not closed."),
        ("people} active.", "Line 1: a brace is not closed."),
        ("{people|person} x", "Line 1: write {fact} or {fact|one|many}, not {people|person}."),
        ("{} x", "Line 1: write {fact} or {fact|one|many}, not {}."),
        ("when people >= 2", "Line 1: after “when …” put a colon and the sentence."),
        ("when people: x", "Line 1: “people” is not a condition such as seats_share >= 0.9."),
        ("when people >= many: x", "Line 1: “many” is not a number."),
        ("x" * 401, "Line 1 is 401 characters long; the limit is 400."),
        ("x\n" * 21, "21 lines is too many: the limit is 20."),
    ],
)
def test_a_line_that_cannot_be_read_is_refused_with_its_number(lines: str, problem: str) -> None:
    with pytest.raises(WhyNowError) as refused:
        parse_lines(lines, KNOWN)
    assert str(refused.value) == problem


def test_braces_in_what_a_customer_wrote_are_only_text() -> None:
    assert said("They wrote “{words}”.", words="{mrr} {people|a|b}", mrr=5) == "They wrote “{mrr} {people|a|b}”."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  two\n\tlines\r\n", "two lines"),
        ("a\u202eb\u200bc\x00d", "a b c d"),
        ("<b>bold</b>", "<b>bold</b>"),  # pages escape; the sentence keeps what was written
        ("x" * 200, "x" * 159 + "…"),
    ],
)
def test_what_a_customer_wrote_is_made_plain(text: str, expected: str) -> None:
    assert plain(text) == expected


@given(st.text(max_size=400), st.text(max_size=400))
def test_no_text_breaks_a_sentence_or_makes_it_too_long(words: str, plan: str) -> None:
    text = said("{words} {plan} " * 4 + "\nOf {plan}.\nFixed.", words=words, plan=plan)
    assert text
    assert len(text) <= LONGEST_SENTENCE
    assert "\n" not in text
