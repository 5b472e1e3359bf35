"""To which company somebody belonged on which day, out of what was said: the same for any order of arrival.

A history is a row of stays, the first since ever. Only what one voice (a user id, a workspace) says differently than
before moves anybody: a first company reaches back, a repetition says nothing, and a correction by hand moves it all.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import zip_longest
from typing import Generic, TypeVar

T = TypeVar("T")

BY_HAND = 2  # from this trust on (a CRM, a hand) somebody corrects, and nobody has moved
NOBODY = "-"  # in place of a company: of those who are excluded


def day_of(at: datetime) -> date:
    """The day on which something said at a time holds, in UTC."""
    return at.astimezone(UTC).date()


@dataclass(frozen=True, slots=True)
class Said:
    """What a voice said of its company at a time; `company` "" where that names none. The highest trust counts."""

    at: datetime
    company: str
    voice: Hashable = 0
    trust: tuple[int, bool] = (0, False)


@dataclass(frozen=True, slots=True)
class Stay(Generic[T]):
    """Since a day, until the next one; None: since ever."""

    since: date | None
    company: T


History = tuple[Stay[T], ...]


def history_of(said: Iterable[Said]) -> History[str]:
    """The stays that follow from what was said; none where no company was named by those who are trusted most."""
    facts = list(said)
    trust = max((fact.trust for fact in facts), default=(0, False))
    facts = sorted((f for f in facts if f.trust == trust), key=lambda f: (f.at, f.company))
    if trust[0] >= BY_HAND:
        facts = facts[-1:]
    # A word that names no company never replaces one that does; of a day the last word holds.
    named = {(day_of(fact.at), fact.voice): fact for fact in facts if fact.company}
    stays: list[Stay[str]] = []
    words: dict[Hashable, str] = {}
    for fact in sorted(named.values(), key=lambda f: (f.at, f.company)):
        before = words.get(fact.voice)
        words[fact.voice] = fact.company
        if before is None:
            _hear_first(stays, fact.company)
        elif before != fact.company:
            _move(stays, day_of(fact.at), fact.company)
    return tuple(stays)


def _hear_first(stays: list[Stay[str]], company: str) -> None:
    """A voice that was not heard before corrects where somebody is, unless it only says where they were."""
    if not stays:
        stays.append(Stay(None, company))
    elif company not in {stay.company for stay in stays}:
        stays[-1] = Stay(stays[-1].since, company)


def _move(stays: list[Stay[T]], day: date | None, company: T) -> None:
    """From a day on with this company, whatever else was said of that day."""
    while stays and (day is None or ((since := stays[-1].since) is not None and since >= day)):
        stays.pop()
    if not stays:
        stays.append(Stay(None, company))
    elif stays[-1].company != company:
        stays.append(Stay(day, company))


def company_on(history: History[T], day: date) -> T:
    """Where somebody was on a day."""
    return next(s.company for s in reversed(history) if s.since is None or s.since <= day)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who was first seen in a workspace at a time, and the companies they belonged to."""

    first_at: datetime
    history: History[str]

    def has_left(self, day: date) -> bool:
        """Whether they belong to another company by now than when they came."""
        return company_on(self.history, day) != company_on(self.history, day_of(self.first_at))


def history_of_workspace(members: Sequence[Member]) -> History[str]:
    """The companies of a workspace that names none: of its first member who has not left; else of its first."""
    first = min(members, key=lambda m: (m.first_at, m.history[-1].company))
    days = {day_of(member.first_at) for member in members if member is not first}
    days |= {stay.since for member in members for stay in member.history if stay.since}
    stays: list[Stay[str]] = [Stay(None, company_on(first.history, day_of(first.first_at)))]
    for day in sorted(days):
        here = [member for member in members if day_of(member.first_at) <= day]
        if here:
            best = min(here, key=lambda m: (m.has_left(day), m.first_at, company_on(m.history, day)))
            _move(stays, day, company_on(best.history, day))
    return tuple(stays)


@dataclass(frozen=True, slots=True)
class Visit(Generic[T]):
    """Somebody was in a workspace at a time, by a group call or only by what they did there; and its companies.

    Of two at one time the one of the lesser `order` counts.
    """

    at: datetime
    order: tuple[datetime, str]
    history: History[T]
    called: bool


def history_of_person(own: History[T], visits: Iterable[Visit[T]]) -> History[T]:
    """The companies of a person: the home workspace goes before the address, until the address moves to another one.

    Within each stay of the address its first group call reaches back, and later ones to other workspaces move.
    """
    ordered = sorted((v for v in visits if v.history), key=lambda v: v.order, reverse=True)
    ordered.sort(key=lambda v: v.at)
    stays: list[Stay[T]] = []
    ends = [stay.since for stay in own[1:]]
    for begin, end, address in zip([None, *ends], [*ends, None], own or (None,), strict=True):
        inside = [v for v in ordered if _is_within(day_of(v.at), begin, end)]
        of_day = {day_of(v.at): v for v in inside if v.called}  # the last of each day
        calls = list(of_day.values()) or sorted(inside, key=lambda v: (v.at, v.order))[:1]
        if not calls and address is not None:
            _move(stays, begin, address.company)
        for place, call in enumerate(calls):
            _follow(stays, call.history, day_of(call.at) if place else begin)
    return tuple(stays)


def _is_within(day: date, begin: date | None, end: date | None) -> bool:
    return (begin is None or day >= begin) and (end is None or day < end)


def _follow(stays: list[Stay[T]], history: History[T], begin: date | None) -> None:
    """From a day on wherever a workspace is, with its own moves, until something else is said."""
    _move(stays, begin, history[0].company if begin is None else company_on(history, begin))
    for stay in history[1:]:
        if stay.since and (begin is None or stay.since > begin):
            _move(stays, stay.since, stay.company)


def counted_for(history: History[str], accounts: Mapping[str, int]) -> History[int]:
    """The accounts of these companies, 0 for none. Two companies that are one account are one stay."""
    stays: list[Stay[int]] = []
    for stay in history:
        _move(stays, stay.since, accounts.get(stay.company, 0))
    return tuple(stays)


def since_seen(history: History[T], first_at: datetime) -> History[T]:
    """Without the stays that ended before somebody was seen at all: there is nothing to count in them."""
    first, ends = day_of(first_at), [stay.since for stay in history[1:]]
    kept = [stay for stay, end in zip_longest(history, ends) if end is None or end > first]
    return tuple(Stay(None, s.company) if place == 0 else s for place, s in enumerate(kept))
