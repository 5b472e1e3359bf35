"""Which person rows are one person: merges that a machine may make are made, the others are suggested."""

from collections.abc import Iterable

from accounts.identity import derive
from accounts.identity.batch import SQL, IdentityBatch, Merge
from accounts.identity.judging import Held, decided, judged, seconds, suggest
from accounts.rules.merging import representatives
from plgcrm.common.sql import execute, int4s, rows, scalars, texts


def merge(batch: IdentityBatch) -> None:
    """Store new merges and find each person's representative again."""
    if batch.superseded:
        pairs = [(min(pair), max(pair)) for pair in batch.superseded]
        execute(SQL["drop_superseded_claims"], [int4s([p[0] for p in pairs]), int4s([p[1] for p in pairs])])
        batch.people.update(*batch.superseded, regroup({person for pair in batch.superseded for person in pair}))
    allowed, held = judged([m for m in batch.merges if m[0] != m[1]], batch)
    batch.people.update(_store(allowed))
    if batch.people:
        batch.people.update(regroup(batch.people))
    if late := _late(batch, held):
        batch.people.update(judge_again(late))


def _store(merges: list[Merge]) -> set[int]:
    if not merges:
        return set()
    left, right, causes, evidence, at = zip(*merges, strict=True)
    new = rows(SQL["new_merges"], [int4s(left), int4s(right), texts(causes), texts(evidence), seconds(at)])
    return {person for pair in new for person in pair}


def _late(batch: IdentityBatch, held: Held) -> set[int]:
    """Person rows of which something is known late that was said before what has joined them with somebody."""
    facts = dict(batch.addressed)
    doubtful = [(merge[:2], merge[4]) for merge, why in held if why != "browser" and merge[4]]
    for pair, at in doubtful:
        for row in pair:
            facts[row] = min(at, facts.get(row, at))
    if not facts:
        return set()
    late = set(scalars(SQL["merged_later"], {"people": int4s(list(facts)), "at": seconds(facts.values())}))
    return late.union(*(pair for pair, _ in doubtful if late & set(pair)))


def judge_again(people: Iterable[int]) -> set[int]:
    """Decide again on every merge of these whole people that a machine has made or suggested, in the order in which it
    was said: any order of arrival ends the same. Every row looked at."""
    members = {"people": scalars(SQL["everybody_of"], {"people": int4s(list(people))})}
    apart = rows(SQL["take_merges_apart"], members)
    wanted = {row[:5]: row[5] for row in [*rows(SQL["suggested_among"], members), *apart]}
    derive.derive_people(regroup(members["people"]))
    allowed, held = decided(wanted, {})
    execute(SQL["keep_merges"], [int4s([wanted[merge] for merge in allowed if wanted[merge]])])
    execute(SQL["drop_taken_apart"], [int4s([wanted[merge] for merge, _ in held if wanted[merge]])])
    _store([merge for merge in allowed if not wanted[merge]])
    execute(SQL["drop_suggestions_of"], [int4s([m[0] for m in allowed]), int4s([m[1] for m in allowed])])
    suggest(held, 0)
    return regroup(members["people"])


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
