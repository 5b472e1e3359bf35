"""Which of its terms this installation never sent, and what each rule waits for because of that."""

from collections.abc import Iterable, Mapping

from plgcrm.common.sql import queries, scalars
from signals.measures.specs import Spec
from signals.measures.words import CATEGORY
from signals.rules.segments import segments_needed
from signals.rules.tree import Node, specs_of
from signals.rules.waiting import waits_for
from signals.vocabulary.applied import PLAN_KIND, Vocabulary

SQL = queries("signals/sql/vocabulary.sql")


def never_sent(specs: Iterable[Spec], vocabulary: Vocabulary) -> frozenset[str]:
    """Keys of the measures that are unknown of every account: of signals or traits that never came."""
    specs = list(specs)
    said = frozenset(scalars(SQL["meanings_said"]))
    return frozenset(spec.key for spec in specs if _is_missing(spec, vocabulary, said))


def waiting_for(rule: Node, vocabulary: Vocabulary) -> list[Spec]:
    """What a rule waits for: the measures that must be known before it can be true of anybody."""
    needed = segments_needed(set(vocabulary.segments), vocabulary.segments)
    rules = [rule, *(vocabulary.segments[slug] for slug in needed)]
    missing = never_sent((spec for each in rules for spec in specs_of(each)), vocabulary)
    return waits_for(rule, missing, vocabulary.segments)


def words_of(spec: Spec, vocabulary: Vocabulary, names: Mapping[str, str]) -> str:
    """What has to be sent, as an admin calls it: the signals, or the meaning of the trait."""
    keys = [key for key in spec.attributes_needed() if key in vocabulary.meanings]
    if keys:
        return ", ".join(vocabulary.meanings[key].name for key in keys)
    slugs = [one for signal in spec.signals for one in _expanded(signal, vocabulary)] or list(spec.signals)
    return ", ".join(names.get(slug, slug.removeprefix(CATEGORY)) for slug in slugs)


def _is_missing(spec: Spec, vocabulary: Vocabulary, said: frozenset[str]) -> bool:
    if spec.signals:
        signals = tuple(one for signal in spec.signals for one in _expanded(signal, vocabulary))
        return len(vocabulary.never(signals)) == len(set(signals))
    keys = [key for key in spec.attributes_needed() if key in vocabulary.meanings]
    return any(("plan" if key == PLAN_KIND else key) not in said for key in keys)


def _expanded(signal: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    if signal.startswith(CATEGORY):
        return vocabulary.groups.get(signal.removeprefix(CATEGORY), ())
    return (signal,)
