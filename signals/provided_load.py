"""What other apps keep of accounts, read by the SQL that they registered."""

from collections.abc import Iterable

import numpy as np

from plgcrm.common.sql import columns_and_texts, scalars
from signals.measures.frame import Ints, ProvidedRows, StretchRows
from signals.measures.provided import PROVIDERS, Provider

COLUMNS = ["subject", "begin", "end"]


def load_provided(slugs: Iterable[str], ids: Ints) -> dict[str, ProvidedRows]:
    """Of each provider what it keeps of these accounts, in the order of `ids`."""
    return {slug: _load(PROVIDERS[slug], ids) for slug in slugs}


def _load(provider: Provider, ids: Ints) -> ProvidedRows:
    found, words = columns_and_texts(provider.sql, COLUMNS, {"accounts": ids.tolist()})
    places = {word: place for place, word in enumerate(sorted(set(words)))}
    since = next(iter(scalars(provider.known_since)), None)
    rows = StretchRows(
        np.searchsorted(ids, found["subject"]).astype(np.int32),
        found["begin"].astype(np.float64),
        found["end"].astype(np.float64),
        np.array([places[word] for word in words], np.int32),
    )
    return ProvidedRows(rows, tuple(places), np.inf if since is None else float(since))
