"""Exclusions by more than an address: who is kept out, that others lose nothing, and that deleting a row undoes it."""

import json
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client
from django.utils import timezone

from accounts.identity import exclusions
from accounts.identity.corrections import follow_exclusions
from accounts.models import Exclusion, IdentityVersion, PastLink, Person, Workspace
from accounts.rules.exclusions import is_within, network, trait_of
from signals.imports import undo
from signals.ingest.receive import SourceRef, receive
from signals.ingest.wire import parse
from signals.models import Event, ImportRun
from tests.accounts.test_joins import standing, usage
from tests.conftest import T0, Send, group, identify, track

pytestmark = pytest.mark.django_db
ADD = "/admin/accounts/exclusion/add/"


@pytest.fixture
def firm(send: Send) -> None:
    """Ann and Quinn of Cobra, who share a workspace; Quinn tests, and has a sandbox too."""
    send(
        identify("ann", "ann@cobra.com", days=9), identify("qa-7", "quinn@lab.cobra.com", days=9, traits={"team": "QA"})
    )
    send(group("ann", "main", days=8, name="Main"), track("ann", workspace="main", days=7))
    send(track("qa-7", workspace="main", days=7), group("qa-7", "sandbox-1", days=6, name="Sandbox"))
    send(track("qa-7", workspace="sandbox-1", days=5), track("qa-7", days=5))


def exclude(kind: str, pattern: str) -> Exclusion:
    made = Exclusion.objects.create(kind=kind, pattern=pattern)
    follow_exclusions([made])
    return made


def lift(exclusion: Exclusion) -> None:
    exclusions.lift([exclusion], T0)
    follow_exclusions([exclusion])


@pytest.mark.parametrize(
    ("kind", "pattern", "left"),
    [
        ("", "*@lab.cobra.com", 1),
        ("domain", "lab.cobra.com", 1),
        ("user", "qa-*", 1),
        ("trait", "team=qa", 1),
        ("workspace", "sandbox-*", 3),
        ("workspace", "sandbox", 3),
        ("user", "qa", 4),
        ("trait", "team=qa lead", 4),
        ("domain", "bra.com", 4),
    ],
)
def test_who_is_kept_out_counts_nowhere_and_deleting_the_row_undoes_it(
    firm: None, kind: str, pattern: str, left: int
) -> None:
    before = standing()
    made = exclude(kind, pattern)
    assert usage().get("cobra.com") == left
    lift(made)
    assert standing() == before


def test_the_person_and_the_workspace_say_what_keeps_them_out(send: Send, firm: None) -> None:
    exclude("trait", "team=QA")
    exclude("workspace", "sandbox-*")
    assert Person.objects.get(email="quinn@lab.cobra.com").excluded_by == "trait of a person team=QA"
    sandbox = Workspace.objects.get(name="Sandbox")
    assert (sandbox.excluded_by, sandbox.account) == ("workspace sandbox-*", None)
    send(identify("ann", "ann@cobra.com"), track("ann", workspace="sandbox-1"), track("ann", workspace="main"))
    assert usage()["cobra.com"] == 2


def test_who_comes_later_is_kept_out_and_who_is_no_longer_meant_comes_in(send: Send, firm: None) -> None:
    exclude("trait", "team=QA")
    send(identify("new", "new@cobra.com", days=2, traits={"team": "qa"}), track("new"))
    assert usage()["cobra.com"] == 1
    send(identify("new", "new@cobra.com", days=1, traits={"team": "Sales"}))
    assert usage()["cobra.com"] == 2


def test_what_was_done_in_an_excluded_workspace_counts_for_no_past_account_either(send: Send) -> None:
    send(identify("m", "mo@old-co.com", days=20), track("m", workspace="box-9", days=15))
    send(identify("m", "mo@cobra.com", days=10), track("m", workspace="box-9", days=5))
    inside = PastLink.objects.filter(actor__workspace__external_id="box-9")
    before = list(inside.values_list("account__domain", "until_day"))
    made = exclude("workspace", "box-9")
    assert (len(before), inside.count()) == (1, 0)
    lift(made)
    assert list(inside.values_list("account__domain", "until_day")) == before


