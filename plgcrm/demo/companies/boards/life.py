"""What becomes of each workspace: boards made or limits hit, trials, subscriptions, tickets, churn.

`simulate` walks through the deeds of each workspace in order of time and keeps its state. Whether a team subscribes
depends on what it has done so far, through a hidden logistic model with noise (`_wish_to_pay`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random

import numpy as np

from plgcrm.demo.companies.boards.company import Ints, SampleAccount, SampleCompany
from plgcrm.demo.companies.boards.content import (
    INTEGRATIONS,
    LIMITS,
    POLICY_PAGES,
    PREMIUM_FEATURES,
    TOPICS,
    hand_raise,
    ticket,
)
from plgcrm.demo.companies.boards.usage import (
    DAY,
    FEATURES,
    Calendar,
    Deed,
    DeedRows,
    Population,
    arrivals,
    rows,
    usage,
)
from plgcrm.demo.companies.pack import PlannedMessage, Properties

FREE_SEATS, FREE_BOARDS = 500, 5
TRIAL_SEATS, NO_LIMIT = 50, 1000  # boards of a trial and of the business plan
SEAT_PRICE = {"team": 9, "business": 18}


@dataclass(slots=True)
class WorkspaceState:
    """What the product knows of a workspace, and what the hidden model looks at."""

    place: int
    plan: str = "free"
    seats: int = FREE_SEATS
    seats_used: int = 0
    boards_limit: int = FREE_BOARDS
    boards_used: int = 0
    mrr: int = 0
    trial_ends: float | None = None
    paying_since: float | None = None
    invites: int = 0
    limit_hits: int = 0
    prices_seen: int = 0
    premium_tried: int = 0
    features: set[int] = field(default_factory=set)
    integrations: set[str] = field(default_factory=set)
    present: list[int] = field(default_factory=list)

    @property
    def paying(self) -> bool:
        return self.mrr > 0

    def allow(self, plan: str, *, seats: int, boards: int) -> None:
        self.plan, self.seats, self.boards_limit = plan, seats, boards


@dataclass(frozen=True, slots=True)
class Life:
    company: SampleCompany
    people: Population
    calendar: Calendar
    deeds: DeedRows  # in order of time
    states: list[WorkspaceState]
    planned: list[PlannedMessage]  # those that change or depend on a state; the others come from `everyday`


def simulate(company: SampleCompany, *, now: datetime) -> Life:
    """The whole history up to `now`, without the last days' staging."""
    calendar = Calendar(now)
    people = Population(company, calendar, np.random.default_rng([company.seed, 2]))
    deeds = usage(people)
    everything = deeds + arrivals(people, deeds) + _weeks(people)
    order = np.lexsort((everything.at, people.workspace[everything.person]))
    everything = everything.where(order)
    life = Life(company, people, calendar, everything, [], [])
    _live(life, _weekly_actives(people, deeds))
    return life


def everyday(life: Life) -> Iterator[PlannedMessage]:
    """Deeds that change no state: looking, items, features."""
    boards: dict[tuple[int, int], Properties] = {}
    deeds = life.deeds.where(life.deeds.deed <= Deed.FEATURE)
    columns = (column.tolist() for column in deeds.columns())
    for at, person, deed, detail in zip(*columns, strict=True):
        if deed == Deed.FEATURE:
            yield PlannedMessage(at, person, "track", FEATURES[detail])
        elif deed == Deed.ITEM:
            key = (life.company.people[person].workspace, detail % 4)
            board = boards.setdefault(key, {"board": f"brd_{key[0]:x}{key[1]}"})
            yield PlannedMessage(at, person, "track", "Item Created", board)
        else:
            yield PlannedMessage(at, person, "screen" if detail % 11 == 0 else "page", "Board")


def _weeks(people: Population) -> DeedRows:
    """Once a week each workspace's maker may think about paying."""
    step = np.arange(0, 18 * 7, 7, dtype=np.float64)
    began = np.maximum(people.joined[people.creator], -1)
    day = began[:, None] + people.rng.uniform(4, 7, len(began))[:, None] + step[None, :]
    at = people.calendar.moment(day)
    who = np.broadcast_to(people.creator[:, None], at.shape)
    weeks = rows(at.ravel(), who.ravel(), Deed.WEEK)
    return weeks.where((weeks.at < people.calendar.end - 1) & (weeks.at > people.calendar.start))


