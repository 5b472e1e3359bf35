"""What is said of an account, its workspaces and its people: each attribute with who said it and when."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.models import Attribute
from plgcrm.common.sql import queries, rows
from signals.measures.words import attribute_label

SQL = queries("outreach/sql/attributes.sql")


@dataclass(frozen=True, slots=True)
class Saying:
    """A value as one origin last said it."""

    key: str
    origin: int
    at: datetime
    text: str

    @property
    def source(self) -> str:
        return str(Attribute.Origin(self.origin).label)


@dataclass(frozen=True, slots=True)
class Told:
    """The saying that counts, and those of less trusted origins that say something else."""

    wins: Saying
    others: list[Saying]

    @property
    def label(self) -> str:
        label = attribute_label(self.wins.key)
        return label[:1].upper() + label[1:]


@dataclass(frozen=True, slots=True)
class Holder:
    """A workspace, or with id 0 the account itself, and what is said of it."""

    id: int
    name: str
    created_at: datetime | None
    people: int  # active in 30 days
    known: int
    told: list[Told]

    @property
    def traits(self) -> dict[str, str]:
        return {each.wins.key: each.wins.text for each in self.told}


def holders_of(account_id: int, *, since: datetime) -> list[Holder]:
    """The account itself where anything is said of it, then its workspaces: the most active first."""
    found = rows(SQL["holders"], {"account": account_id, "since": since.date()})
    return [Holder(*(*columns, told_of(_sayings(said)))) for *columns, said in found]


def said_of_person(person_id: int) -> list[Told]:
    return told_of(Saying(*row) for row in rows(SQL["said_of_person"], {"person": person_id}))


def told_of(sayings: Iterable[Saying]) -> list[Told]:
    """By key: of the most trusted origin the newest value wins, as scoring has it."""
    by_key: dict[str, list[Saying]] = defaultdict(list)
    for saying in sayings:
        by_key[saying.key].append(saying)
    return [_told(by_key[key]) for key in sorted(by_key)]


def _told(said: Sequence[Saying]) -> Told:
    wins, *rest = sorted(said, key=lambda each: (each.origin, each.at), reverse=True)
    return Told(wins, [each for each in rest if each.origin != wins.origin and each.text != wins.text])


def _sayings(said: Iterable[Sequence[Any]]) -> list[Saying]:
    return [Saying(key, origin, datetime.fromisoformat(at), text) for key, origin, at, text in said]
