"""To which account people and workspaces belonged on which day. Runs under advisory.IDENTITY, within `derive`.

Only those are looked at of whom something different was said on another day; nobody else has a past.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any, NamedTuple

from django.utils import timezone

from accounts.identity.batch import SQL
from accounts.models import Attribute
from accounts.rules.addresses import SENT_ALONG, claimed_with
from accounts.rules.domains import Exclusions, company_of, corporate_domain, parse_address
from accounts.rules.links import (
    NOBODY,
    History,
    Member,
    Said,
    Stay,
    Visit,
    counted_for,
    day_of,
    history_of,
    history_of_person,
    history_of_workspace,
    since_seen,
)
from plgcrm.common.sql import execute, int4s, rows, scalars

EPOCH = date(1970, 1, 1)
HERE = ""  # the present company of a workspace
FIRST_MEMBERS = 50  # of a workspace, among whom the first that has not left is looked for
Text = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Addresses:
    """What an installation takes for an address and a company: `is_real` says of a text whether it is an address."""

    is_real: Text
    overrides: Mapping[str, str]
    exclusions: Exclusions

    def company(self, text: str) -> str:
        """The company in whose name an address is; "" where it names none."""
        if self.exclusions.match(text):
            return NOBODY
        company = company_of(parse_address(text), self.overrides)
        return company.domain if company.kind == "corporate" else ""


class Moved(NamedTuple):
    """The address that counts of somebody who had several, whether only a browser said it, and their companies."""

    email: str
    by_browser: bool
    history: History[str]


class _Address(NamedTuple):
    at: datetime
    text: str
    voice: tuple[int, str]  # the person row and the name of the trait
    trust: tuple[int, bool]


def addresses_over_time(heads: Collection[int], addresses: Addresses) -> dict[int, Moved]:
    """Of those of these whole people of whom several addresses were ever said."""
    said: dict[int, list[_Address]] = defaultdict(list)
    along: dict[int, list[_Address]] = defaultdict(list)
    found = rows(SQL["addresses_over_time"], {"heads": int4s(sorted(heads)), "along": SENT_ALONG}) if heads else []
    for head, leaf, name, origin, is_told, at, text in found:
        if addresses.is_real(text):
            whose = along if name == SENT_ALONG else said
            whose[head].append(_Address(at, text, (leaf, name), (origin, is_told)))
    every = {head: said.get(head) or along[head] for head in said.keys() | along.keys()}
    return {head: moved for head, own in _without_claims(every).items() if (moved := _moved(own, addresses))}


def _without_claims(every: dict[int, list[_Address]]) -> dict[int, list[_Address]]:
    """An address that somebody else has says nothing of the companies of those who have one of their own; where a
    browser says it, it says nothing of anybody's."""
    asked = {
        (x.text, _by_browser(x)): claimed_with(parse_address(x.text).email, doubted=_by_browser(x))
        for own in every.values()
        for x in own
    }
    emails = {email for emails in asked.values() for email in emails}
    holders = dict(rows(SQL["address_holders"], [sorted(emails)])) if emails else {}
    theirs = {
        head: [x for x in own if all(holders.get(email, head) == head for email in asked[x.text, _by_browser(x)])]
        for head, own in every.items()
    }
    return {head: theirs[head] or [x for x in own if not _by_browser(x)] for head, own in every.items()}


def _by_browser(address: _Address) -> bool:
    return address.trust[0] == Attribute.Origin.BROWSER


def _moved(own: list[_Address], addresses: Addresses) -> Moved | None:
    companies = {each.text: addresses.company(each.text) for each in own}
    history = history_of(Said(each.at, companies[each.text], each.voice, each.trust) for each in own)
    if not history:
        return None
    trust = max(each.trust for each in own)
    last = max(
        (each for each in own if each.trust == trust and companies[each.text] == history[-1].company),
        key=lambda each: (each.at, each.text.encode()),
    )
    return Moved(last.text, _by_browser(last), history)


