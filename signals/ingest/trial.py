"""One event that an admin sends to see that the way in works: the same bytes on the same way as a client's."""

import secrets
from datetime import datetime

import msgspec

from signals.ingest.receive import Receipt, SourceRef, receive
from signals.ingest.wire import parse
from signals.models import Source

NAME = "PLGCRM Test Event"
MARK = "plgcrm-test-"


def send_test_event(source: Source, *, now: datetime) -> tuple[str, Receipt]:
    """Its message id, and what became of it. It has a user id and no address, so it makes no account."""
    message_id = f"{MARK}{secrets.token_hex(8)}"
    message = {
        "type": "track",
        "event": NAME,
        "userId": "plgcrm-test",
        "messageId": message_id,
        "timestamp": now.isoformat(),
        "properties": {"sent_from": "the admin's home"},
    }
    body = msgspec.json.encode({"batch": [message]})
    return message_id, receive(SourceRef(source.pk, source.name), parse(body, None, now), now)
