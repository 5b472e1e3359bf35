"""What people correct of domains, names, workspaces and people: it holds whatever comes later, and can be undone."""

from typing import Any

import pytest
from django.utils import timezone

from accounts.identity import by_hand
from accounts.identity.corrections import rederive_all
from accounts.identity.joins import CorrectionError
from accounts.models import Account, Correction, DomainOverride, Person, PersonMerge, Workspace
from tests.accounts.test_joins import account, standing, usage
from tests.conftest import Send, group, identify, track

pytestmark = pytest.mark.django_db


def by(work: Any, *given: Any) -> Correction:
    correction: Correction = work(*given, acting_user=None, now=timezone.now())
    return correction


def undo(correction: Correction) -> Correction:
    return by(by_hand.undo_correction, correction)


@pytest.fixture
def firms(send: Send) -> None:
    send(identify("a1", "ann@alba.com", days=9), identify("b1", "bo@brio.com", days=9))
    send(group("a1", "aw", days=8, name="Alba"), track("a1", workspace="aw", days=7), track("b1", days=7))


# --- Domains ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "domain"),
    [("acme.com", "acme.com"), ("https://www.Acme.co.uk/about", "acme.co.uk"), ("jo@us.ibm.com", "ibm.com")],
)
def test_a_domain_is_read_from_what_somebody_types(db: None, typed: str, domain: str) -> None:
    assert by_hand.domain_in(typed) == domain


@pytest.mark.parametrize(
    ("typed", "words"),
    [("gmail.com", "shared by many companies"), ("acme", "such as acme.com"), ("", "such as acme.com")],
)
def test_what_is_no_companys_domain_is_refused(db: None, typed: str, words: str) -> None:
    with pytest.raises(CorrectionError, match=words):
        by_hand.domain_in(typed)


def test_a_host_that_an_admin_calls_a_company_is_a_domain(db: None) -> None:
    DomainOverride.objects.create(domain="acme.onmicrosoft.com", kind="corporate")
    assert by_hand.domain_in("acme.onmicrosoft.com") == "acme.onmicrosoft.com"


def test_whoever_comes_later_with_a_further_domain_belongs_to_the_account(send: Send, firms: None) -> None:
    given = by(by_hand.give_domain, account("alba.com"), "alba.io")
    send(identify("a2", "al@alba.io"), track("a2"), group("z", "zw", website="alba.io"), track("z", workspace="zw"))
    assert usage() == {"alba.com": 3, "brio.com": 1}
    assert rederive_all() > 0
    assert usage() == {"alba.com": 3, "brio.com": 1}
    undo(given)
    assert usage() == {"alba.com": 1, "brio.com": 1, "alba.io": 2}


def test_a_domain_that_has_an_account_is_joined_and_taking_it_away_separates_again(send: Send, firms: None) -> None:
    before = standing()
    given = by(by_hand.give_domain, account("alba.com"), "brio.com")
    assert (given.verb, usage()) == ("join", {"alba.com": 2})
    by(by_hand.take_domain, account("alba.com"), "brio.com")
    assert standing() == before


def test_a_domain_taken_away_is_a_company_with_its_history_and_undo_brings_it_back(send: Send, firms: None) -> None:
    by(by_hand.give_domain, account("alba.com"), "alba.io")
    send(identify("a2", "al@alba.io", days=3), track("a2", days=2))
    taken = by(by_hand.take_domain, account("alba.com"), "alba.io")
    assert usage() == {"alba.com": 1, "alba.io": 1, "brio.com": 1}
    undo(taken)
    assert usage() == {"alba.com": 2, "brio.com": 1}


def test_the_main_domain_can_be_another_one_and_stays_until_it_is(send: Send, firms: None) -> None:
    alba = account("alba.com")
    by(by_hand.give_domain, alba, "alba.io")
    with pytest.raises(CorrectionError, match="main domain"):
        by(by_hand.take_domain, alba, "alba.com")
    made = by(by_hand.make_main, alba, "alba.io")
    assert usage() == {"alba.io": 1, "brio.com": 1}
    send(identify("a3", "am@alba.com"), track("a3"))
    assert usage() == {"alba.io": 2, "brio.com": 1}
    undo(made)
    assert usage() == {"alba.com": 2, "brio.com": 1}


@pytest.mark.parametrize("domain", ["alba.com", "alba.io"])
def test_a_domain_is_given_once(firms: None, domain: str) -> None:
    by(by_hand.give_domain, account("alba.com"), "alba.io")
    with pytest.raises(CorrectionError, match="belongs to Alba already"):
        by(by_hand.give_domain, account("alba.com"), domain)


def test_a_further_domain_of_somebody_else_is_not_taken_from_them(firms: None) -> None:
    by(by_hand.give_domain, account("alba.com"), "alba.io")
    with pytest.raises(CorrectionError, match="Remove it there first"):
        by(by_hand.give_domain, account("brio.com"), "alba.io")


# --- Names --------------------------------------------------------------------------------------------------


