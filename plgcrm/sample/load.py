"""The sample company's history, taken in the way any history is: through the function that HTTP uses."""

import sys
from datetime import datetime, timedelta
from itertools import islice
from random import Random

from django.contrib.auth.models import User
from django.utils import timezone
from tqdm import tqdm

from accounts.assign import assign
from accounts.models import Account, Touched
from outreach import plays
from outreach.models import QueueItem
from outreach.queue import finish_item
from plgcrm.common.sql import execute
from plgcrm.sample.company import SEED
from plgcrm.sample.history import SampleMessage, history_messages
from signals import partitions
from signals.ingest.keys import ensure_source
from signals.ingest.receive import SourceRef, receive
from signals.ingest.wire import parse
from signals.scoring import sweep

SOURCE = "Boards"
AT_ONCE = 2_000
OWNED = 3  # one account in so many has an owner already
ANSWERED_AFTER = timedelta(hours=14)
DISPOSITIONS = {
    QueueItem.Disposition.WROTE: 4,
    QueueItem.Disposition.ANSWERED: 3,
    QueueItem.Disposition.MET: 2,
    QueueItem.Disposition.CALLED: 1,
    QueueItem.Disposition.NO_ANSWER: 1,
}


def load_sample(*, now: datetime | None = None, companies: int = 1_500, quiet: bool = False) -> dict[str, int]:
    """Take the history in, score it, let the plays decide; how many messages, accounts and items there are.

    Safe to run again after it was cut off: messages that are stored already are known by their ids.
    """
    now = now or timezone.now()
    source = ensure_source(SOURCE)
    stored = _take_in(SourceRef(source.pk, source.name), now, companies, quiet)
    partitions.ensure_ahead(now)
    execute("ANALYZE")
    owned = _give_owners(now)
    accounts = _score(now, quiet)
    return {"messages": stored, "owned": owned, "accounts": accounts, "items": _let_plays_decide(now)}


def _take_in(source: SourceRef, now: datetime, companies: int, quiet: bool) -> int:
    messages = history_messages(seed=SEED, now=now, companies=companies)
    stored = 0
    with tqdm(desc="Taking in 120 days of events", unit=" events", file=sys.stderr, disable=quiet) as bar:
        while batch := list(islice(messages, AT_ONCE)):
            stored += _take(source, batch)
            bar.update(len(batch))
    return stored


def _take(source: SourceRef, batch: list[SampleMessage]) -> int:
    last = batch[-1].received_at
    parsed = parse(b'{"batch":[' + b",".join(message.body for message in batch) + b"]}", None, last)
    if parsed.rejected:
        raise ValueError(f"The sample made a message that cannot be read: {parsed.rejected[0].reason}")
    return receive(source, parsed, last, received_each=[message.received_at for message in batch]).accepted


def _give_owners(now: datetime) -> int:
    """Some accounts have an owner before the first day, as in any company."""
    reps = list(User.objects.filter(rep__isnull=False).order_by("pk"))
    owned = list(Account.objects.filter(assignments=None).order_by("pk"))[::OWNED] if reps else []
    for i, account in enumerate(owned):
        assign(account, reps[i % len(reps)], acting_user=None, reason="Existing customer list", now=now)
    return len(owned)


def _score(now: datetime, quiet: bool) -> int:
    newest = Touched.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    with tqdm(desc="Scoring", unit=" accounts", file=sys.stderr, disable=quiet) as bar:
        counts = sweep(now, progress=bar.update)
    Touched.objects.filter(pk__lte=newest).delete()  # everything they mark has just been scored
    return counts.accounts


def _let_plays_decide(now: datetime) -> int:
    while any(plays.decide(now).values()):
        pass
    _work_off_the_past(now)
    return QueueItem.objects.filter(state__in=QueueItem.LIVE).count()


def _work_off_the_past(now: datetime) -> None:
    """Who asked before today has been answered by now: the desk did not open this minute."""
    chance = Random(SEED)
    asked = QueueItem.objects.filter(play__on_hand_raise=True, decision__moment__at__lt=now - ANSWERED_AFTER)
    for item in asked.select_related("rep", "decision__moment").order_by("pk"):
        if item.rep is None:
            continue
        at = item.decision.moment.at
        QueueItem.objects.filter(pk=item.pk).update(created_at=at)
        disposition = chance.choices(list(DISPOSITIONS), list(DISPOSITIONS.values()))[0]
        answered = at + timedelta(minutes=chance.uniform(2, 240))
        finish_item(item, disposition=disposition, acting_user=item.rep, now=answered)