@pytest.mark.parametrize(
    ("pattern", "name", "value"), [("Team = QA*", "team", "QA*"), ("team", "", ""), ("=x", "", ""), ("team=", "", "")]
)
def test_a_trait_is_a_name_and_a_value(pattern: str, name: str, value: str) -> None:
    assert trait_of(pattern) == (name, value)


@pytest.mark.parametrize(
    ("pattern", "address", "inside"),
    [
        ("10.0.0.0/8", "10.200.3.4", True),
        ("10.0.0.0/8", "11.0.0.1", False),
        ("203.0.113.7", "203.0.113.7", True),
        ("203.0.113.7", "::ffff:203.0.113.7", True),
        ("2001:db8::/32", "2001:db8:1::5", True),
        ("2001:db8::/32", "10.0.0.1", False),
        ("10.0.0.0/8", "unknown", False),
    ],
)
def test_an_address_is_within_a_range(pattern: str, address: str, inside: bool) -> None:
    net = network(pattern)
    assert net is not None
    assert is_within(address, net) is inside


# --- Traffic ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "pattern", "context"),
    [("ip", "10.0.0.0/8", {"ip": "10.1.2.3"}), ("agent", "*HeadlessChrome*", {"userAgent": "x HeadlessChrome/1"})],
)
def test_excluded_traffic_is_kept_and_says_nothing_of_anybody(
    send: Send, firm: None, kind: str, pattern: str, context: dict[str, str]
) -> None:
    made = exclude(kind, pattern)
    before, events = standing(), Event.objects.count()
    send(identify("ann", "evil@else.com", context=context), track("ann", "Demo Requested", context=context))
    send(group("ann", "theirs", name="Theirs") | {"context": context}, {**track("zed"), "context": context})
    changed = {table for table, sum_ in standing().items() if sum_ != before[table]}
    assert (Event.objects.count() - events, usage()["cobra.com"]) == (4, 4)
    assert changed == {"accounts_person", "accounts_identity", "accounts_actor", "signals_usage"}
    assert Person.objects.get(excluded_by=made.words).account is None
    assert Event.objects.filter(actor__person__excluded_by=made.words).count() == 4
    send(track("ann", context={"ip": "11.1.1.1", "userAgent": "Firefox"}))
    assert usage()["cobra.com"] == 5
    lift(made)
    send(track("ann", context=context))
    assert usage()["cobra.com"] == 6


def test_a_message_without_an_address_of_its_own_comes_from_where_the_client_calls(source: Any, firm: None) -> None:
    exclude("ip", "10.0.0.0/8")
    body = b'{"batch":[{"type":"track","event":"E","userId":"ann","messageId":"zz1"}]}'
    caller = SourceRef(source.id, source.name, key=None, address="10.5.5.5")
    receive(caller, parse(body, None, T0), T0)
    assert usage()["cobra.com"] == 4


def test_undoing_an_import_leaves_excluded_traffic_with_nobody(source: Any, firm: None) -> None:
    exclude("ip", "10.0.0.0/8")
    before = usage()
    run = ImportRun.objects.create(source_id=source.id, file_name="old.jsonl", digest="old")
    said = [identify("ann", "ann@cobra.com", context={"ip": "10.1.1.1"}), track("ann", context={"ip": "10.1.1.1"})]
    live = [track("ann", context={"ip": "10.2.2.2"})]
    for messages, of in ((said, run.pk), (live, None)):
        body = json.dumps({"batch": messages}).encode()
        receive(SourceRef(source.id, source.name), parse(body, None, T0), T0, run=of)
    people = Person.objects.filter(excluded_by="").count()
    undo.undo(undo.start(run.pk, acting_user=None, now=timezone.now()), further=lambda: None)
    assert (usage(), Person.objects.filter(excluded_by="").count()) == (before | {None: 1}, people)


