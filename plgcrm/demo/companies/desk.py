"""How the sample's reps have worked in the weeks before the demo begins.

Through the same functions as the pages, with dates in the past: what the report shows of those weeks is counted from
rows like any others. The accounts, the reasons and the conversions come from the events; that a rep wrote, dismissed
or met somebody is drawn by chance, the same for the same seed.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count, Q

from accounts.access import MANAGER
from outreach.models import PlayDecision, QueueItem, Rep
from outreach.outcomes.record import OutcomeError, log_outcome
from outreach.plays.why_now import facts_of
from outreach.queue.actions import dismiss_item, finish_item, reassign_item
from signals.models import AccountState

WEEKS = 6
DAYS_TWICE_A_WEEK = 21  # the desk looked at what came on Mondays, and of late on Thursdays too
MORNING, EVENING = 8, 16  # hours, UTC
A_DAY = 5  # items that a rep works on a day
LEFT, DISMISSED = 0.10, 0.17
ANSWERED_AFTER = timedelta(hours=14)
Disposition, Reason = QueueItem.Disposition, QueueItem.DismissReason
DISPOSITIONS = {
    Disposition.WROTE: 4,
    Disposition.ANSWERED: 3,
    Disposition.MET: 2,
    Disposition.CALLED: 1,
    Disposition.NO_ANSWER: 1,
}
REASONS = {
    Reason.BAD_TIMING: 4,
    Reason.NOT_A_FIT: 3,
    Reason.WRONG_PERSON: 2,
    Reason.ALREADY_TALKING: 2,
    Reason.WRONG_SIGNAL: 1,
}


def desk_days(now: datetime) -> list[datetime]:
    """The mornings before now on which the desk looked at what came, oldest first."""
    back = range(WEEKS * 7, 1, -1)
    days = [(days, now.date() - timedelta(days=days)) for days in back]
    looked = [day for days, day in days if day.weekday() == 0 or (day.weekday() == 3 and days <= DAYS_TWICE_A_WEEK)]
    return [datetime.combine(day, time(7), now.tzinfo) for day in looked]


@dataclass(slots=True)
class _Due:
    """What will come of an item, on its day."""

    at: datetime
    item: QueueItem
    kind: str
    worth: dict[str, Any] = field(default_factory=dict)


class SampleDesk:
    def __init__(self, seed: int) -> None:
        self.random = Random(f"desk {seed}")
        self.to_come: list[_Due] = []
        self.manager = User.objects.filter(groups__name=MANAGER).order_by("pk").first()

    def work(self, since: datetime, until: datetime, *, in_hand: bool) -> None:
        """What the reps do between two mornings: from the top of their queues, as much as their days hold.

        `in_hand`: these are the last days, of which every second item of each play still waits.
        """
        self.answer(until)
        if not in_hand:
            self._distribute(since)
        days = [day for day in _days(since, until) if day.weekday() < 5]
        worked: Counter[int] = Counter()
        waiting: Counter[str] = Counter()
        items = QueueItem.objects.filter(state=QueueItem.State.OPEN, rep__isnull=False, play__on_hand_raise=False)
        for item in items.select_related("rep", "play").order_by("sla_class", "-priority", "pk"):
            place = worked[item.rep_id or 0] // A_DAY
            waiting[item.play.slug] += 1
            if place >= len(days) or (in_hand and waiting[item.play.slug] % 2):
                continue
            worked[item.rep_id or 0] += 1
            self._close(item, self._moment(days[place]))
        self._let_come(until)

    def _distribute(self, at: datetime) -> None:
        """The manager gives what is unassigned to the rep of the play's team who has least."""
        unassigned = QueueItem.objects.filter(state=QueueItem.State.OPEN, rep=None)
        for item in unassigned.select_related("play").order_by("sla_class", "-priority", "pk"):
            live = Count("user__queue_items", filter=Q(user__queue_items__state__in=QueueItem.LIVE))
            rep = Rep.objects.filter(team=item.play.team_id).annotate(live=live).order_by("live", "pk").first()
            if rep and self.manager:
                reassign_item(item, to=rep.user, acting_user=self.manager, now=at)

    def answer(self, until: datetime) -> None:
        """Who asked has been answered: mostly in minutes, sometimes after hours."""
        asked = QueueItem.objects.filter(play__on_hand_raise=True, state=QueueItem.State.OPEN, rep__isnull=False)
        asked = asked.filter(decision__moment__at__lt=until - ANSWERED_AFTER)
        for item in asked.select_related("rep", "play", "decision__moment").order_by("pk"):
            at = item.decision.moment.at
            QueueItem.objects.filter(pk=item.pk).update(created_at=at)
            PlayDecision.objects.filter(pk=item.decision_id).update(decided_at=at)
            minutes = min(1 + self.random.expovariate(1 / 4), 240)
            self._finish(item, max(item.due_at - timedelta(minutes=5), at) + timedelta(minutes=minutes))

    def _close(self, item: QueueItem, at: datetime) -> None:
        fate = self.random.random()
        if fate < LEFT:
            return
        if fate < LEFT + DISMISSED:
            dismiss_item(item, reason=self._one_of(REASONS), acting_user=item.rep, now=at)  # type: ignore[arg-type]
        else:
            self._finish(item, at)

    def _finish(self, item: QueueItem, at: datetime) -> None:
        disposition = self._one_of(DISPOSITIONS)
        finish_item(item, disposition=disposition, acting_user=item.rep, now=at)  # type: ignore[arg-type]
        if disposition == Disposition.MET:
            self._expect(item, at)

    def _expect(self, item: QueueItem, met_at: datetime) -> None:
        """After a meeting: half become an opportunity, and of those some are won and some lost."""
        if self.random.random() < 0.5:
            return
        worth, at = _worth(item), met_at + timedelta(days=self.random.uniform(1, 5))
        self.to_come.append(_Due(at, item, "opportunity", worth))
        end = self.random.choices(("won", "lost", ""), (5, 3, 2))[0]
        if end:
            later = at + timedelta(days=self.random.uniform(4, 16))
            self.to_come.append(_Due(later, item, end, worth if end == "won" else {}))

    def _let_come(self, until: datetime) -> None:
        due = sorted((each for each in self.to_come if each.at < until), key=lambda each: each.at)
        self.to_come = [each for each in self.to_come if each.at >= until]
        for each in due:
            with suppress(OutcomeError):  # a deal that the product has told of already
                log_outcome(each.item, kind=each.kind, acting_user=each.item.rep, now=each.at, **each.worth)  # type: ignore[arg-type]

    def _moment(self, day: datetime) -> datetime:
        return day.replace(hour=MORNING) + timedelta(minutes=self.random.uniform(0, (EVENING - MORNING) * 60))

    def _one_of(self, weights: dict[Any, int]) -> str:
        return str(self.random.choices(list(weights), list(weights.values()))[0])


def _days(since: datetime, until: datetime) -> Iterator[datetime]:
    day = since
    while day < until:
        yield day
        day += timedelta(days=1)


def _worth(item: QueueItem) -> dict[str, Any]:
    """What a year may bring, as the item's place in the queue counts it, in the account's currency."""
    state = AccountState.objects.filter(account=item.account_id).first()
    currency = facts_of(state.measures)["currency"].value if state else None
    amount = Decimal(round(float(item.priority_parts.get("deal", 0)) or 600))
    return {"amount": amount, "currency": str(currency or "USD")}
