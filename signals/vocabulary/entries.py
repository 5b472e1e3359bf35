"""What arrives, as plain values: what suggestions are made from, and what a catalogue page lists."""

from dataclasses import dataclass
from typing import Literal

TraitHolder = Literal["person", "workspace", "account"]


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """One trait or property: `path` as traits are stored, or as a property was sent, nested ones with dots.

    `types` are of text, number, yes_no and list; `share` is that of the messages which could have had it, 0 to 1.
    """

    path: str
    types: frozenset[str] = frozenset({"text"})
    share: float = 1.0
    samples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TraitEntry:
    """A trait and whom it was said of."""

    holder: TraitHolder
    key: KeyEntry


@dataclass(frozen=True, slots=True)
class EventEntry:
    """One event name of one kind of call (track, page, screen), with the properties that came with it."""

    name: str
    kind: str = "track"
    count: int = 0
    properties: tuple[KeyEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Everything that arrived, of all sources."""

    events: tuple[EventEntry, ...] = ()
    traits: tuple[TraitEntry, ...] = ()
