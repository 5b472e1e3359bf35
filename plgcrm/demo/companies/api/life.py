"""What becomes of each organization, day by day: first answers, credits used up, trials, invoices, tickets, churn.

Whether one subscribes depends on what it has done so far, through a hidden logistic model with noise
(`_wish_to_pay`). Requests come rolled up by the day, as a server sends them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import datetime
from random import Random

from plgcrm.demo.companies.api.console import ConsoleUse
from plgcrm.demo.companies.api.content import LANGUAGES, PLANS, SET_UP, plan_for
from plgcrm.demo.companies.api.customers import HISTORY_DAYS, ApiCustomers
from plgcrm.demo.companies.api.organization import DAY, HOUR, ApiCalendar, ApiLife, OrganizationState
from plgcrm.demo.companies.pack import Properties

TRIAL_DAYS = 14
OVERAGE = 0.004  # dollars for each credit beyond those included
_WEEKDAYS = (1.0, 1.05, 1.05, 1.0, 0.85, 0.1, 0.07)  # of people, Monday first; machines work at half on week-ends

Deed = tuple[float, Callable[..., None], int]  # when, what, and whose place among the users


def simulate(sample: ApiCustomers, *, now: datetime) -> ApiLife:
    """The whole history up to `now`, without the last days' staging."""
    calendar = ApiCalendar(now)
    random = Random(f"life {sample.seed}")
    life = ApiLife(sample, calendar, [], _joining_moments(sample, calendar, random), [])
    for place in range(len(sample.organizations)):
        organization = OrganizationLife(life, place, random)
        organization.live()
        life.states.append(organization.state)
    return life


def _joining_moments(sample: ApiCustomers, calendar: ApiCalendar, random: Random) -> list[float]:
    """In working hours, seldom on a week-end, never before the organization's maker."""
    moments: list[float] = []
    for user in sample.users:
        day = math.floor((calendar.end - user.age * DAY - calendar.start) / DAY)
        if calendar.weekday(day) >= 5 and random.random() < 0.6:
            day -= 2
        at = calendar.moment(day) + (random.triangular(8, 18, 11) - user.utc_offset) % 24 * HOUR
        maker = sample.organizations[user.organization].members[0]
        if len(moments) > maker:
            at = max(at, moments[maker] + 600)
        moments.append(min(at, calendar.end - 400 - 200 * random.random()))
    return moments


