"""What follows from the identity facts: names, companies, and which account each actor's usage counts for."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from itertools import chain

from accounts.identity import links
from accounts.identity.exclusions import exclude_workspaces, excluded_otherwise, exclusion_rules
from accounts.identity.placeholders import current_placeholders
from accounts.models import Attribute, DomainOverride
from accounts.rules.addresses import SENT_ALONG, claimed_with
from accounts.rules.domains import Address, company_of, corporate_domain, parse_address
from accounts.rules.exclusions import ExclusionRules
from accounts.rules.links import NOBODY, History, Stay
from accounts.rules.moments import SIGN_UP_NAMES, read_moment
from accounts.rules.placeholders import EMAIL
from accounts.rules.roles import PRODUCT_ADMINS
from accounts.rules.traits import plain_value
from plgcrm.common.sql import execute, float8s, int4s, queries, rows, scalar, texts

SQL = queries("accounts/sql/identity.sql")
LISTS = queries("accounts/sql/imports.sql")
# What is read of a person and of a workspace: by the usual names, and by what the vocabulary says a name means.
NAMING = ["email", SENT_ALONG, "name", "first_name", "last_name", "title", "job_title", "role", *SIGN_UP_NAMES]
PERSON_MEANINGS = {
    "email": "email", "person_name": "name", "first_name": "first_name", "last_name": "last_name", "title": "title",
    "role": "role", "created_at": "created_at",
}  # fmt: skip
COMPANY = ["name", "website", "domain", *SIGN_UP_NAMES]
COMPANY_MEANINGS = {"company_name": "name", "website": "website", "company_created_at": "created_at"}
IDENTIFYING = PERSON_MEANINGS.keys() | COMPANY_MEANINGS.keys()


def derive(people: Iterable[int], workspaces: Iterable[int], *, known_day: date | None = None) -> None:
    """Bring every derived column of these person rows and workspaces, and of what hangs on them, up to date.

    Runs under advisory.IDENTITY. Accounts that win or lose usage are marked as touched. `known_day`: the day on which
    we came to know of what is derived, where that is not today.
    """
    members = {row[0]: row[1] for row in rows(SQL["whole_people"], {"people": sorted(people)})} if people else {}
    heads = set(members.values())
    rules = exclusion_rules()
    addresses = derive_people(heads, rules)
    # Actors first resolve_batch which whole person they are, for workspaces ask their members by whole person.
    touched = _set_actors(members)
    around = {row[0] for row in rows(SQL["workspaces_of_people"], [sorted(heads)])} if heads else set()
    moved = _derive_workspaces(around | set(workspaces), addresses, rules)
    if moved:
        more = [row[0] for row in rows(SQL["people_of_workspaces"], [sorted(moved)])]
        members.update({r[0]: r[1] for r in rows(SQL["whole_people"], {"people": more})})
    heads = set(members.values())
    if heads:
        histories = _set_person_accounts(heads, addresses)
        touched |= _set_actors(members)
        touched |= links.store_links(histories, known_day)
        touched |= {row[0] for row in rows(SQL["accounts_of_people"], {"people": sorted(heads)})}
    _touch(touched)


def _set_person_accounts(heads: set[int], addresses: links.Addresses) -> dict[int, History[int]]:
    """To which account people belong; and of the actors of those who may have moved, to which they have."""
    movers = links.movers(heads)
    fixed, without = links.without_past(movers)
    if settled := heads - movers | fixed:
        execute(SQL["set_person_accounts"], [sorted(settled)])
    accounts, histories = links.histories_of_actors(movers - fixed, addresses, _accounts)
    if accounts:
        execute(SQL["set_accounts_of_movers"], [int4s(list(accounts)), int4s(list(accounts.values()))])
    return histories | without | links.nowhere(movers)


def derive_people(heads: set[int], rules: ExclusionRules | None = None) -> links.Addresses:
    """Who these whole people are: what is taken for an address and a company, by which it was decided."""
    rules = rules or exclusion_rules()
    overrides = dict(DomainOverride.objects.values_list("domain", "kind"))
    known = links.Addresses(_is_real, overrides, rules.addresses)
    if heads:
        _derive_people(heads, known, rules)
    return known


def _derive_people(heads: set[int], known: links.Addresses, rules: ExclusionRules) -> None:
    said, claimed = _said_of(heads)
    moved = links.addresses_over_time(heads, known)
    for head, each in moved.items():
        said[head]["email"] = each.email
        (claimed.add if each.by_browser else claimed.discard)(head)
    overrides, exclusions = known.overrides, known.exclusions
    addresses = {head: parse_address(said[head].get("email", "")) for head in heads}
    holders = _holders([each.email for each in addresses.values()])
    _prefer_own(said, addresses, holders, claimed)
    ordered = sorted(heads)
    # Of two with one address only the holder has it; one that nobody holds yet is about to be taken in.
    owned = [addresses[head].email if holders.get(addresses[head].email) == head else "" for head in ordered]
    companies = [company_of(addresses[h], overrides) for h in ordered]
    others = excluded_otherwise(rules, heads)
    excluded = [exclusions.match(said[h].get("email", "")) or others.get(h, "") for h in ordered]
    execute(
        SQL["set_people"],
        [
            texts(admin_roles()),
            int4s(ordered),
            texts(owned),
            texts([_full_name(said[h])[:200] for h in ordered]),
            texts([(said[h].get("title") or said[h].get("job_title", ""))[:200] for h in ordered]),
            texts([said[h].get("role", "").strip().lower()[:40] for h in ordered]),
            texts([company.domain for company in companies]),
            texts([each.kind if said[h].get("email") else "" for h, each in zip(ordered, companies, strict=True)]),
            texts(excluded),
            float8s([_signed_up(said[h]) for h in ordered]),
            int4s([links.day_number(moved[h].history[-1].since) if h in moved else None for h in ordered]),
        ],
    )
    counted = (company for company, out in zip(companies, excluded, strict=True) if not out)
    _accounts({company.domain for company in counted if company.kind == "corporate"})


def _prefer_own(
    said: dict[int, dict[str, str]], addresses: dict[int, Address], holders: dict[str, int], claimed: set[int]
) -> None:
    """An address that somebody else has takes the place of no own one, and of a browser's key says no company."""
    asked = {head: claimed_with(each.email, doubted=head in claimed) for head, each in addresses.items()}
    held = holders | _holders(chain(*(asked[head] for head in claimed)))
    of_others = {head for head, names in asked.items() if any(held.get(each, head) != head for each in names)}
    own = _own_addresses(of_others, claimed) if of_others else {}
    for head in of_others:
        if head in own:
            said[head]["email"] = own[head]
        elif head in claimed:
            del said[head]["email"]
        addresses[head] = parse_address(said[head].get("email", ""))
    holders.update((addresses[head].email, head) for head in own)


