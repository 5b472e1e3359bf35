"""What was said of accounts and people, read as the vocabulary says the names of traits mean."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from django.conf import settings

from plgcrm.common.sql import columns_and_texts, queries, rows
from signals.measures.frame import AttributeRows, Flags, Floats, Ints, Longs
from signals.rules.trait_values import NOTHING, ReadValue, TraitMeaning, plan_kind, read_value
from signals.vocabulary.applied import PERSON_TERMS, PLAN_KIND, Vocabulary

SQL = queries("signals/sql/measures_load.sql")
VOCABULARY_SQL = queries("signals/sql/vocabulary.sql")
COLUMNS = ["subject", "holder", "key", "at", "number", "day", "origin"]
AS_SENT = ("text", "role")  # readings that take numbers and texts as they came

Rows = dict[str, Any]


@dataclass(frozen=True, slots=True)
class AttributeQuery:
    """Whose attributes: `queries` by name, and the same of what people say about their company ("" for none)."""

    own: str
    beside: str
    params: Mapping[str, Any]
    subjects: Ints  # sorted


@dataclass(frozen=True, slots=True)
class _Asked:
    """A name that rules ask for, and one key behind it."""

    name: str
    key: int
    by_people: bool  # it is said beside a person


@dataclass(slots=True)
class _Texts:
    """All texts of a frame, each once."""

    index: dict[str, int] = field(default_factory=dict)

    def of(self, text: str | None) -> int:
        return -1 if text is None else self.index.setdefault(text, len(self.index))


def load_attributes(
    query: AttributeQuery, names: Sequence[str], vocabulary: Vocabulary, *, first_day: int
) -> tuple[AttributeRows, tuple[str, ...]]:
    """Of every holder and name what the most trusted origin said last before `first_day`, and all that came since;
    and the texts that the rows name by number. Rows name their key by its place in `names`."""
    asked = _asked(names, vocabulary, of_people=not query.beside)
    own = [one for one in asked if not one.by_people]
    beside = [one for one in asked if one.by_people]
    if not asked or not query.subjects.size:
        return AttributeRows.empty(), ()
    texts, parts = _Texts(), []
    for sql, wanted in ((query.own, own), (query.beside, beside)):
        if wanted:
            found = _read(sql, query, sorted({one.key for one in wanted}))
            parts += [_meant(found, one, names.index(one.name), vocabulary, texts) for one in wanted]
    together = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    # Of two texts of one second the last counts, whatever order they were read in: so their numbers follow the texts.
    words = sorted(texts.index)
    number = {word: place for place, word in enumerate(words)}
    together["text"] = np.array([*(number[word] for word in texts.index), -1], np.int32)[together["text"]]
    return _rows(query.subjects, together, first_day), tuple(words)


def _asked(names: Sequence[str], vocabulary: Vocabulary, *, of_people: bool) -> list[_Asked]:
    """In a fixed order. A name that is a term is never a raw trait that happens to be called so."""
    terms = {name: "plan" if name == PLAN_KIND else name for name in names if name in vocabulary.meanings}
    raw = [name for name in names if name not in terms]
    found = _keys_of(sorted(set(terms.values())), raw, vocabulary) if names else []
    asked = {
        # Of a person, what is said beside them is their own, and what a group call says is not.
        _Asked(name, key, by_people and not of_people)
        for term, key, by_people in found
        for name in names
        if terms.get(name, name) == term and (by_people or not of_people or name in raw)
    }
    return sorted(asked, key=lambda one: (one.name, one.key, one.by_people))


def _keys_of(terms: list[str], raw: list[str], vocabulary: Vocabulary) -> list[tuple[str, int, bool]]:
    if vocabulary.keys is None:
        return rows(VOCABULARY_SQL["keys_of_names"], {"meant": terms, "raw": raw})
    tried = [(term, key, by_people) for term in terms for key, by_people in vocabulary.keys.get(term, ())]
    return tried + rows(VOCABULARY_SQL["keys_of_names"], {"meant": [], "raw": raw})


@dataclass(frozen=True, slots=True, eq=False)
class _Said:
    """Rows as they were said; `code` numbers their texts, each of which stands once in `words`."""

    rows: Rows
    code: Longs
    words: tuple[str, ...]


def _read(sql: str, query: AttributeQuery, keys: list[int]) -> _Said:
    found, words = columns_and_texts(SQL[sql], COLUMNS, {**query.params, "keys": keys})
    index = {word: number for number, word in enumerate(dict.fromkeys(words))}
    code = np.fromiter(map(index.__getitem__, words), np.int64, len(words))
    return _Said(found, code, tuple(index))


def _meant(said: _Said, asked: _Asked, place: int, vocabulary: Vocabulary, texts: _Texts) -> Rows:
    """The rows of one key, with numbers and texts as the meaning reads them."""
    chosen = np.flatnonzero(said.rows["key"] == asked.key)
    rows_of_key = {name: values[chosen] for name, values in said.rows.items()}
    if asked.by_people and asked.name not in PERSON_TERMS:
        # Whoever says it, it is the company's: the last word counts, and a sum counts it once.
        rows_of_key["holder"] = rows_of_key["subject"].astype(np.int64) * 4
    meaning = vocabulary.meanings.get(asked.name)
    # Few texts are different, and a number follows from its text: each is read once.
    codes, first, of_row = np.unique(said.code[chosen], return_index=True, return_inverse=True)
    words = [said.words[code] for code in codes.tolist()]
    number, text, at_least = _values(words, rows_of_key["number"][first], meaning, texts)
    return rows_of_key | {
        "key": np.full(len(chosen), place, np.int16),
        # As sent, true may be the flag or the word, which differ in their number.
        "number": rows_of_key["number"] if _is_as_sent(meaning) else number[of_row],
        "text": text[of_row],
        "at_least": at_least[of_row],
    }


def _is_as_sent(meaning: TraitMeaning | None) -> bool:
    return meaning is None or meaning.reading in AS_SENT


def _values(
    words: list[str], numbers: Floats, meaning: TraitMeaning | None, texts: _Texts
) -> tuple[Floats, Ints, Flags]:
    """What each text says; `numbers` as they were sent, NaN where a text is none."""
    if meaning is None or _is_as_sent(meaning):
        text = np.fromiter((texts.of(word) for word in words), np.int32, len(words))
        return numbers, text, np.zeros(len(words), np.bool_)
    values = [
        _value(meaning, word, None if np.isnan(number) else number)
        for word, number in zip(words, numbers.tolist(), strict=True)
    ]
    return (
        np.array([np.nan if value.number is None else value.number for value in values], np.float64),
        np.fromiter((texts.of(value.text) for value in values), np.int32, len(values)),
        np.array([value.at_least for value in values], np.bool_),
    )


def _value(meaning: TraitMeaning, text: str, number: float | None) -> ReadValue:
    if not text:
        return NOTHING
    if meaning.slug == PLAN_KIND:
        return plan_kind(meaning, text)
    return read_value(meaning, text, number, currency=settings.CURRENCY)


def _rows(subjects: Ints, found: Rows, first_day: int) -> AttributeRows:
    subject: Any = np.searchsorted(subjects, found["subject"]).astype(np.int32)
    attributes = AttributeRows(
        subject,
        found["holder"].astype(np.int32),
        found["key"],
        found["at"],
        found["number"],
        found["text"],
        found["at_least"] if found["at_least"].any() else None,
    )
    return attributes.where(_kept(found, first_day))


def _kept(found: Rows, first_day: int) -> Flags:
    before = np.flatnonzero(found["day"] < first_day)
    order = before[np.lexsort([found[name][before] for name in ("at", "day", "origin", "key", "holder")])]
    holder, key = found["holder"][order], found["key"][order]
    last = np.append((holder[1:] != holder[:-1]) | (key[1:] != key[:-1]), True)[: len(order)]
    kept: Flags = found["day"] >= first_day
    kept[order[last]] = True
    return kept
