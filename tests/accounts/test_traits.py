"""What is kept of the traits that clients send."""

from typing import Any

import pytest

from accounts.rules.traits import MAX_KEYS, Value, attribute_name, attributes_of, plain_value, trait_name


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("  Ada  ", Value("Ada", None)),
        ("200", Value("200", 200.0)),
        (True, Value("true", 1.0)),
        ("", None),
        ([1], None),
        ("\u202eevil\u202c Ltd", Value("evil  Ltd", None)),  # nobody turns our lines round
        ("Two\nlines\x00", Value("Two lines", None)),
        ("👩\u200d🚀 Söhne", Value("👩\u200d🚀 Söhne", None)),  # what joins an emoji stays
    ],
)
def test_plain_values_are_kept_without_what_nobody_sees(sent: Any, kept: Value | None) -> None:
    assert plain_value(sent) == kept


@pytest.mark.parametrize("key", ["firstName", "first-name", "First name", "first_name"])
def test_one_trait_has_one_name_however_it_is_spelt(key: str) -> None:
    assert attribute_name(key) == "first_name"


def names(traits: Any) -> dict[str, str]:
    return {name: value.text for name, value in attributes_of(traits).items()}


def test_nested_traits_have_dotted_names() -> None:
    sent = {"company": {"planName": "pro", "address": {"country": "DE"}}, "tools": ["slack", "jira", None], "x": None}
    assert names(sent) == {
        "company.plan_name": "pro",
        "company.address.country": "DE",
        "tools": "slack, jira",
    }


def test_numbers_in_nested_text_stay_text_with_their_number() -> None:
    assert attributes_of({"company": {"employees": "200"}}) == {"company.employees": Value("200", 200.0)}


def test_what_is_sent_never_passes_for_what_a_model_says() -> None:
    sent = {name: {"pql": {"now": 100}} for name in ("score", "tier", "qualified", "segment")}
    assert list(names(sent)) == ["score_pql.now", "tier_pql.now", "qualified_pql.now", "segment_pql.now"]
    assert trait_name("score.pql") == "score_pql"


def test_depth_and_count_of_traits_are_bounded() -> None:
    deep: Any = 1
    for _ in range(6):
        deep = {"a": deep}
    assert names(deep) == {}
    assert names({"a": {"a": {"a": {"a": 1}}}}) == {"a.a.a.a": "1"}
    wide = {"left": {str(n): n for n in range(MAX_KEYS)}, "right": {"n": 1}}
    assert len(names(wide)) == MAX_KEYS - 1
    assert names({"list": list(range(50))}) == {"list": ", ".join(map(str, range(20)))}


def test_a_path_is_named_as_its_attribute_is() -> None:
    assert trait_name("company.planName") == "company.plan_name"
    assert trait_name("First name") == "first_name"


def test_a_text_that_is_twelve_hundred_or_one_and_a_fifth_is_no_number() -> None:
    assert plain_value("1.200") == Value("1.200", None)
    assert plain_value("12.00") == Value("12.00", 12)
    assert plain_value(1.125) == Value("1.125", 1.125)
