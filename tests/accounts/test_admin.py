"""Identity, in the admin: exclusions say whom they keep out, a wrong join is split."""

from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from accounts.models import DomainOverride, Exclusion, Person, PersonMerge
from tests.conftest import Send, alias, identify, track


@pytest.fixture
def people(send: Send) -> None:
    """Two of Acme, one robot of theirs, one of Bolt."""
    for user, email in (
        ("a", "ann@acme.com"),
        ("b", "bob@acme.com"),
        ("c", "bot_1@ci.acme.com"),
        ("d", "dan@bolt.com"),
    ):
        send(identify(user, email), track(user))


def test_the_number_of_people_shows_before_anything_is_saved(admin: Client, people: None) -> None:
    page = admin.post("/admin/accounts/exclusion/matching/", {"pattern": "*@ci.*"}).content.decode()
    assert "Matches 1 person now." in page
    assert "bot_1@ci.acme.com" in page
    assert "for example" in page
    assert not Exclusion.objects.exists()


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("*@acme.com", "Matches 2 people now."),
        ("BOT_*", "Matches 1 person now."),
        ("bot?1*", "Matches 0 people now."),
        ("%@%", "Matches 0 people now."),
        ("*", "Matches 0 people now."),
        ("", "Type a pattern to see who matches."),
    ],
)
def test_only_the_star_stands_for_any_text(admin: Client, people: None, pattern: str, words: str) -> None:
    assert words in admin.post("/admin/accounts/exclusion/matching/", {"pattern": pattern}).content.decode()


def test_saving_an_exclusion_takes_people_out(admin: Client, people: None) -> None:
    admin.post("/admin/accounts/exclusion/add/", {"pattern": "*@CI.*", "reason": "robot"})
    assert list(Person.objects.exclude(excluded_by="").values_list("email", "excluded_by")) == [
        ("bot_1@ci.acme.com", "*@ci.*")
    ]


def test_deleting_an_exclusion_lets_them_in_again(admin: Client, people: None) -> None:
    admin.post("/admin/accounts/exclusion/add/", {"pattern": "*@ci.*", "reason": "robot"})
    admin.post(f"/admin/accounts/exclusion/{Exclusion.objects.get().pk}/delete/", {"post": "yes"})
    assert not Person.objects.exclude(excluded_by="").exists()


def test_a_pattern_for_everybody_is_refused(admin: Client, people: None) -> None:
    page = admin.post("/admin/accounts/exclusion/add/", {"pattern": " ** ", "reason": "robot"}).content.decode()
    assert "This would exclude everyone." in page
    assert not Exclusion.objects.exists()


def test_a_domain_is_decided_over_the_lists(admin: Client, people: None) -> None:
    admin.post("/admin/accounts/domainoverride/add/", {"domain": "bolt.com", "kind": "free"})
    assert Person.objects.get(email="dan@bolt.com").account is None


def test_a_public_suffix_is_refused_as_a_domain(admin: Client, db: None) -> None:
    page = admin.post("/admin/accounts/domainoverride/add/", {"domain": "co.uk", "kind": "free"}).content.decode()
    assert "is not a domain. Use the form ibm.com." in page
    assert not DomainOverride.objects.exists()


def test_a_wrong_join_is_split(admin: Client, send: Send, t0: datetime) -> None:
    send(track(None, anonymous="v1"), identify("ann", "ann@acme.com", anonymous="v1"))
    merge = PersonMerge.objects.get()
    assert "Split them" in admin.get(f"/admin/accounts/person/merges/{merge.pk}/split/").content.decode()
    assert PersonMerge.objects.get().undone_at is None
    admin.post(f"/admin/accounts/person/merges/{merge.pk}/split/")
    merge.refresh_from_db()
    assert (merge.undone_at, merge.undone_by and merge.undone_by.username) == (t0, "ada")
    assert Person.objects.filter(merged_into=None).count() == 2


def test_a_person_shows_why_ids_are_one(admin: Client, send: Send) -> None:
    send(track("ann"), track(None, anonymous="anna"), alias("ann", "anna"))
    person = Person.objects.filter(merged_into=None, acts_as__isnull=False).distinct().get()
    page = admin.get(f"/admin/accounts/person/{person.pk}/change/").content.decode()
    assert "anonymous visitor who logged in" in page
    assert "anonymous id anna" in page


@pytest.mark.parametrize("model", ["account", "person"])
def test_companies_and_people_are_only_looked_at(admin: Client, people: None, model: str) -> None:
    row: Any = Person.objects.filter(account__isnull=False).first()
    pk = row.pk if model == "person" else row.account_id
    assert admin.get(f"/admin/accounts/{model}/{pk}/change/").status_code == 200
    assert admin.post(f"/admin/accounts/{model}/{pk}/change/", {"name": "X"}).status_code == 403
    assert admin.get(f"/admin/accounts/{model}/?q=acme").status_code == 200
