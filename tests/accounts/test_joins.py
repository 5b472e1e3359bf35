"""Two accounts that are one company: what follows a join, what follows later, and that undoing it leaves nothing."""

import hashlib
from typing import Any

import pytest
from django.db import IntegrityError
from django.utils import timezone

from accounts.identity import by_hand
from accounts.identity.batch import SQL as IDENTITY
from accounts.identity.joins import CorrectionError, join_accounts, undo_join, what_would_join
from accounts.identity.lists import ListedAccount, take_list
from accounts.models import Account, Assignment, Attribute, AttributeKey, Correction
from accounts.queries import found_accounts
from outreach.models import Outcome, PlayDecision, QueueItem, Touch
from outreach.outcomes.record import log_outcome
from outreach.plays.decide import decide
from outreach.queue.actions import claim_item, dismiss_item
from plgcrm.common.sql import rows
from signals.measures_load import AccountSelection
from signals.models import AccountState, ImportRun, Moment, Score, Usage
from signals.queries import count_known
from signals.scoring.run import score_dirty
from tests.cast import api_client_of
from tests.conftest import Send, group, identify, track
from tests.factories import Desk, make_item, make_score

pytestmark = pytest.mark.django_db

DERIVED = {
    "accounts_person": "id", "accounts_actor": "id", "accounts_workspace": "id", "accounts_account": "id",
    "accounts_accountdomain": "id", "accounts_identity": "id", "accounts_personmerge": "id",
    "accounts_attribute": "subject_kind, subject_id, key_id, origin, day", "accounts_assignment": "id",
    "signals_usage": "actor_id, day, definition_id", "signals_moment": "id", "signals_score": "id",
    "signals_accountstate": "account_id", "signals_segmentmember": "account_id, segment_id",
    "outreach_queueitem": "id", "outreach_touch": "id", "outreach_outcome": "id", "outreach_playdecision": "id",
}  # fmt: skip


def standing() -> dict[str, str]:
    """A checksum of each derived table, but for the days since when its rows are known."""
    found = {
        table: rows(f"SELECT to_jsonb(t) - 'known_on' FROM {table} t ORDER BY {order}")
        for table, order in DERIVED.items()
    }
    return {table: hashlib.sha256(repr(each).encode()).hexdigest() for table, each in found.items()}


def usage() -> dict[str | None, int]:
    found: dict[str | None, int] = {}
    for domain, count in Usage.objects.values_list("actor__account__domain", "count"):
        found[domain] = found.get(domain, 0) + count
    return found


def account(domain: str) -> Account:
    return Account.objects.get(domain=domain)


def join(old: str, new: str, name: str = "", user: Any = None) -> Correction:
    return join_accounts(account(old).pk, account(new).pk, acting_user=user, now=timezone.now(), name=name)


def undo(correction: Correction) -> Correction:
    return undo_join(correction.pk, acting_user=None, now=timezone.now())


@pytest.fixture
def two(send: Send) -> None:
    send(identify("g1", "gil@glas.de", days=9), identify("k1", "kim@glas.com", days=9))
    send(group("g1", "werk", days=8, name="Glas Werk"), group("k1", "hq", days=8, name="Glas Inc"))
    send(track("g1", workspace="werk", days=7), track("k1", days=7), track("k1", days=6))


def test_all_that_was_done_and_all_that_comes_counts_for_the_other(send: Send, two: None) -> None:
    assert usage() == {"glas.de": 1, "glas.com": 2}
    join("glas.de", "glas.com")
    assert usage() == {"glas.com": 3}
    send(track("g1"), identify("g2", "new@glas.de"), track("g2"), group("g3", "werk"), track("g3", workspace="werk"))
    assert usage() == {"glas.com": 6}
    assert set(account("glas.com").people.values_list("email", flat=True)) == {
        "gil@glas.de", "kim@glas.com", "new@glas.de", "",
    }  # fmt: skip


