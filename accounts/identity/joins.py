"""Two accounts that are one company: joined by hand, with all that stands under them, and taken apart again.

The account that is joined stays as a row, so that its domain goes on naming it; `joined_into` says what it is part of,
and everything that is derived asks that. docs/explain/identity.md
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.access import display_name
from accounts.dirty_marks import mark_dirty
from accounts.identity import followers
from accounts.identity.batch import SQL as IDENTITY
from accounts.identity.derive import derive
from accounts.identity.followers import FollowingCount, Transfer
from accounts.identity.names import call_by_hand, put_name_back
from accounts.models import Account, Assignment, Correction
from plgcrm.common import advisory
from plgcrm.common.sql import execute, int4s, queries, records, rows, scalars
from plgcrm.common.text import plural

SQL = queries("accounts/sql/corrections.sql")
NAMED = 3


class CorrectionError(Exception):
    """It cannot be done; the message says why in words for the person who tried."""


@dataclass(frozen=True, slots=True)
class Moving:
    """What stands in an account: how much, and the first few by name."""

    workspaces: int
    people: int
    workspace_names: list[str]
    people_names: list[str]


@dataclass(frozen=True, slots=True)
class JoinPreview:
    """What joining would do."""

    old: Account
    new: Account
    moving: Moving
    others: list[FollowingCount] = field(default_factory=list)
    owner: str = ""  # who owns it afterwards, where that changes for somebody

    @property
    def counts(self) -> list[str]:
        """3 workspaces, 41 people, 2 open items."""
        own = [
            FollowingCount(self.moving.workspaces, "workspace", "workspaces"),
            FollowingCount(self.moving.people, "person", "people"),
        ]
        return [plural(each.number, each.one, each.many) for each in [*own, *self.others] if each.number]


def whole_account(account_id: int) -> Account | None:
    """The account of this number, or what it is part of."""
    account = Account.objects.select_related("joined_into").filter(pk=account_id).first()
    return account.joined_into or account if account else None


def moving_with(account: Account) -> Moving:
    """What stands in it."""
    [row] = records(SQL["in_account"], {"account": account.pk, "named": NAMED})
    return Moving(**row)


def what_would_join(old: Account, new: Account) -> JoinPreview:
    """Without changing anything."""
    counts = followers.counts_of(old.pk, new.pk)
    return JoinPreview(old, new, moving_with(old), counts, _owner_words(old, new))


def _owner_words(old: Account, new: Account) -> str:
    held = {each.account_id: display_name(each.rep) for each in _owners([old.pk, new.pk]).select_related("rep")}
    if old.pk not in held:
        return ""
    if new.pk not in held:
        return f"{held[old.pk]} becomes the owner."
    return f"{held[new.pk]} stays the owner; {held[old.pk]} no longer owns it." if len(set(held.values())) > 1 else ""


def _owners(accounts: Sequence[int]) -> Any:
    return Assignment.objects.filter(account__in=accounts, ended_at=None)


@transaction.atomic
def join_accounts(old_id: int, new_id: int, *, acting_user: Any, now: datetime, name: str = "") -> Correction:
    """The old account becomes part of the new one, with all that stands under it and all that will come.

    `name`: what both are called together; "" keeps the name of the new one.
    """
    followers.lock_all([old_id, new_id])
    rows(IDENTITY["lock"], [advisory.IDENTITY])
    old, new = _both(old_id, new_id)
    people, workspaces = people_and_workspaces(old.pk)
    correction = Correction.objects.create(
        verb=Correction.Verb.JOIN, account=new, other=old, text=old.name, user=acting_user, at=now
    )
    _set_roots(new.pk, old.pk)
    derive(people, workspaces)
    kept = followers.move_all(Transfer(old.pk, new.pk, acting_user, now))
    correction.kept = {"followers": kept, "owner": _move_owner(old, new, now)} | _name_both(new, name, now)
    correction.save(update_fields=["kept"])
    mark_dirty([new.pk])
    return correction


def _both(old_id: int, new_id: int) -> tuple[Account, Account]:
    found = Account.objects.in_bulk([old_id, new_id])
    if len(found) < 2:
        raise CorrectionError("Choose another account." if old_id == new_id else "One of the accounts is gone.")
    old, new = found[old_id], found[new_id]
    if old.joined_into_id or new.joined_into_id:
        raise CorrectionError("One of them has just been joined to another account. Look again.")
    return old, new


def people_and_workspaces(account_id: int) -> tuple[list[int], list[int]]:
    """Whom a change of this account concerns."""
    return scalars(SQL["people_in"], {"account": account_id}), scalars(SQL["workspaces_in"], {"account": account_id})


def _set_roots(*roots: int) -> None:
    """Find again what each account among these and their parts is part of."""
    whole: dict[int, int] = {}
    for root in roots:
        whole |= dict(rows(SQL["joins_among"], {"root": root}))
    parts = Account.objects.filter(joined_into__in=roots).values_list("pk", flat=True)
    nodes = sorted({*roots, *parts, *whole})
    found = [_root(node, whole) for node in nodes]
    pairs = [root if root != node else 0 for node, root in zip(nodes, found, strict=True)]
    execute(SQL["set_joined"], {"ids": int4s(nodes), "roots": int4s(pairs)})


def _root(node: int, whole: dict[int, int]) -> int:
    while node in whole:
        node = whole[node]
    return node


def _name_both(new: Account, name: str, now: datetime) -> dict[str, Any]:
    """A name that the joined workspaces would change is kept as said by hand."""
    wanted = name or new.name
    derived = Account.objects.values_list("name", flat=True).get(pk=new.pk)
    return {} if derived == wanted else {"name": call_by_hand(new.pk, wanted, now)}


def _move_owner(old: Account, new: Account, now: datetime) -> dict[str, int]:
    """Who owns the new account stays; where nobody does, the old owner goes along."""
    held = {each.account_id: each for each in _owners([old.pk, new.pk])}
    if old.pk not in held:
        return {}
    mine = Assignment.objects.filter(pk=held[old.pk].pk)
    if new.pk in held:
        mine.update(ended_at=now)
        return {"ended": held[old.pk].pk}
    mine.update(account=new)
    return {"moved": held[old.pk].pk}


@transaction.atomic
def undo_join(correction_id: int, *, acting_user: Any, now: datetime) -> Correction:
    """Two accounts again, each with what was its own; what came since goes where it belongs. Safe to repeat."""
    seen = Correction.objects.get(pk=correction_id, verb=Correction.Verb.JOIN)
    whole = seen.account and whole_account(seen.account.pk)
    if whole is None or seen.other is None or seen.undone_at is not None:
        return seen
    followers.lock_all([seen.other.pk, whole.pk])
    rows(IDENTITY["lock"], [advisory.IDENTITY])
    correction = Correction.objects.select_for_update(of=("self",)).get(pk=correction_id)
    if correction.undone_at is not None:
        return correction
    people, workspaces = people_and_workspaces(whole.pk)
    mark_undone(correction, acting_user, now)
    _set_roots(whole.pk)
    kept = correction.kept
    derive(people, workspaces)
    if "name" in kept:
        put_name_back(whole.pk, kept["name"])
    followers.bring_all_back(Transfer(seen.other.pk, whole.pk, acting_user, now), kept["followers"])
    _bring_owner_back(seen.other, kept["owner"])
    mark_dirty([whole.pk, seen.other.pk])
    return correction


def _bring_owner_back(old: Account, kept: dict[str, int]) -> None:
    if _owners([old.pk]).exists():
        return
    if "moved" in kept:
        Assignment.objects.filter(pk=kept["moved"]).update(account=old)
    elif "ended" in kept:
        Assignment.objects.filter(pk=kept["ended"]).update(ended_at=None)


def mark_undone(correction: Correction, acting_user: Any, now: datetime) -> None:
    """Keep who undid it, and when."""
    correction.undone_at, correction.undone_by = now, acting_user
    correction.save(update_fields=["undone_at", "undone_by"])
