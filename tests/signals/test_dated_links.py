"""Usage of a day belongs to the account of that day: who changes companies takes nothing along."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import F
from django.test import Client

from accounts.identity.by_hand import move_person, move_workspace, undo_correction
from accounts.identity.corrections import rederive_all
from accounts.identity.derive import derive
from accounts.identity.joins import join_accounts, undo_join
from accounts.models import (
    Account,
    Actor,
    Attribute,
    AttributeKey,
    DomainOverride,
    Exclusion,
    PastLink,
    Person,
    Workspace,
)
from signals.evidence import Question, evidence_of
from signals.ingest.receive import SourceRef
from signals.measures.specs import parse_spec
from signals.measures_load import AccountSelection, day_number
from signals.models import SignalDefinition
from signals.scoring import run
from signals.scoring.measure import ScoredDays, measure_accounts, measure_people
from signals.vocabulary.applied import read_vocabulary
from tests.cast import text_of
from tests.conftest import T0, Send, alias, group, identify, track
from tests.factories import Desk

pytestmark = pytest.mark.django_db
COUNT, PEOPLE, MEMBERS = {"kind": "count"}, {"kind": "people"}, {"kind": "members"}
OLD, NEW = "ann@old.com", "ann@new.com"


def measured(*measures: dict[str, Any], ago: int = 0) -> dict[str, tuple[float, ...]]:
    """Of each account, as of a day; read as a range, as the sweep reads, and one by one."""
    specs = [parse_spec(measure) for measure in measures]
    names = dict(Account.objects.filter(joined_into=None).values_list("pk", "domain"))
    found = []
    for selection in (AccountSelection.all(), *(AccountSelection.some([pk]) for pk in names)):
        days = ScoredDays.only(day_number(T0) - ago)
        each = measure_accounts(selection, specs, days, read_vocabulary())
        columns = [each.columns[spec.key].numbers[:, -1].tolist() for spec in specs]
        columns = [[-1 if number != number else number for number in column] for column in columns]  # unknown
        found.append({names[pk]: row for pk, *row in zip(each.ids.tolist(), *columns, strict=True)})
    together, *apart = found
    assert {domain: row for each in apart for domain, row in each.items()} == together
    return {str(domain): tuple(row) for domain, row in together.items()}


def usage() -> dict[str, tuple[float, ...]]:
    """Events and people of each account that has any."""
    return {domain: numbers for domain, numbers in measured(COUNT, PEOPLE).items() if any(numbers)}


def links() -> list[tuple[str | None, date | None, date]]:
    found = PastLink.objects.order_by("actor__workspace", "until_day")
    return list(found.values_list("account__domain", "from_day", "until_day"))


def day(ago: int) -> date:
    return T0.date() - timedelta(days=ago)


def company() -> str | None:
    account = Person.objects.get(merged_into=None).account
    return account and account.domain


# --- Addresses ------------------------------------------------------------------------------------------------


def test_an_address_that_changes_leaves_the_past_where_it_was(send: Send) -> None:
    send(identify("u1", OLD, days=9), track("u1", days=8))
    send(identify("u1", NEW, days=4), track("u1", days=3), track("u1", days=2))
    assert usage() == {"old.com": (1, 1), "new.com": (2, 1)}
    assert (links(), company()) == ([("old.com", None, day(4))], "new.com")


def test_what_comes_late_of_the_old_days_is_of_the_old_company(send: Send) -> None:
    send(identify("u1", OLD, days=9), identify("u1", NEW, days=4))
    send(track("u1", days=6), track("u1", days=5), track("u1", days=4))
    assert usage() == {"old.com": (2, 1), "new.com": (1, 1)}


def test_what_comes_late_has_the_company_of_that_day_scored_again(send: Send) -> None:
    send(identify("u1", OLD, days=9), identify("u1", NEW, days=4), track("u1", days=8))
    run.score_dirty(T0)
    send(track("u1", days=7))
    assert run.score_dirty(T0).accounts == 2


def test_an_old_address_that_comes_late_takes_its_days_back(send: Send) -> None:
    send(track("u1", days=8), identify("u1", NEW, days=4), track("u1", days=2))
    assert usage() == {"new.com": (2, 1)}
    send(identify("u1", OLD, days=9))
    assert usage() == {"old.com": (1, 1), "new.com": (1, 1)}


def test_who_comes_back_has_three_stays(send: Send) -> None:
    send(identify("u1", OLD, days=9), identify("u1", NEW, days=6), identify("u1", OLD, days=3))
    send(*(track("u1", days=ago) for ago in (8, 7, 5, 2)))
    assert usage() == {"old.com": (3, 1), "new.com": (1, 1)}
    assert links() == [("old.com", None, day(6)), ("new.com", day(6), day(3))]
    assert measured(MEMBERS, ago=4) == {"old.com": (0,), "new.com": (1,)}
    assert measured(MEMBERS) == {"old.com": (1,), "new.com": (0,)}


@pytest.mark.parametrize("free", ["ann@gmail.com", "ann@mailinator.com", "deleted-42", "x@privaterelay.appleid.com"])
def test_an_address_that_names_no_company_takes_none_away_and_gives_none(send: Send, free: str) -> None:
    send(identify("u1", free, days=9), track("u1", days=8), identify("u1", OLD, days=7))
    send(identify("u1", free, days=4), track("u1", days=3))
    assert usage() == {"old.com": (2, 1)}
    assert (links(), Person.objects.get().email) == ([], OLD)


def test_the_address_that_apps_send_along_moves_too(send: Send) -> None:
    for ago, email in ((8, OLD), (7, OLD), (3, NEW), (2, NEW)):
        send(track("u1", days=ago, context={"traits": {"email": email}}))
    assert usage() == {"old.com": (2, 1), "new.com": (2, 1)}


def test_two_ids_of_one_person_share_the_links(send: Send) -> None:
    send(identify("u1", OLD, days=9, anonymous="a1"), track(None, days=8, anonymous="a1"))
    send(identify("u1", NEW, days=4), track(None, days=3, anonymous="a1"))
    assert usage() == {"old.com": (1, 1), "new.com": (1, 1)}


def test_a_person_split_and_joined_again_has_the_same_links(send: Send) -> None:
    send(identify("u1", OLD, days=9), track("u1", days=8), identify("u1", NEW, days=4), track("u1", days=3))
    before = PastLink.objects.values_list("account", "from_day", "until_day", "known_day").get()
    derive(Person.objects.values_list("pk", flat=True), set())
    rederive_all()
    assert PastLink.objects.values_list("account", "from_day", "until_day", "known_day").get() == before


def test_colleagues_stay_when_one_leaves(send: Send) -> None:
    send(identify("u1", OLD, days=9), identify("u2", "bob@old.com", days=9))
    send(identify("u1", NEW, days=4), *(track(who, days=ago) for who in ("u1", "u2") for ago in (8, 2)))
    assert usage() == {"old.com": (3, 2), "new.com": (1, 1)}
    assert measured(MEMBERS) == {"old.com": (1,), "new.com": (1,)}
    assert measured(MEMBERS, ago=5) == {"old.com": (2,), "new.com": (0,)}


def test_nobody_who_never_moved_has_a_link(send: Send) -> None:
    send(identify("u1", OLD, days=9), identify("u1", "anna@old.com", days=4), identify("u1", "a@us.old.com", days=2))
    assert (links(), Actor.objects.exclude(account_since=None).count()) == ([], 0)


# --- Corrections ----------------------------------------------------------------------------------------------


def moved(send: Send) -> None:
    send(identify("u1", OLD, days=9), track("u1", days=8), identify("u1", NEW, days=4), track("u1", days=3))


@pytest.mark.parametrize("origin", [Attribute.Origin.CRM, Attribute.Origin.MANUAL])
def test_a_correction_moves_all_history(send: Send, origin: int) -> None:
    moved(send)
    key = AttributeKey.objects.get(name="email")
    said: dict[str, Any] = {"subject_kind": 1, "subject_id": Person.objects.get().pk, "key": key, "origin": origin}
    Attribute.objects.create(**said, day=day(1), at=T0 - timedelta(days=1), text="ann@third.com")
    rederive_all()
    assert (usage(), links()) == ({"third.com": (2, 1)}, [])


def test_a_domain_that_an_admin_calls_free_was_never_a_company(send: Send) -> None:
    moved(send)
    override = DomainOverride.objects.create(domain="old.com", kind="free")
    rederive_all()
    assert (usage(), links()) == ({"new.com": (2, 1)}, [])
    override.delete()
    rederive_all()
    assert usage() == {"old.com": (1, 1), "new.com": (1, 1)}


def test_who_is_excluded_counts_nowhere_and_back_where_they_were(send: Send) -> None:
    moved(send)
    exclusion = Exclusion.objects.create(pattern="*@new.com")
    rederive_all()
    assert (usage(), links()) == ({}, [])
    exclusion.delete()
    rederive_all()
    assert usage() == {"old.com": (1, 1), "new.com": (1, 1)}


def test_one_of_our_own_people_who_leaves_us_brings_nothing_along(send: Send) -> None:
    Exclusion.objects.create(pattern="*@old.com", reason="internal")
    moved(send)
    assert (usage(), links()) == ({"new.com": (1, 1)}, [(None, None, day(4))])


def by_domain(domain: str) -> Account:
    return Account.objects.get(domain=domain)


def test_two_companies_that_are_joined_are_one_stay_and_two_again_when_undone(send: Send, desk: Desk) -> None:
    moved(send)
    before = list(PastLink.objects.values_list("actor", "account", "from_day", "until_day"))
    old, new = by_domain("old.com").pk, by_domain("new.com").pk
    joined = join_accounts(old, new, acting_user=desk.mona, now=T0)
    assert (usage(), links()) == ({"new.com": (2, 1)}, [])
    undo_join(joined.pk, acting_user=desk.mona, now=T0)
    assert list(PastLink.objects.values_list("actor", "account", "from_day", "until_day")) == before
    assert usage() == {"old.com": (1, 1), "new.com": (1, 1)}


def test_a_company_of_the_past_that_is_joined_takes_its_past_members_along(send: Send, desk: Desk) -> None:
    moved(send)
    send(identify("u9", "cy@third.com", days=9))
    join_accounts(by_domain("old.com").pk, by_domain("third.com").pk, acting_user=desk.mona, now=T0)
    assert (usage(), links()) == ({"third.com": (1, 1), "new.com": (1, 1)}, [("third.com", None, day(4))])


def test_whom_a_hand_puts_somewhere_has_no_past(send: Send, desk: Desk) -> None:
    moved(send)
    send(identify("u9", "cy@third.com", days=9))
    person = Person.objects.get(domain="new.com")
    correction = move_person(person, by_domain("third.com"), acting_user=desk.mona, now=T0)
    assert (usage(), links()) == ({"third.com": (2, 1)}, [])
    undo_correction(correction, acting_user=desk.mona, now=T0)
    assert usage() == {"old.com": (1, 1), "new.com": (1, 1)}


def test_a_workspace_that_a_hand_puts_somewhere_has_no_past(send: Send, desk: Desk) -> None:
    send(group("u1", "w1", days=9, website="old.com"), track("u1", days=8, workspace="w1"))
    send(group("u1", "w1", days=4, website="new.com"), identify("u9", "cy@third.com"))
    assert usage() == {"old.com": (1, 1)}
    move_workspace(Workspace.objects.get(), by_domain("third.com"), acting_user=desk.mona, now=T0)
    assert (usage(), links(), Workspace.objects.get().past_companies) == ({"third.com": (1, 1)}, [], None)


# --- Workspaces -----------------------------------------------------------------------------------------------


def test_a_workspace_that_changes_its_website_moves_from_that_day_on(send: Send) -> None:
    send(group("u1", "w1", days=9, website="old.com"), track("u1", days=8, workspace="w1"), track("u1", days=8))
    send(group("u1", "w1", days=4, website="https://new.com/x"), track("u1", days=3, workspace="w1"))
    send(track("u1", days=2), track("u2", days=2, workspace="w1"), track("u2", days=6, workspace="w1"))
    assert usage() == {"old.com": (3, 2), "new.com": (3, 2)}
    assert Workspace.objects.get().past_companies == [["old.com", day(4).isoformat()]]


def test_what_a_website_said_long_ago_comes_late_and_counts(send: Send) -> None:
    send(group("u1", "w1", days=4, website="new.com"), track("u1", days=8, workspace="w1"))
    assert usage() == {"new.com": (1, 1)}
    send(group("u1", "w1", days=9, website="old.com"))
    assert usage() == {"old.com": (1, 1)}


@pytest.mark.parametrize("nothing", ["", "linkedin.com/company/x", "none", "ann@old.com"])
def test_a_website_that_names_no_company_takes_none_away(send: Send, nothing: str) -> None:
    send(group("u1", "w1", days=9, website="old.com"), track("u1", days=8, workspace="w1"))
    send(group("u1", "w1", days=4, website=nothing), track("u1", days=3, workspace="w1"))
    assert (usage(), links()) == ({"old.com": (2, 1)}, [])


def test_a_workspace_follows_its_only_member(send: Send) -> None:
    send(identify("u1", OLD, days=9), group("u1", "w1", days=9), track("u1", days=8, workspace="w1"))
    send(identify("u1", NEW, days=4), track("u1", days=3, workspace="w1"), track("u1", days=2))
    assert usage() == {"old.com": (1, 1), "new.com": (2, 1)}


def test_a_workspace_stays_with_colleagues_of_its_founder(send: Send) -> None:
    send(identify("u1", OLD, days=9), identify("u2", "bob@old.com", days=8))
    send(group("u1", "w1", days=9), group("u2", "w1", days=8), identify("u1", NEW, days=4))
    send(track("u2", days=3, workspace="w1"), track("u1", days=3), track("u1", days=6))
    assert usage() == {"old.com": (2, 2), "new.com": (1, 1)}


def test_a_person_in_two_workspaces_counts_where_the_last_group_call_of_the_day_was(send: Send) -> None:
    send(group("u1", "w1", days=9, website="old.com"), group("u1", "w2", days=4, website="new.com"))
    send(track("u1", days=8), track("u1", days=3), track("u1", days=2, workspace="w1"))
    assert usage() == {"old.com": (2, 1), "new.com": (1, 1)}
    send(group("u1", "w1", days=6), group("u1", "w2", days=7))
    send(track("u1", days=7), track("u1", days=5))
    assert usage() == {"old.com": (3, 1), "new.com": (2, 1)}


def test_the_first_group_call_reaches_back(send: Send) -> None:
    send(identify("u1", "ann@freelance.dev", days=9), track("u1", days=8))
    send(group("u1", "w1", days=4, website="old.com"), track("u1", days=3))
    assert (usage(), links()) == ({"old.com": (2, 1)}, [])


# --- When we knew ---------------------------------------------------------------------------------------------


def test_a_link_is_known_from_the_day_on_which_the_move_arrived(send: Send) -> None:
    send(identify("u1", OLD, days=9), identify("u1", NEW, days=4))
    assert PastLink.objects.get().known_day == day(0)
    send(identify("u2", "u2@old.com", days=9), at=T0 - timedelta(days=8))
    send(identify("u2", "u2@new.com", days=4), at=T0 - timedelta(days=2))
    send(track("u2", days=3), identify("u2", "u2@new.com", days=1), at=T0)
    assert PastLink.objects.get(actor__profile__identities__value="u2").known_day == day(2)


def test_a_move_that_turns_out_to_be_earlier_is_known_since_then(send: Send) -> None:
    send(identify("u1", OLD, days=9), identify("u1", NEW, days=4), at=T0 - timedelta(days=3))
    send(identify("u1", NEW, days=6), at=T0)
    assert PastLink.objects.values_list("until_day", "known_day").get() == (day(6), day(0))


# --- What else is measured ------------------------------------------------------------------------------------


def test_numbers_and_cases_of_properties_stay_too(send: Send) -> None:
    kept = {"amount": {"paths": ["amount"]}}
    SignalDefinition.objects.filter(signal__slug="activity").update(values=kept)
    send(identify("u1", OLD, days=9), identify("u1", NEW, days=4))
    send(*(track("u1", days=ago, properties={"amount": amount}) for ago, amount in ((8, 10), (7, 5), (3, 2))))
    total = {"kind": "sum_of", "signals": ["activity"], "property": "amount"}
    assert measured(total) == {"old.com": (15,), "new.com": (2,)}


def test_what_somebody_says_of_their_company_is_said_of_the_company_of_that_day(send: Send) -> None:
    send(identify("u1", OLD, days=9, traits={"employees": 500}), identify("u1", NEW, days=4))
    employees = {"kind": "attribute", "key": "employees", "agg": "max"}
    assert measured(employees) == {"old.com": (500,), "new.com": (-1,)}


def test_who_moved_is_measured_as_a_person_where_they_are_now(send: Send) -> None:
    moved(send)
    specs = [parse_spec(COUNT)]
    days, words = ScoredDays.only(day_number(T0)), read_vocabulary()
    accounts = measure_accounts(AccountSelection.all(), specs, days, words)
    people = measure_people(accounts, accounts.ids * 0 + range(len(accounts.ids)), specs, words)
    assert people.columns[specs[0].key].numbers.tolist() == [[1]]


def test_the_evidence_is_of_the_same_days(send: Send) -> None:
    moved(send)
    asked = Question(("activity",), day(30), day(0))
    found = {a.domain: evidence_of(a.pk, asked) for a in Account.objects.all()}
    assert {domain: [event.at.date() for event in each.events] for domain, each in found.items()} == {
        "old.com": [day(8)],
        "new.com": [day(3)],
    }
    assert {domain: each.total for domain, each in found.items()} == {"old.com": 1, "new.com": 1}


def test_new_people_begin_at_the_new_company_on_the_day_they_came(send: Send) -> None:
    moved(send)
    assert measured({"kind": "new_members", "days": 5}) == {"old.com": (0,), "new.com": (1,)}
    assert measured({"kind": "days_since_first"}) == {"old.com": (8,), "new.com": (3,)}


# --- Through the doors ----------------------------------------------------------------------------------------

JOB_CHANGE = [identify("u1", OLD, days=9), track("u1", days=8), identify("u1", NEW, days=4), track("u1", days=3)]


def fresh(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**message, "messageId": f"door-{place}"} for place, message in enumerate(messages)]


def test_by_http_the_past_stays_with_the_old_company(client: Client, source: SourceRef, clock: Any) -> None:
    for message in fresh(JOB_CHANGE):
        body = json.dumps({"batch": [message], "writeKey": "wk_test"})
        assert client.post("/v1/batch", body, content_type="application/json").status_code == 200
    assert usage() == {"old.com": (1, 1), "new.com": (1, 1)}


def test_from_a_file_the_past_stays_with_the_old_company(source: SourceRef, tmp_path: Path, clock: Any) -> None:
    file = tmp_path / "history.jsonl"
    file.write_text("\n".join(json.dumps(message) for message in reversed(fresh(JOB_CHANGE))))
    call_command("import_events", str(file), "--source", source.name)
    assert usage() == {"old.com": (1, 1), "new.com": (1, 1)}


# --- Pages and API ---------------------------------------------------------------------------------------------


def test_the_old_company_says_who_left_and_where_to(send: Send, desk: Desk, as_rita: Client, clock: Any) -> None:
    moved(send)
    text = text_of(as_rita, f"/accounts/{by_domain('old.com').pk}/")
    for words in ("1 person left", "7 Mar, now at", "What they did here before stays"):
        assert words in text
    assert f'href="/accounts/{by_domain("new.com").pk}/"' in text
    assert "1 person left" not in text_of(as_rita, f"/accounts/{by_domain('new.com').pk}/")


def test_a_person_lists_companies_with_their_days(send: Send, desk: Desk, as_rita: Client, clock: Any) -> None:
    moved(send)
    text = text_of(as_rita, f"/people/{Person.objects.get(domain='new.com').pk}/")
    for words in ("since 7 Mar", "Before", "until 7 Mar", f'href="/accounts/{by_domain("old.com").pk}/"'):
        assert words in text


def test_the_api_gives_past_accounts_with_their_days(send: Send, desk: Desk, as_rita: Client) -> None:
    moved(send)
    person = Person.objects.get(domain="new.com")
    [past] = as_rita.get(f"/api/v1/people/{person.pk}/").json()["past_accounts"]
    assert (past["account"]["domain"], past["from_day"], past["until_day"]) == ("old.com", None, day(4).isoformat())


# --- Invariants -----------------------------------------------------------------------------------------------


def test_an_alias_of_one_that_moved_shares_its_past(send: Send) -> None:
    send(identify("u1", OLD, days=9), identify("u1", NEW, days=4), track(None, days=8, anonymous="a9"))
    send(alias("u1", "a9", days=2))
    assert usage() == {"old.com": (1, 1)}


def test_past_links_and_the_present_account_cover_each_day_once(send: Send) -> None:
    send(identify("u1", OLD, days=9), identify("u1", NEW, days=6), identify("u1", OLD, days=3), track("u1"))
    for actor in Actor.objects.all():
        past = list(actor.past_links.order_by("until_day"))
        assert [link.from_day for link in past] == [None, *(link.until_day for link in past[:-1])]
        assert actor.account_since == (past[-1].until_day if past else None)


def test_a_link_ends_after_it_began(send: Send) -> None:
    from django.db import IntegrityError

    moved(send)
    with pytest.raises(IntegrityError, match="past_link_ends_after_start"):
        PastLink.objects.update(from_day=F("until_day"))
