"""From moments to queue items: each play decides about each of its moments, and says why.

`advance` is what a worker calls, as often as it likes and in as many processes as there are.
docs/explain/plays.md tells it for people.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from outreach.locks import lock_accounts
from outreach.models import Play, PlayDecision, QueueItem, QueueItemChange
from outreach.plays.context import (
    Candidate,
    Requester,
    Situation,
    guard_context,
    histories,
    requesters_of,
    room_of_teams,
    situations_of,
)
from outreach.plays.open_items import Firing, as_json, open_items, priority_of, reason_of
from outreach.plays.requesters import HAND_RAISE_DAYS, place_requesters
from outreach.queue.actions import expire_item, wake_snoozed
from outreach.rules.guards import Check, day_words, judge
from plgcrm.common.rounds import BEGINNING, Rounds
from plgcrm.common.sql import execute, queries, records, scalars
from signals.scoring.queue_effect import is_live

SQL = queries("outreach/sql/plays.sql")
State = PlayDecision.State

TOO_OLD = "Too old:"  # how the reason of a request that came too late begins
# A moment that was missed may be a request: found a minute later. What time alone moves can wait for five.
_DECISIONS = Rounds(seconds=60)
_REFRESHES = Rounds(seconds=300)
MOST_ROUNDS = 20
_NOTE_OF_LOST_REASON = "No longer qualifies since"


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a play makes of a moment."""

    state: str
    reason: str
    guard: str = ""
    checks: tuple[Check, ...] = ()
    recheck_at: datetime | None = None


def advance(now: datetime) -> dict[str, int]:
    """One round of everything between a moment and the queue. Safe to run twice and in parallel.

    Most rounds look only at what is recent, which costs a few index look-ups; now and then a process looks at
    everything, so that nothing stays behind whatever happened to a worker.
    """
    counts: Counter[str] = Counter()
    # In set-up mode nothing reaches a queue: moments wait for Go live.
    if not is_live():
        return {}
    # In a transaction of its own: who is who is locked after the rows that deciding holds.
    counts["of_no_company"] = place_requesters(now)
    # A bound, so that a flood of moments cannot keep one worker here while others' stages wait.
    for _ in range(MOST_ROUNDS):
        decided = decide(now)
        counts.update(decided)
        # Nothing new was found: what is left is another worker's.
        if not decided:
            break
    since = _REFRESHES.next().since(now)
    again = recheck(now, since=since)
    counts.update({f"again_{name}": number for name, number in again.items()})
    counts.update(refresh_items(now, since=since))
    counts["woken"] = wake_snoozed(now)
    return {name: number for name, number in counts.items() if number}


def decide(now: datetime, *, limit: int = 500) -> dict[str, int]:
    """What `decide_now` does, once the installation is live; before that, nothing."""
    return decide_now(now, limit=limit) if is_live() else {}


@transaction.atomic
def decide_now(now: datetime, *, limit: int = 500) -> dict[str, int]:
    """Decide about moments that no play has decided about yet; how many fired, were held back, were over.

    Moments noticed in the last minutes, and once a minute all of them. They are locked and skipped by others; a
    decision that another worker wrote first is left to it (play_decision_unique).
    """
    found = records(SQL["new_candidates"], {"minutes": _DECISIONS.next().minutes, "limit": limit})
    # A full batch says that the recent minutes were not enough.
    if len(found) == limit:
        _DECISIONS.look_at_all()
    return _settle(_candidates(found), now) if found else {}


@transaction.atomic
def recheck(now: datetime, *, limit: int = 500, since: datetime = BEGINNING) -> dict[str, int]:
    """Decide again about held decisions that are due, or whose account was measured again `since` and since then."""
    # A request held back for a week is cold: nobody may answer it as if it were fresh.
    too_old = now - timedelta(days=HAND_RAISE_DAYS)
    params = {"now": now, "since": since, "limit": limit, "too_old": too_old}
    found = records(SQL["held_candidates"], params)
    return _settle(_candidates(found), now) if found else {}


@transaction.atomic
def refresh_items(now: datetime, *, limit: int = 500, since: datetime = BEGINNING) -> dict[str, int]:
    """Rewrite the sentences of items whose account was measured again; expire those that no longer qualify.

    A claimed item is never taken out of a rep's hands: it keeps its sentence, and a note says that the reason is gone.
    """
    ids = scalars(SQL["stale_items"], {"since": since, "limit": limit})
    if not ids:
        return {}
    # A full batch says that more wait, such as all items after a change of the deal formula.
    if len(ids) == limit:
        _REFRESHES.look_at_all()
    # By id, the order in which everybody locks items.
    items = QueueItem.objects.filter(pk__in=ids).order_by("pk")
    items = items.select_related("play__trigger", "decision__moment__signal", "person")
    situations = situations_of({item.account_id for item in items})
    past = histories({item.play_id for item in items}, now=now)
    expired, fresh = [], []
    for item in items:
        if _has_lost_reason(item, situations[item.account_id]) and item.state != QueueItem.State.CLAIMED:
            expired.append(expire_item(item, words=_gone_words(item.play, now), now=now))
        else:
            fresh.append(_refreshed(item, situations[item.account_id], past, now))
    if fresh:
        execute(SQL["refreshed_items"], {"items": as_json([_row(item) for item in fresh])})
    return {name: len(done) for name, done in (("refreshed", fresh), ("expired", expired)) if done}


