"""Why-now lines tried on real accounts, before they are saved."""

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import Account
from accounts.queries import found_accounts
from outreach.models import QueueItem
from outreach.plays.context import Situation, situations_of
from outreach.plays.why_now import Facts, hand_raise_facts
from outreach.rules.why_now import PassedOver, Sentence, SentenceLine, first_true, passed_over

MOST = 3


@dataclass(frozen=True, slots=True)
class Tried:
    """What the lines say of one account: the sentence, or that none can be said, and why those before it cannot."""

    account: Account
    item_id: int
    sentence: Sentence
    before: list[PassedOver]


def searched(text: str) -> str:
    """What somebody looks for, as it is looked for."""
    return " ".join(text.replace("\0", " ").split())[:100]


def tried_on(lines: Sequence[SentenceLine], play: int, search: str, *, on_hand_raise: bool) -> list[Tried]:
    """The lines for the account searched for; else for the play's next items; else for some that are measured."""
    items = {item.account_id: item for item in _items(play, search)}
    accounts = [item.account for item in items.values()] or list(_accounts(search))
    situations = situations_of(account.pk for account in accounts)
    return [
        _tried(lines, account, items.get(account.pk), situations[account.pk], on_hand_raise=on_hand_raise)
        for account in accounts
    ]


def _items(play: int, search: str) -> list[QueueItem]:
    found = QueueItem.objects.filter(play=play, state__in=QueueItem.LIVE)
    found = found.select_related("account", "person", "decision__moment__signal")
    if search:
        found = found.filter(account__in=list(found_accounts(search)[:1]))
    return list(found.order_by("sla_class", "-priority", "pk")[:MOST])


def _accounts(search: str) -> Sequence[Account]:
    if search:
        return list(Account.objects.filter(pk__in=list(found_accounts(search)[:1])))
    return list(Account.objects.filter(state__isnull=False).order_by("pk")[:MOST])


def _tried(
    lines: Sequence[SentenceLine],
    account: Account,
    item: QueueItem | None,
    situation: Situation,
    *,
    on_hand_raise: bool,
) -> Tried:
    facts = situation.facts | (_asked(item) if on_hand_raise and item else {})
    return Tried(account, item.pk if item else 0, first_true(lines, facts, ""), passed_over(lines, facts))


def _asked(item: QueueItem) -> Facts:
    moment = item.decision.moment
    signal = moment.signal.name if moment.signal else ""
    return hand_raise_facts(moment.facts, person=str(item.person or "Someone"), signal=signal)
