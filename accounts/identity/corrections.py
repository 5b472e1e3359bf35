"""What a person corrects of what was derived: a merge split again, everybody derived again."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.identity import derive
from accounts.identity.resolve import SQL, regroup
from accounts.models import PersonMerge
from plgcrm.common import advisory
from plgcrm.common.sql import rows


@transaction.atomic
def split(merge_id: int, acting_user: Any, now: datetime | None = None) -> None:
    """Undo one merge: the two sides are told apart again, with their own events and usage. Safe to repeat."""
    rows(SQL["lock"], [advisory.IDENTITY])
    merge = PersonMerge.objects.select_for_update().get(pk=merge_id)
    if merge.undone_at is not None:
        return
    merge.undone_at, merge.undone_by = now or timezone.now(), acting_user
    merge.save(update_fields=["undone_at", "undone_by"])
    derive.derive(regroup({merge.left_id, merge.right_id}), set())


@transaction.atomic
def rederive_all() -> int:
    """Derive everybody again, after exclusions or domain overrides changed; how many person rows were looked at."""
    rows(SQL["lock"], [advisory.IDENTITY])
    people = [row[0] for row in rows("SELECT id FROM accounts_person")]
    workspaces = [row[0] for row in rows("SELECT id FROM accounts_workspace")]
    derive.derive(set(people), set(workspaces))
    return len(people)
