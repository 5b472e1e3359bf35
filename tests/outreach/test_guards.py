import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from outreach.rules.guards import GUARDS, OPTIONAL, GuardContext, GuardError, GuardVerdict, judge, parse_guards

NOW = datetime(2026, 3, 11, 10, tzinfo=UTC)
TODAY = NOW.date()
FREE = GuardContext(
    now=NOW,
    guards=OPTIONAL,
    cool_down_days=14,
    reached_value=True,
    signed_up_on=TODAY - timedelta(days=40),
    team_room=3,
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
    assert [check.guard for check in verdict().checks] == [name for name in GUARDS if name != "flood"]


@pytest.mark.parametrize(
    ("known", "guard"),
    [
        ({"excluded_by": "*@ci.*"}, "suppressed"),
        ({"account_known": False}, "no_account"),
        ({"own_open_item": True}, "one_open_item"),
        ({"internal": True}, "suppressed"),
        ({"support_issue": True}, "support_fire"),
        ({"support_issue": False}, None),
        ({"support_issue": None}, None),
        ({"reached_value": False}, "first_value"),
        ({"reached_value": None}, None),
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
        ({"support_issue": True}, None),
        ({"reached_value": False}, None),
        ({"signed_up_on": TODAY}, None),
        ({"other_open_play": "Warm outbound"}, None),
        ({"last_contact_at": NOW}, None),
        ({"team_room": 0}, None),
    ],
)
def test_a_request_passes_all_but_the_legal_ones(known: dict[str, Any], guard: str | None) -> None:
    assert held_by(hand_raised=True, **known) == guard


@pytest.mark.parametrize("name", OPTIONAL)
def test_a_guard_that_the_play_does_not_list_is_not_asked(name: str) -> None:
    everything_wrong = replace(
        FREE,
        support_issue=True,
        reached_value=False,
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
            "Last contacted on 9 Mar (“Sales assist”): cool-down until 23 Mar.",
        ),
        ({"signed_up_on": TODAY}, "Signed up on 11 Mar: no outreach for the first 3 days, until 14 Mar."),
        (
            {"support_issue": True},
            "They are in the segment “Support issue”: support comes first, everything else waits.",
        ),
        (
            {"last_contact_at": NOW, "cool_down_days": 365},
            "Last contacted on 11 Mar: cool-down until 11 Mar 2027.",
        ),
    ],
)
def test_the_reason_says_until_when(known: dict[str, Any], expected: str) -> None:
    assert words(**known) == expected


def test_cool_down_is_rechecked_when_it_ends() -> None:
    held = verdict(last_contact_at=NOW - timedelta(days=4)).held_by
    assert held
    assert held.recheck_at == NOW + timedelta(days=10)


def test_signup_age_is_rechecked_at_midnight() -> None:
    held = verdict(signed_up_on=TODAY).held_by
    assert held
    assert held.recheck_at == datetime(2026, 3, 14, tzinfo=UTC)


def test_a_missing_account_waits_for_the_account_and_not_for_a_time() -> None:
    held = verdict(account_known=False).held_by
    assert held
    assert held.recheck_at is None


WORST = replace(
    FREE,
    person="Ada",
    excluded_by="*@ci.*",
    account_known=False,
    own_open_item=True,
    support_issue=True,
    reached_value=False,
    signed_up_on=TODAY,
    other_open_play="Warm outbound",
    last_contact_at=NOW,
    last_contact_play="Sales assist",
    team_room=0,
)
DAY = timedelta(days=1)
SAID: dict[str, tuple[str, str, timedelta | None]] = {
    "suppressed": (
        "No one here is excluded or on our own team.",
        "Ada is excluded by “*@ci.*”. Remove that exclusion to let this through.",
        DAY,
    ),
    "no_account": (
        "The company is known.",
        "Ada is not linked to an account yet. Link this person to a company and it is re-checked at once.",
        None,
    ),
    "one_open_item": (
        "This play has no other open item for this account.",
        "This play already has an open item for this account.",
        DAY,
    ),
    "support_fire": (
        "Whether support has an issue with them is not known here.",
        "They are in the segment “Support issue”: support comes first, everything else waits.",
        DAY,
    ),
    "first_value": (
        "They have reached first value.",
        "No one there has reached first value yet: value comes before outreach.",
        DAY,
    ),
    "signup_age": (
        "Signed up on 30 Jan, at least 3 days ago.",
        "Signed up on 11 Mar: no outreach for the first 3 days, until 14 Mar.",
        timedelta(days=2, hours=14),
    ),
    "one_conversation": (
        "No one else on our side is talking to them.",
        "“Warm outbound” is open for this account: one conversation at a time.",
        DAY,
    ),
    "cool_down": (
        "We have not contacted them before.",
        "Last contacted on 11 Mar (“Sales assist”): cool-down until 25 Mar.",
        timedelta(days=14),
    ),
    "capacity": (
        "The team has capacity for it.",
        "Every rep on the team is at capacity.",
        timedelta(hours=1),
    ),
}


