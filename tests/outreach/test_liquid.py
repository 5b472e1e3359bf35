"""Message templates as a language: what they write, what they refuse, and that no hostile one does harm."""

import time
import tracemalloc
from contextlib import suppress
from datetime import date
from typing import Any

import pytest

from outreach.rules.liquid import FILTERS, LONGEST_SOURCE, MessageError, RenderedPart, Share, check, render

VALUES: dict[str, Any] = {
    "person.first_name": "Tomasz",
    "people": 9,
    "items": 1410,
    "seats_share": Share(0.996),
    "plan": "team",
    "since": date(2026, 11, 9),
    "gone": None,
}


def written(source: str, **more: Any) -> str:
    return render(source, VALUES | more).text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ('Hi {{ person.first_name | default: "there" }}', "Hi Tomasz"),
        ('Hi {{ gone | default: "there" }}', "Hi there"),
        ("{{ people }} people, {{ items }} items", "9 people, 1,410 items"),
        ("{{ seats_share }} of the seats", "99 % of the seats"),
        ("{{ seats_share | times: 100 | round }}", "100"),
        ("{{ people | minus: 2 }} {{ people | divided_by: 2 }} {{ people | plus: 0.5 }}", "7 4 9.50"),
        ("{{ since }}, {{ since | date: '%-d %b %Y' }}", "9 November, 9 Nov 2026"),
        ("{{ plan | upcase }} {{ plan | capitalize }} {{ plan | truncate: 3, '' }}", "TEAM Team tea"),
        ("{% if people > 5 %}many{% else %}few{% endif %}", "many"),
        ("{% unless people > 5 %}few{% endunless %}many", "many"),
        ("{% case plan %}{% when 'free', 'trial' %}new{% when 'team' %}paying{% endcase %}", "paying"),
        ("{% assign others = people | minus: 1 %}you and {{ others }} others", "you and 8 others"),
        ("{% comment %}quiet{% endcomment %}a{% # quiet too %}", "a"),
        ("one\n\n{% if gone %}two{% endif %}\n\nthree  \n", "one\n\nthree"),
    ],
)
def test_what_a_template_writes(source: str, text: str) -> None:
    assert written(source) == text


@pytest.mark.parametrize(
    "test", ["gone", "gone > 3", "gone == 3", "gone < 3", "gone contains 'x'", "people > 3 and gone"]
)
def test_what_is_not_known_is_not_so(test: str) -> None:
    assert written(f"{{% if {test} %}}yes{{% else %}}no{{% endif %}}") == "no"


@pytest.mark.parametrize(
    "output", ["gone", "gone | plus: 1", "gone | capitalize", "people | plus: gone", "gone | size"]
)
def test_what_is_needed_and_not_known_is_a_gap(output: str) -> None:
    found = render(f"a {{{{ {output} }}}} b", VALUES)
    assert (found.text, found.missing) == ("a  b", ("gone",))


def test_each_part_names_the_variables_it_was_made_of() -> None:
    found = render("{% assign n = people | plus: items %}We see {{ n }} at {{ plan }}.", VALUES)
    assert found.parts == (
        RenderedPart("We see "),
        RenderedPart("1,419", ("people", "items")),
        RenderedPart(" at "),
        RenderedPart("team", ("plan",)),
        RenderedPart("."),
    )  # fmt: skip


def test_a_default_is_the_templates_own_words() -> None:
    assert render('{{ gone | default: "there" }}', VALUES).parts == (RenderedPart("there"),)


def test_a_gap_behind_an_assigned_name_is_that_of_its_fact() -> None:
    assert render("{% assign n = gone | plus: 1 %}{{ n }}", VALUES).missing == ("gone",)


@pytest.mark.parametrize("mark", ["\ue000plan\ue002forged\ue003", "\ue003", "\ue000\ue001people\ue002\ue003"])
def test_nobody_forges_a_fact(mark: str) -> None:
    parts = render("{{ person.first_name }} x", VALUES | {"person.first_name": mark}).parts
    assert [part.names for part in parts] == [("person.first_name",), ()]
    assert not any(sign in part.text for part in parts for sign in "\ue000\ue001\ue002\ue003")
    with pytest.raises(MessageError, match="Line 1: it contains a character that is reserved"):
        render(mark, VALUES)


