"""Identity: persons, workspaces and accounts from the ids in messages."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from accounts.identity.corrections import rederive_all, split
from accounts.identity.suggestions import accept
from accounts.models import (
    Account,
    Actor,
    Attribute,
    DomainOverride,
    Exclusion,
    MergeSuggestion,
    Person,
    PersonMerge,
    Workspace,
)
from signals.models import Usage
from tests.conftest import Send, alias, group, identify, track

pytestmark = pytest.mark.django_db


def heads() -> dict[str, Person]:
    """The whole persons by their email address."""
    return {person.email: person for person in Person.objects.filter(merged_into=None)}


def domains() -> set[str | None]:
    return set(Account.objects.values_list("domain", flat=True))


def usage_by_domain() -> dict[str | None, int]:
    found: dict[str | None, int] = {}
    for domain, count in Usage.objects.values_list("actor__account__domain", "count"):
        found[domain] = found.get(domain, 0) + count
    return found


def test_a_corporate_address_makes_an_account_of_its_registered_domain(send: Send) -> None:
    send(identify("u1", "Ann@US.IBM.com"), identify("u2", "bo@cn.ibm.com"), track("u1"), track("u2"))
    assert domains() == {"ibm.com"}
    assert usage_by_domain() == {"ibm.com": 2}


@pytest.mark.parametrize("address", ["a@gmail.com", "a@mailinator.com", "a@host.local", "nobody", "a@x@y.com", ""])
def test_an_address_that_names_no_company_makes_no_account(send: Send, address: str) -> None:
    send(identify("u1", address), track("u1"))
    assert domains() == set()
    assert usage_by_domain() == {None: 1}


def test_an_admins_word_goes_over_the_shipped_lists(send: Send) -> None:
    DomainOverride.objects.create(domain="gmail.com", kind="corporate")
    DomainOverride.objects.create(domain="partner.com", kind="free")
    send(identify("u1", "a@gmail.com"), identify("u2", "b@partner.com"))
    assert domains() == {"gmail.com"}


def test_an_excluded_person_counts_for_nobody_and_makes_no_account(send: Send) -> None:
    Exclusion.objects.create(pattern="*[bot]@*", reason="robot")
    send(identify("u1", "12+deploy[bot]@acme.com"), track("u1"))
    assert domains() == set()
    assert Person.objects.get().excluded_by == "*[bot]@*"


def test_an_exclusion_made_later_takes_the_usage_away_again(send: Send) -> None:
    send(identify("u1", "ci@acme.com"), identify("u2", "ann@acme.com"), track("u1"), track("u2"))
    Exclusion.objects.create(pattern="ci@*", reason="robot")
    rederive_all()
    assert usage_by_domain() == {None: 1, "acme.com": 1}


def test_an_identify_that_comes_after_the_events_brings_them_to_the_account(send: Send) -> None:
    send(track("u1", days=3))
    send(identify("u1", "ann@acme.com"))
    assert usage_by_domain() == {"acme.com": 1}


def test_an_anonymous_visitor_who_logs_in_is_one_person(send: Send) -> None:
    send(track(None, anonymous="a1", days=1))
    send(identify("u1", "ann@acme.com", anonymous="a1"))
    assert list(heads()) == ["ann@acme.com"]
    assert usage_by_domain() == {"acme.com": 1}


def test_an_anonymous_id_shared_by_two_users_belongs_to_the_first_by_event_time(send: Send) -> None:
    send(track(None, anonymous="a1", days=2))
    send(identify("u2", "bo@other.com", anonymous="a1", days=0))
    send(identify("u1", "ann@acme.com", anonymous="a1", days=1))
    assert usage_by_domain() == {"acme.com": 1}
    assert set(heads()) == {"ann@acme.com", "bo@other.com"}


def test_two_user_ids_with_one_address_are_of_one_company(send: Send) -> None:
    send(identify("u1", "ann@acme.com"), identify("u9", "ANN@acme.com"), track("u1"), track("u9"))
    assert Person.objects.filter(merged_into=None).count() == 2
    assert usage_by_domain() == {"acme.com": 2}


def test_an_alias_joins_a_visitor_and_says_so(send: Send) -> None:
    send(track(None, anonymous="old"), track("new"), identify("new", "ann@acme.com"))
    send(alias("new", "old"))
    assert PersonMerge.objects.get().cause == "anonymous"
    assert usage_by_domain() == {"acme.com": 2}


def test_a_merge_can_be_split_again_with_each_sides_own_usage(send: Send, t0: Any) -> None:
    send(identify("u1", "ann@acme.com"), identify("u2", "bo@other.com"), track("u1"), track("u2"), alias("u1", "u2"))
    accepted = accept(MergeSuggestion.objects.get().pk, None, t0)
    assert usage_by_domain() in ({"acme.com": 2}, {"other.com": 2})
    merge = PersonMerge.objects.get(pk=accepted.merge_id)
    user = User.objects.create(username="admin")
    split(merge.pk, user, t0)
    assert usage_by_domain() == {"acme.com": 1, "other.com": 1}
    assert set(heads()) >= {"ann@acme.com", "bo@other.com"}


def test_a_split_stays_split_when_the_alias_comes_again(send: Send, t0: Any) -> None:
    send(track("u1"), track(None, anonymous="u2"), alias("u1", "u2"))
    for merge in PersonMerge.objects.all():
        split(merge.pk, None, t0)
    send(alias("u1", "u2"))
    assert PersonMerge.objects.filter(undone_at=None).count() == 0


def test_a_workspace_belongs_to_the_company_of_its_earliest_member(send: Send) -> None:
    send(identify("u2", "bo@other.com"), group("u2", "w1", days=1))
    send(identify("u1", "ann@acme.com"), group("u1", "w1", days=5))
    assert Workspace.objects.get().account == Account.objects.get(domain="acme.com")


def test_free_email_people_of_a_workspace_count_for_its_company(send: Send) -> None:
    send(identify("u1", "ann@acme.com"), group("u1", "w1"))
    send(identify("u2", "bo@gmail.com"), track("u2", workspace="w1"))
    assert usage_by_domain() == {"acme.com": 1}


def test_two_workspaces_of_one_company_are_one_account(send: Send) -> None:
    send(identify("u1", "a@acme.com"), group("u1", "w1", name="Acme"), identify("u2", "b@acme.com"), group("u2", "w2"))
    assert Account.objects.get().workspaces.count() == 2


def test_an_account_is_called_as_its_first_workspace(send: Send) -> None:
    send(identify("u1", "a@acme.com"), group("u1", "w2", name="Later", days=1), group("u1", "w1", name="Acme", days=2))
    assert Account.objects.get().name == "Acme"


def test_the_latest_value_of_a_trait_holds_and_each_day_keeps_its_last(send: Send) -> None:
    send(group("u1", "w1", days=0, seats=5), group("u1", "w1", days=1, seats=3), group("u1", "w1", days=1.2, seats=2))
    said = Attribute.objects.filter(key__name="seats").order_by("day").values_list("number", flat=True)
    assert list(said) == [3, 5]


def test_moving_to_another_workspace_moves_the_home_of_a_person(send: Send) -> None:
    send(identify("u1", "ann@gmail.com"), identify("x", "x@acme.com"), identify("y", "y@other.com"))
    send(group("x", "w1", days=9), group("y", "w2", days=9))
    send(group("u1", "w1", days=5), group("u1", "w2", days=1), track("u1"))
    assert usage_by_domain() == {"other.com": 1}


def test_known_actors_are_not_looked_up_again(send: Send, django_assert_num_queries: Any) -> None:
    send(identify("u1", "ann@acme.com", days=1))
    send(track("u1"))
    assert Actor.objects.count() == 1


def test_constraints_back_up_the_code() -> None:
    from django.db import IntegrityError, transaction

    first = Person.objects.create(email="a@acme.com")
    with pytest.raises(IntegrityError, match="person_email_unique"), transaction.atomic():
        Person.objects.create(email="a@acme.com")
    with pytest.raises(IntegrityError, match="person_merge_ordered"), transaction.atomic():
        PersonMerge.objects.create(left=first, right=first, cause="manual")
    Account.objects.create(name="Acme", domain="acme.com")
    with pytest.raises(IntegrityError, match="account_domain_unique"), transaction.atomic():
        Account.objects.create(name="Acme", domain="acme.com")
