"""What a play must know of accounts before it decides: read for a whole batch at once, never account by account."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

import msgspec
from django.db.models import Count, Q

from accounts.models import Person
from outreach.models import Play, Rep
from outreach.plays.desk_rules import desk_rules
from outreach.plays.why_now import Facts, facts_of
from outreach.rules.guards import GuardContext
from outreach.rules.priority import DealFacts, History
from outreach.rules.why_now import KnownFact
from plgcrm.common.sql import int4s, queries, records, rows
from signals.facts import AT_LEAST, all_facts
from signals.measures.kinds import SEGMENT
from signals.models import AccountState

SQL = queries("outreach/sql/plays.sql")
EFFECTS = queries("outreach/sql/effects.sql")
HISTORY_DAYS = 180
IN_SEGMENT = f"{SEGMENT}:"
INTERNAL = "internal"
AGE = "age_days"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A moment and a play that may fire on it; `decision_id` when it was held before."""

    play: Play
    moment_id: int
    decision_id: int
    at: datetime
    account_id: int | None
    person_id: int | None
    said: dict[str, Any]
    signal: str
    held_by: str
    superseded: bool
    flooded: bool = False  # one of more requests than a browser's key may raise


@dataclass(slots=True)
class Situation:
    """An account as the database has it now. Deciding adds the items it opens, for the next of the same batch."""

    account_id: int
    name: str = ""
    measured: bool = False
    facts: Facts = field(default_factory=dict)
    segments: dict[str, bool] = field(default_factory=dict)  # those that are known
    triggers: dict[str, str] = field(default_factory=dict)
    as_of: date | None = None
    measured_at: datetime | None = None
    open_plays: dict[int, str] = field(default_factory=dict)
    last_worked: dict[int, datetime] = field(default_factory=dict)
    last_contact: tuple[datetime, str] | None = None
    excluded_by: str = ""
    owner_id: int | None = None

    def number(self, name: str) -> float | None:
        value = self.facts[name].value if name in self.facts else None
        return value if isinstance(value, float | int) else None

    def is_in(self, segment: str) -> bool | None:
        """Whether it is in a segment; None where that is unknown, or there is none of that name."""
        return self.segments.get(segment)

    @property
    def signed_up_on(self) -> date | None:
        """The day of sign-up; where that is unknown, the day on which it was first seen."""
        age = self.number("age_days")
        return None if age is None or self.as_of is None else self.as_of - timedelta(days=int(age))

    @property
    def deal_facts(self) -> DealFacts:
        return DealFacts(self.number("monthly_revenue"), self.number("employees"), self.number("members"))


def situations_of(account_ids: Iterable[int]) -> dict[int, Situation]:
    """What is known of these accounts: a fixed number of queries, however many they are."""
    found = _named(account_ids)
    _read_states(found)
    _read_items(found)
    _read_exclusions(found)
    _read_owners(found)
    return found


def light_situations(account_ids: Iterable[int]) -> dict[int, Situation]:
    """The same with only those facts that decide, and not those that a sentence speaks of: for thousands at once."""
    found = _named(account_ids)
    _read_light_states(found)
    _read_items(found)
    _read_exclusions(found)
    _read_owners(found)
    return found


def copy_of(one: Situation) -> Situation:
    """The same, whose triggers, segments and open items may be changed."""
    return replace(one, segments=dict(one.segments), triggers=dict(one.triggers), open_plays=dict(one.open_plays))


def _named(account_ids: Iterable[int]) -> dict[int, Situation]:
    return {pk: Situation(pk, name) for pk, name in rows(SQL["account_names"], [int4s(sorted(set(account_ids)))])}


def holds_when() -> dict[str, int]:
    """The segments that guards look at, with what an account is when they hold a play back: inside, or surely not."""
    rules = desk_rules()
    return {slug: held for slug, held in ((INTERNAL, 1), (rules.support_fire, 1), (rules.first_value, 0)) if slug}


def _read_light_states(found: dict[int, Situation]) -> None:
    age, slugs = all_facts().get(AGE), tuple(holds_when())
    decode = _light_decoder(age.key if age else "", slugs)
    for pk, measures, triggers, as_of in rows(EFFECTS["light_states"], [int4s(list(found))]):
        one, (days, bounds, *inside) = found[pk], msgspec.structs.astuple(decode(measures))
        one.measured, one.triggers, one.as_of = True, msgspec.json.decode(triggers), as_of
        one.segments = {s: bool(value) for s, value in zip(slugs, inside, strict=True) if value is not None}
        if age and days is not None:
            one.facts = {AGE: KnownFact(days, age.key, age.reads, at_least=age.key in bounds)}


