"""Moving many items at once, and back."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.utils import timezone

from outreach.models import QueueItem, QueueItemChange
from outreach.queue.actions import BadChoiceError, NotUndoableError, QueueError, claim_item, finish_item
from outreach.team.reassign import Move, Moved, move_items, undo_moves
from tests.factories import Desk, make_company, make_desk, make_item


@pytest.fixture
def desk(db: None) -> Desk:
    return make_desk(timezone.now(), companies=3)


def move_of(item: QueueItem, to: int) -> Move:
    return Move(item.pk, item.rep_id or 0, item.state, to)


def move_all(desk: Desk, *, seconds: float = 0) -> Moved:
    moves = [move_of(item, desk.tom.pk) for item in desk.items]
    return move_items(moves, acting_user=desk.mona, now=desk.now + timedelta(seconds=seconds))


def reps(desk: Desk) -> list[str]:
    items = QueueItem.objects.filter(pk__in=[item.pk for item in desk.items]).order_by("pk").select_related("rep")
    return [item.rep.username if item.rep else "" for item in items]


def test_many_items_go_at_once_each_with_its_history(desk: Desk) -> None:
    moved = move_all(desk)
    assert (moved.done, moved.skipped, reps(desk)) == (3, [], ["tom"] * 3)
    changes = QueueItemChange.objects.values_list("verb", "user", "before__rep_id")
    assert list(changes) == [("reassign", desk.mona.pk, desk.rita.pk)] * 3


def test_what_somebody_took_meanwhile_is_left_alone_and_named(desk: Desk) -> None:
    claimed, done, still = desk.items
    moves = [move_of(item, desk.tom.pk) for item in desk.items]
    claim_item(claimed, acting_user=desk.rita, now=desk.now)
    finish_item(done, disposition="met", acting_user=desk.rita, now=desk.now)
    moved = move_items(moves, acting_user=desk.mona, now=desk.now)
    assert moved.skipped == ["Company 00: Rita has claimed it since.", "Company 01: done since."]
    assert (moved.done, reps(desk)) == (1, ["rita", "rita", "tom"])
    assert QueueItem.objects.get(pk=still.pk).state == "open"


def test_what_went_to_another_rep_meanwhile_stays_there_and_is_named(desk: Desk) -> None:
    item = desk.items[0]
    seen = move_of(item, desk.tom.pk)
    QueueItem.objects.filter(pk=item.pk).update(rep=desk.olga)
    moved = move_items([seen], acting_user=desk.mona, now=desk.now)
    assert (moved.done, moved.skipped) == (0, ["Company 00: it is on Olga’s queue now."])
    assert QueueItem.objects.get(pk=item.pk).rep == desk.olga


def test_what_a_rep_holds_can_be_taken_out_of_their_hands_with_open_eyes(desk: Desk) -> None:
    item = desk.items[0]
    claim_item(item, acting_user=desk.rita, now=desk.now)
    seen = Move(item.pk, desk.rita.pk, "claimed", desk.tom.pk)
    assert move_items([seen], acting_user=desk.mona, now=desk.now).done == 1
    row = QueueItem.objects.get(pk=item.pk)
    assert (row.state, row.rep, row.claimed_by, row.claimed_at) == ("open", desk.tom, None, None)


def test_undo_puts_every_item_back_as_it_was(desk: Desk) -> None:
    claim_item(desk.items[0], acting_user=desk.rita, now=desk.now)
    for item in desk.items:
        item.refresh_from_db()
    before = list(QueueItem.objects.order_by("pk").values())
    batch = move_all(desk, seconds=1).batch
    undone = undo_moves(batch, acting_user=desk.mona, now=desk.now + timedelta(seconds=5))
    assert (undone.done, list(QueueItem.objects.order_by("pk").values())) == (3, before)


def test_undo_leaves_what_was_touched_since_and_names_it(desk: Desk) -> None:
    batch = move_all(desk).batch
    claim_item(desk.items[1], acting_user=desk.tom, now=desk.now + timedelta(seconds=2))
    undone = undo_moves(batch, acting_user=desk.mona, now=desk.now + timedelta(seconds=5))
    assert (undone.done, undone.skipped) == (2, ["Company 01: changed since, so it stays."])
    assert reps(desk) == ["rita", "tom", "rita"]


def test_undo_takes_back_one_batch_and_nothing_else_of_those_seconds(desk: Desk) -> None:
    first, second, third = desk.items
    batch = move_items([move_of(first, desk.tom.pk)], acting_user=desk.mona, now=desk.now).batch
    move_items([move_of(second, desk.tom.pk)], acting_user=desk.mona, now=desk.now + timedelta(seconds=1))
    claim_item(third, acting_user=desk.mona, now=desk.now)
    assert undo_moves(batch, acting_user=desk.mona, now=desk.now + timedelta(seconds=2)).done == 1
    assert reps(desk) == ["rita", "tom", "mona"]


def test_undo_is_for_ten_seconds_once_and_for_ones_own(desk: Desk) -> None:
    batch = move_all(desk).batch
    with pytest.raises(NotUndoableError, match="10 seconds"):
        undo_moves(batch, acting_user=desk.mona, now=desk.now + timedelta(seconds=11))
    with pytest.raises(NotUndoableError, match="nothing left to undo"):
        undo_moves(batch, acting_user=desk.ada, now=desk.now)
    undo_moves(batch, acting_user=desk.mona, now=desk.now)
    with pytest.raises(NotUndoableError, match="nothing left to undo"):
        undo_moves(batch, acting_user=desk.mona, now=desk.now)
    assert reps(desk) == ["rita"] * 3


@pytest.mark.parametrize("who", ["rita", "rolf"])
def test_only_those_who_lead_move_the_items_of_others(desk: Desk, who: str) -> None:
    with pytest.raises(QueueError):
        move_items([move_of(desk.items[0], desk.tom.pk)], acting_user=getattr(desk, who), now=desk.now)
    assert (reps(desk), QueueItemChange.objects.count()) == (["rita"] * 3, 0)


def test_nothing_goes_to_somebody_without_a_queue(desk: Desk) -> None:
    desk.tom.is_active = False
    desk.tom.save()
    for to in (desk.tom, desk.rolf):
        with pytest.raises(BadChoiceError, match="no longer works a queue"):
            move_items([move_of(desk.items[0], to.pk)], acting_user=desk.mona, now=desk.now)
    assert reps(desk) == ["rita"] * 3


@pytest.mark.django_db(transaction=True)
def test_a_claim_and_a_batch_at_once_never_share_an_item() -> None:
    now = timezone.now()
    desk = make_desk(now)
    items = [
        make_item(make_company(f"Company {n}", now=now, people=0, points=None), desk.plays["expansion"], now=now)
        for n in range(12)
    ]
    together, moved, claimed = Barrier(2), [], []

    def move() -> None:
        together.wait()
        moves = [Move(item.pk, 0, "open", desk.tom.pk) for item in items]
        moved.append(move_items(moves, acting_user=desk.mona, now=timezone.now()))
        connection.close()

    def claim() -> None:
        together.wait()
        for item in reversed(items):
            try:
                claim_item(item, acting_user=desk.rita, now=timezone.now())
                claimed.append(item.pk)
            except QueueError:
                pass
        connection.close()

    threads = [Thread(target=move), Thread(target=claim)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # What Rita claimed first is not moved; what was moved first she may claim from Tom's queue.
    kept = QueueItem.objects.filter(rep=desk.rita, state="claimed").count()
    assert kept == len(claimed)
    assert moved[0].done + len(moved[0].skipped) == 12
    assert QueueItem.objects.filter(rep=None).count() == 0
