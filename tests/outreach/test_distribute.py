"""Sharing out items over the reps of their teams, by room."""

from outreach.rules.distribute import OWNER, ROOM, Distributable, Placement, Room, distribute

ANN, BEN, EVA = 1, 2, 3
SALES, SUCCESS = 1, 2


def receivers(waiting: list[Distributable], rooms: list[Room]) -> list[int | None]:
    placements = distribute(waiting, rooms)
    return [placements[one.item].to if one.item in placements else None for one in waiting]


def test_who_has_the_most_room_in_proportion_is_next() -> None:
    waiting = [Distributable(item, SALES) for item in range(4)]
    rooms = [Room(ANN, SALES, 5, 10), Room(BEN, SALES, 1, 4)]
    assert receivers(waiting, rooms) == [BEN, ANN, BEN, ANN]


def test_nobody_is_given_more_than_their_capacity() -> None:
    waiting = [Distributable(item, SALES) for item in range(3)]
    assert receivers(waiting, [Room(ANN, SALES, 9, 10), Room(BEN, SALES, 7, 7)]) == [ANN, None, None]


def test_items_stay_in_the_team_of_their_play() -> None:
    rooms = [Room(ANN, SALES, 0, 10), Room(EVA, SUCCESS, 9, 10)]
    assert receivers([Distributable(1, SUCCESS), Distributable(2, SUCCESS)], rooms) == [EVA, None]


def test_the_owner_of_the_account_goes_before_room() -> None:
    rooms = [Room(ANN, SALES, 9, 10), Room(BEN, SALES, 0, 10)]
    assert distribute([Distributable(1, SALES, owner=ANN)], rooms) == {1: Placement(ANN, OWNER)}
    assert distribute([Distributable(1, SALES, owner=EVA)], rooms) == {1: Placement(BEN, ROOM)}


def test_nobody_is_given_what_they_have_and_giving_makes_room() -> None:
    rooms = [Room(ANN, SALES, 10, 10), Room(BEN, SALES, 9, 10)]
    waiting = [Distributable(1, SALES, rep=ANN), Distributable(2, SALES, rep=BEN)]
    assert receivers(waiting, rooms) == [BEN, ANN]


def test_what_goes_to_another_makes_room_for_one_item() -> None:
    rooms = [Room(ANN, SALES, 10, 10), Room(BEN, SALES, 0, 10)]
    waiting = [Distributable(1, SALES, rep=ANN), *(Distributable(item, SALES, rep=BEN) for item in range(2, 5))]
    assert receivers(waiting, rooms) == [BEN, ANN, None, None]


def test_a_rep_without_capacity_gets_nothing() -> None:
    assert receivers([Distributable(1, SALES)], [Room(ANN, SALES, 0, 0)]) == [None]


def test_between_equals_the_lower_id_is_next_and_the_reason_is_said() -> None:
    rooms = [Room(BEN, SALES, 1, 2), Room(ANN, SALES, 2, 4)]
    assert distribute([Distributable(7, SALES)], rooms) == {7: Placement(ANN, "has the most room")}
    assert distribute([Distributable(7, SALES, owner=BEN)], rooms) == {7: Placement(BEN, "owns the account")}


def test_an_item_of_somebody_who_takes_none_makes_no_room() -> None:
    waiting = [Distributable(1, SALES, rep=EVA), Distributable(2, SALES)]
    assert receivers(waiting, [Room(ANN, SALES, 9, 10)]) == [ANN, None]


def test_an_item_for_which_nobody_has_room_does_not_stop_the_next() -> None:
    waiting = [Distributable(1, SUCCESS), Distributable(2, SALES)]
    assert receivers(waiting, [Room(ANN, SALES, 0, 10)]) == [None, ANN]


def test_an_owner_without_room_or_who_has_it_already_is_passed_over() -> None:
    rooms = [Room(ANN, SALES, 10, 10), Room(BEN, SALES, 5, 10)]
    assert receivers([Distributable(1, SALES, owner=ANN)], rooms) == [BEN]
    assert receivers([Distributable(1, SALES, rep=BEN, owner=BEN)], [Room(BEN, SALES, 5, 10)]) == [None]