def _own_addresses(heads: set[int], claimed: set[int]) -> dict[int, str]:
    """The best of the addresses that each of these people has; of those said at the end of a day, if there is one."""
    every = rows(SQL["addresses_held"], {"heads": int4s(sorted(heads))})
    every += [row for row in rows(SQL["addresses_of_people"], {"heads": int4s(sorted(heads))}) if _is_real(row[1])]
    asked = [(head, text, claimed_with(parse_address(text).email, doubted=head in claimed)) for head, text in every]
    holders = _holders(chain(*(names for _, _, names in asked)))
    return {
        head: text
        for head, text, (email, *tags) in asked
        if holders.get(email) == head and all(holders.get(each, head) == head for each in tags)
    }


def _holders(emails: Iterable[str]) -> dict[str, int]:
    """The representative of whoever has each address."""
    wanted = sorted(set(filter(None, emails)))
    return dict(rows(SQL["address_holders"], [wanted])) if wanted else {}


def _said_of(heads: set[int]) -> tuple[dict[int, dict[str, str]], set[int]]:
    """What names each of these people; and those whose address only a browser has said."""
    said: dict[int, dict[str, str]] = defaultdict(dict)
    claimed: set[int] = set()
    claimed_along: set[int] = set()
    asked = {"heads": int4s(sorted(heads)), "names": NAMING, "meanings": list(PERSON_MEANINGS)}
    for person, name, meaning, text, origin in rows(SQL["said_of_people"], asked):
        # In order of trust and time, the best last: a name that an admin gave a meaning counts as that.
        said[person][PERSON_MEANINGS.get(meaning, name)] = text
        word = PERSON_MEANINGS.get(meaning, name)
        if word in ("email", SENT_ALONG):
            whose = claimed if word == "email" else claimed_along
            (whose.add if origin == Attribute.Origin.BROWSER else whose.discard)(person)
    _prefer_real_addresses(said)
    _fall_back(heads, said, claimed, claimed_along)
    return said, claimed