def _weekly_actives(people: Population, deeds: DeedRows) -> Ints:
    """Distinct active days of people by workspace and day."""
    day = ((deeds.at - people.calendar.start) // DAY).astype(np.int64)
    human = ~people.robot[deeds.person]
    once = np.unique(deeds.person[human] * 1000 + day[human])
    actives = np.zeros((len(people.need), 130), dtype=np.int64)
    np.add.at(actives, (people.workspace[once // 1000], once % 1000), 1)
    return actives.cumsum(axis=1)


def _live(life: Life, actives: Ints) -> None:
    """Run each workspace through its own deeds."""
    random = Random(f"life {life.company.seed}")
    workspaces = [WorkspaceLife(life, place, random) for place in range(len(life.company.workspaces))]
    for at, person, deed, detail in _telling(life.deeds):
        workspace = workspaces[life.company.people[person].workspace]
        workspace.pass_time(at)
        if deed == Deed.WEEK:
            day = int((at - life.calendar.start) // DAY)
            cumulated = actives[workspace.state.place]
            workspace.consider(at, int(cumulated[day] - cumulated[max(0, day - 7)]))
        else:
            workspace.act(at, person, Deed(deed), detail)
    for workspace in workspaces:
        workspace.pass_time(life.calendar.end)
        life.states.append(workspace.state)


def _telling(deeds: DeedRows) -> Iterable[tuple[float, int, int, int]]:
    """The deeds that can change a state; of features each person's first use of each."""
    special = deeds.deed > Deed.FEATURE
    features = np.flatnonzero(deeds.deed == Deed.FEATURE)
    _, first = np.unique(deeds.person[features] * 8 + deeds.detail[features], return_index=True)
    special[features[first]] = True
    telling = deeds.where(special)
    return zip(*(column.tolist() for column in telling.columns()), strict=True)


class WorkspaceLife:
    """One workspace's state, and the planned that its changes send out."""

    def __init__(self, life: Life, place: int, random: Random) -> None:
        self.state = WorkspaceState(place)
        self.company, self.random = life.company, random
        self.people, self.end = life.people, life.calendar.end
        self.start = life.calendar.start
        self.planned = life.planned
        self.maker = life.company.workspaces[place].members[0]
        self.account = life.company.account_of(place)
        self._begin_paid_before_history()

    def _begin_paid_before_history(self) -> None:
        """A third of the keen teams from before the history pay already."""
        members = self.company.workspaces[self.state.place].members
        old = self.people.joined[self.maker] < 0
        self.state.seats_used = sum(1 for each in members if self.people.joined[each] < 0)
        if old and self.people.need[self.state.place] > 0.3 and self.random.random() < 0.55:
            self.state.boards_used = self.random.randint(3, 30)
            self.state.paying_since = self.start
            self._buy(self.state.seats_used)

    def say(self, at: float, person: int, name: str, properties: Properties | None = None, kind: str = "track") -> None:
        if at < self.end:
            self.planned.append(PlannedMessage(at, person, kind, name, properties))

    def tell_traits(self, at: float, person: int | None = None) -> None:
        who = self.maker if person is None else person
        self.say(at, who, "", workspace_traits(self.company, self.state), kind="group")

    def pass_time(self, at: float) -> None:
        """End a trial whose last day has passed."""
        ends = self.state.trial_ends
        if ends is not None and ends <= at:
            self.state.trial_ends = None
            if self.state.plan == "trial":
                self.state.allow("free", seats=FREE_SEATS, boards=FREE_BOARDS)
                self.tell_traits(ends)

    def act(self, at: float, person: int, deed: Deed, detail: int) -> None:
        _ACTS[deed](self, at, person, detail)

    def join(self, at: float, person: int, detail: int) -> None:
        who, new = self.company.people[person], self.people.joined[person] >= 0
        if new and not who.robot:
            self._arrive(at, person)
        created = datetime.fromtimestamp(self.people.calendar.start + self.people.joined[person] * DAY, UTC)
        self.say(at, person, "", {"createdAt": created.isoformat(timespec="seconds")}, kind="identify")
        self.state.present.append(person)
        if new:
            self._take_seat(at + 2)
        self.tell_traits(at + 3, person)
        if person == self.maker and new and self.random.random() < self._trial_chance(at):
            self.start_trial(at + 40)

    def _trial_chance(self, at: float) -> float:
        """More of late, so that some teams of good fit are in the middle of a trial at `now`."""
        if self.people.plain[self.state.place]:
            return 0
        late = 4.2 * DAY < self.end - at < 10.2 * DAY
        fit = self.account is not None and self.account.employees >= 20 and not self.people.stuck[self.state.place]
        return 0.7 if late and fit else 0.12

    def _arrive(self, at: float, person: int) -> None:
        """Pages seen before the log-in, then the sign-up itself."""
        maker = person == self.maker
        for _ in range(self.random.choice((1, 2, 2, 3)) if maker else self.random.randint(0, 1)):
            page = self.random.choices(("Home", "Templates", "Customers", "Pricing"), weights=(5, 3, 2, 1))[0]
            seen = at - 20 - self.random.expovariate(1 / 400) * (60 if self.random.random() < 0.1 else 1)
            self.say(seen, person, page if maker else "Join", kind="visit")
        self.say(at + 1, person, "Signed Up", {"via": "web" if maker else "team"})

    def _take_seat(self, at: float) -> None:
        """In a full team a newcomer looks on as a guest, or more seats are bought."""
        state = self.state
        if state.seats_used >= state.seats:
            if not state.paying or self.random.random() < 0.5:
                return self.hit_limit(at, self.maker, "seats", state.seats_used, state.seats)
            self._add_seats()
        state.seats_used += 1

    def hit_limit(self, at: float, person: int, limit: str, used: int, allowed: int) -> None:
        self.state.limit_hits += 1
        self.say(at, person, "Limit Hit", {"limit": limit, "used": used, "allowed": allowed})

    def start_trial(self, at: float) -> None:
        if self.state.plan == "free":
            self.state.allow("trial", seats=max(TRIAL_SEATS, self.state.seats_used), boards=NO_LIMIT)
            self.state.trial_ends = at + 14 * DAY
            self.say(at, self.maker, "Trial Started", {"plan": "business"})
            self.tell_traits(at + 1)

    def invite(self, at: float, person: int, detail: int) -> None:
        self.state.invites += 1
        self.say(at, person, "Invite Sent", {"role": "member"})

    def onboard(self, at: float, person: int, detail: int) -> None:
        self.say(at, person, "Onboarding Completed", {"steps": 5})

    def import_data(self, at: float, person: int, detail: int) -> None:
        stuck = bool(self.people.stuck[self.state.place])
        file = self.random.choice(("tasks.csv", "Projektplan 2.xlsx", "export (final) v3.csv", "backlog.json"))
        self.say(at, person, "Import Started", {"file": file, "rows": self.random.randint(40, 9000)})
        if self.random.random() < (0.75 if stuck else 0.25):
            reason = self.random.choice(("Unknown column", "File too large", "Dates not readable"))
            self.say(at + self.random.randint(5, 90), person, "Import Failed", {"reason": reason})

    def use_feature(self, at: float, person: int, detail: int) -> None:
        self.state.features.add(detail)

    def make_workload(self, at: float, person: int, detail: int) -> None:
        state = self.state
        if state.boards_used >= state.boards_limit:
            self.hit_limit(at, person, "boards", state.boards_used, state.boards_limit)
            if self.random.random() < 0.15:
                self.start_trial(at + 120)
            return
        state.boards_used += 1
        self.say(at, person, "Board Created", {"template": self.random.choice(("blank", "kanban", "roadmap", "plan"))})
        self.tell_traits(at + 1, person)

    def see_prices(self, at: float, person: int, detail: int) -> None:
        self.state.prices_seen += 1
        self.say(at, person, "Pricing", kind="page")

    def try_premium(self, at: float, person: int, detail: int) -> None:
        self.state.premium_tried += 1
        self.say(at, person, "Premium Feature Tried", {"feature": self.random.choice(PREMIUM_FEATURES)})
        if self.state.plan == "free" and self.random.random() < 0.3:
            limit, allowed = self.random.choice(LIMITS)
            self.hit_limit(at + 30, person, limit, allowed, allowed)

    def connect(self, at: float, person: int, detail: int) -> None:
        integration = self.random.choice(INTEGRATIONS)
        self.state.integrations.add(integration)
        self.say(at, person, "Integration Connected", {"integration": integration})

    def evaluate(self, at: float, person: int, detail: int) -> None:
        for step in range(self.random.choice((1, 1, 2, 3))):
            self.say(at + step * 70, person, self.random.choice(POLICY_PAGES), kind="page")

    def raise_hand(self, at: float, person: int, detail: int) -> None:
        name, message = hand_raise(self.random)
        self.say(at, person, name, {"message": message})

    def open_ticket(self, at: float, person: int, detail: int) -> None:
        topic = self.random.choices(tuple(TOPICS), weights=tuple(TOPICS.values()))[0]
        number = f"T-{detail % 90_000 + 10_000}"
        self.say(at, person, "Ticket Opened", ticket(self.random, topic, number))
        solved: Properties = {"ticket_id": number}
        if self.random.random() < 0.65:
            solved["csat"] = self.random.choices((1, 2, 3, 4, 5), weights=(6, 7, 12, 35, 40))[0]
        self.say(at + self.random.expovariate(1 / (1.2 * DAY)) + 600, person, "Ticket Solved", solved)

    def enter_payment_details(self, at: float, person: int, detail: int) -> None:
        if not self.state.paying:
            self.say(at, person, "Payment Details Entered", {"method": "card"})

    def consider(self, at: float, active: int) -> None:
        """The weekly thought about money: subscribe, stay, or cancel."""
        if self.state.paying:
            if self.random.random() < (0.004 if active else 0.15):
                self.cancel(at)
        elif active and not self.people.plain[self.state.place]:
            chance = 1 / (1 + math.exp(-_wish_to_pay(self.state, active) - self.random.gauss(0, 0.9)))
            if self.random.random() < chance:
                self.subscribe(at)

    def subscribe(self, at: float) -> None:
        if self.random.random() < 0.6:
            self.see_prices(at - 600, self.maker, 0)
        if self.random.random() < 0.6:  # the others pay by invoice
            self.say(at - 40, self.maker, "Payment Details Entered", {"method": "card"})
        self._buy(self.state.seats_used)
        self.state.paying_since = at
        facts = {"plan": self.state.plan, "mrr": self.state.mrr, "currency": self._currency()}
        self.say(at, self.maker, "Subscription Started", facts)
        self.tell_traits(at + 1)

    def _buy(self, people: int) -> None:
        """Seats for everybody and some room to grow, in steps of five."""
        state = self.state
        plan = "business" if people >= 25 or len(state.features) >= 5 else "team"
        roomy = max(people + 1, people * self.random.uniform(1.05, 1.45))
        boards = NO_LIMIT if plan == "business" else 10 * math.ceil(state.boards_used * 1.4 / 10 + 1.2)
        state.allow(plan, seats=5 * math.ceil(roomy / 5), boards=boards)
        state.trial_ends = None
        state.mrr = state.seats * SEAT_PRICE[plan]

    def _add_seats(self) -> None:
        state = self.state
        state.seats = 5 * math.ceil((state.seats_used + 1) * 1.2 / 5)
        state.mrr = state.seats * SEAT_PRICE[state.plan]

    def cancel(self, at: float) -> None:
        plan, mrr = self.state.plan, self.state.mrr
        reason = self.random.choice(("Too expensive", "Project ended", "Went to another tool", "Missing features"))
        lost = {"plan": plan, "mrr": mrr, "currency": self._currency(), "reason": reason}
        self.say(at, self.maker, "Subscription Cancelled", lost)
        self.state.allow("free", seats=FREE_SEATS, boards=FREE_BOARDS)
        self.state.mrr, self.state.paying_since = 0, None
        self.tell_traits(at + 1)

    def _currency(self) -> str:
        return currency(self.account)


def _wish_to_pay(state: WorkspaceState, active: int) -> float:
    """The hidden model; nothing outside this module may lean on its numbers."""
    return (
        -4.7
        + 0.30 * math.log1p(state.invites)
        + 0.30 * len(state.features)
        + 0.45 * min(state.limit_hits, 3)
        + 0.15 * math.log(max(state.seats_used, 1))
        + 0.30 * min(state.prices_seen, 3)
        + 0.30 * min(state.premium_tried, 2)
        + 0.20 * min(len(state.integrations), 2)
        + (0.6 if state.plan == "trial" else 0.0)
        + 0.03 * min(active, 10)
    )


_ACTS = {
    Deed.JOIN: WorkspaceLife.join,
    Deed.INVITE: WorkspaceLife.invite,
    Deed.ONBOARDING: WorkspaceLife.onboard,
    Deed.IMPORT: WorkspaceLife.import_data,
    Deed.FEATURE: WorkspaceLife.use_feature,
    Deed.BOARD: WorkspaceLife.make_workload,
    Deed.PRICING: WorkspaceLife.see_prices,
    Deed.PREMIUM: WorkspaceLife.try_premium,
    Deed.INTEGRATION: WorkspaceLife.connect,
    Deed.EVALUATE: WorkspaceLife.evaluate,
    Deed.HAND_RAISE: WorkspaceLife.raise_hand,
    Deed.TICKET: WorkspaceLife.open_ticket,
    Deed.PAYMENT_DETAILS: WorkspaceLife.enter_payment_details,
}


def currency(account: SampleAccount | None) -> str:
    return "USD" if account is None else account.home.currency


def workspace_traits(company: SampleCompany, state: WorkspaceState) -> Properties:
    """The traits of a group call."""
    account = company.account_of(state.place)
    ends = state.trial_ends
    traits: Properties = {
        "name": company.workspaces[state.place].name, "plan": state.plan, "seats": state.seats,
        "seats_used": state.seats_used, "boards_limit": state.boards_limit, "boards_used": state.boards_used,
        "mrr": state.mrr, "currency": currency(account),
    }  # fmt: skip
    if ends is not None:
        traits["trial_ends"] = datetime.fromtimestamp(ends, UTC).date().isoformat()
    if account is not None:
        if state.place % 3 == 0:  # only some give their address
            traits["website"] = account.domain
        traits |= {"company_size": account.employees, "industry": account.industry, "country": account.home.code}
    return traits
