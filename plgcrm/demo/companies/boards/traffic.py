"""Fresh events of the sample's people, sent through the demo's own HTTP endpoint, so that the queue moves.

`Traffic` makes the messages and touches no network; `send_forever` posts them.
"""

from __future__ import annotations

import http.client
import json
import logging
import threading
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from plgcrm.demo.companies.boards import names
from plgcrm.demo.companies.boards.company import (
    SEED,
    SampleAccount,
    SampleCompany,
    SamplePerson,
    SampleWorkspace,
    sample_company,
)
from plgcrm.demo.companies.boards.content import INTEGRATIONS, PREMIUM_FEATURES, TOPICS, Properties, hand_raise, ticket
from plgcrm.demo.companies.boards.life import PlannedMessage, WorkspaceState, simulate, workspace_traits
from plgcrm.demo.companies.boards.messages import Message, Writer
from plgcrm.demo.companies.boards.staging import recent_people, stage
from plgcrm.demo.companies.boards.usage import FEATURES

log = logging.getLogger(__name__)

_MOST_AT_ONCE = 100
_TIMEOUT = 4.0
_LONGEST_PAUSE = 30.0
_HOPELESS = (400, 413, 422)  # the same batch would be refused again


class _Habit(NamedTuple):
    """Something that happens about every so many seconds."""

    every: float
    act: Callable[[Traffic, float], None]


class Traffic:
    """What the sample's people do from `now` on.

    Built from the same seed and company as the history, so it knows the same people; `now` is when the history ended.
    """

    def __init__(self, seed: int, company: SampleCompany, now: datetime, *, rate: float = 3.0) -> None:
        life = simulate(company, now=now)
        stage(life)
        self.company, self.rate = company, rate
        self.random = Random(f"traffic {seed} {now.isoformat()}")
        self.states: list[WorkspaceState] = life.states
        self.people = self._lively(recent_people(life, days=14))
        self.writer = Writer(company)
        self.run = f"live-{self.random.getrandbits(48):012x}"
        self.written = 0
        self.past = now.timestamp()
        self.pending: list[PlannedMessage] = []
        self.due = {place: self.past + habit.every * self.random.uniform(0.2, 1) for place, habit in enumerate(HABITS)}

    def _lively(self, recent: dict[int, list[int]]) -> list[int]:
        """The people who were here lately; those without a company seldom matter to the queue."""
        lively = [each for place, people in recent.items() if self._company(place) for each in people]
        return sorted(lively) or list(range(len(self.company.people)))

    def _company(self, workspace: int) -> bool:
        return self.company.workspaces[workspace].account is not None

    def next_messages(self, now: datetime) -> list[Message]:
        """What happened since the last call, in order; after a long gap only the last of it."""
        end = now.timestamp()
        self.past = min(max(self.past, end - _MOST_AT_ONCE / self.rate), end)
        for place, habit in enumerate(HABITS):
            if self.due[place] <= end:
                habit.act(self, end)
                self.due[place] = end + habit.every * self.random.uniform(0.7, 1.3)
        for _ in range(self._everyday_count(end - self.past)):
            self._everyday(self.random.uniform(self.past, end))
        self.past = end
        return self._written_until(end)

    def _everyday_count(self, seconds: float) -> int:
        expected = seconds * self.rate
        return int(expected) + (self.random.random() < expected % 1)

    def _written_until(self, end: float) -> list[Message]:
        happened = sorted((each for each in self.pending if each.at <= end), key=lambda each: each.at)
        self.pending = [each for each in self.pending if each.at > end]
        return [self._write(each) for each in happened]

    def _write(self, planned_message: PlannedMessage) -> Message:
        self.written += 1
        return self.writer.message(planned_message, f"{self.run}-{self.written}")

    def say(self, at: float, person: int, name: str, properties: Properties | None = None, kind: str = "track") -> None:
        self.pending.append(PlannedMessage(at, person, kind, name, properties))

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

    def _everyday(self, at: float) -> None:
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


HABITS = (
    _Habit(90, Traffic.raise_hand),
    _Habit(45, Traffic.hit_limit),
    _Habit(150, Traffic.open_ticket),
    _Habit(40, Traffic.warm_up),
    _Habit(35, Traffic.invite),
    _Habit(60, Traffic.sign_up),
)


def send_forever(
    url: str,
    write_key: str,
    *,
    rate: float = 3.0,
    stop: threading.Event,
    seed: int = SEED,
    history_ended: datetime | None = None,
) -> None:
    """Post about `rate` events a second until `stop` is set; errors are logged and tried again."""
    began = datetime.now(UTC)
    traffic = Traffic(seed, sample_company(seed=seed), history_ended or began, rate=rate)
    sender = _Sender(url, write_key)
    batch: list[Message] = []
    while not stop.is_set():
        batch = batch or traffic.next_messages(datetime.now(UTC))
        pause = sender.send(batch)
        if pause is None:
            batch, pause = [], 1.0
        stop.wait(pause)


class _Sender:
    """Posts batches; says how long to pause before the same batch is tried again."""

    def __init__(self, url: str, write_key: str) -> None:
        self.address: SplitResult = urlsplit(url)
        self.headers = {
            "Authorization": "Basic " + b64encode(f"{write_key}:".encode()).decode(),
            "Content-Type": "application/json",
        }
        self.failures = 0

    def send(self, batch: list[Message]) -> float | None:
        """None when there is nothing more to do with the batch."""
        if not batch:
            return None
        try:
            status = self._post(batch)
        except (OSError, http.client.HTTPException) as error:
            return self._failed(repr(error))
        if status == 200 or status in _HOPELESS:
            self.failures = 0
            return None
        return self._failed(f"status {status}")

    def _failed(self, reason: str) -> float:
        pause = min(2.0**self.failures, _LONGEST_PAUSE)
        self.failures = min(self.failures + 1, 10)
        log.warning("The sample's traffic was not taken: %s. Again in %.0f s.", reason, pause)
        return pause

    def _post(self, batch: list[Message]) -> int:
        kind = http.client.HTTPSConnection if self.address.scheme == "https" else http.client.HTTPConnection
        connection = kind(self.address.hostname or "127.0.0.1", self.address.port, timeout=_TIMEOUT)
        sent = datetime.now(UTC).isoformat(timespec="milliseconds")
        body = json.dumps({"batch": batch, "sentAt": sent}).encode()
        try:
            connection.request("POST", f"{self.address.path.rstrip('/')}/v1/batch", body, self.headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        finally:
            connection.close()