@pytest.mark.parametrize("guard", [name for name in GUARDS if name != "flood"])
def test_each_guard_says_why_it_lets_through_or_holds_back_and_until_when(guard: str) -> None:
    kept, held, wait = SAID[guard]
    [free] = [check for check in judge(FREE).checks if check.guard == guard]
    [worst] = [check for check in judge(WORST).checks if check.guard == guard]
    assert free.to_json() == {"guard": guard, "held": False, "words": kept}
    assert worst.to_json() == {"guard": guard, "held": True, "words": held}
    assert (free.recheck_at, worst.recheck_at) == (None, None if wait is None else NOW + wait)


def said_by(guard: str, **known: Any) -> tuple[bool, str]:
    [said] = [check for check in verdict(**known).checks if check.guard == guard]
    return said.holds_back, said.words


def test_what_is_not_known_holds_nothing_back_and_says_so() -> None:
    unsure = (False, "Whether they have reached first value is not known here.")
    assert said_by("first_value", reached_value=None) == unsure
    assert said_by("support_fire", support_issue=False) == (False, "Support has no issue with them.")


def test_of_a_sign_up_that_nobody_told_us_the_first_day_seen_counts_and_the_reason_says_so() -> None:
    words = "First seen on 11 Mar: no outreach for the first 3 days, until 14 Mar."
    assert said_by("signup_age", signed_up_on=TODAY, signed_up_surely=False) == (True, words)


def test_our_own_companys_accounts_are_left_alone() -> None:
    words = "They are in the segment “Internal”: our own company's accounts are left alone."
    assert said_by("suppressed", internal=True) == (True, words)


def test_a_sign_up_before_we_listened_holds_nothing_back() -> None:
    [said] = [check for check in verdict(signed_up_on=None).checks if check.guard == "signup_age"]
    assert (said.holds_back, said.words) == (False, "They signed up before tracking began.")


def test_the_days_since_sign_up_are_utc_days_whatever_the_clock_of_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    time.tzset()
    try:
        assert held_by(now=datetime(2026, 3, 13, 23, tzinfo=UTC), signed_up_on=TODAY) == "signup_age"
    finally:
        monkeypatch.undo()
        time.tzset()


def test_kept_promises_are_said_too() -> None:
    said = {check.guard: check.words for check in verdict(last_contact_at=NOW - timedelta(days=20)).checks}
    assert said["cool_down"] == "Last contacted on 19 Feb, at least 14 days ago."
    assert said["first_value"] == "They have reached first value."


def test_a_reason_fits_its_column_whatever_the_person_is_called() -> None:
    assert len(words(account_known=False, person="x" * 1000)) == 300


@pytest.mark.parametrize("names", [["cooldown"], ["suppressed"], "cool_down", None])
def test_an_unknown_guard_is_refused_by_name(names: Any) -> None:
    with pytest.raises(GuardError, match="support_fire, first_value, signup_age"):
        parse_guards(names)


def test_a_refused_guard_is_named_in_forty_characters() -> None:
    with pytest.raises(GuardError, match=f"There is no guard “{'x' * 40}”. Use one of support_fire, first_value"):
        parse_guards(["x" * 50])


@pytest.mark.parametrize(
    ("days", "words", "held"),
    [
        (0, "Signed up on 11 Mar, at least 0 days ago.", False),
        (1, "Signed up on 11 Mar: no outreach for the first 1 day, until 12 Mar.", True),
        (10, "Signed up on 11 Mar: no outreach for the first 10 days, until 21 Mar.", True),
    ],
)
def test_the_sign_up_guard_counts_and_names_the_days_of_the_installation(days: int, words: str, held: bool) -> None:
    check = GUARDS["signup_age"].check(GuardContext(now=NOW, signed_up_on=TODAY, signup_days=days))
    assert (check.words, check.holds_back) == (words, held)


def test_a_guard_without_its_segment_holds_nobody_and_says_so() -> None:
    context = GuardContext(now=NOW, support_segment="", value_segment="")
    assert GUARDS["support_fire"].check(context).words == "No segment says when support has an issue."
    assert GUARDS["first_value"].check(context).words == "No segment says who has reached first value."
    assert not GUARDS["first_value"].check(context).holds_back


def test_the_support_guard_names_the_segment_as_it_is_called() -> None:
    check = GUARDS["support_fire"].check(GuardContext(now=NOW, support_issue=True, support_segment="On fire"))
    assert check.words == "They are in the segment “On fire”: support comes first, everything else waits."


def test_a_request_of_a_flood_waits_for_a_manager_and_others_hear_nothing_of_it() -> None:
    [first, *_] = verdict(flooded=True, hand_raised=True).checks
    words = "It came in a flood of requests from your website. A manager can release it under Team workload."
    assert first.to_json() == {"guard": "flood", "held": True, "words": words}
    assert first.recheck_at == NOW + DAY
    assert "flood" not in [check.guard for check in judge(FREE).checks]
