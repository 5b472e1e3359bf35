"""Whose an anonymous id or an address is: of those who claim it, the first by the events' own time."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from accounts.identity import journal
from accounts.identity.batch import ANONYMOUS, EMAIL, SQL, USER, Found, IdentityBatch, Who, load_identities
from accounts.identity.merges import merge
from accounts.identity.placeholders import current_placeholders
from accounts.models import PersonMerge
from accounts.rules.addresses import USUAL, addresses_among, all_tags, looked_up_with, mailbox_of
from accounts.rules.placeholders import EMAIL as EMAIL_ADDRESS
from plgcrm.common.sql import execute, float8s, int4s, rows, scalars, texts


def resolve_claims(batch: IdentityBatch) -> None:
    """An anonymous id belongs to the user it was first seen with, by the events' own time."""
    names = _names(batch)
    for m in batch.messages:
        for value in _claimed_in(m):
            anonymous, user = batch.identities[batch.source_id, ANONYMOUS, value], batch.profile(m)
            if _is_earlier(names, anonymous, user, m.timestamp):
                _claim(batch, anonymous, user, m.timestamp, value)
            elif anonymous.claimed_by != user:
                batch.rivals.add((anonymous.id, user))
                if m.kind == "alias" and anonymous.claimed_by:  # whoever had the id first is somebody known
                    batch.merges.append((user, anonymous.claimed_by, PersonMerge.Cause.ALIAS, value, m.timestamp))


def _claimed_in(m: Who) -> list[str]:
    """The anonymous ids that a message says are its user's."""
    if not m.user_id:
        return []
    ids = [m.anonymous_id, m.previous_id if m.kind == "alias" else None]
    return [each for each in ids if each]


def _names(batch: IdentityBatch) -> dict[int, str]:
    """The user id of each person row that acts here or has claimed something before, for claims of the same time."""
    names = {f.person: value for (_, kind, value), f in batch.identities.items() if kind == USER and f.person}
    strangers = {f.claimed_by for f in batch.identities.values() if f.claimed_by} - names.keys()
    names.update(rows(SQL["user_ids"], [sorted(strangers)]) if strangers else ())
    return names


def _is_earlier(names: Mapping[int, str], claimed: Found, user: int, at: datetime) -> bool:
    """Of two claims the earlier counts, by the events' own time; of two at once that of the lesser user id."""
    if claimed.claimed_at is None or claimed.claimed_by is None:
        return True
    return (at, names.get(user, "")) < (claimed.claimed_at, names.get(claimed.claimed_by, ""))


def _claim(batch: IdentityBatch, anonymous: Found, user: int, at: datetime, value: str) -> None:
    before = anonymous.claimed_by
    if before is not None and before != user:
        batch.rivals.add((anonymous.id, before))
    anonymous.claimed_by, anonymous.claimed_at = user, at
    batch.claims[anonymous.id] = anonymous
    if anonymous.person is None or before == user:
        return
    if before is not None:
        batch.superseded.append((anonymous.person, before))
        batch.merges[:] = [x for x in batch.merges if x[:2] != (anonymous.person, before)]
    batch.merges.append((anonymous.person, user, PersonMerge.Cause.ANONYMOUS, value, at))


def store_claims(batch: IdentityBatch) -> None:
    """Whose anonymous ids and addresses are, and who else said they were theirs."""
    if batch.rivals:
        ordered = sorted(batch.rivals)
        execute(SQL["note_rivals"], [int4s([pair[0] for pair in ordered]), int4s([pair[1] for pair in ordered])])
    if batch.moved:
        execute(SQL["take_addresses_away"], [texts(sorted(batch.moved))])
    if batch.claims:
        claims = list(batch.claims.values())
        seconds = [c.claimed_at.timestamp() if c.claimed_at else 0.0 for c in claims]
        execute(
            SQL["set_claims"],
            [int4s([c.id for c in claims]), int4s([c.claimed_by for c in claims]), float8s(seconds)],
        )


def resolve_aliases_and_addresses(batch: IdentityBatch, addresses: list[list[str]]) -> None:
    """Who is one with whom by an alias call or by the addresses that each message says."""
    said = []
    for m, emails in zip(batch.messages, addresses, strict=True):
        profile = batch.profile(m)
        if m.kind == "alias" and m.previous_id:
            other = batch.identities[batch.source_id, USER, m.previous_id].person
            batch.merges.append((profile, other or profile, PersonMerge.Cause.ALIAS, m.previous_id, m.timestamp))
        said += [(email, profile, m.timestamp) for email in emails]
    _resolve_addresses(batch, said)


