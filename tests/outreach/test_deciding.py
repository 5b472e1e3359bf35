"""Which moments are looked at, in which order, and every word and column that a decision and its item keep."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User

from accounts.models import Account
from outreach.models import Play, PlayDecision, QueueItem, QueueItemChange
from outreach.plays import decide as deciding
from outreach.plays.decide import advance, decide, recheck, refresh_items
from outreach.queue.actions import claim_item, finish_item, snooze_item
from plgcrm.common.cache import forget_all
from plgcrm.common.sql import records
from signals.models import AccountState, Moment
from tests.clock import T0
from tests.factories import make_account, make_person
from tests.outreach.conftest import VALUE_HAD, BecomeTrue, Measure, RaiseHand, later, play_of
from tests.query_counts import counted_queries

NEAR = {"seats_share": 0.94}


def decision_of(moment: Moment, play: str = "expansion") -> PlayDecision:
    return PlayDecision.objects.get(moment=moment, play__slug=play)


def hold_all(**columns: Any) -> None:
    """Every decision is held back, whatever it was."""
    QueueItem.objects.all().delete()
    PlayDecision.objects.update(**{"state": "held", "guard": "capacity", "recheck_at": None} | columns)


def order(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The moments as they are judged, one after the other."""
    judged: list[int] = []
    original = deciding._outcome

    def noted(one: Any, *more: Any, **how: Any) -> Any:
        judged.append(one.moment_id)
        return original(one, *more, **how)

    monkeypatch.setattr(deciding, "_outcome", noted)
    return judged


# --- Which moments ------------------------------------------------------------------------------------------


def test_most_rounds_look_at_the_moments_noticed_in_five_minutes(acme: Account, become_true: BecomeTrue) -> None:
    moment = become_true(acme, "outgrowing", **NEAR)
    for minutes, found in ((4, 1), (6, 0)):
        Moment.objects.update(noticed_at=Moment.objects.get().noticed_at - timedelta(minutes=minutes))
        asked = records(deciding.SQL["new_candidates"], {"minutes": 5, "limit": 9})
        assert len(asked) == found
    assert decide(T0) == {"fired": 1}  # a process that begins looks at all
    assert decision_of(moment).state == "fired"


def test_a_full_batch_is_followed_by_a_look_at_everything(become_true: BecomeTrue) -> None:
    for _ in range(3):
        become_true(make_account(), "outgrowing", **NEAR)
    Moment.objects.update(noticed_at=T0 - timedelta(days=1))
    assert [decide(T0, limit=1), decide(T0, limit=2), decide(T0)] == [{"fired": 1}, {"fired": 2}, {}]
    become_true(make_account(), "outgrowing", **NEAR)
    Moment.objects.update(noticed_at=T0 - timedelta(days=1))
    assert decide(T0) == {}
    forget_all()
    assert decide(T0) == {"fired": 1}


def test_moments_are_judged_requests_first_then_by_play_time_and_number(
    become_true: BecomeTrue, raise_hand: RaiseHand, monkeypatch: pytest.MonkeyPatch
) -> None:
    later_play, first_play = sorted(
        ((play_of("expansion"), "outgrowing"), (play_of("consolidation"), "several-workspaces")),
        key=lambda pair: -pair[0].position,
    )
    moments = {
        "last by play": become_true(make_account(), later_play[1], at=later(days=-3), **NEAR),
        "third by number": become_true(make_account(), first_play[1], at=later(hours=-1), **NEAR),
        "fourth by number": become_true(make_account(), first_play[1], at=later(hours=-1), **NEAR),
        "second by time": become_true(make_account(), first_play[1], at=later(hours=-2), **NEAR),
        "first": raise_hand(make_person(make_account())),
    }
    names = ("first", "second by time", "third by number", "fourth by number", "last by play")
    expected = [moments[name].pk for name in names]
    judged = order(monkeypatch)
    decide(T0)
    hold_all(recheck_at=T0)
    recheck(T0)
    assert judged == expected * 2


def test_a_later_moment_counts_of_the_same_account_and_trigger_alone(acme: Account, become_true: BecomeTrue) -> None:
    become_true(acme, "outgrowing", at=later(days=-2), **NEAR)
    become_true(make_account(), "outgrowing", at=later(days=-1), **NEAR)
    assert decide(T0) == {"fired": 2}
    hold_all(recheck_at=T0)
    assert recheck(T0) == {"fired": 2}
    become_true(acme, "several-workspaces", at=later(days=-1), workspaces=2, **NEAR)
    hold_all(recheck_at=T0)
    assert "over" not in decide(T0) | recheck(T0)


