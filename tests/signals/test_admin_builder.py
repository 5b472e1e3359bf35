"""The rule builder and the matches builder: what is stored comes back, what is typed stays."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils.datastructures import MultiValueDict

from outreach.plays.shipped import TRIGGERS
from signals import shipped
from signals.forms import matches, rule, typed
from signals.measures.kinds import KINDS
from signals.rules.tree import parse_rule
from tests.signals.conftest import matches_data, rule_data

PEOPLE = {"measure": {"kind": "people", "days": 30}, "op": ">=", "value": 7}
PLAN = {"measure": {"kind": "attribute", "key": "plan"}, "op": "one_of", "value": ["team", "a, b"]}
NEAR = {"measure": {"kind": "limit_share", "used": "seats_used", "limit": "seats"}, "op": "between", "value": [0.9, 1]}
TWICE = {"measure": {"kind": "people_times", "signals": ["invited"], "times": 2, "days": 7}, "op": ">=", "value": 3}
SPENT = {
    "measure": {"kind": "sum_of", "signals": ["invoice-paid"], "property": "amount", "days": 30},
    "op": ">",
    "value": 500,
}
OPEN = {
    "measure": {"kind": "open_cases", "signals": ["opened"], "closing": ["rated", "solved"], "property": "ticket"},
    "op": ">=",
    "value": 1,
}
BUYERS = {
    "measure": {"kind": "people_with", "trait": "title", "match": "contains", "values": ["Head, Sales", "VP"]},
    "op": ">=",
    "value": 1,
}
PER_MEMBER = {
    "measure": {
        "kind": "ratio",
        "one": {"kind": "count", "signals": ["invited"], "days": 30},
        "other": {"kind": "members"},
    },
    "op": "<",
    "value": 0.5,
}
NESTED = {"all": [PEOPLE, {"any": [PLAN, {"none": [NEAR]}]}]}


def posted(data: dict[str, Any]) -> MultiValueDict[str, Any]:
    return MultiValueDict({key: value if isinstance(value, list) else [value] for key, value in data.items()})


def back(tree: object) -> dict[str, Any]:
    return rule.rule_json(rule.from_post(posted(rule_data(tree)), "rule"))


@pytest.mark.parametrize(
    "tree", [PEOPLE, PLAN, NEAR, TWICE, SPENT, OPEN, BUYERS, PER_MEMBER, NESTED, {"none": [PEOPLE]}]
)
def test_a_rule_comes_back_from_its_form_as_it_was(tree: dict[str, Any]) -> None:
    assert back(tree) == tree


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", 7),
        ("1,000", 1000),
        ("0.5", 0.5),
        ("90 %", 0.9),
        ("-3", -3),
        ("007", "007"),
        ("nan", "nan"),
        ("1,5", "1,5"),
    ],
)
def test_numbers_are_read_and_everything_else_stays_text(text: str, value: object) -> None:
    assert typed.number(text) == value


def test_a_ratio_is_shown_in_per_cent() -> None:
    draft = rule.from_json(NEAR)
    assert isinstance(draft.children[0], rule.ConditionFields)
    assert (draft.children[0].fields["value"], draft.children[0].fields["upto"]) == ("90 %", "100 %")


def test_an_unknown_measure_is_named_beside_its_condition() -> None:
    data = rule_data(NESTED) | {"rule:0.1.0:kind": "phase_of_moon"}
    draft = rule.from_post(posted(data), "rule")
    assert not rule.checked(draft)
    assert [node.place for node in rule.walk(draft) if node.error] == ["0.1.0"]
    assert "“phase_of_moon” is unknown" in rule.errors(draft)[0]


def test_a_signal_that_does_not_exist_is_named() -> None:
    tree = {"measure": {"kind": "count", "signals": ["invitd"], "days": 30}, "op": ">=", "value": 1}
    draft = rule.from_json(tree)
    assert not rule.checked(draft, signals={"invited"})
    assert "“invitd”" in rule.errors(draft)[0]


def test_what_does_not_fit_is_kept_as_typed() -> None:
    draft = rule.from_post(posted(rule_data(PEOPLE) | {"rule:0.0:value": "about 7"}), "rule")
    assert isinstance(draft.children[0], rule.ConditionFields)
    assert draft.children[0].fields["value"] == "about 7"
    assert not rule.checked(draft)


def test_buttons_add_and_remove_at_their_place() -> None:
    draft = rule.changed(rule.from_json(NESTED), "add-condition 0.1")
    assert [node.place for node in rule.walk(draft)] == ["0", "0.0", "0.1", "0.1.0", "0.1.1", "0.1.1.0", "0.1.2"]
    draft = rule.changed(draft, "remove 0.1.1")
    assert [node.place for node in rule.walk(draft)] == ["0", "0.0", "0.1", "0.1.0", "0.1.1"]


def test_an_empty_group_is_no_rule() -> None:
    draft = rule.changed(rule.from_json(PEOPLE), "remove 0.0")
    assert not rule.checked(draft)


def test_places_that_hang_on_nothing_are_left_out() -> None:
    draft = rule.from_post(posted({"rule:node": ["0.0 condition", "5.1 condition", "0.0.0 group"]}), "rule")
    assert [node.place for node in rule.walk(draft)] == ["0", "0.0"]


def test_the_builder_reads_aloud_and_counts(admin: Client, send: Any) -> None:
    response = admin.post("/admin/build/rule/rule/", rule_data(PEOPLE))
    assert "At least 7 people active in 30 days." in response.content.decode()
    assert "0 accounts now" in response.content.decode()


def test_a_measure_of_two_is_drawn_with_both_and_without_further_ones(admin: Client, source: Any) -> None:
    chosen = {"rule:node": ["0.0 condition"], "rule:0.0:kind": "ratio", "rule:0.0:op": ">="}
    response = admin.post("/admin/build/rule/rule/", chosen | {"rule:do": "draw 0.0"}).content.decode()
    assert 'name="rule:0.0:one:kind"' in response
    assert 'name="rule:0.0:other:kind"' in response
    assert response.count('value="ratio"') == 1
    assert "choose the two measures" not in response


def test_both_sets_of_signals_of_a_case_are_drawn_as_chosen(admin: Client, source: Any) -> None:
    response = admin.post("/admin/build/rule/rule/", rule_data(OPEN) | {"rule:do": "draw 0.0"}).content.decode()
    assert 'name="rule:0.0:signals" value="opened" checked' in response
    assert 'name="rule:0.0:closing" value="solved" checked' in response


def test_what_is_wrong_inside_a_measure_of_two_is_said_beside_its_condition() -> None:
    draft = rule.from_post(posted(rule_data(PER_MEMBER) | {"rule:0.0:one:days": "0"}), "rule")
    assert not rule.checked(draft)
    assert rule.errors(draft) == ["A window of 0 days holds nothing. Give 1 to 730 days."]


def test_the_builder_draws_the_tree_again_after_a_button(admin: Client, source: Any) -> None:
    response = admin.post("/admin/build/rule/rule/", rule_data(PEOPLE) | {"rule:do": "add-group 0"})
    assert 'name="rule:node" value="0.1.0 condition"' in response.content.decode()
    assert 'data-fresh="0-1"' in response.content.decode() or 'data-fresh="0-1-0"' in response.content.decode()


def test_hostile_text_in_a_rule_is_only_text(admin: Client, source: Any) -> None:
    data = rule_data(PLAN) | {"rule:0.0:value": '"><script>alert(1)</script>'}
    response = admin.post("/admin/build/rule/rule/", data | {"rule:do": "add-condition 0"})
    assert b"<script>alert" not in response.content


def test_matches_come_back_from_their_form_as_they_were() -> None:
    where = [{"property": "csat", "op": "<=", "value": 2}, {"property": "topic", "op": "exists"}]
    meaning = {"any": [{"kinds": ["track"], "names": ["Ticket Solved"], "source": 3, "where": where}]}
    assert matches.to_json(matches.from_post(posted(matches_data(meaning)), "matches")) == meaning


def test_matches_say_in_words_what_they_count() -> None:
    where = [{"property": "topic", "op": "one_of", "value": ["plan", "limits"]}]
    draft = matches.from_json({"any": [{"kinds": ["track"], "names": ["Ticket Opened"], "where": where}]})
    assert matches.described(draft) == "track “Ticket Opened” where topic is one of plan, limits"


def test_matches_buttons_change_their_alternative() -> None:
    draft = matches.changed(matches.from_json({"any": [{"kinds": ["track"]}]}), "add-where 0")
    assert (len(draft.any), len(draft.any[0].where)) == (1, 1)
    draft = matches.changed(matches.changed(draft, "add-match"), "remove-match 0")
    assert (len(draft.any), draft.any[0].where) == (1, [])


def test_an_unknown_kind_of_call_is_refused_beside_its_alternative() -> None:
    draft = matches.from_json({"any": [{"kinds": ["telegram"]}]})
    assert not matches.checked(draft)
    assert draft.any[0].error.startswith("kinds: give some of")


SHIPPED = [
    *(criterion["rule"] for *_, criteria in shipped.MODELS for criterion in criteria),
    *(tree for *_, tree in TRIGGERS),
]


@pytest.mark.parametrize("tree", SHIPPED, ids=range(len(SHIPPED)))
def test_every_shipped_rule_comes_back_from_its_form(tree: dict[str, Any]) -> None:
    assert parse_rule(back(tree)) == parse_rule(tree)


@pytest.mark.django_db
def test_every_parameter_of_every_kind_has_a_control_that_shows_with_it(admin: Client) -> None:
    page = admin.post("/admin/build/rule/rule/", {"rule:do": "add-condition 0"}).content.decode()
    style = (Path(__file__).parents[2] / "templates/static/plgcrm-admin.css").read_text()
    for slug, kind in KINDS.items():
        classes = " ".join(f"takes-{field.name}" for field in kind.fields)
        assert f'<option value="{slug}" class="{classes}" title="' in page
        # The measures of a ratio are drawn once it is chosen.
        for field in (field for field in kind.fields if field.type != "measure"):
            assert f'data-field="{field.name}"' in page, (slug, field.name)
            assert f'option.takes-{field.name}:checked) > [data-field="{field.name}"]' in style, (slug, field.name)


@pytest.mark.django_db
def test_what_the_desk_keeps_stands_under_its_own_heading(admin: Client) -> None:
    page = admin.post("/admin/build/rule/rule/", {"rule:do": "add-condition 0"}).content.decode()
    headings = re.findall('<optgroup label="([^"]+)">(.*?)</optgroup>', page, re.DOTALL)
    found = {name: re.findall('<option value="([a-z_]+)"', options) for name, options in headings}
    assert found["Your team’s work"] == [
        "has_owner", "owner", "open_item", "open_opportunity", "last_outcome", "days_since_touch",
    ]  # fmt: skip
    assert {"points", "tier", "qualified", "segment"} <= set(found["Segments and models"])
