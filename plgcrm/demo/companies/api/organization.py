"""An organization as the product knows it: its state, and how it says what happens."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from plgcrm.demo.companies.api.content import ENDPOINTS, FEATURES, PLANS
from plgcrm.demo.companies.api.customers import HISTORY_DAYS, ApiCustomers, ApiOrganization
from plgcrm.demo.companies.pack import PlannedMessage, Properties

DAY, HOUR = 86_400.0, 3_600.0


@dataclass(slots=True)
class OrganizationState:
    """What the product knows of an organization, and what the hidden model looks at."""

    place: int
    created: float  # seconds since 1970
    volume: float  # credits that its machines ask for on a working day
    plan: str = "sandbox"
    included: int = PLANS["sandbox"][0]
    used: int = 0
    spend: int = 0
    trial_ends: float | None = None
    reached: bool = False  # first value: an answer to a request
    quota_hits: int = 0
    hit_this_month: bool = False
    month_began: float = 0.0
    prices_seen: int = 0
    premium_tried: int = 0
    features: set[str] = field(default_factory=set)
    integrations: set[str] = field(default_factory=set)
    present: list[int] = field(default_factory=list)
    seen: dict[int, float] = field(default_factory=dict)  # by user, when they last did something

    @property
    def paying(self) -> bool:
        return self.spend > 0

    def take(self, plan: str, included: int, spend: int) -> None:
        self.plan, self.included, self.spend = plan, included, spend


class ApiCalendar:
    """The 120 days that end at `now`; the last is today, up to now."""

    def __init__(self, now: datetime) -> None:
        first = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=HISTORY_DAYS - 1)
        self.start, self.end = first.timestamp(), now.timestamp()
        self.first_weekday = first.weekday()

    def weekday(self, day: int) -> int:
        return (self.first_weekday + day) % 7

    def moment(self, day: float) -> float:
        return self.start + day * DAY


@dataclass(frozen=True, slots=True)
class ApiLife:
    sample: ApiCustomers
    calendar: ApiCalendar
    states: list[OrganizationState]
    joined: list[float]  # by user, in seconds since 1970
    planned: list[PlannedMessage]


class OrganizationVoice:
    """One organization: what is decided for it at its beginning, and the messages that it sends."""

    def __init__(self, life: ApiLife, place: int, random: Random) -> None:
        self.sample, self.calendar, self.joined, self.planned = life.sample, life.calendar, life.joined, life.planned
        self.random = random
        self.organization: ApiOrganization = life.sample.organizations[place]
        self.customer = life.sample.customer_of(place)
        self.maker = self.organization.members[0]
        need = self.organization.need
        self.state = OrganizationState(place, self.joined[self.maker], random.lognormvariate(4.8 + 1.6 * need, 1.35))
        self.slope = random.gauss(0.2 * need, 0.35)
        self.endpoints = random.sample(ENDPOINTS, random.choice((1, 1, 2, 3)))
        self.liked = random.sample(FEATURES, max(0, min(6, round(1.3 + need + random.gauss(0, 1)))))
        self.keen = 1 / (1 + math.exp(-need))

    def say(self, at: float, user: int, name: str, properties: Properties | None = None, kind: str = "track") -> None:
        if self.calendar.start <= at < self.calendar.end - 1:
            self.planned.append(PlannedMessage(at, user, kind, name, properties))

    def tell_traits(self, at: float) -> None:
        self.say(at, self.maker, "", organization_traits(self.sample, self.state), kind="group")

    def meet(self, at: float, user: int) -> None:
        """The first sight of somebody: who they are, and of their organization what it is."""
        if user in self.state.present:
            return
        self.say(at, user, "", {"createdAt": iso(self.joined[user])}, kind="identify")
        self.state.present.append(user)
        if len(self.state.present) == 1:
            self.tell_traits(at + 2)

    def number(self, digits: int) -> int:
        return self.random.randrange(10 ** (digits - 1), 10**digits)


def iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def money(dollars: int) -> str:
    return f"${dollars:,}"


def organization_traits(sample: ApiCustomers, state: OrganizationState) -> Properties:
    """The traits of a group call; some customers left much out, and old clients send neither plan nor spend."""
    organization, customer = sample.organizations[state.place], sample.customer_of(state.place)
    traits: Properties = {"name": organization.name, "creditsUsed": state.used, "creditsIncluded": state.included}
    traits["createdAt"] = iso(state.created)
    if not organization.legacy:
        traits |= {"planName": state.plan, "monthlySpend": money(state.spend)}
    if state.trial_ends is not None:
        traits["trialEndsAt"] = iso(state.trial_ends)
    if customer is not None and customer.known:
        traits |= {"companySize": customer.size, "industry": customer.industry, "country": customer.home.code}
    if customer is not None and state.place % 4 == 0:
        traits["website"] = f"https://www.{customer.domain}"
    return traits
