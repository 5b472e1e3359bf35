"""The rule of credit, case by case."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from outreach.rules.credit import SELF_SERVE, Credit, Worked, credit

AT = datetime(2026, 6, 10, 12, tzinfo=UTC)
TICK = timedelta(microseconds=1)
WINDOW = timedelta(days=90)


def worked(before: timedelta, item: int = 1, *, is_touch: bool = False) -> Worked:
    return Worked(AT - before, item, 10 * item, f"Play {item}", is_touch=is_touch)


@pytest.mark.parametrize(
    ("before", "counts"),
    [
        (TICK, True),
        (timedelta(days=1), True),
        (WINDOW, True),
        (WINDOW + TICK, False),
        (timedelta(0), False),
        (-TICK, False),
        (-timedelta(days=1), False),
    ],
)
def test_work_counts_from_ninety_days_before_until_just_before(before: timedelta, counts: bool) -> None:
    found = credit(AT, [worked(before)])
    assert (found.item_id, found.play_id) == ((1, 10) if counts else (None, None))


def test_without_work_nobody_is_credited_and_it_says_so() -> None:
    assert credit(AT, []) == Credit(None, None, SELF_SERVE)


@pytest.mark.parametrize(
    ("cases", "item"),
    [
        ([worked(timedelta(days=3), 1), worked(timedelta(days=2), 2)], 2),
        ([worked(timedelta(days=2), 2), worked(timedelta(days=3), 1)], 2),
        ([worked(timedelta(days=2), 1), worked(timedelta(days=2), 2)], 2),
        ([worked(timedelta(days=2), 2), worked(timedelta(days=2), 1)], 2),
        ([worked(timedelta(days=2), 1), worked(timedelta(days=-2), 2)], 1),
        ([worked(timedelta(days=91), 2), worked(timedelta(days=90), 1)], 1),
        ([worked(timedelta(days=2), 1, is_touch=True), worked(timedelta(days=2), 2)], 2),
    ],
)
def test_the_last_work_is_credited_and_of_equals_the_newer_item(cases: list[Worked], item: int) -> None:
    assert credit(AT, cases).item_id == item


@pytest.mark.parametrize(
    ("before", "is_touch", "words"),
    [
        (timedelta(hours=2), True, "“Play 1”: its item was last touched on 10 Jun, the same day."),
        (timedelta(hours=13), False, "“Play 1”: its item was last closed as done on 9 Jun, the day before."),
        (timedelta(days=12), False, "“Play 1”: its item was last closed as done on 29 May, 12 days before."),
    ],
)
def test_it_says_why_in_words(before: timedelta, is_touch: bool, words: str) -> None:
    assert credit(AT, [worked(before, is_touch=is_touch)]).words == words


def test_the_words_name_the_year_where_it_is_another_one() -> None:
    at = datetime(2026, 1, 3, tzinfo=UTC)
    found = credit(at, [Worked(datetime(2025, 12, 30, tzinfo=UTC), 1, 1, "Expansion")])
    assert "on 30 Dec 2025, 4 days before" in found.words


def test_days_between_are_utc_days_whatever_the_clock_of_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    time.tzset()
    try:
        late = AT.replace(hour=23)
        assert credit(late, [worked(timedelta(hours=11))]).words.endswith("the same day.")
        assert credit(AT.replace(hour=1), [worked(timedelta(hours=13))]).words.endswith("the day before.")
    finally:
        monkeypatch.undo()
        time.tzset()