# --- In the admin -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "pattern", "words"),
    [
        ("user", "qa-*", "Matches 1 person now."),
        ("trait", "team=QA", "quinn@lab.cobra.com"),
        ("domain", "cobra.com", "Matches 2 people now."),
        ("workspace", "sandbox*", "What they do in it"),
        ("ip", "10.0.0.0/8", "from now on"),
        ("trait", "team", "Matches 0 people now."),
    ],
)
def test_who_matches_is_shown_by_name_before_saving(
    admin: Client, firm: None, kind: str, pattern: str, words: str
) -> None:
    answer = admin.post("/admin/accounts/exclusion/matching/", {"kind": kind, "pattern": pattern})
    assert words in answer.content.decode()
    assert not Exclusion.objects.exists()


@pytest.mark.parametrize(
    ("kind", "pattern", "words"),
    [
        ("ip", "0.0.0.0/0", "Enter an IP address"),
        ("ip", "ten", "Enter an IP address"),
        ("domain", "cobra", "Enter a domain"),
        ("trait", "team", "Enter the trait and its value"),
        ("trait", "team=*", "Enter the trait and its value"),
        ("user", "*", "This would exclude everyone."),
    ],
)
def test_what_is_no_pattern_of_its_kind_is_refused(admin: Client, kind: str, pattern: str, words: str) -> None:
    assert words in admin.post(ADD, {"kind": kind, "pattern": pattern, "reason": "robot"}).content.decode()
    assert not Exclusion.objects.exists()


def test_a_row_is_added_changed_and_deleted_in_the_admin(admin: Client, firm: None) -> None:
    admin.post(ADD, {"kind": "user", "pattern": "QA-*", "reason": "internal"})
    made = Exclusion.objects.get()
    assert (made.pattern, usage()["cobra.com"]) == ("qa-*", 1)
    assert "1 person" in admin.get("/admin/accounts/exclusion/").content.decode()
    again = admin.post(ADD, {"kind": "user", "pattern": "qa-*", "reason": "internal"})
    assert "excluded already" in again.content.decode()
    change = f"/admin/accounts/exclusion/{made.pk}/change/"
    admin.post(change, {"kind": "workspace", "pattern": "sandbox-*", "reason": "internal"})
    assert usage()["cobra.com"] == 3
    assert "1 workspace" in admin.get("/admin/accounts/exclusion/").content.decode()
    admin.post(f"/admin/accounts/exclusion/{made.pk}/delete/", {"post": "yes"})
    assert (Exclusion.objects.count(), usage()["cobra.com"]) == (0, 4)


def test_traffic_that_was_excluded_stays_so_when_its_row_is_deleted(admin: Client, send: Send, firm: None) -> None:
    admin.post(ADD, {"kind": "ip", "pattern": "10.0.0.0/8", "reason": "internal"})
    made = Exclusion.objects.get()
    send(track("ann", context={"ip": "10.1.1.1"}))
    admin.post(f"/admin/accounts/exclusion/{made.pk}/delete/", {"post": "yes"})
    assert Exclusion.objects.get().lifted_at is not None
    admin.get("/admin/accounts/exclusion/")  # says what was done, once
    assert "10.0.0.0" not in admin.get("/admin/accounts/exclusion/").content.decode()
    assert usage()["cobra.com"] == 4
    admin.post(ADD, {"kind": "ip", "pattern": "10.0.0.0/8", "reason": "internal"})
    assert Exclusion.objects.filter(lifted_at=None).count() == 1


def test_many_are_derived_in_the_background(firm: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exclusions, "MOST_LOOKED_AT", 1)
    made = Exclusion.objects.create(kind="domain", pattern="cobra.com")
    assert follow_exclusions([made]) is None
    assert IdentityVersion.objects.get().derive_from == 0


def test_one_pattern_of_a_kind_stands_once(db: None) -> None:
    Exclusion.objects.create(kind="user", pattern="qa-*")
    Exclusion.objects.create(kind="workspace", pattern="qa-*")
    with pytest.raises(IntegrityError, match="exclusion_unique"):
        Exclusion.objects.create(kind="user", pattern="qa-*")
