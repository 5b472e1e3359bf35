"""What is true of one installation: companies, their people, the ids each of them goes by, and what they did."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from random import Random
from typing import Any

from tests.clock import T0

APP, BILLING, WEBSITE = "app", "billing", "website"  # two servers and a page
FREE_MAIL = ("gmail.com", "outlook.com", "gmx.de")
COMPANIES = ("kestrel.com", "harrow.de", "linden.co.uk", "osprey.io", "quarry.fr", "rowan.com.au")
NAMES = ("ada", "bo", "cleo", "dev", "eli", "fay", "gus", "hana", "ivo", "jun", "kim", "lev", "mia", "noa", "ole")
NEXT = ("thistle.com", "umber.de", "vesper.io")
DAYS = 30

Id = tuple[str, str, str]  # source, "user" or "anonymous", value


@dataclass(frozen=True)
class Human:
    """Somebody, and the ids that are truly theirs. `company`: the domain whose account their usage counts for."""

    name: str
    email: str
    company: str | None
    user: str
    since: datetime
    home: str = APP  # the source of `user`
    billing: str | None = None
    device: str | None = None
    workspace: str | None = None
    has_page: bool = False  # uses the website logged in, under the same user id
    left_at: datetime | None = None  # for another company
    next_company: str = ""

    def account(self, at: datetime) -> str | None:
        """Whose customer they are at a moment."""
        return self.next_company if self.left_at and at >= self.left_at else self.company


@dataclass(frozen=True)
class Sent:
    """One message as some source sends it."""

    source: str
    body: dict[str, Any]
    at: datetime


@dataclass
class World:
    """Everybody, everything that is sent, and what is true of it."""

    rng: Random
    people: list[Human] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    owners: dict[Id, str] = field(default_factory=dict)
    joins: list[tuple[Id, Id]] = field(default_factory=list)  # that a machine may make of what was sent
    usage: Counter[tuple[str | None, date]] = field(default_factory=Counter)
    _numbers: Any = field(default_factory=lambda: count(1))

    def number(self) -> int:
        return next(self._numbers)

    def send(self, source: str, kind: str, at: datetime, **body: Any) -> None:
        message = {"type": kind, "messageId": f"h{self.number()}", "timestamp": at.isoformat()}
        self.sent.append(Sent(source, message | {key: value for key, value in body.items() if value is not None}, at))

    def act(self, source: str, at: datetime, who: Human | str | None, **body: Any) -> None:
        """Something is done, by somebody or for an account."""
        self.send(source, "track", at, event="Item Created", **body)
        self.usage[who.account(at) if isinstance(who, Human) else who, at.date()] += 1

    def own(self, human: str, source: str, kind: str, value: str) -> Id:
        found = (source, kind, value)
        assert self.owners.setdefault(found, human) == human
        return found

    def after(self, human: Human, *, days: float = 0.0) -> datetime:
        """Some moment after somebody was introduced."""
        left = (T0 - human.since).total_seconds() - 3_600 - days * 86_400
        return human.since + timedelta(days=days, seconds=self.rng.uniform(3_600, max(left, 3_700)))


def make_world(seed: int) -> World:
    """A few companies and some people of none, with everything honest that they send."""
    world = World(Random(seed))
    for domain in world.rng.sample(COMPANIES, world.rng.randint(2, 3)):
        _settle(world, domain)
    for _ in range(world.rng.randint(1, 2)):
        _introduce(world, _somebody(world, world.rng.choice(FREE_MAIL), None, None))
    for human in world.people:
        if human.left_at:
            address = f"{human.name}@{human.next_company}"
            world.send(human.home, "identify", human.left_at, userId=human.user, traits={"email": address})
    return world


def _settle(world: World, domain: str) -> None:
    workspace = f"{domain.split('.')[0]}-team" if world.rng.random() < 0.7 else None
    for place in range(world.rng.randint(1, 3)):
        human = _somebody(world, domain, domain, workspace)
        _introduce(world, human)
        if human.workspace:
            traits = {"name": domain.title()} | ({"website": f"https://{domain}"} if world.rng.random() < 0.3 else {})
            world.send(APP, "group", human.since + timedelta(minutes=place + 1), userId=human.user, groupId=workspace,
                       traits=traits)  # fmt: skip


def _somebody(world: World, host: str, company: str | None, workspace: str | None) -> Human:
    rng, number = world.rng, world.number()
    name = f"{rng.choice(NAMES)}{number}"
    since = T0 - timedelta(days=DAYS - rng.uniform(0, 8))
    if rng.random() < 0.15:  # somebody in finance, whom only the billing server knows
        return Human(name, f"{name}@{host}", company, f"fin{number}x", since, BILLING)
    return Human(
        name=name,
        email=f"{name}@{host}",
        company=company,
        user=f"u{number}x",
        since=since,
        billing=f"cus{number}b" if rng.random() < 0.4 else None,
        device=f"dev-{number}-{rng.randrange(10**6)}" if rng.random() < 0.6 else None,
        workspace=workspace,
        has_page=rng.random() < 0.3,
        **_next_job(world, since) if company and not workspace else {},
    )


def _next_job(world: World, since: datetime) -> dict[str, Any]:
    if world.rng.random() < 0.6:
        return {}
    day = (since + timedelta(days=world.rng.randint(4, 15))).replace(hour=0, minute=0, second=1, microsecond=0)
    return {"left_at": day, "next_company": world.rng.choice(NEXT)}


def _introduce(world: World, human: Human) -> None:
    """Each id says once, honestly, whose it is; then they use the product."""
    world.people.append(human)
    user = world.own(human.name, human.home, "user", human.user)
    traits = {"email": human.email, "name": human.name.title()}
    world.send(human.home, "identify", human.since, userId=human.user, traits=traits)
    if human.billing:
        _bill(world, human, user)
    if human.device:
        _visit(world, human, user)
    if human.has_page:
        page = world.own(human.name, WEBSITE, "user", human.user)
        at = world.after(human)
        world.send(WEBSITE, "identify", at, userId=human.user, traits={"email": human.email})
        world.act(WEBSITE, at + timedelta(minutes=1), human, userId=human.user)
        world.joins.append((user, page))
    inside = {"context": {"groupId": human.workspace}} if human.workspace else {}
    for _ in range(world.rng.randint(1, 3)):
        where = inside if world.rng.random() < 0.6 else {}
        world.act(human.home, world.after(human), human, userId=human.user, **where)


def _bill(world: World, human: Human, user: Id) -> None:
    """Another server knows them by an id of its own and the same address, perhaps with a tag."""
    payer = world.own(human.name, BILLING, "user", human.billing or "")
    local, _, host = human.email.partition("@")
    address = f"{local}+invoices@{host}" if world.rng.random() < 0.3 else human.email
    at = human.since + timedelta(hours=world.rng.uniform(0, 12))
    world.send(BILLING, "identify", at, userId=human.billing, traits={"email": address})
    world.act(BILLING, world.after(human), human, userId=human.billing)
    world.joins.append((user, payer))


def _visit(world: World, human: Human, user: Id) -> None:
    """A visitor without a name who logs in, or whom the server names in an alias."""
    visitor = world.own(human.name, APP, "anonymous", human.device or "")
    at = human.since + timedelta(hours=world.rng.uniform(0, 12))
    world.act(APP, at - timedelta(minutes=9), human, anonymousId=human.device)
    if world.rng.random() < 0.5:
        world.act(APP, at, human, userId=human.user, anonymousId=human.device)
    else:
        world.send(APP, "alias", at, userId=human.user, previousId=human.device)
    world.act(APP, world.after(human, days=1), human, anonymousId=human.device)
    world.joins.append((user, visitor))