def _resolve_addresses(batch: IdentityBatch, said: list[tuple[str, int, datetime]]) -> None:
    """Whoever said an address first, by the events' own time, has it; others who say it are that person, or may be."""
    if not said:
        return
    said = [*said, *_with_tags(batch, said)]
    names = _names(batch)
    holders = {f.claimed_by for (_, kind, _), f in batch.identities.items() if kind == EMAIL}
    of_browsers = _of_browsers(batch, holders | {profile for _, profile, _ in said})
    _make_addresses(batch, said, names, of_browsers)
    for email, profile, at in said:
        address = batch.identities[0, EMAIL, email]
        holder = address.claimed_by or address.person or profile
        if holder == profile:
            if address.claimed_at and at < address.claimed_at:
                address.claimed_at = at
                batch.claims[address.id] = address
                batch.note_address(profile, at)
            continue
        both = max(at, address.claimed_at or at)  # when the second of them has said it
        batch.merges.append((profile, holder, PersonMerge.Cause.EMAIL, email.replace("+@", "@"), both))
        if address.claimed_at and _is_better(names, address, profile, at, of_browsers):
            address.claimed_by, address.claimed_at = profile, at
            batch.claims[address.id] = address
            batch.people.update((holder, profile))
            batch.moved.add(email)
            batch.note_address(profile, at)
        batch.rivals.add((address.id, holder if address.claimed_by == profile else profile))


def _with_tags(batch: IdentityBatch, said: list[tuple[str, int, datetime]]) -> list[tuple[str, int, datetime]]:
    """Who says an address with a tag, or the same without, says one that stands for all its tags."""
    plain = {email: mailbox_of(email) for email, _, _ in said}
    new = {all_tags(box) for box in plain.values() if box and (0, EMAIL, all_tags(box)) not in batch.identities}
    claims = []
    for email, profile, at in said:
        tags = all_tags(email)
        if email != tags and (tags in new or (0, EMAIL, tags) in batch.identities):
            claims.append((tags, profile, at))
        known = batch.identities.get((0, EMAIL, plain[email])) if tags in new else None
        holder = known and (known.claimed_by or known.person)
        if known and holder:  # who has had the address without a tag all along
            claims.append((tags, holder, known.claimed_at or at))
    return claims


def _of_browsers(batch: IdentityBatch, people: set[int | None]) -> set[int | None]:
    """Those of these person rows that only a browser's key has told us of."""
    if not batch.browsers:
        return set()
    found = rows(SQL["own_ids"], [sorted(filter(None, people))])
    return {person for person, source, _, _ in found if source in batch.browsers}


def _is_better(
    names: Mapping[int, str], address: Found, profile: int, at: datetime, of_browsers: set[int | None]
) -> bool:
    """What a server says of an address counts before what a browser says, whatever time either gives."""
    if (profile in of_browsers) != (address.claimed_by in of_browsers):
        return address.claimed_by in of_browsers
    return _is_earlier(names, address, profile, at)


def _make_addresses(
    batch: IdentityBatch, said: list[tuple[str, int, datetime]], names: Mapping[int, str], of_browsers: set[int | None]
) -> None:
    """Each address that is new, with the first of those who say it here."""
    new: dict[str, tuple[bool, datetime, str, int]] = {}
    for email, profile, at in said:
        if (0, EMAIL, email) not in batch.identities:
            claim = (profile in of_browsers, at, names.get(profile, ""), profile)
            new[email] = min(new.get(email, claim), claim)
    if not new:
        return
    seconds = float8s([at.timestamp() for _, at, _, _ in new.values()])
    made = scalars(SQL["new_addresses"], [texts(list(new)), int4s([who for *_, who in new.values()]), seconds])
    for id_, (email, (_, at, _, profile)) in zip(made, new.items(), strict=True):
        batch.identities[0, EMAIL, email] = Found(id_, profile, profile, at)
        batch.note_address(profile, at)
    if batch.run is not None:
        journal.new_identities(batch.run, made)


def take_in_addresses(people: Iterable[int]) -> set[int]:
    """Resolve the addresses said of these person rows under names that may be an address only now; with all they are
    one with. Runs under advisory.IDENTITY."""
    batch, told = IdentityBatch(0, (), people=set(people)), frozenset(scalars(SQL["address_names"]))
    said: dict[tuple[int, datetime], dict[str, str]] = defaultdict(dict)
    wanted = {"people": int4s(sorted(batch.people)), "names": sorted(told | USUAL)}
    for person, at, name, text in rows(SQL["addresses_said"], wanted):
        said[person, at][name] = text
    claims = [
        (email, person, at)
        for (person, at), each in said.items()
        for email in real_addresses(addresses_among(each, told))
    ]
    load_identities(batch, [(0, EMAIL, each) for email, _, _ in claims for each in (email, *looked_up_with(email))])
    _resolve_addresses(batch, claims)
    store_claims(batch)
    merge(batch)
    return batch.people


def real_addresses(addresses: list[str]) -> list[str]:
    """Without those that people type who give none."""
    has = current_placeholders().has
    return [email for email in addresses if not has(email, EMAIL_ADDRESS)]
