"""What reps do with items."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User

from outreach.models import QueueItem, QueueItemChange
from outreach.plays.decide import decide
from outreach.queue import actions
from outreach.queue.actions import (
    AlreadyClaimedError,
    BadChoiceError,
    NotPossibleError,
    NotUndoableError,
    claim_item,
    dismiss_item,
    finish_item,
    reassign_item,
    release_item,
    snooze_item,
    undo_change,
    wake_snoozed,
)
from tests.cast import make_user
from tests.clock import T0
from tests.outreach.conftest import RaiseHand, later


def values(item: QueueItem) -> tuple[object, ...]:
    row = QueueItem.objects.get(pk=item.pk)
    return (row.state, row.rep, row.claimed_by, row.snoozed_until, row.closed_by)


def test_claim_takes_the_item_and_keeps_what_was(item: QueueItem, rita: User, tom: User) -> None:
    change = claim_item(item, acting_user=tom, now=T0)
    assert values(item) == ("claimed", tom, tom, None, None)
    assert (change.verb, change.user, change.at) == ("claim", tom, T0)
    assert (change.before["state"], change.before["rep_id"], change.before["claimed_by_id"]) == (
        "open",
        rita.pk,
        None,
    )


def test_claiming_twice_changes_nothing(item: QueueItem, rita: User) -> None:
    first = claim_item(item, acting_user=rita, now=T0)
    assert claim_item(item, acting_user=rita, now=later(minutes=1)) == first
    assert QueueItemChange.objects.count() == 1


Act = Callable[[QueueItem, User], QueueItemChange]
ACTS: dict[str, Act] = {
    "claim": lambda item, user: claim_item(item, acting_user=user, now=T0),
    "release": lambda item, user: release_item(item, acting_user=user, now=T0),
    "snooze": lambda item, user: snooze_item(item, until=later(days=1), acting_user=user, now=T0),
    "dismiss": lambda item, user: dismiss_item(item, reason="other", acting_user=user, now=T0),
    "finish": lambda item, user: finish_item(item, disposition="met", acting_user=user, now=T0),
    "reassign": lambda item, user: reassign_item(item, to=user, acting_user=user, now=T0),
}


@pytest.mark.parametrize("act", ACTS)
def test_nobody_else_touches_a_claimed_item(act: str, item: QueueItem, rita: User, tom: User) -> None:
    claim_item(item, acting_user=rita, now=T0)
    with pytest.raises(AlreadyClaimedError, match=r"^Rita has claimed this item\.$"):
        ACTS[act](item, tom)
    assert values(item) == ("claimed", rita, rita, None, None)
    assert QueueItemChange.objects.count() == 1


def test_a_manager_hands_over_and_releases_what_a_rep_holds(item: QueueItem, rita: User, tom: User, mona: User) -> None:
    claim_item(item, acting_user=rita, now=T0)
    reassign_item(item, to=tom, acting_user=mona, now=T0, note="You know them")
    assert values(item) == ("open", tom, None, None, None)
    claim_item(item, acting_user=tom, now=T0)
    release_item(item, acting_user=mona, now=T0)
    assert values(item) == ("open", tom, None, None, None)


@pytest.mark.parametrize("act", ACTS)
def test_nothing_is_done_to_a_closed_item(act: str, item: QueueItem, rita: User) -> None:
    finish_item(item, disposition="met", acting_user=rita, now=T0)
    with pytest.raises(NotPossibleError, match="already done"):
        ACTS[act](item, rita)
    assert QueueItemChange.objects.count() == 1


def test_release_puts_it_back_for_others(item: QueueItem, rita: User) -> None:
    claim_item(item, acting_user=rita, now=T0)
    release_item(item, acting_user=rita, now=T0)
    assert values(item) == ("open", rita, None, None, None)


def test_snoozing_lets_go_of_the_item_until_then(item: QueueItem, rita: User) -> None:
    claim_item(item, acting_user=rita, now=T0)
    snooze_item(item, until=later(days=2), acting_user=rita, now=T0)
    assert values(item) == ("snoozed", rita, None, later(days=2), None)
    assert wake_snoozed(later(days=2, seconds=-1)) == 0
    assert wake_snoozed(later(days=2)) == 1
    assert values(item) == ("open", rita, None, None, None)
    assert QueueItemChange.objects.latest("pk").user is None


@pytest.mark.parametrize("days", [-1.0, 0.0, 181.0])
def test_snoozing_needs_a_time_to_come(days: float, item: QueueItem, rita: User) -> None:
    with pytest.raises(BadChoiceError, match="at most 180 days"):
        snooze_item(item, until=later(days=days), acting_user=rita, now=T0)
    assert values(item)[0] == "open"


def test_dismissing_says_why(item: QueueItem, rita: User) -> None:
    dismiss_item(item, reason="bad-timing", note="Budget in May", acting_user=rita, now=T0)
    item.refresh_from_db()
    assert (item.state, item.dismiss_reason, item.note) == ("dismissed", "bad-timing", "Budget in May")
    assert (item.closed_at, item.closed_by) == (T0, rita)


def test_finishing_says_what_was_done(item: QueueItem, rita: User) -> None:
    finish_item(item, disposition="met", acting_user=rita, now=T0)
    item.refresh_from_db()
    assert (item.state, item.disposition, item.closed_by) == ("done", "met", rita)


def test_unknown_reasons_are_refused(item: QueueItem, rita: User) -> None:
    with pytest.raises(BadChoiceError):
        dismiss_item(item, reason="", acting_user=rita, now=T0)
    with pytest.raises(BadChoiceError):
        finish_item(item, disposition="sold", acting_user=rita, now=T0)
    assert not QueueItemChange.objects.exists()


def test_an_item_is_handed_only_to_somebody_who_works_here(item: QueueItem, rita: User, tom: User) -> None:
    stranger = User.objects.create_user("stranger")
    gone = make_user("gone", "rep")
    gone.is_active = False
    for nobody in (stranger, gone):
        with pytest.raises(BadChoiceError, match="does not work a queue"):
            reassign_item(item, to=nobody, acting_user=rita, now=T0)
    reassign_item(item, to=tom, acting_user=rita, now=T0)
    assert values(item) == ("open", tom, None, None, None)


@pytest.mark.parametrize("act", ["claim", "snooze", "dismiss", "finish", "reassign"])
def test_undo_puts_everything_back(act: str, item: QueueItem, rita: User) -> None:
    before = QueueItem.objects.values().get()
    change = ACTS[act](item, rita)
    undo_change(change, acting_user=rita, now=later(seconds=10))
    assert QueueItem.objects.values().get() == before
    change.refresh_from_db()
    assert change.undone_at == later(seconds=10)


def test_undo_of_a_release_gives_the_claim_back(item: QueueItem, rita: User) -> None:
    claim_item(item, acting_user=rita, now=T0)
    change = release_item(item, acting_user=rita, now=later(seconds=3))
    undo_change(change, acting_user=rita, now=later(seconds=4))
    item.refresh_from_db()
    assert (item.state, item.claimed_by, item.claimed_at) == ("claimed", rita, T0)


def test_undo_works_for_ten_seconds(item: QueueItem, rita: User) -> None:
    change = claim_item(item, acting_user=rita, now=T0)
    with pytest.raises(NotUndoableError, match="10 seconds"):
        undo_change(change, acting_user=rita, now=later(seconds=10.1))
    assert values(item)[0] == "claimed"


def test_undo_is_for_ones_own_last_change_and_once(item: QueueItem, rita: User, tom: User) -> None:
    first = claim_item(item, acting_user=rita, now=T0)
    last = release_item(item, acting_user=rita, now=later(seconds=1))
    for change, user in ((first, rita), (last, tom)):
        with pytest.raises(NotUndoableError):
            undo_change(change, acting_user=user, now=later(seconds=2))
    undo_change(last, acting_user=rita, now=later(seconds=2))
    with pytest.raises(NotUndoableError):
        undo_change(last, acting_user=rita, now=later(seconds=3))


def test_undo_is_refused_when_another_item_was_opened_meanwhile(
    item: QueueItem, rita: User, raise_hand: RaiseHand
) -> None:
    assert item.person
    change = finish_item(item, disposition="met", acting_user=rita, now=T0)
    raise_hand(item.person, "One more thing", at=later(seconds=2))
    decide(later(seconds=2))
    with pytest.raises(NotUndoableError, match=r"^This play has opened another item for the account since\.$"):
        undo_change(change, acting_user=rita, now=later(seconds=4))
    assert values(item)[0] == "done"


def test_undo_is_possible_although_they_asked_again(item: QueueItem, rita: User, raise_hand: RaiseHand) -> None:
    assert item.person
    change = claim_item(item, acting_user=rita, now=T0)
    raise_hand(item.person, "Hello?", at=later(seconds=2))
    decide(later(seconds=2))
    undo_change(change, acting_user=rita, now=later(seconds=4))
    assert values(item)[0] == "open"


def test_only_what_changed_is_written(item: QueueItem, rita: User) -> None:
    QueueItem.objects.update(why_now="Rewritten meanwhile")
    claim_item(item, acting_user=rita, now=T0)
    assert QueueItem.objects.get().why_now == "Rewritten meanwhile"


def test_undo_time_is_what_the_page_promises() -> None:
    assert timedelta(seconds=actions.UNDO_SECONDS) == timedelta(seconds=10)
