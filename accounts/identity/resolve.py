"""Resolving identity from messages: facts are stored, and what follows from them is derived again.

Runs under advisory.IDENTITY, one transaction at a time, so that what was read stays true until it commits.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

import msgspec
from django.db import transaction

from accounts.identity import derive, journal
from accounts.identity.placeholders import current_placeholders
from accounts.models import Attribute, Identity, PersonMerge
from accounts.rules.addresses import USUAL, addresses_among
from accounts.rules.merging import representatives
from accounts.rules.placeholders import EMAIL as EMAIL_ADDRESS
from accounts.rules.spelling import spelled
from accounts.rules.traits import Value, attributes_of
from plgcrm.common import advisory
from plgcrm.common.sql import execute, float8s, int4s, queries, rows, scalars, texts

SQL = queries("accounts/sql/identity.sql")
MAX_ATTRIBUTE_KEYS = 2_000
USER, ANONYMOUS, EMAIL = (int(kind) for kind in Identity.Kind)
FACT_KINDS = frozenset({"identify", "group", "alias"})

IdentityKey = tuple[int, int, str]
MessageKey = tuple[int, str | None, str | None, str | None]


class Who(Protocol):
    """What identity reads of a message; `traits` is JSON text."""

    kind: str
    user_id: str | None
    anonymous_id: str | None
    previous_id: str | None
    group_id: str | None
    timestamp: datetime
    traits: bytes | None


@dataclass(frozen=True, slots=True)
class KnownActor:
    """An actor, and from which time on an event of it teaches nothing new."""

    actor: int
    since: datetime


def key_of(source_id: int, m: Who) -> MessageKey:
    """What a message says of who sent it: messages with the same key have the same actor."""
    return (source_id, m.user_id, m.anonymous_id, m.group_id)


@dataclass(slots=True)
class _Found:
    """An identity row as it stands."""

    id: int
    person: int | None
    claimed_by: int | None
    claimed_at: datetime | None


@dataclass(slots=True)
class _Batch:
    """What is being resolved in one transaction."""

    source_id: int
    messages: Sequence[Who]
    run: int | None = None  # the import that they come from
    identities: dict[IdentityKey, _Found] = field(default_factory=dict)
    merges: list[tuple[int, int, str, str]] = field(default_factory=list)
    superseded: list[tuple[int, int]] = field(default_factory=list)
    rivals: set[tuple[int, int]] = field(default_factory=set)
    people: set[int] = field(default_factory=set)
    workspaces: set[int] = field(default_factory=set)

    def profile(self, m: Who) -> int:
        key = (self.source_id, USER, m.user_id) if m.user_id else (self.source_id, ANONYMOUS, m.anonymous_id or "")
        person = self.identities[key].person
        if person is None:
            raise LookupError(f"no person row for {key}")
        return person


@transaction.atomic
def resolve_batch(source_id: int, messages: Sequence[Who], *, run: int | None = None) -> dict[MessageKey, KnownActor]:
    """Take in the identity facts of these messages and derive what follows; what is known of each message's ids.

    Where they come from an import `run`, what stood before is kept, so that the import can be undone.
    """
    rows(SQL["lock"], [advisory.IDENTITY])
    batch = _Batch(source_id, messages, run)
    traits = [_traits(m) for m in messages]
    addresses = _addresses(messages, traits)
    _resolve_identities(batch, addresses)
    _resolve_claims(batch)
    _resolve_aliases_and_addresses(batch, addresses)
    _merge(batch)
    workspaces = _resolve_workspaces(batch)
    _store_traits(batch, traits, workspaces)
    known = _resolve_actors(batch, workspaces)
    derive.derive(batch.people, batch.workspaces)
    return known


def _traits(m: Who) -> dict[str, Value]:
    if m.kind not in FACT_KINDS or not m.traits:
        return {}
    return attributes_of(msgspec.json.decode(m.traits))


def _addresses(messages: Sequence[Who], traits: list[dict[str, Value]]) -> list[list[str]]:
    """The addresses that each message says its person has."""
    told = frozenset(scalars(SQL["address_names"]))
    return [
        _real(addresses_among({name: value.text for name, value in said.items()}, told)) if m.kind == "identify" else []
        for m, said in zip(messages, traits, strict=True)
    ]


def _real(addresses: list[str]) -> list[str]:
    has = current_placeholders().has
    return [email for email in addresses if not has(email, EMAIL_ADDRESS)]


def _resolve_identities(batch: _Batch, said: list[list[str]]) -> None:
    """Load every identity named, make the missing ones, and give a person row to each that acts."""
    acting: dict[IdentityKey, None] = {}
    beside: dict[IdentityKey, None] = {}
    addresses = [(0, EMAIL, email) for emails in said for email in emails]
    for m in batch.messages:
        if m.user_id:
            acting[batch.source_id, USER, m.user_id] = None
            if m.anonymous_id:
                beside[batch.source_id, ANONYMOUS, m.anonymous_id] = None
        else:
            acting[batch.source_id, ANONYMOUS, m.anonymous_id or ""] = None
        if m.kind == "alias" and m.previous_id:
            acting[batch.source_id, USER, m.previous_id] = None
            acting[batch.source_id, ANONYMOUS, m.previous_id] = None
    _load_identities(batch, [*acting, *beside, *addresses])
    if batch.run is not None:
        journal.before_identities(batch.run, [found.id for found in batch.identities.values()])
    _make_identities(batch, [key for key in acting if key not in batch.identities], with_person=True)
    _make_identities(batch, [key for key in beside if key not in batch.identities], with_person=False)
    _give_people(batch, [batch.identities[key] for key in acting if batch.identities[key].person is None])


def _load_identities(batch: _Batch, keys: Iterable[IdentityKey]) -> None:
    for id_, source, kind, value, person, claimed_by, claimed_at in rows(SQL["identities"], _columns(keys)):
        batch.identities[source, kind, value] = _Found(id_, person, claimed_by, claimed_at)


def _columns(keys: Iterable[IdentityKey]) -> list[Any]:
    unique = list(dict.fromkeys(keys))
    return [int4s([k[0] for k in unique]), int4s([k[1] for k in unique]), texts([k[2] for k in unique])]


def _make_identities(batch: _Batch, keys: list[IdentityKey], *, with_person: bool) -> None:
    if not keys:
        return
    people: list[int | None] = list(_new_people(len(keys))) if with_person else [None] * len(keys)
    made = rows(SQL["new_identities"], [*_columns(keys), int4s(people)])
    for id_, source, kind, value, person in made:
        batch.identities[source, kind, value] = _Found(id_, person, None, None)
    if batch.run is not None:
        journal.new_identities(batch.run, [row[0] for row in made])


def _new_people(count: int) -> list[int]:
    return [row[0] for row in rows(SQL["new_people"], [count])]


def _give_people(batch: _Batch, found: list[_Found]) -> None:
    """An anonymous id that was claimed before it ever acted alone joins its claimant at once."""
    if not found:
        return
    for identity, person in zip(found, _new_people(len(found)), strict=True):
        identity.person = person
        if identity.claimed_by:
            batch.merges.append((person, identity.claimed_by, PersonMerge.Cause.ANONYMOUS, ""))
    execute(SQL["give_person"], [int4s([i.id for i in found]), int4s([i.person for i in found])])


def _resolve_claims(batch: _Batch) -> None:
    """An anonymous id belongs to the user it was first seen with, by the events' own time."""
    names = {
        found.person: value for (_, kind, value), found in batch.identities.items() if kind == USER and found.person
    }
    strangers = {f.claimed_by for f in batch.identities.values() if f.claimed_by} - names.keys()
    names.update(rows(SQL["user_ids"], [sorted(strangers)]) if strangers else ())
    changed = {}
    for m in batch.messages:
        if not (m.user_id and m.anonymous_id):
            continue
        anonymous = batch.identities[batch.source_id, ANONYMOUS, m.anonymous_id]
        user = batch.profile(m)
        if anonymous.claimed_at and anonymous.claimed_by:
            standing = (anonymous.claimed_at, names[anonymous.claimed_by])
            if standing <= (m.timestamp, m.user_id):
                if anonymous.claimed_by != user:
                    batch.rivals.add((anonymous.id, user))
                continue
        _claim(batch, anonymous, user, m)
        changed[anonymous.id] = anonymous
    if batch.rivals:
        ordered = sorted(batch.rivals)
        execute(SQL["note_rivals"], [int4s([pair[0] for pair in ordered]), int4s([pair[1] for pair in ordered])])
    if changed:
        claims = list(changed.values())
        seconds = [c.claimed_at.timestamp() if c.claimed_at else 0.0 for c in claims]
        execute(
            SQL["set_claims"],
            [int4s([c.id for c in claims]), int4s([c.claimed_by for c in claims]), float8s(seconds)],
        )