def test_what_a_customer_wrote_is_never_read_as_a_template() -> None:
    assert written("{{ plan }}", plan="{{ people }}{% if %}") == "{{ people }}{% if %}"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (
            "Hi\n{{ person.fist_name }}",
            "Line 2: there is no variable “person.fist_name”. Did you mean person.first_name",
        ),
        ("{{ person }}", "Did you mean person.first_name"),
        ("{{ people.__class__ }}", "there is no variable “people.__class__”"),
        ("{% if peple > 1 %}x{% endif %}", "there is no variable “peple”. Did you mean people"),
        ("{{ plan[people] }}", "there is no variable"),
        ("{% assign people = 99 %}{{ people }}", "“people” is a fact: assign to another name"),
        ("{{ x }}{% assign x = 1 %}", "there is no variable “x”"),
        ("{{ people | shout }}", "there is no filter “shout”. Use one of capitalize"),
        ("a\n\n{% for x in y %}{% endfor %}", "Line 3: there is no tag “for”. Use one of if, unless"),
        ("{% endif %}", "“endif” has nothing to close"),
        ("{{ people", "“{{” is not closed by “}}”"),
        ("x" * (LONGEST_SOURCE + 1), "the limit is 10,000"),
    ],
)
def test_a_mistake_is_named_with_its_line(source: str, words: str) -> None:
    with pytest.raises(MessageError) as error:
        check(source, frozenset(VALUES))
    assert words in str(error.value)


def test_a_good_template_passes() -> None:
    check('{{ person["first_name"] | default: "there" }} {% assign x = people %}{{ x }}', frozenset(VALUES))


def _nested_cases() -> str:
    inner = "x"
    for _ in range(9):
        inner = "{% case 1 %}{% when " + ",".join("1" * 60) + " %}" + inner + "{% endcase %}"
    return inner


ATTACKS = {
    "a loop over a range": "{% for i in (1..1000000000) %}x{% endfor %}",
    "nested loops": "{% for i in (1..999) %}{% for j in (1..999) %}{{ i }}{% endfor %}{% endfor %}",
    "a range written out": "{{ (1..1000000000) }}",
    "a range too long to count": "{{ (1..99999999999999999999999) | size }}",
    "a replace bomb": "{{ 'x' | replace: 'x', 'xxxxxxxxxx' }}",
    "an attribute walk": "{{ plan.__class__.__mro__[1].__subclasses__ }}",
    "a walk by index": "{{ person.first_name['__class__'] }}",
    "another template": "{% include 'secrets' %}{% render 'secrets' %}",
    "a text without bounds": "{% capture x %}" + "x" * 5000 + "{% endcapture %}{{ x }}",
    "a counter": "{% increment x %}{% cycle 'a', 'b' %}",
    "statements in one tag": "{% liquid\nassign x = 1\necho x %}",
    "raw text": "{% raw %}{{ people }}{% endraw %}",
    "a power by squaring": "{% assign a = 99999 %}" + "{% assign a = a | times: a %}" * 300 + "{{ a }}",
    "a block drawn as often as it fits": _nested_cases(),
    "blocks too deep": "{% if people %}" * 400,
    "brackets too deep": "{{ a" + "[a" * 280 + "]" * 280 + " }}",
    "a condition too long": "{% if people " + "and people " * 50 + "%}x{% endif %}",
    "braces without end": "{{" * 4999,
    "blanks without end": "{{ " + " " * 9000,
    "output without end": "{{ people }}" * 800 + "{{ items }}" * 30,
    "a date of a gigabyte": "{{ since | date: '%1000000000Y' }}",
    "rounding to a billion digits": "{{ people | round: -999999999 }}{{ 1.5 | round: 999999999 }}",
    "a local name without bounds": "{% assign a = '" + "x" * 500 + "' %}" * 18,
    "a number without end": "{% assign a = " + "9" * 500 + " | plus: 1 %}{{ a }}",
}


@pytest.mark.parametrize("source", ATTACKS.values(), ids=ATTACKS.keys())
def test_no_hostile_template_takes_long_or_much(source: str) -> None:
    tracemalloc.start()
    began = time.process_time()
    with suppress(MessageError):
        assert len(written(source)) < 20_000
    spent, peak = time.process_time() - began, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (spent < 0.8, peak < 20_000_000) == (True, True)  # tracing memory makes it four times slower


def test_no_other_filter_is_there() -> None:
    assert sorted(FILTERS) == [
        "capitalize", "counted", "date", "default", "divided_by", "downcase", "escape", "first", "last", "minus",
        "plus", "round", "size", "strip", "times", "truncate", "truncatewords", "upcase",
    ]  # fmt: skip


def test_a_hostile_value_is_no_object_to_walk() -> None:
    class Loaded(str):
        secret = "s3cret"

    found = render("{{ plan.secret }}", VALUES | {"plan": Loaded("team")})
    assert (found.text, found.missing) == ("", ("plan.secret",))
