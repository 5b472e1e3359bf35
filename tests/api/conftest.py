"""Who calls the API, and what there is to see."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest
from django.contrib.auth.models import Group, User
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from accounts.models import Account, Assignment, Person
from outreach.models import Play, PlayDecision, QueueItem, Rep, Team
from signals.models import Moment, Score, ScoringModel, ScoringModelVersion

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
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
_numbers = count(1)


def user_of(name: str, role: str | None, team: Team | None = None) -> User:
    user = User.objects.create_user(name, first_name=name.title())
    if role:
        user.groups.add(Group.objects.get_or_create(name=role)[0])
    if team:
        Rep.objects.create(user=user, team=team)
    return user


def client_of(user: User) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {Token.objects.create(user=user).key}")
    return client


@pytest.fixture
def team(db: None) -> Team:
    return Team.objects.create(slug="api-sales", name="Sales")


@pytest.fixture
def other_team(db: None) -> Team:
    return Team.objects.create(slug="api-success", name="Success")


@pytest.fixture
def rep(team: Team) -> User:
    return user_of("rita", "rep", team)


@pytest.fixture
def teammate(team: Team) -> User:
    return user_of("tom", "rep", team)


@pytest.fixture
def outsider(other_team: Team) -> User:
    return user_of("olga", "rep", other_team)


@pytest.fixture
def as_rep(rep: User) -> APIClient:
    return client_of(rep)


@pytest.fixture
def as_outsider(outsider: User) -> APIClient:
    return client_of(outsider)


@pytest.fixture
def as_manager(db: None) -> APIClient:
    return client_of(user_of("mona", "manager"))


@pytest.fixture
def as_reader(db: None) -> APIClient:
    return client_of(user_of("rosa", "read-only"))


@pytest.fixture
def as_nobody(db: None) -> APIClient:
    return client_of(user_of("nick", None))


@pytest.fixture
def acme(db: None) -> Account:
    return Account.objects.create(name="Acme Ltd", domain="acme.example")


@pytest.fixture
def beta(db: None) -> Account:
    return Account.objects.create(name="Beta GmbH", domain="beta.example")


@pytest.fixture
def ada(acme: Account) -> Person:
    return Person.objects.create(name="Ada Lane", email="ada@acme.example", title="CTO", account=acme)


@pytest.fixture
def owned(acme: Account, rep: User) -> Assignment:
    return Assignment.objects.create(account=acme, rep=rep, started_at=NOON)


@pytest.fixture
def version(db: None) -> ScoringModelVersion:
    ScoringModel.objects.all().delete()
    model = ScoringModel.objects.create(kind="pql", name="Points")
    return ScoringModelVersion.objects.create(
        scoring_model=model, number=3, state="live", tiers=TIERS, criteria=CRITERIA, published_at=NOON
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
            as_of=date(2026, 5, 4),
            changed_at=NOON,
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
        moment = Moment.objects.create(kind="hand", cause=f"api:{next(_numbers)}", account=account, at=NOON)
        decision = PlayDecision.objects.create(
            play=play,
            moment=moment,
            account=account,
            state="fired",
            reason="A hand was raised.",
            checks=[{"guard": "support_fire", "held": False, "words": "No bad rating."}],
            decided_at=NOON,
        )
        values = {"why_now": "Ada asked for a demo.", "sla_class": 0, "priority": 10.0, "facts_as_of": NOON}
        values |= {"due_at": NOON + timedelta(minutes=5), "created_at": NOON, **given}
        return QueueItem.objects.create(account=account, play=play, decision=decision, **values)

    return make


@pytest.fixture
def many_accounts(db: None) -> list[Account]:
    named = [Account(name=f"Company {n:02}", domain=f"c{n:02}.example") for n in range(12)]
    return Account.objects.bulk_create(named)
