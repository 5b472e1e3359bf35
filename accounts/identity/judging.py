"""Which merges a machine may make, and which are kept for a person to decide."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from accounts.identity import derive
from accounts.identity.batch import SQL, IdentityBatch, Merge
from accounts.models import PersonMerge
from accounts.rules.addresses import mailbox_of
from accounts.rules.merging import MOST_ROWS, Side, why_held
from plgcrm.common.sql import execute, float8s, int4s, rows, texts

MOST_SUGGESTED = 50  # merges of one person row: what is claimed of more people than that is no identity at all
EVER = datetime.min.replace(tzinfo=UTC)

Held = list[tuple[Merge, str]]
Judged = tuple[list[Merge], Held]


def judged(wanted: list[Merge], batch: IdentityBatch) -> Judged:
    """Those merges that a machine may make; the others, kept for a person to decide, each with its reason."""
    if not wanted:
        return [], []
    people = sorted({person for merge in wanted for person in merge[:2]})
    heads = dict(rows(SQL["whole_people"], {"people": people}))
    crossing = {heads[person] for m in wanted for person in m[:2] if heads[m[0]] != heads[m[1]]}
    if not crossing:
        return wanted, []
    # As they are with what this very batch says.
    if said_of := crossing & {heads[row] for row in (batch.named | batch.people) & heads.keys()}:
        derive.derive_people(said_of)
    allowed, held = decided(wanted, _said_by_browsers(wanted, batch.browsers))
    suggest(held, batch.source_id)
    return allowed, held


def decided(wanted: Iterable[Merge], doubted: Mapping[tuple[int, int], str]) -> Judged:
    """In the order in which it was said, each by who is one by what was said before."""
    wanted = sorted(wanted, key=lambda merge: (merge[4] or EVER, *merge[2:4], *merge[:2]))
    people = sorted({person for merge in wanted for person in merge[:2]})
    found = rows(SQL["sides"], {"people": int4s(people), "most": MOST_ROWS})
    sides = {
        head: Side(head, tuple(users), domain, count, mailbox_of(email) or email)
        for _, head, users, domain, count, email in found
    }
    heads = {head: head for _, head, *_ in found} | {row: head for row, head, *_ in found}
    held: Held = []
    allowed: list[Merge] = []
    for merge in wanted:
        one, other = _head(heads, merge[0]), _head(heads, merge[1])
        why = why_held(sides[one], sides[other], most_users=settings.MERGE_MOST_USER_IDS) if one != other else ""
        if one != other and (why := why or doubted.get(merge[:2], "")):
            held.append((merge, why))
            continue
        allowed.append(merge)
        if one != other:
            sides[min(one, other)] = sides[one].joined(sides[other])
            heads[max(one, other)] = min(one, other)
    return allowed, held


def _said_by_browsers(wanted: list[Merge], browsers: frozenset[int]) -> dict[tuple[int, int], str]:
    """Pairs whose common address a browser's key has brought: anybody can send it under any address.

    The same user id with the same address from the server, too, is no claim: it is the visitor that the server knows.
    """
    pairs = {pair[:2] for pair in wanted if pair[2] == PersonMerge.Cause.EMAIL} if browsers else set()
    if not pairs:
        return {}
    ids = {row: own for row, *own in rows(SQL["own_ids"], [sorted({row for pair in pairs for row in pair})])}
    return {
        pair: "browser"
        for pair in pairs
        if any(ids[row][0] in browsers for row in pair) and ids[pair[0]][1:] != ids[pair[1]][1:]
    }


def _head(heads: dict[int, int], row: int) -> int:
    while heads[row] != row:
        row = heads[row]
    return row


def suggest(every: Held, source_id: int) -> None:
    """Keep these for a person to decide."""
    count = Counter[int]()
    held = []
    for merge, why in every:
        count[merge[0]] += 1
        if count[merge[0]] <= MOST_SUGGESTED:
            held.append((merge, why))
    if held:
        params: dict[str, Any] = {
            "one": int4s([merge[0] for merge, _ in held]),
            "other": int4s([merge[1] for merge, _ in held]),
            "causes": texts([merge[2] for merge, _ in held]),
            "evidence": texts([merge[3] for merge, _ in held]),
            "why": texts([why for _, why in held]),
            "sources": int4s([source_id] * len(held)),
            "at": seconds(merge[4] for merge, _ in held),
            "most": MOST_SUGGESTED,
        }
        execute(SQL["new_suggestions"], params)


def seconds(moments: Iterable[datetime | None]) -> Any:
    """As the queries take them; NULL for what nobody knows."""
    return float8s([moment.timestamp() if moment else None for moment in moments])
