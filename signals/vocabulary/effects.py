"""What a meaning would do, in one sentence: how many accounts would pay, how many people would be admins."""

from collections.abc import Mapping
from typing import Any

from accounts.models import Account, Person
from accounts.rules.traits import trait_name
from plgcrm.common.sql import queries, rows
from plgcrm.common.text import plural
from signals.vocabulary.mapping import HOLDERS
from signals.vocabulary.meanings import MEANINGS
from signals.vocabulary.samples import number_of

SQL = queries("signals/sql/vocabulary_effect.sql")
YES = frozenset({"true", "yes", "y", "1", "on", "t", "active"})

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
        admins = {str(each).casefold() for each in options.get("admins", ())}
        return f"{sum(text.casefold() in admins for text, _ in values):,} of {total} would be admins."
    return f"Known of {len(values):,} of {total}."


def _of_accounts(slug: str, values: Values, options: Mapping[str, Any]) -> str:
    total = plural(Account.objects.count(), "account")
    if slug == "plan":
        kinds = {str(plan).casefold(): kind for plan, kind in options.get("plans", {}).items()}
        paid = sum(kinds.get(text.casefold()) == "paid" for text, _ in values)
        trial = sum(kinds.get(text.casefold()) == "trial" for text, _ in values)
        return f"{paid:,} of {total} would be on a paid plan, {trial:,} on trial."
    if slug == "paying":
        return f"{sum(text.casefold() in YES for text, _ in values):,} of {total} would pay."
    if slug == "monthly_revenue":
        amounts = (number if number is not None else number_of(text) for text, number in values)
        return f"{sum(bool(amount and amount > 0) for amount in amounts):,} of {total} would pay something."
    return f"Known of {len(values):,} of {total}."
