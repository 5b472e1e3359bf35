"""What truly happens at a few companies that use an invented product, heard of by us or not."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from tests.clock import T0
from tests.invented.product import DECOYS, TOPICS, Deed, Product, Sent

FIRST, LAST = ("Ada", "Bo", "Cleo", "Dev", "Eli", "Fay"), ("Lane", "Mori", "Novak", "Okoro", "Perez")
TITLES = ("Head of Operations", "Analyst", "CTO", "Office Manager")
NAMES = ("Harrow", "Kestrel", "Linden", "Marlow", "Osprey", "Pinnace", "Quarry", "Rowan")
LISTENING = (1 / 24, 1, 6, 20, 45, 120, 365)  # days


@dataclass(frozen=True)
class TrueWorkspace:
    """One tenant, with what is true of it; `sends`: which of that its product's servers happen to know."""

    id: str
    plan: str
    revenue: int
    seats: int
    seats_used: int
    limit: int
    limit_used: int
    sends: frozenset[str]


@dataclass(frozen=True)
class TruePerson:
    id: str
    first: str
    last: str
    title: str
    role: str
    email: str
    signed_up: datetime
    workspace: TrueWorkspace

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"


@dataclass(frozen=True)
class Happening:
    """Somebody did something."""

    at: datetime
    person: TruePerson
    deed: Deed
    said: dict[str, Any] = field(default_factory=dict)  # by property term


@dataclass
class TrueAccount:
    """A company and everything that ever happened there."""

    name: str
    domain: str
    industry: str
    country: str
    employees: int
    signed_up: datetime
    workspaces: list[TrueWorkspace]
    people: list[TruePerson]
    happened: list[Happening] = field(default_factory=list)


@dataclass
class World:
    """A product, its customers, and since when we listen."""

    seed: int
    product: Product
    since: datetime
    accounts: list[TrueAccount]

    def messages(self) -> Iterator[dict[str, Any]]:
        """What reaches us, in order of time: the first thing that somebody does after we began says who they are."""
        heard = sorted(
            (each for account in self.accounts for each in account.happened if each.at >= self.since),
            key=lambda each: each.at,
        )
        of = {person.id: account for account in self.accounts for person in account.people}
        known: set[str] = set()
        for number, each in enumerate(heard):
            if each.person.id not in known:
                known.add(each.person.id)
                yield from self._who(each, of[each.person.id], number)
            yield _message(each, f"{self.seed}-{number}")

    def _who(self, each: Happening, account: TrueAccount, number: int) -> Iterator[dict[str, Any]]:
        at, person = each.at, each.person
        base = {"timestamp": at.isoformat(), "userId": person.id}
        traits = {"email": person.email} | self._traits("person", account, person)
        yield base | {"type": "identify", "messageId": f"{self.seed}-i{number}", "traits": traits}
        more = self._traits("company", account, person)
        yield base | {
            "type": "group", "messageId": f"{self.seed}-g{number}", "groupId": person.workspace.id, "traits": more,
        }  # fmt: skip

    def _traits(self, of: str, account: TrueAccount, person: TruePerson) -> dict[str, Any]:
        traits: dict[str, Any] = {}
        for slug, sent in self.product.traits.items():
            if sent.of == of and (of == "person" or slug in person.workspace.sends):
                _put(traits, sent, sent.write(true_trait(slug, account, person, self.product)))
        decoys = Random(person.workspace.id)
        for words, sent in self.product.decoys.items():
            if sent.of == of:
                _put(traits, sent, DECOYS[words](decoys))
        return traits


def true_trait(slug: str, account: TrueAccount, person: TruePerson, product: Product) -> Any:
    """What a trait would say if it were sent."""
    place = person.workspace
    values: dict[str, Any] = {
        "company_name": account.name, "plan": place.plan, "monthly_revenue": place.revenue,
        "paying": product.plans[place.plan] == "paid", "seats": place.seats, "seats_used": place.seats_used,
        "limit": place.limit, "limit_used": place.limit_used, "employees": account.employees,
        "industry": account.industry, "country": account.country, "company_created_at": account.signed_up,
        "person_name": person.name, "title": person.title, "role": person.role, "created_at": person.signed_up,
    }  # fmt: skip
    return values[slug]


def _put(traits: dict[str, Any], sent: Sent, value: Any) -> None:
    *nest, last = sent.path.split(".")
    for key in nest:
        traits = traits.setdefault(key, {})
    traits[last] = value


