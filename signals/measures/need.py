"""What has to be read of accounts so that some measures can be taken."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from signals.measures.provided import PROVIDERS
from signals.measures.specs import Spec
from signals.measures.words import CATEGORY

FOREVER = 2**31 - 1
FIRST_DAY = -(10**5)  # before it nobody sent events


@dataclass(frozen=True, slots=True)
class Need:
    """What has to be read so that these measures can be taken from `first_day` on."""

    signals: tuple[str, ...]
    ever: frozenset[str]  # signals that are needed from the very beginning
    since: int  # the others, from this day on
    keys: tuple[str, ...]
    traits: tuple[str, ...]  # of the people of a company
    properties: tuple[str, ...]  # of events, whose numbers are kept
    valued: tuple[str, ...]  # the signals that they are properties of
    values_since: int
    cased: tuple[str, ...]  # the signals whose cases are opened and closed
    first_day: int  # of the changes of both; of what was said before, the last is enough
    groups: Mapping[str, tuple[str, ...]]  # "category:depth" -> its signals
    provided: tuple[str, ...] = ()  # what other apps keep

    @classmethod
    def of(cls, specs: Iterable[Spec], first_day: int, groups: Mapping[str, tuple[str, ...]]) -> "Need":
        """`groups`: the signals of each category, by its slug."""
        specs, groups = list(specs), {f"{CATEGORY}{slug}": signals for slug, signals in groups.items()}
        parts = [part for spec in specs for part in spec.parts()]
        horizons = [
            (one, part.horizon())
            for part in parts
            for signal in part.signals
            for one in (groups.get(signal, ()) if signal.startswith(CATEGORY) else (signal,))
        ]
        # Of what closes cases no usage is read.
        horizons += [(one, 0) for part in parts for signal in part.closing for one in groups.get(signal, (signal,))]
        days = max((horizon for _, horizon in horizons if horizon is not None), default=1)
        changes = [spec.history_days() for spec in specs]
        return cls(
            signals=tuple(sorted({signal for signal, _ in horizons})),
            ever=frozenset(signal for signal, horizon in horizons if horizon is None),
            since=first_day - days + 1,
            keys=tuple(sorted({key for spec in specs for key in spec.attributes_needed()})),
            traits=tuple(sorted({key for spec in specs for key in spec.traits_needed()})),
            properties=tuple(
                sorted({prop for spec in specs for _, prop in (*spec.values_needed(), *spec.cases_needed())})
            ),
            valued=_signals_of((signal for spec in specs for signal, _ in spec.values_needed()), groups),
            values_since=_first_day_of_values(parts, first_day),
            cased=_signals_of((signal for spec in specs for signal, _ in spec.cases_needed()), groups),
            first_day=-FOREVER if None in changes else first_day - max((days for days in changes if days), default=0),
            groups={
                signal: groups.get(signal, ())
                for part in parts
                for signal in (*part.signals, *part.closing)
                if signal.startswith(CATEGORY)
            },
            provided=tuple(sorted({part.kind for part in parts if part.kind in PROVIDERS})),
        )


def _signals_of(signals: Iterable[str], groups: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The signals, those of a category in its place."""
    return tuple(sorted({one for signal in signals for one in groups.get(signal, (signal,))}))


def _first_day_of_values(parts: Iterable[Spec], first_day: int) -> int:
    horizons = [part.horizon() for part in parts if part.prop is not None]
    return FIRST_DAY if None in horizons else first_day - max((days for days in horizons if days), default=1) + 1
