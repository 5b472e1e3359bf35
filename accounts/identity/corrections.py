"""What a person corrects of what was derived: a merge split again, everybody derived again."""

from collections.abc import Iterable
from datetime import datetime
from time import monotonic
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.identity import derive, exclusions
from accounts.identity.batch import SQL
from accounts.identity.claims import take_in_addresses
from accounts.identity.merges import regroup
from accounts.models import Actor, Exclusion, IdentityVersion, MergeSuggestion, PersonMerge
from plgcrm.common import advisory
from plgcrm.common.sql import rows, scalar, scalars

IDS_A_STEP = 2_000  # people not seen before wait for a step, some tenths of a second


@transaction.atomic
def split(merge_id: int, acting_user: Any, now: datetime | None = None) -> None:
    """Undo one merge: the two sides are told apart again, with their own events and usage. Safe to repeat."""
    rows(SQL["lock"], [advisory.IDENTITY])
    merge = PersonMerge.objects.select_for_update().get(pk=merge_id)
    if merge.undone_at is not None:
        return
    merge.undone_at, merge.undone_by = now or timezone.now(), acting_user
    merge.save(update_fields=["undone_at", "undone_by"])
    # What was accepted is to be decided again.
    again = {"state": MergeSuggestion.State.OPEN, "decided_at": None, "decided_by": None, "merge": None}
    MergeSuggestion.objects.filter(merge=merge).update(**again)
    derive.derive(regroup({merge.left_id, merge.right_id}), set())


@transaction.atomic
def rederive_all() -> int:
    """Derive everybody again, after exclusions or domain overrides changed; how many person rows were looked at."""
    rows(SQL["lock"], [advisory.IDENTITY])
    people = [row[0] for row in rows("SELECT id FROM accounts_person")]
    workspaces = [row[0] for row in rows("SELECT id FROM accounts_workspace")]
    derive.derive(set(people), set(workspaces))
    return len(people)


@transaction.atomic
def follow_exclusions(changed: Iterable[Exclusion]) -> int | None:
    """Derive again whom these rows, as they are and as they were, keep out; how many people were looked at.

    None: they are many, and are derived in the background.
    """
    rows(SQL["lock"], [advisory.IDENTITY])
    every = list(changed)
    exclusions.forget_traffic()
    about = exclusions.concerned(every)
    exclusions.forget_excluded_workspaces(every)
    if about is None:
        exclusions.derive_all_later()
        return None
    people, workspaces = about
    inside = Actor.objects.filter(workspace__in=workspaces).values_list("person", flat=True)
    derive.derive(people | set(inside), workspaces)
    return len(people)


def derive_later(slug: str) -> None:
    """After a change of what this term means: where it says who somebody is, everybody is derived in the background."""
    if slug in derive.IDENTIFYING:
        IdentityVersion.objects.update_or_create(pk=1, defaults={"derive_from": 0})


def say_admin_roles(roles: Iterable[str] | None) -> None:
    """Which roles run a workspace of the product; None: the usual ones. Everybody is derived again by it."""
    kept = None if roles is None else sorted({role.strip().lower()[:40] for role in roles})
    IdentityVersion.objects.update_or_create(pk=1, defaults={"admin_roles": kept, "derive_from": 0})


def derive_waiting(*, seconds: float) -> int:
    """Derive again those who wait for it, for about so long; how many person rows were looked at. Safe to repeat."""
    started, looked_at = monotonic(), 0
    while IdentityVersion.objects.exclude(derive_from=None).exists():
        looked_at += _derive_step()
        if monotonic() - started >= seconds:
            break
    return looked_at


@transaction.atomic
def _derive_step() -> int:
    rows(SQL["lock"], [advisory.IDENTITY])
    waiting = IdentityVersion.objects.select_for_update().exclude(derive_from=None).first()
    if waiting is None or waiting.derive_from is None:  # another worker was faster
        return 0
    step = {"from": waiting.derive_from, "until": waiting.derive_from + IDS_A_STEP}
    people = scalars(SQL["people_between"], step)
    derive.derive(take_in_addresses(people), set())  # with the workspaces in which they are: each has somebody
    waiting.derive_from = scalar(SQL["first_person_from"], step)
    waiting.save(update_fields=["derive_from"])
    return len(people)