def _message(each: Happening, number: str) -> dict[str, Any]:
    name = {"event": each.deed.name} if each.deed.kind == "track" else {"name": each.deed.name}
    properties = {each.deed.paths[term]: value for term, value in each.said.items()}
    return {
        "type": each.deed.kind, "messageId": number, "timestamp": each.at.isoformat(), "userId": each.person.id,
        "context": {"groupId": each.person.workspace.id}, "properties": properties,
    } | name  # fmt: skip


# --- Inventing it -----------------------------------------------------------------------------------------


def world_of(seed: int, product: Product, rng: Random) -> World:
    """Three or four companies of the product; the same for the same seed."""
    since = T0 - timedelta(days=rng.choice(LISTENING))
    accounts = [_account(rng, seed, place, product, since) for place in range(rng.randint(3, 4))]
    return World(seed, product, since, accounts)


def _account(rng: Random, seed: int, place: int, product: Product, since: datetime) -> TrueAccount:
    name = f"{rng.choice(NAMES)} {'Ltd' if place % 2 else 'Works'}"
    domain = f"{name.split()[0].lower()}-{seed}-{place}.com"
    signed_up = T0 - timedelta(days=rng.choice((2, 5, 9, 40, 200, 900)), hours=rng.randint(1, 20))
    workspaces = [_workspace(rng, f"w{seed}-{place}-{n}", product) for n in range(rng.choice((1, 1, 2)))]
    industry, country = rng.choice(("Software", "Retail", "Media")), rng.choice(("DE", "US", "JP"))
    account = TrueAccount(name, domain, industry, country, rng.choice((8, 60, 340, 1500)), signed_up, workspaces, [])
    for n in range(rng.choice((1, 3, 9))):
        account.people.append(_person(rng, account, n, product))
    account.happened = sorted(_life(rng, account, product, since), key=lambda each: each.at)
    return account


def _workspace(rng: Random, name: str, product: Product) -> TrueWorkspace:
    plan = rng.choice(list(product.plans))
    seats, limit = rng.choice((5, 10, 1200)), rng.choice((10, 50, 2500))
    used, spent = (int(all_of * rng.choice((0.2, 0.5, 0.92, 1))) for all_of in (seats, limit))
    paid = product.plans[plan] == "paid"
    revenue = rng.choice((40, 250, 1200, 3500)) if paid else 0
    sends = frozenset(slug for slug in product.traits if rng.random() < 0.85)
    return TrueWorkspace(name, plan, revenue, seats, used, limit, spent, sends)


def _person(rng: Random, account: TrueAccount, place: int, product: Product) -> TruePerson:
    first, last = FIRST[place % len(FIRST)], LAST[place % len(LAST)]
    later = timedelta(0) if place == 0 else (T0 - account.signed_up) * rng.random() * 0.9
    return TruePerson(
        f"{account.domain}-{place}", first, last, rng.choice(TITLES), product.roles[min(place, 1)],
        f"{first}.{last}{place}@{account.domain}".lower(), account.signed_up + later,
        account.workspaces[place % len(account.workspaces)],
    )  # fmt: skip


def _life(rng: Random, account: TrueAccount, product: Product, since: datetime) -> Iterator[Happening]:
    for person in account.people:
        if deed := product.deeds.get("signed-up"):
            yield Happening(person.signed_up, person, deed)
        yield from _deeds_of(rng, person, product)
        if rng.random() < 0.9:  # somebody who does nothing after we began is never heard of
            yield Happening(max(since, person.signed_up) + timedelta(minutes=3), person, rng.choice(product.noise))


def _deeds_of(rng: Random, person: TruePerson, product: Product) -> Iterator[Happening]:
    lasted = min((T0 - person.signed_up).total_seconds(), 100 * 86_400.0)
    others = [deed for slug, deed in product.deeds.items() if slug != "signed-up"]
    for _ in range(rng.randint(2, 12)):
        deed = rng.choice([*others, *product.noise])
        # More of it lately, as long as they have been there.
        at = T0 - timedelta(seconds=lasted * rng.random() ** 2)
        if deed.slug == "demo-requested" and rng.random() < 0.5:
            continue
        yield Happening(at, person, deed, _said(rng, deed))


def _said(rng: Random, deed: Deed) -> dict[str, Any]:
    values = {
        "text": rng.choice(("Can we talk about single sign-on?", "We are many more soon.")),
        "topic": rng.choice(list(TOPICS)),
        "ticket": rng.randint(1000, 9999),
        "rating": rng.choice((1, 2, 4, 5)),
    }
    return {term: values[term] for term in deed.paths}
