"""What a key that stands in every page can do: say what its own visitor does, and nothing about anybody else."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Account, Identity, MergeSuggestion, Person, Workspace
from plgcrm import doctor
from signals.ingest.keys import ensure_source, forget_kinds
from signals.ingest.receive import SourceRef
from signals.models import Source, Usage
from tests.conftest import group, identify, track

pytestmark = pytest.mark.django_db
Post = Callable[..., None]
KNOWN = identify("u1", "ann@acme.com", days=9, traits={"name": "Ann Lee", "title": "CTO"})


@pytest.fixture
def post(source: SourceRef, clock: Any) -> Post:
    """post(message, ..., key="wk_test"): as a server does; "wk_page" is a browser's key."""
    ensure_source("Website", "wk_page")
    Source.objects.filter(name="Website").update(kind="browser")
    forget_kinds()

    def post(*messages: dict[str, Any], key: str = "wk_test", **headers: str) -> None:
        body, named = json.dumps({"batch": list(messages)}), {"X-Write-Key": key, **headers}
        assert Client().post("/v1/batch", body, "application/json", headers=named).status_code == 200

    return post


def usage() -> dict[str | None, int]:
    found: dict[str | None, int] = {}
    for domain, count in Usage.objects.values_list("actor__account__domain", "count"):
        found[domain] = found.get(domain, 0) + count
    return found


def customer() -> tuple[str, str, str]:
    return Person.objects.values_list("name", "title", "account__domain").get(email="ann@acme.com")


@pytest.mark.parametrize("days", [0, 30])
def test_a_strangers_claim_changes_nothing_for_the_customer(post: Post, days: int) -> None:
    post(KNOWN, track("u1"))
    stranger = identify("evil", "ann@acme.com", days=days, traits={"name": "Call +1 900", "title": "CEO"})
    post(stranger, track("evil", "Demo Requested"), key="wk_page")
    assert customer() == ("Ann Lee", "CTO", "acme.com")
    assert usage() == {"acme.com": 1, None: 1}
    assert list(MergeSuggestion.objects.values_list("cause", "why")) == [("email", "browser")]


def test_a_server_takes_an_address_back_that_a_browser_claimed_first(post: Post) -> None:
    post(identify("evil", "ann@acme.com", days=30), track("evil"), key="wk_page")
    post(KNOWN, track("u1"))
    assert customer() == ("Ann Lee", "CTO", "acme.com")
    assert Identity.objects.get(kind=3).claimed_by == Identity.objects.get(value="u1").person
    assert usage() == {"acme.com": 1, None: 1}


@pytest.mark.parametrize("first", ["wk_test", "wk_page"])
def test_the_same_user_with_the_same_address_in_both_is_one_person(post: Post, first: str) -> None:
    for key in [first, *{"wk_test", "wk_page"} - {first}]:
        post(identify("u1", "ann@acme.com"), track("u1"), key=key)
    assert Person.objects.filter(merged_into=None).count() == 1
    assert (usage(), MergeSuggestion.objects.count()) == ({"acme.com": 2}, 0)


def test_a_browser_adds_traits_and_never_overrides_a_servers(post: Post) -> None:
    post(KNOWN)
    post(identify("u1", "ann@acme.com", traits={"title": "Boss", "role": "admin"}), key="wk_page")
    ann = Person.objects.get(email="ann@acme.com")
    assert (ann.title, ann.role) == ("CTO", "admin")


def test_a_browser_alone_is_believed_of_its_own_visitors(post: Post) -> None:
    post(identify("u1", "ann@acme.com", anonymous="a1"), track(None, anonymous="a1"), key="wk_page")
    post(identify("u2", "bo@acme.com"), track("u2"), key="wk_page")
    assert usage() == {"acme.com": 2}


def test_a_workspace_of_a_browser_does_not_enter_or_name_a_servers_company(post: Post) -> None:
    post(KNOWN, group("u1", "w1", name="Acme", days=2))
    post(group("evil", "w9", name="Call +1 900", website="acme.com", days=5), track("evil"), key="wk_page")
    assert Workspace.objects.get(external_id="w9").account is None
    assert list(Account.objects.values_list("name", "domain")) == [("Acme", "acme.com")]


def test_a_workspace_of_a_browser_makes_a_company_that_is_new(post: Post) -> None:
    post(group("u5", "w5", name="New", website="new-one.com"), key="wk_page")
    assert Account.objects.get().domain == "new-one.com"


def test_a_servers_key_in_a_page_is_warned_about(post: Post, admin: Client) -> None:
    assert doctor.sources().fine
    post(track("u1"), Origin="https://shop.acme.com")
    assert "Web app" in doctor.sources().text
    assert "Web app" in admin.get(reverse("admin:index")).content.decode().split("stands in a web page")[1]
    Source.objects.filter(name="Web app").update(kind="browser")
    assert doctor.sources().fine


def test_a_browsers_key_in_a_page_is_as_it_should_be(post: Post) -> None:
    post(track("u1"), key="wk_page", Origin="https://shop.acme.com")
    assert doctor.sources().fine


def test_the_kind_is_asked_when_a_source_is_made(admin: Client) -> None:
    admin.post(reverse("admin:signals_source_add"), {"name": "Shop", "kind": "browser"})
    assert Source.objects.get(name="Shop").kind == "browser"
    assert Source.objects.create(name="Nobody asked").kind == "server"
