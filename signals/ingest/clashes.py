"""Messages under an id that another message has: no repetitions, so they are kept as failed and not dropped."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from plgcrm.common.sql import queries, rows, texts
from signals.ingest.wire import Rejected, WireMessage, parse
from signals.rules.message_types import NAMES

SQL = queries("signals/sql/ingest.sql")
STAGE = "clash"
REASON = "Another message with this messageId is stored, with other content. Replaying stores this one under a new id."
_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)


def clashes_among(source_id: int, repeated: Sequence[WireMessage], *, is_import: bool) -> list[Rejected]:
    """Those of these messages, stored before by their ids, that are other messages than the stored ones.

    An export and a live call of one message differ in what they carry beside it: of an import only who and what count.
    """
    if not repeated:
        return []
    found = rows(SQL["stored_messages"], [source_id, texts(sorted({m.message_id for m in repeated}))])
    stored = {message_id: _content(_as_read(kind, payload), is_import) for message_id, kind, payload in found}
    return [
        Rejected(STAGE, REASON, m.raw)
        for m in repeated
        if m.message_id in stored and stored[m.message_id] != _content(m, is_import)
    ]


def differing(messages: Iterable[WireMessage]) -> list[WireMessage]:
    """Those that share an id with an earlier one of the same call, and are not the same text."""
    first: dict[str, WireMessage] = {}
    return [m for m in messages if first.setdefault(m.message_id, m) is not m and first[m.message_id].raw != m.raw]


def _as_read(kind: int, payload: str) -> WireMessage | None:
    messages = parse(payload.encode(), NAMES[kind], _ANY_TIME).messages
    return messages[0] if messages else None


def _content(message: WireMessage | None, is_import: bool) -> Any:
    """What makes it the message that it is. Not its times: each retry may be sent at another."""
    if message is None:
        return None
    who = (message.kind, message.name, message.user_id, message.anonymous_id, message.previous_id)
    if is_import:
        return who[:3]
    said = [msgspec.json.decode(text) if text else None for text in (message.traits, message.properties)]
    return (*who, message.group_id, *said)
