"""What stood before an import spoke of it, kept with the import: the first touch of each thing counts."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from accounts.models import FactBefore
from plgcrm.common.sql import execute, int4s, queries

SQL = queries("accounts/sql/imports.sql")
EPOCH = date(1970, 1, 1)
Slot = tuple[int, int, int, int, date]  # subject kind, subject, key, origin, day


def before_identities(run: int, identities: Sequence[int]) -> None:
    """Whom these identities stood for, and who claimed them."""
    execute(SQL["before_identities"], {"run": run, "ids": int4s(identities)})


def new_identities(run: int, identities: Sequence[int]) -> None:
    """These were not there."""
    _were_not_there(run, FactBefore.Kind.IDENTITY, identities)


def new_workspaces(run: int, workspaces: Sequence[int]) -> None:
    """These were not there."""
    _were_not_there(run, FactBefore.Kind.WORKSPACE, workspaces)


def new_accounts(run: int, accounts: Sequence[int]) -> None:
    """These were not there."""
    _were_not_there(run, FactBefore.Kind.ACCOUNT, accounts)


def _were_not_there(run: int, kind: int, ids: Sequence[int]) -> None:
    if ids:
        execute(SQL["were_not_there"], {"run": run, "kind": int(kind), "ids": int4s(ids)})


def before_actors(run: int, slots: Sequence[tuple[int, int]]) -> None:
    """Since when each (person row, workspace or 0) had been seen, if at all."""
    params: dict[str, Any] = {"profiles": int4s([slot[0] for slot in slots])}
    execute(SQL["before_actors"], params | {"run": run, "workspaces": int4s([slot[1] for slot in slots])})


def before_group_calls(run: int, slots: Sequence[tuple[int, int, date]]) -> None:
    """When each (person row, workspace) was last named by a group call of that day, if at all."""
    profiles, workspaces, days = zip(*slots, strict=True)
    params: dict[str, Any] = {"run": run, "days": int4s([(day - EPOCH).days for day in days])}
    execute(SQL["before_group_calls"], params | {"profiles": int4s(profiles), "workspaces": int4s(workspaces)})


def before_attributes(run: int, slots: Sequence[Slot]) -> None:
    """What was said of each subject under each key on that day, if anything."""
    kinds, subjects, keys, origins, days = zip(*slots, strict=True) if slots else ((),) * 5
    params: dict[str, Any] = {"run": run, "days": int4s([(day - EPOCH).days for day in days])}
    params |= {"kinds": int4s(kinds), "subjects": int4s(subjects), "keys": int4s(keys), "origins": int4s(origins)}
    execute(SQL["before_attributes"], params)


def new_owner(run: int, account: int, assignment: int, previous: int | None) -> None:
    """The import made this the account's assignment; `previous` was ended for it."""
    FactBefore.objects.create(
        run=run, kind=FactBefore.Kind.OWNER, place=[account, assignment], before={"previous": previous}
    )
