"""What a rule may ask for at this installation: names of traits, their values, properties and events that arrived.

For whoever writes a rule. Every list is bounded, and none reads an event or an account.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from plgcrm.common.sql import queries, rows
from signals.models import CatalogueKey, EventName, SignalDefinition
from signals.rules.message_types import ACTIVITY_TYPES, NUMBERS
from signals.rules.trait_values import PLAN_KINDS, TraitMeaning, read_value
from signals.vocabulary.applied import PERSON_TERMS, PLAN_KIND, Vocabulary
from signals.vocabulary.sampling import MAX_SAMPLES

SQL = queries("signals/sql/vocabulary.sql")
MOST_NAMES = 500  # offered in one list
MOST_READ = 10_000  # names of traits or properties
MOST_VALUES = 50


@dataclass(slots=True)
class KnownName:
    """A trait or property: what it stands for, and what arrived of it."""

    name: str
    label: str = ""
    reading: str = ""  # of its meaning
    types: set[str] = field(default_factory=set)
    samples: list[str] = field(default_factory=list)

    @property
    def has_all_values(self) -> bool:
        """Whether the samples are likely to be all the values that there are."""
        return 0 < len(self.samples) < MAX_SAMPLES

    def take_in(self, types: Iterable[str], samples: Iterable[str]) -> None:
        self.types |= set(types)
        self.samples = list(dict.fromkeys([*self.samples, *samples]))[:MOST_VALUES]


@dataclass(frozen=True, slots=True)
class KnownTraits:
    """By name as rules ask for it: of companies and of people. A term is there whether or not anybody sent it."""

    companies: Mapping[str, KnownName]
    people: Mapping[str, KnownName]
    terms: Mapping[str, tuple[str, ...]]  # the names that stand for each
    said: frozenset[str]  # terms of which a value came

    def offered(self, of: Mapping[str, KnownName]) -> list[KnownName]:
        """Those of which something arrived, the terms first."""
        some = [each for each in of.values() if each.name not in self.terms or each.name in self.said]
        return sorted(some, key=lambda each: (not each.label, each.name))[:MOST_NAMES]


def known_traits(vocabulary: Vocabulary) -> KnownTraits:
    """Names of traits that arrived, and the terms, which are what an admin calls some of them."""
    companies, people = _of_catalogue()
    terms: dict[str, list[tuple[str, bool]]] = defaultdict(list)
    said: set[str] = set()
    for name, by_person, by_company, came in rows(SQL["trait_names"], [MOST_READ]):
        said |= {by_person, by_company} if came else set()
        # What a list of accounts or a CRM brought stands in no catalogue.
        if came and name not in companies and name not in people:
            companies[name] = KnownName(name)
        for term, of_person in ((by_person, True), (by_company, False)):
            if term:
                terms[term].append((name, of_person))
    named = {"companies": companies, "people": people}
    for slug, meaning in vocabulary.meanings.items():
        paths = terms["plan" if slug == PLAN_KIND else slug]
        term = _term(meaning, [(people if of_person else companies).get(name) for name, of_person in paths])
        named["people" if slug in PERSON_TERMS else "companies"][slug] = term
    return KnownTraits(
        companies,
        people,
        {slug: tuple(name for name, _ in terms["plan" if slug == PLAN_KIND else slug]) for slug in vocabulary.meanings},
        frozenset(said | ({PLAN_KIND} if "plan" in said else set())),
    )


def _of_catalogue() -> tuple[dict[str, KnownName], dict[str, KnownName]]:
    found: dict[bool, dict[str, KnownName]] = {True: {}, False: {}}
    keys = CatalogueKey.objects.filter(event_name=None).order_by("path", "pk")
    for holder, path, types, samples in keys.values_list("holder", "path", "types", "samples")[:MOST_READ]:
        of = found[holder == CatalogueKey.Holder.PERSON]
        of.setdefault(path, KnownName(path)).take_in(types, map(str, samples))
    return found[False], found[True]


def _term(meaning: TraitMeaning, behind: Sequence[KnownName | None]) -> KnownName:
    term = KnownName(meaning.slug, meaning.name, meaning.reading)
    for each in behind:
        if each is not None:
            term.take_in(each.types, _as_read(meaning, each.samples))
    if meaning.slug == PLAN_KIND:
        term.samples = list(PLAN_KINDS)
    return term


def _as_read(meaning: TraitMeaning, samples: Iterable[str]) -> list[str]:
    """The values that rules see; amounts and dates differ everywhere and are offered to nobody."""
    if meaning.reading in ("money", "date"):
        return []
    read = [read_value(meaning, sample, None) for sample in samples]
    said = (value.text if value.text is not None else _written(value.number) for value in read)
    return [text for text in said if text]


def _written(number: float | None) -> str:
    return "" if number is None else f"{number:.15g}"


def kept_properties() -> dict[str, list[str]]:
    """Of each signal the properties whose numbers or cases are kept, as rules ask for them."""
    current = SignalDefinition.objects.exclude(state=SignalDefinition.State.RETIRED)
    found: dict[str, set[str]] = defaultdict(set)
    for slug, values, cases in current.values_list("signal__slug", "values", "cases"):
        found[slug] |= {*values, *cases}
    return {slug: sorted(properties) for slug, properties in found.items()}


@dataclass(frozen=True, slots=True)
class EventsAsked:
    """Some events by kinds of message, names (none: any) and source (None: any)."""

    kinds: Sequence[str] = ()
    names: Sequence[str] = ()
    source: int | None = None

    def chosen(self) -> dict[str, Any]:
        kinds = [NUMBERS[kind] for kind in self.kinds or ACTIVITY_TYPES if kind in NUMBERS]
        some: dict[str, Any] = {"kind__in": kinds, "evicted": False}
        if self.source is not None:
            some["source_id"] = self.source
        return some | ({"name__in": list(self.names)} if self.names else {})


def known_events(asked: EventsAsked) -> list[str]:
    """Names of events that arrived, whatever names were asked for."""
    some = EventsAsked(asked.kinds, (), asked.source).chosen()
    names = EventName.objects.filter(**some).order_by("name").values_list("name", flat=True)
    return list(names.distinct()[:MOST_READ])


def known_event_properties(asked: EventsAsked) -> dict[str, KnownName]:
    """The properties that came with these events, by path."""
    chosen = {f"event_name__{name}": value for name, value in asked.chosen().items()}
    keys = CatalogueKey.objects.filter(holder=CatalogueKey.Holder.EVENT, **chosen).order_by("path", "pk")
    found: dict[str, KnownName] = {}
    for path, types, samples in keys.values_list("path", "types", "samples")[:MOST_READ]:
        found.setdefault(path, KnownName(path)).take_in(types, map(str, samples))
    return found
