"""Measures of a company's people on real rows: from messages to whom a rule holds for, counted by hand."""

from collections.abc import Iterator
from typing import Any

import pytest

from accounts.identity.suggestions import accept
from accounts.models import MergeSuggestion
from plgcrm.common.sql import rows
from signals.scoring.what_if import matching_accounts
from signals.vocabulary.meanings import say
from tests.conftest import T0, Send, add_signal, alias, group, identify, track

pytestmark = pytest.mark.django_db


@pytest.fixture
def companies(send: Send) -> None:
    """Acme: Ann (Sales), Bo (Design, then Sales), Cy (no department). Beta: Di (Design)."""
    add_signal("created", {"any": [{"kinds": ["track"], "names": ["Item Created"]}]})
    people = {"ann": "acme", "bo": "acme", "cy": "acme", "di": "beta"}
    joined = {"ann": 40, "bo": 30, "cy": 5, "di": 3}
    departments = {"ann": "Sales", "bo": "Design", "di": "design"}
    for name, company in people.items():
        traits = {"department": departments[name]} if name in departments else {}
        send(identify(name, f"{name}@{company}.com", days=joined[name], traits=traits))
        send(group(name, company, days=joined[name]))
    for name, days in [("ann", 6), ("ann", 1), ("ann", 1), ("bo", 3), ("bo", 2), ("cy", 2), ("cy", 2), ("di", 1)]:
        send(track(name, days=days, workspace=people[name]))


def holders(measure: dict[str, Any], value: float | str, op: str = "=") -> list[str]:
    found = matching_accounts({"measure": measure, "op": op, "value": value}, now=T0, limit=9)
    names = dict(rows("SELECT id, domain FROM accounts_account"))
    return sorted(names[account] for account in found.accounts)


def values(measure: dict[str, Any]) -> Iterator[tuple[str, int]]:
    """Of each company the whole number that it is at least."""
    for value in range(9):
        yield from ((domain.removesuffix(".com"), value) for domain in holders(measure, value, ">="))


@pytest.mark.parametrize(
    ("measure", "acme", "beta"),
    [
        ({"kind": "most_in_a_day", "signals": ["created"], "days": 7}, 3, 1),
        ({"kind": "people_times", "signals": ["created"], "times": 2, "days": 7}, 3, 0),
        ({"kind": "people_times", "signals": ["created"], "times": 2, "days": 3}, 2, 0),
        ({"kind": "new_members", "days": 7}, 1, 1),
        ({"kind": "trait_values", "signals": ["created"], "trait": "department", "times": 2, "days": 7}, 2, 0),
        ({"kind": "trait_values", "trait": "department", "days": 7}, 2, 1),
        ({"kind": "people_with", "trait": "department", "values": ["DESIGN", "Support"]}, 1, 1),
        ({"kind": "people_with", "trait": "department", "match": "contains", "values": ["s"]}, 2, 1),
        ({"kind": "people_with", "trait": "department", "values": ["sales"], "days": 1}, 0, 0),
        ({"kind": "ratio", "one": {"kind": "count", "signals": ["created"]}, "other": {"kind": "people"}}, 2, 1),
        ({"kind": "difference", "one": {"kind": "members"}, "other": {"kind": "new_members", "days": 7}}, 2, 0),
    ],
)
def test_people_are_measured_as_a_hand_would_count(
    companies: None, measure: dict[str, Any], acme: int, beta: int
) -> None:
    assert dict(values(measure)) == {"acme": acme, "beta": beta}


def truths(measure: dict[str, Any], value: float, op: str) -> dict[str, bool | None]:
    """Of each company whether the rule holds; None: nobody knows."""
    rule = {"measure": measure, "op": op, "value": value}
    yes, no = ([name.removesuffix(".com") for name in _holding(each)] for each in (rule, {"none": [rule]}))
    return {name: name in yes if name in [*yes, *no] else None for name in ("acme", "beta")}


def _holding(rule: dict[str, Any]) -> list[str]:
    names = dict(rows("SELECT id, domain FROM accounts_account"))
    return [names[account] for account in matching_accounts(rule, now=T0, limit=9).accounts]


