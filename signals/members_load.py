"""Who acts in accounts on which days: with those who have left, and only for the days on which they were there."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from plgcrm.common.sql import columns, queries
from signals.measures.frame import SECONDS_A_DAY, Ints, Longs, MemberRows, UsageRows
from signals.measures.stays import packed

if TYPE_CHECKING:
    from signals.measures_load import AccountSelection

SQL = queries("signals/sql/measures_load.sql")
MEMBERS = ["actor", "subject", "person", "workspace", "first_at", "told_at", "admin", "begin", "end", "visitor"]
EVER, FOREVER = -(2**31), 2**31 - 1  # before and after all days

Members = dict[str, Any]  # one row an actor and stay


def load_members(scope: "AccountSelection") -> Members:
    """One row for each actor and stay in the accounts; the days of a stay are begin .. end-1."""
    members = columns(SQL[f"members_of_{scope.suffix}"], MEMBERS, scope.params())
    came = members["begin"] > EVER
    if came.any():
        # Whoever came from another company takes nothing along, not even the day of signing up.
        begin = members["begin"].astype(np.int64) * SECONDS_A_DAY
        for name in ("first_at", "told_at"):
            known = came & (members[name] >= 0)
            members[name] = np.where(known, np.maximum(members[name], begin), members[name])
    return members


def left_behind(members: Members) -> list[int]:
    """The actors who have left and act in none of the accounts now: queries by account do not find what they did."""
    left = members["end"] < FOREVER
    if not left.any():
        return []
    gone: list[int] = np.setdiff1d(members["actor"][left], members["actor"][~left]).tolist()
    return gone


def rows_of_members(
    blocks: Mapping[str, str],
    name: str,
    names: Sequence[str],
    scope: "AccountSelection",
    params: Mapping[str, Any],
    members: Members,
) -> dict[str, Any]:
    """What is stored of the actors of the accounts, with those who have left."""
    found = columns(blocks[f"{name}_of_{scope.suffix}"], names, params)
    actors = left_behind(members)
    more = columns(blocks[f"{name}_of_actors"], names, {**params, "actors": actors}) if actors else None
    return found if more is None else concatenated(found, more)


def until_of(members: Members) -> Ints | None:
    """The day on which each stay ended; None: nobody has left."""
    end: Ints = members["end"].astype(np.int32)
    return end if (end < FOREVER).any() else None


def with_members(found: dict[str, Any], members: Members) -> dict[str, Any]:
    """The same with the subject and person of each actor on the day; what is of no stay here is left out, as are actors
    who went elsewhere between two reads."""
    order = np.lexsort((members["begin"], members["actor"]))
    keys = _key(members["actor"], members["begin"])[order]
    place = np.searchsorted(keys, _key(found["actor"], found["day"]), "right") - 1
    member = np.append(order, -1)[place]
    actors, ends = np.append(members["actor"], -1), np.append(members["end"], EVER)
    known = (actors[member] == found["actor"]) & (found["day"] < ends[member])
    if not known.all():
        found, member = {name: values[known] for name, values in found.items()}, member[known]
    return found | {"subject": members["subject"][member], "person": members["person"][member]}


def _key(actor: Ints, day: Longs | Ints) -> Longs:
    key: Longs = (actor.astype(np.int64) << 32) + day - EVER
    return key


def concatenated(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """The rows of both."""
    return {name: np.concatenate([values, other[name]]) for name, values in one.items()}


def staying(usage: UsageRows, members: MemberRows) -> tuple[UsageRows, MemberRows]:
    """Without those who have left, and without what they did there: a person is measured where they are now."""
    if members.until is None:
        return usage, members
    here = members.where(members.until == FOREVER)
    return usage.where(np.isin(packed(usage.subject, usage.person), packed(here.subject, here.person))), here
