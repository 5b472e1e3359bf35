"""What scoring keeps of an account that is joined to another: moments go along, scores wait aside for an undo.

Scores and states are not moved: the other account is scored anew. They come back as they were, so that the same usage
afterwards crosses nothing and fires nothing.
"""

import json
from collections.abc import Sequence
from typing import Any

from accounts.identity.followers import Follower, FollowingCount, Transfer
from plgcrm.common.sql import execute, int4s, queries, rows, scalar, scalars

SQL = queries("signals/sql/following.sql")
ASIDE = {"scores": "signals_score", "states": "signals_accountstate", "stays": "signals_segmentmember"}


def _lock(accounts: Sequence[int]) -> None:
    rows(SQL["lock_moments"], {"accounts": int4s(sorted(accounts))})


def _count(old: int, new: int) -> list[FollowingCount]:
    return []


def _move(transfer: Transfer) -> dict[str, Any]:
    params = {"old": transfer.old, "new": transfer.new}
    moments = scalars(SQL["move_moments"], params)
    return {"moments": moments} | {name: scalar(SQL[f"take_{name}"], params) for name in ASIDE}


def _bring_back(transfer: Transfer, kept: dict[str, Any]) -> None:
    params = {"old": transfer.old, "new": transfer.new, "ids": int4s(kept["moments"])}
    execute(SQL["moments_back"], params)
    for name, table in ASIDE.items():
        if _fits(table, kept[name]):
            execute(SQL[f"{name}_back"], {"rows": kept[name]})


def _fits(table: str, text: str) -> bool:
    """A row that was taken before the table had its columns of today is worked out again instead."""
    kept = json.loads(text)
    return bool(kept) and set(scalars(SQL["columns"], {"table": table})) == set(kept[0])


MOMENTS_AND_SCORES = Follower("scoring", _lock, _count, _move, _bring_back)
