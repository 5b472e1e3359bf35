"""The facts that sentences, messages, lists and guards may speak of: rows, read once per change.

Facts are measured with every scoring run and kept in AccountState.measures under their measure key.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from plgcrm.common.cache import Remembered
from signals.measures.kinds_models import STORED
from signals.measures.specs import Spec, parse_spec
from signals.models import Fact

SCORED = tuple(STORED)  # what models say, kept under short names that people look for: score.pql
_WORD_OF = {f"{kind}:": f"{word}." for word, kind in STORED.items()}
AT_LEAST = "at_least"  # in AccountState.measures: which of its numbers the true ones may exceed


@dataclass(frozen=True, slots=True)
class FactTerm:
    """A fact as the engine and sentences use it."""

    slug: str
    spec: Spec
    unit: str
    reads: str
    one: str
    many: str
    may_be_told: bool
    key: str  # where AccountState.measures keeps its value; written down, as each account's every fact asks for it


def stored_name(key: str) -> str:
    """The name under which AccountState.measures keeps a measure: its key, but score.pql for points:pql."""
    kind, _, rest = key.partition(":")
    return f"{_WORD_OF.get(f'{kind}:', f'{kind}:')}{rest}" if rest else key


_FACTS = Remembered[Mapping[str, FactTerm]](seconds=10)


def all_facts() -> Mapping[str, FactTerm]:
    """All facts by slug, in the order in which pages list them; remembered for ten seconds."""
    return _FACTS.get(read_facts)


def read_facts() -> Mapping[str, FactTerm]:
    """The same as they stand now: for whoever keeps what follows from them."""
    return {row.slug: _term(row, parse_spec(row.measure)) for row in Fact.objects.all()}


def _term(row: Fact, spec: Spec) -> FactTerm:
    key = stored_name(spec.key)
    return FactTerm(row.slug, spec, row.unit, row.reads, row.one, row.many, row.may_be_told, key)
