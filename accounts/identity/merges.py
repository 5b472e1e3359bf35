"""Which person rows are one person: merges that a machine may make are made, the others are suggested."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.conf import settings

from accounts.identity.batch import SQL, IdentityBatch, Merge
from accounts.models import PersonMerge
from accounts.rules.merging import MOST_ROWS, Side, representatives, why_held
from plgcrm.common.sql import execute, int4s, rows, texts

MOST_SUGGESTED = 50  # merges of one person row: what is claimed of more people than that is no identity at all


def merge(batch: IdentityBatch) -> None:
    """Store new merges and find each person's representative again."""
    if batch.superseded:
        pairs = [(min(pair), max(pair)) for pair in batch.superseded]
        execute(SQL["drop_superseded_claims"], [int4s([p[0] for p in pairs]), int4s([p[1] for p in pairs])])
        batch.people.update(*batch.superseded, regroup({person for pair in batch.superseded for person in pair}))
    if merges := _allowed([m for m in batch.merges if m[0] != m[1]], batch):
        left, right, causes, evidence = zip(*merges, strict=True)
        new = rows(SQL["new_merges"], [int4s(left), int4s(right), texts(causes), texts(evidence)])
        batch.people.update(person for pair in new for person in pair)
    if batch.people:
        batch.people.update(regroup(batch.people))


def _allowed(wanted: list[Merge], batch: IdentityBatch) -> list[Merge]:
    """Those merges that a machine may make; the others are kept for a person to decide."""
    if not wanted:
        return []
    people = sorted({person for merge in wanted for person in merge[:2]})
    found = rows(SQL["sides"], {"people": int4s(people), "most": MOST_ROWS})
    sides = {head: Side(head, tuple(users), domain, count) for _, head, users, domain, count in found}
    heads = {head: head for _, head, *_ in found} | {row: head for row, head, *_ in found}
    doubted = _said_by_browsers(wanted, batch.browsers)
    held: list[tuple[Merge, str]] = []
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
    _suggest(held, batch.source_id)
    return allowed


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


def _suggest(every: list[tuple[Merge, str]], source_id: int) -> None:
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
            "most": MOST_SUGGESTED,
        }
        execute(SQL["new_suggestions"], params)


def regroup(people: Iterable[int]) -> set[int]:
    """Recompute who stands for whom among these rows and all they are connected with; every row looked at."""
    members: set[int] = set(people)
    while True:
        wider = {row[0] for row in rows(SQL["whole_people"], {"people": sorted(members)})}
        edges = rows(SQL["merges_among"], {"people": sorted(wider)})
        wider.update(person for edge in edges for person in edge)
        if wider == members:
            break
        members = wider
    heads = representatives(members, edges)
    ordered = sorted(members)
    execute(SQL["set_representatives"], [int4s(ordered), int4s([heads[p] for p in ordered])])
    return members