def test_the_earlier_of_two_moments_is_over_when_it_is_looked_at_again(acme: Account, become_true: BecomeTrue) -> None:
    first = become_true(acme, "outgrowing", at=later(days=-2), **NEAR)
    decide(T0)
    hold_all(recheck_at=T0)
    become_true(acme, "outgrowing", at=later(days=-1), **NEAR)
    recheck(T0)
    assert (decision_of(first).state, decision_of(first).reason) == (
        "over",
        "It became true again later, and the later moment counts.",
    )


@pytest.mark.parametrize(("seconds", "found"), [(-1, 0), (0, 1), (1, 1)])
def test_what_was_held_is_looked_at_from_the_minute_it_is_due(
    acme: Account, become_true: BecomeTrue, seconds: int, found: int
) -> None:
    become_true(acme, "outgrowing", **NEAR)
    decide(T0)
    hold_all(recheck_at=later(hours=1), decided_at=T0)
    assert sum(recheck(later(hours=1, seconds=seconds)).values()) == found


def test_what_was_held_without_a_date_is_looked_at_where_its_account_is_known(
    acme: Account, become_true: BecomeTrue, raise_hand: RaiseHand
) -> None:
    known, unknown = become_true(acme, "outgrowing", **NEAR), raise_hand(make_person(None))
    decide(T0)
    hold_all(decided_at=later(days=1))
    assert recheck(later(days=1)) == {"fired": 1}
    assert (decision_of(known).state, decision_of(unknown, "hand-raisers").state) == ("fired", "held")


def test_a_request_of_nobody_known_is_looked_at_after_a_week_and_not_sooner(raise_hand: RaiseHand) -> None:
    raise_hand(make_person(None))
    decide(T0)
    assert recheck(later(days=7)) == {}
    assert recheck(later(days=7, seconds=1)) == {"over": 1}


def test_what_was_held_is_looked_at_when_its_account_was_measured_since(
    acme: Account, become_true: BecomeTrue, measure: Measure
) -> None:
    become_true(acme, "outgrowing", **NEAR)
    decide(T0)
    hold_all(recheck_at=later(days=9), decided_at=later(hours=1))
    become_true(make_account(), "outgrowing", at=later(hours=2), **NEAR)
    Moment.objects.latest("pk").delete()
    for changed, since, found in (
        (later(hours=1), T0, {}), (later(hours=1, seconds=1), later(hours=2), {}),
        (later(hours=1, seconds=1), later(hours=1, seconds=1), {"fired": 1}),
    ):  # fmt: skip
        AccountState.objects.filter(account=acme).update(changed_at=changed)
        assert recheck(later(hours=3), since=since) == found


def test_what_is_due_longest_is_looked_at_first(become_true: BecomeTrue) -> None:
    moments = [become_true(make_account(), "outgrowing", **NEAR) for _ in range(2)]
    decide(T0)
    hold_all(decided_at=later(hours=9))
    for moment, hours in zip(moments, (2, 1), strict=True):
        PlayDecision.objects.filter(moment=moment).update(recheck_at=later(hours=hours))
    assert recheck(later(hours=3), limit=1) == {"fired": 1}
    assert [decision_of(moment).state for moment in moments] == ["held", "fired"]


def test_what_has_fired_is_not_looked_at_again(acme: Account, become_true: BecomeTrue) -> None:
    moment = become_true(acme, "outgrowing", **NEAR)
    decide(T0)
    PlayDecision.objects.update(recheck_at=T0)
    assert recheck(later(days=1)) == {}
    assert decision_of(moment).decided_at == T0


def test_a_round_that_finds_nothing_reads_no_account(shipped: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deciding, "situations_of", None)
    assert (decide(T0), recheck(T0), refresh_items(T0)) == ({}, {}, {})


def test_what_is_of_no_account_and_of_nobody_is_not_taken_for_the_first_there_is(
    become_true: BecomeTrue, raise_hand: RaiseHand
) -> None:
    first = Account.objects.create(pk=1, name="First")
    raise_hand(make_person(first, pk=1, excluded_by="*@first.example"))
    become_true(make_account(), "outgrowing", **NEAR)
    raise_hand(make_person(None))
    decide(T0)
    found = PlayDecision.objects.order_by("moment").values_list("state", "guard")
    assert list(found) == [("held", "suppressed"), ("fired", ""), ("held", "no_account")]


