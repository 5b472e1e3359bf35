"""What is kept of events' properties per actor and day, by ingest as events arrive and again from history: numbers
added up, and which cases the events belong to.

Any order, and any division into batches, of the same events gives the same rows.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any, TypeVar

import msgspec

from plgcrm.common.sql import dates, execute, float8s, int4s, queries, texts, timestamptzs
from signals.rules.amounts import WantedCase, WantedProperties, WantedValue

SQL = queries("signals/sql/values.sql")
DAY = 86_400
AT_ONCE = 10_000  # rows a statement

Key = tuple[int, int, int, str, int]  # actor, day since 1970, definition, property, the day on which it became known
CaseKey = tuple[int, int, int, str, str, int]  # the same with the case before the last
decode = msgspec.json.decode
T = TypeVar("T", Key, CaseKey)


@dataclass(slots=True)
class _Sum:
    events: int = 0
    readable: int = 0
    total: Decimal = Decimal(0)
    largest: float | None = None
    last_at: float = 0.0
    last: float | None = None

    def add(self, amount: Decimal | None, at: float) -> None:
        self.events += 1
        number = None if amount is None else float(amount)
        if amount is not None and number is not None:
            self.readable += 1
            self.total += amount
            self.largest = number if self.largest is None else max(self.largest, number)
        self._keep_last(number, at)

    def _keep_last(self, number: float | None, at: float) -> None:
        """The later one; of two at the same time the larger, and any number before none."""
        if self.events == 1 or at > self.last_at:
            self.last_at, self.last = at, number
        elif at == self.last_at and number is not None:
            self.last = number if self.last is None else max(self.last, number)


class KeptProperties:
    """What some events add to what is kept."""

    def __init__(self) -> None:
        self._sums: dict[Key, _Sum] = {}
        self._cases: dict[CaseKey, float] = {}

    def add(
        self,
        known: int,
        actor: int,
        at: float,
        definition: int,
        wanted: WantedProperties,
        properties: bytes | str | None,
    ) -> None:
        """One event, `at` in seconds since 1970, `known` from that day since 1970 on."""
        found, day = properties_of(properties), int(at // DAY)
        known = max(known, day)
        for value in wanted.values:
            key = actor, day, definition, value.slug, known
            self._sums.setdefault(key, _Sum()).add(value.amount(found), at)
        for each in wanted.cases:
            if case := each.case(found):
                place = actor, day, definition, each.slug, case, known
                self._cases[place] = max(at, self._cases.get(place, at))

    def store(self) -> None:
        """Add them to what is stored. In the caller's transaction, in which the events are counted too."""
        for part in _parts(self._sums):
            execute(SQL["add_values"], _params(part, [self._sums[key] for key in part]))
        for cases in _parts(self._cases):
            execute(SQL["add_cases"], _case_params(cases, [self._cases[case] for case in cases]))


def _parts(keys: Iterable[T]) -> Iterator[list[T]]:
    """Sorted, as usage is: two writers never wait for each other in a circle. Of one row first what was known first."""
    rounds: list[list[T]] = []
    for _, same in groupby(sorted(keys), key=lambda key: key[:-1]):
        for turn, key in enumerate(same):
            if turn == len(rounds):
                rounds.append([])
            rounds[turn].append(key)
    for each in rounds:
        for start in range(0, len(each), AT_ONCE):
            yield each[start : start + AT_ONCE]


def wanted_properties(values: Mapping[str, Any], cases: Mapping[str, Any]) -> WantedProperties | None:
    """What a definition wants kept, from how it is stored there; None where it is nothing."""
    if not values and not cases:
        return None
    return WantedProperties(
        tuple(_wanted(slug, how) for slug, how in sorted(values.items())),
        tuple(WantedCase(slug, tuple(how["paths"])) for slug, how in sorted(cases.items())),
    )


def _wanted(slug: str, how: Mapping[str, Any]) -> WantedValue:
    return WantedValue(
        slug,
        tuple(how["paths"]),
        cents=bool(how.get("cents")),
        ours=how.get("ours", ""),
        currency=how.get("currency", ""),
        currency_paths=tuple(how.get("currency_paths", ())),
    )


def properties_of(text: bytes | str | None) -> Mapping[str, Any]:
    """The properties of an event; none where they are no object."""
    found = decode(text) if text else {}
    return found if isinstance(found, dict) else {}


def _case_params(cases: list[CaseKey], at: list[float]) -> list[Any]:
    return [
        int4s([case[0] for case in cases]),
        dates([case[1] for case in cases]),
        int4s([case[2] for case in cases]),
        texts([case[3] for case in cases]),
        texts([case[4] for case in cases]),
        timestamptzs(at),
        dates([case[5] for case in cases]),
    ]


def _params(keys: list[Key], sums: list[_Sum]) -> list[Any]:
    return [
        int4s([key[0] for key in keys]),
        dates([key[1] for key in keys]),
        int4s([key[2] for key in keys]),
        texts([key[3] for key in keys]),
        int4s([each.events for each in sums]),
        int4s([each.readable for each in sums]),
        texts([str(each.total) for each in sums]),
        float8s([each.largest for each in sums]),
        timestamptzs([each.last_at for each in sums]),
        float8s([each.last for each in sums]),
        dates([key[4] for key in keys]),
    ]
