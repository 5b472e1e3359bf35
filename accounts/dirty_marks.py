"""Marks of accounts that have to be scored again."""

from collections.abc import Iterable

from plgcrm.common.sql import execute, int4s


def mark_dirty(account_ids: Iterable[int]) -> None:
    """Have these accounts scored again soon. In the transaction of the change: the mark is there when the change is."""
    if ids := sorted(set(account_ids)):
        execute("INSERT INTO accounts_dirtymark (actors, accounts) VALUES ('{}', %s::int[])", [int4s(ids)])
