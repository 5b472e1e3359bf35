"""Who owns an account."""

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import Account, Assignment


@transaction.atomic
def assign(account: Account, rep: Any, *, acting_user: Any, reason: str, now: datetime) -> Assignment:
    """Make `rep` the owner from now on; what stood before is ended and kept. Safe to repeat."""
    Account.objects.select_for_update(of=("self",)).get(pk=account.pk)
    standing = Assignment.objects.filter(account=account, ended_at=None).first()
    if standing is not None and standing.rep_id == rep.pk:
        return standing
    if standing is not None:
        standing.ended_at = now
        standing.save(update_fields=["ended_at"])
    return Assignment.objects.create(
        account=account, rep=rep, assigned_by=acting_user, reason=reason[:200], started_at=now
    )


@transaction.atomic
def unassign(account: Account, *, now: datetime) -> bool:
    """End the ownership; whether there was one."""
    Account.objects.select_for_update(of=("self",)).get(pk=account.pk)
    return bool(Assignment.objects.filter(account=account, ended_at=None).update(ended_at=now))
