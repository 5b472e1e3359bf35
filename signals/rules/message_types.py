"""The types of message that a source sends: one line each, for paths, checks, storage, definitions and forms alike."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class MessageType:
    """What sets one type apart from the others."""

    name: str
    number: int  # as events store it: never changed, never given to another type
    short_path: str  # how the browser library writes it in an address
    named_by: Literal["", "event", "name"] = ""  # the field with the name; without a name, a category will do
    is_activity: bool = False  # somebody did something: what a definition means that lists no types


MESSAGE_TYPES = (
    MessageType("track", 1, "t", named_by="event", is_activity=True),
    MessageType("page", 2, "p", named_by="name", is_activity=True),
    MessageType("screen", 3, "s", named_by="name", is_activity=True),
    MessageType("identify", 4, "i"),
    MessageType("group", 5, "g"),
    MessageType("alias", 6, "a"),
)
NUMBERS = {each.name: each.number for each in MESSAGE_TYPES}
NAMES = {each.number: each.name for each in MESSAGE_TYPES}
ACTIVITY_TYPES = tuple(each.name for each in MESSAGE_TYPES if each.is_activity)
NAMED_BY_EVENT = frozenset(each.name for each in MESSAGE_TYPES if each.named_by == "event")
NAMED_BY_NAME = frozenset(each.name for each in MESSAGE_TYPES if each.named_by == "name")
