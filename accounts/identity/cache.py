"""Who is who: from the ids in messages to actors, persons, workspaces and accounts.

Facts come in (an id seen, two ids in one message, a trait, a group call); everything else is derived from the
facts by rules that do not depend on the order in which they came. docs/explain/identity.md says the rules.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from accounts.identity.batch import FACT_KINDS, SQL, KnownActor, MessageKey, Who, key_of
from accounts.identity.resolve import resolve_batch
from plgcrm.common.cache import forgotten_with_all
from plgcrm.common.sql import execute, scalar

MOST_KNOWN = 500_000


@dataclass(slots=True)
class _Memory:
    """What this process knows of actors, as of a version of the identities; an import has one of its own."""

    version: int
    run: int | None = None
    known: dict[MessageKey, KnownActor] = field(default_factory=dict)

    def learn(self, found: dict[MessageKey, KnownActor]) -> None:
        if len(self.known) > MOST_KNOWN:
            self.known.clear()
        self.known.update(found)

    def knows(self, source_id: int, m: Who) -> bool:
        known = self.known.get(key_of(source_id, m))
        return known is not None and m.kind not in FACT_KINDS and known.since <= m.timestamp


@dataclass(slots=True)
class _Memories:
    """Of live events, and of the import that came last."""

    live: _Memory | None = None
    imported: _Memory | None = None

    def forget(self) -> None:
        self.live = self.imported = None

    def of(self, run: int | None) -> _Memory:
        # A thread keeps the one it began with: what it learns after others have forgotten must not come back.
        memory = self.live if run is None else self.imported
        if memory is None or memory.run != run:
            memory = _Memory(int(scalar(SQL["version"])), run)
            if run is None:
                self.live = memory
            else:
                self.imported = memory
        return memory


@dataclass(slots=True)
class _Growth:
    """New actors since the last look at the tables' statistics, and how many more make them worth a new one."""

    new: int = 0
    next: int = 200

    def add(self, new: int) -> None:
        self.new += new
        if self.new >= self.next:
            execute(SQL["analyze"])
            self.new, self.next = 0, self.next * 2

    def begin(self) -> None:
        self.new, self.next = 0, 200


_memories = _Memories()
_growth = _Growth()
forgotten_with_all(_growth.begin)
forgotten_with_all(_memories.forget)


def known_version(run: int | None = None) -> int:
    """The version of the identities that `actors_of` answers by, or an earlier one: ask before it."""
    return _memories.of(run).version


def actors_of(
    source_id: int,
    messages: Sequence[Who],
    *,
    run: int | None = None,
    browsers: frozenset[int] = frozenset(),
    known_day: date | None = None,
) -> list[int]:
    """The actor of each message, in order. Learns what is new in a transaction of its own, safe to repeat.

    For an import `run` what stood before is kept, so that it can be undone. `browsers`: the sources that are browsers.
    `known_day`: the day on which the messages came (None: today).
    """
    memory = _memories.of(run)
    new = [m for m in messages if not memory.knows(source_id, m)]
    if new:
        found = resolve_batch(source_id, new, run=run, browsers=browsers, known_day=known_day)
        _growth.add(len(found.keys() - memory.known.keys()))
        memory.learn(found)
        if any(key_of(source_id, m) not in memory.known for m in messages):  # a full memory was emptied just now
            memory.learn(resolve_batch(source_id, messages, run=run, browsers=browsers, known_day=known_day))
    return [memory.known[key_of(source_id, m)].actor for m in messages]


def forget_actors() -> None:
    """The identities have another version now: whoever is known may be gone."""
    _memories.forget()
