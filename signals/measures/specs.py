"""A measure as an admin states it: read from JSON, refused by name when anything in it is unknown."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import quote

from signals.measures import (  # noqa: F401 - they register their kinds
    kinds_models,
    kinds_of_two,
    kinds_people,
    kinds_properties,
    kinds_segments,
    kinds_usage,
    kinds_values,
)
from signals.measures.checks import InputError, JsonPlace
from signals.measures.kinds import ACTIVITY, KINDS, NO_NAMES, Field, Kind
from signals.measures.kinds_models import STORED
from signals.measures.words import CATEGORY, Names

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
    times: int | None = None
    least_age: int | None = None
    trait: str | None = None  # of a person
    match: str | None = None
    values: tuple[str, ...] = ()
    role: str | None = None
    prop: str | None = None  # "property" in JSON
    closing: tuple[str, ...] = ()
    one: "Spec | None" = None
    other: "Spec | None" = None
    segment: str | None = None
    model: str | None = None
    play: str | None = None

    @property
    def definition(self) -> Kind:
        return KINDS[self.kind]

    @property
    def key(self) -> str:
        """The same text for the same measure, always: "people:activity:30d"."""
        return _key(self)

    def to_json(self) -> dict[str, object]:
        values = {field.name: self.parameter(field.name) for field in self.definition.fields}
        for name in LEFT_OUT:
            if not values.get(name):
                values.pop(name, None)
        return {"kind": self.kind, **{name: _plain(value) for name, value in values.items()}}

    def parameter(self, name: str) -> object:
        """A parameter by its name in JSON."""
        value: object = getattr(self, ATTRIBUTE_OF.get(name, name))
        return value

    def parts(self) -> "tuple[Spec, ...]":
        """The measures that it is made of, itself where it stands alone."""
        return self.definition.parts(self)

    def signals_needed(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(signal for part in self.parts() for signal in (*part.signals, *part.closing)))

    def attributes_needed(self) -> tuple[str, ...]:
        """Traits of a company."""
        names = ((part.used, part.limit, part.attribute) for part in self.parts())
        return tuple(dict.fromkeys(key for keys in names for key in keys if key is not None))

    def traits_needed(self) -> tuple[str, ...]:
        """Traits of the people of a company."""
        keys = (key for part in (self, *self.parts()) for key in part.definition.traits(part))
        return tuple(dict.fromkeys(keys))

    def values_needed(self) -> tuple[tuple[str, str], ...]:
        """The properties whose numbers it reads, each with its signal."""
        pairs = ((signal, part.prop) for part in self.parts() if not part.closing for signal in part.signals)
        return tuple(dict.fromkeys((signal, prop) for signal, prop in pairs if prop is not None))

    def cases_needed(self) -> tuple[tuple[str, str], ...]:
        """The properties whose cases it reads, each with its signal."""
        parts = [part for part in self.parts() if part.closing and part.prop is not None]
        pairs = ((signal, str(part.prop)) for part in parts for signal in (*part.signals, *part.closing))
        return tuple(dict.fromkeys(pairs))

    def history_days(self) -> int | None:
        """How many days of changes of attributes and traits it looks back on; None = all."""
        days = [part.definition.history_days(part) for part in (self, *self.parts())]
        return None if None in days else max(day for day in days if day is not None)

    def horizon(self) -> int | None:
        """How many days of usage it reads, the as-of day included; None = all, 0 = none."""
        horizons = [part._horizon() for part in self.parts()]
        return None if None in horizons else max((days for days in horizons if days), default=0)

    def _horizon(self) -> int | None:
        if not self.signals:
            return 0
        return None if self.days is None or self.start else self.days * self.definition.windows_back

    def describe(self, value: float | str | None = None, names: Names = NO_NAMES) -> str:
        return self.definition.describe(self, value, names)

    def _piece(self, field: Field) -> str:
        value = self.parameter(field.name)
        if field.type == "days":
            return "ever" if value is None else f"{'first' if self.start else ''}{value}d"
        if isinstance(value, Spec):
            return _quoted(value.key)
        if isinstance(value, tuple):
            return "+".join(_quoted(str(each)) for each in value)
        return PIECES.get(field.name, "{}").format(_quoted(str(value)))


@lru_cache(maxsize=4096)
def _key(spec: Spec) -> str:
    fields = spec.definition.fields
    # Left out where it was: a parameter that a kind gets later changes no key that is stored.
    named = (
        field for field in fields if field.name not in LEFT_OUT or (field.name != "from" and spec.parameter(field.name))
    )
    pieces = (spec._piece(field) for field in named)
    return ":".join([spec.kind, *pieces])


ATTRIBUTE_OF = {"from": "start", "key": "attribute", "property": "prop"}
LEFT_OUT = ("from", "least_age", "role", "play")  # of JSON and key, where they are empty
PIECES = {"floor": "floor{}", "least_age": "age{}", "times": "{}x"}


def _plain(value: object) -> object:
    if isinstance(value, Spec):
        return value.to_json()
    return list(value) if isinstance(value, tuple) else value


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
    return _read_spec(value, Reader(place, signals, attributes))


def _read_spec(value: object, reader: "Reader") -> Spec:
    place = reader.place
    names = {field.name for definition in KINDS.values() for field in definition.fields}
    given = place.mapping(value, ["kind", *sorted(names)], ["kind"])
    if (written := _formerly(given)) is not None:
        return _read_spec(written, reader)
    if reader.nested and KINDS.get(str(given["kind"]), Kind).derived:
        raise place.refusal("that is known only after all measures", "Compare it in a condition of its own")
    slug = place.key("kind").choice(given["kind"], reader.kinds)
    fields = KINDS[slug].fields
    place.mapping(value, ["kind", *(field.name for field in fields)])
    read = {ATTRIBUTE_OF.get(field.name, field.name): reader.field(field, given) for field in fields}
    spec = Spec(slug, **read)  # type: ignore[arg-type]
    if spec.start and spec.days is None:
        raise place.key("days").refusal("the first days from sign-up need a number", "Give 1 to 730")
    return spec


def _formerly(given: dict[str, object]) -> dict[str, object] | None:
    """Rules once asked for `score.pql` as an attribute; the same as it is asked for now."""
    word, _, model = str(given.get("key", "")).partition(".")
    if given["kind"] != "attribute" or not model or word not in STORED:
        return None
    return {"kind": STORED[word], "model": model}


@dataclass(frozen=True, slots=True)
class Reader:
    place: JsonPlace
    signals: Collection[str] | None
    attributes: Collection[str] | None
    nested: bool = False

    @property
    def kinds(self) -> list[str]:
        """Two levels would be beyond what a sentence can say."""
        return [slug for slug, kind in KINDS.items() if kind.can_be_part or not self.nested]

    def field(self, field: Field, given: dict[str, object]) -> object:
        place = self.place.key(field.name)
        value = given.get(field.name)
        if value is None:
            if field.required:
                raise place.refusal(f"“{field.name}” is missing", f"Give it: {field.label}")
            return field.default
        if field.type == "signals":
            return self._signals(place, value)
        if field.type in ("segment", "model", "option"):
            return place.text(value, LONGEST_NAME)
        if field.type in ("attribute", "trait"):
            return self._attribute(place, value)
        if field.type == "choice":
            return place.choice(value, field.choices)
        if field.type == "measure":
            return _read_spec(value, replace(self, place=place, nested=True))
        return self._plain_field(place, field, value)

    def _plain_field(self, place: JsonPlace, field: Field, value: object) -> object:
        if field.type in ("text", "property"):
            return place.text(value, LONGEST_NAME)
        if field.type == "texts":
            items = enumerate(place.items(value, 1, MOST_SIGNALS))
            return tuple(sorted({place.item(index).text(text, LONGEST_NAME) for index, text in items}))
        return place.whole(value, field.least, field.most)

    def _attribute(self, place: JsonPlace, value: object) -> str:
        return place.known(place.text(value, LONGEST_NAME), self.attributes, "attribute")

    def _signals(self, place: JsonPlace, value: object) -> tuple[str, ...]:
        slugs = [
            self._signal(place.item(index), slug) for index, slug in enumerate(place.items(value, 1, MOST_SIGNALS))
        ]
        return tuple(sorted(set(slugs)))

    def _signal(self, place: JsonPlace, value: object) -> str:
        slug = place.text(value, LONGEST_NAME)
        # A category stands for the signals that are in it at the time of measuring.
        return slug if slug == ACTIVITY or slug.startswith(CATEGORY) else place.known(slug, self.signals, "signal")


def _quoted(name: str) -> str:
    return quote(name, safe="-_.")
