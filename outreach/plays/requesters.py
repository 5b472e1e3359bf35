"""Who made a request and is of no known company: an account of their own brings it to a queue."""

from datetime import datetime, timedelta

from accounts.identity.unknown import give_own_accounts
from plgcrm.common.rounds import Rounds
from plgcrm.common.sql import queries, scalars

SQL = queries("outreach/sql/plays.sql")
HAND_RAISE_DAYS = 7
_ROUNDS = Rounds(seconds=60)


def place_requesters(now: datetime, *, limit: int = 500) -> int:
    """Give each of them an account; how many were made. Safe to repeat.

    Looks at what came in the last minutes, and once a minute at everything that may still be answered.
    """
    too_old = now - timedelta(days=HAND_RAISE_DAYS)
    people = scalars(SQL["of_no_company"], {"minutes": _ROUNDS.next().minutes, "too_old": too_old, "limit": limit})
    return give_own_accounts(people) if people else 0