@pytest.mark.parametrize(
    ("measure", "acme", "beta"),
    [
        # Of Cy nobody said a department.
        ({"kind": "people_with", "trait": "department", "values": ["Design"]}, None, True),
        ({"kind": "people_with", "trait": "department", "values": ["Sales"], "days": 7}, None, True),
        ({"kind": "trait_values", "trait": "department", "days": 7}, False, True),
        ({"kind": "trait_values", "trait": "department", "days": 1}, True, True),
        ({"kind": "people_with", "trait": "title", "values": ["VP"]}, None, None),
        ({"kind": "trait_values", "trait": "title"}, None, None),
        ({"kind": "new_members", "days": 14, "role": "admin"}, None, None),
    ],
)
def test_people_whose_value_nobody_said_may_have_it(
    companies: None, measure: dict[str, Any], acme: bool | None, beta: bool | None
) -> None:
    assert truths(measure, 2, "<") == {"acme": acme, "beta": beta}


def test_what_some_have_for_sure_is_true_whatever_the_others_have(companies: None) -> None:
    sales = {"kind": "people_with", "trait": "department", "values": ["Sales", "Design"]}
    assert truths(sales, 2, ">=") == {"acme": True, "beta": False}
    assert truths(sales, 3, ">=") == {"acme": None, "beta": False}


def test_where_nobody_is_there_is_nobody_with_the_trait(companies: None) -> None:
    asked = {"kind": "people_with", "trait": "department", "values": ["Sales"], "days": 1}
    assert truths(asked, 1, "<") == {"acme": True, "beta": True}
    often = {"kind": "trait_values", "signals": ["created"], "trait": "title", "times": 9}
    assert truths(often, 1, "<") == {"acme": True, "beta": True}


def test_a_person_who_moves_department_takes_the_value_along(companies: None, send: Send) -> None:
    sales = {"kind": "people_with", "trait": "department", "values": ["Sales"]}
    assert dict(values(sales)) == {"acme": 1, "beta": 0}
    send(identify("bo", days=1, traits={"department": "Sales"}))
    assert dict(values(sales)) == {"acme": 2, "beta": 0}
    assert holders({"kind": "person_attribute", "trait": "department"}, "Sales") == ["acme.com"]


def test_a_new_admin_is_one_who_joined_as_such_or_became_one(companies: None, send: Send) -> None:
    admins = {"kind": "new_members", "days": 14, "role": "admin"}
    send(identify("di", days=2, traits={"role": "Owner"}))
    send(identify("ann", days=20, traits={"role": "admin"}))
    send(identify("bo", days=20, traits={"role": "member"}))
    assert dict(values(admins)) == {"acme": 0, "beta": 1}
    # Of Cy, who came five days ago, nobody said a role.
    assert truths(admins, 1, "<") == {"acme": None, "beta": False}
    send(identify("bo", days=2, traits={"role": "admin"}), identify("cy", days=1, traits={"role": "member"}))
    assert dict(values(admins)) == {"acme": 1, "beta": 1}
    assert truths(admins, 2, "<") == {"acme": True, "beta": True}


def test_whoever_has_a_role_that_an_admin_named_is_a_new_admin(companies: None, send: Send) -> None:
    say("meaning:role", {"paths": [{"of": "person", "path": "rank"}], "options": {"admins": ["captain"]}})
    send(identify("di", days=2, traits={"rank": "Captain"}), identify("ann", days=20, traits={"rank": "owner"}))
    send(identify("bo", days=20, traits={"rank": "owner"}))
    assert dict(values({"kind": "new_members", "days": 14, "role": "admin"})) == {"acme": 0, "beta": 1}
    assert dict(values({"kind": "admins"})) == {"acme": 0, "beta": 1}


@pytest.mark.parametrize(("days", "acme"), [(None, 2), (10, 1), (2, 0)])
def test_changes_of_an_attribute_are_counted_as_far_back_as_asked(
    companies: None, send: Send, days: int | None, acme: int
) -> None:
    for ago, plan in [(20, "free"), (12, "team"), (6, "business")]:
        send(group("ann", "acme", days=ago, plan=plan))
    changes = {"kind": "attribute_changes", "key": "plan", "days": days}
    assert dict(values(changes)) == {"acme": acme}  # of beta nobody ever said a plan


def test_somebody_known_by_two_ids_is_one_person_with_what_was_said_last(companies: None, send: Send) -> None:
    send(identify("ann-2", days=4, traits={"department": "Support"}), alias("ann-2", "ann", days=4))
    accept(MergeSuggestion.objects.get().pk, None, T0)
    support = {"kind": "people_with", "trait": "department", "values": ["support"]}
    assert dict(values(support)) == {"acme": 1, "beta": 0}
    assert dict(values(support | {"values": ["sales"]})) == {"acme": 0, "beta": 0}
