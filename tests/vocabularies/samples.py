"""A sample company's vocabulary as it arrives: what its catalogue would show of a smaller history."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

from plgcrm.demo.companies.pack import CompanyPack
from plgcrm.demo.companies.truth import Carrier
from tests.vocabularies import SentEvent, SentTrait, SentValues, Value, WrittenVocabulary

NOW = datetime(2026, 3, 11, 14, 30, tzinfo=UTC)
DAYS, SAMPLES = 120, 12
CARRIERS: dict[str, Carrier] = {"identify": "person", "group": "company"}


@dataclass
class _Sent:
    """The values of one path, and who or how often."""

    values: Counter[Value] = field(default_factory=Counter)
    holders: set[Any] = field(default_factory=set)

    def samples(self) -> list[Value]:
        return [value for value, _ in self.values.most_common(SAMPLES)]

    def type(self) -> Literal["text", "number", "yes_no"]:
        first = next(iter(self.values))
        return "yes_no" if isinstance(first, bool) else "text" if isinstance(first, str) else "number"


def vocabulary_of(pack: CompanyPack, *, companies: int = 400) -> WrittenVocabulary:
    """In the shape of the vocabularies beside this file, with the pack's own truth."""
    counts: Counter[tuple[str, Literal["track", "page"]]] = Counter()
    properties: dict[str, dict[str, _Sent]] = defaultdict(lambda: defaultdict(_Sent))
    traits: dict[Carrier, dict[str, _Sent]] = defaultdict(lambda: defaultdict(_Sent))
    holders: dict[Carrier, set[Any]] = defaultdict(set)
    for each in pack.history(NOW, companies=companies):
        message = msgspec.json.decode(each.body)
        carrier = CARRIERS.get(message["type"])
        if carrier is None:
            name = message.get("event") or message["name"]
            counts[name, "track" if message["type"] == "track" else "page"] += 1
            _note(properties[name], message.get("properties") or {}, None)
        else:
            holder = message["groupId"] if carrier == "company" else message["userId"]
            holders[carrier].add(holder)
            _note(traits[carrier], message["traits"], holder)
    events = [
        SentEvent(name, kind, max(1, count // DAYS), _values(properties[name]))
        for (name, kind), count in counts.items()
    ]
    sent = [
        SentTrait(of, path, len(values.holders) / len(holders[of]), values.type(), values.samples())
        for of, paths in traits.items()
        for path, values in paths.items()
    ]
    return WrittenVocabulary(pack.product, pack.slug, "a sample company", events, sent, pack.truth)


def _note(found: dict[str, _Sent], sent: dict[str, Any], holder: Any) -> None:
    for path, value in paths_of(sent):
        found[path].values[value] += 1
        found[path].holders.add(holder)


def paths_of(value: dict[str, Any], before: str = "") -> Iterator[tuple[str, Value]]:
    for key, inner in value.items():
        if isinstance(inner, dict):
            yield from paths_of(inner, f"{before}{key}.")
        else:
            yield before + key, inner


def _values(found: dict[str, _Sent]) -> dict[str, SentValues]:
    return {path: SentValues(values.type(), values.samples()) for path, values in found.items()}
