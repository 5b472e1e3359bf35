"""In which calls what is sent arrives: some late, some twice, a few messages at a time."""

from collections.abc import Iterator
from itertools import groupby
from random import Random
from typing import Any

from tests.hostile.world import Sent, World

MOST = 25  # messages of one call


def calls(world: World, rng: Random) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The source and the messages of each call, in order of arrival."""
    arriving = [(each.at.timestamp() + _delay(rng), each) for each in world.sent]
    arriving += [(at + rng.uniform(0, 86_400), each) for at, each in rng.sample(arriving, len(arriving) // 20)]
    arriving.sort(key=lambda pair: pair[0])
    queue = [each for _, each in arriving]
    cut = 0
    while cut < len(queue):
        size = rng.randint(5, MOST)
        yield from _by_source(queue[cut : cut + size])
        cut += size


def _by_source(sent: list[Sent]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    ordered = sorted(sent, key=lambda each: each.source)
    for source, group in groupby(ordered, key=lambda each: each.source):
        yield source, [each.body for each in group]


def _delay(rng: Random) -> float:
    """Most are here in seconds, some take hours, a few days."""
    return rng.choice((0, 0, 0, 0, 0, 0, 0, 3_600, 20 * 3_600, 4 * 86_400)) * rng.random()
