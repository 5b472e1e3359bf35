"""Who is active on which day and what they do there: whole columns drawn at once.

The result is `DeedRows`: moments in seconds since 1970, places of people, and deeds. What a deed leads to (a board
made, or a limit hit) depends on the workspace's state and is decided in `life`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from plgcrm.demo.companies.boards.company import HISTORY_DAYS, Floats, Ints, SampleCompany

Bools = NDArray[np.bool_]
DAY = 86_400.0


class Deed(IntEnum):
    LOOK = 0
    ITEM = 1
    FEATURE = 2
    BOARD = 3
    PRICING = 4
    PREMIUM = 5
    INTEGRATION = 6
    EVALUATE = 7
    HAND_RAISE = 8
    TICKET = 9
    PAYMENT_DETAILS = 10
    JOIN = 20
    INVITE = 21
    ONBOARDING = 22
    IMPORT = 23
    WEEK = 24


FEATURES = (
    "Timeline Viewed",
    "Automation Created",
    "Dashboard Opened",
    "Form Published",
    "Doc Edited",
    "Calendar Viewed",
)
_WEEKDAYS = np.array([1.0, 1.05, 1.05, 1.0, 0.85, 0.07, 0.05])  # Monday first
# Which share of the teams ever makes many boards, looks at prices, tries premium features, connects, evaluates.
_TASTES = np.array([0.5, 0.5, 0.33, 0.42, 0.4])


@dataclass(frozen=True, slots=True)
class DeedRows:
    at: Floats  # seconds since 1970
    person: Ints
    deed: Ints
    detail: Ints  # of a feature: which; of an item: its board

    def __add__(self, other: DeedRows) -> DeedRows:
        pairs = zip(self.columns(), other.columns(), strict=True)
        return DeedRows(*(np.concatenate(pair) for pair in pairs))

    def columns(self) -> tuple[Floats, Ints, Ints, Ints]:
        return self.at, self.person, self.deed, self.detail

    def where(self, keep: Bools | Ints) -> DeedRows:
        return DeedRows(self.at[keep], self.person[keep], self.deed[keep], self.detail[keep])


def rows(at: Floats, person: Ints, deed: Deed | Ints, detail: Ints | int = 0) -> DeedRows:
    shape = at.shape
    return DeedRows(at, person, np.broadcast_to(deed, shape).astype(np.int64), np.broadcast_to(detail, shape))


class Calendar:
    """The 120 days that end at `now`; day 119 is today, up to now."""

    def __init__(self, now: datetime) -> None:
        first = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=HISTORY_DAYS - 1)
        self.start = first.timestamp()
        self.end = now.timestamp()
        self.end_day = (self.end - self.start) / DAY
        self.weekday = (first.weekday() + np.arange(HISTORY_DAYS)) % 7

    def moment(self, day: Floats) -> Floats:
        return self.start + day * DAY


class Population:
    """The people and workspaces of the sample as columns, on one calendar."""

    def __init__(self, company: SampleCompany, calendar: Calendar, rng: np.random.Generator) -> None:
        people, workspaces = company.people, company.workspaces
        self.rng, self.calendar = rng, calendar
        self.count = len(people)
        self.workspace = np.array([each.workspace for each in people])
        self.robot = np.array([each.robot for each in people])
        self.appetite = np.array([each.appetite for each in people])
        self.utc_offset = np.array([each.utc_offset for each in people], dtype=np.float64)
        self.creator = np.array([each.members[0] for each in workspaces])
        self.size = np.array([len(each.members) for each in workspaces], dtype=np.float64)
        self.need = np.array([each.need for each in workspaces])
        self.life = np.array([each.life for each in workspaces])
        self.plain = np.array([each.plain for each in workspaces])
        self.joined = self._joined(np.array([each.age for each in people]))
        self.stuck = self._stuck(company)

    def _joined(self, age: Floats) -> Floats:
        """The day each one joins: working hours, seldom on a week-end, never before the workspace's maker."""
        end = self.calendar.end_day
        day = end - age
        whole = np.clip(np.floor(day), 0, HISTORY_DAYS - 1).astype(np.int64)
        weekend = (self.calendar.weekday[whole] >= 5) & (day >= 0) & (self.rng.random(self.count) < 0.65)
        day = np.where(weekend, np.where(day + 2 < end, day + 2, day - 2), day)
        hour = np.clip(self.rng.triangular(8, 10.5, 18, self.count) - self.utc_offset, 0, 23.9)
        tidy = np.floor(day) + hour / 24
        day = np.where(tidy < end - 0.01, tidy, np.minimum(day, end - 0.01))
        maker = day[self.creator][self.workspace]
        is_maker = self.creator[self.workspace] == np.arange(self.count)
        return np.where(is_maker, day, np.clip(day, maker + 0.005, end - 0.002))

    def _stuck(self, company: SampleCompany) -> Bools:
        """Workspaces of good fit that came 2 to 10 days ago and have not got their data in."""
        age = self.calendar.end_day - self.joined[self.creator]
        fit = np.array([self._fits(company, place) for place in range(len(company.workspaces))])
        fresh = np.flatnonzero((age > 2.1) & (age < 9.5) & fit & ~self.plain)
        stuck = np.zeros(len(age), dtype=np.bool_)
        stuck[self.rng.permutation(fresh)[: max(6, round(len(fresh) * 0.3))]] = True
        return stuck

    def _fits(self, company: SampleCompany, workspace: int) -> bool:
        account = company.account_of(workspace)
        return account is not None and 20 <= account.employees <= 5000

    def last_day(self) -> Floats:
        """The day each one comes last: with the workspace's interest, or earlier by their own."""
        seen = np.maximum(self.joined, 0)
        own = np.where(self.rng.random(self.count) < 0.35, self.rng.exponential(25, self.count), np.inf)
        own[self.creator] = np.inf
        team = self.joined[self.creator] + self.life
        team = np.where(self.stuck, np.minimum(team, self.joined[self.creator] + 3), team)
        last: Floats = np.minimum(seen + own, team[self.workspace])
        return last


