"""Who calls the API, and what there is to see."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from accounts.models import Account, Assignment, Person
from outreach.models import Play, QueueItem, Team
from signals.models import Score, ScoringModel, ScoringModelVersion
from tests.cast import api_client_of, play_part
from tests.clock import T0
from tests.factories import make_item

INVITED = {"measure": {"kind": "count", "signals": ["invited"], "days": 30}, "op": ">=", "value": 1}
CRITERIA = [
    {"slug": "invited", "name": "Invited somebody", "rule": INVITED, "points": 70}
    | {"group": None, "cap": None, "half_life": None, "person": True}
]
TIERS = [
    {"slug": "nurture", "name": "Nurture", "from": 0},
    {"slug": "upgrade", "name": "Upgrade", "from": 41},
    {"slug": "inside", "name": "Inside sales", "from": 65},
]

MakeItem = Callable[..., QueueItem]
MakeScore = Callable[..., Score]


@pytest.fixture
def team(shipped: None) -> Team:
    return Team.objects.get(slug="sales")


@pytest.fixture
def as_rep(rita: User) -> APIClient:
    return api_client_of(rita)


@pytest.fixture
def as_outsider(olga: User) -> APIClient:
    return api_client_of(olga)


@pytest.fixture
def as_manager(mona: User) -> APIClient:
    return api_client_of(mona)


@pytest.fixture
def as_reader(shipped: None) -> APIClient:
    return api_client_of(play_part("rolf"))


@pytest.fixture
def as_nobody(shipped: None) -> APIClient:
    return api_client_of(play_part("nick"))


@pytest.fixture
def lane(acme: Account) -> Person:
    return Person.objects.create(name="Ada Lane", email="ada@acme.example", title="CTO", account=acme)


@pytest.fixture
def owned(acme: Account, rita: User) -> Assignment:
    return Assignment.objects.create(account=acme, rep=rita, started_at=T0)


@pytest.fixture
def version(db: None) -> ScoringModelVersion:
    ScoringModel.objects.all().delete()
    model = ScoringModel.objects.create(kind="pql", name="Points")
    return ScoringModelVersion.objects.create(
        scoring_model=model, number=3, state="live", tiers=TIERS, criteria=CRITERIA, published_at=T0
    )


@pytest.fixture
def score(version: ScoringModelVersion) -> MakeScore:
    def make(points: int, *, account: Account | None = None, person: Person | None = None) -> Score:
        tier = next(tier["slug"] for tier in reversed(TIERS) if points >= int(str(tier["from"])))
        return Score.objects.create(
            scoring_model=version.scoring_model,
            version=version,
            account=account,
            person=person,
            points=points,
            tier=tier,
            qualified=points >= 65,
            breakdown={"invited": [points, 0, [[True, 3.0]]]},
            as_of=T0.date(),
            changed_at=T0,
        )

    return make


@pytest.fixture
def play(team: Team) -> Play:
    return Play.objects.create(
        slug="api-hands", name="Hand raisers", on_hand_raise=True, team=team, persona="user", sla_minutes=5
    )


@pytest.fixture
def item(play: Play) -> MakeItem:
    def make(account: Account, **given: object) -> QueueItem:
        asked = {"why_now": "Ada asked for a demo.", "sla_class": 0, "facts": {}, "priority_parts": {}}
        due = {"due_at": T0 + timedelta(minutes=5)}
        return make_item(account, play, now=T0, **asked | due | given)

    return make


@pytest.fixture
def many_accounts(db: None) -> list[Account]:
    named = [Account(name=f"Company {n:02}", domain=f"c{n:02}.example") for n in range(12)]
    return Account.objects.bulk_create(named)
