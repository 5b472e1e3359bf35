"""What a meaning would do, in one sentence: how many accounts would pay, how many people would be admins."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from accounts.models import Account, Person
from accounts.rules.roles import PRODUCT_ADMINS
from accounts.rules.traits import trait_name
from plgcrm.common.sql import queries, rows
from plgcrm.common.text import plural
from signals.rules.trait_values import TraitMeaning, plan_kind, read_value
from signals.vocabulary.mapping import HOLDERS
from signals.vocabulary.meanings import MEANINGS

SQL = queries("signals/sql/vocabulary_effect.sql")
PAY = {"paying": "would pay", "monthly_revenue": "would pay something"}

Values = list[tuple[str, float | None]]


def effect_of(slug: str, value: Mapping[str, Any]) -> str:
    """What would be known if this meaning were said: “38 of 60 accounts would pay.” Reads every account's value."""
    term = MEANINGS[slug]
    paths = {of: [trait_name(each["path"]) for each in value["paths"] if each["of"] == of] for of in HOLDERS}
    values: Values = rows(SQL["of_people" if term.holder == "person" else "of_companies"], paths)
    if term.holder == "person":
        return _of_people(slug, values, value.get("options", {}))
    return _of_accounts(slug, values, value.get("options", {}))


def _of_people(slug: str, values: Values, options: Mapping[str, Any]) -> str:
    total = plural(Person.objects.filter(merged_into=None).count(), "person", "people")
    if slug == "role":
        admins = {str(each).casefold() for each in options.get("admins", PRODUCT_ADMINS)}
        return f"{sum(text.casefold() in admins for text, _ in values):,} of {total} would be admins."
    return f"Known of {len(values):,} of {total}."


def _of_accounts(slug: str, values: Values, options: Mapping[str, Any]) -> str:
    total = plural(Account.objects.filter(joined_into=None).count(), "account")
    term = MEANINGS[slug]
    meaning = TraitMeaning(slug, term.name, term.reading, options)
    if slug == "plan":
        kinds = Counter(plan_kind(meaning, text).text for text, _ in values)
        return f"{kinds['paid']:,} of {total} would be on a paid plan, {kinds['trial']:,} on trial."
    if slug in PAY:
        numbers = (read_value(meaning, *value, currency=settings.CURRENCY).number for value in values)
        return f"{sum(bool(number and number > 0) for number in numbers):,} of {total} {PAY[slug]}."
    return f"Known of {len(values):,} of {total}."
