"""What the boards product's people do after the end of the history."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from plgcrm.demo.companies import names
from plgcrm.demo.companies.boards.company import SampleAccount, SampleCompany, SamplePerson, SampleWorkspace
from plgcrm.demo.companies.boards.content import INTEGRATIONS, PREMIUM_FEATURES, TOPICS, hand_raise, ticket
from plgcrm.demo.companies.boards.life import WorkspaceState, simulate, workspace_traits
from plgcrm.demo.companies.boards.messages import Writer
from plgcrm.demo.companies.boards.staging import recent_people, stage
from plgcrm.demo.companies.boards.usage import FEATURES
from plgcrm.demo.companies.pack import Message, PlannedMessage
from plgcrm.demo.companies.traffic import Habit, HabitualTraffic


class Traffic(HabitualTraffic):
    """Built from the same seed and company as the history, so it knows the same people; `now` is when that ended."""

    def __init__(self, seed: int, company: SampleCompany, now: datetime, *, rate: float = 3.0) -> None:
        super().__init__(seed, now, rate=rate)
        life = simulate(company, now=now)
        stage(life)
        self.company = company
        self.states: list[WorkspaceState] = life.states
        self.people = self._lively(recent_people(life, days=14))
        self.writer = Writer(company)
        self.begin(now)

    def habits(self) -> tuple[Habit, ...]:
        return (
            Habit(90, self.raise_hand),
            Habit(45, self.hit_limit),
            Habit(150, self.open_ticket),
            Habit(40, self.warm_up),
            Habit(35, self.invite),
            Habit(60, self.sign_up),
        )

    def write(self, planned_message: PlannedMessage, message_id: str) -> Message:
        return self.writer.message(planned_message, message_id)

    def _lively(self, recent: dict[int, list[int]]) -> list[int]:
        """The people who were here lately; those without a company seldom matter to the queue."""
        lively = [each for place, people in recent.items() if self._company(place) for each in people]
        return sorted(lively) or list(range(len(self.company.people)))

    def _company(self, workspace: int) -> bool:
        return self.company.workspaces[workspace].account is not None

    def someone(self, *, plan: str | None = None) -> tuple[int, WorkspaceState]:
        """Anybody lively; of a plan, if one is found soon."""
        for _ in range(40):
            person = self.random.choice(self.people)
            state = self.states[self.company.people[person].workspace]
            if plan is None or state.plan == plan:
                break
        return person, state

    def tell(self, at: float, person: int, state: WorkspaceState, *keys: str) -> None:
        """A group call with only the traits that changed, as clients send them."""
        traits = workspace_traits(self.company, state)
        self.say(at, person, "", {key: traits[key] for key in keys} if keys else traits, kind="group")

    def everyday(self, at: float) -> None:
        person, state = self.someone()
        chance = self.random.random()
        if chance < 0.3:
            self.say(at, person, "Board", kind="page")
        elif chance < 0.65:
            board = f"brd_{state.place:x}{self.random.randrange(4)}"
            self.say(at, person, "Item Created", {"board": board})
        else:
            self.say(at, person, FEATURES[self.random.choice(sorted(state.features) or [0])])

    def raise_hand(self, at: float) -> None:
        person, _ = self.someone()
        name, message = hand_raise(self.random)
        self.say(at, person, name, {"message": message})

    def hit_limit(self, at: float) -> None:
        person, state = self.someone(plan="free")
        if state.paying:
            return
        state.boards_used = max(state.boards_used, state.boards_limit)
        used = {"limit": "boards", "used": state.boards_used, "allowed": state.boards_limit}
        self.say(at, person, "Limit Hit", used)
        self.tell(at, person, state, "boards_used", "boards_limit")

    def open_ticket(self, at: float) -> None:
        person, _ = self.someone()
        number = f"T-{self.random.getrandbits(32):08x}"
        topic = self.random.choices(tuple(TOPICS), weights=tuple(TOPICS.values()))[0]
        self.say(at, person, "Ticket Opened", ticket(self.random, topic, number))
        rating = self.random.choices((1, 2, 4, 5), weights=(1, 1, 3, 3))[0]
        solved = at + self.random.uniform(240, 900)
        self.say(solved, person, "Ticket Solved", {"ticket_id": number, "csat": rating})

    def warm_up(self, at: float) -> None:
        """Somebody on the free plan looks around for more: often the step over the qualifying line."""
        person, _ = self.someone(plan="free")
        self.say(at, person, "Premium Feature Tried", {"feature": self.random.choice(PREMIUM_FEATURES)})
        self.say(at + 15, person, "Pricing", kind="page")
        self.say(at + 40, person, "Pricing", kind="page")
        if self.random.random() < 0.5:
            self.say(at + 60, person, "Integration Connected", {"integration": self.random.choice(INTEGRATIONS)})
        if self.random.random() < 0.3:
            self.say(at + 90, person, "Security", kind="page")

    def invite(self, at: float) -> None:
        """A team takes a seat more, if it has one."""
        person, state = self.someone(plan="team")
        self.say(at, person, "Invite Sent", {"role": "member"})
        if state.seats_used < state.seats:
            state.seats_used += 1
            self.tell(at, person, state, "seats_used", "seats")

    def sign_up(self, at: float) -> None:
        """A colleague at a company that is here already, or the first one of a new company."""
        place = self.random.choice(self.people) if self.random.random() < 0.5 else None
        workspace = self._new_workspace() if place is None else self.company.people[place].workspace
        person = self._new_person(workspace)
        state = self.states[workspace]
        self.say(at - 0.3, person, self.random.choice(("Home", "Templates", "Pricing")), kind="visit")
        created = datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
        self.say(at - 0.2, person, "", {"createdAt": created}, kind="identify")
        if state.seats_used < state.seats:
            state.seats_used += 1
        state.present.append(person)
        self.tell(at - 0.1, person, state, *(() if place is None else ("name", "seats_used")))
        self.say(at, person, "Signed Up", {"via": "web" if place is None else "team"})
        if place is None and self.random.random() < 0.4:
            self.say(at + 50, person, "Import Started", {"file": "tasks.csv", "rows": 812})
            self.say(at + 70, person, "Import Failed", {"reason": "Unknown column"})

    def _new_workspace(self) -> int:
        home = names.country(self.random)
        name, domain = names.company_name(self.random, home)
        industry, employees = self.random.choice(self.company.accounts).industry, self.random.randint(5, 900)
        self.company.accounts.append(SampleAccount(name, domain, industry, employees, home, ""))
        place, first = len(self.company.workspaces), len(self.company.people)
        workspace_id = f"ws_{self.random.getrandbits(40):010x}"
        account = len(self.company.accounts) - 1
        workspace = SampleWorkspace(workspace_id, name, account, 0.0, float("inf"), 0.5, range(first, first + 1))
        self.company.workspaces.append(workspace)
        self.states.append(WorkspaceState(place))
        self.writer.know(workspace)
        return place

    def _new_person(self, workspace: int) -> int:
        account = self.company.account_of(workspace) or self.company.accounts[0]
        name = names.person_name(self.random, account.home.culture)
        model = self.company.people[self.random.choice(self.people)]
        person: SamplePerson = replace(
            model, user_id=f"usr_{self.random.getrandbits(48):012x}",
            anonymous_id=f"anon-{self.random.getrandbits(64):016x}", workspace=workspace, age=0.0, robot=False,
            email=f"{name.mailbox}{self.random.randint(2, 999)}@{account.domain}",
            first_name=name.first, last_name=name.last,
        )  # fmt: skip
        self.company.people.append(person)
        self.people.append(len(self.company.people) - 1)
        return len(self.company.people) - 1
