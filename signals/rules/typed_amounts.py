"""What was typed for an amount, against the unit of what it is compared with: 50 for 50 %, 4 weeks for 28 days."""

import re
from dataclasses import dataclass

from signals.measures.kinds import KINDS
from signals.measures.specs import Spec
from signals.measures.words import number_text, percent_text
from signals.rules.doubts import Doubt

COUNT, DAYS, SHARE, MONEY, NUMBER, TEXT, DATE = "count", "days", "share", "money", "number", "text", "date"
UNIT_WORDS = {
    COUNT: "a count",
    DAYS: "a number of days",
    SHARE: "a share",
    MONEY: "an amount of money",
    NUMBER: "a number",
}
OF_DAYS = frozenset(
    {"active_days", "longest_streak", "current_streak", "days_since_first", "days_since_last", "age_days"}
    | {"days_since_date", "days_until_date"}
)
OF_READING = {"money": MONEY, "number": NUMBER, "range": NUMBER, "date": DATE}
MOST_SHARE = {"limit_share": 1.5}  # of what is typed without a %: no limit is exceeded by so much
MOST_GROWTH = 5.0
TIMES_A_LOT = 10.0
DAYS_OF = {"day": 1, "week": 7, "month": 30, "quarter": 91, "year": 365}
THOUSANDS = {"k": 1_000, "m": 1_000_000}
CURRENCIES = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY"}

_PLAIN = re.compile(r"-?\d+(?:,\d{3})*(?:\.\d+)?")
_AMOUNT = re.compile(
    rf"(?P<lead>[^\d\s.,-]{{0,4}})\s*(?P<number>{_PLAIN.pattern}|-?\d+,\d{{1,2}})\s*(?P<tail>\D{{0,30}})"
)
_CODE = re.compile(r"[A-Z]{3}")
_YEARLY = re.compile(r"(?:/|per|a|p\.?)\s*(?:year|yr|annum|a\.?)\b|yearly|annual", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class TypedAmount:
    """A number with the signs and words around it."""

    text: str
    number: float
    lead: str
    tail: str

    @property
    def is_plain(self) -> bool:
        return not self.lead and self.tail in ("", "%")

    @property
    def currency(self) -> str:
        """The code of a currency that was typed, or ""."""
        words = [self.lead, *self.tail.replace("/", " ").split()[:1]]
        return next((CURRENCIES.get(word, word) for word in words if word in CURRENCIES or _CODE.fullmatch(word)), "")


def typed_amount(text: str) -> TypedAmount | None:
    """Nothing of what has no number, or two of them."""
    found = _AMOUNT.fullmatch(text.strip())
    if found is None:
        return None
    digits = found["number"]
    decimal = re.fullmatch(r"-?\d+,\d{1,2}", digits)
    number = float(digits.replace(",", "." if decimal else ""))
    return TypedAmount(text.strip(), number, found["lead"], found["tail"].strip() or ("," if decimal else ""))


def unit_of(spec: Spec, reading: str = "") -> str:
    """What its values are counted in; `reading` is that of the trait's meaning."""
    if spec.kind in ("attribute", "person_attribute"):
        return _unit_of_trait(spec, reading)
    if KINDS[spec.kind].is_share:
        return SHARE
    if spec.kind in OF_DAYS:
        return DAYS
    return COUNT if KINDS[spec.kind].counted else NUMBER


def _unit_of_trait(spec: Spec, reading: str) -> str:
    return OF_READING.get(reading, TEXT if spec.definition.has_text(spec) else NUMBER)


def amount_doubt(text: str, kind: str, unit: str, currency: str) -> Doubt | None:
    """What is odd about a typed amount; None of what fits, and of what is a text anyway."""
    amount = typed_amount(text)
    if amount is None or unit in (TEXT, DATE):
        return None
    if amount.is_plain:
        return _of_share(amount, kind) if unit == SHARE else _of_number(amount, unit)
    return _with_words(amount, unit, currency)


def _of_share(amount: TypedAmount, kind: str) -> Doubt | None:
    bare = number_text(amount.number)
    if amount.tail != "%":
        if amount.number <= MOST_SHARE.get(kind, MOST_GROWTH):
            return None
        return _did_you_mean(f"{amount.text} means {percent_text(amount.number)}.", f"{bare} %")
    if 0 < abs(amount.number) < 1:
        return _did_you_mean(f"{amount.text} is less than 1 %.", f"{number_text(amount.number * 100)} %")
    if amount.number / 100 >= TIMES_A_LOT:
        words = f"{amount.text} is {number_text(amount.number / 100)} times the whole."
        return _did_you_mean(words, f"{number_text(amount.number / 100)} %")
    return None


def _of_number(amount: TypedAmount, unit: str) -> Doubt | None:
    if amount.tail == "%" and unit in (COUNT, DAYS):
        words = f"This is {UNIT_WORDS[unit]}, not a share: {amount.text} is read as {number_text(amount.number / 100)}."
        return _did_you_mean(words, number_text(amount.number))
    if unit in (COUNT, DAYS) and not amount.number.is_integer():
        return Doubt(f"This is {UNIT_WORDS[unit]}, and {amount.text} is not a whole number.")
    return None


def _with_words(amount: TypedAmount, unit: str, currency: str) -> Doubt | None:
    number = number_text(amount.number)
    tail = amount.tail.rstrip(".").casefold()
    if amount.tail == ",":
        return _did_you_mean("Decimals are written with a point.", number)
    if amount.currency:
        return _of_money(amount, unit, currency)
    if (days := DAYS_OF.get(tail.removesuffix("s"))) is not None:
        if unit == DAYS:
            return _did_you_mean("This is in days: give the number alone.", number_text(amount.number * days))
        return Doubt(f"This is {UNIT_WORDS[unit]}, not a time: give the number alone.")
    if tail in THOUSANDS:
        return _did_you_mean("Give the whole number.", number_text(amount.number * THOUSANDS[tail]))
    return _did_you_mean("Give the number alone.", number)


def _of_money(amount: TypedAmount, unit: str, currency: str) -> Doubt:
    if unit not in (MONEY, NUMBER):
        return Doubt(f"This is {UNIT_WORDS[unit]}, not an amount of money.")
    if currency and amount.currency != currency:
        return Doubt(f"Amounts are in {currency} here: give it in {currency}, as a number alone.")
    if unit == MONEY and _YEARLY.search(amount.tail):
        return _did_you_mean("Amounts are per month here.", number_text(round(amount.number / 12, 2)))
    return _did_you_mean("Give the number alone.", number_text(amount.number))


def _did_you_mean(words: str, value: str) -> Doubt:
    return Doubt(f"{words} Did you mean {value}?", "value", value)
