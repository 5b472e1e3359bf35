"""What a process remembers, and how it forgets."""

from collections.abc import Callable

from plgcrm.common.cache import Learned, Remembered, forget_all
from plgcrm.common.rounds import BEGINNING, RECENT, Rounds
from tests.conftest import T0


class Watch:
    """A clock that a test moves by hand."""

    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def counting() -> Callable[[], int]:
    numbers = iter(range(1, 1_000))
    return lambda: next(numbers)


def test_an_answer_is_kept_for_its_seconds_and_then_asked_for_again() -> None:
    watch, ask = Watch(), counting()
    remembered = Remembered[int](seconds=10, clock=watch)
    assert [remembered.get(ask), remembered.get(ask), remembered.get(ask, "other")] == [1, 1, 2]
    watch.seconds = 9.9
    assert (remembered.holds(), remembered.get(ask)) == (True, 1)
    watch.seconds = 10
    assert (remembered.holds(), remembered.get(ask)) == (False, 3)


def test_an_answer_without_seconds_stays_until_it_is_forgotten() -> None:
    watch, ask = Watch(), counting()
    remembered = Remembered[int](clock=watch)
    assert remembered.get(ask) == 1
    watch.seconds = 1e9
    assert remembered.get(ask) == 1
    remembered.forget()
    assert remembered.get(ask) == 2


def test_an_empty_answer_is_an_answer() -> None:
    remembered = Remembered[int | None](seconds=10)
    assert remembered.get(lambda: None) is None
    assert remembered.get(lambda: 1) is None


def test_a_memory_that_is_full_is_emptied_and_never_grows() -> None:
    remembered = Remembered[int](most=2)
    for key in range(5):
        remembered.keep(key, key)
    assert [remembered.holds(key) for key in range(5)] == [False, False, False, False, True]


def test_what_was_learned_outlives_until_the_memory_is_full() -> None:
    learned = Learned[str, int](most=1)
    learned.learn({"a": 1, "b": 2})
    assert learned == {"a": 1, "b": 2}
    learned.learn({"c": 3})
    assert learned == {"c": 3}


def test_all_is_forgotten_in_one_call() -> None:
    remembered, learned, rounds = Remembered[int](), Learned[str, int](), Rounds(seconds=60)
    remembered.keep(1)
    learned.learn({"a": 1})
    rounds.next()
    forget_all()
    assert not remembered.holds()
    assert not learned
    assert rounds.next().thorough


def test_the_first_round_looks_at_all_and_then_one_a_minute() -> None:
    watch = Watch()
    rounds = Rounds(seconds=60, clock=watch)
    found = []
    for watch.seconds in (0, 1, 59.9, 60, 61, 125):
        found.append(rounds.next().thorough)
    assert found == [True, False, False, True, False, True]


def test_a_round_that_could_not_take_all_has_the_next_look_at_all_again() -> None:
    rounds = Rounds(seconds=60, clock=Watch())
    rounds.next()
    rounds.look_at_all()
    assert [rounds.next().thorough, rounds.next().thorough] == [True, False]


def test_a_round_looks_back_some_minutes_or_to_the_beginning() -> None:
    rounds = Rounds(seconds=60, clock=Watch())
    all_of_it, recent = rounds.next(), rounds.next()
    assert (all_of_it.since(T0), recent.since(T0)) == (BEGINNING, T0 - RECENT)
    assert recent.minutes == 5
    assert all_of_it.minutes > 60 * 24 * 365 * 100
