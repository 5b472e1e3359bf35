"""Set-up mode: until somebody says Go live nothing reaches a queue, and what would can be looked at."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from outreach.access import Viewer
from outreach.messages.compose import Message, WantedMessage, message_for
from outreach.models import Play, PlayDecision, QueueItem
from outreach.pages.account import account_head, account_people
from outreach.plays import decide
from outreach.plays.desk_rules import desk_rules
from outreach.plays.requesters import HAND_RAISE_DAYS
from outreach.queue.list import opened_item
from plgcrm.common.sql import execute, queries
from signals.models import Moment, Signal
from signals.rules.tree import parse_rule
from signals.scoring.live import live
from signals.vocabulary.applied import Vocabulary
from signals.vocabulary.spoken import names_in_rules
from signals.vocabulary.waiting import waiting_for, words_of

SQL = queries("outreach/sql/plays.sql")
SHOWN = 5
LISTED = 20  # old requests
LISTED_DAYS = 90  # in which they were noticed
MOST_ROUNDS = 10  # of 500 moments: beyond it the page says "at least"


@dataclass(frozen=True, slots=True)
class PlayOutlook:
    """What a play would do on going live, or what it waits for."""

    play: Play
    opens: int
    waits_for: str


@dataclass(frozen=True, slots=True)
class WouldOpen:
    """One item that would open, as a rep would see it."""

    account: str
    play: str
    why_now: str
    rep: str
    message: Message | None


@dataclass(frozen=True, slots=True)
class Outlook:
    """What going live would do now."""

    plays: list[PlayOutlook]
    examples: list[WouldOpen]
    whole: bool  # all moments were looked at
    waiting_requests: int  # of the last seven days: they reach the queue
    unprotected: str = ""  # why nothing protects new users

    @property
    def opens(self) -> int:
        return sum(each.opens for each in self.plays)


@dataclass(frozen=True, slots=True)
class OldRequests:
    """Requests that reached no queue because they were too old to be answered as if they were fresh."""

    newest: list[Moment]
    more: int


def old_requests(now: datetime) -> OldRequests:
    """Those that wait for Go live or were noticed in the last months, newest first: listed, not lost."""
    fresh, lately = now - timedelta(days=HAND_RAISE_DAYS), now - timedelta(days=LISTED_DAYS)
    refused = PlayDecision.objects.filter(moment=OuterRef("pk"), reason__startswith=decide.TOO_OLD)
    old = Moment.objects.filter(Q(decisions=None) | Exists(refused), kind=Moment.Kind.HAND_RAISED, at__lt=fresh)
    old = old.filter(noticed_at__gte=lately)
    newest = list(old.select_related("signal", "actor__person").order_by("-at", "-pk")[:LISTED])
    return OldRequests(newest, old.count() - len(newest))


def outlook(viewer: Viewer, *, now: datetime) -> Outlook:
    """Lets the plays decide as they would, looks at what they opened, and undoes it."""
    vocabulary, fresh = live().vocabulary, now - timedelta(days=HAND_RAISE_DAYS)
    requests = Moment.objects.filter(kind=Moment.Kind.HAND_RAISED, decisions=None)
    with transaction.atomic():
        before = QueueItem.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        whole = _decide_all(now)
        opened = QueueItem.objects.filter(pk__gt=before)
        counts = Counter(opened.values_list("play_id", flat=True))
        examples = [_example(item, viewer, now) for item in _first(opened)]
        transaction.set_rollback(True)
    plays = [
        PlayOutlook(play, counts[play.pk], _waiting(play, vocabulary))
        for play in Play.objects.filter(active=True).select_related("trigger", "team")
    ]
    return Outlook(
        plays,
        examples,
        whole,
        requests.filter(at__gte=fresh).count(),
        _unprotected(vocabulary),
    )


def go_live(now: datetime) -> bool:
    """From now on plays open items; False where it was live already. Requests of seven days are decided first."""
    return bool(execute(SQL["go_live"], {"now": now}))


def _decide_all(now: datetime) -> bool:
    return any(not decide.decide_now(now) for _ in range(MOST_ROUNDS))


def _first(opened: Any) -> list[QueueItem]:
    """The best of each play, then the next best, until there are enough."""
    by_play: dict[int, list[QueueItem]] = {}
    for item in opened.select_related("account", "play", "rep").order_by("sla_class", "-priority", "pk")[:200]:
        by_play.setdefault(item.play_id, []).append(item)
    turns = [items[turn] for turn in range(SHOWN) for items in by_play.values() if turn < len(items)]
    return turns[:SHOWN]


def _example(item: QueueItem, viewer: Viewer, now: datetime) -> WouldOpen:
    rep = item.rep.get_full_name() or item.rep.username if item.rep else ""
    today = now.date()
    opened, head = opened_item(viewer, item.pk, today=today), account_head(item.account_id, today=today)
    message = message_for(opened, viewer, head, account_people(item.account_id, today=today).shown, WantedMessage())
    return WouldOpen(str(item.account), item.play.name, item.why_now, rep, message)


def _waiting(play: Play, vocabulary: Vocabulary) -> str:
    if play.trigger is None:
        hands = list(Signal.objects.filter(category__raises_hand=True))
        heard = [signal for signal in hands if signal.slug not in vocabulary.never((signal.slug,))]
        return "" if heard else "a request: " + ", ".join(signal.name for signal in hands)
    names = names_in_rules()
    specs = waiting_for(parse_rule(play.trigger.rule), vocabulary)
    return "; ".join(dict.fromkeys(words_of(spec, vocabulary, names) for spec in specs))


def _unprotected(vocabulary: Vocabulary) -> str:
    rule = vocabulary.segments.get(desk_rules().first_value)
    if rule is not None and not waiting_for(rule, vocabulary):
        return ""
    return (
        "Nothing here says when someone reaches first value, so no guard keeps plays away from new users. "
        "Say on the vocabulary page which event that is."
    )