def _claim(batch: _Batch, anonymous: _Found, user: int, m: Who) -> None:
    before = anonymous.claimed_by
    if before is not None and before != user:
        batch.rivals.add((anonymous.id, before))
    anonymous.claimed_by, anonymous.claimed_at = user, m.timestamp
    if anonymous.person is None or before == user:
        return
    if before is not None:
        batch.superseded.append((anonymous.person, before))
        batch.merges[:] = [x for x in batch.merges if x[:2] != (anonymous.person, before)]
    batch.merges.append((anonymous.person, user, PersonMerge.Cause.ANONYMOUS, m.anonymous_id or ""))


def _resolve_aliases_and_addresses(batch: _Batch, addresses: list[list[str]]) -> None:
    new: dict[IdentityKey, int] = {}
    for m, emails in zip(batch.messages, addresses, strict=True):
        profile = batch.profile(m)
        if m.kind == "alias" and m.previous_id:
            for kind in (USER, ANONYMOUS):
                other = batch.identities[batch.source_id, kind, m.previous_id].person
                batch.merges.append((profile, other or profile, PersonMerge.Cause.ALIAS, m.previous_id))
        for email in emails:
            _resolve_address(batch, email, profile, new)
    _make_addresses(batch, new)


def _make_addresses(batch: _Batch, new: Mapping[IdentityKey, int]) -> None:
    if new:
        made = rows(SQL["new_identities"], [*_columns(new), int4s(list(new.values()))])
        if batch.run is not None:
            journal.new_identities(batch.run, [row[0] for row in made])


