"""Messages of an import that are here already under other ids: the same file exported again, with new numbers."""

from collections.abc import Sequence
from typing import Any

from accounts.models import Identity
from plgcrm.common.sql import int2s, int4s, queries, scalars, texts, timestamptzs
from signals.ingest.wire import WireMessage
from signals.rules.message_types import NUMBERS

SQL = queries("signals/sql/ingest.sql")


def twins_of(source_id: int, run: int, messages: Sequence[WireMessage]) -> list[int]:
    """The places of messages whose person, event and time another import or a client has stored under another id.

    What this run stored itself does not count: within a file, ids tell equal rows apart. A message whose own id is
    stored is a repetition and no twin.
    """
    named = [(place, m) for place, m in enumerate(messages) if m.name]
    if not named:
        return []
    params: dict[str, Any] = {
        "source": source_id,
        "run": run,
        "places": int4s([place for place, _ in named]),
        "who": int2s([int(Identity.Kind.USER if m.user_id else Identity.Kind.ANONYMOUS) for _, m in named]),
        "ids": texts([m.user_id or m.anonymous_id or "" for _, m in named]),
        "kinds": int2s([NUMBERS[m.kind] for _, m in named]),
        "names": texts([m.name for _, m in named]),
        "at": timestamptzs([m.timestamp.timestamp() for _, m in named]),
        "message_ids": texts([m.message_id for _, m in named]),
    }
    return scalars(SQL["twins"], params)
