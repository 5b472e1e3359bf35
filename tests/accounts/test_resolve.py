"""Who is who, fact by fact: what is kept of ids, merges and attributes, and what follows for people and companies."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from accounts.identity import cache, derive, resolve
from accounts.identity import merges as merging
from accounts.identity.corrections import rederive_all
from accounts.identity.suggestions import accept
from accounts.models import (
    Account,
    Actor,
    Attribute,
    AttributeKey,
    DirtyMark,
    DomainOverride,
    Exclusion,
    Identity,
    MergeSuggestion,
    Person,
    PersonMerge,
    Workspace,
)
from plgcrm.common.cache import forget_all
from signals.ingest import receive
from tests.clock import T0
from tests.conftest import Send, alias, group, identify, track

pytestmark = pytest.mark.django_db

USER, ANONYMOUS, EMAIL = 1, 2, 3


@dataclass
class Who:
    """A message, as identity reads it."""

    kind: str
    days: float = 0
    user_id: str | None = "u1"
    anonymous_id: str | None = None
    previous_id: str | None = None
    group_id: str | None = None
    traits: bytes | None = None
    address: str | None = None

    @property
    def timestamp(self) -> datetime:
        return ago(self.days)


def ago(days: float) -> datetime:
    return T0 - timedelta(days=days)


def identity(value: str, kind: int = USER) -> Identity:
    return Identity.objects.get(value=value, kind=kind)


def row_of(user: str) -> Person:
    """The person row a user id was first seen as."""
    return Person.objects.get(pk=identity(user).person_id)


def person(user: str) -> Person:
    """The whole person behind a user id."""
    row = row_of(user)
    return row.merged_into or row


def merges() -> list[tuple[int, int, str, str]]:
    return list(PersonMerge.objects.order_by("pk").values_list("left", "right", "cause", "evidence"))


def suggested() -> list[tuple[int, int, str, str, str]]:
    return list(MergeSuggestion.objects.order_by("pk").values_list("left", "right", "cause", "evidence", "why"))


def account_of(user: str) -> str | None:
    account = person(user).account
    return account.domain if account else None


def company_of(workspace: str) -> str | None:
    account = Workspace.objects.get(external_id=workspace).account
    return account.domain if account else None


def acted_for(user: str) -> list[str | None]:
    """The accounts that the usage of a user id counts for."""
    actors = Actor.objects.filter(profile=identity(user).person_id).order_by("pk")
    return list(actors.values_list("account__domain", flat=True))


def touched(accounts: list[int]) -> set[str]:
    return set(Account.objects.filter(pk__in=accounts).values_list("domain", flat=True))


def touched_since(mark: int) -> set[str]:
    marks = DirtyMark.objects.filter(pk__gt=mark).values_list("accounts", flat=True)
    return touched([account for accounts in marks for account in accounts])


def last_mark() -> int:
    return DirtyMark.objects.latest("pk").pk


# --- Ids ----------------------------------------------------------------------------------------------------


def test_ids_are_kept_by_source_and_addresses_for_all_sources(send: Send, source: receive.SourceRef) -> None:
    send(identify("u1", "Ann@Acme.com"), track(None, anonymous="a1"))
    found = list(Identity.objects.order_by("kind").values_list("source_id", "kind", "value", "person"))
    ann, visitor = row_of("u1").pk, identity("a1", ANONYMOUS).person_id
    assert found == [
        (source.id, USER, "u1", ann),
        (source.id, ANONYMOUS, "a1", visitor),
        (0, EMAIL, "ann@acme.com", ann),
    ]
    assert Person.objects.count() == 2


def test_an_anonymous_id_beside_a_user_id_is_theirs_and_no_person_of_its_own(send: Send) -> None:
    send(track("u1", anonymous="a1", days=1))
    visitor = identity("a1", ANONYMOUS)
    assert (visitor.person, visitor.claimed_by, visitor.claimed_at) == (None, row_of("u1"), ago(1))
    assert (Person.objects.count(), merges()) == (1, [])


def test_an_anonymous_id_that_acts_alone_after_it_was_claimed_is_its_claimant(send: Send) -> None:
    send(track("u1", anonymous="a1", days=1))
    send(track(None, anonymous="a1"), track(None, anonymous="a2"))
    ann, visitor = row_of("u1"), identity("a1", ANONYMOUS).person
    assert merges() == [(ann.pk, visitor.pk, "anonymous", "")]
    assert (visitor.merged_into, identity("a2", ANONYMOUS).person.merged_into) == (ann, None)


def test_a_visitor_who_logs_in_is_joined_with_the_id_as_evidence(send: Send) -> None:
    send(track(None, anonymous="a1", days=2))
    send(track("u1", anonymous="a1", days=1))
    visitor, ann = identity("a1", ANONYMOUS).person, row_of("u1")
    assert merges() == [(visitor.pk, ann.pk, "anonymous", "a1")]
    assert (ann.merged_into, identity("a1", ANONYMOUS).claimed_by) == (visitor, ann)


def test_a_later_user_of_an_anonymous_id_changes_nothing(send: Send) -> None:
    send(track(None, anonymous="a1", days=3))
    for user, days in (("u1", 2), ("u2", 1), ("u1", 0)):
        send(track(user, anonymous="a1", days=days))
    visitor = identity("a1", ANONYMOUS)
    assert (visitor.claimed_by, visitor.claimed_at) == (row_of("u1"), ago(2))
    assert [(left, right) for left, right, _, _ in merges()] == [(visitor.person_id, row_of("u1").pk)]
    assert row_of("u2").merged_into is None


def test_an_earlier_user_of_an_anonymous_id_takes_it_and_the_merge(send: Send) -> None:
    send(track(None, anonymous="a1", days=3))
    send(track("u2", anonymous="a1", days=1))
    send(track("u1", anonymous="a1", days=2))
    visitor = identity("a1", ANONYMOUS)
    assert (visitor.claimed_by, visitor.claimed_at) == (row_of("u1"), ago(2))
    assert merges() == [(visitor.person_id, row_of("u1").pk, "anonymous", "a1")]
    assert (row_of("u2").merged_into, row_of("u1").merged_into) == (None, visitor.person)


def test_of_two_users_of_an_anonymous_id_in_one_batch_only_the_first_is_joined(send: Send) -> None:
    send(track(None, anonymous="a1", days=3), track("u2", anonymous="a1", days=1), track("u1", anonymous="a1", days=2))
    visitor = identity("a1", ANONYMOUS)
    assert visitor.claimed_by == row_of("u1")
    assert [(left, right) for left, right, _, _ in merges()] == [(visitor.person_id, row_of("u1").pk)]


@pytest.mark.parametrize("first", ["u1", "u2"])
def test_of_two_users_at_the_same_time_the_lesser_id_has_the_anonymous_id(send: Send, first: str) -> None:
    second = {"u1": "u2", "u2": "u1"}[first]
    send(identify(first, "a@acme.com", anonymous="a1", days=1), track("u0"))
    send(track(second, anonymous="a1", days=1))
    assert identity("a1", ANONYMOUS).claimed_by == row_of("u1")


def test_what_an_earlier_claim_undoes_is_the_later_claim_alone(send: Send) -> None:
    for visitor, user in (("a1", "u2"), ("a9", "u9")):
        send(track(None, anonymous=visitor, days=3), track(user, anonymous=visitor, days=1))
    send(alias("u2", "a1"))
    send(track("u1", anonymous="a1", days=2))
    assert {row_of("u9").pk, row_of("u1").pk} == {right for _, right, cause, _ in merges() if cause == "anonymous"}


def test_a_merge_that_somebody_has_undone_is_kept_when_an_earlier_claim_comes(send: Send) -> None:
    send(track(None, anonymous="a1", days=3), track("u2", anonymous="a1", days=1))
    PersonMerge.objects.update(undone_at=T0)
    send(track("u1", anonymous="a1", days=2))
    assert PersonMerge.objects.filter(right=row_of("u2"), undone_at=T0).exists()


def test_the_same_user_earlier_moves_the_time_of_the_claim_alone(send: Send) -> None:
    send(track(None, anonymous="a1", days=3))
    send(track("u1", anonymous="a1", days=1))
    send(track("u1", anonymous="a1", days=2))
    assert identity("a1", ANONYMOUS).claimed_at == ago(2)
    assert len(merges()) == 1
    assert row_of("u1").merged_into is not None


def test_the_same_ids_in_another_source_are_other_people(send: Send, source: receive.SourceRef) -> None:
    send(track("u1"), track(None, anonymous="a1"))
    other = [Who("track"), Who("track", user_id=None, anonymous_id="a1")]
    cache.actors_of(source.id + 1, other)
    assert (Person.objects.count(), Identity.objects.filter(source_id=source.id + 1).count()) == (4, 2)
    assert merges() == []


# --- Aliases and addresses ----------------------------------------------------------------------------------


def test_an_alias_joins_the_visitor_who_had_the_old_id_and_suggests_the_user(send: Send) -> None:
    send(track("old"), track(None, anonymous="old"), track("new"))
    old, visitor, new = row_of("old"), identity("old", ANONYMOUS).person, row_of("new")
    send(alias("new", "old"))
    assert merges() == [(visitor.pk, new.pk, "anonymous", "old")]
    assert suggested() == [(old.pk, new.pk, "alias", "old", "users")]


def test_an_alias_of_a_visitor_who_comes_later_waits_for_them(send: Send) -> None:
    send(alias("new", "old"))
    send(track(None, anonymous="old", days=2))
    assert identity("old", ANONYMOUS).person.merged_into == person("new")
    assert {cause for _, _, cause, _ in merges()} == {"anonymous"}


def test_an_alias_of_oneself_joins_nobody_else(send: Send) -> None:
    send(track("u1"), alias("u1", "u1"))
    assert Person.objects.filter(merged_into=None).count() == 1


def test_one_address_in_one_batch_or_in_two_may_be_one_person(send: Send) -> None:
    send(identify("u1", "ann@acme.com"), identify("u2", "ANN@acme.com"))
    send(identify("u3", "ann@acme.com"), identify("u3", "ann@acme.com"))
    first = row_of("u1")
    assert suggested() == [
        (first.pk, row_of("u2").pk, "email", "ann@acme.com", "users"),
        (first.pk, row_of("u3").pk, "email", "ann@acme.com", "users"),
    ]
    assert merges() == []


def test_the_longest_id_is_kept_whole_as_evidence(send: Send) -> None:
    send(track("u1"), alias("u1", "o" * 200))
    assert {evidence for _, _, _, evidence, _ in suggested()} == {"o" * 200}


def test_an_address_that_a_group_call_or_an_event_says_is_no_address_of_the_person(send: Send) -> None:
    send(group("u1", "w1", email="team@acme.com"), track("u1", properties={"email": "ann@acme.com"}))
    assert not Identity.objects.filter(kind=EMAIL).exists()
    assert person("u1").email == ""


def test_people_joined_one_by_one_are_one_person_however_long_the_chain(send: Send) -> None:
    for user in ("u1", "u2", "u3", "u4"):
        send(track(user))
    for left, right in (("u3", "u4"), ("u1", "u2"), ("u2", "u3")):
        send(alias(left, right))
    for suggestion in MergeSuggestion.objects.order_by("pk"):
        accept(suggestion.pk, None, T0)
    assert {person(user) for user in ("u1", "u2", "u3", "u4")} == {row_of("u1")}


def test_a_persons_address_stays_with_whom_it_was_first_seen(send: Send) -> None:
    send(identify("u1", "ann@acme.com", days=2), identify("u2", "bo@acme.com", days=2))
    send(identify("u2", "ann@acme.com", days=1))
    accept(MergeSuggestion.objects.get(cause="email").pk, None, T0)
    merge = PersonMerge.objects.get(cause="manual")
    PersonMerge.objects.filter(pk=merge.pk).update(undone_at=T0)
    merging.regroup({merge.left_id, merge.right_id})
    derive.derive({merge.left_id, merge.right_id}, set())
    assert (row_of("u1").email, row_of("u2").email) == ("ann@acme.com", "bo@acme.com")


# --- What is said of people ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("traits", "name"),
    [
        ({"name": "Ann Lee", "first_name": "A"}, "Ann Lee"),
        ({"firstName": "Ann", "lastName": "Lee"}, "Ann Lee"),
        ({"first_name": "Ann"}, "Ann"),
        ({"last_name": "Lee"}, "Lee"),
        ({"plan": "team"}, ""),
        ({"name": "x" * 201}, "x" * 200),
    ],
)
def test_a_name_is_said_whole_or_in_parts(send: Send, traits: dict[str, str], name: str) -> None:
    send(identify("u1", "ann@acme.com", traits=traits))
    assert person("u1").name == name


@pytest.mark.parametrize(
    ("traits", "title", "role"),
    [
        ({"title": "CTO", "jobTitle": "Dev", "role": " Admin "}, "CTO", "admin"),
        ({"jobTitle": "Dev"}, "Dev", ""),
        ({"title": "t" * 201, "role": "R" * 41}, "t" * 200, "r" * 40),
        ({"jobTitle": "j" * 201}, "j" * 200, ""),
        ({}, "", ""),
    ],
)
def test_title_and_role_are_kept_as_far_as_they_fit(send: Send, traits: dict[str, str], title: str, role: str) -> None:
    send(identify("u1", "ann@acme.com", traits=traits))
    assert (person("u1").title, person("u1").role) == (title, role)


@pytest.mark.parametrize(
    ("address", "domain", "kind"),
    [
        ("ann@us.acme.com", "acme.com", "corporate"),
        ("ann@gmail.com", "gmail.com", "free"),
        ("ann@mailinator.com", "mailinator.com", "disposable"),
        ("nobody", "", "invalid"),
        (None, "", ""),
    ],
)
def test_an_address_says_its_domain_and_kind(send: Send, address: str | None, domain: str, kind: str) -> None:
    send(identify("u1", address, traits={"name": "Ann"}))
    assert (person("u1").domain, person("u1").email_kind) == (domain, kind)


def test_what_was_said_last_counts_over_all_rows_of_a_person(send: Send) -> None:
    send(identify("u1", "ann@acme.com", days=3, traits={"title": "Dev", "name": "Ann"}))
    send(identify("u2", "ann@acme.com", days=1, traits={"title": "CTO"}))
    send(identify("u1", "ann@acme.com", days=2, traits={"title": "Lead"}))
    accept(MergeSuggestion.objects.get().pk, None, T0)
    assert (person("u1").title, person("u1").name) == ("CTO", "Ann")
    send(identify("u3", "bo@acme.com", traits={"title": "CEO"}))
    assert person("u1").title == "CTO"


def test_what_the_crm_says_of_a_person_goes_over_the_product_and_what_somebody_says_over_both(send: Send) -> None:
    send(identify("u1", "ann@acme.com", traits={"title": "Dev"}))
    key = AttributeKey.objects.get(name="title")
    about = {"subject_kind": 1, "subject_id": row_of("u1").pk, "key": key, "day": T0.date()}
    Attribute.objects.create(**about, origin=2, at=ago(9), text="CTO")
    rederive_all()
    assert person("u1").title == "CTO"
    Attribute.objects.create(**about, origin=3, at=ago(20), text="CEO")
    rederive_all()
    assert person("u1").title == "CEO"


def test_of_two_things_said_at_the_same_time_in_two_calls_the_greater_text_counts_in_any_order(send: Send) -> None:
    for user, titles in (("u1", ("Dev", "CTO")), ("u2", ("CTO", "Dev"))):
        for title in titles:
            send(identify(user, f"{user}@acme.com", traits={"title": title}))
    assert {person(user).title for user in ("u1", "u2")} == {"Dev"}


def test_the_last_value_of_each_day_is_kept_with_its_number_and_time(send: Send) -> None:
    send(group("u1", "w1", days=1, seats=3, plan="Team"), group("u1", "w1", days=1.1, seats=2))
    send(group("u1", "w1", days=1.2, seats=1), group("u1", "w1", days=9, seats=7))
    workspace = Workspace.objects.get()
    found = Attribute.objects.order_by("day", "key__name").values_list(
        "subject_kind", "subject_id", "key__name", "origin", "day", "at", "number", "text"
    )
    assert list(found) == [
        (2, workspace.pk, "seats", 1, ago(9).date(), ago(9), 7.0, "7"),
        (2, workspace.pk, "plan", 1, ago(1).date(), ago(1), None, "Team"),
        (2, workspace.pk, "seats", 1, ago(1).date(), ago(1), 3.0, "3"),
    ]


def test_a_day_of_attributes_is_a_day_in_utc(send: Send) -> None:
    send(identify("u1", "a@acme.com", days=10 / 24, traits={"title": "Dev"}))  # midnight
    send(identify("u1", "a@acme.com", days=10.001 / 24, traits={"title": "CTO"}))
    days = Attribute.objects.filter(key__name="title").order_by("day").values_list("day", "text")
    assert list(days) == [(date(2026, 3, 10), "CTO"), (date(2026, 3, 11), "Dev")]


def test_traits_of_a_group_call_are_the_workspaces_and_all_others_the_persons(send: Send) -> None:
    send(group("u1", "w1", name="Acme"), identify("u1", "ann@acme.com", workspace="w1", traits={"name": "Ann"}))
    found = Attribute.objects.filter(key__name="name").order_by("subject_kind").values_list("subject_kind", "text")
    assert list(found) == [(1, "Ann"), (2, "Acme")]
    assert Workspace.objects.get().name == "Acme"


def test_attribute_names_are_taken_in_up_to_a_limit(send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolve, "MAX_ATTRIBUTE_KEYS", 1)
    AttributeKey.objects.all().delete()
    send(group("u1", "w1", seats=3))
    send(group("u1", "w1", plan="team", seats=4))
    assert list(Attribute.objects.values_list("key__name", "number")) == [("seats", 4.0)]


def test_traits_that_are_no_object_or_come_with_an_event_say_nothing(send: Send) -> None:
    send(track("u1", traits={"title": "CTO"}), {**identify("u1", None), "traits": []})
    assert not Attribute.objects.exists()


# --- Actors -------------------------------------------------------------------------------------------------


def test_an_actor_is_a_person_in_a_workspace_since_their_first_event(send: Send) -> None:
    send(track("u1", days=1), track("u1", days=3), track("u1", days=2, workspace="w1"))
    send(track("u1", days=2), group("u1", "w1", days=1), group("u1", "w1", days=4))
    send(group("u1", "w1", days=3), track("u2", days=9, workspace="w1"))
    workspace = Workspace.objects.get()
    found = Actor.objects.order_by("pk").values_list("profile", "workspace", "first_at", "grouped_at", "person")
    ann, bo = row_of("u1").pk, row_of("u2").pk
    assert sorted(found, key=lambda row: row[2]) == [
        (bo, workspace.pk, ago(9), None, bo), (ann, workspace.pk, ago(4), ago(1), ann), (ann, None, ago(3), None, ann),
    ]  # fmt: skip


def test_the_actor_of_each_message_comes_in_the_order_of_the_messages(source: receive.SourceRef) -> None:
    said = [("u2", None), ("u1", "w1"), ("u2", "w1"), ("u1", None), ("u1", "w2"), ("u1", "w1")]
    given = cache.actors_of(source.id, [Who("track", user_id=user, group_id=group) for user, group in said])
    actors = Actor.objects.in_bulk(given)
    found = [(actors[pk].profile.identities.get().value, actors[pk].workspace) for pk in given]
    assert [(user, workspace and workspace.external_id) for user, workspace in found] == said


def resolved(monkeypatch: pytest.MonkeyPatch) -> list[list[Who]]:
    """The messages of each look at the database."""
    looked: list[list[Who]] = []
    original = cache.resolve_batch

    def look(source_id: int, messages: list[Who], **more: Any) -> Any:
        looked.append(list(messages))
        return original(source_id, messages, **more)

    monkeypatch.setattr(cache, "resolve_batch", look)
    return looked


def test_a_known_actor_is_looked_up_only_where_a_message_may_teach_something(
    source: receive.SourceRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.actors_of(source.id, [Who("track", days=1)])
    looked = resolved(monkeypatch)
    known = [Who("track", days=1), Who("page", days=0)]
    teaching = [Who("identify"), Who("group"), Who("alias"), Who("track", days=2), Who("track", group_id="w1")]
    cache.actors_of(source.id, known)
    assert looked == []
    for message in teaching:
        cache.actors_of(source.id, [*known, message])
    assert looked == [[message] for message in teaching]
    cache.actors_of(source.id, [Who("track", days=2)])
    assert len(looked) == len(teaching)


def test_an_event_from_before_a_claim_is_looked_at_for_it_may_be_the_first(
    source: receive.SourceRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.actors_of(source.id, [Who("track", days=3)])
    cache.actors_of(source.id, [Who("track", days=1, anonymous_id="a1")])
    looked = resolved(monkeypatch)
    cache.actors_of(source.id, [Who("track", days=2, anonymous_id="a1"), Who("track", days=1, anonymous_id="a1")])
    assert looked == [[Who("track", days=2, anonymous_id="a1")]]
    assert identity("a1", ANONYMOUS).claimed_at == ago(2)


def test_a_memory_that_is_full_forgets_and_still_gives_every_actor(
    source: receive.SourceRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "MOST_KNOWN", 2)
    everybody = [Who("track", user_id=f"u{number}") for number in range(5)]
    first = cache.actors_of(source.id, everybody[:3])
    # Two that are known, beside one that is not and makes the memory too full.
    for new in (3, 4):
        given = cache.actors_of(source.id, [everybody[0], everybody[new], everybody[1]])
        assert [given[0], given[2]] == first[:2]
    assert Actor.objects.count() == 5


def test_statistics_are_read_again_as_actors_double(source: receive.SourceRef, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []
    monkeypatch.setattr(cache, "execute", ran.append)
    forget_all()

    def analyzed(count: int) -> int:
        """How often, after so many new actors; a fact about somebody known is none."""
        number = Person.objects.count()
        new = [Who("track", user_id=f"n{number + each}") for each in range(count)]
        cache.actors_of(source.id, [*new, Who("identify", user_id="n0")])
        return len(ran)

    assert [analyzed(count) for count in (199, 1, 399, 1, 799, 1)] == [0, 1, 1, 2, 2, 3]
    forget_all()
    assert [analyzed(count) for count in (198, 1)] == [3, 4]  # and n0, whom nobody remembers
    assert set(ran) == {resolve.SQL["analyze"]}


# --- Companies ----------------------------------------------------------------------------------------------


def test_what_is_said_of_a_workspace_is_not_said_of_a_person_with_its_number_nor_the_other_way(send: Send) -> None:
    send(identify("u1", "ann@acme.com", traits={"name": "Ann"}), group("u1", "w1", name="One", website="acme.com"))
    workspace, keys = Workspace.objects.get(), AttributeKey.objects
    for kind, subject, name, text in (
        (2, row_of("u1").pk, "name", "No name of hers"), (1, workspace.pk, "website", "beta.com"),
    ):  # fmt: skip
        given = {"key": keys.get(name=name), "origin": 3, "day": T0.date(), "at": T0, "text": text}
        Attribute.objects.create(subject_kind=kind, subject_id=subject, **given)
    rederive_all()
    assert (person("u1").name, company_of("w1")) == ("Ann", "acme.com")


def test_of_what_is_said_of_a_workspace_trust_counts_then_time_then_the_greater_text(send: Send) -> None:
    send(group("u1", "w1", days=2, website="a.com"), group("u1", "w1", days=1, website="b.com"))
    assert company_of("w1") == "b.com"
    key, workspace = AttributeKey.objects.get(name="website"), Workspace.objects.get()
    about = {"subject_kind": 2, "subject_id": workspace.pk, "key": key}
    Attribute.objects.create(**about, origin=2, day=ago(9).date(), at=ago(9), text="c.com")
    Attribute.objects.create(**about, origin=2, day=ago(8).date(), at=ago(9), text="d.com")
    rederive_all()
    assert company_of("w1") == "d.com"


def test_a_trait_called_id_is_no_word_of_the_workspaces_own_id(send: Send) -> None:
    send(group("u1", "app.named.com", id="other.com"))
    assert company_of("app.named.com") == "named.com"


@pytest.mark.parametrize(
    ("traits", "company"),
    [
        ({"website": "https://www.acme.com/about", "domain": "other.com"}, "acme.com"),
        ({"domain": "other.com", "website": "gmail.com"}, "other.com"),
        ({"domain": "not a domain"}, "named.com"),
        ({}, "named.com"),
    ],
)
def test_a_workspace_says_its_company_by_website_domain_or_its_own_id(
    send: Send, traits: dict[str, str], company: str
) -> None:
    send(identify("u1", "ann@first.com", days=3), group("u1", "app.named.com", days=2, **traits))
    assert company_of("app.named.com") == company


def test_a_workspace_without_a_word_of_its_own_is_of_its_first_member_who_has_a_company(send: Send) -> None:
    Exclusion.objects.create(pattern="*@ours.com", reason="internal")
    members = ["free@gmail.com", "us@ours.com", "ann@acme.com", "bo@beta.com"]
    for number, address in enumerate(members):
        send(identify(f"u{number}", address, days=9 - number), track(f"u{number}", days=9 - number, workspace="w1"))
    assert company_of("w1") == "acme.com"
    send(track("u3", days=20, workspace="w1"))
    assert company_of("w1") == "beta.com"


def test_of_two_first_members_the_company_that_comes_first_by_name(send: Send) -> None:
    for user, address in (("u1", "bo@beta.com"), ("u2", "ann@acme.com")):
        send(identify(user, address, days=2), track(user, days=1, workspace="w1"))
    assert company_of("w1") == "acme.com"


def test_an_admins_word_on_a_domain_holds_for_workspaces_too(send: Send) -> None:
    send(identify("u1", "ann@acme.com"), group("u1", "w1", website="gmail.com"))
    assert company_of("w1") == "acme.com"
    DomainOverride.objects.create(domain="gmail.com", kind="corporate")
    rederive_all()
    assert company_of("w1") == "gmail.com"


def test_a_workspace_that_says_another_company_takes_its_people_and_their_usage_along(send: Send) -> None:
    send(
        identify("u1", "ann@acme.com", days=3), track("u1", days=2, workspace="w1"), track("u2", days=1, workspace="w1")
    )
    assert (account_of("u2"), acted_for("u2")) == ("acme.com", ["acme.com"])
    mark = last_mark()
    send(group("u1", "w1", website="beta.com"))
    assert (account_of("u1"), account_of("u2")) == ("beta.com", "beta.com")
    assert (acted_for("u1"), acted_for("u2")) == (["beta.com", "beta.com"], ["beta.com"])
    assert touched_since(mark) == {"acme.com", "beta.com"}


def test_a_name_of_a_workspace_is_cut_and_names_its_account(send: Send) -> None:
    send(identify("u1", "ann@acme.com"), group("u1", "w1", name="n" * 201))
    assert (Workspace.objects.get().name, Account.objects.get().name) == ("n" * 200, "n" * 200)


def test_an_account_is_called_by_its_domain_until_a_workspace_has_a_name(send: Send) -> None:
    send(identify("u1", "ann@acme.com"), group("u1", "w1", days=3))
    assert Account.objects.get().name == "acme.com"
    send(group("u1", "w2", days=1, name="Second"))
    assert Account.objects.get().name == "Second"
    send(group("u1", "w1", days=2, name="First"))
    assert Account.objects.get().name == "First"


def test_an_account_that_was_renamed_keeps_its_name_while_others_change(send: Send) -> None:
    send(
        identify("u1", "ann@acme.com"), group("u1", "w1", name="Acme"), identify("u2", "bo@beta.com"), group("u2", "w2")
    )
    Account.objects.filter(domain="acme.com").update(name="Renamed")
    send(group("u2", "w2", name="Beta"))
    assert set(Account.objects.values_list("name", flat=True)) == {"Renamed", "Beta"}


def test_of_two_workspaces_that_began_together_the_lesser_id_names_the_account(send: Send) -> None:
    send(identify("u1", "ann@acme.com"), group("u1", "w2", days=1, name="Two"), group("u1", "w1", days=1, name="One"))
    assert Account.objects.get().name == "One"


def test_workspaces_of_one_id_in_two_sources_are_two(send: Send, source: receive.SourceRef) -> None:
    send(group("u1", "w1"))
    cache.actors_of(source.id + 1, [Who("group", group_id="w1")])
    assert Workspace.objects.filter(external_id="w1").count() == 2
    send(track("u1", workspace="w1"), track("u2", workspace="w1"))
    assert Workspace.objects.count() == 2


# --- Whose account somebody is of ---------------------------------------------------------------------------


def test_a_person_is_of_the_home_workspace_else_of_the_address(send: Send) -> None:
    send(identify("x", "x@acme.com", days=30), track("x", days=30, workspace="w1"))
    send(identify("y", "y@beta.com", days=30), track("y", days=30, workspace="w2"))
    send(identify("u1", "ann@own.com", days=9))
    assert account_of("u1") == "own.com"
    send(track("u1", days=3, workspace="w2"))
    assert account_of("u1") == "beta.com"
    send(track("u1", days=2, workspace="w1"))
    assert account_of("u1") == "beta.com"  # the one joined first
    send(group("u1", "w1", days=1))
    assert account_of("u1") == "acme.com"  # the one said last
    send(group("u1", "w2", days=0.5))
    assert account_of("u1") == "beta.com"
    assert acted_for("u1") == ["beta.com", "beta.com", "acme.com"]


def test_of_two_homes_said_at_once_the_lesser_id(send: Send) -> None:
    send(group("u1", "w2", website="beta.com"), group("u1", "w1", website="acme.com"))
    assert account_of("u1") == "acme.com"


def test_a_workspace_of_no_company_is_no_home(send: Send) -> None:
    send(identify("u1", "ann@own.com", days=9), group("u1", "w1"))
    Workspace.objects.update(account=None)
    send(identify("u2", "bo@gmail.com"), group("u2", "w9"))
    assert (account_of("u1"), account_of("u2"), company_of("w9")) == ("own.com", None, None)


def test_events_outside_of_a_workspace_count_for_the_persons_account(send: Send) -> None:
    send(identify("x", "x@acme.com", days=9), group("x", "w1", days=9))
    send(identify("u1", "ann@gmail.com"), group("u1", "w1"), track("u1"))
    assert acted_for("u1") == ["acme.com", "acme.com"]


def test_who_is_excluded_is_of_no_account_and_their_usage_counts_for_none(send: Send) -> None:
    send(identify("u1", "ann@acme.com"), track("u1"), track("u1", workspace="w1"), identify("u2", "bo@acme.com"))
    Exclusion.objects.create(pattern="ann@*", reason="robot")
    mark = last_mark()
    rederive_all()
    assert (person("u1").excluded_by, account_of("u1"), acted_for("u1")) == ("ann@*", None, [None, None])
    assert account_of("u2") == "acme.com"
    assert touched_since(mark) == {"acme.com"}
    Exclusion.objects.all().delete()
    rederive_all()
    assert (person("u1").excluded_by, account_of("u1")) == ("", "acme.com")


def test_an_account_that_lost_its_only_person_is_marked(send: Send) -> None:
    send(identify("u1", "ann@acme.com"), track("u1"))
    Exclusion.objects.create(pattern="ann@*", reason="robot")
    mark = last_mark()
    rederive_all()
    assert touched_since(mark) == {"acme.com"}


def test_a_batch_that_teaches_nothing_derives_nothing(send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    said = [alias("u1", "u2"), group("u1", "w1"), track("u1", workspace="w1")]
    send(identify("u1", "ann@acme.com"), *said)
    forget_all()
    asked: list[str] = []
    for name in ("rows", "execute"):
        monkeypatch.setattr(derive, name, lambda query, *more: asked.append(query) or [])
    send(*({**message, "messageId": f"again {number}"} for number, message in enumerate(said)))
    assert asked == []


def test_all_that_a_member_did_under_any_id_follows_the_company_of_the_workspace(send: Send) -> None:
    send(track("u1", days=3, workspace="w1"), track("u2", days=3), alias("u1", "u2"))
    accept(MergeSuggestion.objects.get().pk, None, T0)
    send(identify("x", "x@acme.com", days=2), track("x", days=2, workspace="w1"))
    assert acted_for("u2") == ["acme.com"]


def test_the_first_exclusion_by_its_pattern_is_named(send: Send) -> None:
    for pattern in ("*@acme.com", "*ann*", "ann@*"):
        Exclusion.objects.create(pattern=pattern, reason="other")
    send(identify("u1", "ann@acme.com"))
    assert person("u1").excluded_by == "*@acme.com"


def test_accounts_that_win_or_lose_are_marked_and_no_others(send: Send) -> None:
    send(identify("u1", "ann@acme.com", days=2), track("u1", days=2), identify("u2", "bo@beta.com"), track("u2"))
    mark = last_mark()
    send(track("u1"))
    assert touched_since(mark) == set()
    send(identify("u1", "ann@acme.com", traits={"title": "CTO"}))
    assert touched_since(mark) == {"acme.com"}
    mark = last_mark()
    send(identify("u1", "ann@new.com"))
    assert touched_since(mark) == {"acme.com", "new.com"}


def test_an_actor_of_somebody_who_is_joined_is_the_whole_persons(send: Send) -> None:
    send(identify("u1", "ann@acme.com", days=2), identify("u2", "bo@gmail.com", days=3), track("u2", workspace="w1"))
    mark = last_mark()
    send(alias("u1", "u2"))
    accept(MergeSuggestion.objects.get().pk, None, T0)
    assert set(Actor.objects.values_list("person", flat=True)) == {row_of("u1").pk}
    assert acted_for("u2") == ["acme.com", "acme.com"]
    assert company_of("w1") == "acme.com"
    assert touched_since(mark) == {"acme.com"}
