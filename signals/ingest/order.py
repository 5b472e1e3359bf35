"""The order in which one call said things. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from signals.ingest.wire import WireMessage

TICK = timedelta(microseconds=1)


def in_order(messages: Sequence[WireMessage]) -> Sequence[WireMessage]:
    """The same, where what is said of one person or workspace at one time is a microsecond apart, in the order sent.

    Of two values with one time the later in the call is the newer one: a retry of the call says the same again.
    """
    speaking = [place for place, m in enumerate(messages) if m.traits and m.kind in ("identify", "group")]
    if len(speaking) < 2:
        return messages
    ordered, before, seen = list(messages), Counter[tuple[object, ...]](), set[str]()
    for place in speaking:
        m = messages[place]
        if m.message_id in seen:
            continue
        seen.add(m.message_id)
        slot = (m.timestamp, m.kind, m.group_id if m.kind == "group" else m.user_id or m.anonymous_id)
        if before[slot]:
            ordered[place] = replace(m, timestamp=m.timestamp + before[slot] * TICK)
        before[slot] += 1
    return ordered
