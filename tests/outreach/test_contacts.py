from typing import Any

import pytest

from accounts.models import Account, Actor, Person
from outreach.plays.contacts import NO_BUYER, NOBODY, Contact, ContactChoice, best_person, choose
from outreach.rules.personas import seniority
from signals.models import SignalDefinition, Usage
from tests.clock import T0
from tests.factories import make_person
from tests.outreach.conftest import on


@pytest.mark.parametrize(
    ("title", "rank"),
    [
        ("CTO", 4),
        ("Chief Operating Officer", 4),
        ("Co-Founder", 4),
        ("Owner", 4),
        ("President", 4),
        ("Vice President Sales", 3),
        ("VP Engineering", 3),
        ("SVP, Product", 3),
        ("Head of IT", 2),
        ("IT Director", 2),
        ("Procurement Manager", 2),
        ("Product Owner", 0),
        ("Engineering Manager", 0),
        ("Headhunter", 0),
        ("", 0),
    ],
)
def test_seniority_is_read_from_the_title(title: str, rank: int) -> None:
    assert seniority(title) == rank


USER = Contact(1, "Una", "", "Designer", 20, on(10))
ADMIN = Contact(2, "Ada", "", "Engineer", 3, on(9), is_admin=True)
HEAD = Contact(3, "Hal", "", "Head of IT", 9, on(9))
CHIEF = Contact(4, "Cy", "", "CTO", 0)


@pytest.mark.parametrize(
    ("persona", "size", "members", "chosen", "words"),
    [
        ("user", None, [ADMIN, USER], USER, "User: most active there, on 20 days of the last 30"),
        ("champion", None, [USER, HEAD], USER, "Champion: most active there, on 20 days of the last 30"),
        ("admin", None, [USER, ADMIN], ADMIN, "Workspace admin"),
        (
            "admin",
            None,
            [USER],
            USER,
            "No known admin; champion: most active there, on 20 days of the last 30",
        ),
        ("buyer", 900, [USER, HEAD, CHIEF], CHIEF, "Likely decision-maker, by title: CTO"),
        ("buyer", 900, [USER, HEAD], HEAD, "Likely decision-maker, by title: Head of IT"),
        ("buyer", 900, [USER, ADMIN], None, NO_BUYER),
        ("buyer", None, [USER], None, NO_BUYER),
        (
            "buyer",
            50,
            [USER],
            USER,
            "Likely buyer in a small company: most active there, on 20 days of the last 30",
        ),
        ("buyer", 900, [], None, NO_BUYER),
        ("champion", None, [], None, NOBODY),
    ],
)
def test_who_is_chosen_and_in_which_words(
    persona: str, size: float | None, members: list[Contact], chosen: Contact | None, words: str
) -> None:
    assert choose(members, persona, company_size=size) == ContactChoice(chosen, words)


def test_of_two_equally_active_the_choice_never_flickers() -> None:
    twins = [Contact(n, "Twin", "", "", 4, on(9)) for n in (8, 5, 9)]
    assert choose(twins, "user").person_id == choose(twins[::-1], "user").person_id == 5


def active(person: Person, account: Account, *days: int, **columns: Any) -> Actor:
    actor = Actor.objects.create(profile=person, person=columns.get("whole", person), account=account, first_at=T0)
    activity = SignalDefinition.objects.get(signal__slug="activity")
    for day in days:
        Usage.objects.create(actor=actor, day=on(day), definition=activity, count=1)
    return actor


@pytest.mark.usefixtures("shipped")
def test_activity_is_counted_over_thirty_days_of_the_whole_person(acme: Account) -> None:
    busy_once, ada = make_person(acme, "Once"), make_person(acme, "Ada")
    part = make_person(None, "", merged_into=ada)
    active(busy_once, acme, 1, 2)
    active(ada, acme, 3)
    active(part, acme, 3, 4, 5, whole=ada)
    choice = best_person(acme, "champion", now=T0)
    assert (choice.person_id, choice.words) == (
        ada.pk,
        "Champion: most active there, on 3 days of the last 30",
    )


@pytest.mark.usefixtures("shipped")
def test_excluded_people_and_nameless_visitors_are_never_chosen(acme: Account) -> None:
    active(make_person(acme, "Robot", excluded_by="*@ci.*"), acme, 1, 2, 3)
    active(Person.objects.create(), acme, 1, 2, 3)
    assert best_person(acme, "user", now=T0) == ContactChoice(None, NOBODY)


@pytest.mark.usefixtures("shipped")
def test_an_administrator_is_known_by_the_role_in_the_product(acme: Account) -> None:
    active(make_person(acme, "Member", role="member"), acme, 1, 2, 3)
    admin = make_person(acme, "Chief of boards", is_product_admin=True)
    assert best_person(acme, "admin", now=T0).person_id == admin.pk
