"""What each thing done to an item leaves behind: its columns, a line of its history, and what undo needs."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from outreach.models import Outcome, QueueItem, QueueItemChange, Touch
from outreach.queue.actions import (
    LONGEST_NOTE,
    AlreadyClaimedError,
    BadChoiceError,
    NotPossibleError,
    NotUndoableError,
    claim_item,
    dismiss_item,
    expire_item,
    finish_item,
    log_line,
    reassign_item,
    release_item,
    snooze_item,
    undo_change,
    wake_snoozed,
)
from outreach.queue.touches import Words, log_and_finish, log_and_stay
from outreach.team.reassign import Move, move_items, undo_moves
from tests.cast import play_part
from tests.clock import T0
from tests.factories import make_account, make_item
from tests.outreach.conftest import BecomeTrue, later, play_of

LONG = "x" * (LONGEST_NOTE + 1)


def row_of(item: QueueItem) -> QueueItem:
    return QueueItem.objects.get(pk=item.pk)


def put_to_sleep(item: QueueItem, user: User) -> QueueItem:
    snooze_item(item, until=later(days=2), acting_user=user, now=T0)
    return row_of(item)


# --- Claiming, releasing, snoozing --------------------------------------------------------------------------


def test_whoever_holds_an_item_is_named_and_known_to_the_caller(item: QueueItem, rita: User, tom: User) -> None:
    User.objects.filter(pk=rita.pk).update(first_name="")
    claim_item(item, acting_user=rita, now=T0)
    with pytest.raises(AlreadyClaimedError, match=r"^rita has claimed this item\.$") as refused:
        claim_item(item, acting_user=tom, now=T0)
    assert refused.value.holder == rita


def test_claiming_again_gives_the_claim_whatever_was_done_in_between(item: QueueItem, rita: User) -> None:
    claim_item(item, acting_user=rita, now=T0)
    release_item(item, acting_user=rita, now=later(minutes=1))
    claimed = claim_item(item, acting_user=rita, now=later(minutes=2))
    log_line(item, "note", acting_user=rita, now=later(minutes=3))
    assert claim_item(item, acting_user=rita, now=later(minutes=4)) == claimed


def test_claiming_wakes_a_snoozed_item_at_once(item: QueueItem, rita: User) -> None:
    claim_item(put_to_sleep(item, rita), acting_user=rita, now=later(minutes=1))
    found = row_of(item)
    assert (found.state, found.snoozed_until, found.claimed_at) == ("claimed", None, later(minutes=1))


def test_releasing_leaves_nobody_and_no_time(item: QueueItem, rita: User) -> None:
    claim_item(item, acting_user=rita, now=T0)
    change = release_item(item, acting_user=rita, now=later(minutes=1))
    assert (row_of(item).claimed_by, row_of(item).claimed_at) == (None, None)
    assert (change.verb, change.user, change.at, change.note) == ("release", rita, later(minutes=1), "")


def test_what_is_open_cannot_be_released(item: QueueItem, rita: User) -> None:
    with pytest.raises(NotPossibleError, match=r"."):
        release_item(item, acting_user=rita, now=T0)


@pytest.mark.parametrize(("days", "possible"), [(0, False), (0.001, True), (180, True), (180.001, False)])
def test_an_item_sleeps_for_at_most_180_days(item: QueueItem, rita: User, days: float, possible: bool) -> None:
    if possible:
        change = snooze_item(item, until=later(days=days), acting_user=rita, now=T0)
        assert (change.verb, change.user, change.at) == ("snooze", rita, T0)
    else:
        with pytest.raises(BadChoiceError, match=r"^Choose a future time, at most 180 days from now\.$"):
            snooze_item(item, until=later(days=days), acting_user=rita, now=T0)
    assert row_of(item).state == ("snoozed" if possible else "open")


def test_those_who_slept_longest_wake_first_and_only_so_many_at_once(
    item: QueueItem, rita: User, become_true: BecomeTrue
) -> None:
    from outreach.plays.decide import decide

    become_true(make_account(owner=rita), "outgrowing", seats_share=0.94)
    decide(T0)
    [first, second] = QueueItem.objects.order_by("pk")
    snooze_item(first, until=later(days=2), acting_user=rita, now=T0)
    snooze_item(second, until=later(days=1), acting_user=rita, now=T0)
    with CaptureQueriesContext(connection) as asked:
        assert wake_snoozed(later(days=3), limit=1) == 1
    assert (row_of(first).state, row_of(second).state) == ("snoozed", "open")
    assert any("FOR NO KEY UPDATE SKIP LOCKED" in query["sql"] for query in asked.captured_queries)
    woken = QueueItemChange.objects.get(verb="wake")
    assert (woken.item, woken.user, woken.at) == (second, None, later(days=3))
    assert row_of(second).snoozed_until is None


def test_only_what_sleeps_is_woken(item: QueueItem) -> None:
    QueueItem.objects.update(snoozed_until=T0)  # by hand, in the database
    assert wake_snoozed(later(days=1)) == 0


# --- Closing ------------------------------------------------------------------------------------------------


def test_closing_keeps_the_note_of_before_where_none_is_given(item: QueueItem, rita: User) -> None:
    QueueItem.objects.update(note="Budget in May")
    change = dismiss_item(item, reason="other", acting_user=rita, now=T0)
    assert (row_of(item).note, change.note) == ("Budget in May", "")
    undo_change(change, acting_user=rita, now=T0)
    finish_item(item, disposition="called", acting_user=rita, now=T0)
    assert row_of(item).note == "Budget in May"


@pytest.mark.parametrize("how", ["dismiss", "finish"])
def test_closing_keeps_who_when_and_a_note_that_fits(item: QueueItem, rita: User, how: str) -> None:
    put_to_sleep(item, rita)
    if how == "dismiss":
        change = dismiss_item(item, reason="other", acting_user=rita, now=later(hours=1), note=LONG)
    else:
        change = finish_item(item, disposition="met", acting_user=rita, now=later(hours=1), note=LONG)
    found = row_of(item)
    assert (found.closed_at, found.closed_by, found.snoozed_until) == (later(hours=1), rita, None)
    assert (found.note, change.note) == ("x" * LONGEST_NOTE, "x" * LONGEST_NOTE)
    assert (change.verb, change.user, change.at) == (how, rita, later(hours=1))


def test_a_choice_that_is_none_is_refused_in_words(item: QueueItem, rita: User) -> None:
    with pytest.raises(BadChoiceError, match=r"^Choose a reason\.$"):
        dismiss_item(item, reason="", acting_user=rita, now=T0)
    with pytest.raises(BadChoiceError, match=r"^Choose .+\.$"):
        finish_item(item, disposition="sold", acting_user=rita, now=T0)


def test_finishing_is_work(item: QueueItem, rita: User) -> None:
    finish_item(item, disposition="answered", acting_user=rita, now=later(hours=2))
    assert row_of(item).worked_at == later(hours=2)


@pytest.mark.parametrize(("disposition", "meetings"), [("met", [("rita", T0)]), ("called", [])])
def test_closing_as_met_logs_the_meeting_of_whoever_closed_it(
    item: QueueItem, rita: User, disposition: str, meetings: list[object]
) -> None:
    change = finish_item(item, disposition=disposition, acting_user=rita, now=T0)
    assert list(Outcome.objects.filter(kind="meeting").values_list("user__username", "at")) == meetings
    undo_change(change, acting_user=rita, now=later(seconds=3))
    assert not Outcome.objects.exclude(undone_at=later(seconds=3)).exists()


def test_what_expires_says_why_below_what_was_logged(item: QueueItem, rita: User) -> None:
    QueueItem.objects.update(note="Budget in May")
    put_to_sleep(item, rita)
    change = expire_item(row_of(item), words="No longer true.", now=later(days=1))
    found = row_of(item)
    assert (found.state, found.closed_at, found.closed_by, found.snoozed_until) == (
        "expired",
        later(days=1),
        None,
        None,
    )
    assert found.note == "Budget in May\nNo longer true."
    assert (change.verb, change.user, change.note) == ("expire", None, "No longer true.")


def test_what_expires_keeps_what_a_refresh_has_written_since_it_was_read(item: QueueItem) -> None:
    QueueItem.objects.update(why_now="Rewritten meanwhile")
    expire_item(item, words="No longer true.", now=T0)
    assert (row_of(item).state, row_of(item).why_now) == ("expired", "Rewritten meanwhile")


def test_what_expires_without_a_note_says_why_alone_and_as_much_as_fits(item: QueueItem) -> None:
    expire_item(item, words="No longer true.", now=T0)
    assert row_of(item).note == "No longer true."
    QueueItem.objects.update(state="open", closed_at=None, note="")
    expire_item(row_of(item), words=LONG, now=T0)
    assert row_of(item).note == "x" * LONGEST_NOTE


# --- Reassigning --------------------------------------------------------------------------------------------


def test_a_reassigned_item_is_open_without_a_claim_and_says_what_was_logged(
    item: QueueItem, rita: User, tom: User
) -> None:
    put_to_sleep(item, rita)
    change = reassign_item(item, to=tom, acting_user=rita, now=later(hours=1), note="You know them")
    found = row_of(item)
    assert (found.state, found.rep, found.snoozed_until) == ("open", tom, None)
    assert (change.verb, change.user, change.at, change.note) == ("reassign", rita, later(hours=1), "You know them")
    claim_item(item, acting_user=tom, now=later(hours=2))
    reassign_item(item, to=rita, acting_user=tom, now=later(hours=3))
    assert (row_of(item).claimed_by, row_of(item).claimed_at) == (None, None)


def test_nothing_is_reassigned_to_somebody_without_a_queue(item: QueueItem, rita: User) -> None:
    stranger = User.objects.create_user("stranger")
    with pytest.raises(BadChoiceError, match=r"^stranger does not work a queue\.$"):
        reassign_item(item, to=stranger, acting_user=rita, now=T0)


def test_an_admin_takes_an_item_out_of_a_reps_hands_too(item: QueueItem, rita: User, tom: User) -> None:
    ada = play_part("ada")
    claim_item(item, acting_user=rita, now=T0)
    with pytest.raises(AlreadyClaimedError):
        dismiss_item(item, reason="other", acting_user=ada, now=T0)
    assert reassign_item(item, to=tom, acting_user=ada, now=T0).item.rep == tom


# --- Touches and undo ---------------------------------------------------------------------------------------


def test_a_touch_is_a_line_of_the_history_of_an_item_that_stays(item: QueueItem, rita: User) -> None:
    change = log_line(item, "call", acting_user=rita, now=later(minutes=1))
    assert (change.item, change.verb, change.user, change.at) == (item, "call", rita, later(minutes=1))
    assert change.before["state"] == "open"
    assert row_of(item).state == "open"


def test_a_closed_item_takes_no_touch(item: QueueItem, rita: User) -> None:
    finish_item(item, disposition="met", acting_user=rita, now=T0)
    with pytest.raises(
        NotPossibleError, match=r"^This item is already done: open the account to add to its history\.$"
    ):
        log_line(item, "call", acting_user=rita, now=T0)


def test_undo_takes_back_the_touch_of_the_same_instant_and_no_other(item: QueueItem, rita: User, tom: User) -> None:
    words = Words("email", person_id=item.person_id, subject="Hello", body="Hello", facts=[])
    about = {"account": item.account, "channel": "call"}
    of_item = about | {"item": item, "play": item.play}
    kept = [
        Touch.objects.create(user=tom, at=later(hours=1), **of_item),
        Touch.objects.create(user=rita, at=later(minutes=1), **of_item),
        Touch.objects.create(user=rita, at=later(hours=1), **about),
        Touch.objects.create(user=rita, at=later(hours=1), undone_at=later(hours=1), **of_item),
    ]
    log_and_finish(item, words, acting_user=rita, now=later(hours=1))
    change = QueueItemChange.objects.latest("pk")
    undo_change(change, acting_user=rita, now=later(hours=1, seconds=4))
    assert [Touch.objects.get(pk=touch.pk).undone_at for touch in kept] == [None, None, None, later(hours=1)]
    assert Touch.objects.get(subject="Hello").undone_at == later(hours=1, seconds=4)
    assert row_of(item).worked_at == later(minutes=1)


def test_the_last_change_is_the_one_written_last_whatever_the_clock_says(
    item: QueueItem, rita: User, tom: User, mona: User
) -> None:
    moved = move_items([Move(item.pk, rita.pk, "open", tom.pk)], acting_user=mona, now=later(seconds=1))
    claim = claim_item(item, acting_user=tom, now=T0)  # he asked before her, and waited for the row
    with pytest.raises(NotUndoableError):
        undo_moves(moved.batch, acting_user=mona, now=later(seconds=2))
    with pytest.raises(NotUndoableError):
        undo_change(item.changes.get(verb="reassign"), acting_user=mona, now=later(seconds=2))
    assert undo_change(claim, acting_user=tom, now=later(seconds=2)).item.state == "open"


def test_undo_of_a_release_gives_the_item_with_the_time_of_its_claim(item: QueueItem, rita: User) -> None:
    claim_item(item, acting_user=rita, now=T0)
    change = release_item(item, acting_user=rita, now=later(seconds=1))
    assert undo_change(change, acting_user=rita, now=later(seconds=2)).item.claimed_at == T0


def test_a_call_that_was_undone_is_no_work_and_other_items_stay_as_they_are(item: QueueItem, rita: User) -> None:
    other = make_item(item.account, play_of("expansion"), now=T0, rep=rita, worked_at=T0)
    change = log_and_stay(item, Words("call", person_id=item.person_id), acting_user=rita, now=later(hours=1))
    assert row_of(item).worked_at == later(hours=1)
    undo_change(change, acting_user=rita, now=later(hours=1))
    assert (row_of(item).worked_at, row_of(other).worked_at) == (None, T0)


def test_undo_gives_the_item_as_it_stands_now(item: QueueItem, rita: User) -> None:
    change = claim_item(item, acting_user=rita, now=T0)
    undone = undo_change(change, acting_user=rita, now=later(seconds=1))
    assert (undone, undone.item.state, undone.undone_at) == (change, "open", later(seconds=1))


def test_a_refused_undo_says_why(item: QueueItem, rita: User, tom: User) -> None:
    first = claim_item(item, acting_user=rita, now=T0)
    with pytest.raises(NotUndoableError, match=r"^Undo works for 10 seconds\.$"):
        undo_change(first, acting_user=rita, now=later(seconds=11))
    release_item(item, acting_user=rita, now=T0)
    with pytest.raises(NotUndoableError, match=r"^This item has changed since, so this can no longer be undone\.$"):
        undo_change(first, acting_user=rita, now=T0)


# --- Many at once -------------------------------------------------------------------------------------------


def test_a_batch_is_in_the_history_as_from_the_workload_page(
    item: QueueItem, rita: User, tom: User, mona: User
) -> None:
    seen = Move(put_to_sleep(item, rita).pk, rita.pk, "snoozed", tom.pk)
    moved = move_items([seen], acting_user=mona, now=later(hours=1))
    change, found = QueueItemChange.objects.latest("pk"), row_of(item)
    assert (change.verb, change.user, change.at) == ("reassign", mona, later(hours=1))
    assert change.note.startswith("From ")
    assert (found.state, found.rep, found.snoozed_until) == ("open", tom, None)
    assert undo_moves(moved.batch, acting_user=mona, now=later(hours=1, seconds=10)).batch == moved.batch
    assert (row_of(item).state, row_of(item).snoozed_until) == ("snoozed", later(days=2))


@pytest.mark.parametrize(
    ("now_is", "words"),
    [
        ({"state": "open", "rep": None}, "Acme: released since."),
        ({"state": "snoozed", "snoozed_until": T0 + timedelta(days=1)}, "Acme: snoozed since."),
        ({"state": "claimed", "claimed_at": T0}, "Acme: Tom has claimed it since."),
    ],
)
def test_what_has_changed_since_the_manager_looked_is_said_in_words(
    item: QueueItem, rita: User, tom: User, mona: User, now_is: dict[str, object], words: str
) -> None:
    seen = Move(item.pk, rita.pk, "open", tom.pk)
    holder = {"claimed_by": tom} if now_is["state"] == "claimed" else {}
    QueueItem.objects.update(**now_is, **holder)
    moved = move_items([seen], acting_user=mona, now=later(hours=1))
    assert (moved.done, [line.lower() for line in moved.skipped]) == (0, [words.lower()])


def test_an_item_that_nobody_had_moves_where_it_is_still_nobodys(
    item: QueueItem, tom: User, mona: User, rita: User
) -> None:
    QueueItem.objects.update(rep=None)
    assert move_items([Move(item.pk, 0, "open", tom.pk)], acting_user=mona, now=T0).done == 1
    assert move_items([Move(item.pk, 0, "open", rita.pk)], acting_user=mona, now=T0).skipped == [
        "Acme: it is on Tom’s queue now."
    ]


def test_a_batch_can_be_undone_although_they_asked_again(item: QueueItem, rita: User, tom: User, mona: User) -> None:
    moved = move_items([Move(item.pk, rita.pk, "open", tom.pk)], acting_user=mona, now=T0)
    QueueItemChange.objects.create(item=item, verb="asked-again", before={}, at=later(seconds=1))
    assert undo_moves(moved.batch, acting_user=mona, now=later(seconds=2)).done == 1


def test_refusals_of_a_batch_say_why(item: QueueItem, rita: User, tom: User, mona: User) -> None:
    move = Move(item.pk, rita.pk, "open", tom.pk)
    with pytest.raises(BadChoiceError, match=r"^Only managers and admins can move other people’s items\.$"):
        move_items([move], acting_user=rita, now=T0)
    with pytest.raises(BadChoiceError, match=r"^One of them no longer works a queue\.$"):
        move_items([Move(item.pk, rita.pk, "open", mona.pk)], acting_user=mona, now=T0)
    moved = move_items([move], acting_user=play_part("ada"), now=T0)
    with pytest.raises(NotUndoableError, match=r"^There is nothing left to undo\.$"):
        undo_moves(moved.batch, acting_user=mona, now=T0)
    with pytest.raises(NotUndoableError, match=r"^Undo works for 10 seconds\.$"):
        undo_moves(moved.batch, acting_user=mona, now=later(seconds=11))
