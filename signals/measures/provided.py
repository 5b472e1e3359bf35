"""Measures of what another app keeps about accounts: it registers a provider, and signals knows nothing of it.

A provider's SQL answers for a set of accounts: since when and until when something was so. The engine makes a number or
a text of it as of any day. What changes marks its accounts to be scored again, as with events; that is the provider's.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from signals.measures import windows
from signals.measures.frame import SECONDS_A_DAY, AsOf, Column, Flags, Floats, Longs, ProvidedRows
from signals.measures.kinds import KINDS, Field, Kind, one_or_many
from signals.measures.stays import FOREVER
from signals.measures.tables import Tables
from signals.measures.words import Names

if TYPE_CHECKING:
    from signals.measures.specs import Spec

HEADING = "Your team’s work"
Unit = Literal["count", "text", "days"]
Choices = Callable[[], list[tuple[str, str]]]  # what is kept, and what an admin calls it
PLAY = Field("play", "option", "Play (empty: any)")


@dataclass(frozen=True, slots=True)
class ProvidedWords:
    """How a provider's measure reads: `some` and `nothing` stand in the place of "at least 1" and "exactly 0"."""

    one: str
    many: str
    some: str = ""
    nothing: str = ""


@dataclass(frozen=True, slots=True)
class Provider:
    """`count`: how many stretches a day lies in; `text`: that of the last one; `days`: since the last began.

    `sql` gives, for %(accounts)s, a row for each stretch: account, begin and end in seconds since 1970 (no end: NaN),
    and text. `known_since` gives when its app began to keep any: before, it is unknown.
    """

    slug: str
    label: str
    help: str
    unit: Unit
    words: ProvidedWords
    sql: str
    known_since: str
    nobody: str = ""  # the text of an account without any
    fields: tuple[Field, ...] = ()  # of an option, only stretches with this text count
    choices: Mapping[str, Choices] = field(default_factory=dict)  # by option; "" for the values of a text


PROVIDERS: dict[str, Provider] = {}


def register(provider: Provider) -> None:
    """Make its measure one that rules may ask for. Registering it twice is the same as once."""
    made = type(
        f"Provided_{provider.slug}",
        (ProvidedKind,),
        {"provider": provider, "grows_daily": provider.unit == "days", "counted": provider.unit == "count"}
        | {name: getattr(provider, name) for name in ("slug", "label", "help", "fields")},
    )
    PROVIDERS[provider.slug], KINDS[provider.slug] = provider, made()


class ProvidedKind(Kind):
    provider: ClassVar[Provider]
    heading = HEADING

    def column(self, tables: Tables, spec: "Spec") -> Column:
        kept = (tables.frame.provided or {}).get(spec.kind)
        unknown = np.full(tables.shape, np.nan)
        if kept is None:  # of single people nobody keeps anything
            return Column(unknown)
        known = tables.as_of.days >= kept.known_since // SECONDS_A_DAY
        if self.provider.unit == "text":
            return self._text(kept, tables, known)
        return Column(np.where(known, self._numbers(kept, tables, spec), np.nan))

    def _numbers(self, kept: ProvidedRows, tables: Tables, spec: "Spec") -> Floats:
        rows = kept.rows
        if spec.play:
            wanted = [text == spec.play for text in kept.texts]
            rows = rows.where(np.array([*wanted, False], np.bool_)[rows.text])
        begin, end = _day(rows.begin), _day(rows.end)
        if self.provider.unit == "count":
            return windows.covering(rows.subject, begin, end, tables.frame.subjects, tables.as_of)
        order = np.argsort(begin, kind="stable")
        last = windows.latest(rows.subject[order].astype(np.int64), begin[order], np.arange(order.size), *_size(tables))
        return np.where(last < 0, np.nan, tables.as_of.days - np.append(begin[order], 0)[last])

    def _text(self, kept: ProvidedRows, tables: Tables, known: Flags) -> Column:
        """Of each day the text of the stretch that began last, `nobody` where it has ended or none has begun."""
        rows, none = kept.rows, len(kept.texts)
        ends = rows.where(np.isfinite(rows.end))
        subject = np.concatenate((rows.subject, ends.subject)).astype(np.int64)
        at = np.concatenate((rows.begin, ends.end))
        text = np.concatenate((rows.text, np.full(ends.subject.size, none, np.int32)))
        # What begins in the second in which something else ends comes after it.
        order = np.lexsort((text, text < none, at))
        last = windows.latest(subject[order], _day(at[order]), np.arange(order.size), *_size(tables))
        found = np.append(text[order], none)[last].astype(np.int32)
        texts = np.where(known, found, np.int32(-1)).astype(np.int32)
        return Column(np.full(tables.shape, np.nan), texts, (*kept.texts, self.provider.nobody))

    def has_text(self, spec: "Spec") -> bool:
        return self.provider.unit == "text"

    def noun(self, spec: "Spec", names: Names) -> str:
        many = f"days since {self.provider.words.many}" if self.provider.unit == "days" else self.provider.words.many
        return f"{many}{_of_play(spec, names)}"

    def sentence(self, spec: "Spec", names: Names, amount: str, *, one: bool) -> str:
        words, rest = self.provider.words, _of_play(spec, names)
        if self.provider.unit == "days":
            return f"{words.many} {amount} {one_or_many(one, 'day', 'days')} ago"
        if self.provider.unit == "text":
            nothing = f"is {self.said(spec, self.provider.nobody, names)}"
            return words.nothing if amount == nothing else f"{words.many} {amount}"
        said = {"at least 1": words.some, "exactly 0": words.nothing, "fewer than 1": words.nothing, "0": words.nothing}
        return f"{said.get(amount) or f'{amount} {one_or_many(one, words.one, words.many)}'}{rest}"

    def said(self, spec: "Spec", value: float | str, names: Names) -> str:
        return names.get(f"{spec.kind}:{value}", self.amount(value))


def _of_play(spec: "Spec", names: Names) -> str:
    return f" of “{names.get(f'play:{spec.play}', spec.play)}”" if spec.play else ""


def _day(seconds: Floats) -> Longs:
    """The day of each moment; one that never comes for none."""
    return np.where(np.isfinite(seconds), np.nan_to_num(seconds) // SECONDS_A_DAY, FOREVER).astype(np.int64)


def _size(tables: Tables) -> tuple[int, AsOf]:
    return tables.frame.subjects, tables.as_of


def offered() -> dict[str, list[tuple[str, str]]]:
    """By option of a kind (`play`), and by kind for the values of a text: what may be chosen, with its name."""
    found: dict[str, list[tuple[str, str]]] = {}
    for provider in PROVIDERS.values():
        found |= {option or provider.slug: choices() for option, choices in provider.choices.items()}
    return found
