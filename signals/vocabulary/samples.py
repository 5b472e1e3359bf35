"""What sample values look like: numbers and money in text, dates, ranges, addresses, codes. Pure."""

import re
from collections.abc import Callable, Iterable, Sequence

from signals.vocabulary.entries import KeyEntry
from signals.vocabulary.naming import plain_words

_NUMBER = re.compile(r"-?\d{1,3}([,.' ]\d{3})+([.,]\d{1,2})?|-?\d+([.,]\d+)?")
_MONEY = re.compile(
    r"([A-Z]{3} ?|[$€£¥₹] ?)-?\d[\d,.' ]*( ?[kKmM])?(/mo|/month|/yr|/year)?|-?\d[\d,.' ]*( ?[A-Z]{3}| ?[$€£¥₹])"
)
_RANGE = re.compile(
    r"\d[\d,.]*[kK]?\s*(-|–|to|\.\.)\s*\d[\d,.]*[kK]?|(<|>|under|over|up to)\s*\d[\d,]*|\d[\d,]*[kK]?\+"
)
_SIZES = re.compile(r"\d*(?:00|01|50|51)\s*(?:-|–)\s*\d*(?:00|99|49)")  # 501-1000, of companies: no phone number
_DATE = re.compile(
    r"\d{4}-\d{2}-\d{2}([T ].*)?|\d{1,2}[./]\d{1,2}[./]\d{2,4}|\w{3,9}\.? \d{1,2},? \d{4}.*|\d{4}/\d{2}/\d{2}.*"
)
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_URL = re.compile(r"(https?://)?([\w-]+\.)+[a-z]{2,}(/\S*)?", re.IGNORECASE)
_PHONE = re.compile(r"\+?[\d\s().-]{7,20}(x\d+)?")
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{20,}|[a-z]{2,6}_[A-Za-z0-9]{6,}|[0-9a-f]{20,}", re.IGNORECASE)
SYMBOLS = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR"}
CURRENCIES = plain_words(
    "usd eur gbp chf jpy cad aud nzd sek nok dkk pln czk huf ron bgn inr brl mxn sgd hkd cny krw zar ils try aed sar"
)
MONTHLY = plain_words(
    "month monthly monatlich monat mensuel mensuelle mois mensual mes maandelijks maand months mo m per_month "
    "every_month p1m 1_month"
)
YEARLY = plain_words(
    "year yearly jaehrlich jahrlich jahr annuel annuelle an anual ano jaarlijks jaar years annual annually yr "
    "y per_year every_year p1y annum 1_year 12_months"
)
OTHER_PERIODS = plain_words("week weekly day daily quarter quarterly biannual semiannual")
YES_NO = plain_words("true false yes no y n 0 1 on off t f ja nein oui non si")
PHRASE_BLANKS = 2
EARLIEST, LATEST = 631_152_000, 4_102_444_800  # of 1990 and 2100, in seconds


def texts_of(key: KeyEntry) -> list[str]:
    """The samples that say something."""
    return [
        text.strip() for text in key.samples if text.strip() and text.strip().lower() not in ("null", "none", "n/a")
    ]


def _every(texts: Sequence[str], holds: Callable[[str], bool]) -> bool:
    """Whether nearly all samples are so: a stray value must not hide what the others say."""
    return bool(texts) and sum(map(holds, texts)) >= 0.8 * len(texts)


def is_number(text: str) -> bool:
    """A plain number, with or without commas."""
    return bool(_NUMBER.fullmatch(text))


def is_money(text: str) -> bool:
    """A number, or one with a currency beside it."""
    return is_number(text) or bool(_MONEY.fullmatch(text))


def is_range(text: str) -> bool:
    """A number, or two ends, or one end that is open."""
    return is_number(text) or bool(_RANGE.match(text))


def is_date(text: str) -> bool:
    """A date in words or digits, or seconds or milliseconds since 1970."""
    if text.isdecimal():
        seconds = int(text) / (1000 if len(text) >= 12 else 1)
        return len(text) >= 9 and EARLIEST <= seconds <= LATEST
    return bool(_DATE.fullmatch(text))


def is_yes_no(text: str) -> bool:
    """Any way to write yes or no."""
    return text.lower() in YES_NO


def is_address(text: str) -> bool:
    """An email address."""
    return bool(_ADDRESS.fullmatch(text))


def is_url(text: str) -> bool:
    """A web address or a domain."""
    return bool(_URL.fullmatch(text)) and not is_number(text)


def is_phone(text: str) -> bool:
    """A phone number."""
    if sum(sign.isdigit() for sign in text) < 7 or _DATE.fullmatch(text) or _SIZES.fullmatch(text):
        return False
    return bool(_PHONE.fullmatch(text))


def is_currency(text: str) -> bool:
    """A code of a common currency."""
    return text.lower() in CURRENCIES


def is_period(text: str) -> bool:
    """A month, a year, or another period of billing."""
    plain = text.lower().replace("ä", "ae").replace(" ", "_").replace("-", "_")
    return plain in MONTHLY | YEARLY | OTHER_PERIODS


def is_id(text: str) -> bool:
    """A key that machines make."""
    return bool(_ID.fullmatch(text))


def is_words(text: str) -> bool:
    """Plain words: no number, date, address or id."""
    return not (
        is_number(text) or is_date(text) or is_address(text) or is_id(text) or (is_yes_no(text) and not text.isdigit())
    )


def are_phrases(key: KeyEntry) -> bool:
    """Whether the samples are what people write: words, and mostly several of them."""
    texts = texts_of(key)
    long = [text for text in texts if is_words(text) and text.count(" ") >= PHRASE_BLANKS]
    return bool(texts) and len(long) >= 0.6 * len(texts)


LOOKS: dict[str, Callable[[str], bool]] = {
    "number": is_number,
    "money": is_money,
    "range": is_range,
    "date": is_date,
    "yes_no": is_yes_no,
    "address": is_address,
    "url": is_url,
    "phone": is_phone,
    "currency": is_currency,
    "period": is_period,
    "words": is_words,
}


def looks(key: KeyEntry, *kinds: str) -> bool | None:
    """Whether nearly all samples are of one of these kinds; None where there are no samples to tell."""
    texts = texts_of(key)
    if not texts:
        return None
    return _every(texts, lambda text: any(LOOKS[kind](text) for kind in kinds))


def share_in(key: KeyEntry, known: Iterable[str]) -> float:
    """The share of samples that hold one of these words."""
    texts, words = texts_of(key), frozenset(known)
    if not texts:
        return 0.0
    return sum(bool(words & set(re.split(r"[^a-z0-9]+", text.lower()))) for text in texts) / len(texts)


def number_of(text: str) -> float | None:
    """The number of a plain or money text."""
    digits = re.sub(r"[^\d.\-]", "", text.replace(",", ""))
    try:
        return float(digits)
    except ValueError:
        return None


def currency_in(key: KeyEntry) -> str:
    """The one currency that the samples name with a sign or a code; empty where they name none or several."""
    found = {code for text in texts_of(key) for sign, code in SYMBOLS.items() if sign in text}
    found |= {
        word.upper()
        for text in texts_of(key)
        for word in re.split(r"[^A-Za-z]+", text)
        if len(word) == 3 and is_currency(word)
    }
    return found.pop() if len(found) == 1 else ""


def quoted(key: KeyEntry, most: int = 3) -> str:
    """“projects”, “seats”: some samples, to stand in a sentence."""
    shown = list(dict.fromkeys(text if len(text) <= 40 else f"{text[:39]}…" for text in texts_of(key)))[:most]
    return ", ".join(f"“{text}”" for text in shown)
