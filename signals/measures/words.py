"""How numbers and names stand in our sentences."""

import math
import re
from collections.abc import Mapping, Sequence

from plgcrm.common.text import listed

Names = Mapping[str, str]  # signal slug -> the name an admin gave it

NAMED_AT_MOST = 8
CATEGORY = "category:"  # before the slug of one, in place of a signal


def number_text(value: float) -> str:
    """1,000 and 0.5: thousands with commas, no needless zeros."""
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:,.4f}".rstrip("0").rstrip(".") if abs(value) >= 0.001 else f"{value:g}"


def percent_text(value: float) -> str:
    """A ratio as per cent, cut and not rounded: 79.99 % must not read as the 80 % it has not reached."""
    return f"{number_text(math.floor(value * 1000 + 1e-9) / 10)} %"


def attribute_label(key: str) -> str:
    """`company_size` and `companySize` both read "company size"."""
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", key)
    words = [word if len(word) > 1 and word.isupper() else word.lower() for word in re.split(r"[\s_\-.]+", spaced)]
    return " ".join(word for word in words if word) or key


def signal_names(signals: Sequence[str], names: Names, last: str) -> str:
    """“A”, “B” or “C”, shortened when there are many."""
    return _shortened([_named(slug, names) for slug in signals], last)


def _named(slug: str, names: Names) -> str:
    if slug.startswith(CATEGORY):
        return f"the {names.get(slug) or attribute_label(slug.removeprefix(CATEGORY))}"
    return f"“{names.get(slug, slug)}”"


def quoted_list(words: Sequence[str], last: str) -> str:
    """The same of words that stand as they are."""
    return _shortened([f"“{word}”" for word in words], last)


def _shortened(quoted: list[str], last: str) -> str:
    if len(quoted) > NAMED_AT_MOST:
        quoted = [*quoted[: NAMED_AT_MOST - 1], f"{len(quoted) - NAMED_AT_MOST + 1} more"]
    return listed(quoted, last)


def capitalised(sentence: str) -> str:
    """The sentence with a capital first letter, the others as they are."""
    return sentence[:1].upper() + sentence[1:]
