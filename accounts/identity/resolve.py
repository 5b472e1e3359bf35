"""Resolving identity from messages: facts are stored, and what follows from them is derived again.

Runs under advisory.IDENTITY, one transaction at a time, so that what was read stays true until it commits.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Any

import msgspec
from django.db import transaction

from accounts.identity import derive, journal
from accounts.identity.batch import (
    ANONYMOUS,
    EMAIL,
    FACT_KINDS,
    SQL,
    USER,
    Found,
    IdentityBatch,
    IdentityKey,
    KnownActor,
    MessageKey,
    Who,
    columns,
    key_of,
    load_identities,
)  # fmt: skip
from accounts.identity.claims import real_addresses, resolve_aliases_and_addresses, resolve_claims, store_claims
from accounts.identity.merges import merge
from accounts.models import Attribute, PersonMerge
from accounts.rules.addresses import SENT_ALONG, USUAL, addresses_among, looked_up_with
from accounts.rules.domains import parse_address
from accounts.rules.links import day_of
from accounts.rules.spelling import spelled
from accounts.rules.traits import Value, attributes_of
from plgcrm.common import advisory
from plgcrm.common.known import day_known
from plgcrm.common.sql import execute, float8s, int4s, rows, scalars, texts

MAX_ATTRIBUTE_KEYS = 2_000
NEVER = datetime.max.replace(tzinfo=UTC)


@transaction.atomic
def resolve_batch(
    source_id: int,
    messages: Sequence[Who],
    *,
    run: int | None = None,
    browsers: frozenset[int] = frozenset(),
    known_day: date | None = None,
) -> dict[MessageKey, KnownActor]:
    """Take in the identity facts of these messages and derive what follows; what is known of each message's ids.

    Where they come from an import `run`, what stood before is kept, so that the import can be undone. `known_day`: the
    day on which they came (None: today).
    """
    rows(SQL["lock_and_learn"], [advisory.IDENTITY, (known_day or day_known()).isoformat()])
    batch = IdentityBatch(source_id, messages, run, browsers)
    traits = [_traits(m) for m in messages]
    batch.address_names = frozenset(scalars(SQL["address_names"]))
    addresses = _addresses(batch, traits)
    _resolve_identities(batch, addresses)
    resolve_claims(batch)
    resolve_aliases_and_addresses(batch, addresses)
    store_claims(batch)
    workspaces = _resolve_workspaces(batch)
    _store_traits(batch, traits, workspaces)
    merge(batch)
    batch.people |= batch.named
    known = _resolve_actors(batch, workspaces, addresses)
    derive.derive(batch.people, batch.workspaces, known_day=known_day)
    return known


def _traits(m: Who) -> dict[str, Value]:
    if m.kind not in FACT_KINDS or not m.traits:
        return {}
    return attributes_of(msgspec.json.decode(m.traits))


def _addresses(batch: IdentityBatch, traits: list[dict[str, Value]]) -> list[list[str]]:
    """The addresses that each message says its person has."""
    messages, told = batch.messages, batch.address_names
    said = [_said(values, told) if m.kind == "identify" else [] for m, values in zip(messages, traits, strict=True)]
    return [own or _beside(m) for m, own in zip(messages, said, strict=True)]


def _beside(m: Who) -> list[str]:
    """Of a message that says no address itself: what is sent along with it, else the user id where that is one."""
    texts = [text for text in (m.address, m.user_id) if text and "@" in text]
    found = (real_addresses([parse_address(text).email]) for text in texts)
    return next(filter(None, found), [])


def _said(traits: dict[str, Value], told: frozenset[str]) -> list[str]:
    return real_addresses(addresses_among({name: value.text for name, value in traits.items()}, told))


def _resolve_identities(batch: IdentityBatch, said: list[list[str]]) -> None:
    """Load every identity named, make the missing ones, and give a person row to each that acts."""
    acting: dict[IdentityKey, None] = {}
    beside: dict[IdentityKey, None] = {}
    addresses = [(0, EMAIL, each) for emails in said for one in emails for each in (one, *looked_up_with(one))]
    for m in batch.messages:
        if m.user_id:
            acting[batch.source_id, USER, m.user_id] = None
            if m.anonymous_id:
                beside[batch.source_id, ANONYMOUS, m.anonymous_id] = None
        else:
            acting[batch.source_id, ANONYMOUS, m.anonymous_id or ""] = None
        if m.kind == "alias" and m.previous_id:
            acting[batch.source_id, USER, m.previous_id] = None
            beside[batch.source_id, ANONYMOUS, m.previous_id] = None
    load_identities(batch, [*acting, *beside, *addresses])
    if batch.run is not None:
        journal.before_identities(batch.run, [found.id for found in batch.identities.values()])
    _make_identities(batch, [key for key in acting if key not in batch.identities], with_person=True)
    _make_identities(batch, [k for k in beside if k not in batch.identities and k not in acting], with_person=False)
    _give_people(batch, [batch.identities[key] for key in acting if batch.identities[key].person is None])


def _make_identities(batch: IdentityBatch, keys: list[IdentityKey], *, with_person: bool) -> None:
    if not keys:
        return
    people: list[int | None] = list(_new_people(batch, len(keys))) if with_person else [None] * len(keys)
    made = rows(SQL["new_identities"], [*columns(keys), int4s(people)])
    batch.people.update(filter(None, people))
    for id_, source, kind, value, person in made:
        batch.identities[source, kind, value] = Found(id_, person, None, None)
    if batch.run is not None:
        journal.new_identities(batch.run, [row[0] for row in made])


def _new_people(batch: IdentityBatch, count: int) -> list[int]:
    made = [row[0] for row in rows(SQL["new_people"], [count])]
    batch.new_people.update(made)
    return made


def _give_people(batch: IdentityBatch, found: list[Found]) -> None:
    """An anonymous id that was claimed before it ever acted alone joins its claimant at once."""
    if not found:
        return
    for identity, person in zip(found, _new_people(batch, len(found)), strict=True):
        identity.person = person
        if identity.claimed_by:
            batch.merges.append((person, identity.claimed_by, PersonMerge.Cause.ANONYMOUS, "", identity.claimed_at))
    execute(SQL["give_person"], [int4s([i.id for i in found]), int4s([i.person for i in found])])


def _resolve_workspaces(batch: IdentityBatch) -> dict[str, int]:
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


def _store_traits(batch: IdentityBatch, traits: list[dict[str, Value]], workspaces: dict[str, int]) -> None:
    said: dict[tuple[int, int, str, Any], tuple[float, Value]] = {}
    for m, values in zip(batch.messages, traits, strict=True):
        if not values:
            continue
        if m.kind == "group" and m.group_id:
            kind, subject = int(Attribute.Subject.WORKSPACE), workspaces[m.group_id]
            batch.workspaces.add(subject)
        else:
            kind, subject = int(Attribute.Subject.PERSON), batch.profile(m)
            batch.named.add(subject)
        for name, value in values.items():
            slot = (kind, subject, name, m.timestamp.date())
            # What is no address takes the place of none that was said on its day.
            is_worse = name in batch.address_names | USUAL and not real_addresses([parse_address(value.text).email])
            at = (datetime.combine(slot[3], time(), UTC) if is_worse else m.timestamp).timestamp()
            if slot not in said or (said[slot][0], said[slot][1].text.encode()) < (at, value.text.encode()):
                said[slot] = (at, value)
    _add_sent_along(batch, said)
    if said:
        origin = Attribute.Origin.BROWSER if batch.is_browser else Attribute.Origin.PRODUCT
        _store_attributes(said, int(origin), batch.run)


def _add_sent_along(batch: IdentityBatch, said: dict[tuple[int, int, str, Any], tuple[float, Value]]) -> None:
    """The address beside a message, once a day: of two of one day the greater text, whichever came first."""
    for m in batch.messages:
        for email in real_addresses([parse_address(m.address).email]) if m.address else ():
            profile, day = batch.profile(m), m.timestamp.date()
            batch.named.add(profile)
            slot = (int(Attribute.Subject.PERSON), profile, SENT_ALONG, day)
            before = said[slot][1].text if slot in said else ""
            at = datetime.combine(day, time(), UTC).timestamp()
            said[slot] = (at, Value(max(before, email), None))


def _store_attributes(said: dict[tuple[int, int, str, Any], tuple[float, Value]], origin: int, run: int | None) -> None:
    names = sorted({slot[2] for slot in said})
    keys = {name: id_ for id_, name in rows(SQL["attribute_keys"], [texts(names), MAX_ATTRIBUTE_KEYS])}
    kept = sorted((slot, value) for slot, value in said.items() if slot[2] in keys)
    if run is not None:
        slots = [(slot[0], slot[1], keys[slot[2]], origin, slot[3]) for slot, _ in kept]
        journal.before_attributes(run, slots)
    execute(
        SQL["set_attributes"],
        [
            origin,
            int4s([slot[0] for slot, _ in kept]),
            int4s([slot[1] for slot, _ in kept]),
            int4s([keys[slot[2]] for slot, _ in kept]),
            float8s([at for _, (at, _value) in kept]),
            float8s([value.number for _, (_at, value) in kept]),
            texts([value.text for _, (_at, value) in kept]),
        ],
    )


def _resolve_actors(
    batch: IdentityBatch, workspaces: dict[str, int], addresses: list[list[str]]
) -> dict[MessageKey, KnownActor]:
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
    _store_group_calls(batch, workspaces, {slot: actor for slot, (actor, _) in by_slot.items()})
    known: dict[MessageKey, KnownActor] = {}
    for m, resolved in zip(batch.messages, addresses, strict=True):
        actor, first_at = by_slot[batch.profile(m), workspaces[m.group_id] if m.group_id else 0]
        since = first_at
        if m.user_id and m.anonymous_id:
            claimed_at = batch.identities[batch.source_id, ANONYMOUS, m.anonymous_id].claimed_at
            since = max(since, claimed_at or since)
        key = key_of(batch.source_id, m)
        if m.address:  # one that comes late says it earlier; beside an address of its own it was not taken in
            taken = resolved == _beside(m)
            since = min(max(since, m.timestamp) if taken else NEVER, known[key].since if key in known else NEVER)
        known[key] = KnownActor(actor, since)
    return known


def _store_group_calls(batch: IdentityBatch, workspaces: dict[str, int], actors: dict[tuple[int, int], int]) -> None:
    """Who was in which workspace on which day: the last group call of each actor and day."""
    calls: dict[tuple[int, int, date], datetime] = {}
    for m in batch.messages:
        if m.kind == "group" and m.group_id:
            slot = (batch.profile(m), workspaces[m.group_id], day_of(m.timestamp))
            calls[slot] = max(m.timestamp, calls.get(slot, m.timestamp))
    if not calls:
        return
    slots = sorted(calls)
    if batch.run is not None:
        journal.before_group_calls(batch.run, slots)
    told = [int4s([actors[slot[:2]] for slot in slots]), float8s([calls[slot].timestamp() for slot in slots])]
    new = set(scalars(SQL["set_group_calls"], told))
    batch.people.update(slot[0] for slot in slots if actors[slot[:2]] in new)
