"""Merges that only a person may decide: accepted, refused for ever, and either of it undone."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.identity.batch import SQL
from accounts.identity.corrections import split
from accounts.identity.derive import derive
from accounts.identity.merges import regroup
from accounts.models import Actor, MergeSuggestion, PersonMerge
from plgcrm.common import advisory
from plgcrm.common.sql import int4s, rows, scalars

MOST_SHOWN = 5_000  # places
STATES = MergeSuggestion.State


@dataclass(frozen=True, slots=True)
class MovedCount:
    """What accepting would move: activity in so many places, from one account to another."""

    before: str
    after: str
    places: int


def where_both_act() -> QuerySet[MergeSuggestion]:
    """Those of which both sides have done something: an id that is only named in an alias is nobody yet."""
    acts = (Exists(Actor.objects.filter(profile=OuterRef(side))) for side in ("left", "right"))
    return MergeSuggestion.objects.filter(*acts)


@transaction.atomic
def accept(suggestion_id: int, acting_user: Any, now: datetime) -> MergeSuggestion:
    """Make the two one person, by hand. Safe to repeat."""
    suggestion = _locked(suggestion_id)
    if suggestion.state == STATES.ACCEPTED:
        return suggestion
    left, right = suggestion.left_id, suggestion.right_id
    merge, _ = PersonMerge.objects.get_or_create(
        left_id=left, right_id=right, cause=PersonMerge.Cause.MANUAL, defaults={"evidence": suggestion.evidence}
    )
    merge.undone_at = merge.undone_by = None
    merge.save(update_fields=["undone_at", "undone_by"])
    _decide(suggestion, STATES.ACCEPTED, acting_user, now, merge)
    derive(regroup({left, right}), set())
    return suggestion


@transaction.atomic
def refuse(suggestion_id: int, acting_user: Any, now: datetime) -> MergeSuggestion:
    """They are two people, and no message will suggest it again. Safe to repeat."""
    suggestion = _locked(suggestion_id)
    if suggestion.state == STATES.OPEN:
        _decide(suggestion, STATES.REFUSED, acting_user, now, None)
    return suggestion


@transaction.atomic
def undo(suggestion_id: int, acting_user: Any, now: datetime) -> MergeSuggestion:
    """To be decided again; where it was accepted, each side has its own events and usage again. Safe to repeat."""
    suggestion = _locked(suggestion_id)
    if suggestion.merge_id is not None:
        split(suggestion.merge_id, acting_user, now)
    MergeSuggestion.objects.filter(pk=suggestion_id).update(
        state=STATES.OPEN, decided_at=None, decided_by=None, merge=None
    )
    suggestion.refresh_from_db()
    return suggestion


def what_would_move(suggestion: MergeSuggestion, now: datetime) -> list[MovedCount]:
    """Found by accepting it and rolling that back: what is shown is what would happen."""
    with transaction.atomic():
        rows(SQL["lock"], [advisory.IDENTITY])
        actors = _actors_around(suggestion)
        before = _accounts(actors)
        accept(suggestion.pk, None, now)
        after = _accounts(actors)
        transaction.set_rollback(True)
    moved = Counter((before[actor], after[actor]) for actor in actors if before[actor] != after[actor])
    return [MovedCount(was, is_now, places) for (was, is_now), places in sorted(moved.items())]


def _actors_around(suggestion: MergeSuggestion) -> list[int]:
    """Of both people, and of the workspaces they are in: whose company may be another by their first member."""
    people = scalars(SQL["everybody_of"], {"people": int4s([suggestion.left_id, suggestion.right_id])})
    workspaces = Actor.objects.filter(profile__in=people, workspace__isnull=False).values("workspace")
    own = Q(profile__in=people) | Q(workspace__in=workspaces)
    return list(Actor.objects.filter(own).order_by("pk").values_list("pk", flat=True)[:MOST_SHOWN])


def _accounts(actors: list[int]) -> dict[int, str]:
    found = Actor.objects.filter(pk__in=actors).values_list("pk", "account__name", "account__domain")
    return {pk: name or domain or "no account" for pk, name, domain in found}


def _locked(suggestion_id: int) -> MergeSuggestion:
    rows(SQL["lock"], [advisory.IDENTITY])
    return MergeSuggestion.objects.select_for_update().get(pk=suggestion_id)


def _decide(suggestion: MergeSuggestion, state: str, user: Any, now: datetime, merge: PersonMerge | None) -> None:
    suggestion.state, suggestion.decided_by, suggestion.decided_at, suggestion.merge = state, user, now, merge
    suggestion.save(update_fields=["state", "decided_by", "decided_at", "merge"])
