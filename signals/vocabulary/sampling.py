"""What sampled messages show of the properties and traits that come: names, types, a few harmless samples. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from accounts.rules.traits import plain_value, trait_name
from signals.rules.message_types import NUMBERS
from signals.vocabulary.naming import words_of
from signals.vocabulary.samples import is_address, is_phone

MAX_DEPTH, MAX_KEYS, MAX_PATH = 4, 250, 200
MAX_SAMPLES, MAX_SAMPLE = 20, 60
_TYPES = {bool: "yes_no", int: "number", float: "number", str: "text"}
_NAMES = frozenset(words_of("firstname lastname name surname fullname"))

# holder, number of the event's name (None for traits), path
KeyPlace = tuple[str, int | None, str]


@dataclass(slots=True)
class SeenKey:
    """What was seen of one key; `values` in the order they came."""

    seen: int = 0
    types: Counter[str] = field(default_factory=Counter)
    values: dict[str, None] = field(default_factory=dict)
    first: datetime | None = None
    last: datetime | None = None

    def add(self, kind: str, text: str, at: datetime) -> None:
        self.seen += 1
        self.types[kind] += 1
        if text and len(self.values) < MAX_SAMPLES:
            self.values.setdefault(text)
        self.first = min(self.first or at, at)
        self.last = max(self.last or at, at)


@dataclass(slots=True)
class SampledSource:
    """What the sampled messages of one source showed."""

    keys: dict[KeyPlace, SeenKey] = field(default_factory=lambda: defaultdict(SeenKey))
    names: Counter[int] = field(default_factory=Counter)  # messages with properties, by number of the name
    people: int = 0
    workspaces: int = 0


def look_at(found: SampledSource, kind: int, name: int | None, at: datetime, payload: str) -> None:
    """Take in one message."""
    message = msgspec.json.decode(payload)
    if not isinstance(message, dict):
        return
    if kind in (NUMBERS["identify"], NUMBERS["group"]):
        holder = "person" if kind == NUMBERS["identify"] else "workspace"
        found.people += holder == "person"
        found.workspaces += holder == "workspace"
        for path, value in _leaves(_traits_of(message)):
            _add(found, (holder, None, trait_name(path)), value, at, is_person=holder == "person")
    elif name is not None:
        found.names[name] += 1
        for path, value in _leaves(message.get("properties")):
            _add(found, ("event", name, path), value, at)


def _traits_of(message: Mapping[str, Any]) -> Any:
    """Some clients send traits in the context only."""
    context = message.get("context")
    return message.get("traits") or (context.get("traits") if isinstance(context, dict) else None)


def _leaves(values: Any, above: str = "", depth: int = 1) -> Iterator[tuple[str, Any]]:
    if not isinstance(values, dict):
        return
    for key, value in list(values.items())[:MAX_KEYS]:
        path = f"{above}{key}"
        if isinstance(value, dict):
            if depth < MAX_DEPTH:
                yield from _leaves(value, f"{path}.", depth + 1)
        elif path and len(path) <= MAX_PATH:
            yield path, value


def _add(found: SampledSource, place: KeyPlace, value: Any, at: datetime, *, is_person: bool = False) -> None:
    if not place[2] or value is None:
        return
    if isinstance(value, list):
        shown = ", ".join(plain.text for each in value[:MAX_SAMPLES] if (plain := plain_value(each)))
        found.keys[place].add("list", harmless(place[2], shown, is_person=is_person), at)
    elif (plain := plain_value(value)) is not None:
        found.keys[place].add(_TYPES[type(value)], harmless(place[2], plain.text, is_person=is_person), at)


def harmless(path: str, text: str, *, is_person: bool = False) -> str:
    """A sample as it may be kept and shown: short, and nobody's address, number or name."""
    if is_address(text):
        return f"…@{text.partition('@')[2]}"[:MAX_SAMPLE]
    if is_phone(text) and not text.isdecimal():
        return "".join("0" if sign.isdigit() else sign for sign in text)
    if is_person and set(words_of(path)) & _NAMES and not set(words_of(path)) & {"company", "plan"}:
        return " ".join(f"{word[:1]}…" for word in text.split())[:MAX_SAMPLE]
    return text if len(text) <= MAX_SAMPLE else f"{text[: MAX_SAMPLE - 1]}…"
