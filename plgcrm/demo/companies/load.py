"""A sample company's history, taken in the way any history is: through the function that HTTP uses."""

import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice, pairwise
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone
from tqdm import tqdm

from accounts.models import Account, DirtyMark
from accounts.ownership import assign
from outreach.models import Play, QueueItem
from outreach.outcomes import record
from outreach.plays import decide
from outreach.plays.go_live import go_live
from plgcrm.common.sql import execute
from plgcrm.demo.companies.desk import SampleDesk, desk_days
from plgcrm.demo.companies.pack import CompanyPack, SampleMessage
from plgcrm.demo.companies.understand import understand
from signals.ingest import partitions
from signals.ingest.keys import ensure_source
from signals.ingest.receive import SourceRef, receive
from signals.ingest.wire import parse
from signals.models import AccountState, Configuration
from signals.scoring.run import sweep

AT_ONCE = 2_000
FIRST_DAYS = timedelta(days=10)  # after which an admin says what things mean
OWNED = 3  # one account in so many has an owner already


def load_sample(
    pack: CompanyPack, *, now: datetime | None = None, companies: int | None = None, quiet: bool = False
) -> dict[str, int]:
    """Take the history in, and let the desk work its last weeks; how many messages, accounts and items there are.

    Safe to run again after it was cut off: messages that are stored already are known by their ids, and mornings
    that were scored already are not scored again.
    """
    now = now or timezone.now()
    source = ensure_source(pack.source)
    arriving = _Arriving(pack.history(now, companies=companies))
    desk, stored, mornings = SampleDesk(pack.seed), 0, desk_days(now)
    with tqdm(desc="120 days of events", unit=" events", file=sys.stderr, disable=quiet) as bar:
        if Configuration.objects.filter(live_since=None).exists():
            stored += _begin(pack, SourceRef(source.pk, source.name), arriving, bar)
        for morning, until in pairwise([*mornings, now]):
            stored += _take_in(SourceRef(source.pk, source.name), arriving.until(morning), bar)
            Play.objects.filter(slug=pack.new_play).update(active=morning == mornings[-1])
            _live(morning, until, desk, in_hand=until == now)
        stored += _take_in(SourceRef(source.pk, source.name), arriving.until(now), bar)
    partitions.ensure_ahead(now)
    execute("ANALYZE")
    _give_owners(now)
    accounts, items = _score(now, quiet), _let_plays_decide(now, desk)
    return {"messages": stored, "accounts": accounts, "items": items}


def _begin(pack: CompanyPack, source: SourceRef, arriving: "_Arriving", bar: "tqdm[Any]") -> int:
    """The first days arrive, somebody says what they mean, and the installation goes live; how many were stored."""
    first = arriving.first_at()
    if first is None:
        return 0
    known = first + FIRST_DAYS
    stored = _take_in(source, arriving.until(known), bar)
    understand(pack.truth, known)
    go_live(known)
    return stored


class _Arriving:
    """The messages in order of arrival, handed out until a time."""

    def __init__(self, messages: Iterator[SampleMessage]) -> None:
        self.messages = messages
        self.next: SampleMessage | None = None

    def first_at(self) -> datetime | None:
        self.next = self.next or next(self.messages, None)
        return self.next and self.next.received_at

    def until(self, at: datetime) -> Iterator[SampleMessage]:
        self.next = self.next or next(self.messages, None)
        while self.next is not None and self.next.received_at <= at:
            yield self.next
            self.next = next(self.messages, None)


def _take_in(source: SourceRef, messages: Iterator[SampleMessage], bar: "tqdm[Any]") -> int:
    stored = 0
    while batch := list(islice(messages, AT_ONCE)):
        stored += take(source, batch)
        bar.update(len(batch))
    return stored


def take(source: SourceRef, batch: list[SampleMessage]) -> int:
    """Some messages of a history, each received when it says; how many were new."""
    last = batch[-1].received_at
    parsed = parse(b'{"batch":[' + b",".join(message.body for message in batch) + b"]}", None, last)
    if parsed.rejected:
        raise ValueError(f"The sample made a message that cannot be read: {parsed.rejected[0].reason}")
    return receive(source, parsed, last, received_each=[message.received_at for message in batch]).accepted


def _live(morning: datetime, until: datetime, desk: SampleDesk, *, in_hand: bool) -> None:
    """A morning of the past and the days until the next: score what has come, let the plays decide, work the queue."""
    if AccountState.objects.filter(as_of__gte=morning.date()).exists():
        return
    if not AccountState.objects.exists():
        execute("ANALYZE")
    _give_owners(morning)
    sweep(morning)
    decide.advance(morning)
    desk.work(morning, until, in_hand=in_hand)


def _give_owners(now: datetime) -> None:
    """Some accounts have an owner from the first day, as in any company."""
    reps = list(User.objects.filter(rep__isnull=False).order_by("pk"))
    new = Account.objects.filter(assignments=None).order_by("pk")
    owned = [account for account in new if account.pk % OWNED == 0] if reps else []
    for account in owned:
        rep = reps[account.pk // OWNED % len(reps)]
        assign(account, rep, acting_user=None, reason="Existing customer list", now=now)


def _score(now: datetime, quiet: bool) -> int:
    newest = DirtyMark.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    with tqdm(desc="Scoring", unit=" accounts", file=sys.stderr, disable=quiet) as bar:
        counts = sweep(now, progress=bar.update)
    DirtyMark.objects.filter(pk__lte=newest).delete()  # everything they mark has just been scored
    return counts.accounts


def _let_plays_decide(now: datetime, desk: SampleDesk) -> int:
    decide.advance(now)
    while any(decide.decide(now).values()):
        pass
    desk.answer(now)
    while record.credit_conversions(now):
        pass
    return QueueItem.objects.filter(state__in=QueueItem.LIVE).count()
