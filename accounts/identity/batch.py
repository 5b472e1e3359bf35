"""What is resolved in one transaction: messages, and the identities, claims and merges that come of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from accounts.models import Identity
from plgcrm.common.sql import int4s, queries, rows, texts

SQL = queries("accounts/sql/identity.sql")
USER, ANONYMOUS, EMAIL = (int(kind) for kind in Identity.Kind)
FACT_KINDS = frozenset({"identify", "group", "alias"})

Merge = tuple[int, int, str, str, datetime | None]  # person row, person row, cause, evidence, said when
IdentityKey = tuple[int, int, str]
MessageKey = tuple[int, str | None, str | None, str | None, str | None, date | None]


class Who(Protocol):
    """What identity reads of a message; `traits` is JSON text, `address` what was sent along beside them."""

    kind: str
    user_id: str | None
    anonymous_id: str | None
    previous_id: str | None
    group_id: str | None
    timestamp: datetime
    traits: bytes | None
    address: str | None


@dataclass(frozen=True, slots=True)
class KnownActor:
    """An actor, and from which time on an event of it teaches nothing new."""

    actor: int
    since: datetime


def key_of(source_id: int, m: Who) -> MessageKey:
    """What a message says of who sent it: messages with the same key have the same actor, and say the same of it."""
    day = m.timestamp.date() if m.address else None
    return (source_id, m.user_id, m.anonymous_id, m.group_id, m.address, day)


@dataclass(slots=True)
class Found:
    """An identity row as it stands."""

    id: int
    person: int | None
    claimed_by: int | None
    claimed_at: datetime | None


@dataclass(slots=True)
class IdentityBatch:
    """What is being resolved in one transaction."""

    source_id: int
    messages: Sequence[Who]
    run: int | None = None  # the import that they come from
    browsers: frozenset[int] = frozenset()  # the sources whose key stands in every page
    address_names: frozenset[str] = frozenset()  # of traits, as an admin said
    identities: dict[IdentityKey, Found] = field(default_factory=dict)
    merges: list[Merge] = field(default_factory=list)
    claims: dict[int, Found] = field(default_factory=dict)  # that changed
    moved: set[str] = field(default_factory=set)  # addresses that somebody else has from now on
    superseded: list[tuple[int, int]] = field(default_factory=list)
    rivals: set[tuple[int, int]] = field(default_factory=set)
    new_people: set[int] = field(default_factory=set)
    addressed: dict[int, datetime] = field(default_factory=dict)  # known before, and since when an address is theirs
    people: set[int] = field(default_factory=set)
    named: set[int] = field(default_factory=set)  # person rows of which something is said
    workspaces: set[int] = field(default_factory=set)

    @property
    def is_browser(self) -> bool:
        return self.source_id in self.browsers

    def note_address(self, person: int, at: datetime) -> None:
        """An address is theirs, as we come to know now: since then at the latest."""
        if person not in self.new_people:
            self.addressed[person] = min(at, self.addressed.get(person, at))

    def profile(self, m: Who) -> int:
        key = (self.source_id, USER, m.user_id) if m.user_id else (self.source_id, ANONYMOUS, m.anonymous_id or "")
        person = self.identities[key].person
        if person is None:
            raise LookupError(f"no person row for {key}")
        return person


def load_identities(batch: IdentityBatch, keys: Iterable[IdentityKey]) -> None:
    """Read those of these identities that are known."""
    for id_, source, kind, value, person, claimed_by, claimed_at in rows(SQL["identities"], columns(keys)):
        batch.identities[source, kind, value] = Found(id_, person, claimed_by, claimed_at)


def columns(keys: Iterable[IdentityKey]) -> list[Any]:
    """Sources, kinds and values, as the queries take them."""
    unique = list(dict.fromkeys(keys))
    return [int4s([k[0] for k in unique]), int4s([k[1] for k in unique]), texts([k[2] for k in unique])]
