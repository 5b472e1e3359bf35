"""What an event that is a moment by itself says: what a person asks for, what a conversion is worth."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import msgspec

from signals.models import Moment
from signals.rules.amounts import value_at
from signals.rules.trait_values import money_in

ASKED = ("message", "text", "question", "note", "comment")  # where a hand raise says what is wanted
PAID = ("amount", "revenue", "total", "value", "mrr")  # where a conversion says what it is worth
CURRENCY = re.compile("[A-Za-z]{3}")
MOST_PAID = 10**12


class Said(Protocol):
    """A message, as it arrives or as it was stored; its properties as JSON text."""

    @property
    def name(self) -> str: ...

    @property
    def properties(self) -> bytes | None: ...


def immediate_facts(kind: str, message: Said, said_by: Mapping[str, Sequence[str]]) -> bytes:
    """JSON for the moment: the event's name, and the words of a hand raise or the amount of a conversion.

    `said_by`: the paths of properties that mean text, amount or currency here; else the usual names are tried.
    """
    found = msgspec.json.decode(message.properties) if message.properties else {}
    properties = found if isinstance(found, dict) else {}
    said = _asked(properties, said_by) if kind == Moment.Kind.HAND_RAISED else _paid(properties, said_by)
    return msgspec.json.encode({"name": message.name, **said})


def _asked(properties: dict[str, Any], said_by: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    values = (value_at(properties, [path]) for path in said_by.get("text") or ASKED)
    return {"text": next((value for value in values if isinstance(value, str)), "")[:500]}


def _paid(properties: dict[str, Any], said_by: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Amount and currency where both can be read: an amount without its currency says nothing."""
    values = (_amount(value_at(properties, [path])) for path in said_by.get("amount") or PAID)
    amount = next((value for value in values if value is not None), None)
    currency = value_at(properties, said_by.get("currency") or ("currency",))
    if amount is None or not isinstance(currency, str) or not CURRENCY.fullmatch(currency):
        return {}
    return {"amount": amount, "currency": currency.upper()}


def _amount(value: Any) -> float | None:
    """A number, or one in text such as "$1,200"."""
    amount = money_in(value) if isinstance(value, str) else value
    if isinstance(amount, bool) or not isinstance(amount, int | float):
        return None
    return amount if 0 <= amount < MOST_PAID else None
