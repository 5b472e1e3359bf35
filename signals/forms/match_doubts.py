"""What looks wrong in what a signal means: names, properties and values that never came with such events."""

from collections.abc import Iterator, Mapping

from signals.forms import matches, typed
from signals.rules.doubts import Doubt, meant, shortened, such_as
from signals.rules.typed_amounts import typed_amount
from signals.vocabulary.known import (
    MOST_VALUES,
    EventsAsked,
    KnownName,
    known_event_properties,
    known_events,
)

NUMERIC = (">=", "<=", ">", "<")
CHOOSING = ("=", "!=", "one_of")


def add_match_doubts(draft: matches.Matches) -> None:
    """Beside each alternative what looks wrong, and what came with such events: for the lists that are offered."""
    before: list[dict[str, object]] = []
    for match in draft.any:
        asked = _asked(match)
        properties = known_event_properties(asked)
        match.property_offers = sorted(properties)
        for row in match.where:
            known = properties.get(row.property.strip())
            row.value_offers = known.samples[:MOST_VALUES] if known else []
        match.doubts = [*_of_names(match, asked), *_of_where(match, properties)]
        if matches.match_json(match) in before:
            match.doubts.append(Doubt("The same events stand above already. One of the two can go."))
        before.append(matches.match_json(match))


def _asked(match: matches.MatchFields) -> EventsAsked:
    source = int(match.source) if match.source.isdecimal() and len(match.source) < 10 else None
    return EventsAsked(match.kinds, [name.strip() for name in match.names], source)


def _of_names(match: matches.MatchFields, asked: EventsAsked) -> Iterator[Doubt]:
    known = known_events(asked) if match.names else []
    names = [name.strip() for name in match.names]
    for place, name in enumerate(names):
        if name in names[:place]:
            yield Doubt(f"“{name}” is in this list twice.")
        elif name not in known:
            yield meant(f"Nobody has sent “{shortened(name)}” here.", f"name {place}", name, known)


def _of_where(match: matches.MatchFields, properties: Mapping[str, KnownName]) -> Iterator[Doubt]:
    events = (
        "such events" if not match.names else " or ".join(f"“{shortened(name.strip())}”" for name in match.names[:3])
    )
    for place, row in enumerate(match.where):
        name = row.property.strip()
        known = properties.get(name)
        if name and known is None and properties:
            yield meant(f"Nobody has sent {name} with {events} here.", f"property {place}", name, properties)
        elif known is not None:
            yield from _of_value(row, known, place)
        yield from _between(row, match.where[:place])


def _of_value(row: matches.WhereFields, known: KnownName, place: int) -> Iterator[Doubt]:
    samples = such_as(known.samples) if known.samples else ""
    if row.op in NUMERIC:
        if known.types and "number" not in known.types:
            words = f"{known.name} arrives as text, such as {samples}: “{matches.OPERATORS[row.op]}” compares numbers"
            yield Doubt(f"{words}, so nothing matches.")
        elif isinstance(typed.number(row.value), str) and (amount := typed_amount(row.value)):
            number = typed.shown(int(amount.number) if amount.number.is_integer() else amount.number)
            yield Doubt(f"Give the number alone. Did you mean {number}?", f"value {place}", number)
    elif row.op in CHOOSING and row.value.strip():
        values = typed.words(row.value) if row.op == "one_of" else [row.value.strip()]
        for value in values:
            yield from _of_choice(row, known, value, values, place)


def _of_choice(
    row: matches.WhereFields, known: KnownName, value: str, values: list[str], place: int
) -> Iterator[Doubt]:
    samples = such_as(known.samples)
    is_number = not isinstance(typed.number(value), str)
    if is_number and known.types and "number" not in known.types:
        yield Doubt(f"{known.name} arrives as text, such as {samples}: it is never the number {value}.")
    elif not is_number and known.types == {"number"}:
        yield Doubt(f"{known.name} arrives as numbers, such as {samples}: it is never the text “{shortened(value)}”.")
    elif not is_number and known.has_all_values and value.casefold() not in {s.casefold() for s in known.samples}:
        words = f"{known.name} was never “{shortened(value)}” here: it arrives as {samples}."
        doubt = meant(words, f"value {place}", value, known.samples)
        rest = typed.shown([doubt.value if each == value else each for each in values])
        yield Doubt(doubt.words, doubt.field, rest) if doubt.field else doubt


def _between(row: matches.WhereFields, before: list[matches.WhereFields]) -> Iterator[Doubt]:
    for other in before:
        if other.property.strip() != row.property.strip() or not row.property.strip():
            continue
        if (other.op, other.value.strip()) == (row.op, row.value.strip()):
            yield Doubt(f"{row.property.strip()} is asked for twice in the same way. One of the two can go.")
        elif row.op == other.op == "=":
            words = f"{row.property.strip()} cannot be “{shortened(other.value)}” and “{shortened(row.value)}” at once"
            yield Doubt(f"{words}: nothing matches.")