def _resolve_address(batch: _Batch, email: str, profile: int, new: dict[IdentityKey, int]) -> None:
    """The first row with an address has it; every other row with it is the same person."""
    key = (0, EMAIL, email)
    holder = batch.identities.get(key)
    if holder is None:
        new[key] = profile
        batch.identities[key] = _Found(0, profile, None, None)
    elif holder.person is not None and holder.person != profile:
        batch.merges.append((profile, holder.person, PersonMerge.Cause.EMAIL, email))


def take_in_addresses(people: Iterable[int]) -> set[int]:
    """Resolve the addresses said of these person rows under names that may be an address only now; with all they are
    one with. Runs under advisory.IDENTITY."""
    batch, told = _Batch(0, (), people=set(people)), frozenset(scalars(SQL["address_names"]))
    said: dict[tuple[int, date], dict[str, str]] = defaultdict(dict)
    wanted = {"people": int4s(sorted(batch.people)), "names": sorted(told | USUAL)}
    for person, day, name, text in rows(SQL["addresses_said"], wanted):
        said[person, day][name] = text
    addresses = [(person, email) for (person, _), each in said.items() for email in _real(addresses_among(each, told))]
    _load_identities(batch, [(0, EMAIL, email) for _, email in addresses])
    new: dict[IdentityKey, int] = {}
    for person, email in addresses:
        _resolve_address(batch, email, person, new)
    _make_addresses(batch, new)
    _merge(batch)
    return batch.people


def _merge(batch: _Batch) -> None:
    """Store new merges and find each person's representative again."""
    if batch.superseded:
        pairs = [(min(pair), max(pair)) for pair in batch.superseded]
        execute(SQL["drop_superseded_claims"], [int4s([p[0] for p in pairs]), int4s([p[1] for p in pairs])])
        batch.people.update(*batch.superseded)
    merges = [m for m in batch.merges if m[0] != m[1]]
    if merges:
        left, right, causes, evidence = zip(*merges, strict=True)
        new = rows(SQL["new_merges"], [int4s(left), int4s(right), texts(causes), texts(evidence)])
        batch.people.update(person for pair in new for person in pair)
    if batch.people:
        batch.people.update(regroup(batch.people))


def regroup(people: Iterable[int]) -> set[int]:
    """Recompute who stands for whom among these rows and all they are connected with; every row looked at."""
    members: set[int] = set(people)
    while True:
        wider = {row[0] for row in rows(SQL["whole_people"], {"people": sorted(members)})}
        edges = rows(SQL["merges_among"], {"people": sorted(wider)})
        wider.update(person for edge in edges for person in edge)
        if wider == members:
            break
        members = wider
    heads = representatives(members, edges)
    ordered = sorted(members)
    execute(SQL["set_representatives"], [int4s(ordered), int4s([heads[p] for p in ordered])])
    return members


