"""What holds a play back for now, in words that a rep can read.

Each guard looks at one frozen context and says whether it holds back, why, and when to look again. A request
passes all but the ones that are always on: those are law, or the shape of the queue.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from plgcrm.common.text import plural

LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class GuardContext:
    """All that the guards may look at; None = unknown."""

    now: datetime
    hand_raised: bool = False
    guards: tuple[str, ...] = ()
    cool_down_days: int = 14
    person: str = "Someone"
    account_known: bool = True
    flooded: bool = False
    excluded_by: str = ""
    own_open_item: bool = False
    other_open_play: str = ""
    internal: bool = False
    support_issue: bool | None = None
    support_segment: str = "Support issue"  # by the names that an admin gave them; "" where none is chosen
    reached_value: bool | None = None
    value_segment: str = "Reached first value"
    signup_days: int = 3
    signed_up_on: date | None = None
    signed_up_surely: bool = True  # else it is the day on which we first saw them
    last_contact_at: datetime | None = None
    last_contact_play: str = ""
    team_room: int | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """What one guard said. Held back without `recheck_at`: until something about the account changes."""

    guard: str
    holds_back: bool
    words: str
    recheck_at: datetime | None = None

    def to_json(self) -> dict[str, object]:
        return {"guard": self.guard, "held": self.holds_back, "words": self.words}


@dataclass(frozen=True, slots=True)
class GuardVerdict:
    checks: tuple[Check, ...]

    @property
    def held_by(self) -> Check | None:
        return next((check for check in self.checks if check.holds_back), None)


@dataclass(frozen=True, slots=True)
class Guard:
    name: str
    label: str
    check: Callable[[GuardContext], Check]
    always: bool = False
    silent: bool = False  # not worth a word where it holds nothing back


class GuardError(ValueError):
    """There is no guard of this name."""


def day_words(day: datetime | date, now: datetime) -> str:
    """ "12 Nov", with the year where it is another one than now."""
    return _day_words(day.year, day.month, day.day, now.year)


@lru_cache(1_000)
def _day_words(year: int, month: int, day: int, this_year: int) -> str:
    when = date(year, month, day)
    return f"{day} {when:%b}" if year == this_year else f"{day} {when:%b %Y}"


def _kept(guard: str, words: str) -> Check:
    return Check(guard, holds_back=False, words=words[:LONGEST_REASON])


def _held(guard: str, words: str, recheck_at: datetime | None) -> Check:
    return Check(guard, holds_back=True, words=words[:LONGEST_REASON], recheck_at=recheck_at)


def _flood(context: GuardContext) -> Check:
    if not context.flooded:
        return _kept("flood", "It did not come in a flood of requests.")
    words = "It came in a flood of requests from your website. A manager can release it under Team workload."
    return _held("flood", words, context.now + timedelta(days=1))


def _suppressed(context: GuardContext) -> Check:
    if context.internal:
        words = "They are in the segment “Internal”: our own company's accounts are left alone."
        return _held("suppressed", words, context.now + timedelta(days=1))
    if not context.excluded_by:
        return _kept("suppressed", "No one here is excluded or on our own team.")
    words = f"{context.person} is excluded by “{context.excluded_by}”. Remove that exclusion to let this through."
    return _held("suppressed", words, context.now + timedelta(days=1))


def _no_account(context: GuardContext) -> Check:
    if context.account_known:
        return _kept("no_account", "The company is known.")
    words = (
        f"{context.person} is not linked to an account yet. Link this person to a company and it is re-checked at once."
    )
    # No time to look again: linking the person to a company brings it back by itself.
    return _held("no_account", words, None)


def _one_open_item(context: GuardContext) -> Check:
    if not context.own_open_item:
        return _kept("one_open_item", "This play has no other open item for this account.")
    words = "This play already has an open item for this account."
    return _held("one_open_item", words, context.now + timedelta(days=1))


def _support_fire(context: GuardContext) -> Check:
    if context.support_issue:
        words = f"They are in the segment “{context.support_segment}”: support comes first, everything else waits."
        return _held("support_fire", words, context.now + timedelta(days=1))
    if not context.support_segment:
        return _kept("support_fire", "No segment says when support has an issue.")
    if context.support_issue is None:
        return _kept("support_fire", "Whether support has an issue with them is not known here.")
    return _kept("support_fire", "Support has no issue with them.")


def _first_value(context: GuardContext) -> Check:
    if not context.value_segment:
        return _kept("first_value", "No segment says who has reached first value.")
    if context.reached_value:
        return _kept("first_value", "They have reached first value.")
    if context.reached_value is None:
        return _kept("first_value", "Whether they have reached first value is not known here.")
    words = "No one there has reached first value yet: value comes before outreach."
    return _held("first_value", words, context.now + timedelta(days=1))


def _signup_age(context: GuardContext) -> Check:
    signed_up = context.signed_up_on
    if signed_up is None:
        # Nobody is held back for a date that we were never told.
        return _kept("signup_age", "They signed up before tracking began.")
    began = "Signed up" if context.signed_up_surely else "First seen"
    free_on = signed_up + timedelta(days=context.signup_days)
    if context.now.astimezone(UTC).date() >= free_on:
        days = plural(context.signup_days, "day")
        return _kept("signup_age", f"{began} on {day_words(signed_up, context.now)}, at least {days} ago.")
    until = f"no outreach for the first {plural(context.signup_days, 'day')}, until {day_words(free_on, context.now)}"
    words = f"{began} on {day_words(signed_up, context.now)}: {until}."
    return _held("signup_age", words, datetime.combine(free_on, time(), UTC))


def _one_conversation(context: GuardContext) -> Check:
    if not context.other_open_play:
        return _kept("one_conversation", "No one else on our side is talking to them.")
    words = f"“{context.other_open_play}” is open for this account: one conversation at a time."
    return _held("one_conversation", words, context.now + timedelta(days=1))


def _cool_down(context: GuardContext) -> Check:
    last, days = context.last_contact_at, context.cool_down_days
    if last is None:
        return _kept("cool_down", "We have not contacted them before.")
    free_at = last + timedelta(days=days)
    if context.now >= free_at:
        return _kept("cool_down", f"Last contacted on {day_words(last, context.now)}, at least {days} days ago.")
    about = f" (“{context.last_contact_play}”)" if context.last_contact_play else ""
    until = day_words(free_at, context.now)
    words = f"Last contacted on {day_words(last, context.now)}{about}: cool-down until {until}."
    return _held("cool_down", words, free_at)


def _capacity(context: GuardContext) -> Check:
    # None: the play does not ask for room.
    if context.team_room is None or context.team_room > 0:
        return _kept("capacity", "The team has capacity for it.")
    words = "Every rep on the team is at capacity."
    return _held("capacity", words, context.now + timedelta(hours=1))


GUARDS = {
    guard.name: guard
    for guard in (
        Guard("flood", "Flood of requests", _flood, always=True, silent=True),
        Guard("suppressed", "Excluded people", _suppressed, always=True),
        Guard("no_account", "Known company", _no_account, always=True),
        Guard("one_open_item", "One open item per play", _one_open_item, always=True),
        Guard("support_fire", "Support issue", _support_fire),
        Guard("first_value", "First value", _first_value),
        Guard("signup_age", "Days since sign-up", _signup_age),
        Guard("one_conversation", "One conversation at a time", _one_conversation),
        Guard("cool_down", "Cool-down", _cool_down),
        Guard("capacity", "Team capacity", _capacity),
    )
}
OPTIONAL = tuple(guard.name for guard in GUARDS.values() if not guard.always)


def parse_guards(names: object) -> tuple[str, ...]:
    """The guards a play lists; an unknown name is refused by name."""
    if not isinstance(names, list | tuple):
        raise GuardError(f"Give a list of guards: {', '.join(OPTIONAL)}.")
    for name in names:
        if name not in OPTIONAL:
            raise GuardError(f"There is no guard “{str(name)[:40]}”. Use one of {', '.join(OPTIONAL)}.")
    # In the order given, each once: a form may send a choice twice.
    return tuple(dict.fromkeys(names))


def judge(context: GuardContext, *, explained: bool = True) -> GuardVerdict:
    """What every guard that applies says, the always-on ones first; the first that holds back is the reason.

    Without `explained` only the reason is kept, for who counts thousands."""
    # Whoever asked for us is answered: what is meant to leave people in peace does not apply.
    asked = _asked(() if context.hand_raised else context.guards)
    checks = (check for guard in asked if (check := guard.check(context)).holds_back or not guard.silent)
    if explained:
        return GuardVerdict(tuple(checks))
    held = next((check for check in checks if check.holds_back), None)
    return GuardVerdict((held,) if held else ())


@lru_cache(100)
def _asked(names: tuple[str, ...]) -> tuple[Guard, ...]:
    """The guards that apply to a play that lists these."""
    listed = parse_guards(names)
    return tuple(guard for guard in GUARDS.values() if guard.always or guard.name in listed)
