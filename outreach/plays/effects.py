"""What a change of the configuration would do to the queues: which items it opens and closes, before it is saved.

Judged by the code that decides, on accounts measured by the changed configuration in memory. Nothing is written, and
no lock is taken that a worker or a rep could wait for.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import msgspec
import numpy as np

from accounts.models import Actor
from outreach.models import Play, QueueItem, Rep
from outreach.plays import decide
from outreach.plays.changes import DECIDING
from outreach.plays.context import (
    AGE,
    Candidate,
    Requester,
    Situation,
    copy_of,
    holds_when,
    light_situations,
    requesters_of,
    room_of_teams,
)
from outreach.plays.open_items import reason_of
from outreach.plays.why_now import facts_of
from outreach.rules.guards import GUARDS
from outreach.rules.why_now import KnownFact
from plgcrm.common.sql import int4s, queries, records, scalars
from signals.facts import all_facts
from signals.measures.frame import Column
from signals.models import Moment, Signal
from signals.scoring.both_sides import Compared
from signals.scoring.queue_effect import EffectExample, QueueEffect, QueueLine
from signals.scoring.touched import WantedMeasures
from signals.scoring.trial import (
    ChangeTrial,
    compare,
    found_moments,
    full_measures,
    is_partial,
    tried,
)
from signals.vocabulary.past_moments import PastMoment

SQL = queries("outreach/sql/effects.sql")
NAMED = 5
BEFORE, AFTER = 0, 1
Plays = dict[int, Play]
Key = tuple[int, int]  # play and moment


def effect_of(change: Callable[[], object], *, now: datetime) -> QueueEffect:
    """The effect of a change that `change` would make in the database. What it raises is raised."""
    trial = tried(change, _plays)
    plays = [play for side in trial.read for play in side.values() if play.active]
    slugs = frozenset(play.trigger.slug for play in plays if play.trigger)
    age = all_facts().get(AGE)
    holds = holds_when()
    wanted = WantedMeasures(slugs, frozenset(holds), frozenset({age.spec} if age else ()))
    return _Weighing(trial, compare(trial, wanted, now=now), holds, now).effect()


def _plays() -> Plays:
    return {play.pk: play for play in Play.objects.select_related("trigger", "team").order_by("position", "pk")}


class _Weighing:
    """Both sides of one change."""

    def __init__(self, trial: ChangeTrial[Plays], compared: Compared, holds: Mapping[str, int], now: datetime) -> None:
        self.trial, self.compared, self.holds, self.now = trial, compared, holds, now
        self.before, self.after = trial.read
        self.changed = {pk for pk, play in self.after.items() if _deciding(self.before.get(pk)) != _deciding(play)}
        self.past = found_moments(trial, now=now)
        self._read: dict[int, Situation] = {}

    def effect(self) -> QueueEffect:
        new = [*self._requests(), *self._undecided(), *self._newly_true()]
        new.sort(key=lambda one: (not one.play.on_hand_raise, one.play.position, one.at, one.moment_id))
        held = self._held()
        accounts = {one.account_id for one in (*new, *held) if one.account_id is not None}
        rulings, situations = self._judged(new, held, accounts, AFTER)
        opening = [one for one, ruling in rulings if ruling.state == decide.State.FIRED]
        anyway = self._fired_anyway(new, held, {one.account_id for one in opening if one.moment_id > 0})
        fired = [one for one in opening if _key(one) not in anyway]
        held_back = [ruling.guard for _, ruling in rulings[: len(new)] if ruling.state == decide.State.HELD]
        closing = self._closing()
        open_ones = [item for item in closing if item.state != QueueItem.State.CLAIMED]
        times = self.compared.accounts / self.compared.sampled if self.compared.sampled else 1
        return QueueEffect(
            lines=self._lines(fired, situations, open_ones, times),
            opening=self._opening(fired, situations),
            closing=[EffectExample(i.account_id, str(i.account), i.play.name, i.why_now) for i in open_ones[:NAMED]],
            held_back={GUARDS[name].label: round(n * times) for name, n in Counter(held_back).most_common()},
            in_hand=round((len(closing) - len(open_ones)) * times),
            old_requests=sum(one.play.on_hand_raise and decide.is_too_old(one.at, self.now) for one in new),
            conversions=len(self._unknown(Moment.Kind.CONVERTED)),
            is_partial=is_partial(self.trial),
            sampled=self.compared.sampled,
            accounts=self.compared.accounts,
        )

    # --- What the plays would look at -------------------------------------------------------------------------

    def _newly_true(self) -> list[Candidate]:
        """A moment for each account of which a trigger would become true."""
        found = []
        for play in self._firing(on_hand_raise=False):
            gained = self._where(play, lambda before, after: after & ~before)
            # Of those for which it is true already there is a moment.
            known = set(scalars(SQL["stored_true"], {"trigger": _slug(play), "accounts": int4s(gained)}))
            found += [_newly(play, account, self.now) for account in gained if account not in known]
        return found

    def _where(self, play: Play, choose: Callable[[Any, Any], Any]) -> list[int]:
        both = self.compared.triggers.get(_slug(play))
        return self.compared.ids[choose(*both)].tolist() if both else []

    def _firing(self, *, on_hand_raise: bool) -> list[Play]:
        return [play for play in self.after.values() if play.active and play.on_hand_raise == on_hand_raise]

    def _requests(self) -> list[Candidate]:
        moments = self._unknown(Moment.Kind.HAND_RAISED)
        plays = self._firing(on_hand_raise=True)
        if not moments or not plays:
            return []
        who = Actor.objects.select_related("account").in_bulk({moment.actor for moment in moments})
        names = dict(Signal.objects.values_list("pk", "name"))
        return [
            Candidate(
                play,
                -place,
                0,
                at := datetime.fromtimestamp(moment.at, UTC),
                account.pk if (account := who[moment.actor].account_on(at)) else None,
                who[moment.actor].person_id,
                msgspec.json.decode(moment.facts),
                names.get(moment.signal, ""),
                "",
                superseded=False,
            )
            for play in plays
            for place, moment in enumerate(moments, 1)
            if moment.actor in who  # else whoever sent it has gone since
        ]

    def _unknown(self, kind: str) -> list[PastMoment]:
        """Those of the past that are no moments yet."""
        found = {moment.cause: moment for moment in self.past if moment.kind == kind}
        stored = Moment.objects.filter(kind=kind, cause__in=list(found))
        known = set(stored.values_list("cause", flat=True)) if found else set()
        return [moment for cause, moment in found.items() if cause not in known]

    def _undecided(self) -> list[Candidate]:
        """Moments that are there already, of plays that would look at others than before."""
        plays = [self.after[pk] for pk in sorted(self.changed) if self.after[pk].active]
        asked = [{"play": p.pk, "trigger": p.trigger_id, "hand": p.on_hand_raise} for p in plays]
        found = records(SQL["undecided"], {"plays": msgspec.json.encode(asked).decode()}) if asked else []
        return [Candidate(play=self.after[row.pop("play_id")], **row) for row in found]

    def _held(self) -> list[Candidate]:
        """Held decisions of plays that change, and of accounts of which something moves that may let one go."""
        accounts = self._releasing()
        if not accounts and not self.changed:
            return []
        params = {"plays": int4s(sorted(self.changed)), "accounts": int4s(accounts)}
        found = [row for row in records(SQL["held"], params) if row["play_id"] in self.after]
        return [Candidate(play=self.after[row.pop("play_id")], **row) for row in found]

    def _releasing(self) -> list[int]:
        """The accounts of which something moves so that a held decision may fire: nothing else can let one go."""
        ids = self.compared.ids
        moves = np.zeros(len(ids), np.bool_)
        for before, after in self.compared.triggers.values():
            moves |= after & ~before
        for slug, (first, second) in self.compared.segments.items():
            holding = self.holds[slug]
            moves |= (first == holding) & (second != holding)
        for old, new in self.compared.columns.values():
            numbers, others = old.numbers[:, 0], new.numbers[:, 0]
            moves |= ~((numbers == others) | (np.isnan(numbers) & np.isnan(others)))
        return list(ids[moves].tolist())

    # --- What they would make of it ---------------------------------------------------------------------------

    def _judged(
        self, new: Sequence[Candidate], held: Sequence[Candidate], accounts: Iterable[int], side: int
    ) -> tuple[list[tuple[Candidate, decide.Ruling]], dict[int, Situation]]:
        """In the order in which a worker would: what is new, then what was held back."""
        situations = self._situations(accounts, side)
        both = [*new, *held]
        requesters, room = requesters_of(both), room_of_teams(both)
        return decide.judged(both, situations, requesters, room, self.now, explained=False), situations

    def _fired_anyway(self, new: Sequence[Candidate], held: Sequence[Candidate], accounts: set[int | None]) -> set[Key]:
        """Of what is there already about these accounts, what would fire now even if nothing were changed."""
        there = [
            [_as_before(one, self.before) for one in each if one.moment_id > 0 and one.account_id in accounts]
            for each in (new, held)
        ]
        known = [[one for one in each if one is not None] for each in there]
        if not any(known):
            return set()
        rulings, _ = self._judged(known[0], known[1], {one for one in accounts if one is not None}, BEFORE)
        return {_key(one) for one, ruling in rulings if ruling.state == decide.State.FIRED}

    def _situations(self, accounts: Iterable[int], side: int) -> dict[int, Situation]:
        wanted = set(accounts)
        if missing := wanted - self._read.keys():
            self._read |= light_situations(missing)
        # Each side has its own: deciding adds the items it opens.
        found = {account: copy_of(self._read[account]) for account in wanted if account in self._read}
        for situation, place in self._measured(found.values()):
            situation.measured = True
            for slug, held in self.compared.triggers.items():
                situation.triggers.pop(slug, None)
                if held[side][place]:
                    situation.triggers[slug] = self.now.isoformat()
            for slug, inside in self.compared.segments.items():
                situation.segments.pop(slug, None)
                if not np.isnan(inside[side][place]):
                    situation.segments[slug] = bool(inside[side][place])
            for columns in self.compared.columns.values():
                situation.facts = {AGE: _age(columns[side], place)}
                situation.as_of = self.now.astimezone(UTC).date()
        return found

    def _measured(self, situations: Iterable[Situation]) -> list[tuple[Situation, int]]:
        """Those that were measured, with their place there."""
        ids = self.compared.ids
        known = list(situations)
        places = np.searchsorted(ids, [situation.account_id for situation in known]).tolist()
        return [
            (situation, place)
            for situation, place in zip(known, places, strict=True)
            if place < len(ids) and ids[place] == situation.account_id
        ]

    def _closing(self) -> list[QueueItem]:
        """Live items that would lose their reason, and would not without the change."""
        live = QueueItem.objects.filter(state__in=QueueItem.LIVE).select_related("account", "play", "rep")
        found: list[QueueItem] = []
        for pk, play in self.after.items():
            old = self.before.get(pk)
            if old is None or old.trigger_id == play.trigger_id:
                lost = self._where(play, lambda before, after: before & ~after)
                found += live.filter(play=pk, account__in=lost).order_by("pk") if lost else []
            elif play.trigger is not None:
                found += self._without_reason(list(live.filter(play=pk).order_by("pk")), old, play)
        return found

    def _without_reason(self, items: list[QueueItem], old: Play, play: Play) -> list[QueueItem]:
        accounts = {item.account_id for item in items}
        before, after = self._situations(accounts, BEFORE), self._situations(accounts, AFTER)
        return [
            item
            for item in items
            if decide.is_true(old, before[item.account_id]) and not decide.is_true(play, after[item.account_id])
        ]

    # --- How it is told ---------------------------------------------------------------------------------------

    def _lines(
        self, fired: Sequence[Candidate], situations: dict[int, Situation], closing: Sequence[QueueItem], times: float
    ) -> list[QueueLine]:
        reps = Rep.objects.filter(user__in={s.owner_id for s in situations.values()} | {i.rep_id for i in closing})
        teams = dict(reps.values_list("user_id", "team__name"))
        counts: dict[tuple[int, str], list[int]] = defaultdict(lambda: [0, 0])
        for one in fired:
            owner = situations[one.account_id or 0].owner_id
            counts[one.play.pk, teams.get(owner or 0, one.play.team.name)][0] += 1
        for item in closing:
            counts[item.play_id, teams.get(item.rep_id or 0, self.after[item.play_id].team.name)][1] += 1
        return [
            QueueLine(play.name, team, *(round(number * times) for number in counts[pk, team]))
            for pk, play in self.after.items()
            for team in sorted(name for key, name in counts if key == pk)
        ]

    def _opening(self, fired: Sequence[Candidate], situations: dict[int, Situation]) -> list[EffectExample]:
        """Some of each play, with the sentence that its item would bear."""
        chosen = _in_turns(fired)
        ids = sorted({one.account_id for one in chosen if one.account_id is not None})
        values = full_measures(self.trial, ids, now=self.now) if ids else {}
        requesters = requesters_of(chosen)
        return [
            self._example(one, situations[one.account_id], values, requesters)
            for one in chosen
            if one.account_id is not None
        ]

    def _example(
        self, one: Candidate, situation: Situation, values: dict[int, Any], requesters: dict[int, Requester]
    ) -> EffectExample:
        situation.facts = facts_of(values.get(situation.account_id, {}), terms=self.trial.facts)
        person = requesters.get(one.person_id or 0, Requester()).name
        reason = reason_of(one.play, situation, said=one.said, signal=one.signal, person=person, at=self.now)
        return EffectExample(situation.account_id, situation.name, one.play.name, reason.why_now)


def _deciding(play: Play | None) -> tuple[Any, ...]:
    return tuple(getattr(play, name) for name in DECIDING) if play else ()


def _key(one: Candidate) -> Key:
    return one.play.pk, one.moment_id


def _age(column: Column, place: int) -> KnownFact:
    number = float(column.numbers[place, 0])
    at_least = column.at_least is not None and bool(column.at_least[place, 0])
    return KnownFact(None if np.isnan(number) else number, AGE, AGE, at_least=at_least)


def _slug(play: Play) -> str:
    return play.trigger.slug if play.trigger else ""


def _newly(play: Play, account: int, now: datetime) -> Candidate:
    """The moment that scoring would write."""
    return Candidate(play, -account, 0, now, account, None, {}, "", "", superseded=False)


def _as_before(one: Candidate, plays: Plays) -> Candidate | None:
    """The same for the play as it is; None where that would not look at this moment."""
    old = plays.get(one.play.pk)
    looks = old is not None and (old.trigger_id, old.on_hand_raise) == (one.play.trigger_id, one.play.on_hand_raise)
    return replace(one, play=old) if old is not None and looks and old.active else None


def _in_turns(fired: Sequence[Candidate]) -> list[Candidate]:
    """The first of each play, then the second, until there are enough."""
    by_play: dict[int, list[Candidate]] = defaultdict(list)
    for one in fired:
        by_play[one.play.pk].append(one)
    turns = [ones[turn] for turn in range(NAMED) for ones in by_play.values() if turn < len(ones)]
    return turns[:NAMED]
