"""Who is who: from the ids in messages to actors, persons, workspaces and accounts.

Facts come in (an id seen, two ids in one message, a trait, a group call); everything else is derived from the
facts by rules that do not depend on the order in which they came. docs/explain/identity.md says the rules.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.identity.resolve import FACT_KINDS, SQL, KnownActor, MessageKey, Who, key_of, resolve_batch
from plgcrm.common.cache import Learned, forgotten_with_all
from plgcrm.common.sql import execute

_known = Learned[MessageKey, KnownActor](most=500_000)


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


_growth = _Growth()
forgotten_with_all(_growth.begin)


def actors_of(source_id: int, messages: Sequence[Who]) -> list[int]:
    """The actor of each message, in order. Learns what is new in a transaction of its own, safe to repeat."""
    new = [m for m in messages if not _is_known(source_id, m)]
    if new:
        found = resolve_batch(source_id, new)
        _growth.add(len(found.keys() - _known.keys()))
        _known.learn(found)
        if any(key_of(source_id, m) not in _known for m in messages):  # a full memory was emptied just now
            _known.learn(resolve_batch(source_id, messages))
    return [_known[key_of(source_id, m)].actor for m in messages]


def _is_known(source_id: int, m: Who) -> bool:
    known = _known.get(key_of(source_id, m))
    return known is not None and m.kind not in FACT_KINDS and known.since <= m.timestamp