def test_a_name_given_by_hand_stays_and_undo_gives_the_one_before(send: Send, firms: None) -> None:
    before = standing()
    first = by(by_hand.rename_account, account("alba.com"), "  Alba\0 Group ")
    send(group("a1", "aw", name="Alba Ltd"))
    assert account("alba.com").name == "Alba Group"
    second = by(by_hand.rename_account, account("alba.com"), "")
    assert account("alba.com").name == "Alba Ltd"
    with pytest.raises(CorrectionError, match="later change first"):
        undo(first)
    undo(second)
    assert account("alba.com").name == "Alba Group"
    undo(first)
    assert account("alba.com").name == "Alba Ltd"
    assert standing()["accounts_person"] == before["accounts_person"]


def test_an_account_that_only_a_hand_named_has_its_name_back(firms: None) -> None:
    Account.objects.filter(domain="brio.com").update(name="Brio")
    before = standing()
    undo(by(by_hand.rename_account, account("brio.com"), "Brio SpA"))
    assert standing() == before


# --- Where a workspace or a person belongs ------------------------------------------------------------------


def test_a_moved_workspace_takes_its_history_and_stays(send: Send, firms: None) -> None:
    before = standing()
    moved = by(by_hand.move_workspace, Workspace.objects.get(), account("brio.com"))
    assert usage() == {"brio.com": 2}
    undo(moved)
    assert standing() == before
    by(by_hand.move_workspace, Workspace.objects.get(), account("brio.com"))
    send(group("a1", "aw", website="alba.com"), track("a1", workspace="aw"), identify("a4", "ab@alba.com"), track("a4"))
    assert usage() == {"brio.com": 3, "alba.com": 1}


def test_a_moved_person_takes_all_they_did_and_stays_whatever_they_say_later(send: Send, firms: None) -> None:
    before = standing()
    moved = by(by_hand.move_person, Person.objects.get(email="ann@alba.com"), account("brio.com"))
    assert usage() == {"brio.com": 2}
    undo(moved)
    assert standing() == before
    by(by_hand.move_person, Person.objects.get(email="ann@alba.com"), account("brio.com"))
    send(identify("a1", "ann@alba.com"), group("a1", "aw2", website="alba.com"), track("a1", workspace="aw2"))
    assert usage() == {"brio.com": 3}


def test_a_moved_person_stays_moved_when_an_older_record_turns_out_to_be_them(send: Send) -> None:
    send(track(None, anonymous="v1", days=9))
    send(identify("a1", "ann@alba.com", days=8), identify("b1", "bo@brio.com"), track("a1", days=7))
    by(by_hand.move_person, Person.objects.get(email="ann@alba.com"), account("brio.com"))
    send(track("a1", anonymous="v1", days=6))
    assert Person.objects.get(email="ann@alba.com").pk == Person.objects.earliest("pk").pk
    assert usage() == {"brio.com": 3}


def test_the_later_of_two_moves_is_undone_first(send: Send, firms: None) -> None:
    send(identify("c1", "cy@cora.com"))
    ann = Person.objects.get(email="ann@alba.com")
    first, second = by(by_hand.move_person, ann, account("brio.com")), by(by_hand.move_person, ann, account("cora.com"))
    with pytest.raises(CorrectionError, match="later change first"):
        undo(first)
    undo(second)
    assert usage() == {"brio.com": 2}
    undo(first)
    assert usage() == {"alba.com": 1, "brio.com": 1}


def test_who_was_moved_into_an_account_follows_its_join(send: Send, firms: None) -> None:
    send(identify("c1", "cy@cora.com"))
    by(by_hand.move_person, Person.objects.get(email="ann@alba.com"), account("brio.com"))
    by(by_hand.give_domain, account("cora.com"), "brio.com")
    assert usage() == {"cora.com": 2}


@pytest.mark.parametrize("subject", ["workspace", "person"])
def test_nothing_moves_to_where_it_is(firms: None, subject: str) -> None:
    works = {"workspace": by_hand.move_workspace, "person": by_hand.move_person}
    rows = {"workspace": Workspace.objects.get(), "person": Person.objects.get(email="ann@alba.com")}
    with pytest.raises(CorrectionError, match="in Alba already"):
        by(works[subject], rows[subject], account("alba.com"))
    assert not Correction.objects.exists()


# --- Who is one person --------------------------------------------------------------------------------------


def test_two_people_are_merged_split_and_merged_again(send: Send, firms: None) -> None:
    before = {name: sum_ for name, sum_ in standing().items() if name != "accounts_personmerge"}
    ann, bo = Person.objects.get(email="ann@alba.com"), Person.objects.get(email="bo@brio.com")
    merged = by(by_hand.merge_people, ann, bo)
    assert Person.objects.filter(merged_into=None).count() == 1
    with pytest.raises(CorrectionError, match="one person already"):
        by(by_hand.merge_people, bo, ann)
    undo(merged)
    assert {name: sum_ for name, sum_ in standing().items() if name != "accounts_personmerge"} == before
    by(by_hand.merge_people, ann, bo)
    parted = by(by_hand.split_people, PersonMerge.objects.get())
    assert Person.objects.filter(merged_into=None).count() == 2
    undo(parted)
    assert Person.objects.filter(merged_into=None).count() == 1
