"""How amounts read: in which unit, period and currency. Pure."""

from collections.abc import Sequence
from typing import Any

from signals.vocabulary.entries import KeyEntry
from signals.vocabulary.naming import word_set, words_of
from signals.vocabulary.samples import currency_in, number_of, texts_of

_CENTS = word_set("cent cents minor")
_YEAR = word_set("year arr acv")
_MONTH = word_set("month mrr")
_CODES = {"usd": "USD", "eur": "EUR", "gbp": "GBP", "chf": "CHF", "cad": "CAD", "aud": "AUD"}
MANY = 1_000  # from here on whole hundreds look like cents


def money_options(keys: Sequence[KeyEntry], *, provider: bool = False) -> tuple[dict[str, Any], bool]:
    """Unit, period and currency that names and values speak of, and whether the unit is certain.

    `provider`: the event is named as a payment provider names its own, and those send cents.
    """
    words = {word for key in keys for word in words_of(key.path)}
    options: dict[str, Any] = {}
    certain = True
    named = next((code for word, code in _CODES.items() if word in words), "")
    if words & _CENTS:
        options["cents"] = True
    elif not named and _could_be_cents(keys):
        certain = False
        if provider:
            options["cents"] = True
    if words & _YEAR:
        options["period"] = "year"
    elif words & _MONTH:
        options["period"] = "month"
    if code := named or next(filter(None, map(currency_in, keys)), ""):
        options["currency"] = code
    return options, certain


def _could_be_cents(keys: Sequence[KeyEntry]) -> bool:
    """Whether all are whole numbers, and most of them end as prices in cents do."""
    texts = [text for key in keys for text in texts_of(key)]
    numbers = [number for text in texts if text.isdecimal() and (number := number_of(text)) is not None]
    if not texts or len(numbers) < len(texts):
        return False
    priced = [number for number in numbers if number]
    ends = sum(number % 100 in (0, 50, 90, 95, 99) for number in priced)
    return bool(priced) and min(priced) >= 100 and max(priced) >= MANY and ends >= 0.8 * len(priced)
