"""Opening queue items for plays that fired: who works it, whom to speak to, why now, and how urgent."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from outreach import own_state
from outreach.models import Play
from outreach.plays.contacts import Contact, ContactChoice, choose, members_of
from outreach.plays.context import Candidate, Requester, Situation, histories
from outreach.plays.desk_rules import desk_rules
from outreach.plays.routing import Wish, route, zones_of
from outreach.plays.why_now import Facts, facts_json, hand_raise_facts, sentence
from outreach.rules.business_time import due_after, hours_in
from outreach.rules.priority import History, Priority, prioritise, sla_class
from plgcrm.common.sql import queries, scalars

SQL = queries("outreach/sql/plays.sql")


@dataclass(frozen=True, slots=True)
class Firing:
    """A candidate that passed its guards, with the decision that says so."""

    candidate: Candidate
    situation: Situation
    requester: Requester
    decision_id: int


@dataclass(frozen=True, slots=True)
class Reason:
    """The sentence of an item, its facts and the day they were measured on."""

    why_now: str
    facts: dict[str, Any]
    facts_as_of: datetime


def open_items(firings: Sequence[Firing], *, now: datetime) -> set[int]:
    """Open an item for each; the ids of the decisions that got one. The others found one open already."""
    if not firings:
        return set()
    wishes = [Wish(f.candidate.play.team_id, f.situation.owner_id, f.candidate.play.on_hand_raise) for f in firings]
    # Routing locks the reps, the last in the order of locks: everything else is locked by now.
    reps = route(wishes, now=now)
    zones = zones_of(reps)
    past = histories({f.candidate.play.pk for f in firings}, now=now)
    people = members_of(_to_be_searched(firings), now=now)
    items = [
        _item(firing, rep, zones.get(rep or 0, "UTC"), past, people.get(firing.situation.account_id, []), now)
        for firing, rep in zip(firings, reps, strict=True)
    ]
    opened = set(scalars(SQL["new_items"], {"items": as_json(items)}))
    own_state.changed(item["account"] for item in items if item["decision"] in opened)
    return opened


def as_json(records: list[dict[str, Any]]) -> str:
    """A parameter for jsonb_to_recordset."""
    return json.dumps(records, cls=DjangoJSONEncoder)


def reason_of(
    play: Play, situation: Situation, *, said: dict[str, Any], signal: str, person: str, at: datetime
) -> Reason:
    """Why now, by what is known of the account now; of an account never measured, as of the moment itself."""
    facts = situation.facts
    if play.on_hand_raise:
        # What was said in the request stands beside the measures, for the sentence may quote it.
        facts = facts | hand_raise_facts(said, person=person, signal=signal)
    trigger = play.trigger
    told = sentence(play.why_now_lines, facts, otherwise=f"{trigger.name if trigger else play.name}.")
    # Only the facts that the sentence speaks of: a reader can trace each, and no more is stored.
    kept = facts_json(told.names, facts, as_of=situation.as_of)
    return Reason(told.text, kept, situation.measured_at or at)


def priority_of(play: Play, situation: Situation, past: dict[int, History], *, created_at: datetime) -> Priority:
    """The priority of an item of this play for this account; it never changes with the clock."""
    return prioritise(
        history=past.get(play.pk, History()),
        prior=play.prior_rate,
        facts=situation.deal_facts,
        created_at=created_at,
        formula=desk_rules().formula,
    )


def _to_be_searched(firings: Sequence[Firing]) -> list[int]:
    """The accounts in which somebody must be found; whoever made the request is found already."""
    return [f.situation.account_id for f in firings if not f.candidate.play.on_hand_raise]


def _whom(firing: Firing, members: list[Contact], facts: Facts) -> ContactChoice:
    play, candidate = firing.candidate.play, firing.candidate
    # Whoever asked is answered, whatever persona the play is for.
    if play.on_hand_raise and candidate.person_id:
        requester = Contact(candidate.person_id, firing.requester.name, "", "")
        return ContactChoice(requester, "Made the request")
    return choose(members, play.persona, company_size=firing.situation.number("employees"))


def _item(
    firing: Firing, rep: int | None, zone: str, past: dict[int, History], members: list[Contact], now: datetime
) -> dict[str, Any]:
    candidate, situation, play = firing.candidate, firing.situation, firing.candidate.play
    reason = reason_of(
        play,
        situation,
        said=candidate.said,
        signal=candidate.signal,
        person=firing.requester.name,
        # A client's clock may run ahead; an item must not be measured in the future.
        at=min(candidate.at, now),
    )
    whom = _whom(firing, members, situation.facts)
    priority = priority_of(play, situation, past, created_at=now)
    return {
        "account": situation.account_id,
        "person": whom.person_id,
        "play": play.pk,
        "decision": firing.decision_id,
        "rep": rep,
        "why_now": reason.why_now,
        "facts": reason.facts | {"to_whom": {"value": whom.words, "measure": None, "reads": "who to talk to"}},
        "facts_as_of": reason.facts_as_of.isoformat(),
        "sla_class": sla_class(hand_raised=play.on_hand_raise, sla_minutes=play.sla_minutes),
        "priority": priority.value,
        "priority_parts": priority.parts(),
        "due_at": due_after(_asked_at(candidate, now), play.sla_minutes, hours_in(zone)).isoformat(),
        "created_at": now.isoformat(),
    }


def _asked_at(candidate: Candidate, now: datetime) -> datetime:
    """The clock of a request starts when it was made, that of the others when we noticed."""
    return min(candidate.at, now) if candidate.play.on_hand_raise else now
