"""What an event that is a moment by itself says: what a person asks for, what a conversion is worth."""

import re
from typing import Any

import msgspec

from signals.ingest.wire import WireMessage
from signals.models import Moment

ASKED = ("message", "text", "question", "note", "comment")  # where a hand raise says what is wanted
PAID = ("amount", "revenue", "total", "value", "mrr")  # where a conversion says what it is worth
CURRENCY = re.compile("[A-Za-z]{3}")
MOST_PAID = 10**12


def immediate_facts(kind: str, message: WireMessage) -> bytes:
    """JSON for the moment: the event's name, and the words of a hand raise or the amount of a conversion."""
    properties = msgspec.json.decode(message.properties) if message.properties else {}
    said = _asked(properties) if kind == Moment.Kind.HAND_RAISED else _paid(properties)
    return msgspec.json.encode({"name": message.name, **said})


def _asked(properties: dict[str, Any]) -> dict[str, Any]:
    said = next((properties[key] for key in ASKED if isinstance(properties.get(key), str)), "")
    return {"text": said[:500]}


def _paid(properties: dict[str, Any]) -> dict[str, Any]:
    """Amount and currency where both can be read: an amount without its currency says nothing."""
    amount = next((properties[key] for key in PAID if _is_amount(properties.get(key))), None)
    currency = properties.get("currency")
    if amount is None or not isinstance(currency, str) or not CURRENCY.fullmatch(currency):
        return {}
    return {"amount": amount, "currency": currency.upper()}


def _is_amount(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < MOST_PAID