def test_undoing_leaves_the_state_before_and_what_came_since_where_it_belongs(send: Send, two: None) -> None:
    before = standing()
    joined = join("glas.de", "glas.com", name="Glas Group")
    assert account("glas.com").name == "Glas Group"
    assert undo(joined).undone_at
    assert undo(joined).undone_at
    assert standing() == before
    again = join("glas.de", "glas.com")
    send(identify("g2", "new@glas.de"), track("g2"))
    undo(again)
    assert usage() == {"glas.de": 2, "glas.com": 2}


def test_the_name_of_the_one_that_stays_is_kept(send: Send, two: None) -> None:
    join("glas.de", "glas.com")
    send(group("g1", "werk", name="Glaswerk AG"))
    assert account("glas.com").name == "Glas Inc"


def test_a_chain_of_joins_is_taken_apart_in_any_order(send: Send, two: None) -> None:
    send(identify("x1", "xi@xylo.de"), track("x1"))
    before = standing()
    first, second = join("xylo.de", "glas.de"), join("glas.de", "glas.com")
    assert usage() == {"glas.com": 4}
    undo(first)
    assert usage() == {"xylo.de": 1, "glas.com": 3}
    undo(second)
    assert standing() == before
    first, second = join("xylo.de", "glas.de"), join("glas.de", "glas.com")
    undo(second)
    assert usage() == {"glas.de": 2, "glas.com": 2}
    undo(first)
    assert standing() == before


@pytest.mark.parametrize("pair", [("glas.de", "glas.de"), ("xylo.de", "glas.com"), ("glas.com", "xylo.de")])
def test_one_that_is_part_of_another_is_not_joined_again(send: Send, two: None, pair: tuple[str, str]) -> None:
    send(identify("x1", "xi@xylo.de"))
    join("xylo.de", "glas.de")
    with pytest.raises(CorrectionError):
        join(*pair)
    assert Correction.objects.count() == 1


def test_an_account_is_part_of_one_other_at_most(two: None) -> None:
    about = {"account": account("glas.com"), "other": account("glas.de"), "at": timezone.now()}
    Correction.objects.create(verb="join", **about)
    with pytest.raises(IntegrityError, match="correction_one_join"):
        Correction.objects.create(verb="join", **about)


# --- What the desk keeps ------------------------------------------------------------------------------------


@pytest.fixture
def pair(desk: Desk, send: Send) -> tuple[Account, Account]:
    """A daughter with 90 points and a parent with 40."""
    made = [_company(send, name, points, desk) for name, points in (("Daughter", 90), ("Parent", 40))]
    return made[0], made[1]


def _company(send: Send, name: str, points: int, desk: Desk) -> Account:
    domain = f"{name.lower()}.com"
    send(identify(name, f"ann@{domain}"), group(name, f"w-{name}", name=name), track(name, workspace=f"w-{name}"))
    made = account(domain)
    make_score(made, points, now=desk.now)
    AccountState.objects.create(account=made, measures={}, fingerprint=1, as_of=desk.now.date(), changed_at=desk.now)
    return made


def test_items_touches_outcomes_moments_and_decisions_follow_and_come_back(
    desk: Desk, pair: tuple[Account, Account]
) -> None:
    daughter, parent = pair
    item = make_item(daughter, desk.plays["expansion"], now=desk.now, rep=desk.rita)
    Touch.objects.create(account=daughter, user=desk.rita, channel="call", at=desk.now)
    log_outcome(daughter, kind="meeting", acting_user=desk.rita, now=desk.now)
    Assignment.objects.create(account=daughter, rep=desk.rita, started_at=desk.now)
    before = standing()
    counts = what_would_join(daughter, parent).counts
    assert counts == ["1 workspace", "1 person", "1 open item", "1 touch", "1 outcome"]
    assert what_would_join(daughter, parent).owner == "Rita becomes the owner."
    joined = join_accounts(daughter.pk, parent.pk, acting_user=desk.mona, now=desk.now)
    for model in (QueueItem, Touch, Outcome, Moment, Assignment):
        assert set(model.objects.values_list("account", flat=True)) == {parent.pk}, model
    assert not Score.objects.filter(account=daughter).exists()
    assert not AccountState.objects.filter(account=daughter).exists()
    undo_join(joined.pk, acting_user=desk.mona, now=desk.now)
    assert standing() == before
    assert QueueItem.objects.get().pk == item.pk


