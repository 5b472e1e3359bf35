"""What the API's people and machines do after the end of the history."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime

from plgcrm.demo.companies import names
from plgcrm.demo.companies.api.content import (
    DOCS,
    FEATURES,
    INTEGRATIONS,
    PREMIUM,
    any_category,
    request_of,
    ticket,
)
from plgcrm.demo.companies.api.customers import ApiCustomer, ApiCustomers, ApiOrganization
from plgcrm.demo.companies.api.life import simulate
from plgcrm.demo.companies.api.messages import ApiWriter
from plgcrm.demo.companies.api.organization import OrganizationState, iso, organization_traits
from plgcrm.demo.companies.api.staging import recent_users, stage
from plgcrm.demo.companies.pack import Message, PlannedMessage
from plgcrm.demo.companies.traffic import Habit, HabitualTraffic


class ApiTraffic(HabitualTraffic):
    """Built from the same sample as the history, so it knows the same people; `now` is when that ended."""

    def __init__(self, sample: ApiCustomers, now: datetime, *, rate: float) -> None:
        super().__init__(sample.seed, now, rate=rate)
        life = simulate(sample, now=now)
        stage(life)
        self.sample, self.states, self.writer = sample, life.states, ApiWriter(sample)
        recent = recent_users(life, days=14)
        lively = [user for place, users in recent.items() if sample.customer_of(place) for user in users]
        self.people = sorted(lively) or list(range(len(sample.users)))
        self.begin(now)

    def habits(self) -> tuple[Habit, ...]:
        return (
            Habit(95, self.ask),
            Habit(50, self.exceed),
            Habit(160, self.open_ticket),
            Habit(42, self.warm_up),
            Habit(45, self.fill_up),
            Habit(65, self.sign_up),
        )

    def write(self, planned_message: PlannedMessage, message_id: str) -> Message:
        return self.writer.message(planned_message, message_id)

    def someone(self, *, paying: bool | None = None) -> tuple[int, OrganizationState]:
        """Anybody lively; of a payer, or of one who does not pay, if one is found soon."""
        for _ in range(40):
            user = self.random.choice(self.people)
            state = self.states[self.sample.users[user].organization]
            if paying is None or state.paying == paying:
                break
        return user, state

    def tell(self, at: float, user: int, state: OrganizationState, *keys: str) -> None:
        """A group call with only the traits that changed, as clients send them."""
        traits = organization_traits(self.sample, state)
        self.say(at, user, "", {key: traits[key] for key in keys} if keys else traits, kind="group")

    def everyday(self, at: float) -> None:
        user, state = self.someone()
        chance = self.random.random()
        if chance < 0.35:
            self.say(at, user, "Docs", {"path": f"/docs/{self.random.choice(DOCS)}"}, kind="page")
        elif chance < 0.55:
            self.say(at, user, "Dashboard", {"path": "/dashboard"}, kind="page")
        elif chance < 0.75:
            self.say(at, user, "template.created", {"documentType": "invoice"})
        else:
            self.say(at, user, self.random.choice(sorted(state.features) or FEATURES[3:4]))

    def ask(self, at: float) -> None:
        user, _ = self.someone()
        name, properties = request_of(self.random)
        self.say(at, user, name, properties)

    def exceed(self, at: float) -> None:
        """Somebody who does not pay runs out of credits."""
        user, state = self.someone(paying=False)
        if state.paying:
            return
        state.used = state.included
        hit = {"quota": "credits", "creditsUsed": state.used, "creditsIncluded": state.included}
        self.say(at, user, "quota.exceeded", hit)
        self.tell(at, user, state, "creditsUsed", "creditsIncluded")

    def fill_up(self, at: float) -> None:
        """A payer's machines use a twentieth of the month's credits, as far as there are some."""
        user, state = self.someone(paying=True)
        count = min(state.included // 20, state.included - state.used)
        if count > 0:
            state.used += count
            self.say(at, user, "request.succeeded", {"endpoint": "/v2/extract", "count": count, "credits": count})
            self.tell(at, user, state, "creditsUsed", "creditsIncluded")

    def open_ticket(self, at: float) -> None:
        user, _ = self.someone()
        number = self.random.randint(1_000_000, 9_999_999)
        opened = ticket(self.random, any_category(self.random), number, self.sample.users[user].email)
        self.say(at, user, "support.ticket.created", opened)
        closed = {"ticketId": number, "satisfaction": self.random.choices((1, 2, 4, 5), weights=(1, 1, 3, 3))[0]}
        self.say(at + self.random.uniform(240, 900), user, "support.ticket.closed", closed)

    def warm_up(self, at: float) -> None:
        """Somebody on the sandbox looks around for more: often the step over the qualifying line."""
        user, _ = self.someone(paying=False)
        self.say(at, user, "premium_endpoint.tried", {"feature": self.random.choice(PREMIUM)})
        self.say(at + 15, user, "Pricing", {"path": "/pricing"}, kind="page")
        self.say(at + 40, user, "Pricing", {"path": "/pricing"}, kind="page")
        if self.random.random() < 0.5:
            self.say(at + 60, user, "integration.connected", {"integration": self.random.choice(INTEGRATIONS)})
        if self.random.random() < 0.3:
            self.say(at + 90, user, "Security", {"path": "/legal/security"}, kind="page")

    def sign_up(self, at: float) -> None:
        """A colleague at an organization that is here already, or the first one of a new company."""
        colleague = self.random.choice(self.people) if self.random.random() < 0.5 else None
        place = self._new_organization(at) if colleague is None else self.sample.users[colleague].organization
        user, state = self._new_user(place, maker=colleague is None), self.states[place]
        state.present.append(user)
        self.say(at - 0.3, user, self.random.choice(("Home", "Docs", "Pricing")), kind="visit")
        self.say(at - 0.2, user, "", {"createdAt": iso(at)}, kind="identify")
        self.tell(at - 0.1, user, state, *(() if colleague is None else ("name",)))
        self.say(at, user, "user.signed_up", {"via": "web" if colleague is None else "invite"})
        if colleague is not None:
            return
        self.say(at + 20, user, "setup.step_completed", {"step": "create_key", "totalSteps": 4})
        if self.random.random() < 0.4:
            self.say(at + 50, user, "dataset.import_started", {"fileName": "invoices.csv", "documents": 812})
            failed = {"fileName": "invoices.csv", "error": "Labels are missing"}
            self.say(at + 70, user, "dataset.import_failed", failed)

    def _new_organization(self, at: float) -> int:
        home = names.country(self.random)
        name, domain = names.company_name(self.random, home)
        industry, employees = self.random.choice(self.sample.customers).industry, self.random.randint(5, 900)
        self.sample.customers.append(ApiCustomer(name, domain, industry, employees, home, known=True))
        place, first = len(self.sample.organizations), len(self.sample.users)
        number = self.sample.organizations[-1].id + self.random.randint(1, 9)
        organization = ApiOrganization(
            number, name, len(self.sample.customers) - 1, 0.0, math.inf, 0.5, range(first, first + 1),
            legacy=False, stuck=False, plain=False,
        )  # fmt: skip
        self.sample.organizations.append(organization)
        self.states.append(OrganizationState(place, at, 100.0))
        self.writer.know(organization)
        return place

    def _new_user(self, organization: int, *, maker: bool) -> int:
        customer = self.sample.customer_of(organization) or self.sample.customers[0]
        name = names.person_name(self.random, customer.home.culture)
        model = self.sample.users[self.random.choice(self.people)]
        user = replace(
            model, id=self.sample.users[-1].id + self.random.randint(1, 9),
            anonymous_id=f"{self.random.getrandbits(64):016x}", organization=organization, age=0.0,
            email=f"{name.mailbox}{self.random.randint(2, 999)}@{customer.domain}",
            first_name=name.first, last_name=name.last, role="owner" if maker else "developer",
        )  # fmt: skip
        self.sample.users.append(user)
        self.people.append(len(self.sample.users) - 1)
        return len(self.sample.users) - 1