def _fall_back(heads: set[int], said: dict[int, dict[str, str]], claimed: set[int], claimed_along: set[int]) -> None:
    """Where no real address was said as a trait: the one that is sent along, else a user id that is one.

    Such a user id may be anybody's word, so it counts as what a browser says.
    """
    without = sorted(head for head in heads if not _is_real(said[head].get("email", "")))
    own: dict[int, str] = {}
    if without:
        found = rows(SQL["user_ids_with_at"], {"heads": int4s(without)})
        own = {head: text for head, text in found if _is_real(text)}
    for head in without:
        along = said[head].get(SENT_ALONG, "")
        if _is_real(along):
            said[head]["email"] = along
            (claimed.add if head in claimed_along else claimed.discard)(head)
        elif head in own:
            said[head]["email"] = own[head]
            claimed.add(head)


def admin_roles() -> tuple[str, ...]:
    """The roles whose holders run a workspace, in lower case: those an admin said, else the usual ones."""
    said = scalar(SQL["admin_roles"])
    return PRODUCT_ADMINS if said is None else tuple(said)


def _prefer_real_addresses(said: dict[int, dict[str, str]]) -> None:
    """A later "deleted-42" or noemail@ does not take the place of a real address; a placeholder alone is no address."""
    doubtful = [h for h, own in said.items() if "email" in own and not _is_real(own["email"])]
    real: dict[int, str] = {}
    held: dict[int, str] = {}
    if doubtful:
        found = rows(SQL["addresses_of_people"], {"heads": int4s(sorted(doubtful))})
        real = {head: text for head, text in found if _is_real(text)}  # the best stands last
        held = dict(rows(SQL["addresses_held"], {"heads": int4s(sorted(doubtful))}))  # taken in, then written over
    for head in doubtful:
        if head in real:
            said[head]["email"] = real[head]
        elif head in held:
            said[head]["email"] = held[head]
        elif parse_address(said[head]["email"]).email:
            del said[head]["email"]  # it would name a company, and an exclusion


def _is_real(text: str) -> bool:
    address = parse_address(text)
    return address.kind != "invalid" and not current_placeholders().has(address.email, EMAIL)


def _signed_up(said: dict[str, str]) -> float | None:
    """When it signed up, in seconds since 1970, as we were told: under the first of the usual names that is a date."""
    moments = (_moment(said.get(name, "")) for name in SIGN_UP_NAMES)
    return next((moment.timestamp() for moment in moments if moment), None)


def _moment(text: str) -> datetime | None:
    value = plain_value(text)
    return read_moment(text, value.number) if value else None


def _full_name(said: dict[str, str]) -> str:
    return said.get("name") or f"{said.get('first_name', '')} {said.get('last_name', '')}".strip()


def _accounts(domains: set[str]) -> dict[str, int]:
    found = rows(SQL["accounts_of_domains"], [sorted(domains)]) if domains else []
    return {domain: id_ for id_, domain in found}


