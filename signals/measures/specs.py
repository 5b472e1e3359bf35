"""A measure as an admin states it: read from JSON, refused by name when anything in it is unknown."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

from signals.measures.checks import InputError, JsonPlace
from signals.measures.kinds import ACTIVITY, KINDS, NO_NAMES, Field, Kind
from signals.measures.words import Names

MOST_SIGNALS = 100
LONGEST_NAME = 100


class SpecError(InputError):
    """This measure cannot be read."""


@dataclass(frozen=True, slots=True)
class Spec:
    """A measure. Which parameters it has is up to its kind; the others stay None."""

    kind: str
    signals: tuple[str, ...] = ()
    days: int | None = None
    start: str | None = None  # "from" in JSON
    of: str | None = None
    floor: int | None = None
    used: str | None = None
    limit: str | None = None
    attribute: str | None = None  # "key" in JSON
    agg: str | None = None

    @property
    def definition(self) -> Kind:
        return KINDS[self.kind]

    @property
    def key(self) -> str:
        """The same text for the same measure, always: "people:activity:30d"."""
        return _key(self)

    def to_json(self) -> dict[str, object]:
        values = {field.name: self.parameter(field.name) for field in self.definition.fields}
        if not values.get("from"):
            values.pop("from", None)
        plain = {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
        return {"kind": self.kind, **plain}

    def parameter(self, name: str) -> object:
        """A parameter by its name in JSON."""
        value: object = getattr(self, ATTRIBUTE_OF.get(name, name))
        return value

    def signals_needed(self) -> tuple[str, ...]:
        return self.signals

    def attributes_needed(self) -> tuple[str, ...]:
        return tuple(key for key in (self.used, self.limit, self.attribute) if key is not None)

    def horizon(self) -> int | None:
        """How many days of usage it reads, the as-of day included; None = all, 0 = none."""
        if not self.signals:
            return 0
        return None if self.days is None or self.start else self.days * self.definition.windows_back

    def describe(self, value: float | str | None = None, names: Names = NO_NAMES) -> str:
        return self.definition.describe(self, value, names)

    def _piece(self, field: Field) -> str:
        value = self.parameter(field.name)
        if field.type == "signals":
            return "+".join(_quoted(slug) for slug in self.signals)
        if field.type == "days":
            return "ever" if value is None else f"{'first' if self.start else ''}{value}d"
        return f"floor{value}" if field.name == "floor" else _quoted(str(value))


@lru_cache(maxsize=4096)
def _key(spec: Spec) -> str:
    pieces = (spec._piece(field) for field in spec.definition.fields if field.name != "from")
    return ":".join([spec.kind, *pieces])


ATTRIBUTE_OF = {"from": "start", "key": "attribute"}


def parse_spec(
    value: object,
    *,
    known_signals: Collection[str] | None = None,
    known_attributes: Collection[str] | None = None,
) -> Spec:
    """Read a measure; SpecError says where it is wrong and what to do."""
    return read_spec(value, JsonPlace(SpecError), known_signals, known_attributes)


def read_spec(
    value: object, place: JsonPlace, signals: Collection[str] | None, attributes: Collection[str] | None
) -> Spec:
    """The same for a measure inside something larger, which has its own place and error."""
    names = {field.name for definition in KINDS.values() for field in definition.fields}
    given = place.mapping(value, ["kind", *sorted(names)], ["kind"])
    slug = place.key("kind").choice(given["kind"], KINDS)
    fields = KINDS[slug].fields
    place.mapping(value, ["kind", *(field.name for field in fields)])
    reader = Reader(place, signals, attributes)
    read = {ATTRIBUTE_OF.get(field.name, field.name): reader.field(field, given) for field in fields}
    spec = Spec(slug, **read)  # type: ignore[arg-type]
    if spec.start and spec.days is None:
        raise place.key("days").refusal("the first days from sign-up need a number", "Give 1 to 730")
    return spec


@dataclass(frozen=True, slots=True)
class Reader:
    place: JsonPlace
    signals: Collection[str] | None
    attributes: Collection[str] | None

    def field(self, field: Field, given: dict[str, object]) -> object:
        place = self.place.key(field.name)
        value = given.get(field.name)
        if value is None:
            if field.required:
                raise place.refusal(f"“{field.name}” is missing", f"Give it: {field.label}")
            return field.default
        if field.type == "signals":
            return self._signals(place, value)
        if field.type == "attribute":
            return place.known(place.text(value, LONGEST_NAME), self.attributes, "attribute")
        if field.type == "choice":
            return place.choice(value, field.choices)
        return place.whole(value, field.least, field.most)

    def _signals(self, place: JsonPlace, value: object) -> tuple[str, ...]:
        slugs = [
            self._signal(place.item(index), slug) for index, slug in enumerate(place.items(value, 1, MOST_SIGNALS))
        ]
        return tuple(sorted(set(slugs)))

    def _signal(self, place: JsonPlace, value: object) -> str:
        slug = place.text(value, LONGEST_NAME)
        return slug if slug == ACTIVITY else place.known(slug, self.signals, "signal")


def _quoted(name: str) -> str:
    return quote(name, safe="-_.")
