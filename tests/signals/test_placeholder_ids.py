"""Messages whose ids stand for nobody, through the door that clients use: nobody is joined by them, nothing is lost."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.identity.corrections import rederive_all
from accounts.identity.placeholders import forget_placeholders
from accounts.models import Account, Actor, Exclusion, Identity, Person, PersonMerge, Placeholder, Workspace
from signals.ingest.receive import SourceRef, replay
from signals.models import Event, FailedEvent, Usage
from tests.conftest import alias, group, identify, track

pytestmark = pytest.mark.django_db
Post = Callable[..., None]


@pytest.fixture
def post(source: SourceRef, clock: Any) -> Post:
    """Posts messages to /v1/batch, as a client does."""

    def post(*messages: dict[str, Any], path: str = "batch") -> None:
        body = {"batch": list(messages)} if path == "batch" else messages[0]
        answer = Client().post(f"/v1/{path}", json.dumps(body), "application/json", headers={"X-Write-Key": "wk_test"})
        assert answer.status_code == 200

    return post


ANN = [identify("u1", "ann@alpha-one.com", days=9), track("u1", days=9)]
BOB = [identify("u2", "bob@beta-two.com", days=9), track("u2", days=9)]


def usage() -> dict[str | None, tuple[int, int]]:
    """Events and people of each account."""
    found: dict[str | None, list[int]] = {}
    for domain, person, count in Usage.objects.values_list("actor__account__domain", "actor__person", "count"):
        found.setdefault(domain, []).extend([person] * count)
    return {domain: (len(people), len(set(people))) for domain, people in found.items()}


def people() -> set[str]:
    return set(Person.objects.filter(merged_into=None).values_list("email", flat=True))


def reasons() -> list[str]:
    return list(FailedEvent.objects.order_by("pk").values_list("reason", flat=True))


@pytest.mark.parametrize(
    "nobody", ["undefined", "NULL", "None", "NaN", "0", "-1", "[object Object]", "guest", "{{uid}}"]
)
def test_an_identify_of_nobody_joins_nobody_and_waits_as_failed(post: Post, nobody: str) -> None:
    post(*ANN, *BOB)
    post(identify(nobody, "ann@alpha-one.com"), identify(nobody, "bob@beta-two.com"))
    assert usage() == {"alpha-one.com": (1, 1), "beta-two.com": (1, 1)}
    assert people() == {"ann@alpha-one.com", "bob@beta-two.com"}
    reason = f"userId “{nobody}” is a placeholder and counts as absent. "
    assert reasons() == [reason + "identify needs userId or anonymousId. Send at least one."] * 2


@pytest.mark.parametrize("nobody", [True, False, {}, []])
def test_an_id_that_is_no_text_counts_as_absent_too(post: Post, nobody: Any) -> None:
    post({**identify("u1", "ann@alpha-one.com"), "anonymousId": "a1"}, track("u2", anonymous=nobody))
    post({**track("u9", anonymous="a9"), "userId": nobody})
    assert Event.objects.count() == 3
    assert set(Identity.objects.exclude(kind=3).values_list("value", flat=True)) == {"u1", "a1", "u2", "a9"}


def test_a_placeholder_beside_a_real_id_takes_nothing_from_the_message(post: Post) -> None:
    post(track("undefined", anonymous="a1"), track("u1", anonymous="null"), track("u2", anonymous="a1"))
    assert set(Identity.objects.values_list("value", flat=True)) == {"a1", "u1", "u2"}
    assert (Event.objects.count(), reasons()) == (3, [])


def test_strangers_under_a_placeholder_anonymous_id_stay_strangers(post: Post) -> None:
    post(*ANN, track("u1", anonymous="undefined", days=8))
    post(*(track(None, "Demo Requested", anonymous="undefined") for _ in range(5)))
    assert usage() == {"alpha-one.com": (2, 1)}
    assert len(reasons()) == 5


@pytest.mark.parametrize("previous", ["null", "undefined", "0", "anonymous", ""])
def test_an_alias_of_nobody_joins_nobody(post: Post, previous: str) -> None:
    post(*ANN, *BOB)
    post(alias("u1", previous), alias("u2", previous))
    assert PersonMerge.objects.count() == 0
    assert [reason.endswith("alias needs previousId and userId. Send both.") for reason in reasons()] == [True, True]


def test_users_of_four_companies_in_no_workspace_stay_with_their_own(post: Post) -> None:
    for number in range(4):
        post(identify(f"u{number}", f"ann@company-{number}.com"), group(f"u{number}", "undefined"))
        post(track(f"u{number}", workspace="undefined"))
    assert Workspace.objects.count() == 0
    assert usage() == {f"company-{number}.com": (1, 1) for number in range(4)}
    assert len(reasons()) == 4


def test_a_thousand_known_addresses_on_one_placeholder_are_a_thousand_people(post: Post) -> None:
    known = [identify(f"u{number}", f"p{number}@firm-{number}.com") for number in range(1_000)]
    post(*known)
    post(*({**message, "userId": "NaN", "messageId": f"n{n}"} for n, message in enumerate(known)))
    assert Person.objects.filter(merged_into=None).count() == 1_000


def test_a_placeholder_address_is_nobodys_and_excluding_it_harms_nobody(post: Post) -> None:
    post(*ANN, *BOB)
    for number in range(1, 8):
        post(identify(f"u{number}", "noemail@noemail.com", days=1), track(f"u{number}", days=1))
    expected = {"alpha-one.com": (2, 1), "beta-two.com": (2, 1), None: (5, 5)}
    assert usage() == expected
    Exclusion.objects.create(pattern="noemail@noemail.com")
    rederive_all()
    assert usage() == expected
    assert Account.objects.count() == 2


@pytest.mark.parametrize("worse", ["undefined", "deleted-42", "noemail@noemail.com", "test@test.com", "n/a"])
def test_a_worse_address_never_takes_the_place_of_a_real_one(post: Post, worse: str) -> None:
    post(*ANN)
    post(identify("u1", worse), track("u1"))
    assert (people(), usage()) == ({"ann@alpha-one.com"}, {"alpha-one.com": (2, 1)})


def test_the_same_path_for_single_calls_keeps_what_the_path_said(post: Post) -> None:
    post({"userId": "undefined", "event": "Item Created"}, path="track")
    assert json.loads(bytes(FailedEvent.objects.get().payload))["type"] == "track"


def test_one_message_id_on_all_messages_is_none(post: Post) -> None:
    post(*({**track("u1", f"Step {n}"), "messageId": "undefined"} for n in range(3)))
    assert Event.objects.count() == 3


@pytest.mark.parametrize("honest", ["1", "7", "42", "0042", 7, "deleted-42"])
def test_honest_ids_are_people(post: Post, honest: Any) -> None:
    post(track(None) | {"userId": honest})
    assert Identity.objects.get().value == str(honest)


def test_an_admin_adds_a_placeholder_and_allows_one(post: Post) -> None:
    Placeholder.objects.create(pattern="kiosk-*", kind="user")
    post(track("kiosk-7"), track("guest"))
    Placeholder.objects.create(pattern="guest", honest=True)
    forget_placeholders()
    assert replay(FailedEvent.objects.values_list("pk", flat=True), timezone.now()).accepted == 1
    assert list(Identity.objects.values_list("value", flat=True)) == ["guest"]


def test_a_workspace_is_one_in_every_spelling(post: Post) -> None:
    post(identify("u1", "ann@alpha-one.com"), group("u1", "Acme-1", seats=3), group("u1", "acme-1", seats=4))
    post(group("u2", "Acme-1 ", seats=5), track("u1", workspace="ACME-1"))
    assert list(Workspace.objects.values_list("external_id", "spelling")) == [("Acme-1", "acme-1")]
    assert Actor.objects.filter(workspace=Workspace.objects.get()).count() == 2


def test_two_writers_of_two_spellings_make_one_workspace(post: Post) -> None:
    post(group("u1", "acme-1"))
    post(group("u2", " ACME-1"), group("u3", "acme-1"))
    assert Workspace.objects.count() == 1


def test_ids_that_differ_by_more_than_writing_are_two_workspaces(post: Post) -> None:
    post(group("u1", "aB3xK"), group("u2", "Ab3Xk"), group("u3", "QA"), group("u4", "qa"))
    assert Workspace.objects.count() == 4
