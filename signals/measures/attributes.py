"""Attributes from Postgres, as whole columns: what held before a day, and each change since."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from plgcrm.common.sql import columns_and_texts, rows
from signals.measures.frame import AttributeRows, Flags, Ints

COLUMNS = ["subject", "holder", "key", "at", "number", "day", "origin"]
FOREVER = 2**31 - 1

Found = tuple[AttributeRows, tuple[str, ...]]  # the rows, and the texts that they name by number


def read_attributes(
    query: str, params: Mapping[str, Any], subjects: Ints, keys: Sequence[str], *, first_day: int = FOREVER
) -> Found:
    """Of every holder and key what the most trusted origin said last before `first_day`, and all that came since."""
    ids = dict(rows("SELECT name, id FROM accounts_attributekey WHERE name = ANY(%s)", [list(keys)])) if keys else {}
    if not ids or not subjects.size:
        return AttributeRows.empty(), ()
    found, words = columns_and_texts(query, COLUMNS, {**params, "keys": list(ids.values())})
    vocabulary = tuple(sorted(set(words)))
    index = {word: place for place, word in enumerate(vocabulary)}
    place = np.zeros(max(ids.values()) + 1, np.int16)
    place[list(ids.values())] = [keys.index(name) for name in ids]
    attributes = AttributeRows(
        np.searchsorted(subjects, found["subject"]).astype(np.int32),
        found["holder"],
        place[found["key"]],
        found["at"],
        found["number"],
        np.fromiter((index[word] for word in words), np.int32, len(words)),
    )
    return attributes.where(_kept(found, first_day)), vocabulary


def _kept(found: dict[str, Any], first_day: int) -> Flags:
    before = np.flatnonzero(found["day"] < first_day)
    order = before[np.lexsort([found[name][before] for name in ("day", "origin", "key", "holder")])]
    holder, key = found["holder"][order], found["key"][order]
    last = np.append((holder[1:] != holder[:-1]) | (key[1:] != key[:-1]), True)[: len(order)]
    kept: Flags = found["day"] >= first_day
    kept[order[last]] = True
    return kept