# --- What is decided ----------------------------------------------------------------------------------------


def test_a_decision_keeps_what_it_was_about_and_when(acme: Account, become_true: BecomeTrue) -> None:
    moment = become_true(acme, "outgrowing", **NEAR | {"age_days": 1})
    decide(later(minutes=1))
    first = decision_of(moment)
    assert (first.account, first.state, first.guard, first.decided_at) == (acme, "held", "signup_age", later(minutes=1))
    assert first.reason == next(check["words"] for check in first.checks if check["held"])
    due = first.recheck_at
    assert due is not None
    recheck(due)
    again = decision_of(moment)
    assert (again.pk, again.state, again.guard, again.recheck_at) == (first.pk, "fired", "", None)
    assert (again.decided_at, again.account) == (due, acme)
    assert not any(check["held"] for check in again.checks)


def test_of_two_decisions_each_keeps_its_own(become_true: BecomeTrue) -> None:
    fine, young = make_account(), make_account()
    moments = [become_true(fine, "outgrowing", **NEAR), become_true(young, "outgrowing", **NEAR | {"age_days": 0})]
    decide(T0)
    hold_all(recheck_at=T0)
    assert recheck(T0) == {"fired": 1, "held": 1}
    assert [(decision_of(moment).state, decision_of(moment).account) for moment in moments] == [
        ("fired", fine),
        ("held", young),
    ]
    assert QueueItem.objects.get().decision == decision_of(moments[0])


def test_a_request_is_fired_in_words_that_name_who_made_it(acme: Account, raise_hand: RaiseHand) -> None:
    raise_hand(make_person(acme, "A" * 120), at=later(days=-1))
    decide(T0)
    assert PlayDecision.objects.get().reason == f"{'A' * 100} made a request on 10 Mar."


def test_a_play_without_a_trigger_speaks_by_its_own_name(acme: Account, become_true: BecomeTrue) -> None:
    moment = become_true(acme, "outgrowing", **NEAR)
    candidates = records(deciding.SQL["new_candidates"], {"minutes": 10**6, "limit": 9})
    [one] = deciding._candidates(candidates)
    one.play.trigger = None
    assert deciding._fired_words(one, deciding.Requester(), T0) == (
        "“Account expansion” became true on 11 Mar, and no guard is holding it back."
    )
    assert deciding._gone_words(one.play, T0) == "It is no longer true as of 11 Mar."
    assert one.moment_id == moment.pk


def test_a_trigger_of_an_account_that_was_never_measured_is_taken_as_true(
    acme: Account, become_true: BecomeTrue
) -> None:
    Play.objects.filter(slug="expansion").update(guards=[])
    become_true(acme, "outgrowing", **NEAR)
    AccountState.objects.all().delete()
    assert decide(T0) == {"fired": 1}


def test_a_play_that_was_switched_off_since_says_so(acme: Account, become_true: BecomeTrue) -> None:
    moment = become_true(acme, "outgrowing", **NEAR)
    decide(T0)
    hold_all(recheck_at=T0)
    Play.objects.update(active=False)
    recheck(T0)
    assert (decision_of(moment).state, decision_of(moment).reason) == ("over", "The play was switched off.")


@pytest.mark.parametrize(
    ("minutes", "state", "words"),
    [
        (1, "fired", "Ada Lane made a request on 11 Mar."),
        (2, "fired", "Ada Lane made a request on 11 Mar."),
        (3, "over", "Handled by the item closed on 11 Mar."),
    ],
)
def test_a_second_request_is_over_where_the_open_item_was_worked_after_it(
    item: QueueItem, rita: User, raise_hand: RaiseHand, minutes: int, state: str, words: str
) -> None:
    assert item.person
    raise_hand(item.person, "Again", at=later(minutes=2))
    decide(later(minutes=2))
    finish_item(item, disposition="answered", acting_user=rita, now=later(minutes=minutes))
    recheck(later(days=2))
    again = PlayDecision.objects.exclude(pk=item.decision_id).get()
    assert (again.state, again.reason) == (state, words)


