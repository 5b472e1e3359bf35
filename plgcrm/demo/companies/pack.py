"""What a sample company is to the demo: a product's customers, their history and their fresh traffic, and what is
true of its vocabulary. Everything else (taking it in, the desk that works it, sending) is the same for all of them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import msgspec

from plgcrm.demo.companies.truth import TrueVocabulary

Properties = dict[str, Any]
Message = dict[str, Any]  # one Segment message


class PlannedMessage(NamedTuple):
    """One message to be: `kind` is identify, group, track, page, screen or visit (a page seen before log-in)."""

    at: float  # seconds since 1970
    person: int  # a place among the sample's people; negative for a visitor who never signs up
    kind: str
    name: str = ""
    properties: Properties | None = None


class SampleMessage(NamedTuple):
    received_at: datetime
    body: bytes  # one Segment message, as JSON


class LiveTraffic(Protocol):
    def next_messages(self, now: datetime) -> list[Message]:
        """What happened since the last call, in order; after a long gap only the last of it."""


class MakesHistory(Protocol):
    def __call__(self, *, seed: int, now: datetime, companies: int) -> Iterator[SampleMessage]:
        """All messages in order of arrival, received at `now` or before; the same for the same arguments."""


@dataclass(frozen=True)
class CompanyPack:
    """One sample company; `slug` is its name on the command line and that of its folder."""

    slug: str
    product: str
    source: str  # the name of the source that its messages come from
    seed: int  # history and traffic must agree on it
    companies: int
    make_history: MakesHistory
    make_traffic: Callable[[datetime, float], LiveTraffic]  # from when the history ended, at so many messages a second
    new_play: str = "consolidation"  # the play that its desk switched on in the last days

    def history(self, now: datetime, *, companies: int | None = None) -> Iterator[SampleMessage]:
        """The history that ends at `now`, of all its companies or of fewer."""
        return self.make_history(seed=self.seed, now=now, companies=companies or self.companies)

    def traffic(self, history_ended: datetime, *, rate: float) -> LiveTraffic:
        """What its people do from then on, about `rate` messages a second."""
        return self.make_traffic(history_ended, rate)

    @cached_property
    def truth(self) -> TrueVocabulary:
        """What its events and traits mean, whatever suggestions say."""
        file = Path(__file__).parent / self.slug / "truth.json"
        return msgspec.json.decode(file.read_bytes(), type=TrueVocabulary)
