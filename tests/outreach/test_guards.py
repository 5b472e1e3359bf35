from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from outreach.rules.guards import GUARDS, OPTIONAL, GuardContext, GuardError, GuardVerdict, judge, parse_guards

NOW = datetime(2026, 3, 11, 10, tzinfo=UTC)
TODAY = NOW.date()
FREE = GuardContext(
    now=NOW, guards=OPTIONAL, cool_down_days=14, onboardings=2, signed_up_on=TODAY - timedelta(days=40), team_room=3
)


def verdict(**known: Any) -> GuardVerdict:
    return judge(replace(FREE, **known))


def held_by(**known: Any) -> str | None:
    held = verdict(**known).held_by
    return held.guard if held else None


def words(**known: Any) -> str:
    held = verdict(**known).held_by
    return held.words if held else ""


def test_nothing_holds_back_an_account_that_is_free() -> None:
    assert held_by() is None
    assert [check.guard for check in verdict().checks] == list(GUARDS)


@pytest.mark.parametrize(
    ("known", "guard"),
    [
        ({"excluded_by": "*@ci.*"}, "suppressed"),
        ({"account_known": False}, "no_account"),
        ({"own_open_item": True}, "one_open_item"),
        ({"bad_ratings": 1}, "support_fire"),
        ({"bad_ratings": 0}, None),
        ({"bad_ratings": None}, None),
        ({"onboardings": 0}, "first_value"),
        ({"onboardings": None}, "first_value"),
        ({"onboardings": 0, "items_made": 9}, "first_value"),
        ({"onboardings": 0, "items_made": 10}, None),
        ({"signed_up_on": TODAY}, "signup_age"),
        ({"signed_up_on": TODAY - timedelta(days=2)}, "signup_age"),
        ({"signed_up_on": TODAY - timedelta(days=3)}, None),
        ({"signed_up_on": None}, None),
        ({"other_open_play": "Warm outbound"}, "one_conversation"),
        ({"last_contact_at": NOW - timedelta(days=13, hours=23)}, "cool_down"),
        ({"last_contact_at": NOW - timedelta(days=14)}, None),
        ({"last_contact_at": NOW, "cool_down_days": 0}, None),
        ({"team_room": 0}, "capacity"),
        ({"team_room": 1}, None),
        ({"team_room": None}, None),
    ],
)
def test_each_guard_holds_back_exactly_its_case(known: dict[str, Any], guard: str | None) -> None:
    assert held_by(**known) == guard


@pytest.mark.parametrize(
    ("known", "guard"),
    [
        ({"excluded_by": "*@ci.*"}, "suppressed"),
        ({"account_known": False}, "no_account"),
        ({"own_open_item": True}, "one_open_item"),
        ({"bad_ratings": 3}, None),
        ({"onboardings": 0}, None),
        ({"signed_up_on": TODAY}, None),
        ({"other_open_play": "Warm outbound"}, None),
        ({"last_contact_at": NOW}, None),
        ({"team_room": 0}, None),
    ],
)
def test_a_raised_hand_passes_all_but_the_legal_ones(known: dict[str, Any], guard: str | None) -> None:
    assert held_by(hand_raised=True, **known) == guard


@pytest.mark.parametrize("name", OPTIONAL)
def test_a_guard_that_the_play_does_not_list_is_not_asked(name: str) -> None:
    everything_wrong = replace(
        FREE,
        bad_ratings=1,
        onboardings=0,
        signed_up_on=TODAY,
        other_open_play="Warm outbound",
        last_contact_at=NOW,
        team_room=0,
    )
    checks = judge(replace(everything_wrong, guards=(name,))).checks
    assert [check.guard for check in checks if check.holds_back] == [name]


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        (
            {"last_contact_at": NOW - timedelta(days=2), "last_contact_play": "Sales assist"},
            "Last in touch on 9 Mar (“Sales assist”): held back by cool-down until 23 Mar.",
        ),
        ({"signed_up_on": TODAY}, "Signed up on 11 Mar: left in peace until 14 Mar."),
        ({"bad_ratings": 2}, "2 bad support ratings in 14 days: support comes first, everything else waits."),
        (
            {"last_contact_at": NOW, "cool_down_days": 365},
            "Last in touch on 11 Mar: held back by cool-down until 11 Mar 2027.",
        ),
    ],
)
def test_the_reason_says_until_when(known: dict[str, Any], expected: str) -> None:
    assert words(**known) == expected


def test_cool_down_is_looked_at_again_when_it_ends() -> None:
    held = verdict(last_contact_at=NOW - timedelta(days=4)).held_by
    assert held
    assert held.recheck_at == NOW + timedelta(days=10)


def test_signup_age_is_looked_at_again_at_midnight() -> None:
    held = verdict(signed_up_on=TODAY).held_by
    assert held
    assert held.recheck_at == datetime(2026, 3, 14, tzinfo=UTC)


def test_a_missing_account_waits_for_the_account_and_not_for_a_time() -> None:
    held = verdict(account_known=False).held_by
    assert held
    assert held.recheck_at is None


def test_kept_promises_are_said_too() -> None:
    said = {check.guard: check.words for check in verdict(last_contact_at=NOW - timedelta(days=20)).checks}
    assert said["cool_down"] == "Last in touch on 19 Feb, at least 14 days ago."
    assert said["first_value"] == "They have had their first value: onboarding was completed."


def test_a_reason_fits_its_column_whatever_the_person_is_called() -> None:
    assert len(words(account_known=False, person="x" * 1000)) == 300


@pytest.mark.parametrize("names", [["cooldown"], ["suppressed"], "cool_down", None])
def test_an_unknown_guard_is_refused_by_name(names: Any) -> None:
    with pytest.raises(GuardError, match="support_fire"):
        parse_guards(names)