def test_of_two_items_of_one_play_the_held_one_stays_and_the_other_comes_back(
    desk: Desk, pair: tuple[Account, Account]
) -> None:
    daughter, parent = pair
    play = desk.plays["expansion"]
    mine = make_item(daughter, play, now=desk.now, rep=desk.rita)
    theirs = make_item(parent, play, now=desk.now, rep=desk.tom)
    claim_item(mine, acting_user=desk.rita, now=desk.now)
    assert what_would_join(daughter, parent).counts[-1] == "1 open item closes: the same play has one on both"
    joined = join_accounts(daughter.pk, parent.pk, acting_user=desk.mona, now=desk.now)
    states = dict(QueueItem.objects.values_list("pk", "state"))
    assert states == {mine.pk: "claimed", theirs.pk: "expired"}
    assert QueueItem.objects.get(pk=theirs.pk).changes.latest("pk").user == desk.mona
    dismiss_item(QueueItem.objects.get(pk=mine.pk), reason="other", acting_user=desk.rita, now=desk.now)
    undo_join(joined.pk, acting_user=desk.mona, now=desk.now)
    found = dict(QueueItem.objects.values_list("account__name", "state"))
    assert found == {"Daughter": "dismissed", "Parent": "open"}


def test_an_item_opened_since_stays_and_the_closed_one_stays_closed(desk: Desk, pair: tuple[Account, Account]) -> None:
    daughter, parent = pair
    play = desk.plays["expansion"]
    make_item(daughter, play, now=desk.now)
    theirs = make_item(parent, play, now=desk.now, rep=desk.tom, due_at=desk.now)
    joined = join_accounts(parent.pk, daughter.pk, acting_user=desk.mona, now=desk.now)
    assert QueueItem.objects.get(account=daughter, state="open") == theirs
    QueueItem.objects.filter(pk=theirs.pk).update(state="done", disposition="met", closed_at=desk.now)
    newer = make_item(daughter, play, now=desk.now)
    undo_join(joined.pk, acting_user=desk.mona, now=desk.now)
    live = QueueItem.objects.filter(state="open").values_list("pk", "account")
    assert list(live) == [(newer.pk, daughter.pk)]


def test_the_owner_of_the_one_that_stays_keeps_it(desk: Desk, pair: tuple[Account, Account]) -> None:
    daughter, parent = pair
    for each, rep in ((daughter, desk.rita), (parent, desk.tom)):
        Assignment.objects.create(account=each, rep=rep, started_at=desk.now)
    before = standing()
    assert what_would_join(daughter, parent).owner == "Tom stays the owner; Rita no longer owns it."
    joined = join_accounts(daughter.pk, parent.pk, acting_user=None, now=desk.now)
    assert Assignment.objects.get(ended_at=None).rep == desk.tom
    undo_join(joined.pk, acting_user=None, now=desk.now)
    assert standing() == before


def test_what_a_list_said_of_the_joined_account_is_said_of_both(desk: Desk, pair: tuple[Account, Account]) -> None:
    daughter, parent = pair
    key = AttributeKey.objects.get_or_create(name="employees", defaults={"company_meaning": "employees"})[0]
    AttributeKey.objects.filter(pk=key.pk).update(company_meaning="employees")
    day = desk.now.date()
    about = {"subject_kind": 3, "key": key, "origin": Attribute.Origin.CRM, "day": day, "at": desk.now}
    Attribute.objects.create(subject_id=daughter.pk, number=777, text="777", **about)
    join_accounts(daughter.pk, parent.pk, acting_user=None, now=desk.now)
    score_dirty(desk.now)
    assert "777" in str(AccountState.objects.get(account=parent).measures)