def active_days(people: Population) -> tuple[Ints, Ints]:
    """Places of people and the days on which they are active."""
    rng, day = people.rng, np.arange(HISTORY_DAYS, dtype=np.float64)
    since = day[None, :] - people.joined[:, None]
    rate = (1 / (1 + np.exp(1.85 - 0.4 * people.need)))[people.workspace] * people.appetite
    chance = rate[:, None] * _WEEKDAYS[people.calendar.weekday][None, :]
    chance = chance * (1 + np.exp(-np.maximum(since, 0) / 4)) * _trend(people, day)[people.workspace]
    chance[people.robot] = 0.97
    here = (since > -1) & (day[None, :] <= people.last_day()[:, None])
    active: Bools = (rng.random(chance.shape) < np.minimum(chance, 0.93)) & here
    first = np.floor(people.joined).astype(np.int64)
    active[np.flatnonzero(first >= 0), first[first >= 0]] = True
    unseen = np.flatnonzero((first < 0) & ~active.any(axis=1))
    active[unseen, rng.integers(0, 25, len(unseen))] = True
    person, days = np.nonzero(active)
    return person, days


def _trend(people: Population, day: Floats) -> Floats:
    """Slow growth or decline of each workspace, and a surge in the last week of a few."""
    slope = people.rng.normal(0.12 * people.need, 0.25)
    trend: Floats = np.exp(np.clip(slope, -0.6, 0.6)[:, None] * (day[None, :] - 60) / 60)
    surging = (people.rng.random(len(slope)) < 0.07) & (people.size >= 4)
    trend[np.ix_(surging, day > HISTORY_DAYS - 7)] *= 2.6
    return trend


def usage(people: Population) -> DeedRows:
    """What people do on their active days, in no order."""
    rng = people.rng
    person, day = active_days(people)
    lively = np.where(people.robot, 40.0, 1.15 + 0.35 * np.clip(people.need[people.workspace], -0.5, 1.5))
    times = 1 + rng.poisson(lively[person])
    session = rng.triangular(7.5, 10, 18.5, len(person))
    person, day, session = np.repeat(person, times), np.repeat(day, times), np.repeat(session, times)
    hour = session + rng.random(len(person)) * 2.5 - people.utc_offset[person]
    at = people.calendar.moment(day + hour / 24)
    joined = people.calendar.moment(people.joined)[person] + 150
    at = np.where(at < joined, joined + rng.random(len(at)) * 4000, at)
    deed = _deeds(people, person)
    detail = rng.integers(0, 1 << 30, len(at))
    at = np.maximum(at, people.calendar.start + detail % 3600)
    return _with_features(people, rows(at, person, deed, detail).where(at < people.calendar.end - 1))