# --- Workspaces -----------------------------------------------------------------------------------------------


def websites_over_time(
    workspaces: Collection[int], overrides: Mapping[str, str], believed: Callable[[set[str]], set[str]]
) -> dict[int, History[str]]:
    """The companies of those workspaces of which several websites were ever said. `believed`: of the domains that only
    a browser said, those that it may say."""
    said: dict[tuple[int, bool], list[Said]] = defaultdict(list)
    for workspace, is_website, name, origin, is_told, at, text in rows(SQL["websites_over_time"], [sorted(workspaces)]):
        domain = corporate_domain(text, overrides)
        said[workspace, is_website].append(Said(at, domain, name, (origin, is_told)))
    of_browsers = {s.company for own in said.values() for s in own if s.trust[0] == Attribute.Origin.BROWSER}
    fine = believed(of_browsers - {""}) if of_browsers - {""} else set()
    histories: dict[int, History[str]] = {}
    for (workspace, _), own in sorted(said.items()):  # a website goes before a domain, and stands last
        kept = [s for s in own if s.trust[0] != Attribute.Origin.BROWSER or s.company in fine]
        if history := history_of(kept):
            histories[workspace] = history
    return histories


def companies_of_members(workspaces: Collection[int], addresses: Addresses) -> dict[int, History[str]]:
    """The companies of workspaces that name none and whose first member has another company by now."""
    members: dict[int, list[tuple[int, datetime, str]]] = defaultdict(list)
    for workspace, person, first_at, domain, since in rows(SQL["first_members"], [sorted(workspaces), FIRST_MEMBERS]):
        so_far = members[workspace]
        if not so_far or so_far[-1][2] == "":  # all before have left
            so_far.append((person, first_at, "" if since and since > day_of(first_at) else domain))
    people = {person for own in members.values() for person, _, _ in own}
    moved = addresses_over_time(people, addresses)
    return {
        workspace: history_of_workspace(
            [
                Member(first_at, moved[person].history if person in moved else (Stay(None, domain),))
                for person, first_at, domain in own
            ]
        )
        for workspace, own in members.items()
    }


# --- Links ----------------------------------------------------------------------------------------------------


class _Acting(NamedTuple):
    """An actor of somebody who may have moved."""

    actor: int
    head: int
    workspace: int
    spelling: str
    first_at: datetime
    account: int
    past: list[tuple[str, str]] | None  # of the workspace


def movers(heads: Collection[int]) -> set[int]:
    """Those of these whole people who may have belonged to several accounts, or of whom we believed so."""
    return {row[0] for row in rows(SQL["movers"], {"heads": int4s(sorted(heads))})} if heads else set()


def without_past(heads: Collection[int]) -> tuple[set[int], dict[int, History[int]]]:
    """Those of these whole people who are excluded or whom a hand has put somewhere, and of their actors no history."""
    found = rows(SQL["without_past"], {"heads": sorted(heads)}) if heads else []
    return {head for head, _ in found}, {actor: () for _, actor in found if actor}


def nowhere(heads: Collection[int]) -> dict[int, History[int]]:
    """Of these whole people the actors in workspaces that are excluded: they have no history."""
    found = scalars(SQL["nowhere"], {"heads": int4s(sorted(heads))}) if heads else []
    return dict.fromkeys(found, ())


def histories_of_actors(
    heads: Collection[int], addresses: Addresses, accounts_of: Callable[[set[str]], dict[str, int]]
) -> tuple[dict[int, int], dict[int, History[int]]]:
    """Of these whole people the account they belong to, and of their actors the accounts over time; 0 for none."""
    if not heads:
        return {}, {}
    acting = [_Acting(*row) for row in rows(SQL["acting"], {"heads": int4s(sorted(heads))})]
    moved = addresses_over_time(heads, addresses)
    own = {head: each.history for head, each in moved.items()}
    for head, domain in rows(SQL["domains_of_people"], [sorted(heads - moved.keys())]):
        own[head] = (Stay(None, domain),) if domain else ()
    domains = {stay.company for history in own.values() for stay in history}
    ids = accounts_of((domains | {d for each in acting for d, _ in each.past or ()}) - {NOBODY})
    places = {each.workspace: _of_workspace(each, ids) for each in acting if each.workspace}
    visits = _visits(heads, acting, places)
    people = {head: history_of_person(counted_for(own.get(head, ()), ids), visits[head]) for head in heads}
    actors = {each.actor: since_seen(places.get(each.workspace) or people[each.head], each.first_at) for each in acting}
    return {head: history[-1].company if history else 0 for head, history in people.items()}, actors


