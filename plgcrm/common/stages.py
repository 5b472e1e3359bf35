"""One log line a stage: its name, what it counted and how long it took, as keys and values."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

import structlog

log = structlog.get_logger("plgcrm.stage")


@contextmanager
def stage(name: str) -> Iterator[dict[str, int]]:
    """Writes the line when the stage ends, with the counts that it put into the mapping; none where it did nothing."""
    counts: dict[str, int] = {}
    started = perf_counter()
    yield counts
    # A turn comes round every second: what did nothing is no news.
    if any(counts.values()):
        log.info(name, **counts, ms=round(1000 * (perf_counter() - started)))