def _deeds(people: Population, person: Ints) -> Ints:
    """One deed each; rare ones grow rarer per head in large teams, and come with need."""
    keen = 1 / (1 + np.exp(-people.need))
    per_head = 1 / np.sqrt(people.size)
    shares = np.zeros((len(people.need), 11))
    shares[:, Deed.ITEM] = (0.24 + 0.12 * keen) * people.rng.choice([0.25, 1.0, 1.15], len(keen), p=[0.3, 0.3, 0.4])
    shares[:, Deed.FEATURE] = 0.42 * keen
    shares[:, Deed.BOARD] = 0.18 * keen * per_head
    shares[:, Deed.PRICING] = 0.045 * per_head
    shares[:, Deed.PREMIUM] = 0.024 * keen * per_head
    shares[:, Deed.INTEGRATION] = 0.027 * keen * per_head
    shares[:, Deed.EVALUATE] = 0.014 * keen * per_head
    shares[:, Deed.HAND_RAISE] = 0.014 * keen**2 * per_head
    shares[:, Deed.TICKET] = 0.012 * per_head
    shares[:, Deed.PAYMENT_DETAILS] = 0.002 * keen * per_head
    shares[:, Deed.BOARD : Deed.EVALUATE + 1] *= people.rng.random((len(keen), 5)) < _TASTES
    shares[people.stuck] = 0
    shares[people.plain, Deed.FEATURE :] = 0
    upper = shares.cumsum(axis=1)[people.workspace[person]]
    drawn = people.rng.random(len(person))[:, None]
    deed = np.where(drawn[:, 0] < upper[:, -1], (drawn >= upper).sum(axis=1), Deed.LOOK)
    return np.where(people.robot[person], Deed.ITEM, deed).astype(np.int64)


def _with_features(people: Population, deeds: DeedRows) -> DeedRows:
    """A team takes up features one after another: more need, more of them; before the first it only looks."""
    workspace = people.workspace[deeds.person]
    taste = np.argsort(people.rng.random((len(people.need), len(FEATURES))), axis=1)
    liked = np.clip(np.round(1.1 + 0.9 * people.need + people.rng.normal(0, 1.1, len(people.need))), 0, 6)
    began = people.calendar.moment(people.joined)[people.creator]
    known = np.minimum(liked[workspace], 1 + (deeds.at - began[workspace]) // (4 * DAY))
    is_feature = deeds.deed == Deed.FEATURE
    which = taste[workspace, deeds.detail % np.maximum(known, 1).astype(np.int64)]
    deed = np.where(is_feature & (known < 1), Deed.LOOK, deeds.deed)
    return DeedRows(deeds.at, deeds.person, deed, np.where(is_feature, which, deeds.detail))


def arrivals(people: Population, deeds: DeedRows) -> DeedRows:
    """Joins, invitations before them, onboarding and imports after them."""
    seen = np.full(people.count, np.inf)
    np.minimum.at(seen, deeds.person, deeds.at)
    joined = people.calendar.moment(people.joined)
    met = np.where(people.joined >= 0, joined, seen - 30)
    present = np.flatnonzero(np.isfinite(met))
    joins = rows(met[present], present, Deed.JOIN)
    return joins + _invitations(people, met) + _first_steps(people, met)


def _invitations(people: Population, met: Floats) -> DeedRows:
    """Sent by the workspace's maker before a colleague arrives; some nobody answers; many teams share a link."""
    rng, everyone = people.rng, np.arange(people.count)
    invited = (people.joined >= 0) & (people.creator[people.workspace] != everyone) & ~people.robot
    by_link = (rng.random(len(people.need)) < 0.4)[people.workspace] & (rng.random(people.count) < 0.8)
    invited &= ~by_link & ~people.plain[people.workspace]
    maker = people.creator[people.workspace]
    answered = met - rng.uniform(0.01, 1.5, people.count) * DAY
    answered = np.clip(answered, met[maker] + 120, met - 20)
    hopeful = rng.random(len(people.need)) < 0.22 / (1 + np.exp(-1.2 * people.need))
    alone = people.creator[hopeful & (people.joined[people.creator] >= 0) & ~people.stuck & ~people.plain]
    vain = np.concatenate([alone, maker[invited & (rng.random(people.count) < 0.25)]])
    vain_at = met[vain] + rng.uniform(0.01, 3.0, len(vain)) * DAY
    sent = rows(answered[invited], maker[invited], Deed.INVITE) + rows(vain_at, vain, Deed.INVITE)
    return sent.where((sent.at < people.calendar.end - 1) & (sent.at >= people.calendar.start))


def _first_steps(people: Population, met: Floats) -> DeedRows:
    rng = people.rng
    fresh = (people.joined >= 0) & ~people.robot
    keen = 1 / (1 + np.exp(-people.need[people.workspace] * 1.1 - 0.2))
    stuck = people.stuck[people.workspace]
    through = np.flatnonzero(fresh & ~stuck & (rng.random(people.count) < keen))
    onboarding = rows(met[through] + rng.lognormal(7.6, 1.3, len(through)), through, Deed.ONBOARDING)
    maker = people.creator[people.workspace] == np.arange(people.count)
    maker &= ~people.plain[people.workspace]
    importing = np.flatnonzero(fresh & maker & (stuck | (rng.random(people.count) < 0.2)))
    imports = rows(met[importing] + rng.uniform(300, 5000, len(importing)), importing, Deed.IMPORT)
    steps = onboarding + imports
    return steps.where(steps.at < people.calendar.end - 1)