def _derive_workspaces(workspaces: set[int], addresses: links.Addresses, rules: ExclusionRules) -> set[int]:
    """A workspace's company: what it says itself, else its id where that is a domain, else its first member's."""
    if not workspaces:
        return set()
    ordered, overrides = sorted(workspaces), addresses.overrides
    said: dict[int, dict[str, str]] = {w: {} for w in ordered}
    asked = {"workspaces": ordered, "names": COMPANY, "meanings": list(COMPANY_MEANINGS)}
    claimed: dict[int, set[str]] = defaultdict(set)
    for workspace, external_id, name, meaning, text, origin in rows(SQL["said_of_workspaces"], asked):
        said[workspace]["id"] = external_id
        if name:
            word = COMPANY_MEANINGS.get(meaning, name)
            said[workspace][word] = text
            (claimed[workspace].add if origin == Attribute.Origin.BROWSER else claimed[workspace].discard)(word)
    _doubt_browsers(said, claimed, overrides)
    histories = _companies_of_workspaces(said, addresses)
    domains = {w: history[-1].company for w, history in histories.items()}
    ids = _accounts({d for d in domains.values() if d != NOBODY})
    names = texts([said[w].get("name", "")[:200] for w in ordered])
    accounts = int4s([ids.get(domains.get(w, ""), 0) for w in ordered])
    signed_up = float8s([_signed_up(said[w]) for w in ordered])
    exclude_workspaces(rules, ordered)
    past = texts([links.past_as_kept(histories.get(w, ())) for w in ordered])
    moved = rows(SQL["set_workspaces"], [int4s(ordered), names, accounts, signed_up, past])
    execute(SQL["name_accounts"], [ordered])
    if left := sorted({account for _, account in moved if account}):  # they may have been called after these
        execute(LISTS["rename_accounts"], {"accounts": int4s(left)})
    return {row[0] for row in moved}


def _companies_of_workspaces(said: dict[int, dict[str, str]], addresses: links.Addresses) -> dict[int, History[str]]:
    """What each says itself; else its id, where that is a domain; else its members."""
    overrides = addresses.overrides
    histories = links.websites_over_time(said, overrides, lambda domains: domains - _known_to_servers(domains))
    for workspace in said.keys() - histories.keys():
        named = (corporate_domain(said[workspace].get(key, ""), overrides) for key in ("website", "domain", "id"))
        if domain := next(filter(None, named), ""):
            histories[workspace] = (Stay(None, domain),)
    alone = sorted(said.keys() - histories.keys())
    founders = rows(SQL["founders"], [alone]) if alone else []
    histories |= {workspace: (Stay(None, domain),) for workspace, domain, _ in founders}
    if left := {workspace for workspace, _, has_left in founders if has_left}:
        histories |= links.companies_of_members(left, addresses)
    return histories


def _doubt_browsers(
    said: dict[int, dict[str, str]], claimed: dict[int, set[str]], overrides: Mapping[str, str]
) -> None:
    """A browser's key puts no workspace into a company that a server has spoken of."""
    doubtful = [(w, word) for w, words in claimed.items() for word in words & {"website", "domain"}]
    named = {slot: corporate_domain(said[slot[0]][slot[1]], overrides) for slot in doubtful}
    if not named:
        return
    known = _known_to_servers(set(named.values()))
    for (workspace, word), domain in named.items():
        if domain in known:
            del said[workspace][word]


def _known_to_servers(domains: set[str]) -> set[str]:
    return {domain for (domain,) in rows(SQL["known_to_servers"], [sorted(domains)])}


def _set_actors(members: dict[int, int]) -> set[int]:
    return {row[0] for row in rows(SQL["set_actors"], {"people": sorted(members)})} if members else set()


def _touch(accounts: set[int]) -> None:
    if accounts:
        execute(SQL["touch"], [int4s(sorted(accounts))])
