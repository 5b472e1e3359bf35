"""Outcomes: what reps log, and conversions that arrive as events. The rule of credit: rules/credit.py.

`credit_conversions` is what a worker calls, as often as it likes and in as many processes as there are.
docs/explain/proof.md says it for people.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction

from accounts.access import display_name
from accounts.models import Account
from outreach import own_state
from outreach.locks import lock_accounts, lock_item
from outreach.models import Outcome, QueueItem, QueueItemChange
from outreach.rules.credit import Credit, Worked, credit
from outreach.rules.guards import day_words
from plgcrm.common.rounds import Rounds
from plgcrm.common.sql import execute, int4s, queries, records, rows, rows_as, scalars, timestamptzs

SQL = queries("outreach/sql/outcomes.sql")
Kind = Outcome.Kind

SAME_DEAL_DAYS = 30
MOMENT_AGO = timedelta(minutes=1)
LARGEST_AMOUNT = Decimal("999999999999.99")
LONGEST_CREDIT = 300
CENT = Decimal("0.01")
HAS_AMOUNT = (Kind.OPPORTUNITY, Kind.WON)
ROUNDS = Rounds(seconds=60)


class OutcomeError(Exception):
    """It cannot be logged, or undone; the message says why in words for the person who tried."""


# --- What reps log ----------------------------------------------------------------------------------------


@transaction.atomic
def log_outcome(
    about: QueueItem | Account,
    *,
    kind: str,
    acting_user: User,
    now: datetime,
    amount: Decimal | None = None,
    currency: str = "",
) -> Outcome:
    """Log the outcome of an item, whose play it is credited to, or of an account, where the rule of credit says."""
    _check(kind, amount, currency)
    if isinstance(about, QueueItem):
        # The lock makes two clicks one after the other, so that the second sees what the first wrote.
        item = lock_item(about.pk)
        given, said = _credit_of(item), item.outcomes.filter(kind=kind, moment=None, undone_at=None)
        account = item.account_id
    else:
        # There is no item to lock; the account's own lock serves, as for the plays.
        lock_accounts([about.pk])
        given, account = _credits([(about.pk, now)])[0], about.pk
        said = Outcome.objects.filter(account=about, item=given.item_id, kind=kind, moment=None, undone_at=None)
        said = said if given.item_id else said.filter(at__gt=now - MOMENT_AGO, amount=amount, currency=currency)
    # Before anything is written: a double click would double the report.
    _refuse_twice(said.select_related("user").first(), now)
    own_state.changed([account])
    # A rep writes a deal down that billing has reported as well: one deal, one row.
    if kind == Kind.WON:
        _refuse_known_conversion(account, amount, currency, now)
    return Outcome.objects.create(
        account_id=account,
        play_id=given.play_id,
        item_id=given.item_id,
        kind=kind,
        amount=amount,
        currency=currency,
        user=acting_user,
        credit=given.words[:LONGEST_CREDIT],
        at=now,
    )


@transaction.atomic
def undo_outcome(outcome: Outcome, *, acting_user: User, now: datetime) -> Outcome:
    """The row stays, as undone; a conversion that was undone is not credited again."""
    row = Outcome.objects.select_for_update(no_key=True).get(pk=outcome.pk)
    if row.undone_at is not None:
        raise OutcomeError("This outcome has already been undone.")
    row.undone_at, row.undone_by = now, acting_user
    row.save(update_fields=["undone_at", "undone_by"])
    own_state.changed([row.account_id])
    return row


def log_meeting(item: QueueItem, *, acting_user: User, now: datetime) -> None:
    """For closing an item with “meeting booked”. `item` is locked by the caller; a meeting logged before stands."""
    if not item.outcomes.filter(kind=Kind.MEETING, undone_at=None).exists():
        words = _credit_of(item).words[:LONGEST_CREDIT]
        own_state.changed([item.account_id])
        Outcome.objects.create(
            account_id=item.account_id,
            play_id=item.play_id,
            item=item,
            kind=Kind.MEETING,
            user=acting_user,
            credit=words,
            at=now,
        )


def undo_with(change: QueueItemChange, *, now: datetime) -> None:
    """An item is open again: what was logged by closing it is undone; what was credited for it is credited again."""
    # By the same instant: only what this very closing wrote, not a meeting logged an hour before.
    logged = Outcome.objects.filter(item=change.item_id, user=change.user_id, at=change.at, moment=None, undone_at=None)
    logged.update(undone_at=now, undone_by=change.user_id)
    # Deleted, not undone: the next round credits them again, by what then is true.
    Outcome.objects.filter(item=change.item_id, moment__isnull=False, at__gt=change.at, undone_at=None).delete()


def _check(kind: str, amount: Decimal | None, currency: str) -> None:
    if kind not in Kind.values:
        raise OutcomeError("Choose an outcome.")
    if kind == Kind.WON and amount is None:
        raise OutcomeError("A won deal needs an amount and a currency.")
    if amount is not None and kind not in HAS_AMOUNT:
        raise OutcomeError("Only an opportunity or a won deal has an amount.")
    _check_worth(amount, currency)


def _check_worth(amount: Decimal | None, currency: str) -> None:
    if (amount is None) != (currency == ""):
        raise OutcomeError("Enter the amount together with its currency, such as 1200 and EUR.")
    if amount is not None and (amount.is_nan() or not 0 <= amount <= LARGEST_AMOUNT):
        raise OutcomeError("Enter an amount of zero or more.")
    if currency and not (len(currency) == 3 and currency.isascii() and currency.isalpha() and currency.isupper()):
        raise OutcomeError("Use a three-letter currency code, such as USD.")


def _refuse_twice(said: Outcome | None, now: datetime) -> None:
    if said is not None:
        who = display_name(said.user) if said.user else "someone"
        raise OutcomeError(f"Already logged: {said.kind}, by {who} on {day_words(said.at, now)}.")


def _refuse_known_conversion(account: int, amount: Decimal | None, currency: str, now: datetime) -> None:
    """A deal that the product has reported is counted once."""
    reported = Outcome.objects.filter(account=account, moment__isnull=False, undone_at=None, at__lte=now)
    reported = reported.filter(amount=amount, currency=currency, at__gte=now - timedelta(days=SAME_DEAL_DAYS))
    if (known := reported.order_by("-at").first()) is not None:
        on = day_words(known.at, now)
        raise OutcomeError(f"The product already reported this deal on {on}, so it is counted. {known.credit}")


def _credit_of(item: QueueItem) -> Credit:
    return Credit(item.pk, item.play_id, f"“{item.play.name}”: logged on its item.")


# --- What events report -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Conversion:
    moment_id: int
    at: datetime
    account_id: int
    facts: dict[str, Any]

    @property
    def worth(self) -> Decimal | None:
        """To the cent. Ingest keeps an amount only together with its currency."""
        if "amount" not in self.facts:
            return None
        # Through text: a float would bring digits along that nobody sent.
        return min(Decimal(str(self.facts["amount"])).quantize(CENT), LARGEST_AMOUNT)


@transaction.atomic
def credit_conversions(now: datetime, *, limit: int = 500) -> int:
    """Write an outcome for each conversion that has none and whose account is known; how many.

    Conversions noticed in the last minutes, and once a minute all of them. They are locked and skipped by others;
    an outcome that another worker wrote first is left to it (Outcome.moment is unique).
    """
    looks = ROUNDS.next()
    if looks.thorough:
        # Accounts of people change when links do; what was credited before follows them.
        own_state.changed(account for row in rows(SQL["follow_accounts"]) for account in row)
        own_state.changed(scalars(SQL["drop_excluded"]))
    found = rows_as(Conversion, SQL["uncredited"], {"minutes": looks.minutes, "limit": limit})
    if len(found) == limit:
        ROUNDS.look_at_all()
    return _write(found, now) if found else 0


def _write(found: Sequence[Conversion], now: datetime) -> int:
    given = _credits([(one.account_id, one.at) for one in found])
    outcomes = [_record(one, its) for one, its in zip(found, given, strict=True)]
    written = scalars(SQL["new_outcomes"], {"outcomes": json.dumps(outcomes, cls=DjangoJSONEncoder)})
    own_state.changed(one.account_id for one in found)
    # The rep was faster than billing: the conversion takes the place of what the rep wrote.
    execute(SQL["said_before"], {"outcomes": int4s(written), "days": SAME_DEAL_DAYS, "now": now})
    return len(written)


def _record(one: Conversion, given: Credit) -> dict[str, Any]:
    return {
        "account": one.account_id,
        "play": given.play_id,
        "item": given.item_id,
        "amount": one.worth,
        "currency": "" if one.worth is None else str(one.facts["currency"]),
        "moment": one.moment_id,
        "credit": given.words[:LONGEST_CREDIT],
        "at": one.at.isoformat(),
    }


def _credits(wanted: Sequence[tuple[int, datetime]]) -> list[Credit]:
    """The credit of something that happened to an account at a time, for many at once."""
    params = {
        "numbers": int4s(list(range(len(wanted)))),
        "accounts": int4s([account for account, _ in wanted]),
        "ats": timestamptzs([at.timestamp() for _, at in wanted]),
    }
    worked: dict[int, list[Worked]] = defaultdict(list)
    for row in records(SQL["worked"], params):
        worked[row.pop("number")].append(Worked(**row))
    return [credit(at, worked[number]) for number, (_, at) in enumerate(wanted)]
