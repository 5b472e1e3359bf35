"""Who is who: from the ids in messages to actors, persons, workspaces and accounts.

Facts come in (an id seen, two ids in one message, a trait, a group call); everything else is derived from the
facts by rules that do not depend on the order in which they came. docs/explain/identity.md says the rules.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.identity.resolve import FACT_KINDS, SQL, KnownActor, MessageKey, Who, key_of, resolve_batch
from plgcrm.common.sql import execute

_known: dict[MessageKey, KnownActor] = {}
MAX_KNOWN = 500_000


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


_growth = _Growth()


def forget() -> None:
    """Empty this process's memory of actors (after rows were removed, and between tests)."""
    _known.clear()
    _growth.new, _growth.next = 0, 200


def actors_of(source_id: int, messages: Sequence[Who]) -> list[int]:
    """The actor of each message, in order. Learns what is new in a transaction of its own, safe to repeat."""
    new = [m for m in messages if not _is_known(source_id, m)]
    if new:
        found = resolve_batch(source_id, new)
        _growth.add(len(found.keys() - _known.keys()))
        if len(_known) > MAX_KNOWN:
            _known.clear()
        _known.update(found)
        if any(key_of(source_id, m) not in _known for m in messages):  # a full memory was emptied just now
            _known.update(resolve_batch(source_id, messages))
    return [_known[key_of(source_id, m)].actor for m in messages]


def _is_known(source_id: int, m: Who) -> bool:
    known = _known.get(key_of(source_id, m))
    return known is not None and m.kind not in FACT_KINDS and known.since <= m.timestamp
