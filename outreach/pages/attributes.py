"""What is values of an account, its workspaces and its people: each attribute with who values it and when."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.models import Attribute
from plgcrm.common.sql import queries, records, rows_as
from signals.measures.words import attribute_label

SQL = queries("outreach/sql/attributes.sql")


@dataclass(frozen=True, slots=True)
class AttributeValue:
    """A value as one origin last reported it."""

    key: str
    origin: int
    at: datetime
    text: str
    meaning: str = ""  # the term that the key stands for here

    @property
    def source(self) -> str:
        return str(Attribute.Origin(self.origin).label)


@dataclass(frozen=True, slots=True)
class ResolvedAttribute:
    """The value that counts, and those of less trusted origins that say something else."""

    wins: AttributeValue
    others: list[AttributeValue]

    @property
    def label(self) -> str:
        label = attribute_label(self.wins.key)
        return label[:1].upper() + label[1:]


@dataclass(frozen=True, slots=True)
class Holder:
    """A workspace, or with id 0 the account itself, and what is known of it."""

    id: int
    name: str
    created_at: datetime | None
    people: int  # active in 30 days
    known: int
    attributes: list[ResolvedAttribute]

    @property
    def traits(self) -> dict[str, str]:
        """By the term that a key stands for, where it has one, else by the key."""
        return {each.wins.meaning or each.wins.key: each.wins.text for each in self.attributes}


def holders_of(account_id: int, *, since: datetime) -> list[Holder]:
    """The account itself where anything is known of it, then its workspaces: the most active first."""
    found = records(SQL["holders"], {"account": account_id, "since": since.date()})
    return [Holder(**row | {"attributes": resolved(map(_value, row["attributes"]))}) for row in found]


def attributes_of_person(person_id: int) -> list[ResolvedAttribute]:
    """What is known of a person, by key, with who said it."""
    return resolved(rows_as(AttributeValue, SQL["attributes_of_person"], {"person": person_id}))


def resolved(values: Iterable[AttributeValue]) -> list[ResolvedAttribute]:
    """By key: of the most trusted origin the newest value wins, as scoring has it."""
    by_key: dict[str, list[AttributeValue]] = defaultdict(list)
    for value in values:
        by_key[value.key].append(value)
    return [_resolved(by_key[key]) for key in sorted(by_key)]


def _resolved(values: Sequence[AttributeValue]) -> ResolvedAttribute:
    wins, *rest = sorted(values, key=lambda each: (each.origin, each.at), reverse=True)
    return ResolvedAttribute(wins, [each for each in rest if each.origin != wins.origin and each.text != wins.text])


def _value(said: dict[str, Any]) -> AttributeValue:
    """As JSON has it."""
    return AttributeValue(**said | {"at": datetime.fromisoformat(said["at"])})
