"""What a condition compares with, against the values that a trait has today: kinds of values, spelling and scale."""

from collections.abc import Iterator, Sequence

from accounts.rules.moments import read_moment
from signals.forms import typed
from signals.forms.kinds import OPERATORS
from signals.measures.specs import Spec
from signals.measures.words import number_text
from signals.rules.doubts import Doubt, meant, such_as
from signals.rules.tree import Condition, Scalar
from signals.scoring.rule_preview import RulePreview, SeenValues
from signals.vocabulary.known import KnownName, KnownTraits

MOST_VALUES = 30  # different ones, beyond which a trait is no list of choices
FEWEST = 3  # numbers, before which nothing is said of their scale
NUMERIC = ("limit_share", "attribute_growth")
OF_DATES = ("days_since_date", "days_until_date")
COMPARING = (">=", "<=", ">", "<", "between")
CHOOSING = ("=", "!=", "one_of", "not_one_of")


def value_doubts(condition: Condition, preview: RulePreview, traits: KnownTraits) -> Iterator[Doubt]:
    """By the values that were measured for the rule; nothing where nobody has any."""
    spec = condition.spec
    if spec.kind == "people_with" and spec.match == "is":
        seen, known = preview.values(spec.trait or "", of_people=True), traits.people.get(spec.trait or "")
        yield from _never_sent(spec.trait or "", spec.values, seen, known, "values")
    elif spec.kind == "new_members" and spec.role and spec.role.casefold() != "admin":
        seen = preview.values("role", of_people=True)
        yield from _never_sent("role", [spec.role], seen, traits.people.get("role"), "role")
    elif spec.kind in ("attribute", "person_attribute") and spec.definition.has_text(spec):
        yield from _of_text(condition, preview, traits)
    for name in _dates(spec):
        yield from _not_a_date(name, preview.values(name))
    for name in _numbers(spec):
        yield from _not_a_number(name, preview.values(name))


def _dates(spec: Spec) -> list[str]:
    return [spec.attribute] if spec.kind in OF_DATES and spec.attribute else []


def _numbers(spec: Spec) -> list[str]:
    if spec.kind in NUMERIC or (spec.kind == "attribute" and not spec.definition.has_text(spec)):
        return [name for name in (spec.attribute, spec.used, spec.limit) if name]
    return []


def _not_a_date(name: str, seen: SeenValues) -> Iterator[Doubt]:
    if seen.words and not seen.numbers.size and not any(_is_date(word) for word in seen.words):
        yield Doubt(f"{name} is not a date here: it arrives as text, such as {such_as(seen.words)}.")


def _not_a_number(name: str, seen: SeenValues) -> Iterator[Doubt]:
    if seen.words and not seen.numbers.size:
        yield Doubt(f"{name} arrives as text, such as {such_as(seen.words)}: it has no number to compare.")


def _is_date(text: str) -> bool:
    return read_moment(text) is not None


def _of_text(condition: Condition, preview: RulePreview, traits: KnownTraits) -> Iterator[Doubt]:
    spec = condition.spec
    of_people = spec.kind == "person_attribute"
    name = (spec.trait if of_people else spec.attribute) or ""
    seen = preview.values(name, of_people=of_people)
    known = (traits.people if of_people else traits.companies).get(name)
    if condition.op in COMPARING:
        yield from _compared(condition, name, seen)
    elif condition.op in CHOOSING:
        values = condition.value if isinstance(condition.value, tuple) else (condition.value,)
        yield from _chosen(name, [value for value in values if value is not None], seen, known)


def _compared(condition: Condition, name: str, seen: SeenValues) -> Iterator[Doubt]:
    values = condition.value if isinstance(condition.value, tuple) else (condition.value,)
    if seen.words and not seen.numbers.size:
        if all(_is_date(word) for word in seen.words[:MOST_VALUES]):
            yield Doubt(f"{name} is a date: measure “Days since a date” or “Days until a date” instead.")
        else:
            words = (
                f"{name} arrives as text, such as {such_as(seen.words)}: “{OPERATORS[condition.op]}” compares numbers"
            )
            yield Doubt(f"{words}, so this is never true.")
    for field, value in zip(("value", "upto"), values, strict=False):
        if isinstance(value, int | float):
            yield from _of_scale(name, float(value), seen, field)


def _of_scale(name: str, value: float, seen: SeenValues, field: str) -> Iterator[Doubt]:
    """A share from 0 to 1 is compared with 50, or numbers up to 100 with 0.5."""
    numbers = seen.numbers
    if numbers.size < FEWEST or numbers.min() < 0:
        return
    most = float(numbers.max())
    if most <= 1 and bool((numbers % 1 > 0).any()) and 1 < value <= 100:
        meant_value, words = value / 100, f"{name} arrives as a share from 0 to 1, never {number_text(value)}."
    elif 1 < most <= 100 and 0 < value < 1:
        meant_value, words = value * 100, f"{name} arrives as numbers up to {number_text(most)}, not as a share."
    else:
        return
    yield Doubt(f"{words} Did you mean {number_text(meant_value)}?", field, number_text(meant_value))


def _chosen(name: str, values: Sequence[Scalar], seen: SeenValues, known: KnownName | None) -> Iterator[Doubt]:
    texts = [value for value in values if isinstance(value, str)]
    numbers = [value for value in values if not isinstance(value, str | bool)]
    if numbers and seen.words and not seen.numbers.size:
        yield Doubt(
            f"{name} arrives as text, such as {such_as(seen.words)}: it is never the number {number_text(numbers[0])}."
        )
    if texts and seen.numbers.size and not seen.words:
        some = [number_text(number) for number in sorted(set(seen.numbers.tolist()))]
        yield Doubt(f"{name} arrives as numbers, such as {such_as(some)}: it is never the text “{texts[0]}”.")
    elif texts:
        yield from _never_sent(name, texts, seen, known, "value", whole=[typed.shown(value) for value in values])


def _never_sent(
    name: str,
    values: Sequence[str],
    seen: SeenValues,
    known: KnownName | None,
    field: str,
    whole: Sequence[str] | None = None,
) -> Iterator[Doubt]:
    """Values that no account has and no sample shows; `whole` is all that stands in the field."""
    have = {word.casefold(): word for word in (*(known.samples if known else ()), *seen.words)}
    if not seen.words or len(have) > MOST_VALUES:
        return
    whole = values if whole is None else whole
    for value in values:
        if value.casefold() not in have:
            words = f"Nobody has {name} “{value}”: it arrives as {such_as(seen.words)}."
            doubt = meant(words, field, value, have.values())
            rest = [doubt.value if each == value else each for each in whole]
            yield Doubt(doubt.words, doubt.field, typed.shown(rest)) if doubt.field else doubt