@cache
def _light_decoder(age_key: str, segments: tuple[str, ...]) -> Callable[[str], msgspec.Struct]:
    """Reads of a state's measures the age, the lower bounds, and whether it is in each of the segments."""
    keys = {"days": age_key, "bounds": AT_LEAST} | {f"inside_{n}": IN_SEGMENT + s for n, s in enumerate(segments)}
    fields = [(name, Any, () if name == "bounds" else None) for name in keys]
    return msgspec.json.Decoder(msgspec.defstruct("LightMeasures", fields, rename=keys)).decode


def _read_states(found: dict[int, Situation]) -> None:
    states = AccountState.objects.filter(account__in=found)
    for pk, measures, triggers, as_of, changed_at in states.values_list(
        "account_id", "measures", "triggers", "as_of", "changed_at"
    ):
        one = found[pk]
        one.measured, one.facts, one.triggers = True, facts_of(measures), triggers
        one.as_of, one.measured_at = as_of, changed_at
        one.segments = {
            key.removeprefix(IN_SEGMENT): bool(value) for key, value in measures.items() if key.startswith(IN_SEGMENT)
        }


def _read_items(found: dict[int, Situation]) -> None:
    accounts = [int4s(list(found))]
    for pk, play, name in rows(SQL["live_items_of"], accounts):
        found[pk].open_plays[play] = name
    # In the order of time, so that the last one stays.
    for pk, play, name, at in rows(SQL["worked_items_of"], accounts):
        found[pk].last_worked[play] = at
        found[pk].last_contact = (at, name)


def _read_exclusions(found: dict[int, Situation]) -> None:
    for pk, excluded_by in rows(SQL["wholly_excluded"], [int4s(list(found))]):
        found[pk].excluded_by = excluded_by


def _read_owners(found: dict[int, Situation]) -> None:
    for pk, owner in rows(SQL["owners_of"], [int4s(list(found))]):
        found[pk].owner_id = owner


def guard_context(
    candidate: Candidate, situation: Situation | None, *, person: "Requester", room: int | None, now: datetime
) -> GuardContext:
    """All that the guards may look at, for one play and one account as it stands."""
    play, here, rules = candidate.play, situation or Situation(0), desk_rules()
    # Of an account that is not known nothing is known: the guard on unknown companies holds it.
    at, contact_play = here.last_contact or (None, "")
    others = [name for pk, name in here.open_plays.items() if pk != play.pk]
    return GuardContext(
        now=now,
        hand_raised=play.on_hand_raise,
        guards=tuple(play.guards),
        cool_down_days=play.cool_down_days,
        person=person.name,
        account_known=situation is not None,
        flooded=candidate.flooded,
        # A request is judged by the person who made it; other plays by the company.
        excluded_by=person.excluded_by or ("" if play.on_hand_raise else here.excluded_by),
        internal=here.is_in(INTERNAL) is True,
        own_open_item=play.pk in here.open_plays,
        other_open_play=others[0] if others else "",
        support_issue=here.is_in(rules.support_fire),
        support_segment=rules.support_fire_name,
        reached_value=here.is_in(rules.first_value),
        value_segment=rules.first_value_name,
        signup_days=rules.signup_days,
        signed_up_on=here.signed_up_on,
        signed_up_surely="age_days" in here.facts and not here.facts["age_days"].at_least,
        last_contact_at=at,
        last_contact_play=contact_play,
        team_room=room,
    )


@dataclass(frozen=True, slots=True)
class Requester:
    """Who made a request, as a sentence names them."""

    name: str = "Someone"
    excluded_by: str = ""


def requesters_of(candidates: Sequence[Candidate]) -> dict[int, Requester]:
    """Who made the requests among these candidates, by id of the person."""
    # Other plays choose their person later, and only if they fire.
    wanted = {one.person_id for one in candidates if one.play.on_hand_raise and one.person_id}
    people = Person.objects.filter(pk__in=wanted) if wanted else Person.objects.none()
    return {p.pk: Requester(p.name or p.email or "Someone", p.excluded_by) for p in people}


def room_of_teams(candidates: Sequence[Candidate]) -> dict[int, int]:
    """How many more items each team's reps can take, for the teams of plays that ask."""
    teams = {one.play.team_id for one in candidates if "capacity" in one.play.guards}
    if not teams:
        return {}
    reps = Rep.objects.filter(team__in=teams, taking_items=True, user__is_active=True)
    load = Count("user__queue_items", filter=Q(user__queue_items__state__in=("open", "claimed")))
    room = dict.fromkeys(teams, 0)
    for team, capacity, items in reps.annotate(items=load).values_list("team_id", "capacity", "items"):
        # One rep beyond the capacity takes no room from the others.
        room[team] += max(capacity - items, 0)
    return room


def histories(play_ids: Iterable[int], *, now: datetime) -> dict[int, History]:
    """How many of each play's items reps closed in the last half year, and how many led to a meeting or more."""
    params = {"plays": int4s(sorted(set(play_ids))), "since": now - timedelta(days=HISTORY_DAYS)}
    return {row.pop("play_id"): History(**row) for row in records(SQL["histories"], params)}
