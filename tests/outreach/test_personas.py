"""One reading of the part somebody plays, and of who runs a workspace: every page, measure and message agrees."""

from datetime import timedelta

import pytest

from accounts.models import Account, Person
from outreach.pages.account import account_people
from outreach.plays.contacts import best_person, members_of
from outreach.rules.personas import part_played
from signals.scoring.what_if import matching_accounts
from tests.conftest import T0, Send, group, identify, track


@pytest.mark.parametrize(
    ("title", "days", "most_days", "is_admin", "persona"),
    [
        ("VP Sales", 0, 20, True, "buyer"),
        ("Engineer", 8, 8, True, "champion"),
        ("Engineer", 7, 7, True, "admin"),
        ("Engineer", 8, 9, True, "admin"),
        ("Engineer", 8, 9, False, "user"),
        ("", 0, 0, False, "user"),
    ],
)
def test_title_goes_before_activity_and_activity_before_role(
    title: str, days: int, most_days: int, is_admin: bool, persona: str
) -> None:
    assert part_played(title, is_admin=is_admin, days=days, most_days=most_days).persona == persona


@pytest.mark.parametrize(
    ("role", "admins"), [("owner", 1), ("Owner ", 1), ("ADMIN", 1), ("administrator", 1), ("member", 0)]
)
def test_measure_page_and_contact_agree_on_who_is_a_product_administrator(send: Send, role: str, admins: int) -> None:
    send(identify("u1", "ann@acme.com", traits={"role": role}), group("u1", "w1"), track("u1", workspace="w1"))
    account = Account.objects.get()
    now = T0 + timedelta(minutes=1)
    rule = {"measure": {"kind": "admins"}, "op": ">=", "value": 1}
    assert matching_accounts(rule, now=now).count == admins
    assert Person.objects.filter(is_product_admin=True).count() == admins
    assert sum(member.is_admin for member in members_of([account.pk], now=now)[account.pk]) == admins
    [shown] = account_people(account.pk, today=now.date()).shown
    assert shown.part.persona == ("admin" if admins else "user")
    assert best_person(account, "admin", now=now).words.startswith("Workspace admin" if admins else "No known admin")
