from datetime import UTC, datetime

import pytest

from outreach.rules.business_time import due_after, hours_in


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "minutes", "due"),
    [
        ("2026-03-11 10:00", 5, "2026-03-11 10:05"),
        ("2026-03-11 16:57", 5, "2026-03-12 09:02"),
        ("2026-03-11 16:55", 5, "2026-03-11 17:00"),  # due at closing, not next morning
        ("2026-03-11 07:00", 5, "2026-03-11 09:05"),
        ("2026-03-11 20:00", 5, "2026-03-12 09:05"),
        ("2026-03-13 16:59", 480, "2026-03-16 16:59"),  # over a week-end
        ("2026-03-14 12:00", 5, "2026-03-16 09:05"),  # a Saturday
        ("2026-03-11 10:00", 960, "2026-03-13 10:00"),
        ("2026-03-11 10:00", 0, "2026-03-11 10:00"),
        ("2026-02-27 16:00", 120, "2026-03-02 10:00"),
    ],
)
def test_due_counts_weekdays_from_nine_to_five(start: str, minutes: int, due: str) -> None:
    assert due_after(at(start), minutes) == at(due)


@pytest.mark.parametrize(
    ("zone", "due"),
    [
        ("Europe/Berlin", "2026-03-12 08:05"),
        ("America/New_York", "2026-03-11 18:05"),
        ("Asia/Kolkata", "2026-03-12 03:35"),
        ("Mars/Crater", "2026-03-12 09:05"),
        ("../../etc/passwd", "2026-03-12 09:05"),
    ],
)
def test_due_goes_by_the_clock_of_the_rep(zone: str, due: str) -> None:
    assert due_after(at("2026-03-11 18:00"), 5, hours_in(zone)) == at(due)


def test_due_keeps_local_time_when_clocks_change_over_the_week_end() -> None:
    berlin = hours_in("Europe/Berlin")  # summer time begins on 29 March 2026
    assert due_after(at("2026-03-27 15:00"), 480, berlin) == at("2026-03-30 14:00")
