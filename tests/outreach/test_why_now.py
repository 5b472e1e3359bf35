import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.rules.liquid import Share, Value
from outreach.rules.why_now import (
    LONGEST_SENTENCE,
    KnownFact,
    PassedOver,
    WhyNowError,
    first_true,
    parse_lines,
    passed_over,
    plain,
    reading,
)

SHARES = {"seats_share", "growth_30"}
EXAMPLES: dict[str, Value] = {
    "people": 9,
    "seats_share": Share(0.9),
    "growth_30": Share(0.5),
    "plan": "a plan",
    "mrr": 9,
    "words": "words",
    "score.pql": 70,
}
PEOPLE = '{{ people | counted: "person", "people" }} active.'


def known(at_least: str = "", **facts: float | str | None) -> dict[str, KnownFact]:
    return {
        name: KnownFact(
            value, f"key of {name}", name, "share" if name in SHARES else "number", at_least=name == at_least
        )
        for name, value in facts.items()
    }


def said(lines: str, at_least: str = "", **facts: float | str | None) -> str:
    return first_true(parse_lines(lines, EXAMPLES), known(at_least, **facts), "Otherwise.").text


@pytest.mark.parametrize(
    ("line", "value", "expected"),
    [
        ("{{ people }} active.", 9, "9 active."),
        (PEOPLE, 9, "9 people active."),
        (PEOPLE, 1.0, "1 person active."),
        ('{{ people | counted: "person is", "people are" }} active.', 1234567, "1,234,567 people are active."),
        ('{{ people | counted: "seat" }}', 2, "2 seats"),
        ("{{ people }} active.", 0, "Otherwise."),
        (PEOPLE, 0, "Otherwise."),
        ("{{ people }} active.", None, "Otherwise."),
        ("{{ people }} active.", -3, "Otherwise."),
        ("{{ people }} active.", float("nan"), "Otherwise."),
        ("{{ people }} on average.", 2.5, "2.50 on average."),
        ("{{ people }} on average.", 0.001, "Otherwise."),
        ("{{ people | minus: 9 }} more.", 9, "Otherwise."),
        ("{{ people | minus: 8 }} more.", 9, "1 more."),
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
    assert said("{{ seats_share }}", seats_share=share) == (expected or "Otherwise.")


def test_the_first_line_that_can_be_said_is_taken() -> None:
    lines = "{{ seats_share }} of {{ mrr }}.\n\n  {{ people }} active.  \n{{ plan }} plan."
    assert said(lines, seats_share=0.9, mrr=None, people=3, plan="team") == "3 active."
    assert said(lines, seats_share=0.9, mrr=5, people=3) == "90 % of 5."
    assert said(lines, plan="team") == "team plan."
    assert said(lines) == "Otherwise."


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("people >= 9", "Yes."),
        ("people > 9", "Otherwise."),
        ("people == 9", "Yes."),
        ("people <= 9", "Yes."),
        ("people < 9", "Otherwise."),
        ('people >= 9 and plan == "Team"', "Yes."),
        ('people >= 9 and plan == "free"', "Otherwise."),
        ("mrr >= 0", "Otherwise."),  # unknown
        ("people >= 9 or mrr >= 0", "Otherwise."),  # a line names no fact that is unknown
        ("seats_share == 0", "Yes."),  # a zero may be asked for
        ("seats_share", "Otherwise."),  # and is none by itself
        ("people and plan", "Yes."),
        ("plan == 9", "Otherwise."),
        ('people == "nine"', "Otherwise."),
    ],
)
def test_a_line_with_a_condition_is_said_only_when_it_holds(condition: str, expected: str) -> None:
    line = f"{{% if {condition} %}}Yes.{{% endif %}}"
    assert said(line, people=9, plan="TEAM", seats_share=0, mrr=None) == expected


@pytest.mark.parametrize(
    "line", ["{% unless mrr > 5 %}Small.{% endunless %}", "{% if mrr > 5 %}Big{% else %}Small{% endif %}."]
)
def test_nothing_is_concluded_from_a_fact_that_is_unknown(line: str) -> None:
    assert said(line, mrr=None) == "Otherwise."
    assert said(line, mrr=1) == "Small."


def test_a_zero_is_stated_where_the_condition_of_the_line_asks_for_it() -> None:
    line = "{% if people == 0 %}{{ people | counted: 'person', 'people' }} active.{% endif %}"
    assert said(line, people=0) == "0 people active."
    assert said(line, people=1) == "Otherwise."
    assert said("{% if people < 3 %}{{ people }} active.{% endif %}", people=0) == "Otherwise."


def test_a_fall_is_stated_when_it_is_turned_round() -> None:
    line = "{% if growth_30 <= -0.4 %}Down by {{ growth_30 | times: -100 | round }} %.{% endif %}"
    assert said(line, growth_30=-0.5) == "Down by 50 %."
    assert said("{{ growth_30 }} growth.", growth_30=-0.5) == "Otherwise."


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (PEOPLE, "At least 9 people active."),
        ("{% if people >= 9 %}Many.{% endif %}", "Many."),
        ("{% if people > 8 %}Many.{% else %}Few.{% endif %}", "Many."),
        ("{% if people >= 10 %}Many.{% else %}Few.{% endif %}", "Otherwise."),
        ("{% if people < 10 %}Few.{% endif %}", "Otherwise."),
        ("{% if people < 9 %}Few.{% else %}Many.{% endif %}", "Many."),
        ("{% unless people <= 12 %}Many.{% endunless %}", "Otherwise."),
        ("{% if people == 9 %}Nine.{% else %}Not.{% endif %}", "Otherwise."),
        ("{% if people == 8 %}Eight.{% else %}More.{% endif %}", "More."),
        ("{% if people != 12 %}Not twelve.{% endif %}", "Otherwise."),
        ("{{ people | plus: 1 }} soon.", "Otherwise."),
    ],
)
def test_of_a_number_that_may_be_larger_only_what_is_sure_is_said(line: str, expected: str) -> None:
    assert said(line, "people", people=9) == expected


