"""The last days before `now`: makes sure that each play has live reasons, whatever the weekday.

The simulation alone brings most of them on most days; a demo needs all of them on every day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from math import ceil
from random import Random

import numpy as np

from plgcrm.demo.companies.boards.content import POLICY_PAGES, PREMIUM_FEATURES, hand_raise, ticket
from plgcrm.demo.companies.boards.life import Life, WorkspaceState, workspace_traits
from plgcrm.demo.companies.boards.usage import DAY, FEATURES, Deed
from plgcrm.demo.companies.pack import PlannedMessage, Properties

_HAND_RAISES = (0.4, 2.5, 6, 11, 17, 23, 30, 39, 46)  # hours before now, as all such lists here
_COMMERCIAL_TICKETS = (1.2, 5, 9, 16, 27, 40, 55)
_BAD_RATINGS = (2, 8, 20, 33, 50, 66)
_CROSSINGS = (0.8, 3, 7, 12, 19, 26, 34, 43, 52, 64)


def recent_people(life: Life, *, days: float) -> dict[int, list[int]]:
    """By workspace, the people (no robots) who did something in the last days."""
    late = life.deeds.at > life.calendar.end - days * DAY
    people = np.unique(life.deeds.person[late & (life.deeds.deed <= Deed.FEATURE)])
    recent: dict[int, list[int]] = {}
    for person in people[~life.people.robot[people]].tolist():
        recent.setdefault(life.company.people[person].workspace, []).append(person)
    return recent


def stage(life: Life) -> list[PlannedMessage]:
    stager = _Stager(life)
    for part in (
        stager.filling_seats,
        stager.surges,
        stager.filling_boards,
        stager.crossings,
        stager.hand_raises,
        stager.commercial_tickets,
        stager.bad_ratings,
        stager.second_teams,
    ):
        part()
    return stager.planned


class _Stager:
    def __init__(self, life: Life) -> None:
        self.life, self.company = life, life.company
        self.random = Random(f"staging {life.company.seed}")
        self.planned: list[PlannedMessage] = []
        self.recent = recent_people(life, days=12)
        self.used: set[int] = set()
        lively = [place for place in self.recent if self.company.workspaces[place].account is not None]
        taken = life.people.stuck | life.people.plain
        self.lively = [place for place in sorted(lively) if not taken[place]]
        self.random.shuffle(self.lively)

    def moment(self, hours: float) -> float:
        return self.life.calendar.end - (hours + self.random.random() * 0.3) * 3600

    def say(self, at: float, person: int, name: str, properties: Properties | None = None, kind: str = "track") -> None:
        self.planned.append(PlannedMessage(at, person, kind, name, properties))

    def pick(self, wanted: Callable[[WorkspaceState], bool], *, settled: float = 0) -> Iterator[WorkspaceState]:
        """Lively workspaces that no other part has taken, older than `settled` hours."""
        youngest = self.life.calendar.end_day - (settled + 1) / 24
        for place in self.lively:
            maker = self.company.workspaces[place].members[0]
            if place not in self.used and self.life.people.joined[maker] < youngest:
                state = self.life.states[place]
                if wanted(state):
                    self.used.add(place)
                    yield state

    def someone(self, state: WorkspaceState, hours: float) -> int:
        """Somebody of the workspace who was already there at that hour."""
        latest = self.life.calendar.end_day - (hours + 1) / 24
        there = [each for each in self.recent[state.place] if self.life.people.joined[each] < latest]
        return self.random.choice(there or [self.company.workspaces[state.place].members[0]])

    def hand_raises(self) -> None:
        states = self.pick(lambda state: len(state.present) >= 2, settled=50)
        for hours, state in zip(_HAND_RAISES, states, strict=False):
            name, message = hand_raise(self.random)
            self.say(self.moment(hours), self.someone(state, hours), name, {"message": message})

    def commercial_tickets(self) -> None:
        states = self.pick(lambda state: len(state.present) >= 3, settled=60)
        for hours, state in zip(_COMMERCIAL_TICKETS, states, strict=False):
            topic = self.random.choice(("plan", "limits", "security"))
            opened = ticket(self.random, topic, self._ticket_number())
            self.say(self.moment(hours), self.someone(state, hours), "Ticket Opened", opened)

    def bad_ratings(self) -> None:
        states = self.pick(lambda state: len(state.present) >= 2, settled=100)
        for hours, state in zip(_BAD_RATINGS, states, strict=False):
            person, number = self.someone(state, hours + 30), self._ticket_number()
            topic = self.random.choice(("bug", "import", "integrations"))
            self.say(self.moment(hours + 28), person, "Ticket Opened", ticket(self.random, topic, number))
            solved = {"ticket_id": number, "csat": self.random.choice((1, 2))}
            self.say(self.moment(hours), person, "Ticket Solved", solved)

    def _ticket_number(self) -> str:
        return f"T-{self.random.randint(100_000, 999_999)}"

    def crossings(self) -> None:
        """Small free teams that find the limits: as many with a buyer among them as without."""
        quiet = self._quiet_workspaces()
        with_buyer = self.pick(lambda state: state.place in quiet and self._has_buyer(state), settled=70)
        without = self.pick(lambda state: state.place in quiet and not self._has_buyer(state), settled=70)
        half = len(_CROSSINGS) // 2
        for hours, state in zip(_CROSSINGS[::2], islice(with_buyer, half), strict=False):
            self._cross(state, hours)
        for hours, state in zip(_CROSSINGS[1::2], islice(without, half), strict=False):
            self._cross(state, hours)

    def _quiet_workspaces(self) -> set[int]:
        """Free teams far below the qualifying line so far."""
        items = self.life.deeds.where(self.life.deeds.deed == Deed.ITEM)
        workspaces = self.life.people.workspace[items.person]
        counts = np.bincount(workspaces, minlength=len(self.life.states))
        return {state.place for state in self.life.states if counts[state.place] < 9 and _untried(state)}

    def _has_buyer(self, state: WorkspaceState) -> bool:
        return any(self.company.people[each].buyer for each in state.present)

    def _cross(self, state: WorkspaceState, hours: float) -> None:
        person, at = self.someone(state, hours + 1), self.moment(hours)
        self.say(at - 2400, person, "Integration Connected", {"integration": "Slack"})
        self.say(at - 1500, person, "Premium Feature Tried", {"feature": self.random.choice(PREMIUM_FEATURES)})
        self.say(at - 900, person, "Pricing", kind="page")
        self.say(at - 600, person, self.random.choice(POLICY_PAGES), kind="page")
        self.say(at - 300, person, "Pricing", kind="page")
        self.say(at, person, "Limit Hit", {"limit": "automations", "used": 100, "allowed": 100})
        state.limit_hits += 1

    def second_teams(self) -> None:
        """Everybody of a company's several workspaces was here in the last days."""
        teams: dict[int, list[int]] = {}
        for place, workspace in enumerate(self.company.workspaces):
            if workspace.account is not None and self.life.states[place].present:
                teams.setdefault(workspace.account, []).append(place)
        for places in [places for places in teams.values() if len(places) > 1][:25]:
            for place in places:
                self._work(place, hours=(3.0, 60.0), people=2, times=3)

    def _work(self, place: int, *, hours: tuple[float, float], people: int, times: int) -> None:
        present = self.life.states[place].present
        members = [each for each in present if not self.company.people[each].robot]
        for person in self.random.sample(members, min(people, len(members))):
            since = (self.life.calendar.end_day - self.life.people.joined[person]) * 24
            for _ in range(times):
                at = self.moment(min(self.random.uniform(*hours), max(since - 0.4, 0.05)))
                self.say(
                    at, person, *self.random.choice((("Item Created", {"board": f"brd_{place:x}0"}), ("Doc Edited",)))
                )

    def tell_traits(self, state: WorkspaceState, at: float) -> None:
        maker = self.company.workspaces[state.place].members[0]
        self.say(at, maker, "", workspace_traits(self.company, state), kind="group")

    def filling_seats(self) -> None:
        for state in islice(self.pick(lambda state: 0 < _seats_to_fill(state) <= 12, settled=60), 8):
            maker, missing = self.company.workspaces[state.place].members[0], _seats_to_fill(state)
            for step in range(missing):
                at = self.moment(50 - step * 40 / missing)
                state.seats_used += 1
                self.say(at, maker, "Invite Sent", {"role": "member"})
                self.tell_traits(state, at + 1)

    def filling_boards(self) -> None:
        for state in islice(self.pick(lambda state: 0 < _boards_to_fill(state) <= 25, settled=60), 5):
            missing = _boards_to_fill(state)
            for step in range(missing):
                hours = 52 - step * 48 / missing
                state.boards_used += 1
                self.say(self.moment(hours), self.someone(state, hours), "Board Created", {"template": "plan"})
                self.tell_traits(state, self.moment(hours - 0.1))

    def surges(self) -> None:
        """A few paying teams that work twice as much as in the week before."""
        for state in islice(self.pick(_small_and_paying, settled=300), 6):
            self._work(state.place, hours=(2.0, 130.0), people=25, times=18)
            self.say(self.moment(5), self.someone(state, 6), FEATURES[0])


def _small_and_paying(state: WorkspaceState) -> bool:
    return state.paying and 2 <= len(state.present) <= 12


def _untried(state: WorkspaceState) -> bool:
    """Free, and most of what earns points not yet done."""
    little = state.invites <= 3 and len(state.features) < 3 and not state.integrations
    return state.plan == "free" and little and not (state.limit_hits or state.premium_tried)


def _seats_to_fill(state: WorkspaceState) -> int:
    return ceil(state.seats * 0.94) - state.seats_used if state.paying else 0


def _boards_to_fill(state: WorkspaceState) -> int:
    return ceil(state.boards_limit * 0.94) - state.boards_used if state.paying else 0