class OrganizationLife(ConsoleUse):
    """One organization's days, and what its machines and its money do."""

    def __init__(self, life: ApiLife, place: int, random: Random) -> None:
        super().__init__(life, place, random)
        self.invoice_day = int(self.joined[self.maker] // DAY) % 28
        if self.joined[self.maker] < self.calendar.start:
            self._begin_before_history()

    def _begin_before_history(self) -> None:
        """Old organizations have had their first answer, and half of the keen ones pay."""
        self.state.reached = self.random.random() < 0.9
        if self.state.reached and self.organization.need > -0.1 and self.random.random() < 0.6:
            self.state.take(*plan_for(self.state.volume * self.random.uniform(9, 34)))

    # --- A day ------------------------------------------------------------------------------------------------

    def live(self) -> None:
        born = (self.joined[self.maker] - self.calendar.start) / DAY
        gone = born + self.organization.life
        for day in range(max(0, math.floor(born)), HISTORY_DAYS):
            deeds = sorted(self._deeds(day, gone=day > gone), key=lambda deed: deed[0])
            for at, act, user in deeds:
                if at < self.calendar.end - 1:
                    act(at, user)

    def _deeds(self, day: int, *, gone: bool) -> Iterator[Deed]:
        begins = self.calendar.moment(day)
        for user in self.organization.members:
            if begins <= self.joined[user] < begins + DAY:
                yield self.joined[user], self.arrive, user
        if self.state.trial_ends is not None and self.state.trial_ends < begins + DAY:
            yield self.state.trial_ends, self.end_trial, self.maker
        if int(begins // DAY) % 28 == self.invoice_day:
            yield begins + 6 * HOUR, self.close_month, self.maker
        if not gone:
            yield from self._work(day, begins)
            if (day + self.organization.id) % 7 == 0:
                yield begins + 15 * HOUR, self.consider, self.maker
        elif self.state.paying and self.random.random() < 0.03:
            yield begins + 10 * HOUR, self.cancel, self.maker

    def _work(self, day: int, begins: float) -> Iterator[Deed]:
        """What its machines ask for, and what its people do in the console."""
        weekday = self.calendar.weekday(day)
        if self.state.reached and self.random.random() < (0.8 if self.state.paying else 0.42):
            yield begins + self.random.uniform(17, 23.9) * HOUR, self.roll_up, self._key_holder(begins)
        rate = _WEEKDAYS[weekday] / (1 + math.exp(1.6 - 0.5 * self.organization.need))
        for user in self.organization.members:
            if self.joined[user] < begins and self.random.random() < min(0.9, rate * self.sample.users[user].diligence):
                hour = (self.random.triangular(7.5, 18.5, 10.5) - self.sample.users[user].utc_offset) % 24
                for _ in range(1 + (self.random.random() < 0.55) + (self.random.random() < 0.25)):
                    yield begins + (hour + self.random.random() * 1.5) * HOUR, self.do_something, user

    def _key_holder(self, begins: float) -> int:
        """Requests carry the key of one of the first three."""
        first = [user for user in self.organization.members[:3] if self.joined[user] < begins]
        return self.random.choice(first) if first else self.maker

    # --- Arriving ---------------------------------------------------------------------------------------------

    def arrive(self, at: float, user: int) -> None:
        """Pages seen before the log-in, the sign-up, and for the maker the first steps."""
        maker = user == self.maker
        for _ in range(self.random.choice((1, 1, 2, 3)) if maker else 0):
            page = self.random.choices(("Home", "Docs", "Pricing", "Customers"), weights=(4, 5, 2, 1))[0]
            self.say(at - 30 - self.random.expovariate(1 / 500), user, page, kind="visit")
        self.meet(at, user)
        self.say(at + 1, user, "user.signed_up", {"via": "web" if maker else "invite"})
        if not maker and not self.organization.plain and self.random.random() < 0.7:
            invited = max(at - self.random.uniform(0.02, 1.5) * DAY, self.joined[self.maker] + 60)
            self.say(invited, self.maker, "user.invited", {"role": self.sample.users[user].role})
        if maker:
            self._set_up(at)

    def _set_up(self, at: float) -> None:
        stuck, plain = self.organization.stuck, self.organization.plain
        steps = 2 if stuck else 3 if plain else self.random.choice((1, 2, 3, 3, 4))
        for number in range(steps):
            at += self.random.uniform(60, 1500)
            step = {"step": SET_UP[number], "totalSteps": len(SET_UP)}
            if number == 0:
                self.say(at - 20, self.maker, "api_key.created", {"keyId": self.number(5), "environment": "test"})
            if number == 1:
                language = self.random.choice(LANGUAGES)
                self.say(at - 20, self.maker, "sdk.installed", {"language": language, "version": "3.2.1"})
            if number == 2 and not stuck:
                self.reach(at - 20)
            self.say(at, self.maker, "setup.step_completed", step)
        if stuck or (not plain and self.random.random() < 0.15):
            self._import(at + 300)
        if stuck:
            self.say(at + 2000, self.maker, "request.failed", self._rolled(3, {"status": 401}))
        elif not plain and self.random.random() < self._trial_chance(at):
            self.start_trial(at + 90)

    def _trial_chance(self, at: float) -> float:
        """More of late, so that some of good fit are in the middle of a trial at `now`."""
        fit = self.customer is not None and self.customer.employees >= 20
        return 0.6 if fit and 4.2 * DAY < self.calendar.end - at < 10.5 * DAY else 0.13

    def _import(self, at: float) -> None:
        file = self.random.choice(("claims_2025.zip", "invoices.csv", "Verträge (neu).zip", "sample-set.jsonl"))
        self.say(at, self.maker, "dataset.import_started", {"fileName": file, "documents": self.number(3)})
        if self.organization.stuck or self.random.random() < 0.3:
            error = self.random.choice(("Unsupported file type", "Archive is too large", "Labels are missing"))
            self.say(at + 45, self.maker, "dataset.import_failed", {"fileName": file, "error": error})

    # --- Machines and money -----------------------------------------------------------------------------------

    def roll_up(self, at: float, user: int) -> None:
        """A day's requests, as far as the plan allows; what it is told of is what is counted."""
        self.meet(at - 30, user)
        day = (at - self.calendar.start) / DAY
        weekend = 0.5 if self.calendar.weekday(int(day)) >= 5 else 1.0
        trend = math.exp(max(-0.7, min(0.9, self.slope)) * (day - 60) / 60)
        wanted = max(1, round(self.state.volume * weekend * trend * self.random.lognormvariate(0, 0.35)))
        if not self.state.paying:
            wanted = min(wanted, self.state.included // (60 if self.organization.plain else 12))
        count = min(wanted, self.state.included - self.state.used)
        if count > 0:
            self.state.used += count
            self._say_requests(at, user, count)
        if count < wanted:
            self.exceed(at + 5, user)
        if count > 0 or count < wanted:
            self.tell_traits(at + 8)

    def _say_requests(self, at: float, user: int, count: int) -> None:
        parts = self.endpoints[: 1 + (self.random.random() < 0.3)]
        for number, endpoint in enumerate(parts):
            share = count // len(parts) + (count % len(parts) if number == 0 else 0)
            if share:
                self.say(
                    at + number, user, "request.succeeded", {"endpoint": endpoint, "count": share, "credits": share}
                )
        if self.random.random() < 0.07:
            self.say(at + 3, user, "request.failed", self._rolled(max(1, count // 40), {"status": 422}))

    def _rolled(self, count: int, more: Properties) -> Properties:
        return {"endpoint": self.endpoints[0], "count": count} | more

    def exceed(self, at: float, user: int) -> None:
        """Out of credits: said once a month, seldom again; half of the payers move up."""
        state = self.state
        if state.hit_this_month and self.random.random() < 0.85:
            return
        state.hit_this_month = True
        state.quota_hits += 1
        used = {"quota": "credits", "creditsUsed": state.used, "creditsIncluded": state.included}
        self.say(at, user, "quota.exceeded", used)
        if state.paying and self.random.random() < 0.5:
            before = state.plan
            state.take(*plan_for(state.included + 1))
            self.say(at + 2, self.maker, "subscription.updated", {"fromPlan": before, "toPlan": state.plan})

    def close_month(self, at: float, user: int) -> None:
        """Every 28 days: the invoice of those who pay, and credits begin again."""
        state = self.state
        if state.paying:
            self.meet(at - 1000, user)
            invoice = {
                "invoiceId": self.number(6),
                "amount": float(state.spend),
                "currency": "USD",
                "interval": "month",
            }
            if self.random.random() < 0.06:
                self.say(at - 900, user, "invoice.payment_failed", {"invoiceId": invoice["invoiceId"], "attempt": 1})
            if self.random.random() < 0.15:  # requests above the rate are charged one by one
                invoice["amount"] = round(state.spend + self.number(4) * OVERAGE, 2)
            self.say(at, user, "invoice.paid", invoice)
        state.month_began = at
        if state.used or state.hit_this_month:
            state.used, state.hit_this_month = 0, False
            if state.present:
                self.tell_traits(at + 5)

    def start_trial(self, at: float) -> None:
        if self.state.plan == "sandbox" and at < self.calendar.end - 1:
            self.state.take("trial", PLANS["trial"][0], 0)
            self.state.trial_ends = at + TRIAL_DAYS * DAY
            self.say(at, self.maker, "trial.started", {"planName": "growth", "days": TRIAL_DAYS})
            self.tell_traits(at + 1)

    def end_trial(self, at: float, user: int) -> None:
        self.state.trial_ends = None
        if self.state.plan == "trial":
            credits, price = PLANS["sandbox"]
            self.state.take("sandbox", credits, price)
            self.state.used = min(self.state.used, credits)
            self.say(at, user, "trial.ended", {"planName": "growth"})
            self.tell_traits(at + 1)

    def consider(self, at: float, user: int) -> None:
        """The weekly thought about money: subscribe, stay, or cancel."""
        if self.state.paying:
            if self.random.random() < 0.004:
                self.cancel(at, user)
        elif self.state.reached and not self.organization.plain:
            chance = 1 / (1 + math.exp(-_wish_to_pay(self.state) - self.random.gauss(0, 0.9)))
            if self.random.random() < chance:
                self.subscribe(at, user)

    def subscribe(self, at: float, user: int) -> None:
        if self.random.random() < 0.7:
            self.say(at - 500, user, "Pricing", kind="page")
        self.say(at - 200, user, "checkout.started", {"planName": "growth"})
        if self.random.random() < 0.7:  # the others pay by invoice
            self.say(at - 60, user, "payment_method.added", {"type": "card"})
        state = self.state
        state.take(*plan_for(state.volume * 26))
        state.trial_ends = None
        facts = {"planName": state.plan, "amount": float(state.spend), "currency": "USD", "interval": "month"}
        self.say(at, user, "subscription.created", facts)
        self.tell_traits(at + 1)

    def cancel(self, at: float, user: int) -> None:
        self.say(
            at, user, "subscription.canceled", {"reason": self.random.choice(("price", "own model", "project ended"))}
        )
        credits, price = PLANS["sandbox"]
        self.state.take("sandbox", credits, price)
        self.state.used = min(self.state.used, credits)
        self.tell_traits(at + 1)


def _wish_to_pay(state: OrganizationState) -> float:
    """The log-odds of a subscription in a week, before noise. Usage earns it."""
    return (
        -6.0
        + 0.45 * len(state.features)
        + 0.8 * min(state.quota_hits, 2)
        + 0.25 * min(state.prices_seen, 4)
        + 0.4 * min(state.premium_tried, 3)
        + 0.4 * min(len(state.integrations), 2)
        + 0.5 * math.log10(max(state.volume, 1) / 100)
        + (0.9 if state.plan == "trial" else 0.0)
        + 0.08 * min(len(state.present), 10)
    )