def test_a_share_that_may_be_larger_says_so() -> None:
    assert said("Seats are {{ seats_share }} full.", "seats_share", seats_share=0.9) == "Seats are at least 90 % full."
    assert said("{{ seats_share }}", "seats_share", seats_share=0.001) == "Otherwise."


def test_a_default_stands_in_for_what_is_unknown() -> None:
    line = '{{ plan | default: "No plan" }}: {{ people }} active.'
    assert said(line, people=3) == "No plan: 3 active."
    assert said(line, people=3, plan="Team") == "Team: 3 active."
    # What a condition judges must be known all the same.
    assert said('{% if plan != "x" %}{{ plan | default: "No plan" }}{% endif %}', people=3) == "Otherwise."


def test_all_of_the_language_serves() -> None:
    line = "{% assign more = people | minus: 3 %}{{ more }} more, {% case plan %}{% when 'team' %}paid{% endcase %}"
    assert said(line, people=9, plan="Team") == "6 more, paid"
    assert said(line, people=3, plan="Team") == "Otherwise."
    assert said("{% if people > 3 %}{% if plan == 'x' %}A{% else %}B{% endif %}{% endif %}", people=4, plan="y") == "B"


def test_facts_of_conditions_belong_to_the_sentence() -> None:
    lines = parse_lines("{% if people >= 2 and mrr > 0 %}{{ plan }} and {{ people }}.{% endif %}", EXAMPLES)
    assert first_true(lines, known(people=2, mrr=1, plan="x"), "").names == ("plan", "people", "mrr")
    lines = parse_lines("{% if people >= 2 %}{{ plan }}{% else %}{{ mrr }}{% endif %}", EXAMPLES)
    assert first_true(lines, known(people=1, mrr=1, plan="x"), "").names == ("mrr", "people")


def test_each_line_that_is_passed_over_says_why() -> None:
    lines = parse_lines(
        "{{ mrr }}\n\n{{ people }} a\n{% if plan == 'x' %}b{% endif %}\n{% if people %}c{% endif %}\nYes.\n{{ mrr }}",
        EXAMPLES,
    )
    assert passed_over(lines, known(people=0, plan="y")) == [
        PassedOver(1, "mrr is unknown"),
        PassedOver(3, "people is 0"),
        PassedOver(4, "its condition is not met"),
        PassedOver(5, "people is 0"),
    ]
    assert first_true(lines, known(people=0, plan="y"), "").line == 6


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ("", "Enter at least one line."),
        ("{{ peeple }} active.", "Line 1: there is no variable “peeple”. Did you mean people?"),
        ("Fine.\n{% if peeple > 1 %}x{% endif %}", "Line 2: there is no variable “peeple”. Did you mean people?"),
        (
            "{{ moon }}",
            "Line 1: there is no variable “moon”. "
            "There are growth_30, mrr, people, plan, score.pql, seats_share, words.",
        ),
        ("{{ people active.", "Line 1: write a fact in two braces, {{ people_active_30 }}, and close them."),
        ("{people} active.", "Line 1: write a fact in two braces, {{ people_active_30 }}, and close them."),
        ("a\n\nwhen people >= 2: x", "Line 3: write a condition as {% if seats_share >= 0.9 %}…{% endif %}."),
        ("{% if people > 1 %}x", "Line 1: Expected tag endif, found end of expression."),
        ("{% for x in y %}", "Line 1: there is no tag “for”. Use one of if, unless, case, assign, comment, #."),
        ("{{ people | counted }}", 'Line 1: expected the words for one and for more, such as "person", "people"'),
        ("{% if plan > 3 %}x{% endif %}", "Line 1: '<' and '>' are not supported between 'int' and 'Text'"),
        ("x" * 1001, "Line 1 is 1001 characters long; the limit is 1000."),
        ("x\n" * 21, "21 lines is too many: the limit is 20."),
    ],
)
def test_a_line_that_cannot_be_read_is_refused_with_its_number(lines: str, problem: str) -> None:
    with pytest.raises(WhyNowError) as refused:
        parse_lines(lines, EXAMPLES)
    assert str(refused.value) == problem


def test_what_cannot_be_worked_out_of_these_facts_is_passed_over() -> None:
    lines = parse_lines("{% if plan > 3 %}x{% endif %}\n{{ people | divided_by: mrr }}\nYes.", None)
    assert first_true(lines, known(plan="team", people=1, mrr=0), "").text == "Yes."


def test_braces_in_what_a_customer_wrote_are_only_text() -> None:
    assert said("They wrote “{{ words }}”.", words="{{ mrr }} {% if", mrr=5) == "They wrote “{{ mrr }} {% if”."


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
    text = said("{{ words }} {{ plan }} " * 4 + "\nOf {{ plan }}.\nFixed.", words=words, plan=plan)
    assert text
    assert len(text) <= LONGEST_SENTENCE
    assert "\n" not in text