def test_an_item_opened_in_the_batch_takes_the_place_of_the_team_and_of_the_account(
    rita: User, acme: Account, raise_hand: RaiseHand
) -> None:
    for words in ("One", "Two"):
        raise_hand(make_person(acme), words)
    assert decide(T0) == {"fired": 1, "held": 1}
    second = PlayDecision.objects.get(state="held")
    assert (second.guard, QueueItem.objects.count()) == ("one_open_item", 1)
    change = QueueItemChange.objects.get()
    assert (change.verb, change.note, change.at, change.user, change.before) == ("asked-again", "Two", T0, None, {})


@pytest.mark.parametrize(
    ("facts", "note"),
    [
        ({"text": "w" * 400, "name": "Demo Requested"}, "w" * 300),
        ({"text": "", "name": "Demo Requested"}, "Demo Requested"),
        ({}, "Demo requested"),
    ],
)
def test_who_asks_again_is_told_in_their_words_else_by_what_they_did(
    item: QueueItem, raise_hand: RaiseHand, facts: dict[str, str], note: str
) -> None:
    assert item.person
    moment = raise_hand(item.person, at=later(minutes=1))
    Moment.objects.filter(pk=moment.pk).update(facts=facts)
    decide(later(minutes=1))
    told = QueueItemChange.objects.get()
    assert (told.item, told.note, told.at) == (item, note or moment.signal.name, later(minutes=1))


def test_who_asks_again_is_told_to_their_own_item_while_it_waits(
    item: QueueItem, rita: User, raise_hand: RaiseHand
) -> None:
    others = make_person(make_account())
    raise_hand(others, at=T0)
    decide(T0)
    snooze_item(item, until=later(days=3), acting_user=rita, now=T0)
    assert item.person
    raise_hand(item.person, "Hello?", at=later(minutes=1))
    decide(later(minutes=1))
    assert [change.item for change in QueueItemChange.objects.filter(verb="asked-again")] == [item]