def _of_workspace(acting: _Acting, ids: Mapping[str, int]) -> History[int]:
    """The accounts of a workspace; none where it belongs to nobody."""
    begins: list[date | None] = [None, *(date.fromisoformat(day) for _, day in acting.past or ())]
    companies = [*(domain for domain, _ in acting.past or ()), HERE]
    history = counted_for(tuple(map(Stay, begins, companies)), {**ids, HERE: acting.account})
    return history if any(stay.company for stay in history) else ()


def _visits(
    heads: Collection[int], acting: Iterable[_Acting], places: Mapping[int, History[int]]
) -> dict[int, list[Visit[int]]]:
    """Where these people were, by what they did and by their group calls."""
    visits: dict[int, list[Visit[int]]] = defaultdict(list)
    by_actor = {each.actor: each for each in acting if each.workspace}
    calls = [(by_actor[actor], at, True) for actor, at in rows(SQL["group_calls"], {"heads": sorted(heads)})]
    for each, at, called in [*((own, own.first_at, False) for own in by_actor.values()), *calls]:
        order = (each.first_at, each.spelling)
        visits[each.head].append(Visit(at, order, places[each.workspace], called))
    return visits


def store_links(histories: Mapping[int, History[int]], known_day: date | None) -> set[int]:
    """Write the past links of these actors; gives the accounts that won or lost days. The rest stays untouched."""
    stood: dict[int, list[tuple[int, date | None, date]]] = defaultdict(list)
    actors = sorted(histories)
    for actor, account, from_day, until_day in rows(SQL["past_links"], [actors]) if actors else []:
        stood[actor].append((account, from_day, until_day))
    wanted = {actor: _links(history) for actor, history in histories.items()}
    changed = [actor for actor in actors if sorted(stood[actor], key=_by_end) != wanted[actor]]
    if not changed:
        return set()
    new = [(actor, *link) for actor in changed for link in wanted[actor]]
    params: dict[str, Any] = {
        "changed": int4s(changed),
        "since": int4s([day_number(histories[a][-1].since) if histories[a] else None for a in changed]),
        "actors": int4s([link[0] for link in new]),
        "accounts": int4s([link[1] for link in new]),
        "froms": int4s([day_number(link[2]) for link in new]),
        "untils": int4s([day_number(link[3]) for link in new]),
        "known": known_day or day_of(timezone.now()),
    }
    for name in ("drop_past_links", "set_past_links", "set_account_since"):
        execute(SQL[name], params)
    every = {link[0] for actor in changed for link in [*stood[actor], *wanted[actor]]}
    current = {stay.company for actor in changed for stay in histories[actor][-1:]}
    return (every | current) - {0}


def _by_end(link: tuple[int, date | None, date]) -> date:
    return link[2]


def _links(history: History[int]) -> list[tuple[int, date | None, date]]:
    return [(s.company, s.since, n.since) for s, n in pairwise(history) if n.since]


def day_number(day: date | None) -> int | None:
    """Days since 1970-01-01."""
    return None if day is None else (day - EPOCH).days


def past_as_kept(history: History[str]) -> str:
    """The companies before the last, each with the day on which it ended; "" where there were none."""
    ended = [[s.company, n.since.isoformat()] for s, n in pairwise(history) if n.since]
    return json.dumps(ended) if ended else ""
