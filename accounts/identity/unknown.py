"""People of no known company who ask for something: an account of their own, until their company is known."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.identity.batch import SQL
from accounts.identity.derive import derive
from accounts.identity.joins import CorrectionError, join_accounts
from plgcrm.common import advisory
from plgcrm.common.sql import int4s, rows, scalars


@transaction.atomic
def give_own_accounts(people: Sequence[int]) -> int:
    """An account for each of these whole people who belongs to none; how many were made. Safe to repeat."""
    rows(SQL["lock"], [advisory.IDENTITY])
    made = scalars(SQL["new_own_accounts"], {"people": int4s(people)})
    if made:
        derive(made, set())
    return len(made)


def join_known_companies(now: datetime) -> int:
    """Whose company has become known: what stands under their own account goes there, and can be undone like any join.

    How many. Safe to repeat, and beside another worker.
    """
    joined = 0
    for own, company in rows(SQL["companies_known"]):
        try:
            join_accounts(own, company, acting_user=None, now=now)
            joined += 1
        except CorrectionError:  # somebody has just joined one of them
            continue
    return joined