def _resolve_workspaces(batch: _Batch) -> dict[str, int]:
    """The workspace of each id as it is sent; two spellings of one id are one workspace."""
    named = {m.group_id: spelled(m.group_id) for m in batch.messages if m.group_id}
    if not named:
        return {}
    first = {spelling: name for name, spelling in reversed(named.items())}
    spellings = sorted(first)
    asked = {"names": texts([first[each] for each in spellings]), "spellings": texts(spellings)}
    found = rows(SQL["workspaces"], asked | {"source": batch.source_id})
    made = [id_ for id_, _, is_new in found if is_new]
    batch.workspaces.update(made)
    if batch.run is not None:
        journal.new_workspaces(batch.run, made)
    ids = {spelling: id_ for id_, spelling, _ in found}
    return {name: ids[spelling] for name, spelling in named.items()}


def _store_traits(batch: _Batch, traits: list[dict[str, Value]], workspaces: dict[str, int]) -> None:
    said: dict[tuple[int, int, str, Any], tuple[float, Value]] = {}
    for m, values in zip(batch.messages, traits, strict=True):
        if not values:
            continue
        if m.kind == "group" and m.group_id:
            kind, subject = int(Attribute.Subject.WORKSPACE), workspaces[m.group_id]
            batch.workspaces.add(subject)
        else:
            kind, subject = int(Attribute.Subject.PERSON), batch.profile(m)
            batch.people.add(subject)
        at = m.timestamp.timestamp()
        for name, value in values.items():
            slot = (kind, subject, name, m.timestamp.date())
            if slot not in said or (said[slot][0], said[slot][1].text.encode()) < (at, value.text.encode()):
                said[slot] = (at, value)
    if said:
        _store_attributes(said, batch.run)


def _store_attributes(said: dict[tuple[int, int, str, Any], tuple[float, Value]], run: int | None) -> None:
    names = sorted({slot[2] for slot in said})
    keys = {name: id_ for id_, name in rows(SQL["attribute_keys"], [texts(names), MAX_ATTRIBUTE_KEYS])}
    kept = sorted((slot, value) for slot, value in said.items() if slot[2] in keys)
    if run is not None:
        slots = [(slot[0], slot[1], keys[slot[2]], int(Attribute.Origin.PRODUCT), slot[3]) for slot, _ in kept]
        journal.before_attributes(run, slots)
    execute(
        SQL["set_attributes"],
        [
            int4s([slot[0] for slot, _ in kept]),
            int4s([slot[1] for slot, _ in kept]),
            int4s([keys[slot[2]] for slot, _ in kept]),
            float8s([at for _, (at, _value) in kept]),
            float8s([value.number for _, (_at, value) in kept]),
            texts([value.text for _, (_at, value) in kept]),
        ],
    )


def _resolve_actors(batch: _Batch, workspaces: dict[str, int]) -> dict[MessageKey, KnownActor]:
    wanted: dict[tuple[int, int], list[float | None]] = {}
    for m in batch.messages:
        slot = (batch.profile(m), workspaces[m.group_id] if m.group_id else 0)
        at = m.timestamp.timestamp()
        first, grouped = wanted.get(slot, (at, None))
        if m.kind == "group":
            grouped = max(grouped or at, at)
        wanted[slot] = [min(first or at, at), grouped]
    slots = sorted(wanted)
    if batch.run is not None:
        journal.before_actors(batch.run, slots)
    found = rows(
        SQL["actors"],
        [
            int4s([slot[0] for slot in slots]),
            int4s([slot[1] for slot in slots]),
            float8s([wanted[slot][0] for slot in slots]),
            float8s([wanted[slot][1] for slot in slots]),
        ],
    )
    batch.people.update(profile for _, profile, _, _, changed in found if changed)
    batch.workspaces.update(workspace for _, _, workspace, _, changed in found if changed and workspace)
    by_slot = {(profile, workspace): (id_, first_at) for id_, profile, workspace, first_at, _ in found}
    known = {}
    for m in batch.messages:
        actor, first_at = by_slot[batch.profile(m), workspaces[m.group_id] if m.group_id else 0]
        since = first_at
        if m.user_id and m.anonymous_id:
            claimed_at = batch.identities[batch.source_id, ANONYMOUS, m.anonymous_id].claimed_at
            since = max(since, claimed_at or since)
        known[key_of(batch.source_id, m)] = KnownActor(actor, since)
    return known