# --- Deciding ---------------------------------------------------------------------------------------------


def _candidates(found: list[dict[str, Any]]) -> list[Candidate]:
    plays = Play.objects.select_related("trigger").in_bulk({row["play_id"] for row in found})
    return [Candidate(play=plays[row.pop("play_id")], **row) for row in found]


def _settle(candidates: Sequence[Candidate], now: datetime) -> dict[str, int]:
    """Judge each candidate in order, write what was decided, and open the items of those that fired."""
    accounts = {one.account_id for one in candidates if one.account_id is not None}
    # Before anything is read: what the guards see of an account must hold until the item is open.
    lock_accounts(accounts)
    situations = situations_of(accounts)
    requesters, room = requesters_of(candidates), room_of_teams(candidates)
    rulings = judged(candidates, situations, requesters, room, now)
    decisions = _write(rulings, now)
    firings = [
        Firing(one, situations[one.account_id or 0], requesters.get(one.person_id or 0, Requester()), decisions[key])
        for one, outcome in rulings
        if outcome.state == State.FIRED and (key := (one.play.pk, one.moment_id)) in decisions
    ]
    _hold_unopened(firings, open_items(firings, now=now), now)
    # Another worker may have decided the same moment first, and has then told the item of it.
    _tell_open_items([each for each in rulings if (each[0].play.pk, each[0].moment_id) in decisions], now)
    return dict(Counter(str(outcome.state) for one, outcome in rulings if (one.play.pk, one.moment_id) in decisions))


def judged(
    candidates: Sequence[Candidate],
    situations: dict[int, Situation],
    requesters: dict[int, Requester],
    room: dict[int, int],
    now: datetime,
    *,
    explained: bool = True,
) -> list[tuple[Candidate, Ruling]]:
    """What becomes of each candidate, in order; each sees the items that those before it open. Writes nothing.

    Without `explained`, what each guard said is left out: for thousands that are only counted.
    """
    found: list[tuple[Candidate, Ruling]] = []
    for one in candidates:
        situation = situations.get(one.account_id or 0)
        requester = requesters.get(one.person_id or 0, Requester())
        outcome = _outcome(one, situation, requester, room, now, explained=explained)
        if situation and outcome.state == State.FIRED:
            # The next candidate of the same batch must see the item that this one will open.
            situation.open_plays[one.play.pk] = one.play.name
            # And a place less in the team, or one batch could fill it beyond its capacity.
            room[one.play.team_id] = room.get(one.play.team_id, 0) - 1
        found.append((one, outcome))
    return found


def _outcome(
    one: Candidate,
    situation: Situation | None,
    requester: Requester,
    room: dict[int, int],
    now: datetime,
    *,
    explained: bool,
) -> Ruling:
    # Over comes before held: a guard must not keep alive what can no longer fire.
    if over := _over(one, situation, now):
        return Ruling(State.OVER, over)
    context = guard_context(one, situation, person=requester, room=room.get(one.play.team_id), now=now)
    verdict = judge(context, explained=explained)
    if held := verdict.held_by:
        return Ruling(State.HELD, held.words, held.guard, verdict.checks, held.recheck_at)
    return Ruling(State.FIRED, _fired_words(one, requester, now), checks=verdict.checks)


def _over(one: Candidate, situation: Situation | None, now: datetime) -> str:
    """Why nothing will come of it any more; empty while something may."""
    if not one.play.active:
        return "The play was switched off."
    if one.play.on_hand_raise:
        if is_too_old(one.at, now):
            return f"{TOO_OLD} requested on {day_words(one.at, now)}, more than {HAND_RAISE_DAYS} days ago."
    # The trigger was false in between: two sentences about one account would contradict each other.
    elif one.superseded:
        return "It became true again later, and the later moment counts."
    elif situation and not is_true(one.play, situation):
        return _gone_words(one.play, now)
    worked = situation.last_worked.get(one.play.pk) if situation else None
    # They asked while an item was open, and its rep has since answered: a second item would ask twice.
    if one.held_by == "one_open_item" and worked and worked > one.at:
        return f"Handled by the item closed on {day_words(worked, now)}."
    return ""


def is_too_old(at: datetime, now: datetime) -> bool:
    """Whether a request of then can no longer be answered as if it were fresh."""
    return at < now - timedelta(days=HAND_RAISE_DAYS)


def is_true(play: Play, situation: Situation) -> bool:
    """Whether the play's trigger holds now; before the first scoring run the moment is all we know."""
    # An account that was never measured has no state that could say that the trigger is false.
    return play.trigger is None or not situation.measured or bool(situation.triggers.get(play.trigger.slug))


def _gone_words(play: Play, now: datetime) -> str:
    about = f"“{play.trigger.name}”" if play.trigger else "It"
    return f"{about} is no longer true as of {day_words(now, now)}."


