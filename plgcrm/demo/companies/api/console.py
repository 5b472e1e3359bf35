"""What people do in the console: looking, features, prices, questions, tickets."""

from __future__ import annotations

import math

from plgcrm.demo.companies.api.content import (
    DOCS,
    INTEGRATIONS,
    POLICY_PAGES,
    PREMIUM,
    any_category,
    request_of,
    ticket,
)
from plgcrm.demo.companies.api.organization import DAY, OrganizationVoice
from plgcrm.demo.companies.pack import Properties


class ConsoleUse(OrganizationVoice):
    """One deed at a time; most are looks."""

    def do_something(self, at: float, user: int) -> None:
        self.meet(at - 20, user)
        self.state.seen[user] = at
        busy = not (self.organization.stuck or self.organization.plain)
        chance, per_head = self.random.random(), 1 / math.sqrt(len(self.organization.members))
        if chance < 0.3 or not busy:
            self._look(at, user)
        elif chance < 0.44:
            self.say(
                at, user, "template.created", {"documentType": self.random.choice(("invoice", "claim", "contract"))}
            )
        elif chance < 0.44 + 0.42 * self.keen and self.liked:
            self._use_feature(at, user)
        elif chance > 1 - 0.14 * per_head:
            self._be_seldom(at, user)
        else:
            self._look(at, user)
        if busy and not self.state.reached and self.random.random() < 0.2 * self.keen:
            self.reach(at + 40)

    def _look(self, at: float, user: int) -> None:
        page = self.random.choices(("Docs", "Dashboard", "Changelog"), weights=(5, 6, 1))[0]
        path = f"/docs/{self.random.choice(DOCS)}" if page == "Docs" else f"/{page.lower()}"
        self.say(at, user, page, {"path": path}, kind="page")

    def _use_feature(self, at: float, user: int) -> None:
        """One feature after another: more of them the longer they are here."""
        known = 1 + int((at - self.joined[self.maker]) // (5 * DAY))
        feature = self.random.choice(self.liked[:known])
        self.state.features.add(feature)
        self.say(at, user, feature, {"count": self.random.randint(1, 60)} if feature == "batch.submitted" else {})

    def _be_seldom(self, at: float, user: int) -> None:
        """Prices, premium endpoints, integrations, policies, requests, tickets: more of them with more need."""
        keen = self.keen
        deeds = (
            self.see_prices,
            self.try_premium,
            self.connect,
            self.read_policies,
            self.ask,
            self.open_ticket,
            self.compare,
        )
        weights = (0.32, 0.22 * keen, 0.22 * keen, 0.16 * keen, 0.14 * keen**2, 0.15, 0.08)
        self.random.choices(deeds, weights=weights)[0](at, user)

    def see_prices(self, at: float, user: int) -> None:
        self.state.prices_seen += 1
        self.say(at, user, "Pricing", {"path": "/pricing"}, kind="page")
        if self.random.random() < 0.2:
            self.say(at, user, "experiment.viewed", {"experiment": "pricing-page", "variant": "b"})

    def compare(self, at: float, user: int) -> None:
        self.say(at, user, "plans.compared", {"plans": "starter, growth"})

    def try_premium(self, at: float, user: int) -> None:
        self.state.premium_tried += 1
        self.say(at, user, "premium_endpoint.tried", {"feature": self.random.choice(PREMIUM)})

    def connect(self, at: float, user: int) -> None:
        integration = self.random.choice(INTEGRATIONS)
        self.state.integrations.add(integration)
        self.say(at, user, "integration.connected", {"integration": integration})

    def read_policies(self, at: float, user: int) -> None:
        for step in range(self.random.choice((1, 1, 2))):
            page = self.random.choice(POLICY_PAGES)
            self.say(at + step * 60, user, page, {"path": f"/legal/{page.split()[0].lower()}"}, kind="page")

    def ask(self, at: float, user: int) -> None:
        name, properties = request_of(self.random)
        self.say(at, user, name, properties)

    def open_ticket(self, at: float, user: int) -> None:
        number = self.number(6)
        self.say(
            at,
            user,
            "support.ticket.created",
            ticket(self.random, any_category(self.random), number, self._email(user)),
        )
        closed: Properties = {"ticketId": number}
        if self.random.random() < 0.6:
            closed["satisfaction"] = self.random.choices((1, 2, 3, 4, 5), weights=(6, 7, 12, 35, 40))[0]
        self.say(at + self.random.expovariate(1 / DAY) + 900, user, "support.ticket.closed", closed)

    def _email(self, user: int) -> str:
        return self.sample.users[user].email

    def reach(self, at: float) -> None:
        if not self.state.reached:
            self.state.reached = True
            self.say(at, self.maker, "first_request.succeeded", {"endpoint": self.endpoints[0]})
