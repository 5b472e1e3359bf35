"""The pages on which managers correct accounts and people: shown first, done on one click, logged, undone."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.identity.joins import join_accounts
from accounts.models import Account, Correction, Person, PersonMerge, Workspace
from tests.cast import api_client_of, text_of
from tests.conftest import Send, group, identify, track
from tests.factories import Desk, make_item

HOSTILE = '<b onmouseover="x">Ö & Söhne</b>'


@pytest.fixture
def firms(desk: Desk, send: Send) -> dict[str, Account]:
    send(identify("a1", "ann@alba.com", traits={"name": "Ann Alba"}), identify("b1", "bo@brio.com"))
    send(group("a1", "aw", name=HOSTILE), track("a1", workspace="aw"), track("b1"))
    return {domain: Account.objects.get(domain=domain) for domain in ("alba.com", "brio.com")}


def at(name: str, row: Any, query: str = "") -> str:
    return reverse(name, args=[row.pk]) + query


def test_joining_is_shown_in_numbers_and_names_before_it_is_done(
    desk: Desk, as_mona: Client, firms: dict[str, Account]
) -> None:
    alba, brio = firms["alba.com"], firms["brio.com"]
    make_item(alba, desk.plays["expansion"], now=desk.now, rep=desk.rita)
    address = at("account_join", brio, f"?account={alba.pk}")
    text = text_of(as_mona, address)
    assert "What moves: 1 workspace, 1 person and 1 open item." in text
    assert "Ann Alba" in text
    assert "<b onmouseover" not in text
    assert not Correction.objects.exists()
    answer = as_mona.post(at("account_join", brio), {"account": alba.pk, "name": "Alba Brio"}, follow=True)
    assert "Undo" in answer.content.decode()
    assert as_mona.get(at("account", alba)).headers["Location"] == at("account", brio)
    assert Account.objects.get(pk=brio.pk).name == "Alba Brio"
    assert "joined another account into this one" in text_of(as_mona, at("account", brio))


def test_an_undo_stands_on_the_page_for_who_leads_and_only_the_history_for_a_rep(
    desk: Desk, as_mona: Client, as_rita: Client, firms: dict[str, Account]
) -> None:
    brio = firms["brio.com"]
    done = join_accounts(firms["alba.com"].pk, brio.pk, acting_user=desk.mona, now=desk.now)
    undo = at("correction_undo", done)
    assert undo in text_of(as_mona, at("account", brio))
    seen = text_of(as_rita, at("account", brio))
    assert ("Mona" in seen, undo in seen, at("account_correct", brio) in seen) == (True, False, False)
    as_mona.post(undo)
    assert 'undone by <span dir="auto">Mona</span>' in text_of(as_rita, at("account", brio))
    assert Account.objects.get(domain="alba.com").joined_into is None


def test_accounts_to_join_are_found_by_name_and_domain(as_mona: Client, firms: dict[str, Account]) -> None:
    alba, brio = firms["alba.com"], firms["brio.com"]
    text = text_of(as_mona, at("account_correct", brio, "?q=alba"))
    assert f"{at('account_join', brio)}?account={alba.pk}" in text
    assert "No other account matches" in text_of(as_mona, at("account_correct", brio, "?q=brio"))


def test_a_domain_with_an_account_leads_to_the_join_and_a_new_one_is_added(
    as_mona: Client, firms: dict[str, Account]
) -> None:
    alba, brio = firms["alba.com"], firms["brio.com"]
    answer = as_mona.post(at("account_add_domain", alba), {"domain": "https://brio.com/"})
    assert answer.headers["Location"] == at("account_join", alba, f"?account={brio.pk}")
    as_mona.post(at("account_add_domain", alba), {"domain": "alba.io"})
    text = text_of(as_mona, at("account_correct", alba))
    assert "added by hand" in text
    assert "get an account of their own" in text_of(as_mona, at("account_remove_domain", alba, "?domain=alba.io"))
    as_mona.post(at("account_main_domain", alba), {"domain": "alba.io"})
    as_mona.post(at("account_remove_domain", alba), {"domain": "alba.com"})
    assert list(Correction.objects.order_by("pk").values_list("verb", flat=True)) == ["domain", "main", "no-domain"]


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("account_join", {"account": "9999999999999"}, "Choose an account."),
        ("account_join", {}, "Choose an account."),
        ("account_add_domain", {"domain": "gmail.com"}, "shared by many companies"),
        ("account_add_domain", {"domain": ""}, "such as acme.com"),
        ("account_remove_domain", {"domain": "else.com"}, "does not belong to"),
        ("account_main_domain", {"domain": "else.com"}, "is not a further domain"),
        ("account_rename", {"name": "x" * 201}, "at most 200"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(
    as_mona: Client, firms: dict[str, Account], name: str, given: dict[str, str], words: str
) -> None:
    answer = as_mona.post(at(name, firms["alba.com"]), given, follow=True)
    assert words in answer.content.decode()
    assert not Correction.objects.exists()


def test_a_workspace_and_a_person_are_moved_by_page(as_mona: Client, firms: dict[str, Account]) -> None:
    alba, brio, workspace = firms["alba.com"], firms["brio.com"], Workspace.objects.get()
    ann = Person.objects.get(email="ann@alba.com")
    assert "Move here" in text_of(as_mona, at("workspace_move", workspace, "?q=brio"))
    assert "Ann Alba" in text_of(as_mona, at("workspace_move", workspace, f"?account={brio.pk}"))
    as_mona.post(at("workspace_move", workspace), {"account": brio.pk})
    assert Workspace.objects.get().account == brio
    assert "in 1 workspace and elsewhere" in text_of(as_mona, at("person_move", ann, f"?account={alba.pk}"))
    as_mona.post(at("person_move", ann), {"account": alba.pk})
    assert Person.objects.get(pk=ann.pk).account == alba
    assert "moved Ann Alba" in text_of(as_mona, at("person", ann))


def test_people_are_merged_and_split_by_page(as_mona: Client, firms: dict[str, Account]) -> None:
    ann, bo = Person.objects.get(email="ann@alba.com"), Person.objects.get(email="bo@brio.com")
    assert f"?person={bo.pk}" in text_of(as_mona, at("person_correct", ann, "?who=brio"))
    assert "b1" in text_of(as_mona, at("person_merge", ann, f"?person={bo.pk}"))
    as_mona.post(at("person_merge", ann), {"person": bo.pk})
    merge = PersonMerge.objects.get()
    assert as_mona.get(at("person_correct", bo)).headers["Location"] == at("person_correct", ann)
    assert at("person_split", ann, f"?merge={merge.pk}") in text_of(as_mona, at("person_correct", ann))
    assert "Each side gets its own events" in text_of(as_mona, at("person_split", ann, f"?merge={merge.pk}"))
    as_mona.post(at("person_split", ann), {"merge": merge.pk})
    assert Person.objects.get(pk=bo.pk).merged_into is None
    assert as_mona.post(at("person_split", ann), {"merge": merge.pk}, follow=True).status_code == 200


def test_a_program_does_the_same(desk: Desk, firms: dict[str, Account]) -> None:
    alba, brio, client = firms["alba.com"], firms["brio.com"], api_client_of(desk.mona)
    preview = client.get(f"/api/v1/accounts/{brio.pk}/join/?account={alba.pk}").json()
    assert preview["moves"] == ["1 workspace", "1 person"]
    joined = client.post(f"/api/v1/accounts/{brio.pk}/join/", {"account": alba.pk}, format="json").json()
    assert (joined["verb"], joined["other"]["id"], joined["user"]["username"]) == ("join", alba.pk, "mona")
    domains = client.get(f"/api/v1/accounts/{brio.pk}/domains/").json()
    assert [each["domain"] for each in domains] == ["brio.com", "alba.com"]
    assert client.get(f"/api/v1/accounts/{alba.pk}/").json()["id"] == brio.pk
    again = client.post(f"/api/v1/accounts/{alba.pk}/join/", {"account": brio.pk}, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    assert client.post(f"/api/v1/corrections/{joined['id']}/undo/").json()["undone_at"]
    named = client.post(f"/api/v1/accounts/{brio.pk}/name/", {"name": "Brio SpA"}, format="json").json()
    assert named["words"] == "renamed the account to Brio SpA"
    assert len(client.get(f"/api/v1/accounts/{brio.pk}/corrections/").json()) == 2


def test_a_program_moves_merges_and_splits(desk: Desk, firms: dict[str, Account]) -> None:
    brio, client, workspace = firms["brio.com"], api_client_of(desk.mona), Workspace.objects.get()
    ann, bo = Person.objects.get(email="ann@alba.com"), Person.objects.get(email="bo@brio.com")
    for address in (f"people/{ann.pk}", f"workspaces/{workspace.pk}"):
        client.post(f"/api/v1/{address}/move/", {"account": brio.pk}, format="json")
    assert Workspace.objects.get().account == Person.objects.get(pk=ann.pk).account == brio
    client.post(f"/api/v1/people/{ann.pk}/merge/", {"person": bo.pk}, format="json")
    [merge] = client.get(f"/api/v1/people/{ann.pk}/merges/").json()
    assert client.post(f"/api/v1/people/{ann.pk}/split/", {"merge": merge["id"]}, format="json").status_code == 200
    verbs = [each["verb"] for each in client.get(f"/api/v1/people/{ann.pk}/corrections/").json()]
    assert verbs == ["split", "merge", "person"]
    refused = client.post(f"/api/v1/accounts/{brio.pk}/domains/", {"domain": "gmail.com"}, format="json")
    assert "shared by many" in refused.json()["message"]
