"""Messages from an excluded IP address or by an excluded user agent: kept whole, and nobody's.

Only the raw message knows where it came from, so it is decided here, once: such a message is stored under a visitor of
the exclusion's own, says nothing of anybody, and counts nowhere, however often usage is counted again.
"""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from accounts.identity.exclusions import traffic_exclusions
from accounts.models import Exclusion
from accounts.rules.domains import globbed
from accounts.rules.exclusions import TRAFFIC, is_within, network
from signals.ingest.wire import WireMessage


class _Context(msgspec.Struct):
    ip: Any = None
    userAgent: Any = None  # noqa: N815 - as it is sent


class _Sent(msgspec.Struct):
    context: _Context | None = None


_decode = msgspec.json.Decoder(_Sent).decode
Test = Callable[[str, str], bool]  # of IP address and user agent


def redirect_excluded(messages: Sequence[WireMessage], address: str | None) -> None:
    """Take off these messages, in place, who they speak of where their traffic is excluded. Costs nothing where no
    such exclusion stands. `address`: where the client calls from, for messages that name no IP address."""
    exclusions = traffic_exclusions()
    if not exclusions:
        return
    tests = [(each, _test_of(each)) for each in exclusions]
    for message in messages:
        ip, agent = _where_from(message.raw)
        seen_from = ip or address or ""
        by = next((each for each, test in tests if test(seen_from, agent)), None)
        if by is not None:
            as_excluded(message, f"{TRAFFIC}{by.pk}")


def as_excluded(message: WireMessage, visitor: str) -> None:
    """The message is this visitor's and says nothing of anybody."""
    message.user_id = message.previous_id = message.group_id = message.traits = message.address = None
    message.anonymous_id = visitor


def _test_of(exclusion: Exclusion) -> Test:
    if exclusion.kind == Exclusion.Kind.AGENT:
        pattern = globbed(exclusion.pattern)
        return lambda _, agent: agent != "" and pattern.match(agent.strip().lower()) is not None
    net = network(exclusion.pattern)
    return lambda ip, _: net is not None and is_within(ip, net)


def _where_from(raw: bytes) -> tuple[str, str]:
    try:
        context = _decode(raw).context
    except msgspec.MsgspecError:  # a context that is no object: then it says nothing
        return "", ""
    found = (context.ip, context.userAgent) if context else (None, None)
    ip, agent = (each if isinstance(each, str) else "" for each in found)
    return ip, agent