def test_an_item_that_another_worker_has_opened_first_holds_the_decision(
    acme: Account, become_true: BecomeTrue, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = become_true(acme, "outgrowing", **NEAR)
    monkeypatch.setattr(deciding, "open_items", lambda firings, now: set())
    decide(T0)
    found = decision_of(moment)
    assert (found.state, found.guard, found.recheck_at) == ("held", "one_open_item", later(days=1))
    assert found.reason == "An item of this play is already open for this account."


# --- Rounds -------------------------------------------------------------------------------------------------


def test_a_round_says_what_it_did_and_of_what_was_looked_at_again(
    rita: User, acme: Account, become_true: BecomeTrue, measure: Measure
) -> None:
    become_true(acme, "outgrowing", **NEAR)
    young = make_account()
    become_true(young, "outgrowing", **NEAR | {"age_days": 1})
    assert advance(T0) == {"fired": 1, "held": 1}
    measure(acme, "outgrowing", at=later(days=2), **VALUE_HAD | NEAR)
    assert advance(later(days=2)) == {"again_fired": 1, "refreshed": 1}


def test_a_round_goes_on_deciding_while_there_is_more(become_true: BecomeTrue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deciding, "MOST_ROUNDS", 3)
    left = [{"fired": 500}] * 5
    monkeypatch.setattr(deciding, "decide", lambda now: left.pop())
    assert advance(T0) == {"fired": 1500}
    left[:] = [{"held": 1}, {}, {"fired": 2}]
    assert advance(T0) == {"fired": 2}


def test_most_rounds_look_again_at_what_was_measured_in_five_minutes(become_true: BecomeTrue, measure: Measure) -> None:
    recent, before = make_account("Recent"), make_account("Before")
    for account in (recent, before):
        become_true(account, "outgrowing", **NEAR)
        become_true(account, "several-workspaces", workspaces=2, **NEAR)
    assert advance(T0) == {"fired": 2, "held": 2}
    for account, minutes in ((recent, 59), (before, 54)):
        measure(account, "several-workspaces", "outgrowing", at=later(minutes=minutes), **VALUE_HAD | NEAR)
    assert advance(later(hours=1)) == {"again_held": 1, "refreshed": 1}
    forget_all()
    assert advance(later(hours=1)) == {"again_held": 1, "refreshed": 1}


# --- Items that stay true -----------------------------------------------------------------------------------


def test_items_are_refreshed_by_number_so_many_at_once_and_since_a_time(
    become_true: BecomeTrue, measure: Measure
) -> None:
    accounts = [make_account() for _ in range(3)]
    for account in accounts:
        become_true(account, "outgrowing", **NEAR)
    decide(T0)
    for account in accounts:
        measure(account, "outgrowing", at=later(hours=1), **VALUE_HAD | {"seats_share": 0.98})
    assert refresh_items(later(hours=2), since=later(hours=1, seconds=1)) == {}
    assert refresh_items(later(hours=2), limit=2) == {"refreshed": 2}
    assert [item.why_now[:4] for item in QueueItem.objects.order_by("pk")] == ["98 %", "98 %", "94 %"]
    measure(accounts[2], at=later(hours=3))
    measure(accounts[0], "outgrowing", at=later(hours=3), **VALUE_HAD | NEAR)
    assert refresh_items(later(hours=3), since=later(hours=3)) == {"refreshed": 1, "expired": 1}


def test_refreshing_costs_the_same_number_of_queries_however_many(raise_hand: RaiseHand, measure: Measure) -> None:
    for hours in (1, 2):
        for _ in range(hours * 2):
            person = make_person(make_account())
            raise_hand(person)
            decide(T0)
            assert person.account
            measure(person.account, at=later(hours=hours), people_active_30=4)
        with counted_queries() as asked:
            refresh_items(later(hours=hours))
        assert len(asked) == 10


def test_a_refreshed_request_speaks_of_who_made_it_and_when_it_was_measured(item: QueueItem, measure: Measure) -> None:
    measure(item.account, at=later(days=1), people_active_30=4)
    QueueItem.objects.update(person=None)
    refresh_items(later(days=1))
    found = QueueItem.objects.get()
    assert found.why_now == "Someone wrote “Can we talk?” (Demo requested); 4 people are active there in 30 days."
    assert (found.facts_as_of, found.facts["to_whom"]) == (later(days=1), item.facts["to_whom"])
    assert found.facts["people_active_30"]["value"] == 4


def test_a_refreshed_request_without_words_speaks_of_its_signal(item: QueueItem, measure: Measure) -> None:
    Moment.objects.update(facts={})
    measure(item.account, at=later(days=1), people_active_30=4)
    refresh_items(later(days=1))
    signal = item.decision.moment.signal
    assert signal
    assert QueueItem.objects.get().why_now == (
        f"Ada Lane made a request: {signal.name}; 4 people are active there in 30 days."
    )


def test_an_item_without_anybody_to_speak_to_stays_without(item: QueueItem, measure: Measure) -> None:
    QueueItem.objects.update(facts={})
    measure(item.account, at=later(days=1), people_active_30=4)
    refresh_items(later(days=1))
    assert "to_whom" not in QueueItem.objects.get().facts


def test_a_refreshed_item_waits_on_from_the_day_it_was_made(item: QueueItem, measure: Measure) -> None:
    found = []
    for days in (1, 20):
        measure(item.account, at=later(days=days), monthly_revenue=900)
        refresh_items(later(days=days))
        found.append(QueueItem.objects.values_list("priority", "priority_parts").get())
    assert found[0] == found[1] != (item.priority, item.priority_parts)


def test_a_claimed_item_keeps_what_its_rep_wrote_above_the_note(
    rita: User, acme: Account, become_true: BecomeTrue, measure: Measure
) -> None:
    become_true(acme, "outgrowing", **NEAR)
    decide(T0)
    claim_item(QueueItem.objects.get(), acting_user=rita, now=T0)
    QueueItem.objects.update(note="n" * 991)
    measure(acme, at=later(days=1))
    refresh_items(later(days=1))
    note = QueueItem.objects.get().note
    assert (note, QueueItem.objects.get().facts_as_of) == (f"{'n' * 991}\nNo longe", later(days=1))


def test_a_claimed_item_whose_reason_stands_is_rewritten(
    rita: User, acme: Account, become_true: BecomeTrue, measure: Measure
) -> None:
    become_true(acme, "outgrowing", **NEAR)
    decide(T0)
    claim_item(QueueItem.objects.get(), acting_user=rita, now=T0)
    measure(acme, "outgrowing", at=later(days=1), **VALUE_HAD | {"seats_share": 0.98})
    assert refresh_items(later(days=1)) == {"refreshed": 1}
    found = QueueItem.objects.get()
    assert (found.state, found.why_now[:4], found.note) == ("claimed", "98 %", "")
