"""The last days before `now`: makes sure that each play has live reasons, whatever the weekday."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from random import Random

from plgcrm.demo.companies.api.content import COMMERCIAL, POLICY_PAGES, PREMIUM, request_of, ticket
from plgcrm.demo.companies.api.customers import ApiUser
from plgcrm.demo.companies.api.organization import DAY, HOUR, ApiLife, OrganizationState, organization_traits
from plgcrm.demo.companies.pack import PlannedMessage, Properties

# Hours before now, as all such lists here.
_REQUESTS = (0.5, 3, 7, 13, 20, 28, 35, 44)
_COMMERCIAL_TICKETS = (1, 6, 11, 19, 30, 42, 57)
_BAD_RATINGS = (2.5, 9, 22, 36, 52)
_CROSSINGS = (0.9, 4, 8, 14, 21, 29, 37, 46, 55, 66)


def recent_users(life: ApiLife, *, days: float) -> dict[int, list[int]]:
    """By organization, the people who did something in the last days."""
    since = life.calendar.end - days * DAY
    recent = {state.place: [user for user, at in state.seen.items() if at > since] for state in life.states}
    return {place: users for place, users in recent.items() if users}


def stage(life: ApiLife) -> list[PlannedMessage]:
    """The messages of the last days; the states change with them, and what would contradict them is not said."""
    stager = _ApiStager(life)
    for part in (
        stager.filling_credits,
        stager.surges,
        stager.crossings,
        stager.requests,
        stager.commercial_tickets,
        stager.bad_ratings,
        stager.second_organizations,
    ):
        part()
    life.planned[:] = [each for each in life.planned if not stager.contradicts(each)]
    return stager.planned


class _ApiStager:
    def __init__(self, life: ApiLife) -> None:
        self.life, self.sample = life, life.sample
        self.random = Random(f"staging {life.sample.seed}")
        self.planned: list[PlannedMessage] = []
        self.recent = recent_users(life, days=14)
        self.used: set[int] = set()
        self.told_since: dict[int, float] = {}  # by organization, from when its credits are those told here
        self.lively = [place for place in sorted(self.recent) if self._usual(place)]
        self.random.shuffle(self.lively)

    def _usual(self, place: int) -> bool:
        organization = self.sample.organizations[place]
        return organization.customer is not None and not (organization.stuck or organization.plain)

    def moment(self, hours: float) -> float:
        return self.life.calendar.end - (hours + self.random.random() * 0.3) * HOUR

    def say(self, at: float, user: int, name: str, properties: Properties | None = None, kind: str = "track") -> None:
        self.planned.append(PlannedMessage(at, user, kind, name, properties))

    def contradicts(self, planned_message: PlannedMessage) -> bool:
        if planned_message.kind != "group":
            return False
        place = self.sample.users[planned_message.person].organization
        return planned_message.at > self.told_since.get(place, self.life.calendar.end)

    def tell_traits(self, state: OrganizationState, at: float) -> None:
        self.told_since.setdefault(state.place, at)
        maker = self.sample.organizations[state.place].members[0]
        self.say(at, maker, "", organization_traits(self.sample, state), kind="group")

    def pick(self, wanted: Callable[[OrganizationState], bool], *, settled: float = 80) -> Iterator[OrganizationState]:
        """Lively organizations that no other part has taken, older than `settled` hours."""
        youngest = self.life.calendar.end - settled * HOUR
        for place in self.lively:
            state = self.life.states[place]
            if place not in self.used and state.created < youngest and wanted(state):
                self.used.add(place)
                yield state

    def someone(self, state: OrganizationState, hours: float) -> int:
        """Somebody of the organization who was already there at that hour."""
        latest = self.life.calendar.end - (hours + 1) * HOUR
        there = [user for user in self.recent[state.place] if self.life.joined[user] < latest]
        return self.random.choice(there or [self.sample.organizations[state.place].members[0]])

    def user(self, place: int) -> ApiUser:
        return self.sample.users[place]

    def requests(self) -> None:
        for hours, state in zip(_REQUESTS, self.pick(lambda state: state.reached), strict=False):
            name, properties = request_of(self.random)
            self.say(self.moment(hours), self.someone(state, hours), name, properties)

    def commercial_tickets(self) -> None:
        states = self.pick(lambda state: state.reached and len(state.present) >= 2)
        for hours, state in zip(_COMMERCIAL_TICKETS, states, strict=False):
            user = self.someone(state, hours)
            category = self.random.choice(COMMERCIAL)
            opened = ticket(self.random, category, self._ticket_number(), self.user(user).email)
            self.say(self.moment(hours), user, "support.ticket.created", opened)

    def bad_ratings(self) -> None:
        for hours, state in zip(_BAD_RATINGS, self.pick(lambda state: state.reached, settled=110), strict=False):
            user, number = self.someone(state, hours + 30), self._ticket_number()
            category = self.random.choice(("bug", "sdk", "webhooks"))
            opened = ticket(self.random, category, number, self.user(user).email)
            self.say(self.moment(hours + 26), user, "support.ticket.created", opened)
            closed = {"ticketId": number, "satisfaction": self.random.choice((1, 2))}
            self.say(self.moment(hours), user, "support.ticket.closed", closed)

    def _ticket_number(self) -> int:
        return self.random.randint(100_000, 999_999)

    def filling_credits(self) -> None:
        """Payers who have used nearly all that their plan includes."""
        begun = self.life.calendar.end - 70 * HOUR
        for state in islice(self.pick(lambda state: state.paying and state.month_began < begun), 14):
            goal = round(state.included * self.random.uniform(0.91, 0.98))
            missing, maker = max(goal - state.used, 3), self.sample.organizations[state.place].members[0]
            for step in range(3):
                at = self.moment(46 - step * 19)
                state.used = min(goal, state.used + missing // 3 + 1)
                count = missing // 3 + 1
                rolled = {"endpoint": "/v2/extract", "count": count, "credits": count}
                self.say(at, maker, "request.succeeded", rolled)
                self.tell_traits(state, at + 3)

    def surges(self) -> None:
        """A few paying teams that work twice as much as in the week before."""
        for state in islice(self.pick(lambda state: state.paying and len(state.present) >= 2, settled=300), 6):
            self._work(state.place, people=20, times=18, hours=(2.0, 130.0))

    def _work(self, place: int, *, people: int, times: int, hours: tuple[float, float]) -> None:
        members = sorted(self.life.states[place].present)
        for user in self.random.sample(members, min(people, len(members))):
            since = (self.life.calendar.end - self.life.joined[user]) / HOUR
            for _ in range(times):
                at = self.moment(min(self.random.uniform(*hours), max(since - 0.4, 0.05)))
                self.say(at, user, "template.created", {"documentType": "invoice"})

    def second_organizations(self) -> None:
        """People of both organizations of a company were here in the last days."""
        places: dict[int, list[int]] = {}
        for place, organization in enumerate(self.sample.organizations):
            if organization.customer is not None and self.life.states[place].present:
                places.setdefault(organization.customer, []).append(place)
        for both in [each for each in places.values() if len(each) > 1][:25]:
            for place in both:
                self._work(place, people=2, times=3, hours=(3.0, 60.0))

    def crossings(self) -> None:
        """Sandbox teams that run out of credits: as many with a buyer among them as without."""
        half = len(_CROSSINGS) // 2
        with_buyer = self.pick(lambda state: _untried(state) and self._has_buyer(state))
        without = self.pick(lambda state: _untried(state) and not self._has_buyer(state))
        for hours, state in zip(_CROSSINGS[::2], islice(with_buyer, half), strict=False):
            self._cross(state, hours)
        for hours, state in zip(_CROSSINGS[1::2], islice(without, half), strict=False):
            self._cross(state, hours)

    def _has_buyer(self, state: OrganizationState) -> bool:
        return any(self.user(each).buyer for each in state.present)

    def _cross(self, state: OrganizationState, hours: float) -> None:
        user, at = self.someone(state, hours + 1), self.moment(hours)
        self.say(at - 2400, user, "integration.connected", {"integration": "Slack"})
        self.say(at - 1500, user, "premium_endpoint.tried", {"feature": self.random.choice(PREMIUM)})
        self.say(at - 900, user, "Pricing", {"path": "/pricing"}, kind="page")
        page = self.random.choice(POLICY_PAGES)
        self.say(at - 600, user, page, {"path": f"/legal/{page.split()[0].lower()}"}, kind="page")
        self.say(at - 300, user, "Pricing", {"path": "/pricing"}, kind="page")
        state.used, state.quota_hits = state.included, state.quota_hits + 1
        hit = {"quota": "credits", "creditsUsed": state.used, "creditsIncluded": state.included}
        self.say(at, user, "quota.exceeded", hit)
        self.tell_traits(state, at + 3)


def _untried(state: OrganizationState) -> bool:
    """On the sandbox with a first answer, and little of what earns points done yet."""
    little = len(state.features) < 4 and not state.integrations
    return state.plan == "sandbox" and state.reached and little and not (state.quota_hits or state.premium_tried)
