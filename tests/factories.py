"""Rows for tests that need a desk with something on it: companies, people, usage, scores, items.

Written straight into the tables; tests of the way there send events instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.contrib.auth.models import User

from accounts.models import Account, Actor, Assignment, Person, Workspace
from outreach.models import Play, PlayDecision, QueueItem
from outreach.plays.why_now import fact_keys
from signals.facts import all_facts
from signals.models import (
    AccountState,
    Moment,
    Score,
    ScoringModel,
    ScoringModelVersion,
    SignalDefinition,
    Usage,
)
from tests.boards import set_up_boards
from tests.cast import CAST, play_part
from tests.clock import T0

_numbers = count(1)


@dataclass
class Desk:
    """The cast: two reps of one team, an outsider, a manager, an admin and a reader."""

    rita: User
    tom: User
    olga: User
    mona: User
    ada: User
    rolf: User
    plays: dict[str, Play]
    now: datetime
    items: list[QueueItem] = field(default_factory=list)


def make_desk(now: datetime, *, companies: int = 0) -> Desk:
    """The shipped configuration, the cast, and items on Rita's queue, one a company."""
    set_up_boards()
    desk = Desk(
        **{name: play_part(name) for name in CAST if name != "nick"},
        plays={play.slug: play for play in Play.objects.all()},
        now=now,
    )
    all_facts()  # read once in ten seconds, and not by each page
    slugs = list(desk.plays)
    for number in range(companies):
        account = make_company(f"Company {number:02}", now=now, people=3, points=120 - number)
        slug = slugs[number % len(slugs)]
        desk.items.append(make_item(account, desk.plays[slug], now=now, rep=desk.rita, priority=100.0 - number))
    return desk


def make_company(
    name: str, *, now: datetime, people: int = 3, points: int | None = 80, domain: str = "", days: int = 20
) -> Account:
    """With a workspace, people who are active on each of the last days, measures and a score."""
    number = next(_numbers)
    domain = domain or f"company{number}.example"
    account = Account.objects.create(name=name, domain=domain)
    workspace = Workspace.objects.create(source_id=1, external_id=f"w{number}", name=name, account=account)
    for place in range(people):
        person = make_person(account, f"Person {place} of {name}"[:200], f"p{place}@{domain}")
        make_usage(person, account, workspace, now=now, days=range(0, days, place + 1))
    keys = fact_keys()
    measures = {keys["people_active_30"]: people, keys["plan"]: "team", keys["employees"]: 120}
    AccountState.objects.create(
        account=account, measures=measures, fingerprint=number, as_of=now.date(), changed_at=now
    )
    if points is not None:
        make_score(account, points, now=now)
    return account


def make_account(name: str = "", owner: User | None = None) -> Account:
    """The row alone, and whose it is."""
    number = next(_numbers)
    account = Account.objects.create(name=name or f"Company {number}", domain=f"company{number}.example")
    if owner:
        Assignment.objects.create(account=account, rep=owner, started_at=T0)
    return account


def make_person(
    account: Account | None, name: str = "Ada Lane", email: str | None = None, title: str = "", **columns: Any
) -> Person:
    """With an address of their own where none is given."""
    email = f"person{next(_numbers)}@mail.example" if email is None else email
    return Person.objects.create(name=name, email=email, title=title, account=account, **columns)


def make_usage(
    person: Person, account: Account, workspace: Workspace | None, *, now: datetime, days: Sequence[int]
) -> Actor:
    """Activity on so many days ago."""
    actor = Actor.objects.create(profile=person, workspace=workspace, first_at=now, person=person, account=account)
    activity = SignalDefinition.objects.get(signal__slug="activity", state="current")
    Usage.objects.bulk_create(
        Usage(actor=actor, definition=activity, day=now.date() - timedelta(days=day), count=2) for day in days
    )
    return actor


def make_score(account: Account, points: int, *, now: datetime, kind: str = "pql") -> Score:
    """A score whose breakdown adds up to the points."""
    model = ScoringModel.objects.get(kind=kind)
    version = ScoringModelVersion.objects.get(scoring_model=model, state="live")
    tier = next(tier for tier in reversed(version.tiers) if points >= tier["from"])
    return Score.objects.create(
        scoring_model=model,
        version=version,
        account=account,
        points=points,
        tier=tier["slug"],
        qualified=points >= version.threshold,
        breakdown=make_breakdown(version.criteria, points),
        as_of=now.date(),
        changed_at=now,
    )


def make_breakdown(criteria: Sequence[dict[str, Any]], points: int) -> dict[str, Any]:
    """As scoring stores it: the first two criteria with one condition share the points, the third is not met."""
    plain = [criterion["slug"] for criterion in criteria if "measure" in criterion["rule"]]
    earned = (points // 2, points - points // 2, 0)
    return {slug: [paid, 0, [[paid > 0, 9.0 if paid else 0.0]]] for slug, paid in zip(plain, earned, strict=False)}


def make_item(account: Account, play: Play, *, now: datetime, rep: User | None = None, **given: Any) -> QueueItem:
    """Open, with its moment and its decision."""
    number = next(_numbers)
    moment = Moment.objects.create(
        kind="trigger", cause=f"test:{number}", account=account, at=now - timedelta(hours=2), trigger=play.trigger
    )
    decision = PlayDecision.objects.create(
        play=play,
        moment=moment,
        account=account,
        state="fired",
        reason="It became true.",
        checks=[{"guard": "first_value", "held": False, "words": "They have seen first value."}],
        decided_at=now,
    )
    values = {
        "why_now": "47 of 50 seats are used.",
        "sla_class": 1,
        "priority": 10.0,
        "priority_parts": {"formula": "20.0% chance x 4,800 a year = 960; doubles for every 7 days of waiting"},
        "facts": {
            "people_active_30": {"value": 9, "reads": "people active in 30 days", "measure": "people:activity:30d"}
        },
        "facts_as_of": now,
        "due_at": now + timedelta(days=1),
        "created_at": now,
    }
    return QueueItem.objects.create(account=account, play=play, decision=decision, rep=rep, **values | given)


def hold_back(account: Account, play: Play, *, now: datetime, guard: str, reason: str) -> PlayDecision:
    number = next(_numbers)
    moment = Moment.objects.create(
        kind="trigger", cause=f"held:{number}", account=account, at=now, trigger=play.trigger
    )
    return PlayDecision.objects.create(
        play=play, moment=moment, account=account, state="held", guard=guard, reason=reason, checks=[], decided_at=now
    )
