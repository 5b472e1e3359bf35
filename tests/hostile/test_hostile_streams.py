"""Whatever is sent: nobody is joined with somebody else, who is one is joined, and usage counts where it belongs."""

import json
import os
from collections import Counter
from collections.abc import Iterator
from datetime import date
from random import Random
from typing import Any

import pytest
from django.db import transaction

from accounts.models import Identity
from plgcrm.common.cache import forget_all
from plgcrm.common.sql import rows
from signals.ingest.keys import ensure_source, forget_kinds
from signals.ingest.receive import SourceRef, receive
from signals.ingest.wire import parse
from signals.models import Source
from tests.clock import T0
from tests.hostile.arrival import calls
from tests.hostile.attacks import attack
from tests.hostile.world import APP, BILLING, WEBSITE, Id, World, make_world

STREAMS = int(os.environ.get("PLGCRM_HOSTILE", "40"))
PARTS = 4
KINDS = {1: "user", 2: "anonymous"}
Sources = dict[str, SourceRef]


@pytest.fixture
def sources(source: SourceRef, clock: Any) -> Sources:
    made = {APP: source}
    for name in (BILLING, WEBSITE):
        row = ensure_source(name)
        made[name] = SourceRef(row.pk, row.name)
    Source.objects.filter(name=WEBSITE).update(kind="browser")
    forget_kinds()
    return made


@pytest.mark.parametrize("part", range(PARTS))
def test_hostile_streams_join_nobody_wrongly_and_usage_equals_the_truth(sources: Sources, part: int) -> None:
    wrong: list[Any] = []
    made = wanted = 0
    for seed in range(part, STREAMS, PARTS):
        world = make_world(seed)
        attack(world, world.rng.uniform(0.2, 0.5))
        with transaction.atomic():
            take_in(world, sources)
            people = persons(sources)
            wrong += [(seed, each) for each in [*wrongly_joined(world, people), *wrong_usage(world)]]
            made += sum(one in people and people[one] == people.get(other) for one, other in world.joins)
            wanted += len(world.joins)
            transaction.set_rollback(True)
        forget_all()
    assert wrong == []
    assert made >= 0.99 * wanted


def take_in(world: World, sources: Sources) -> None:
    forget_all()
    for source, batch in calls(world, Random(world.rng.random())):
        receive(sources[source], parse(json.dumps({"batch": batch}).encode(), None, T0), T0)


def persons(sources: Sources) -> dict[Id, int]:
    """The whole person of each id."""
    names = {ref.id: name for name, ref in sources.items()}
    found = Identity.objects.filter(kind__in=KINDS, person__isnull=False).select_related("person")
    return {(names[i.source_id], KINDS[i.kind], i.value): i.person.merged_into_id or i.person.pk for i in found}


def wrongly_joined(world: World, people: dict[Id, int]) -> Iterator[tuple[str, Any]]:
    """Ids of several humans in one person; and ids that nobody has."""
    owners: dict[int, set[str]] = {}
    for identity, person in people.items():
        owners.setdefault(person, set()).add(world.owners.get(identity, f"nobody's {identity}"))
    yield from (("joined", sorted(humans)) for humans in owners.values() if len(humans) > 1)


def wrong_usage(world: World) -> Iterator[tuple[str, Any]]:
    found: Counter[tuple[str | None, date]] = Counter()
    for domain, day, count in rows(
        "SELECT c.domain, u.day, sum(u.count)::int FROM signals_usage u JOIN accounts_actor a ON a.id = u.actor_id"
        " LEFT JOIN accounts_pastlink l ON l.actor_id = a.id AND u.day < l.until_day"
        " AND u.day >= coalesce(l.from_day, '-infinity')"
        " LEFT JOIN accounts_account c ON c.id = CASE WHEN l.id IS NULL THEN a.account_id ELSE l.account_id END"
        " GROUP BY 1, 2"
    ):
        found[domain, day] += count
    for slot in sorted(found.keys() | world.usage.keys(), key=str):
        if found[slot] != world.usage[slot]:
            yield "usage", (slot[0], str(slot[1]), found[slot], "for", world.usage[slot])