def _fired_words(one: Candidate, requester: Requester, now: datetime) -> str:
    if one.play.on_hand_raise:
        return f"{requester.name[:100]} made a request on {day_words(one.at, now)}."
    name = one.play.trigger.name if one.play.trigger else one.play.name
    return f"“{name}” became true on {day_words(one.at, now)}, and no guard is holding it back."


# --- Writing ----------------------------------------------------------------------------------------------


def _record(one: Candidate, outcome: Ruling, now: datetime) -> dict[str, Any]:
    return {
        "id": one.decision_id,
        "play": one.play.pk,
        "moment": one.moment_id,
        "account": one.account_id,
        "state": outcome.state,
        "guard": outcome.guard,
        "reason": outcome.reason,
        "checks": [check.to_json() for check in outcome.checks],
        "recheck_at": outcome.recheck_at.isoformat() if outcome.recheck_at else None,
        "decided_at": now.isoformat(),
    }


def _write(judged: Sequence[tuple[Candidate, Ruling]], now: datetime) -> dict[tuple[int, int], int]:
    """The decision of each (play, moment) that is ours."""
    old = [_record(one, outcome, now) for one, outcome in judged if one.decision_id]
    new = [_record(one, outcome, now) for one, outcome in judged if not one.decision_id]
    ours = {(one.play.pk, one.moment_id): one.decision_id for one, _ in judged if one.decision_id}
    # Held decisions are changed in place: one row for each play and moment, however often it is looked at.
    if old:
        execute(SQL["changed_decisions"], {"decisions": as_json(old)})
    # Only what this worker wrote comes back; what another one decided first is not ours to act on.
    written = records(SQL["new_decisions"], {"decisions": as_json(new)}) if new else []
    return ours | {(row["play_id"], row["moment_id"]): row["id"] for row in written}


def _hold_unopened(firings: Sequence[Firing], opened: set[int], now: datetime) -> None:
    """Somebody else opened an item between our look and our insert: say so in the decision."""
    late = [firing.decision_id for firing in firings if firing.decision_id not in opened]
    if late:
        PlayDecision.objects.filter(pk__in=late).update(
            state=State.HELD,
            guard="one_open_item",
            reason="An item of this play is already open for this account.",
            recheck_at=now + timedelta(days=1),
        )


def _tell_open_items(judged: Sequence[tuple[Candidate, Ruling]], now: datetime) -> None:
    """Who asks again while an item is open is heard: the item's history says so, once."""
    again = {
        (one.play.pk, one.account_id): one
        for one, outcome in judged
        # Held by it before means that the item's history has said so already.
        if one.play.on_hand_raise and outcome.guard == "one_open_item" and one.held_by != "one_open_item"
    }
    if not again:
        return
    plays, accounts = {play for play, _ in again}, {account for _, account in again}
    items = QueueItem.objects.filter(play__in=plays, account__in=accounts, state__in=QueueItem.LIVE)
    changes = [
        QueueItemChange(item=item, verb="asked-again", before={}, note=_words_of(one), at=now)
        for item in items
        if (one := again.get((item.play_id, item.account_id)))
    ]
    QueueItemChange.objects.bulk_create(changes)


def _words_of(one: Candidate) -> str:
    return str(one.said.get("text") or one.said.get("name") or one.signal)[:300]


# --- Refreshing -------------------------------------------------------------------------------------------


def _has_lost_reason(item: QueueItem, situation: Situation) -> bool:
    return situation.measured and not is_true(item.play, situation)


def _refreshed(item: QueueItem, situation: Situation, past: dict[int, Any], now: datetime) -> QueueItem:
    """The same item with today's sentence. Whose reason is gone while a rep holds it keeps its sentence and says so."""
    item.facts_as_of = situation.measured_at or now
    # The rep may be on the phone with them: the sentence they speak from stays.
    if _has_lost_reason(item, situation):
        # Once: the account is measured again every few minutes.
        if _NOTE_OF_LOST_REASON not in item.note:
            item.note = f"{item.note}\n{_NOTE_OF_LOST_REASON} {day_words(now, now)}.".strip()[:1000]
        return item
    moment = item.decision.moment
    person = str(item.person) if item.person else "Someone"
    signal = moment.signal.name if moment.signal else ""
    reason = reason_of(item.play, situation, said=moment.facts, signal=signal, person=person, at=item.facts_as_of)
    # From the day it was made, not from today: waiting must count, or the order would be lost.
    priority = priority_of(item.play, situation, past, created_at=item.created_at)
    # Whom to speak to was decided when the item opened; a new sentence does not change the person.
    kept = {"to_whom": item.facts["to_whom"]} if "to_whom" in item.facts else {}
    item.why_now, item.facts = reason.why_now, reason.facts | kept
    item.priority, item.priority_parts = priority.value, priority.parts()
    return item


def _row(item: QueueItem) -> dict[str, Any]:
    columns = ("id", "why_now", "facts", "priority", "priority_parts", "note")
    return {name: getattr(item, name) for name in columns} | {"facts_as_of": item.facts_as_of.isoformat()}
