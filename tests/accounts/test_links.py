"""Truth tables: to which company somebody belonged on which day, out of what was said."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.rules.links import (
    NOBODY,
    Member,
    Said,
    Stay,
    Visit,
    company_on,
    day_of,
    history_of,
    history_of_person,
    history_of_workspace,
    since_seen,
)

Told = list[tuple[str | None, str]]


def at(day: int, hour: int = 12) -> datetime:
    return datetime(2026, 3, 1, hour, tzinfo=UTC) + timedelta(days=day)


def on(day: int | None) -> date | None:
    return None if day is None else date(2026, 3, 1) + timedelta(days=day)


def stays(*told: tuple[int | None, str]) -> tuple[Stay[str], ...]:
    return tuple(Stay(on(day), company) for day, company in told)


def said(*facts: tuple[int, str]) -> list[Said]:
    return [Said(at(day), company) for day, company in facts]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([], ()),
        ([(1, "")], ()),
        ([(1, "old")], ((None, "old"),)),
        ([(1, ""), (5, "old")], ((None, "old"),)),  # a first company reaches back
        ([(1, "old"), (5, "")], ((None, "old"),)),  # free mail does not take a company away
        ([(1, "old"), (5, "old")], ((None, "old"),)),
        ([(1, "old"), (5, "new")], ((None, "old"), (5, "new"))),
        ([(1, "old"), (3, ""), (5, "new"), (6, "")], ((None, "old"), (5, "new"))),
        ([(1, "old"), (5, "new"), (9, "old")], ((None, "old"), (5, "new"), (9, "old"))),
        ([(1, "a"), (2, "b"), (3, "c")], ((None, "a"), (2, "b"), (3, "c"))),
        ([(1, NOBODY), (5, "new")], ((None, NOBODY), (5, "new"))),  # our own person who left us
    ],
)
def test_one_voice(facts: list[tuple[int, str]], expected: tuple[tuple[int | None, str], ...]) -> None:
    for order in permutations(said(*facts)):
        assert history_of(order) == stays(*expected)


def test_the_last_word_of_a_day_holds_for_all_of_it() -> None:
    facts = [Said(at(1), "old"), Said(at(5, 9), "new"), Said(at(5, 10), "newer"), Said(at(6, 0), "last")]
    assert history_of(facts) == stays((None, "old"), (5, "newer"), (6, "last"))
    back = [Said(at(1, 9), "new"), Said(at(1), "old"), Said(at(5, 9), "new"), Said(at(5, 10), "old")]
    assert history_of(back) == stays((None, "old"))


def test_a_day_begins_at_midnight_in_utc() -> None:
    assert day_of(datetime.fromisoformat("2026-03-05T23:59:59-01:00")) == date(2026, 3, 6)
    assert day_of(datetime.fromisoformat("2026-03-05T23:59:59+00:00")) == date(2026, 3, 5)


BROWSER, SERVER, CRM, HAND = ((origin, False) for origin in range(4))


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([(1, "old", BROWSER), (5, "new", SERVER)], ((None, "new"),)),  # trusted more, it corrects
        ([(1, "old", SERVER), (5, "new", BROWSER)], ((None, "old"),)),
        ([(1, "old", BROWSER), (5, "new", BROWSER)], ((None, "old"), (5, "new"))),
        ([(1, "old", SERVER), (5, "new", CRM)], ((None, "new"),)),
        ([(1, "old", CRM), (5, "new", CRM)], ((None, "new"),)),  # corrections move it all
        ([(1, "old", HAND), (5, "new", HAND), (7, "other", SERVER)], ((None, "new"),)),
        ([(1, "old", SERVER), (5, "", HAND)], ()),
        ([(1, "old", BROWSER), (5, "", SERVER)], ()),  # a server's free mail counts before a browser's company
        ([(1, "old", SERVER), (5, "new", (1, True))], ((None, "new"),)),  # a name that an admin gave its meaning
    ],
)
def test_trust_goes_before_time(
    facts: list[tuple[int, str, tuple[int, bool]]], expected: tuple[tuple[int | None, str], ...]
) -> None:
    for order in permutations(Said(at(day), company, trust=trust) for day, company, trust in facts):
        assert history_of(order) == stays(*expected)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([(1, "old", "a"), (5, "new", "a"), (7, "old", "b")], ((None, "old"), (5, "new"))),  # b is behind the times
        ([(1, "old", "a"), (2, "old", "b"), (5, "new", "a"), (7, "old", "b")], ((None, "old"), (5, "new"))),
        ([(1, "old", "a"), (2, "old", "b"), (5, "new", "a"), (5, "third", "b")], ((None, "old"), (5, "third"))),
        ([(1, "old", "a"), (5, "new", "b")], ((None, "new"),)),  # two ids, neither of which ever moved
        ([(1, "old", "a"), (5, "new", "b"), (7, "new", "a")], ((None, "new"),)),
        ([(1, "", "a"), (2, "old", "b"), (5, "new", "b")], ((None, "old"), (5, "new"))),
        ([(1, "old", "a"), (1, "other", "b"), (3, "old", "a"), (4, "other", "b")], ((None, "other"),)),
    ],
)
def test_only_a_voice_that_says_something_else_than_before_moves_anybody(
    facts: list[tuple[int, str, str]], expected: tuple[tuple[int | None, str], ...]
) -> None:
    for order in permutations(Said(at(day), company, voice) for day, company, voice in facts):
        assert history_of(order) == stays(*expected)


@given(st.lists(st.tuples(st.integers(0, 20), st.sampled_from(["", "a", "b", "c"]), st.integers(0, 2)), max_size=12))
def test_a_history_begins_with_ever_goes_on_and_never_repeats(facts: list[tuple[int, str, int]]) -> None:
    history = history_of(Said(at(day), company, voice) for day, company, voice in facts)
    assert [stay.since is None for stay in history] == [place == 0 for place in range(len(history))]
    days = [stay.since for stay in history if stay.since]
    assert days == sorted(set(days))
    assert all(one.company != other.company for one, other in pairwise(history))


OLD, NEW = stays((None, "old")), stays((None, "new"))
MOVED = stays((None, "old"), (5, "new"))


def call(day: int, history: tuple[Stay[str], ...], spelling: str = "w", *, called: bool = True) -> Visit[str]:
    return Visit(at(day), (at(0), spelling), history, called)


@pytest.mark.parametrize(
    ("own", "visits", "expected"),
    [
        ((), [], ()),
        (OLD, [], ((None, "old"),)),
        (OLD, [call(3, NEW)], ((None, "new"),)),  # the first home reaches back
        (OLD, [call(3, ())], ((None, "old"),)),  # a home of no company says nothing
        (OLD, [call(3, NEW, called=False)], ((None, "new"),)),
        ((), [call(3, OLD, "v"), call(7, NEW)], ((None, "old"), (7, "new"))),
        ((), [call(3, OLD, "v"), call(7, NEW), call(9, OLD, "v")], ((None, "old"), (7, "new"), (9, "old"))),
        ((), [call(3, OLD, "v"), call(7, NEW, called=False)], ((None, "old"),)),  # only being there is no move
        ((), [call(7, MOVED)], ((None, "old"), (5, "new"))),
        ((), [call(3, MOVED), call(4, OLD, "v")], ((None, "old"),)),  # gone before the workspace moved
        (MOVED, [call(3, OLD)], ((None, "old"), (5, "new"))),  # who moves leaves the home behind
        (MOVED, [call(5, stays((None, "third")))], ((None, "old"), (5, "third"))),
        (MOVED, [call(3, stays((None, "third"), (7, "fourth")))], ((None, "third"), (5, "new"))),
        (MOVED, [call(3, OLD), call(8, OLD)], ((None, "old"),)),  # until called there again
        (MOVED, [call(8, stays((None, "third")))], ((None, "old"), (5, "third"))),
        (MOVED, [call(3, OLD, called=False)], ((None, "old"), (5, "new"))),
    ],
)
def test_the_home_goes_before_the_address_until_the_address_moves(
    own: tuple[Stay[str], ...], visits: list[Visit[str]], expected: tuple[tuple[int | None, str], ...]
) -> None:
    for order in permutations(visits):
        assert history_of_person(own, order) == stays(*expected)


def test_of_two_calls_at_one_time_the_earlier_home_counts_then_the_lesser_id() -> None:
    early, late = Visit(at(3), (at(0), "z"), OLD, True), Visit(at(3), (at(1), "a"), NEW, True)
    assert history_of_person((), [early, late]) == history_of_person((), [late, early]) == OLD
    assert history_of_person((), [call(3, OLD, "b"), call(3, NEW, "a")]) == NEW


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ([(0, OLD)], ((None, "old"),)),
        ([(0, MOVED)], ((None, "old"), (5, "new"))),  # it goes where its only member goes
        ([(0, MOVED), (2, OLD)], ((None, "old"),)),  # somebody of the old company is still there
        ([(0, MOVED), (2, stays((None, "old"), (9, "new")))], ((None, "old"), (9, "new"))),  # until the last has moved
        ([(7, MOVED)], ((None, "new"),)),  # who moved before coming has not left
        ([(0, MOVED), (7, OLD)], ((None, "old"), (5, "new"), (7, "old"))),
        ([(0, MOVED), (2, stays((None, "third")))], ((None, "old"), (5, "third"))),
    ],
)
def test_a_workspace_that_says_nothing_belongs_to_its_first_member_who_has_not_left(
    members: list[tuple[int, tuple[Stay[str], ...]]], expected: tuple[tuple[int | None, str], ...]
) -> None:
    for order in permutations(Member(at(day), history) for day, history in members):
        assert history_of_workspace(order) == stays(*expected)


def test_stays_that_ended_before_somebody_was_seen_are_none() -> None:
    history = stays((None, "a"), (3, "b"), (5, "c"))
    expected = {2: history, 3: stays((None, "b"), (5, "c")), 5: stays((None, "c")), 9: stays((None, "c"))}
    assert {day: since_seen(history, at(day)) for day in expected} == expected


def test_the_day_of_a_move_is_of_the_next_company() -> None:
    assert [company_on(MOVED, date(2026, 3, 1) + timedelta(days=day)) for day in (4, 5, 6)] == ["old", "new", "new"]


def test_who_belongs_nowhere_has_no_stays() -> None:
    assert since_seen((), at(5)) == ()