def test_a_mark_of_the_joined_account_scores_the_other(desk: Desk, pair: tuple[Account, Account]) -> None:
    daughter, parent = pair
    join_accounts(daughter.pk, parent.pk, acting_user=None, now=desk.now)
    score_dirty(desk.now)
    rows("INSERT INTO accounts_dirtymark (actors, accounts) VALUES ('{}', %s)", [[daughter.pk]])
    assert score_dirty(desk.now).accounts == 1
    assert not Score.objects.filter(account=daughter).exists()


def test_scores_of_a_model_that_is_gone_do_not_come_back(desk: Desk, pair: tuple[Account, Account]) -> None:
    daughter, parent = pair
    second = make_score(daughter, 10, now=desk.now, kind="eqa")
    joined = join_accounts(daughter.pk, parent.pk, acting_user=None, now=desk.now)
    rows("UPDATE signals_score SET breakdown = breakdown WHERE false")
    Score.objects.filter(scoring_model=second.scoring_model).delete()
    rows("DELETE FROM signals_scoringmodelversion WHERE scoring_model_id = %s", [second.scoring_model_id])
    undo_join(joined.pk, acting_user=None, now=desk.now)
    assert list(Score.objects.filter(account=daughter).values_list("points", flat=True)) == [90]


# --- Who asks for the joined account finds the other ---------------------------------------------------------


def test_a_search_for_the_joined_account_finds_the_other_once(two: None) -> None:
    join("glas.de", "glas.com")
    assert found_accounts("glas.de") == [account("glas.com").pk]
    assert found_accounts("gil@glas") == [account("glas.com").pk]


def test_lists_count_and_show_the_whole_company_once(desk: Desk, two: None) -> None:
    join("glas.de", "glas.com")
    client = api_client_of(desk.rita)
    assert [each["domain"] for each in client.get("/api/v1/accounts/").json()["results"]] == ["glas.com"]
    assert (count_known()["accounts"], AccountSelection.all().ids.tolist()) == (1, [account("glas.com").pk])


def test_a_moment_that_was_found_while_the_accounts_were_joined_is_the_others(
    desk: Desk, pair: tuple[Account, Account]
) -> None:
    daughter, parent = pair
    join_accounts(daughter.pk, parent.pk, acting_user=None, now=desk.now)
    play = desk.plays["expansion"]
    Moment.objects.create(kind="trigger", cause="late", account=daughter, at=desk.now, trigger=play.trigger)
    decide(desk.now)
    assert list(PlayDecision.objects.values_list("account", flat=True).distinct()) == [parent.pk]


def test_a_list_speaks_of_the_account_that_has_the_domain(desk: Desk, source: Any, two: None) -> None:
    by_hand.give_domain(account("glas.com"), "glas.io", acting_user=None, now=timezone.now())
    join("glas.de", "glas.com")
    run = ImportRun.objects.create(source_id=source.id, file_name="list.csv")
    listed = [ListedAccount("glas.io"), ListedAccount("glas.de", owner=desk.rita)]
    assert take_list(run.pk, listed, acting_user=None, reason="list", at=timezone.now()) == 0
    assert Assignment.objects.get().account == account("glas.com")


def test_a_browser_puts_no_workspace_into_a_company_known_by_a_further_domain(send: Send, two: None) -> None:
    by_hand.give_domain(account("glas.com"), "glas.io", acting_user=None, now=timezone.now())
    assert rows(IDENTITY["known_to_servers"], [["glas.io", "glas.de", "else.com"]]) == [("glas.io",), ("glas.de",)]
