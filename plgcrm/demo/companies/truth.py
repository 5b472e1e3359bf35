"""What is true of one product's vocabulary: what its events, properties and traits mean, in the terms of
`signals.vocabulary.terms`. Tests compare with it what suggestions find; it can also be installed as it stands.
"""

from typing import Literal

import msgspec

Carrier = Literal["person", "company"]  # sent with identify calls, or with group calls
PlanSort = Literal["free", "trial", "paid"]


class TrueReading(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a number stands where it is not plainly in whole currency units a month."""

    unit: Literal["", "cents"] = ""
    period: Literal["month", "year"] = "month"


class TrueReadings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    properties: dict[str, dict[str, TrueReading]] = {}
    meanings: dict[Carrier, dict[str, TrueReading]] = {}


class TrueLimit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A limit beside seats: the traits that say how much is used and how much is allowed."""

    noun: str
    of: Carrier
    used: str
    allowed: str


class TrueVocabulary(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Paths lead into nested objects by dots. None: sent, and not one of the terms."""

    signals: dict[str, str | None]  # by the name of the event or page
    properties: dict[str, dict[str, str]]  # by name and path; a path that is missing means nothing
    meanings: dict[Carrier, dict[str, str | None]]
    limits: list[TrueLimit]
    plans: dict[str, PlanSort]  # by the value as text
    admin_roles: list[str]
    readings: TrueReadings = TrueReadings()
    core_features: dict[str, str] = {}  # names of events that use what the product is for -> the feature's name
    commercial_topics: list[str] = []  # topics of tickets that sales should see
